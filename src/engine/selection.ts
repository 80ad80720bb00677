/** Choosing runs by what they are. Lists go stale, so what is chosen here is looked at again before it is cancelled. */
import { HttpError } from "../http/client.ts";
import { outcomes } from "../interface.ts";
import type { Platform } from "../platform.ts";
import type { Filter, Ids, Json, OpenPullRequests, PullRequestList, Target } from "../provider.ts";
import { oneLine } from "../text.ts";
import { globMatches } from "./glob.ts";
import { downstreamOf, jobsOf, type ListedRun, listRuns, readItem, textOf, wholeList, wordState } from "./listing.ts";
import type { Lookup } from "./lookup.ts";
import type { Report } from "./record.ts";
import type { Classified } from "./reply.ts";
import { lastId, type Run, runKey, sibling } from "./run.ts";
import type { CallOptions, Session } from "./session.ts";
import { homeOf } from "./server.ts";
import type { Selection, Settings } from "./settings.ts";
import { counted, leftAlone, nothingFound, notInReply, type Spared, table, unlike, untold } from "./spared.ts";
import { holds, matches } from "./template.ts";
import { accepts, acceptsAll, isSameCommit, isSameRepository, literal, type Terms } from "./terms.ts";
import { UsageError } from "./usage.ts";
import { label } from "./words.ts";

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
  /** Wall time in ms. */
  readonly now: number;
}

/** What is asked for, with all that had to be looked up for it. */
export interface Wanted {
  readonly selection: Selection;
  readonly branch: Terms | undefined;
  /** The repository that the branch of a pull request is in. */
  readonly headRepository: string | undefined;
  /** That branch as the list of open pull requests takes it. */
  readonly label: string | undefined;
  /** Wall time in ms before which a run must have begun. */
  readonly before: number | undefined;
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
        `${spell(input)}: ${without.provider.name} does not report ${what} of a ${without.targetName}`,
      );
  };
  check("downstream", downstream, (target) => target.downstream, "the downstream runs");
  check("unless-job", unlessJob, ({ jobs }) => jobs, "the jobs");
  check("with-job", selection?.withJob, ({ jobs }) => jobs, "the jobs");
  check("with-failed-job", selection?.withFailedJob, ({ jobs }) => jobs, "the jobs");
  check(
    "pull-request",
    selection?.pullRequest,
    ({ list }) => list?.pullRequest ?? list?.item.pullRequest,
    "the pull request",
  );
  check("event", selection?.event, ({ list }) => list?.item.event, "the event");
  check("workflow", selection?.workflow, ({ list }) => list?.item.workflow, "the workflow");
  check("head-repository", selection?.headRepository, ({ list }) => list?.item.headRepositoryName, "the fork");
  check("orphaned", selection?.orphaned, ({ list }) => list?.branches && list.openPullRequests, "the branches");
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
  readonly now: number;
  /** Takes the table of all listed runs, if somebody wants it. */
  readonly debug: ((line: string) => void) | undefined;
}

/** Chooses runs by the selection. Never rejects for anything that a server does. */
export async function choose(
  query: Run,
  { settings, session, sending, platform, say, warn, rest, spell, now, debug }: ChooseOptions,
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
      now,
    });
    const { choices, wanted, cut, lacks } = choosing;
    const chosen = chosenOf(choices);
    const labelOf = ({ run }: ListedRun): string => label(run, run.ids, undefined);
    if (debug) for (const line of table(choices)) debug(line);
    for (const { candidate, spared } of settings.dryRun ? choices : choices.filter((one) => one.spared === undefined))
      say(`${labelOf(candidate)}: ${spared === undefined ? "chosen" : `spared: ${spared.why}`}`);
    const untold = choices.filter(({ spared }) => spared?.untold);
    for (const { candidate, spared } of untold.slice(0, maxWarnings))
      warn(`${labelOf(candidate)}: ${leftAlone(spared!)}`);
    if (untold.length > maxWarnings)
      warn(`${untold.length - maxWarnings} more runs were left alone, because it is unclear whether they are meant`);
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
      runs: chosen.map((candidate) => ({ run: candidate.run, secondLook: secondLookAt(candidate, wanted) })),
      report: { note: `${counted(choices)}${more}` },
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

function secondLookAt(listed: ListedRun, wanted: Wanted): SecondLook {
  const untold = new Set<string>([notInReply]);
  return {
    noLongerMatches: (body) => {
      const spared = stillWanted(listed, body, wanted);
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
  const ownKey = ownRun && runKey(ownRun);
  let choices = listed.map((candidate): Choice => ({ candidate, spared: spare(candidate, wanted) }));
  const spareAlso = async (
    why: (candidate: ListedRun) => Spared | undefined | Promise<Spared | undefined>,
  ): Promise<void> => {
    choices = await mapConcurrently(choices, async ({ candidate, spared }) => ({
      candidate,
      spared: spared ?? (await why(candidate)),
    }));
  };

  if (selection.orphaned) await spareAlso(await unlessOrphaned(query, chosenOf(choices), tools));
  await spareAlso(await ofAnotherPullRequest(query, wanted, chosenOf(choices), tools));
  await spareAlso(await forTag(query, wanted, chosenOf(choices), tools));
  await spareAlso(({ run }) => byJobs(run, selection, session, sending));
  const kept = newest(chosenOf(choices), wanted);
  await spareAlso(({ key }) => {
    if (!self && key === ownKey) return unlike("this step is part of it", "this step's own");
    return kept.get(key);
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
  if (choices.some(({ candidate }) => candidate.key === runKey(run))) return undefined;
  // Where runs were found, it is not worth a request.
  if (wanted.own === undefined && chosenOf(choices).length > 0) return undefined;
  try {
    const own = wanted.own ?? (await lookAtOwn(run, tools));
    const { unlistedEvents = [] } = query.target.list!;
    const { event } = own;
    const isListed =
      event === undefined || !unlistedEvents.includes(event) || (selection.event && accepts(selection.event, [event]));
    return isListed && spare(own, wanted) === undefined ? own.id : undefined;
  } catch (error) {
    if (!(error instanceof HttpError) || error.kind === "aborted" || error.kind === "deadline") throw error;
    warn(`it is unclear whether the list is up to date: it lacks this step's own run, and ${error.message}`);
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

/** Judges a run again by what a look has shown. What a run is for does not change; a vendor's look may not say all that its list does. */
export function stillWanted({ run, ...listed }: ListedRun, body: Json, wanted: Wanted): Spared | undefined {
  const seen = readItem(run, body);
  if (!seen || seen.id !== lastId(run)) return untold(notInReply);
  return spare(
    {
      ...seen,
      // Where the list is of several places, it is the place that says it.
      branch: (run.target.list!.ids && listed.branch) ?? seen.branch ?? listed.branch,
      commit: seen.commit ?? listed.commit,
      tree: seen.tree ?? listed.tree,
      event: seen.event ?? listed.event,
      workflows: seen.workflows.length > 0 ? seen.workflows : listed.workflows,
      headRepository: seen.headRepository ?? listed.headRepository,
      headRepositoryName: seen.headRepositoryName ?? listed.headRepositoryName,
      pullRequest: seen.pullRequest ?? listed.pullRequest,
      isTag: seen.isTag ?? listed.isTag,
    },
    wanted,
  );
}

async function want(query: Run, tools: SelectTools): Promise<Wanted> {
  const { session, sending, selection, now } = tools;
  const own = await ownOf(query, tools);
  const { branch, olderThan } = selection;
  const before = olderThan === undefined ? undefined : now - olderThan;
  const plain = { selection, branch, headRepository: undefined, label: undefined, before, own, instead: undefined };
  const { pullRequest } = query.target.list!;
  // Without a way to find them every run says itself which one it is for.
  if (selection.pullRequest === undefined || pullRequest === undefined) return plain;
  if ("ids" in pullRequest) return { ...plain, instead: pullRequest };

  const what = `pull request ${selection.pullRequest}`;
  const answer = await session.send(query, pullRequest, { ...sending, learned: asked(selection), changes: false });
  if (answer.kind !== "ok") throw refused(what, answer);
  const { body } = answer.reply;
  const head = textOf(pullRequest.branch, body);
  const headRepository = textOf(pullRequest.headRepository, body);
  if (head === undefined || headRepository === undefined)
    throw new HttpError("protocol", `${what}: its fork is gone, so its runs cannot be told apart from others`, false);
  const label = pullRequest.label && textOf(pullRequest.label, body);
  return { ...plain, branch: { wanted: [head], excluded: [] }, headRepository, label };
}

/** What the route of a pull request takes. */
const asked = ({ pullRequest }: Selection): Ids => (pullRequest === undefined ? {} : { "pull-request": pullRequest });

/** Our own run, if the others are to be compared with it. */
async function ownOf(query: Run, { session, sending, selection, own }: SelectTools): Promise<ListedRun | undefined> {
  const { olderThanThis, keepNewest } = selection;
  if (own === undefined || !(olderThanThis || keepNewest > 0)) return undefined;
  const candidate = await lookAtOwn(sibling(query, query.targetName, own), { session, sending });
  if (olderThanThis && candidate.started === undefined)
    throw new HttpError("protocol", "it is unclear when the run of this step began, so none is older", false);
  return candidate;
}

function refused(what: string, { kind, said }: Classified): HttpError {
  return new HttpError(kind === "denied" ? "denied" : "protocol", `${what}: ${said}`, false);
}

/** What to ask the server for, one search after the other. */
function searches(query: Run, { selection, branch }: Wanted): Ids[] {
  const { filters, unlistedEvents = [] } = query.target.list!;
  const ask = (filter: Filter | "state", value: string | undefined): Ids => inQuery(filters[filter], value);
  const one = (terms: Terms | undefined): string | undefined => terms && literal(terms);
  const { event, states } = selection;
  const commit = one(selection.commit);
  const base = {
    ...ask("branch", one(branch)),
    ...ask("pull-request", selection.pullRequest),
    ...ask("commit", commit !== undefined && commit.length >= 40 ? commit : undefined),
    ...ask("workflow", one(selection.workflow)),
  };
  const events =
    one(event) === undefined
      ? [undefined, ...unlistedEvents.filter((name) => event && accepts(event, [name]))]
      : [one(event)];
  const words = query.liveWords.filter((word) => states.includes(wordState(query, word)));
  return events.flatMap((name) =>
    (filters.state === undefined ? [undefined] : words).map((word) => ({
      ...base,
      ...ask("event", name),
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

/** Why a run is not one of those asked for; undefined when it is. What it is surely not weighs more than what cannot be told. */
function spare(candidate: ListedRun, wanted: Wanted): Spared | undefined {
  const reasons = criteria.flatMap((criterion) => criterion(candidate, wanted) ?? []);
  return reasons.find((reason) => !reason.untold) ?? reasons[0];
}

type Criterion = (candidate: ListedRun, wanted: Wanted) => Spared | undefined;

const criteria: readonly Criterion[] = [
  byState,
  byBranch,
  byRepository,
  byPullRequest,
  byCommit,
  byWorkflow,
  byEvent,
  byAge,
  byOwnStart,
];

const shown = (text: string): string => oneLine(text, 120);

function byState({ state, word }: ListedRun, { selection }: Wanted): Spared | undefined {
  if (selection.states.includes(state)) return undefined;
  return state === "unknown" ? untold(`"${word}" is a state we do not know`) : unlike(`it is ${state}`, state);
}

function byBranch(candidate: ListedRun, { selection, branch: terms }: Wanted): Spared | undefined {
  const { branch, pullRequest, isTag, run } = candidate;
  if (isTag === true && (terms !== undefined || selection.orphaned)) return unlike("it is for a tag", "for a tag");
  if (terms === undefined) return undefined;
  const { otherRefs } = run.target.list!;
  const isOther = branch !== undefined && otherRefs !== undefined && matches(otherRefs, branch);
  if (isOther || (branch === undefined && pullRequest !== undefined)) {
    // The branch of its pull request is asked about later.
    if (selection.orphaned && pullRequest !== undefined && acceptsAll(terms)) return undefined;
    return unlike(
      `it is for ${shown(branch ?? `pull request ${pullRequest ?? ""}`)}, which is no branch`,
      "for no branch",
    );
  }
  if (branch === undefined) return untold("its branch is not known");
  return accepts(terms, [branch]) ? undefined : unlike(`its branch is ${shown(branch)}`, "of another branch");
}

function byRepository(candidate: ListedRun, { selection, branch, headRepository }: Wanted): Spared | undefined {
  const { run, headRepository: id, headRepositoryName: name, repository } = candidate;
  const { headRepository: terms, orphaned } = selection;
  const unclear = "its fork is gone, so it is unclear whose branch it is";
  if (terms !== undefined && !acceptsAll(terms)) {
    if (name === undefined) return untold(unclear);
    if (!accepts(terms, [name], isSameRepository))
      return unlike(`its branch is in ${shown(name)}`, "of a branch in another repository");
  }
  const isKnown = run.target.list!.item.headRepository !== undefined && (branch !== undefined || orphaned);
  // The branch of a pull request is in one repository, and forks are no orphans, whatever else is asked for.
  const own = orphaned || (terms === undefined && headRepository === undefined) ? repository : undefined;
  const only = [headRepository, own].filter((place) => place !== undefined);
  if (!isKnown || only.length === 0) return undefined;
  if (id === undefined) return untold(unclear);
  return only.every((place) => id === place)
    ? undefined
    : unlike("its branch is in another repository", "of a branch of that name in another repository");
}

function byPullRequest({ run, pullRequest }: ListedRun, { selection }: Wanted): Spared | undefined {
  if (selection.pullRequest === undefined || run.target.list!.pullRequest !== undefined) return undefined;
  if (pullRequest === undefined) return unlike("it does not say which pull request it is for", "for no pull request");
  if (pullRequest === selection.pullRequest) return undefined;
  return unlike(`it is for pull request ${shown(pullRequest)}`, "for another pull request");
}

function byCommit({ commit: name, tree }: ListedRun, { selection: { commit: terms } }: Wanted): Spared | undefined {
  if (terms === undefined || acceptsAll(terms)) return undefined;
  const commit = name?.toLowerCase();
  // A build that is to begin at `HEAD` has none yet.
  if (commit === undefined || !matches(/[0-9a-f]{7,64}/, commit)) return untold("its commit is not known");
  if (accepts(terms, tree === undefined ? [commit] : [commit, tree], isSameCommit)) return undefined;
  return unlike(`its commit is ${shown(commit.slice(0, 12))}`, "of another commit");
}

function byWorkflow({ workflows }: ListedRun, { selection: { workflow: terms } }: Wanted): Spared | undefined {
  if (terms === undefined || acceptsAll(terms)) return undefined;
  if (workflows[0] === undefined) return untold("its workflow is not known");
  return accepts(terms, workflows)
    ? undefined
    : unlike(`its workflow is ${shown(workflows[0])}`, "of another workflow");
}

function byEvent({ event }: ListedRun, { selection: { event: terms } }: Wanted): Spared | undefined {
  if (terms === undefined || acceptsAll(terms)) return undefined;
  if (event === undefined) return untold("its event is not known");
  return accepts(terms, [event]) ? undefined : unlike(`its event is ${shown(event)}`, "of another event");
}

function byAge({ started }: ListedRun, { before }: Wanted): Spared | undefined {
  if (before === undefined) return undefined;
  if (started === undefined) return untold("it is not known when it began");
  return started < before ? undefined : unlike(`it began at ${new Date(started).toISOString()}`, "not old enough");
}

function byOwnStart(candidate: ListedRun, { selection, own }: Wanted): Spared | undefined {
  if (!selection.olderThanThis || !own || candidate.key === own.key) return undefined;
  if (candidate.started === undefined) return untold("it is not known when it began");
  if (beganBefore(candidate, own)) return undefined;
  return unlike("it did not begin before the run of this step", "not older than this step's own");
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

type Sparing = (candidate: ListedRun) => Spared | undefined | Promise<Spared | undefined>;

const goOn: Sparing = () => undefined;

/** What was asked once for each of the names. */
async function askEach<T>(
  names: readonly string[],
  ask: (name: string) => Promise<T>,
): Promise<ReadonlyMap<string, T>> {
  const each = [...new Set(names)];
  const answers = await mapConcurrently(each, ask);
  return new Map(each.map((name, index) => [name, answers[index]!]));
}

/** Whether a run is a tag's, for runs that look like a branch's: a tag may have its name. */
async function forTag(
  query: Run,
  { branch: terms, selection }: Wanted,
  chosen: readonly ListedRun[],
  { session, sending }: SelectTools,
): Promise<Sparing> {
  const { tags, filters } = query.target.list!;
  // A filter that says what stands around the name is for branches alone.
  const isFiltered = terms !== undefined && literal(terms) !== undefined && filters.branch?.includes("=");
  if ((terms === undefined && !selection.orphaned) || tags?.named === undefined || isFiltered) return goOn;
  const { is, named, branchNamed, exceptEvents } = tags;
  const mayBeTag = ({ branch, isTag, event = "", pullRequest }: ListedRun): boolean =>
    branch !== undefined &&
    isTag === undefined &&
    pullRequest === undefined &&
    !(exceptEvents && matches(exceptEvents, event));
  const isThere = async (call: typeof named, branch: string, what: string): Promise<boolean> => {
    const answer = await session.send(query, call, { ...sending, learned: { branch }, changes: false });
    if (answer.kind === "not-found") return false;
    // Where a look tells, it is asked.
    if (answer.kind !== "ok" && is === undefined)
      throw refused(`whether ${oneLine(branch, 120)} is also the name of a ${what}`, answer);
    return true;
  };
  const names = chosen.filter(mayBeTag).map(({ branch }) => branch!);
  const asTag = await askEach(names, (name) => isThere(named, name, "tag"));
  const ambiguous = is === undefined ? names.filter((name) => asTag.get(name)) : [];
  // Of an orphan it is known that no branch has the name.
  const asBranch = await askEach(ambiguous, async (name) =>
    selection.orphaned ? false : branchNamed === undefined || (await isThere(branchNamed, name, "branch")),
  );
  return async (candidate) => {
    if (!mayBeTag(candidate) || !asTag.get(candidate.branch!)) return undefined;
    if (is === undefined)
      return asBranch.get(candidate.branch!)
        ? untold("a tag has the name of its branch, and it may be the tag's")
        : unlike("it is for a tag", "for a tag");
    const { run } = candidate;
    const seen = await session.send(run, run.target.look, { ...sending, changes: false });
    const isTag = seen.kind === "ok" ? holds(is, seen.reply.body) : undefined;
    if (isTag === undefined) return untold("it is unclear whether it is for a tag");
    return isTag ? unlike("it is for a tag", "for a tag") : undefined;
  };
}

interface OpenPullRequest {
  readonly number: string;
  readonly branch: string;
  /** Undefined once the fork is gone. */
  readonly headRepository: string | undefined;
}

function readPullRequest(list: OpenPullRequests, item: Json): OpenPullRequest | undefined {
  const number = textOf(list.number, item);
  const branch = textOf(list.branch, item);
  if (number === undefined || branch === undefined) return undefined;
  return { number, branch, headRepository: textOf(list.headRepository, item) };
}

/** Whether it is the branch of that pull request that the run is of. */
const isHeadOf = ({ branch, headRepository, repository }: ListedRun, head: OpenPullRequest): boolean =>
  head.branch === branch && head.headRepository === (headRepository ?? repository);

/** Runs of a branch from which another pull request is open, too: they are that one's as well. */
async function ofAnotherPullRequest(
  query: Run,
  { selection: { pullRequest }, label: head }: Wanted,
  chosen: readonly ListedRun[],
  { session, sending }: SelectTools,
): Promise<Sparing> {
  const { openPullRequests: open } = query.target.list!;
  const unsaid = chosen.filter((candidate) => candidate.pullRequest === undefined);
  if (pullRequest === undefined || open === undefined || unsaid.length === 0) return goOn;
  const names = head === undefined ? unsaid.flatMap(({ branch }) => branch ?? []) : [head];
  const others = [
    ...(
      await askEach(names, (name) =>
        wholeList(query, open, session, sending, (item) => readPullRequest(open, item), inQuery(open.filter, name)),
      )
    ).values(),
  ]
    .flat()
    .filter(({ number }) => number !== pullRequest);
  return (candidate) => {
    const other = candidate.pullRequest === undefined && others.find((one) => isHeadOf(candidate, one));
    return other ? untold(`pull request ${shown(other.number)} is open from the same branch`) : undefined;
  };
}

/** Why a run is no orphan. The runs were listed first: a branch that was made meanwhile is there. */
async function unlessOrphaned(query: Run, chosen: readonly ListedRun[], tools: SelectTools): Promise<Sparing> {
  const { session, sending } = tools;
  const { branches, openPullRequests } = query.target.list!;
  if (branches === undefined || openPullRequests === undefined || chosen.length === 0) return goOn;
  const { one } = openPullRequests;
  const isForPullRequest = ({ pullRequest, event = "" }: ListedRun): boolean =>
    pullRequest !== undefined || (openPullRequests.events !== undefined && matches(openPullRequests.events, event));
  const some = <T>(isAsked: boolean, ask: () => Promise<T[]>): Promise<T[]> => (isAsked ? ask() : Promise.resolve([]));
  const [names, open] = await Promise.all([
    some(!chosen.every(isForPullRequest), () =>
      whole(
        "branches",
        wholeList(query, branches, session, sending, (item) => textOf(branches.name, item)),
      ),
    ),
    some(chosen.some(isForPullRequest), () =>
      wholeOrEmpty(
        "open pull requests",
        wholeList(query, openPullRequests, session, sending, (item) => readPullRequest(openPullRequests, item)),
      ),
    ),
  ]);
  const living = new Set(names);
  return async (candidate) => {
    const { branch, pullRequest, repository } = candidate;
    if (!isForPullRequest(candidate)) {
      if (branch === undefined) return untold("its branch is not known");
      return living.has(branch) ? unlike("its branch is there", "of a branch that is there") : undefined;
    }
    const isOpen = open.some((head) =>
      pullRequest === undefined ? isHeadOf(candidate, head) : head.number === pullRequest,
    );
    if (isOpen) return unlike("its pull request is open", "of an open pull request");
    if (pullRequest === undefined || one === undefined) return undefined;
    const answer = await session.send(query, one, {
      ...sending,
      learned: { "pull-request": pullRequest },
      changes: false,
    });
    const head = answer.kind === "ok" ? textOf(openPullRequests.headRepository, answer.reply.body) : undefined;
    if (head === undefined) return untold(`it is unclear whether pull request ${shown(pullRequest)} is from a fork`);
    return head === repository ? undefined : unlike("its branch is in another repository", "of a fork");
  };
}

/** A list by which what is missing counts as gone: one that cannot be read is no reason to cancel, whatever it is answered. */
async function wholeOrEmpty<T>(what: string, list: Promise<T[]>): Promise<T[]> {
  try {
    return await list;
  } catch (error) {
    if (!(error instanceof HttpError) || error.kind === "aborted" || error.kind === "deadline") throw error;
    throw new HttpError("protocol", `the ${what} could not be listed: ${error.message}`, false);
  }
}

async function whole<T>(what: string, list: Promise<T[]>): Promise<T[]> {
  const all = await wholeOrEmpty(what, list);
  if (all.length === 0)
    throw new HttpError("protocol", `the list of ${what} is empty, so none is known to be gone`, false);
  return all;
}

/** The newest of each workflow, branch and event, and why they are spared: ours counts. */
function newest(chosen: readonly ListedRun[], { selection: { keepNewest }, own }: Wanted): Map<string, Spared> {
  const kept = new Map<string, Spared>();
  if (keepNewest === 0) return kept;
  const groups = new Map<string, ListedRun[]>();
  for (const candidate of new Map([...chosen, ...(own ? [own] : [])].map((one) => [one.key, one])).values()) {
    const { workflows, repository, headRepository, branch, pullRequest, event } = candidate;
    const name = JSON.stringify([workflows[0], repository, headRepository, branch, pullRequest, event]);
    const group = groups.get(name);
    if (group) group.push(candidate);
    else groups.set(name, [candidate]);
  }
  for (const group of groups.values()) {
    const order = group.every(({ started }) => started !== undefined) ? byStart : byId;
    for (const { key } of group.sort(order).slice(-keepNewest))
      kept.set(key, unlike(`one of the newest ${keepNewest}`, `among the newest ${keepNewest}`));
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
      ? unlike("it started the run that this step is part of", "that started this step's own")
      : undefined;
  } catch (error) {
    if (!(error instanceof HttpError) || error.kind === "aborted" || error.kind === "deadline") throw error;
    return untold(`it is unclear whether it started the run that this step is part of: ${error.message}`);
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
