/** One run at work: does what its story says is next, and tells the story what came of it. */
import type { Clock } from "../clock.ts";
import { HttpError } from "../http/client.ts";
import type { Outcome } from "../interface.ts";
import type { Force, Json, State, Step as Request } from "../provider.ts";
import { duration } from "../text.ts";
import { globMatches } from "./glob.ts";
import { look, type Observation } from "./look.ts";
import type { RunRecord } from "./record.ts";
import { ownPage, pinnedAttempt, type Run } from "./run.ts";
import { downstreamOf, jobsOf } from "./listing.ts";
import type { Judged } from "./reply.ts";
import type { Session } from "./session.ts";
import type { Settings } from "./settings.ts";
import {
  answered,
  answerOf,
  asked,
  ended,
  followed,
  forced,
  judged,
  looked,
  next,
  type Now,
  postponed,
  rested,
  type Rules,
  type Step,
  type Story,
  turned,
  untold,
} from "./story.ts";
import { MissingValue } from "./template.ts";

export interface Tools {
  readonly settings: Settings;
  readonly clock: Clock;
  /** Monotonic time at which the step ends. */
  readonly deadline: number;
  /** Fires when our own job is being killed. */
  readonly interrupted: AbortSignal;
  /** Fires when the time for a last cancel after `interrupted` is over. */
  readonly cutoff: AbortSignal;
  readonly say: (line: string) => void;
  /** How a user of this host writes an input's name. */
  readonly spell: (name: string) => string;
}

export interface CancellationOptions {
  /** This step is part of the run. */
  readonly isSelf?: boolean;
  /** For a run that was selected: why it is none of those any more, by the body of a look. */
  readonly unwanted?: (body: Json) => string | undefined;
  /** Told of every run that this one has started. */
  readonly onStarted?: (run: Run) => void;
}

/** States of a job that has not begun. */
const waiting: ReadonlySet<State> = new Set(["queued", "blocked", "skipped"]);
/** The age at which a observation no longer speaks for a guarded run, in ms. */
const maxObservationAge = 5000;

export class Cancellation {
  readonly run: Run;
  readonly isSelf: boolean;
  readonly #session: Session;
  readonly #tools: Tools;
  readonly #options: CancellationOptions;
  readonly #rules: Rules;
  readonly #started: number;
  #story: Story = untold;
  #said = "";

  constructor(run: Run, session: Session, tools: Tools, options: CancellationOptions = {}) {
    const { settings, deadline, spell } = tools;
    this.run = run;
    this.isSelf = options.isSelf ?? false;
    this.#options = options;
    this.#session = session;
    this.#tools = tools;
    this.#started = tools.clock.now();
    this.#rules = {
      run,
      settings,
      deadline,
      spell,
      isSelf: this.isSelf,
      guarded: pinnedAttempt(run) !== undefined || options.unwanted !== undefined || settings.unlessJob !== undefined,
      follows: options.onStarted !== undefined && run.target.downstream !== undefined,
    };
  }

  /** The run as it is now: an item of a queue may have become a build. */
  get #run(): Run {
    return this.#story.run ?? this.run;
  }

  get outcome(): Outcome | undefined {
    return this.#story.ending?.outcome;
  }

  get label(): string {
    const ids = Object.entries(this.run.ids).filter(([name]) => !this.run.target.ids[name]?.optional);
    const name = this.#story.observation?.name;
    return `${this.run.key} ${this.run.targetName} ${ids.at(-1)?.[1] ?? ""}${name ? ` (${name})` : ""}`;
  }

  /** Until the cancel has been sent, or there is nothing to send. */
  async requestCancel(): Promise<void> {
    await this.#go((step) => this.#story.asks > 0 && step.do === "look");
  }

  /** Until the run is over or the deadline comes. */
  async watch(): Promise<void> {
    await this.#go(() => false);
  }

  record(): RunRecord {
    const { settings, clock } = this.#tools;
    const { observation, before, asks, ending, reasonRecorded, forced: wasForced, confirmed } = this.#story;
    const outcome = ending?.outcome ?? (asks > 0 || this.isSelf ? "cancelling" : "failed");
    const looksOver =
      observation?.over && ["cancelled", "already-finished", "finished-anyway"].includes(ending?.outcome ?? "");
    return {
      provider: this.run.key,
      target: this.run.targetName,
      ids: { ...this.run.ids, ...this.#run.ids, ...observation?.learned },
      url: observation?.page ?? ownPage(this.#run, observation?.learned ?? {}) ?? null,
      name: observation?.name ?? null,
      ref: observation?.ref ?? null,
      before: before ?? null,
      after: observation?.state ?? null,
      outcome,
      detail: ending?.detail ?? (asks > 0 ? "not confirmed yet" : "not asked yet"),
      reason: settings.reason,
      "reason-recorded": reasonRecorded,
      confirmed: looksOver ? (confirmed ?? this.run.target.confirmed ?? "look") : null,
      attempts: asks,
      forced: wasForced,
      seconds: Math.round(((ending?.at ?? clock.now()) - this.#started) / 100) / 10,
      ...observation?.record,
    };
  }

  async #go(until: (step: Step) => boolean): Promise<void> {
    while (this.outcome === undefined) {
      const step = this.#next();
      if (until(step)) return;
      await this.#do(step);
    }
  }

  #next(): Step {
    return next(this.#story, this.#rules, this.#now);
  }

  get #now(): Now {
    const { clock, interrupted } = this.#tools;
    return { at: clock.now(), random: clock.random(), interrupted: interrupted.aborted };
  }

  async #do(step: Step): Promise<void> {
    const { clock, interrupted } = this.#tools;
    switch (step.do) {
      case "look":
        await this.#look();
        break;
      case "judge":
        this.#story = judged(this.#story, step.observation, await this.#sparedBy(step.observation));
        break;
      case "follow":
        await this.#follow(step.observation);
        break;
      case "cancel":
        await this.#cancel();
        break;
      case "force":
        await this.#force(step.force);
        break;
      case "rest":
        await clock.sleep(step.until - clock.now(), interrupted);
        this.#story = rested(this.#story);
        break;
      case "explain":
        await this.#explain(step.detail);
        break;
      case "end":
        this.#story = ended(this.#story, step.outcome, step.detail, clock.now());
    }
  }

  async #look(): Promise<void> {
    const { interrupted, clock, say } = this.#tools;
    const { acceptedAt, observation } = this.#story;
    const seen = await look(
      this.#run,
      this.#session,
      { ...this.#sending(), signal: interrupted },
      acceptedAt !== undefined,
    );
    this.#story = looked(this.#story, seen, clock.now());
    const { look: now } = this.#story;
    if (now === undefined || !now.ok || now.over) return;
    if (now.state === "unknown" && observation?.word !== now.word)
      say(`${this.label}: "${now.word}" is a state we do not know; it counts as not finished`);
    this.#say(now.state);
  }

  /** Why the run is not to be cancelled, if anything that guards it says so. */
  async #sparedBy({ state, over, body }: Observation): Promise<string | undefined> {
    const { asks, turnAt } = this.#story;
    // Our own cancel takes a run out of the states that were selected.
    const byUs = state === "cancelling" && (asks > 0 || turnAt !== undefined);
    return (over || byUs ? undefined : this.#options.unwanted?.(body)) ?? (await this.#pastPointOfNoReturn());
  }

  /** The job, if any, behind whose start the run is not to be cancelled. What cannot be told counts as started. */
  async #pastPointOfNoReturn(): Promise<string | undefined> {
    const { unlessJob } = this.#tools.settings;
    if (unlessJob === undefined) return undefined;
    try {
      const jobs = await jobsOf(this.#run, this.#session, { ...this.#sending(), signal: this.#tools.interrupted });
      const started = jobs.find(({ name, state }) => !waiting.has(state) && globMatches(unlessJob, name));
      return started && `its job ${started.name} has started (${started.state})`;
    } catch (error) {
      if (!(error instanceof HttpError)) throw error;
      return `it cannot be told whether a job ${unlessJob} has started: ${error.message}`;
    }
  }

  /** Tells of what the run has started; asked again as long as it lives, because a run that is not started yet has no id. */
  async #follow(observation: Observation): Promise<void> {
    try {
      const sending = { ...this.#sending(), signal: this.#tools.interrupted };
      const { started, pending } = await downstreamOf(this.#run, this.#session, sending);
      this.#story = followed(this.#story, observation, pending);
      started.forEach((run) => this.#options.onStarted?.(run));
    } catch (error) {
      if (!(error instanceof HttpError)) throw error;
      this.#story = followed(this.#story, observation, true, `what it started cannot be listed: ${error.message}`);
    }
  }

  async #cancel(): Promise<void> {
    const { guarded } = this.#rules;
    const before = this.#story.asks;
    if (!guarded) this.#story = asked(this.#story);
    const answer = answerOf(await this.#send(this.#run.target.cancel, guarded ? () => this.#ready() : undefined));
    if (this.#story.asks === before) {
      // Nothing has been sent: it is over, or it could not be seen once more.
      if (this.outcome !== undefined || this.#story.last === "rest") return;
      this.#story = asked(this.#story);
    }
    this.#story = answered(this.#story, answer, this.#tools.clock.now());
    if (answer.is === "accepted") this.#say("cancellation requested");
  }

  /** Comes when it is our turn to send a guarded cancel. Rejects when it is not to be sent any more. */
  async #ready(): Promise<void> {
    this.#story = turned(this.#story, this.#tools.clock.now());
    let step = this.#next();
    for (; step.do !== "cancel" && this.outcome === undefined; step = this.#next()) {
      await this.#do(step);
      if (this.outcome === undefined && this.#story.look && !this.#story.look.ok) {
        this.#story = postponed(this.#story);
        break;
      }
    }
    if (step.do !== "cancel" || this.outcome !== undefined)
      throw new HttpError("aborted", "there is nothing to send", false);
    this.#story = asked(this.#story);
  }

  async #force(force: Force): Promise<void> {
    const answer = await this.#send(force);
    if (answer instanceof HttpError) {
      this.#tools.say(`${this.label}: the forced stop failed: ${answer.message}`);
      this.#story = forced(this.#story, force, undefined, true);
    } else if (answer.kind === "ok") {
      this.#story = forced(this.#story, force, undefined);
      this.#say("forced stop requested");
    } else this.#story = forced(this.#story, force, `the forced stop was answered ${answer.said}`);
  }

  async #explain(detail: string): Promise<void> {
    const { deadline, cutoff, clock } = this.#tools;
    const why = await this.#session.explain(this.run, deadline, cutoff);
    const needed = why ?? `needed: ${this.run.provider.rights}`;
    this.#story = ended(this.#story, "refused", `${detail}; ${needed}`, clock.now());
  }

  async #send(request: Request, before?: () => Promise<void>): Promise<Judged | HttpError> {
    const { clock, cutoff, interrupted } = this.#tools;
    const { onRetry, ...sending } = this.#sending();
    // Fires when what guards the run may have changed while the server made us wait.
    const stale = new AbortController();
    let reason = "";
    try {
      return await this.#session.send(this.#run, request, {
        ...sending,
        changes: true,
        signal: before ? AbortSignal.any([cutoff, stale.signal]) : cutoff,
        interrupted,
        ...(before && { before }),
        onRetry: (why, wait) => {
          onRetry?.(why, wait);
          reason = why;
          if (before)
            void clock.sleep(wait, interrupted).then(() => {
              if (clock.now() - this.#story.seenAt > maxObservationAge) stale.abort();
            });
        },
      });
    } catch (error) {
      if (error instanceof HttpError && stale.signal.aborted && !cutoff.aborted)
        return new HttpError("unreachable", reason, true);
      if (error instanceof HttpError) return error;
      // A call names an id that a look should have taught.
      if (error instanceof MissingValue) return new HttpError("protocol", error.message, false);
      throw error;
    }
  }

  #sending(): Parameters<typeof look>[2] {
    const { settings, deadline, say } = this.#tools;
    const { observation } = this.#story;
    return {
      reason: settings.reason,
      deadline,
      last: observation?.body,
      ...(observation && { learned: observation.learned }),
      onRetry: (why, wait) => {
        say(`${why}; again in ${duration(wait)}`);
      },
    };
  }

  #say(what: string): void {
    if (what !== this.#said) this.#tools.say(`${this.label}: ${what}`);
    this.#said = what;
  }
}
