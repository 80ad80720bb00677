/** A job that fails and takes along what it has started: the component `guard` run by gitlab-ci-local, the action's `when` by act. */
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { type Act, provideAct } from "./act-runner.ts";
import { type GitlabCiLocal, provideGitlabCiLocal, type Ran } from "./gitlab-ci-local.ts";
import { type Node, nodes } from "./nodes.ts";
import { type GitLab, jobs, listen, project, startGitLab, token } from "./servers.ts";
import { type Finished, searchPath } from "./shell.ts";
import type { Suite } from "./suite.ts";
import { published } from "../../src/published.ts";

type Inputs = Readonly<Record<string, unknown>>;

interface Guarded {
  readonly kind?: "component" | "include";
  readonly inputs?: Inputs;
  /** The job `deploy`, beside what it extends; as YAML where it needs `!reference`. */
  readonly job: object | string;
  readonly rest?: object;
  readonly bundle?: Buffer;
}

const started = (job = "4711"): string => `echo ${job} > .cancel-run-id`;
const cancelOf = (job: string): string => `POST /api/v4/projects/${encodeURIComponent(project)}/jobs/${job}/cancel`;
const cancels = ({ requests }: GitLab): readonly string[] => requests.filter((request) => request.startsWith("POST "));

export async function guardTests(suite: Suite, checkout: string, scratch: string): Promise<void> {
  const local = provideGitlabCiLocal(checkout, scratch);
  if (typeof local === "function") await onGitLab(suite, checkout, scratch, local);
  else suite.skip("guard in gitlab-ci-local", local.why);
  const act = await provideAct(checkout, scratch);
  if (typeof act === "function") await onGitHub(suite, act);
  else suite.skip("guard in act", act.why);
}

async function onGitLab(suite: Suite, checkout: string, scratch: string, local: GitlabCiLocal): Promise<void> {
  const bundle = readFileSync(join(checkout, "dist/index.js"));

  for (const kind of ["component", "include"] as const) {
    const name = kind === "component" ? "the component" : "the plain template";

    for (const node of nodes)
      await suite.test(
        `gitlab-ci-local: ${name} guard cancels what a job that fails has started, on Node.js ${node.version}`,
        async () => {
          const done = await pipeline({ kind, job: { script: [started(), "node --version", "exit 1"] } }, node);
          assert.match(done.output, new RegExp(`^deploy +> v${node.version}`, "m"));
          assert.notEqual(done.code, 0, done.output);
          assert.deepEqual(cancels(done.gitlab), [cancelOf("4711")], done.output);
          assert.deepEqual(done.downloads, [`/${kind === "component" ? done.commit : "v9.9.9"}/dist/index.js`]);
          assert.match(done.output, /gitlab job 4711 \(deploy-prod\): cancelled/);
        },
      );

    await suite.test(`gitlab-ci-local: ${name} guard refuses a program with another checksum`, async () => {
      const tampered = Buffer.concat([bundle, Buffer.from(`\nconsole.log("it ran");\n`)]);
      const done = await pipeline({ kind, job: { script: [started(), "exit 1"] }, bundle: tampered });
      assert.match(done.output, /is not the program of this template: its sha256 is [0-9a-f]{64}, not [0-9a-f]{64}/);
      assert.doesNotMatch(done.output, /> it ran/);
      assert.deepEqual(done.gitlab.requests, []);
    });
  }

  await suite.test("gitlab-ci-local: on a job that goes well nothing is fetched, sent or printed", async () => {
    const done = await pipeline({ job: { script: [started()] } });
    assert.equal(done.code, 0, done.output);
    assert.deepEqual([done.downloads, done.gitlab.requests], [[], []]);
    assert.doesNotMatch(done.output, /^deploy +> /m, done.output);
  });

  for (const [name, script] of Object.entries({ "not there": "true", empty: "touch .cancel-run-id" })) {
    await suite.test(`gitlab-ci-local: a file that is ${name} means that nothing was started`, async () => {
      const done = await pipeline({ job: { script: [script, "exit 1"] } });
      assert.deepEqual([done.downloads, done.gitlab.requests], [[], []]);
      assert.match(done.output, /> cancel-run: nothing to cancel: \.cancel-run-id is empty or not there, so what/);
    });
  }

  await suite.test("gitlab-ci-local: when: cancelled lets a job that fails alone", async () => {
    const done = await pipeline({ inputs: { when: "cancelled" }, job: { script: [started(), "exit 1"] } });
    assert.deepEqual([done.downloads, done.gitlab.requests], [[], []]);
    assert.doesNotMatch(done.output, /^deploy +> /m, done.output);
  });

  await suite.test("gitlab-ci-local: the file may hold several ids, and the page of a run", async () => {
    const two = await pipeline({ job: { script: ["printf '4711\\n4714\\n' > .cancel-run-id", "exit 1"] } });
    assert.deepEqual(cancels(two.gitlab), [cancelOf("4711")], two.output);
    assert.match(two.output, /gitlab job 4714 .*had already finished/);
    const page = await pipeline({
      inputs: { provider: "", project: "", "id-input": "url", "id-file": "$FILE_OF_MINE" },
      job: {
        variables: { FILE_OF_MINE: "started.txt" },
        script: [`echo "$CI_SERVER_URL/${project}/-/jobs/4711" > started.txt`, "exit 1"],
      },
    });
    assert.deepEqual(cancels(page.gitlab), [cancelOf("4711")], page.output);
  });

  await suite.test("gitlab-ci-local: the file may hold ids by name, and a variable names no other file", async () => {
    const done = await pipeline({
      inputs: { project: "", ids: `project: ${project}`, "id-input": "ids" },
      job: { variables: { CANCEL_RUN_ID_FILE: "other" }, script: ["echo 'job-id: 4711' > .cancel-run-id", "exit 1"] },
    });
    assert.deepEqual(cancels(done.gitlab), [cancelOf("4711")], done.output);
  });

  await suite.test("gitlab-ci-local: a variable of an earlier job may hold the id", async () => {
    const done = await pipeline({
      inputs: { "id-variable": "DEPLOY_JOB" },
      job: { needs: ["start"], script: ["exit 1"] },
      rest: {
        start: { script: ["echo DEPLOY_JOB=4711 > d.env"], artifacts: { reports: { dotenv: "d.env" } } },
      },
    });
    assert.deepEqual(cancels(done.gitlab), [cancelOf("4711")], done.output);
  });

  await suite.test(
    "gitlab-ci-local: the job keeps its variables, and gets none; the pipeline's are no inputs",
    async () => {
      const done = await pipeline({
        inputs: { reason: 'it\'s "over" in $WHERE, ${WHERE}, $$5 `date` $(date)' },
        job: {
          variables: { WHERE: "here", CANCEL_RUN_TIMEOUT: "mine" },
          script: ["env | grep '^CANCEL_RUN_' | grep -v TOKEN", started(), "exit 1"],
        },
        rest: { variables: { CANCEL_RUN_DRY_RUN: "true", CANCEL_RUN_URL: "https://gitlab.example.com/a/b/-/jobs/1" } },
      });
      assert.deepEqual([...done.output.matchAll(/^deploy +> (CANCEL_RUN_\w+)=/gm)].map(([, name]) => name).sort(), [
        "CANCEL_RUN_DRY_RUN",
        "CANCEL_RUN_TIMEOUT",
        "CANCEL_RUN_URL",
      ]);
      assert.deepEqual(cancels(done.gitlab), [cancelOf("4711")], done.output);
      const report = JSON.parse(done.file("cancel-run.json") ?? "{}") as { runs: { reason: string }[] };
      assert.equal(report.runs[0]?.reason, 'it\'s "over" in here, here, $5 `date` $(date)');
    },
  );

  await suite.test(
    "gitlab-ci-local: an after_script of the job's own goes on after a guard that could do nothing",
    async () => {
      const done = await pipeline({
        job: `
  script: ["${started("4713")}", "exit 1"]
  after_script:
    - !reference [.cancel-on-abort, after_script]
    - echo "cleaned up"`,
      });
      assert.match(done.output, /refused: 403/, done.output);
      assert.match(done.output, /^deploy +> cleaned up/m, done.output);
    },
  );

  await suite.test("gitlab-ci-local: an image without a Node.js that is new enough is named", async () => {
    const old = join(scratch, "old-node");
    mkdirSync(old);
    const node = `#!/bin/sh\n[ "$1" = --version ] && echo v16.20.2\n[ "$1" = --version ]\n`;
    writeFileSync(join(old, "node"), node, { mode: 0o755 });
    const done = await pipeline({
      job: { variables: { PATH: [old, searchPath].join(delimiter) }, script: [started(), "exit 1"] },
    });
    assert.match(done.output, /> cancel-run: nothing was cancelled: this job's image needs Node\.js .*, and has v16/);
    assert.deepEqual(done.gitlab.requests, []);
  });

  const bad = {
    "an input that is no id": [{ "id-input": "token" }, /`id-input` input: .* does not match required regex/],
    "a time that is none": [{ when: "now" }, /`when` input: `now` cannot be used/],
    "a job that would run": [{ "job-name": "deploy" }, /`job-name` input: .* does not match required regex/],
    "a reason of two lines": [{ reason: "a\nend of cancel-run" }, /`reason` input: .* does not match required regex/s],
  } as const;
  for (const [name, [inputs, message]] of Object.entries(bad)) {
    await suite.test(`gitlab-ci-local: ${name} is refused before a guarded job runs`, async () => {
      const done = await pipeline({ inputs, job: { script: ["true"] } });
      assert.notEqual(done.code, 0, done.output);
      assert.match(done.output, message);
    });
  }

  async function pipeline(
    given: Guarded,
    node?: Node,
  ): Promise<Ran & { gitlab: GitLab; downloads: readonly string[] }> {
    const { kind = "component", inputs, job, rest, bundle: served = bundle } = given;
    const downloads: string[] = [];
    const files = await listen((request, response) => {
      downloads.push(request.url ?? "");
      response.end(served);
    });
    const gitlab = await startGitLab(jobs);
    const include = {
      ...(kind === "component"
        ? { component: "$CI_SERVER_FQDN/$CI_PROJECT_PATH/guard@$CI_COMMIT_SHA" }
        : { local: "templates/guard/include.yml" }),
      inputs: {
        ...{ provider: "gitlab", project, "id-input": "job-id", "bundle-url": `${files.url}/{ref}/dist/index.js` },
        ...(kind === "include" && { "bundle-ref": "v9.9.9" }),
        ...inputs,
      },
    };
    const head = `include: ${JSON.stringify([include])}\n`;
    try {
      const ran = await local(
        {
          origin: `${gitlab.url}/acme/cancel-run.git`,
          config:
            typeof job === "string"
              ? `${head}deploy:${job}\n`
              : { include: [include], deploy: { extends: ".cancel-on-abort", ...job }, ...rest },
          variables: { CANCEL_RUN_TOKEN: token },
          inPlace: true,
        },
        node,
      );
      assert.ok(!ran.output.includes(token), "the token is in the log");
      return { ...ran, gitlab, downloads };
    } finally {
      gitlab.close();
      files.close();
    }
  }
}

async function onGitHub(suite: Suite, act: Act): Promise<void> {
  const start = { id: "deploy", run: 'echo "job-id=4711" >> "$GITHUB_OUTPUT"' };

  await suite.test(
    "act: a guard before the step that starts the deployment cancels it when a later step fails",
    async () => {
      const done = await job([start, { run: "exit 1" }]);
      assert.notEqual(done.code, 0, done.output);
      assert.match(done.output, /armed: acts at the end of this job/);
      assert.match(done.output, /gitlab job 4711 \(deploy-prod\): cancelled/);
      assert.deepEqual(cancels(done.gitlab), [cancelOf("4711")]);
      assert.match(done.output, /ended as failure/, "the reason is read at the end");
    },
  );

  await suite.test("act: a guard on a job that goes well has no step at its end", async () => {
    const done = await job([start]);
    assert.equal(done.code, 0, done.output);
    assert.doesNotMatch(done.output, /Run Post/);
    assert.deepEqual(done.gitlab.requests, []);
  });

  await suite.test("act: a guard whose deployment has not started says so", async () => {
    const done = await job([{ run: "exit 1" }, start]);
    assert.match(done.output, /nothing to cancel: .* is empty, so what this job guards has not started/);
    assert.deepEqual(done.gitlab.requests, []);
  });

  await suite.test("act: a guard for cancelled jobs lets one that fails alone", async () => {
    const done = await job([start, { run: "exit 1" }], { when: "cancelled" });
    assert.deepEqual(done.gitlab.requests, []);
  });

  await suite.test("act: when: now is over when the step is", async () => {
    const done = await job([{ run: "exit 1" }], { when: "now", "job-id": "4711" });
    assert.deepEqual(cancels(done.gitlab), [cancelOf("4711")]);
    assert.doesNotMatch(done.output.split("Run Post")[1] ?? "|", /\|/, done.output);
  });

  async function job(steps: readonly object[], inputs: Inputs = {}): Promise<Finished & { gitlab: GitLab }> {
    const gitlab = await startGitLab(jobs);
    const guard = {
      uses: `${published.github}@v1`,
      with: {
        ...{ when: "unsuccessful", provider: "gitlab", project, "job-id": "${{ steps.deploy.outputs.job-id }}" },
        ...{ "server-url": gitlab.url, token: "${{ secrets.GITLAB_TOKEN }}", reason: "ended as ${{ job.status }}" },
        ...inputs,
      },
    };
    try {
      const finished = await act(() => ({
        event: "push",
        workflow: { on: "push", jobs: { test: { "runs-on": "ubuntu-latest", steps: [guard, ...steps] } } },
        secrets: { GITLAB_TOKEN: token },
      }));
      return { ...finished, gitlab };
    } finally {
      gitlab.close();
    }
  }
}
