/** How text is spelled for those who read it. */

// eslint-disable-next-line no-control-regex
const ansi = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-Z\\-_])/g;
// C0, DEL, C1, the line and paragraph separators, and the marks that reorder text.
// eslint-disable-next-line no-control-regex
const control = /[\u0000-\u001f\u007f-\u009f\u061c\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]+/g;
// Half of a character, a lone surrogate: JSON can carry it, an address cannot.
const loneSurrogate = /[\ud800-\udfff]/gu;

export const wellFormed = (text: string): string => text.replace(loneSurrogate, "\ufffd");

/** On one line, without escapes, control characters and repeated spaces. */
export function plain(text: string): string {
  // No two of the loops in it go over the same characters.
  // eslint-disable-next-line bounds/bounded-text
  const line = wellFormed(text.replace(ansi, "").replace(control, " "));
  return line.replace(/ {2,}/g, " ").trim();
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
  "`": "&#96;",
  "|": "&#124;",
  "@": "&#64;",
};

/** As text in HTML that stands in Markdown. */
export const html = (text: string): string => text.replace(/[&<>"'`|@]/g, (character) => entities[character] ?? "");
