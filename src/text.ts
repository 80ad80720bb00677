/** Foreign text (names, branches, messages, comments) made harmless for any sink. */

// eslint-disable-next-line no-control-regex
const ansi = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-Z\\-_])/g;
// C0, DEL, C1, the line and paragraph separators, and the marks that reorder text.
// eslint-disable-next-line no-control-regex
const control = /[\u0000-\u001f\u007f-\u009f\u061c\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]+/g;
// Half of a character, a lone surrogate: JSON can carry it, an address cannot.
const loneSurrogate = /\p{Surrogate}/gu;

/** One line without escapes or control characters, at most `max` characters. */
export function oneLine(text: string, max = 300): string {
  const clean = text
    .replace(ansi, "")
    .replace(control, " ")
    .replace(loneSurrogate, "\ufffd")
    .replace(/ {2,}/g, " ")
    .trim();
  const points = [...clean];
  return points.length <= max ? clean : `${points.slice(0, max - 1).join("")}…`;
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
