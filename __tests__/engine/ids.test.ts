import { describe, expect, test } from "@jest/globals";
import { providers } from "../../src/providers/all.ts";
import { secret } from "../support/exchange.ts";
import { job, names, onGitHub, onGitLab, runs } from "../support/located.ts";
import { complaint } from "../support/usage.ts";

describe("ids", () => {
  test("decide the target", () => {
    expect(names({ provider: "gitlab", project: "a/b", "job-id": "1" })[0]).toContain("gitlab job ");
    expect(names({ provider: "gitlab", project: "a/b", "pipeline-id": "1" })[0]).toContain("gitlab pipeline ");
  });

  test("by comma, space or line are as many runs, each once", () => {
    const found = runs({ provider: "gitlab", project: "a/b", "job-id": " 3,1\n2 ,,\n1, 3 " });

    expect(found.map(({ ids }) => ids)).toEqual(["3", "1", "2"].map((id) => ({ project: "a/b", "job-id": id })));
  });

  test("keep every digit", () => {
    expect(runs({ provider: "gitlab", project: "a/b", "job-id": "12345678901234567890" })[0]?.ids["job-id"]).toBe(
      "12345678901234567890",
    );
  });

  test("an optional one may be given or not", () => {
    const run = { provider: "github", repository: "a/b", "run-id": "9" };

    expect(runs(run)[0]?.ids).toEqual({ repository: "a/b", "run-id": "9" });
    expect(runs({ ...run, "run-attempt": "2" })[0]?.ids).toEqual({
      repository: "a/b",
      "run-id": "9",
      "run-attempt": "2",
    });
  });

  test("an optional one of a variable counts only if it has the form", () => {
    const run = { provider: "vercel", "deployment-id": "dpl_89qyp1cskzkLrVicDaZoDbjyHuDJ" };
    const idsWith = (id: string): unknown => runs(run, { VERCEL_ORG_ID: id })[0]?.ids;

    expect(idsWith("team_nLlpyC6REAqxydlFKbrMDlud")).toMatchObject({ "team-id": "team_nLlpyC6REAqxydlFKbrMDlud" });
    expect(idsWith("pAxQ4xLq3N8pWZJ1Jf7c9kQ2")).toEqual({ "deployment-id": run["deployment-id"] });
  });

  test("that are left out are those of the project we run in", () => {
    expect(names({ provider: "gitlab", "job-id": "1" }, {}, onGitLab)).toEqual([
      "gitlab job https://gitlab.example.com/api/v4 {project:own/project,job-id:1}",
    ]);
    expect(names({ provider: "github", "run-id": "1" }, {}, onGitHub)).toEqual([
      "github run https://ghes.example.com/api/v3 {repository:own/repo,run-id:1}",
    ]);
  });

  test("of the project we run in are no ids of another server's project", async () => {
    const inputs = { provider: "gitlab", "job-id": "1", "server-url": "https://other.example.com", token: secret };

    expect(await complaint(inputs, { platform: onGitLab })).toContain("CANCEL_RUN_PROJECT is missing");
    expect(runs({ ...inputs, "server-url": "https://gitlab.example.com" }, {}, onGitLab)[0]?.ids["project"]).toBe(
      "own/project",
    );
  });

  test("come from the variables of the vendor's tools", () => {
    const project = "3c90c3cc-0d44-4b50-8888-8dd25736052a";
    const run = "5b1f2b0e-6a54-4c0e-9a61-0b7a3a0f5d11";

    expect(
      names(
        { provider: "gorules", "run-id": run },
        { GORULES_URL: "https://acme.us1.gorules.io/", GORULES_PROJECT: project },
      ),
    ).toEqual([`gorules run https://acme.us1.gorules.io/api {project-id:${project},run-id:${run}}`]);
  });

  test("that were given beat those that were found", () => {
    expect(names({ provider: "gitlab", project: "a/b", "job-id": "1" }, {}, onGitLab)).toEqual([
      "gitlab job https://gitlab.example.com/api/v4 {project:a/b,job-id:1}",
    ]);
  });
});

describe("ids that are refused", () => {
  const evil = [
    "..",
    "../1",
    "1/../2",
    "%2e%2e",
    "1%2f2",
    "1?x",
    "1#f",
    "1/cancel",
    "1\\2",
    "1;2",
    "1:2",
    "-1",
    "0",
    "01",
    "0x1",
    "1e3",
    "４７１１",
    "٤٧",
    "1\0",
    "1\u200b",
    "123456789012345678901",
    "a",
  ];

  test.each(evil)("%j is no number of a job", async (id) => {
    const line = await complaint({ ...job, "job-id": id });

    expect(line).toMatch(
      /^CANCEL_RUN_JOB_ID: ".*" is not accepted; it takes the number of the job, as in its page's address, for example 4711$/,
    );
  });

  test.each(["1\r\nx-evil:2", "1\r\nHost: evil.example"])("%j is two ids, one of which is none", async (id) => {
    expect(await complaint({ ...job, "job-id": id })).toContain("CANCEL_RUN_JOB_ID: ");
  });

  test("one bad id in a list is enough", async () => {
    expect(await complaint({ ...job, "job-id": "1,2,x" })).toContain('CANCEL_RUN_JOB_ID: "x" is not accepted');
  });

  test.each([
    "..",
    "../..",
    "a/..",
    "a/../b",
    "a/./b",
    "./a",
    "a//b",
    "/a/b",
    "a/b/",
    "a/b?x",
    "a/b#f",
    "a/b/-/jobs/1%2f",
    "a b/c",
    "a/ b",
    "a/b\nc/d",
    "a",
  ])("%j is no project", async (project) => {
    expect(await complaint({ ...job, project })).toMatch(
      /^CANCEL_RUN_PROJECT: ".*" is not accepted; it takes the path or number of the project, for example platform\/deploy$/,
    );
  });

  test.each(["..", "../..", "a/..", "../b", "a", "a/b/c", "a/b?x", "a/b#f", "a/b\nc"])(
    "%j is no repository",
    async (repository) => {
      expect(await complaint({ provider: "github", repository, "run-id": "1", token: secret })).toMatch(
        /^CANCEL_RUN_REPOSITORY: ".*" is not accepted; it takes the owner and name/,
      );
    },
  );

  test("nothing that names a run", async () => {
    const line = await complaint({ token: secret });

    expect(line).toContain("CANCEL_RUN_URL or CANCEL_RUN_PROVIDER is missing");
    for (const key of providers.keys()) expect(line).toContain(key);
  });

  test.each([...providers.keys()])("%s without ids says what it takes", async (provider) => {
    const line = await complaint({ provider, token: secret });

    expect(line).toMatch(new RegExp(`^no id is given; provider ${provider} takes \\[?CANCEL_RUN_`));
    for (const [target, { ids }] of Object.entries(providers.get(provider)!.targets)) {
      expect(line).toContain(`(${target})`);
      for (const id of Object.keys(ids)) expect(line).toContain(`CANCEL_RUN_${id.toUpperCase().replaceAll("-", "_")}`);
    }
  });

  const takes =
    "provider gitlab takes CANCEL_RUN_PROJECT and CANCEL_RUN_JOB_ID (job) or CANCEL_RUN_PROJECT and CANCEL_RUN_PIPELINE_ID (pipeline)";

  test.each([
    ["a missing project", { project: "" }, `CANCEL_RUN_PROJECT is missing; ${takes}`],
    ["a missing job", { "job-id": "" }, `CANCEL_RUN_JOB_ID or CANCEL_RUN_PIPELINE_ID is missing; ${takes}`],
    ["another provider's id", { "run-id": "2" }, `CANCEL_RUN_RUN_ID is not an id of this provider; ${takes}`],
  ])("%s", async (_, more, line) => {
    expect(await complaint({ ...job, ...more })).toBe(line);
  });

  test("ids of two targets", async () => {
    expect(await complaint({ ...job, "pipeline-id": "2" })).toMatch(
      /^(?=.*CANCEL_RUN_JOB_ID.* cannot)(?=.*CANCEL_RUN_PIPELINE_ID.* cannot)CANCEL_RUN_\S+, CANCEL_RUN_\S+, CANCEL_RUN_\S+ cannot be combined; provider gitlab takes /,
    );
  });

  test("a list of nothing", async () => {
    expect(await complaint({ ...job, "job-id": ", ,\n," })).toContain("CANCEL_RUN_JOB_ID");
  });
});
