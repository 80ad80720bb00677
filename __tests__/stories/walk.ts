/**
 * Walks every story of a run up to a depth: all replies to every look, cancel, force and list, in every order. What has
 * happened is written down here once more, by the replies alone, so that the promises need not believe the story.
 */
import type { Look, Observation } from "../../src/engine/look.ts";
import type { Run } from "../../src/engine/run.ts";
import type { Outcome } from "../../src/interface.ts";
import type * as engineModule from "../../src/engine/story.ts";
import type { Answer, End, ForceAnswer, Now, Step, Story, Unsent } from "../../src/engine/story.ts";
import { HttpError } from "../../src/http/client.ts";
import { promises } from "./promises.ts";
import { answers, followLists, forceAnswers, jobLists, successorReplies, type World } from "./worlds.ts";

export type Engine = typeof engineModule;

/** What has happened, by the replies. */
export interface Facts {
  readonly world: World;
  readonly at: number;
  readonly interrupted: boolean;
  /** The run, or what it has become. */
  readonly run: Run;
  readonly looks: number;
  readonly latest: Look | undefined;
  /** The latest look that showed the run, and the first attempt that one did. */
  readonly seen: Observation | undefined;
  readonly seenAt: number;
  readonly attempt: string | undefined;
  /** Looks in a row that did not find the run. */
  readonly misses: number;
  readonly shapeless: number;
  readonly turnAt: number | undefined;
  readonly cancels: number;
  readonly answer: Exclude<Answer, Unsent> | undefined;
  /** The latest cancel did not leave: how many have not, how many in a row for want of a way, and whether a look has followed. */
  readonly unsent:
    | { readonly number: number; readonly why: Unsent["why"]; readonly unreachable: number; readonly seen: boolean }
    | undefined;
  /** When a cancel, or a forced stop, was first accepted for the run as it is now. */
  readonly acceptedAt: number | undefined;
  /** When the cancel was accepted, or first refused though the credential may: a forced stop counts from there. */
  readonly countsFrom: number | undefined;
  /** Looks that found the run alive since then. */
  readonly aliveSinceCounting: number;
  /** The reply to the cancel showed the run over, and no look since has shown it. */
  readonly shownOver: boolean;
  /** How often in a row the cancel was refused in the same words, and which. */
  readonly same: { readonly said: string; readonly times: number } | undefined;
  /** Some cancel was accepted, or may have been. */
  readonly mayHaveWorked: boolean;
  /** Looks that found the run alive since the latest cancel, and since the first. */
  readonly alive: number;
  readonly aliveSinceFirst: number;
  /** Looks that have shown the run since the latest cancel. */
  readonly shown: number;
  /**
   * The latest list of jobs, when its first page came, and how many were too old as their last one came; none of before the
   * latest cancel, or of what the run was before.
   */
  readonly jobs:
    { readonly at: number; readonly list: ReturnType<(typeof jobLists)[0]["give"]>; readonly slow: number } | undefined;
  readonly jobLists: number;
  readonly successors: number;
  readonly follow: { readonly number: number; readonly look: number; readonly failed: boolean } | undefined;
  readonly forces: number;
  readonly forcedSinceLook: boolean;
  /** It is not known whether the latest forced stop, which no look has followed, had an effect. */
  readonly unclearForce: boolean;
  readonly explained: boolean;
  /** Steps since time has last passed on purpose. */
  readonly restless: number;
  /** The number of the reply to the latest look. */
  readonly reply: number;
  readonly path: Path | undefined;
}

interface Path {
  readonly hop: string;
  readonly before: Path | undefined;
}

export interface Walk {
  stories: number;
  steps: number;
  /** Each broken promise, and the first story that breaks it. */
  readonly broken: Map<string, string>;
  readonly outcomes: Map<string, number>;
}

export const newWalk = (): Walk => ({ stories: 0, steps: 0, broken: new Map(), outcomes: new Map() });

/** Times that things take, in ms. */
const took = { look: 100, cancel: 200, list: 50, slowList: 6000, lateTurn: 6000, slowTurn: 1000 };
/** Steps to the end that a story may take whose server always replies the same. */
const longest = 200;
/** Of so many stories that are cut at the depth, one is told to its end. */
const every = 50;
/** What a server may go on replying, besides its latest look: answers by their number. */
const stubborn = { looks: ["running", "queued", "not-found"], answers: [0, 1, 2, 3, 4, 5, 11, 13] };

const nowOf = ({ at, interrupted, world }: Facts): Now => ({
  at,
  random: 0.5,
  interrupted,
  stopped: interrupted && world.stopped === true,
});

/** `until`: stops at the first broken promise. */
export function walk(engine: Engine, world: World, depth: number, result: Walk, until = false): void {
  const begin: Facts = {
    world,
    at: 0,
    interrupted: world.interrupted,
    run: world.rules.run,
    looks: 0,
    latest: undefined,
    seen: undefined,
    seenAt: -Infinity,
    attempt: world.rules.run.ids["attempt"],
    misses: 0,
    shapeless: 0,
    turnAt: undefined,
    cancels: 0,
    answer: undefined,
    unsent: undefined,
    acceptedAt: undefined,
    countsFrom: undefined,
    aliveSinceCounting: 0,
    shownOver: false,
    same: undefined,
    mayHaveWorked: false,
    alive: 0,
    aliveSinceFirst: 0,
    shown: 0,
    jobs: undefined,
    jobLists: 0,
    follow: undefined,
    successors: 0,
    forces: 0,
    forcedSinceLook: false,
    unclearForce: false,
    explained: false,
    restless: 0,
    reply: 0,
    path: { hop: world.name, before: undefined },
  };
  tell(engine.untold, begin, depth + (world.deeper ?? 0));

  function tell(story: Story, facts: Facts, left: number): void {
    if (until && result.broken.size > 0) return;
    const step = engine.next(story, world.rules, nowOf(facts));
    result.steps++;
    check(story, facts, step);
    if (step.do === "end") {
      result.stories++;
      return;
    }
    if (left === 0) {
      if (result.stories++ % every === 0) endless(story, facts);
      return;
    }
    for (const [then, now] of whatMayFollow(engine, story, facts, step)) tell(then, now, left - 1);
  }

  function check(story: Story, facts: Facts, step: Step): void {
    if (step.do === "end") {
      checkEnd(engine.ended(story, step, facts.at).ending!, facts, step);
      return;
    }
    for (const promise of promises[step.do])
      if (!promise.holds(facts, step as never)) breaks(promise.says, facts, step);
    const { outcome, confirmed } = engine.standing(story, world.rules);
    const isAsked = facts.cancels > 0 || world.rules.isSelf;
    if (confirmed !== null || outcome !== (isAsked ? "cancelling" : "failed"))
      breaks("a report in the middle of a story says no more than that it was asked", facts, step);
  }

  /** What it started may make a failure of an end: then the promises are about what it would have been. */
  function checkEnd({ outcome, detail }: { outcome: Outcome; detail: string }, facts: Facts, step: End): void {
    result.outcomes.set(outcome, (result.outcomes.get(outcome) ?? 0) + 1);
    for (const promise of promises.end)
      if (!promise.holds(facts, { ...step, detail })) breaks(promise.says, facts, step);
    const needsAll = !["refused", "not-found", "spared", "would-cancel"].includes(step.outcome);
    if (outcome !== (facts.follow?.failed && needsAll ? "failed" : step.outcome))
      breaks("an end is a failure if, and only if, it is not known what the run started", facts, step);
  }

  /** With a server that goes on replying the same, it must come to an end. */
  function endless(story: Story, facts: Facts): void {
    const shown = [facts.reply, ...stubborn.looks.map((name) => world.looks.findIndex((look) => look.name === name))];
    for (const look of new Set(shown))
      for (const answer of stubborn.answers)
        finish(story, facts, (step) => (step === "look" ? Math.max(0, look) : step === "cancel" ? answer : 0));
  }

  function finish(story: Story, facts: Facts, pick: (step: Step["do"]) => number): void {
    let [then, now] = [story, facts];
    for (let steps = 0; ; steps++) {
      const step = engine.next(then, world.rules, nowOf(now));
      check(then, now, step);
      if (step.do === "end") return;
      if (steps > longest) {
        breaks("every story ends", now, step);
        return;
      }
      let number = 0;
      for (const reply of whatMayFollow(engine, then, now, step)) {
        [then, now] = reply;
        if (number++ === pick(step.do)) break;
      }
    }
  }

  function breaks(says: string, { path }: Facts, step: Step): void {
    if (result.broken.has(says)) return;
    const hops: string[] = [nameOf(step)];
    for (let at = path; at; at = at.before) hops.unshift(at.hop);
    result.broken.set(says, hops.join(" → "));
  }
}

const nameOf = (step: Step): string =>
  step.do === "end" ? `${(step satisfies End).outcome}${step.detail && ` (${step.detail})`}` : step.do;

/** Every reply to a step, and the story with it. */
function* whatMayFollow(
  engine: Engine,
  story: Story,
  facts: Facts,
  step: Step,
): Generator<readonly [Story, Facts], void> {
  const { world, at } = facts;
  const later = (by: number, hop: string, change: Partial<Facts>): Facts => ({
    ...facts,
    at: at + by,
    restless: facts.restless + 1,
    path: { hop, before: facts.path },
    ...change,
  });
  switch (step.do) {
    case "look":
      for (const [number, reply] of world.looks.entries()) {
        // It becomes another run once.
        const look = reply.give(`[look ${facts.looks + 1}]`);
        if (look.ok && look.became && facts.run === look.became) continue;
        yield [
          engine.looked(story, look, at + took.look),
          later(took.look, reply.name, {
            ...seeing(facts, look),
            unsent: facts.unsent && { ...facts.unsent, seen: true },
            reply: number,
            forcedSinceLook: false,
            unclearForce: false,
          }),
        ];
      }
      return;
    case "list-jobs":
      for (const reply of jobLists) {
        const lists = facts.jobLists + 1;
        const list = reply.give(`[jobs ${lists}]`);
        const wait = reply.slow ? took.slowList : took.list;
        const since = at + (reply.slow === "pages" ? took.list : wait);
        yield [
          engine.jobsListed(story, list, since, at + wait),
          later(wait, `jobs ${reply.name}`, {
            jobs: { at: since, list, slow: (facts.jobs?.slow ?? 0) + (reply.slow === "pages" ? 1 : 0) },
            jobLists: lists,
          }),
        ];
      }
      return;
    case "follow":
      for (const reply of followLists) {
        const number = (facts.follow?.number ?? 0) + 1;
        const list = reply.give(`[follow ${number}]`);
        const follow = { number, look: facts.looks, failed: list instanceof HttpError };
        const wait = reply.slow ? took.slowList : took.list;
        yield [engine.followed(story, step.observation, list), later(wait, `started ${reply.name}`, { follow })];
      }
      return;
    case "find-successor":
      for (const reply of successorReplies) {
        const successors = facts.successors + 1;
        yield [
          engine.succeeded(story, reply.give(`[successor ${successors}]`)),
          later(took.list, `retry ${reply.name}`, { successors }),
        ];
      }
      return;
    case "turn":
      for (const wait of [0, world.rules.run.target.cancel.rewrites ? took.slowTurn : took.lateTurn])
        yield [
          engine.turned(story, at + wait),
          // A turn that has to be waited for is a wait.
          later(wait, `turn after ${wait}`, { turnAt: at + wait, ...(wait > 0 && { restless: 0 }) }),
        ];
      return;
    case "cancel":
      for (const reply of world.answers ?? answers) {
        const lost = (facts.unsent?.number ?? 0) + 1;
        const answer = reply.give(
          reply.give("").is === "unsent" ? `[unsent ${lost}]` : `[cancel ${facts.cancels + 1}]`,
        );
        if (answer.is === "unsent") {
          // Waiting for another try has an end, and being killed has a beginning.
          if (answer.why === "late" ? step.retryUntil === Infinity : answer.why === "interrupted" && !facts.interrupted)
            continue;
          const until = answer.why === "late" ? Math.max(at, step.retryUntil) + 1 : at + took.cancel;
          const unreachable = answer.why === "unreachable" ? (facts.unsent?.unreachable ?? 0) + 1 : 0;
          yield [
            engine.answered(engine.asked(story), answer, until),
            later(until - at, `cancel ${reply.name}`, {
              unsent: { number: lost, why: answer.why, unreachable, seen: false },
              turnAt: undefined,
              jobs: undefined,
              restless: answer.why === "late" ? 0 : facts.restless + 1,
            }),
          ];
          continue;
        }
        const then = engine.answered(engine.asked(story), answer, at + took.cancel);
        yield [then, later(took.cancel, `cancel ${reply.name}`, answering(facts, answer))];
      }
      return;
    case "force":
      for (const reply of forceAnswers) {
        const forces = facts.forces + 1;
        const answer = reply.give(`[force ${forces}]`);
        const then = engine.forced(story, step.force, answer, at + took.cancel);
        yield [then, later(took.cancel, `force ${reply.name}`, forcing(facts, answer))];
      }
      return;
    case "rest":
      yield [
        engine.rested(story),
        later(facts.interrupted ? 0 : step.until - at, "rest", {
          restless: facts.interrupted ? facts.restless + 1 : 0,
          turnAt: undefined,
        }),
      ];
      if (!facts.interrupted) yield [engine.rested(story), later(10, "killed", { interrupted: true })];
      return;
    case "explain":
      for (const why of [undefined, "the token has expired"])
        yield [engine.explained(story, why), later(took.look, why ?? "no explanation", { explained: true })];
      return;
    case "end":
  }
}

function seeing(facts: Facts, look: Look): Partial<Facts> {
  const looks = facts.looks + 1;
  const isEarlier = facts.seen !== undefined && look.ok && Number(look.attempt) < Number(facts.attempt);
  if (!look.ok || isEarlier) {
    const kind = look.ok ? "unclear" : look.kind;
    return {
      looks,
      latest: look.ok ? { ok: false, kind: "unclear", detail: "" } : look,
      misses: facts.misses + (kind === "not-found" ? 1 : 0),
      shapeless: facts.shapeless + (kind === "shapeless" ? 1 : 0),
      turnAt: undefined,
      interrupted: facts.interrupted || kind === "interrupted",
    };
  }
  const alive = look.over ? 0 : 1;
  const wasAsked = look.became === undefined || look.state === "cancelling";
  return {
    looks,
    latest: look,
    seen: look,
    seenAt: facts.at + took.look,
    attempt: look.became ? look.attempt : (facts.attempt ?? look.attempt),
    run: look.became ?? facts.run,
    jobs: look.became ? undefined : facts.jobs,
    misses: 0,
    acceptedAt: wasAsked ? facts.acceptedAt : undefined,
    countsFrom: wasAsked ? facts.countsFrom : undefined,
    aliveSinceCounting: wasAsked && facts.countsFrom !== undefined ? facts.aliveSinceCounting + alive : 0,
    shownOver: false,
    alive: facts.alive + alive,
    shown: facts.shown + 1,
    aliveSinceFirst: facts.aliveSinceFirst + (facts.cancels > 0 ? alive : 0),
  };
}

function forcing(facts: Facts, { is }: ForceAnswer): Partial<Facts> {
  return {
    forces: facts.forces + (is === "unsent" ? 0 : 1),
    forcedSinceLook: true,
    unclearForce: is === "unknown",
    turnAt: undefined,
    acceptedAt: is === "accepted" ? (facts.acceptedAt ?? facts.at + took.cancel) : facts.acceptedAt,
    mayHaveWorked: facts.mayHaveWorked || is === "accepted" || is === "unknown",
  };
}

function answering(facts: Facts, answer: Exclude<Answer, Unsent>): Partial<Facts> {
  const accepted = answer.is === "accepted";
  const counts =
    accepted || answer.is === "refused" || (answer.is === "unknown" && answer.answered)
      ? (accepted && facts.acceptedAt === undefined && facts.forces === 0) || facts.countsFrom === undefined
      : false;
  const said = answer.is === "refused" ? answer.said : undefined;
  return {
    ...(counts && { countsFrom: facts.at + took.cancel, aliveSinceCounting: 0 }),
    shownOver: accepted && answer.shown?.over === true,
    same: said === undefined ? undefined : { said, times: facts.same?.said === said ? facts.same.times + 1 : 1 },
    cancels: facts.cancels + 1,
    answer,
    unsent: undefined,
    turnAt: undefined,
    jobs: undefined,
    alive: 0,
    shown: 0,
    mayHaveWorked:
      facts.mayHaveWorked || accepted || answer.is === "unknown" || (answer.is === "refused" && answer.resent === true),
    acceptedAt: accepted ? (facts.acceptedAt ?? facts.at + took.cancel) : facts.acceptedAt,
  };
}

/** Promises about the steps, and those that `walk` itself holds. */
export const promiseCount = new Set(Object.values(promises).flatMap((about) => about.map(({ says }) => says))).size + 3;
