// https://developer.atlassian.com/cloud/bitbucket/rest/api-group-pipelines/#api-repositories-workspace-repo-slug-pipelines-pipeline-uuid-stoppipeline-post
import type { Id, Provider, Reading, Step } from "../provider.ts";

const repository: Id = {
  pattern: /[\w.-]+\/[\w.-]+/,
  help: "workspace and slug of the repository",
  example: "acme/shop",
};
const reading = {
  state: ["state.result.name", "state.stage.name", "state.name"],
  over: (b) => b.state.name === "COMPLETED",
  ref: "target.ref_name",
  shows: { "pipeline-id": "uuid", "build-number": "build_number" },
  learn: { "pipeline-id": "uuid", "build-number": "build_number" },
} satisfies Reading;
const cancel: Step = { route: "POST /repositories/{+repository}/pipelines/{pipeline-id}/stopPipeline" };
const page = "/{+repository}/pipelines/results/{build-number}";

export const bitbucket = {
  name: "Bitbucket Pipelines",
  docs: "https://developer.atlassian.com/cloud/bitbucket/rest/api-group-pipelines/#api-repositories-workspace-repo-slug-pipelines-pipeline-uuid-stoppipeline-post",
  rights:
    "A repository, project or workspace access token with scope `pipeline:write`; or your Atlassian account's e-mail as `username` and an API token with `read:pipeline:bitbucket` and `write:pipeline:bitbucket`. A step's own environment has no such token.",
  server: {
    url: "https://bitbucket.org",
    api: ({ host }) => (host === "bitbucket.org" ? "https://api.bitbucket.org/2.0" : "/2.0"),
  },
  auth: [
    { scheme: "bearer", env: {} },
    { scheme: "basic-token", env: {} },
  ],
  states: {
    PENDING: "queued",
    IN_PROGRESS: "running",
    RUNNING: "running",
    PAUSED: "blocked",
    SUCCESSFUL: "succeeded",
    FAILED: "failed",
    ERROR: "failed",
    EXPIRED: "failed",
    STOPPED: "cancelled",
  },
  // One kind of run, two names for it: the API takes the UUID, people know the number. The look teaches the one that is missing.
  targets: {
    pipeline: {
      ids: {
        repository,
        "pipeline-id": {
          pattern: /\{[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\}/,
          help: "UUID of the pipeline",
          example: "{3c90c3cc-0d44-4b50-8888-8dd25736052a}",
          hint: "the number in a page's address is the build-number",
          normalize: (id) => `{${id.replace(/^\{|\}$/g, "").toLowerCase()}}`,
        },
      },
      page,
      cancel,
      look: { route: "GET /repositories/{+repository}/pipelines/{pipeline-id}", ...reading },
    },
    build: {
      ids: {
        repository,
        "build-number": {
          pattern: /[1-9]\d{0,9}/,
          help: "number of the pipeline, as in its page's address",
          example: "42",
        },
      },
      page,
      cancel,
      look: { route: "GET /repositories/{+repository}/pipelines/{build-number}", ...reading },
    },
  },
  unverified: [
    "That a pipeline can be read by its number is not in the documents; widely used clients do it. It is stopped by its UUID only.",
    "Whether a stage HALTED, which Atlassian's own clients know, can go on.",
  ],
} satisfies Provider;
