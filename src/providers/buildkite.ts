// https://buildkite.com/docs/apis/rest-api/builds#cancel-a-build
// https://buildkite.com/docs/apis/rest-api/builds#get-a-build
// https://buildkite.com/docs/apis/graphql-api, its schema: data/graphql/schema.graphql of github.com/buildkite/docs
import { bearer, get, linkedPages, number, post, states, uuid } from "../kit.ts";
import type { Call, Context, Id, Ids, Json, List, Provider, Target } from "../provider.ts";

const builds = "/organizations/{organization}/pipelines/{pipeline}/builds";

/** The jobs stand in the build itself, one for each step: of a job that was retried, the last attempt. */
const jobsOfBuild = get(`${builds}/{build-number}?exclude_pipeline=true`);

function slug(help: string, example: string): Id {
  return { pattern: /[A-Za-z0-9][\w-]*/, help, example };
}

/**
 * A build that waits at a block step keeps the state it had, `passed` by default, and says `blocked: true` beside it:
 * https://buildkite.com/docs/pipelines/configure/notify#build-states
 */
function stateOf({ blocked, state }: Json): string | undefined {
  return blocked === true && /^(?:passed|failed|running)$/.test(state) ? "blocked" : state;
}

/** Only trigger steps start builds: https://buildkite.com/docs/apis/rest-api/builds#job-data-model */
function triggerJobs({ jobs }: Json): readonly Json[] | undefined {
  return jobs?.filter(({ type }: Json) => type === "trigger");
}

/** A triggered build tells its organization by its address only: …/organizations/acme/pipelines/deploy/builds/15. */
function triggeredOrganization({ triggered_build }: Json): string | undefined {
  return /\/organizations\/([^/]+)\//.exec(triggered_build?.url ?? "")?.[1];
}

/** Its pipeline is in the same address. */
function triggeredPipeline({ triggered_build }: Json): string | undefined {
  return /\/pipelines\/([^/]+)\//.exec(triggered_build?.url ?? "")?.[1];
}

/** Owner and name of the pipeline's repository: the address has many spellings, git@github.com:acme/shop.git among them. */
function repository({ pipeline }: Json): string | undefined {
  return ownerAndName(pipeline?.repository);
}

/**
 * Owner and name of the repository that the branch is in: a pull request from a fork may have the plain name of a branch.
 * https://buildkite.com/docs/apis/rest-api/pipelines#provider-settings-properties
 */
function headRepository({ pull_request, pipeline }: Json): string | undefined {
  return ownerAndName(pull_request?.repository ?? pipeline?.repository);
}

function ownerAndName(address: string | null | undefined): string | undefined {
  return /([^/:]+\/[^/:]+?)(?:\.git)?\/?$/.exec(address ?? "")?.[1]?.toLowerCase();
}

const list: List = {
  ...linkedPages(`${builds}?exclude_jobs=true&per_page=100`),
  within: ["organization", "pipeline"],
  pageSize: 100,
  filters: { branch: "branch", commit: "commit", state: "state" },
  // Without `live` the words of jobs would be asked for, which the filter does not take.
  live: ["blocked", "creating", "scheduled", "running", "failing", "blocked", "canceling"],
  item: {
    id: "number",
    branch: "branch",
    commit: "commit",
    started: "created_at",
    event: "source",
    headRepository,
    headRepositoryName: headRepository,
    repository,
  },
};

const buildIds = {
  organization: { ...slug("slug of the organization", "acme"), env: ["BUILDKITE_ORGANIZATION_SLUG"] },
  pipeline: slug("slug of the pipeline", "deploy"),
  "build-number": number("number of the build, as in its page's address", "42", {
    hint: "a build's UUID is not its number; its page's address has the number",
  }),
} satisfies Target["ids"];

const build: Target = {
  ids: buildIds,
  // The second one is what `bk artifacts list` prints.
  pages: [
    "/{organization}/{pipeline}/builds/{build-number}",
    "/organizations/{organization}/pipelines/{pipeline}/builds/{build-number}",
  ],
  permissions: {
    look: "the scope `read_builds`",
    cancel: "the scope `write_builds`",
    docs: "https://buildkite.com/docs/apis/rest-api/builds#cancel-a-build",
  },
  look: {
    ...get(`${builds}/{build-number}?exclude_jobs=true`),
    state: stateOf,
    name: "message",
    ref: "branch",
    url: "web_url",
    shows: { "build-number": "number" },
    record: { "cancel-reason": "cancel_reason" },
  },
  cancel: { route: `PUT ${builds}/{build-number}/cancel` },
  list,
  jobs: [{ ...jobsOfBuild, items: "jobs", name: "name", state: "state" }],
  downstream: [
    {
      ...jobsOfBuild,
      items: triggerJobs,
      target: "build",
      ids: {
        organization: triggeredOrganization,
        pipeline: triggeredPipeline,
        "build-number": "triggered_build.number",
      },
    },
  ],
};

function graphql(query: string, variables: Ids = {}): Call {
  return post("/v1", { body: { query, variables } });
}

const lookAtJob =
  "query CancelRunLook($jobId: ID!) { job(uuid: $jobId) { __typename ... on JobTypeCommand { uuid state passed label url " +
  "build { number branch } pipeline { slug organization { slug } } } } }";

function cancelOfJob(jobId: string): Call {
  return graphql(
    "mutation CancelRunCancel($jobId: ID!) { jobTypeCommandCancel(input: { id: $jobId }) { jobTypeCommand { uuid state } } }",
    { jobId },
  );
}

/** The mutation takes a global id, and `bk job cancel` makes it from the UUID: the base64 of `JobTypeCommand---UUID`. */
function cancelByGlobalId({ ids }: Context): Call {
  return cancelOfJob(btoa(`JobTypeCommand---${ids["job-id"]}`));
}

/** `FINISHED` does not say how, and `passed` is false of a job that has not finished, too. */
function stateOfJob({ data }: Json): string | undefined {
  const { state, passed } = data.job;
  if (state !== "FINISHED") return state.toLowerCase();
  if (typeof passed !== "boolean") return undefined;
  return passed ? "passed" : "failed";
}

/** A job that is not there, or is hidden from the token, is null. */
function isNoJob({ data, errors }: Json): boolean {
  return data.job === null && errors === undefined;
}

/** GraphQL's errors come with 200. Block, wait and trigger steps have jobs, too, which cannot be cancelled. */
function errorOf({ data, errors }: Json): string | undefined {
  const kind = data?.job?.__typename ?? "JobTypeCommand";
  return (
    errors?.[0]?.message ??
    (kind === "JobTypeCommand" ? undefined : `${kind}: only jobs of command steps can be cancelled`)
  );
}

const job: Target = {
  ids: { ...buildIds, "job-id": uuid("UUID of the job", "b63254c0-3271-4a98-8270-7cfbd6c2f14e", { unique: true }) },
  // The second one is what a browser shows, whatever the view: …/builds/42/steps/canvas?jid=….
  pages: [
    "/{organization}/{pipeline}/builds/{build-number}#{job-id}",
    "/{organization}/{pipeline}/builds/{build-number}?jid={job-id}",
  ],
  permissions: {
    look: "GraphQL API access",
    cancel: "GraphQL API access",
    docs: "https://buildkite.com/docs/apis/graphql-api#authentication",
  },
  api: { "buildkite.com": "https://graphql.buildkite.com", "*": "" },
  whoami: [
    {
      ...graphql("query CancelRunWho { viewer { user { name } } }"),
      docs: "https://buildkite.com/docs/apis/graphql-api#performing-requests-with-curl",
      who: "data.viewer.user.name",
    },
  ],
  look: {
    ...graphql(lookAtJob, { jobId: "{job-id}" }),
    notFoundWhen: isNoJob,
    state: stateOfJob,
    name: "data.job.label",
    ref: "data.job.build.branch",
    url: "data.job.url",
    shows: {
      organization: "data.job.pipeline.organization.slug",
      pipeline: "data.job.pipeline.slug",
      "build-number": "data.job.build.number",
      "job-id": "data.job.uuid",
    },
  },
  cancel: { ask: cancelByGlobalId, calls: [cancelOfJob("{global-id}")] },
};

export const buildkite = {
  name: "Buildkite",
  docs: "https://buildkite.com/docs/apis/rest-api/builds#cancel-a-build",
  rights:
    "An API access token with the scopes `read_builds` and `write_builds`; for a single job, with GraphQL API access, which allows all that " +
    "its owner may do.",
  whoami: [
    {
      ...get("/access-token"),
      docs: "https://buildkite.com/docs/apis/rest-api/access-token#get-the-current-token",
      who: ["user.name", "user.email"],
      scopes: "scopes",
      needs: ["write_builds"],
    },
  ],
  server: {
    url: "https://buildkite.com",
    api: { "buildkite.com": "https://api.buildkite.com/v2", "*": "/v2" },
    // For all requests in an organization: https://buildkite.com/docs/apis/rest-api/rate-limits
    budget: { points: 200, seconds: 60, hosts: ["buildkite.com"] },
  },
  auth: [bearer("BUILDKITE_API_TOKEN")],
  errors: { code: errorOf, denied: /permission|not authorized|forbidden|authentication required/i },
  states: states({
    queued: [
      "creating",
      "scheduled",
      "pending",
      "waiting",
      "limiting",
      "limited",
      "platform_limiting",
      "platform_limited",
      "reserved",
      "assigned",
      "accepted",
    ],
    running: ["running", "failing", "timing_out"],
    blocked: ["blocked"],
    cancelling: ["canceling"],
    cancelled: ["canceled"],
    succeeded: ["passed", "unblocked"],
    failed: ["failed", "timed_out"],
    skipped: ["skipped", "not_run", "broken", "expired", "blocked_failed", "unblocked_failed"],
  }),
  targets: { build, job },
  unverified: [
    "The words by which GraphQL refuses to cancel a job, and that a job which the token may not see is null: the schema says that it may be null, and nothing says when.",
    "The page of a job with `?jid=`: no document has it; it is in links that people paste from their browsers.",
    "What a cancel is answered for a build that waits at a block step: the document has cancels for scheduled, running and failing builds only; a look decides.",
    "Whether `blocked` stays true on a canceled build: it counts as canceled either way.",
    "The bodies of 401, 403 and 404 for a build: the document of the cancel names 422 alone; the official client treats these three as usual.",
    "A build of a tag has the tag's name as its branch, and no documented field tells the two apart: a selection by that name takes both.",
    "The form of `pull_request.repository`, by which builds of forks are told apart, is documented for BUILDKITE_PULL_REQUEST_REPO only.",
    "The word waiting for a build: one of the documents has it, and none says what for.",
    "Whether a build that is waiting_failed, a word that one of the documents has, can go on: it counts as unknown, and so does a job.",
    "A job that is retried starts a build again under its number, and nothing in the reply says so.",
    "Whether a triggered build is cancelled with the one that triggered it; `downstream` looks before it cancels.",
  ],
} satisfies Provider;
