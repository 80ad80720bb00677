/** Which server a run is on, and whether it may be talked to. */
import type { Environment } from "../environment.ts";
import { isMetadata } from "../http/metadata.ts";
import { type Input, inputs } from "../interface.ts";
import type { Ids, Provider, Server } from "../provider.ts";
import type { Platform } from "../platform.ts";
import { head, oneLine, oneOf } from "../text.ts";
import type { Entry } from "./catalog.ts";
import type { Lookup } from "./lookup.ts";
import type { Settings } from "./settings.ts";
import { fill, matches } from "./template.ts";
import { UsageError } from "./usage.ts";

/** A server as a run's address: where people look, and where the API is. Neither ends with a slash. */
export interface Place {
  readonly server: string;
  readonly api: string;
  /** How we came to it: credentials from the environment go to a `found` server only if it is one of the others. */
  readonly kind: "given" | "public" | "platform" | "found";
  readonly region?: string;
  /** The variable that gives it. */
  readonly variable?: string;
}

/** The server of a run that is named by its ids. Throws `UsageError`. */
export function placeOf(entry: Entry, server: Place | undefined, region: string | undefined, lookup: Lookup): Place {
  const { key, provider } = entry;
  const example = provider.server.region?.example ?? "";
  if (region === undefined && needsRegion(entry) && server === undefined)
    throw new UsageError(`${lookup.spell("region")} is missing: provider ${key} needs it, for example ${example}`);
  const place = server ?? publicPlace(entry, region);
  if (place === undefined && region !== undefined && needsRegion(entry))
    throw new UsageError(
      `${lookup.spell("region")}: "${oneLine(region, 60)}" is not a region of ${provider.name}; one is ${example}`,
    );
  if (place === undefined)
    throw new UsageError(`${lookup.spell("server-url")} is missing: provider ${key} has no public server`);
  return inRegion(forTarget(place, entry), region, entry, lookup);
}

/** A place as it is for one target, which may have an API of its own there. */
export function forTarget(place: Place, { target }: Entry): Place {
  return target.api === undefined ? place : { ...place, api: apiOf(target.api, place.server) };
}

/** A table says which regions a vendor has. A server of one's own may have any other, spelled as the input is. Throws `UsageError`. */
export function inRegion(place: Place, region: string | undefined, { provider }: Entry, { spell }: Lookup): Place {
  if (region === undefined) return place;
  if (matches(regionPattern, region)) return { ...place, region };
  const { env = [], example = "" } = provider.server.region ?? {};
  const variables = env.length > 0 ? `, and so does ${oneOf(env)} in the environment` : "";
  throw new UsageError(
    `${spell("region")}: "${oneLine(region, 60)}" is not a region; it takes a value such as ${example}${variables}`,
  );
}

const { pattern: regionPattern } = inputs.find(({ name }) => name === "region") as Required<Input>;

/** The server that `server-url`, the platform or a vendor tool's variable gives, in this order. */
export function givenServer(key: string, provider: Provider, settings: Settings, lookup: Lookup): Place | undefined {
  const http = `${lookup.spell("allow-http")} together with ${lookup.spell("server-url")}`;
  if (settings.serverUrl !== undefined) return serverByInput(provider, settings.serverUrl, settings, lookup);
  if (lookup.platform?.provider === key) return platformPlace(lookup.platform, provider, http);
  if (ignoresServerEnv(provider, lookup.env)) return undefined;
  const { env = [], serverIn = asItIs } = provider.server;
  for (const variable of env) {
    const value = lookup.env[variable]?.trim();
    if (!value) continue;
    const server = serverIn(value);
    if (server === undefined) return undefined;
    return { ...placeAt(provider, checkServer(server, variable, false, http), "given"), variable };
  }
  return undefined;
}

/** The vendor's public servers are where they are: a path on one is not the server's, and nothing is found below it. */
function serverByInput(provider: Provider, text: string, { allowHttp }: Settings, { spell }: Lookup): Place {
  const { url, alsoPublic = [], serverIn = asItIs } = provider.server;
  const address = checkServer(text, spell("server-url"), allowHttp, spell("allow-http"));
  const open = typeof url === "string" ? [url, ...alsoPublic] : [];
  if (open.length > 0 && serverIn(address.href) === undefined) return placeAt(provider, new URL(open[0]!), "given");
  const place = placeAt(provider, address, "given");
  const home = open.find((one) => new URL(one).origin === address.origin);
  if (home === undefined || place.server === home) return place;
  throw new UsageError(`${spell("server-url")}: "${oneLine(text, 120)}" is not accepted; it takes ${home}`);
}

/** What the address of a vendor's public server names besides, as the vendor's own tools have it in their variables: ids, as they are given. */
export function idsOfServer({ server, targets }: Provider, { serverUrl }: Settings): Ids {
  if (serverUrl === undefined || server.serverIn === undefined) return {};
  const whole = hasScheme(serverUrl) ? serverUrl : `https://${serverUrl}`;
  if (!URL.canParse(whole) || server.serverIn(whole) !== undefined) return {};
  const all = Object.values(targets).flatMap(({ ids }) => Object.entries(ids));
  const named = all.filter(([, { env = [] }]) => env.some((variable) => server.env?.includes(variable)));
  return Object.fromEntries(named.map(([name]) => [name, whole]));
}

const asItIs = (address: string): string | undefined => address;

/** Whether the vendor's own tools pass over the variables that hold addresses. */
export function ignoresServerEnv({ server: { envIgnoredBy = "" } }: Provider, env: Environment): boolean {
  return env[envIgnoredBy]?.toLowerCase() === "true";
}

/** A page names its server itself: what this machine and its other tools are set up for need not be usable then. */
export function knownServer(key: string, provider: Provider, settings: Settings, lookup: Lookup): Place | undefined {
  try {
    return givenServer(key, provider, settings, lookup);
  } catch (error) {
    if (error instanceof UsageError) return undefined;
    throw error;
  }
}

function platformPlace(platform: Platform, provider: Provider, http: string): Place {
  const place = placeAt(
    provider,
    checkServer(platform.server, "the server this step runs on", false, http),
    "platform",
  );
  return platform.api === undefined ? place : { ...place, api: head(platform.api).replace(/\/+$/, "") };
}

/**
 * What the environment says of the server that we run on is checked like `server-url`, and whether we go there or not: by it our
 * own run is known. Http is spoken of only where something would be sent. Throws `UsageError`.
 */
export function checkPlatform({ platform, providers }: Lookup): void {
  const provider = platform && providers.get(platform.provider);
  if (!provider) return;
  const { server, api, variables = { server: "the server this step runs on", api: "its API" } } = platform;
  const home = placeAt(provider, checkWhole(server, variables.server), "platform");
  if (api === undefined) return;
  const { origin, pathname } = checkWhole(api, variables.api);
  const base = origin + head(pathname).replace(/\/+$/, "");
  if (base !== home.api && !`${base}/`.startsWith(`${home.server}/`))
    throw new UsageError(
      `${variables.api}: "${oneLine(api, 120)}" is not accepted; it takes the API of ${variables.server}, ${home.api}`,
    );
}

/** Nobody types it, so nothing is left out of it. */
function checkWhole(text: string, where: string): URL {
  if (/^https?:\/\//i.test(head(text))) return checkServer(text, where, true, "");
  throw new UsageError(
    `${where}: "${oneLine(text.replace(/^.*@/s, "***@"), 120)}" is not accepted; it takes an address such as https://ci.example.com`,
  );
}

/** The platform we run on, if the run is one of its own. */
export function homeOf(
  { key, place }: { readonly key: string; readonly place: Place },
  platform: Platform | undefined,
): Platform | undefined {
  return platform?.provider === key && sameServer(platform.server, place.server) ? platform : undefined;
}

/** Two addresses without their API's path. */
export const sameServer = (one: string, other: string): boolean => {
  const [a, b] = [new URL(one), new URL(other)].map(
    ({ origin, pathname }) => origin + head(pathname).replace(/\/+$/, ""),
  );
  return a === b;
};

/** The vendor's public server; undefined where there is none, or none in that region. */
export function publicPlace({ provider, target }: Entry, region: string | undefined): Place | undefined {
  const server = publicUrl(target.server ?? provider.server.url, region);
  if (server === undefined) return undefined;
  const api = apiOf(target.api ?? provider.server.api, server);
  return { server, api, kind: "public", ...(region !== undefined && { region }) };
}

/** All of the vendor's public servers that a page can be on. */
export function publicPlaces(entry: Entry, region: string | undefined): Place[] {
  const { server } = entry.provider;
  const first = publicPlace(entry, region);
  const more = (server.alsoPublic ?? []).map((url): Place => ({
    server: url,
    api: apiOf(server.api, url),
    kind: "public",
  }));
  return first ? [first, ...more] : more;
}

/** The address of a service; undefined where there is none, or none in that region. */
export function publicUrl(url: Server["url"], region: string | undefined): string | undefined {
  if (url === undefined || typeof url === "string") return url;
  if (region === undefined) return undefined;
  const here = url.find(({ regions }) => matches(regions, region));
  return here && fill(here.url, { region });
}

export function needsRegion({ provider, target }: Entry): boolean {
  return (
    typeof (target.server ?? provider.server.url) === "object" ||
    provider.auth.some(({ tokenServer }) => typeof tokenServer === "object")
  );
}

/** A server by an address that people paste: with or without a trailing slash, with or without the API path. */
export function placeAt(provider: Provider, address: URL, kind: Place["kind"]): Place {
  const path = head(address.pathname).replace(/\/+$/, "");
  const whose = serverOfApi(provider.server, address);
  if (whose !== undefined) return { server: whose, api: apiOf(provider.server.api, whose), kind };
  const api = apiPaths(provider.server, address.host).find((known) => path.endsWith(known));
  if (api === undefined) {
    const server = address.origin + path;
    return { server, api: apiOf(provider.server.api, server), kind };
  }
  return { server: address.origin + path.slice(0, -api.length), api: address.origin + path, kind };
}

/** The server that an address of the API is on, if it is one of this provider's. */
export function placeOfApi(provider: Provider, address: URL): Place {
  const server = serverOfApi(provider.server, address) ?? address.origin;
  return { server, api: apiOf(provider.server.api, server), kind: "found" };
}

/** The API bases that are paths, by which a pasted address may end. */
function apiPaths({ api = "" }: Server, host: string): string[] {
  const bases =
    typeof api === "string"
      ? [api]
      : Object.entries(api).flatMap(([pattern, base]) => (isHost(pattern.split("/")[0]!, host) ? base : []));
  return bases.filter((base) => base.startsWith("/"));
}

function apiOf(api: Server["api"] = "", server: string): string {
  const { host } = new URL(server);
  const base =
    typeof api === "string" ? api : (Object.entries(api).find(([pattern]) => isHost(pattern, host))?.[1] ?? "");
  return base.startsWith("https:") ? base.replaceAll("{host}", host) : server + base;
}

/** The server whose API has a host of its own, by an address there: `https://api.acme.ghe.com/repos/…` is acme.ghe.com's. */
export function serverOfApi({ api }: Server, address: URL): string | undefined {
  for (const [pattern, base] of Object.entries(typeof api === "object" ? api : {})) {
    if (!base.startsWith("https:")) continue;
    const escaped = base.replace(/[\\^$.*+?()[\]|/]/g, "\\$&").replace("{host}", "(?<host>[^/?#]+)");
    const match = new RegExp(`^${escaped}(?:[/?#]|$)`).exec(head(address.href));
    const host = match?.groups?.["host"] ?? pattern;
    if (match && !host.startsWith("*") && isHost(pattern, host)) return `https://${host}`;
  }
  return undefined;
}

/** Whether a host is meant by `*` (any), `*.example.com` (any name before it) or a host. */
export function isHost(pattern: string, host: string): boolean {
  return pattern.startsWith("*") ? host.endsWith(pattern.slice(1)) : host === pattern;
}

const loopback = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/** `ci.example.com:8080` has none. */
export const hasScheme = (address: string): boolean => /^[A-Za-z][A-Za-z0-9+.-]*:(?!\d)/.test(address);

/** Parses and checks a server's address. `where` is the input as the host spells it. */
export function checkServer(text: string, where: string, allowHttp: boolean, allowSpelling: string): URL {
  const wrong = (accepted: string): UsageError =>
    new UsageError(`${where}: "${oneLine(text.replace(/^.*@/s, "***@"), 120)}" is not accepted; it takes ${accepted}`);
  let url: URL;
  if (text.includes("\\")) throw wrong("an address without backslashes");
  try {
    url = new URL(hasScheme(text) ? text : `https://${text}`);
  } catch {
    throw wrong("an address such as https://ci.example.com");
  }
  if (url.username || url.password)
    throw wrong("an address without user name and password: give credentials in their own inputs");
  if (url.search || url.hash) throw wrong("an address without ? and #");
  if (url.protocol !== "https:" && url.protocol !== "http:") throw wrong("an https address");
  if (isMetadata(url.hostname)) throw wrong("no link-local or metadata address");
  if (url.protocol === "http:" && !loopback.test(url.hostname) && !allowHttp)
    throw wrong(`https, because credentials would travel in the open; ${allowSpelling} allows http`);
  return url;
}
