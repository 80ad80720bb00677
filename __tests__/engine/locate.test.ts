import { describe, expect, test } from "@jest/globals";
import type { Environment } from "../../src/environment.ts";
import { locate } from "../../src/engine/locate.ts";
import type { Run } from "../../src/engine/run.ts";
import { readSettings } from "../../src/engine/settings.ts";
import type { Platform } from "../../src/platform.ts";
import { providers } from "../../src/providers/index.ts";
import { secret } from "../support/exchange.ts";
import { MemoryHost } from "../support/host.ts";
import { complaint } from "../support/usage.ts";

function runs(inputs: Record<string, string>, env: Environment = {}, platform?: Platform): Run[] {
  const host = new MemoryHost(inputs, env, platform);
  return locate(readSettings(host, providers), { providers, env, platform, spell: (name) => name });
}

/** What a run is, in one line: provider, target, API, ids. */
function names(inputs: Record<string, string>, env?: Environment, platform?: Platform): string[] {
  return runs(inputs, env, platform).map(
    ({ key, targetName, place, ids }) => `${key} ${targetName} ${place.api} ${JSON.stringify(ids).replaceAll('"', "")}`,
  );
}

const onGitLab: Platform = {
  provider: "gitlab",
  server: "https://gitlab.example.com",
  api: "https://gitlab.example.com/api/v4",
  ids: { project: "own/project" },
  self: [],
};
const onGitHub: Platform = {
  provider: "github",
  server: "https://ghes.example.com",
  api: "https://ghes.example.com/api/v3",
  ids: { repository: "own/repo" },
  self: [],
};
const hex = (digit: string): string => digit.repeat(32);
const job = { provider: "gitlab", project: "a/b", "job-id": "1", token: secret };

describe("a page gives everything", () => {
  test.each([
    ["https://gitlab.com/a/b/-/jobs/4711", "gitlab job https://gitlab.com/api/v4 {project:a/b,job-id:4711}"],
    ["https://gitlab.com/a/b/c/d/-/jobs/4711", "gitlab job https://gitlab.com/api/v4 {project:a/b/c/d,job-id:4711}"],
    ["https://gitlab.com/a/b/-/jobs/4711/", "gitlab job https://gitlab.com/api/v4 {project:a/b,job-id:4711}"],
    ["https://gitlab.com/a/b/-/jobs/4711/raw", "gitlab job https://gitlab.com/api/v4 {project:a/b,job-id:4711}"],
    ["https://gitlab.com/a/b/-/jobs/4711?x=1#L200", "gitlab job https://gitlab.com/api/v4 {project:a/b,job-id:4711}"],
    ["HTTPS://GITLAB.com:443/a/b/-/jobs/4711", "gitlab job https://gitlab.com/api/v4 {project:a/b,job-id:4711}"],
    [
      "https://gitlab.com/a/b/-/jobs/12345678901234567890",
      "gitlab job https://gitlab.com/api/v4 {project:a/b,job-id:12345678901234567890}",
    ],
    [
      "https://gitlab.com/a/b/-/pipelines/1215",
      "gitlab pipeline https://gitlab.com/api/v4 {project:a/b,pipeline-id:1215}",
    ],
    [
      "https://gitlab.com/a/b/-/pipelines/1215/builds",
      "gitlab pipeline https://gitlab.com/api/v4 {project:a/b,pipeline-id:1215}",
    ],
    [
      "https://gitlab.example.com:8443/a/b/-/jobs/4711",
      "gitlab job https://gitlab.example.com:8443/api/v4 {project:a/b,job-id:4711}",
    ],
    ["http://localhost:8080/a/b/-/jobs/4711", "gitlab job http://localhost:8080/api/v4 {project:a/b,job-id:4711}"],
    ["https://github.com/a/b/actions/runs/9", "github run https://api.github.com {repository:a/b,run-id:9}"],
    [
      "https://github.com/a/b/actions/runs/9/job/77?pr=1#step:2:3",
      "github run https://api.github.com {repository:a/b,run-id:9}",
    ],
    [
      "https://github.com/a/b/actions/runs/9/attempts/2",
      "github run https://api.github.com {repository:a/b,run-id:9,run-attempt:2}",
    ],
    [
      "https://github.com/a/b/actions/runs/9/attempts/2#summary-1",
      "github run https://api.github.com {repository:a/b,run-id:9,run-attempt:2}",
    ],
    ["https://octo.ghe.com/a/b/actions/runs/9", "github run https://api.octo.ghe.com {repository:a/b,run-id:9}"],
    [
      "https://ghes.example.com/a/b/actions/runs/9",
      "github run https://ghes.example.com/api/v3 {repository:a/b,run-id:9}",
    ],
    [
      `https://devcloud.cn-north-4.huaweicloud.com/cicd/project/${hex("a")}/pipeline/detail/${hex("b")}/${hex("c")}?v=1`,
      `codearts pipeline https://cloudpipeline-ext.cn-north-4.myhuaweicloud.com {project-id:${hex("a")},pipeline-id:${hex("b")},pipeline-run-id:${hex("c")}}`,
    ],
    [
      `https://devcloud.cn-east-3.huaweicloud.com/cicd/project/${hex("a")}/pipeline/detail/${hex("b")}/${hex("c")}/more?v=2#x`,
      `codearts pipeline https://cloudpipeline-ext.cn-east-3.myhuaweicloud.com {project-id:${hex("a")},pipeline-id:${hex("b")},pipeline-run-id:${hex("c")}}`,
    ],
  ])("%s", (url, name) => {
    expect(names({ url })).toEqual([name]);
  });

  test("also below a server with a path, which server-url names", () => {
    const url = "https://example.com/ci/gitlab/a/b/-/jobs/4711";

    for (const path of ["/ci/gitlab", "/ci/gitlab/", "/ci/gitlab/api/v4"])
      expect(names({ url, "server-url": `https://example.com${path}` })).toEqual([
        "gitlab job https://example.com/ci/gitlab/api/v4 {project:a/b,job-id:4711}",
      ]);
  });

  test("and server-url says where the API of that page is", () => {
    const url = "https://gitea.example.com/a/b/actions/runs/9";

    expect(names({ url, "server-url": "https://gitea.example.com/api/v1" })).toEqual([
      "github run https://gitea.example.com/api/v1 {repository:a/b,run-id:9}",
    ]);
  });

  test("and the server we run on is known by its API", () => {
    const gitea = { ...onGitHub, server: "https://gitea.example.com", api: "https://gitea.example.com/api/v1/" };

    expect(names({ url: "https://gitea.example.com/a/b/actions/runs/9" }, {}, gitea)).toEqual([
      "github run https://gitea.example.com/api/v1 {repository:a/b,run-id:9}",
    ]);
  });

  test("whatever this machine's other tools are set up for", () => {
    const url = "https://gitlab.com/a/b/-/jobs/4711";
    const name = ["gitlab job https://gitlab.com/api/v4 {project:a/b,job-id:4711}"];

    expect(names({ url }, { GORULES_URL: "http://rules.internal", GH_HOST: "ftp://x" })).toEqual(name);
    expect(names({ url }, {}, { ...onGitHub, server: "http://gitea.internal" })).toEqual(name);
  });
});

describe("several pages", () => {
  const [one, two, three] = [1, 2, 3].map((id) => `https://gitlab.com/a/b/-/jobs/${id}`) as [string, string, string];

  test("are as many runs, in their order, each once", () => {
    const url = `${two}\n${one} ${three}\r\n${one}?x=1#y\n${two}/raw`;

    expect(runs({ url }).map(({ ids }) => ids["job-id"])).toEqual(["2", "1", "3"]);
  });

  test("of a run and of one attempt of it are two: the attempt may not be the one that goes on", () => {
    const run = "https://github.com/a/b/actions/runs/9";

    expect(runs({ url: `${run} ${run}/attempts/1 ${run}` }).map(({ ids }) => ids["run-attempt"])).toEqual([
      undefined,
      "1",
    ]);
  });

  test("may be of several providers", () => {
    expect(runs({ url: `${one} https://github.com/a/b/actions/runs/9` }).map(({ key }) => key)).toEqual([
      "gitlab",
      "github",
    ]);
  });

  test("one of which is none is no run at all", async () => {
    expect(await complaint({ url: `${one} https://example.com/`, token: secret })).toContain(
      'CANCEL_RUN_URL: "https://example.com/" is no page we know',
    );
  });
});

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

describe("the server of a run given by ids", () => {
  const server = (inputs: Record<string, string>, env?: Environment, platform?: Platform): string | undefined =>
    runs({ provider: "gitlab", project: "a/b", "job-id": "1", ...inputs }, env, platform)[0]?.place.server;

  test("is server-url, else the one we run on, else the one in a tool's variable, else the vendor's", () => {
    const given = { "server-url": "https://given.example.com" };
    const env = { GITLAB_HOST: "variable.example.com" };

    expect(server(given, env, onGitLab)).toBe("https://given.example.com");
    expect(server({}, env, onGitLab)).toBe("https://gitlab.example.com");
    expect(server({}, env)).toBe("https://variable.example.com");
    expect(server({}, {})).toBe("https://gitlab.com");
  });

  test("is not the one we run on when that is another provider's", () => {
    expect(server({}, {}, onGitHub)).toBe("https://gitlab.com");
  });

  test("in a tool's variable is checked, and the variable named", async () => {
    expect(await complaint(job, { env: { GITLAB_HOST: "http://gitlab.internal" } })).toContain(
      'GITLAB_HOST: "http://gitlab.internal" is not accepted; it takes https',
    );
    expect(await complaint(job, { env: { GITLAB_HOST: "https://169.254.169.254" } })).toContain(
      "no link-local or metadata address",
    );
  });

  test("that we run on is not talked to in the open", async () => {
    const platform = { ...onGitLab, server: "http://gitlab.internal", api: "http://gitlab.internal/api/v4" };

    expect(await complaint(job, { platform })).toContain(
      'the server this step runs on: "http://gitlab.internal" is not accepted; it takes https',
    );
    expect(server({ "server-url": "http://gitlab.internal", "allow-http": "true" }, {}, platform)).toBe(
      "http://gitlab.internal",
    );
  });

  test("is the region's, from the input or from the vendor's variables", () => {
    const build = { provider: "codearts", "job-id": hex("a"), "build-number": "20" };
    const api = (region: string): string => `https://cloudbuild-ext.${region}.myhuaweicloud.com`;

    expect(runs({ ...build, region: "cn-north-4" })[0]?.place).toMatchObject({
      api: api("cn-north-4"),
      region: "cn-north-4",
    });
    expect(runs(build, { HW_REGION_NAME: "cn-east-3" })[0]?.place.api).toBe(api("cn-east-3"));
    expect(runs({ ...build, region: "cn-north-4" }, { HW_REGION_NAME: "cn-east-3" })[0]?.place.api).toBe(
      api("cn-north-4"),
    );
  });

  test("replaces every host of a regional vendor when it is given", () => {
    const build = {
      provider: "codearts",
      "job-id": hex("a"),
      "build-number": "20",
      "server-url": "https://gate.example.com",
    };

    expect(runs({ ...build, region: "cn-north-4" })[0]?.place).toMatchObject({
      api: "https://gate.example.com",
      region: "cn-north-4",
    });
  });
});

describe("bad input", () => {
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
      /^(?=.*CANCEL_RUN_JOB_ID.* do not)(?=.*CANCEL_RUN_PIPELINE_ID.* do not)CANCEL_RUN_\S+, CANCEL_RUN_\S+, CANCEL_RUN_\S+ do not go together; provider gitlab takes /,
    );
  });

  test("an id beside a page", async () => {
    expect(await complaint({ url: "https://gitlab.com/a/b/-/jobs/1", "job-id": "1", token: secret })).toBe(
      "CANCEL_RUN_JOB_ID does not go together with CANCEL_RUN_URL: an address gives the ids itself",
    );
  });

  test("a list of nothing", async () => {
    expect(await complaint({ ...job, "job-id": ", ,\n," })).toContain("CANCEL_RUN_JOB_ID");
  });

  test("a region that is not there", async () => {
    expect(
      await complaint({ provider: "codearts", "job-id": hex("a"), "build-number": "20", token: secret }),
    ).toContain("CANCEL_RUN_REGION is missing: provider codearts needs it");
  });

  test("a server that is not there", async () => {
    const inputs = {
      provider: "gorules",
      "project-id": "3c90c3cc-0d44-4b50-8888-8dd25736052a",
      "run-id": "5b1f2b0e-6a54-4c0e-9a61-0b7a3a0f5d11",
      token: secret,
    };

    expect(await complaint(inputs)).toBe("CANCEL_RUN_SERVER_URL is missing: provider gorules has no public server");
  });

  test.each([
    "https://example.com/",
    "https://example.com/a/b/-/issues/1",
    "https://gitlab.com/a/b/-/jobs",
    "https://gitlab.com/a/b/-/jobs/",
    "https://gitlab.com/a/b/-/jobs/x",
    "https://gitlab.com/a/b/-/jobs/０",
    "https://gitlab.com/a/b/-/jobs/123456789012345678901",
    "https://gitlab.com/-/jobs/1",
    "https://github.com/a/b/actions/runs/1x",
    "https://github.com/a/b/pull/1",
    "gitlab.com/a/b/-/jobs/1",
    "javascript:alert(1)",
    "4711",
  ])("%s is no page; the message shows what is one", async (url) => {
    const line = await complaint({ url, token: secret });
    const gitlab = await complaint({ url, token: secret, provider: "gitlab" });

    expect(line).toContain(`CANCEL_RUN_URL: "${url}" is no page we know; it takes pages such as https://`);
    expect(gitlab).toContain(
      `CANCEL_RUN_URL: "${url}" is no page we know; it takes pages such as https://gitlab.com/platform/deploy/-/jobs/4711 or https://gitlab.com/platform/deploy/-/pipelines/1215`,
    );
  });

  test.each(["https://github.com/a/b/pull/1", "github.com/a/b", "https://api.github.com/repos/a/b/actions/runs/1"])(
    "%s is shown a page of its own vendor",
    async (url) => {
      expect(await complaint({ url, token: secret })).toBe(
        `CANCEL_RUN_URL: "${url}" is no page we know; it takes pages such as https://github.com/octo-org/deploy/actions/runs/9876543210`,
      );
    },
  );

  test("a page of a provider that has none that we know", async () => {
    expect(await complaint({ url: "https://rules.example.com/x", provider: "gorules", token: secret })).toContain(
      "is no page we know; it takes no pages of this provider; give its ids",
    );
  });

  test("a page of another provider than the one given", async () => {
    const line = await complaint({ url: "https://gitlab.com/a/b/-/jobs/1", provider: "github", token: secret });

    expect(line).toContain(
      "is no page we know; it takes pages such as https://github.com/octo-org/deploy/actions/runs/",
    );
    expect(line).not.toContain("platform/deploy");
  });

  test("a page that could be of two providers", async () => {
    const gitlab = providers.get("gitlab")!;
    const two = new Map([
      ["gitlab", gitlab],
      ["labgit", { ...gitlab, server: { ...gitlab.server, url: "https://labgit.example" } }],
    ]);
    const url = "https://ci.example.com/a/b/-/jobs/1";

    expect(await complaint({ url, token: secret }, { providers: two })).toBe(
      `CANCEL_RUN_URL: "${url}" could be a page of gitlab or labgit; say which in CANCEL_RUN_PROVIDER`,
    );
    expect(await complaint({ url, provider: "labgit" }, { providers: two })).toContain(
      "no credential for ci.example.com",
    );
    expect(await complaint({ url: "https://labgit.example/a/b/-/jobs/1" }, { providers: two })).toContain(
      "no credential for GitLab CI/CD",
    );
  });

  test.each([
    ["http://gitlab.example.com/a/b/-/jobs/1", "it takes https, because credentials would travel in the open"],
    ["http://gitlab.com/a/b/-/jobs/1", "it takes https, because credentials would travel in the open"],
    ["https://169.254.169.254/a/b/-/jobs/1", "it takes no link-local or metadata address"],
    ["https://[fe80::1]/a/b/-/jobs/1", "it takes no link-local or metadata address"],
  ])("the page %s, on a server that no credential may go to", async (url, accepted) => {
    const line = await complaint({ url, token: secret });

    expect(line).toContain(`CANCEL_RUN_URL: "${new URL(url).origin}" is not accepted; ${accepted}`);
  });

  test("allow-http without server-url does not open a page's server", async () => {
    expect(
      await complaint({ url: "http://gitlab.example.com/a/b/-/jobs/1", "allow-http": "true", token: secret }),
    ).toContain("CANCEL_RUN_ALLOW_HTTP together with CANCEL_RUN_SERVER_URL allows http");
    expect(
      names({
        url: "http://gitlab.example.com/a/b/-/jobs/1",
        "server-url": "http://gitlab.example.com",
        "allow-http": "true",
      }),
    ).toEqual(["gitlab job http://gitlab.example.com/api/v4 {project:a/b,job-id:1}"]);
  });

  test.each([
    `https://user:${secret}@gitlab.com/a/b/-/jobs/1`,
    `https://${secret}@gitlab.com/a/b/-/jobs/1`,
    `https://user:${secret}@example.com/x`,
    `https://user:${secret}/x@gitlab.com/a/b/-/jobs/1`,
    `https://user:${secret}?x@gitlab.com/a/b/-/jobs/1`,
    `user:${secret}@gitlab.com/a/b/-/jobs/1`,
  ])("a page with a password in it, which is not shown: %#", async (url) => {
    const line = await complaint({ url, token: "another-token" });

    expect(line).toMatch(/^CANCEL_RUN_URL: /);
    expect(line).not.toContain(secret);
  });

  test.each([
    "https://gitlab.com/a/../b/-/jobs/1",
    "https://gitlab.com/%2e%2e/b/-/jobs/1",
    "https://gitlab.com/a%2Fb/-/jobs/1",
  ])("a page whose path is bent: %s", async (url) => {
    expect(await complaint({ url, token: secret })).toContain("is no page we know");
  });
});
