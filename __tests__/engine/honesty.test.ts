/** What a step must not say, and must not stop. */
import { describe, expect, test } from "@jest/globals";
import { github } from "../../src/providers/github.ts";
import { providers } from "../../src/providers/all.ts";
import { acme, acmeWith, seven } from "../support/acme.ts";
import { SimulatedClock } from "../support/clock.ts";
import { GitHubForge, gitHubRun } from "../support/forge.ts";
import { registryOf } from "../support/registry.ts";
import { step } from "../support/step.ts";
import { failure } from "../support/server.ts";
import { tell } from "../support/story.ts";

const slow = { ...github, server: { ...github.server, budget: { points: 30, seconds: 20, change: 5 } } };

test("a guarded cancel that was not sent because the run could not be seen again is not counted, and nothing is called cancelled by it", async () => {
  const clock = new SimulatedClock();
  const ids = [1, 2, 3, 4, 5, 6, 7];
  const forge = new GitHubForge(
    clock,
    ids.map((id) => gitHubRun(id)),
  );
  // The turn of the seventh comes half a minute after its look. That it cannot be seen then, and somebody else cancels it, is chance.
  let looks = 0;
  forge.before = (what) => {
    if (!what.endsWith("/runs/7") || ++looks === 1) return undefined;
    Object.assign(forge.runs.get(7)!, { status: "completed", conclusion: "cancelled" });
    return looks === 2 ? { status: 404, headers: { "content-type": "application/json" }, text: "{}" } : undefined;
  };
  const { report } = await step(
    { provider: "github", repository: "octo-org/octo-repo", "run-id": ids.join(), "unless-job": "deploy" },
    { clock, transport: forge, registry: registryOf(new Map([["github", slow]])) },
  );

  expect(forge.cancelled).toEqual(["1", "2", "3", "4", "5", "6"]);
  expect(report.runs.at(-1)).toMatchObject({ outcome: "already-finished", after: "cancelled", attempts: 0 });
});

test("the words of a cancel that failed are not said of the later one that was accepted", async () => {
  const { run } = await tell({
    inputs: { ...seven, timeout: "2m" },
    answer: ({ method, before }) =>
      method === "GET" ? { body: { state: "running" } } : { status: before < 5 ? 503 : 201 },
  });

  expect(run).toMatchObject({
    outcome: "still-running",
    attempts: 2,
    detail: "running after 2m; force-after would use the forced stop that Acme CI has",
  });
});

test("what the next attempt of a run has started is not cancelled", async () => {
  let asked = false;
  const { runs, server } = await tell({
    inputs: { ...seven, downstream: "true" },
    providers: acmeWith({
      downstream: [
        {
          route: "GET /runs/{run-id}/started",
          items: "runs",
          next: "next",
          target: "run",
          ids: { "run-id": "id" },
        },
      ],
    }),
    answer: ({ method, path }) => {
      if (method === "POST") {
        asked = true;
        return {};
      }
      if (path.endsWith("/started")) return { body: { runs: asked ? [{ id: 8 }] : [] } };
      return { body: { state: "running", attempt: asked ? 2 : 1 } };
    },
  });

  expect(server.lines.filter((line) => line.startsWith("POST"))).toEqual(["POST /api/runs/7/cancel"]);
  expect(runs).toMatchObject([{ ids: { "run-id": "7" }, outcome: "restarted" }]);
});

test("a run that is started again while the server makes us wait with the cancel is not stopped", async () => {
  const { run, exit, server } = await tell({
    inputs: { ...seven, timeout: "5m" },
    answer: ({ method, before }) => {
      if (method === "GET") return { body: { state: "running", attempt: before === 0 ? 1 : 2 } };
      return before === 0 ? { status: 429, headers: { "retry-after": "60" } } : {};
    },
  });

  expect(server.sent.map(({ method, at }) => [method, at])).toEqual([
    ["GET", 0],
    ["POST", 0],
    ["GET", 60_000],
  ]);
  expect(run).toMatchObject({
    outcome: "restarted",
    detail: "attempt 2 has begun; the cancel was meant for attempt 1, and was not sent",
    attempts: 0,
  });
  expect(exit).toBe(1);
});

test("a run that is started again before its turn has come to be cancelled is not stopped", async () => {
  const clock = new SimulatedClock();
  const restarts = 7;
  const asked = new Set<string>();
  const { runs, server } = await tell({
    clock,
    inputs: { ...seven, "run-id": "1,2,3,4,5,6,7", timeout: "5m" },
    providers: acmeWith({}, { server: { ...acme.server, budget: { points: 20, seconds: 10, change: 5 } } }),
    answer: ({ method, path, at }) => {
      if (method === "POST") asked.add(path);
      const isNext = path.endsWith(`/${restarts}`) && at > 5500;
      const state = asked.has(`${path}/cancel`) ? "stopped" : "running";
      return { body: { state, attempt: isNext ? 2 : 1 } };
    },
  });

  expect(server.lines.filter((line) => line.startsWith("POST"))).not.toContain("POST /api/runs/7/cancel");
  expect(runs.map(({ outcome }) => outcome)).toEqual([...Array<string>(6).fill("cancelled"), "restarted"]);
});

test("a run that is started again while its forced stop has to wait is not stopped", async () => {
  const { run, server } = await tell({
    inputs: { ...seven, timeout: "5m", "force-after": "5s" },
    answer: ({ method, path, at }) => {
      if (method === "GET") return { body: { state: "stopping", attempt: at < 60_000 ? 1 : 2 } };
      return path.endsWith("kill") ? { status: 429, headers: { "retry-after": "60" } } : {};
    },
  });

  expect(server.lines.filter((line) => line.endsWith("kill"))).toHaveLength(1);
  expect(run).toMatchObject({ outcome: "restarted", forced: false });
});

test("a cancel that waits for a place behind many looks goes before them", async () => {
  const clock = new SimulatedClock();
  const ids = Array.from({ length: 40 }, (_, at) => `${at + 1}`);
  const asked = new Set<string>();
  const { report, server } = await tell({
    clock,
    inputs: { ...seven, "run-id": ids.join(), timeout: "10m" },
    answer: async ({ method, path }) => {
      await clock.sleep(4000);
      if (method === "POST") asked.add(path);
      return { body: { state: asked.has(`${path}/cancel`) ? "stopped" : "running" } };
    },
  });

  expect(report).toMatchObject({ outcome: "cancelled", cancelled: 40 });
  for (const id of ids) {
    const path = `/api/runs/${id}`;
    const sent = server.sent.find((one) => one.path === `${path}/cancel`)!;
    const seen = server.sent.filter((one) => one.path === path && one.at + 4000 <= sent.at).at(-1)!;
    expect(sent.at - (seen.at + 4000)).toBeLessThanOrEqual(5000);
  }
});

test.each([
  { lost: "cut off", answer: failure("ECONNRESET") },
  { lost: "answered by a gateway", answer: { status: 502 } },
])(
  "what our own cancel has stopped is cancelled although its first answer was $lost and the next one is a no",
  async ({ answer }) => {
    const { run, server } = await tell({
      inputs: seven,
      answer: ({ method, before }) => {
        if (method === "POST") return before === 0 ? answer : { status: 409, body: { message: "it is over" } };
        return { body: { state: before === 0 ? "running" : "stopped" } };
      },
    });

    expect(server.lines.filter((line) => line.startsWith("POST"))).toHaveLength(2);
    expect(run).toMatchObject({ outcome: "cancelled", after: "cancelled", attempts: 1 });
  },
);

test.each([401, 403, 405])(
  "a %i to a cancel of which an earlier try may have arrived is not the last word",
  async (status) => {
    const { run } = await tell({
      inputs: seven,
      answer: ({ method, before }) => {
        if (method === "POST") return before === 0 ? failure("ECONNRESET") : { status, body: {} };
        return { body: { state: before === 0 ? "running" : "stopped" } };
      },
    });

    expect(run.outcome).toBe("cancelled");
  },
);

test("a cancel that never had a way to the server is not counted, and what ends meanwhile had finished", async () => {
  const { run, server } = await tell({
    inputs: { ...seven, timeout: "2m" },
    answer: ({ method, at }) => {
      if (method === "POST") return failure("ECONNREFUSED");
      return { body: { state: at < 5000 ? "running" : "stopped" } };
    },
  });

  expect(server.lines.filter((line) => line.startsWith("POST")).length).toBeGreaterThan(1);
  expect(run).toMatchObject({ outcome: "already-finished", after: "cancelled", attempts: 0 });
});

test("a cancel that had no way to the server is sent as soon as there is one, after another look", async () => {
  let arrivedAt = 0;
  const { run } = await tell({
    inputs: { ...seven, timeout: "5m" },
    answer: ({ method, at }) => {
      if (method === "GET") return { body: { state: arrivedAt > 0 ? "stopped" : "running" } };
      if (at < 60_000) return failure("ECONNREFUSED");
      arrivedAt = at;
      return {};
    },
  });

  expect(run).toMatchObject({ outcome: "cancelled", attempts: 1 });
  expect(arrivedAt).toBeLessThan(80_000);
});

test("a cancel whose answer is outstanding when we are killed is asked, and not confirmed", async () => {
  const clock = new SimulatedClock();
  const interrupted = new AbortController();
  const { run, exit } = await tell({
    clock,
    interrupted: interrupted.signal,
    inputs: { ...seven, timeout: "2m" },
    answer: ({ method }) => {
      if (method === "GET") return { body: { state: "running" } };
      void clock.sleep(1000).then(() => interrupted.abort());
      return "hang";
    },
  });

  expect(run).toMatchObject({ outcome: "cancelling", confirmed: null, attempts: 1 });
  expect(run.detail).toContain("asked and not confirmed");
  expect(exit).toBe(130);
});

test.each<[says: string, body: object, record: object]>([
  ["about it", { id: 7, state: "stopped" }, { outcome: "cancelled", after: "cancelled" }],
  ["about a list of runs", { id: [7], state: "stopped" }, { outcome: "cancelling", after: null }],
  ["about no run", { state: "stopped" }, { outcome: "cancelling", after: null }],
])("killed before the first look came back, a reply to the cancel %s is what there is", async (_, body, record) => {
  const interrupted = new AbortController();
  const reply = { shows: { "run-id": "id" }, state: "state" } as const;
  const told = await tell({
    interrupted: interrupted.signal,
    inputs: seven,
    providers: acmeWith({ cancel: { route: "POST /runs/{run-id}/cancel", reply } }),
    answer: ({ method }) => {
      if (method === "POST") return { body };
      interrupted.abort();
      return "hang";
    },
  });

  expect(told.run).toMatchObject({ ...record, confirmed: null, attempts: 1 });
});

test("a server that asks for no wait, again and again, is not taken at its word after each look anew", async () => {
  const { server } = await tell({
    inputs: { ...seven, timeout: "2m" },
    answer: ({ method }) =>
      method === "GET" ? { body: { state: "running" } } : { status: 429, headers: { "retry-after": "0" } },
  });

  expect(server.lines.filter((line) => line.startsWith("POST")).length).toBeLessThan(40);
});

describe("JSON that is not about the run", () => {
  const shows = { "run-id": "id" };
  const identified = acmeWith({ look: { ...acme.targets.run.look, shows } });
  const described = acmeWith({ look: { ...acme.targets.run.look, shows, also: ["queue", "started"] } });

  test.each([{ state: "stopped" }, { state: "stopped", id: null }, { state: "stopped", id: "" }])(
    "is no look where the vendor repeats the id: %j",
    async (body) => {
      const before = await tell({ inputs: seven, providers: identified, answer: () => ({ body }) });
      const after = await tell({
        inputs: seven,
        providers: identified,
        answer: ({ method, before: earlier }) =>
          method === "GET" ? { body: earlier === 0 ? { state: "running", id: 7 } : body } : {},
      });

      expect(before.run).toMatchObject({ outcome: "failed", before: null, attempts: 0 });
      expect(before.run.detail).toBe("the reply does not say that it is about run-id 7");
      expect(after.run).toMatchObject({ outcome: "failed", after: "running", confirmed: null });
    },
  );

  test("is no look where the vendor has other fields in the id's place", async () => {
    const played = async (body: object): Promise<string> =>
      (await tell({ inputs: seven, providers: described, answer: () => ({ body }) })).run.outcome;

    await expect(played({ state: "stopped" })).resolves.toBe("failed");
    await expect(played({ state: "stopped", queue: "main" })).resolves.toBe("failed");
    await expect(played({ state: "stopped", queue: "main", started: false })).resolves.toBe("already-finished");
    await expect(played({ state: "stopped", id: 7 })).resolves.toBe("already-finished");
    await expect(played({ state: "stopped", id: 8, queue: "main", started: false })).resolves.toBe("failed");
  });

  test.each([...providers].flatMap(([key, { targets }]) => Object.entries(targets).map((of) => [key, ...of] as const)))(
    "is told from a reply of %s about a %s",
    (_, __, { look, ids }) => {
      const own = Object.keys(look.shows ?? {}).filter((name) => name in ids);

      expect(own).not.toEqual([]);
    },
  );
});

describe("a word that is no end before our cancel", () => {
  const over = { closed: true };
  const renamed = acmeWith({ statesAfterCancel: { queued: "cancelled" }, look: { ...acme.targets.run.look, over } });

  test("is none after it either, if the run had it all along and nothing says that it is over", async () => {
    const { run } = await tell({
      inputs: { ...seven, timeout: "1m" },
      providers: renamed,
      answer: ({ method }) => (method === "GET" ? { body: { state: "queued" } } : {}),
    });

    expect(run).toMatchObject({ outcome: "still-running", after: "queued" });
  });

  test.each([
    { was: "running", is: { state: "queued" } },
    { was: "queued", is: { state: "queued", closed: true } },
  ])("is one after it, if it is new or the vendor says so: %j", async ({ was, is }) => {
    const { run } = await tell({
      inputs: seven,
      providers: renamed,
      answer: ({ method, before }) => (method === "GET" ? { body: before === 0 ? { state: was } : is } : {}),
    });

    expect(run).toMatchObject({ outcome: "cancelled", after: "cancelled" });
  });

  test.each(["queued", "running", "held", "stopping", null])(
    "is none because another field says that it is over: %s",
    async (state) => {
      const { run } = await tell({
        inputs: { ...seven, timeout: "1m" },
        providers: renamed,
        answer: ({ method }) => (method === "GET" ? { body: { state, closed: true } } : { status: 422, body: {} }),
      });

      expect(["already-finished", "cancelled", "finished-anyway"]).not.toContain(run.outcome);
    },
  );
});
