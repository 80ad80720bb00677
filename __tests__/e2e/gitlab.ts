/** The templates as people include them, run by gitlab-ci-local: https://github.com/firecow/gitlab-ci-local */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { provideGitlabCiLocal, type Ran } from "./gitlab-ci-local.ts";
import { type Node, nodes } from "./nodes.ts";
import { type GitLab, jobs, listen, project, startGitLab, token } from "./servers.ts";
import { type Finished, run } from "./shell.ts";
import type { Suite } from "./suite.ts";

const kinds = ["component", "include"] as const;

interface Pipeline {
  readonly kind: (typeof kinds)[number];
  /** Of the template; `bundle-url` is always given. */
  readonly inputs: Readonly<Record<string, unknown>>;
  /** The rest of .gitlab-ci.yml, beside a later job that shows what it gets. */
  readonly rest?: Readonly<Record<string, unknown>>;
  /** Not the program of the checkout, but this one. */
  readonly bundle?: Buffer;
  /** Not from a server, but this. */
  readonly bundleUrl?: string;
}

interface Outcome extends Ran {
  readonly gitlab: GitLab;
  readonly downloads: readonly string[];
  /** What the later job printed, `NAME=value` a line. */
  readonly later: Readonly<Record<string, string>>;
}

const stopped = { OUTCOME: "cancelled", CANCELLED: "1", STATE: "cancelled" };

/** Leaves what a cancel job before ours leaves. */
const earlier = {
  stage: "build",
  script: ["cp outputs.env cancel-run.env"],
  artifacts: { reports: { dotenv: "cancel-run.env" }, paths: ["cancel-run.env"] },
};

export async function gitlabTests(suite: Suite, checkout: string, scratch: string): Promise<void> {
  const provided = provideGitlabCiLocal(checkout, scratch);
  if (typeof provided !== "function") {
    suite.skip("gitlab-ci-local", provided.why);
    return;
  }
  const local = provided;
  const bundle = readFileSync(join(checkout, "dist/index.js"));

  for (const kind of kinds) {
    const name = kind === "component" ? "the component" : "the plain template";

    for (const node of nodes)
      await suite.test(
        `gitlab-ci-local: ${name} stops a job, and a later job has the outputs, on Node.js ${node.version}`,
        async () => {
          const inputs = named("4711", { reason: `it's "over": #1 $CI_COMMIT_SHA` });
          const version = { stage: "build", script: ["node --version"] };
          const done = await pipeline({ kind, inputs, rest: { version } }, node);
          assert.match(done.output, new RegExp(`^version +> v${node.version}`, "m"));
          assert.equal(done.code, 0, done.output);
          assert.deepEqual(done.later, { ...stopped, PAGE: `${done.gitlab.url}/${project}/-/jobs/4711` });
          assert.equal(done.gitlab.requests.filter((request) => request.startsWith("POST ")).length, 1);
          assert.deepEqual(done.downloads, [`/${kind === "component" ? done.commit : "v9.9.9"}/dist/index.js`]);
          const report = done.file("artifacts/cancel-run/cancel-run.json") ?? "";
          assert.equal((JSON.parse(report) as { outcome?: string }).outcome, "cancelled", report);
          const annotations = done.file("builds/cancel-run/cancel-run-annotations.json") ?? "";
          const links = JSON.parse(annotations) as Record<
            string,
            { external_link?: { label?: string; url?: string } }[]
          >;
          assert.deepEqual(
            links["cancel-run"]?.map((link) => [typeof link.external_link?.label, link.external_link?.url]),
            [["string", done.later["PAGE"]]],
          );
          assert.ok(report.includes(`it's \\"over\\": #1 ${done.commit}`), report);
        },
      );

    await suite.test(`gitlab-ci-local: ${name} leaves outputs when the run did not stop`, async () => {
      const done = await pipeline({ kind, inputs: named("4712", { timeout: "3s" }) });
      assert.notEqual(done.code, 0, done.output);
      assert.deepEqual(done.later, {
        OUTCOME: "still-running",
        CANCELLED: "0",
        STATE: "cancelling",
        PAGE: `${done.gitlab.url}/${project}/-/jobs/4712`,
      });
      assert.match(done.output, /^cancel-run finished in .* FAIL 3 *$/m, done.output);
      assert.ok(done.file("artifacts/cancel-run/cancel-run.json"));
    });

    await suite.test(`gitlab-ci-local: ${name} refuses a program with another checksum, before it runs`, async () => {
      const tampered = Buffer.concat([bundle, Buffer.from(`\nconsole.log("it ran");\n`)]);
      const done = await pipeline({ kind, inputs: named("4711"), bundle: tampered, rest: { earlier } });
      assert.notEqual(done.code, 0, done.output);
      assert.match(done.output, /is not the program of this template: its sha256 is [0-9a-f]{64}, not [0-9a-f]{64}/);
      assert.doesNotMatch(done.output, /it ran/);
      assert.deepEqual(done.gitlab.requests, []);
      assert.deepEqual(done.later, { OUTCOME: "", CANCELLED: "", STATE: "", PAGE: "" });
    });
  }

  await suite.test("gitlab-ci-local: a refused cancel leaves outputs", async () => {
    const done = await pipeline({ kind: "component", inputs: named("4713") });
    assert.notEqual(done.code, 0, done.output);
    assert.equal(done.later["OUTCOME"], "refused", done.output);
  });

  await suite.test("gitlab-ci-local: allow-failure lets the pipeline go on", async () => {
    const done = await pipeline({ kind: "component", inputs: named("4713", { "allow-failure": true }) });
    assert.equal(done.code, 0, done.output);
    assert.equal(done.later["OUTCOME"], "refused", done.output);
  });

  await suite.test("gitlab-ci-local: a job that is already over is a success", async () => {
    const done = await pipeline({ kind: "component", inputs: named("4714") });
    assert.equal(done.code, 0, done.output);
    assert.deepEqual([done.later["OUTCOME"], done.later["CANCELLED"]], ["already-finished", "0"], done.output);
  });

  await suite.test("gitlab-ci-local: an id comes from the dotenv report of an earlier job", async () => {
    const done = await pipeline({
      kind: "component",
      inputs: named("$DEPLOY_JOB_ID"),
      rest: {
        deploy: {
          stage: "build",
          script: ['echo "DEPLOY_JOB_ID=4711" > deploy.env'],
          artifacts: { reports: { dotenv: "deploy.env" } },
        },
      },
    });
    assert.equal(done.code, 0, done.output);
    assert.equal(done.later["OUTCOME"], "cancelled");
  });

  await suite.test("gitlab-ci-local: outputs of an earlier cancel job are no inputs of the next", async () => {
    const done = await pipeline({
      kind: "component",
      inputs: named("4711"),
      rest: { earlier },
    });
    assert.equal(done.code, 0, done.output);
    assert.deepEqual([done.later["OUTCOME"], done.later["STATE"]], ["cancelled", "cancelled"], done.output);
  });

  await suite.test(
    "gitlab-ci-local: variables that an earlier job leaves, which beat a job's own, are no inputs",
    async () => {
      const left = {
        ...{ CANCEL_RUN_JOB_ID: "4712", CANCEL_RUN_DRY_RUN: "true", CANCEL_RUN_FAIL_ON: "not-found" },
        ...{ CANCEL_RUN_SERVER_URL: "https://evil.example", CANCEL_RUN_BUNDLE_URL: "https://evil.example/x.js" },
      };
      const lines = Object.entries(left).map(([name, value]) => `echo "${name}=${value}" >> left.env`);
      const done = await pipeline({
        kind: "component",
        inputs: named("4711"),
        rest: { earlier: { stage: "build", script: lines, artifacts: { reports: { dotenv: "left.env" } } } },
      });
      assert.equal(done.code, 0, done.output);
      assert.deepEqual(done.later, { ...stopped, PAGE: `${done.gitlab.url}/${project}/-/jobs/4711` }, done.output);
    },
  );

  for (const [what, address, says] of [
    ["a mirror that wants a name and a password", "", /: cancelled (?:after|at once)/],
    ["a mirror that refuses them", "refuse", /answered 403/],
    [
      "a mirror that is not there",
      "https://ci:S3cr%65tCanary@mirror.invalid/x.js?t=S3cretCanary",
      /cannot be read \(E[A-Z_]+\)/,
    ],
    ["an address that is none", "S3cretCanary", /bundle-url is not an address/],
  ] as const) {
    await suite.test(`gitlab-ci-local: ${what}: the log has no password`, async () => {
      const mirror = await listen(({ headers }, response) => {
        const right = headers.authorization === `Basic ${Buffer.from("ci:S3cretCanary").toString("base64")}`;
        response.writeHead(address === "" && right ? 200 : 403).end(bundle);
      });
      try {
        const done = await pipeline({
          kind: "component",
          inputs: named("4711"),
          bundleUrl: /^(?:|refuse)$/.test(address)
            ? `${mirror.url.replace("//", "//ci:S3cretCanary@")}/{ref}/index.js?private_token=S3cretCanary`
            : address,
        });
        assert.equal(done.code === 0, address === "", done.output);
        assert.match(done.output, says);
        assert.doesNotMatch(done.output, /S3cr(?:e|%65)tCanary/);
      } finally {
        mirror.close();
      }
    });
  }

  await suite.test("gitlab-ci-local: the pipeline's own variables and defaults do not reach the job", async () => {
    const done = await pipeline({
      kind: "component",
      inputs: named("4711"),
      rest: {
        variables: { CANCEL_RUN_URL: "https://gitlab.example.com/a/b/-/jobs/1", CANCEL_RUN_DRY_RUN: "true" },
        default: { before_script: ["exit 1"], retry: 2 },
      },
    });
    assert.equal(done.later["OUTCOME"], "cancelled", done.output);
  });

  await suite.test("gitlab-ci-local: the program may be a file in the image", async () => {
    const done = await pipeline({
      kind: "component",
      inputs: named("4711"),
      bundleUrl: `file://${join(checkout, "dist/index.js")}`,
    });
    assert.equal(done.code, 0, done.output);
    assert.equal(done.later["OUTCOME"], "cancelled");
  });

  await suite.test("gitlab-ci-local: a program that is not there is named", async () => {
    const done = await pipeline({ kind: "component", inputs: named("4711"), bundle: Buffer.alloc(0) });
    assert.notEqual(done.code, 0, done.output);
    assert.match(
      done.output,
      /cancel-run: the program cannot be had, so nothing was sent; see the input bundle-url\.\n.*http:\S+\/dist\/index\.js answered 404/,
    );
  });

  await suite.test(
    "gitlab-ci-local: rules are an input, and those of a job that extends ours replace them",
    async () => {
      const never = await pipeline({ kind: "component", inputs: named("4711", { rules: [{ when: "never" }] }) });
      assert.doesNotMatch(never.output, /cancel-run (?:finished|starting)/);
      const extended = await pipeline({
        kind: "component",
        inputs: named("4711", { rules: [{ when: "never" }] }),
        rest: { "cancel-run": { rules: [{ when: "always" }] } },
      });
      assert.equal(extended.later["OUTCOME"], "cancelled", extended.output);
    },
  );

  await suite.test(
    "gitlab-ci-local: the project's own pipeline tries both components, with the program from its server",
    async () => {
      const downloads: string[] = [];
      const files = await listen((request, response) => {
        downloads.push(request.url ?? "");
        response.end(bundle);
      });
      try {
        const free = await Promise.all([listen(() => undefined), listen(() => undefined)]);
        const ports = free.map(({ url }) => new URL(url).port);
        for (const one of free) one.close();
        const own = [".gitlab-ci.yml", "scripts/release/stand-in.mjs"].map((path) => {
          return [path, readFileSync(join(checkout, path), "utf8")] as const;
        });
        const done = await local({
          origin: "https://gitlab.com/acme/cancel-run.git",
          config: own[0]![1].replaceAll("8041", ports[0]!).replaceAll("8042", ports[1]!),
          files: Object.fromEntries(own.slice(1)),
          variables: { CI_SERVER_URL: files.url, CI_DEFAULT_BRANCH: "main" },
          inPlace: true,
        });
        assert.equal(done.code, 0, done.output);
        for (const job of ["cancel", "cancel-outputs", "guard-outputs"])
          assert.match(done.output, new RegExp(`^${job} +finished in .*|PASS +${job}`, "m"));
        assert.deepEqual([...new Set(downloads)], [`/acme/cancel-run/-/raw/${done.commit}/dist/index.js`], done.output);
      } finally {
        files.close();
      }
    },
  );

  await suite.test("the release job on GitLab publishes the program as a package, by the job's token", async () => {
    const seen: string[] = [];
    const bodies: number[] = [];
    const registry = await listen((request, response) => {
      let size = 0;
      request.on("data", (chunk: Buffer) => (size += chunk.length));
      request.on("end", () => {
        seen.push(`${request.method ?? ""} ${request.url ?? ""} ${String(request.headers["job-token"])}`);
        bodies.push(size);
        response.writeHead(request.url?.includes("v2.0.0") ? 403 : 201).end();
      });
    });
    const publish = (...versions: string[]): Promise<Finished> =>
      run(process.execPath, ["scripts/release/package.mjs", ...versions], {
        cwd: checkout,
        env: { CI_API_V4_URL: `${registry.url}/api/v4`, CI_PROJECT_ID: "42", CI_JOB_TOKEN: "glcbt-canary" },
      });
    try {
      const path = "/api/v4/projects/42/packages/generic/cancel-run";
      assert.equal((await publish("0123abc", "v1.0.0")).code, 0);
      assert.deepEqual(seen, [`PUT ${path}/0123abc/index.js glcbt-canary`, `PUT ${path}/v1.0.0/index.js glcbt-canary`]);
      assert.deepEqual(bodies, [bundle.length, bundle.length]);
      const refused = await publish("v2.0.0");
      assert.equal(refused.code, 1);
      assert.match(refused.output, /answered 403/);
    } finally {
      registry.close();
    }
  });

  await suite.test(
    "gitlab-ci-local: both plain templates in one pipeline, with inputs of every type, extended, and run when a needed job fails",
    async () => {
      const files = await listen((_, response) => response.end(bundle));
      const gitlab = await startGitLab(jobs);
      const common = { provider: "gitlab", project, "bundle-ref": "v9.9.9", "bundle-url": `${files.url}/index.js` };
      const guard = { "job-name": ".guard", "id-input": "job-id", when: "failed", "dry-run": false, timeout: "20s" };
      const cancel = {
        ...{ "job-name": ".stop", "job-id": "4711, 4712", stage: "deploy", reason: "deploy has failed" },
        ...{ "dry-run": true, wait: true, "allow-failure": true, rules: [{ when: "on_failure" }] },
      };
      const needs = ["deploy"];
      try {
        const done = await local({
          origin: `${gitlab.url}/acme/cancel-run.git`,
          config: {
            include: [
              { local: "templates/guard/include.yml", inputs: { ...common, ...guard } },
              { local: "templates/cancel/include.yml", inputs: { ...common, ...cancel } },
            ],
            deploy: { extends: ".guard", script: ["echo 4711 > .cancel-run-id", "exit 1"] },
            stop: { extends: ".stop", needs },
            shown: {
              stage: "deploy",
              needs: ["stop"],
              when: "always",
              script: ['echo "outcome is $CANCEL_RUN_OUTCOME"'],
            },
            cleanup: { stage: "deploy", needs, when: "on_failure", script: ["echo cleaned up"] },
            next: { stage: "deploy", needs, script: ["echo goes on"] },
          },
          variables: { CANCEL_RUN_TOKEN: token },
          inPlace: true,
        });
        const cancels = gitlab.requests.filter((request) => request.startsWith("POST "));
        assert.deepEqual(
          cancels,
          [`POST /api/v4/projects/${encodeURIComponent(project)}/jobs/4711/cancel`],
          done.output,
        );
        assert.match(done.output, /^deploy +> gitlab job 4711 .*: cancelled/m);
        assert.match(done.output, /^stop +> gitlab job 4711 .* had already finished: cancelled/m);
        assert.match(done.output, /^stop +> gitlab job 4712 .*: would be cancelled/m);
        assert.match(done.output, /^shown +> outcome is mixed/m);
        assert.match(done.output, /^cleanup +> cleaned up/m);
        assert.doesNotMatch(done.output, /goes on/);
        assert.notEqual(done.code, 0);
      } finally {
        gitlab.close();
        files.close();
      }
    },
  );

  const bad = {
    "a provider we do not have": [{ provider: "gitlib" }, /`provider` input: `gitlib` cannot be used/],
    "a word for a boolean": [{ wait: "yes" }, /`wait` input: provided value is not a boolean/],
    "a duration without a unit": [{ timeout: "300" }, /`timeout` input: `300` does not match required regex/],
    "a reason of two lines": [{ reason: "a\n  script: [exit]" }, /`reason` input: .* does not match required regex/s],
    "a job name with a quote": [{ "job-name": 'a": {}' }, /`job-name` input: .* does not match required regex/],
  } as const;
  for (const [name, [inputs, message]] of Object.entries(bad)) {
    await suite.test(`gitlab-ci-local: ${name} is refused before anything runs`, async () => {
      const done = await pipeline({ kind: "component", inputs: named("4711", inputs) });
      assert.notEqual(done.code, 0, done.output);
      assert.match(done.output, message);
      assert.deepEqual(done.gitlab.requests, []);
    });
  }

  async function pipeline(given: Pipeline, node?: Node): Promise<Outcome> {
    const { kind, inputs, rest, bundle: served = bundle, bundleUrl } = given;
    const downloads: string[] = [];
    const files = await listen((request, response) => {
      downloads.push(request.url ?? "");
      response.writeHead(served.length > 0 ? 200 : 404).end(served);
    });
    const gitlab = await startGitLab(jobs);
    try {
      const ran = await local(
        {
          origin: `${gitlab.url}/acme/cancel-run.git`,
          files: {
            "outputs.env":
              "CANCEL_RUN_OUTCOME=failed\nCANCEL_RUN_CANCELLED=0\nCANCEL_RUN_STATE=failed\nCANCEL_RUN_PAGE=x\n",
          },
          config: {
            include: [
              {
                ...(kind === "component"
                  ? { component: "$CI_SERVER_FQDN/$CI_PROJECT_PATH/cancel@$CI_COMMIT_SHA" }
                  : { local: "templates/cancel/include.yml" }),
                inputs: {
                  ...(kind === "include" && { "bundle-ref": "v9.9.9" }),
                  "bundle-url": bundleUrl ?? `${files.url}/{ref}/dist/index.js`,
                  ...inputs,
                },
              },
            ],
            ...rest,
            later: {
              stage: ".post",
              needs: ["cancel-run"],
              when: "always",
              before_script: [],
              script: Object.keys({ ...stopped, PAGE: "" }).map((name) => `echo "later ${name}=$CANCEL_RUN_${name}"`),
            },
          },
          variables: { CANCEL_RUN_TOKEN: token },
        },
        node,
      );
      const { output } = ran;
      assert.ok(!output.includes(token), "the token is in the log");
      for (const name of ["cancel-run.env", "cancel-run.json", "cancel-run-annotations.json"]) {
        assert.ok(!ran.file(`builds/cancel-run/${name}`)?.includes(token), `the token is in ${name}`);
      }
      return {
        ...ran,
        gitlab,
        downloads,
        later: Object.fromEntries([...output.matchAll(/^later +> later ([A-Z]+)=(.*)$/gm)].map(([, a, b]) => [a, b])),
      };
    } finally {
      gitlab.close();
      files.close();
    }
  }
}

function named(job: string, inputs: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return { provider: "gitlab", project, "job-id": job, ...inputs };
}
