/**
 * The workflows, jobs, steps and commands of the README and of docs, byte for byte as people copy them out of the page; a step stands in
 * a job of its reader's.
 */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import type { RequestListener } from "node:http";
import { delimiter, join } from "node:path";
import { parse } from "yaml";
import { published } from "../../src/published.ts";
import { blocksOf } from "../support/markdown.ts";
import { readersVariables, standIns } from "./actions.ts";
import { type Act, provideAct } from "./act-runner.ts";
import { onGitHub, onGitLab } from "./as-written.ts";
import { startInternet } from "./internet.ts";
import { folderOf, nodes } from "./nodes.ts";
import { type Publication, publish } from "./publication.ts";
import { has, must, run, searchPath } from "./shell.ts";
import type { Suite } from "./suite.ts";
import { type GithubRun, ids, type Listed, secrets, startWorld } from "./world.ts";

interface Block {
  readonly heading: string;
  /** Ends of the addresses of what is cancelled, in any order. */
  readonly cancels: readonly string[];
  /** What its reader has of their own. */
  readonly scripts?: Readonly<Record<string, string>>;
  readonly variables?: Readonly<Record<string, string>>;
  /** Of the job that a step stands in. Default: a push. */
  readonly event?: string;
  /** A step before it has failed. */
  readonly afterFailure?: true;
  /** Of the reader's pipeline, beside the block. */
  readonly jobs?: string;
  readonly says?: RegExp;
  /** The job or pipeline fails, as it should. */
  readonly fails?: true;
}

const script = (...lines: readonly string[]): string => ["#!/bin/sh", ...lines, ""].join("\n");
const job = "https://gitlab.example.com/platform/deploy/-/jobs/4711";
const ofGitLabJob = ["https://gitlab.example.com/api/v4/projects/platform%2Fdeploy/jobs/4711/cancel"];
const dispatched = ["https://api.github.com/repos/octo-org/deploy/actions/runs/9876543210/cancel"];
const runs = (...list: readonly number[]): string[] =>
  list.map((id) => `https://api.github.com/repos/acme/deploy/actions/runs/${id}/cancel`);
const fails = script("exit 1");
const guarded = { "start-deploy.sh": script(`echo ${job}`), "wait-for-deploy.sh": fails };

const pages: Readonly<Record<string, readonly Block[]>> = {
  "README.md": [
    { heading: "GitHub Actions", cancels: ["https://gitlab.com/api/v4/projects/platform%2Fdeploy/jobs/4711/cancel"] },
    { heading: "GitLab CI/CD", scripts: { "smoke-test.sh": fails }, cancels: dispatched, fails: true },
    { heading: "Cancel what my job has started", scripts: guarded, cancels: ofGitLabJob, fails: true },
    { heading: "Cancel what my job has started", scripts: guarded, cancels: ofGitLabJob, fails: true },
    { heading: "Cancel superseded runs of a pull request", cancels: runs(19, 20) },
    {
      heading: "Halt a bad release",
      scripts: {
        "start-release.sh": script(`echo "run-id=${ids.gorules}" >> "$GITHUB_OUTPUT"`),
        "smoke-test.sh": fails,
      },
      cancels: [
        `https://acme.us1.gorules.io/api/projects/3c90c3cc-0d44-4b50-8888-8dd25736052a/runs/${ids.gorules}/cancel`,
      ],
      fails: true,
    },
    { heading: "Sweep up old runs", cancels: [], says: /github run 11 \(CI\): would be cancelled/ },
  ],
  "docs/recipes.md": [
    { heading: "A guard on GitHub", scripts: guarded, cancels: ofGitLabJob, fails: true },
    {
      heading: "A guard on GitHub",
      scripts: { "start-deploy.sh": script(`echo "url=${job}" >> "$GITHUB_OUTPUT"`, "exit 1") },
      cancels: ofGitLabJob,
      fails: true,
    },
    {
      heading: "Token steps",
      scripts: { "start-deploy.sh": script("echo 9876543210", "exit 1") },
      cancels: dispatched,
      fails: true,
    },
    {
      heading: "A guard on GitLab",
      scripts: { ...guarded, "start-deploy.sh": script("echo https://gitlab.com/acme/deploy/-/pipelines/15") },
      cancels: ["https://gitlab.com/api/v4/projects/acme%2Fdeploy/pipelines/15/cancel"],
      fails: true,
    },
  ],
  "docs/migrating.md": [
    { heading: "Earlier runs of this workflow on this branch", cancels: runs(11, 16) },
    { heading: "Of other workflows: `workflow_id`", cancels: runs(17) },
    { heading: "Of other workflows: `workflow_id`", cancels: runs(11, 16, 17, 21, 22) },
    { heading: "`ignore_sha`", cancels: runs(18) },
    { heading: "`all_but_latest`", cancels: runs(11, 16, 1) },
    { heading: "`only_status`", cancels: runs(16) },
    { heading: "`force_cancel`", cancels: runs(11, 16) },
    { heading: "From a `workflow_run`", cancels: runs(11, 16) },
    { heading: "From a `workflow_run`", cancels: runs(19) },
    { heading: "`duplicates`", cancels: runs(11, 16) },
    { heading: "`allDuplicates`", event: "workflow_run", cancels: runs(11, 16, 19) },
    { heading: "`self`", cancels: runs(1) },
    { heading: "`self`", event: "workflow_run", cancels: runs(11) },
    { heading: "`failedJobs`", cancels: runs(11, 13) },
    { heading: "`namedJobs`", cancels: runs(14) },
    { heading: "A step of the workflow itself", cancels: runs(11, 16) },
    { heading: "On a schedule", event: "schedule", cancels: runs(21) },
    { heading: "fkirc/skip-duplicate-actions", cancels: runs(11, 16) },
    { heading: "andymckay/cancel-action", afterFailure: true, cancels: runs(1) },
  ],
  "templates/cancel/README.md": [
    {
      heading: "cancel",
      jobs: "smoke-test:\n  script: exit 1\n",
      variables: { DEPLOY_JOB_ID: "4711" },
      cancels: ["https://gitlab.com/api/v4/projects/platform%2Fdeploy/jobs/4711/cancel"],
      fails: true,
    },
  ],
  "templates/guard/README.md": [
    {
      heading: "guard",
      scripts: { ...guarded, "start-deploy.sh": script("echo 16") },
      cancels: ["https://gitlab.com/api/v4/projects/platform%2Fdeploy/pipelines/16/cancel"],
      fails: true,
    },
  ],
};

const ci = { branch: "main", event: "push" };
const heavy = { id: 5, file: "my-heavy-workflow.yml" };
const deploy = { id: 479426, file: "deploy.yml" };
const pull = { branch: "patch-1", event: "pull_request", fork: true } as const;
const listed: readonly GithubRun[] = [
  // Our own.
  { ...ci, id: 1, began: 30 },
  { ...ci, id: 11, began: 1, jobs: { "Static checks": "failure" } },
  { ...ci, id: 13, began: 3, branch: "other", jobs: { "Build prod image 3.12": "failure" } },
  { ...ci, id: 14, began: 4, fork: true, jobs: { "Build info repo: octo-org/web branch: main 5": "in_progress" } },
  { ...ci, id: 15, began: 40 },
  { ...ci, id: 16, began: 2, waits: true },
  { ...ci, id: 17, began: 5, workflow: deploy },
  { ...pull, id: 18, began: 6, workflow: deploy },
  { ...pull, id: 19, began: 7 },
  { ...pull, id: 20, began: 8 },
  { ...ci, id: 21, began: 9, workflow: heavy },
  { ...ci, id: 22, began: 10, workflow: heavy },
  { ...ci, id: 9876543210, began: 1, repository: "octo-org/deploy" },
];
const there: Listed = {
  github: listed,
  gitlab: [
    { id: 15, branch: "main", began: 1 },
    { id: 16, branch: "main", began: 1, project: "platform/deploy" },
  ],
};

const payload = {
  action: "synchronize",
  number: 12,
  pull_request: { number: 12, head: { ref: "patch-1", sha: "0d1e2f3a4b5c6d7e8f90a1b2c3d4e5f607182930" } },
  workflow_run: {
    id: 11,
    workflow_id: 1,
    head_repository: { full_name: "acme/deploy" },
    head_branch: "main",
    event: "push",
  },
};

export async function documentTests(suite: Suite, checkout: string, scratch: string): Promise<void> {
  const lacking = ["git", "curl", "jq"].filter((program) => !has(program));
  if (lacking.length > 0) {
    suite.skip("README and docs", `${lacking.join(", ")} not found`);
    return;
  }
  const publication = await publish(checkout, join(scratch, "documents"));
  const around = { checkout, scratch, publication };
  const runners = { github: await onGitHub(checkout, scratch), gitlab: onGitLab(checkout, scratch) };
  const folders = ["docs", "templates/cancel", "templates/guard"];
  const all = [
    "README.md",
    ...folders.flatMap((folder) => readdirSync(join(checkout, folder)).map((name) => `${folder}/${name}`)),
  ];
  for (const page of all.filter((name) => name.endsWith(".md"))) {
    const written = blocksOf(readFileSync(join(checkout, page), "utf8"), "yaml").filter(({ text }) => usesUs(text));
    const blocks = pages[page] ?? [];
    await suite.test(`${page}: every workflow, job and step is run here`, () => {
      assert.deepEqual(
        written.map(({ heading }) => heading),
        blocks.map(({ heading }) => heading),
      );
    });
    for (const [at, { text, line }] of written.entries()) {
      const block = blocks[at]!;
      const isPipeline = text.includes(`${published.gitlab}/`);
      const runner = runners[isPipeline ? "gitlab" : "github"];
      const name = `${page}:${line} (${block.heading})`;
      if (typeof runner !== "function") {
        suite.skip(name, runner.why);
        continue;
      }
      const { scripts: given = {}, cancels, fails = false, says } = block;
      const well = Object.fromEntries(
        Object.entries(given).map(([path, lines]) => [path, lines.replace("exit 1", "")]),
      );
      const cases: readonly Case[] = [
        { what: fails ? "cancels when it fails" : "", scripts: given, cancels, fails },
        ...(fails && page === "README.md"
          ? [{ what: "cancels nothing when it goes well", scripts: well, cancels: [], fails: false }]
          : []),
      ];
      for (const { what, scripts, cancels, fails } of cases)
        await suite.test([name, what].filter(Boolean).join(" "), async () => {
          const folder = mkdtempSync(join(scratch, "reader-"));
          for (const [path, lines] of Object.entries(scripts))
            writeFileSync(join(folder, path), lines, { mode: 0o755 });
          const content = isPipeline ? `${text}${block.jobs ?? ""}` : workflowOf(text, block, folder);
          const own = "/runs/1/cancel";
          const endsOwn = cancels.some((address) => address.endsWith(own));
          const world = await startWorld(around, there);
          try {
            const done = await runner(world, "ci.yml", content, {
              scripts,
              payload,
              ...(block.variables && { variables: block.variables }),
              ...(endsOwn && { cancelled: world.whenCancelled(own) }),
            });
            const expected = cancels.map((address) => `POST ${address}`);
            assert.deepEqual([...world.cancels].sort(), expected.sort(), done.output);
            if (!endsOwn) assert.equal(done.code !== 0, fails, done.output);
            if (says) assert.match(done.output, says);
            assert.deepEqual(world.missing, [], done.output);
            assert.doesNotMatch(done.output, /worldCanary/);
          } finally {
            world.close();
          }
        });
    }
  }
  const act = await provideAct(checkout, scratch);
  if (typeof act === "function") await providerPages(suite, checkout, scratch, act);
  else suite.skip("docs/providers", act.why);
  await inTerminal(suite, around);
}

/** Not stopped, for want of all these vendors; but nothing in a step is wrong, and the vendor is asked. */
async function providerPages(suite: Suite, checkout: string, scratch: string, act: Act): Promise<void> {
  const folder = join(checkout, "docs/providers");
  const steps = readdirSync(folder).flatMap((name) => {
    const page = readFileSync(join(folder, name), "utf8");
    const blocks = blocksOf(page, "yaml").filter(({ text }) => text.includes(`${published.github}@`));
    return blocks.map(({ text }, at) => ({ name: `${name.replace(/\.md$/, "")}-${at}`, text, page }));
  });
  await suite.test(
    `docs/providers: ${steps.length} steps, each as it is pasted, ask their vendor's server`,
    async () => {
      const internet = await startInternet(checkout, scratch, {});
      try {
        const names = steps.flatMap(({ text }) => [...text.matchAll(/secrets\.(\w+)/g)].map(([, name = ""]) => name));
        const jobs = steps.map(
          ({ name, text }) => `  ${name}:\n    runs-on: ubuntu-latest\n    steps:\n${indented(text, 6)}`,
        );
        const workflow = `on: push\njobs:\n${jobs.join("")}`;
        const { output } = await act(() => ({
          event: "push",
          workflow,
          // As a tenant of Azure may be named, too.
          secrets: Object.fromEntries(names.map((name) => [name, `${name.toLowerCase().replaceAll("_", "-")}-canary`])),
          vars: readersVariables,
          env: internet.env,
          actions: standIns(workflow, scratch),
        }));
        for (const { name, page } of steps) {
          const lines = output.split("\n").filter((line) => new RegExp(`^\\[test\\.yml/${name} *\\]`).test(line));
          const said = lines.join("\n");
          assert.match(said, /exit status 1$/m, said);
          const [, host = ""] =
            /: failed: ([\w.-]+): the proxy \S+ does not open a tunnel there \(403\)/.exec(said) ?? [];
          const domain = host.split(".").slice(-2).join(".");
          assert.ok(domain !== "" && page.includes(domain), said);
        }
      } finally {
        internet.close();
      }
    },
  );
  suite.skip(
    "docs/providers, jobs for GitLab and commands",
    "they give what the steps give, and one by one they take minutes",
  );
}

type Case = Required<Pick<Block, "scripts" | "cancels">> & { readonly what: string; readonly fails: boolean };

const usesUs = (text: string): boolean =>
  text.includes(`${published.github}@`) || text.includes(`${published.gitlab}/`);

/** A whole workflow as it is; steps in a job that has the reader's scripts, and a job's body in a workflow. */
function workflowOf(text: string, { event = "push", afterFailure }: Block, folder: string): string {
  const value = parse(text) as unknown[] | { readonly jobs?: object; readonly steps?: object };
  if (!Array.isArray(value) && value.jobs) return text;
  const head = `on: ${event}\njobs:\n  example:\n    runs-on: ubuntu-latest\n    defaults: { run: { working-directory: "${folder}" } }\n`;
  if (!Array.isArray(value)) return `${head}${indented(text, 4)}`;
  return `${head}    steps:\n${afterFailure ? "      - run: exit 1\n" : ""}${indented(text, 6)}`;
}

const indented = (text: string, width: number): string => text.replaceAll(/^(?=.)/gm, " ".repeat(width));

async function inTerminal(
  suite: Suite,
  around: { readonly checkout: string; readonly scratch: string; readonly publication: Publication },
): Promise<void> {
  if (!has("npm")) {
    suite.skip("README in a terminal", "npm not found");
    return;
  }
  const { checkout, scratch } = around;
  const folder = join(scratch, "terminal");
  mkdirSync(folder);
  const registry = await registryOf(checkout, folder);
  const readme = readFileSync(join(checkout, "README.md"), "utf8");
  for (const node of nodes)
    await suite.test(
      `README.md: the command for a terminal, from the registry, on Node.js ${node.version}`,
      async () => {
        const world = await startWorld(around, there, { "registry.npmjs.org": registry });
        try {
          const [command] = blocksOf(readme, "sh").filter(({ heading }) => heading === "Terminal");
          assert.ok(command, "README.md has a command below Terminal");
          const home = join(folder, node.version);
          mkdirSync(home);
          const done = await run("sh", ["-c", command.text], {
            cwd: home,
            env: {
              PATH: [folderOf(node), searchPath].join(delimiter),
              HOME: home,
              // As a person who has said yes to the question whether to install it.
              ...{ npm_config_yes: "true", npm_config_update_notifier: "false" },
              npm_config_registry: "https://registry.npmjs.org/",
              GH_TOKEN: secrets.DEPLOY_TOKEN,
              ...world.env,
            },
          });
          assert.equal(done.code, 0, done.output);
          assert.deepEqual(
            world.cancels,
            dispatched.map((address) => `POST ${address}`),
            done.output,
          );
        } finally {
          world.close();
        }
      },
    );
  suite.skip(
    "docs/library.md",
    "it reads no variable, so it does not know of the proxy that leads to gitlab.example.com here",
  );
}

/** The npm registry, with this checkout as the release that `@1` means. */
async function registryOf(checkout: string, folder: string): Promise<RequestListener> {
  const source = join(folder, "source");
  mkdirSync(source);
  const description = JSON.parse(readFileSync(join(checkout, "package.json"), "utf8")) as { files: readonly string[] };
  for (const path of [...description.files, "README.md", "LICENSE"])
    cpSync(join(checkout, path), join(source, path), { recursive: true });
  const { files, ...rest } = { ...description, name: published.npm, version: "1.0.0" };
  const meta = { ...rest, scripts: {}, devDependencies: {}, overrides: {} };
  writeFileSync(join(source, "package.json"), JSON.stringify({ ...meta, files }));
  await must("npm", ["pack", "--pack-destination", folder, source], {
    cwd: folder,
    env: { HOME: folder, npm_config_offline: "true" },
  });
  const tarball = readFileSync(join(folder, `${published.npm}-1.0.0.tgz`));
  const integrity = `sha512-${createHash("sha512").update(tarball).digest("base64")}`;
  const address = `/${published.npm}/-/${published.npm}-1.0.0.tgz`;
  const version = { ...meta, dist: { tarball: `https://registry.npmjs.org${address}`, integrity } };
  return (request, response) => {
    if (request.url === address) response.end(tarball);
    else if (request.url === `/${published.npm}`)
      response
        .writeHead(200, { "content-type": "application/json" })
        .end(JSON.stringify({ name: published.npm, "dist-tags": { latest: "1.0.0" }, versions: { "1.0.0": version } }));
    else response.writeHead(404).end("{}");
  };
}
