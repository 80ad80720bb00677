/** Foreign text (names, branches, messages, comments) made harmless for any sink. */
import { secrets } from "./http/redact.ts";
import { plain } from "./spelling.ts";

/** What a pattern sees of a foreign text, in characters; nothing that is shown is longer. */
export const longestText = 10_000;

/** The beginning of a foreign text, so that it makes no pattern run long. No secret is cut in two. */
export function head(text: string, max = longestText): string {
  return secrets.head(text, max);
}

/** One line without escapes or control characters, at most `max` characters. */
export function oneLine(text: string, max = 300): string {
  const start = head(text);
  const line = plain(start);
  const whole = text.length <= longestText;
  if (whole && [...line].length <= max) return line;
  // Taken out before the cut, of which nothing but the text's length decides.
  const points = [...secrets.redact(plain(secrets.redact(start)))];
  return whole && points.length <= max ? points.join("") : `${points.slice(0, max - 1).join("")}…`;
}

/** For a list in a sentence: `a, b or c`. */
export function oneOf(words: readonly string[], last = "or"): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} ${last} ${words.at(-1)!}`;
}

/** `90` → `1m30s`; for people, so tenths are shown only below ten seconds. */
export function duration(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 9.95) return `${Math.round(seconds * 10) / 10}s`;
  const whole = Math.round(seconds);
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return [h ? `${h}h` : "", m ? `${m}m` : "", s || (!h && !m) ? `${s}s` : ""].join("");
}
