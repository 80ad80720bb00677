/** A cancel that rewrites a run which is over goes only where a look has just found the run alive. The exchanges of airflow play the rest. */
import { expect, test } from "@jest/globals";
import type { Look } from "../../src/engine/look.ts";
import { looked, next, type Rules, turned, untold } from "../../src/engine/story.ts";
import { worlds } from "../stories/worlds.ts";

const [{ rules: usual }] = worlds as [(typeof worlds)[number]];
const { run } = usual;
const cancel = { ...run.target.cancel, rewrites: true } as const;
const rules: Rules = { ...usual, run: { ...run, target: { ...run.target, cancel } } };

const alive: Look = {
  ok: true,
  state: "running",
  word: "running",
  over: false,
  name: undefined,
  ref: undefined,
  attempt: undefined,
  page: undefined,
  learned: {},
  record: {},
  body: {},
};
const seen = looked(untold, alive, 1000);
const at = (now: number, interrupted = false): Parameters<typeof next>[2] => ({ at: now, random: 0, interrupted });

test("it is sent at once, or not before another look", () => {
  expect(next(turned(seen, 1100), rules, at(1100))).toEqual({ do: "cancel", retryUntil: 1500 });
});

test("where its turn took its time to come, another look comes first", () => {
  expect(next(turned(seen, 1600), rules, at(1600))).toEqual({ do: "look" });
  expect(next(turned(seen, 1600), usual, at(1600))).toMatchObject({ do: "cancel" });
});

test("it is not sent blind when our own job is being killed", () => {
  const blind = looked(untold, { ok: false, kind: "interrupted", detail: "interrupted" }, 1000);

  expect(next(blind, rules, at(1000, true))).toMatchObject({ do: "end", outcome: "failed" });
  expect(next(blind, usual, at(1000, true))).toEqual({ do: "turn" });
});
