/** What somebody meant who has misspelled a name. */
import { head } from "../text.ts";

/** Names that differ in these, or in case, are spellings of one. */
export const canonical = (name: string): string =>
  head(name, longest)
    .toLowerCase()
    .replace(/[-_. ]/g, "");

/** No name of ours is longer, and the table below is as large as the square of it. */
const longest = 60;

/** The name that is another spelling of the text, or at most two edits away: one for a short name, of which two would make any other. */
export function nearest(text: string, names: readonly string[]): string | undefined {
  const meant = canonical(text);
  const found = names
    .map((name) => ({ name, edits: edits(meant, canonical(name)) }))
    .filter(({ name, edits: count }) => count <= (Math.min(meant.length, canonical(name).length) < 6 ? 1 : 2))
    .sort((a, b) => a.edits - b.edits);
  return found[0]?.name;
}

/** Insertions, deletions, replacements and swaps of neighbors from one to the other. */
function edits(from: string, to: string): number {
  let [before, last] = [[] as number[], Array.from({ length: to.length + 1 }, (_, at) => at)];
  for (let i = 1; i <= from.length; i++) {
    const row = [i];
    for (let j = 1; j <= to.length; j++) {
      const same = from[i - 1] === to[j - 1];
      const swapped = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1];
      const change = last[j - 1]! + (same ? 0 : 1);
      row[j] = Math.min(change, last[j]! + 1, row[j - 1]! + 1, swapped ? before[j - 2]! + 1 : Infinity);
    }
    [before, last] = [last, row];
  }
  return last[to.length]!;
}
