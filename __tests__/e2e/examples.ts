/** Every file under examples/, byte for byte as people copy it: secrets, and what stands for scripts of their own, come from outside. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { onGitHub, onGitLab } from "./as-written.ts";
import { publish } from "./publication.ts";
import { has } from "./shell.ts";
import type { Suite } from "./suite.ts";
import { ids, type Listed, startWorld } from "./world.ts";

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
    cancels: [/acme%2Fdeploy\/pipelines\/11\/cancel$/],
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
  const lacking = ["git", "curl", "jq"].filter((program) => !has(program));
  if (lacking.length > 0) {
    suite.skip("examples", `${lacking.join(", ")} not found`);
    return;
  }
  const publication = await publish(checkout, scratch);
  const runners = { github: await onGitHub(checkout, scratch), gitlab: onGitLab(checkout, scratch) };
  for (const [path, example] of Object.entries(examples)) {
    const runner = runners[path.split("/")[0] as keyof typeof runners];
    if (typeof runner !== "function") {
      suite.skip(`examples/${path}`, runner.why);
      continue;
    }
    const cases: Case[] = example.always
      ? [{ what: "cancels what it selects", fails: false }]
      : [
          { what: "fails, and cancels", fails: true, ...(example.says && { says: example.says }) },
          { what: "goes well, and cancels nothing", fails: false },
          // A runner is lost, which act cannot do: the guard's own post step is there no more.
          ...(example.layered ? [{ what: "cancels when its guard is taken out", fails: true, lost: true }] : []),
        ];
    for (const { what, fails, says, lost = false } of cases) {
      await suite.test(`examples/${path} ${what}`, async () => {
        const world = await startWorld({ checkout, scratch, publication }, example.listed);
        try {
          const written = readFileSync(join(folder, path), "utf8");
          const text = lost ? withoutGuard(written) : written;
          const { payload } = example;
          const done = await runner(world, basename(path), text, {
            scripts: scriptsOf(fails),
            ...(payload && { payload }),
          });
          assert.equal(done.code !== 0, fails, done.output);
          const expected = fails || example.always ? example.cancels : [];
          assert.equal(world.cancels.length, expected.length, `${world.cancels.join("\n")}\n${done.output}`);
          for (const cancel of expected)
            assert.ok(
              world.cancels.some((path) => cancel.test(path)),
              `${String(cancel)}\n${world.cancels.join("\n")}`,
            );
          if (says) assert.match(done.output, says);
          assert.deepEqual(world.missing, [], done.output);
          assert.doesNotMatch(done.output, /worldCanary/);
        } finally {
          world.close();
        }
      });
    }
  }
}

const withoutGuard = (text: string): string =>
  text.replace("when: unsuccessful", "when: cancelled").replace("extends: .cancel-on-abort", "after_script: [':']");

interface Case {
  readonly what: string;
  readonly fails: boolean;
  readonly says?: RegExp;
  readonly lost?: boolean;
}

/** What the examples' readers have of their own. */
function scriptsOf(fails: boolean): Record<string, string> {
  return {
    "wait-for-deploy.sh": `#!/bin/sh\nexit ${fails ? 1 : 0}\n`,
    "smoke-test.sh": `#!/bin/sh\nexit ${fails ? 1 : 0}\n`,
    "start-release.sh": `#!/bin/sh\necho ${ids.gorules}\n`,
  };
}
