import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { duration, oneLine, oneOf } from "../src/text.ts";
import { hostile } from "./support/hostile.ts";

describe("oneLine", () => {
  test.each([
    ["a\nb\r\nc\rd", "a b c d"],
    ["  a   b\t", "a b"],
    ["\u001b[31mred\u001b[0m", "red"],
    ["\u001b]8;;https://evil.example\u0007link\u001b]8;;\u0007", "link"],
    ["section_start:1:x\r\u001b[0K", "section_start:1:x"],
    ["a\u0000b\u007fc\u009bd", "a b c d"],
    ["a\u2028b\u2029c\u0085d", "a b c d"],
    ["user\u202egnp.exe", "user gnp.exe"],
    ["Grüße, 日本語 👩‍🚀", "Grüße, 日本語 👩‍🚀"],
    ["", ""],
  ])("%j becomes %j", (text, line) => {
    expect(oneLine(text)).toBe(line);
  });

  test("cuts by character, not through one, and shows that it has", () => {
    expect(oneLine("👍👍👍👍", 3)).toBe("👍👍…");
    expect(oneLine("👍👍👍", 3)).toBe("👍👍👍");
  });

  test("is one printable line of the length asked for, whatever comes in", () => {
    fc.assert(
      fc.property(hostile, fc.integer({ min: 1, max: 40 }), (text, most) => {
        const line = oneLine(text, most);

        expect([...line].length).toBeLessThanOrEqual(most);
        expect(line).not.toMatch(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u);
        expect(line).toBe(line.trim());
      }),
    );
  });

  test("can travel in an address, whatever comes in", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.constantFrom("", "\ud800", "\udc00"), (text, half) => {
        expect(() => encodeURIComponent(oneLine(text + half + text))).not.toThrow();
      }),
    );
  });

  test("leaves a line that is clean as it is", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[!-~](?:[ ]?[!-~]){0,30}$/), (text) => {
        expect(oneLine(text)).toBe(text);
      }),
    );
  });
});

test.each([
  [[], ""],
  [["a"], "a"],
  [["a", "b"], "a or b"],
  [["a", "b", "c"], "a, b or c"],
])("oneOf %j is %j", (words, sentence) => {
  expect(oneOf(words)).toBe(sentence);
});

test.each([
  [0, "0s"],
  [1234, "1.2s"],
  [9940, "9.9s"],
  [9960, "10s"],
  [59_600, "1m"],
  [90_000, "1m30s"],
  [3_600_000, "1h"],
  [3_661_000, "1h1m1s"],
  [86_400_000, "24h"],
])("%i ms is %s", (ms, words) => {
  expect(duration(ms)).toBe(words);
});
