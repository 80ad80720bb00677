/**
 * Renews __tests__/fixtures/clients/circleci.json:
 *
 *     node scripts/clients/circleci.mjs openapi.json
 *
 * No client was run: CircleCI's own command line cancels by an API (v3) that no document describes. The requests are the operations of
 * CircleCI's OpenAPI document, swagger/api/openapi.json of github.com/CircleCI-Public/circleci-sdk-go at f784006a, and the states are
 * read out of it. Pages and variables are read by hand in the sources of the command line, at the commit below. Sends nothing.
 * All ids and credentials are made up.
 */
import { readFileSync } from "node:fs";
import process from "node:process";
import { writeFixture } from "./recorder.mjs";

const { paths } = JSON.parse(readFileSync(process.argv[2], "utf8"));
const pipeline = "5034460f-c7c4-4c43-9457-de07e2029e7b";
const workflow = "e3ed1d4d-5c7f-4f3a-9b44-8e6d4c6a3a11";
const job = "0a4f8a57-1c2b-4d3e-8f60-7b8c9d0e1f22";
const ofWorkflow = { "workflow-id": workflow };
const ofJob = { "project-slug": "gh/acme/shop", "job-number": "4711" };
const ofWorkflowJob = { "workflow-id": workflow, "job-id": job };

const requests = [
  ["pipeline", "look", "GET", "/pipeline/{pipeline-id}/workflow", { "pipeline-id": pipeline }],
  ["pipeline", "cancel", "POST", "/workflow/{id}/cancel", { "pipeline-id": pipeline, ...ofWorkflow }, workflow],
  ["workflow", "look", "GET", "/workflow/{id}", ofWorkflow, workflow],
  ["workflow", "cancel", "POST", "/workflow/{id}/cancel", ofWorkflow, workflow],
  ["workflow", "jobs", "GET", "/workflow/{id}/job", ofWorkflow, workflow],
  ["job", "look", "GET", "/project/{project-slug}/job/{job-number}", ofJob],
  ["job", "cancel", "POST", "/project/{project-slug}/job/{job-number}/cancel", ofJob],
  ["workflow-job", "look", "GET", "/workflow/{id}/job", ofWorkflowJob, workflow],
  ["workflow-job", "cancel", "POST", "/jobs/{job-id}/cancel", ofWorkflowJob],
].map(([target, does, method, path, ids, id]) => {
  const { operationId } = paths[path][method.toLowerCase()];
  const filled = path.replace(/\{([a-z-]+)\}/g, (_, name) => (name === "id" ? id : ids[name]));
  return {
    ...{ target, does, source: "openapi", call: operationId, ids, method, path: `/api/v2${filled}` },
    ...{ query: {}, headers: { "circle-token": "TOKEN" }, body: null },
  };
});

/** The words of a status in the reply of an operation. */
function words(path, inItems) {
  const { schema } = paths[path].get.responses[200].content["application/json"];
  return (inItems ? schema.properties.items.items : schema).properties.status.enum;
}

const enums = [
  ["workflow", "status of a workflow", "/workflow/{id}", false],
  ["pipeline", "status of a pipeline's workflow", "/pipeline/{pipeline-id}/workflow", true],
  ["job", "status of a job", "/project/{project-slug}/job/{job-number}", false],
  ["workflow-job", "status of a workflow's job", "/workflow/{id}/job", true],
].map(([target, of, path, inItems]) => ({ target, of, source: "openapi", where: path, words: words(path, inItems) }));

const app = "https://app.circleci.com";
const urls = "internal/cmdutil/appurls.go";

writeFixture("clients/circleci.json", {
  about: "The operations and the words of CircleCI's OpenAPI document; nothing was run (November 2026).",
  script: "scripts/clients/circleci.mjs",
  sources: {
    openapi: {
      name: "github.com/CircleCI-Public/circleci-sdk-go at f784006a, swagger/api/openapi.json",
      level: "OpenAPI",
    },
    cli: { name: "github.com/CircleCI-Public/circleci-cli at 5bb71833", level: "source code" },
  },
  requests,
  enums,
  regions: [],
  pages: [
    page("pipeline", `${app}/pipeline/${pipeline}`, { "pipeline-id": pipeline }, `${urls}, RunURL`),
    page("workflow", `${app}/workflow/${workflow}`, ofWorkflow, `${urls}, WorkflowURL`),
    page("workflow-job", `${app}/workflow/${workflow}/job/${job}`, ofWorkflowJob, `${urls}, JobURL`),
  ],
  variables: [
    { name: "CIRCLE_TOKEN", holds: "token", source: "cli", where: "internal/config/config.go:492" },
    { name: "CIRCLE_HOST", holds: "server", source: "cli", where: "internal/config/config.go:468" },
    { name: "CIRCLECI_CLI_TOKEN", holds: "token", source: "cli", where: "before 1.0: 7d067c73, the help text" },
  ],
  unverified: [
    "The older addresses of a workflow, /pipelines/VCS/ORG/PROJECT/NUMBER/workflows/ID, and of its jobs are in CircleCI's documents; no tool that was read prints them.",
  ],
});

function page(target, address, ids, where) {
  return { target, address, ids, source: "cli", where };
}
