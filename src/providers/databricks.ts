// https://docs.databricks.com/api/workspace/jobs/cancelrun
// https://docs.databricks.com/api/workspace/jobs/getrun
// https://docs.databricks.com/api/workspace/jobs/listruns
import { bearer, get, number, post, states } from "../kit.ts";
import type { Jobs, Json, List, Permissions, Provider, Target } from "../provider.ts";

/** How a run or a task ended is told by its code, or, by an older server, by its result; until then it has a state alone. */
function stateOf({ status, state }: Json): string | undefined {
  if (status) return status.state === "TERMINATED" ? status.termination_details?.code : status.state;
  return state.life_cycle_state === "TERMINATED" ? state.result_state : state.life_cycle_state;
}

/** "Additional codes might be introduced in future releases": whatever the code, what is terminated is over. */
function isOver({ status, state }: Json): boolean | undefined {
  const word = status ? status.state : state.life_cycle_state;
  return typeof word === "string" ? /^(?:TERMINATED|SKIPPED|INTERNAL_ERROR)$/.test(word) : undefined;
}

/** A repair starts a run again under its id. */
function attemptOf({ repair_history: history }: Json): number | undefined {
  return history?.length;
}

/** The official client takes these words for a run that is not there, too. */
function codeOf({ error_code: code, message }: Json): string | undefined {
  const isMissing = code === "INVALID_PARAMETER_VALUE" && /^Run.{1,200}(?:does not|doesn't) exist/.test(message);
  return isMissing ? "RESOURCE_DOES_NOT_EXIST" : code;
}

/** An empty list is left out of the reply. */
function listed({ runs = [] }: Json): readonly Json[] {
  return runs;
}

/** In milliseconds since 1970. */
function startedAt({ start_time: time }: Json): string | undefined {
  return time > 0 ? new Date(time as number).toISOString() : undefined;
}

/** A branch's name, or the commit that it stood for when the run began. */
function commitOf({ git_source: source }: Json): string | undefined {
  return source.git_snapshot?.used_commit ?? source.git_commit;
}

/** A run whose code is in no repository is for neither. */
function isForTag({ git_source: source }: Json): boolean {
  return source.git_tag !== undefined;
}

const host = ["DATABRICKS_HOST"];

const list: List = {
  ...get("/jobs/runs/list?job_id={job-id}&active_only=true&limit=24"),
  items: listed,
  next: { parameter: "page_token", token: "next_page_token" },
  within: ["job-id"],
  pageSize: 24,
  filters: {},
  item: {
    id: "run_id",
    branch: "git_source.git_branch",
    commit: commitOf,
    started: startedAt,
    event: "trigger",
    headRepository: "git_source.git_url",
    repository: "git_source.git_url",
  },
  tags: { is: isForTag },
};

const aRun = "/jobs/runs/get?run_id={run-id}&include_history=true";

const jobs: Jobs = {
  ...get(aRun),
  items: "tasks",
  next: { parameter: "page_token", token: "next_page_token" },
  name: "task_key",
  state: stateOf,
};

const permissions: Permissions = {
  look: "CAN VIEW on the job",
  cancel: "CAN MANAGE RUN on the job",
  docs: "https://docs.databricks.com/aws/en/security/auth/access-control/#job-acls",
};

const run: Target = {
  ids: {
    "job-id": number("id of the job", "35950", { digits: 19, optional: true }),
    "run-id": number("id of the run, or of one of its tasks", "943974437345362", { digits: 19, unique: true }),
  },
  // The first is what the API says; its workspace, `?o=`, may stand in front.
  pages: ["/#job/{job-id}/run/{run-id}", "/jobs/{job-id}/runs/{run-id}"],
  permissions,
  look: {
    ...get(aRun),
    state: stateOf,
    over: isOver,
    name: "run_name",
    ref: ["git_source.git_branch", "git_source.git_tag"],
    attempt: attemptOf,
    url: "run_page_url",
    learn: { "job-id": "job_id" },
    shows: { "run-id": "run_id", "job-id": "job_id" },
    record: { "state-message": ["status.termination_details.message", "state.state_message"] },
  },
  cancel: post("/jobs/runs/cancel", { body: { run_id: "{run-id:number}" } }),
  list,
  jobs: [jobs],
};

export const databricks = {
  name: "Databricks",
  docs: "https://docs.databricks.com/api/workspace/jobs/cancelrun",
  rights:
    "A personal access token, an OAuth access token, or the client id and an OAuth secret of a service principal, of somebody with CAN MANAGE RUN on the job.",
  server: { api: "/api/2.2", env: host, selfHosted: true },
  auth: [
    bearer({ name: "DATABRICKS_TOKEN", servers: host }),
    // https://docs.databricks.com/aws/en/dev-tools/auth/oauth-m2m
    {
      scheme: "client-credentials",
      login: "/oidc/v1/token",
      client: "basic",
      scope: "all-apis",
      env: {
        "client-id": [{ name: "DATABRICKS_CLIENT_ID", servers: host }],
        "client-secret": [{ name: "DATABRICKS_CLIENT_SECRET", servers: host }],
      },
    },
  ],
  errors: { code: codeOf, message: "message", notFound: /^RESOURCE_DOES_NOT_EXIST$/, denied: /^PERMISSION_DENIED$/ },
  // The states of a run and of a task, older and newer; then, by what they mean, results and codes.
  states: states({
    queued: ["QUEUED", "PENDING", "BLOCKED"],
    // One that waits does so for its next try.
    running: ["RUNNING", "TERMINATING", "WAITING", "WAITING_FOR_RETRY"],
    cancelled: ["USER_CANCELED", "CANCELED"],
    succeeded: ["SUCCESS", "SUCCESS_WITH_FAILURES"],
    failed: [
      "FAILED",
      "TIMEDOUT",
      "INTERNAL_ERROR",
      "DRIVER_ERROR",
      "CLUSTER_ERROR",
      "REPOSITORY_CHECKOUT_FAILED",
      "INVALID_CLUSTER_REQUEST",
      "WORKSPACE_RUN_LIMIT_EXCEEDED",
      "FEATURE_DISABLED",
      "CLUSTER_REQUEST_LIMIT_EXCEEDED",
      "STORAGE_ACCESS_ERROR",
      "RUN_EXECUTION_ERROR",
      "UNAUTHORIZED_ERROR",
      "LIBRARY_INSTALLATION_ERROR",
      "MAX_SPARK_CONTEXTS_EXCEEDED",
      "RESOURCE_NOT_FOUND",
      "INVALID_RUN_CONFIGURATION",
      "CLOUD_FAILURE",
      "BREAKING_CHANGE",
      "BUDGET_POLICY_LIMIT_EXCEEDED",
      "CLUSTER_TERMINATED_BY_USER",
    ],
    skipped: [
      "SKIPPED",
      "EXCLUDED",
      "DISABLED",
      "UPSTREAM_FAILED",
      "UPSTREAM_CANCELED",
      "MAXIMUM_CONCURRENT_RUNS_REACHED",
      "MAX_CONCURRENT_RUNS_EXCEEDED",
      "MAX_JOB_QUEUE_SIZE_EXCEEDED",
    ],
  }),
  targets: { run },
  unverified: [
    "No workspace was had. That a cancel of a run which is over is answered 200 and does nothing is known from clients of it; a look decides.",
    "`CANCELED` as a code is said of runs that Databricks itself has stopped, at their time limit, and as a result of those that somebody has canceled: it counts as canceled either way.",
    "What `WAITING` waits for.",
    "Runs that a task of the kind Run Job has started are not followed: the reply does not say their ids.",
    "OAuth with a client's id and secret (DATABRICKS_CLIENT_ID), profiles and the tokens of Azure and Google are not taken: give an access token.",
    "Whether a page's address names the workspace by its host alone: `?o=` is ignored.",
  ],
} satisfies Provider;
