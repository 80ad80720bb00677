/** One run's story: look, cancel, watch, force. */
import type { Clock } from "../clock.ts";
import { HttpError } from "../http/client.ts";
import type { Outcome } from "../interface.ts";
import type { Force, Json, State, Step } from "../provider.ts";
import { duration } from "../text.ts";
import { type Blind, isBlind, look, ownPage, type Sight } from "./look.ts";
import { pinnedAttempt, type Run } from "./locate.ts";
import type { RunRecord } from "./record.ts";
import { globMatches } from "./glob.ts";
import { downstreamOf, jobsOf } from "./select.ts";
import type { Judged, Session } from "./session.ts";
import type { Settings } from "./settings.ts";
import { MissingValue, select } from "./template.ts";

export interface Tools {
  readonly settings: Settings;
  readonly clock: Clock;
  /** Monotonic time at which the step ends. */
  readonly deadline: number;
  /** Fires when our own job is being killed. */
  readonly hurry: AbortSignal;
  /** Fires when the time for a last cancel after `hurry` is over. */
  readonly late: AbortSignal;
  readonly say: (line: string) => void;
  /** How a user of this host writes an input's name. */
  readonly spell: (name: string) => string;
}

/** Cancel requests for one run; further ones only after the vendor refused and two looks found the run alive. */
const mostCancels = 3;
/** Looks that may miss the run after a cancel was accepted: replicas lag. */
const mostMissing = 3;
/** Time kept for the last look, in ms. */
const reserve = 1500;
/** A guard is asked again before a cancel that leaves later than this after the look, in ms. */
const fresh = 5000;
/** States of a job that has not begun. */
const waiting: ReadonlySet<State> = new Set(["queued", "blocked", "skipped"]);
/** First wait between looks and the longest one, in ms. */
const firstPause = 2000;
const longestPause = 15_000;

export interface StopOptions {
  /** This step is part of the run. */
  readonly isSelf?: boolean;
  /** For a run that was selected: why it is none of those any more, by the body of a look. */
  readonly unwanted?: (body: Json) => string | undefined;
  /** Told of every run that this one has started. */
  readonly onStarted?: (run: Run) => void;
}

export class Stop {
  readonly run: Run;
  readonly isSelf: boolean;
  readonly #session: Session;
  readonly #tools: Tools;
  readonly #options: StopOptions;
  readonly #started: number;
  #before: State | undefined;
  #sight: Sight | undefined;
  #seenAt = -Infinity;
  #outcome: Outcome | undefined;
  #detail = "";
  #ended: number | undefined;
  #attempts = 0;
  #acceptedAt: number | undefined;
  /** How many ids looks had taught when the cancel was sent. */
  #knownIds = 0;
  /** The latest cancel was answered with a plain no; undefined when it was accepted, or its effect is unknown. */
  #refusal: Judged | undefined;
  #reasonRecorded = false;
  #forces = 0;
  #forced = false;
  #confirmed: "status-only" | undefined;
  #allStarted = false;
  #aliveSinceAsked = false;
  /** Why what the run started is not known. */
  #unfollowed: string | undefined;
  #said = "";

  constructor(run: Run, session: Session, tools: Tools, options: StopOptions = {}) {
    this.run = run;
    this.isSelf = options.isSelf ?? false;
    this.#options = options;
    this.#session = session;
    this.#tools = tools;
    this.#started = tools.clock.now();
  }

  get outcome(): Outcome | undefined {
    return this.#outcome;
  }

  get label(): string {
    const ids = Object.entries(this.run.ids).filter(([name]) => !this.run.target.ids[name]?.optional);
    const name = this.#sight?.name;
    return `${this.run.key} ${this.run.targetName} ${ids.at(-1)?.[1] ?? ""}${name ? ` (${name})` : ""}`;
  }

  /** Looks, and sends the cancel if there is something to cancel. */
  async ask(): Promise<void> {
    const { settings, hurry } = this.#tools;
    if (this.isSelf && !settings.self) {
      this.#end("refused", `this step belongs to that run; ${this.#tools.spell("self")} allows cancelling it`);
      return;
    }
    const seen = await this.#firstLook();
    if (isBlind(seen)) {
      // Killed before the first look came back: a cancel that may be needless is better than none, one that may be wrong is not.
      const sure = !settings.dryRun && !this.#guarded;
      if (hurry.aborted && sure && (seen.kind === "interrupted" || seen.kind === "no-time")) await this.#cancel();
      else await this.#endBlind(seen);
      return;
    }
    this.#before = seen.state;
    if (this.#isOther(seen)) return;
    const spared = (seen.over ? undefined : this.#options.unwanted?.(seen.body)) ?? (await this.#pastTheLine());
    // What a run started may go on without it; what belongs to a spared run is spared with it.
    if (spared === undefined) await this.#follow();
    if (seen.over) this.#end("already-finished", this.#wordOf(seen));
    else if (spared !== undefined) this.#end("refused", spared);
    else if (settings.dryRun) this.#end("would-cancel", "");
    else await this.#cancel();
  }

  /** Something besides its ids decides whether the run may be cancelled. */
  get #guarded(): boolean {
    return (
      pinnedAttempt(this.run) !== undefined ||
      this.#options.unwanted !== undefined ||
      this.#tools.settings.unlessJob !== undefined
    );
  }

  /** Ends the story if what is there is not the attempt that was asked for. */
  #isOther({ attempt, over }: Sight): boolean {
    const pinned = pinnedAttempt(this.run);
    if (pinned === undefined || attempt === pinned) return false;
    // An attempt that is still to come is no restart: a step that stopped nothing must not look as if it need not.
    if (attempt !== undefined)
      this.#end(
        Number(attempt) < Number(pinned) ? "not-found" : "restarted",
        `attempt ${attempt} is the current one, attempt ${pinned} was asked for`,
      );
    else if (!over) this.#end("refused", `attempt ${pinned} was asked for, and the server does not say which this is`);
    return this.#outcome !== undefined;
  }

  /** Looks until the run is over or the deadline comes. */
  async watch(): Promise<void> {
    const { settings, clock, deadline, hurry } = this.#tools;
    let pause = Math.max(firstPause, this.run.provider.server.pace ?? 0);
    let missing = 0;
    let alive = 0;
    let problem: string;
    while (this.#outcome === undefined) {
      if (hurry.aborted) {
        this.#endInterrupted();
        return;
      }
      const first = this.#sight;
      const seen = await this.#look();
      if (isBlind(seen)) {
        if (seen.kind === "interrupted") continue;
        problem = seen.detail;
        if (seen.kind === "no-time") {
          // The server asks for more time than there is: to look again sooner would be to look too soon.
          this.#endLate(problem);
          return;
        }
        if (
          seen.kind === "denied" ||
          (seen.kind === "not-found" && ++missing > mostMissing) ||
          (seen.kind === "not-found" && this.#acceptedAt === undefined)
        )
          await this.#endBlind(seen);
      } else {
        problem = "";
        missing = 0;
        await this.#follow();
        if (this.#isNext(first, seen)) return;
        if (seen.over) {
          this.#endOver(seen);
        } else if (!this.#accepted(seen)) {
          alive++;
          if (alive % 2 === 0 && this.#attempts < mostCancels) {
            // What guards the run may have changed since it was asked for the first time.
            const spared = await this.#sparedSince(seen);
            if (spared === undefined) await this.#cancel();
            else this.#end("refused", spared);
            continue;
          }
          // A 409 may be false, or about a state that passes: the run is watched to the end.
          const conflict = this.#refusal?.reply.status === 409 && settings.wait;
          if (this.#attempts >= mostCancels && !conflict) this.#end("failed", this.#unaccepted());
        } else if (!settings.wait && !this.isSelf) {
          this.#end("cancelling", "not waited for");
        } else {
          await this.#force(seen);
        }
      }
      if (this.#outcome !== undefined) return;
      const left = deadline - clock.now();
      if (left <= reserve) {
        this.#endLate(problem);
        return;
      }
      // A forced stop that is due but not allowed yet waits for the next look.
      const due = this.#nextForce() ?? 0;
      const until = Math.min(
        clock.now() + pause * (1 + clock.random() / 4),
        deadline - reserve,
        due > clock.now() ? due : Infinity,
      );
      pause = Math.min(pause * 1.5, longestPause);
      await clock.sleep(Math.max(until - clock.now(), 50), hurry);
    }
  }

  record(): RunRecord {
    const { settings, clock } = this.#tools;
    const sight = this.#sight;
    const provisional: Outcome = this.#attempts > 0 || this.isSelf ? "cancelling" : "failed";
    return {
      provider: this.run.key,
      target: this.run.targetName,
      ids: { ...this.run.ids, ...sight?.learned },
      url: sight?.page ?? ownPage(this.run, sight?.learned ?? {}) ?? null,
      name: sight?.name ?? null,
      ref: sight?.ref ?? null,
      before: this.#before ?? null,
      after: sight?.state ?? null,
      outcome: this.#outcome ?? provisional,
      detail: this.#outcome === undefined ? (this.#attempts > 0 ? "not confirmed yet" : "not asked yet") : this.#detail,
      reason: settings.reason,
      "reason-recorded": this.#reasonRecorded,
      confirmed:
        sight?.over &&
        (this.#outcome === "cancelled" || this.#outcome === "already-finished" || this.#outcome === "finished-anyway")
          ? (this.#confirmed ?? this.run.target.confirmed ?? "look")
          : null,
      attempts: this.#attempts,
      forced: this.#forced,
      seconds: Math.round(((this.#ended ?? clock.now()) - this.#started) / 100) / 10,
      ...sight?.record,
    };
  }

  async #firstLook(): Promise<Sight | Blind> {
    const { clock, deadline, hurry } = this.#tools;
    for (let tries = 1; ; tries++) {
      const seen = await this.#look();
      const pause = 1000 * tries;
      if (!isBlind(seen) || seen.kind !== "shapeless" || tries === 3 || hurry.aborted) return seen;
      if (pause >= deadline - clock.now()) return seen;
      await clock.sleep(pause, hurry);
    }
  }

  async #look(): Promise<Sight | Blind> {
    const { hurry } = this.#tools;
    const seen = await look(
      this.run,
      this.#session,
      { ...this.#sending(), signal: hurry },
      this.#acceptedAt !== undefined,
    );
    if (isBlind(seen)) return seen;
    if (Number(seen.attempt) < Number(this.#sight?.attempt))
      return { kind: "unclear", detail: `the server shows attempt ${seen.attempt ?? ""}, which is an earlier one` };
    if (seen.state === "unknown" && !seen.over && this.#sight?.word !== seen.word)
      this.#tools.say(`${this.label}: "${seen.word}" is a state we do not know; it counts as not finished`);
    this.#sight = seen;
    this.#seenAt = this.#tools.clock.now();
    if (!seen.over) {
      this.#aliveSinceAsked ||= this.#attempts > 0;
      this.#say(seen.state);
    }
    return seen;
  }

  async #cancel(): Promise<void> {
    this.#attempts++;
    this.#refusal = undefined;
    this.#knownIds = this.#learnedIds;
    const answer = await this.#send(this.run.target.cancel);
    if (this.#outcome !== undefined) return;
    if (answer instanceof HttpError) {
      if (answer.kind === "denied") this.#end("refused", answer.message);
      else if ((answer.kind === "protocol" || answer.kind === "deadline") && !answer.maybeSent)
        this.#end("failed", answer.message);
      else this.#detail = answer.message;
      return;
    }
    const { status } = answer.reply;
    if (answer.kind === "ok") {
      this.#acceptedAt ??= this.#tools.clock.now();
      this.#reasonRecorded = answer.withReason;
      this.#say("cancellation requested");
    } else if (answer.kind === "denied") {
      await this.#endBlind({ kind: "denied", detail: answer.said });
    } else if (status === 405 || status === 501) {
      this.#end("failed", `the server does not take this cancel (${answer.said})`);
    } else if (status >= 500) {
      this.#detail = `the cancel was answered ${answer.said}`;
    } else {
      this.#refusal = answer;
    }
  }

  /** Where the turn to send a guarded cancel has taken its time to come. Rejects when it is not to be sent. */
  async #askAgain(): Promise<void> {
    const first = this.#sight;
    if (this.#tools.clock.now() - this.#seenAt <= fresh) return;
    const seen = await this.#look();
    if (isBlind(seen)) throw new HttpError("unreachable", seen.detail, false);
    const spared = seen.over ? undefined : await this.#sparedSince(seen);
    const other = this.#isOther(seen) || this.#isNext(first, seen);
    if (!other && !seen.over && spared === undefined) return;
    this.#attempts--;
    if (spared !== undefined && !other) this.#end("refused", spared);
    else if (!other && this.#attempts > 0) this.#endOver(seen);
    else if (!other) this.#end("already-finished", this.#wordOf(seen));
    throw new HttpError("aborted", "there is nothing to send any more", false);
  }

  /** Ends the story if another attempt has begun. */
  #isNext(first: Sight | undefined, { attempt }: Sight): boolean {
    if (first?.attempt === undefined || attempt === undefined || attempt === first.attempt) return false;
    this.#end("restarted", `attempt ${attempt} has begun; the cancel was meant for attempt ${first.attempt}`);
    return true;
  }

  /** Why a run is spared after all that was wanted before. */
  async #sparedSince({ state, body }: Sight): Promise<string | undefined> {
    return (state === "cancelling" ? undefined : this.#options.unwanted?.(body)) ?? (await this.#pastTheLine());
  }

  get #learnedIds(): number {
    return Object.keys(this.#sight?.learned ?? {}).length;
  }

  /** Whether the cancel was accepted for what the run is now: an item of a queue may have become a build that nobody has asked to stop. */
  #accepted({ state }: Sight): boolean {
    if (this.#learnedIds > this.#knownIds && state !== "cancelling" && this.#acceptedAt !== undefined) {
      this.#acceptedAt = undefined;
      this.#detail = "it was accepted under another id";
    }
    return this.#acceptedAt !== undefined;
  }

  /** Tells of what the run has started; asked again as long as it lives, because a run that is not started yet has no id. */
  async #follow(): Promise<void> {
    const { onStarted } = this.#options;
    if (!onStarted || !this.run.target.downstream || this.#allStarted) return;
    try {
      const { started, pending } = await downstreamOf(this.run, this.#session, {
        ...this.#sending(),
        signal: this.#tools.hurry,
      });
      this.#allStarted = !pending && this.#attempts > 0;
      started.forEach(onStarted);
      this.#unfollowed = undefined;
    } catch (error) {
      if (!(error instanceof HttpError)) throw error;
      this.#unfollowed = `what it started cannot be listed: ${error.message}`;
    }
  }

  /** The job, if any, behind whose start the run is not to be cancelled. What cannot be told counts as started. */
  async #pastTheLine(): Promise<string | undefined> {
    const { unlessJob } = this.#tools.settings;
    if (unlessJob === undefined) return undefined;
    try {
      const jobs = await jobsOf(this.run, this.#session, { ...this.#sending(), signal: this.#tools.hurry });
      const started = jobs.find(({ name, state }) => !waiting.has(state) && globMatches(unlessJob, name));
      return started && `its job ${started.name} has started (${started.state})`;
    } catch (error) {
      if (!(error instanceof HttpError)) throw error;
      return `it cannot be told whether a job ${unlessJob} has started: ${error.message}`;
    }
  }

  async #force(seen: Sight): Promise<void> {
    const at = this.#nextForce();
    const force = this.#ladder()[this.#forces];
    if (at === undefined || force === undefined || this.#tools.clock.now() < at) return;
    if (force.from && !force.from.includes(seen.state)) return;
    if (force.when && select<boolean>(force.when, seen.body) !== true) return;
    this.#forces++;
    const answer = await this.#send(force);
    if (answer instanceof HttpError) this.#tools.say(`${this.label}: the forced stop failed: ${answer.message}`);
    else if (answer.kind === "ok") {
      this.#forced = true;
      this.#confirmed = force.confirmed;
      this.#say("forced stop requested");
    } else this.#detail = `the forced stop was answered ${answer.said}`;
  }

  #ladder(): readonly Force[] {
    const { force } = this.run.target;
    return force === undefined ? [] : Array.isArray(force) ? (force as readonly Force[]) : [force as Force];
  }

  /** When the next forced stop is due; undefined when there is none to come. */
  #nextForce(): number | undefined {
    const { forceAfter } = this.#tools.settings;
    if (forceAfter === undefined || this.#acceptedAt === undefined || this.#forces >= this.#ladder().length)
      return undefined;
    return this.#acceptedAt + forceAfter * (this.#forces + 1);
  }

  async #send(step: Step): Promise<Judged | HttpError> {
    const { clock, late, hurry } = this.#tools;
    const { onRetry, ...sending } = this.#sending();
    // Fires when what guards the run may have changed while the server made us wait.
    const stale = new AbortController();
    const guarded = this.#guarded && step === this.run.target.cancel;
    let reason = "";
    try {
      return await this.#session.send(this.run, step, {
        ...sending,
        changes: true,
        signal: guarded ? AbortSignal.any([late, stale.signal]) : late,
        hurry,
        ...(guarded && { before: () => this.#askAgain() }),
        onRetry: (why, wait) => {
          onRetry?.(why, wait);
          reason = why;
          if (guarded)
            void clock.sleep(wait, hurry).then(() => {
              if (clock.now() - this.#seenAt > fresh) stale.abort();
            });
        },
      });
    } catch (error) {
      if (error instanceof HttpError && stale.signal.aborted && !late.aborted)
        return new HttpError("unreachable", reason, true);
      if (error instanceof HttpError) return error;
      // A call names an id that a look should have taught.
      if (error instanceof MissingValue) return new HttpError("protocol", error.message, false);
      throw error;
    }
  }

  #sending(): Parameters<typeof look>[2] {
    const { settings, deadline, say } = this.#tools;
    return {
      reason: settings.reason,
      deadline,
      last: this.#sight?.body,
      ...(this.#sight && { learned: this.#sight.learned }),
      onRetry: (why, wait) => {
        say(`${why}; again in ${duration(wait)}`);
      },
    };
  }

  async #endBlind({ kind, detail }: Blind): Promise<void> {
    const { rights } = this.run.provider;
    if (this.#acceptedAt !== undefined) {
      const lost =
        kind === "not-found"
          ? "the run is not there any more"
          : kind === "denied"
            ? "looking at it is refused"
            : "looking at it fails";
      this.#end("failed", `the cancel was accepted, but then ${lost} (${detail})`);
    } else if (kind === "not-found") {
      this.#end(
        "not-found",
        `not there, or hidden from this token (${detail}); check the ids, the server and what the token may see`,
      );
    } else if (kind === "denied") {
      const why = await this.#session.explain(this.run, this.#tools.deadline, this.#tools.late);
      this.#end("refused", `${detail}; ${why ?? `needed: ${rights}`}`);
    } else {
      this.#end("failed", detail);
    }
  }

  #endOver(seen: Sight): void {
    // A plain no to the cancel, and no look since that found the run alive: it was over before.
    if (this.#acceptedAt === undefined && this.#refusal && !this.#aliveSinceAsked)
      this.#end("already-finished", this.#wordOf(seen));
    else this.#end(seen.state === "cancelled" ? "cancelled" : "finished-anyway", this.#wordOf(seen));
  }

  #endLate(problem: string): void {
    const since = duration(this.#tools.settings.timeout);
    if (problem)
      this.#end(
        "failed",
        `${this.#acceptedAt === undefined ? "" : "the cancel was accepted, but "}it could not be confirmed within ${since}: ${problem}`,
      );
    else
      this.#end(
        "still-running",
        [
          `${this.#sight?.state ?? "not over"} after ${since}`,
          this.#acceptedAt === undefined ? this.#unaccepted() : this.#detail,
          this.#unforced(),
        ]
          .filter(Boolean)
          .join("; "),
      );
  }

  /** Why a forced stop that was asked for was not sent, where the user can change that. */
  #unforced(): string {
    const { settings, spell } = this.#tools;
    if (settings.forceAfter === undefined || this.#forces > 0) return "";
    const input = spell("force-after");
    if (this.#ladder().length === 0)
      return `${input} has no effect: ${this.run.provider.name} has no forced stop of a ${this.run.targetName}`;
    const due = this.#nextForce() ?? 0;
    return this.#tools.deadline <= due ? `${spell("timeout")} ended before ${input}` : "";
  }

  #endInterrupted(): void {
    if (this.#acceptedAt !== undefined) this.#end("cancelling", "interrupted before a look could confirm it");
    else this.#end("failed", `interrupted before the cancel was accepted${this.#detail ? ` (${this.#detail})` : ""}`);
  }

  #unaccepted(): string {
    if (!this.#refusal) return `it is not known whether the cancel arrived: ${this.#detail}`;
    const { said } = this.#refusal;
    return `the cancel was refused ${this.#attempts === 1 ? "" : `${this.#attempts} times `}(${said})`;
  }

  #wordOf({ state, word }: Sight): string {
    return state === "unknown" ? `ended as "${word}", a word we do not know` : "";
  }

  #end(outcome: Outcome, detail: string): void {
    // Cancelled alone is not what was asked for.
    const half = this.#unfollowed !== undefined && !["refused", "not-found", "would-cancel"].includes(outcome);
    this.#outcome = half ? "failed" : outcome;
    this.#detail = half ? [outcome, detail, this.#unfollowed].filter(Boolean).join("; ") : detail;
    this.#ended = this.#tools.clock.now();
  }

  #say(what: string): void {
    if (what !== this.#said) this.#tools.say(`${this.label}: ${what}`);
    this.#said = what;
  }
}
