import { describe, expect, test } from "@jest/globals";
import { TransportError } from "../../src/http/transport.ts";
import { SimulatedClock } from "../support/clock.ts";
import {
  at,
  GitHubForge,
  type GitHubRun,
  gitHubRun,
  GitLabForge,
  here,
  type Pipeline,
  pipeline,
} from "../support/forge.ts";
import { anyRef, onGitHub, onGitLab, type Ran, step } from "../support/step.ts";

const numbers = (count: number, from = 1): number[] => Array.from({ length: count }, (_, index) => from + index);

/** A step on GitHub that selects from these runs. */
async function select(
  runs: readonly GitHubRun[],
  inputs: Readonly<Record<string, string>>,
  { own, prepare }: { own?: number; prepare?: (forge: GitHubForge) => void } = {},
): Promise<Ran & { forge: GitHubForge }> {
  const clock = new SimulatedClock();
  const forge = new GitHubForge(clock, runs);
  prepare?.(forge);
  const ran = await step(
    { provider: "github", repository: "octo-org/octo-repo", ...anyRef(inputs), ...inputs },
    { clock, transport: forge, env: own === undefined ? {} : onGitHub(own) },
  );
  return { ...ran, forge };
}

describe("a long list", () => {
  const crowd = numbers(1000, 1001).map((id) =>
    gitHubRun(id, id % 100 === 0 ? { path: ".github/workflows/deploy.yml@refs/heads/release/1", workflow_id: 7 } : {}),
  );

  test("1,000 runs on 10 pages: every page is read, and only what is selected is looked at and cancelled", async () => {
    const { forge, outcomes, exit } = await select(
      crowd.map((run) => ({ ...run })),
      { workflow: "deploy.yml" },
    );

    const chosen = numbers(10).map((n) => `${1000 + n * 100}`);
    expect(Object.keys(outcomes)).toEqual(chosen);
    expect(new Set(Object.values(outcomes))).toEqual(new Set(["cancelled"]));
    expect(forge.cancelled.sort()).toEqual(chosen);
    for (const page of numbers(9, 2)) expect(forge.asked(`status=in_progress&page=${page}`)).not.toEqual([]);
    expect(new Set(forge.asked("/actions/runs/").map((what) => /runs\/(\d+)/.exec(what)?.[1]))).toEqual(
      new Set(chosen),
    );
    expect(exit).toBe(0);
  });

  test("no minute has more than GitHub allows, lists and looks counted, and each cancel follows a look at its run", async () => {
    const { forge } = await select(
      crowd.map((run) => ({ ...run })),
      { workflow: "7" },
    );

    const posts = forge.seen.filter(({ what }) => what.startsWith("POST"));
    for (const { at: from } of forge.seen) {
      const inMinute = forge.seen.filter(({ at }) => at >= from && at < from + 60_000);
      const points = inMinute.reduce((sum, { what }) => sum + (what.startsWith("POST") ? 5 : 1), 0);
      expect(points).toBeLessThanOrEqual(900);
    }
    for (const post of posts) {
      const id = /runs\/(\d+)/.exec(post.what)![1]!;
      const look = forge.seen.findIndex(({ what }) => what.startsWith("GET") && what.endsWith(`/runs/${id}`));
      expect(look).toBeGreaterThanOrEqual(0);
      expect(look).toBeLessThan(forge.seen.indexOf(post));
    }
  });

  test("a server that hands out only the newest 1,000 has perhaps more, which is said", async () => {
    const { report } = await select(
      crowd.map((run) => ({ ...run })),
      { workflow: "docs.yml" },
    );

    expect(report.outcome).toBe("nothing");
    expect(report.note).toContain("there may be more");
  });

  test("a run that moves to a page that was read, because others have ended, is found", async () => {
    const runs = numbers(250, 1001).map((id) => gitHubRun(id, id === 1150 ? { head_branch: "x" } : {}));
    const { outcomes } = await select(
      runs,
      { commit: "acb5820", branch: "x" },
      {
        prepare: (forge) => {
          const list = forge.before;
          forge.before = (what) => {
            // 1150 is the first of the second page, until the newest one ends.
            if (what.endsWith("page=2")) forge.runs.get(1250)!.status = "completed";
            return list(what);
          };
        },
      },
    );

    expect(outcomes).toEqual({ 1150: "cancelled" });
  });

  test("a run that moves on to its next state while the states are asked for is found", async () => {
    const { outcomes } = await select(
      [gitHubRun(1001, { status: "pending" })],
      { event: "push" },
      {
        prepare: (forge) => {
          const next: Record<string, string> = { requested: "queued", queued: "in_progress" };
          forge.before = (what) => {
            const word = /status=(\w+)/.exec(what)?.[1] ?? "";
            if (next[word] !== undefined) forge.runs.get(1001)!.status = next[word];
            return undefined;
          };
        },
      },
    );

    expect(outcomes).toEqual({ 1001: "cancelled" });
  });

  test("5,000 candidates take no more requests than their pages, read twice because they may shift", async () => {
    const clock = new SimulatedClock();
    const forge = new GitLabForge(
      clock,
      numbers(5000).map((id) => pipeline(id)),
    );

    const { report } = await step(
      { provider: "gitlab", project: "platform/deploy", commit: "*", status: "running" },
      { clock, transport: forge },
    );

    expect(report.note).toContain("5000 runs are selected");
    expect(forge.seen.length).toBe(2 * 50);
  });
});

describe("lists go stale", () => {
  const listed = gitHubRun(1001);

  test("a run that ends between list and cancel had already finished", async () => {
    const { outcomes, forge, exit } = await select(
      [gitHubRun(1001, { status: "completed", conclusion: "success" }), gitHubRun(1002)],
      { workflow: "Build" },
      { prepare: ({ stale }) => stale.set(1001, listed) },
    );

    expect(outcomes).toEqual({ 1001: "already-finished", 1002: "cancelled" });
    expect(forge.cancelled).toEqual(["1002"]);
    expect(exit).toBe(0);
  });

  test("an item that the filter lets through although it is over is spared", async () => {
    const { report, forge } = await select(
      [],
      { branch: "main" },
      {
        prepare: (server) => {
          server.before = (what) =>
            what.includes("status=queued")
              ? {
                  status: 200,
                  headers: { "content-type": "application/json" },
                  text: JSON.stringify({
                    workflow_runs: [gitHubRun(1001, { status: "completed", conclusion: "failure" })],
                  }),
                }
              : undefined;
        },
      },
    );

    expect(report).toMatchObject({ outcome: "nothing", exit: 0 });
    expect(forge.cancelled).toEqual([]);
  });

  test("a run that was run again after it was listed did not begin before ours", async () => {
    const { report, forge } = await select(
      [gitHubRun(2000, { run_started_at: at(60) }), gitHubRun(1001, { run_attempt: 2, run_started_at: at(90) })],
      { "older-than-this": "true" },
      { own: 2000, prepare: ({ stale }) => stale.set(1001, listed) },
    );

    expect(report).toMatchObject({ outcome: "spared", exit: 0, cancelled: 0 });
    expect(report.runs[0]).toMatchObject({
      outcome: "spared",
      detail: "it did not begin before the run of this step",
      attempts: 0,
    });
    expect(forge.cancelled).toEqual([]);
  });

  /** What a look at the listed run is answered. */
  const looking =
    (body: object) =>
    (server: GitHubForge): void => {
      server.before = (what) =>
        what === "GET /repos/octo-org/octo-repo/actions/runs/1001"
          ? { status: 200, headers: { "content-type": "application/json" }, text: JSON.stringify(body) }
          : undefined;
    };

  test("a look that shows another run than the one listed is not trusted, and the run is not passed over", async () => {
    const { report, forge } = await select([listed], { branch: "main" }, { prepare: looking(gitHubRun(1002)) });

    expect(report).toMatchObject({ outcome: "failed", exit: 1 });
    expect(report.runs[0]?.detail).toBe("the reply is about another run, 1002");
    expect(forge.cancelled).toEqual([]);
  });

  test("a look that does not say which run it shows is none: nothing is sent, and that is no success", async () => {
    const { report, forge } = await select(
      [listed],
      { branch: "main" },
      { prepare: looking({ ...gitHubRun(1001), id: undefined }) },
    );

    expect(report).toMatchObject({ outcome: "failed", exit: 1 });
    expect(forge.cancelled).toEqual([]);
  });

  test.each([{ id: "1001/../../../user" }, { id: null }, { status: null }, null])(
    "a list with the item %j fails, and nothing is cancelled",
    async (about) => {
      const { report, forge, exit } = await select(
        [],
        { event: "push" },
        {
          prepare: (server) => {
            server.before = () => ({
              status: 200,
              headers: { "content-type": "application/json" },
              text: JSON.stringify({ workflow_runs: [gitHubRun(1000), about && { ...listed, ...about }] }),
            });
          },
        },
      );

      expect(report.outcome).toBe("failed");
      expect(report.note).toContain("an item of the list does not say which run it is");
      expect(forge.cancelled).toEqual([]);
      expect(exit).toBe(1);
    },
  );
});

describe("whose branch it is", () => {
  const fork = { id: 217723378 };

  test("a fork's branch of the same name is not ours, and one whose fork is gone is nobody's", async () => {
    const { outcomes } = await select(
      [
        gitHubRun(1, { head_branch: "patch-1", event: "pull_request", head_repository: fork }),
        gitHubRun(2, { head_branch: "patch-1", event: "pull_request", head_repository: null }),
        gitHubRun(3, { head_branch: "patch-1", event: "pull_request" }),
        gitHubRun(4, { head_branch: null, event: "pull_request" }),
        gitHubRun(5, { head_branch: "patch-1\u200e", event: "pull_request" }),
      ],
      { branch: "patch-1" },
    );

    expect(outcomes).toEqual({ 3: "cancelled" });
  });

  const branches = (): GitHubRun[] => [
    gitHubRun(1, { head_branch: "patch-1", event: "pull_request" }),
    gitHubRun(2, { head_branch: "patch-1", event: "pull_request", head_repository: fork }),
    gitHubRun(3, { head_branch: "patch-1", event: "pull_request", head_repository: null }),
  ];

  test("a pull request's branch is in one repository, whichever may be meant besides", async () => {
    const head = { label: "octo-org:patch-1", ref: "patch-1", repo: { id: here } };
    const { outcomes } = await select(
      branches(),
      { "pull-request": "12", "head-repository": "*" },
      { prepare: ({ pulls }) => pulls.set(12, { number: 12, state: "open", head }) },
    );

    expect(outcomes).toEqual({ 1: "cancelled" });
  });

  test("a fork's branch is no orphan, whichever repository may be meant", async () => {
    const { outcomes } = await select(
      branches(),
      { branch: "*", orphaned: "true", "head-repository": "*" },
      { prepare: (forge) => forge.branches.add("main") },
    );

    expect(outcomes).toEqual({ 1: "cancelled" });
  });

  test("a deleted fork is no obstacle where no branch is asked for", async () => {
    const { outcomes } = await select([gitHubRun(2, { head_repository: null })], { event: "push" });

    expect(outcomes).toEqual({ 2: "cancelled" });
  });

  test.each([
    [{}, { 1: "cancelled", 2: "cancelled" }],
    [{ branch: "b" }, { 2: "cancelled" }],
    [{ branch: "refs/heads/b" }, { 2: "cancelled" }],
  ])("the same commit on two branches, selected with %j", async (inputs, expected) => {
    const { outcomes } = await select([gitHubRun(1, { head_branch: "a" }), gitHubRun(2, { head_branch: "b" })], {
      commit: "acb5820ced9479c074f688cc328bf03f341a511d",
      ...inputs,
    });

    expect(outcomes).toEqual(expected);
  });

  test("a tag is no branch, whatever started its run", async () => {
    const events = [
      "push",
      "release",
      "workflow_dispatch",
      "create",
      "pull_request",
      "pull_request_target",
      "schedule",
    ];
    const { outcomes } = await select(
      events.map((event, id) => gitHubRun(id + 1, { event, head_branch: "v1" })),
      { branch: "v1" },
      { prepare: ({ tags }) => tags.add("v1") },
    );

    expect(outcomes).toEqual({ 5: "cancelled", 6: "cancelled", 7: "cancelled" });
  });

  test("no tag is asked for where none can be meant", async () => {
    const { forge } = await select([gitHubRun(1, { event: "pull_request" })], { branch: "main" });

    expect(forge.asked("/git/ref/")).toEqual([]);
  });
});

describe("ours", () => {
  const crowd = (): GitHubRun[] => [
    gitHubRun(10, { run_started_at: at(10) }),
    gitHubRun(20, { run_started_at: at(20) }),
    gitHubRun(30, { run_started_at: at(30) }),
    // Created first, run again last.
    gitHubRun(5, { run_started_at: at(40), run_attempt: 2 }),
    gitHubRun(40, { run_started_at: at(20), event: "schedule" }),
  ];

  test("is spared, and older is what began before its attempt, not what was created before it", async () => {
    const { outcomes } = await select(crowd(), { "older-than-this": "true", event: "push" }, { own: 30 });

    expect(outcomes).toEqual({ 10: "cancelled", 20: "cancelled" });
  });

  test("when run again, is newer than what began in between", async () => {
    const { outcomes } = await select(crowd(), { "older-than-this": "true", event: "push" }, { own: 5 });

    expect(outcomes).toEqual({ 10: "cancelled", 20: "cancelled", 30: "cancelled" });
  });

  test("is told from what began in the same second by its number, so two runs never cancel each other", async () => {
    const twins = (): GitHubRun[] => [gitHubRun(8), gitHubRun(9), gitHubRun(10)];

    const [eight, nine, ten] = await Promise.all(
      [8, 9, 10].map(async (own) => (await select(twins(), { "older-than-this": "true" }, { own })).outcomes),
    );

    expect([eight, nine, ten]).toEqual([{}, { 8: "cancelled" }, { 8: "cancelled", 9: "cancelled" }]);
  });

  test("counts among the newest", async () => {
    const { outcomes } = await select(crowd(), { "keep-newest": "2" }, { own: 30 });

    // 5 and 30 are the newest pushes, 40 is the only scheduled one.
    expect(outcomes).toEqual({ 10: "cancelled", 20: "cancelled" });
  });

  test("counts among the newest even if it is in another state than those asked for", async () => {
    const runs = [
      gitHubRun(10, { status: "queued", run_started_at: at(1) }),
      gitHubRun(20, { status: "queued", run_started_at: at(2) }),
      gitHubRun(30, { run_started_at: at(3) }),
    ];
    const { outcomes } = await select(runs, { "keep-newest": "1", status: "queued" }, { own: 30 });

    expect(outcomes).toEqual({ 10: "cancelled", 20: "cancelled" });
  });

  test("the newest are counted for each workflow by its file, whatever its runs are called", async () => {
    const named = crowd().map((run) => ({ ...run, name: `Deploy ${run.id}` }));
    const { outcomes } = await select(named, { "keep-newest": "1", event: "push" }, {});

    expect(Object.keys(outcomes)).toEqual(["10", "20", "30"]);
  });

  test("the newest are counted among those with the job, not among all", async () => {
    const { outcomes } = await select(
      crowd().filter(({ event }) => event === "push"),
      { "keep-newest": "1", "with-job": "deploy*" },
      {
        prepare: ({ jobs }) => {
          for (const id of [10, 20]) jobs.set(id, [{ name: "deploy (prod)", status: "queued", conclusion: null }]);
        },
      },
    );

    expect(outcomes).toEqual({ 10: "cancelled" });
  });

  test("with self: true it is one of them, and the last to be cancelled", async () => {
    const { forge, outcomes } = await select(crowd(), { self: "true", event: "push" }, { own: 30 });

    expect(Object.values(outcomes)).toEqual(["cancelled", "cancelled", "cancelled", "cancelled"]);
    expect(forge.cancelled.at(-1)).toBe("30");
  });

  test("is known by the server's name in any spelling", async () => {
    const clock = new SimulatedClock();
    const forge = new GitHubForge(clock, crowd());
    const { outcomes } = await step(
      { provider: "github", repository: "octo-org/octo-repo", commit: "*", event: "push" },
      { clock, transport: forge, env: { ...onGitHub(30), GITHUB_SERVER_URL: "https://GitHub.com:443/" } },
    );

    expect(Object.keys(outcomes)).toEqual(["5", "10", "20"]);
  });
});

describe("nothing is cancelled", () => {
  test("when the run of this step, which the others are compared with, cannot be looked at", async () => {
    const { report, forge, exit } = await select([gitHubRun(1)], { "keep-newest": "1" }, { own: 30 });

    expect(report.note).toContain("the run of this step: 404: Not Found");
    expect(forge.seen.length).toBe(1);
    expect(exit).toBe(1);
  });

  test("when more runs are selected than max-runs allows", async () => {
    const { report, forge, exit } = await select(
      numbers(21).map((id) => gitHubRun(id)),
      { workflow: "Build" },
    );

    expect(report).toMatchObject({ outcome: "refused", cancelled: 0, runs: [] });
    expect(report.note).toContain("21 runs are selected, more than max-runs: 20 allows; none was cancelled");
    expect(forge.asked("POST")).toEqual([]);
    expect(exit).toBe(4);
  });

  test("when more are selected than allowed, which is no failure where `refused` is none", async () => {
    const { report, exit } = await select([gitHubRun(1), gitHubRun(2)], {
      workflow: "Build",
      "max-runs": "1",
      "fail-on": "failed",
    });

    expect(report.outcome).toBe("refused");
    expect(exit).toBe(0);
  });

  test.each([
    [401, "application/json", '{"message":"Bad credentials"}', "refused", 4],
    [403, "application/json", '{"message":"Resource not accessible by integration"}', "refused", 4],
    [404, "application/json", '{"message":"Not Found"}', "failed", 1],
    [500, "application/json", '{"message":"Server Error"}', "failed", 1],
    [200, "text/html", "<title>Sign in</title>", "failed", 1],
    [200, "application/json", '{"message":"ok"}', "failed", 1],
  ])("when the third list is answered %d %s %s", async (status, type, text, outcome, expected) => {
    const { report, forge, exit } = await select(
      [gitHubRun(1, { status: "requested" })],
      { branch: "main" },
      {
        prepare: (server) => {
          server.before = (what) =>
            what.includes("status=queued") ? { status, headers: { "content-type": type }, text } : undefined;
        },
      },
    );

    expect(report.outcome).toBe(outcome);
    expect(report.note).toContain("the runs could not be listed: ");
    expect(forge.asked("POST")).toEqual([]);
    expect(exit).toBe(expected);
  });

  test("when our own job is killed while the list is read", async () => {
    const clock = new SimulatedClock();
    const interrupted = new AbortController();
    const forge = new GitHubForge(clock, [gitHubRun(1, { status: "requested" })]);
    forge.before = (what) => {
      if (what.includes("status=queued")) interrupted.abort();
      return undefined;
    };
    const { exit, report } = await step(
      { provider: "github", repository: "octo-org/octo-repo", branch: "main" },
      { clock, transport: forge, interrupted: interrupted.signal },
    );

    expect(forge.asked("POST")).toEqual([]);
    expect(report.note).toContain("interrupted");
    expect(exit).toBe(130);
  });

  // A run that was named gets a cancel then, needless or not; of one that was only listed nobody has said that it is the one.
  test("when our own job is killed before a selected run was looked at again", async () => {
    const clock = new SimulatedClock();
    const interrupted = new AbortController();
    const forge = new GitHubForge(clock, [gitHubRun(1)]);
    forge.before = (what) => {
      if (!what.endsWith("/runs/1")) return undefined;
      interrupted.abort();
      throw new TransportError("ABORTED", "the look was given up on");
    };
    await step(
      { provider: "github", repository: "octo-org/octo-repo", event: "push" },
      { clock, transport: forge, interrupted: interrupted.signal },
    );

    expect(forge.asked("POST")).toEqual([]);
  });
});

describe("on GitLab", () => {
  const select = async (
    pipelines: readonly Pipeline[],
    inputs: Readonly<Record<string, string>>,
    env = {},
  ): Promise<Ran> => {
    const clock = new SimulatedClock();
    return await step(
      { provider: "gitlab", ...anyRef(inputs), ...inputs },
      { clock, transport: new GitLabForge(clock, pipelines), env },
    );
  };

  test("a merge request has pipelines on several refs, whatever else is asked is asked of each", async () => {
    const { outcomes } = await select(
      [
        pipeline(1, { ref: "refs/merge-requests/12/head", source: "merge_request_event" }),
        pipeline(2, { ref: "refs/merge-requests/12/merge", source: "merge_request_event", status: "pending" }),
        pipeline(3, { ref: "refs/merge-requests/12/train", source: "merge_request_event", status: "success" }),
        pipeline(4, { ref: "refs/merge-requests/12/head", source: "api" }),
        pipeline(5, { ref: "refs/merge-requests/121/head", source: "merge_request_event" }),
      ],
      { project: "platform/deploy", "pull-request": "12", event: "merge_request_event" },
    );

    expect(outcomes).toEqual({ 1: "cancelled", 2: "cancelled" });
  });

  test("our own pipeline counts among the newest of its own project only", async () => {
    const { outcomes } = await select(
      [pipeline(9), pipeline(1, { project: 2 }), pipeline(2, { project: 2 })],
      { project: "2", "keep-newest": "1" },
      onGitLab(9),
    );

    expect(outcomes).toEqual({ 1: "cancelled" });
  });

  test("an ancestor of ours is spared at any depth, and a cycle on the way is cut", async () => {
    const { outcomes } = await select(
      [
        pipeline(1, { triggers: [{ name: "a", starts: 2 }] }),
        pipeline(2, {
          source: "pipeline",
          triggers: [
            { name: "back", starts: 1 },
            { name: "on", starts: 3 },
          ],
        }),
        pipeline(3, { source: "parent_pipeline" }),
        pipeline(4, { triggers: [{ name: "round", starts: 4 }] }),
      ],
      { status: "running" },
      onGitLab(3, "parent_pipeline"),
    );

    expect(outcomes).toEqual({ 4: "cancelled" });
  });
});

test("the repository may be the one this step runs in, and its id is what counts", async () => {
  const clock = new SimulatedClock();
  const forge = new GitHubForge(clock, [gitHubRun(1, { head_repository: { id: here } })]);
  const { outcomes } = await step(
    { provider: "github", branch: "main" },
    { clock, transport: forge, env: onGitHub(30) },
  );

  expect(outcomes).toEqual({ 1: "cancelled" });
});
