import { describe, expect, test } from "@jest/globals";
import { Lane, lanes } from "../../src/http/lane.ts";
import { SimulatedClock } from "../support/clock.ts";

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("so many may be under way, and the next one begins when one ends", async () => {
  const lane = new Lane(new SimulatedClock());
  const ends: (() => void)[] = [];
  const begun: number[] = [];
  const work = Array.from({ length: lanes + 3 }, (_, at) =>
    lane.run(false, () => {
      begun.push(at);
      return new Promise<void>((resolve) => ends.push(resolve));
    }),
  );
  await turn();

  expect(begun).toHaveLength(lanes);

  ends[0]!();
  await turn();

  expect(begun).toEqual(Array.from({ length: lanes + 1 }, (_, at) => at));

  while (ends.length > 0) {
    ends.splice(0).forEach((end) => end());
    await turn();
  }
  await Promise.all(work);

  expect(begun).toHaveLength(lanes + 3);
});

test("what fails gives its place back", async () => {
  const lane = new Lane(new SimulatedClock());
  const fail = (): Promise<never> => Promise.reject(new Error("no"));
  const failed = await Promise.allSettled(Array.from({ length: lanes * 3 }, () => lane.run(false, fail)));

  expect(failed.every(({ status }) => status === "rejected")).toBe(true);
  await expect(lane.run(false, () => Promise.resolve("done"))).resolves.toBe("done");
});

describe("where the vendor asks for time between changes", () => {
  test("each change has its turn, and reading does not wait", async () => {
    const clock = new SimulatedClock();
    const lane = new Lane(clock, 1000);
    const at: string[] = [];
    const note = (what: string) => (): Promise<void> => {
      at.push(`${what} ${clock.now()}`);
      return Promise.resolve();
    };

    await Promise.all([...["a", "b", "c"].map((name) => lane.run(true, note(name))), lane.run(false, note("read"))]);
    await clock.sleep(5000);
    await lane.run(true, note("late"));

    expect(at.sort()).toEqual(["a 0", "b 1000", "c 2000", "late 7000", "read 0"]);
  });

  test("a signal ends the waiting", async () => {
    const clock = new SimulatedClock();
    const lane = new Lane(clock, 60_000);
    const interrupted = new AbortController();
    const at: number[] = [];
    const note = (): Promise<void> => {
      at.push(clock.now());
      return Promise.resolve();
    };
    const work = [1, 2, 3].map(() => lane.run(true, note, interrupted.signal));
    interrupted.abort();
    await Promise.all(work);

    expect(at).toEqual([0, 0, 0]);
  });
});
