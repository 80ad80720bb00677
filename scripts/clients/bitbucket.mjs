/**
 * Renews __tests__/fixtures/clients/bitbucket.json:
 *
 *     node scripts/clients/bitbucket.mjs
 *
 * Runs bitbucket 2.12.0 (npm; made from Atlassian's OpenAPI document) and atlassian-python-api 5.0.5 against a server
 * on loopback, and reads the words of Atlassian's OpenAPI document as @coderabbitai/bitbucket 1.1.4 carries it, in
 * TypeScript. Pages and variables are read by hand in the sources named below. Needs Node and Python.
 * All ids and credentials are made up.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { URL, fileURLToPath } from "node:url";
import { essential, lineOf, npm, pip, play, record, writeFixture } from "./recorder.mjs";

const meaningful = ["authorization", "content-type"];
const repository = "acme/shop";
const uuid = "{3c90c3cc-0d44-4b50-8888-8dd25736052a}";
const pipeline = { repository, "pipeline-id": uuid };
const build = { repository, "build-number": "42" };

const recorder = await record(({ method }) => ({ body: method === "GET" ? { values: [] } : {} }));
const { load, folder } = npm("bitbucket@2.12.0", "@coderabbitai/bitbucket@1.1.4");
const { Bitbucket } = await load("bitbucket/lib/index.js");
const client = new Bitbucket({ baseUrl: `${recorder.server}/2.0`, auth: { token: "TOKEN" }, notice: false });
const where = { workspace: "acme", repo_slug: "shop" };
const byNode = [];
for (const [target, does, call, ids, run] of [
  ["pipeline", "look", "pipelines.get", pipeline, () => client.pipelines.get({ ...where, pipeline_uuid: uuid })],
  ["pipeline", "cancel", "pipelines.stop", pipeline, () => client.pipelines.stop({ ...where, pipeline_uuid: uuid })],
  ["pipeline", "list", "pipelines.list", { repository }, () => client.pipelines.list(where)],
  [
    "pipeline",
    "jobs",
    "pipelines.listSteps",
    pipeline,
    () => client.pipelines.listSteps({ ...where, pipeline_uuid: uuid }),
  ],
]) {
  await run();
  const [request] = recorder.taken();
  byNode.push({ target, does, source: "node", call, ids, ...essential(request, meaningful) });
}
recorder.close();

const python = pip("atlassian-python-api==5.0.5");
const program = fileURLToPath(new URL("bitbucket/main.py", import.meta.url));
const byPython = JSON.parse(await play(python.bin("python"), [program]));

const file = join(folder, "@coderabbitai/bitbucket/dist/cloud/openapi/openapi-typescript.d.ts");
const openapi = readFileSync(file, "utf8");
const at = (text) => `openapi-typescript.d.ts:${lineOf(file, text)}`;
const listing = openapi.slice(openapi.indexOf("readonly getPipelinesForRepository: {"));
const filter = (name) => quoted(new RegExp(`readonly "?${name}"?\\?: (.*);`).exec(listing)[1]);
/** The words of all schemas whose name begins so. */
const names = (schema) =>
  [...openapi.matchAll(new RegExp(`readonly ${schema}(?:_\\w+)?: \\{[\\s\\S]*?readonly name\\?: "(\\w+)";`, "g"))]
    .map(([, word]) => word)
    .filter((word, index, all) => all.indexOf(word) === index);
const list = "getPipelinesForRepository";

const page = (address, source, from, ids = build) => ({ target: "build", address, ids, source, where: from });

writeFixture("clients/bitbucket.json", {
  about:
    "What two widely used clients sent to a server on loopback, and the words of Atlassian's OpenAPI document (November 2026).",
  script: "scripts/clients/bitbucket.mjs",
  sources: {
    node: { name: "bitbucket 2.12.0 (npm)", level: "community client" },
    python: { name: "atlassian-python-api 5.0.5", level: "community client" },
    openapi: { name: "Atlassian's OpenAPI document in @coderabbitai/bitbucket 1.1.4", level: "OpenAPI" },
    atlascode: {
      name: "github.com/atlassian/atlascode (Atlassian's extension for VS Code) at c22d304898b06a09ef4928c8ce44f41068891099",
      level: "official client",
    },
    atlaskit: {
      name: "Atlassian's public @atlaskit sources: a comment with the address of one of its own builds",
      level: "source code",
    },
    "bitbucket-cli": {
      name: "github.com/avivsinai/bitbucket-cli at 2c0e5bb8b304cdd678a917eca78fbf9ddd5cb98f",
      level: "community client",
    },
  },
  requests: [
    ...byNode,
    ...byPython,
    documented("look", "get", "getPipelineForRepository", ""),
    documented("cancel", "post", "stopPipeline", "/stopPipeline"),
    {
      target: "pipeline",
      does: "list",
      source: "openapi",
      call: list,
      ids: { repository },
      values: { branch: "main", commit: "1f2e3d4c5b6a79880011223344556677889900aa", status: "PENDING" },
      method: "GET",
      path: "/2.0/repositories/acme/shop/pipelines",
      query: {
        "target.branch": "main",
        "target.commit.hash": "1f2e3d4c5b6a79880011223344556677889900aa",
        status: "PENDING",
        sort: "created_on",
        pagelen: "100",
        page: "1",
      },
      headers: {},
      body: null,
    },
    {
      target: "build",
      does: "look",
      source: "bitbucket-cli",
      call: "GetPipelineByBuildNumber (pkg/bbcloud/client.go:495, read, not run)",
      ids: build,
      method: "GET",
      path: "/2.0/repositories/acme/shop/pipelines/42",
      query: {},
      headers: {},
      body: null,
    },
  ],
  enums: [
    {
      target: "pipeline",
      of: "state.name of a pipeline",
      source: "openapi",
      where: `${at("readonly pipeline_state: {")} pipeline_state_{pending,in_progress,completed}`,
      words: ["pipeline_state_pending", "pipeline_state_in_progress", "pipeline_state_completed"].map((s) => own(s)),
    },
    {
      target: "pipeline",
      of: "state.stage.name of a pipeline in progress",
      source: "openapi",
      where: `${at("readonly pipeline_state_in_progress_paused: {")} pipeline_state_in_progress_*`,
      words: ["pipeline_state_in_progress_paused", "pipeline_state_in_progress_running"].map((s) => own(s)),
    },
    {
      target: "pipeline",
      of: "state.stage of a pipeline in progress, by its type; the OpenAPI document has no HALTED",
      source: "atlascode",
      where: "src/pipelines/model.ts:221-237, shown as Stopped",
      words: ["HALTED"],
    },
    {
      target: "pipeline",
      of: "state.result.name of a completed pipeline",
      source: "openapi",
      where: `${at("readonly pipeline_state_completed_error: {")} pipeline_state_completed_*`,
      words: ["error", "expired", "failed", "stopped", "successful"].map((s) => own(`pipeline_state_completed_${s}`)),
    },
    {
      target: "pipeline",
      of: "filter status of the list; not the words of a pipeline's state",
      source: "openapi",
      where: `${at("readonly getPipelinesForRepository: {")} ${list} status`,
      words: filter("status"),
    },
    {
      target: "pipeline",
      of: "filter trigger_type of the list",
      source: "openapi",
      where: `${list} trigger_type`,
      words: filter("trigger_type"),
    },
    {
      target: "pipeline",
      of: "filter target.ref_type of the list",
      source: "openapi",
      where: `${list} target.ref_type`,
      words: filter("target.ref_type"),
    },
    {
      target: "pipeline",
      of: "state.name, and state.result.name, of a step",
      source: "openapi",
      where: `${at("readonly pipeline_step_state: {")} pipeline_step_state_*`,
      words: names("pipeline_step_state"),
    },
  ],
  regions: [],
  pages: [
    page(
      "https://bitbucket.org/acme/shop/addon/pipelines/home#!/results/42",
      "atlascode",
      "src/views/pipelines/PipelinesTree.ts:229, src/react/atlascode/pipelines/PipelineSummaryPage.tsx:538",
    ),
    page("https://bitbucket.org/acme/shop/pipelines/results/42", "atlaskit", "the address below, without its step"),
    page(
      "https://bitbucket.org/acme/shop/pipelines/results/42/steps/%7B31b3ca1c-6917-4861-88ed-d816d6fae22f%7D",
      "atlaskit",
      "visual regression test of the table in an extension: a step",
    ),
    page(
      "https://bitbucket.org/%7B8f6b5c1e-2a0d-4d0e-9c57-3f4b2a1c0d9e%7D/%7B0b8e4c55-7a51-4f6e-8d3b-1c2d3e4f5a6b%7D/pipelines/results/42",
      "openapi",
      "workspace: slug, or UUID in braces; so Bitbucket's webhooks and clients name them",
      {
        repository: "{8f6b5c1e-2a0d-4d0e-9c57-3f4b2a1c0d9e}/{0b8e4c55-7a51-4f6e-8d3b-1c2d3e4f5a6b}",
        "build-number": "42",
      },
    ),
  ],
  variables: [],
  unverified: [
    "That a pipeline can be read by its number is in no document of Atlassian's; the two clients that do it are not Atlassian's. Whether stopPipeline takes a number is unknown.",
    "Whether a pipeline whose stage is HALTED has ended for good: Atlassian's own extension shows it as Stopped, its state says IN_PROGRESS.",
    "No tool of Atlassian's was found that reads a token for Bitbucket from a variable; its pipes were not read.",
    "How the API spells a UUID of a workspace and a repository in a path: both in braces (OpenAPI); not run.",
  ],
});

/** An operation of the document, filled in with our ids. */
function documented(does, method, call, end) {
  const path = `/repositories/{workspace}/{repo_slug}/pipelines/{pipeline_uuid}${end}`;
  const [, about = ""] = openapi.split(`readonly "${path}": {`);
  if (!about.slice(0, about.indexOf("readonly trace")).includes(`readonly ${method}: operations["${call}"]`))
    throw new Error(`the document has no ${method} ${path}`);
  const filled = `/2.0/repositories/acme/shop/pipelines/${encodeURIComponent(uuid)}${end}`;
  const asked = { method: method.toUpperCase(), path: filled, query: {}, headers: {}, body: null };
  return { target: "pipeline", does, source: "openapi", call, ids: pipeline, ...asked };
}

/** The one word of a schema. */
function own(schema) {
  const text = openapi.slice(openapi.indexOf(`readonly ${schema}: {`));
  return /readonly name\?: "(\w+)"/.exec(text)[1];
}

function quoted(union) {
  return [...union.matchAll(/"([^"]+)"/g)].map(([, word]) => word);
}
