/**
 * Renews __tests__/fixtures/clients/gorules.json:
 *
 *     node scripts/clients/gorules.mjs
 *
 * GoRules publishes no client that cancels a run. Its reference pages are printed from its OpenAPI document
 * (https://docs.gorules.io/openapi/brms.json, OpenAPI 3.0.3, title "GoRules BRMS", version "local"); that file itself
 * was not read: the operations below are read by hand on the pages, and the variables in the source of
 * GoRules' own CLI at the commit below. Installs nothing, sends nothing. All ids and credentials are made up.
 */
import { writeFixture } from "./recorder.mjs";

const reference = "https://docs.gorules.io/api-reference/brms/deployment-workflows";
const project = "3c90c3cc-0d44-4b50-8888-8dd25736052a";
const run = "5b1f2b0e-6a54-4c0e-9a61-0b7a3a0f5d11";
const ids = { "project-id": project, "run-id": run };
const reason = "rules release 41 fails its smoke test";
const authorization = "Bearer TOKEN";
const operation = (does, call, method, path, more = {}) => ({
  ...{ target: "run", does, source: "openapi", call, ids },
  ...{ method, path, query: {}, headers: { authorization }, body: null, ...more },
});
const ofCli = (name, holds, where) => ({ name, holds, source: "cli", where });

writeFixture("clients/gorules.json", {
  about:
    "The operations of GoRules' OpenAPI document, read by hand on the reference pages that are printed from it, and the variables of its own CLI (November 2026).",
  script: "scripts/clients/gorules.mjs",
  sources: {
    openapi: { name: `${reference}/* (printed from /openapi/brms.json, OpenAPI 3.0.3)`, level: "OpenAPI" },
    cli: {
      name: "github.com/gorules/cli at 51da06254c902ac9f7d26b424c9a4fa2c8afe27a",
      level: "official client",
    },
  },
  requests: [
    operation("look", "get-deployment-workflow-run", "GET", `/api/projects/${project}/runs/${run}`),
    operation("cancel", "cancel-deployment-workflow-run", "POST", `/api/projects/${project}/runs/${run}/cancel`, {
      values: { reason },
      headers: { authorization, "content-type": "application/json" },
      body: { comment: reason },
    }),
    operation("list", "list-deployment-workflow-runs", "GET", `/api/projects/${project}/runs`, {
      ids: { "project-id": project },
    }),
  ],
  enums: [
    {
      target: "run",
      of: "status of a run; in_progress and waiting are those that the cancel is documented for",
      source: "openapi",
      where: "get-deployment-workflow-run, status",
      words: ["in_progress", "waiting", "completed", "cancelled", "failure"],
    },
  ],
  regions: [],
  pages: [],
  variables: [
    ofCli("GORULES_URL", "server", "src/api/client.ts:56; with or without a trailing / or /api (:47)"),
    ofCli("GORULES_TOKEN", "token", "src/api/client.ts:57"),
    ofCli(
      "GORULES_PROJECT",
      "project-id",
      "src/commands/pull.ts:83; the project's key or its id, the runs' routes take the id",
    ),
  ],
  unverified: [
    "The OpenAPI file itself was not read, only the pages printed from it: parameters of the list and the states of a job are collapsed there.",
    "The page of a run in the browser: no document and no tool of GoRules' names one.",
    "The pages warn that the API is under active development, and that its schemas may be incomplete.",
  ],
});
