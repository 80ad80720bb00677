/**
 * Pieces that the vendors' files are made of. They return data of the contract, know no vendor, and decide nothing:
 * a vendor's file may always write out what they return.
 */
import type { Auth, Call, Id, Pages, State, Variable } from "./provider.ts";

/** The vendor's words, letter for letter, by what they mean to us. */
export function states(words: Readonly<Partial<Record<State, readonly string[]>>>): Readonly<Record<string, State>> {
  return Object.fromEntries(
    Object.entries(words).flatMap(([ours, theirs]) => theirs.map((word) => [word, ours as State])),
  );
}

/** What an id may say besides its form. */
type More = Partial<Omit<Id, "pattern" | "help" | "example">>;

/** A positive number of at most so many digits, ten if not given. */
export function number(help: string, example: string, more: More & { readonly digits?: number } = {}): Id {
  const { digits = 10, ...rest } = more;
  return { pattern: new RegExp(`[1-9]\\d{0,${digits - 1}}`), help, example, ...rest };
}

/** In lower case, as most servers write it. */
export function uuid(help: string, example: string, more: More = {}): Id {
  return { pattern: /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/, help, example, ...more };
}

/** `Authorization: Bearer`. The variables of the vendor's own tools hold the token. */
export function bearer(...token: Variable[]): Auth {
  return { scheme: "bearer", env: token.length > 0 ? { token } : {} };
}

/** The token in a header of the vendor's own. */
export function inHeader(header: string, ...token: Variable[]): Auth {
  return { scheme: "header", header, env: { token } };
}

/** The last way in: a server that asks for no credential, as those that people run themselves may. */
export const nothing: Auth = { scheme: "none", env: {} };

/** A list in pages, the next of which is in the Link header. */
export function linkedPages(path: string, items = ""): Pages {
  return { route: `GET ${path}`, items, next: "link" };
}

/** A list in pages, which are counted: the body says how many items there are. */
export function numberedPages(path: string, items: string): Pages {
  return { route: `GET ${path}`, items, next: { page: "page", total: "total_count" } };
}

/** Regions by their names. */
export function regions(...names: string[]): RegExp {
  return new RegExp(names.join("|"));
}

export function get(path: string, more: Omit<Call, "route"> = {}): Call {
  return { route: `GET ${path}`, ...more };
}

export function post(path: string, more: Omit<Call, "route"> = {}): Call {
  return { route: `POST ${path}`, ...more };
}
