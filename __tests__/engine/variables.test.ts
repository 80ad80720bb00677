/** A credential of the environment goes only where the vendor's own tools would send it. */
import { describe, expect, test } from "@jest/globals";
import { type Grant, grant } from "../../src/engine/credentials.ts";
import { locate } from "../../src/engine/locate.ts";
import { readSettings } from "../../src/engine/settings.ts";
import type { Environment } from "../../src/environment.ts";
import { providers } from "../../src/providers/all.ts";
import { manifest } from "../../src/providers/manifest.ts";
import { MemoryHost } from "../support/host.ts";
import { tell } from "../support/story.ts";
import { complaint } from "../support/usage.ts";

function granted(inputs: Record<string, string>, env: Environment): Grant {
  const lookup = { providers, env, platform: undefined, spell: (name: string) => name };
  const settings = readSettings(new MemoryHost(inputs, env), manifest);
  return [...grant(locate(settings, lookup).runs, settings, lookup).values()][0]!;
}

const tokenFor = (inputs: Record<string, string>, env: Environment): string | undefined =>
  granted(inputs, env).credentials.token;

describe("GitHub's, as gh sends them", () => {
  const run = { provider: "github", repository: "a/b", "run-id": "1" };
  const all = { GH_ENTERPRISE_TOKEN: "own", GITHUB_ENTERPRISE_TOKEN: "own 2", GH_TOKEN: "hub", GITHUB_TOKEN: "hub 2" };

  test.each([
    ["https://github.com", "hub"],
    ["https://octo.ghe.com", "hub"],
    ["https://ghe.acme.example", "own"],
    ["https://github.com.evil.example", "own"],
  ])("%s gets the token for %s", (server, token) => {
    expect(tokenFor({ ...run, "server-url": server }, all)).toBe(token);
    expect(tokenFor(run, { ...all, GH_HOST: server })).toBe(token);
  });

  test("github.com gets no server's own token, and no server github.com's", async () => {
    const { GH_TOKEN, GH_ENTERPRISE_TOKEN } = all;

    expect(await complaint(run, { env: { GH_ENTERPRISE_TOKEN } })).toBe(
      "no credential for GitHub Actions (GH_ENTERPRISE_TOKEN in the environment may not go there): give CANCEL_RUN_TOKEN (or GH_TOKEN in the environment)",
    );
    expect(await complaint({ ...run, "server-url": "https://ghe.acme.example" }, { env: { GH_TOKEN } })).toBe(
      "no credential for ghe.acme.example (GH_TOKEN in the environment may not go there): give CANCEL_RUN_TOKEN (or GH_ENTERPRISE_TOKEN in the environment)",
    );
  });
});

describe("Gitea's, each with its own address", () => {
  const run = { provider: "gitea", repository: "a/b", "run-id": "1" };
  const at = (host: string): Record<string, string> => ({ ...run, "server-url": `https://${host}` });

  test.each([
    ["GITEA_TOKEN", "GITEA_INSTANCE_URL"],
    ["GITEA_SERVER_TOKEN", "GITEA_SERVER_URL"],
  ])("%s is %s's where that is set, else server-url's", async (token, address) => {
    const env = { [token]: "own", [address]: "https://git.example.com" };

    expect(tokenFor(run, env)).toBe("own");
    expect(tokenFor(at("git.example.com"), env)).toBe("own");
    expect(tokenFor(at("other.example.com"), { [token]: "own" })).toBe("own");
    expect(await complaint(at("other.example.com"), { env })).toContain(
      `no credential for other.example.com (${token} in the environment may not go there)`,
    );
  });

  test("a token does not go to the address of the other one", async () => {
    const env = { GITEA_TOKEN: "own", GITEA_SERVER_URL: "https://git.example.com" };

    expect(await complaint(run, { env })).toContain("GITEA_TOKEN in the environment may not go there");
  });
});

describe("Terraform's, as terraform and its kin send them", () => {
  const run = { provider: "terraform", "run-id": "run-CZcmD7eagjhyX0vN" };
  const page = (host: string): { url: string } => ({ url: `https://${host}/app/acme/shop/runs/run-CZcmD7eagjhyX0vN` });

  test.each([
    ["TF_TOKEN_app_terraform_io", "app.terraform.io"],
    ["TF_TOKEN_APP_TERRAFORM_IO", "app.terraform.io"],
    ["TF_TOKEN_app.eu.terraform.io", "app.eu.terraform.io"],
    ["TF_TOKEN_tfe__east_example_com", "tfe-east.example.com"],
    ["TF_TOKEN_tfe-east_example_com", "tfe-east.example.com"],
    ["TF_TOKEN_xn____caf__dma_fr", "xn--caf-dma.fr"],
    ["TF_TOKEN_café_fr", "xn--caf-dma.fr"],
    ["TF_TOKEN_tfe_example_com_8443", "tfe.example.com:8443"],
  ])("%s is for %s alone, before TFE_TOKEN", async (name, host) => {
    expect(tokenFor(page(host), { TFE_TOKEN: "any", [name]: "its own" })).toBe("its own");
    expect(await complaint(page("other.example.com"), { env: { [name]: "its own" } })).toContain(
      "no credential for other.example.com",
    );
  });

  test("the last one of several for one host is taken", () => {
    expect(tokenFor(run, { TF_TOKEN_app_terraform_io: "first", "TF_TOKEN_app.terraform.io": "last" })).toBe("last");
  });

  test("TFE_TOKEN goes to HashiCorp's two public servers", () => {
    for (const host of ["app.terraform.io", "app.eu.terraform.io"])
      expect(tokenFor(page(host), { TFE_TOKEN: "any" })).toBe("any");
  });

  test("TFE_TOKEN is TFE_ADDRESS's where that is set, and goes to no public server then", async () => {
    const env = { TFE_TOKEN: "own", TFE_ADDRESS: "https://tfe.example.com" };

    expect(tokenFor(run, env)).toBe("own");
    expect(tokenFor(page("tfe.example.com"), env)).toBe("own");
    expect(await complaint(page("app.terraform.io"), { env })).toContain(
      "no credential for app.terraform.io (TFE_TOKEN in the environment may not go there)",
    );
  });

  test.each([
    ["TFE_HOSTNAME", "TFE_TOKEN"],
    ["TF_HOSTNAME", "TF_API_TOKEN"],
    ["TFCTL_HOSTNAME", "TFCTL_TOKEN"],
  ])("%s is the server of %s, and of no other tool's token", async (server, token) => {
    const env = { [server]: "tfe.example.com" };
    const other = token === "TFE_TOKEN" ? "TF_API_TOKEN" : "TFE_TOKEN";

    expect(tokenFor(run, { ...env, [token]: "own" })).toBe("own");
    expect(await complaint(run, { env: { ...env, [other]: "another" } })).toContain(
      "no credential for tfe.example.com",
    );
  });

  test("server-url gets the one that no variable binds to a server", () => {
    expect(tokenFor({ ...run, "server-url": "https://tfe.example.com" }, { TFE_TOKEN: "own" })).toBe("own");
  });
});

test("GITLAB_ACCESS_TOKEN is read, OAUTH_TOKEN, which says no vendor, is not", async () => {
  const job = { provider: "gitlab", project: "a/b", "job-id": "1" };

  expect(tokenFor(job, { GITLAB_ACCESS_TOKEN: "lab" })).toBe("lab");
  expect(await complaint(job, { env: { OAUTH_TOKEN: "x" } })).toContain("no credential for GitLab CI/CD: give");
});

describe("Huawei's token service", () => {
  const build = { provider: "codearts", region: "cn-north-4", "job-id": "a".repeat(32), "build-number": "20" };
  const user = { username: "deployer", password: "not-a-real-password", domain: "acme" };
  const own = { ...build, "server-url": "https://codearts.example.com" };
  const iam = (address: string): Environment => ({ HUAWEICLOUD_SDK_IAM_ENDPOINT: address });

  test("is the region's, or where HUAWEICLOUD_SDK_IAM_ENDPOINT says", () => {
    expect(granted({ ...build, ...user }, {}).tokenServer).toBe("https://iam.cn-north-4.myhuaweicloud.com");
    for (const inputs of [build, own])
      expect(granted({ ...inputs, ...user }, iam("iam.example.com/")).tokenServer).toBe("https://iam.example.com");
    expect(granted({ ...own, ...user }, { HW_AUTH_URL: "https://iam.example.com:31943/v3" }).tokenServer).toBe(
      "https://iam.example.com:31943",
    );
  });

  test("is not known with server-url alone: nothing is sent", async () => {
    expect(await complaint({ ...own, ...user })).toBe(
      "HUAWEICLOUD_SDK_IAM_ENDPOINT is not set in the environment: with CANCEL_RUN_SERVER_URL it has to say where CANCEL_RUN_USERNAME, CANCEL_RUN_PASSWORD and CANCEL_RUN_DOMAIN may go",
    );
  });

  test.each(["http://iam.internal", "https://169.254.169.254", "https://u:p@iam.example.com"])(
    "is checked like server-url: %s",
    async (address) => {
      expect(await complaint({ ...own, ...user }, { env: iam(address) })).toMatch(
        /^HUAWEICLOUD_SDK_IAM_ENDPOINT: ".*" is not accepted; it takes /,
      );
    },
  );

  test("of a server of one's own is not asked about a refused token unless it is known", async () => {
    const answer = (): { status: number; body: object } => ({ status: 401, body: {} });
    const ask = async (env: Environment): Promise<string[]> =>
      (await tell({ providers, inputs: { ...own, token: "t0ken" }, env, answer })).server.sent.map(({ host }) => host);

    expect(await ask({})).toEqual(["codearts.example.com"]);
    expect(await ask(iam("https://iam.example.com"))).toEqual(["codearts.example.com", "iam.example.com"]);
  });

  test("gets the password, and the service's own host only the token", async () => {
    const { server } = await tell({
      providers,
      inputs: { ...own, ...user, "dry-run": "true" },
      env: iam("https://iam.example.com"),
      answer: ({ host }) =>
        host === "iam.example.com"
          ? { status: 201, headers: { "x-subject-token": "fresh" }, body: {} }
          : { status: 200, body: { status: "success", result: { building: true } } },
    });

    expect(server.sent.filter(({ body }) => body?.includes(user.password)).map(({ host }) => host)).toEqual([
      "iam.example.com",
    ]);
    expect(server.sent.at(-1)).toMatchObject({ host: "codearts.example.com" });
  });
});
