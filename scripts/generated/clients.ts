/** What other clients of the vendors send, recorded in __tests__/fixtures/clients by the scripts in scripts/clients. */
import type { Ids, Json } from "../../src/provider.ts";

/** How well a call is known, the best first. */
export const levels = [
  "real server",
  "official client",
  "OpenAPI",
  "community client",
  "source code",
  "document",
] as const;
export type Level = (typeof levels)[number];

export const operations = [
  "look",
  "cancel",
  "force",
  "list",
  "jobs",
  "downstream",
  "pull",
  "pulls",
  "branches",
  "tag",
] as const;
export type Operation = (typeof operations)[number];

export interface Recorded {
  readonly target: string;
  readonly does: Operation | "token";
  readonly source: string;
  readonly call: string;
  readonly ids: Ids;
  readonly values?: Ids;
  readonly method: string;
  readonly path: string;
  readonly query: Ids;
  /** Only those that mean something. */
  readonly headers: Ids;
  readonly body: Json;
}

export interface Enum {
  readonly target: string;
  readonly of: string;
  readonly source: string;
  readonly words: readonly string[];
}

export interface Clients {
  readonly about: string;
  readonly script: string;
  readonly sources: Readonly<Record<string, { readonly name: string; readonly level: Exclude<Level, "document"> }>>;
  readonly requests: readonly Recorded[];
  readonly enums: readonly Enum[];
}

const folder = "__tests__/fixtures/clients";

/** `read` returns a file of the repository, undefined when there is none. */
export function clientsOf(key: string, read: (path: string) => string | undefined): Clients | undefined {
  const text = read(`${folder}/${key}.json`);
  return text === undefined ? undefined : (JSON.parse(text) as Clients);
}
