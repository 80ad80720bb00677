/** A terminal as host: the command line, what people read, what scripts read, and the exit codes. */
import { readFileSync } from "node:fs";
import { afterEach, describe, expect, test } from "@jest/globals";
import { program, type Result, said } from "../support/program.ts";
import { canary, closeServers, codearts, github, gitlab, hostileNames } from "../support/servers.ts";

afterEach(closeServers);

const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };
/** Runs a command line as a user types it. */
const type = (line: string, env: Readonly<Record<string, string>> = {}): Promise<Result> =>
  program({ host: "terminal", args: line.split(" ").filter(Boolean), env });
const token = { CANCEL_RUN_TOKEN: canary };

describe("a command line", () => {
  test("of addresses", async () => {
    const server = await gitlab({ jobs: { "1": {}, "2": {} }, pipelines: { "3": {} } });

    const { exit, stdout, stderr } = await type(
      `${server.page("jobs", 1)} ${server.page("jobs", 2)} --server-url ${server.url} ${server.page("pipelines", 3)}`,
      token,
    );

    expect({ exit, stdout }).toEqual({ exit: 0, stdout: "" });
    expect(stderr.match(/^✓ .*$/gm)).toHaveLength(3);
    // Each with its address below.
    for (const page of [server.page("jobs", 1), server.page("jobs", 2), server.page("pipelines", 3)])
      expect(stderr).toContain(`\n  ${page}\n`);
    expect(server.only(/^POST/)).toHaveLength(3);
  });

  test.each(["--job-id 4711", "--job-id=4711", "--dry-run=false --job-id 4711", "--wait true --job-id 4711 --self"])(
    "of flags: %s",
    async (flags) => {
      const server = await gitlab();

      const { exit } = await type(
        `--provider gitlab --project platform/deploy --server-url ${server.url} ${flags}`,
        token,
      );

      expect(exit).toBe(0);
      expect(server.only(/^POST/)).toHaveLength(1);
    },
  );

  test("`--reason` is one argument, with spaces", async () => {
    const server = await gitlab();

    const { report } = await program({
      host: "terminal",
      args: ["--json", "--server-url", server.url, "--reason", "it is -- superseded", server.page("jobs", 4711)],
      env: token,
    });

    expect(report?.runs[0]!.reason).toBe("it is -- superseded");
  });

  test.each(["--help", "-h", "--version"])("`%s` as somebody's reason does not end the step", async (word) => {
    const server = await gitlab();
    const inputs = ["--server-url", server.url, server.page("jobs", 4711)];

    const apart = await program({ host: "terminal", args: [...inputs, "--reason", word], env: token });
    const joined = await program({ host: "terminal", args: [`--reason=${word}`, ...inputs], env: token });
    const last = await program({ host: "terminal", args: ["--dry-run", ...inputs, word], env: token });

    expect([apart.exit, last.exit]).toEqual([2, 2]);
    expect(said(last)).toContain(`${word} is taken as the first or the only option`);
    expect(said(apart)).toContain("--reason needs a value; one that begins with - is written --reason=VALUE");
    expect(joined.exit).toBe(0);
    expect(server.only(/^POST/)).toHaveLength(1);
  });

  test.each(["--help", "--version"])(
    "an address that somebody else has written, %s, stands after `--`",
    async (word) => {
      const { exit } = await program({ host: "terminal", args: ["--", word], env: token });

      expect(exit).toBe(2);
    },
  );

  test.each(["--help", "-h", "--version"])("`%s` first or as the only option is a question", async (word) => {
    for (const args of [[word], [word, "--job-id", "4711"], ["https://gitlab.example.com/a/b/-/jobs/1", word]])
      expect((await program({ host: "terminal", args })).exit).toBe(0);
  });

  test("with `--json` prints the report on stdout and nothing else there", async () => {
    const server = await gitlab();

    const { exit, stdout, stderr } = await type(
      `--json --server-url ${server.url} ${server.page("jobs", 4711)}`,
      token,
    );

    expect(exit).toBe(0);
    expect(stdout.trim().split("\n")).toHaveLength(1);
    expect(JSON.parse(stdout)).toMatchObject({ outcome: "cancelled", cancelled: 1, runs: [{ outcome: "cancelled" }] });
    expect(stderr).toMatch(/^✓ /m);
  });

  test("with `--json` prints a report of wrong usage, too", async () => {
    for (const [line, words] of [
      ["--json --provider gitlab --job-id x --project a/b", '"x" is not accepted'],
      ["--json --jobid 1", "--jobid is not an option"],
    ] as const) {
      const { exit, stdout, stderr } = await type(line, token);
      const { message, ...report } = JSON.parse(stdout) as { message: string };

      expect(exit).toBe(2);
      expect(report).toEqual({ outcome: "failed", cancelled: 0, state: null, url: null, runs: [] });
      expect(message).toContain(words);
      expect(stderr).toBe(`cancel-run: ${message}\n`);
    }
  });

  test("may come from within a CI job: it is still a command line", async () => {
    const server = await github();

    const { exit, stdout, outputs } = await program({
      host: "github",
      on: server,
      env: { GH_ENTERPRISE_TOKEN: canary },
      inputs: {},
      args: ["--provider", "github", "--run-id", "30433642"],
    });

    expect({ exit, stdout, outputs }).toEqual({ exit: 0, stdout: "", outputs: {} });
  });
});

describe("help", () => {
  test.each(["--help", "-h", "nonsense --help", "--help --provider nonsense"])("%s", async (line) => {
    const { exit, stdout, stderr } = await type(line);

    expect({ exit, stderr }).toEqual({ exit: 0, stderr: "" });
    for (const word of ["Usage:", "--job-id", "--dry-run", "CANCEL_RUN_TOKEN", "GITLAB_TOKEN", "130"])
      expect(stdout).toContain(word);
    expect(stdout).not.toContain("--token");
    expect(stdout.split("\n").filter((row) => row.trimEnd() !== row)).toEqual([]);
  });

  test("--version", async () => {
    expect(await type("--version")).toMatchObject({ exit: 0, stdout: `${version}\n`, stderr: "" });
  });

  test("nothing at all says what to give, in words of this host", async () => {
    const { exit, stdout, stderr } = await type("");

    expect({ exit, stdout }).toEqual({ exit: 2, stdout: "" });
    expect(stderr.trim().split("\n")).toHaveLength(1);
    expect(stderr).toContain("--provider");
    // An address is a plain argument: there is no such flag.
    expect(stderr).not.toContain("--url");
  });
});

describe("a command line that is refused", () => {
  test.each([
    ["--jobid 1", "--jobid"],
    ["-x", "-x"],
    ["--url http://127.0.0.1:9/a/b/-/jobs/1", "--url"],
    ["--job-id", "--job-id"],
    ["--job-id --project a/b", "--job-id"],
    ["--wait=maybe http://127.0.0.1:9/a/b/-/jobs/1", "--wait"],
    ["--json=false http://127.0.0.1:9/a/b/-/jobs/1", "--json"],
    ["--job-id 1 --job-id 2 --project a/b --provider gitlab --server-url http://127.0.0.1:9", "--job-id"],
    ["demo now", "demo"],
  ])("%s", async (line, named) => {
    const { exit, stdout, stderr } = await type(line, token);

    expect({ exit, stdout }).toEqual({ exit: 2, stdout: "" });
    expect(stderr.trim().split("\n")).toHaveLength(1);
    expect(stderr).toContain(named);
  });

  test.each([
    `--token ${canary}`,
    `--token=${canary}`,
    `--password ${canary}`,
    `--access-key=${canary}`,
    `--secret-key ${canary}`,
    `--security-token ${canary}`,
    `--job-id 1 --token=${canary} --nonsense`,
    // What was meant is clear enough not to repeat it.
    `--Token=${canary}`,
    `--tokn=${canary}`,
    `-token ${canary}`,
    `-t=${canary}`,
  ])("%s: without repeating it", async (line) => {
    // `program` looks for the secret.
    const { exit, stderr } = await type(line);

    expect(exit).toBe(2);
    expect(stderr.trim().split("\n")).toHaveLength(1);
    if (/--(?:token|password|access|sec)/.test(line)) expect(stderr).toMatch(/CANCEL_RUN_[A-Z_]+ .*environment/);
  });
});

describe("exit codes", () => {
  const run = "--provider gitlab --project platform/deploy --job-id 4711";

  test("0: stopped, or already over", async () => {
    const server = await gitlab({ jobs: { "4711": { state: "failed" } } });

    expect(await type(`${run} --server-url ${server.url}`, token)).toMatchObject({ exit: 0 });
  });

  test("1: failed", async () => {
    const server = await gitlab();
    server.close();

    const { exit, stderr } = await type(`${run} --server-url ${server.url}`, token);

    expect(exit).toBe(1);
    expect(stderr).toMatch(/^✗ .*connection refused/m);
  });

  test("2: wrong usage", async () => {
    expect(await type(`${run} --timeout never`, token)).toMatchObject({ exit: 2, requests: [] });
  });

  test("3: still running at the deadline", async () => {
    const server = await gitlab({ jobs: { "4711": { afterwards: ["running"] } } });

    expect(await type(`${run} --timeout 30s --server-url ${server.url}`, token)).toMatchObject({ exit: 3 });
  });

  test("4: not allowed", async () => {
    const server = await gitlab({ jobs: { "4711": {} }, token: "other" });

    expect(await type(`${run} --server-url ${server.url}`, token)).toMatchObject({ exit: 4 });
  });

  test("5: not found", async () => {
    const server = await gitlab({ jobs: {} });

    expect(await type(`${run} --server-url ${server.url}`, token)).toMatchObject({ exit: 5 });
  });
  // 130 has a file of its own.
});

describe("a reader that went away", () => {
  test.each([[["stdout"]], [["stderr"]], [["stdout", "stderr"]]] as ("stdout" | "stderr")[][][])(
    "of %j does not stop the cancel",
    async (closed) => {
      const server = await gitlab();

      const { exit } = await program({
        host: "terminal",
        args: ["--json", "--server-url", server.url, server.page("jobs", 4711)],
        env: token,
        closed,
      });

      expect(exit).toBe(0);
      expect(server.only(/^POST/)).toHaveLength(1);
      expect(server.lines).toHaveLength(4);
    },
  );

  test.each(["github", "gitlab"] as const)("of the log does not stop the cancel, on %s", async (host) => {
    const server = await gitlab();

    const { exit, report } = await program({
      host,
      inputs: { url: server.page("jobs", 4711), "server-url": server.url, token: canary },
      closed: ["stdout", "stderr"],
    });

    expect({ exit, report }).toMatchObject({ exit: 0, report: { outcome: "cancelled" } });
  });
});

describe("colours and live progress", () => {
  // eslint-disable-next-line no-control-regex
  const escape = /\u001b/;
  const live = ["--import", "data:text/javascript,process.stderr.isTTY=true"];
  const run = async (env: Readonly<Record<string, string>>, node: readonly string[]): Promise<string> => {
    const server = await gitlab();
    const args = ["--server-url", server.url, server.page("jobs", 4711)];
    return (await program({ host: "terminal", args, env: { ...token, ...env }, node })).stderr;
  };

  test("are for terminals", async () => {
    expect(await run({}, [])).not.toMatch(escape);
    expect(await run({}, live)).toMatch(escape);
  });

  test("NO_COLOR leaves the progress and takes the colours", async () => {
    const stderr = await run({ NO_COLOR: "1" }, live);

    // eslint-disable-next-line no-control-regex
    expect(stderr).not.toMatch(/\u001b\[[\d;]*m/);
    expect(stderr).toMatch(/✓ .*cancelled/);
  });
});

test("names from outside cannot steer the terminal", async () => {
  const ids = hostileNames.map((_, at) => `${at + 1}`);
  const server = await gitlab({
    jobs: Object.fromEntries(ids.map((id, at) => [id, { name: hostileNames[at]!, state: "success" as const }])),
  });

  const { exit, stderr } = await program({
    host: "terminal",
    inputs: {
      provider: "gitlab",
      project: "platform/deploy",
      "job-id": ids.join(),
      "server-url": server.url,
      token: canary,
    },
  });

  expect(exit).toBe(0);
  // eslint-disable-next-line no-control-regex
  expect(stderr).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e]/);
  expect(stderr.match(/^✓ /gm)).toHaveLength(ids.length);
});

test("credentials may be those of the vendor's own tools, where `server-url` says where to", async () => {
  const server = await codearts();

  const { exit } = await type(
    `--provider codearts --region cn-north-4 --task-id 20ed0bca07e54ec6bba4c9b1a2b05d8f --record-id b17b0e9d2c1f4f6e8a51fd5ca2b05d8f --server-url ${server.url}`,
    { HW_USER_NAME: "ci", HW_USER_PASSWORD: canary, HW_DOMAIN_NAME: "acme", HUAWEICLOUD_SDK_IAM_ENDPOINT: server.url },
  );

  expect(exit).toBe(0);
});
