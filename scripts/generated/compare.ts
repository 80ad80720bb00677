/** What we send, beside what other clients send for the same thing. */
import { callsOf, type Entry } from "../../src/engine/catalog.ts";
import { build } from "../../src/engine/request.ts";
import { placeAt, publicPlace } from "../../src/engine/server.ts";
import type { HttpRequest } from "../../src/http/client.ts";
import type { Call, Filter, Ids, Json } from "../../src/provider.ts";
import type { Operation, Recorded } from "./clients.ts";

/** Every call that we make for an operation of a target; none where the target does not have it. */
export function callsFor({ target, force, provider }: Entry, does: Recorded["does"]): readonly Call[] {
  const { look, cancel, list, jobs = [], downstream = [] } = target;
  const calls = {
    look: [look],
    cancel: [cancel],
    force,
    list: list ? [list] : [],
    jobs,
    downstream,
    // Some tell a pull request by its runs alone.
    pull: list?.pullRequest && "route" in list.pullRequest ? [list.pullRequest] : [],
    tag: [list?.tags?.named ?? [], list?.tags?.branchNamed ?? []].flat(),
    branches: list?.branches ? [list.branches] : [],
    pulls: [list?.openPullRequests ?? [], list?.openPullRequests?.one ?? []].flat(),
    token: provider.auth.flatMap(({ crumb }) => crumb ?? []),
  } satisfies Record<Operation | "token", readonly Parameters<typeof callsOf>[0][]>;
  return calls[does].flatMap(callsOf);
}

/** Our request for what was recorded. Throws where a value is missing. */
export function ours(entry: Entry, call: Call, { does, ids, values = {} }: Recorded): HttpRequest {
  const { provider, target } = entry;
  const region = provider.server.region?.example;
  const place = publicPlace(entry, region) ?? placeAt(provider, new URL("https://server.example"), "given");
  const normal = Object.fromEntries(
    Object.entries(ids).map(([name, value]) => [name, target.ids[name]?.normalize?.(value) ?? value]),
  );
  const request = build({ ...entry, ids: normal, place }, call, { reason: "", ...values, ...normal });
  if (does === "list")
    for (const [name, parameter] of Object.entries(target.list?.filters ?? {})) {
      const value = values[name as Filter | "state"];
      const [key = "", around = "{value}"] = parameter.split("=");
      if (value !== undefined)
        request.url.searchParams.set(
          key,
          around.replace("{value}", () => value),
        );
    }
  return request;
}

/** Whether it is the same method on the same path, however that is encoded; some clients end each path with a slash. */
export function isSameCall({ method, url }: HttpRequest, theirs: Recorded): boolean {
  const bare = (path: string): string => decodeURIComponent(path).replace(/\/$/, "");
  return method === theirs.method && bare(url.pathname) === bare(theirs.path);
}

/** Headers that prove who asks, in whatever form. */
const credential =
  /^(authorization|cookie|private-token|circle-token|jenkins-crumb|x-(amz-)?security-token|x-octopus-apikey|x-subject-token)$/;

/** What is in one of the two requests and not in the other, as `theirs: query page=1`. */
export function differences(request: HttpRequest, theirs: Recorded): string[] {
  const ourBody: Json = request.body === undefined ? {} : JSON.parse(request.body);
  const query = Object.fromEntries(request.url.searchParams);
  const headers = Object.entries(theirs.headers).filter(
    // The type of a body that is not there says nothing.
    ([name]) => !credential.test(name) && (name !== "content-type" || request.body !== undefined),
  );
  return [
    ...between("query", query, theirs.query),
    // `{}` and `null` are no body.
    ...between("body", flat(ourBody), flat(theirs.body ?? {})),
    ...headers
      .filter(([name, value]) => request.headers[name] !== value)
      .map(([name, value]) => `theirs: ${name} ${value}`),
  ];
}

function between(part: string, ours: Ids, theirs: Ids): string[] {
  const only = (whose: string, one: Ids, other: Ids): string[] =>
    Object.entries(one).flatMap(([name, value]) =>
      other[name] === value ? [] : [`${whose}: ${part} ${name}=${value}`],
    );
  return [...only("ours", ours, theirs), ...only("theirs", theirs, ours)];
}

/** A JSON body as paths and values; a text and a number are not the same. */
function flat(body: Json, path = ""): Record<string, string> {
  if (body === null || typeof body !== "object") return { [path]: JSON.stringify(body) };
  return Object.assign(
    {},
    ...Object.entries(body as Record<string, Json>).map(([name, value]) =>
      flat(value, path === "" ? name : `${path}.${name}`),
    ),
  ) as Record<string, string>;
}
