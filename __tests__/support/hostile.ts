import fc from "fast-check";

const traps = [
  "\n",
  "\r",
  "\u001b[2K",
  "\u001b]0;title\u0007",
  "\u0085",
  "\u2028",
  "\u202e",
  "::",
  ":",
  "##[",
  "#",
  "[",
  "error]",
  "::set-output name=x::y",
  "ghadelimiter_",
  "<script>",
  "<img src=x onerror=y>",
  "`",
  "|",
  '"',
  "'",
  "&",
  "@everyone",
  "](https://evil.example)",
  "=",
  "$(id)",
  "${X}",
  " ",
  "\t",
  "\u00a0",
  "\ufeff",
  "\0",
  "\u061c",
  "\ud800",
];

/** Text as somebody would write it who wants more than to be read. */
export const hostile: fc.Arbitrary<string> = fc
  .array(fc.oneof(fc.constantFrom(...traps), fc.string({ unit: "binary", maxLength: 6 })), { maxLength: 12 })
  .map((parts) => parts.join(""));
