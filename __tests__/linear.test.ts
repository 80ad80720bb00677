/** No text makes us run long: a megabyte of the worst takes at most in proportion to a tenth of it. */
import { expect, test, describe } from "@jest/globals";
import { Linter } from "eslint";
import { parser } from "typescript-eslint";
import { boundedText, isLinear } from "../scripts/lint/bounded-text.js";
import { globMatches } from "../src/engine/glob.ts";
import { classify } from "../src/engine/reply.ts";
import { matches } from "../src/engine/template.ts";
import { parse } from "../src/http/json.ts";
import { Redactor } from "../src/http/redact.ts";
import { inputs } from "../src/interface.ts";
import { plain } from "../src/spelling.ts";
import { head, oneLine } from "../src/text.ts";
import { providers } from "../src/providers/all.ts";
import { runs } from "./support/located.ts";

/** What makes patterns try again: one thing over and over, and an end that fits nothing. */
const things = [
  ...["a", "A", "0", " ", "/", "-", ".", "_", "{", "<", '"', '\\"', "\\", "[", "\u001b[", "\u001b]", "%2F", "::"],
  ...[
    "a/",
    "a-",
    "/job/",
    "<title",
    "job/a/",
    "*a",
    "-1",
    "{a",
    "1.",
    "a, b",
    ", <",
    "../",
    "\u00e9",
    "\ud800",
    "&amp;",
    "https://",
  ],
];
const ends = ["", "!\n"];

function timeOf(run: (text: string) => unknown, text: string): number {
  const since = performance.now();
  run(text);
  return performance.now() - since;
}

const made = new Map<string, string>();

function textFrom(start: string, thing: string, end: string, length: number): string {
  const key = JSON.stringify([start, thing, end, length]);
  // By way of bytes it is one text in memory, not a tree of pieces that the first reader has to join.
  const text =
    made.get(key) ?? Buffer.from(start + thing.repeat(length / thing.length) + end, "utf16le").toString("utf16le");
  if (start === "") made.set(key, text);
  return text;
}

/** A text ten times as long may take ten times as long, and again as much for the memory; what is quadratic takes a hundred times. */
const isTooLong = (time: number, before: number): boolean => time > 300 && time > 40 * Math.max(before, 2);

/** What is wrong with the time for texts of growing length, if it grows faster than they do. */
function growth(
  run: (text: string) => unknown,
  start: string,
  thing: string,
  end: string,
  [first, ...longer]: readonly number[] = [10_000, 100_000, 1_000_000],
): string | undefined {
  const textOf = (length: number): string => textFrom(start, thing, end, length);
  let before = timeOf(run, textOf(first!));
  for (const length of longer) {
    const text = textOf(length);
    let time = timeOf(run, text);
    // Below some milliseconds the clock decides, and the garbage collector now and then: only what is slow each time is.
    for (let again = 0; again < 3 && isTooLong(time, before); again++) time = Math.min(time, timeOf(run, text));
    if (isTooLong(time, before))
      return `${JSON.stringify(start + thing)}, ${length} characters: ${before} ms, then ${time} ms`;
    before = time;
  }
  return undefined;
}

const worst = (run: (text: string) => unknown, starts: readonly string[] = [""]): string[] =>
  starts.flatMap((start) => things.flatMap((thing) => ends.flatMap((end) => growth(run, start, thing, end) ?? [])));

/** Every pattern below a value, with its place. */
function patternsIn(value: unknown, place: string, seen = new Set<unknown>()): [string, RegExp][] {
  if (value instanceof RegExp) return [[place, value]];
  if (typeof value !== "object" || value === null || seen.has(value)) return [];
  seen.add(value);
  return Object.entries(value).flatMap(([name, part]) => patternsIn(part, `${place}.${name}`, seen));
}

/** These are asked about a whole value. */
const isId = /\.ids\.[\w-]+\.pattern$|\.version\.is$|\.advice\.\d+\.on$/;
const registry = [...providers].flatMap(([key, provider]) => patternsIn(provider, key));
const others = [
  ...new Map(
    registry
      .filter(([place]) => !isId.test(place))
      .map(([place, pattern]) => [`${pattern}`, [place, pattern] as const]),
  ).values(),
];
const ids = [
  ...new Map(
    registry.filter(([place]) => isId.test(place)).map(([place, pattern]) => [`${pattern}`, [place, pattern] as const]),
  ).values(),
];

describe("the patterns of the registry", () => {
  test("are found", () => {
    expect(ids.length).toBeGreaterThan(10);
    expect(others.length).toBeGreaterThan(3);
  });

  test.each(ids)("%s", (_, pattern) => {
    expect(worst((text) => matches(pattern, text))).toEqual([]);
  });

  test.each(others)("%s", (_, pattern) => {
    expect(worst((text) => pattern.test(head(text)))).toEqual([]);
  });
});

function addressed(text: string): void {
  try {
    runs({ url: text, token: "t" });
  } catch {
    // It is not a page address we recognize.
  }
}

describe("what reads foreign text", () => {
  const redactor = new Redactor();
  redactor.add("glpat-0123456789abcdef");
  const [gitlab] = [...providers.values()];

  test.each<[string, (text: string) => unknown, string[]]>([
    ["a line", (text) => oneLine(text), []],
    ["a line that is not cut before", (text) => plain(text), []],
    ["the redaction", (text) => redactor.redact(text), []],
    ["JSON", parse, ["", '"', "{", '[{"a":"']],
    ["a glob", (text) => globMatches("*a*b?c*-*", text), []],
    ["a glob of stars", (text) => globMatches("*****a", text), []],
    [
      "an address",
      addressed,
      ["https://gitlab.com/", "https://github.com/a/b/", "https://ci.example.com/job/", "http"],
    ],
    [
      "an error's words",
      (text) => classify({ status: 400, headers: {}, body: { message: text, error: text } }, undefined, gitlab!),
      [],
    ],
    ["an error page", (text) => classify({ status: 502, headers: {}, body: text }, undefined, gitlab!), []],
  ])("%s", (_, run, starts) => {
    expect(worst(run, starts.length > 0 ? starts : [""])).toEqual([]);
  });

  test("the inputs' own patterns", () => {
    for (const { name, pattern } of inputs as readonly { name: string; pattern?: RegExp }[])
      if (pattern) expect([name, worst((text) => matches(pattern, text))]).toEqual([name, []]);
  });

  test("a pattern that does run long is found", () => {
    expect(growth((text) => /\/+$/.test(text), "", "/", "!", [500, 50_000])).toMatch(/ms, then/);
  });
});

describe("a lint rule", () => {
  const linter = new Linter();
  const complaints = (code: string): number =>
    linter.verify(
      code,
      {
        files: ["**/*.ts"],
        languageOptions: { parser },
        plugins: { bounds: { rules: { "bounded-text": boundedText } } },
        rules: { "bounds/bounded-text": "error" },
      },
      { filename: "a.ts" },
    ).length;

  test.each([
    "/a+b/.test(text)",
    "text.replace(/\\/+$/, '')",
    "text?.match(/<([^>]*)>/)",
    "const link = /<[^>]*>;/; link.exec(text)",
    "new RegExp(source).test(text)",
    "errors.code.test(text)",
    "/^(?:a+)+$/.test(text)",
    "text.split(/,(?=\\s*<)\\s+x/)",
    "text.replace(new RegExp(source), '')",
  ])("refuses %s", (code) => {
    expect(complaints(code)).toBe(1);
  });

  test.each([
    "/a+b/.test(head(text))",
    "head(text).replace(/\\/+$/, '')",
    "oneLine(text, 60).match(/<([^>]*)>/)",
    "/^a+$/.test(text)",
    "text.split(/[\\s,]+/)",
    "text.replace(/\\{([a-z-]+)\\}/g, '')",
    "text.replaceAll('a', 'b')",
    "text.split(/, (?=[^;,]+=)/)",
    "/html/i.test(type)",
  ])("lets %s be", (code) => {
    expect(complaints(code)).toBe(0);
  });

  test("takes no pattern for linear that is not", () => {
    for (const source of ["a+b", "(a+)+", "^a+b+$", "^a+|b+c", "<[^>]*>", "\\s+$", "\\w+@"])
      expect([source, isLinear(source)]).toEqual([source, false]);
  });
});
