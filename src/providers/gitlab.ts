// https://docs.gitlab.com/api/jobs/#cancel-a-job
// https://docs.gitlab.com/api/pipelines/#cancel-all-jobs-for-a-pipeline
import { bearer, get, linkedPages, number, post, states } from "../kit.ts";
import type { Force, Id, Json, List, Pages, Permissions, Provider, Reading, Target, Whoami } from "../provider.ts";

const jobRoute = "/projects/{project}/jobs/{job-id}";
const pipelineRoute = "/projects/{project}/pipelines/{pipeline-id}";

const project: Id = {
  pattern: /\d{1,20}|[\w.-]+(?:\/[\w.-]+)+/,
  help: "path or number of the project",
  example: "platform/deploy",
  notInAddress: /^\d+$/,
};

/** What replies about jobs and about pipelines have in common. */
const reading = { state: "status", name: "name", ref: "ref", url: "web_url" } satisfies Reading;

/** Both cancels answer with the job or the pipeline as it is then. */
const jobReading: Reading = { ...reading, shows: { "job-id": "id" } };
const pipelineReading: Reading = { ...reading, shows: { "pipeline-id": "id" } };

const permissions: Permissions = {
  look: "the scope `read_api` or `api`, and a role that sees the project's pipelines: Guest where they are public to its members, else Reporter",
  cancel:
    "the scope `api` and the Developer role, unless the project restricts it (`ci_restrict_pipeline_cancellation_role`); on a protected branch or tag also the right to push or merge there",
  docs: "https://docs.gitlab.com/user/permissions/#cicd",
};

/** A role of Developer (30) or more, in the project or by its group: https://docs.gitlab.com/api/access_requests/#valid-access-levels */
function isDeveloper({ permissions: { project_access, group_access } }: Json): boolean | undefined {
  const levels = [project_access, group_access].filter(Boolean).map(({ access_level }) => access_level);
  return levels.length > 0 ? Math.max(...levels) >= 30 : undefined;
}

/** An OAuth token is no access token, and is told by its user alone. */
const whoami: readonly Whoami[] = [
  {
    ...get("/user"),
    docs: "https://docs.gitlab.com/api/users/#retrieve-the-current-user",
    who: "username",
  },
  {
    ...get("/personal_access_tokens/self"),
    docs: "https://docs.gitlab.com/api/personal_access_tokens/#self-inform",
    scopes: "scopes",
    needs: ["api"],
    expires: "expires_at",
  },
  {
    ...get("/projects/{project}"),
    docs: "https://docs.gitlab.com/api/projects/#retrieve-a-project",
    may: isDeveloper,
    caveat: "a role by a group that the project is shared with does not show there",
  },
];

/** Takes effect only on a job that is already `canceling`: on any other one GitLab answers 201 and does nothing. */
const force: Force = {
  ...post(`${jobRoute}/cancel`, { body: { force: true } }),
  called: "a cancel with `force: true`",
  from: ["cancelling"],
  rights: "the Maintainer role",
  confirmed: "status-only",
};

/**
 * A pipeline has no forced stop of its own. What holds one is a job that hangs in `canceling`, as after a restart of its
 * runner: https://gitlab.com/gitlab-org/gitlab/-/issues/467107 https://gitlab.com/gitlab-org/gitlab-runner/-/issues/37900
 */
const forceOfJobs: Force = {
  ...post(`${jobRoute}/cancel`, { body: { force: true } }),
  each: {
    ...linkedPages(`${pipelineRoute}/jobs?per_page=100`),
    target: "job",
    ids: { "job-id": "id" },
    state: "status",
    in: ["cancelling"],
  },
  called: "a cancel of its jobs with `force: true`",
  rights: "the Maintainer role",
  confirmed: "status-only",
};

/** The jobs that start pipelines; GitLab before 19.2 calls them bridges. */
const triggerJobs: Pages = {
  ...linkedPages(`${pipelineRoute}/trigger_jobs?per_page=100`),
  otherwise: { on: /^404$/, ...linkedPages(`${pipelineRoute}/bridges?per_page=100`) },
};

/** `refs/merge-requests/12/head`, `…/merge` or `…/train` */
function mergeRequestOf({ ref }: Json): string | undefined {
  return /^refs\/merge-requests\/(\d+)\//.exec(ref)?.[1];
}

const list: List = {
  ...linkedPages("/projects/{project}/pipelines?per_page=100"),
  within: ["project"],
  pageSize: 100,
  filters: { branch: "ref", commit: "sha", event: "source", workflow: "name", state: "status" },
  unknownWord: /answered 400: status does not have a valid value/,
  item: {
    id: "id",
    branch: "ref",
    commit: "sha",
    started: "created_at",
    event: "source",
    workflow: ["name"],
    repository: "project_id",
    pullRequest: mergeRequestOf,
  },
  // Those of merge requests: https://docs.gitlab.com/ci/pipelines/merge_request_pipelines/
  otherRefs: /refs\/.+/,
  // A pipeline of a tag shows the tag's name as its ref.
  tags: {
    is: "tag",
    named: get("/projects/{project}/repository/tags/{branch}"),
    exceptEvents: /merge_request_event|external_pull_request_event/,
  },
  pullRequest: {
    ...linkedPages("/projects/{project}/merge_requests/{pull-request}/pipelines?per_page=100"),
    ids: { project: "project_id" },
  },
  // https://docs.gitlab.com/api/merge_requests/#list-project-merge-requests
  openPullRequests: {
    ...linkedPages("/projects/{project}/merge_requests?state=opened&per_page=100"),
    number: "iid",
    branch: "source_branch",
    headRepository: "source_project_id",
    filter: "source_branch",
    one: get("/projects/{project}/merge_requests/{pull-request}"),
  },
  // https://docs.gitlab.com/api/branches/#list-repository-branches
  branches: { ...linkedPages("/projects/{project}/repository/branches?per_page=100"), name: "name" },
  // https://docs.gitlab.com/api/pipelines/#list-project-pipelines
  unlistedEvents: ["parent_pipeline"],
  advice: [
    // Their ref is `refs/merge-requests/12/head`: https://docs.gitlab.com/ci/pipelines/merge_request_pipelines/
    {
      input: "branch",
      on: /.+/,
      say: "a merge request's own pipelines are on none of its branches; {pull-request} selects them",
    },
    // https://docs.gitlab.com/ci/yaml/#workflowname
    { input: "workflow", on: /.+\.ya?ml/, say: "a pipeline is identified by its `workflow: name`, not by a file" },
  ],
};

const job: Target = {
  ids: {
    project,
    "job-id": number("number of the job, as in its page's address", "4711", { digits: 20, unique: true }),
  },
  pages: ["/{+project}/-/jobs/{job-id}"],
  permissions,
  look: { ...get(jobRoute), ...jobReading },
  cancel: { ...post(`${jobRoute}/cancel`), reply: jobReading },
  force: [force],
  // A job that fails may be retried as a new one: https://docs.gitlab.com/ci/yaml/#retry
  // Without `include_retried` the list has the newest job of each name: https://docs.gitlab.com/api/jobs/#list-pipeline-jobs
  successor: {
    ...linkedPages(`${pipelineRoute}/jobs?per_page=100`),
    after: ["failed"],
    within: { "pipeline-id": "pipeline.id" },
    name: "name",
    id: "id",
    state: "status",
    instead: "pipeline",
  },
};

const pipeline: Target = {
  ids: {
    project,
    "pipeline-id": number("number of the pipeline, as in its page's address", "1215", { digits: 20, unique: true }),
  },
  // The second one is the form before GitLab 12, which still leads to the first.
  pages: ["/{+project}/-/pipelines/{pipeline-id}", "/{+project}/pipelines/{pipeline-id}"],
  permissions,
  look: { ...get(pipelineRoute), ...pipelineReading },
  cancel: { ...post(`${pipelineRoute}/cancel`), reply: pipelineReading },
  // https://gitlab.com/gitlab-org/gitlab/-/issues/19273 https://gitlab.com/gitlab-org/gitlab/-/issues/519143
  noEffect: {
    words: ["manual"],
    because:
      "GitLab leaves manual jobs as they are, and nothing else of this pipeline is left; until somebody starts them nothing runs. " +
      "Each can be cancelled by its job-id",
  },
  force: [forceOfJobs],
  list,
  jobs: [
    { ...linkedPages(`${pipelineRoute}/jobs?per_page=100`), name: "name", state: "status" },
    { ...triggerJobs, name: "name", state: "status" },
  ],
  // Children are cancelled with their parent, pipelines of other projects are not:
  // https://gitlab.com/gitlab-org/gitlab/-/issues/390453
  downstream: [
    {
      ...triggerJobs,
      target: "pipeline",
      ids: { project: "downstream_pipeline.project_id", "pipeline-id": "downstream_pipeline.id" },
    },
  ],
};

export const gitlab = {
  name: "GitLab CI/CD",
  docs: "https://docs.gitlab.com/api/jobs/#cancel-a-job",
  rights:
    "A personal, project or group access token, or an OAuth token, with scope `api` and at least the Developer role; on a protected branch or tag also " +
    "the right to push or merge there. Forced stop: Maintainer. `CI_JOB_TOKEN` cannot cancel.",
  whoami,
  server: {
    url: "https://gitlab.com",
    api: "/api/v4",
    env: ["GITLAB_HOST", "GITLAB_URI", "GL_HOST"],
    selfHosted: true,
    // "Authenticated API traffic for a user": https://docs.gitlab.com/user/gitlab_com/rate_limits/#current-rate-limits
    // Lower ones, by plan, are announced there; they show as a 429 that says how long to wait.
    budget: { points: 2000, seconds: 60, hosts: ["gitlab.com"] },
  },
  // Personal, project, group and OAuth tokens alike; the header PRIVATE-TOKEN takes no OAuth ones:
  // https://docs.gitlab.com/api/rest/authentication/#personalprojectgroup-access-tokens
  // The names are those that glab reads, but for OAUTH_TOKEN, which names no vendor.
  auth: [bearer("GITLAB_TOKEN", "GITLAB_ACCESS_TOKEN")],
  // `find_project!` there; a job or a pipeline that is missing is "404 Not found": https://gitlab.com/gitlab-org/gitlab/-/blob/master/lib/api/helpers.rb
  container: { kind: "project", ids: ["project"], missingWords: /404 Project Not Found/ },
  states: states({
    queued: ["created", "waiting_for_resource", "preparing", "waiting_for_callback", "pending"],
    running: ["running"],
    blocked: ["manual", "scheduled"],
    cancelling: ["canceling"],
    cancelled: ["canceled"],
    succeeded: ["success"],
    failed: ["failed"],
    skipped: ["skipped"],
  }),
  targets: { job, pipeline },
} satisfies Provider;
