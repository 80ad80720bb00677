import { describe, expect, test } from "@jest/globals";
import { figure, growth, isOut, median, pairedRatio, sentence, slope } from "../scripts/bench/arithmetic.ts";

const points = (of: (x: number) => number): { x: number; y: number }[] =>
  [10, 100, 500, 1000, 5000].map((x) => ({ x, y: of(x) }));

test("the median is the middle, or the mean of the two in the middle", () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(median([])).toBeNaN();
});

test("a busy moment that hits both of a pair does not change their ratio", () => {
  expect(pairedRatio([10, 100, 10], [10, 100, 10])).toBe(1);
  expect(pairedRatio([20, 200, 30], [10, 100, 10])).toBe(2);
});

describe("growth", () => {
  test("is told as the cost of one more", () => {
    expect(slope(points((x) => 40 + 3 * x))).toBeCloseTo(3);
  });

  test("is told as a power, whatever the cost of the start", () => {
    expect(growth(points((x) => 40 + 3 * x))).toBeCloseTo(1);
    expect(growth(points((x) => 40 + 3 * (x - 10) ** 2))).toBeCloseTo(2);
  });
});

test("a figure is out of its bounds above them, and when it is none", () => {
  const one = { what: "ratio", value: 1, unit: "", most: 1 };

  expect(isOut(one)).toBe(false);
  expect(isOut({ ...one, value: 1.01 })).toBe(true);
  expect(isOut({ ...one, value: NaN })).toBe(true);
  expect(isOut({ what: "ratio", value: 9, unit: "" })).toBe(false);
  expect(sentence({ ...one, value: 1.5 })).toBe("ratio: 1.50 (at most 1: OUT OF BOUNDS)");
  expect([1.234, 12.34, 123.4, 4].map(figure)).toEqual(["1.23", "12.3", "123", "4"]);
});
