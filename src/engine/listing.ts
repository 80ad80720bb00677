/** Lists: page by page, the jobs of a run, and what a run has started. */
import { HttpError } from "../http/client.ts";
import type { Call, Ids, Json, OtherRun, Pages, State } from "../provider.ts";
import { oneLine } from "../text.ts";
import { type Run, sibling } from "./run.ts";
import type { Sending, Session } from "./session.ts";
import { matches, select } from "./template.ts";

/** Every item of a list, page by page. `filters` are added to the first page's query. Throws `HttpError`. */
export async function* itemsOf(
  run: Run,
  pages: Pages,
  session: Session,
  sending: Sending,
  filters: Ids = {},
): AsyncGenerator<Json, void> {
  let call: Call = { ...pages, route: withQuery(pages.route, filters) };
  for (let page = 1; page <= mostPages; page++) {
    const { kind, reply, said } = await session.send(run, call, sending);
    if (kind !== "ok") {
      const host = new URL(run.place.api).host;
      const denied = kind === "denied";
      throw new HttpError(denied ? "denied" : "protocol", `${host} answered ${said}`, false);
    }
    const listed = pages.items === "" ? reply.body : select<readonly Json[]>(pages.items, reply.body);
    if (!Array.isArray(listed)) throw new HttpError("protocol", "the reply is not the list that was asked for", false);
    yield* listed;
    const next = pages.next === "link" ? nextLink(reply.headers["link"]) : select<string>(pages.next, reply.body);
    if (!next) return;
    call = { ...pages, route: `GET ${below(run.place.api, next)}` };
  }
  throw new HttpError("protocol", `the list has more than ${mostPages} pages`, false);
}

const mostPages = 1000;

function withQuery(route: string, query: Ids): string {
  const pairs = Object.entries(query).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  return pairs.length === 0 ? route : `${route}${route.includes("?") ? "&" : "?"}${pairs.join("&")}`;
}

/** https://www.rfc-editor.org/rfc/rfc8288 */
function nextLink(header = ""): string | undefined {
  return header
    .split(/,(?=\s*<)/)
    .find((link) => /;\s*rel="?next"?/i.test(link))
    ?.match(/<([^>]*)>/)?.[1];
}

/** The next page is at the server that was asked, or nowhere: a credential goes with the request. */
function below(api: string, next: string): string {
  const address = URL.canParse(next, `${api}/`) ? new URL(next, `${api}/`).href : "";
  if (!address.startsWith(`${api}/`)) {
    throw new HttpError("protocol", `${new URL(api).host} points to a next page elsewhere; it is not followed`, false);
  }
  return address.slice(api.length).replace(/[{}]/g, encodeURIComponent);
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
  for (const kind of jobs) {
    for await (const job of itemsOf(run, kind, session, { ...sending, changes: false })) {
      found.push({
        name: oneLine(textOf(kind.name, job) ?? ""),
        state: wordState(run, textOf(kind.state, job) ?? ""),
      });
    }
  }
  return found;
}

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
  for await (const item of itemsOf(run, downstream, session, { ...sending, changes: false })) {
    const ids = idsOf(run, downstream.target, downstream.ids, item);
    if (ids !== undefined) started.push(sibling(run, downstream.target, ids));
    else if (Object.values(downstream.ids).every((from) => textOf(from, item) === undefined)) pending = true;
    else throw new HttpError("protocol", "the list does not say which run was started", false);
  }
  return { started, pending };
}

/** Ids out of a server's text; undefined unless each looks like one: what does not is never put into a path. */
export function idsOf(run: Run, targetName: string, from: OtherRun["ids"], body: Json): Ids | undefined {
  const { ids } = run.provider.targets[targetName]!;
  const found: Record<string, string> = {};
  for (const [name, where] of Object.entries(from)) {
    const value = textOf(where, body);
    if (value === undefined || !matches(ids[name]!.pattern, value)) return undefined;
    found[name] = value;
  }
  return found;
}

/** A text or a number as text; all else is not there. */
export function textOf(from: Parameters<typeof select>[0], body: Json): string | undefined {
  const value: unknown = select(from, body);
  return typeof value === "string" || typeof value === "number" ? `${value}` : undefined;
}

/** Our word for one of the vendor's. */
export function wordState({ states }: Run, word: string): State {
  return Object.hasOwn(states, word) ? states[word]! : "unknown";
}
