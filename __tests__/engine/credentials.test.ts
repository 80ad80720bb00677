import { describe, expect, test } from "@jest/globals";
import { formOf } from "../../src/auth/forms.ts";
import { entriesOf } from "../../src/engine/catalog.ts";
import { type Grant, grant } from "../../src/engine/credentials.ts";
import { locate } from "../../src/engine/locate.ts";
import { pageOf } from "../../src/engine/run.ts";
import { readSettings } from "../../src/engine/settings.ts";
import { exampleValues } from "../../src/engine/template.ts";
import type { Environment } from "../../src/environment.ts";
import type { Platform } from "../../src/platform.ts";
import type { Provider } from "../../src/provider.ts";
import { providers } from "../../src/providers/all.ts";
import { manifest } from "../../src/providers/manifest.ts";
import { secret } from "../support/exchange.ts";
import { MemoryHost } from "../support/host.ts";
import { tell } from "../support/story.ts";
import { complaint } from "../support/usage.ts";

function grants(inputs: Record<string, string>, env: Environment = {}, platform?: Platform): Grant[] {
  const host = new MemoryHost(inputs, env, platform);
  const lookup = { providers, env, platform, spell: (name: string) => name };
  const settings = readSettings(host, manifest);
  return [...grant(locate(settings, lookup).runs, settings, lookup).values()];
}

const only = (...given: Parameters<typeof grants>): Grant => {
  const [first, ...more] = grants(...given);
  expect(more).toEqual([]);
  return first!;
};

const jobToken = "job-own-token";
const onGitHub: Platform = {
  provider: "github",
  server: "https://github.com",
  api: "https://api.github.com",
  ids: { repository: "own/repo" },
  self: [],
  token: jobToken,
};
const onGitea: Platform = {
  ...onGitHub,
  provider: "gitea",
  server: "https://gitea.example.com",
  api: "https://gitea.example.com/api/v1",
};
const onGitLab: Platform = { provider: "gitlab", server: "https://gitlab.example.com", ids: {}, self: [] };

const job = { provider: "gitlab", project: "a/b", "job-id": "1" };
const run = { provider: "github", repository: "a/b", "run-id": "1" };
const build = { provider: "codearts", region: "cn-north-4", "job-id": "a".repeat(32), "build-number": "20" };
const pageOn = (host: string): { url: string } => ({ url: `https://${host}/a/b/-/jobs/1` });

describe("a credential given as an input", () => {
  test("goes to server-url, to the vendor's own, or to the server that we run on", () => {
    const found = { token: secret };
    const url = `${pageOn("x.example.com").url} https://x.example.com/c/d/-/jobs/2`;

    expect(only({ ...job, token: secret, "server-url": "https://x.example.com" }).credentials).toEqual(found);
    expect(only({ url, token: secret, "server-url": "https://x.example.com" }).credentials).toEqual(found);
    expect(only({ ...job, token: secret }).credentials).toEqual(found);
    expect(only({ ...pageOn("gitlab.com"), token: secret }).credentials).toEqual(found);
    expect(only({ ...pageOn("gitlab.example.com"), token: secret }, {}, onGitLab).credentials).toEqual(found);
    expect(only({ ...pageOn("x.example.com"), token: secret }, { GITLAB_HOST: "x.example.com" }).credentials).toEqual(
      found,
    );
  });

  test.each([
    ...["x.example.com", "gitlab.com.evil.example", "evil-gitlab.com", "gitlab.com:8443", "gitlab.com."],
    ...["gitlab.example.com.evil.example", "gitlab.example.com:8443", "127.0.0.1:8080"],
  ])("does not go to %s for standing in an address", async (host) => {
    for (const platform of [undefined, onGitLab])
      expect(await complaint({ ...pageOn(host), token: secret }, { platform: platform! })).toBe(
        `CANCEL_RUN_URL: CANCEL_RUN_TOKEN may not go to ${host}; if that is your server, add \`CANCEL_RUN_SERVER_URL: https://${host}\``,
      );
  });

  test.each([
    ["https://ci.example.com/jenkins/job/a/1/", { username: "u", token: secret }, "https://ci.example.com/jenkins"],
    ["https://gitlab.example.com/api/v4/projects/1/jobs/1", { token: secret }, "https://gitlab.example.com"],
    ["https://acme.ghe.com/a/b/actions/runs/1", { provider: "github", token: secret }, "https://acme.ghe.com"],
    ["https://api.acme.ghe.com/repos/a/b/actions/runs/1", { token: secret }, "https://acme.ghe.com"],
    [
      "https://tfe.example.com/app/a/workspaces/b/runs/run-CZcmD7eagjhyX0vN",
      { token: secret },
      "https://tfe.example.com",
    ],
  ])("does not go to the server of %s, and the line to add names it", async (url, given, server) => {
    const line = await complaint({ url, ...given });

    expect(line).toContain(`; if that is your server, add \`CANCEL_RUN_SERVER_URL: ${server}\``);
    expect(() => grants({ url, ...given, "server-url": server })).not.toThrow();
  });

  test("does not go to several servers", async () => {
    const url = `${pageOn("one.example.com").url} ${pageOn("two.example.com").url}`;

    expect(await complaint({ url, token: secret })).toBe(
      "CANCEL_RUN_TOKEN is for one server, but the addresses are on several (one.example.com and two.example.com); use one step per server",
    );
  });

  test("does not go to several vendors", async () => {
    const url = "https://gitlab.com/a/b/-/jobs/1 https://github.com/a/b/actions/runs/1";

    expect(await complaint({ url, token: secret })).toContain("CANCEL_RUN_TOKEN is for one server");
  });

  test("does not go to several regions", async () => {
    const page = (region: string): string =>
      `https://devcloud.${region}.huaweicloud.com/cicd/project/${"a".repeat(32)}/pipeline/detail/${"b".repeat(32)}/${"c".repeat(32)}`;

    expect(await complaint({ url: `${page("cn-north-4")} ${page("cn-east-3")}`, token: secret })).toContain(
      "CANCEL_RUN_TOKEN is for one server",
    );
  });

  test("does not go to two vendors that one server stands for", async () => {
    const url = "https://ci.example.com/a/b/-/jobs/1 https://ci.example.com/job/a/1/";

    expect(await complaint({ url, token: secret, "server-url": "https://ci.example.com" })).toContain(
      "CANCEL_RUN_TOKEN",
    );
  });

  test.each(["other.example.com", "gitlab.com", "given.example.com.evil.example", "given.example.com:8443"])(
    "does not go to a page on %s when server-url is another",
    async (host) => {
      expect(await complaint({ ...pageOn(host), token: secret, "server-url": "https://given.example.com" })).toMatch(
        /^CANCEL_RUN_URL: .* is not the server of CANCEL_RUN_SERVER_URL, and CANCEL_RUN_TOKEN goes only there$/,
      );
    },
  );

  test("does not go to a page below another path of server-url's host", async () => {
    const url = "https://example.com/other/a/-/jobs/1";

    expect(await complaint({ url, token: secret, "server-url": "https://example.com/gitlab" })).toContain(
      "CANCEL_RUN_URL: ",
    );
  });

  test("beats the environment, which beats the job's own", () => {
    const env = { GITHUB_TOKEN: "from-env" };

    expect(only({ ...run, token: secret }, env, onGitHub).credentials).toEqual({ token: secret });
    expect(only(run, env, onGitHub).credentials).toEqual({ token: "from-env" });
    expect(only(run, {}, onGitHub).credentials).toEqual({ token: jobToken });
    expect(only(run, { GITHUB_TOKEN: "  " }, onGitHub).credentials).toEqual({ token: jobToken });
  });

  test("decides how it is shown, by its kind", () => {
    const key = { "access-key": "AK", "secret-key": "SK" };

    expect(only({ ...build, token: "t" }).auth.scheme).toBe("huawei-token");
    expect(only({ ...build, ...key }).auth.scheme).toBe("huawei-signature");
    expect(only({ ...build, ...key, "security-token": "st" }).credentials).toEqual({ ...key, "security-token": "st" });
    expect(only({ ...build, username: "u", password: "p", domain: "d" }).auth.scheme).toBe("huawei-password");
  });

  test.each([
    [{ "access-key": secret }, "CANCEL_RUN_ACCESS_KEY alone is not enough for provider codearts"],
    [{ "secret-key": secret }, "CANCEL_RUN_SECRET_KEY alone is not enough for provider codearts"],
    [
      { username: "u", password: secret },
      "CANCEL_RUN_USERNAME and CANCEL_RUN_PASSWORD alone are not enough for provider codearts",
    ],
    [{ token: secret, "access-key": "AK", "secret-key": "SK" }, "are not what provider codearts takes"],
    [{ token: secret, "security-token": "st" }, "are not what provider codearts takes"],
  ])("that is half of one, or two, says what is a whole one: %#", async (given, line) => {
    const said = await complaint({ ...build, ...given });

    expect(said).toContain(line);
    expect(said).toContain(
      "CANCEL_RUN_ACCESS_KEY + CANCEL_RUN_SECRET_KEY + [CANCEL_RUN_SECURITY_TOKEN] (or HUAWEICLOUD_SDK_AK and HUAWEICLOUD_SDK_SK in the environment)",
    );
    expect(said).toContain("CANCEL_RUN_USERNAME + CANCEL_RUN_PASSWORD + CANCEL_RUN_DOMAIN");
  });

  test("of a kind that the vendor does not take is not made to fit by the environment", async () => {
    expect(await complaint({ ...job, username: "u" }, { env: { GITLAB_TOKEN: secret } })).toBe(
      "CANCEL_RUN_USERNAME is not what provider gitlab takes; it takes CANCEL_RUN_TOKEN (or GITLAB_TOKEN in the environment)",
    );
  });
});

describe("a credential found in the environment", () => {
  const env = { GITLAB_TOKEN: secret };

  test("goes to server-url, to the vendor's public server and to the one we run on", () => {
    const found = { token: secret };

    expect(only({ ...job, "server-url": "https://x.example.com" }, env).credentials).toEqual(found);
    expect(only({ ...pageOn("x.example.com"), "server-url": "https://x.example.com" }, env).credentials).toEqual(found);
    expect(only(job, env).credentials).toEqual(found);
    expect(only(pageOn("gitlab.com"), env).credentials).toEqual(found);
    expect(only(pageOn("gitlab.example.com"), env, onGitLab).credentials).toEqual(found);
    expect(only(pageOn("gitlab.com"), env, onGitLab).credentials).toEqual(found);
  });

  test("goes to the server that the same tool's variable names", () => {
    expect(only(pageOn("x.example.com"), { ...env, GITLAB_HOST: "x.example.com" }).credentials).toEqual({
      token: secret,
    });
  });

  test.each(["x.example.com", "gitlab.com.evil.example", "evil-gitlab.com", "gitlab.com:8443", "127.0.0.1:8080"])(
    "does not go to a page on %s",
    async (host) => {
      expect(await complaint(pageOn(host), { env })).toBe(
        `CANCEL_RUN_URL: GITLAB_TOKEN from the environment may not go to ${host}; if that is your server, add \`CANCEL_RUN_SERVER_URL: https://${host}\``,
      );
      expect(await complaint(pageOn(host), { env, platform: onGitLab })).toContain("may not go to");
    },
  );

  test("does not go along when one of several pages is elsewhere", async () => {
    const url = `${pageOn("gitlab.com").url} ${pageOn("evil.example").url}`;

    expect(await complaint({ url }, { env })).toContain("GITLAB_TOKEN from the environment may not go to evil.example");
  });

  test("does not go to another server than `server-url`, and nobody is told to give what is given", async () => {
    expect(await complaint({ ...pageOn("x.example.com"), "server-url": "https://y.example.com" }, { env })).toBe(
      "CANCEL_RUN_URL: GITLAB_TOKEN from the environment may not go to x.example.com, which is not the server of CANCEL_RUN_SERVER_URL; use one step per server",
    );
  });

  test.each(["GH_TOKEN", "GITHUB_TOKEN"])("%s of a job does not go to an unknown host", async (name) => {
    const url = "https://ghes.example.com/a/b/actions/runs/1";

    expect(await complaint({ url }, { env: { [name]: secret }, platform: onGitHub })).toContain(
      `no credential for ghes.example.com (${name} in the environment may not go there): give CANCEL_RUN_TOKEN (or GH_ENTERPRISE_TOKEN in the environment)`,
    );
  });

  test("may serve several vendors at once, each by its own", () => {
    const url = "https://gitlab.com/a/b/-/jobs/1 https://github.com/a/b/actions/runs/1";

    expect(grants({ url }, { GITLAB_TOKEN: "lab", GH_TOKEN: "hub" }).map(({ credentials }) => credentials)).toEqual([
      { token: "lab" },
      { token: "hub" },
    ]);
  });

  test("may serve two vendors on one server, each by its own", () => {
    const url = "https://ci.example.com/a/b/-/jobs/1 https://ci.example.com/job/a/1/";
    const env = { GITLAB_TOKEN: "lab", JENKINS_USER_ID: "jane", JENKINS_API_TOKEN: "kins" };
    const found = grants({ url, "server-url": "https://ci.example.com" }, env);

    expect(found.map(({ credentials }) => credentials)).toEqual([
      { token: "lab" },
      { username: "jane", token: "kins" },
    ]);
  });

  test("is taken whole or not at all", async () => {
    const line = await complaint(build, { env: { HW_ACCESS_KEY: secret } });

    expect(line).toContain(
      "no credential for Huawei Cloud CodeArts (HW_ACCESS_KEY is set in the environment, and HUAWEICLOUD_SDK_SK is not): give ",
    );
    expect(only(build, { HW_ACCESS_KEY: "AK", HUAWEICLOUD_SDK_SK: "SK" }).credentials).toEqual({
      "access-key": "AK",
      "secret-key": "SK",
    });
  });

  test("is the vendor's first variable of several", () => {
    expect(only(run, { GH_TOKEN: "first", GITHUB_TOKEN: "second" }).credentials).toEqual({ token: "first" });
    expect(only(run, { GH_TOKEN: "", GITHUB_TOKEN: "second" }).credentials).toEqual({ token: "second" });
  });

  test.each(["Bearer ", "bearer  ", ""])("that holds a whole header is the token in it: %j", (scheme) => {
    const workflow = {
      provider: "argo-workflows",
      namespace: "argo",
      name: "deploy",
      "server-url": "argo.example.com",
    };

    expect(only(workflow, { ARGO_TOKEN: `${scheme}${secret}` }).credentials).toEqual({ token: secret });
  });

  test("that holds a header of another scheme is refused, and not shown", async () => {
    const workflow = {
      provider: "argo-workflows",
      namespace: "argo",
      name: "deploy",
      "server-url": "argo.example.com",
    };

    expect(await complaint(workflow, { env: { ARGO_TOKEN: `Basic ${secret}` } })).toBe(
      "ARGO_TOKEN begins with the name of a scheme, such as Bearer; give the bare value",
    );
  });

  test("with a line break inside names its variable and does not show it", async () => {
    expect(await complaint(job, { env: { GITLAB_TOKEN: `${secret}\n${secret}` } })).toBe(
      "GITLAB_TOKEN contains a line break; give the bare value",
    );
  });
});

describe("the job's own token", () => {
  test("serves the server the step runs on", () => {
    expect(only({ url: "https://github.com/a/b/actions/runs/1" }, {}, onGitHub).credentials).toEqual({
      token: jobToken,
    });
    expect(only({ provider: "github", "run-id": "1" }, {}, onGitea).credentials).toEqual({ token: jobToken });
    expect(only({ url: "https://gitea.example.com/a/b/actions/runs/1" }, {}, onGitea).credentials).toEqual({
      token: jobToken,
    });
    expect(only({ ...run, "server-url": "https://gitea.example.com/" }, {}, onGitea).credentials).toEqual({
      token: jobToken,
    });
  });

  test.each([
    ["a page on another server", { url: "https://ghes.example.com/a/b/actions/runs/1" }, onGitHub],
    ["another server-url", { ...run, "server-url": "https://ghes.example.com" }, onGitHub],
    ["a server-url that begins alike", { ...run, "server-url": "https://github.com.evil.example" }, onGitHub],
    ["a server-url on another port", { ...run, "server-url": "https://github.com:8443" }, onGitHub],
    ["a server-url below another path", { ...run, "server-url": "https://gitea.example.com/other" }, onGitea],
    ["the vendor's public server, from another", { url: "https://github.com/a/b/actions/runs/1" }, onGitea],
    ["a subdomain", { url: "https://octo.ghe.com/a/b/actions/runs/1" }, onGitHub],
    ["another provider", { ...job }, onGitHub],
    ["another provider's page", pageOn("gitlab.com"), onGitHub],
    ["another provider on the very server", { ...job, "server-url": "https://gitea.example.com" }, onGitea],
    ["another provider's page on the very server", { ...pageOn("gitea.example.com") }, onGitea],
  ])("never goes to %s", async (_, inputs, platform) => {
    const line = await complaint(inputs, { platform });

    expect(line).toContain("no credential for ");
    expect(line).not.toContain(jobToken);
  });

  test.each([...providers.keys()].filter((key) => key !== "github"))("is nothing that %s could use", (key) => {
    const provider = providers.get(key)!;
    const { ids, server = provider.server.url } = Object.values(provider.targets)[0]!;
    const inputs = {
      provider: key,
      region: provider.server.region?.example ?? "cn-north-4",
      ...(server === undefined && { "server-url": "https://ci.example.com" }),
      ...Object.fromEntries(Object.entries(ids).map(([name, { example }]) => [name, example])),
    };

    if (server === undefined && mayAskForNone(provider)) expect(only(inputs, {}, onGitHub).credentials).toEqual({});
    else expect(() => grants(inputs, {}, onGitHub)).toThrow(/^no credential for /);
  });

  test.each([
    ["GH_ENTERPRISE_TOKEN", { ...run, "server-url": "https://ghes.example.com" }, onGitHub],
    ["GITHUB_TOKEN", { url: "https://github.com/a/b/actions/runs/1" }, onGitea],
    [
      "GITEA_TOKEN",
      { provider: "gitea", repository: "a/b", "run-id": "1", "server-url": "https://x.example.com" },
      onGitea,
    ],
  ])("never goes elsewhere for standing in %s", async (variable, inputs, platform) => {
    expect(await complaint(inputs, { platform, env: { [variable]: jobToken } })).toContain("no credential for ");
    expect(only(inputs, { [variable]: "another" }, platform).credentials).toEqual({ token: "another" });
  });

  test("is not used beside a given one that does not fit", async () => {
    expect(await complaint({ ...run, password: secret }, { platform: onGitHub })).toContain(
      "CANCEL_RUN_PASSWORD is not what",
    );
  });
});

const mayAskForNone = ({ auth }: Provider): boolean => auth.some(({ scheme }) => scheme === "none");

test.each([...providers].filter(([, provider]) => mayAskForNone(provider)))(
  "%s without a credential, on a server that only a page names, says to name it",
  async (key, provider) => {
    const own = [...entriesOf(key, provider).values()].find(
      ({ target, pastablePages }) => target.server === undefined && pastablePages.length > 0,
    )!;
    const [page = ""] = own.pastablePages;
    const url = pageOf(page, "https://ci.example.com", exampleValues(page, own.target, ""));

    const line = await complaint({ provider: key, url });

    expect(line).toMatch(/^no credential for ci\.example\.com: give CANCEL_RUN_/);
    expect(line).toContain("CANCEL_RUN_SERVER_URL alone, where the server asks for none");
  },
);

test.each([...providers].filter(([, provider]) => !mayAskForNone(provider)))(
  "%s without a credential says what it takes",
  async (key, provider) => {
    const target = Object.values(provider.targets)[0]!;
    const ids = Object.fromEntries(Object.entries(target.ids).map(([name, { example }]) => [name, example]));
    const line = await complaint({
      provider: key,
      region: provider.server.region?.example ?? "cn-north-4",
      "server-url": "https://ci.example.com",
      ...ids,
    });

    expect(line).toMatch(/^no credential for ci\.example\.com: give CANCEL_RUN_/);
    for (const { env } of provider.auth.filter((auth) => !formOf(auth).onlyByVariable))
      for (const [name, variables] of Object.entries(env)) {
        expect(line).toContain(`CANCEL_RUN_${name.toUpperCase().replaceAll("-", "_")}`);
        if (name === "token" && typeof variables[0] === "string") expect(line).toContain(variables[0]);
      }
  },
);

test("every secret is hidden before anything is said, and names are not", async () => {
  const { host } = await tell({
    providers,
    inputs: {
      ...build,
      username: "deployer",
      password: secret,
      domain: "acme-domain",
      reason: "deployer of acme-domain",
    },
    answer: () => ({ status: 404, body: { error: { message: `no ${secret} for deployer of acme-domain` } } }),
  });
  const shown = JSON.stringify([host.lines, host.reports]);

  expect(shown).not.toContain(secret);
  expect(shown).toContain("no *** for deployer of acme-domain");
});

test("a signature is not made for no region, also where the server is given", async () => {
  const line = await complaint({
    provider: "aws-codepipeline",
    pipeline: "deploy",
    "execution-id": "3137f7cb-7cf7-4ac8-9d1c-3a2f8bb1a0a4",
    "server-url": "https://codepipeline.example.com",
    "access-key": "AKIDEXAMPLE",
    "secret-key": "not-a-real-secret-key",
  });

  expect(line).toBe("CANCEL_RUN_REGION is missing: the credential of provider aws-codepipeline needs it");
});
