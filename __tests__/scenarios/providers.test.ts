/** Every kind of run is stopped through the bundle, with every kind of credential that its vendor takes. */
import { afterEach, describe, expect, test } from "@jest/globals";
import { hosts, program, said } from "../support/program.ts";
import {
  accessKey,
  canary,
  closeServers,
  codeArtsIds,
  codearts,
  github,
  gitlab,
  goRulesProject,
  goRulesRun,
  gorules,
  secret,
  secretKey,
  type Server,
} from "../support/servers.ts";

afterEach(closeServers);

interface Case {
  readonly server: () => Promise<Server>;
  readonly inputs: Readonly<Record<string, string>>;
  readonly credential?: Readonly<Record<string, string>>;
  /** The one request that changes something, and what it carries. */
  readonly cancel: RegExp;
  readonly body?: unknown;
}

const { job, project, pipeline, run, task, record } = codeArtsIds;
const build = { provider: "codearts", region: "cn-north-4", "job-id": job, "build-number": "20" };
const stopBuild = { cancel: new RegExp(`^POST /v1/job/${job}/stop\\?build_no=20$`), body: { build_no: 20 } };

const cases: Readonly<Record<string, Case>> = {
  "a GitLab job": {
    server: () => gitlab({ jobs: { "4711": {} } }),
    inputs: { provider: "gitlab", project: "platform/deploy", "job-id": "4711" },
    cancel: /^POST \/api\/v4\/projects\/platform%2Fdeploy\/jobs\/4711\/cancel$/,
  },
  "a GitLab pipeline, its project by number": {
    server: () => gitlab({ pipelines: { "1215": {} } }),
    inputs: { provider: "gitlab", project: "42", "pipeline-id": "1215" },
    cancel: /^POST \/api\/v4\/projects\/42\/pipelines\/1215\/cancel$/,
  },
  "a GitLab job on a server under a path": {
    server: async () => {
      const server = await gitlab({ jobs: { "4711": {} }, under: "/scm" });
      return Object.assign(server, { url: `${server.url}/scm/` });
    },
    inputs: { provider: "gitlab", project: "platform/deploy", "job-id": "4711" },
    cancel: /^POST \/scm\/api\/v4\/projects\/platform%2Fdeploy\/jobs\/4711\/cancel$/,
  },
  "a GitHub run": {
    server: () => github(),
    inputs: { provider: "github", repository: "acme/shop", "run-id": "30433642" },
    cancel: /^POST \/api\/v3\/repos\/acme\/shop\/actions\/runs\/30433642\/cancel$/,
  },
  "a GoRules run": {
    server: () => gorules(),
    inputs: { provider: "gorules", "project-id": goRulesProject, "run-id": goRulesRun, reason: "smoke test failed" },
    cancel: new RegExp(`^POST /api/projects/${goRulesProject}/runs/${goRulesRun}/cancel$`),
    body: { comment: "smoke test failed" },
  },
  "a CodeArts build, by a token": { server: () => codearts(), inputs: build, ...stopBuild },
  "a CodeArts build, by an access key": {
    server: () => codearts(),
    inputs: build,
    credential: { "access-key": accessKey, "secret-key": secretKey },
    ...stopBuild,
  },
  "a CodeArts build, by a temporary access key": {
    server: () => codearts({ securityToken: secret("security-token") }),
    inputs: build,
    credential: {
      "access-key": accessKey,
      "secret-key": secretKey,
      "security-token": secret("security-token"),
    },
    ...stopBuild,
  },
  "a CodeArts build, by an IAM user's password": {
    server: () => codearts(),
    inputs: build,
    credential: { username: "ci", password: canary, domain: "acme" },
    ...stopBuild,
  },
  "a CodeArts pipeline run": {
    server: () => codearts(),
    inputs: {
      provider: "codearts",
      region: "cn-north-4",
      "project-id": project,
      "pipeline-id": pipeline,
      "pipeline-run-id": run,
    },
    credential: { "access-key": accessKey, "secret-key": secretKey },
    cancel: new RegExp(`^POST /v5/${project}/api/pipelines/${pipeline}/pipeline-runs/${run}/stop$`),
    body: {},
  },
  "a CodeArts deployment": {
    server: () => codearts(),
    inputs: { provider: "codearts", region: "cn-north-4", "task-id": task, "record-id": record },
    credential: { username: "ci", password: canary, domain: "acme" },
    cancel: new RegExp(`^PUT /v2/tasks/${task}/records/${record}/stop$`),
    body: {},
  },
};

// The hosts take turns: what is special to a host has a file of its own.
test.each(Object.entries(cases).map(([name, one], at) => ({ name, host: hosts[at % 3]!, ...one })))(
  "$name is stopped, from $host",
  async ({ host, server: listen, inputs, credential = { token: canary }, cancel, body }) => {
    const server = await listen();

    const result = await program({
      host,
      // This server is the token service, too.
      env: { HUAWEICLOUD_SDK_IAM_ENDPOINT: server.url },
      inputs: { ...inputs, ...credential, "server-url": server.url },
    });

    expect(result).toMatchObject({ exit: 0, report: { outcome: "cancelled", cancelled: 1, state: "cancelled" } });
    const changes = server.only(/^(?!GET |POST \/v3\/auth)/);
    expect(changes.map(({ line }) => line)).toEqual([expect.stringMatching(cancel)]);
    expect(changes[0]!.body).toBe(body === undefined ? "" : JSON.stringify(body));
    // A look before, and one that proves it.
    expect(server.lines.at(-1)).toMatch(/^GET /);
  },
);

test("GoRules: the reason is recorded, and who cancelled it is reported", async () => {
  const server = await gorules();

  const { report } = await program({
    host: "github",
    inputs: {
      provider: "gorules",
      "server-url": server.url,
      "project-id": goRulesProject,
      "run-id": goRulesRun,
      token: canary,
    },
  });

  const reason = "Cancelled by Release of acme/shop: https://github.com/acme/shop/actions/runs/1001";
  expect(report?.runs).toEqual([
    expect.objectContaining({
      reason,
      "reason-recorded": true,
      "cancelled-by": "ci@acme.example",
      "cancelled-comment": reason,
    }),
  ]);
});

describe("several runs in one step", () => {
  test("a list of ids: each is asked once, and all are asked before one is waited for", async () => {
    const server = await gitlab({ jobs: { "1": {}, "2": {}, "3": {} } });

    const { exit, report, outputs } = await program({
      host: "github",
      inputs: {
        provider: "gitlab",
        project: "platform/deploy",
        "job-id": "1, 2\n3,2",
        "server-url": server.url,
        token: canary,
      },
    });

    expect({ exit, ...report }).toMatchObject({ exit: 0, outcome: "cancelled", cancelled: 3, state: null, url: null });
    expect(outputs).toMatchObject({ state: "", url: "" });
    expect(server.only(/^POST/)).toHaveLength(3);
    const verbs = server.lines.map((line) => line.split(" ", 1)[0]).join(" ");
    expect(verbs).toMatch(/^(?:(?:GET|POST) ){6}GET/);
    expect(verbs.split(" ").slice(0, 6).sort()).toEqual(["GET", "GET", "GET", "POST", "POST", "POST"]);
  });

  test("on two vendors' servers, by pages, with credentials of the vendors' tools", async () => {
    const [lab, hub] = [await gitlab({ jobs: { "4711": {} }, token: secret("lab") }), await github()];

    const { exit, report } = await program({
      host: "terminal",
      inputs: { url: `${lab.page("jobs", 4711)} ${hub.page(30433642)}` },
      env: { GITLAB_HOST: lab.url, GITLAB_TOKEN: secret("lab"), GH_HOST: hub.url, GH_ENTERPRISE_TOKEN: canary },
    });

    expect({ exit, ...report }).toMatchObject({ exit: 0, outcome: "cancelled", cancelled: 2 });
    expect(report?.runs.map(({ provider }) => provider)).toEqual(["gitlab", "github"]);
    expect(lab.requests.map(({ headers }) => headers["authorization"])).toEqual(
      Array(4).fill(`Bearer ${secret("lab")}`),
    );
    expect(hub.requests.map(({ headers }) => headers.authorization)).toEqual(Array(4).fill(`Bearer ${canary}`));
  });

  test("the worst outcome decides, and each failure has its annotation", async () => {
    const lab = await gitlab({ jobs: { "1": {}, "2": { state: "success" }, "3": {} } });
    lab.reply(/^POST .*\/3\/cancel/, { status: 403, body: { message: "403 Forbidden" } });

    const { exit, report, annotations, summary } = await program({
      host: "github",
      inputs: {
        provider: "gitlab",
        project: "platform/deploy",
        "job-id": "1,2,3,4",
        "server-url": lab.url,
        token: canary,
      },
    });

    expect({ exit, ...report }).toMatchObject({ exit: 4, outcome: "mixed", cancelled: 1 });
    expect(report?.runs.map(({ outcome }) => outcome)).toEqual([
      "cancelled",
      "already-finished",
      "refused",
      "not-found",
    ]);
    expect(annotations.map(({ name, message }) => `${name}: ${message}`)).toEqual([
      expect.stringMatching(/^error: .*\b3\b.*403 Forbidden/),
      expect.stringMatching(/^error: .*\b4\b.*not there, or hidden/),
    ]);
    expect(summary).toMatch(/^<h3>❌ cancel-run: 1 cancelled, 1 already finished, 1 not found, 1 refused<\/h3>/);
    expect(summary.match(/<tr>/g)).toHaveLength(5);
  });

  test("a server that hangs does not hold up another one", async () => {
    const [slow, fast] = [await gitlab(), await github()];
    slow.hold(/./);

    const { exit, report } = await program({
      host: "terminal",
      inputs: { url: `${slow.page("jobs", 4711)} ${fast.page(30433642)}`, timeout: "20s" },
      env: { GITLAB_HOST: slow.url, GITLAB_TOKEN: canary, GH_HOST: fast.url, GH_ENTERPRISE_TOKEN: canary },
    });

    expect(exit).toBe(1);
    expect(report?.runs).toMatchObject([{ outcome: "failed" }, { outcome: "cancelled" }]);
    expect(report?.runs[1]!["seconds"]).toBeLessThan(10);
  });
});

describe("what else a vendor answers", () => {
  const inputs = { provider: "gitlab", project: "platform/deploy", "job-id": "4711", token: canary };

  test.each(hosts)("it never stops: five minutes, then exit 3, from %s", async (host) => {
    const server = await gitlab({ jobs: { "4711": { afterwards: ["canceling"] } } });

    const result = await program({ host, inputs: { ...inputs, "server-url": server.url } });

    expect(result).toMatchObject({ exit: 3, report: { outcome: "still-running", state: "cancelling", cancelled: 0 } });
    expect(server.only(/^POST/)).toHaveLength(1);
    expect(result.report?.runs[0]!["seconds"]).toBeGreaterThan(290);
    expect(result.took).toBeLessThan(5000);
  });

  test("it hangs, and `force-after` frees it", async () => {
    const server = await gitlab({ jobs: { "4711": { afterwards: ["canceling"] } } });

    const result = await program({
      host: "gitlab",
      inputs: { ...inputs, "server-url": server.url, "force-after": "60s" },
    });

    expect(result).toMatchObject({ exit: 0, report: { outcome: "cancelled", runs: [{ forced: true }] } });
    expect(server.only(/^POST/).map(({ body }) => body)).toEqual(["", '{"force":true}']);
  });

  test("it ends by itself", async () => {
    const server = await gitlab({ jobs: { "4711": { afterwards: ["running", "running", "success"] } } });

    const result = await program({ host: "terminal", inputs: { ...inputs, "server-url": server.url } });

    expect(result).toMatchObject({ exit: 0, report: { outcome: "finished-anyway", state: "succeeded", cancelled: 0 } });
  });

  test("`dry-run` changes nothing, `wait: false` does not wait", async () => {
    const server = await gitlab({ jobs: { "4711": {} } });

    const dry = await program({ host: "github", inputs: { ...inputs, "server-url": server.url, "dry-run": "true" } });

    expect(dry).toMatchObject({ exit: 0, report: { outcome: "would-cancel", state: "running", cancelled: 0 } });
    expect(server.only(/^POST/)).toHaveLength(0);

    const quick = await program({ host: "gitlab", inputs: { ...inputs, "server-url": server.url, wait: "false" } });

    expect(quick).toMatchObject({ exit: 0, report: { outcome: "cancelling", state: "cancelling" } });
    expect(server.only(/^POST/)).toHaveLength(1);
  });

  test("`fail-on` decides what fails", async () => {
    const server = await gitlab({ jobs: { "4711": { state: "success" } } });
    const given = { ...inputs, "server-url": server.url };

    const strict = await program({ host: "github", inputs: { ...given, "fail-on": "already-finished" } });
    const mild = await program({ host: "github", inputs: { ...given, "job-id": "99", "fail-on": "failed" } });

    expect(strict).toMatchObject({ exit: 1, annotations: [{ name: "error" }] });
    expect(mild).toMatchObject({ exit: 0, annotations: [], outputs: { outcome: "not-found" } });
  });

  test.each(hosts)("a server that repeats the secret in all it says, from %s", async (host) => {
    const server = await gitlab({ jobs: { "1": {}, "2": {}, "3": {} } });
    server.reply(/^GET .*\/1$/, {
      status: 200,
      body: { id: 1, status: "success", name: `deploy ${canary}`, ref: encodeURIComponent(canary) },
    });
    server.reply(/^GET .*\/2$/, { status: 403, body: { message: `the token ${canary} may not do that` } });
    server.reply(/^GET .*\/3$/, { status: 200, body: { id: 3, status: canary } });

    // `program` looks for the secret.
    const result = await program({
      host,
      inputs: { ...inputs, "job-id": "1,2,3", "server-url": server.url, timeout: "10s" },
      // The ten seconds must not be over before a slow machine has answered.
      pace: 1,
    });

    expect(result.exit).toBe(4);
    expect(said(result)).toContain("***");
  });

  test.each(hosts)("a server that repeats the secret in the page's address, from %s", async (host) => {
    const server = await gitlab();
    const page = `${server.page("jobs", 4711)}?private_token=${encodeURIComponent(canary)}`;
    server.reply(/^GET/, { status: 200, body: { id: 4711, status: "success", name: "deploy", web_url: page } });

    const { exit } = await program({ host, inputs: { ...inputs, "server-url": server.url } });

    expect(exit).toBe(0);
  });
});
