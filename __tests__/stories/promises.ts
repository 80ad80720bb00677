/** What every story keeps to, said of what has happened and of the step that is next; nothing here asks the story. */
import type { End, Rules, Step } from "../../src/engine/story.ts";
import { HttpError } from "../../src/http/client.ts";
import type { Facts } from "./walk.ts";
import { untouched } from "./worlds.ts";

export interface Promised<S> {
  readonly says: string;
  readonly holds: (facts: Facts, step: S) => boolean;
}

type Of<D extends Step["do"]> = Extract<Step, { readonly do: D }>;

/** A look before a cancel, or before it is sent again, may be this old when that leaves, in ms; so may be the list of its jobs. */
const oldest = 5000;
/** Where the cancel may rewrite a run that is over. */
const oldestBeforeRewrite = 500;
/** Steps that a story may take before it waits or ends. */
const mostRestless = 20;

const isAccepted = ({ acceptedAt }: Facts): boolean => acceptedAt !== undefined;
const seesIt = ({ latest }: Facts): boolean => latest?.ok === true;
const seesItOver = ({ latest }: Facts): boolean => latest?.ok === true && latest.over;
const seesItAlive = ({ latest }: Facts): boolean => latest?.ok === true && !latest.over;

/** The cancel may change how a run has ended. */
const mayRewrite = ({ run }: Rules): boolean => run.target.cancel.rewrites === true;

const isGuarded = ({ world: { rules } }: Facts): boolean =>
  rules.settings.unlessJob !== undefined ||
  rules.noLongerMatches !== undefined ||
  rules.run.ids["attempt"] !== undefined ||
  mayRewrite(rules);

/** When the next forced stop is due. */
function dueAt({ countsFrom, forces, world }: Facts): number {
  const { forceAfter } = world.rules.settings;
  return forceAfter === undefined || countsFrom === undefined ? Infinity : countsFrom + forceAfter * (forces + 1);
}

/** A cancel that was refused has not stopped the run: that is for looks to find. */
const mayBeForced = (facts: Facts): boolean => isAccepted(facts) || facts.aliveSinceCounting >= 2;

/** The server has said that there is no such call. */
const isFinal = ({ answer }: Facts): boolean => answer?.is === "refused" && answer.final === true;

/** The latest cancel met a server that could not take it. */
const isRestarting = ({ answer }: Facts): boolean => answer?.is === "unknown" && answer.isRestarting;

/** The vendor's cancel leaves the run as it is. */
const isUntouched = ({ latest }: Facts): boolean => latest?.ok === true && latest.word === untouched;

/** The latest cancel did not leave, and there is no point in, or no time for, another one. */
const isCutOff = ({ unsent }: Facts): boolean =>
  unsent !== undefined && (unsent.unreachable >= 3 || unsent.why === "interrupted");

/** Nobody has answered the latest cancel, and no look has shown the run since. */
const isOutstanding = ({ answer, shown }: Facts): boolean =>
  answer?.is === "unknown" && !answer.answered && shown === 0;

/** How long what has been seen may count for a change. */
const goodUntil = ({ seenAt, jobs, world }: Facts): number =>
  Math.min(seenAt + (mayRewrite(world.rules) ? oldestBeforeRewrite : oldest), (jobs?.at ?? Infinity) + oldest);

/** There is no time for a look. */
const isInHaste = (facts: Facts): boolean => facts.interrupted && !isGuarded(facts);

/** By the reply to the cancel, with nothing since that says otherwise. */
const isCancelledByReply = (facts: Facts): boolean =>
  facts.shownOver && (facts.world.rules.isSelf !== false || facts.interrupted);

/** Whether the latest observation is of the attempt that the story began with, as far as it says. */
const isSameAttempt = ({ seen, attempt }: Facts): boolean =>
  seen?.attempt === undefined || attempt === undefined || seen.attempt === attempt;

/** By the latest observation, a selected run is elsewhere. Our own cancel may have taken it there. */
const isElsewhere = ({ world, seen, cancels, turnAt }: Facts): boolean =>
  world.rules.noLongerMatches !== undefined &&
  seen !== undefined &&
  !seen.over &&
  !(seen.state === "cancelling" && (cancels > 0 || turnAt !== undefined)) &&
  !(seen.body as { matches: boolean }).matches;

/** Nobody could say what jobs the run has, or not in time. */
const areUntold = ({ jobs }: Facts): boolean => jobs?.list instanceof HttpError || (jobs?.slow ?? 0) >= 3;

const hasStarted = ({ jobs }: Facts): boolean =>
  jobs !== undefined &&
  (jobs.list instanceof HttpError ||
    jobs.slow >= 3 ||
    jobs.list.some(({ name, state }) => name === "deploy" && state !== "queued"));

/** The guards have been asked about what the latest look has shown, and let it pass. */
const isPastGuards = (facts: Facts): boolean => {
  const { world, jobs, seen, cancels, at } = facts;
  const { settings, run } = world.rules;
  if (isElsewhere(facts)) return false;
  if (cancels === 0 && run.ids["attempt"] !== undefined && seen?.attempt !== run.ids["attempt"]) return false;
  return settings.unlessJob === undefined || (jobs !== undefined && at - jobs.at <= oldest && !hasStarted(facts));
};

/** The words in a detail are those of the latest look, cancel and list. */
function isFresh(
  { detail }: End,
  { looks, cancels, unsent, jobLists, follow, successors, acceptedAt }: Facts,
): boolean {
  const latest: Readonly<Record<string, number | undefined>> = {
    look: looks,
    // One that was accepted has no words.
    cancel: acceptedAt === undefined ? cancels : undefined,
    unsent: unsent?.number,
    jobs: jobLists,
    follow: follow?.number,
    successor: successors,
  };
  return [...detail.matchAll(/\[(\w+) (\d+)\]/g)].every(
    ([, what, number]) => what === "force" || latest[what ?? ""] === Number(number),
  );
}

/** What changes something at the server. */
const change: readonly Promised<Step>[] = [
  {
    says: "nothing is sent once a person has stopped it",
    holds: ({ world, interrupted }) => !(world.stopped && interrupted),
  },
  { says: "a dry run sends nothing", holds: ({ world }) => !world.rules.settings.dryRun },
  {
    says: "our own run is not cancelled unless allowed",
    holds: ({ world: { rules } }) => !rules.isSelf || rules.settings.self,
  },
  { says: "nothing is sent to a run seen over", holds: (facts) => !facts.seen?.over },
  { says: "nothing is sent to another attempt than the one named, or first seen", holds: isSameAttempt },
  { says: "a cancel that did not leave is followed by a look", holds: ({ unsent }) => unsent?.seen !== false },
];

/** What takes its time since the look is a turn, a list, or a wait for the server. */
const soon: Promised<Step> = {
  says: "what is sent is sent soon after a look, unless we are killed and nothing guards the run",
  holds: (facts) => isInHaste(facts) || facts.at <= goodUntil(facts),
};

const rest: readonly Promised<Of<"rest">>[] = [
  { says: "nobody waits for a run seen over", holds: (facts) => !seesItOver(facts) },
  {
    says: "a wait ends in the future, before the deadline",
    holds: ({ at, world }, { until }) => until >= at + 50 && until <= world.rules.deadline,
  },
  {
    says: "who does not want to wait does not",
    holds: (facts) =>
      facts.world.rules.settings.wait ||
      facts.world.rules.isSelf !== false ||
      !isAccepted(facts) ||
      !seesItAlive(facts),
  },
  { says: "nobody waits with a run that is another attempt", holds: isSameAttempt },
  {
    says: "a forced stop that is due, and that the vendor takes, is sent",
    holds: (facts) => {
      const force = facts.run.force[facts.forces];
      const isTaken = seesItAlive(facts) && mayBeForced(facts) && (force?.from?.includes(facts.seen!.state) ?? true);
      // Right after another one a look comes first.
      return force === undefined || !isTaken || facts.forcedSinceLook || facts.at < dueAt(facts);
    },
  },
];

/** What comes of a forced stop is looked at before anything else is done. */
const unclear: Promised<Step> = {
  says: "a forced stop that may have had an effect is followed by a look",
  holds: ({ unclearForce }) => !unclearForce,
};

const goesOn: readonly Promised<Step>[] = [
  { says: "every story waits, or ends, in the end", holds: ({ restless }) => restless <= mostRestless },
  {
    says: "our own run is left alone at once unless allowed",
    holds: ({ world: { rules } }) => !rules.isSelf || rules.settings.self,
  },
];

/** A selected run that is none of those any more, or in which the job is known to have started, before anything was sent. */
const isLeftAlone = (facts: Facts): boolean =>
  facts.world.rules.noLongerMatches !== undefined &&
  facts.cancels === 0 &&
  seesIt(facts) &&
  (isElsewhere(facts) || (hasStarted(facts) && !areUntold(facts)));

/** What an outcome says is true. */
const truths: Readonly<Record<string, (facts: Facts, end: End) => boolean>> = {
  "cancelled: we asked, and the latest look says so": (facts, { outcome }) =>
    outcome !== "cancelled" ||
    (facts.cancels > 0 && seesItOver(facts) && facts.seen?.state === "cancelled") ||
    isCancelledByReply(facts),
  "cancelled: not by a cancel that was plainly refused, unless the run was seen alive since": (facts, { outcome }) =>
    outcome !== "cancelled" || facts.answer?.is !== "refused" || facts.mayHaveWorked || facts.aliveSinceFirst > 0,
  "already-finished: it is over, and no cancel had an effect": (facts, { outcome }) =>
    outcome !== "already-finished" ||
    (seesItOver(facts) &&
      (facts.cancels === 0 || (facts.answer?.is === "refused" && facts.aliveSinceFirst === 0 && !facts.mayHaveWorked))),
  "finished-anyway: we asked, and it is over in another way": (facts, { outcome }) =>
    outcome !== "finished-anyway" || (facts.cancels > 0 && seesItOver(facts) && facts.seen?.state !== "cancelled"),
  "still-running: the deadline is near, and the latest look found it alive": (facts, { outcome }) =>
    outcome !== "still-running" || (seesItAlive(facts) && facts.at >= facts.world.rules.deadline - 2000),
  "cancelling: accepted, and nobody waits or we are killed, or killed before an answer came": (facts, { outcome }) =>
    outcome !== "cancelling" ||
    (isAccepted(facts) && (!facts.world.rules.settings.wait || facts.interrupted)) ||
    (facts.interrupted && facts.cancels > 0 && isOutstanding(facts)),
  "refused: never after an accepted cancel": (facts, { outcome }) => outcome !== "refused" || !isAccepted(facts),
  "refused: a guard, a credential or our own run is the cause": (facts, { outcome }) =>
    outcome !== "refused" ||
    facts.world.rules.isSelf !== false ||
    isElsewhere(facts) ||
    hasStarted(facts) ||
    facts.answer?.is === "denied" ||
    (facts.latest?.ok === false && facts.latest.kind === "denied") ||
    (facts.attempt !== undefined && seesIt(facts) && facts.seen?.attempt === undefined),
  "refused: not a selected run that is left alone as we were told to": (facts, { outcome }) =>
    outcome !== "refused" || !isLeftAlone(facts) || facts.world.rules.isSelf !== false || facts.answer?.is === "denied",
  "spared: a selected run, alive, that nothing was sent to, and that we were told to leave alone": (
    facts,
    { outcome },
  ) => outcome !== "spared" || (seesItAlive(facts) && isLeftAlone(facts)),
  "restarted: a look shows another attempt": (facts, { outcome }) =>
    outcome !== "restarted" || (seesIt(facts) && !isSameAttempt(facts)),
  "not-found: the latest look did not find it, or its attempt is still to come": (facts, { outcome }) =>
    outcome !== "not-found" ||
    (facts.latest?.ok === false && facts.latest.kind === "not-found") ||
    (seesIt(facts) && Number(facts.seen?.attempt) < Number(facts.attempt)),
  "would-cancel: a dry run of a run seen alive": (facts, { outcome }) =>
    outcome !== "would-cancel" || (facts.world.rules.settings.dryRun && seesItAlive(facts) && isPastGuards(facts)),
};

/** What has been seen is said. */
const candor: Readonly<Record<string, (facts: Facts, end: End) => boolean>> = {
  "who is killed before an answer came says that it has asked": (facts, { outcome }) =>
    !facts.interrupted || facts.cancels === 0 || !isOutstanding(facts) || isAccepted(facts) || outcome !== "failed",
  "it is said what the cancel may have done to another attempt": (facts, { outcome, detail }) => {
    if (outcome !== "restarted" || facts.attempt === undefined || facts.world.rules.run.ids["attempt"]) return true;
    if (facts.cancels === 0) return detail.includes("was not sent");
    const is = `attempt ${facts.seen?.attempt ?? ""} is ${facts.seen?.state ?? ""}`;
    if (["cancelled", "cancelling"].includes(facts.seen?.state ?? "")) return detail.includes(is);
    return facts.shown > 1 || detail.includes("may have reached");
  },
  "the detail has no stale words": (facts, end) => isFresh(end, facts),
  "a run seen cancelled after an accepted cancel is cancelled": (facts, { outcome }) =>
    !(isAccepted(facts) && seesItOver(facts) && facts.seen?.state === "cancelled" && isSameAttempt(facts)) ||
    outcome === "cancelled",
  "our own run is cancelled if the reply to the cancel showed that, and looking is not allowed after it": (
    facts,
    { outcome },
  ) =>
    !facts.world.rules.isSelf ||
    !facts.shownOver ||
    facts.latest?.ok !== false ||
    facts.latest.kind !== "denied" ||
    outcome === "cancelled",
  "a run seen over is over": (facts, { outcome }) =>
    !seesItOver(facts) ||
    !isSameAttempt(facts) ||
    ["cancelled", "already-finished", "finished-anyway"].includes(outcome) ||
    facts.world.rules.run.ids["attempt"] !== undefined,
  "a run seen in another attempt has restarted": (facts, { outcome }) =>
    !seesIt(facts) || isSameAttempt(facts) || ["restarted", "not-found"].includes(outcome),
  "a run that is alive, and nothing keeps from being cancelled, is asked to stop": (facts, { outcome }) =>
    !seesItAlive(facts) || facts.cancels > 0 || outcome !== "failed" || isCutOff(facts),
  "a run is given up on while alive only after three cancels, or one that can never be taken": (facts, { outcome }) =>
    !seesItAlive(facts) ||
    outcome !== "failed" ||
    (facts.cancels >= 3 && !(isRestarting(facts) && facts.world.rules.settings.wait)) ||
    isFinal(facts) ||
    facts.answer?.is === "impossible" ||
    (isAccepted(facts) && isUntouched(facts)) ||
    isCutOff(facts) ||
    facts.interrupted,
  "a run that is refused for the state that it is in is given up on only if it has not begun, and nothing else was said":
    (facts, { outcome }) => {
      const { answer, seen, world, same } = facts;
      if (outcome !== "failed" || !seesItAlive(facts) || isAccepted(facts) || facts.interrupted) return true;
      if (isCutOff(facts)) return true;
      if (answer?.is !== "refused" || !answer.conflict || !world.rules.settings.wait) return true;
      return seen?.state === "queued" && same !== undefined && same.times >= 3;
    },
  "a run is not given up on while a forced stop that it may get is still to come": (facts, { outcome }) => {
    const { world, run, forces, seen } = facts;
    const force = run.force[forces];
    const isTaken = force !== undefined && (force.from?.includes(seen?.state ?? "unknown") ?? true);
    const isInTime = dueAt(facts) < world.rules.deadline - 2000;
    return (
      outcome !== "failed" ||
      !seesItAlive(facts) ||
      isUntouched(facts) ||
      isFinal(facts) ||
      isCutOff(facts) ||
      facts.interrupted ||
      facts.answer?.is === "impossible" ||
      !world.rules.settings.wait ||
      !(isTaken && isInTime)
    );
  },
  "a forced stop that was wanted and not sent is explained": ({ world, forces, cancels }, { outcome, detail }) =>
    world.rules.settings.forceAfter === undefined ||
    forces > 0 ||
    cancels === 0 ||
    outcome !== "still-running" ||
    /forced stop|force-after/.test(detail),
  "that there is a forced stop is said to who has asked for none": (facts, { outcome, detail }) =>
    outcome !== "still-running" ||
    facts.world.rules.settings.forceAfter !== undefined ||
    facts.countsFrom === undefined ||
    facts.run.force[0]?.from?.includes(facts.seen!.state) === false ||
    detail.includes("force-after would use"),
  "a run is gone only if four looks in a row did not find it, once the cancel was accepted": (
    facts,
    { outcome, detail },
  ) => outcome !== "failed" || !detail.includes("no longer there") || facts.misses >= 4,
  "a run is not given up on for an unreadable first look": (facts, { outcome }) =>
    facts.cancels > 0 ||
    outcome !== "failed" ||
    facts.seen !== undefined ||
    facts.interrupted ||
    facts.latest?.ok !== false ||
    facts.latest.kind !== "shapeless" ||
    facts.shapeless >= 3,
  "who is killed, but not by a person, before the first look comes back sends the cancel, if nothing guards the run": (
    facts,
  ) =>
    !facts.interrupted ||
    facts.world.stopped === true ||
    facts.cancels > 0 ||
    isCutOff(facts) ||
    isGuarded(facts) ||
    facts.world.rules.settings.dryRun ||
    facts.world.rules.isSelf !== false ||
    facts.latest?.ok !== false ||
    !["interrupted", "no-time"].includes(facts.latest.kind),
};

const said = (all: Readonly<Record<string, (facts: Facts, end: End) => boolean>>): Promised<End>[] =>
  Object.entries(all).map(([says, holds]) => ({ says, holds }));

export const promises: { readonly [D in Step["do"]]: readonly Promised<Of<D>>[] } = {
  look: goesOn,
  "list-jobs": [
    ...goesOn,
    {
      says: "the jobs of a run are asked for once in a while",
      holds: ({ jobs, at }) => jobs === undefined || at - jobs.at > oldest,
    },
  ],
  follow: [
    ...goesOn,
    { says: "what another attempt has started is left alone", holds: isSameAttempt },
    { says: "what a spared run has started is left alone", holds: (facts) => facts.cancels > 0 || isPastGuards(facts) },
    {
      says: "what a run has started is asked for once a look, and once before the cancel of a run that is alive",
      holds: ({ follow, looks, cancels, latest }) =>
        follow === undefined || (follow.look !== looks && (cancels > 0 || (latest?.ok === true && latest.over))),
    },
  ],
  "find-successor": [
    ...goesOn,
    {
      says: "a retry is looked for once, and only where the run was over before anything was sent",
      holds: ({ seen, cancels, successors }) => seen?.over === true && cancels === 0 && successors === 0,
    },
  ],
  turn: [...goesOn, ...change, unclear],
  cancel: [
    ...goesOn,
    unclear,
    ...change,
    soon,
    { says: "a cancel has its turn", holds: ({ turnAt, seenAt }) => turnAt !== undefined || seenAt > 0 },
    { says: "an accepted cancel is not sent again", holds: (facts) => !isAccepted(facts) },
    { says: "a call that the server does not have is not made again", holds: (facts) => !isFinal(facts) },
    {
      says: "three cancels are sent at most, but to a server that restarts",
      holds: (facts) => facts.cancels < 3 || (facts.world.rules.settings.wait && isRestarting(facts)),
    },
    {
      says: "a cancel is sent again only after two looks that found the run alive",
      holds: ({ cancels, alive }) => cancels === 0 || alive >= 2,
    },
    {
      says: "a cancel follows a look that showed the run, unless we are killed and nothing guards it",
      holds: (facts) => seesIt(facts) || (facts.interrupted && !isGuarded(facts)),
    },
    { says: "no cancel goes past a guard", holds: (facts) => !isGuarded(facts) || isPastGuards(facts) },
    {
      says: "the client does not send a cancel again once its look is old",
      holds: (facts, { retryUntil }) => isInHaste(facts) || retryUntil <= goodUntil(facts),
    },
  ],
  force: [
    ...goesOn,
    ...change,
    soon,
    unclear,
    { says: "a forced stop has its turn", holds: ({ turnAt }) => turnAt !== undefined },
    {
      says: "a forced stop comes only after a cancel that was answered",
      holds: ({ countsFrom }) => countsFrom !== undefined,
    },
    {
      says: "a forced stop comes after a refused cancel only if two looks since then found the run alive",
      holds: mayBeForced,
    },
    {
      says: "no forced stop goes past a guard, unless the cancel was accepted",
      holds: (facts) => isAccepted(facts) || !isGuarded(facts) || isPastGuards(facts),
    },
    {
      says: "the client does not send a forced stop once its look is old",
      holds: (facts, { retryUntil }) => retryUntil <= goodUntil(facts),
    },
    { says: "a forced stop follows a look that found the run alive", holds: seesItAlive },
    {
      says: "each forced stop is sent once, in order, and not before it is due",
      holds: (facts, { force }) => facts.at >= dueAt(facts) && force === facts.run.force[facts.forces],
    },
    {
      says: "a forced stop is sent in the states in which the vendor takes it",
      holds: ({ seen }, { force }) => force.from?.includes(seen!.state) ?? true,
    },
  ],
  rest: [
    ...goesOn,
    ...rest,
    unclear,
    {
      says: "nobody waits for a run seen alive when the server has no cancel",
      holds: (facts) => !isFinal(facts) || isAccepted(facts) || !seesItAlive(facts),
    },
    {
      says: "nobody waits for a run that the vendor's cancel leaves as it is",
      holds: (facts) => !isAccepted(facts) || !isUntouched(facts) || facts.forcedSinceLook,
    },
  ],
  explain: [
    ...goesOn,
    { says: "what is wrong with the credential is asked once", holds: ({ explained }) => !explained },
  ],
  end: [...said(truths), ...said(candor)],
};
