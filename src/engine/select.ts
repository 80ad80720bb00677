/** Choosing runs by what they are. Lists go stale, so what is chosen here is looked at again before it is cancelled. */
import { HttpError } from "../http/client.ts";
import type { Filter, Ids, Json, List, State } from "../provider.ts";
import { oneLine } from "../text.ts";
import { globMatches } from "./glob.ts";
import { type Run, sibling } from "./locate.ts";
import { stateOf } from "./look.ts";
import type { Sending, Session } from "./session.ts";
import type { Selection } from "./settings.ts";
import { matches, select } from "./template.ts";

/** What a list or a look says of a run. */
export interface Candidate {
  readonly run: Run;
  readonly id: string;
  readonly state: State;
  readonly branch: string | undefined;
  readonly commit: string | undefined;
  readonly event: string | undefined;
  readonly workflows: readonly string[];
  /** Wall time in ms. */
  readonly started: number | undefined;
  readonly owner: string | undefined;
  readonly home: string | undefined;
  readonly tag: boolean | undefined;
}

export interface Choice {
  readonly candidate: Candidate;
  /** Why it is spared; undefined when it is chosen. */
  readonly spared: string | undefined;
}

export interface SelectTools {
  readonly session: Session;
  readonly sending: Omit<Sending, "changes">;
  readonly selection: Selection;
  /** This step's own run, if it is one of this list. */
  readonly own: Ids | undefined;
  /** Our own run may be chosen. */
  readonly self: boolean;
  /** Our own run was started by another one, which may be among the listed. */
  readonly nested: boolean;
}

/** What is asked for, with the branch of a pull request looked up. */
export interface Wanted {
  readonly selection: Selection;
  readonly branch: string | undefined;
  /** The repository that the branch must be in; `own`: the one that the run is in; undefined where no branch is asked for. */
  readonly owner: string | undefined;
  /** A tag has the branch's name, so a push with that name may be the tag's. */
  readonly ambiguous: boolean;
}

/** Lists, and says of every run whether it is chosen, and why not. `query` is the run without its last id. Throws `HttpError`. */
export async function selectRuns(query: Run, tools: SelectTools): Promise<{ choices: Choice[]; wanted: Wanted }> {
  const { session, sending, selection } = tools;
  const list = query.target.list!;
  const wanted = await want(query, tools);
  const own = tools.own && (await readOwn(sibling(query, query.targetName, tools.own), tools));
  if (selection.olderThanThis && own?.started === undefined)
    throw new HttpError("protocol", "it cannot be told when the run of this step began, so none is older", false);

  const words = list.live.filter((word) => selection.states.includes(wordState(query, word)));
  const filters: Record<string, string> = {};
  const ask = (filter: Filter, value: string | undefined): void => {
    const parameter = list.filters[filter];
    if (parameter !== undefined && value !== undefined) filters[parameter] = value;
  };
  ask("branch", wanted.branch);
  ask("commit", selection.commit !== undefined && selection.commit.length >= 40 ? selection.commit : undefined);
  ask("event", selection.event.length === 1 ? selection.event[0] : undefined);
  const found = new Map<string, Candidate>();
  const { state } = list.filters;
  for (const status of state === undefined ? [undefined] : words) {
    const query_ = status === undefined ? filters : { ...filters, [state!]: status };
    for await (const item of session.items(query, list, { ...sending, changes: false }, query_)) {
      const candidate = read(query, list, item);
      if (candidate) found.set(candidate.id, candidate);
    }
  }
  const judged = [...found.values()].map((candidate) => ({ candidate, spared: spare(candidate, wanted, own) }));
  const kept = newest(
    judged.filter(({ spared }) => spared === undefined).map(({ candidate }) => candidate),
    own,
    wanted,
  );
  const choices: Choice[] = [];
  for (const { candidate, spared } of judged) {
    const why =
      spared ??
      (kept.has(candidate.id) ? `one of the newest ${selection.keepNewest}` : undefined) ??
      (!tools.self && candidate.id === own?.id ? "this step belongs to it" : undefined) ??
      (await byJobs(candidate.run, selection, tools)) ??
      (!tools.self && tools.nested && own && (await hasStarted(candidate.run, own.run, tools))
        ? "it started the run that this step belongs to"
        : undefined);
    choices.push({ candidate, spared: why });
  }
  return { choices, wanted };
}

/** Judges a run again by what a look has shown. */
export function stillWanted(run: Run, body: Json, wanted: Wanted): string | undefined {
  const candidate = read(run, run.target.list!, body);
  return candidate
    ? spare(candidate, { ...wanted, selection: { ...wanted.selection, olderThanThis: false } }, undefined)
    : undefined;
}

async function want(query: Run, { session, sending, selection }: SelectTools): Promise<Wanted> {
  const list = query.target.list!;
  let { branch } = selection;
  let owner: Wanted["owner"] = branch === undefined ? undefined : "own";
  if (selection.pullRequest !== undefined) {
    const { pull } = list;
    if (pull === undefined)
      throw new HttpError("protocol", `provider ${query.key} cannot select by pull request`, false);
    if (typeof pull === "string") {
      branch = pull.replace("{pull-request}", selection.pullRequest);
    } else {
      const learned = { "pull-request": selection.pullRequest };
      const { kind, reply, words } = await session.send(query, pull, { ...sending, learned, changes: false });
      const head = select<string>(pull.branch, reply.body);
      const from = select<string | number>(pull.owner, reply.body);
      if (kind !== "ok")
        throw new HttpError(
          kind === "denied" ? "denied" : "protocol",
          `pull request ${selection.pullRequest}: ${reply.status}${words ? `: ${words}` : ""}`,
          false,
        );
      if (head === undefined || from === undefined)
        throw new HttpError(
          "protocol",
          `pull request ${selection.pullRequest}: its fork is gone, so its runs cannot be told from others`,
          false,
        );
      [branch, owner] = [head, `${from}`];
    }
  }
  let ambiguous = false;
  if (branch !== undefined && list.tagNamed && selection.pullRequest === undefined) {
    const { kind } = await session.send(query, list.tagNamed, { ...sending, learned: { branch }, changes: false });
    ambiguous = kind === "ok";
  }
  return { selection, branch, owner, ambiguous };
}

function wordState(run: Run, word: string): State {
  return { ...run.provider.states, ...run.target.states }[word] ?? "unknown";
}

function read(run: Run, list: List, body: Json): Candidate | undefined {
  const text = (from: List["branch"] | List["id"] | undefined): string | undefined => {
    const value: unknown = select(from, body);
    return typeof value === "string" || typeof value === "number" ? oneLine(`${value}`) : undefined;
  };
  const id = text(list.id);
  const name = Object.entries(run.target.ids)
    .filter(([, { optional }]) => !optional)
    .at(-1)![0];
  const state = stateOf(run, body);
  // A list is the server's text: an id that does not look like one is not put into a path.
  if (id === undefined || !matches(run.target.ids[name]!.pattern, id) || state === undefined) return undefined;
  const started = Date.parse(text(list.started) ?? "");
  return {
    run: sibling(run, run.targetName, { ...run.ids, [name]: id }),
    id,
    state: state.state,
    branch: text(list.branch),
    commit: text(list.commit),
    event: text(list.event),
    workflows: (list.workflow?.(body) ?? []).flatMap((spelling) =>
      typeof spelling === "string" || typeof spelling === "number" ? [`${spelling}`] : [],
    ),
    started: Number.isNaN(started) ? undefined : started,
    owner: text(list.owner),
    home: text(list.home),
    tag: select<boolean>(list.tag, body),
  };
}

/** Why a run is not one of those asked for; undefined when it is. */
function spare(
  candidate: Candidate,
  { selection, branch, owner, ambiguous }: Wanted,
  own: Candidate | undefined,
): string | undefined {
  const { state, workflows, event, commit, started } = candidate;
  if (!selection.states.includes(state)) return `it is ${state}`;
  if (branch !== undefined) {
    if (candidate.branch !== branch) return `its branch is ${candidate.branch ?? "not known"}`;
    if (candidate.tag === true) return "it is for a tag";
    if (ambiguous && event === "push") return "there is a tag of that name, and the run may be the tag's";
    const tellsOwner = candidate.run.target.list?.owner !== undefined && owner !== undefined;
    if (tellsOwner && candidate.owner === undefined) return "its fork is gone, so it cannot be told whose branch it is";
    if (tellsOwner && candidate.owner !== (owner === "own" ? candidate.home : owner))
      return "its branch is in another repository";
  }
  if (selection.commit !== undefined && !commit?.startsWith(selection.commit))
    return `its commit is ${commit?.slice(0, 12) ?? "not known"}`;
  if (selection.workflow.length > 0 && !selection.workflow.some((name) => workflows.includes(name)))
    return `its workflow is ${workflows[0] ?? "not known"}`;
  if (selection.event.length > 0 && !selection.event.includes(event ?? ""))
    return `its event is ${event ?? "not known"}`;
  if (selection.olderThanThis && own && candidate.id !== own.id && !(started !== undefined && started < own.started!))
    return "it did not begin before the run of this step";
  return undefined;
}

/** The newest of each workflow, branch and event: ours counts. */
function newest(chosen: readonly Candidate[], own: Candidate | undefined, { selection }: Wanted): Set<string> {
  const groups = new Map<string, Candidate[]>();
  for (const candidate of new Map([...chosen, ...(own ? [own] : [])].map((one) => [one.id, one])).values()) {
    const group = [candidate.workflows[0], candidate.owner, candidate.branch, candidate.event].join("\n");
    groups.set(group, [...(groups.get(group) ?? []), candidate]);
  }
  const byStart = (a: Candidate, b: Candidate): number =>
    (b.started ?? 0) - (a.started ?? 0) || (BigInt(b.id) > BigInt(a.id) ? 1 : -1);
  return new Set(
    [...groups.values()].flatMap((group) =>
      group
        .sort(byStart)
        .slice(0, selection.keepNewest)
        .map(({ id }) => id),
    ),
  );
}

async function readOwn(run: Run, { session, sending }: SelectTools): Promise<Candidate | undefined> {
  const { kind, reply } = await session.send(run, run.target.look, { ...sending, changes: false });
  return kind === "ok" ? read(run, run.target.list!, reply.body) : undefined;
}

async function byJobs(
  run: Run,
  { withJob, withFailedJob }: Selection,
  { session, sending }: SelectTools,
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

/** The jobs of a run, with their state in our words. Throws `HttpError`. */
export async function jobsOf(
  run: Run,
  session: Session,
  sending: Omit<Sending, "changes">,
): Promise<{ name: string; state: State }[]> {
  const { jobs } = run.target;
  if (!jobs)
    throw new HttpError("protocol", `provider ${run.key} does not list the jobs of a ${run.targetName}`, false);
  const found: { name: string; state: State }[] = [];
  for await (const job of session.items(run, jobs, { ...sending, changes: false })) {
    found.push({
      name: oneLine(select<string>(jobs.name, job) ?? ""),
      state: wordState(run, select<string>(jobs.state, job) ?? ""),
    });
  }
  return found;
}

/** Whether `run`, or something that it started, has started `other`. */
async function hasStarted(run: Run, other: Run, tools: SelectTools, seen = new Set<string>()): Promise<boolean> {
  const key = Object.values(run.ids).join(" ");
  if (seen.has(key) || !run.target.downstream) return false;
  seen.add(key);
  for (const child of (await downstreamOf(run, tools.session, tools.sending)).started) {
    if (child.targetName === other.targetName && lastId(child) === lastId(other)) return true;
    if (await hasStarted(child, other, tools, seen)) return true;
  }
  return false;
}

const lastId = (run: Run): string | undefined =>
  Object.entries(run.ids)
    .filter(([name]) => !run.target.ids[name]?.optional)
    .at(-1)?.[1];

/** What a run has started, and whether more is to come. Throws `HttpError`. */
export async function downstreamOf(
  run: Run,
  session: Session,
  sending: Omit<Sending, "changes">,
): Promise<{ started: Run[]; pending: boolean }> {
  const { downstream } = run.target;
  const started: Run[] = [];
  let pending = false;
  if (!downstream) return { started, pending };
  const ids = run.provider.targets[downstream.target]!.ids;
  for await (const item of session.items(run, downstream, { ...sending, changes: false })) {
    const found = Object.entries(downstream.ids).map(
      ([name, from]) => [name, select<string | number>(from, item)] as const,
    );
    if (found.some(([name, value]) => value === undefined || !matches(ids[name]!.pattern, `${value}`))) pending = true;
    else
      started.push(
        sibling(run, downstream.target, Object.fromEntries(found.map(([name, value]) => [name, `${value!}`]))),
      );
  }
  return { started, pending };
}
