/**
 * One run's story, as data: what is known of it (`Story`), what happens to it (`looked`, `answered`, …), what to do
 * next (`next`), and every word that is said of it. Nothing here sends, waits, or reads a clock.
 */
import { HttpError } from "../http/client.ts";
import type { Outcome } from "../interface.ts";
import type { Force, Json, State } from "../provider.ts";
import { duration } from "../text.ts";
import { globMatches } from "./glob.ts";
import type { NewerRun } from "./listing.ts";
import { isEnd, type Look, type Observation, type Unseen } from "./look.ts";
import type { RunRecord } from "./record.ts";
import type { Classified } from "./reply.ts";
import { pinnedAttempt, type Run } from "./run.ts";
import type { Settings } from "./settings.ts";
import { holds } from "./template.ts";

/** Cancel requests for one run; further ones only after the vendor refused and two looks found the run alive. */
const maxCancels = 3;
/** Looks that may miss the run after a cancel was accepted: replicas lag. */
const maxMisses = 3;
/** First looks that may show nothing readable. */
const maxShapeless = 3;
/** Looks in a row that may fail once the run has been seen, before its cancel is sent. */
const maxFailedLooks = 2;
/** Time kept for the last look, in ms. */
const reservedForLastLook = 1500;
/** A guarded cancel whose turn comes, or that would be sent again, later than this after its look needs another look first, in ms. */
const maxObservationAge = 5000;
/** First wait between looks and the longest one, in ms. */
const firstPause = 2000;
const maxPause = 15_000;
/** States of a job that has not begun. */
const notStarted: ReadonlySet<State> = new Set(["queued", "blocked", "skipped"]);

/** What does not change while the story goes on. */
export interface Rules {
  readonly run: Run;
  readonly settings: Settings;
  /** Monotonic time at which the step ends. */
  readonly deadline: number;
  /** This step is part of the run. */
  readonly isSelf: boolean;
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
}

/** What a reply to the cancel means. */
export type Answer =
  | { readonly is: "accepted"; readonly withReason: boolean }
  /** A plain no; perhaps about a state that passes. */
  | { readonly is: "refused"; readonly said: string; readonly conflict: boolean }
  /** It may have arrived. */
  | { readonly is: "unknown"; readonly said: string }
  /** The credential may not; `explicable`: it is worth asking why. */
  | { readonly is: "denied"; readonly said: string; readonly explicable: boolean }
  /** No such cancel will ever be taken. */
  | { readonly is: "impossible"; readonly said: string };

/** What a reply to the forced stop means. */
export type ForceAnswer =
  | { readonly is: "accepted" }
  | { readonly is: "refused"; readonly said: string }
  /** It may have arrived. */
  | { readonly is: "unknown"; readonly said: string };

export interface Job {
  readonly name: string;
  readonly state: State;
}

/** What is known of a run. */
export interface Story {
  /** What it has turned into, if it has. */
  readonly run: Run | undefined;
  /** What happened last. */
  readonly last: "nothing" | "look" | "cancel" | "force" | "rest";
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
  /** The jobs that the run had at an observation, or why they could not be listed. */
  readonly jobs: { readonly at: Observation; readonly listed: readonly Job[] | HttpError } | undefined;
  /** When the turn came to send the cancel that is due; undefined once it is sent, or given back. */
  readonly turnAt: number | undefined;
  /** Cancels sent, and the answer to the latest one. */
  readonly asks: number;
  readonly answer: Answer | undefined;
  readonly acceptedAt: number | undefined;
  readonly reasonRecorded: boolean;
  /** Looks since a cancel that have found the run alive: any, and while none was accepted. */
  readonly aliveSinceAsked: boolean;
  readonly aliveUnaccepted: number;
  readonly followed: Observation | undefined;
  readonly allStarted: boolean;
  /** Something that starts runs has not done so yet. */
  readonly pending: boolean;
  /** Why what the run started is not known. */
  readonly unfollowed: string | undefined;
  /** What was begun in its place, null if nothing was, or why that cannot be told; undefined until asked. */
  readonly successor: NewerRun | HttpError | null | undefined;
  /** What the vendor says of a credential that was refused; undefined until asked, empty if it does not say. */
  readonly explanation: string | undefined;
  readonly forces: number;
  readonly forceAnswer: ForceAnswer | undefined;
  readonly forced: boolean;
  readonly forceRefused: string | undefined;
  readonly confirmed: "status-only" | undefined;
  readonly ending:
    | { readonly outcome: Outcome; readonly detail: string; readonly isMismatch: boolean; readonly at: number }
    | undefined;
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
  answer: undefined,
  acceptedAt: undefined,
  reasonRecorded: false,
  aliveSinceAsked: false,
  aliveUnaccepted: 0,
  followed: undefined,
  allStarted: false,
  pending: false,
  unfollowed: undefined,
  successor: undefined,
  explanation: undefined,
  forces: 0,
  forceAnswer: undefined,
  forced: false,
  forceRefused: undefined,
  confirmed: undefined,
  ending: undefined,
};

// What to do next

export type Step =
  | { readonly do: "look" }
  /** Ask which of the run's jobs have started. */
  | { readonly do: "list-jobs"; readonly observation: Observation }
  /** Ask what the run has started. */
  | { readonly do: "follow"; readonly observation: Observation }
  /** Ask whether the vendor has begun another one in its place. */
  | { readonly do: "find-successor"; readonly observation: Observation }
  /** Wait until the server may be sent another change. */
  | { readonly do: "turn" }
  /** `retryUntil`: monotonic time after which the client must not send it again by itself. */
  | { readonly do: "cancel"; readonly retryUntil: number }
  | { readonly do: "force"; readonly force: Force }
  | { readonly do: "rest"; readonly until: number }
  /** Ask the vendor what is wrong with the credential. */
  | { readonly do: "explain" }
  | End;

/** `isMismatch`: a selected run no longer matches. */
export interface End {
  readonly do: "end";
  readonly outcome: Outcome;
  readonly detail: string;
  readonly isMismatch: boolean;
}

const end = (outcome: Outcome, detail = "", isMismatch = false): End => ({ do: "end", outcome, detail, isMismatch });

export function next(story: Story, rules: Rules, now: Now): Step {
  const { isSelf, settings, spell } = rules;
  if (isSelf && !settings.self)
    return end("refused", `this step belongs to that run; ${spell("self")} allows cancelling it`);
  if (story.last === "cancel") return afterAnswer(story, rules, now);
  if (story.last === "force") return rest(story, rules, now);
  if (story.last !== "look" || story.look === undefined) return lookAgain(story, now);
  if (story.look.ok) return afterObservation(story.look, story, rules, now);
  return story.asks === 0 ? beforeCancel(story.look, story, rules, now) : afterMiss(story.look, story, rules, now);
}

function lookAgain(story: Story, now: Now): Step {
  return now.interrupted && story.asks > 0 ? interrupted(story) : { do: "look" };
}

function afterAnswer(story: Story, rules: Rules, now: Now): Step {
  const { answer } = story;
  if (answer?.is === "impossible") return end("failed", answer.said);
  if (answer?.is === "denied")
    return answer.explicable ? denied(answer.said, story, rules) : end("refused", answer.said);
  return lookAgain(story, now);
}

function afterObservation(seen: Observation, story: Story, rules: Rules, now: Now): Step {
  const other = otherAttempt(seen, story, rules);
  if (other) return other;
  const first = story.asks === 0;
  const again =
    !first && !seen.over && !isAccepted(story) && story.aliveUnaccepted % 2 === 0 && story.asks < maxCancels;
  const due = first || again;
  const mismatch = due ? mismatchOf(story, rules) : undefined;
  if (due && mismatch === undefined && rules.settings.unlessJob !== undefined && story.jobs?.at !== seen)
    return { do: "list-jobs", observation: seen };
  const spared = due ? (mismatch ?? startedJob(story, rules)) : undefined;
  // What a run started may go on without it; what belongs to a spared run is spared with it.
  if (spared === undefined && rules.follows && !story.allStarted && story.followed !== seen)
    return { do: "follow", observation: seen };
  if (first && mayHaveSuccessor(seen, story, rules) && !now.interrupted)
    return { do: "find-successor", observation: seen };
  if (seen.over) return over(seen, story, rules);
  if (spared !== undefined) return end("refused", spared, mismatch !== undefined);
  if (first && rules.settings.dryRun) return end("would-cancel");
  if (due) return cancelInTurn(story, rules);
  return isAccepted(story) ? whileStopping(seen, story, rules, now) : whileRefused(story, rules, now);
}

/** It has ended before we came, in a way after which the vendor may have begun another one. */
function mayHaveSuccessor({ over: isOver, state }: Observation, story: Story, rules: Rules): boolean {
  const { successor } = (story.run ?? rules.run).target;
  return isOver && story.successor === undefined && successor?.after.includes(state) === true;
}

/** Something besides its ids decides whether the run may be cancelled. */
const isGuarded = ({ run, settings, noLongerMatches }: Rules): boolean =>
  pinnedAttempt(run) !== undefined || noLongerMatches !== undefined || settings.unlessJob !== undefined;

/** Only a look tells whether the page is that of the run with these ids. */
const isNamedByPage = ({ run }: Rules): boolean => run.address !== undefined && run.target.look.url !== undefined;

/** Why a selected run is not to be cancelled: it no longer matches. */
function mismatchOf({ observation, asks, turnAt }: Story, { noLongerMatches }: Rules): string | undefined {
  if (observation === undefined || observation.over) return undefined;
  // Our own cancel takes a run out of the states that were selected.
  if (observation.state === "cancelling" && (asks > 0 || turnAt !== undefined)) return undefined;
  return noLongerMatches?.(observation.body);
}

/** The job, if any, behind whose start the run is not to be cancelled. What cannot be told counts as started. */
function startedJob({ jobs }: Story, { settings: { unlessJob } }: Rules): string | undefined {
  if (jobs === undefined || unlessJob === undefined) return undefined;
  const { listed } = jobs;
  if (listed instanceof HttpError) return `it cannot be told whether a job ${unlessJob} has started: ${listed.message}`;
  const started = listed.find(({ name, state }) => !notStarted.has(state) && globMatches(unlessJob, name));
  return started && `its job ${started.name} has started (${started.state})`;
}

/** Its turn may take its time to come, and what guards the run may have changed by then. */
function cancelInTurn({ turnAt, seenAt }: Story, rules: Rules): Step {
  const guarded = isGuarded(rules);
  if (turnAt === undefined) return { do: "turn" };
  if (guarded && turnAt - seenAt > maxObservationAge) return { do: "look" };
  return { do: "cancel", retryUntil: guarded ? seenAt + maxObservationAge : Infinity };
}

function whileStopping(seen: Observation, story: Story, rules: Rules, now: Now): Step {
  if (!rules.settings.wait && !rules.isSelf) return end("cancelling", "not waited for");
  const force = ladder(story, rules)[story.forces];
  const due = nextForce(story, rules);
  if (!force || due === undefined || now.at < due) return rest(story, rules, now);
  const inState = force.from?.includes(seen.state) ?? true;
  const allowed = force.when === undefined || holds(force.when, seen.body) === true;
  return inState && allowed ? { do: "force", force } : rest(story, rules, now);
}

function whileRefused(story: Story, rules: Rules, now: Now): Step {
  // A 409 may be false, or about a state that passes: the run is watched to the end.
  const conflict = story.answer?.is === "refused" && story.answer.conflict && rules.settings.wait;
  return story.asks >= maxCancels && !conflict ? end("failed", unaccepted(story)) : rest(story, rules, now);
}

/** Nothing has been sent yet, and the look has shown nothing. */
function beforeCancel(unseen: Unseen, story: Story, rules: Rules, now: Now): Step {
  // Seen before, and not when its turn came: the turn was given back.
  if (story.observation !== undefined && story.failedLooks < maxFailedLooks) return { do: "look" };
  const pause = 1000 * story.shapeless;
  const mayClear = unseen.kind === "shapeless" && story.shapeless < maxShapeless && !now.interrupted;
  if (mayClear && pause < rules.deadline - now.at) return { do: "rest", until: now.at + pause };
  // Killed before the first look came back: a cancel that may be needless is better than none, one that may be wrong is not.
  const sure = !rules.settings.dryRun && !isGuarded(rules);
  if (now.interrupted && sure && !isNamedByPage(rules) && (unseen.kind === "interrupted" || unseen.kind === "no-time"))
    return cancelInTurn(story, rules);
  return cannotLook(unseen, story, rules);
}

function afterMiss(unseen: Unseen, story: Story, rules: Rules, now: Now): Step {
  if (unseen.kind === "interrupted") return lookAgain(story, now);
  // The server asks for more time than there is: to look again sooner would be to look too soon.
  if (unseen.kind === "no-time") return deadlineReached(unseen.detail, story, rules);
  const gone = unseen.kind === "not-found" && (story.misses > maxMisses || !isAccepted(story));
  return gone || unseen.kind === "denied" ? cannotLook(unseen, story, rules) : rest(story, rules, now);
}

function rest(story: Story, rules: Rules, { at, random }: Now): Step {
  const { deadline, run } = rules;
  if (deadline - at <= reservedForLastLook)
    return deadlineReached(story.look && !story.look.ok ? story.look.detail : "", story, rules);
  const first = Math.max(firstPause, run.provider.server.pace ?? 0);
  const pause = story.rests === 0 ? first : Math.min(first * 1.5 ** story.rests, maxPause);
  // A forced stop that is due but not allowed yet waits for the next look.
  const due = nextForce(story, rules) ?? 0;
  const until = Math.min(at + pause * (1 + random / 4), deadline - reservedForLastLook, due > at ? due : Infinity);
  return { do: "rest", until: Math.max(until, at + 50) };
}

const isAccepted = ({ acceptedAt }: Story): boolean => acceptedAt !== undefined;

const ladder = ({ run }: Story, rules: Rules): readonly Force[] => (run ?? rules.run).force;

/** When the next forced stop is due; undefined when there is none to come. */
function nextForce(story: Story, rules: Rules): number | undefined {
  const { acceptedAt, forces } = story;
  const { forceAfter } = rules.settings;
  if (forceAfter === undefined || acceptedAt === undefined || forces >= ladder(story, rules).length) return undefined;
  return acceptedAt + forceAfter * (forces + 1);
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
  return end("restarted", `attempt ${attempt} has begun; the cancel was meant for attempt ${story.attempt}`);
}

function over({ state, word }: Observation, story: Story, rules: Rules): Step {
  const detail = state === "unknown" ? `ended as "${word}", a word we do not know` : inItsPlace(story, rules);
  // A plain no to the cancel, and no look since that found the run alive: it was over before.
  const refused = !isAccepted(story) && story.answer?.is === "refused" && !story.aliveSinceAsked;
  if (story.asks === 0 || refused) return end("already-finished", detail);
  return end(state === "cancelled" ? "cancelled" : "finished-anyway", detail);
}

/** What goes on in the place of a run that is over, and was not named by anybody. */
function inItsPlace({ successor }: Story, { run }: Rules): string {
  const { targetName, target } = run;
  if (successor === undefined || successor === null) return "";
  if (successor instanceof HttpError) return `it cannot be told whether it was retried: ${successor.message}`;
  const retry = `it was retried as ${targetName} ${successor.id}`;
  if (isEnd(successor.state)) return `${retry}, which is over, too: ${successor.state}`;
  return `${retry}, which goes on (${successor.state}) and is not cancelled, because it was not named; name the ${target.successor?.instead ?? "other"} to stop whichever is under way`;
}

/** It cannot be looked at. */
function cannotLook({ kind, detail }: Unseen, story: Story, rules: Rules): Step {
  if (isAccepted(story)) {
    const lost =
      kind === "not-found"
        ? "the run is not there any more"
        : kind === "denied"
          ? "looking at it is refused"
          : "looking at it fails";
    return end("failed", `the cancel was accepted, but then ${lost} (${detail})`);
  }
  if (kind === "denied") return denied(detail, story, rules);
  if (kind === "another-run") return end("refused", detail);
  if (kind !== "not-found") return end("failed", detail);
  return end(
    "not-found",
    `not there, or hidden from this token (${detail}); check the ids, the server and what the token may see`,
  );
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
function deadlineReached(problem: string, story: Story, rules: Rules): Step {
  const since = duration(rules.settings.timeout);
  const accepted = isAccepted(story);
  if (problem) {
    const but = accepted ? "the cancel was accepted, but " : "";
    return end("failed", `${but}it could not be confirmed within ${since}: ${problem}`);
  }
  const why = [
    `${story.observation?.state ?? "not over"} after ${since}`,
    accepted ? (story.forceRefused ?? "") : unaccepted(story),
    unforced(story, rules),
  ];
  return end("still-running", why.filter(Boolean).join("; "));
}

function interrupted(story: Story): Step {
  if (isAccepted(story)) return end("cancelling", "interrupted before a look could confirm it");
  const said = story.answer?.is === "unknown" ? ` (${story.answer.said})` : "";
  return end("failed", `interrupted before the cancel was accepted${said}`);
}

function unaccepted({ answer, asks }: Story): string {
  if (answer?.is === "refused") return `the cancel was refused ${asks === 1 ? "" : `${asks} times `}(${answer.said})`;
  if (answer?.is === "accepted") return "the cancel was accepted before it became another run";
  return `it is not known whether the cancel arrived: ${answer?.said ?? ""}`;
}

/** Why a forced stop that was asked for was not sent, where the user can change that. */
function unforced(story: Story, rules: Rules): string {
  const { run, settings, deadline, spell } = rules;
  if (settings.forceAfter === undefined || story.forces > 0) return "";
  const input = spell("force-after");
  if (ladder(story, rules).length === 0)
    return `${input} has no effect: ${run.provider.name} has no forced stop of a ${run.targetName}`;
  return deadline <= (nextForce(story, rules) ?? 0) ? `${spell("timeout")} ended before ${input}` : "";
}

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
  const acceptedAt = look.became && look.state !== "cancelling" ? undefined : story.acceptedAt;
  const alive = story.asks > 0 && !look.over;
  return {
    ...after,
    observation: look,
    run: look.became ?? story.run,
    previous: story.observation,
    attempt: look.became ? look.attempt : (story.attempt ?? look.attempt),
    seenAt: at,
    before: story.before ?? look.state,
    misses: 0,
    failedLooks: 0,
    acceptedAt,
    aliveSinceAsked: story.aliveSinceAsked || alive,
    aliveUnaccepted: story.aliveUnaccepted + (alive && acceptedAt === undefined && story.turnAt === undefined ? 1 : 0),
  };
}

export const jobsListed = (story: Story, at: Observation, listed: readonly Job[] | HttpError): Story => ({
  ...story,
  jobs: { at, listed },
});

/** `pending`: more is to come. */
export function followed(story: Story, observation: Observation, list: { pending: boolean } | HttpError): Story {
  const failed = list instanceof HttpError;
  return {
    ...story,
    followed: observation,
    unfollowed: failed ? `what it started cannot be listed: ${list.message}` : undefined,
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
  answer: undefined,
  turnAt: undefined,
});

export const answered = (story: Story, answer: Answer, at: number): Story => ({
  ...story,
  last: "cancel",
  answer,
  ...(answer.is === "accepted" && { acceptedAt: story.acceptedAt ?? at, reasonRecorded: answer.withReason }),
});

export const forced = (story: Story, force: Force, answer: ForceAnswer): Story => ({
  ...story,
  last: "force",
  forces: story.forces + 1,
  forceAnswer: answer,
  ...(answer.is === "accepted" && { forced: true, confirmed: force.confirmed }),
  ...(answer.is === "refused" && { forceRefused: `the forced stop was answered ${answer.said}` }),
});

/** `why`: what the vendor says is wrong with the credential. */
export const explained = (story: Story, why: string | undefined): Story => ({ ...story, explanation: why ?? "" });

export const rested = (story: Story): Story => ({
  ...story,
  last: "rest",
  rests: story.rests + (story.asks > 0 ? 1 : 0),
});

/** Ends of the story at which the run need not be over. */
const mayStartMore: ReadonlySet<Outcome> = new Set(["would-cancel", "cancelling", "still-running"]);

export function ended(story: Story, { outcome, detail, isMismatch }: End, at: number): Story {
  // A run has been stopped only if what it started has been, too.
  const incomplete = story.unfollowed !== undefined && !["refused", "not-found", "would-cancel"].includes(outcome);
  const more = story.pending && mayStartMore.has(outcome) ? "it may start other runs yet, which would go on" : "";
  if (!incomplete)
    return { ...story, ending: { outcome, detail: [detail, more].filter(Boolean).join("; "), isMismatch, at } };
  const all = [outcome, detail, story.unfollowed].filter(Boolean).join("; ");
  return { ...story, ending: { outcome: "failed", detail: all, isMismatch, at } };
}

/** What the reply to a cancel, or the lack of one, means. */
export function answerOf(reply: Classified | HttpError): Answer {
  if (reply instanceof HttpError) {
    const { kind, message: said, maybeSent } = reply;
    if (kind === "denied") return { is: "denied", said, explicable: false };
    const never = (kind === "protocol" || kind === "deadline") && !maybeSent;
    return { is: never ? "impossible" : "unknown", said };
  }
  const { kind, said, withReason, isAnswer } = reply;
  const { status } = reply.reply;
  if (kind === "ok") return { is: "accepted", withReason };
  if (kind === "denied") return { is: "denied", said, explicable: true };
  if (status === 405 || status === 501)
    return { is: "impossible", said: `the server does not take this cancel (${said})` };
  if (status >= 500 && !isAnswer) return { is: "unknown", said: `the cancel was answered ${said}` };
  return { is: "refused", said, conflict: status === 409 };
}

/** What the reply to a forced stop, or the lack of one, means. */
export function forceAnswerOf(reply: Classified | HttpError): ForceAnswer {
  if (reply instanceof HttpError) return { is: "unknown", said: reply.message };
  return reply.kind === "ok" ? { is: "accepted" } : { is: "refused", said: reply.said };
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
  if (forceAnswer?.is === "accepted") return ["forced stop requested"];
  return forceAnswer?.is === "unknown" ? [`the forced stop failed: ${forceAnswer.said}`] : [];
}
