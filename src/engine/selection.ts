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
import { holds, matches } from "./template.ts";
import { UsageError } from "./usage.ts";

export interface Choice {
  readonly candidate: ListedRun;
  /** Why it is spared; undefined when it is chosen. */
  readonly spared: string | undefined;
}

export interface Choosing {
  readonly choices: readonly Choice[];
  readonly wanted: Wanted;
  /** The server has handed out as many as it ever does, so there may be more. */
  readonly cut: boolean;
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

export interface Chosen {
  /** Each with what says, by the body of a look, why it is none of those any more. */
  readonly runs: readonly { readonly run: Run; readonly noLongerMatches: (body: Json) => string | undefined }[];
  /** Overrides the report. */
  readonly report: Partial<Report>;
}

export interface ChooseOptions {
  readonly settings: Settings;
  readonly session: Session;
  readonly sending: Omit<CallOptions, "changes">;
  readonly platform: Platform | undefined;
  readonly say: (line: string) => void;
  readonly spell: (name: string) => string;
}

/** Chooses runs by the selection. Never rejects for anything that a server does. */
export async function choose(
  query: Run,
  { settings, session, sending, platform, say, spell }: ChooseOptions,
): Promise<Chosen> {
  const home = homeOf(query, platform);
  const none = (report: Partial<Report>): Chosen => ({ runs: [], report });
  const ended = (outcome: "refused" | "failed", note: string): Chosen => {
    const exit = settings.failOn.includes(outcome) ? outcomes[outcome].exit : 0;
    return none({ outcome, exit: sending.signal?.aborted ? 130 : exit, note });
  };
  try {
    const { choices, wanted, cut } = await selectRuns(query, {
      session,
      sending,
      selection: settings.selection!,
      own: home?.own,
      self: settings.self,
      nested: home?.nested ?? false,
    });
    const chosen = choices.filter(({ spared }) => spared === undefined);
    for (const { candidate, spared } of settings.dryRun ? choices : chosen)
      say(`${query.key} ${query.targetName} ${candidate.id}: ${spared === undefined ? "chosen" : `spared: ${spared}`}`);
    const more = cut ? "; the server listed only the newest, so there may be more: run this again" : "";
    if (chosen.length === 0)
      return none({ note: `nothing to cancel: none of ${choices.length} listed runs is one of those selected${more}` });
    if (chosen.length > settings.maxRuns)
      return ended(
        "refused",
        `${chosen.length} runs are selected, more than ${spell("max-runs")}: ${settings.maxRuns} allows; none was cancelled`,
      );
    return {
      runs: chosen.map(({ candidate: { run } }) => ({
        run,
        noLongerMatches: (body) => stillWanted(run, body, wanted),
      })),
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

/** Lists, and says of every run whether it is chosen, and why not. `query` is the run without its last id. Throws `HttpError`. */
export async function selectRuns(query: Run, tools: SelectTools): Promise<Choosing> {
  const { session, sending, selection, self } = tools;
  const wanted = await want(query, tools);
  const ownRun = tools.own && sibling(query, query.targetName, tools.own);
  const ownId = ownRun && lastId(ownRun);
  const { listed, cut } = await listRuns(query, session, {
    ...wanted,
    searches: wanted.instead ? [{}] : searches(query, wanted),
    sending: { ...sending, learned: asked(selection) },
  });

  let choices = listed.map((candidate): Choice => ({ candidate, spared: spare(candidate, wanted) }));
  const chosen = (): ListedRun[] =>
    choices.filter(({ spared }) => spared === undefined).map(({ candidate }) => candidate);
  const sift = async (
    why: (candidate: ListedRun) => string | undefined | Promise<string | undefined>,
  ): Promise<void> => {
    choices = await mapConcurrently(choices, async ({ candidate, spared }) => ({
      candidate,
      spared: spared ?? (await why(candidate)),
    }));
  };

  await sift(await forTag(query, wanted, chosen(), tools));
  await sift(({ run }) => byJobs(run, selection, session, sending));
  const kept = newest(chosen(), wanted);
  await sift(({ id }) => {
    if (!self && id === ownId) return "this step belongs to it";
    return kept.has(id) ? `one of the newest ${selection.keepNewest}` : undefined;
  });
  if (!self && tools.nested && ownRun) await sift(({ run }) => asAncestor(run, ownRun, tools));
  return { choices, wanted, cut };
}

/** It cannot be told whether it is one of those: unlike one that is not, it is reported. */
export const notInReply = "a look does not show the run that was listed";

/** Judges a run again by what a look has shown. */
export function stillWanted(run: Run, body: Json, wanted: Wanted): string | undefined {
  const candidate = readItem(run, body);
  return candidate && candidate.id === lastId(run) ? spare(candidate, wanted) : notInReply;
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
  const run = sibling(query, query.targetName, own);
  const answer = await session.send(run, run.target.look, { ...sending, changes: false });
  if (answer.kind !== "ok") throw refused("the run of this step", answer);
  const candidate = readItem(run, answer.reply.body);
  if (candidate === undefined || (olderThanThis && candidate.started === undefined))
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
function spare(candidate: ListedRun, { selection, branch, headRepository, own }: Wanted): string | undefined {
  const { state, workflows, event, commit } = candidate;
  const shown = (text: string | undefined): string => (text === undefined ? "not known" : oneLine(text, 120));
  if (!selection.states.includes(state)) return `it is ${state}`;
  if (branch !== undefined) {
    if (candidate.branch !== branch) return `its branch is ${shown(candidate.branch)}`;
    if (candidate.isTag === true) return "it is for a tag";
    if (candidate.run.target.list?.item.headRepository !== undefined) {
      if (candidate.headRepository === undefined) return "its fork is gone, so it cannot be told whose branch it is";
      if (candidate.headRepository !== (headRepository ?? candidate.repository))
        return "its branch is in another repository";
    }
  }
  const { pullRequest } = candidate.run.target.list!;
  if (selection.pullRequest !== undefined && pullRequest && "number" in pullRequest) {
    if (candidate.pullRequest !== selection.pullRequest)
      return candidate.pullRequest === undefined
        ? "it is for no pull request that it tells"
        : `it is for pull request ${shown(candidate.pullRequest)}`;
  }
  if (selection.commit !== undefined && !commit?.startsWith(selection.commit))
    return `its commit is ${shown(commit?.slice(0, 12))}`;
  if (selection.workflow.length > 0 && !selection.workflow.some((name) => workflows.includes(name)))
    return `its workflow is ${shown(workflows[0])}`;
  if (selection.event.length > 0 && !selection.event.includes(event ?? "")) return `its event is ${shown(event)}`;
  if (selection.olderThanThis && own && candidate.id !== own.id && !beganBefore(candidate, own))
    return "it did not begin before the run of this step";
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
): Promise<(candidate: ListedRun) => string | undefined | Promise<string | undefined>> {
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
    if (is === undefined) return "a tag has the name of its branch, and it may be the tag's";
    const { run } = candidate;
    const seen = await session.send(run, run.target.look, { ...sending, changes: false });
    const shown = seen.kind === "ok" ? holds(is, seen.reply.body) : undefined;
    return shown === false ? undefined : shown ? "it is for a tag" : "it cannot be told whether it is for a tag";
  };
}

/** The newest of each workflow, branch and event: ours counts. */
function newest(chosen: readonly ListedRun[], { selection, own }: Wanted): Set<string> {
  if (selection.keepNewest === 0) return new Set();
  const groups = new Map<string, ListedRun[]>();
  for (const candidate of new Map([...chosen, ...(own ? [own] : [])].map((one) => [one.id, one])).values()) {
    const { workflows, repository, headRepository, branch, pullRequest, event } = candidate;
    const name = JSON.stringify([workflows[0], repository, headRepository, branch, pullRequest, event]);
    const group = groups.get(name);
    if (group) group.push(candidate);
    else groups.set(name, [candidate]);
  }
  return new Set(
    [...groups.values()].flatMap((group) =>
      group
        .sort(group.every(({ started }) => started !== undefined) ? byStart : byId)
        .slice(-selection.keepNewest)
        .map(({ id }) => id),
    ),
  );
}

async function byJobs(
  run: Run,
  { withJob, withFailedJob }: Selection,
  session: Session,
  sending: Omit<CallOptions, "changes">,
): Promise<string | undefined> {
  if (withJob === undefined && withFailedJob === undefined) return undefined;
  const jobs = await jobsOf(run, session, sending);
  if (withJob !== undefined && !jobs.some(({ name }) => globMatches(withJob, name))) return `it has no job ${withJob}`;
  if (
    withFailedJob !== undefined &&
    !jobs.some(({ name, state }) => state === "failed" && globMatches(withFailedJob, name))
  )
    return `no job ${withFailedJob} of it has failed`;
  return undefined;
}

/** Why a run is not to be cancelled from within what it has started. */
async function asAncestor(run: Run, own: Run, tools: SelectTools): Promise<string | undefined> {
  try {
    return (await hasStarted(run, own, tools, new Set())) ? "it started the run that this step belongs to" : undefined;
  } catch (error) {
    if (!(error instanceof HttpError) || error.kind === "aborted" || error.kind === "deadline") throw error;
    return `it cannot be told whether it started the run that this step belongs to: ${error.message}`;
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
