/**
 * How ids are written: `name: value` or `name=value`, one per line or separated by `;`. Elements of a list are separated by commas
 * or spaces. What stands in double quotes is one value, whatever is in it; `\"` and `\\` are a quote and a backslash there.
 */
import { head } from "../text.ts";

export interface Pair {
  readonly name: string;
  /** As it is written, quotes included: whether it is a list is for the target to say. */
  readonly value: string;
}

const longestName = 60;

/** The pairs in a text, or what is wrong with it, as the end of a sentence. */
export function readPairs(text: string): readonly Pair[] | string {
  const pieces = outsideQuotes(text, (character) => ";\r\n".includes(character));
  if (pieces === undefined) return "has a quote that is not closed";
  const pairs: Pair[] = [];
  for (const piece of pieces.map((one) => one.trim()).filter(Boolean)) {
    const end = [piece.indexOf(":"), piece.indexOf("=")].filter((at) => at >= 0);
    const name = piece.slice(0, Math.min(...end)).trim();
    if (end.length === 0 || !/^[a-z][a-z0-9_-]*$/i.test(head(name, longestName)))
      return "has a part without a name; each one is `name: value`";
    pairs.push({ name, value: piece.slice(Math.min(...end) + 1).trim() });
  }
  return pairs;
}

/** The elements of a list. */
export function listOf(value: string): readonly string[] {
  const elements =
    outsideQuotes(value, (character) => character === "," || character.trim() === "") ?? value.split(/[\s,]+/);
  return elements.filter(Boolean).map(unquoted);
}

const pairsOfQuotes = ['""', "''", "``", "“”", "‘’", "„“", "«»", "<>"];

/** Without the quotes, or angle brackets, that came along when it was copied. */
export function unquoted(value: string): string {
  const text = head(value).trim();
  const quotes = pairsOfQuotes.find((pair) => text.length > 1 && text.startsWith(pair[0]!) && text.endsWith(pair[1]!));
  if (quotes === undefined) return text;
  const inner = text.slice(1, -1);
  return quotes === '""' ? inner.replace(/\\(["\\])/g, "$1") : inner.trim();
}

/** Split at each separator that no double quotes enclose; undefined where a quote is not closed. */
function outsideQuotes(text: string, separates: (character: string) => boolean): string[] | undefined {
  const pieces = [""];
  let [isQuoted, isEscaped] = [false, false];
  for (const character of text) {
    if (!isQuoted && separates(character)) {
      pieces.push("");
      continue;
    }
    pieces.push(pieces.pop()! + character);
    if (character === '"' && !isEscaped) isQuoted = !isQuoted;
    isEscaped = isQuoted && character === "\\" && !isEscaped;
  }
  return isQuoted ? undefined : pieces;
}
