/** Which server a run is on, and whether it may be talked to. */
import type { Provider, Server, Target } from "../provider.ts";
import { oneLine } from "../text.ts";
import { fill } from "./template.ts";
import { UsageError } from "./usage.ts";

/** A server as a run's address: where people look, and where the API is. Neither ends with a slash. */
export interface Place {
  readonly server: string;
  readonly api: string;
  /** How we came to it: credentials from the environment go to a `found` server only if it is one of the others. */
  readonly kind: "given" | "public" | "platform" | "found";
  readonly region?: string;
}

/** The vendor's public server; undefined where there is none, or its region is not known. */
export function publicPlace(provider: Provider, target: Target, region: string | undefined): Place | undefined {
  const template = target.server ?? provider.server.url;
  if (template === undefined || (needsRegion(provider, target) && region === undefined)) return undefined;
  const server = fill(template, { region: region ?? "" });
  return { server, api: apiOf(provider.server, server), kind: "public", ...(region !== undefined && { region }) };
}

export function needsRegion(provider: Provider, target: Target): boolean {
  return `${target.server ?? provider.server.url ?? ""}${provider.auth.map((auth) => auth.tokenServer ?? "").join("")}`.includes(
    "{region}",
  );
}

/** A server by an address that people paste: with or without a trailing slash, with or without the API path. */
export function placeAt(provider: Provider, address: URL, kind: Place["kind"]): Place {
  const path = address.pathname.replace(/\/+$/, "");
  const apis = provider.server.apis ?? [provider.server.api].filter((api) => typeof api === "string");
  const api = apis.find((known) => path.endsWith(known));
  if (api === undefined) {
    const server = address.origin + path;
    return { server, api: apiOf(provider.server, server), kind };
  }
  return { server: address.origin + path.slice(0, -api.length), api: address.origin + path, kind };
}

function apiOf(server: Server, address: string): string {
  const { api = "" } = server;
  const chosen = typeof api === "function" ? api(new URL(address)) : api;
  return /^https?:/.test(chosen) ? chosen : address + chosen;
}

/** Addresses of cloud metadata services and of the local link: never a CI server, often a way to steal credentials. */
const linkLocal =
  /^(?:169\.254\.|\[fe[89ab][0-9a-f]:|\[fd00:ec2:|\[(?:::|::ffff:|64:ff9b::)a9fe:|metadata\.google\.internal\.?$|100\.100\.100\.200$)/i;
const loopback = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/** Parses and checks a server's address. `where` is the input as the host spells it. */
export function checkServer(text: string, where: string, allowHttp: boolean, allowSpelling: string): URL {
  const wrong = (accepted: string): UsageError =>
    new UsageError(`${where}: "${oneLine(text.replace(/^.*@/s, "***@"), 120)}" is not accepted; it takes ${accepted}`);
  let url: URL;
  if (text.includes("\\")) throw wrong("an address without backslashes");
  try {
    url = new URL(/^[a-z][a-z0-9+.-]*:(?!\d)/i.test(text) ? text : `https://${text}`);
  } catch {
    throw wrong("an address such as https://ci.example.com");
  }
  if (url.username || url.password)
    throw wrong("an address without user name and password: give credentials as inputs of their own");
  if (url.search || url.hash) throw wrong("an address without ? and #");
  if (url.protocol !== "https:" && url.protocol !== "http:") throw wrong("an https address");
  if (linkLocal.test(url.hostname)) throw wrong("no link-local or metadata address");
  if (url.protocol === "http:" && !loopback.test(url.hostname) && !allowHttp)
    throw wrong(`https, because credentials would travel in the open; ${allowSpelling} allows http`);
  return url;
}
