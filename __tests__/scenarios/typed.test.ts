/** What people type, paste and misspell: each gets what was meant, or one line and exit 2 with nothing sent. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "@jest/globals";
import { atEnd, type HostName, hosts, program, type Result, said, spelled, start } from "../support/program.ts";
import { canary, closeServers, github, gitlab, type Server } from "../support/servers.ts";

const folders: string[] = [];

afterEach(() => {
  closeServers();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** A file that a step of the job has written. */
function fileWith(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), "cancel-run-id-"));
  folders.push(folder);
  writeFileSync(join(folder, "id"), text);
  return join(folder, "id");
}

const token = { CANCEL_RUN_TOKEN: canary };
const at = (server: Server): Readonly<Record<string, string>> => ({ "server-url": server.url, token: canary });
const job = (server: Server): Readonly<Record<string, string>> => ({
  provider: "gitlab",
  project: "platform/deploy",
  "job-id": "4711",
  ...at(server),
});
/** The name of a variable, as the host at hand would hand it over. */
const variableOf = (host: HostName, name: string): string =>
  host === "github" ? `INPUT_${name.toUpperCase()}` : `CANCEL_RUN_${name.toUpperCase().replaceAll("-", "_")}`;

function expectRefused(result: Result, words: string | RegExp): void {
  expect(result).toMatchObject({ exit: 2, requests: [] });
  expect(said(result)).toMatch(words);
}

describe("ids", () => {
  test.each(hosts)("in one input, on %s", async (host) => {
    const server = await gitlab({ jobs: { "1": {}, "2": {} } });
    const ids = 'project: platform/deploy; job-id: "1", 2';

    const result = await program({ host, inputs: { provider: "gitlab", ids, ...at(server) } });

    expect(result.exit).toBe(0);
    expect(server.only(/^POST/)).toHaveLength(2);
  });

  test.each(hosts)("that are missing or wrong are told with those that are taken, on %s", async (host) => {
    const server = await gitlab();
    const missing = await program({
      host,
      inputs: { provider: "gitlab", ids: "project: platform/deploy", ...at(server) },
      time: "wall",
    });
    const wrong = await program({
      host,
      inputs: { provider: "gitlab", ids: "project: platform/deploy; jobid: 1", ...at(server) },
      time: "wall",
    });

    expectRefused(missing, /job-id|JOB_ID/);
    expectRefused(wrong, new RegExp(`did you mean ${spelled(host, "job-id")}\\?`));
  });

  test("may be given once a flag", async () => {
    const server = await gitlab();

    const { exit } = await program({
      host: "terminal",
      args: [
        "--provider=gitlab",
        "--ids",
        "project=platform/deploy",
        "--ids",
        "job-id=4711",
        "--server-url",
        server.url,
      ],
      env: token,
    });

    expect(exit).toBe(0);
  });

  test.each(["github", "gitlab"] as const)(
    "of a vendor that came later are no inputs of their own on %s",
    async (host) => {
      const result = await program({
        host,
        inputs: { provider: "forgejo", repository: "a/b", "server-url": "https://forgejo.example.com", token: canary },
        env: { [variableOf(host, "run-number")]: "7" },
        time: "wall",
      });

      expectRefused(result, /is an id that is not an input of its own: give run-number in (?:ids|CANCEL_RUN_IDS)/);
    },
  );
});

describe("an input that there is not", () => {
  test.each(
    hosts.flatMap((host) =>
      [
        ["dry-rnu", "dry-run"],
        ["workflow_id", "workflow"],
        ["access_token", "token"],
        ["all_but_latest", "keep-newest"],
      ].map(([name = "", meant = ""]) => ({ host, name, meant })),
    ),
  )("$name, on $host", async ({ host, name, meant }) => {
    const server = await gitlab();
    const env = host === "terminal" ? token : { [variableOf(host, name)]: "true" };
    const args = [`--${name}=true`, server.page("jobs", 4711), "--server-url", server.url];

    const result = await program({
      host,
      env,
      time: "wall",
      ...(host === "terminal" ? { args } : { inputs: job(server) }),
    });

    expectRefused(result, spelled(host, meant));
  });

  test("is told while a guard is armed", async () => {
    const server = await gitlab();
    const inputs = { ...job(server), when: "failed" };

    expectRefused(await program({ host: "github", inputs, env: { "INPUT_DRY-RNU": "true" }, time: "wall" }), /dry-run/);
    expect(await program({ host: "github", inputs, time: "wall" })).toMatchObject({ exit: 0, requests: [] });
  });

  test.each([
    ["github", { INPUT_REF: "main" }],
    ["gitlab", { CANCEL_RUN_TOKEN_STAGING: "x" }],
    ["terminal", { CANCEL_RUN_TOKEN_STAGING: "x" }],
  ] as const)("is a warning where it has nothing to do with us, on %s", async (host, env) => {
    const server = await gitlab();

    const result = await program({ host, inputs: job(server), env });

    expect(result.exit).toBe(0);
    expect(said(result)).toContain("not an input of cancel-run, and ignored: ");
  });

  test("is none of the variables that runners, components and earlier jobs set", async () => {
    const server = await gitlab();
    const onGitLab = Object.fromEntries(
      ["OUTCOME", "CANCELLED", "STATE", "PAGE", "BUNDLE_URL", "BUNDLE_REF", "ID_FILE", "ID_VARIABLE", "ID_INPUT"].map(
        (name) => [`CANCEL_RUN_${name}`, name === "ID_FILE" ? "" : "x"],
      ),
    );
    const onGitHub = { "INPUT_JOB-STATUS": "success", INPUT_ARGS: "x", INPUT_ENTRYPOINT: "x" };
    const results = [
      await program({ host: "gitlab", inputs: job(server), env: onGitLab }),
      await program({ host: "github", inputs: job(server), env: onGitHub }),
      await program({ host: "terminal", inputs: job(server), env: { CANCEL_RUN_OUTCOME: "cancelled" } }),
    ];

    for (const result of results) {
      expect(result.exit).toBe(0);
      expect(said(result)).not.toContain("not an input");
    }
  });

  test("as a variable of a terminal is named with its flag", async () => {
    const server = await gitlab();
    const inputs = job(server);

    const alone = await program({ host: "terminal", inputs, env: { CANCEL_RUN_DRY_RUN: "true" }, time: "wall" });
    const both = await program({
      host: "terminal",
      inputs: { ...inputs, "dry-run": "true" },
      env: { CANCEL_RUN_DRY_RUN: "false" },
    });

    expectRefused(alone, "CANCEL_RUN_DRY_RUN is not read here; give --dry-run");
    expect(both.exit).toBe(0);
  });
});

describe("id-file", () => {
  const inputs = (
    server: Server,
    file: string,
    more: Readonly<Record<string, string>> = {},
  ): Record<string, string> => ({
    "id-file": file,
    ...at(server),
    ...more,
  });
  const own = { provider: "gitlab", project: "platform/deploy" };

  test.each(hosts.flatMap((host) => ["page", "pair"].map((kind) => ({ host, kind }))))(
    "holds a $kind, on $host",
    async ({ host, kind }) => {
      const server = await gitlab();
      const text = kind === "page" ? `${server.page("jobs", 4711)}\n` : "job-id: 4711\n";

      const result = await program({ host, inputs: inputs(server, fileWith(text), own) });

      expect(result.exit).toBe(0);
      expect(server.only(/^POST/)).toHaveLength(1);
    },
  );

  test("holds the last id, where no other one is left", async () => {
    const server = await github({ runs: { "7": {} }, token: canary });
    const more = { provider: "github", repository: "acme/shop" };

    const result = await program({ host: "github", on: server, inputs: inputs(server, fileWith("7"), more) });

    expect(result.exit).toBe(0);
    expect(server.only(/^POST/)).toHaveLength(1);
  });

  test("that could be a job or a pipeline is not guessed", async () => {
    const server = await gitlab();

    const result = await program({ host: "github", inputs: inputs(server, fileWith("4711"), own), time: "wall" });

    expectRefused(result, "could be job-id or pipeline-id; write the page of the run into the file, or `job-id: …`");
  });

  test.each([
    ["is missing", undefined],
    ["is empty", " \n"],
  ])("that %s: nothing has been started", async (_, text) => {
    const server = await gitlab();
    const file = text === undefined ? join(tmpdir(), "cancel-run-no-such-file") : fileWith(text);
    const given = inputs(server, file, own);

    const result = await program({ host: "github", inputs: given });
    const strict = await program({ host: "github", inputs: { ...given, "fail-on": "nothing" } });

    expect(result).toMatchObject({ exit: 0, requests: [], outputs: { outcome: "nothing" } });
    expect(said(result)).toContain("is missing or empty, so what it is to name has not been started");
    expect(strict).toMatchObject({ exit: 1, requests: [], outputs: { outcome: "nothing" } });
  });

  test("is read when a guard acts, and not before", async () => {
    const server = await gitlab();
    const file = fileWith("");
    const given = inputs(server, file, { when: "failed" });

    const armed = await program({ host: "github", inputs: given, time: "wall" });
    const idle = await program({ host: "github", bundle: atEnd, inputs: { ...given, "job-status": "failure" } });
    writeFileSync(file, server.page("jobs", 4711));
    const acting = await program({ host: "github", bundle: atEnd, inputs: { ...given, "job-status": "failure" } });

    expect(armed).toMatchObject({ exit: 0, requests: [] });
    expect(idle).toMatchObject({ exit: 0, requests: [] });
    expect(said(idle)).toContain("so what this job guards has not started");
    expect(acting.exit).toBe(0);
    expect(server.only(/^POST/)).toHaveLength(1);
  });

  test("whose bare id could be several is told while a guard is armed", async () => {
    const server = await gitlab();

    const { exit, annotations } = await program({
      host: "github",
      inputs: inputs(server, "id", { ...own, when: "failed" }),
      time: "wall",
    });

    expect(exit).toBe(0);
    expect(annotations).toMatchObject([{ name: "warning", message: expect.stringContaining("job-id or pipeline-id") }]);
  });

  test.each([
    ["a page beside it", { url: "https://gitlab.com/a/b/-/jobs/1" }, "id-file cannot be combined with url"],
    ["a selection beside it", { ...own, branch: "main" }, "id-file cannot be combined with a selection"],
    ["the last id beside it", { ...own, "job-id": "1" }, "the ids that are given leave none for the file"],
    ["a folder in its place", { ...own, "id-file": tmpdir() }, "cannot be read (not a file)"],
  ])("with %s is refused", async (_, more, words) => {
    const server = await gitlab();

    expectRefused(await program({ host: "github", inputs: inputs(server, fileWith("1"), more), time: "wall" }), words);
  });
});

describe("fail-on", () => {
  test.each(hosts)("`none` fails for no outcome, on %s", async (host) => {
    const server = await gitlab({ jobs: {} });

    const result = await program({ host, inputs: { ...job(server), "fail-on": "none" } });

    expect(result).toMatchObject({ exit: 0, report: { outcome: "not-found" } });
  });
});

describe("a command line", () => {
  const type = (args: readonly string[], server?: Awaited<ReturnType<typeof gitlab>>): Promise<Result> =>
    program({
      host: "terminal",
      args: [...args, ...(server ? ["--server-url", server.url, server.page("jobs", 4711)] : [])],
      env: token,
      ...(server ? {} : { time: "wall" }),
    });

  test.each([[["--no-wait"]], [["--wait", "No"]], [["--wait=off"]]])("%j does not wait", async (args) => {
    const server = await gitlab();

    const { exit, stderr } = await type(args, server);

    expect(exit).toBe(0);
    expect(stderr).toContain("cancellation requested; did not wait");
  });

  test.each([[["--dry-run", "YES"]], [["--dry-run=True"]], [["--dry-run"]]])("%j only looks", async (args) => {
    const server = await gitlab();

    expect((await type(args, server)).exit).toBe(0);
    expect(server.only(/^POST/)).toEqual([]);
  });

  test.each([
    [["--timeout="], "an empty value is none"],
    [["--reason", ""], "an empty value is none"],
  ])("%j: %s", async (args) => {
    const server = await gitlab();

    expect((await type(args, server)).exit).toBe(0);
  });

  test.each([
    [[], /^cancel-run: nothing to cancel is named: .*--provider.*--help.*demo/],
    [["--wait", "maybe", "https://gitlab.com/a/b/-/jobs/1"], '--wait: "maybe" is not accepted; it takes true or false'],
    [["--job-id=", "--provider", "gitlab", "--project", "a/b"], "--job-id or --pipeline-id is missing"],
    [["--jobid", "1"], "--jobid is not an option; did you mean --job-id?"],
    [["--job_id=1"], "--job_id is not an option; did you mean --job-id?"],
    [["--JobId", "1"], "--JobId is not an option; did you mean --job-id?"],
    [["-job-id", "1"], "-job-id is not an option; did you mean --job-id?"],
    [["—job-id", "1"], "—job-id is not an option; did you mean --job-id?"],
    [["–dry-run"], "–dry-run is not an option; did you mean --dry-run?"],
    [["-help"], "-help is not an option; did you mean --help?"],
    [["--hlep", "x"], "--hlep is not an option; did you mean --help?"],
    [["--no-such", "1"], "--no-such is not an option; --help lists them"],
    [["--working-directory", "x"], "--working-directory is not an option; --help lists them"],
    [["job-id=4711"], "job-id=… is not an address; did you mean --job-id?"],
    [["4711"], '"4711" is not an address; give the page of the run, or --provider and ids by name'],
    [["demo", "now"], '"demo" is not an address'],
    [["htps://github.com/o/r/actions/runs/1"], 'begins with "htps://"; an address begins with https://'],
    [
      ["--ids", "https://gitlab.com/a/b/-/jobs/1"],
      "--ids takes ids by name, such as job-id: 4711, and this is an address",
    ],
    [["--provider", "gitlba", "--job-id", "1"], "did you mean gitlab?"],
    [["--max-runs", "0", "--branch", "x", "--provider", "github"], "it takes a number from 1 to 999999"],
  ] as [string[], string | RegExp][])("%j is answered in one line", async (args, words) => {
    const result = await type(args);

    expect(result).toMatchObject({ exit: 2, stdout: "", requests: [] });
    expect(result.stderr.trim().split("\n")).toHaveLength(1);
    if (typeof words === "string") expect(result.stderr).toContain(words);
    else expect(result.stderr).toMatch(words);
  });

  test.each([["help"], ["version"], ["-V"]])("`%s` is a question", async (word) => {
    const { exit, stdout, stderr } = await type([word]);

    expect({ exit, stderr }).toEqual({ exit: 0, stderr: "" });
    expect(stdout).toMatch(word === "help" ? /^Usage:/m : /^\d+\.\d+\.\d+\n$/);
  });
});

describe("an address as it is copied", () => {
  test.each([
    (page: string) => `<${page}>`,
    (page: string) => `"${page}"`,
    (page: string) => `${page}/`,
    (page: string) => `${page}#L12`,
    (page: string) => `${page}?tab=log&x=1`,
    (page: string) => `${page},`,
    (page: string) => page.replace("http://", "HTTP://"),
  ])("%s", async (copied) => {
    const server = await gitlab();

    const { exit } = await program({
      host: "terminal",
      args: ["--server-url", server.url, copied(server.page("jobs", 4711))],
      env: token,
    });

    expect(exit).toBe(0);
    expect(server.only(/^POST/)).toHaveLength(1);
  });

  test("without a scheme", async () => {
    const { exit, stderr } = await program({
      host: "terminal",
      // Nothing is sent: there is no credential.
      args: ["github.com/octo-org/deploy/actions/runs/1"],
      time: "wall",
    });

    expect(exit).toBe(2);
    expect(stderr).toContain("GH_TOKEN");
  });
});

describe("Ctrl-C", () => {
  const isTerminal = ["--import", "data:text/javascript,process.stderr.isTTY=true"];

  test("in a terminal sends nothing that was not sent", async () => {
    const server = await gitlab();
    server.hold(/^GET/);
    const running = start({ host: "terminal", time: "wall", inputs: job(server), node: isTerminal });

    await server.next(/^GET/);
    running.kill("SIGINT");
    const { exit, report, stderr } = await running.result;

    expect(exit).toBe(130);
    expect(server.only(/^POST/)).toEqual([]);
    expect(report).toMatchObject({ runs: [{ attempts: 0, detail: "interrupted; no cancel was sent" }] });
    expect(stderr).not.toContain("✓");
  });

  test("while a server is waited for does not send the cancel again", async () => {
    const server = await gitlab();
    server.reply(/^POST/, { status: 503, headers: { "retry-after": "60" } }, 1);
    const running = start({ host: "terminal", time: "wall", inputs: job(server), node: isTerminal });

    await server.next(/^POST/, "answered");
    running.kill("SIGINT");
    const { exit, report } = await running.result;

    expect(exit).toBe(130);
    expect(server.only(/^POST/)).toHaveLength(1);
    expect(report).toMatchObject({ outcome: "failed", runs: [{ attempts: 1 }] });
  });

  test("after the cancel was accepted says so, without a check mark", async () => {
    const server = await gitlab();
    const running = start({ host: "terminal", time: "wall", inputs: job(server), node: isTerminal });

    await server.next(/^POST/, "answered");
    await server.next(/^GET/, "answered");
    running.kill("SIGINT");
    const { exit, report, stderr } = await running.result;

    expect({ exit, report }).toMatchObject({ exit: 130, report: { outcome: "cancelling" } });
    expect(stderr).not.toContain("✓");
  });

  test("of a CI system, and SIGTERM, send the cancel", async () => {
    for (const [signal, node] of [
      ["SIGINT", []],
      ["SIGTERM", isTerminal],
    ] as const) {
      const server = await gitlab();
      server.hold(/^GET/);
      const running = start({ host: "terminal", time: "wall", inputs: job(server), node });

      await server.next(/^GET/);
      running.kill(signal);
      await running.result;

      expect(server.only(/^POST/)).toHaveLength(1);
    }
  });

  test("is in --help", async () => {
    const { stdout } = await program({ host: "terminal", args: ["--help"], time: "wall" });

    expect(stdout).toMatch(/130 .*Ctrl-C in a terminal nothing more is sent/);
  });
});

describe("debug", () => {
  const line =
    /(?:debug: |::debug::)GET http:\/\/127\.0\.0\.1:\d+\/api\/v4\/projects\/platform%2Fdeploy\/jobs\/4711: 200, \d+ ms, attempt 1/;

  test.each(hosts)("has a line for each request, and no secret, on %s", async (host) => {
    const server = await gitlab();

    const quiet = await program({ host, inputs: job(server) });
    const server2 = await gitlab();
    // `program` looks for the canary.
    const result = await program({ host, inputs: { ...job(server2), debug: "true" } });

    expect(said(quiet)).not.toMatch(/debug/);
    expect(said(result).replaceAll("%25", "%")).toMatch(line);
    expect(said(result).match(/attempt \d/g)).toHaveLength(server2.lines.length);
    expect(result.report?.outcome).toBe("cancelled");
  });

  test.each([
    ["github", { RUNNER_DEBUG: "1" }],
    ["github", { ACTIONS_STEP_DEBUG: "true" }],
    ["gitlab", { CI_DEBUG_TRACE: "true" }],
  ] as const)("is switched on by %s's own %j", async (host, env) => {
    const server = await gitlab();

    const result = await program({ host, inputs: job(server), env });

    expect(said(result).replaceAll("%25", "%")).toMatch(line);
  });

  test("says what failed, what it was called and what is left", async () => {
    const server = await gitlab();
    const headers = { "x-request-id": "abc123", "ratelimit-remaining": "41" };
    server.reply(/^GET/, { status: 503, headers }, 1);

    const result = await program({ host: "terminal", inputs: { ...job(server), debug: "true" } });

    expect(said(result)).toMatch(/: 503, \d+ ms, attempt 1, request id abc123, 41 requests left/);
    expect(said(result)).toMatch(/: 200, \d+ ms, attempt 2/);
  });

  test("shows no query", async () => {
    const server = await gitlab();
    const inputs = { ...job(server), "job-id": "", branch: "main", debug: "true" };

    const result = await program({ host: "terminal", inputs });

    expect(said(result)).toMatch(/debug: GET \S+\?…: \d+/);
    expect(said(result)).not.toMatch(/debug: .*(?:ref|per_page)=/);
  });
});
