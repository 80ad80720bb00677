/** A vendor's own OpenAPI document, cut to the calls that we make: __tests__/fixtures/openapi. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Entry } from "../../src/engine/catalog.ts";
import { placeAt, publicPlace } from "../../src/engine/server.ts";
import type { Call, Json } from "../../src/provider.ts";

type Words = Readonly<Record<string, string>>;

export interface Source {
  /** A package with its version, a repository with its commit, or a page that the document was made into. */
  readonly package?: string;
  readonly page?: string;
  readonly repo?: string;
  readonly commit?: string;
  readonly path: string;
  readonly changed: readonly string[];
  /** Routes of ours that are not here, and why. */
  readonly missing: Words;
}

export interface Document {
  readonly "x-source": Source;
  readonly servers: readonly { readonly url: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Json>>>>;
}

/** A call as the document has it. */
export interface Described {
  readonly route: string;
  readonly statuses: readonly string[];
  /** The names of a status' examples. */
  readonly examples: (status: string) => readonly string[];
  readonly queries: readonly string[];
  /** Undefined where the document says nothing of a body's fields. */
  readonly fields: readonly string[] | undefined;
}

const folder = "__tests__/fixtures/openapi";

/** The providers that have a document. */
export function described(checkout = "."): readonly string[] {
  return readdirSync(join(checkout, folder)).map((file) => file.replace(/\.json$/, ""));
}

export function fileOf(key: string, checkout = "."): string {
  return join(checkout, folder, `${key}.json`);
}

export function documentOf(key: string, checkout = "."): Document {
  return JSON.parse(readFileSync(fileOf(key, checkout), "utf8")) as Document;
}

/** A path below our API's base, as the document has it below its own server. */
export function inDocument({ servers }: Document, entry: Entry, path: string): string {
  const { provider } = entry;
  const region = provider.server.region?.example;
  const place = publicPlace(entry, region) ?? placeAt(provider, new URL("https://server.example"), "given");
  const base = new URL(servers[0]!.url, "https://server.example").pathname.replace(/\/$/, "");
  const whole = new URL(place.api).pathname.replace(/\/$/, "") + path;
  return whole.startsWith(`${base}/`) ? whole.slice(base.length) : whole;
}

/** The call that a request is. */
export function operationAt(document: Document, method: string, path: string): Described | undefined {
  const found = Object.entries(document.paths)
    .filter(([template, operations]) => operations[method.toLowerCase()] && patternOf(template).test(path))
    // What is written out goes before a placeholder.
    .sort(([one], [other]) => one.split("{").length - other.split("{").length)[0];
  if (!found) return undefined;
  const [template, { [method.toLowerCase()]: operation, parameters: shared = [] }] = found;
  const parameters: readonly Json[] = [...shared, ...(operation.parameters ?? [])].map((one: Json) =>
    lookUp(document, one),
  );
  const contents: readonly Json[] = Object.values(lookUp(document, operation.requestBody ?? {}).content ?? {});
  return {
    route: `${method} ${template}`,
    statuses: Object.keys(operation.responses),
    examples: (status) => {
      const [content = {}]: readonly Json[] = Object.values(operation.responses[status]?.content ?? {});
      return Object.keys(content.examples ?? {});
    },
    queries: parameters.filter((one) => one.in === "query").map(({ name }) => name),
    fields: contents[0]?.schema && fieldsOf(document, contents[0].schema),
  };
}

/** A call of ours, with the examples of ids in their places. */
export function operationOf(document: Document, entry: Entry, call: Call): Described | undefined {
  const { method, path } = templateOf(call);
  const filled = path.replace(/\{(\+?)([^}]*)\}/g, (_, plus: string, name: string) => {
    const example = entry.target.ids[name]?.example ?? "1";
    return plus === "" ? encodeURIComponent(example) : example;
  });
  return operationAt(document, method, inDocument(document, entry, filled));
}

export function templateOf({ route }: Call): { readonly method: string; readonly path: string } {
  const [method = "", whole = ""] = route.split(" ");
  return { method, path: whole.split("?")[0]! };
}

/** A placeholder stands for one segment, and one of ours with a plus for several. */
export function patternOf(template: string): RegExp {
  const literal = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
  const parts = template.split(/(\{[^}]*\})/).map((part) => {
    if (!part.startsWith("{")) return literal(part);
    return part.startsWith("{+") ? ".+" : "[^/]+";
  });
  return new RegExp(`^${parts.join("")}$`);
}

function lookUp(document: Document, one: Json): Json {
  if (typeof one.$ref !== "string") return one;
  const path: readonly string[] = one.$ref.slice(2).split("/");
  return path.reduce<Json>((at, name) => at[name], document);
}

function fieldsOf(document: Document, schema: Json): readonly string[] | undefined {
  const { properties, allOf, anyOf, oneOf } = lookUp(document, schema);
  const parts: readonly Json[] = [...(allOf ?? []), ...(anyOf ?? []), ...(oneOf ?? [])];
  const names = parts.flatMap((part) => fieldsOf(document, part) ?? []);
  const all = [...Object.keys(properties ?? {}), ...names];
  return all.length > 0 ? all : undefined;
}
