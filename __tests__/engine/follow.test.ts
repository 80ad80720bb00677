import { describe, expect, test } from "@jest/globals";
import { SimulatedClock } from "../support/clock.ts";
import { GitHubForge, gitHubRun, GitLabForge, type Pipeline, pipeline, type Trigger } from "../support/forge.ts";
import { onGitHub, onGitLab, type Ran, step } from "../support/step.ts";

const starts = (...ids: (number | undefined)[]): Trigger[] =>
  ids.map((id) => ({ name: `trigger-${id ?? "later"}`, starts: id }));

/** A step on GitLab that cancels pipeline 1 and what it has started. */
async function follow(
  pipelines: readonly Pipeline[],
  inputs: Readonly<Record<string, string>> = {},
  { own, source, prepare }: { own?: number; source?: string; prepare?: (forge: GitLabForge) => void } = {},
): Promise<Ran & { forge: GitLabForge }> {
  const clock = new SimulatedClock();
  const forge = new GitLabForge(clock, pipelines);
  prepare?.(forge);
  const ran = await step(
    { provider: "gitlab", project: "platform/deploy", "pipeline-id": "1", downstream: "true", ...inputs },
    { clock, transport: forge, env: own === undefined ? {} : onGitLab(own, source) },
  );
  return { ...ran, forge };
}

/** Three levels in three projects; the deepest ones lead back to the top and to a sibling. */
const tree = (): Pipeline[] => [
  pipeline(1, { triggers: starts(10, 11) }),
  pipeline(10, { project: 2, source: "pipeline", triggers: starts(100, 101) }),
  pipeline(11, { source: "parent_pipeline", triggers: starts(100) }),
  pipeline(100, { project: 3, source: "pipeline", triggers: starts(1) }),
  pipeline(101, { project: 2, source: "parent_pipeline", triggers: starts(10, 101) }),
];

describe("downstream", () => {
  test("three levels across projects: each run has one record, and the cycle is cut", async () => {
    const { outcomes, report, forge, exit } = await follow(tree());

    expect(Object.keys(outcomes).sort()).toEqual(["1", "10", "100", "101", "11"]);
    expect(report.runs.length).toBe(5);
    // A child may have been cancelled along with its parent before its turn came.
    for (const outcome of Object.values(outcomes)) expect(["cancelled", "already-finished"]).toContain(outcome);
    expect([...forge.pipelines.values()].map(({ status }) => status)).toEqual(Array(5).fill("canceled"));
    expect(new Set(forge.cancelled).size).toBe(forge.cancelled.length);
    expect(report.runs.map(({ ids }) => ids["project"])).toEqual(["platform/deploy", "2", "1", "3", "2"]);
    expect(exit).toBe(0);
  });

  test("a dry run shows the whole tree, and changes nothing", async () => {
    const { outcomes, forge } = await follow(tree(), { "dry-run": "true" });

    expect(outcomes).toEqual({
      1: "would-cancel",
      10: "would-cancel",
      11: "would-cancel",
      100: "would-cancel",
      101: "would-cancel",
    });
    expect(forge.asked("POST")).toEqual([]);
  });

  test("a pipeline that is not started yet is looked for again until its upstream is over", async () => {
    const [trigger] = starts(undefined);
    const { outcomes, forge } = await follow(
      [pipeline(1, { triggers: [trigger!], lingers: 2 }), pipeline(10, { project: 2, source: "pipeline" })],
      {},
      {
        prepare: (server) => {
          server.before = () => {
            // Only the very last look at the upstream finds it.
            if (server.pipelines.get(1)!.status === "canceled") trigger!.starts = 10;
            return undefined;
          };
        },
      },
    );

    expect(outcomes).toEqual({ 1: "cancelled", 10: "cancelled" });
    expect(forge.asked("pipelines/1/trigger_jobs").length).toBe(4);
  });

  test("trigger jobs that never start anything do not hold the step up", async () => {
    const { outcomes, exit } = await follow([pipeline(1, { triggers: starts(undefined, undefined) })]);

    expect(outcomes).toEqual({ 1: "cancelled" });
    expect(exit).toBe(0);
  });

  test("what a pipeline that is over has started goes on without it, and is cancelled", async () => {
    const { outcomes } = await follow([
      pipeline(1, { status: "success", triggers: starts(10) }),
      pipeline(10, { project: 2, status: "success", triggers: starts(100) }),
      pipeline(100, { project: 3 }),
    ]);

    expect(outcomes).toEqual({ 1: "already-finished", 10: "already-finished", 100: "cancelled" });
  });

  test("a project that the token may not see is a refusal of its own, and holds nobody up", async () => {
    const { outcomes, exit } = await follow(tree(), {}, { prepare: ({ hidden }) => hidden.add(2) });

    expect(outcomes).toMatchObject({ 1: "cancelled", 10: "refused", 100: "cancelled" });
    expect(exit).toBe(4);
  });

  test("a trigger job that tells only half of what it has started is no trigger job that waits", async () => {
    const half = [{ name: "deploy", status: "success", downstream_pipeline: { id: 10, status: "running" } }];
    const { report, exit } = await follow(
      [pipeline(1)],
      {},
      {
        prepare: (forge) => {
          forge.before = (what) =>
            what.includes("trigger_jobs")
              ? { status: 200, headers: { "content-type": "application/json" }, text: JSON.stringify(half) }
              : undefined;
        },
      },
    );

    expect(report.runs[0]).toMatchObject({ outcome: "failed", after: "cancelled" });
    expect(report.runs[0]?.detail).toContain("the list does not say which run was started");
    expect(exit).toBe(1);
  });

  test("many trigger jobs on several pages", async () => {
    const children = Array.from({ length: 150 }, (_, index) => 1000 + index);
    const { report } = await follow(
      [
        pipeline(1, { triggers: starts(...children) }),
        ...children.map((id) => pipeline(id, { project: 2, source: "pipeline" })),
      ],
      { "dry-run": "true" },
    );

    expect(report.runs.length).toBe(151);
  });

  test("goes together with a selection", async () => {
    const { outcomes } = await follow(tree(), { "pipeline-id": "", branch: "main", event: "push" });

    expect(Object.keys(outcomes).sort()).toEqual(["1", "10", "100", "101", "11"]);
  });

  test("that leads to our own pipeline spares it, and says so", async () => {
    const { report } = await follow(tree(), {}, { own: 11, source: "parent_pipeline" });

    expect(report.runs.find(({ ids }) => ids["pipeline-id"] === "11")).toMatchObject({
      outcome: "refused",
      detail: "this step is part of that run; self allows cancelling it",
    });
  });

  // src/engine/stop.ts only says so in the log: what was to be stopped goes on, and the step is green.
  test("that cannot be listed is no success", async () => {
    const { exit } = await follow(
      [pipeline(1, { triggers: starts(10) }), pipeline(10, { project: 2 })],
      {},
      {
        prepare: (forge) => {
          forge.before = (what) =>
            what.includes("/trigger_jobs")
              ? { status: 403, headers: { "content-type": "application/json" }, text: '{"message":"403 Forbidden"}' }
              : undefined;
        },
      },
    );

    expect(exit).not.toBe(0);
  });

  // src/engine/stop.ts follows before it asks whether the run itself is to be spared.
  test("of a run that is past the point of no return is spared like the run", async () => {
    const { forge, outcomes } = await follow(
      [pipeline(1, { triggers: [{ name: "deploy", starts: 10 }] }), pipeline(10, { project: 2 })],
      { "unless-job": "deploy" },
    );

    expect(outcomes).toEqual({ 1: "refused" });
    expect(forge.asked("POST")).toEqual([]);
  });

  // The same.
  test("of a selected run that is none of those any more is spared like the run", async () => {
    const { forge } = await follow(
      [pipeline(1, { status: "pending", triggers: starts(10) }), pipeline(10, { project: 2 })],
      { "pipeline-id": "", status: "queued" },
      {
        prepare: (server) => {
          server.before = (what) => {
            if (what.endsWith("/pipelines/1")) server.pipelines.get(1)!.status = "running";
            return undefined;
          };
        },
      },
    );

    expect(forge.asked("POST")).toEqual([]);
  });
});

describe("our own run", () => {
  test("goes last, after all that it has started", async () => {
    const { forge, outcomes } = await follow(tree(), { self: "true" }, { own: 1 });

    expect(forge.cancelled.at(-1)).toBe("1");
    expect(outcomes).toMatchObject({ 1: "cancelled", 10: "cancelled", 100: "cancelled" });
  });

  test("a cycle that leads to it is cut there too", async () => {
    const { forge } = await follow(tree(), { self: "true" }, { own: 11, source: "parent_pipeline" });

    expect(forge.cancelled.filter((id) => id === "11").length).toBeLessThanOrEqual(1);
    expect(forge.pipelines.get(11)?.status).toBe("canceled");
  });

  test("is told by no other id, and outputs are written before the call", async () => {
    const clock = new SimulatedClock();
    const forge = new GitHubForge(clock, [gitHubRun(30)]);
    const { report, host, outcomes } = await step({ self: "true" }, { clock, transport: forge, env: onGitHub(30) });

    expect(host.reports[0]?.runs).toMatchObject([{ outcome: "cancelling", attempts: 0, ids: { "run-id": "30" } }]);
    expect(outcomes).toEqual({ 30: "cancelled" });
    expect(report.cancelled).toBe(1);
  });

  test("holds, even with wait: false, until the deadline and no longer", async () => {
    const clock = new SimulatedClock();
    const forge = new GitHubForge(clock, [gitHubRun(30)]);
    // Accepted, but nothing comes of it.
    forge.before = (what) =>
      what.startsWith("POST")
        ? { status: 202, headers: { "content-type": "application/json" }, text: "{}" }
        : undefined;
    const { outcomes, exit } = await step(
      { self: "true", wait: "false", timeout: "2m" },
      { clock, transport: forge, env: onGitHub(30) },
    );

    expect(outcomes).toEqual({ 30: "still-running" });
    expect(clock.now()).toBeGreaterThan(115_000);
    expect(clock.now()).toBeLessThanOrEqual(120_000);
    expect(exit).toBe(3);
  });

  test("is being killed: the hold ends", async () => {
    const clock = new SimulatedClock();
    const interrupted = new AbortController();
    const forge = new GitHubForge(clock, [gitHubRun(30)]);
    forge.before = (what) => {
      if (!what.startsWith("POST")) return undefined;
      void clock.sleep(3000).then(() => {
        interrupted.abort();
      });
      return { status: 202, headers: { "content-type": "application/json" }, text: "{}" };
    };
    const { outcomes, exit } = await step(
      { self: "true" },
      { clock, transport: forge, env: onGitHub(30), interrupted: interrupted.signal },
    );

    expect(outcomes).toEqual({ 30: "cancelling" });
    expect(clock.now()).toBeLessThan(10_000);
    expect(exit).toBe(130);
  });

  // src/engine/stop.ts follows before it asks whether the run itself is to be spared.
  test("past the point of no return is spared, and so is all that it has started", async () => {
    const { forge } = await follow(
      [pipeline(1, { triggers: [{ name: "deploy", starts: 10 }] }), pipeline(10, { project: 2 })],
      { self: "true", "unless-job": "deploy" },
      { own: 1 },
    );

    expect(forge.asked("POST")).toEqual([]);
  });
});
