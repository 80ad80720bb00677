/** Which runs a selection of the bundle stops, on each host: one repository on GitHub, a selection a line. */
import { afterEach, describe, expect, test } from "@jest/globals";
import { github as vendor, type Run } from "../../src/demo/vendors/github.ts";
import { gitHubRun } from "../support/forge.ts";
import { hosts, program, type Result } from "../support/program.ts";
import { canary, closeServers, Server } from "../support/servers.ts";

afterEach(closeServers);

const hour = 3_600_000;
const ago = (hours: number): string => new Date(Date.now() - hours * hour).toISOString();
const fork = { id: 2, full_name: "stranger/shop" };

/** By id: two of main, two of a pull request's branch, one of a fork's branch, one of a branch that is gone, one of a tag's name. */
const shown: Readonly<Record<number, Partial<Run>>> = {
  1: { head_branch: "main", head_sha: "a".repeat(40), event: "push", run_started_at: ago(30) },
  2: { head_branch: "main", head_sha: "b".repeat(40), event: "schedule", run_started_at: ago(1) },
  3: { head_branch: "feature/x", head_sha: "c".repeat(40), event: "pull_request", run_started_at: ago(5) },
  4: { head_branch: "feature/x", head_sha: "d".repeat(40), event: "pull_request", run_started_at: ago(4) },
  5: {
    head_branch: "main",
    head_sha: "e".repeat(40),
    event: "pull_request",
    head_repository: fork,
    run_started_at: ago(3),
  },
  6: { head_branch: "gone", head_sha: "f".repeat(40), event: "push", run_started_at: ago(2) },
};

interface World {
  readonly pulls?: readonly { readonly number: number; readonly branch: string; readonly state?: "open" | "closed" }[];
  readonly jobs?: Readonly<Record<number, readonly string[]>>;
}

async function repository({ pulls = [], jobs = {} }: World = {}): Promise<Server> {
  const runs = Object.entries(shown).map(([id, more]) =>
    gitHubRun(Number(id), { status: "in_progress", conclusion: null, name: "Deploy", ...more }),
  );
  const [{ repository: own }] = runs as [Run];
  return await Server.listen(
    vendor({
      token: canary,
      repository: "acme/shop",
      api: "/api/v3",
      runs: new Map(runs.map((run) => [run.id, run])),
      branches: new Set(["main", "feature/x"]),
      pulls: new Map(
        pulls.map(({ number, branch, state = "open" }) => [
          number,
          { number, state, head: { ref: branch, label: `acme:${branch}`, repo: own } },
        ]),
      ),
      jobs: new Map(
        Object.entries(jobs).map(([id, names]) => [
          Number(id),
          names.map((name) => ({ name, status: "in_progress", conclusion: null })),
        ]),
      ),
    }),
  );
}

const stopped = (server: Server): number[] =>
  server
    .only(/^POST/)
    .map(({ line }) => Number(/runs\/(\d+)/.exec(line)?.[1]))
    .sort((a, b) => a - b);

const select = (
  server: Server,
  host: (typeof hosts)[number],
  inputs: Readonly<Record<string, string>>,
): Promise<Result> =>
  program({
    host,
    inputs: { provider: "github", repository: "acme/shop", "server-url": server.url, token: canary, ...inputs },
  });

const open = { pulls: [{ number: 12, branch: "feature/x" }] };

describe.each(hosts)("on %s", (host) => {
  test.each<[what: string, inputs: Readonly<Record<string, string>>, ids: number[], world?: World]>([
    ["a branch, never a fork's of that name", { branch: "main" }, [1, 2]],
    ["a list of branches", { branch: "main gone" }, [1, 2, 6]],
    ["a branch by its beginning", { branch: "feature/*" }, [3, 4]],
    ["every branch but one", { branch: "* ^main" }, [3, 4, 6]],
    ["every branch, without our commit", { branch: "*", commit: `^${"a".repeat(40)}` }, [2, 3, 4, 6]],
    ["a list of commits", { commit: `${"a".repeat(40)} ${"d".repeat(40)}` }, [1, 4]],
    ["events", { branch: "*", event: "push, schedule" }, [1, 2, 6]],
    ["all events but one", { branch: "*", event: "*, ^schedule" }, [1, 3, 4, 6]],
    ["those that are older", { branch: "*", "older-than": "3h" }, [1, 3, 4]],
    ["a branch of a fork", { branch: "main", "head-repository": "stranger/shop" }, [5]],
    ["orphans", { branch: "*", orphaned: "true" }, [6], open],
    ["a pull request", { "pull-request": "12" }, [3, 4], open],
    [
      "those that have not begun to deploy",
      { branch: "main", "unless-job": "deploy" },
      [2],
      { jobs: { 1: ["deploy"] } },
    ],
  ])("%s", async (_, inputs, ids, world = {}) => {
    const server = await repository(world);
    const result = await select(server, host, inputs);

    expect(stopped(server)).toEqual(ids);
    expect(result).toMatchObject({ exit: 0, report: { cancelled: ids.length } });
  });

  test.each([
    [{ branch: "^main" }, /^(?!.*cancelled).*branch/im],
    [{ branch: "main ^" }, /branch/i],
    [{ branch: "*", event: "push,,schedule" }, /event/i],
    [{ branch: "", workflow: "deploy.yml" }, /every branch of the repository/],
  ])("%j is wrong usage, and nothing is sent", async (inputs, says) => {
    const server = await repository();
    const result = await select(server, host, inputs);

    expect(result.exit).toBe(2);
    expect(server.lines).toEqual([]);
    expect(result.stdout + result.stderr).toMatch(says);
  });
});

test("a run that is left alone is said, and fails the step only if asked to", async () => {
  const world = { jobs: { 1: ["deploy"], 2: ["deploy"] } };
  const inputs = { branch: "main", "unless-job": "deploy" };

  expect(await select(await repository(world), "github", inputs)).toMatchObject({
    exit: 0,
    report: { outcome: "spared", cancelled: 0 },
  });
  expect((await select(await repository(world), "github", { ...inputs, "fail-on": "spared" })).exit).toBe(1);
});

test("a dry run says how many are meant, and why others are not", async () => {
  const server = await repository();
  const result = await select(server, "terminal", { branch: "* ^main", event: "push", "dry-run": "true" });

  expect(stopped(server)).toEqual([]);
  expect(result.report?.runs.map(({ outcome }) => outcome)).toEqual(["would-cancel"]);
  expect(result.stderr).toMatch(/2 runs were listed: 1 selected, 1 of another branch/);
});
