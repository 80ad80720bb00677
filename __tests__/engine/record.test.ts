import { describe, expect, test } from "@jest/globals";
import { summarize } from "../../src/engine/record.ts";
import { type Outcome, outcomes } from "../../src/interface.ts";
import { record } from "../support/record.ts";

const every = Object.keys(outcomes) as Outcome[];
const exit = (kinds: readonly Outcome[], failOn: readonly Outcome[]): number =>
  summarize(
    kinds.map((outcome) => record({ outcome })),
    failOn,
    false,
  ).exit;

describe("a step with one run", () => {
  test.each(every)("that is %s has its outcome, state and page", (outcome) => {
    const run = record({ outcome });

    expect(summarize([run], [], false)).toMatchObject({
      outcome,
      cancelled: outcome === "cancelled" ? 1 : 0,
      state: "cancelled",
      url: "https://acme.example/runs/7",
      runs: [run],
      exit: 0,
      failOn: [],
    });
  });

  test("that was seen only before has that state", () => {
    expect(summarize([record({ after: null })], [], false).state).toBe("running");
    expect(summarize([record({ before: null, after: null })], [], false).state).toBeNull();
  });
});

describe("a step with several runs", () => {
  test("has the outcome that they share, else mixed, and no state or page of its own", () => {
    const two = (first: Outcome, second: Outcome): unknown =>
      summarize([record({ outcome: first }), record({ outcome: second })], [], false);

    expect(two("cancelled", "cancelled")).toMatchObject({ outcome: "cancelled", cancelled: 2, state: null, url: null });
    expect(two("cancelled", "failed")).toMatchObject({ outcome: "mixed", cancelled: 1, state: null, url: null });
  });
});

describe("the exit code", () => {
  test.each(every)("of %s counts only when it fails the step", (outcome) => {
    expect(exit([outcome], every)).toBe(outcomes[outcome].exit);
    expect(
      exit(
        [outcome],
        every.filter((other) => other !== outcome),
      ),
    ).toBe(0);
  });

  test.each<[Outcome[], number]>([
    [["still-running", "not-found"], 5],
    [["not-found", "refused"], 4],
    [["refused", "failed"], 1],
    [["failed", "still-running", "cancelled"], 1],
    [["cancelled", "already-finished"], 1],
  ])("of %j is the worst", (kinds, code) => {
    expect(exit(kinds, every)).toBe(code);
    expect(exit([...kinds].reverse(), [...every].reverse())).toBe(code);
  });

  test("of an interrupted step is 130, whatever became of its runs", () => {
    for (const outcome of every) expect(summarize([record({ outcome })], every, true).exit).toBe(130);
  });
});
