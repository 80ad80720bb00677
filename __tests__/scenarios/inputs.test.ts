/** Bad input: one line that names the input as the host spells it, exit 2, and nothing sent. */
import { afterEach, describe, expect, test } from "@jest/globals";
import { type HostName, hosts, program, type Result, readable, said, spelled } from "../support/program.ts";
import { canary, closeServers, codeArtsIds, github, gitlab, goRulesRun, type Server } from "../support/servers.ts";

afterEach(closeServers);

/** What is said of bad input: the annotation on GitHub, the line elsewhere. */
function complaint(host: HostName, { annotations, stdout, stderr }: Result): string {
  if (host !== "github") {
    const [line = "", ...more] = (host === "gitlab" ? readable(stdout) : stderr).trim().split("\n");
    expect(more).toEqual([]);
    return line;
  }
  expect(annotations).toEqual([
    { name: "error", properties: { title: "cancel-run: invalid input" }, message: expect.any(String) },
  ]);
  return annotations[0]!.message;
}

const job = { provider: "gitlab", project: "platform/deploy", "job-id": "4711", token: canary };
const page = "/platform/deploy/-/jobs/4711";
const build = { provider: "codearts", region: "cn-north-4", "job-id": codeArtsIds.job, "build-number": "20" };

interface Case {
  readonly inputs: (server: Server) => Readonly<Record<string, string>>;
  /** Inputs that the line names. */
  readonly names: readonly string[];
  /** What else it says. */
  readonly says?: RegExp;
}

const cases: Readonly<Record<string, Case>> = {
  "nothing is given": { inputs: () => ({}), names: ["url", "provider"] },
  "a provider that nobody knows": {
    inputs: () => ({ ...job, provider: "__proto__" }),
    names: ["provider"],
    says: /codearts.*github.*gitlab/,
  },
  "no id": { inputs: () => ({ provider: "gitlab", project: "a/b", token: canary }), names: ["job-id", "pipeline-id"] },
  "an id of another provider": { inputs: () => ({ ...job, "build-number": "20" }), names: ["build-number", "job-id"] },
  "ids that do not go together": { inputs: () => ({ ...job, "pipeline-id": "1" }), names: ["job-id", "pipeline-id"] },
  "an id and an address": {
    inputs: ({ url }) => ({ url: url + page, "job-id": "1", "server-url": url, token: canary }),
    names: ["job-id", "url"],
  },
  ...Object.fromEntries(
    ["../4711", "4711/../1", "4711?x=1", "4711#x", "%2e%2e", "４７１１", "0", "-1", "4711/cancel", "1e3"].map((id) => [
      `the id ${id}`,
      { inputs: () => ({ ...job, "job-id": id }), names: ["job-id"], says: /4711/ },
    ]),
  ),
  ...Object.fromEntries(
    ["../deploy", "platform/../deploy", "platform", "platform/deploy?x", "a/b/.."].map((project) => [
      `the project ${project}`,
      { inputs: () => ({ ...job, project }), names: ["project"], says: /platform\/deploy/ },
    ]),
  ),
  "a build's number with its date": {
    inputs: () => ({ ...build, "build-number": "20200612.20", token: canary }),
    names: ["build-number"],
    says: /take 20 of/,
  },
  "a GoRules project by name": {
    inputs: ({ url }) => ({
      provider: "gorules",
      "project-id": "spring-rates",
      "run-id": goRulesRun,
      "server-url": url,
      token: canary,
    }),
    names: ["project-id"],
    says: /UUID/,
  },
  "a vendor without a public server": {
    inputs: () => ({ provider: "gorules", "project-id": goRulesRun, "run-id": goRulesRun, token: canary }),
    names: ["server-url"],
  },
  "a regional vendor without a region": {
    inputs: () => ({ ...build, region: "", token: canary }),
    names: ["region"],
  },
  "a page that nobody knows": {
    inputs: ({ url }) => ({ url: `${url}/platform/deploy/-/environments/7`, token: canary }),
    names: ["url"],
    says: /jobs/,
  },
  "a page with a password": {
    inputs: () => ({ url: `http://ci:secret@127.0.0.1:9${page}`, token: canary }),
    names: ["url"],
  },
  "pages on several servers and one token": {
    inputs: ({ url }) => ({ url: `${url}${page} http://127.0.0.1:9${page}`, token: canary }),
    names: ["token"],
    says: /one step per server/,
  },
  "a page elsewhere than at `server-url`": {
    inputs: ({ url }) => ({ url: `http://127.0.0.1:9${page}`, "server-url": url, token: canary }),
    names: ["url", "server-url", "token"],
  },
  ...Object.fromEntries(
    ["5", "five minutes", "0s", "-1m", "25h", "1.5h", "m", "9999999999s"].map((timeout) => [
      `the timeout ${timeout}`,
      { inputs: () => ({ ...job, timeout }), names: ["timeout"], says: /90s, 5m or 1h/ },
    ]),
  ),
  "a wait that is neither yes nor no": {
    inputs: () => ({ ...job, wait: "maybe" }),
    names: ["wait"],
    says: /true or false/,
  },
  "an outcome that there is not": {
    inputs: () => ({ ...job, "fail-on": "failed, canceled" }),
    names: ["fail-on"],
    says: /"canceled".*cancelled/,
  },
  "plain http": {
    inputs: () => ({ ...job, "server-url": "http://gitlab.invalid" }),
    names: ["server-url", "allow-http"],
    says: /in the open/,
  },
  "plain http, by page": {
    inputs: () => ({ url: `http://gitlab.invalid${page}`, token: canary }),
    names: ["url", "allow-http", "server-url"],
  },
  "a metadata service": {
    inputs: () => ({ ...job, "server-url": "http://169.254.169.254", "allow-http": "true" }),
    names: ["server-url"],
  },
  "a server's address with a query": {
    inputs: ({ url }) => ({ ...job, "server-url": `${url}/?x=1` }),
    names: ["server-url"],
  },
  "a server's address that is none": { inputs: () => ({ ...job, "server-url": "https://" }), names: ["server-url"] },
  "no credential": {
    inputs: ({ url }) => ({ ...job, token: "", "server-url": url }),
    names: ["token"],
    says: /GITLAB_TOKEN/,
  },
  "a credential in a form that the vendor does not take": {
    inputs: ({ url }) => ({ ...job, token: "", username: "ci", password: canary, "server-url": url }),
    names: ["username", "password", "token"],
  },
  "half an access key": {
    inputs: ({ url }) => ({ ...build, "access-key": canary, "server-url": url }),
    names: ["access-key", "secret-key"],
  },
  "a token with a line break": {
    inputs: ({ url }) => ({ ...job, token: `${canary}\n${canary}`, "server-url": url }),
    names: ["token"],
    says: /line break/,
  },
  "a token with a character that no token has": {
    inputs: ({ url }) => ({ ...job, token: `${canary}…`, "server-url": url }),
    names: ["token"],
    says: /character/,
  },
};

// Values that are wrong in many ways go round the hosts; every other case is tried on each.
const tries = Object.entries(cases).flatMap(([name, one], at) =>
  hosts
    .filter((_, turn) => !/^the (?:id|project|timeout) /.test(name) || turn === at % hosts.length)
    .map((host) => ({ name, host, ...one })),
);

test.each(tries)("$name, on $host", async ({ host, inputs, names, says = /./ }) => {
  const server = await gitlab();

  const result = await program({ host, inputs: inputs(server), time: "wall" });

  expect(result).toMatchObject({ exit: 2, requests: [], report: { outcome: "failed", cancelled: 0, runs: [] } });
  const line = complaint(host, result);
  for (const name of names) {
    // A terminal takes addresses as plain arguments: there, "address" says it.
    if (host === "terminal" && name === "url") expect(line).toMatch(/--url|address/);
    else expect(line).toMatch(new RegExp(`(?<![\\w-])${spelled(host, name)}(?![\\w-])`));
  }
  expect(line).toMatch(says);
  expect(line.length).toBeLessThan(700);
});

describe("a secret in the wrong place is not repeated", () => {
  test.each(
    hosts.flatMap((host) => [
      { host, where: "an id", inputs: { ...job, "job-id": canary } },
      { host, where: "the server's address", inputs: { ...job, "server-url": `https://gitlab.invalid/?t=${canary}` } },
      { host, where: "the region", inputs: { ...build, token: canary, region: canary } },
      {
        host,
        where: "a page's address",
        inputs: { url: `http://127.0.0.1:9/nothing?private_token=${encodeURIComponent(canary)}`, token: canary },
      },
      {
        host,
        where: "a user name in an address",
        inputs: { ...job, "server-url": `https://${encodeURIComponent(canary)}@gitlab.invalid` },
      },
    ]),
  )("$where, on $host", async ({ host, inputs }) => {
    // `program` looks for the secret.
    const { exit, requests } = await program({ host, inputs, time: "wall" });

    expect({ exit, requests }).toEqual({ exit: 2, requests: [] });
  });
});

describe("spaces and line breaks around values", () => {
  test.each(hosts)("are nothing, on %s", async (host) => {
    const server = await gitlab();

    const { exit } = await program({
      host,
      inputs: {
        provider: " gitlab ",
        project: "platform/deploy\n",
        "job-id": "\n  4711\n",
        "server-url": ` ${server.url}/ `,
        token: `${canary}\n`,
        wait: "true ",
      },
    });

    expect(exit).toBe(0);
  });
});

test.each(hosts)("the own run is refused in words of the host: %s", async (host) => {
  const server = host === "gitlab" ? await gitlab() : await github();
  const on = { url: server.url, api: `${server.url}${host === "gitlab" ? "/api/v4" : "/api/v3"}` };
  const inputs =
    host === "gitlab"
      ? { provider: "gitlab", "job-id": "2002", token: canary }
      : { provider: "github", "run-id": "1001", token: canary };

  const result =
    host === "terminal"
      ? await program({
          host: "github",
          on,
          env: { CANCEL_RUN_TOKEN: canary },
          args: ["--provider", "github", "--run-id", "1001"],
        })
      : await program({ host, on, inputs });

  expect(result).toMatchObject({ exit: 4, requests: [] });
  expect(said(result)).toMatch(new RegExp(`(?<![\\w-])${spelled(host, "self")}(?![\\w-])`));
});
