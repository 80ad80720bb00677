/** Lists, page by page: runs, the jobs of a run, and what a run has started. */
import { HttpError } from "../http/client.ts";
import type {
  Call,
  Ids,
  Json,
  List,
  OtherRun,
  PageNumber,
  PageToken,
  Pages,
  Parts,
  PullRequestList,
  Reply,
  State,
  Where,
} from "../provider.ts";
import { head, oneLine } from "../text.ts";
import { stateOf } from "./look.ts";
import { type Run, runKey, sibling } from "./run.ts";
import type { CallOptions, Session } from "./session.ts";
import { holds, matches, pick } from "./template.ts";

/** Every item of a list, page by page. `filters` are added to the first page's query. Throws `HttpError`. */
export async function* itemsOf(
  run: Run,
  pages: Pages,
  session: Session,
  sending: CallOptions,
  filters: Ids = {},
): AsyncGenerator<Json, void> {
  const first = withQuery(pages.route, filters);
  let call: Call = { ...pages, route: first };
  let read = 0;
  for (let page = 1; page <= maxPages; page++) {
    const { kind, reply, said } = await session.send(run, call, sending);
    sending.onPage?.();
    if (kind !== "ok") {
      const host = new URL(run.place.api).host;
      const denied = kind === "denied";
      throw new HttpError(denied ? "denied" : "protocol", `${host} answered ${said}`, false);
    }
    const listed = pages.items === "" ? reply.body : pick<readonly Json[]>(pages.items, reply.body);
    if (!Array.isArray(listed)) throw new HttpError("protocol", "the reply is not the list that was asked for", false);
    yield* listed;
    read += listed.length;
    if (isNumbered(pages.next)) {
      const total = pick<number>(pages.next.total, reply.body);
      if (typeof total !== "number")
        throw new HttpError("protocol", "the list does not say how many items it has", false);
      if (listed.length === 0 || read >= total) return;
      const [parameter, value] = "page" in pages.next ? [pages.next.page, page + 1] : [pages.next.offset, read];
      call = withParameter({ ...pages, route: first }, parameter, value);
    } else if (isTokened(pages.next)) {
      const token = tokenIn(reply, pages.next) ?? "";
      if (token === "") return;
      call = withParameter({ ...pages, route: first }, pages.next.parameter, token);
    } else {
      const next = pages.next === "link" ? nextLink(reply.headers["link"]) : pick<string>(pages.next, reply.body);
      if (!next) return;
      call = { ...pages, route: `GET ${below(run.place.api, next)}` };
    }
  }
  throw new HttpError("protocol", `the list has more than ${maxPages} pages`, false);
}

const maxPages = 1000;

function isNumbered(next: Pages["next"]): next is PageNumber {
  return typeof next === "object" && "total" in next;
}

function isTokened(next: Pages["next"]): next is PageToken {
  return typeof next === "object" && "token" in next;
}

function tokenIn({ headers, body }: Reply, { token }: PageToken): string | number | undefined {
  const isHeader = typeof token === "object" && "header" in token;
  return isHeader ? headers[token.header] : pick<string | number>(token, body);
}

/** In the body, where the list is asked for by one. */
const withParameter = (call: Call, name: string, value: number | string): Call =>
  call.body === undefined
    ? { ...call, route: withQuery(call.route, { [name]: `${value}` }) }
    : { ...call, body: { ...(call.body as object), [name]: value } };

function withQuery(route: string, query: Ids): string {
  const pairs = Object.entries(query).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  return pairs.length === 0 ? route : `${route}${route.includes("?") ? "&" : "?"}${pairs.join("&")}`;
}

/** https://www.rfc-editor.org/rfc/rfc8288 */
function nextLink(header = ""): string | undefined {
  return head(header)
    .split(/,(?=\s*<)/)
    .find((link) => /;\s*rel="?next"?/i.test(link))
    ?.match(/<([^<>]*)>/)?.[1];
}

/** The next page is at the server that was asked, or nowhere: a credential goes with the request. */
function below(api: string, next: string): string {
  const address = URL.canParse(next, `${api}/`) ? new URL(next, `${api}/`).href : "";
  if (!address.startsWith(`${api}/`)) {
    throw new HttpError("protocol", `${new URL(api).host} points to a next page elsewhere; it is not followed`, false);
  }
  return address.slice(api.length).replace(/[{}]/g, encodeURIComponent);
}

/** What a list or a look says of a run. Texts are the server's, letter for letter: they are compared, and cleaned where they are shown. */
export interface ListedRun {
  readonly run: Run;
  /** The same for every item that shows this run. */
  readonly key: string;
  readonly id: string;
  readonly state: State;
  /** The vendor's word for it. */
  readonly word: string;
  readonly branch: string | undefined;
  readonly commit: string | undefined;
  readonly tree: string | undefined;
  readonly event: string | undefined;
  readonly workflows: readonly string[];
  /** Wall time in ms. */
  readonly started: number | undefined;
  readonly headRepository: string | undefined;
  readonly headRepositoryName: string | undefined;
  readonly repository: string | undefined;
  /** The pull request that it says it is for. */
  readonly pullRequest: string | undefined;
  readonly isTag: boolean | undefined;
}

/** Readings of one list, at most. */
const maxReadings = 3;
export interface ListOptions {
  readonly sending: Omit<CallOptions, "changes">;
  /** What the server is asked for, one search after the other. */
  readonly searches: readonly Ids[];
  /** The list to read instead of the usual one. */
  readonly instead: PullRequestList | undefined;
}

export interface Listed {
  readonly listed: ListedRun[];
  /** Why there may be more. */
  readonly cut: string | undefined;
}

/** Everything that the list says, each run once, in the order of the list. Throws `HttpError`. */
export async function listRuns(
  query: Run,
  session: Session,
  { sending, searches, instead }: ListOptions,
): Promise<Listed> {
  const list = query.target.list!;
  const runs = new Map<string, ListedRun>();
  let cut: string | undefined;
  for (const filters of searches) {
    // Where a run that ends leaves the list, one that follows moves to a page that has been read: read on until nothing is new.
    for (let reading = 1; reading <= maxReadings; reading++) {
      const before = runs.size;
      let items = 0;
      for await (const item of known(
        itemsOf(query, instead ?? list, session, { ...sending, changes: false }, filters),
        list,
      )) {
        items++;
        const run = readItem(query, item, instead?.ids ?? list.ids);
        if (!run)
          throw new HttpError(
            "protocol",
            "an item of the list does not say which run it is, and in which state",
            false,
          );
        runs.set(run.key, run);
      }
      if (list.max !== undefined && items >= list.max) cut = "the server listed only the newest";
      if (list.pageSize === undefined || items < list.pageSize || runs.size === before) break;
      if (reading === maxReadings) cut ??= "the list kept changing while it was read";
    }
  }
  return { listed: [...runs.values()], cut };
}

async function* known(items: AsyncIterable<Json>, { unknownWord }: List): AsyncGenerator<Json, void> {
  try {
    yield* items;
  } catch (error) {
    if (!(error instanceof HttpError && unknownWord?.test(head(error.message)))) throw error;
  }
}

/** `ids` are what an item says of its place, where that is not the place of the list. */
export function readItem(run: Run, body: Json, ids: PullRequestList["ids"] = {}): ListedRun | undefined {
  const { item, tags } = run.target.list!;
  const id = textOf(item.id, body);
  const shownState = stateOf(run, body);
  if (id === undefined || shownState === undefined) return undefined;
  const { state, word } = shownState;
  const shown = idsOf(run, run.targetName, { ...ids, [run.listId]: item.id }, body);
  if (shown === undefined) return undefined;
  const itself = sibling(run, run.targetName, { ...run.ids, ...shown });
  return {
    run: itself,
    key: runKey(itself),
    id,
    state,
    word,
    branch: textOf(item.branch, body),
    commit: textOf(item.commit, body),
    tree: textOf(item.tree, body),
    event: textOf(item.event, body),
    workflows: (item.workflow ?? []).flatMap((spelling) => textOf(spelling, body) ?? []),
    started: timeOf(item.started, body),
    headRepository: textOf(item.headRepository, body),
    headRepositoryName: textOf(item.headRepositoryName, body),
    repository: textOf(item.repository, body),
    pullRequest: textOf(item.pullRequest, body),
    isTag: holds(tags?.is, body),
  };
}

/** Every item of a further list that a selection needs, which must be whole: what is not in it counts as gone. Throws `HttpError`. */
export async function wholeList<T>(
  run: Run,
  pages: Pages,
  session: Session,
  sending: Omit<CallOptions, "changes">,
  read: (item: Json) => T | undefined,
  filters: Ids = {},
): Promise<T[]> {
  const all: T[] = [];
  for await (const item of itemsOf(run, pages, session, { ...sending, changes: false }, filters)) {
    const known = read(item);
    if (known === undefined) throw new HttpError("protocol", "an item of the list does not say what it is", false);
    all.push(known);
  }
  return all;
}

/** The jobs of a run, with their state in our words. Throws `HttpError`. */
export async function jobsOf(
  run: Run,
  session: Session,
  sending: Omit<CallOptions, "changes">,
): Promise<{ name: string; state: State }[]> {
  const { jobs } = run.target;
  if (!jobs)
    throw new HttpError("protocol", `provider ${run.key} does not list the jobs of a ${run.targetName}`, false);
  const all: { name: string; state: State }[] = [];
  for (const kind of jobs) {
    for await (const job of itemsOf(run, kind, session, { ...sending, changes: false })) {
      all.push({
        name: oneLine(textOf(kind.name, job) ?? ""),
        state: wordState(run, textOf(kind.state, job) ?? ""),
      });
    }
  }
  return all;
}

/** What a run has started, and whether more is to come. Throws `HttpError`. */
export async function downstreamOf(
  run: Run,
  session: Session,
  sending: Omit<CallOptions, "changes">,
): Promise<{ started: Run[]; pending: boolean }> {
  const started: Run[] = [];
  let pending = false;
  for (const list of run.target.downstream ?? []) {
    if (list.unlisted && holds(list.unlisted.when, sending.last) === true)
      throw new HttpError("protocol", list.unlisted.because, false);
    const by = Object.entries(list.startedBy ?? {});
    for await (const item of itemsOf(run, list, session, { ...sending, changes: false })) {
      if (by.some(([name, from]) => textOf(from, item) !== run.ids[name])) continue;
      const ids = idsOf(run, list.target, list.ids, item);
      if (ids !== undefined) started.push(sibling(run, list.target, { ...run.ids, ...ids }));
      else if (Object.values(list.ids).every((from) => textOf(from, item) === undefined)) pending = true;
      else throw new HttpError("protocol", "the list does not say which run was started", false);
    }
  }
  return { started, pending };
}

export interface NewerRun {
  readonly id: string;
  readonly state: State;
}

/** The run that the vendor has begun in the place of one that is over, `body` being the latest look at it. Throws `HttpError`. */
export async function successorOf(
  run: Run,
  session: Session,
  sending: Omit<CallOptions, "changes">,
  body: Json,
): Promise<NewerRun | undefined> {
  const { successor, look } = run.target;
  const name = textOf(look.name, body);
  const own = run.ids[run.listId] ?? "";
  if (!successor || (successor.name !== undefined && name === undefined)) return undefined;
  const within: Record<string, string> = {};
  for (const [value, where] of Object.entries(successor.within)) {
    const told = textOf(where, body);
    if (told === undefined) throw new HttpError("protocol", `the reply does not say its ${value}`, false);
    within[value] = told;
  }
  let newest: NewerRun | undefined;
  for await (const item of itemsOf(run, successor, session, { ...sending, learned: within, changes: false })) {
    const id = textOf(successor.id, item);
    const isOther = successor.name !== undefined && textOf(successor.name, item) !== name;
    if (isOther || id === undefined || !matches(run.target.ids[run.listId]!.pattern, id)) continue;
    if (isHigher(id, newest?.id ?? own)) newest = { id, state: wordState(run, textOf(successor.state, item) ?? "") };
  }
  return newest;
}

/** Numbers beyond 2^53 exist. */
const isHigher = (one: string, other: string): boolean =>
  one.length === other.length ? one > other : one.length > other.length;

/** The parts of a run that are in certain states. Throws `HttpError`. */
export async function partsOf(
  run: Run,
  parts: Parts,
  session: Session,
  sending: Omit<CallOptions, "changes">,
): Promise<Run[]> {
  const all: Run[] = [];
  for await (const item of itemsOf(run, parts, session, { ...sending, changes: false })) {
    if (!parts.in.includes(wordState(run, textOf(parts.state, item) ?? ""))) continue;
    const ids = idsOf(run, parts.target, parts.ids, item);
    if (ids === undefined)
      throw new HttpError("protocol", `the list does not say which ${parts.target} it shows`, false);
    all.push(sibling(run, parts.target, { ...run.ids, ...ids }));
  }
  return all;
}

/** Ids out of a server's text; undefined unless each looks like one: what does not is never put into a path. */
export function idsOf(run: Run, targetName: string, from: OtherRun["ids"], body: Json): Ids | undefined {
  const { ids } = run.provider.targets[targetName]!;
  const values: Record<string, string> = {};
  for (const [name, where] of Object.entries(from)) {
    const value = textOf(where, body);
    if (value === undefined || !matches(ids[name]!.pattern, value)) return undefined;
    values[name] = value;
  }
  return values;
}

/** A text or a number as text; all else, and an empty text, is not there. */
export function textOf(from: Parameters<typeof pick>[0], body: Json): string | undefined {
  const value: unknown = pick(from, body);
  return typeof value === "string" || typeof value === "number" ? `${value}` || undefined : undefined;
}

/** Some vendors write 1970 or the year 1 for what has not begun. */
const earliest = Date.UTC(2000);

function timeOf(from: Where<string>, body: Json): number | undefined {
  const time = Date.parse(textOf(from, body) ?? "");
  return time >= earliest ? time : undefined;
}

/** Our word for one of the vendor's. */
export function wordState({ states }: Run, word: string): State {
  return Object.hasOwn(states, word) ? states[word]! : "unknown";
}
