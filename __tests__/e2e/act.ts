/** The action as people use it, run by act on this machine itself: https://github.com/nektos/act */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { provideAct } from "./act-runner.ts";
import { type Node, nodes } from "./nodes.ts";
import { type GitLab, jobs, project, startGitLab, token } from "./servers.ts";
import type { Finished } from "./shell.ts";
import type { Suite } from "./suite.ts";
import { published } from "../../src/published.ts";

const ownToken = "ghs_e2eCanary0123456789";

type Inputs = Readonly<Record<string, string>>;

interface Done extends Finished {
  readonly gitlab: GitLab;
  /** `steps.cancel` after the step, undefined when the next one did not run. */
  readonly step: { readonly outcome: string; readonly outputs: Readonly<Record<string, string>> } | undefined;
}

export async function actTests(suite: Suite, checkout: string, scratch: string): Promise<void> {
  const provided = await provideAct(checkout, scratch);
  if (typeof provided !== "function") {
    suite.skip("act", provided.why);
    return;
  }
  const act = provided;

  for (const node of nodes)
    await suite.test(
      `act: the action stops a job, and the next step has the outputs, on Node.js ${node.version}`,
      async () => {
        const done = await workflow({ ...named("4711"), reason: `it's "over": #1` }, node);
        assert.match(done.output, new RegExp(`\\| v${node.version}$`, "m"));
        assert.equal(done.code, 0, done.output);
        assert.equal(done.step?.outcome, "success");
        const { runs = "", ...outputs } = done.step.outputs;
        const url = `${done.gitlab.url}/${project}/-/jobs/4711`;
        assert.deepEqual(outputs, { outcome: "cancelled", cancelled: "1", state: "cancelled", url });
        const records = JSON.parse(runs) as Record<string, unknown>[];
        assert.deepEqual(
          records.map(({ provider, target, outcome, reason }) => ({ provider, target, outcome, reason })),
          [{ provider: "gitlab", target: "job", outcome: "cancelled", reason: `it's "over": #1` }],
        );
        assert.equal(done.gitlab.requests.filter((request) => request.startsWith("POST ")).length, 1);
      },
    );

  await suite.test("act: a job is named by its page", async () => {
    const done = await workflow((gitlab) => ({
      url: `${gitlab.url}/${project}/-/jobs/4711`,
      "server-url": gitlab.url,
      token: named("").token,
    }));
    assert.equal(done.code, 0, done.output);
    assert.equal(done.step?.outputs["outcome"], "cancelled");
  });

  await suite.test("act: a job that is already over is a success", async () => {
    const done = await workflow(named("4714"));
    assert.equal(done.code, 0, done.output);
    assert.deepEqual(
      [done.step?.outcome, done.step?.outputs["outcome"], done.step?.outputs["state"]],
      ["success", "already-finished", "succeeded"],
    );
  });

  await suite.test("act: a run that did not stop fails the step, which has its outputs", async () => {
    const done = await workflow({ ...named("4712"), timeout: "3s" });
    assert.notEqual(done.code, 0, done.output);
    assert.equal(done.step?.outcome, "failure");
    assert.equal(done.step.outputs["outcome"], "still-running");
    assert.match(done.output, /exit status 3$/m, done.output);
  });

  await suite.test("act: a refused cancel fails the step, which has its outputs", async () => {
    const done = await workflow(named("4713"));
    assert.notEqual(done.code, 0, done.output);
    assert.equal(done.step?.outcome, "failure");
    assert.equal(done.step.outputs["outcome"], "refused");
    assert.match(done.output, /exit status 4$/m, done.output);
  });

  await suite.test("act: the job's own token goes to no other server", async () => {
    const { token: _, ...inputs } = named("4711");
    const done = await workflow(inputs);
    assert.notEqual(done.code, 0, done.output);
    assert.deepEqual(
      done.gitlab.headers.filter((value) => value.includes(ownToken)),
      [],
    );
  });

  async function workflow(inputs: Inputs | ((gitlab: GitLab) => Inputs), node?: Node): Promise<Done> {
    const gitlab = await startGitLab(jobs);
    try {
      let result = "";
      const given = typeof inputs === "function" ? inputs(gitlab) : { "server-url": gitlab.url, ...inputs };
      const finished = await act((folder) => {
        result = join(folder, "result.json");
        return {
          event: "push",
          workflow: {
            on: "push",
            jobs: {
              test: {
                "runs-on": "ubuntu-latest",
                steps: [
                  // What `using: node24` finds in PATH here.
                  { run: "node --version" },
                  { id: "cancel", uses: `${published.github}@v1`, with: given },
                  {
                    if: "always()",
                    run: `printf '{"outcome":"%s","outputs":%s}' "$OUTCOME" "$OUTPUTS" > '${result}'`,
                    env: { OUTCOME: "${{ steps.cancel.outcome }}", OUTPUTS: "${{ toJSON(steps.cancel.outputs) }}" },
                  },
                ],
              },
            },
          },
          secrets: { GITLAB_TOKEN: token, GITHUB_TOKEN: ownToken },
        };
      }, node);
      return {
        ...finished,
        gitlab,
        step: existsSync(result) ? (JSON.parse(readFileSync(result, "utf8")) as Done["step"]) : undefined,
      };
    } finally {
      gitlab.close();
    }
  }
}

function named(job: string): { provider: string; project: string; "job-id": string; token: string } {
  return { provider: "gitlab", project, "job-id": job, token: "${{ secrets.GITLAB_TOKEN }}" };
}
