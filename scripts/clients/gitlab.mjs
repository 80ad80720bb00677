/**
 * Renews __tests__/fixtures/clients/gitlab.json:
 *
 *     node scripts/clients/gitlab.mjs openapi_v3.json
 *
 * Runs gitlab.com/gitlab-org/api/client-go/v2 2.64.0 (GitLab's own), @gitbeaker/rest 43.8.0 and python-gitlab 8.6.0
 * against a server on loopback, and reads the enums of the client and of GitLab's OpenAPI document:
 * doc/api/openapi/openapi_v3.yaml of github.com/gitlabhq/gitlabhq at 045bf8777ea893e770b49d420febaeb7bf89e24a, as JSON.
 * Needs Node, Go and Python. All ids and credentials are made up.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { URL } from "node:url";
import { essential, go, lineOf, npm, pip, play, record, writeFixture } from "./recorder.mjs";

const openapi = JSON.parse(readFileSync(process.argv[2], "utf8"));
const meaningful = ["private-token", "authorization", "content-type"];

const recorder = await record(({ method, path }) => ({
  status: method === "POST" && path.includes("/jobs/") ? 201 : 200,
  body: /(pipelines|jobs|bridges|merge_requests|branches)$/.test(path) ? [] : { id: 1 },
}));

const project = "platform/deploy";
const job = { project, "job-id": "4711" };
const pipeline = { project, "pipeline-id": "1215" };

const clientGo = go("gitlab/main.go", "gitlab.com/gitlab-org/api/client-go/v2@v2.64.0");
const [command, words, options] = clientGo.command;
const byClientGo = await announced("client-go", command, [...words, recorder.server], options);

const python = pip("python-gitlab==8.6.0");
const program = new URL("gitlab/main.py", import.meta.url).pathname;
const byPython = await announced("python-gitlab", python.bin("python"), [program, recorder.server]);

const { load, folder } = npm("@gitbeaker/rest@43.8.0");
const { Gitlab } = await load("@gitbeaker/rest/dist/index.mjs");
const gitbeaker = new Gitlab({ host: recorder.server, token: "TOKEN" });
const byGitbeaker = [];
const open = { projectId: project, state: "opened", perPage: 100, maxPages: 1 };
const { Branches, MergeRequests } = gitbeaker;
for (const [target, does, call, ids, run, values] of [
  ["job", "cancel", "Jobs.cancel", job, () => gitbeaker.Jobs.cancel(project, 4711)],
  ["job", "force", "Jobs.cancel(force)", job, () => gitbeaker.Jobs.cancel(project, 4711, { force: true })],
  ["pipeline", "cancel", "Pipelines.cancel", pipeline, () => gitbeaker.Pipelines.cancel(project, 1215)],
  ["pipeline", "pulls", "MergeRequests.all", { project }, () => MergeRequests.all(open), { "pull-request": "12" }],
  [
    "pipeline",
    "pulls",
    "MergeRequests.show",
    { project },
    () => MergeRequests.show(project, 12),
    { "pull-request": "12" },
  ],
  ["pipeline", "branches", "Branches.all", { project }, () => Branches.all(project, { perPage: 100, maxPages: 1 })],
]) {
  await run();
  const [request] = recorder.taken();
  byGitbeaker.push({
    target,
    does,
    source: "gitbeaker",
    call,
    ids,
    ...(values ? { values } : {}),
    ...essential(request, meaningful),
  });
}
recorder.close();

const types = join(clientGo.folder("gitlab.com/gitlab-org/api/client-go/v2@v2.64.0"), "types.go");
const buildStates = [...readFileSync(types, "utf8").matchAll(/BuildStateValue = "(\w+)"/g)].map(([, word]) => word);
const core = join(folder, "@gitbeaker/core/dist/index.d.ts");
const scopes = /type JobScope = (.*);/.exec(readFileSync(core, "utf8"))[1];
const parameter = (path, name) => openapi.paths[path].get.parameters.find((each) => each.name === name).schema;
const [jobs, pipelines] = ["/api/v4/projects/{id}/jobs", "/api/v4/projects/{id}/pipelines"];
const operation = (path, method = "get") =>
  `${method.toUpperCase()} ${path} (${openapi.paths[path][method].operationId})`;

writeFixture("clients/gitlab.json", {
  about:
    "What GitLab's own Go client and two widely used ones sent to a server on loopback, and the words and operations of GitLab's OpenAPI document (November 2026).",
  script: "scripts/clients/gitlab.mjs",
  sources: {
    "client-go": { name: "gitlab.com/gitlab-org/api/client-go/v2 2.64.0", level: "official client" },
    gitbeaker: { name: "@gitbeaker/rest 43.8.0", level: "community client" },
    "python-gitlab": { name: "python-gitlab 8.6.0", level: "community client" },
    openapi: {
      name: "github.com/gitlabhq/gitlabhq doc/api/openapi/openapi_v3.yaml at 045bf8777ea893e770b49d420febaeb7bf89e24a",
      level: "OpenAPI",
    },
    gitlab: {
      name: "github.com/gitlabhq/gitlabhq, the server's own source: config/routes, app/helpers, lib/gitlab/data_builder, app/presenters",
      level: "source code",
    },
    glab: { name: "gitlab.com/gitlab-org/cli, by a copy of its main branch", level: "source code" },
  },
  requests: [
    ...byClientGo,
    ...byGitbeaker,
    ...byPython,
    // No released client has it; GitLab before 19.2 has bridges in its place.
    {
      target: "pipeline",
      does: "downstream",
      source: "openapi",
      call: operation(`${pipelines}/{pipeline_id}/trigger_jobs`),
      ids: pipeline,
      method: "GET",
      path: "/api/v4/projects/platform%2Fdeploy/pipelines/1215/trigger_jobs",
      query: { per_page: "100" },
      headers: {},
      body: null,
    },
  ],
  enums: [
    {
      target: "job",
      of: "status of a job, scope of the list",
      source: "openapi",
      where: `${operation(jobs)} scope[]`,
      words: parameter(jobs, "scope").items.enum,
    },
    {
      target: "pipeline",
      of: "status of a pipeline, status of the list",
      source: "openapi",
      where: `${operation(pipelines)} status`,
      words: parameter(pipelines, "status").enum,
    },
    {
      target: "job",
      of: "status of a job or a pipeline",
      source: "client-go",
      where: `types.go:${lineOf(types, "type BuildStateValue string")} BuildStateValue`,
      words: buildStates,
    },
    {
      target: "job",
      of: "scope of the list of jobs",
      source: "gitbeaker",
      where: "core dist/index.d.ts JobScope",
      words: scopes.split("|").map((word) => word.trim().slice(1, -1)),
    },
    {
      target: "pipeline",
      of: "source (event) of a pipeline, filter of the list",
      source: "openapi",
      where: `${operation(pipelines)} source`,
      words: parameter(pipelines, "source").enum,
    },
  ],
  regions: [],
  pages: JSON.parse(readFileSync(new URL("gitlab/pages.json", import.meta.url), "utf8")),
  variables: JSON.parse(readFileSync(new URL("gitlab/variables.json", import.meta.url), "utf8")),
  unverified: [
    "`trigger_jobs` is in GitLab's OpenAPI document and in no released client.",
    "glab is not on a registry that was reached; its variables were read in its source.",
  ],
});

/** Runs a program that announces its calls on stdout; each of them sends one request. */
async function announced(source, ...program) {
  const calls = (await play(...program))
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  const requests = recorder.taken();
  if (calls.length !== requests.length)
    throw new Error(`${source}: ${calls.length} calls, ${requests.length} requests`);
  return calls.map(({ target, does, call, ids, values }, index) => ({
    ...{ target, does, source, call, ids, ...(values ? { values } : {}) },
    ...essential(requests[index], meaningful),
  }));
}
