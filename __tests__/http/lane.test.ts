import { describe, expect, test } from "@jest/globals";
import { Lane, maxRequests } from "../../src/http/lane.ts";
import { SimulatedClock } from "../support/clock.ts";

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("so many may be under way, and the next one begins when one ends", async () => {
  const lane = new Lane(new SimulatedClock());
  const ends: (() => void)[] = [];
  const begun: number[] = [];
  const work = Array.from({ length: maxRequests + 3 }, (_, at) =>
    lane.run(() => {
      begun.push(at);
      return new Promise<void>((resolve) => ends.push(resolve));
    }),
  );
  await turn();

  expect(begun).toHaveLength(maxRequests);

  ends[0]!();
  await turn();

  expect(begun).toEqual(Array.from({ length: maxRequests + 1 }, (_, at) => at));

  while (ends.length > 0) {
    ends.splice(0).forEach((end) => end());
    await turn();
  }
  await Promise.all(work);

  expect(begun).toHaveLength(maxRequests + 3);
});

test("what fails gives its place back", async () => {
  const lane = new Lane(new SimulatedClock());
  const fail = (): Promise<never> => Promise.reject(new Error("no"));
  const failed = await Promise.allSettled(Array.from({ length: maxRequests * 3 }, () => lane.run(fail)));

  expect(failed.every(({ status }) => status === "rejected")).toBe(true);
  await expect(lane.run(() => Promise.resolve("done"))).resolves.toBe("done");
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

    await Promise.all([...["a", "b", "c"].map((name) => lane.turn().then(note(name))), lane.run(note("read"))]);
    await clock.sleep(5000);
    await lane.turn().then(note("late"));

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
    const work = [1, 2, 3].map(() => lane.turn(Infinity, interrupted.signal).then(note));
    interrupted.abort();
    await Promise.all(work);

    expect(at).toEqual([0, 0, 0]);
  });
});
