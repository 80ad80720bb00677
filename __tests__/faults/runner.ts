/** R: the job that we run in, and what it leaves us to write to. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { atEnd, type HostName, hosts, program, type Result, said, start } from "../support/program.ts";
import { canary, codearts, codeArtsIds, github, gitlab, type Server } from "../support/servers.ts";
import { always, answer, type Cases, faulty, jobInputs, play } from "./trial.ts";

const signals = ["SIGINT", "SIGTERM"] as const;
type Signal = (typeof signals)[number];

interface Killed {
  readonly host?: HostName;
  readonly signal: Signal;
  /** Prepares the server; what it returns is called when the moment has come, and resolves then. */
  readonly moment: (server: Server) => () => Promise<unknown>;
  /** Called after the signal: lets the server answer what it held. */
  readonly then?: () => void;
  readonly posts?: number;
  readonly outcome: string;
  readonly within?: number;
}

/** The step is killed at a moment, in real time. */
const killed = ({
  host = "github",
  signal,
  moment,
  then,
  posts = 1,
  outcome,
  within = 7000,
}: Killed): (() => Promise<void>) =>
  play(async () => {
    const server = await gitlab();
    const come = moment(server)();
    const running = start({ host, time: "wall", inputs: jobInputs(server) });
    await come;
    const since = performance.now();
    running.kill(signal);
    then?.();
    const result = await running.result;

    assert.deepEqual([result.exit, result.signal, result.report?.outcome], [130, null, outcome], said(result));
    assert(performance.now() - since < within, `it took ${performance.now() - since} ms`);
    assert.equal(server.only(/^POST/).length, posts);
  });

const moments: Readonly<
  Record<string, { readonly moment: Killed["moment"]; readonly outcome?: string; readonly within?: number }>
> = {
  "while the first look is under way": {
    moment: (server) => (server.hold(/^GET/), () => server.next(/^GET/)),
  },
  "when the first look is answered": { moment: (server) => () => server.next(/^GET/, "answered") },
  "when the cancel arrives": { moment: (server) => () => server.next(/^POST/) },
  "when the cancel is answered": { moment: (server) => () => server.next(/^POST/, "answered") },
  "while a later look is under way": {
    moment: (server) => async () => {
      await server.next(/^POST/, "answered");
      server.hold(/^GET/);
      await server.next(/^GET/);
    },
    within: 2000,
  },
  "between two looks": {
    moment: (server) => async () => {
      await server.next(/^POST/, "answered");
      await server.next(/^GET/, "answered");
    },
    within: 2000,
  },
};

interface Blocked {
  readonly host: HostName;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly exit: number;
  readonly inLog?: boolean;
}

/** Something cannot be written; the run is stopped all the same. */
const blocked = ({ host, env = {}, exit, inLog = true }: Blocked): (() => Promise<void>) =>
  play(async () => {
    const server = await gitlab();
    const result = await program({ host, env, inputs: jobInputs(server) });

    assert.equal(server.only(/^POST/).length, 1);
    assert.equal(result.exit, exit, said(result));
    if (!inLog) return;
    assert.match(said(result), /outputs could not be written/);
    const { outcome } = JSON.parse(/\{"outcome.*\}/.exec(said(result))?.[0] ?? "{}") as { outcome?: string };
    assert.equal(outcome, "cancelled", said(result));
  });

/** Like `blocked`, in a folder in which the report files are folders. */
const blockedFolder = play(async () => {
  const folder = mkdtempSync(join(tmpdir(), "cancel-run-blocked-"));
  for (const name of ["cancel-run.env", "cancel-run.json", "cancel-run-annotations.json"])
    mkdirSync(join(folder, name));
  try {
    await blocked({ host: "gitlab", env: { CI_PROJECT_DIR: folder }, exit: 1 })();
  } finally {
    rmSync(folder, { recursive: true });
  }
});

export const runner: Cases = {
  R1: [
    ...Object.entries(moments).flatMap(([when, { moment, outcome = "cancelling", within }], at) =>
      signals.map((signal, turn) => ({
        name: `${signal} ${when}: exactly one cancel, outputs, exit 130`,
        ...(at === 0 && turn === 0 && { quick: true as const }),
        play: killed({ signal, moment, outcome, host: hosts[(at + turn) % hosts.length]!, ...(within && { within }) }),
      })),
    ),
    {
      name: "SIGINT while the cancel waits to be sent again: it is sent now",
      play: killed({
        signal: "SIGINT",
        moment: (server) => {
          server.reply(/^POST/, { status: 503, headers: { "retry-after": "120" } }, 1);
          return () => server.next(/^POST/, "answered");
        },
        posts: 2,
        outcome: "cancelling",
        within: 2000,
      }),
    },
    {
      name: "SIGINT and a server that hangs: given up on after 5 s, outputs written, gone within 7 s",
      play: killed({
        signal: "SIGINT",
        moment: (server) => (server.hold(/./), () => server.next(/^GET/)),
        outcome: "cancelling",
      }),
    },
    {
      name: "SIGTERM and a server that refuses every cancel for now: tried until 5 s are over",
      play: play(async () => {
        const server = await gitlab();
        faulty(server, /^POST/, always(answer(503)));
        const running = start({ host: "gitlab", time: "wall", inputs: jobInputs(server) });
        await server.next(/^POST/);
        const since = performance.now();
        running.kill("SIGTERM");
        const result = await running.result;

        assert.equal(result.exit, 130, said(result));
        assert(performance.now() - since < 7000);
      }),
    },
    {
      name: "SIGINT while a token is fetched for the first look: the token is awaited, and the cancel sent with it",
      play: play(async () => {
        const server = await codearts();
        const release = server.hold(/^POST \/v3\/auth/);
        const running = start({
          host: "github",
          time: "wall",
          inputs: {
            provider: "codearts",
            region: "cn-north-4",
            "server-url": server.url,
            "job-id": codeArtsIds.job,
            "build-number": "20",
            username: "ci",
            password: canary,
            domain: "acme",
          },
          env: { HUAWEICLOUD_SDK_IAM_ENDPOINT: server.url },
        });
        await server.next(/^POST \/v3\/auth/);
        running.kill("SIGINT");
        // The signal is handled before an answer that comes after it.
        await new Promise((resolve) => setTimeout(resolve, 200));
        release();
        const result = await running.result;

        assert.equal(result.exit, 130);
        assert.equal(server.only(/\/stop\?/).length, 1, said(result));
      }),
    },
    {
      name: "SIGINT while many cancels wait for their turn: each is sent once",
      play: play(async () => {
        const ids = Array.from({ length: 30 }, (_, at) => `${at + 1}`);
        const server = await github({ runs: Object.fromEntries(ids.map((id) => [id, {}])) });
        const running = start({
          host: "terminal",
          time: "wall",
          inputs: {
            provider: "github",
            repository: "acme/shop",
            "run-id": ids.join(),
            "server-url": server.url,
            token: canary,
          },
        });
        await server.next(/^POST/);
        running.kill("SIGINT");
        const result = await running.result;

        assert.equal(result.exit, 130);
        assert.equal(new Set(server.only(/^POST/).map(({ path }) => path)).size, ids.length);
        assert.equal(server.only(/^POST/).length, ids.length);
      }),
    },
  ],
  R2: signals.map((second) => ({
    name: `a second signal, ${second}: gone at once`,
    play: play(async () => {
      const server = await gitlab();
      server.hold(/./);
      const running = start({ host: "github", time: "wall", inputs: jobInputs(server) });
      await server.next(/^GET/);
      running.kill("SIGINT");
      await server.next(/^POST/);
      const since = performance.now();
      running.kill(second);
      const result = await running.result;

      assert.deepEqual([result.exit, result.signal], [130, null]);
      assert(performance.now() - since < 1500);
    }),
  })),
  R3: (["github", "gitlab"] as const).map((host) => ({
    name: `killed without a warning after the cancel: outputs are on disk, on ${host}`,
    play: play(async () => {
      const server = await gitlab();
      const running = start({ host, time: "wall", inputs: jobInputs(server) });
      await server.next(/^POST/, "answered");
      await server.next(/^GET/, "answered");
      running.kill("SIGKILL");
      const result: Result = await running.result;

      assert.equal(result.signal, "SIGKILL");
      assert.equal(result.report?.outcome, "cancelling");
    }),
  })),
  R4: [
    ...[undefined, "/nowhere/output", "/tmp", "/dev/full"].map((path) => ({
      name: `GITHUB_OUTPUT is ${path ?? "not set"}: cancelled all the same, the result is in the log, exit 1`,
      ...(path === undefined && { quick: true as const }),
      play: blocked({ host: "github", env: { GITHUB_OUTPUT: path }, exit: 1 }),
    })),
    ...[undefined, "/nowhere/summary", "/tmp", "/dev/full"].map((path) => ({
      name: `GITHUB_STEP_SUMMARY is ${path ?? "not set"}: a summary is not worth a failure`,
      play: blocked({ host: "github", env: { GITHUB_STEP_SUMMARY: path }, exit: 0, inLog: false }),
    })),
    ...[undefined, "/nowhere/state", "/tmp", "/dev/full"].map((path) => ({
      name: `GITHUB_STATE is ${path ?? "not set"}: nor is the state`,
      play: blocked({ host: "github", env: { GITHUB_STATE: path }, exit: 0, inLog: false }),
    })),
    {
      name: "a project folder that is not there: cancelled all the same, the result is in the log, exit 1",
      play: blocked({ host: "gitlab", env: { CI_PROJECT_DIR: "/nowhere" }, exit: 1 }),
    },
    { name: "report files that cannot be written: the same", play: blockedFolder },
  ],
  R5: [
    ...hosts.flatMap((host) =>
      ([["stdout"], ["stderr"], ["stdout", "stderr"]] as const).map((closed) => ({
        name: `nobody reads ${closed.join(" and ")}, on ${host}: the run is stopped`,
        play: play(async () => {
          const server = await gitlab();
          const { exit } = await program({ host, closed, inputs: jobInputs(server) });

          assert.deepEqual([exit, server.only(/^POST/).length], [0, 1]);
        }),
      })),
    ),
    ...hosts.map((host) => ({
      name: `somebody holds stdout and reads nothing, on ${host}: the step ends by its deadline`,
      play: play(async () => {
        const ids = Array.from({ length: 400 }, (_, at) => `${at + 1}`);
        const name = "x".repeat(300);
        const server = await gitlab({ jobs: Object.fromEntries(ids.map((id) => [id, { state: "success", name }])) });
        const { exit, took } = await program({
          host,
          time: "wall",
          stalled: ["stdout"],
          inputs: { ...jobInputs(server), "job-id": ids.join(), reason: "y".repeat(1000), timeout: "15s" },
        });

        // A report that nobody has read is not written.
        assert.deepEqual([took < 25_000, exit], [true, host === "terminal" ? 1 : 0]);
      }),
    })),
  ],
  R21: [
    ...(["unsuccessful", "failed", "cancelled"] as const).map((when) => ({
      name: `Gitea's runner says success at the end of a job that was not: a guard for ${when} ${when === "unsuccessful" ? "acts" : "warns"}`,
      ...(when !== "cancelled" && { quick: true as const }),
      play: play(async () => {
        const server = await gitlab();
        const inputs = { ...jobInputs(server), when, "job-status": "success" };
        const on = { url: "https://gitea.example.com", api: "https://gitea.example.com/api/v1" };
        const trial = await program({ host: "github", on, bundle: atEnd, inputs, env: { GITEA_ACTIONS: "true" } });

        assert.deepEqual([trial.exit, server.only(/^POST/).length], [0, when === "unsuccessful" ? 1 : 0], said(trial));
        const [warning] = trial.annotations.filter(({ name }) => name === "warning");
        assert.match(warning?.message ?? "", /^the job's status reads success, although/);
      }),
    })),
    {
      name: "GitLab without CI_JOB_STATUS: nothing is sent, and it is said",
      play: play(async () => {
        const server = await gitlab();
        const inputs = { ...jobInputs(server), when: "unsuccessful" };
        const trial = await program({ host: "gitlab", inputs, env: { CI_JOB_STATUS: undefined } });

        assert.deepEqual([trial.exit, server.lines], [2, []], said(trial));
        assert.match(said(trial), /CI_JOB_STATUS is not set here/);
      }),
    },
  ],
  R6: [
    {
      name: "outputs hold no secret, even where the server repeats it in every field",
      quick: true,
      play: play(async () => {
        const server = await gitlab({
          jobs: {
            "4711": { name: `deploy ${canary}`, ref: canary, page: `http://127.0.0.1/${encodeURIComponent(canary)}` },
          },
        });
        // `program` looks for the secret in every byte that is left.
        const { exit, outputs } = await program({
          host: "github",
          inputs: { ...jobInputs(server), reason: `because ${canary}` },
        });

        assert.equal(exit, 0);
        assert.match(outputs["runs"] ?? "", /\*\*\*/);
      }),
    },
  ],
};
