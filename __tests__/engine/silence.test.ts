/** A selection that finds nothing says what it searched and saw, and what it could not tell is not passed over. */
import { describe, expect, test } from "@jest/globals";
import { SimulatedClock } from "../support/clock.ts";
import { at, GitHubForge, type GitHubRun, gitHubRun, GitLabForge, pipeline } from "../support/forge.ts";
import { anyRef, onGitHub, onGitLab, type Ran, step } from "../support/step.ts";

async function select(
  runs: readonly GitHubRun[],
  inputs: Readonly<Record<string, string>>,
  { own, prepare }: { own?: number; prepare?: (forge: GitHubForge) => void } = {},
): Promise<Ran & { forge: GitHubForge; clock: SimulatedClock }> {
  const clock = new SimulatedClock();
  const forge = new GitHubForge(clock, runs);
  prepare?.(forge);
  const ran = await step(
    { provider: "github", repository: "octo-org/octo-repo", ...anyRef(inputs), ...inputs },
    { clock, transport: forge, env: own === undefined ? {} : onGitHub(own) },
  );
  return { ...ran, forge, clock };
}

const named = (id: number, file: string, about: Partial<GitHubRun> = {}): GitHubRun =>
  gitHubRun(id, { path: `.github/workflows/${file}`, name: file.replace(".yml", ""), ...about });

describe("nothing, and why", () => {
  test("a workflow that no run bears: those that they bear", async () => {
    const { report, exit } = await select([named(1, "ci.yml"), named(2, "ci.yml"), named(3, "lint.yml")], {
      workflow: "ci.yaml",
    });

    expect(report.outcome).toBe("nothing");
    expect(exit).toBe(0);
    expect(report.note).toMatch(
      /^nothing to cancel: 0 live runs of workflow ci\.yaml; 3 listed: 3 of another workflow; no run of workflow ci\.yaml; seen: (?:ci\.yml, lint\.yml|lint\.yml, ci\.yml)/,
    );
    expect(report.note).toContain("searched github.com octo-org/octo-repo");
  });

  test.each([
    [{ branch: "12/merge" }, "0 live runs of branch 12/merge; a pull request's branch is `github.head_ref`"],
    [{ branch: "refs/pull/12/merge" }, "a pull request's branch is `github.head_ref`"],
    [{ branch: "refs/tags/v1" }, "branch selects no tags"],
    [{ branch: "origin/main" }, "branch takes a name without its remote"],
    [{ event: "pull-request" }, "GitHub Actions documents no event pull-request; did you mean pull_request?"],
    [{ event: "deploy" }, "GitHub Actions documents no event deploy;"],
    [{ event: "workflow_call" }, "the run of a called workflow is its caller's"],
    [
      { commit: "1f2e3d4c5b6a798801020304050607080910a0b0" },
      "the commit of its run is `github.event.pull_request.head.sha`",
    ],
    [{ commit: "1f2e3d4" }, "0 live runs of commit 1f2e3d4; 1 listed: 1 of another commit"],
    [{ branch: "main", status: "queued" }, "0 queued runs of branch main"],
    [{ "with-failed-job": "test", branch: "main" }, "with a failed job test; 1 listed: 1 without a failed job test"],
  ])("%j", async (inputs, note) => {
    const { report } = await select([gitHubRun(1)], inputs);

    expect(report.outcome).toBe("nothing");
    expect(report.note).toContain(note);
  });

  test("runs that are left alone for several reasons are counted by them", async () => {
    const fork = { id: 217723378 };
    const { report } = await select(
      [
        gitHubRun(1, { event: "pull_request", head_repository: fork }),
        gitHubRun(2, { event: "pull_request", head_repository: fork }),
        gitHubRun(3, { event: "pull_request", path: ".github/workflows/lint.yml", name: "Lint", workflow_id: 2 }),
      ],
      { branch: "main", workflow: "build.yml" },
    );

    expect(report.note).toContain("3 listed: 2 of a branch of that name in another repository, 1 of another workflow");
  });

  test("selected runs that a second look spares are reported, with why", async () => {
    const { report } = await select(
      [gitHubRun(2000, { run_started_at: at(60) }), gitHubRun(1001, { run_attempt: 2, run_started_at: at(90) })],
      { "older-than-this": "true" },
      { own: 2000, prepare: ({ stale }) => stale.set(1001, gitHubRun(1001)) },
    );

    expect(report.note).toBe("2 runs were listed: 1 selected, 1 this step's own");
    expect(report.runs.map(({ outcome, detail }) => `${outcome}: ${detail}`)).toEqual([
      "spared: it did not begin before the run of this step",
    ]);
  });

  test.each(["gitea", "forgejo"])("on %s a pull request has no branch, which is said", async (provider) => {
    const clock = new SimulatedClock();
    const forge = new GitHubForge(clock);
    const text = JSON.stringify({ workflow_runs: [], total_count: 0 });
    forge.before = () => ({ status: 200, headers: { "content-type": "application/json" }, text });
    const inputs = { provider, "server-url": "https://git.example", repository: "a/b", branch: "12/merge" };
    const { report } = await step(inputs, { clock, transport: forge });

    expect(report.note).toContain("a pull request's runs are on no branch; pull-request selects them");
  });

  test("on GitLab, in its own words", async () => {
    const clock = new SimulatedClock();
    const transport = new GitLabForge(clock, [pipeline(1)]);
    const inputs = { provider: "gitlab", project: "platform/deploy", branch: "feature", workflow: "ci.yml" };
    const { report } = await step(inputs, { clock, transport });

    expect(report.note).toContain("0 live runs of branch feature, of workflow ci.yml;");
    expect(report.note).toContain(
      "a merge request's own pipelines are on none of its branches; pull-request selects them",
    );
    expect(report.note).toContain("a pipeline is identified by its `workflow: name`, not by a file");
  });
});

describe("what cannot be told is a warning that names the run", () => {
  const left = (id: number, why: string): string =>
    `github run ${id}: left alone, because it is unclear whether it is meant: ${why}`;

  test.each([
    [
      { head_repository: null, event: "pull_request" },
      { branch: "main" },
      "its fork is gone, so it is unclear whose branch it is",
    ],
    [{ head_branch: null }, { branch: "main" }, "its branch is not known"],
    [{ head_branch: "" }, { branch: "main" }, "its branch is not known"],
    [
      { path: undefined, name: undefined, workflow_id: undefined },
      { workflow: "build.yml" },
      "its workflow is not known",
    ],
    [{ head_sha: undefined }, { commit: "acb5820" }, "its commit is not known"],
    [{ event: undefined }, { event: "push" }, "its event is not known"],
    [{ status: "sleeping" }, { branch: "main" }, '"sleeping" is a state we do not know'],
  ])("%j, selected by %j", async (about, inputs, why) => {
    const { report, host, forge } = await select([], inputs, {
      // What a server lists, whatever it was asked for.
      prepare: (server) => {
        server.before = (what) =>
          what.includes("/actions/runs?")
            ? {
                status: 200,
                headers: { "content-type": "application/json" },
                text: JSON.stringify({ workflow_runs: [{ ...gitHubRun(7), ...about }] }),
              }
            : undefined;
      },
    });

    expect(report.outcome).toBe("nothing");
    expect(report.note).toContain("1 listed: 1 unclear");
    expect(host.lines.filter((line) => line.startsWith(left(7, why)))).toHaveLength(1);
    expect(forge.cancelled).toEqual([]);
  });

  test("a tag of the branch's name", async () => {
    const { host } = await select(
      [gitHubRun(1, { head_branch: "v1" })],
      { branch: "v1" },
      {
        prepare: ({ tags, branches }) => {
          tags.add("v1");
          branches.add("v1");
        },
      },
    );

    expect(host.lines).toContain(left(1, "a tag has the name of its branch, and it may be the tag's"));
  });

  test("a run that may have begun before ours or after it", async () => {
    const { run_started_at: _, created_at: __, ...timeless } = gitHubRun(1);
    const { report, host } = await select(
      [gitHubRun(30), timeless as GitHubRun],
      { "older-than-this": "true" },
      { own: 30 },
    );

    expect(report.outcome).toBe("nothing");
    expect(host.lines).toContain(left(1, "it is not known when it began"));
  });

  test("a failed job in a state that we do not know", async () => {
    const { host } = await select(
      [gitHubRun(1)],
      { "with-failed-job": "test" },
      {
        prepare: ({ jobs }) => jobs.set(1, [{ name: "test", status: "napping", conclusion: null }]),
      },
    );

    expect(host.lines).toContain(left(1, "its job test is in a state we do not know"));
  });

  test("of very many, the first are named and the others counted", async () => {
    const crowd = Array.from({ length: 30 }, (_, id) =>
      gitHubRun(id + 1, { head_repository: null, event: "pull_request" }),
    );
    const { host } = await select(crowd, { branch: "main" });

    expect(host.lines.filter((line) => line.includes("left alone"))).toHaveLength(9);
    expect(host.lines).toContain("22 more runs were left alone, because it is unclear whether they are meant");
  });
});

describe("a list that lacks our own run, which must be in it", () => {
  const own = gitHubRun(30);
  /** The first lists come back empty. */
  const empty =
    (times: number) =>
    (server: GitHubForge): void => {
      server.before = (what) => {
        if (!what.includes("/actions/runs?") || server.asked("status=in_progress").length > times) return undefined;
        return {
          status: 200,
          headers: { "content-type": "application/json" },
          text: '{"total_count":0,"workflow_runs":[]}',
        };
      };
    };

  test("is asked for again, and then it has the run", async () => {
    const { outcomes, clock } = await select([own, gitHubRun(20)], { branch: "main" }, { own: 30, prepare: empty(1) });

    expect(outcomes).toEqual({ 20: "cancelled" });
    expect(clock.now()).toBeGreaterThanOrEqual(3000);
  });

  test("is never a green nothing", async () => {
    const { report, exit, forge } = await select(
      [own, gitHubRun(20)],
      { branch: "main" },
      { own: 30, prepare: empty(99) },
    );

    expect(report).toMatchObject({ outcome: "failed", exit: 1 });
    expect(report.note).toBe(
      "the list is out of date: it lacks this step's own run, 30, which the selection matches, so it may lack others; run this step again",
    );
    expect(exit).toBe(1);
    expect(forge.asked("status=in_progress")).toHaveLength(3);
  });

  test.each([
    ["our own run is of another branch", [gitHubRun(30, { head_branch: "dev" })], { branch: "main" }],
    ["our own run is in the list", [own], { branch: "main" }],
    ["our own run is in another state than those selected", [own], { branch: "main", status: "queued" }],
  ])("nothing is wrong where %s", async (_, runs, inputs) => {
    const { report } = await select(runs, inputs, { own: 30 });

    expect(report).toMatchObject({ outcome: "nothing", exit: 0 });
  });

  test("runs that were found all the same are cancelled, with a warning", async () => {
    const { outcomes, host } = await select(
      [gitHubRun(30, { run_started_at: at(60) }), gitHubRun(20)],
      { "older-than-this": "true" },
      {
        own: 30,
        // The list has a state for our own run in which it is not asked for.
        prepare: ({ stale }) => stale.set(30, gitHubRun(30, { status: "completed" })),
      },
    );

    expect(outcomes).toEqual({ 20: "cancelled" });
    expect(host.lines.join("\n")).toContain(
      "the list is out of date: it lacks this step's own run, 30, so it may lack others",
    );
  });

  test("a child pipeline of GitLab is listed only where it is asked for", async () => {
    const clock = new SimulatedClock();
    const transport = new GitLabForge(clock, [pipeline(9, { source: "parent_pipeline" })]);
    const { report } = await step(
      { provider: "gitlab", project: "platform/deploy", branch: "main" },
      { clock, transport, env: onGitLab(9, "parent_pipeline") },
    );

    expect(report).toMatchObject({ outcome: "nothing", exit: 0 });
  });

  test("a look at our own run that is refused leaves it untold, which is said", async () => {
    const { report, host } = await select([], { branch: "main" }, { own: 30 });

    expect(report.outcome).toBe("nothing");
    expect(host.lines.join("\n")).toContain("it is unclear whether the list is up to date");
  });
});
