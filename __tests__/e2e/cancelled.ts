/** The job that our step is in is cancelled itself. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Act, provideAct } from "./act-runner.ts";
import { type GitlabCiLocal, provideGitlabCiLocal, type Ran } from "./gitlab-ci-local.ts";
import { type GitLab, jobs, listen, project, startGitLab, token } from "./servers.ts";
import { type Finished, processesIn, until } from "./shell.ts";
import type { Suite } from "./suite.ts";
import { published } from "../../src/published.ts";

export async function cancelledTests(suite: Suite, checkout: string, scratch: string): Promise<void> {
  const act = await provideAct(checkout, scratch);
  if (typeof act === "function") await onGitHub(suite, act);
  else suite.skip("a cancelled job in act", act.why);
  const local = provideGitlabCiLocal(checkout, scratch);
  if (typeof local !== "function") suite.skip("a cancelled job in gitlab-ci-local", local.why);
  else if (processesIn("/", "") === undefined)
    suite.skip("a cancelled job in gitlab-ci-local", "this system does not show processes below /proc");
  else await onGitLab(suite, checkout, local);
}

const cancelOf = (job: number): string => `POST /api/v4/projects/${encodeURIComponent(project)}/jobs/${job}/cancel`;
const cancels = ({ requests }: GitLab): readonly string[] => requests.filter((request) => request.startsWith("POST "));

/** So we have asked, and are waiting: a look before the cancel, one after it, and another one. */
const isWaiting = (gitlab: GitLab): Promise<void> => gitlab.whenAsked(/^GET .*\/jobs\/4712$/, 3);

/** Says that it waits, and waits. */
const waitingStep = (gitlab: GitLab): string =>
  `node -e 'fetch("${gitlab.url}/waiting").then(() => setTimeout(() => {}, 60000))'`;
const isAtWaitingStep = (gitlab: GitLab): Promise<void> => gitlab.whenAsked(/\/waiting$/);

interface Noted {
  readonly status: string;
  readonly outcome: string;
  readonly outputs: Readonly<Record<string, string>>;
}

interface Done extends Finished {
  readonly gitlab: GitLab;
  /** What steps after ours have seen, by the status function in their `if`; of those that ran. */
  readonly noted: Readonly<Record<string, Noted>>;
  /** `needs.stop.result` in a job that runs always, and whether one without `if` has run. */
  readonly needs: { readonly stop: string | undefined; readonly hasRun: boolean };
}

const step = (gitlab: GitLab, inputs: object): object => ({
  id: "cancel",
  uses: `${published.github}@v1`,
  with: {
    ...{ provider: "gitlab", project, "server-url": gitlab.url, token: "${{ secrets.GITLAB_TOKEN }}" },
    ...inputs,
  },
});

async function onGitHub(suite: Suite, act: Act): Promise<void> {
  /** act kills what GitHub sends SIGINT first: https://github.com/nektos/act/blob/v0.2.89/pkg/container/host_environment.go */
  await suite.test(
    "act: our step is killed while it waits; what was asked is in its outputs, and not as done",
    async () => {
      const done = await job((gitlab) => [step(gitlab, { "job-id": 4712, timeout: "60s" })], isWaiting);
      assert.match(done.output, /this step has been cancelled: signal: killed/);
      assert.deepEqual(Object.keys(done.noted), ["cancelled", "always"], done.output);
      for (const { status, outcome, outputs } of Object.values(done.noted)) {
        assert.deepEqual([status, outcome], ["cancelled", "failure"]);
        assert.deepEqual([outputs["outcome"], outputs["cancelled"]], ["cancelling", "0"]);
        const [run] = JSON.parse(outputs["runs"] ?? "[]") as Record<string, unknown>[];
        assert.deepEqual([run?.["outcome"], run?.["attempts"], run?.["confirmed"]], ["cancelling", 1, null]);
      }
      assert.deepEqual(cancels(done.gitlab), [cancelOf(4712)]);
      assert.deepEqual(done.needs, { stop: "failure", hasRun: false });
      assert.notEqual(done.code, 0);
    },
  );

  if (processesIn("/", "") === undefined)
    suite.skip("act: our step gets SIGINT", "this system does not show processes below /proc");
  else
    // https://docs.github.com/actions/reference/workflows-and-actions/workflow-cancellation
    await suite.test(
      "act: our step gets SIGINT, as from GitHub's runner; it finishes its report and ends with 130",
      async () => {
        const done = await job(
          (gitlab) => [step(gitlab, { "job-id": 4712, timeout: "60s" })],
          async (gitlab, folder) => {
            await isWaiting(gitlab);
            for (const pid of processesIn(folder, "dist/index.js") ?? []) process.kill(pid, "SIGINT");
            await never;
          },
        );
        assert.match(
          done.output,
          /\(deploy-prod\): cancellation requested; interrupted before a look could confirm it$/m,
        );
        assert.match(done.output, /exit status 130$/m);
        assert.match(done.output, /Summary - <h3>❌ cancel-run: 1 cancelling<\/h3>/);
        assert.deepEqual(Object.keys(done.noted), ["failure", "always"], done.output);
        for (const { outcome, outputs } of Object.values(done.noted)) {
          assert.equal(outcome, "failure");
          assert.deepEqual([outputs["outcome"], outputs["state"]], ["cancelling", "cancelling"]);
        }
        assert.deepEqual(cancels(done.gitlab), [cancelOf(4712)]);
      },
    );

  for (const when of ["unsuccessful", "cancelled"])
    await suite.test(`act: a guard with when: ${when} acts after the steps of a job that is cancelled`, async () => {
      const done = await guarded({ when });
      assert.deepEqual(cancels(done.gitlab), [cancelOf(4711)], done.output);
      assert.match(done.output, /gitlab job 4711 \(deploy-prod\): cancelled/);
      assert.match(done.output, /ended as cancelled/, "the reason is read at the end");
      assert.deepEqual(Object.keys(done.noted), ["cancelled", "always"], done.output);
      assert.ok(done.output.indexOf("always.json") < done.output.indexOf("Run Post"), done.output);
      assert.deepEqual(done.needs, { stop: "failure", hasRun: false });
    });

  await suite.test("act: a guard with when: failed lets a job that is cancelled alone", async () => {
    const done = await guarded({ when: "failed" });
    assert.deepEqual(cancels(done.gitlab), [], done.output);
  });

  async function guarded(inputs: object): Promise<Done> {
    return await job(
      (gitlab) => [
        step(gitlab, {
          "job-id": "${{ steps.deploy.outputs.job-id }}",
          reason: "ended as ${{ job.status }}",
          ...inputs,
        }),
        { id: "deploy", run: 'echo "job-id=4711" >> "$GITHUB_OUTPUT"' },
        { run: waitingStep(gitlab) },
      ],
      isAtWaitingStep,
    );
  }

  async function job(
    steps: (gitlab: GitLab) => readonly object[],
    cancelled: (gitlab: GitLab, folder: string) => Promise<unknown>,
  ): Promise<Done> {
    const gitlab = await startGitLab(jobs);
    let folder = "";
    const conditions = { success: "success()", failure: "failure()", cancelled: "cancelled()", always: "always()" };
    const seen = `{"status":"\${{ job.status }}","outcome":"\${{ steps.cancel.outcome }}","outputs":\${{ toJSON(steps.cancel.outputs) }}}`;
    const note = (name: string, condition: string, text: string): object => ({
      if: condition,
      run: `printf '%s' "$SEEN" > '${join(folder, `${name}.json`)}'`,
      env: { SEEN: text },
    });
    try {
      const done = await act((home) => {
        folder = home;
        const notes = Object.entries(conditions).map(([name, condition]) => note(name, condition, seen));
        const on = { "runs-on": "ubuntu-latest" };
        const needs = "stop";
        return {
          event: "push",
          workflow: {
            on: "push",
            jobs: {
              stop: { ...on, steps: [...steps(gitlab), ...notes] },
              after: { ...on, needs, if: "always()", steps: [note("after", "always()", "${{ needs.stop.result }}")] },
              needing: { ...on, needs, steps: [note("needing", "always()", "")] },
            },
          },
          secrets: { GITLAB_TOKEN: token },
          cancelled: cancelled(gitlab, home),
        };
      });
      const read = (name: string): string | undefined => {
        const path = join(folder, `${name}.json`);
        return existsSync(path) ? readFileSync(path, "utf8") : undefined;
      };
      const noted = Object.keys(conditions).flatMap((name) => {
        const text = read(name);
        return text === undefined ? [] : [[name, JSON.parse(text) as Noted] as const];
      });
      const needs = { stop: read("after"), hasRun: read("needing") !== undefined };
      return { ...done, gitlab, noted: Object.fromEntries(noted), needs };
    } finally {
      gitlab.close();
    }
  }
}

const never = new Promise(() => undefined);

/** gitlab-ci-local has no cancel of its own, so processes are sent what a runner sends, and the guard is told the word that it says. */
async function onGitLab(suite: Suite, checkout: string, local: GitlabCiLocal): Promise<void> {
  await suite.test(
    "gitlab-ci-local: the component's job is told to end while it waits; its outputs say so",
    async () => {
      const done = await pipeline(
        (include) => ({ include: [include("cancel", { "job-id": "4712", timeout: "60s" })] }),
        isWaiting,
      );
      const report = JSON.parse(done.file("cancel-run.json") ?? "{}") as Record<string, unknown>;
      assert.deepEqual([report["outcome"], report["cancelled"]], ["cancelling", 0]);
      const [run] = report["runs"] as Record<string, unknown>[];
      assert.equal(run?.["detail"], "interrupted before a look could confirm it");
      assert.match(done.file("cancel-run.env") ?? "", /^CANCEL_RUN_OUTCOME=cancelling$/m);
      assert.deepEqual(cancels(done.gitlab), [cancelOf(4712)]);
    },
  );

  for (const [when, status, expected] of [
    ["cancelled", "canceled", [cancelOf(4711)]],
    ["unsuccessful", "canceled", [cancelOf(4711)]],
    ["failed", "canceled", []],
    ["cancelled", "failed", []],
  ] as const)
    await suite.test(
      `gitlab-ci-local: a job whose script is told to end, and which is ${status}: a guard with when: ${when}`,
      async () => {
        const { output, gitlab } = await pipeline(
          (include, gitlab) => `
include: ${JSON.stringify([include("guard", { "id-input": "job-id", when })])}
deploy:
  extends: .cancel-on-abort
  script: ${JSON.stringify(["echo 4711 > .cancel-run-id", waitingStep(gitlab)])}
  after_script:
    - export CI_JOB_STATUS=${status} # https://docs.gitlab.com/ci/variables/predefined_variables/
    - !reference [.cancel-on-abort, after_script]
`,
          async (gitlab, folder) => {
            await isAtWaitingStep(gitlab);
            for (const pid of processesIn(folder, "/waiting") ?? []) process.kill(pid, "SIGTERM");
            await never;
          },
        );
        assert.deepEqual(cancels(gitlab), expected, output);
      },
    );

  type Include = (name: "cancel" | "guard", inputs: object) => object;

  async function pipeline(
    config: (include: Include, gitlab: GitLab) => object | string,
    terminated: (gitlab: GitLab, folder: string) => Promise<unknown>,
  ): Promise<Ran & { readonly gitlab: GitLab }> {
    const gitlab = await startGitLab(jobs);
    const bundle = readFileSync(join(checkout, "dist/index.js"));
    const files = await listen((_, response) => response.end(bundle));
    const include: Include = (name, inputs) => ({
      component: `$CI_SERVER_FQDN/$CI_PROJECT_PATH/${name}@$CI_COMMIT_SHA`,
      inputs: { provider: "gitlab", project, "bundle-url": `${files.url}/index.js`, ...inputs },
    });
    try {
      const ran = await local({
        origin: `${gitlab.url}/acme/cancel-run.git`,
        config: config(include, gitlab),
        variables: { CANCEL_RUN_TOKEN: token },
        terminated: (folder) => terminated(gitlab, folder),
        inPlace: true,
      });
      // The runner itself may be over before our program is.
      await until(() => processesIn(ran.folder, "")?.length === 0);
      return { ...ran, gitlab };
    } finally {
      gitlab.close();
      files.close();
    }
  }
}
