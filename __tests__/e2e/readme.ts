/** The README's three first screens as they stand there: only the vendor's address and the place of our program are put in. */
import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { published } from "../../src/published.ts";
import { blocksOf } from "../support/markdown.ts";
import { provideAct } from "./act-runner.ts";
import { provideGitlabCiLocal } from "./gitlab-ci-local.ts";
import { listen, startGitLab, token } from "./servers.ts";
import { has, must, run } from "./shell.ts";
import type { Suite } from "./suite.ts";
import { secrets, startWorld, type World } from "./world.ts";

const listedRun = { id: 9876543210, branch: "main", event: "push", began: 1 };
const cancelOfRun = ["POST /api/v3/repos/octo-org/deploy/actions/runs/9876543210/cancel"];

export async function readmeTests(suite: Suite, checkout: string, scratch: string): Promise<void> {
  const readme = readFileSync(join(checkout, "README.md"), "utf8");
  const screen = (heading: string, language = "yaml"): string => {
    const block = blocksOf(readme, language).find((one) => one.heading === heading);
    assert.ok(block, `README.md has no ${language} below "${heading}"`);
    return block.text;
  };

  const act = await provideAct(checkout, scratch);
  if (typeof act !== "function") suite.skip("README on GitHub", act.why);
  else
    await suite.test("README: the step for GitHub stops the job that its address names", async () => {
      const job = { status: "running", cancelled: ["canceling", "canceled"] } as const;
      const gitlab = await startGitLab({ "4711": job }, "platform/deploy");
      try {
        const steps = parse(screen("GitHub Actions").replaceAll("https://gitlab.com", gitlab.url)) as Step[];
        const [step] = steps;
        assert.ok(step?.with, "it is a step with inputs");
        step.with["server-url"] = gitlab.url;
        const jobs = { stop: { "runs-on": "ubuntu-latest", steps } };
        const done = await act(() => ({
          event: "push",
          workflow: { on: "push", jobs },
          secrets: { GITLAB_TOKEN: token },
        }));
        assert.equal(done.code, 0, done.output);
        const cancels = gitlab.requests.filter((request) => request.startsWith("POST "));
        assert.deepEqual(cancels, ["POST /api/v4/projects/platform%2Fdeploy/jobs/4711/cancel"], done.output);
      } finally {
        gitlab.close();
      }
    });

  const local = provideGitlabCiLocal(checkout, scratch);
  if (typeof local !== "function") suite.skip("README on GitLab", local.why);
  else
    for (const [what, exit, expected] of [
      ["fails, and the run is cancelled", 1, cancelOfRun],
      ["goes well, and nothing is sent", 0, []],
    ] as const)
      await suite.test(`README: the smoke test of the pipeline for GitLab ${what}`, () =>
        inWorld(async (world) => {
          const config = parse(screen("GitLab CI/CD").replaceAll("https://github.com", world.url)) as Pipeline;
          const files = await listen((__, response) => response.end(readFileSync(join(checkout, "dist/index.js"))));
          try {
            for (const include of config.include) {
              const here = include.component.replace(`${published.gitlab}/`, "$CI_SERVER_FQDN/$CI_PROJECT_PATH/");
              include.component = here.replace(/@1$/, "@$CI_COMMIT_SHA");
              Object.assign(include.inputs, {
                "bundle-url": `${files.url}/{ref}/dist/index.js`,
                // An address on github.com says this by itself.
                provider: "github",
                "server-url": world.url,
              });
            }
            const done = await local({
              origin: "https://gitlab.com/acme/cancel-run.git",
              config,
              files: { "smoke-test.sh": `#!/bin/sh\nexit ${exit}\n` },
              variables: { GITHUB_TOKEN: secrets.DEPLOY_TOKEN, GH_ENTERPRISE_TOKEN: secrets.DEPLOY_TOKEN },
            });
            assert.deepEqual(world.cancels, expected, done.output);
            assert.equal(done.code === 0, exit === 0, done.output);
          } finally {
            files.close();
          }
        }),
      );

  if (!has("npm")) suite.skip("README in a terminal", "npm not found");
  else
    await suite.test("README: the command, from the package as it is published, stops the run", () =>
      inWorld(async (world) => {
        const folder = join(scratch, "terminal");
        mkdirSync(folder);
        const env = { HOME: folder, npm_config_offline: "true", npm_config_update_notifier: "false" };
        const packed = await must("npm", ["pack", "--json", "--pack-destination", folder, checkout], {
          cwd: folder,
          env,
        });
        const [{ filename }] = JSON.parse(/^\[.*^\]/ms.exec(packed)?.[0] ?? "[{}]") as [{ filename: string }];
        const command = screen("Terminal", "sh")
          .trim()
          .replace("npx cancel-run@1", `npx --yes --package=${join(folder, filename)} cancel-run`)
          .replace("https://github.com", world.url);
        const asked = `${command} --provider github --server-url ${world.url}`;
        const done = await run("sh", ["-c", asked], {
          cwd: folder,
          env: { ...env, CANCEL_RUN_TOKEN: secrets.DEPLOY_TOKEN },
        });
        assert.equal(done.code, 0, done.output);
        assert.deepEqual(world.cancels, cancelOfRun, done.output);
      }),
    );
}

interface Step {
  uses: string;
  with?: Record<string, unknown>;
}

interface Pipeline {
  include: { component: string; inputs: Record<string, unknown> }[];
}

async function inWorld(body: (world: World) => Promise<void>): Promise<void> {
  const world = await startWorld({ github: [listedRun] });
  try {
    await body(world);
  } finally {
    world.close();
  }
}
