/** Every file under examples/, as people copy it: only the owner, the vendors' addresses and what stands for their own scripts are put in. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { provideAct } from "./act-runner.ts";
import { provideGitlabCiLocal } from "./gitlab-ci-local.ts";
import { listen } from "./servers.ts";
import { type Finished, has } from "./shell.ts";
import type { Suite } from "./suite.ts";
import { ids, type Listed, secrets, startWorld, type World } from "./world.ts";
import { published } from "../../src/published.ts";

interface Example {
  /** What is cancelled when `wait-for-deploy.sh` and `smoke-test.sh` fail; nothing is when they do not. */
  readonly cancels: readonly RegExp[];
  /** Scripts that fail make no difference: what it selects is there in any case. */
  readonly always?: true;
  readonly listed?: Listed;
  readonly payload?: object;
  /** In the log, when the scripts fail. */
  readonly says?: RegExp;
  /** It cancels without its guard too. */
  readonly layered?: true;
}

const own = { branch: "main", began: 30 };
const push = { ...own, event: "push" };

const examples: Readonly<Record<string, Example>> = {
  "github/to-gitlab.yml": { cancels: [/platform%2Fdeploy\/pipelines\/1215\/cancel$/] },
  "github/to-github.yml": { cancels: [/octo-org\/deploy\/actions\/runs\/9876543210\/cancel$/] },
  "github/to-gorules.yml": { cancels: [new RegExp(`/runs/${ids.gorules}/cancel$`)] },
  "github/to-codearts.yml": { cancels: [new RegExp(`/pipeline-runs/${ids.codearts}/stop$`)] },
  "github/second-layer.yml": {
    cancels: [/platform%2Fdeploy\/pipelines\/1215\/cancel$/],
    layered: true,
    says: /abort *\].*1215.* had already finished: cancelled/,
  },
  "github/watcher.yml": {
    always: true,
    cancels: [/octo-org\/deploy\/actions\/runs\/11\/cancel$/],
    payload: {
      workflow_run: { id: 77, conclusion: "cancelled", html_url: "https://github.com/acme/deploy/actions/runs/77" },
    },
    listed: {
      github: [
        { id: 11, branch: "main", event: "workflow_dispatch", began: 1, jobs: { "deploy for 77": "in_progress" } },
        { id: 12, branch: "main", event: "workflow_dispatch", began: 2, jobs: { "deploy for 78": "in_progress" } },
        { id: 13, branch: "main", event: "push", began: 3, jobs: { "deploy for 77": "in_progress" } },
      ],
    },
  },
  "github/superseded.yml": {
    always: true,
    cancels: [/acme\/deploy\/actions\/runs\/11\/cancel$/],
    listed: {
      github: [
        { ...push, id: 11, began: 1 },
        { ...push, id: 13, began: 3, branch: "other" },
        { ...push, id: 14, began: 4, fork: true },
        { ...push, id: 1 },
        { ...push, id: 15, began: 40 },
      ],
    },
  },
  "github/pull-request-closed.yml": {
    always: true,
    cancels: [/acme\/deploy\/actions\/runs\/11\/cancel$/],
    payload: { number: 12, action: "closed", pull_request: { number: 12 } },
    listed: {
      github: [
        { ...push, id: 11, branch: "patch-1", event: "pull_request", fork: true },
        { ...push, id: 12, branch: "patch-1", event: "pull_request" },
        { ...push, id: 13, branch: "patch-1", fork: true },
      ],
    },
  },
  "gitlab/to-gitlab.yml": { cancels: [/platform%2Fdeploy\/pipelines\/1215\/cancel$/] },
  "gitlab/to-github.yml": { cancels: [/octo-org\/deploy\/actions\/runs\/9876543210\/cancel$/] },
  "gitlab/to-gorules.yml": { cancels: [new RegExp(`/runs/${ids.gorules}/cancel$`)] },
  "gitlab/to-codearts.yml": { cancels: [new RegExp(`/pipeline-runs/${ids.codearts}/stop$`)] },
  "gitlab/second-layer.yml": {
    cancels: [/platform%2Fdeploy\/pipelines\/1215\/cancel$/],
    layered: true,
    says: /^cancel-run +> .*1215.* had already finished: cancelled/m,
  },
  "gitlab/superseded.yml": {
    always: true,
    cancels: [/acme%2Fcancel-run\/pipelines\/11\/cancel$/],
    listed: {
      gitlab: [
        { ...own, id: 11, began: 1 },
        { ...own, id: 13, began: 3, branch: "other" },
        { ...own, id: 900 },
        { ...own, id: 15, began: 40 },
      ],
    },
  },
};

export async function exampleTests(suite: Suite, checkout: string, scratch: string): Promise<void> {
  const folder = join(checkout, "examples");
  const paths = readdirSync(folder).flatMap((host) => readdirSync(join(folder, host)).map((name) => `${host}/${name}`));
  await suite.test("every example is run here", () => {
    assert.deepEqual(paths.sort(), Object.keys(examples).sort());
  });
  const lacking = ["curl", "jq"].filter((program) => !has(program));
  const runners = { github: await onGitHub(checkout, scratch), gitlab: onGitLab(checkout, scratch) };
  for (const [path, example] of Object.entries(examples)) {
    const runner = runners[path.split("/")[0] as keyof typeof runners];
    if (typeof runner !== "function" || lacking.length > 0) {
      suite.skip(`examples/${path}`, typeof runner === "function" ? `${lacking.join(", ")} not found` : runner.why);
      continue;
    }
    const text = readFileSync(join(folder, path), "utf8");
    const withoutGuard = text
      .replace("when: unsuccessful", "when: cancelled")
      .replace("extends: .cancel-on-abort", "after_script: [':']");
    const lost: Case = ["cancels when its guard does not", true, withoutGuard];
    const cases: Case[] = example.always
      ? [["cancels what it selects", false, text]]
      : [
          ["fails, and cancels", true, text, example.says],
          ["goes well, and cancels nothing", false, text],
          ...(example.layered ? [lost] : []),
        ];
    for (const [what, fails, content, says] of cases) {
      await suite.test(`examples/${path} ${what}`, async () => {
        const world = await startWorld(example.listed);
        try {
          const done = await runner(content, example, world, scriptsOf(fails));
          assert.equal(done.code !== 0, fails, done.output);
          const expected = fails || example.always ? example.cancels : [];
          assert.equal(world.cancels.length, expected.length, `${world.cancels.join("\n")}\n${done.output}`);
          for (const cancel of expected)
            assert.ok(
              world.cancels.some((path) => cancel.test(path)),
              `${String(cancel)}\n${world.cancels.join("\n")}`,
            );
          if (says) assert.match(done.output, says);
          assert.doesNotMatch(done.output, /worldCanary/);
        } finally {
          world.close();
        }
      });
    }
  }
}

type Case = readonly [what: string, fails: boolean, text: string, says?: RegExp | undefined];

/** What the examples' readers have of their own. */
function scriptsOf(fails: boolean): Record<string, string> {
  return {
    "wait-for-deploy.sh": `#!/bin/sh\nexit ${fails ? 1 : 0}\n`,
    "smoke-test.sh": `#!/bin/sh\nexit ${fails ? 1 : 0}\n`,
    "start-release.sh": `#!/bin/sh\necho ${ids.gorules}\n`,
  };
}

const vendors =
  /https:\/\/(?:gitlab\.example\.com|acme\.us1\.gorules\.io|cloudpipeline-ext\.cn-north-4\.myhuaweicloud\.com)/g;
const here = (text: string, world: World): string =>
  text.replaceAll(vendors, world.url).replaceAll("https://api.github.com", `${world.url}/api/v3`);

type Runner = (text: string, example: Example, world: World, scripts: Record<string, string>) => Promise<Finished>;

async function onGitHub(checkout: string, scratch: string): Promise<Runner | { readonly why: string }> {
  const act = await provideAct(checkout, scratch);
  if (typeof act !== "function") return act;
  interface Step {
    uses?: string;
    with?: Record<string, unknown>;
    run?: string;
    env?: Record<string, unknown>;
  }
  interface Workflow {
    on: Record<string, unknown>;
    jobs: Record<string, { steps: Step[] }>;
  }
  return async (text, { payload = {} }, world, scripts) => {
    const workflow = parse(here(text, world)) as Workflow;
    const steps = Object.values(workflow.jobs).flatMap((job) => job.steps);
    for (const step of steps.filter(({ uses }) => uses?.startsWith("actions/create-github-app-token@"))) {
      delete step.uses;
      delete step.with;
      step.run = 'echo "token=$TOKEN" >> "$GITHUB_OUTPUT"';
      step.env = { TOKEN: "${{ secrets.DEPLOY_TOKEN }}" };
    }
    for (const { uses, with: inputs } of steps) {
      if (!inputs || !uses?.startsWith(`${published.github}@`)) continue;
      // act reads the default of an input once, before the job; the runner reads it again at the end.
      inputs["job-status"] = "${{ job.status }}";
      if (inputs["provider"] === "codearts") inputs["server-url"] = world.url;
    }
    const [event = ""] = Object.keys(workflow.on);
    return await act(() => ({
      event,
      payload,
      workflow: { ...workflow, on: event === "push" ? "push" : workflow.on },
      files: scripts,
      secrets,
      env: { GITHUB_SERVER_URL: world.url, GITHUB_API_URL: `${world.url}/api/v3` },
    }));
  };
}

function onGitLab(checkout: string, scratch: string): Runner | { readonly why: string } {
  const local = provideGitlabCiLocal(checkout, scratch);
  if (typeof local !== "function") return local;
  const bundle = readFileSync(join(checkout, "dist/index.js"));
  interface Config {
    include: { component: string; inputs: Record<string, unknown> }[];
  }
  return async (text, _, world, scripts) => {
    const config = parse(here(text, world)) as Config;
    const files = await listen((__, response) => response.end(bundle));
    try {
      for (const include of config.include) {
        const { component, inputs } = include;
        include.component = component
          .replace(`${published.gitlab}/`, "$CI_SERVER_FQDN/$CI_PROJECT_PATH/")
          .replace(/@1$/, "@$CI_COMMIT_SHA");
        inputs["bundle-url"] = `${files.url}/{ref}/dist/index.js`;
        if (["codearts", "github"].includes(inputs["provider"] as string)) inputs["server-url"] = world.url;
      }
      return await local({
        origin: `${world.url}/acme/cancel-run.git`,
        config,
        files: scripts,
        variables: {
          ...{ CI_API_V4_URL: `${world.url}/api/v4`, CI_PIPELINE_ID: "900", CI_DEFAULT_BRANCH: "trunk" },
          ...{
            GITLAB_TOKEN: secrets.GITLAB_TOKEN,
            GITHUB_TOKEN: secrets.DEPLOY_TOKEN,
            GH_ENTERPRISE_TOKEN: secrets.DEPLOY_TOKEN,
          },
          ...{ GORULES_TOKEN: secrets.GORULES_TOKEN, HW_AUTH_TOKEN: secrets.HUAWEICLOUD_TOKEN },
        },
        inPlace: true,
      });
    } finally {
      files.close();
    }
  };
}
