// https://developer.atlassian.com/cloud/bitbucket/rest/api-group-pipelines/#api-repositories-workspace-repo-slug-pipelines-pipeline-uuid-stoppipeline-post
import { bearer, get, number, post, states } from "../kit.ts";
import type { Id, Json, List, Provider, Reading, Target } from "../provider.ts";

/** A workspace and a repository are named by slug or by UUID, each; the braces of a UUID are encoded in an address. */
const repository: Id = {
  pattern: /(?:[\w.-]+|(?:\{|%7B)[0-9A-Fa-f-]{36}(?:\}|%7D))\/(?:[\w.-]+|(?:\{|%7B)[0-9A-Fa-f-]{36}(?:\}|%7D))/,
  help: "workspace and slug of the repository",
  example: "acme/shop",
  normalize: lowerCaseUuids,
};

const pipelineId: Id = {
  pattern: /\{[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\}/,
  help: "UUID of the pipeline",
  example: "{3c90c3cc-0d44-4b50-8888-8dd25736052a}",
  hint: "the number in a page's address is the build-number",
  normalize: inBraces,
};

/** As Bitbucket writes them. */
function lowerCaseUuids(repository: string): string {
  return repository
    .replaceAll("%7B", "{")
    .replaceAll("%7D", "}")
    .replace(/\{[^}]*\}/g, (uuid) => uuid.toLowerCase());
}

/** Bitbucket writes UUIDs in lower case and in braces. */
function inBraces(uuid: string): string {
  return `{${uuid.replace(/^\{|\}$/g, "").toLowerCase()}}`;
}

const reading = {
  state: ["state.result.name", "state.stage.name", "state.name"],
  over: { "state.name": "COMPLETED" },
  ref: "target.ref_name",
  shows: { "pipeline-id": "uuid", "build-number": "build_number" },
  learn: { "pipeline-id": "uuid", "build-number": "build_number" },
} satisfies Reading;

/** `branch`, `tag`, `annotated_tag`, `bookmark`; a pull request has none. */
function isTag({ target }: Json): boolean | undefined {
  return target.ref_type ? /tag/i.test(target.ref_type) : false;
}

/** A pipeline of a pull request has the branch that it comes from in the place of a ref. Forks' pull requests start none. */
const list: List = {
  ...get("/repositories/{+repository}/pipelines?pagelen=100&sort=-created_on"),
  items: "values",
  next: "next",
  within: ["repository"],
  pageSize: 100,
  filters: { state: "status" },
  live: ["PAUSED", "HALTED", "PARSING", "PENDING", "BUILDING", "HALTED", "PAUSED"],
  item: {
    id: "uuid",
    branch: ["target.ref_name", "target.source"],
    commit: "target.commit.hash",
    started: "created_on",
    event: "trigger.name",
    workflow: ["target.selector.pattern", "target.selector.type"],
    repository: "repository.uuid",
    pullRequest: "target.pullrequest.id",
  },
  tags: { is: isTag },
};

/**
 * One kind of run with two names: the API takes the UUID, people know the number. The look teaches the one that is missing.
 * The second page is what commit statuses and Atlassian's own extension link to.
 */
const shared = {
  pages: [
    "/{+repository}/pipelines/results/{build-number}",
    "/{+repository}/addon/pipelines/home#!/results/{build-number}",
  ],
  permissions: {
    look: "the scope `pipeline` (access tokens) or `read:pipeline:bitbucket` (API tokens)",
    cancel: "the scope `pipeline:write` or `write:pipeline:bitbucket`",
    docs: "https://developer.atlassian.com/cloud/bitbucket/bitbucket-cloud-rest-api-scopes/",
  },
  cancel: post("/repositories/{+repository}/pipelines/{pipeline-id}/stopPipeline"),
  jobs: [
    {
      ...get("/repositories/{+repository}/pipelines/{pipeline-id}/steps?pagelen=100"),
      items: "values",
      next: "next",
      name: "name",
      state: ["state.result.name", "state.name"],
    },
  ],
} satisfies Partial<Target>;

export const bitbucket = {
  name: "Bitbucket Pipelines",
  docs: "https://developer.atlassian.com/cloud/bitbucket/rest/api-group-pipelines/#api-repositories-workspace-repo-slug-pipelines-pipeline-uuid-stoppipeline-post",
  rights:
    "A repository, project or workspace access token with scope `pipeline:write`; or your Atlassian account's e-mail as `username` and " +
    "an API token with `read:pipeline:bitbucket` and `write:pipeline:bitbucket`. A step's own environment has no such token.",
  whoami: [
    {
      ...get("/user"),
      docs: "https://developer.atlassian.com/cloud/bitbucket/rest/api-group-users/#api-user-get",
      who: ["display_name", "nickname", "uuid"],
      // https://support.atlassian.com/bitbucket-cloud/kb/how-to-fetch-the-scope-of-a-token-via-command-line
      scopesHeader: "x-oauth-scopes",
      needs: ["pipeline:write", "write:pipeline:bitbucket"],
    },
  ],
  server: {
    url: "https://bitbucket.org",
    api: { "bitbucket.org": "https://api.bitbucket.org/2.0", "*": "/2.0" },
  },
  auth: [bearer(), { scheme: "basic-token", env: {} }],
  states: states({
    queued: ["PENDING", "PARSING", "READY"],
    running: ["IN_PROGRESS", "RUNNING", "BUILDING"],
    blocked: ["PAUSED", "HALTED"],
    cancelled: ["STOPPED"],
    succeeded: ["SUCCESSFUL", "PASSED"],
    failed: ["FAILED", "ERROR", "EXPIRED"],
    skipped: ["NOT_RUN"],
  }),
  targets: {
    pipeline: {
      ids: { repository, "pipeline-id": pipelineId },
      look: { ...get("/repositories/{+repository}/pipelines/{pipeline-id}"), ...reading },
      ...shared,
      list,
    },
    build: {
      ids: { repository, "build-number": number("number of the pipeline, as in its page's address", "42") },
      look: { ...get("/repositories/{+repository}/pipelines/{build-number}"), ...reading },
      ...shared,
    },
  },
  unverified: [
    "Whether the reply to `/user` has the header with the token's scopes: Atlassian shows it for the lists of repositories and workspaces.",
    "That a pipeline can be read by its number is not in the documents; widely used clients do it. It is stopped by its UUID only.",
    "Whether a stage HALTED, which Atlassian's own clients know, can go on: it counts as waiting for a person.",
    "Which pipelines the words of the list's filter stand for: the document names the words alone. BUILDING is taken for those that run.",
    "The fields of a pull request's pipeline (`target.source`, `target.pullrequest.id`): clients read them.",
    "The words PARSING, BUILDING and PASSED are documented as filters of the list only.",
  ],
} satisfies Provider;
