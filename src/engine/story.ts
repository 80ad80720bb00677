/**
 * One run's story, as data: what is known of it (`Story`), what happens to it (`looked`, `answered`, …), what to do
 * next (`next`), and every word that is said of it. Nothing here sends, waits, or reads a clock.
 */
import { HttpError } from "../http/client.ts";
import type { Outcome } from "../interface.ts";
import type { Force, Json, State } from "../provider.ts";
import { duration, head, oneLine } from "../text.ts";
import { globMatches } from "./glob.ts";
import type { NewerRun } from "./listing.ts";
import { isEnd, type Look, type Observation, type Shown, type Unseen } from "./look.ts";
import type { RunRecord } from "./record.ts";
import type { Classified } from "./reply.ts";
import { pinnedAttempt, type Run, type Self } from "./run.ts";
import type { Settings } from "./settings.ts";
import { notInReply } from "./spared.ts";
import { holds, pick } from "./template.ts";

/** Cancel requests for one run; further ones only after the vendor refused and two looks found the run alive. */
const maxCancels = 3;
/** Looks that must have found the run alive since its cancel was refused before a forced stop is sent all the same. */
const minAliveBeforeForce = 2;
/** Looks that may miss the run after a cancel was accepted: replicas lag. */
const maxMisses = 3;
/** First looks that may show nothing readable. */
const maxShapeless = 3;
/** Looks in a row that may fail once the run has been seen, before its cancel is sent. */
const maxFailedLooks = 2;
/** Time kept for the last look, in ms. */
const reservedForLastLook = 1500;
/** A cancel that would leave, or leave again, later than this after its look needs another look first, in ms; so it is with the list of its jobs. */
const maxObservationAge = 5000;
/** Where the cancel rewrites a run that is over, this is the oldest that its look may be. */
const maxAgeBeforeRewrite = 500;
/** Lists of its jobs that may have grown too old while their last pages came. */
const maxSlowLists = 3;
/** Cancels in a row that may fail to leave. */
const maxUnsent = 3;
/**
 * Waits between looks at a run whose cancel was accepted. A look comes at once; the next ones are early, because most runs stop within
 * seconds, and then each wait is a share of the time since the cancel, so what is learned late is late by a fifth of that time (median).
 * In ms, without the jitter, which makes the longest one 15 s.
 */
const firstPause = 450;
const minPause = 600;
const pauseShare = 0.4;
const maxPause = 13_600;
const jitter = 0.1;
/** Waits while no cancel was accepted, or the run cannot be seen: those causes take longer to pass. The first one, and how fast they grow. */
const firstPatientPause = 2000;
const growth = 1.5;
/** States of a job that has not begun. */
const notStarted: ReadonlySet<State> = new Set(["queued", "blocked", "skipped"]);

/** What does not change while the story goes on. */
export interface Rules {
  readonly run: Run;
  readonly settings: Settings;
  /** Monotonic time at which the step ends. */
  readonly deadline: number;
  /** This step is part of the run. */
  readonly isSelf: Self;
  /** For a run that was selected: why it no longer matches, by the body of a look. */
  readonly noLongerMatches: ((body: Json) => string | undefined) | undefined;
  /** Somebody wants to know what the run has started. */
  readonly follows: boolean;
  /** How a user of this host writes an input's name. */
  readonly spell: (name: string) => string;
}

/** The moment in which is decided. */
export interface Now {
  readonly at: number;
  /** In [0, 1). */
  readonly random: number;
  /** Our own job is being killed. */
  readonly interrupted: boolean;
  /** By a person who wants nothing more to be sent. */
  readonly stopped?: boolean;
}

/** What a reply to the cancel means. */
export type Answer =
  /** `shown`: the reply shows the run itself. */
  | { readonly is: "accepted"; readonly withReason: boolean; readonly shown?: Shown | undefined }
  /** A plain no; perhaps about a state that passes. `final`: the server has no such call. */
  | {
      readonly is: "refused";
      readonly said: string;
      readonly conflict: boolean;
      readonly final?: true;
      /** An earlier try of it may have arrived, so it may be what the server refuses it for. */
      readonly resent?: true;
    }
  /** It may have arrived. `answered`: the server did answer, if only that it failed. `isRestarting`: it, or a proxy before it, says so. */
  | {
      readonly is: "unknown";
      readonly said: string;
      readonly answered: boolean;
      readonly isRestarting: boolean;
      /** The server asks for more time than there is: to ask again sooner would be to ask too soon. */
      readonly tooLong?: boolean;
    }
  /** The credential may not; `explicable`: it is worth asking why. */
  | { readonly is: "denied"; readonly said: string; readonly explicable: boolean }
  /** No such cancel will ever be taken. */
  | { readonly is: "impossible"; readonly said: string }
  | Unsent;

/** It was certainly not done. `why`: its look has become too old; there was no way to the server; our own job is being killed. */
export interface Unsent {
  readonly is: "unsent";
  readonly said: string;
  readonly why: "late" | "unreachable" | "interrupted";
}

/** What a reply to the forced stop means. */
export type ForceAnswer =
  | { readonly is: "accepted"; readonly withReason: boolean }
  /** `denied`: the credential may not. */
  | { readonly is: "refused"; readonly said: string; readonly denied: boolean }
  /** It may have arrived. */
  | { readonly is: "unknown"; readonly said: string }
  /** There was nothing to send it to, yet. */
  | { readonly is: "unsent"; readonly said: string };

export interface Job {
  readonly name: string;
  readonly state: State;
}

/** What is known of a run. */
export interface Story {
  /** What it has turned into, if it has. */
  readonly run: Run | undefined;
  /** What happened last. */
  readonly last: "nothing" | "look" | "cancel" | "unsent" | "force" | "rest";
  readonly look: Look | undefined;
  /** The latest look that has shown the run, and the one before. */
  readonly observation: Observation | undefined;
  readonly previous: Observation | undefined;
  /** The first attempt that a look has shown; a look need not show any. */
  readonly attempt: string | undefined;
  readonly seenAt: number;
  readonly before: State | undefined;
  readonly shapeless: number;
  /** Looks in a row that did not find the run, and looks in a row that did not show it for any cause. */
  readonly misses: number;
  readonly failedLooks: number;
  readonly rests: number;
  /** The jobs that the run had at a moment since the latest cancel, or why they could not be listed; `slow`: lists that were too old when they came. */
  readonly jobs:
    { readonly at: number; readonly listed: readonly Job[] | HttpError; readonly slow: number } | undefined;
  /** When the turn came to send the cancel that is due; undefined once it is sent, or given back. */
  readonly turnAt: number | undefined;
  /** Cancels sent, and the answer to the latest one. */
  readonly asks: number;
  /** When the latest of them, or the latest forced stop, was answered. */
  readonly sentAt: number | undefined;
  /** The vendor's word for the run when the latest one was sent. */
  readonly wordWhenAsked: string | undefined;
  readonly answer: Exclude<Answer, Unsent> | undefined;
  /** Since then, a cancel that did not leave; and how many in a row have had no way to the server. */
  readonly unsent: Unsent | undefined;
  readonly unreachable: number;
  /** Looks that have shown the run since the latest cancel. */
  readonly seenSinceAsked: number;
  /** When a cancel was accepted, or a forced stop where none was. */
  readonly acceptedAt: number | undefined;
  /** When the answer came from which `force-after` counts: the cancel was accepted, or first refused for another reason than the credential. */
  readonly forceCountsFrom: number | undefined;
  /** How often in a row the cancel was refused in the same words. */
  readonly sameRefusals: number;
  readonly refusal: string | undefined;
  readonly reasonRecorded: boolean;
  /** Looks since a cancel that have found the run alive: any, and while none was accepted. */
  readonly aliveSinceAsked: boolean;
  readonly aliveUnaccepted: number;
  /** And since that answer. */
  readonly aliveSinceCounting: number;
  readonly followed: Observation | undefined;
  readonly allStarted: boolean;
  /** Something that starts runs has not done so yet. */
  readonly pending: boolean;
  /** Why what the run started is not known. */
  readonly unfollowed: string | undefined;
  /** What was begun in its place, null if nothing was, or why that cannot be told; undefined until asked. */
  readonly successor: NewerRun | HttpError | null | undefined;
  /** What is known of why a credential was refused, or the run was not found; undefined until asked, empty if nothing is. */
  readonly explanation: string | undefined;
  readonly forces: number;
  readonly forceAnswer: ForceAnswer | undefined;
  /** The latest forced stop that was sent. */
  readonly force: Force | undefined;
  readonly forced: boolean;
  readonly confirmed: "status-only" | undefined;
  readonly ending: (Omit<End, "do"> & { readonly at: number }) | undefined;
}

export const untold: Story = {
  run: undefined,
  last: "nothing",
  look: undefined,
  observation: undefined,
  previous: undefined,
  attempt: undefined,
  seenAt: -Infinity,
  before: undefined,
  shapeless: 0,
  misses: 0,
  failedLooks: 0,
  rests: 0,
  jobs: undefined,
  turnAt: undefined,
  asks: 0,
  sentAt: undefined,
  wordWhenAsked: undefined,
  answer: undefined,
  unsent: undefined,
  unreachable: 0,
  seenSinceAsked: 0,
  acceptedAt: undefined,
  forceCountsFrom: undefined,
  sameRefusals: 0,
  refusal: undefined,
  reasonRecorded: false,
  aliveSinceAsked: false,
  aliveUnaccepted: 0,
  aliveSinceCounting: 0,
  followed: undefined,
  allStarted: false,
  pending: false,
  unfollowed: undefined,
  successor: undefined,
  explanation: undefined,
  forces: 0,
  forceAnswer: undefined,
  force: undefined,
  forced: false,
  confirmed: undefined,
  ending: undefined,
};

// What to do next

export type Step =
  | { readonly do: "look" }
  /** Ask which of the run's jobs have started. */
  | { readonly do: "list-jobs" }
  /** Ask what the run has started. */
  | { readonly do: "follow"; readonly observation: Observation }
  /** Ask whether the vendor has begun another one in its place. */
  | { readonly do: "find-successor"; readonly observation: Observation }
  /** Wait until the server may be sent another change. */
  | { readonly do: "turn" }
  /** `retryUntil`: monotonic time after which the client must not send it, or send it again, by itself. */
  | { readonly do: "cancel"; readonly retryUntil: number }
  | { readonly do: "force"; readonly force: Force; readonly retryUntil: number }
  | { readonly do: "rest"; readonly until: number }
  /** Ask why the credential was refused, or why the run was not found. */
  | { readonly do: "explain" }
  | End;

/** `isMismatch`: a selected run no longer matches. `by`: what it ends by is what the reply to the cancel has shown. */
export interface End {
  readonly do: "end";
  readonly outcome: Outcome;
  readonly detail: string;
  readonly isMismatch: boolean;
  readonly by?: Shown;
}

const end = (outcome: Outcome, detail = "", isMismatch = false): End => ({ do: "end", outcome, detail, isMismatch });

export function next(story: Story, rules: Rules, now: Now): Step {
  const step = usualNext(story, rules, now);
  if (!now.stopped || step.do === "end") return step;
  return story.asks === 0 ? end("failed", "interrupted; no cancel was sent") : interrupted(story, rules);
}

function usualNext(story: Story, rules: Rules, now: Now): Step {
  const { isSelf, settings, spell } = rules;
  if (isSelf && !settings.self) return end("refused", `${whose(isSelf)}; ${spell("self")} allows cancelling it`);
  if (story.last === "cancel") return afterAnswer(story, rules, now);
  if (story.last === "unsent") return afterUnsent(story, rules, now);
  if (story.last === "force") return afterForce(story, rules, now);
  if (story.last !== "look" || story.look === undefined) return lookAgain(story, rules, now);
  if (story.look.ok) return afterObservation(story.look, story, rules, now);
  return story.asks === 0 ? beforeCancel(story.look, story, rules, now) : afterMiss(story.look, story, rules, now);
}

const whose = (isSelf: Self): string =>
  isSelf === "maybe"
    ? "it has the id of the run that this step is part of, and its server may be ours under another name"
    : "this step is part of that run";

function lookAgain(story: Story, rules: Rules, now: Now): Step {
  return now.interrupted && story.asks > 0 ? interrupted(story, rules) : { do: "look" };
}

function afterAnswer(story: Story, rules: Rules, now: Now): Step {
  const { answer } = story;
  if (answer?.is === "impossible") return end("failed", answer.said);
  if (answer?.is === "denied")
    return answer.explicable ? denied(answer.said, story, rules) : end("refused", answer.said);
  return lookAgain(story, rules, now);
}

/** The run may have changed while the cancel was waiting. */
function afterUnsent(story: Story, rules: Rules, now: Now): Step {
  if (story.unsent?.why === "interrupted") return interrupted(story, rules);
  if (story.unreachable >= maxUnsent) return end("failed", unsentInWords(story));
  return lookAgain(story, rules, now);
}

/** What is not known to have had an effect is looked at, what has had one is given time for it. */
function afterForce(story: Story, rules: Rules, now: Now): Step {
  return story.forceAnswer?.is === "unknown" ? lookAgain(story, rules, now) : rest(story, rules, now);
}

function afterObservation(seen: Observation, story: Story, rules: Rules, now: Now): Step {
  const other = otherAttempt(seen, story, rules);
  if (other) return other;
  const first = story.asks === 0;
  const force = seen.over ? undefined : dueForce(seen, story, rules, now);
  const isUnaccepted = !first && !seen.over && !isAccepted(story);
  const isTime = story.unsent !== undefined || story.aliveUnaccepted % 2 === 0;
  const again = isUnaccepted && !force && isTime && mayAskAgain(story, rules);
  // What was accepted is under way; whatever else is sent goes past the guards.
  const due = first || again || (isUnaccepted && force !== undefined);
  const mismatch = due ? mismatchOf(story, rules) : undefined;
  if (due && mismatch === undefined && rules.settings.unlessJob !== undefined && mustListJobs(story, now))
    return { do: "list-jobs" };
  const spared = due ? (mismatch ?? startedJob(story, rules)) : undefined;
  // What a run started may go on without it; what belongs to a spared run is spared with it.
  if (spared === undefined && rules.follows && !story.allStarted && !isFollowed(seen, story))
    return { do: "follow", observation: seen };
  if (first && mayHaveSuccessor(seen, story, rules) && !now.interrupted)
    return { do: "find-successor", observation: seen };
  if (seen.over) return over(seen, story, rules);
  if (spared !== undefined) return leftAlone(spared, mismatch !== undefined, story, rules);
  if (first && rules.settings.dryRun) return end("would-cancel", withoutEffect(seen, rules) ?? "");
  if (force) return forceInTurn(force, story, rules, now.at);
  if (due) return cancelInTurn(story, rules, now);
  return isAccepted(story) ? whileStopping(seen, story, rules, now) : whileRefused(seen, story, rules, now);
}

/** Until the cancel is sent, once is enough: a long list must not make its look old again and again. */
const isFollowed = (seen: Observation, { followed: at, asks }: Story): boolean =>
  at === seen || (at !== undefined && asks === 0 && !seen.over);

/** It has ended before we came, in a way after which the vendor may have begun another one. */
function mayHaveSuccessor({ over: isOver, state }: Observation, story: Story, rules: Rules): boolean {
  const { successor } = (story.run ?? rules.run).target;
  return isOver && story.successor === undefined && successor?.after.includes(state) === true;
}

/** Something besides its ids decides whether the run may be cancelled. */
const isGuarded = (rules: Rules): boolean =>
  pinnedAttempt(rules.run) !== undefined ||
  rules.noLongerMatches !== undefined ||
  rules.settings.unlessJob !== undefined ||
  rewrites(rules);

const rewrites = ({ run }: Rules): boolean => run.target.cancel.rewrites === true;

/** Only a look tells whether the page is that of the run with these ids. */
const isNamedByPage = ({ run }: Rules): boolean => run.address !== undefined && run.target.uncertainPages === true;

/** Why a selected run is not to be cancelled: it no longer matches. */
function mismatchOf({ observation, asks, turnAt }: Story, { noLongerMatches }: Rules): string | undefined {
  if (observation === undefined || observation.over) return undefined;
  // Our own cancel takes a run out of the states that were selected.
  if (observation.state === "cancelling" && (asks > 0 || turnAt !== undefined)) return undefined;
  return noLongerMatches?.(observation.body);
}

const mustListJobs = ({ jobs }: Story, { at }: Now): boolean =>
  jobs === undefined || (at - jobs.at > maxObservationAge && !(jobs.listed instanceof HttpError));

/** A selected run that is left alone as we were told to is no failure; one that was named, or of which nothing can be told, is. */
function leftAlone(why: string, isMismatch: boolean, { asks, jobs }: Story, { noLongerMatches }: Rules): End {
  const isKnown = isMismatch ? why !== notInReply : !(jobs?.listed instanceof HttpError);
  const isSpared = noLongerMatches !== undefined && asks === 0 && isKnown;
  return end(isSpared ? "spared" : "refused", why, isMismatch);
}

/** The job, if any, behind whose start the run is not to be cancelled. What cannot be told counts as started. */
function startedJob({ jobs }: Story, { settings: { unlessJob } }: Rules): string | undefined {
  if (jobs === undefined || unlessJob === undefined) return undefined;
  const { listed } = jobs;
  if (listed instanceof HttpError) return `could not check whether job ${unlessJob} has started: ${listed.message}`;
  const started = listed.find(({ name, state }) => !notStarted.has(state) && globMatches(unlessJob, name));
  return started && `its job ${started.name} has started (${started.state})`;
}

/** What comes before it may take its time, and the run may have been started again by then, or what guards it have changed. */
function cancelInTurn(story: Story, rules: Rules, { at, interrupted: isKilled }: Now): Step {
  if (story.turnAt === undefined) return { do: "turn" };
  // There is no time for a look: a cancel that may be needless is better than none.
  if (isKilled && !isGuarded(rules)) return { do: "cancel", retryUntil: Infinity };
  const retryUntil = goodUntil(story, rules);
  return at > retryUntil ? { do: "look" } : { do: "cancel", retryUntil };
}

function forceInTurn(force: Force, story: Story, rules: Rules, at: number): Step {
  if (story.turnAt === undefined) return { do: "turn" };
  const retryUntil = goodUntil(story, rules);
  return at > retryUntil ? { do: "look" } : { do: "force", force, retryUntil };
}

/** How long what is known of the run is enough to send it something. */
function goodUntil({ seenAt, jobs }: Story, rules: Rules): number {
  const maxAge = rewrites(rules) ? maxAgeBeforeRewrite : maxObservationAge;
  return Math.min(seenAt + maxAge, (jobs?.at ?? Infinity) + maxObservationAge);
}

/** A server that restarts is waited for: what it could not answer counts for nothing. */
function mayAskAgain({ asks, answer }: Story, { settings: { wait } }: Rules): boolean {
  if (answer?.is !== "unknown") return asks < maxCancels;
  return answer.tooLong !== true && (asks < maxCancels || (wait && answer.isRestarting));
}

function whileStopping(seen: Observation, story: Story, rules: Rules, now: Now): Step {
  const inVain = withoutEffect(seen, rules);
  if (inVain !== undefined) return end("failed", `the cancel was accepted but has no effect: ${inVain}`);
  if (!rules.settings.wait && !rules.isSelf) return end("cancelling", "did not wait for it to stop");
  return rest(story, rules, now);
}

function whileRefused(seen: Observation, story: Story, rules: Rules, now: Now): Step {
  const { answer, sameRefusals } = story;
  const { wait } = rules.settings;
  // The look that has just found the run shows that it is the call that is missing.
  if (isFinal(story)) return end("failed", unaccepted(story));
  const isForceOpen = story.forceAnswer?.is === "unknown" || isForceAhead(seen, story, rules);
  if (mayAskAgain(story, rules) || (wait && isForceOpen)) return rest(story, rules, now);
  // A 409 may be false, or about a state that passes: the run is watched to the end. One that has not begun, and of which
  // the server has said the same three times, does not pass.
  const mayPass = !(seen.state === "queued" && sameRefusals >= maxCancels);
  if (answer?.is === "refused" && answer.conflict && wait && mayPass) return rest(story, rules, now);
  return end("failed", joined(unaccepted(story), unforced(story, rules, now)));
}

/** Why the vendor's cancel does nothing to the run as it is. */
function withoutEffect({ word }: Observation, { run }: Rules): string | undefined {
  const { noEffect } = run.target;
  return noEffect?.words.includes(word) ? noEffect.because : undefined;
}

/** Nothing has been sent yet, and the look has shown nothing. */
function beforeCancel(unseen: Unseen, story: Story, rules: Rules, now: Now): Step {
  // Seen before, and not when its turn came: the turn was given back.
  const isTooSoon = unseen.kind === "no-time";
  if (story.observation !== undefined && story.failedLooks < maxFailedLooks && !isTooSoon) return { do: "look" };
  const pause = 1000 * story.shapeless;
  const mayClear = unseen.kind === "shapeless" && story.shapeless < maxShapeless && !now.interrupted;
  if (mayClear && pause < rules.deadline - now.at) return { do: "rest", until: now.at + pause };
  // Killed before the first look came back: a cancel that may be needless is better than none, one that may be wrong is not.
  const sure = !rules.settings.dryRun && !isGuarded(rules);
  if (now.interrupted && sure && !isNamedByPage(rules) && (unseen.kind === "interrupted" || unseen.kind === "no-time"))
    return cancelInTurn(story, rules, now);
  return cannotLook(unseen, story, rules);
}

function afterMiss(unseen: Unseen, story: Story, rules: Rules, now: Now): Step {
  if (unseen.kind === "interrupted") return lookAgain(story, rules, now);
  // The server asks for more time than there is: to look again sooner would be to look too soon.
  if (unseen.kind === "no-time") return deadlineReached(unseen.detail, story, rules, now);
  const gone = unseen.kind === "not-found" && (story.misses > maxMisses || !isAccepted(story));
  return gone || unseen.kind === "denied" ? cannotLook(unseen, story, rules) : rest(story, rules, now);
}

function rest(story: Story, rules: Rules, now: Now): Step {
  const { deadline } = rules;
  const { at } = now;
  if (deadline - at <= reservedForLastLook)
    return deadlineReached(story.look && !story.look.ok ? story.look.detail : "", story, rules, now);
  // A forced stop that is due but not allowed yet waits for the next look.
  const due = nextForce(story, rules) ?? 0;
  const until = Math.min(at + pause(story, rules, now), deadline - reservedForLastLook, due > at ? due : Infinity);
  return { do: "rest", until: Math.max(until, at + 50) };
}

/** How long until the next look, never less than the vendor's pace. */
function pause(story: Story, { run }: Rules, { at, random }: Now): number {
  const { rests, sentAt = at, look } = story;
  const { pace = 0 } = run.provider.server;
  if (!isAccepted(story) || look?.ok !== true)
    return Math.max(Math.min(firstPatientPause * growth ** rests, maxPause), pace) * (1 + random / 4);
  const share = Math.min(Math.max(pauseShare * (at - sentAt), minPause), maxPause);
  const wait = rests === 0 ? firstPause : share;
  return Math.max(wait * (1 + jitter * (2 * random - 1)), pace * (1 + random / 4));
}

const isFinal = ({ answer }: Story): boolean => answer?.is === "refused" && answer.final === true;

const isAccepted = ({ acceptedAt }: Story): boolean => acceptedAt !== undefined;

const ladder = ({ run }: Story, rules: Rules): readonly Force[] => (run ?? rules.run).force;

/** When the next forced stop is due; undefined when there is none to come. */
function nextForce(story: Story, rules: Rules): number | undefined {
  const { forceCountsFrom, forces } = story;
  const { forceAfter } = rules.settings;
  if (forceAfter === undefined || forceCountsFrom === undefined || forces >= ladder(story, rules).length)
    return undefined;
  return forceCountsFrom + forceAfter * (forces + 1);
}

/** The forced stop whose time has come, if the vendor takes it now. */
function dueForce(seen: Observation, story: Story, rules: Rules, now: Now): Force | undefined {
  const due = nextForce(story, rules);
  const mayBeSent = isAccepted(story) || story.aliveSinceCounting >= minAliveBeforeForce;
  if (due === undefined || now.at < due || !mayBeSent) return undefined;
  const force = ladder(story, rules)[story.forces]!;
  return obstacle(force, seen, rules) === undefined ? force : undefined;
}

/** A forced stop that the vendor takes of the run as it is will be due in time. */
function isForceAhead(seen: Observation, story: Story, rules: Rules): boolean {
  const due = nextForce(story, rules);
  if (due === undefined || due >= rules.deadline - reservedForLastLook) return false;
  return obstacle(ladder(story, rules)[story.forces]!, seen, rules) === undefined;
}

/** Why the vendor does not take a forced stop now. */
function obstacle(force: Force, { state, body }: Observation, { run }: Rules): string | undefined {
  if (force.from?.includes(state) === false)
    return `${run.provider.name} takes a forced stop only for a run that is ${force.from.join(" or ")}`;
  if (force.when === undefined || holds(force.when, body) === true) return undefined;
  const time = allowedFrom(force, { body });
  return `${run.provider.name} did not allow the forced stop yet${time && `: it is allowed from ${time} on`}`;
}

/** When the vendor will allow it, in the vendor's words; empty where it does not say. */
function allowedFrom({ availableAt }: Force, { body }: Pick<Observation, "body">): string {
  const time: unknown = pick(availableAt, body);
  return typeof time === "string" ? oneLine(time, 40) : "";
}

// How it ends

/** What is there is not the attempt that it was, or that was asked for. */
function otherAttempt(seen: Observation, story: Story, { run }: Rules): Step | undefined {
  const { attempt } = seen;
  const pinned = pinnedAttempt(run);
  if (story.asks === 0 && pinned !== undefined && attempt !== pinned) {
    // An attempt that is still to come is no restart: a step that stopped nothing must not look as if it need not.
    if (attempt !== undefined)
      return end(
        Number(attempt) < Number(pinned) ? "not-found" : "restarted",
        `attempt ${attempt} is the current one, attempt ${pinned} was asked for`,
      );
    if (!seen.over) return end("refused", `attempt ${pinned} was asked for, and the server does not say which this is`);
  }
  if (story.attempt === undefined || attempt === undefined || attempt === story.attempt) return undefined;
  return end("restarted", `attempt ${attempt} has begun; ${hit(seen, story)}`);
}

/** Which attempt the cancel that was meant for an earlier one has reached. */
function hit({ attempt, state }: Observation, { asks, attempt: meant, seenSinceAsked }: Story): string {
  if (asks === 0) return `the cancel was meant for attempt ${meant ?? ""}, and was not sent`;
  const cancel = `the cancel was meant for attempt ${meant ?? ""}`;
  if (state === "cancelled" || state === "cancelling") return `${cancel}, and attempt ${attempt ?? ""} is ${state}`;
  // No look since it was sent has shown the earlier one.
  return seenSinceAsked > 1 ? cancel : `${cancel}, and may have reached attempt ${attempt ?? ""}`;
}

function over({ state, word }: Shown, story: Story, rules: Rules): End {
  const { forceAnswer } = story;
  const strange = state === "unknown" ? `ended as "${word}", a word we do not know` : inItsPlace(story, rules);
  const byForce = state === "cancelled" && forceAnswer?.is === "unknown";
  const detail = joined(strange, byForce ? `the forced stop may have done it (${forceAnswer.said})` : "");
  // A plain no to the only try of the cancel, and no look since that found the run alive: it was over before.
  const isPlain = story.answer?.is === "refused" && !story.answer.resent;
  const refused = !isAccepted(story) && isPlain && !story.aliveSinceAsked;
  if (story.asks === 0 || refused) return end("already-finished", detail);
  return end(state === "cancelled" ? "cancelled" : "finished-anyway", detail);
}

/** What goes on in the place of a run that is over, and was not named by anybody. */
function inItsPlace({ successor }: Story, { run }: Rules): string {
  const { targetName, target } = run;
  if (successor === undefined || successor === null) return "";
  if (successor instanceof HttpError) return `it is unclear whether it was retried: ${successor.message}`;
  const retry = `it was retried as ${targetName} ${successor.id}`;
  if (isEnd(successor.state)) return `${retry}, which is over, too: ${successor.state}`;
  return `${retry}, which goes on (${successor.state}) and is not cancelled, because it was not named; name the ${target.successor?.instead ?? "other"} to stop whichever is under way`;
}

/** By the reply to the cancel, where it has shown that the run is over. */
function overByReply(story: Story, rules: Rules): End | undefined {
  const { answer } = story;
  const shown = answer?.is === "accepted" ? answer.shown : undefined;
  // A look that found it alive since then is newer.
  return shown?.over && !story.aliveSinceAsked ? { ...over(shown, story, rules), by: shown } : undefined;
}

/** It cannot be looked at. */
function cannotLook(unseen: Unseen, story: Story, rules: Rules): Step {
  const { kind, detail } = unseen;
  // A job's credential ends with its run.
  const byReply = rules.isSelf ? overByReply(story, rules) : undefined;
  if (byReply) return byReply;
  if (isAccepted(story)) {
    const lost =
      kind === "not-found"
        ? "the run is no longer there"
        : kind === "denied"
          ? "the look was refused"
          : "the look failed";
    return end("failed", `the ${taken(story)} was accepted, but then ${lost} (${detail})`);
  }
  if (kind === "denied") return denied(detail, story, rules);
  if (kind === "another-run") return end("refused", detail);
  if (kind !== "not-found") return end("failed", joined(unsentInWords(story), detail));
  return notFound(unseen, story);
}

function notFound({ detail, address }: Unseen, { explanation }: Story): Step {
  if (explanation === undefined) return { do: "explain" };
  const asked = address === undefined ? ` (${detail})` : `: ${address} answered ${detail}`;
  const cause = explanation || "check the ids, the server and what the token may see";
  return end("not-found", `not there, or hidden from this token${asked}; ${cause}`);
}

function denied(said: string, { explanation }: Story, { run }: Rules): Step {
  if (explanation === undefined) return { do: "explain" };
  return end("refused", [said, explanation || advice(said, run)].filter(Boolean).join("; "));
}

/** A credential that is not known needs no rights, and a login page says nothing of them. */
function advice(said: string, { provider }: Run): string {
  if (/^401\b/.test(said)) return "the credential is wrong, expired, or for another server";
  return said.includes("a login page") ? "" : `needed: ${provider.rights}`;
}

/** The deadline has come; `problem`: why it cannot be seen. */
function deadlineReached(problem: string, story: Story, rules: Rules, now: Now): Step {
  const byReply = problem && rules.isSelf ? overByReply(story, rules) : undefined;
  if (byReply) return byReply;
  const since = duration(rules.settings.timeout);
  const accepted = isAccepted(story);
  if (problem) {
    const but = accepted ? `the ${taken(story)} was accepted, but ` : "";
    if (story.unsent && !accepted) return end("failed", joined(unsentInWords(story), problem));
    return end("failed", `${but}it could not be confirmed within ${since}: ${problem}`);
  }
  const lives = `${story.observation?.state ?? "not over"} after ${since}`;
  const force = unforced(story, rules, now) || noStrongerStop(story, rules);
  return end("still-running", joined(lives, accepted ? "" : unaccepted(story), force));
}

function interrupted(story: Story, rules: Rules): Step {
  const byReply = overByReply(story, rules);
  if (byReply) return byReply;
  if (isAccepted(story)) return end("cancelling", "interrupted before a look could confirm it");
  const { asks, answer, unsent, seenSinceAsked } = story;
  if (asks === 0 && unsent) return end("failed", `interrupted before the cancel was sent (${unsent.said})`);
  if (answer?.is === "unknown" && !answer.answered && seenSinceAsked === 0)
    return end("cancelling", "asked and not confirmed: interrupted before an answer came");
  const said = answer?.is === "unknown" ? ` (${answer.said})` : "";
  return end("failed", `interrupted before the cancel was accepted${said}`);
}

/** That the latest cancel did not leave. */
const unsentInWords = ({ unsent }: Story): string => (unsent ? `the cancel could not be sent (${unsent.said})` : "");

/** What of all that was sent has been accepted. */
const taken = ({ answer }: Story): string => (answer?.is === "accepted" ? "cancel" : "forced stop");

function unaccepted(story: Story): string {
  const { answer, asks } = story;
  if (asks === 0) return unsentInWords(story);
  if (answer?.is === "refused" && answer.final) return answer.said;
  if (answer?.is === "refused") return `the cancel was refused ${asks === 1 ? "" : `${asks} times `}(${answer.said})`;
  if (answer?.is === "accepted") return "the cancel was accepted before it became another run";
  if (answer?.is === "unknown" && answer.answered) return answer.said;
  return `it is not known whether the cancel arrived: ${answer?.said ?? ""}`;
}

/** What came of the forced stop, or why none was sent; where none was asked for, that there is one. */
function unforced(story: Story, rules: Rules, { at }: Now): string {
  const { run, settings, spell } = rules;
  const { provider, targetName } = story.run ?? run;
  const rungs = ladder(story, rules);
  const input = spell("force-after");
  if (settings.forceAfter === undefined) return strongerStop(story, rules);
  if (rungs.length === 0) return `${input} has no effect: ${provider.name} has no forced stop for a ${targetName}`;
  const said = forceInWords(story);
  if (story.forces >= rungs.length) return said;
  return joined(said, whyNot(story, rules, at));
}

/** That the vendor has a forced stop, where nobody has asked for one. */
function strongerStop(story: Story, rules: Rules): string {
  const { observation } = story;
  const [stop] = ladder(story, rules);
  if (!stop || story.forceCountsFrom === undefined || !observation) return "";
  if (stop.from?.includes(observation.state) === false) return "";
  const time = allowedFrom(stop, observation);
  const has = `the forced stop that ${rules.run.provider.name} has${stop.called === undefined ? "" : ` (${stop.called})`}`;
  return `${rules.spell("force-after")} would use ${has}${time && `; it is allowed from ${time} on`}`;
}

/** That there is no forced stop to ask for, or none of a run as it is. */
function noStrongerStop(story: Story, rules: Rules): string {
  const { provider, targetName } = story.run ?? rules.run;
  const { observation } = story;
  const [stop] = ladder(story, rules);
  if (rules.settings.forceAfter !== undefined) return "";
  if (stop === undefined) return `${provider.name} has no stronger stop for a ${targetName}`;
  return observation && stop.from?.includes(observation.state) === false ? obstacle(stop, observation, rules)! : "";
}

/** Why the next forced stop was not sent. */
function whyNot(story: Story, rules: Rules, at: number): string {
  const { spell } = rules;
  const due = nextForce(story, rules);
  const which = story.forces > 0 ? "the next forced stop" : spell("force-after");
  if (due === undefined) return "no forced stop was sent, because it is not known whether the cancel arrived";
  if (at < due) return `${spell("timeout")} ended before ${which}`;
  const stop = ladder(story, rules)[story.forces]!;
  const why = story.observation && obstacle(stop, story.observation, rules);
  if (why !== undefined) return why;
  return story.forceAnswer?.is === "unsent" ? "" : `no forced stop was sent, because too few looks found the run alive`;
}

/** What the answer to the forced stop was, where it is no yes. */
function forceInWords(story: Story): string {
  const { forceAnswer: answer, force } = story;
  if (answer?.is === "unsent") return answer.said;
  if (answer?.is === "unknown") return `it is not known whether the forced stop had an effect: ${answer.said}`;
  if (answer?.is !== "refused") return "";
  return answer.denied && force?.rights ? `${answer.said}; it needs ${force.rights}` : answer.said;
}

const joined = (...parts: readonly string[]): string => parts.filter(Boolean).join("; ");

// What happens

export function looked(story: Story, look: Look, at: number): Story {
  const after = { ...story, last: "look", look } as const;
  if (!look.ok)
    return {
      ...after,
      shapeless: story.shapeless + (look.kind === "shapeless" ? 1 : 0),
      misses: story.misses + (look.kind === "not-found" ? 1 : 0),
      failedLooks: story.failedLooks + 1,
      turnAt: undefined,
    };
  if (Number(look.attempt) < Number(story.attempt)) {
    const detail = `the server shows attempt ${look.attempt ?? ""}, which is an earlier one`;
    return looked(story, { ok: false, kind: "unclear", detail }, at);
  }
  // What it has become nobody has asked to stop.
  const isUnasked = look.became !== undefined && look.state !== "cancelling";
  const acceptedAt = isUnasked ? undefined : story.acceptedAt;
  const forceCountsFrom = isUnasked ? undefined : story.forceCountsFrom;
  const alive = story.asks > 0 && !look.over;
  // The cancel that is to be sent has had the looks that it needs.
  const isDue = story.turnAt !== undefined || story.unsent !== undefined;
  // Nothing speaks against the forced stop any more, and what it proves is the weaker claim.
  const byForce = story.forceAnswer?.is === "unknown" && look.over && look.state === "cancelled";
  return {
    ...after,
    observation: look,
    run: look.became ?? story.run,
    jobs: look.became ? undefined : story.jobs,
    previous: story.observation,
    attempt: look.became ? look.attempt : (story.attempt ?? look.attempt),
    seenAt: at,
    before: story.before ?? look.state,
    misses: 0,
    failedLooks: 0,
    acceptedAt,
    forceCountsFrom,
    seenSinceAsked: story.seenSinceAsked + 1,
    aliveSinceAsked: story.aliveSinceAsked || alive,
    aliveUnaccepted: story.aliveUnaccepted + (alive && acceptedAt === undefined && !isDue ? 1 : 0),
    aliveSinceCounting: forceCountsFrom !== undefined && alive ? story.aliveSinceCounting + 1 : 0,
    ...(byForce && { forced: true, confirmed: story.force?.confirmed }),
  };
}

/** `since`: when the first page of the list came. */
export function jobsListed(story: Story, listed: readonly Job[] | HttpError, since: number, at: number): Story {
  const slow = (story.jobs?.slow ?? 0) + (at - since > maxObservationAge ? 1 : 0);
  const tooSlow = (): HttpError => new HttpError("protocol", "it takes too long to list its jobs", false);
  return { ...story, jobs: { at: since, listed: slow < maxSlowLists ? listed : tooSlow(), slow } };
}

/** `pending`: more is to come. */
export function followed(story: Story, observation: Observation, list: { pending: boolean } | HttpError): Story {
  const failed = list instanceof HttpError;
  return {
    ...story,
    followed: observation,
    unfollowed: failed ? `could not list the runs it started: ${list.message}` : undefined,
    allStarted: !failed && !list.pending && story.asks > 0,
    pending: !failed && list.pending,
  };
}

export const succeeded = (story: Story, successor: NewerRun | HttpError | undefined): Story => ({
  ...story,
  successor: successor ?? null,
});

/** It is our turn to send the cancel. */
export const turned = (story: Story, at: number): Story => ({ ...story, turnAt: at });

/** The cancel is on its way. */
export const asked = (story: Story): Story => ({
  ...story,
  asks: story.asks + 1,
  wordWhenAsked: story.observation?.word,
  turnAt: undefined,
  jobs: undefined,
});

export function answered(story: Story, answer: Answer, at: number): Story {
  if (answer.is === "unsent")
    return {
      ...story,
      last: "unsent",
      asks: story.asks - 1,
      unsent: answer,
      unreachable: answer.why === "unreachable" ? story.unreachable + 1 : 0,
    };
  const accepted = answer.is === "accepted";
  const isFirstYes = accepted && story.acceptedAt === undefined && story.forces === 0;
  const counts = isFirstYes || story.forceCountsFrom === undefined;
  const isReply = accepted || answer.is === "refused" || (answer.is === "unknown" && answer.answered);
  return {
    ...story,
    last: "cancel",
    sentAt: at,
    answer,
    unsent: undefined,
    unreachable: 0,
    seenSinceAsked: 0,
    sameRefusals: answer.is !== "refused" ? 0 : story.refusal === answer.said ? story.sameRefusals + 1 : 1,
    refusal: answer.is === "refused" ? answer.said : undefined,
    ...(isReply && counts && { forceCountsFrom: at, aliveSinceCounting: 0 }),
    ...(accepted && {
      acceptedAt: story.acceptedAt ?? at,
      reasonRecorded: answer.withReason,
      // What was seen before the reply came is older.
      aliveSinceAsked: story.aliveSinceAsked && answer.shown === undefined,
    }),
  };
}

export function forced(story: Story, force: Force, answer: ForceAnswer, at: number): Story {
  const sent = answer.is !== "unsent";
  return {
    ...story,
    last: "force",
    turnAt: undefined,
    forces: story.forces + (sent ? 1 : 0),
    force,
    forceAnswer: answer,
    ...(sent && { sentAt: at, rests: 0 }),
    ...(answer.is === "accepted" && {
      forced: true,
      confirmed: force.confirmed,
      acceptedAt: story.acceptedAt ?? at,
      reasonRecorded: story.reasonRecorded || answer.withReason,
    }),
  };
}

/** `why`: what is known of the credential that was refused, or of the run that was not found. */
export const explained = (story: Story, why: string | undefined): Story => ({ ...story, explanation: why ?? "" });

export const rested = (story: Story): Story => ({
  ...story,
  last: "rest",
  turnAt: undefined,
  rests: story.rests + (story.asks > 0 ? 1 : 0),
});

/** Ends of the story at which the run need not be over. */
const mayStartMore: ReadonlySet<Outcome> = new Set(["would-cancel", "cancelling", "still-running"]);

export function ended(told: Story, { do: _, ...end }: End, at: number): Story {
  const { outcome, detail, by } = end;
  const story = by && told.observation ? { ...told, observation: { ...told.observation, ...by } } : told;
  // A run has been stopped only if what it started has been, too.
  const incomplete =
    story.unfollowed !== undefined && !["refused", "not-found", "spared", "would-cancel"].includes(outcome);
  const more = story.pending && mayStartMore.has(outcome) ? "it may still start other runs, which would go on" : "";
  if (!incomplete) return { ...story, ending: { ...end, detail: joined(detail, more), at } };
  return {
    ...story,
    ending: { ...end, outcome: "failed", detail: joined(outcome, detail, story.unfollowed ?? ""), at },
  };
}

/** Something has gone wrong in us. The message of an error that nobody foresaw may quote a secret: its kind and its place are enough to find it. */
export function broken(story: Story, error: unknown, at: number): Story {
  const { name, stack = "" } = error instanceof Error ? error : new Error();
  const place = /^ {4}at .*?([^\s/\\(]+:\d+:\d+)\)?$/m.exec(head(stack))?.[1];
  const what = `unexpected ${oneLine(name, 60)}${place === undefined ? "" : ` at ${place}`}; please report this`;
  const so = story.asks > 0 ? "a cancel was sent, and what came of it is not known" : "";
  return ended(story, end("failed", joined(what, so)), at);
}

/**
 * What the reply to a cancel, or the lack of one, means. `shown`: what it shows of the run. `mayHaveArrived`: one of the tries
 * may have had its effect although its answer was lost, so what is said to a later one is said of a run that was asked to stop.
 */
export function answerOf(reply: Classified | HttpError, shown?: Shown, mayHaveArrived = false): Answer {
  const answer = reply instanceof HttpError ? answerOfNone(reply, mayHaveArrived) : answerOfReply(reply, shown);
  if (!mayHaveArrived) return answer;
  if (answer.is === "refused") return { ...answer, resent: true };
  if (answer.is !== "denied" && answer.is !== "impossible") return answer;
  return { is: "unknown", said: answer.said, answered: !(reply instanceof HttpError), isRestarting: false };
}

function answerOfNone({ kind, message: said, maybeSent }: HttpError, mayHaveArrived: boolean): Answer {
  if (kind === "denied") return { is: "denied", said, explicable: false };
  if (maybeSent || mayHaveArrived)
    return { is: "unknown", said, answered: false, isRestarting: false, tooLong: kind === "deadline" };
  if (kind === "protocol" || kind === "deadline") return { is: "impossible", said };
  const why = ({ postponed: "late", unreachable: "unreachable", aborted: "interrupted" } as const)[kind];
  return { is: "unsent", said, why };
}

function answerOfReply(reply: Classified, shown: Shown | undefined): Answer {
  const { kind, said, withReason, isAnswer } = reply;
  const { status } = reply.reply;
  if (kind === "ok") return { is: "accepted", withReason, shown };
  if (kind === "denied") return { is: "denied", said, explicable: true };
  if (status === 405 || status === 501)
    return { is: "impossible", said: `the server does not take this cancel (${said})` };
  if (status >= 500 && !isAnswer)
    return {
      is: "unknown",
      said: `the cancel was answered ${said}`,
      answered: true,
      isRestarting: [502, 503, 504].includes(status) || (status >= 520 && status <= 527),
    };
  if (isNoSuchCall(reply))
    return {
      is: "refused",
      said: `this server has no such call (${said})${since(reply)}`,
      conflict: false,
      final: true,
    };
  return { is: "refused", said, conflict: status === 409 };
}

/** A router's words in place of the vendor's: the address itself is not known. */
const isNoSuchCall = ({ kind, reply }: Classified): boolean =>
  kind === "not-found" && reply.status === 404 && typeof reply.body === "string";

const since = (reply: Classified): string => (reply.since === undefined ? "" : `; ${reply.since}`);

/** What the reply to a forced stop, or the lack of one, means. */
export function forceAnswerOf(reply: Classified | HttpError): ForceAnswer {
  if (reply instanceof HttpError) {
    const { kind, message: said, maybeSent } = reply;
    if (kind !== "denied" && maybeSent) return { is: "unknown", said };
    if (kind === "postponed") return { is: "unsent", said: `no forced stop was sent: ${said}` };
    return { is: "refused", said: `the forced stop could not be sent: ${said}`, denied: false };
  }
  const { kind, withReason } = reply;
  if (kind === "ok") return { is: "accepted", withReason };
  const missing = isNoSuchCall(reply) ? `; this server has no such call${since(reply)}` : "";
  const said = `the forced stop was answered ${reply.said}${missing}`;
  return reply.reply.status >= 500 && !reply.isAnswer
    ? { is: "unknown", said }
    : { is: "refused", said, denied: kind === "denied" };
}

// What is said of it

/** The cancel is out, or will never be: what is left is to watch. */
export const isRequested = (story: Story, step: Step): boolean =>
  story.ending !== undefined || (story.asks > 0 && step.do === "look");

/** What is to be reported by now. */
export function standing(story: Story, { run, isSelf }: Rules): Pick<RunRecord, "outcome" | "detail" | "confirmed"> {
  const { ending, asks, observation } = story;
  if (ending === undefined)
    return {
      outcome: asks > 0 || isSelf ? "cancelling" : "failed",
      detail: asks > 0 ? "not confirmed yet" : "not asked yet",
      confirmed: null,
    };
  const { outcome, detail } = ending;
  const byLook = observation?.over && ["cancelled", "already-finished", "finished-anyway"].includes(outcome);
  return { outcome, detail, confirmed: byLook ? (story.confirmed ?? run.target.confirmed ?? "look") : null };
}

/** What an event has made known that is worth a warning, whatever the outcome is. */
export function warnings(before: Story, story: Story, rules: Rules): readonly string[] {
  const { successor } = story;
  if (successor === before.successor || successor === undefined || successor === null) return [];
  const isLive = successor instanceof HttpError || !isEnd(successor.state);
  return isLive ? [inItsPlace(story, rules)] : [];
}

/** What an event has made known, for those who watch. */
export function news(before: Story, { look, previous, answer, forceAnswer }: Story): readonly string[] {
  if (look !== before.look) {
    if (!look?.ok || look.over) return [];
    if (look.state !== "unknown" || look.word === previous?.word) return [look.state];
    return [`"${look.word}" is a state we do not know; it counts as not finished`, look.state];
  }
  if (answer !== before.answer) return answer?.is === "accepted" ? ["cancellation requested"] : [];
  if (forceAnswer === before.forceAnswer) return [];
  if (forceAnswer === undefined) return [];
  return [forceAnswer.is === "accepted" ? "forced stop requested" : forceAnswer.said];
}
