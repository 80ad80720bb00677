/** The part of the matrix that is quick; `npm run test:faults` plays all of it. */
import { describe, expect, test } from "@jest/globals";
import { every, missing } from "./matrix.ts";
import { groups } from "./rows.ts";

test("every row has cases, and every case has its row", () => {
  expect(missing()).toEqual([]);
});

test("the names of a row's cases tell them apart", () => {
  const names = every.map(({ row, name }) => `${row} ${name}`);

  expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
});

describe.each(groups)("$title", ({ rows }) => {
  const quick = every.filter(({ row, quick: is }) => is && rows.some(({ id }) => id === row));

  test.each(quick)("$row: $name", async ({ play }) => {
    await play();
  });
});
