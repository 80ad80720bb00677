/** What a selection asks of one property of a run: texts that are wanted, and texts that are excluded. */
import { globMatches } from "./glob.ts";

export interface Terms {
  /** Empty: any but the excluded. */
  readonly wanted: readonly string[];
  readonly excluded: readonly string[];
}

/** Why a text is not a list of terms, as a clause that begins with "it". */
export class NotTerms extends Error {}

/** A name that git forbids in a ref, so no branch can begin with it. */
const exclusion = "^";

/** `*` stands for any text, and `^` in front excludes. `separator`: a comma, or white space. Throws `NotTerms`. */
export function readTerms(text: string, separator: "," | " "): Terms {
  const elements = text.split(separator === "," ? "," : /\s+/).map((element) => element.trim());
  if (elements.includes("")) throw new NotTerms("has an empty element");
  const excluded = elements
    .filter((element) => element.startsWith(exclusion))
    .map((element) => element.slice(exclusion.length).trim());
  if (excluded.includes("")) throw new NotTerms("has a ^ that excludes nothing; write what to exclude right after it");
  return { wanted: elements.filter((element) => !element.startsWith(exclusion)), excluded };
}

/** Whether a run is meant that bears these names, each of which is a spelling of one thing. */
export function accepts(
  { wanted, excluded }: Terms,
  names: readonly string[],
  isSame: (term: string, name: string) => boolean = isLike,
): boolean {
  const isAmong = (terms: readonly string[]): boolean => terms.some((term) => names.some((name) => isSame(term, name)));
  return !isAmong(excluded) && (wanted.length === 0 || isAmong(wanted));
}

/** Whether they accept everything, so that nothing need be known. */
export const acceptsAll = ({ wanted, excluded }: Terms): boolean => excluded.length === 0 && wanted.includes("*");

/** The one text that is wanted, where it stands for itself. */
export function literal({ wanted }: Terms): string | undefined {
  return wanted.length === 1 && isLiteral(wanted[0]!) ? wanted[0] : undefined;
}

export const isLiteral = (term: string): boolean => !term.includes("*");

export const isLike = (term: string, name: string): boolean => globMatches(term, name, "");

/** Owners and names of repositories differ in no more than case. */
export const isSameRepository = (term: string, name: string): boolean => isLike(term.toLowerCase(), name.toLowerCase());

/** A commit may be given by its beginning, and a server may show no more than that either. */
export function isSameCommit(term: string, commit: string): boolean {
  return isLiteral(term) ? commit.startsWith(term) || term.startsWith(commit) : isLike(term, commit);
}
