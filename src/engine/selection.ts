/** Choosing runs by what they are. Lists go stale, so what is chosen here is looked at again before it is cancelled. */
import { HttpError } from "../http/client.ts";
import { outcomes } from "../interface.ts";
import type { Platform } from "../platform.ts";
import type { Filter, Ids, Json, PullRequestList, Target } from "../provider.ts";
import { oneLine } from "../text.ts";
import { globMatches } from "./glob.ts";
import { type ListedRun, downstreamOf, jobsOf, listRuns, readItem, textOf, wordState } from "./listing.ts";
import type { Lookup } from "./lookup.ts";
import type { Report } from "./record.ts";
import type { Classified } from "./reply.ts";
import { lastId, type Run, sibling } from "./run.ts";
import type { CallOptions, Session } from "./session.ts";
import { homeOf } from "./server.ts";
import type { Selection, Settings } from "./settings.ts";
import { leftAlone, nothingFound, type Spared, unlike, untold } from "./spared.ts";
import { holds, matches } from "./template.ts";
import { UsageError } from "./usage.ts";

export interface Choice {
  readonly candidate: ListedRun;
  /** Undefined when it is chosen. */
  readonly spared: Spared | undefined;
}

export interface Choosing {
  readonly choices: readonly Choice[];
  readonly wanted: Wanted;
  /** Why there may be more. */
  readonly cut: string | undefined;
  /** Our own run, where the list lacks it although it is one of those selected. */
  readonly lacks: string | undefined;
}

export interface SelectTools {
  readonly session: Session;
  readonly sending: Omit<CallOptions, "changes">;
  readonly selection: Selection;
  /** This step's own run, if it is one of this list. */
  readonly own: Ids | undefined;
  /** Our own run may be chosen. */
  readonly self: boolean;
  /** Our own run was started by another one, which may be among the listed. */
  readonly nested: boolean;
  /** Our own run is of the project that is listed. */
  readonly ownIsHere: boolean;
  readonly warn: (line: string) => void;
  /** Waits so long, or to the deadline. */
  readonly rest: (ms: number) => Promise<void>;
}

/** What is asked for, with all that had to be looked up for it. */
export interface Wanted {
  readonly selection: Selection;
  readonly branch: string | undefined;
  /** The repository that the branch is in; undefined for the one that the run is in. */
  readonly headRepository: string | undefined;
  /** Our own run, where others are compared with it. */
  readonly own: ListedRun | undefined;
  /** The list to read instead of the usual one. */
  readonly instead: PullRequestList | undefined;
}

/** Requests that are made side by side for one question about many runs. */
const concurrency = 16;
/** Waits before a list that lacks our own run is asked for again, in ms: indexes lag behind by seconds. */
const pausesForStaleList = [3000, 10_000];
/** Runs that are warned of one by one, at most. */
const maxWarnings = 8;

/** What is asked about a run must be something that its provider tells. Throws `UsageError`. */
export function checkReach(
  runs: readonly Run[],
  { downstream, unlessJob, selection }: Settings,
  { spell }: Pick<Lookup, "spell">,
): void {
  const check = (input: string, asked: unknown, fact: (target: Target) => unknown, what: string): void => {
    const without = asked ? runs.find(({ target }) => fact(target) === undefined) : undefined;
    if (without)
      throw new UsageError(
        `${spell(input)}: ${without.provider.name} does not tell ${what} of a ${without.targetName}`,
      );
  };
  check("downstream", downstream, (target) => target.downstream, "the downstream runs");
  check("unless-job", unlessJob, ({ jobs }) => jobs, "the jobs");
  check("with-job", selection?.withJob, ({ jobs }) => jobs, "the jobs");
  check("with-failed-job", selection?.withFailedJob, ({ jobs }) => jobs, "the jobs");
  check("pull-request", selection?.pullRequest, ({ list }) => list?.pullRequest, "the pull request");
  check("event", selection?.event.length, ({ list }) => list?.item.event, "the event");
  check("workflow", selection?.workflow.length, ({ list }) => list?.item.workflow, "the workflow");
}

/** Throws `UsageError`. */
export function checkSelection(
  query: Run,
  { branch, pullRequest, olderThanThis }: Selection,
  { spell, platform }: Pick<Lookup, "spell" | "platform">,
): void {
  if (branch !== undefined && pullRequest !== undefined)
    throw new UsageError(`${spell("branch")} and ${spell("pull-request")}: give one of the two`);
  if (olderThanThis && !homeOf(query, platform)?.own)
    throw new UsageError(
      `${spell("older-than-this")}: this step is part of no run on ${new URL(query.place.server).host}`,
    );
}

/** What says of a selected run, by the body of a look, why it is none of those any more. */
export interface SecondLook {
  readonly noLongerMatches: (body: Json) => string | undefined;
  /** Whether that was only because it cannot be told. */
  readonly isUntold: (why: string) => boolean;
}

export interface Chosen {
  readonly runs: readonly { readonly run: Run; readonly secondLook: SecondLook }[];
  /** Overrides the report. */
  readonly report: Partial<Report>;
}

export interface ChooseOptions {
  readonly settings: Settings;
  readonly session: Session;
  readonly sending: Omit<CallOptions, "changes">;
  readonly platform: Platform | undefined;
  readonly say: (line: string) => void;
  readonly warn: (line: string) => void;
  readonly rest: SelectTools["rest"];
  readonly spell: (name: string) => string;
}

/** Chooses runs by the selection. Never rejects for anything that a server does. */
export async function choose(
  query: Run,
  { settings, session, sending, platform, say, warn, rest, spell }: ChooseOptions,
): Promise<Chosen> {
  const home = homeOf(query, platform);
  const none = (report: Partial<Report>): Chosen => ({ runs: [], report });
  const ended = (outcome: "refused" | "failed", note: string): Chosen => {
    const exit = settings.failOn.includes(outcome) ? outcomes[outcome].exit : 0;
    return none({ outcome, exit: sending.signal?.aborted ? 130 : exit, note });
  };
  try {
    const choosing = await selectRuns(query, {
      session,
      sending,
      selection: settings.selection!,
      own: home?.own,
      self: settings.self,
      nested: home?.nested ?? false,
      ownIsHere: isOfProject(query, home),
      warn,
      rest,
    });
    const { choices, wanted, cut, lacks } = choosing;
    const chosen = chosenOf(choices);
    const label = ({ id }: ListedRun): string => `${query.key} ${query.targetName} ${id}`;
    for (const { candidate, spared } of settings.dryRun ? choices : choices.filter((one) => one.spared === undefined))
      say(`${label(candidate)}: ${spared === undefined ? "chosen" : `spared: ${spared.why}`}`);
    const untold = choices.filter(({ spared }) => spared?.untold);
    for (const { candidate, spared } of untold.slice(0, maxWarnings))
      warn(`${label(candidate)}: ${leftAlone(spared!)}`);
    if (untold.length > maxWarnings)
      warn(
        `${untold.length - maxWarnings} more runs were left alone, because it cannot be told whether they are meant`,
      );
    if (lacks !== undefined && chosen.length === 0)
      return ended(
        "failed",
        `the list is out of date: it lacks this step's own run, ${lacks}, which the selection matches, so it may lack others; run this step again`,
      );
    if (lacks !== undefined)
      warn(
        `the list is out of date: it lacks this step's own run, ${lacks}, so it may lack others; run this step again`,
      );
    const more = cut ? `; ${cut}, so there may be more: run this again` : "";
    if (chosen.length === 0) return none({ note: `${nothingFound(query, choosing, spell)}${more}` });
    if (chosen.length > settings.maxRuns)
      return ended(
        "refused",
        `${chosen.length} runs are selected, more than ${spell("max-runs")}: ${settings.maxRuns} allows; none was cancelled`,
      );
    return {
      runs: chosen.map(({ run }) => ({ run, secondLook: secondLookAt(run, wanted) })),
      report: cut ? { note: `${chosen.length} runs were selected${more}` } : {},
    };
  } catch (error) {
    if (!(error instanceof HttpError)) throw error;
    const note = `the runs could not be listed: ${error.message}`;
    return error.kind === "denied"
      ? ended("refused", `${note}; needed: ${query.provider.rights}`)
      : ended("failed", note);
  }
}

/** Whether the step is part of a run of the project that is listed; a project may have a name and a number. */
function isOfProject(query: Run, home: Platform | undefined): boolean {
  const { within } = query.target.list!;
  return (home?.self ?? []).some((ids) =>
    within.every((name) => ids[name]?.toLowerCase() === query.ids[name]?.toLowerCase()),
  );
}

function secondLookAt(run: Run, wanted: Wanted): SecondLook {
  const untold = new Set<string>([notInReply]);
  return {
    noLongerMatches: (body) => {
      const spared = stillWanted(run, body, wanted);
      if (spared?.untold) untold.add(spared.why);
      return spared?.why;
    },
    isUntold: (why) => untold.has(why),
  };
}

/** Lists, and says of every run whether it is chosen, and why not. `query` is the run without its last id. Throws `HttpError`. */
export async function selectRuns(query: Run, tools: SelectTools): Promise<Choosing> {
  const wanted = await want(query, tools);
  let sifted = await sift(query, wanted, tools);
  let lacks = await lackedBy(sifted, query, wanted, tools);
  for (const pause of pausesForStaleList) {
    if (lacks === undefined || chosenOf(sifted.choices).length > 0) break;
    await tools.rest(pause);
    sifted = await sift(query, wanted, tools);
    if (sifted.cut !== undefined || sifted.choices.some(({ candidate }) => candidate.id === lacks)) lacks = undefined;
  }
  return { ...sifted, wanted, lacks };
}

type Sifted = Pick<Choosing, "choices" | "cut">;

const chosenOf = (choices: readonly Choice[]): ListedRun[] =>
  choices.filter(({ spared }) => spared === undefined).map(({ candidate }) => candidate);

async function sift(query: Run, wanted: Wanted, tools: SelectTools): Promise<Sifted> {
  const { session, sending, selection, self } = tools;
  const { listed, cut } = await listRuns(query, session, {
    ...wanted,
    searches: wanted.instead ? [{}] : searches(query, wanted),
    sending: { ...sending, learned: asked(selection) },
  });
  const ownRun = tools.own && sibling(query, query.targetName, tools.own);
  const ownId = ownRun && lastId(ownRun);
  let choices = listed.map((candidate): Choice => ({ candidate, spared: spare(candidate, wanted) }));
  const spareAlso = async (
    why: (candidate: ListedRun) => Spared | undefined | Promise<Spared | undefined>,
  ): Promise<void> => {
    choices = await mapConcurrently(choices, async ({ candidate, spared }) => ({
      candidate,
      spared: spared ?? (await why(candidate)),
    }));
  };

  await spareAlso(await forTag(query, wanted, chosenOf(choices), tools));
  await spareAlso(({ run }) => byJobs(run, selection, session, sending));
  const kept = newest(chosenOf(choices), wanted);
  await spareAlso(({ id }) => {
    if (!self && id === ownId) return unlike("this step belongs to it", "this step's own");
    return kept.get(id);
  });
  if (!self && tools.nested && ownRun) await spareAlso(({ run }) => asAncestor(run, ownRun, tools));
  return { choices, cut };
}

/** Our own run's id, if it is one of those selected, and the list should have it and has not: then it may lack others, too. */
async function lackedBy(
  { choices, cut }: Sifted,
  query: Run,
  wanted: Wanted,
  tools: SelectTools,
): Promise<string | undefined> {
  const { own: ids, ownIsHere, selection, warn } = tools;
  if (!ids || !ownIsHere || cut !== undefined || wanted.instead) return undefined;
  const run = sibling(query, query.targetName, ids);
  if (choices.some(({ candidate }) => candidate.id === lastId(run))) return undefined;
  // Where runs were found, it is not worth a request.
  if (wanted.own === undefined && chosenOf(choices).length > 0) return undefined;
  try {
    const own = wanted.own ?? (await lookAtOwn(run, tools));
    const { unlistedEvents } = query.target.list!;
    const isListed =
      own.event === undefined ||
      selection.event.includes(own.event) ||
      !(unlistedEvents && matches(unlistedEvents, own.event));
    return isListed && spare(own, wanted) === undefined ? own.id : undefined;
  } catch (error) {
    if (!(error instanceof HttpError) || error.kind === "aborted" || error.kind === "deadline") throw error;
    warn(`it cannot be told whether the list is up to date: it lacks this step's own run, and ${error.message}`);
    return undefined;
  }
}

async function lookAtOwn(run: Run, { session, sending }: Pick<SelectTools, "session" | "sending">): Promise<ListedRun> {
  const answer = await session.send(run, run.target.look, { ...sending, changes: false });
  if (answer.kind !== "ok") throw refused("the run of this step", answer);
  const own = readItem(run, answer.reply.body);
  if (own === undefined) throw new HttpError("protocol", "a look at the run of this step does not show it", false);
  return own;
}

/** It cannot be told whether it is one of those: unlike one that is not, it is reported. */
export const notInReply = "a look does not show the run that was listed";

/** Judges a run again by what a look has shown. */
export function stillWanted(run: Run, body: Json, wanted: Wanted): Spared | undefined {
  const candidate = readItem(run, body);
  return candidate && candidate.id === lastId(run) ? spare(candidate, wanted) : untold(notInReply);
}

async function want(query: Run, tools: SelectTools): Promise<Wanted> {
  const { session, sending, selection } = tools;
  const own = await ownOf(query, tools);
  const branch = selection.branch?.replace(/^refs\/heads\//, "");
  const plain: Wanted = { selection, branch, headRepository: undefined, own, instead: undefined };
  const { pullRequest } = query.target.list!;
  if (selection.pullRequest === undefined || pullRequest === undefined) return plain;
  if ("ids" in pullRequest) return { ...plain, instead: pullRequest };
  // Every run says itself which one it is for.
  if ("number" in pullRequest) return plain;

  const what = `pull request ${selection.pullRequest}`;
  const answer = await session.send(query, pullRequest, { ...sending, learned: asked(selection), changes: false });
  if (answer.kind !== "ok") throw refused(what, answer);
  const head = textOf(pullRequest.branch, answer.reply.body);
  const headRepository = textOf(pullRequest.headRepository, answer.reply.body);
  if (head === undefined || headRepository === undefined)
    throw new HttpError("protocol", `${what}: its fork is gone, so its runs cannot be told from others`, false);
  return { ...plain, branch: head, headRepository };
}

/** What the route of a pull request takes. */
const asked = ({ pullRequest }: Selection): Ids => (pullRequest === undefined ? {} : { "pull-request": pullRequest });

/** Our own run, if the others are to be compared with it. */
async function ownOf(query: Run, { session, sending, selection, own }: SelectTools): Promise<ListedRun | undefined> {
  const { olderThanThis, keepNewest } = selection;
  if (own === undefined || !(olderThanThis || keepNewest > 0)) return undefined;
  const candidate = await lookAtOwn(sibling(query, query.targetName, own), { session, sending });
  if (olderThanThis && candidate.started === undefined)
    throw new HttpError("protocol", "it cannot be told when the run of this step began, so none is older", false);
  return candidate;
}

function refused(what: string, { kind, said }: Classified): HttpError {
  return new HttpError(kind === "denied" ? "denied" : "protocol", `${what}: ${said}`, false);
}

/** What to ask the server for, one search after the other. */
function searches(query: Run, { selection, branch }: Wanted): Ids[] {
  const { filters, pullRequest } = query.target.list!;
  const ask = (filter: Filter | "state", value: string | undefined): Ids => inQuery(filters[filter], value);
  const { commit, event, workflow, states } = selection;
  const base = {
    ...ask("branch", branch),
    ...(pullRequest && "number" in pullRequest && inQuery(pullRequest.filter, selection.pullRequest)),
    ...ask("commit", commit !== undefined && commit.length >= 40 ? commit : undefined),
    ...ask("workflow", workflow.length === 1 ? workflow[0] : undefined),
  };
  const words = query.liveWords.filter((word) => states.includes(wordState(query, word)));
  return (filters.event !== undefined && event.length > 0 ? event : [undefined]).flatMap((one) =>
    (filters.state === undefined ? [undefined] : words).map((word) => ({
      ...base,
      ...ask("event", one),
      ...ask("state", word),
    })),
  );
}

/** `filter` is a parameter, or a parameter with what stands around its value: `ref=refs/heads/{value}`. */
function inQuery(filter: string | undefined, value: string | undefined): Ids {
  if (filter === undefined || value === undefined) return {};
  const [parameter = "", around = "{value}"] = filter.split("=");
  return { [parameter]: around.replace("{value}", () => value) };
}

/** Why a run is not one of those asked for; undefined when it is. */
function spare(candidate: ListedRun, { selection, branch, headRepository, own }: Wanted): Spared | undefined {
  const { state, word, workflows, event, commit } = candidate;
  const shown = (text: string): string => oneLine(text, 120);
  if (!selection.states.includes(state))
    return state === "unknown" ? untold(`"${word}" is a state we do not know`) : unlike(`it is ${state}`, state);
  if (branch !== undefined) {
    if (candidate.branch === undefined) return untold("its branch is not known");
    if (candidate.branch !== branch) return unlike(`its branch is ${shown(candidate.branch)}`, "of another branch");
    if (candidate.isTag === true) return unlike("it is for a tag", "for a tag");
    if (candidate.run.target.list?.item.headRepository !== undefined) {
      if (candidate.headRepository === undefined)
        return untold("its fork is gone, so it cannot be told whose branch it is");
      if (candidate.headRepository !== (headRepository ?? candidate.repository))
        return unlike("its branch is in another repository", "of a branch of that name in another repository");
    }
  }
  const { pullRequest } = candidate.run.target.list!;
  if (selection.pullRequest !== undefined && pullRequest && "number" in pullRequest) {
    if (candidate.pullRequest === undefined)
      return unlike("it is for no pull request that it tells", "for no pull request");
    if (candidate.pullRequest !== selection.pullRequest)
      return unlike(`it is for pull request ${shown(candidate.pullRequest)}`, "for another pull request");
  }
  if (selection.commit !== undefined) {
    if (commit === undefined) return untold("its commit is not known");
    if (!commit.startsWith(selection.commit))
      return unlike(`its commit is ${shown(commit.slice(0, 12))}`, "of another commit");
  }
  if (selection.workflow.length > 0) {
    if (workflows[0] === undefined) return untold("its workflow is not known");
    if (!selection.workflow.some((name) => workflows.includes(name)))
      return unlike(`its workflow is ${shown(workflows[0])}`, "of another workflow");
  }
  if (selection.event.length > 0) {
    if (event === undefined) return untold("its event is not known");
    if (!selection.event.includes(event)) return unlike(`its event is ${shown(event)}`, "of another event");
  }
  if (selection.olderThanThis && own && candidate.id !== own.id) {
    if (candidate.started === undefined) return untold("it is not known when it began");
    if (!beganBefore(candidate, own))
      return unlike("it did not begin before the run of this step", "not older than this step's own");
  }
  return undefined;
}

const beganBefore = (one: ListedRun, other: ListedRun): boolean => one.started !== undefined && byStart(one, other) < 0;

/** Oldest first. Where two have begun in the same second, the lower id is the older one. */
function byStart(a: ListedRun, b: ListedRun): number {
  return (a.started ?? 0) - (b.started ?? 0) || byId(a, b);
}

/** What has not begun has no time at some vendors, but it was not there before those with a lower id. */
function byId(a: ListedRun, b: ListedRun): number {
  return a.id.length - b.id.length || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}

/** Whether a run is a tag's, for runs that look like a branch's: a tag may have its name. */
async function forTag(
  query: Run,
  { branch }: Wanted,
  chosen: readonly ListedRun[],
  { session, sending }: SelectTools,
): Promise<(candidate: ListedRun) => Spared | undefined | Promise<Spared | undefined>> {
  const { tags } = query.target.list!;
  if (branch === undefined || tags === undefined) return () => undefined;
  const { is, named, exceptEvents } = tags;
  const mayBeTag = ({ isTag, event = "" }: ListedRun): boolean => isTag === undefined && !matches(exceptEvents, event);
  if (!chosen.some(mayBeTag)) return () => undefined;
  const answer = await session.send(query, named, { ...sending, learned: { branch }, changes: false });
  if (answer.kind === "not-found") return () => undefined;
  if (answer.kind !== "ok" && is === undefined)
    throw refused(`whether ${oneLine(branch, 120)} is also the name of a tag`, answer);
  return async (candidate) => {
    if (!mayBeTag(candidate)) return undefined;
    if (is === undefined) return untold("a tag has the name of its branch, and it may be the tag's");
    const { run } = candidate;
    const seen = await session.send(run, run.target.look, { ...sending, changes: false });
    const shown = seen.kind === "ok" ? holds(is, seen.reply.body) : undefined;
    if (shown === undefined) return untold("it cannot be told whether it is for a tag");
    return shown ? unlike("it is for a tag", "for a tag") : undefined;
  };
}

/** The newest of each workflow, branch and event, and why they are spared: ours counts. */
function newest(chosen: readonly ListedRun[], { selection: { keepNewest }, own }: Wanted): Map<string, Spared> {
  const kept = new Map<string, Spared>();
  if (keepNewest === 0) return kept;
  const groups = new Map<string, ListedRun[]>();
  for (const candidate of new Map([...chosen, ...(own ? [own] : [])].map((one) => [one.id, one])).values()) {
    const { workflows, repository, headRepository, branch, pullRequest, event } = candidate;
    const name = JSON.stringify([workflows[0], repository, headRepository, branch, pullRequest, event]);
    const group = groups.get(name);
    if (group) group.push(candidate);
    else groups.set(name, [candidate]);
  }
  for (const group of groups.values()) {
    const order = group.every(({ started }) => started !== undefined) ? byStart : byId;
    for (const { id } of group.sort(order).slice(-keepNewest))
      kept.set(id, unlike(`one of the newest ${keepNewest}`, `among the newest ${keepNewest}`));
  }
  return kept;
}

async function byJobs(
  run: Run,
  { withJob, withFailedJob }: Selection,
  session: Session,
  sending: Omit<CallOptions, "changes">,
): Promise<Spared | undefined> {
  if (withJob === undefined && withFailedJob === undefined) return undefined;
  const jobs = await jobsOf(run, session, sending);
  if (withJob !== undefined && !jobs.some(({ name }) => globMatches(withJob, name)))
    return unlike(`it has no job ${withJob}`, `without a job ${withJob}`);
  if (withFailedJob === undefined) return undefined;
  const states = jobs.filter(({ name }) => globMatches(withFailedJob, name)).map(({ state }) => state);
  if (states.includes("failed")) return undefined;
  if (states.includes("unknown")) return untold(`its job ${withFailedJob} is in a state we do not know`);
  return unlike(`no job ${withFailedJob} of it has failed`, `without a failed job ${withFailedJob}`);
}

/** Why a run is not to be cancelled from within what it has started. */
async function asAncestor(run: Run, own: Run, tools: SelectTools): Promise<Spared | undefined> {
  try {
    return (await hasStarted(run, own, tools, new Set()))
      ? unlike("it started the run that this step belongs to", "that started this step's own")
      : undefined;
  } catch (error) {
    if (!(error instanceof HttpError) || error.kind === "aborted" || error.kind === "deadline") throw error;
    return untold(`it cannot be told whether it started the run that this step belongs to: ${error.message}`);
  }
}

/** Whether `run`, or something that it started, has started `other`. */
async function hasStarted(run: Run, other: Run, tools: SelectTools, seen: Set<string>): Promise<boolean> {
  const key = Object.values(run.ids).join(" ");
  if (seen.has(key) || !run.target.downstream) return false;
  seen.add(key);
  for (const child of (await downstreamOf(run, tools.session, tools.sending)).started) {
    if (child.targetName === other.targetName && lastId(child) === lastId(other)) return true;
    if (await hasStarted(child, other, tools, seen)) return true;
  }
  return false;
}

/** So many at a time; the results in the order of the items. */
async function mapConcurrently<A, B>(items: readonly A[], work: (item: A) => Promise<B>): Promise<B[]> {
  const done: B[] = [];
  for (let at = 0; at < items.length; at += concurrency)
    done.push(...(await Promise.all(items.slice(at, at + concurrency).map(work))));
  return done;
}
