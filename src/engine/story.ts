/**
 * One run's story, as data: what is known of it (`Story`), what happens to it (`looked`, `answered`, …), and what to do
 * next (`next`). Nothing here sends, waits, or reads a clock.
 */
import { HttpError } from "../http/client.ts";
import type { Outcome } from "../interface.ts";
import type { Force, State } from "../provider.ts";
import { duration } from "../text.ts";
import type { Look, Observation, Unseen } from "./look.ts";
import { pinnedAttempt, type Run } from "./run.ts";
import type { Judged } from "./reply.ts";
import type { Settings } from "./settings.ts";
import { holds } from "./template.ts";

/** Cancel requests for one run; further ones only after the vendor refused and two looks found the run alive. */
const maxCancels = 3;
/** Looks that may miss the run after a cancel was accepted: replicas lag. */
const maxMisses = 3;
/** First looks that may show nothing readable. */
const maxShapeless = 3;
/** Time kept for the last look, in ms. */
const reservedForLastLook = 1500;
/** A guard is asked again before a cancel whose turn comes later than this after the look, in ms. */
const maxObservationAge = 5000;
/** First wait between looks and the longest one, in ms. */
const firstPause = 2000;
const maxPause = 15_000;

/** What does not change while the story goes on. */
export interface Rules {
  readonly run: Run;
  readonly settings: Settings;
  /** Monotonic time at which the step ends. */
  readonly deadline: number;
  /** This step is part of the run. */
  readonly isSelf: boolean;
  /** Something besides its ids decides whether the run may be cancelled. */
  readonly guarded: boolean;
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
  readonly seenAt: number;
  readonly before: State | undefined;
  readonly shapeless: number;
  readonly misses: number;
  readonly rests: number;
  /** The observation that was held against what guards the run, and why the run is to be spared. */
  readonly judged: Observation | undefined;
  readonly spared: string | undefined;
  /** When the turn came to send the cancel that is due. */
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
  /** Why what the run started is not known. */
  readonly unfollowed: string | undefined;
  readonly forces: number;
  readonly forced: boolean;
  readonly forceRefused: string;
  readonly confirmed: "status-only" | undefined;
  readonly ending: { readonly outcome: Outcome; readonly detail: string; readonly at: number } | undefined;
}

export const untold: Story = {
  run: undefined,
  last: "nothing",
  look: undefined,
  observation: undefined,
  previous: undefined,
  seenAt: -Infinity,
  before: undefined,
  shapeless: 0,
  misses: 0,
  rests: 0,
  judged: undefined,
  spared: undefined,
  turnAt: undefined,
  asks: 0,
  answer: undefined,
  acceptedAt: undefined,
  reasonRecorded: false,
  aliveSinceAsked: false,
  aliveUnaccepted: 0,
  followed: undefined,
  allStarted: false,
  unfollowed: undefined,
  forces: 0,
  forced: false,
  forceRefused: "",
  confirmed: undefined,
  ending: undefined,
};

// What to do next

export type Step =
  | { readonly do: "look" }
  /** Hold the observation against what guards the run. */
  | { readonly do: "judge"; readonly observation: Observation }
  /** Ask what the run has started. */
  | { readonly do: "follow"; readonly observation: Observation }
  | { readonly do: "cancel" }
  | { readonly do: "force"; readonly force: Force }
  | { readonly do: "rest"; readonly until: number }
  /** Find out what is wrong with the credential, and end. */
  | { readonly do: "explain"; readonly detail: string }
  | { readonly do: "end"; readonly outcome: Outcome; readonly detail: string };

const end = (outcome: Outcome, detail = ""): Step => ({ do: "end", outcome, detail });

export function next(story: Story, rules: Rules, now: Now): Step {
  const { isSelf, settings, spell } = rules;
  if (isSelf && !settings.self)
    return end("refused", `this step belongs to that run; ${spell("self")} allows cancelling it`);
  if (story.last === "cancel") return afterAnswer(story, now);
  if (story.last === "force") return rest(story, rules, now);
  if (story.last !== "look" || story.look === undefined) return lookAgain(story, now);
  if (story.look.ok) return afterObservation(story.look, story, rules, now);
  return story.asks === 0
    ? beforeAnyObservation(story.look, story, rules, now)
    : afterMiss(story.look, story, rules, now);
}

function lookAgain(story: Story, now: Now): Step {
  return now.interrupted && story.asks > 0 ? interrupted(story) : { do: "look" };
}

function afterAnswer(story: Story, now: Now): Step {
  const { answer } = story;
  if (answer?.is === "impossible") return end("failed", answer.said);
  if (answer?.is === "denied")
    return answer.explicable ? { do: "explain", detail: answer.said } : end("refused", answer.said);
  return lookAgain(story, now);
}

function afterObservation(seen: Observation, story: Story, rules: Rules, now: Now): Step {
  const other = otherAttempt(seen, story, rules);
  if (other) return other;
  const first = story.asks === 0;
  const again =
    !first && !seen.over && !isAccepted(story) && story.aliveUnaccepted % 2 === 0 && story.asks < maxCancels;
  const due = first || again;
  if (due && rules.guarded && story.judged !== seen) return { do: "judge", observation: seen };
  const spared = due ? story.spared : undefined;
  // What a run started may go on without it; what belongs to a spared run is spared with it.
  if (spared === undefined && rules.follows && !story.allStarted && story.followed !== seen)
    return { do: "follow", observation: seen };
  if (seen.over) return over(seen, story);
  if (spared !== undefined) return end("refused", spared);
  if (first && rules.settings.dryRun) return end("would-cancel");
  if (due) return isStale(story, rules) ? { do: "look" } : { do: "cancel" };
  return isAccepted(story) ? whileStopping(seen, story, rules, now) : whileRefused(story, rules, now);
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
function beforeAnyObservation(unseen: Unseen, story: Story, rules: Rules, now: Now): Step {
  const pause = 1000 * story.shapeless;
  const mayClear = unseen.kind === "shapeless" && story.shapeless < maxShapeless && !now.interrupted;
  if (mayClear && pause < rules.deadline - now.at) return { do: "rest", until: now.at + pause };
  // Killed before the first look came back: a cancel that may be needless is better than none, one that may be wrong is not.
  const sure = !rules.settings.dryRun && !rules.guarded;
  if (now.interrupted && sure && (unseen.kind === "interrupted" || unseen.kind === "no-time")) return { do: "cancel" };
  return cannotLook(unseen, story);
}

function afterMiss(unseen: Unseen, story: Story, rules: Rules, now: Now): Step {
  if (unseen.kind === "interrupted") return lookAgain(story, now);
  // The server asks for more time than there is: to look again sooner would be to look too soon.
  if (unseen.kind === "no-time") return deadlineReached(unseen.detail, story, rules);
  const gone = unseen.kind === "not-found" && (story.misses > maxMisses || !isAccepted(story));
  return gone || unseen.kind === "denied" ? cannotLook(unseen, story) : rest(story, rules, now);
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

/** The turn to send a guarded cancel has taken its time to come. */
const isStale = ({ turnAt, seenAt }: Story, { guarded }: Rules): boolean =>
  guarded && turnAt !== undefined && turnAt - seenAt > maxObservationAge;

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
function otherAttempt(seen: Observation, { previous, asks }: Story, { run }: Rules): Step | undefined {
  const { attempt } = seen;
  const pinned = pinnedAttempt(run);
  if (asks === 0 && pinned !== undefined && attempt !== pinned) {
    // An attempt that is still to come is no restart: a step that stopped nothing must not look as if it need not.
    if (attempt !== undefined)
      return end(
        Number(attempt) < Number(pinned) ? "not-found" : "restarted",
        `attempt ${attempt} is the current one, attempt ${pinned} was asked for`,
      );
    if (!seen.over) return end("refused", `attempt ${pinned} was asked for, and the server does not say which this is`);
  }
  if (previous?.attempt === undefined || attempt === undefined || attempt === previous.attempt) return undefined;
  return end("restarted", `attempt ${attempt} has begun; the cancel was meant for attempt ${previous.attempt}`);
}

function over({ state, word }: Observation, story: Story): Step {
  const detail = state === "unknown" ? `ended as "${word}", a word we do not know` : "";
  // A plain no to the cancel, and no look since that found the run alive: it was over before.
  const refused = !isAccepted(story) && story.answer?.is === "refused" && !story.aliveSinceAsked;
  if (story.asks === 0 || refused) return end("already-finished", detail);
  return end(state === "cancelled" ? "cancelled" : "finished-anyway", detail);
}

/** It cannot be looked at. */
function cannotLook({ kind, detail }: Unseen, story: Story): Step {
  if (isAccepted(story)) {
    const lost =
      kind === "not-found"
        ? "the run is not there any more"
        : kind === "denied"
          ? "looking at it is refused"
          : "looking at it fails";
    return end("failed", `the cancel was accepted, but then ${lost} (${detail})`);
  }
  if (kind === "denied") return { do: "explain", detail };
  if (kind !== "not-found") return end("failed", detail);
  return end(
    "not-found",
    `not there, or hidden from this token (${detail}); check the ids, the server and what the token may see`,
  );
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
    accepted ? story.forceRefused : unaccepted(story),
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
    };
  if (Number(look.attempt) < Number(story.observation?.attempt)) {
    const detail = `the server shows attempt ${look.attempt ?? ""}, which is an earlier one`;
    return { ...after, look: { ok: false, kind: "unclear", detail } };
  }
  // What it has become nobody has asked to stop.
  const acceptedAt = look.became && look.state !== "cancelling" ? undefined : story.acceptedAt;
  const alive = story.asks > 0 && !look.over;
  return {
    ...after,
    observation: look,
    run: look.became ?? story.run,
    previous: story.observation,
    seenAt: at,
    before: story.before ?? look.state,
    misses: 0,
    acceptedAt,
    aliveSinceAsked: story.aliveSinceAsked || alive,
    aliveUnaccepted: story.aliveUnaccepted + (alive && acceptedAt === undefined && story.turnAt === undefined ? 1 : 0),
  };
}

export const judged = (story: Story, observation: Observation, spared: string | undefined): Story => ({
  ...story,
  judged: observation,
  spared,
});

/** `unfollowed`: why what it started cannot be listed. */
export const followed = (story: Story, observation: Observation, pending: boolean, unfollowed?: string): Story => ({
  ...story,
  followed: observation,
  unfollowed,
  allStarted: unfollowed === undefined && !pending && story.asks > 0,
});

/** It is our turn to send the cancel. */
export const turned = (story: Story, at: number): Story => ({ ...story, turnAt: at });

/** It could not be seen once more when the turn came: the cancel waits for a look that shows it. */
export const postponed = (story: Story): Story => ({ ...story, last: "rest", turnAt: undefined });

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

/** `refused`: what the server said, if not yes. */
export const forced = (story: Story, force: Force, refused: string | undefined, lost = false): Story => ({
  ...story,
  last: "force",
  forces: story.forces + 1,
  ...(refused === undefined && !lost && { forced: true, confirmed: force.confirmed }),
  ...(refused !== undefined && { forceRefused: refused }),
});

export const rested = (story: Story): Story => ({
  ...story,
  last: "rest",
  rests: story.rests + (story.asks > 0 ? 1 : 0),
});

export function ended(story: Story, outcome: Outcome, detail: string, at: number): Story {
  // A run has been stopped only if what it started has been, too.
  const incomplete = story.unfollowed !== undefined && !["refused", "not-found", "would-cancel"].includes(outcome);
  const ending = incomplete
    ? ({ outcome: "failed", detail: [outcome, detail, story.unfollowed].filter(Boolean).join("; "), at } as const)
    : { outcome, detail, at };
  return { ...story, ending };
}

/** What the reply to a cancel, or the lack of one, means. */
export function answerOf(reply: Judged | HttpError): Answer {
  if (reply instanceof HttpError) {
    const { kind, message: said, maybeSent } = reply;
    if (kind === "denied") return { is: "denied", said, explicable: false };
    const never = (kind === "protocol" || kind === "deadline") && !maybeSent;
    return { is: never ? "impossible" : "unknown", said };
  }
  const { kind, said, withReason } = reply;
  const { status } = reply.reply;
  if (kind === "ok") return { is: "accepted", withReason };
  if (kind === "denied") return { is: "denied", said, explicable: true };
  if (status === 405 || status === 501)
    return { is: "impossible", said: `the server does not take this cancel (${said})` };
  if (status >= 500) return { is: "unknown", said: `the cancel was answered ${said}` };
  return { is: "refused", said, conflict: status === 409 };
}
