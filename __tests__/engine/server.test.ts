import { describe, expect, test } from "@jest/globals";
import { githubPlatform, gitlabPlatform } from "../../src/hosts/common.ts";
import { checkServer, placeAt } from "../../src/engine/server.ts";
import { UsageError } from "../../src/engine/usage.ts";
import type { Environment } from "../../src/environment.ts";
import type { Platform } from "../../src/platform.ts";
import { providers } from "../../src/providers/all.ts";
import { secret } from "../support/exchange.ts";
import { hex, job, names, onGitHub, onGitLab, runs } from "../support/located.ts";
import { tell } from "../support/story.ts";
import { complaint } from "../support/usage.ts";

const gitlab = providers.get("gitlab")!;
const github = providers.get("github")!;
const uuid = "3137f7cb-7cf7-4ac8-9d1c-3a2f8bb1a0a4";
const check = (text: string, http = false): URL => checkServer(text, "server-url", http, "allow-http");

describe("a server's address is taken as people paste it", () => {
  test.each([
    ["https://gitlab.example.com", "https://gitlab.example.com"],
    ["https://gitlab.example.com/", "https://gitlab.example.com"],
    ["gitlab.example.com", "https://gitlab.example.com"],
    ["HTTPS://GitLab.Example.com:443", "https://gitlab.example.com"],
    ["https://gitlab.example.com/api/v4", "https://gitlab.example.com"],
    ["https://gitlab.example.com/api/v4/", "https://gitlab.example.com"],
    ["https://example.com/gitlab", "https://example.com/gitlab"],
    ["https://example.com/gitlab/api/v4//", "https://example.com/gitlab"],
    ["gitlab.example.com:8443/ci/", "https://gitlab.example.com:8443/ci"],
    ["http://localhost:8080", "http://localhost:8080"],
    ["http://127.0.0.1:3000/", "http://127.0.0.1:3000"],
    ["http://[::1]:3000", "http://[::1]:3000"],
  ])("%s is %s", (text, server) => {
    expect(placeAt(gitlab, check(text), "given")).toEqual({ server, api: `${server}/api/v4`, kind: "given" });
  });

  test.each([
    ["https://github.com", "https://github.com", "https://api.github.com"],
    ["https://octo.ghe.com", "https://octo.ghe.com", "https://api.octo.ghe.com"],
    ["https://ghes.example.com", "https://ghes.example.com", "https://ghes.example.com/api/v3"],
    ["https://ghes.example.com/api/v3/", "https://ghes.example.com", "https://ghes.example.com/api/v3"],
    ["https://example.com/git/api/v3", "https://example.com/git", "https://example.com/git/api/v3"],
  ])("%s has its page at %s and its API at %s", (text, server, api) => {
    expect(placeAt(github, check(text), "given")).toEqual({ server, api, kind: "given" });
  });

  test("http beyond loopback is taken only when it is allowed", () => {
    expect(check("http://gitlab.internal", true).href).toBe("http://gitlab.internal/");
    expect(() => check("http://gitlab.internal")).toThrow(UsageError);
  });
});

describe("the vendor's own server is given with more than its address", () => {
  const build = { provider: "azure-pipelines", project: "shop", "build-id": "1234" };

  test.each([
    "https://dev.azure.com/acme",
    "https://dev.azure.com/acme/",
    "dev.azure.com/acme",
    "https://acme.visualstudio.com",
    "https://acme.visualstudio.com/DefaultCollection",
    "https://dev.azure.com/acme/shop",
  ])("%s names the organization, too", (server) => {
    const expected = ["azure-pipelines build https://dev.azure.com {organization:acme,project:shop,build-id:1234}"];

    expect(names({ ...build, "server-url": server })).toEqual(expected);
    expect(names({ ...build, "server-url": server, organization: "Acme" })).toEqual([
      expected[0]!.replace("acme", "Acme"),
    ]);
    // The variable of a job is that of another organization.
    expect(names({ ...build, "server-url": server }, { SYSTEM_COLLECTIONURI: "https://dev.azure.com/other/" })).toEqual(
      expected,
    );
  });

  test("an organization that is given besides must be the same", async () => {
    expect(await complaint({ ...build, "server-url": "https://dev.azure.com/acme", organization: "other" })).toBe(
      'CANCEL_RUN_ORGANIZATION: "other" is not the one in CANCEL_RUN_SERVER_URL, acme; give one of them',
    );
  });

  test.each([
    [
      "https://gitlab.com/platform/deploy",
      "https://gitlab.com",
      { provider: "gitlab", project: "deploy", "job-id": "1" },
    ],
    ["https://github.com/acme", "https://github.com", { provider: "github", repository: "acme/shop", "run-id": "1" }],
    [
      "https://app.eu.terraform.io/app/acme",
      "https://app.eu.terraform.io",
      { provider: "terraform", "run-id": "run-CZcmD7eagjhyX0vN" },
    ],
  ])("%s is not a server, and it is said what is", async (server, home, ids) => {
    expect(await complaint({ ...ids, token: secret, "server-url": server })).toBe(
      `CANCEL_RUN_SERVER_URL: "${server}" is not accepted; it takes ${home}`,
    );
  });

  test.each([
    ["https://gitlab.com/a/b/-/jobs/1", "https://gitlab.com"],
    ["https://dev.azure.com/acme/shop/_build/results?buildId=1234", "https://dev.azure.com/acme"],
  ])("a page on it, %s, is on the server that is given: %s", async (url, server) => {
    const { run } = await tell({
      inputs: { url, "server-url": server, token: secret },
      providers,
      answer: () => ({ status: 404, body: {} }),
    });

    expect(run.outcome).toBe("not-found");
  });
});

describe("an address that no credential may go to", () => {
  test.each([
    [
      "http://gitlab.example.com",
      "https, because credentials would travel in the open; CANCEL_RUN_ALLOW_HTTP allows http",
    ],
    ["http://localhost.evil.example", "https, because credentials would travel in the open"],
    ["http://127.0.0.1.evil.example", "https, because credentials would travel in the open"],
    ["http://0.0.0.0", "https, because credentials would travel in the open"],
    ["https://gitlab.example.com?x=1", "an address without ? and #"],
    ["https://gitlab.example.com/#x", "an address without ? and #"],
    ["ftp://gitlab.example.com", "an https address"],
    ["file:///etc/passwd", "an https address"],
    ["javascript://x", "an https address"],
    ["https://", "an address such as https://"],
    ["https://a b", "an address such as https://"],
    ["https://x:99999", "an address such as https://"],
    ["https://169.254.169.254", "no link-local or metadata address"],
    ["https://2852039166", "no link-local or metadata address"],
    ["https://0xa9fea9fe", "no link-local or metadata address"],
    ["https://169.254.169.254.", "no link-local or metadata address"],
    ["https://[fe80::1]", "no link-local or metadata address"],
    ["https://[fd00:ec2::254]", "no link-local or metadata address"],
    ["https://[::ffff:169.254.169.254]", "no link-local or metadata address"],
    ["https://metadata.google.internal", "no link-local or metadata address"],
    ["https://100.100.100.200", "no link-local or metadata address"],
  ])("%s is refused by name", async (address, accepted) => {
    const line = await complaint({ ...job, "server-url": address });

    expect(line).toContain(`CANCEL_RUN_SERVER_URL: "${address}" is not accepted; it takes ${accepted}`);
  });

  test.each(["https://169.254.169.254", "https://[fe80::1]", "https://metadata.google.internal"])(
    "%s is refused even where http is allowed",
    async (address) => {
      const line = await complaint({
        ...job,
        "server-url": address.replace("https", "http"),
        "allow-http": "true",
      });

      expect(line).toContain("no link-local or metadata address");
    },
  );

  test.each([
    `https://user:${secret}@gitlab.example.com`,
    `https://${secret}@gitlab.example.com`,
    `user:${secret}@gitlab.example.com`,
    `https://user:${secret}/x@gitlab.example.com`,
    `https://user:${secret}?@gitlab.example.com`,
    `https://user:a@${secret}@gitlab.example.com`,
    `https:\\\\user:${secret}@gitlab.example.com`,
  ])("a password in it is not shown: %#", async (address) => {
    const line = await complaint({ ...job, token: "another-token", "server-url": address });

    expect(line).toMatch(/^CANCEL_RUN_SERVER_URL: ".*" is not accepted; it takes an (?:https )?address/);
    expect(line).not.toContain(secret);
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

  describe("that we run on is checked like an input, whatever is to be cancelled:", () => {
    const gitlab = { CI_SERVER_URL: "https://gitlab.example.com", CI_API_V4_URL: "https://gitlab.example.com/api/v4" };
    const github = {
      GITHUB_ACTIONS: "true",
      GITHUB_SERVER_URL: "https://github.com",
      GITHUB_API_URL: "https://api.github.com",
    };
    const elsewhere = { url: "https://app.terraform.io/app/a/workspaces/b/runs/run-CZcmD7eagjhyX0vN", token: secret };
    const run = { provider: "github", repository: "a/b", "run-id": "1", token: secret };

    test.each([
      ["CI_SERVER_URL", "", "it takes an address such as https://"],
      ["CI_SERVER_URL", "nonsense", "it takes an address such as https://"],
      ["CI_SERVER_URL", "gitlab.example.com", "it takes an address such as https://"],
      ["CI_SERVER_URL", "https://", "it takes an address such as https://"],
      ["CI_SERVER_URL", "https://a b", "it takes an address such as https://"],
      ["CI_SERVER_URL", "https://user:pass@gitlab.example.com", "without user name and password"],
      ["CI_SERVER_URL", "https://gitlab.example.com?x", "without ? and #"],
      ["CI_SERVER_URL", "https://169.254.169.254", "no link-local or metadata address"],
      ["CI_API_V4_URL", "nonsense", "it takes an address such as https://"],
      [
        "CI_API_V4_URL",
        "https://evil.example/api/v4",
        "it takes the API of CI_SERVER_URL, https://gitlab.example.com/api/v4",
      ],
      ["CI_API_V4_URL", "https://gitlab.example.com.evil.example/api/v4", "it takes the API of CI_SERVER_URL"],
      ["CI_API_V4_URL", "https://gitlab.example.com:8443/api/v4", "it takes the API of CI_SERVER_URL"],
      ["CI_API_V4_URL", "http://gitlab.example.com/api/v4", "it takes the API of CI_SERVER_URL"],
      ["CI_API_V4_URL", "https://gitlab.example.com@evil.example/api/v4", "without user name and password"],
    ])("%s as %s is refused", async (name, value, says) => {
      const platform = gitlabPlatform({ ...gitlab, [name]: value })!;

      for (const inputs of [job, elsewhere]) {
        const line = await complaint(inputs, { platform });
        expect(line).toMatch(new RegExp(`^${name}: "`));
        expect(line).toContain(says);
      }
    });

    test.each([
      ["GITHUB_SERVER_URL", "nonsense", "it takes an address such as https://"],
      ["GITHUB_API_URL", "https://evil.example", "it takes the API of GITHUB_SERVER_URL, https://api.github.com"],
      ["GITHUB_API_URL", "https://api.github.com.evil.example", "it takes the API of GITHUB_SERVER_URL"],
      ["GITHUB_API_URL", "https://api.acme.ghe.com", "it takes the API of GITHUB_SERVER_URL"],
      ["GITHUB_API_URL", "https://api.github.com?x", "without ? and #"],
    ])("%s as %s is refused", async (name, value, says) => {
      const line = await complaint(run, { platform: githubPlatform({ ...github, [name]: value }, "job")! });

      expect(line).toMatch(new RegExp(`^${name}: "`));
      expect(line).toContain(says);
    });

    test.each([
      ["https://ghes.example.com", "https://ghes.example.com/api/v3"],
      ["https://acme.ghe.com", "https://api.acme.ghe.com"],
      ["https://example.com/git", "https://example.com/git/api/v1"],
    ])("the API of %s is at %s", (at, api) => {
      const platform = githubPlatform({ GITHUB_SERVER_URL: at, GITHUB_API_URL: api }, "job")!;

      expect(runs({ provider: "github", repository: "a/b", "run-id": "1" }, {}, platform)[0]?.place.api).toBe(api);
    });
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

  test.each(["cn-north-4/../x", "cn_north", "evil.example#", "CN-NORTH-4", "x"])(
    "a region of the environment is checked like the input where no table says which there are: %s",
    async (region) => {
      const env = { HW_REGION_NAME: region, AWS_REGION: region };
      const server = { "server-url": "https://gate.example.com", "access-key": "AK", "secret-key": secret };
      const build = { provider: "codearts", "job-id": hex("a"), "build-number": "20" };
      const execution = { provider: "aws-codepipeline", pipeline: "a", "execution-id": uuid };

      for (const inputs of [build, execution])
        expect(await complaint({ ...inputs, ...server }, { env })).toContain(
          `CANCEL_RUN_REGION: "${region}" is not a region`,
        );
    },
  );

  test.each(["us_east", "us-east-1/x", "x", "us-east-1.evil.example"])(
    "and so is one of an address: %s",
    async (region) => {
      const url = `https://console.aws.amazon.com/codesuite/codepipeline/pipelines/a/executions/${uuid}/visualization?region=${encodeURIComponent(region)}`;
      const keys = { "access-key": "AK", "secret-key": secret };

      expect(await complaint({ url, ...keys, "server-url": "https://gate.example.com" })).toContain(
        `CANCEL_RUN_REGION: "${region}" is not a region`,
      );
      expect(await complaint({ url, ...keys })).toContain("CANCEL_RUN_URL: ");
    },
  );

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
});
