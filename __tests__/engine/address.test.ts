import { describe, expect, test } from "@jest/globals";
import type { Provider, Target } from "../../src/provider.ts";
import { providers } from "../../src/providers/all.ts";
import { acme } from "../support/acme.ts";
import { secret } from "../support/exchange.ts";
import { hex, names, onGitHub, runs } from "../support/located.ts";
import { complaint } from "../support/usage.ts";

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

    for (const server of ["https://gitea.example.com", "https://gitea.example.com/api/v1"])
      expect(names({ url, provider: "gitea", "server-url": server })).toEqual([
        "gitea run https://gitea.example.com/api/v1 {repository:a/b,run-id:9}",
      ]);
  });

  test("and the server we run on is known by its API", () => {
    const api = "https://gitea.example.com/api/v1/";
    const gitea = { ...onGitHub, provider: "gitea", server: "https://gitea.example.com", api };
    const url = "https://gitea.example.com/a/b/actions/runs/9";

    for (const provider of ["", "github", "gitea"])
      expect(names({ url, provider }, {}, gitea)).toEqual([
        "gitea run https://gitea.example.com/api/v1 {repository:a/b,run-id:9}",
      ]);
    expect(names({ url: "https://ghes.example.com/a/b/actions/runs/9", provider: "github" }, {}, gitea)).toEqual([
      "github run https://ghes.example.com/api/v3 {repository:a/b,run-id:9}",
    ]);
  });

  test("whatever this machine's other tools are set up for", () => {
    const url = "https://gitlab.com/a/b/-/jobs/4711";
    const name = ["gitlab job https://gitlab.com/api/v4 {project:a/b,job-id:4711}"];

    expect(names({ url }, { GORULES_URL: "http://rules.internal", GH_HOST: "ftp://x" })).toEqual(name);
    expect(
      names({ url }, {}, { ...onGitHub, server: "http://gitea.internal", api: "http://gitea.internal/api/v3" }),
    ).toEqual(name);
  });
});

describe("a path of ids alone", () => {
  const url = "https://ci.example.com/octocat/hello-world/42";
  const env = { DRONE_SERVER: "https://ci.example.com" };

  test("is a vendor's page where the provider, the server or a variable of its tools is known", () => {
    const build = ["drone build https://ci.example.com/api {repository:octocat/hello-world,build-number:42}"];

    expect(names({ url, provider: "drone" })).toEqual(build);
    expect(names({ url, "server-url": "https://ci.example.com" })).toEqual(build);
    expect(names({ url }, env)).toEqual(build);
  });

  test("is no page on a server that nobody has named", async () => {
    expect(await complaint({ url, token: secret })).toContain("is not a page address we recognize");
  });

  test("comes after a path that says more: this is Jenkins'", () => {
    const page = "https://ci.example.com/job/deploy/42";

    expect(runs({ url: page, "server-url": "https://ci.example.com" }).map(({ key }) => key)).toEqual(["jenkins"]);
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
      'CANCEL_RUN_URL: "https://example.com/" is not a page address we recognize',
    );
  });
});

describe("an address that is refused", () => {
  test("an id beside a page", async () => {
    expect(await complaint({ url: "https://gitlab.com/a/b/-/jobs/1", "job-id": "1", token: secret })).toBe(
      "CANCEL_RUN_JOB_ID cannot be combined with CANCEL_RUN_URL: an address already has the ids",
    );
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
    "gitlab.com/a/b/-/issues/1",
    "javascript:alert(1)",
    "4711",
  ])("%s is no page; the message shows what is one", async (url) => {
    const line = await complaint({ url, token: secret });
    const gitlab = await complaint({ url, token: secret, provider: "gitlab" });

    expect(line).toContain(
      `CANCEL_RUN_URL: "${url}" is not a page address we recognize; it takes pages such as https://`,
    );
    expect(gitlab).toContain(
      `CANCEL_RUN_URL: "${url}" is not a page address we recognize; it takes pages such as https://gitlab.com/platform/deploy/-/jobs/4711 or https://gitlab.com/platform/deploy/-/pipelines/1215`,
    );
  });

  test.each(["https://github.com/a/b/pull/1", "github.com/a/b", "https://api.github.com/repos/a/b"])(
    "%s is shown a page of its own vendor",
    async (url) => {
      expect(await complaint({ url, token: secret })).toBe(
        `CANCEL_RUN_URL: "${url}" is not a page address we recognize; it takes pages such as https://github.com/octo-org/deploy/actions/runs/9876543210`,
      );
    },
  );

  // Else the next vendor with a short address would be shown in place of the one that is meant.
  test("an address on a host that no vendor owns is shown the page that is most like it", async () => {
    const brief: Target = { ...acme.targets.run, pages: ["/{run-id}"] };
    const registry = new Map<string, Provider>([
      ...providers,
      ...["a", "b", "c"].map(
        (key) => [key, { ...acme, server: { url: `https://${key}.io` }, targets: { run: brief } }] as const,
      ),
    ]);

    expect(
      await complaint({ url: "https://ci.example.com/a/b/-/issues/1", token: secret }, { providers: registry }),
    ).toContain("it takes pages such as https://gitlab.com/platform/deploy/-/jobs/4711");
  });

  test("a page of a provider that has none that we know", async () => {
    expect(await complaint({ url: "https://rules.example.com/x", provider: "gorules", token: secret })).toContain(
      "is not a page address we recognize; it takes no pages of this provider; give its ids",
    );
  });

  test("a page of another provider than the one given", async () => {
    const line = await complaint({ url: "https://gitlab.com/a/b/-/jobs/1", provider: "github", token: secret });

    expect(line).toContain(
      "is not a page address we recognize; it takes pages such as https://github.com/octo-org/deploy/actions/runs/",
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
    expect(await complaint({ url, token: secret })).toContain("is not a page address we recognize");
  });
});
