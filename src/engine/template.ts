/** Routes, bodies and page addresses: the small templates of the provider contract, filled and read back. */

import { head } from "../text.ts";
import type { Condition, Id, Ids, Json, Target, Where } from "../provider.ts";

/** A template names a value that is not known. */
export class MissingValue extends Error {
  readonly value: string;
  constructor(value: string) {
    super(`no value for {${value}}`);
    this.value = value;
  }
}

/** A page with a host of its own, not below the provider's server. */
export const isWholeAddress = (template: string): boolean => /^[a-z]+:/.test(template);

const placeholder = /\{(\+?)([a-z][a-z-]*)\}/g;

/** `{id}` becomes one URI-encoded segment; `{+id}` keeps its slashes and what is already percent-encoded. */
export function fill(template: string, values: Ids): string {
  return template.replace(placeholder, (_, plus: string, name: string) => {
    const value = values[name];
    if (value === undefined) throw new MissingValue(name);
    return plus ? value.split("/").map(encodeKeepingEscapes).join("/") : encode(value);
  });
}

/** Also what `URL` would encode in a query, so that an address is sent as it is written here. */
const encode = (text: string): string =>
  encodeURIComponent(text.replace(/[\ud800-\udfff]/gu, "\uFFFD")).replaceAll("'", "%27");

function encodeKeepingEscapes(segment: string): string {
  return encode(segment).replace(/%25([0-9A-Fa-f]{2})/g, "%$1");
}

/** The names of the values that a template takes. */
export const names = (template: string): string[] => [...template.matchAll(placeholder)].map(([, , name = ""]) => name);

/** A parameter of a route's query for an optional id that is not known is left out. */
export function withoutMissing(path: string, values: Ids, { ids }: Pick<Target, "ids">): string {
  const [before = "", query] = path.split("?");
  const kept = (query?.split("&") ?? []).filter((one) =>
    names(one).every((name) => values[name] !== undefined || !ids[name]?.optional),
  );
  return kept.length === 0 ? before : `${before}?${kept.join("&")}`;
}

/** The values that show what a page's address looks like; a name that is no id stands for itself, in capitals. */
export function exampleValues(template: string, { ids }: Pick<Target, "ids">, region: string): Ids {
  const examples = Object.entries(ids).map(([name, id]) => [name, id.normalize?.(id.example) ?? id.example]);
  return {
    ...Object.fromEntries(names(template).map((name) => [name, name.toUpperCase()])),
    region,
    ...(Object.fromEntries(examples) as Ids),
  };
}

/** Fills the placeholders in a JSON body: "{id}", "{id:number}", "{reason:200}". */
export function fillBody(body: Json, values: Ids): Json {
  if (typeof body === "string") return fillString(body, values);
  if (Array.isArray(body)) return body.map((item) => fillBody(item, values));
  if (body === null || typeof body !== "object") return body;
  return Object.fromEntries(Object.entries(body as object).map(([key, item]) => [key, fillBody(item, values)]));
}

function fillString(text: string, values: Ids): string | number {
  const whole = /^\{([a-z][a-z-]*):number\}$/.exec(text);
  if (whole) return exact(valueOf(values, whole[1]!));
  return text.replace(/\{([a-z][a-z-]*)(?::(\d{1,9}))?\}/g, (_, name: string, max?: string) => {
    const value = valueOf(values, name);
    return max === undefined ? value : [...value].slice(0, Number(max)).join("");
  });
}

/** A number that JavaScript would change, marked as no id and no reason can be: `jsonOf` takes the quotes away. */
const exact = (digits: string): string | number =>
  Number.isSafeInteger(Number(digits)) ? Number(digits) : `\u0000${digits}`;

/** A body as it is sent. */
export const jsonOf = (body: Json): string => JSON.stringify(body).replace(/"\\u0000(\d{1,40})"/g, "$1");

function valueOf(values: Ids, name: string): string {
  const value = values[name];
  if (value === undefined) throw new MissingValue(name);
  return value;
}

export interface PageParts {
  readonly ids: Record<string, string>;
  /** Origin and path prefix of the server, without a trailing slash; undefined for a template that is a whole address. */
  readonly server: string | undefined;
}

/**
 * Reads the ids out of a pasted address, or returns undefined when the template is another page's.
 * `server` is a known server whose path prefix the address may carry; without it a relative template starts at the origin.
 */
export function readPage(
  template: string,
  address: URL,
  ids: Readonly<Record<string, Id>>,
  server?: URL,
): PageParts | undefined {
  const absolute = isWholeAddress(template);
  const anyPrefix = template.startsWith("{server}");
  const { path, query, hash } = split(anyPrefix ? template.slice("{server}".length) : template);
  const prefix = absolute ? "" : prefixOf(address, server);
  if (prefix === undefined || (absolute && !/^https?:$/.test(address.protocol))) return undefined;
  const subject = absolute
    ? `${address.protocol}//${address.host}${address.pathname}`
    : address.pathname.slice(prefix.length);
  const lead = anyPrefix && !server ? "(?<before>(?:/[^/]+)*?)" : "";
  const match = new RegExp(`^${lead}${pattern(path, ids)}(?:/.*)?$`, "u").exec(head(subject));
  const inQuery = readQuery(query, address);
  const inHash = readHash(hash, address, ids);
  if (!match || !inQuery || !inHash) return undefined;
  const { before = "", ...inPath } = match.groups ?? {};
  const values = idsOf(template, { ...inPath, ...inQuery, ...inHash }, ids);
  return values && { ids: values, server: absolute ? undefined : `${address.origin}${prefix}${before}` };
}

/** The path of a known server, which the address must carry; undefined when the address is elsewhere. */
function prefixOf(address: URL, server: URL | undefined): string | undefined {
  if (!server) return "";
  const prefix = server.pathname.replace(/\/$/, "");
  return server.origin === address.origin && `${address.pathname}/`.startsWith(`${prefix}/`) ? prefix : undefined;
}

/** What named groups of an address have matched, still as it is written there. */
type Groups = Readonly<Record<string, string | undefined>>;

function readQuery(query: string, address: URL): Groups | undefined {
  const groups: Record<string, string> = {};
  for (const [key, value] of new URLSearchParams(query)) {
    // What is not a placeholder is only written: people paste pages with any query.
    const [, before = "", name] = /^([^{}]*)\{\+?([a-z][a-z-]*)\}$/.exec(head(value)) ?? [];
    if (name === undefined) continue;
    const text = address.searchParams.get(key) ?? "";
    if (!text.startsWith(before) || text === before) return undefined;
    groups[groupName(name)] = encodeURIComponent(text.slice(before.length));
  }
  return groups;
}

function readHash(hash: string, address: URL, ids: Readonly<Record<string, Id>>): Groups | undefined {
  if (!hash) return {};
  const match = new RegExp(`^#${pattern(hash, ids)}(?:[/?&].*)?$`, "u").exec(head(address.hash));
  return match ? { ...match.groups } : undefined;
}

/** The values of the groups; undefined when one is not what its id may be. */
function idsOf(
  template: string,
  groups: Groups,
  ids: Readonly<Record<string, Id>>,
): Record<string, string> | undefined {
  const values: Record<string, string> = {};
  for (const [group, raw] of Object.entries(groups)) {
    if (raw === undefined) continue;
    const name = group.replaceAll("_", "-");
    const value = template.includes(`{+${name}}`) ? raw : decode(raw);
    if (value === undefined) return undefined;
    const id = ids[name];
    const normal = id?.normalize?.(value) ?? value;
    if (id && !matches(id.pattern, normal)) return undefined;
    values[name] = normal;
  }
  return values;
}

/** Longer than any id or value that a pattern takes. */
const longest = 2_000;

/** Whether the whole value matches. */
export function matches(pattern: RegExp, value: string): boolean {
  return (
    value.length <= longest && new RegExp(`^(?:${pattern.source})$`, pattern.flags.replace("g", "")).test(head(value))
  );
}

/** A segment that leads elsewhere when the path is resolved. */
export const hasDotSegment = (value: string): boolean => value.split("/").some((part) => part === "." || part === "..");

function split(template: string): { path: string; query: string; hash: string } {
  const [beforeHash = "", hash = ""] = template.split("#", 2);
  const [path = "", query = ""] = beforeHash.split("?", 2);
  return { path, query, hash };
}

function pattern(template: string, ids: Readonly<Record<string, Id>>): string {
  let source = "";
  let last = 0;
  for (const match of template.matchAll(placeholder)) {
    const [whole, plus, name] = match as unknown as [string, string, string];
    source += escape(template.slice(last, match.index));
    source += `(?<${groupName(name)}>${plus ? (ids[name]?.pattern.source ?? ".+?") : "[^/?#]+"})`;
    last = match.index + whole.length;
  }
  return source + escape(template.slice(last));
}

const groupName = (name: string): string => name.replaceAll("-", "_");
const escape = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** Reads a value out of a vendor's JSON; null, undefined and an empty string are the same: not there. */
export function pick<T>(from: Where<T> | undefined, body: Json): T | undefined {
  if (from === undefined || body === undefined || body === null) return undefined;
  if (typeof from === "function") {
    try {
      const value = from(body);
      return isThere(value) ? value : undefined;
    } catch (error) {
      // A provider's function reads a shape the server did not send: the value is not there.
      if (error instanceof TypeError) return undefined;
      throw error;
    }
  }
  for (const path of typeof from === "string" ? [from] : from) {
    let value: Json = body;
    for (const key of path.split("."))
      value =
        value !== null && typeof value === "object" && Object.hasOwn(value as object, key)
          ? (value as Record<string, Json>)[key]
          : undefined;
    if (isThere(value)) return value as T;
  }
  return undefined;
}

const isThere = <T>(value: T | null | undefined): value is T => value !== undefined && value !== null && value !== "";

/** Whether a reply meets a condition; undefined when it says nothing about it. */
export function holds(condition: Condition | undefined, body: Json): boolean | undefined {
  if (typeof condition !== "object" || isList(condition)) {
    const value: unknown = pick(condition, body);
    return typeof value === "boolean" ? value : undefined;
  }
  const values = Object.entries(condition).map(([path, wanted]) => [pick(path, body), wanted] as const);
  return values.some(([value]) => value === undefined)
    ? undefined
    : values.every(([value, wanted]) => value === wanted);
}

const isList = (condition: Condition): condition is readonly string[] => Array.isArray(condition);
