/** What a server lets us ask: its documented budget, its own count, and the wait that it asks for. */
import { expect, test } from "@jest/globals";
import type { Budget } from "../../src/provider.ts";
import { github } from "../../src/providers/github.ts";
import { acme, acmeWith, seven } from "../support/acme.ts";
import { SimulatedClock } from "../support/clock.ts";
import type { Answer, Sent } from "../support/server.ts";
import { tell, type Told } from "../support/story.ts";

const ids = (count: number): string => Array.from({ length: count }, (_, at) => at + 1).join();

interface Case {
  readonly inputs?: Readonly<Record<string, string>>;
  readonly budget?: Budget;
  /** What is answered in the place of the usual. */
  readonly instead?: (asked: Sent) => Answer | undefined;
  readonly headers?: (asked: Sent) => Readonly<Record<string, string>>;
}

/** A server at which a run has stopped once it has been asked to. */
function play(count: number, { inputs = {}, budget, instead, headers = () => ({}) }: Case = {}): Promise<Told> {
  const stopped = new Set<string>();
  return tell({
    clock: new SimulatedClock(),
    inputs: { ...seven, "run-id": ids(count), ...inputs },
    ...(budget && { providers: acmeWith({}, { server: { ...acme.server, budget } }) }),
    answer: (asked) => {
      const other = instead?.(asked);
      if (other) return other;
      if (asked.method === "POST") stopped.add(asked.path);
      const state = stopped.has(`${asked.path}/cancel`) ? "stopped" : "running";
      return { headers: headers(asked), body: { state } };
    },
  });
}

const cancels = ({ server }: Told): number[] =>
  server.sent.filter(({ method }) => method === "POST").map(({ at }) => at);

test("GitHub's budget is for its own servers, and lets sixty runs be cancelled at once", async () => {
  const budget = { ...github.server.budget, hosts: ["acme.example"] };
  const [ours, elsewhere] = [
    await play(60, { budget }),
    await play(300, { budget: { ...budget, hosts: ["*.acme.example"] } }),
  ];

  expect(github.server.budget.hosts).toEqual(["github.com", "*.ghe.com"]);
  expect(ours.report).toMatchObject({ outcome: "cancelled", cancelled: 60 });
  expect(Math.max(...cancels(ours))).toBe(0);
  expect(elsewhere.report).toMatchObject({ cancelled: 300 });
  expect(Math.max(...cancels(elsewhere))).toBe(0);
});

test("a step with more runs than the budget takes at once stays within it, and cancels all before it watches", async () => {
  const told = await play(100, { budget: { points: 900, seconds: 60, change: 5 } });
  const { sent } = told.server;

  expect(told.report).toMatchObject({ outcome: "cancelled", cancelled: 100 });
  for (const { at: from } of sent) {
    const inWindow = sent.filter(({ at }) => at >= from && at < from + 60_000);

    expect(inWindow.reduce((sum, { method }) => sum + (method === "POST" ? 5 : 1), 0)).toBeLessThanOrEqual(900);
  }
  // 600 points for a look and a cancel of each, 450 of which are there; some have to be looked at again.
  expect(Math.max(...cancels(told))).toBeLessThanOrEqual(25_000);
});

test("a rate limit is met once, and all others wait for its end without asking", async () => {
  let limits = 0;
  const told = await play(100, {
    inputs: { timeout: "10m" },
    instead: ({ at }) => {
      if (at > 0 || limits > 0) return undefined;
      limits++;
      return { status: 429, headers: { "retry-after": "60" } };
    },
  });
  // Those that were under way when the limit came are answered; all others were not asked.
  const early = told.server.sent.filter(({ at }) => at < 60_000);

  expect(limits).toBe(1);
  expect(early.length).toBeLessThanOrEqual(16);
  expect(told.report).toMatchObject({ outcome: "cancelled", cancelled: 100 });
});

test("a rate limit that ends too late is met by those under way, and said of all", async () => {
  const told = await play(100, {
    inputs: { timeout: "30s" },
    instead: () => ({ status: 429, headers: { "retry-after": "60" } }),
  });

  expect(told.server.sent.length).toBeLessThanOrEqual(16);
  expect(told.report).toMatchObject({ outcome: "failed" });
  for (const { detail } of told.runs) expect(detail).toContain("the server asks to wait 60 s, and only 30 s are left");
});

test("a run whose cancel has waited for a limit to end is looked at again before it is cancelled", async () => {
  const told = await play(20, {
    inputs: { timeout: "10m" },
    // While it is limited the twentieth run is cancelled by somebody else.
    instead: ({ method, path, at }) => {
      if (method === "POST" && at < 60_000) return { status: 429, headers: { "retry-after": "60" } };
      return path.endsWith("/20") && at >= 60_000 ? { body: { state: "stopped" } } : undefined;
    },
  });

  expect(
    told.server.sent.filter(({ method, path, at }) => method === "POST" && at > 0 && path.includes("/20/")),
  ).toEqual([]);
  expect(told.runs.at(-1)).toMatchObject({ outcome: "already-finished", attempts: 0 });
});

test("a step that the server's own count does not let finish says so before it cancels", async () => {
  const count = (remaining: number, reset: number) => ({
    headers: () => ({ "x-ratelimit-remaining": `${remaining}`, "x-ratelimit-reset": `${reset}` }),
  });
  const [short, enough, soon] = [
    await play(40, { ...count(50, 1800), inputs: { timeout: "10m" } }),
    await play(40, { ...count(90, 1800), inputs: { timeout: "10m" } }),
    await play(40, { ...count(50, 300), inputs: { timeout: "10m" } }),
  ];
  const warning =
    "acme.example leaves 50 requests for the next 30m, and 40 runs take at least 80: not all of this can be finished within timeout";

  expect(short.host.lines.filter((line) => line.includes("leaves"))).toEqual([warning]);
  expect(short.host.lines.indexOf(warning)).toBeLessThan(
    short.host.lines.findIndex((line) => line.includes("cancellation requested")),
  );
  expect([...enough.host.lines, ...soon.host.lines].filter((line) => line.includes("leaves"))).toEqual([]);
});
