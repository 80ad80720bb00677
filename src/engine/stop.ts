/** One run at work: does what its story says is next, and tells the story what came of it. */
import type { Clock } from "../clock.ts";
import { HttpError, isStopped } from "../http/client.ts";
import type { Outcome } from "../interface.ts";
import type { Json, Step as Request } from "../provider.ts";
import { downstreamOf, jobsOf, partsOf, successorOf } from "./listing.ts";
import { type Look, look, shownByReply } from "./look.ts";
import type { RunRecord } from "./record.ts";
import type { Classified } from "./reply.ts";
import { ownPage, type Run, type Self } from "./run.ts";
import type { CallOptions, Session } from "./session.ts";
import type { Settings } from "./settings.ts";
import {
  type Answer,
  answered,
  answerOf,
  asked,
  broken,
  ended,
  explained,
  followed,
  type ForceAnswer,
  forceAnswerOf,
  forced,
  isRequested,
  jobsListed,
  looked,
  news,
  next,
  rested,
  type Rules,
  standing,
  succeeded,
  type Step,
  type Story,
  turned,
  untold,
  warnings,
} from "./story.ts";
import { MissingValue } from "./template.ts";
import { label, retrying } from "./words.ts";

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
  readonly warn: (line: string) => void;
  /** For those who ask for it; undefined where nobody does. */
  readonly debug?: ((line: string) => void) | undefined;
  /** How a user of this host writes an input's name. */
  readonly spell: (name: string) => string;
}

export interface CancellationOptions {
  /** Whether this step is part of the run, which a look may show under other ids than those that it was given by. */
  readonly isSelf?: (run: Run) => Self;
  /** For a run that was selected: why it no longer matches, by the body of a look. */
  readonly noLongerMatches?: ((body: Json) => string | undefined) | undefined;
  /** Told of every run that this one has started. */
  readonly onStarted?: (run: Run) => void;
  /** Told before it waits for its turn to cancel. */
  readonly onTurn?: () => void;
}

export class Cancellation {
  readonly run: Run;
  readonly isSelf: Self;
  readonly #isSelf: (run: Run) => Self;
  readonly #session: Session;
  readonly #tools: Tools;
  readonly #onStarted: ((run: Run) => void) | undefined;
  readonly #onTurn: (() => void) | undefined;
  readonly #rules: Rules;
  readonly #started: number;
  #story: Story = untold;
  #said = "";
  /** Waits for another attempt since a cancel was last delivered: a server that asks for little, again and again, is not taken at its word. */
  #retries = 0;

  constructor(run: Run, session: Session, tools: Tools, options: CancellationOptions = {}) {
    const { settings, deadline, spell, clock } = tools;
    this.run = run;
    this.#isSelf = options.isSelf ?? (() => false);
    this.isSelf = this.#isSelf(run);
    this.#session = session;
    this.#tools = tools;
    this.#onStarted = options.onStarted;
    this.#onTurn = options.onTurn;
    this.#started = clock.now();
    this.#rules = {
      run,
      settings,
      deadline,
      spell,
      isSelf: this.isSelf,
      noLongerMatches: options.noLongerMatches,
      follows: options.onStarted !== undefined && run.target.downstream !== undefined,
    };
  }

  get outcome(): Outcome | undefined {
    return this.#story.ending?.outcome;
  }

  /** Why a selected run was spared: it no longer matches. */
  get mismatch(): string | undefined {
    const { ending } = this.#story;
    return ending?.isMismatch ? ending.detail : undefined;
  }

  get label(): string {
    return label(this.run, this.run.ids, this.#story.observation?.name);
  }

  /** Until the cancel has been sent, or there is nothing to send. */
  async requestCancel(): Promise<void> {
    for (let step = this.#next(); !isRequested(this.#story, step); step = this.#next()) await this.#take(step);
  }

  /** The first look after the cancel, unless something else comes first. */
  async lookOnce(): Promise<void> {
    await this.#take(this.#next());
  }

  /** Until the run is over or the deadline comes. */
  async watch(): Promise<void> {
    while (this.outcome === undefined) await this.#take(this.#next());
  }

  /** Ends with an error that nobody foresaw. */
  breakOff(error: unknown): void {
    this.#story = broken(this.#story, error, this.#tools.clock.now());
  }

  record(): RunRecord {
    const { settings, clock } = this.#tools;
    const { observation, before, asks, ending, reasonRecorded, forced: wasForced } = this.#story;
    const { outcome, detail, confirmed } = standing(this.#story, this.#rules);
    return {
      provider: this.run.key,
      target: this.run.targetName,
      // What it was given by names it in every line; the order is the target's.
      ids: { ...this.run.ids, ...this.#current.ids, ...observation?.learned, ...this.run.ids },
      url: observation?.page ?? ownPage(this.#current, observation?.learned ?? {}) ?? null,
      name: observation?.name ?? null,
      ref: observation?.ref ?? null,
      before: before ?? null,
      // Who is killed before the first look came back may have no more than the reply to the cancel.
      after: ending?.by?.state ?? observation?.state ?? null,
      outcome,
      detail,
      reason: settings.reason,
      "reason-recorded": reasonRecorded,
      confirmed,
      attempts: asks,
      forced: wasForced,
      seconds: Math.round(((ending?.at ?? clock.now()) - this.#started) / 100) / 10,
      ...observation?.record,
    };
  }

  /** The run as it is now: an item of a queue may have become a build. */
  get #current(): Run {
    return this.#story.run ?? this.run;
  }

  #next(): Step {
    const { clock, interrupted } = this.#tools;
    const [run, learned] = [this.#current, this.#story.observation?.learned];
    const isSelf = this.isSelf || this.#isSelf({ ...run, ids: { ...run.ids, ...learned } });
    return next(
      this.#story,
      { ...this.#rules, isSelf },
      {
        at: clock.now(),
        random: clock.random(),
        interrupted: interrupted.aborted,
        stopped: isStopped(interrupted),
      },
    );
  }

  async #take(step: Step): Promise<void> {
    const before = this.#story;
    this.#story = await this.#resultOf(step);
    for (const line of news(before, this.#story)) this.#say(line);
    for (const line of warnings(before, this.#story, this.#rules)) this.#tools.warn(`${this.label}: ${line}`);
    if (this.outcome !== undefined) this.#story = withoutBodies(this.#story);
  }

  async #resultOf(step: Step): Promise<Story> {
    const { clock, deadline, interrupted } = this.#tools;
    const [story, run, session] = [this.#story, this.#current, this.#session];
    switch (step.do) {
      case "look":
        return looked(story, await this.#look(), clock.now());
      case "list-jobs":
        return await this.#listJobs(story);
      case "follow":
        return followed(story, step.observation, await this.#follow());
      case "find-successor":
        return succeeded(story, await orError(successorOf(run, session, this.#reading(), step.observation.body)));
      case "turn":
        this.#onTurn?.();
        await session.turn(run, deadline, interrupted);
        return turned(story, clock.now());
      case "cancel":
        // The report must not miss a cancel that is on its way.
        this.#story = asked(story);
        return answered(this.#story, await this.#cancel(step.retryUntil), clock.now());
      case "force":
        return forced(story, step.force, await this.#force(step), clock.now());
      case "rest":
        await clock.sleep(step.until - clock.now(), interrupted);
        return rested(story);
      case "explain":
        return explained(story, await this.#explain());
      case "end":
        return ended(story, step, clock.now());
    }
  }

  /** A list of many pages is as old as its first one. */
  async #listJobs(story: Story): Promise<Story> {
    const { clock } = this.#tools;
    let at: number | undefined;
    const onPage = (): void => {
      at ??= clock.now();
    };
    const listed = await orError(jobsOf(this.#current, this.#session, { ...this.#reading(), onPage }));
    return jobsListed(story, listed, at ?? clock.now(), clock.now());
  }

  async #explain(): Promise<string | undefined> {
    const { deadline, cutoff } = this.#tools;
    const { look: seen } = this.#story;
    if (this.#story.last === "look" && seen?.ok === false && seen.kind === "not-found")
      return await this.#session.explainMissing(this.#current, seen.detail, { ...this.#sending(), signal: cutoff });
    return await this.#session.explain(this.run, deadline, cutoff);
  }

  #look(): Promise<Look> {
    const { acceptedAt, wordWhenAsked } = this.#story;
    return look(
      this.#current,
      this.#session,
      this.#reading(),
      acceptedAt === undefined ? undefined : { word: wordWhenAsked },
    );
  }

  /** Asked again as long as the run lives, because a run that is not started yet has no id. */
  async #follow(): Promise<{ readonly pending: boolean } | HttpError> {
    const list = await orError(downstreamOf(this.#current, this.#session, this.#reading()));
    if (!(list instanceof HttpError)) list.started.forEach((run) => this.#onStarted?.(run));
    return list;
  }

  async #cancel(retryUntil: number): Promise<Answer> {
    const run = this.#current;
    let mayHaveArrived = false;
    const onRetry = (why: string, wait: number): void => {
      this.#retries++;
      this.#tools.say(retrying(why, wait));
    };
    const onUnclear = (): void => {
      mayHaveArrived = true;
    };
    const once = run.target.cancel.rewrites === true;
    const reply = await this.#send(run, run.target.cancel, {
      once,
      retryUntil,
      onUnclear,
      onRetry,
      attemptsBefore: this.#retries,
    });
    const shown =
      reply instanceof HttpError ? undefined : shownByReply(run, reply.reply.body, { word: this.#story.wordWhenAsked });
    const answer = answerOf(reply, shown, mayHaveArrived);
    if (answer.is !== "unsent") this.#retries = 0;
    return answer;
  }

  /** Whether an unclear answer has had an effect is for a look to say, not for another try. */
  async #force({ force, retryUntil }: Extract<Step, { do: "force" }>): Promise<ForceAnswer> {
    const { deadline, interrupted } = this.#tools;
    if (!force.each) return forceAnswerOf(await this.#send(this.#current, force, { once: true, retryUntil }));
    const parts = await orError(partsOf(this.#current, force.each, this.#session, this.#reading()));
    if (parts instanceof HttpError) return { is: "unsent", said: `no forced stop was sent: ${parts.message}` };
    const answers: ForceAnswer[] = [];
    for (const part of parts) {
      // The first has had its turn.
      if (answers.length > 0) await this.#session.turn(part, deadline, interrupted);
      answers.push(forceAnswerOf(await this.#send(part, force, { once: true })));
    }
    const none = `no forced stop was sent: none of its ${force.each.target}s is ${force.each.in.join(" or ")}`;
    return together(answers) ?? { is: "unsent", said: none };
  }

  #send(
    run: Run,
    request: Request,
    options: Pick<CallOptions, "retryUntil" | "once" | "onUnclear" | "onRetry" | "attemptsBefore">,
  ): Promise<Classified | HttpError> {
    const { cutoff, interrupted } = this.#tools;
    const sending = { ...this.#sending(), changes: true, signal: cutoff, interrupted, ...options };
    return orError(this.#session.send(run, request, sending));
  }

  /** A cancel whose turn has come waits for what is read for it; what has been asked to stop can wait for the others. */
  #reading(): Omit<CallOptions, "changes"> {
    const { turnAt, asks } = this.#story;
    const rank = turnAt !== undefined ? "due" : asks > 0 ? "watch" : "look";
    return { ...this.#sending(), signal: this.#tools.interrupted, rank };
  }

  #sending(): Omit<CallOptions, "changes"> {
    const { settings, deadline, say } = this.#tools;
    const { observation } = this.#story;
    return {
      reason: settings.reason,
      deadline,
      last: observation?.body,
      ...(observation && { learned: observation.learned }),
      onRetry: (why, wait) => {
        say(retrying(why, wait));
      },
    };
  }

  #say(line: string): void {
    if (line !== this.#said) this.#tools.say(`${this.label}: ${line}`);
    this.#said = line;
  }
}

/** A story that is over is read for its report alone, and the replies of ten thousand runs are most of what they take. */
const withoutBodies = (story: Story): Story => ({
  ...story,
  look: undefined,
  previous: undefined,
  jobs: undefined,
  followed: undefined,
  observation: story.observation && { ...story.observation, body: undefined },
});

/** Of several forced stops, one that has an effect is enough for the run to have been forced. */
function together(answers: readonly ForceAnswer[]): ForceAnswer | undefined {
  const one = (is: ForceAnswer["is"]): ForceAnswer | undefined => answers.find((answer) => answer.is === is);
  return one("accepted") ?? one("unknown") ?? answers[0];
}

async function orError<T>(work: Promise<T>): Promise<T | HttpError> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof HttpError) return error;
    // A call names an id that a look should have taught.
    if (error instanceof MissingValue) return new HttpError("protocol", error.message, false);
    throw error;
  }
}
