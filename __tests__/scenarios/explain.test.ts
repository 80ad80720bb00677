/** `cancel-run explain`: what it says, and that it sends nothing; with `--check`, what it asks, and that it changes nothing. */
import { afterEach, describe, expect, test } from "@jest/globals";
import { program, type Result } from "../support/program.ts";
import { canary, closeServers, github, gitlab, type Server } from "../support/servers.ts";

afterEach(closeServers);

const token = { CANCEL_RUN_TOKEN: canary };
const explain = (args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Result> =>
  program({ host: "terminal", args: ["explain", ...args], env });

describe("explain", () => {
  const page = "https://gitlab.example.com/platform/deploy/-/jobs/4711";

  test.each([{}, token])("says everything about an address and sends nothing", async (env) => {
    const { exit, stdout, stderr, requests } = await explain([page], env);

    expect({ exit, stderr, requests }).toEqual({ exit: 0, stderr: "", requests: [] });
    for (const line of [
      "Provider  gitlab (GitLab CI/CD)",
      "project   platform/deploy",
      "job-id    4711",
      "Server    https://gitlab.example.com",
      "        url: https://gitlab.example.com/platform/deploy/-/jobs/4711",
      "        server-url: https://gitlab.example.com",
      "      token: ${{ secrets.GITLAB_TOKEN }}",
      `  npx cancel-run@1 ${page} --server-url https://gitlab.example.com`,
      "  GET https://gitlab.example.com/api/v4/projects/platform%2Fdeploy/jobs/4711",
      "  POST https://gitlab.example.com/api/v4/projects/platform%2Fdeploy/jobs/4711/cancel",
      "  token (CANCEL_RUN_TOKEN, GITLAB_TOKEN or GITLAB_ACCESS_TOKEN)",
    ])
      expect(stdout).toContain(line);
  });

  test("takes ids, and a list of them", async () => {
    const ids = ["--provider", "github", "--repository", "acme/shop", "--run-id", "1,2", "--json"];
    const { exit, stdout } = await explain(ids);

    expect(exit).toBe(0);
    const { runs } = JSON.parse(stdout) as { runs: { ids: unknown; github: string }[] };
    expect(runs.map((run) => run.ids)).toEqual([
      { repository: "acme/shop", "run-id": "1" },
      { repository: "acme/shop", "run-id": "2" },
    ]);
    expect(runs[0]!.github).toContain('run-id: "1"');
  });

  test.each([
    [["https://example.com/nothing"], "is no"],
    [["--provider", "gitlab", "--project", "a/b", "--branch", "main"], "explain takes addresses or ids"],
    [[], "is missing"],
    [[page, "--nope"], "--nope is not an option"],
  ])("%j is an error, in JSON as well", async (args, words) => {
    const plain = await explain(args);
    const json = await explain([...args, "--json"]);

    expect(plain).toMatchObject({ exit: 2, stdout: "", requests: [] });
    expect(plain.stderr).toContain(words);
    expect(JSON.parse(json.stdout)).toMatchObject({ runs: [], message: expect.stringContaining(words) });
  });
});

describe("explain --check", () => {
  const check = async (
    server: Server & { page: (...of: never[]) => string },
    page: string,
    env: Readonly<Record<string, string>> = token,
  ): Promise<Result & { check: Record<string, unknown> }> => {
    const args = [page, "--check", "--server-url", server.url];
    const people = await explain(args, env);
    const json = await explain([...args, "--json"], env);
    const { runs } = JSON.parse(json.stdout) as { runs: [{ check: Record<string, unknown> }] };
    expect(json.exit).toBe(people.exit);
    expect(server.lines.filter((line) => !line.startsWith("GET "))).toEqual([]);
    return { ...people, check: runs[0].check };
  };

  /** https://docs.gitlab.com/api/personal_access_tokens/#self-inform https://docs.gitlab.com/api/projects/ */
  async function gitlabThatTells(
    scopes: readonly string[],
    level: number,
  ): Promise<Awaited<ReturnType<typeof gitlab>>> {
    const server = await gitlab();
    server.reply(/ \/api\/v4\/user$/, { status: 200, body: { id: 3, username: "deploy-bot", name: "Deploy bot" } });
    server.reply(/ \/api\/v4\/personal_access_tokens\/self$/, {
      status: 200,
      body: { id: 42, name: "ci", revoked: false, scopes, user_id: 3, active: true, expires_at: "2026-12-31" },
    });
    server.reply(/ \/api\/v4\/projects\/platform%2Fdeploy$/, {
      status: 200,
      body: { id: 42, permissions: { project_access: { access_level: level }, group_access: null } },
    });
    return server;
  }

  test("says who the token is, that it may cancel, and how the run stands", async () => {
    const server = await gitlabThatTells(["api"], 30);

    const { exit, stdout, check: found } = await check(server, server.page("jobs", 4711));

    expect(exit).toBe(0);
    expect(found).toMatchObject({
      who: "deploy-bot",
      scopes: ["api"],
      expires: "2026-12-31",
      may: true,
      run: { state: "running", name: "deploy-production", ref: "main" },
      problem: null,
    });
    expect(stdout).toMatch(
      /Credential +of deploy-bot\n.*May cancel +yes.*\n +Run +running \(deploy-production, main\)/s,
    );
  });

  test.each([
    [["read_api"], 30, "a cancel needs the scope api"],
    [["api"], 20, "says that its role is not enough"],
  ])("says why it may not: scopes %j, level %i", async (scopes, level, why) => {
    const server = await gitlabThatTells(scopes, level);

    const { exit, stdout, check: found } = await check(server, server.page("jobs", 4711));

    expect({ exit, may: found["may"] }).toEqual({ exit: 4, may: false });
    expect(stdout).toContain(why);
  });

  test("leaves open what the vendor does not tell", async () => {
    const server = await gitlab();

    const { exit, stdout, check: found } = await check(server, server.page("jobs", 4711));

    expect({ exit, may: found["may"], who: found["who"] }).toEqual({ exit: 0, may: null, who: null });
    expect(stdout).toMatch(/GET \/personal_access_tokens\/self was answered 404/);
  });

  test("a run that is not there, and a token that is not accepted, end as the step would", async () => {
    const missing = await gitlab({ jobs: {} });
    const strange = await gitlab({ jobs: { "4711": {} }, token: "other" });

    expect((await check(missing, missing.page("jobs", 4711))).exit).toBe(5);
    expect((await check(strange, strange.page("jobs", 4711))).exit).toBe(4);
  });

  /** https://docs.github.com/apps/oauth-apps/building-oauth-apps/scopes-for-oauth-apps */
  test.each([
    ["ghp_", { "x-oauth-scopes": "repo, workflow" }, true, true],
    ["ghp_", { "x-oauth-scopes": "read:org" }, true, false],
    ["github_pat_", {}, true, null],
    ["github_pat_", {}, false, false],
  ])("GitHub: a token %s with %j, whose owner may push: %j", async (prefix, headers, push, may) => {
    const secret = `${prefix}${canary}`;
    const server = await github({ runs: { "7": {} }, token: secret });
    server.reply(/ \/api\/v3\/user$/, { status: 200, headers, body: { login: "octocat" } });
    server.reply(/ \/api\/v3\/repos\/acme\/shop$/, { status: 200, body: { permissions: { pull: true, push } } });

    const found = await check(server, server.page(7), { CANCEL_RUN_TOKEN: secret });

    expect(found.check).toMatchObject({ who: "octocat", may });
  });

  test("GitHub: an app's token is asked what it reaches, not who it is", async () => {
    const secret = `ghs_${canary}`;
    const server = await github({ runs: { "7": {} }, token: secret });
    server.reply(/ \/api\/v3\/installation\/repositories\?per_page=1$/, { status: 200, body: { total_count: 1 } });

    const { check: found } = await check(server, server.page(7), { CANCEL_RUN_TOKEN: secret });

    expect(found).toMatchObject({ who: "an app or a job, with access to 1 repository", may: null });
    expect(server.only(/ \/api\/v3\/user$/)).toEqual([]);
  });

  test("without a credential says what to give, and asks nothing", async () => {
    const server = await gitlab();

    const result = await explain([server.page("jobs", 4711), "--check", "--server-url", server.url]);

    expect(result).toMatchObject({ exit: 2, requests: [] });
    expect(result.stderr).toContain("CANCEL_RUN_TOKEN");
  });
});

test("help about one provider, however it is asked for", async () => {
  for (const args of [
    ["help", "gitlab"],
    ["--help", "gitlab"],
    ["gitlab", "--help"],
  ]) {
    const { exit, stdout } = await program({ host: "terminal", args });

    expect(exit).toBe(0);
    expect(stdout).toMatch(/^GitLab CI\/CD \(--provider gitlab\)\n/);
  }
  const unknown = await program({ host: "terminal", args: ["help", "travis"] });
  expect(unknown).toMatchObject({ exit: 2, stdout: "" });
  expect(unknown.stderr).toContain('"travis" is not a provider');
});

test("help with nothing more is the help", async () => {
  expect((await program({ host: "terminal", args: ["help"] })).stdout).toMatch(/^Usage:$/m);
});

test.each(["bash", "zsh", "fish"])("completions for %s", async (shell) => {
  const { exit, stdout, stderr } = await program({ host: "terminal", args: ["completion", shell] });

  expect({ exit, stderr }).toEqual({ exit: 0, stderr: "" });
  expect(stdout).toContain("force-after");
});

test("completions for no shell that is known", async () => {
  expect(await program({ host: "terminal", args: ["completion", "tcsh"] })).toMatchObject({ exit: 2, stdout: "" });
});
