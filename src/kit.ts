/**
 * Pieces that the vendors' files are made of. They return data of the contract, know no vendor, and decide nothing:
 * a vendor's file may always write out what they return.
 */
import type { Auth, Call, Id, Pages, State } from "./provider.ts";

/** The vendor's words, letter for letter, by what they mean to us. */
export function states(words: Readonly<Partial<Record<State, readonly string[]>>>): Readonly<Record<string, State>> {
  return Object.fromEntries(
    Object.entries(words).flatMap(([ours, theirs]) => theirs.map((word) => [word, ours as State])),
  );
}

/** What an id may say besides its form. */
type More = Partial<Omit<Id, "pattern" | "help" | "example">>;

/** A positive number of at most so many digits. */
export const number = (help: string, example: string, more: More & { readonly digits?: number } = {}): Id => {
  const { digits = 10, ...rest } = more;
  return { pattern: new RegExp(`[1-9]\\d{0,${digits - 1}}`), help, example, ...rest };
};

export const uuid = (help: string, example: string, more: More = {}): Id => ({
  pattern: /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/,
  help,
  example,
  ...more,
});

/** `Authorization: Bearer`. The names are variables of the vendor's own tools that hold the token. */
export const bearer = (...token: string[]): Auth => ({ scheme: "bearer", env: { token } });

/** The token in a header of the vendor's own. */
export const inHeader = (header: string, ...token: string[]): Auth => ({ scheme: "header", header, env: { token } });

/** A list in pages, the next of which is in the Link header. */
export const linkedPages = (path: string, items = ""): Pages => ({ route: `GET ${path}`, items, next: "link" });

/** Every call that changes something, with the same extras. */
export const post = (path: string, more: Omit<Call, "route"> = {}): Call => ({ route: `POST ${path}`, ...more });
