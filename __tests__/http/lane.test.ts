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

describe("a budget", () => {
  // GitHub's: https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits
  const budget = { points: 900, seconds: 60, change: 5 };

  /** Looks at so many runs, cancels each when its turn has come, and looks again; what was sent when, and what it costs. */
  async function cancelAll(runs: number): Promise<{ readonly at: number; readonly cost: number }[]> {
    const clock = new SimulatedClock();
    const lane = new Lane(clock, budget);
    const sent: { at: number; cost: number }[] = [];
    const send = (cost: number) => async (): Promise<void> => {
      sent.push({ at: clock.now(), cost });
      await clock.sleep(50);
    };
    await Promise.all(
      Array.from({ length: runs }, async () => {
        await lane.run(send(1), { rank: "look" });
        await lane.turn();
        await lane.run(send(5), { changes: true, rank: "due" });
        await lane.run(send(1), { rank: "watch" });
      }),
    );
    return sent;
  }

  test("is never exceeded in any window, looks counted", async () => {
    const sent = await cancelAll(500);

    expect(sent).toHaveLength(1500);
    for (const { at: from } of sent) {
      const inWindow = sent.filter(({ at }) => at >= from && at < from + 60_000);

      expect(inWindow.reduce((sum, { cost }) => sum + cost, 0)).toBeLessThanOrEqual(900);
    }
  });

  test("lets some sixty runs through at once, and the others as fast as it comes back", async () => {
    const [few, many] = [await cancelAll(60), await cancelAll(500)];

    expect(few.at(-1)!.at).toBeLessThan(1000);
    // 3500 points, of which 450 are there, and 450 a minute come back.
    expect(many.at(-1)!.at / 1000).toBeCloseTo(((3500 - 450) / 450) * 60, -1);
  });

  test("that is used up is for cancels first, then for looks that may lead to one", async () => {
    const clock = new SimulatedClock();
    const lane = new Lane(clock, { points: 10, seconds: 10, change: 5 });
    const done: string[] = [];
    const note = (what: string) => (): Promise<void> => {
      done.push(what);
      return Promise.resolve();
    };
    await lane.turn();
    await Promise.all([
      lane.run(note("watch"), { rank: "watch" }),
      lane.run(note("look"), { rank: "look" }),
      lane.turn().then(note("turn")),
      lane.run(note("cancel"), { changes: true, rank: "due" }),
    ]);

    expect(done).toEqual(["cancel", "turn", "look", "watch"]);
  });

  test("keeps what a turn was given for, but not forever", async () => {
    const clock = new SimulatedClock();
    const lane = new Lane(clock, { points: 10, seconds: 1000, change: 5 });
    await lane.turn();
    await lane.run(() => Promise.resolve(), { rank: "watch" });

    expect(clock.now()).toBe(10_000);
  });

  test("is not waited for beyond the deadline", async () => {
    const clock = new SimulatedClock();
    const lane = new Lane(clock, { points: 2, seconds: 1000 });
    const at: number[] = [];
    const work = Array.from({ length: 4 }, () =>
      lane.run(
        () => {
          at.push(clock.now());
          return Promise.resolve();
        },
        { deadline: 7000 },
      ),
    );
    await Promise.all(work);

    expect(at).toEqual([0, 7000, 7000, 7000]);
  });

  test("is not waited for once a signal has come", async () => {
    const clock = new SimulatedClock();
    const lane = new Lane(clock, { points: 2, seconds: 1000 });
    const interrupted = new AbortController();
    const at: string[] = [];
    const note = (what: string) => (): Promise<void> => {
      at.push(`${what} ${clock.now()}`);
      return Promise.resolve();
    };
    const work = [
      lane.run(note("first")),
      // It heeds no signal, and does not hold up those that do.
      lane.run(note("deaf"), { deadline: 60_000 }),
      lane.run(note("look"), { signal: interrupted.signal }),
      lane.turn({ signal: interrupted.signal }).then(note("turn")),
    ];
    await clock.sleep(3000);
    interrupted.abort();
    await Promise.all(work);

    expect(at).toEqual(["first 0", "look 3000", "turn 3000", "deaf 60000"]);
  });
});

describe("a server that asks for time", () => {
  test("is not asked by anybody until then", async () => {
    const clock = new SimulatedClock();
    const lane = new Lane(clock);
    const at: number[] = [];
    const note = (): Promise<void> => {
      at.push(clock.now());
      return Promise.resolve();
    };
    lane.hold(30_000);
    lane.hold(10_000);
    await Promise.all([lane.run(note), lane.turn().then(note), lane.again().then(note)]);

    expect(at).toEqual([30_000, 30_000, 30_000]);
  });

  test("is asked by those under way again before others that want a place", async () => {
    const clock = new SimulatedClock();
    const lane = new Lane(clock);
    const done: string[] = [];
    const tryTwice = async (): Promise<void> => {
      lane.hold(1000);
      await lane.again();
      done.push("again");
    };
    const first = Array.from({ length: maxRequests }, () => lane.run(tryTwice));
    const next = lane.run(() => Promise.resolve(done.push("next")), { rank: "due" });
    await Promise.all([...first, next]);

    expect(done).toEqual([...Array<string>(maxRequests).fill("again"), "next"]);
  });

  test("for more than there is holds nobody up", async () => {
    const clock = new SimulatedClock();
    const lane = new Lane(clock);
    lane.hold(30_000);
    await lane.run(() => Promise.resolve(), { deadline: 20_000 });

    expect(clock.now()).toBe(0);
    expect(lane.heldUntil).toBe(30_000);
  });
});
