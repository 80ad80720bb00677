/** S: what runs do while they are being stopped. */
import assert from "node:assert/strict";
import { gitHubRun } from "../support/forge.ts";
import { forge } from "../support/forges.ts";
import { hosts, program, said } from "../support/program.ts";
import { canary, github, gitlab } from "../support/servers.ts";
import {
  always,
  answer,
  assertWatched,
  type Cases,
  doneBut,
  faulty,
  job,
  jobInputs,
  play,
  run,
  times,
  type Trial,
  vendors,
} from "./trial.ts";

const cancelled = { exit: 0, outcome: "cancelled" };
/** A step in run 77 that selects the runs of its branch. */
const onIt = (server: { readonly url: string; readonly api: string }): Parameters<typeof run>[0] => ({
  host: "github",
  on: server,
  inputs: { provider: "github", repository: "acme/shop", branch: "main", token: canary },
  env: { GITHUB_REPOSITORY: "acme/shop", GITHUB_RUN_ID: "77" },
});
const usual = "look cancel look*2";
/** Runs of a list by their outcomes. */
const outcomes = ({ report }: Trial | Awaited<ReturnType<typeof program>>): string[] =>
  report?.runs.map(({ outcome }) => outcome) ?? [];

/** By the page of run 7, on a server that is given. */
const paged = (
  version: string,
  runs: Parameters<typeof forge>[1],
  check: (result: Awaited<ReturnType<typeof program>>, server: Awaited<ReturnType<typeof forge>>) => void,
): (() => Promise<void>) =>
  play(async () => {
    const server = await forge(version, runs);
    const url = `${server.url}/octo/deploy/actions/runs/7`;
    check(await program({ host: "gitlab", inputs: { url, "server-url": server.url, token: canary } }), server);
  });

export const state: Cases = {
  S1: [
    {
      name: "it ends between our look and our cancel, and the server says 2xx: how it ended is reported",
      play: job({
        exit: 0,
        outcome: "finished-anyway",
        life: { afterwards: ["success"] },
        requests: "look cancel look",
        check: ({ report }) => assert.equal(report?.state, "succeeded"),
      }),
    },
    {
      name: "and the server refuses: it had already finished",
      play: job({
        exit: 0,
        outcome: "already-finished",
        life: { afterwards: ["failed"] },
        cancel: [doneBut(answer(400, { message: "Job is not cancelable" }))],
        requests: "look cancel look",
        check: ({ report }) => assert.equal(report?.state, "failed"),
      }),
    },
    {
      name: "`fail-on` can make that a failure",
      play: job({
        exit: 1,
        outcome: "already-finished",
        life: { state: "failed" },
        inputs: { "fail-on": "already-finished" },
        requests: "look",
      }),
    },
  ],
  S2: [
    {
      name: "it never stops: one cancel, looks to the deadline, exit 3",
      quick: true,
      play: job({
        exit: 3,
        outcome: "still-running",
        chance: 0,
        life: { afterwards: ["canceling"] },
        inputs: { timeout: "1m" },
        check: (_, server) => assertWatched(server),
        within: 60_000,
        says: /still running: cancelling after 1m/,
      }),
    },
    {
      name: "`force-after`: one forced stop, so long after the cancel was accepted",
      play: job({
        ...cancelled,
        chance: 0,
        life: { afterwards: Array<"canceling">(30).fill("canceling") },
        inputs: { "force-after": "10s" },
        check: ({ sent }, server) => {
          assert.deepEqual(
            server.only(/^POST/).map(({ body }) => body),
            ["", '{"force":true}'],
          );
          const [asked, forced] = sent.filter(({ method }) => method === "POST").map(({ at }) => at);
          assert(forced! - asked! >= 9900 && forced! - asked! < 20_000, `forced after ${forced! - asked!} ms`);
        },
      }),
    },
    {
      name: "the forced stop fails as well: still running",
      play: job({
        exit: 3,
        outcome: "still-running",
        chance: 0,
        life: { afterwards: ["canceling"] },
        inputs: { "force-after": "5s", timeout: "20s" },
        cancel: [doneBut(answer(201, { status: "canceling" })), ...always(answer(403, { message: "403 Forbidden" }))],
        check: (_, server) => assert.equal(server.only(/^POST/).length, 2),
        says: /forced stop was answered 403/,
      }),
    },
  ],
  S3: [
    ...(["success", "failed"] as const).map((how) => ({
      name: `our cancel was accepted, and it ends with ${how}: that is reported, and not counted as stopped by us`,
      play: job({
        exit: 0,
        outcome: "finished-anyway",
        life: { afterwards: ["canceling", how] },
        requests: usual,
        check: ({ report }) =>
          assert.deepEqual([report?.state, report?.cancelled], [how === "success" ? "succeeded" : "failed", 0]),
      }),
    })),
  ],
  S4: [
    {
      name: "a new attempt under the same id while we wait is not stopped",
      quick: true,
      play: play(async () => {
        const server = await github({ runs: { "5": {} } });
        const attempt = (number: number) =>
          answer(200, { id: 5, status: "in_progress", conclusion: null, run_attempt: number });
        faulty(server, /^GET/, [attempt(1), attempt(1), ...always(attempt(2))]);
        const trial = await run({
          host: "terminal",
          inputs: { provider: "github", url: server.page(5), "server-url": server.url, token: canary },
        });

        assert.equal(trial.report?.outcome, "restarted", said(trial));
        assert.equal(server.only(/^POST/).length, 1);
      }),
    },
    {
      name: "an attempt that is asked for and is not the current one is left alone",
      play: play(async () => {
        const server = await github({ runs: { "5": { attempt: 3 } } });
        const trial = await run({
          host: "terminal",
          inputs: {
            provider: "github",
            repository: "acme/shop",
            "run-id": "5",
            "run-attempt": "2",
            "server-url": server.url,
            token: canary,
          },
        });

        assert.equal(trial.report?.outcome, "restarted", said(trial));
        assert.equal(server.only(/^POST/).length, 0);
      }),
    },
  ],
  S13: [
    {
      name: "it is started again while the server makes us wait with the cancel: nothing is sent to it, and that is no success",
      quick: true,
      play: play(async () => {
        const server = await github({ runs: { "5": {} } });
        const attempt = (number: number) =>
          answer(200, { id: 5, status: "in_progress", conclusion: null, run_attempt: number });
        faulty(server, /^GET/, [attempt(1), ...always(attempt(2))]);
        faulty(server, /^POST/, [answer(429, {}, { "retry-after": "60" })]);
        const trial = await run({
          host: "terminal",
          inputs: { provider: "github", url: server.page(5), "server-url": server.url, token: canary },
        });

        assert.deepEqual([trial.exit, trial.report?.outcome], [1, "restarted"], said(trial));
        assert.match(said(trial), /attempt 2 has begun; the cancel was meant for attempt 1, and was not sent/);
        assert.equal(server.only(/^POST/).length, 1);
      }),
    },
    {
      name: "the cancel has stopped the next attempt: said, and no success",
      play: play(async () => {
        const server = await github({ runs: { "5": {} } });
        const stopped = { id: 5, status: "completed", conclusion: "cancelled", run_attempt: 2 };
        faulty(server, /^GET/, [vendors, ...always(answer(200, stopped))]);
        const trial = await run({
          host: "terminal",
          inputs: { provider: "github", url: server.page(5), "server-url": server.url, token: canary },
        });

        assert.deepEqual(
          [trial.exit, trial.report?.outcome, trial.report?.cancelled],
          [1, "restarted", 0],
          said(trial),
        );
        assert.match(said(trial), /the cancel was meant for attempt 1, and attempt 2 is cancelled/);
      }),
    },
  ],
  S5: [
    {
      name: "the run that we are part of is refused unless it is asked for by `self`",
      play: play(async () => {
        const server = await gitlab({ jobs: { "2002": {} } });
        const on = { url: server.url, api: `${server.url}/api/v4` };
        const result = await program({
          host: "gitlab",
          on,
          inputs: { provider: "gitlab", "job-id": "2002", token: canary },
        });

        assert.deepEqual([result.exit, server.lines], [4, []]);
      }),
    },
    {
      name: "asked for, it goes last, after the outputs, and the step holds",
      play: play(async () => {
        const server = await gitlab({ jobs: { "2002": { afterwards: ["canceling"] }, "3": {} } });
        const on = { url: server.url, api: `${server.url}/api/v4` };
        const inputs = { provider: "gitlab", "job-id": "2002,3", self: "true", token: canary, wait: "false" };
        const result = await program({ host: "gitlab", on, inputs });

        assert.deepEqual(
          server.only(/^POST/).map(({ path }) => /jobs\/(\d+)/.exec(path)?.[1]),
          ["3", "2002"],
        );
        assert.deepEqual(outcomes(result), ["still-running", "cancelling"]);
      }),
    },
  ],
  S6: [
    {
      name: "`canceling` is not stopped",
      play: job({
        ...cancelled,
        life: { afterwards: ["canceling", "canceling", "canceling", "canceled"] },
        requests: "look cancel look*4",
      }),
    },
    {
      name: "a job that is `canceling` when we come is asked, and watched",
      play: job({
        ...cancelled,
        life: { state: "canceling", afterwards: ["canceling", "canceling", "canceled"] },
        requests: usual,
        check: ({ report }) => assert.equal(report?.runs[0]?.["before"], "cancelling"),
      }),
    },
  ],
  S7: [
    {
      name: "one of several is not there: the others are stopped all the same, and the exit code tells",
      play: play(async () => {
        const server = await gitlab({ jobs: { "1": {}, "3": { state: "success" } } });
        const trial = await run({ host: "terminal", inputs: { ...jobInputs(server), "job-id": "1,2,3" } });

        assert.deepEqual([trial.exit, trial.report?.outcome, trial.report?.cancelled], [5, "mixed", 1]);
        assert.deepEqual(outcomes(trial), ["cancelled", "not-found", "already-finished"]);
      }),
    },
    {
      name: "the worst of several outcomes decides the exit code",
      play: play(async () => {
        const server = await gitlab({ jobs: { "1": {}, "2": { afterwards: ["canceling"] }, "3": {} } });
        faulty(server, /^POST .*\/3\//, always(answer(403, { message: "403 Forbidden" })));
        const trial = await run({
          host: "terminal",
          inputs: { ...jobInputs(server), "job-id": "1,2,3,4", timeout: "30s" },
        });

        assert.equal(trial.exit, 4);
        assert.deepEqual(outcomes(trial), ["cancelled", "still-running", "refused", "not-found"]);
      }),
    },
    {
      name: "GitHub: the runs of a server of one's own, which has no limits, are all asked at once",
      play: play(async () => {
        const ids = ["1", "2", "3", "4", "5", "6"];
        const server = await github({ runs: Object.fromEntries(ids.map((id) => [id, {}])) });
        const trial = await run({
          host: "terminal",
          inputs: {
            provider: "github",
            repository: "acme/shop",
            "run-id": ids.join(),
            "server-url": server.url,
            token: canary,
          },
        });

        assert.equal(trial.exit, 0);
        const at = trial.sent.filter(({ method }) => method === "POST").map((one) => one.at);
        assert.equal(at.length, ids.length);
        // A second between two of them would be five.
        assert(at.at(-1)! - at[0]! < 4000, `${at.at(-1)! - at[0]!} ms`);
      }),
    },
    {
      name: "GitHub: forty runs that do not stop: the deadline is kept",
      play: play(async () => {
        const ids = Array.from({ length: 40 }, (_, at) => `${at + 1}`);
        const server = await github({
          runs: Object.fromEntries(ids.map((id) => [id, { afterwards: ["in_progress"] }])),
        });
        const trial = await run({
          host: "terminal",
          inputs: {
            provider: "github",
            repository: "acme/shop",
            "run-id": ids.join(),
            "server-url": server.url,
            token: canary,
            timeout: "10s",
          },
        });

        assert.equal(trial.exit, 3, said(trial));
        assert(trial.sent.at(-1)!.at - trial.sent[0]!.at <= 12_000);
        assert(
          trial.report?.runs.every(({ seconds }) => Number(seconds) <= 12),
          said(trial),
        );
      }),
    },
  ],
  S8: [
    {
      name: "a list with the same run twice, spaces and line breaks: each run once",
      play: play(async () => {
        const server = await gitlab({ jobs: { "1": {}, "2": {} } });
        const trial = await run({ host: "terminal", inputs: { ...jobInputs(server), "job-id": " 1, 2\n1,,2 \n" } });

        assert.deepEqual([trial.exit, server.only(/^POST/).length, outcomes(trial).length], [0, 2, 2]);
      }),
    },
    {
      name: "a list of nothing is wrong usage, not success",
      play: play(async () => {
        const server = await gitlab();
        for (const list of [",", " , ", "\n,\n"]) {
          const trial = await run({ host: "terminal", inputs: { ...jobInputs(server), "job-id": list } });
          assert.deepEqual([trial.exit, server.lines], [2, []], said(trial));
          assert.match(said(trial), /job-id/);
        }
      }),
    },
    {
      name: "one bad id among good ones: nothing is sent at all",
      play: play(async () => {
        const server = await gitlab();
        const trial = await run({ host: "terminal", inputs: { ...jobInputs(server), "job-id": "4711,../4712" } });

        assert.deepEqual([trial.exit, server.lines], [2, []]);
      }),
    },
  ],
  S9: [
    ...[400, -400].map((days) => ({
      name: `the date jumps ${days} days at each request: waits and the deadline do not care`,
      ...(days > 0 && { quick: true as const }),
      play: job({
        ...cancelled,
        days,
        chance: 0.5,
        cancel: times(2, answer(503)),
        requests: "look cancel*3 look*2",
        waits: { 2: 500, 3: 1000 },
      }),
    })),
    {
      name: "the deadline is kept while the date jumps",
      play: job({
        exit: 3,
        outcome: "still-running",
        days: 1,
        chance: 0,
        life: { afterwards: ["canceling"] },
        inputs: { timeout: "20s" },
        within: 20_000,
        check: (_, server) => assertWatched(server, { least: 9, most: 18 }),
      }),
    },
  ],
  S21: [
    {
      name: "a workflow that no run bears: the log says which they bear, on every host",
      quick: true,
      play: play(async () => {
        const server = await github({ runs: { "5": {}, "6": {} } });
        const inputs = { provider: "github", repository: "acme/shop", branch: "*", workflow: "built.yml" };
        for (const host of hosts) {
          const trial = await run({ host, inputs: { ...inputs, "server-url": server.url, token: canary } });
          assert.deepEqual([trial.exit, trial.report?.outcome], [0, "nothing"]);
          assert.match(
            said(trial),
            /0 live runs of any branch, of workflow built\.yml; 2 listed: 2 of another workflow/,
          );
          assert.match(said(trial), /no run of workflow built\.yml; seen: build\.yml/);
        }
      }),
    },
    {
      name: "`github.ref_name` under pull_request: the log says what a pull request's branch is",
      play: play(async () => {
        const server = await github({ runs: { "5": {} } });
        const inputs = { provider: "github", repository: "acme/shop", branch: "12/merge" };
        const trial = await run({ host: "terminal", inputs: { ...inputs, "server-url": server.url, token: canary } });

        assert.deepEqual([trial.exit, trial.report?.outcome], [0, "nothing"]);
        assert.match(said(trial), /0 live runs of branch 12\/merge; a pull request's branch is `github\.head_ref`/);
      }),
    },
  ],
  S22: [
    {
      name: "a fork that is gone: an annotation names the run and why",
      quick: true,
      play: play(async () => {
        const server = await github({ runs: { "5": {} } });
        const gone = { ...gitHubRun(7), head_repository: null, event: "pull_request" };
        server.reply(/actions\/runs\?.*in_progress/, { status: 200, body: { workflow_runs: [gone] } });
        const trial = await run({
          host: "github",
          inputs: {
            provider: "github",
            repository: "acme/shop",
            branch: "main",
            "server-url": server.url,
            token: canary,
          },
        });

        assert.deepEqual([trial.exit, trial.report?.outcome], [0, "nothing"]);
        const [warning] = trial.annotations.filter(({ name }) => name === "warning");
        assert.match(
          warning?.message ?? "",
          /^github run 7: left alone, because it is unclear whether it is meant: its fork is gone/,
        );
      }),
    },
  ],
  S23: [
    {
      name: "it comes back empty, and stays so, although our own run must be in it",
      quick: true,
      play: play(async () => {
        const server = await github({ runs: { "77": {}, "5": {} } });
        server.reply(/actions\/runs\?/, { status: 200, body: { total_count: 0, workflow_runs: [] } });
        const trial = await run(onIt(server));

        assert.deepEqual([trial.exit, trial.report?.outcome], [1, "failed"], said(trial));
        assert.match(said(trial), /the list is out of date: it lacks this step's own run, 77/);
        assert.equal(server.only(/status=in_progress/).length, 3);
      }),
    },
    {
      name: "it comes back empty once: asked for again, the older run is found and stopped",
      play: play(async () => {
        const server = await github({ runs: { "77": {}, "5": {} } });
        server.reply(/actions\/runs\?/, { status: 200, body: { total_count: 0, workflow_runs: [] } }, 6);
        const trial = await run(onIt(server));

        assert.deepEqual([trial.exit, trial.report?.outcome], [0, "cancelled"], said(trial));
        assert.match(server.only(/^POST/)[0]?.line ?? "", /runs\/5\/cancel/);
      }),
    },
  ],
  S24: [
    {
      name: "the newer job is named, in a warning too, and not cancelled",
      quick: true,
      play: play(async () => {
        const server = await gitlab({ jobs: { "4711": { state: "failed" }, "4712": {} } });
        const shown = { name: "deploy-production", pipeline: { id: 47 } };
        server.reply(/jobs\/4711$/, { status: 200, body: { id: 4711, status: "failed", ...shown } });
        const jobs = [{ id: 4712, status: "running", ...shown }];
        server.reply(/pipelines\/47\/jobs/, { status: 200, body: jobs });
        const trial = await run({ host: "github", inputs: jobInputs(server) });

        assert.deepEqual([trial.exit, trial.report?.outcome], [0, "already-finished"], said(trial));
        assert.match(trial.report?.runs[0]?.detail ?? "", /retried as job 4712, which goes on \(running\)/);
        assert.equal(trial.annotations.filter(({ name }) => name === "warning").length, 1);
        assert.deepEqual(server.only(/^POST/), []);
      }),
    },
  ],
  S31: [
    {
      name: "GitHub answers 409 to the cancel for ever: after `force-after` the run is forced",
      quick: true,
      play: play(async () => {
        const server = await github({ runs: { "5": { state: "in_progress", afterwards: ["in_progress"] } } });
        faulty(server, /^POST .*\/cancel$/, always(answer(409, { message: "Cannot cancel a workflow run" })));
        const trial = await run({
          host: "terminal",
          inputs: {
            provider: "github",
            url: server.page(5),
            "server-url": server.url,
            token: canary,
            timeout: "60s",
            "force-after": "5s",
          },
        });

        assert.equal(server.only(/force-cancel/).length, 1, said(trial));
        assert.notEqual(trial.report?.outcome, "already-finished");
      }),
    },
  ],
  S32: [
    {
      name: "a run that GitHub has never queued is given up on after the third refusal, with GitHub's words",
      quick: true,
      play: play(async () => {
        const server = await github({ runs: { "5": { state: "queued", afterwards: ["queued"] } } });
        faulty(server, /^POST/, always(answer(409, { message: "Cannot cancel a workflow run that is not queued" })));
        const trial = await run({
          host: "terminal",
          inputs: { provider: "github", url: server.page(5), "server-url": server.url, token: canary, timeout: "10m" },
        });

        assert.deepEqual([trial.exit, trial.report?.outcome], [1, "failed"], said(trial));
        assert.match(trial.report?.runs[0]?.detail ?? "", /that is not queued/);
        assert.equal(server.only(/^POST/).length, 3);
        assert.ok(Number(trial.report?.runs[0]?.["seconds"] ?? 600) < 120, said(trial));
      }),
    },
  ],
  S33: [
    {
      name: "a GitLab pipeline of which only manual jobs are left: said at once, not at the deadline",
      quick: true,
      play: play(async () => {
        const server = await gitlab({});
        server.reply(/pipelines\/47(?:$|\/cancel)/, { status: 200, body: { id: 47, status: "manual" } });
        const trial = await run({
          host: "terminal",
          inputs: {
            provider: "gitlab",
            project: "platform/deploy",
            "pipeline-id": "47",
            "server-url": server.url,
            token: canary,
            timeout: "10m",
          },
        });

        assert.deepEqual([trial.exit, trial.report?.outcome], [1, "failed"], said(trial));
        assert.match(trial.report?.runs[0]?.detail ?? "", /has no effect/);
        assert.ok(Number(trial.report?.runs[0]?.["seconds"] ?? 600) < 60, said(trial));
      }),
    },
  ],
  S10: [
    {
      name: "`completed` with `action_required` waits for an approval: it is cancelled, and watched until it is",
      quick: true,
      play: play(async () => {
        const server = await github({
          runs: { "5": { state: "action_required", afterwards: ["action_required", "cancelled"] } },
        });
        const trial = await run({
          host: "terminal",
          inputs: { provider: "github", url: server.page(5), "server-url": server.url, token: canary },
        });

        assert.deepEqual(
          [trial.exit, trial.report?.outcome, trial.report?.runs[0]?.before],
          [0, "cancelled", "blocked"],
        );
        assert.equal(server.only(/^POST/).length, 1);
      }),
    },
    {
      name: "and if it stays so, it has not stopped",
      play: play(async () => {
        const server = await github({
          runs: { "5": { state: "action_required", afterwards: ["action_required"] } },
        });
        const trial = await run({
          host: "terminal",
          inputs: { provider: "github", url: server.page(5), "server-url": server.url, token: canary, timeout: "20s" },
        });

        assert.deepEqual([trial.exit, trial.report?.outcome, trial.report?.state], [3, "still-running", "blocked"]);
      }),
    },
  ],
  S11: [
    {
      name: "the run of that number is cancelled by its id",
      quick: true,
      play: paged("16.0.5+gitea-1.22.0", [{ id: 4711, number: 7 }], (result, server) => {
        assert.deepEqual([result.exit, outcomes(result)], [0, ["cancelled"]], said(result));
        assert.deepEqual(
          server.only(/^POST/).map(({ path }) => path),
          ["/api/v1/repos/octo/deploy/actions/runs/4711/cancel"],
        );
      }),
    },
    {
      name: "another run has the number for its id: nothing is sent",
      play: paged(
        "16.0.5+gitea-1.22.0",
        [
          { id: 4711, number: 7 },
          { id: 7, number: 3 },
        ],
        (result, server) => {
          assert.deepEqual([result.exit, outcomes(result)], [4, ["refused"]], said(result));
          assert.deepEqual(server.only(/^POST/), []);
        },
      ),
    },
  ],
  S12: [
    {
      name: "the server says that it is Gitea, whose page has the id",
      play: paged("1.28.0", [{ id: 7, number: 3 }], (result, server) => {
        assert.deepEqual([result.exit, outcomes(result)], [0, ["cancelled"]], said(result));
        assert.equal(server.requests[0]?.path, "/api/v1/version");
        assert.equal(server.requests[0]?.headers["authorization"], undefined);
      }),
    },
    {
      name: "a version of none of them: the provider is to be given, and no more is sent",
      play: paged("2.0.0", [{ id: 7, number: 3 }], (result, server) => {
        assert.deepEqual([result.exit, server.lines], [2, ["GET /api/v1/version"]], said(result));
        assert.match(said(result), /could be a page of forgejo, gitea or github; say which/);
      }),
    },
  ],
};
