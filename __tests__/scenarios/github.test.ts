/** GitHub Actions, Gitea and Forgejo as hosts: the bundle under a runner's environment, and what a runner makes of its output. */
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "@jest/globals";
import { fileCommands, githubToken, program, workflowCommands } from "../support/program.ts";
import { canary, closeServers, github, gitlab, hostileNames } from "../support/servers.ts";

afterEach(closeServers);

const gitlabJob = { provider: "gitlab", project: "platform/deploy", "job-id": "4711", token: canary };

describe("a run on GitLab", () => {
  test("by ids: outputs, a table with a link, no annotation", async () => {
    const server = await gitlab();

    const { exit, outputs, summary, annotations, report, stdout } = await program({
      host: "github",
      inputs: { ...gitlabJob, "server-url": server.url, reason: "superseded" },
    });

    const page = server.page("jobs", 4711);
    expect(exit).toBe(0);
    expect(outputs).toEqual({
      outcome: "cancelled",
      cancelled: "1",
      state: "cancelled",
      url: page,
      runs: expect.any(String),
    });
    expect(report?.runs).toEqual([
      {
        provider: "gitlab",
        target: "job",
        ids: { project: "platform/deploy", "job-id": "4711" },
        url: page,
        name: "deploy-production",
        ref: "main",
        before: "running",
        after: "cancelled",
        outcome: "cancelled",
        detail: "",
        reason: "superseded",
        "reason-recorded": false,
        confirmed: "look",
        attempts: 1,
        forced: false,
        seconds: expect.any(Number),
      },
    ]);
    expect(summary).toMatch(/^<h3>✅ cancel-run: 1 cancelled<\/h3><table>/);
    expect(summary).toContain(`<a href="${page}">`);
    expect(summary).toContain("<code>running</code> → <code>cancelled</code></td><td><code>main</code></td>");
    expect(summary).toContain("<p><strong>Why:</strong> superseded</p>");
    // The same name in every line, and the address on a line of its own.
    const name = "gitlab job 4711 (deploy-production)";
    const lines = stdout.trimEnd().split("\n");
    expect(lines.at(-1)).toBe(`  ${page}`);
    expect(lines.slice(0, -1).filter((line) => !line.startsWith(`${name}: `))).toEqual([]);
    expect(annotations).toEqual([]);
  });

  test("by its page", async () => {
    const server = await gitlab();

    const { exit, outputs } = await program({
      host: "github",
      inputs: { url: server.page("jobs", 4711), "server-url": server.url, token: canary },
    });

    expect({ exit, outputs }).toMatchObject({
      exit: 0,
      outputs: { outcome: "cancelled", url: server.page("jobs", 4711) },
    });
  });

  test("fails with one annotation that says why, and what is needed", async () => {
    const server = await gitlab();
    server.reply(/^POST/, { status: 403, body: { message: "403 Forbidden" } });

    const { exit, outputs, annotations, summary } = await program({
      host: "github",
      inputs: { ...gitlabJob, "server-url": server.url },
    });

    expect({ exit, outputs }).toMatchObject({
      exit: 4,
      outputs: { outcome: "refused", cancelled: "0", state: "running" },
    });
    expect(annotations).toEqual([
      {
        name: "error",
        properties: { title: "cancel-run: refused" },
        message: expect.stringMatching(/gitlab job .*4711.*403 Forbidden.*Developer/),
      },
    ]);
    expect(summary).toContain("403 Forbidden");
  });

  test("never sees the job's own token", async () => {
    const server = await gitlab({ jobs: { "4711": {} }, token: githubToken });
    const { token: _, ...inputs } = gitlabJob;

    const { exit, annotations } = await program({ host: "github", inputs: { ...inputs, "server-url": server.url } });

    expect(exit).toBe(2);
    expect(annotations).toMatchObject([{ name: "error", message: expect.stringMatching(/no credential .*\btoken\b/) }]);
    expect(server.requests).toEqual([]);
  });
});

describe("a run on the server that the step runs on", () => {
  test("needs no more than its id: repository, server and token are the job's", async () => {
    const server = await github({ runs: { "30433642": {} }, token: githubToken });

    const { exit, outputs, report } = await program({
      host: "github",
      on: server,
      inputs: { provider: "github", "run-id": "30433642" },
    });

    expect({ exit, outputs }).toMatchObject({ exit: 0, outputs: { outcome: "cancelled" } });
    expect(report?.runs[0]!.reason).toBe(`Cancelled by Release of acme/shop: ${server.page(1001)}`);
    expect(server.requests.map(({ headers }) => headers.authorization)).toEqual(Array(4).fill(`Bearer ${githubToken}`));
    expect(server.requests.map(({ headers }) => headers.accept)).toEqual(Array(4).fill("application/vnd.github+json"));
  });

  test.each(["", "/attempts/1", "/job/42?pr=7#step:3:1"])("by its page %s", async (more) => {
    const server = await github({ runs: { "30433642": {} }, token: githubToken });

    const result = await program({ host: "github", on: server, inputs: { url: server.page(`30433642${more}`) } });

    expect(result).toMatchObject({ exit: 0, outputs: { outcome: "cancelled", url: server.page(30433642) } });
  });

  test("on Gitea and Forgejo, whose API is elsewhere", async () => {
    const server = await github({ runs: { "17": {} }, token: githubToken, api: "/api/v1" });

    const result = await program({
      host: "github",
      on: server,
      env: { GITEA_ACTIONS: "true" },
      inputs: { provider: "github", "run-id": "17" },
    });

    expect(result).toMatchObject({ exit: 0, outputs: { outcome: "cancelled" } });
    expect(server.lines[0]).toBe("GET /api/v1/repos/acme/shop/actions/runs/17");
  });

  test("a token of the user's own beats the job's", async () => {
    const server = await github();

    const result = await program({
      host: "github",
      on: server,
      inputs: { provider: "github", "run-id": "30433642", token: canary },
    });

    expect(result.exit).toBe(0);
    expect(JSON.stringify(server.requests)).not.toContain(githubToken);
  });
});

describe("a run that the job's own token may not cancel, or does not find", () => {
  const forbidden = {
    status: 403,
    headers: { "x-accepted-github-permissions": "actions=write" },
    body: { message: "Resource not accessible by integration" },
  };
  const event = (head: string | undefined): string => {
    const repo = (full_name: string | undefined): unknown => (full_name === undefined ? null : { full_name });
    const path = join(mkdtempSync(join(tmpdir(), "cancel-run-")), "event.json");
    writeFileSync(
      path,
      JSON.stringify({ pull_request: { head: { repo: repo(head) }, base: { repo: repo("acme/shop") } } }),
    );
    return path;
  };
  const byFork = /; in a pull request from a fork the job's own token can only read, by design, .*`workflow_run`/;
  const byDependabot = /; in a run that Dependabot has caused .* read by default: set `permissions: actions: write`/;
  const byRights = /; needed: `permissions: actions: write`/;

  test.each([
    ["a pull request from a fork", { GITHUB_EVENT_NAME: "pull_request", GITHUB_EVENT_PATH: event("eve/shop") }, byFork],
    ["one whose fork is gone", { GITHUB_EVENT_NAME: "pull_request", GITHUB_EVENT_PATH: event(undefined) }, byFork],
    ["one from a branch", { GITHUB_EVENT_NAME: "pull_request", GITHUB_EVENT_PATH: event("acme/shop") }, byRights],
    ["its trusted twin", { GITHUB_EVENT_NAME: "pull_request_target", GITHUB_EVENT_PATH: event("eve/shop") }, byRights],
    ["Dependabot", { GITHUB_EVENT_NAME: "push", GITHUB_ACTOR: "dependabot[bot]" }, byDependabot],
    ["a push", { GITHUB_EVENT_NAME: "push" }, byRights],
  ])("403: in a run of %s says why", async (_, env, why) => {
    const server = await github({ runs: { "30433642": {} }, token: githubToken });
    server.reply(/^POST/, forbidden);

    const result = await program({
      host: "github",
      on: server,
      env,
      inputs: { provider: "github", "run-id": "30433642" },
    });

    expect(result.exit).toBe(4);
    expect(result.annotations[0]!.message).toMatch(
      /403: Resource not accessible by integration; it takes actions=write; /,
    );
    expect(result.annotations[0]!.message).toMatch(why);
  });

  test("403: says nothing of the job's own token where another one was given", async () => {
    const server = await github({ runs: { "30433642": {} } });
    server.reply(/^POST/, forbidden);

    const result = await program({
      host: "github",
      on: server,
      env: { GITHUB_EVENT_NAME: "pull_request", GITHUB_EVENT_PATH: event("eve/shop") },
      inputs: { provider: "github", "run-id": "30433642", token: canary },
    });

    expect(result.annotations[0]!.message).toMatch(byRights);
  });

  test("404: in another repository says that it reaches only its own", async () => {
    const server = await github({ runs: {}, token: githubToken });

    const result = await program({
      host: "github",
      on: server,
      inputs: { provider: "github", repository: "acme/other", "run-id": "5" },
    });

    expect(result.exit).toBe(5);
    expect(result.annotations[0]!.message).toContain(
      `not there, or hidden from this token: ${server.api}/repos/acme/other/actions/runs/5 answered 404: Not Found; ` +
        "the job's own token reaches only its own repository, acme/shop: for another one give token",
    );
    expect(server.requests).toHaveLength(1);
  });

  test.each([
    [200, "this token sees the repository acme/shop, but no such run in it: check run-id, or it has been deleted"],
    [404, "the repository acme/shop is what was not found: check its name, the server and what the token may see"],
    [500, "check the ids, the server and what the token may see"],
  ])("404: the repository is asked for, and answered %d", async (status, why) => {
    const server = await github({ runs: {}, token: githubToken });
    server.reply(/^GET \S*\/repos\/acme\/shop$/, { status, body: { message: "Not Found" } });

    const result = await program({ host: "github", on: server, inputs: { provider: "github", "run-id": "5" } });

    expect(result.annotations[0]!.message).toMatch(new RegExp(`answered 404: Not Found; ${why}$`));
  });
});

describe("another GitHub server", () => {
  test.each([
    [
      "by server-url",
      (url: string) => ({ provider: "github", "run-id": "30433642", repository: "acme/shop", "server-url": url }),
    ],
    ["by page", (url: string) => ({ url: `${url}/acme/shop/actions/runs/30433642` })],
  ])("does not get the job's own token: %s", async (_, inputs) => {
    const [own, other] = [await github(), await github({ runs: { "30433642": {} }, token: githubToken })];

    const { exit, annotations } = await program({ host: "github", on: own, inputs: inputs(other.url) });

    expect(exit).toBe(2);
    expect(annotations).toMatchObject([{ message: expect.stringContaining("no credential for 127.0.0.1") }]);
    expect(other.requests).toEqual([]);
  });

  test("does not get a token from the environment, unless `server-url` says so", async () => {
    const [own, other] = [await github(), await github()];
    const env = { GH_ENTERPRISE_TOKEN: canary };

    const refused = await program({ host: "github", on: own, env, inputs: { url: other.page(30433642) } });

    expect(refused.exit).toBe(2);
    expect(refused.annotations).toMatchObject([
      { message: expect.stringMatching(/GH_ENTERPRISE_TOKEN .*may not go to 127\.0\.0\.1.*server-url/) },
    ]);
    expect(other.requests).toEqual([]);

    const allowed = await program({
      host: "github",
      on: own,
      env,
      inputs: { url: other.page(30433642), "server-url": other.url },
    });

    expect(allowed).toMatchObject({ exit: 0, outputs: { outcome: "cancelled" } });
    expect(own.requests).toEqual([]);
  });

  test("and the own one in one step: each gets what it may", async () => {
    const [own, lab] = [await github({ runs: { "30433642": {} }, token: githubToken }), await gitlab()];

    const result = await program({
      host: "github",
      on: own,
      env: { GITLAB_HOST: lab.url, GITLAB_TOKEN: canary },
      inputs: { url: `${own.page(30433642)}\n${lab.page("jobs", 4711)}` },
    });

    expect(result).toMatchObject({ exit: 0, outputs: { outcome: "cancelled", cancelled: "2" } });
  });
});

describe("the run that the step belongs to", () => {
  const own = { provider: "github", "run-id": "1001" };

  test("is refused, in words of this host", async () => {
    const server = await github({ runs: { "1001": {} }, token: githubToken });

    const { exit, annotations } = await program({ host: "github", on: server, inputs: own });

    expect(exit).toBe(4);
    expect(annotations).toMatchObject([{ message: expect.stringMatching(/is part of that run.*\bself\b/) }]);
    expect(server.requests).toEqual([]);
  });

  test("with `self: true` goes last, outputs first, and the step holds until it is killed", async () => {
    const server = await github({ runs: { "1001": { afterwards: ["in_progress"] }, "5": {} }, token: githubToken });

    const { exit, outputs, report } = await program({
      host: "github",
      on: server,
      inputs: { provider: "github", "run-id": "1001,5", self: "true", wait: "false" },
    });

    // Nobody kills it here, so it holds until the deadline.
    expect(exit).toBe(3);
    expect(outputs["outcome"]).toBe("mixed");
    expect(report?.runs.map(({ outcome }) => outcome)).toEqual(["still-running", "cancelling"]);
    expect(server.only(/^POST/).map(({ path }) => /runs\/(\d+)/.exec(path)?.[1])).toEqual(["5", "1001"]);
  });
});

describe("outputs that cannot be written", () => {
  test.each([
    ["not set", undefined],
    ["a file that is not there", "/nowhere/output"],
    ["a folder", "/tmp"],
  ])("GITHUB_OUTPUT is %s: the run is stopped all the same, and the result is in the log", async (_, path) => {
    const server = await gitlab();

    const { exit, annotations, stdout } = await program({
      host: "github",
      env: { GITHUB_OUTPUT: path },
      inputs: { ...gitlabJob, "server-url": server.url },
    });

    expect(exit).toBe(1);
    expect(server.only(/^POST/)).toHaveLength(1);
    expect(annotations).toHaveLength(1);
    expect(annotations[0]!.message).toMatch(/outputs could not be written/);
    expect(JSON.parse(/\{.*\}/.exec(annotations[0]!.message)?.[0] ?? "")).toMatchObject({ outcome: "cancelled" });
    expect(stdout).not.toContain("::set-output");
  });

  test("a disk that is full in the middle leaves the outputs of before, and no half of a value", async () => {
    const server = await gitlab();
    const full = `
      import fs from "node:fs";
      const append = fs.appendFileSync;
      let full = false;
      fs.appendFileSync = (file, text, options) => {
        const half = !full && /^runs=.*"cancelled"/.test(text);
        if (half || !full) append(file, half ? text.slice(0, -9) : text, options);
        full ||= half;
        if (full) throw Object.assign(new Error("no space left"), { code: "ENOSPC" });
      };`;

    const { exit, outputs, annotations } = await program({
      host: "github",
      node: ["--import", `data:text/javascript,${encodeURIComponent(full)}`],
      inputs: { ...gitlabJob, "server-url": server.url },
    });

    expect(exit).toBe(1);
    expect(outputs).toMatchObject({ outcome: "cancelling", cancelled: "0" });
    expect(JSON.parse(outputs["runs"] ?? "")).toMatchObject([{ outcome: "cancelling" }]);
    expect(annotations.at(-1)!.message).toMatch(/\(ENOSPC\); the result is: \{"outcome":"cancelled"/);
  });

  test("the result in the log is whole, however many runs there are", async () => {
    const ids = Array.from({ length: 12 }, (_, at) => `${at + 1}`);
    const server = await gitlab({ jobs: Object.fromEntries(ids.map((id) => [id, { state: "success" as const }])) });

    const { annotations } = await program({
      host: "github",
      env: { GITHUB_OUTPUT: undefined },
      inputs: { ...gitlabJob, "job-id": ids.join(), "server-url": server.url },
    });

    const { runs } = JSON.parse(/\{.*\}/.exec(annotations[0]!.message)?.[0] ?? "") as { runs: unknown[] };
    expect(runs).toHaveLength(12);
  });

  test.each([undefined, "/nowhere/summary", "/tmp"])(
    "GITHUB_STEP_SUMMARY is %s: a summary is not worth a failure",
    async (path) => {
      const server = await gitlab();

      const { exit, outputs } = await program({
        host: "github",
        env: { GITHUB_STEP_SUMMARY: path },
        inputs: { ...gitlabJob, "server-url": server.url },
      });

      expect({ exit, outputs }).toMatchObject({ exit: 0, outputs: { outcome: "cancelled" } });
    },
  );

  test.each(["", "/nowhere/event.json", "/dev/null"])(
    "GITHUB_EVENT_PATH is %j: nobody needs the event",
    async (path) => {
      const server = await gitlab();

      const { exit } = await program({
        host: "github",
        env: { GITHUB_EVENT_PATH: path },
        inputs: { ...gitlabJob, "server-url": server.url },
      });

      expect(exit).toBe(0);
    },
  );
});

describe("names from outside", () => {
  test("command nothing and forge nothing", async () => {
    const ids = hostileNames.map((_, at) => `${at + 1}`);
    const runs = Object.fromEntries(ids.map((id, at) => [id, { name: hostileNames[at]!, ref: hostileNames[at]! }]));
    const server = await gitlab({ jobs: runs });
    for (const [at, message] of hostileNames.entries())
      server.reply(new RegExp(`^POST .*/${at + 1}/cancel$`), { status: 403, body: { message } });

    const { exit, outputs, commands, summary, stdout, stderr } = await program({
      host: "github",
      inputs: { ...gitlabJob, "job-id": ids.join(), "server-url": server.url, reason: hostileNames.join(" ") },
    });

    expect(exit).toBe(4);
    expect(Object.keys(outputs)).toEqual(["outcome", "cancelled", "state", "url", "runs"]);
    expect(outputs["outcome"]).toBe("refused");
    expect(commands.map(({ name, properties }) => [name, properties])).toEqual(
      Array(ids.length).fill(["error", { title: "cancel-run: refused" }]),
    );
    // eslint-disable-next-line no-control-regex
    expect(`${stdout}${stderr}`).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e]/);
    const cells = "<td> <a> <code> </code> </a> </td> <td> <strong> </strong> </td> <td> <code> </code> </td>";
    const row = `<tr> ${cells} <td>( <code> </code>)? </td> <td> </td> <td> </td> </tr>`;
    const head = `<tr> ${Array(6).fill("<th> </th>").join(" ")} </tr>`;
    const table = (rows: number): string => `<table> ${head}( ${row}){${rows}} </table>`;
    const list = `<details> <summary> </summary> ${table(ids.length)} </details>`;
    expect(
      summary
        .match(/<[^>]*>/g)!
        .map((tag) => tag.replace(/ href="[^"<>]*"/, ""))
        .join(" "),
    ).toMatch(new RegExp(`^<h3> </h3> ${table(10)} ${list} <p> <strong> </strong> </p>$`));
    // A blank line would end the HTML, and what follows would be Markdown.
    expect(summary.trimEnd()).not.toContain("\n");
  });

  test("a page elsewhere is not linked", async () => {
    const pages = [
      "javascript:alert(1)",
      "https://evil.example/x",
      "//evil.example",
      '"><script>',
      "https://u:p@127.0.0.1/x",
    ];
    const jobs = Object.fromEntries(pages.map((page, at) => [`${at + 1}`, { page, state: "success" as const }]));
    const server = await gitlab({ jobs });

    const { report, summary } = await program({
      host: "github",
      inputs: { ...gitlabJob, "job-id": Object.keys(jobs).join(), "server-url": server.url },
    });

    const own = pages.map((_, at) => server.page("jobs", at + 1));
    expect(report?.runs.map(({ url }) => url)).toEqual(own);
    expect(summary.match(/(?<=href=")[^"]*/g)).toEqual(own);
  });

  test("a name that fills the summary is cut", async () => {
    const ids = Array.from({ length: 20 }, (_, at) => `${at + 1}`);
    const name = "<&>\"'@|`".repeat(200_000);
    const server = await gitlab({ jobs: Object.fromEntries(ids.map((id) => [id, { state: "success", name }])) });

    const { exit, summary, stdout } = await program({
      host: "github",
      inputs: { ...gitlabJob, "job-id": ids.join(), "server-url": server.url },
    });

    expect(exit).toBe(0);
    expect(summary.length).toBeLessThan(1024 * 1024);
    expect(stdout.length).toBeLessThan(100_000);
  });
});

// The tests above stand on these readers.
describe("a runner", () => {
  test("reads outputs by its own grammar", () => {
    expect(fileCommands("a=b=c\n\nd<<E\nx\n\ny\nE\ne<<E\nE\nf=g<<h\n")).toEqual({
      a: "b=c",
      d: "x\n\ny",
      e: "",
      f: "g<<h",
    });
    expect(() => fileCommands("a<<E\nx\n")).toThrow("Matching delimiter not found");
    expect(() => fileCommands("nothing\n")).toThrow("Invalid format");
  });

  test("finds commands in either form", () => {
    const log =
      "x ::error::no\n  ::error title=a%3A%2Cb,line=3::c%0Ad::e\r::WARNING::no\n::nothing::\na ##[error x=y]z\n##[x]y";

    expect(workflowCommands(log)).toEqual([
      { name: "error", properties: { title: "a:,b", line: "3" }, message: "c\nd::e" },
      { name: "error", properties: { x: "y" }, message: "z" },
    ]);
  });
});
