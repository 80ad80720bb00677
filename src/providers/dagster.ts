// https://docs.dagster.io/api/graphql
// https://github.com/dagster-io/dagster/blob/1.13.28/python_modules/dagster-graphql/dagster_graphql/implementation/execution/__init__.py
import { inHeader, nothing, post, states, uuid } from "../kit.ts";
import type { Call, Cancel, Force, Jobs, Json, Permissions, Provider, Reading, Target } from "../provider.ts";

/** What a field of a query shows of a run, or what is wrong. All is answered 200. */
function resultOf({ data }: Json): Json {
  return Object.values(data as Readonly<Record<string, Json>>)[0];
}

/**
 * A run that is being cancelled is not cancelled again, which is a failure that names its status; so is a missing permission, by its
 * words alone.
 */
function codeOf(body: Json): string | undefined {
  if (!body.data) return body.errors ? "GraphQL" : undefined;
  const { __typename: type, run, message } = resultOf(body);
  if (!/(?:Error|Failure)$/.test(type)) return undefined;
  if (/do not have permission/.test(message)) return "UnauthorizedError";
  return run?.status === "CANCELING" ? "AlreadyCanceling" : type;
}

/** Its own, or those of GraphQL for a query that it does not take. */
function messageOf(body: Json): string | undefined {
  return body.errors?.[0]?.message ?? resultOf(body).message;
}

function graphql(query: string): Call {
  return post("/graphql", { body: { query, variables: { id: "{run-id}" } } });
}

const found = "... on RunNotFoundError { message } ... on PythonError { message }";

const run =
  "query CancelRunLook($id: ID!) { runOrError(runId: $id) { __typename " +
  `... on Run { runId status jobName repositoryOrigin { repositoryLocationName } } ${found} } }`;

const steps = `query CancelRunSteps($id: ID!) { runOrError(runId: $id) { __typename ... on Run { stepStats { stepKey status } } ${found} } }`;

function terminate(name: string, policy: string): Call {
  return graphql(
    `mutation ${name}($id: String!) { terminateRun(runId: $id, terminatePolicy: ${policy}) { __typename ` +
      "... on TerminateRunSuccess { run { runId status } } ... on TerminateRunFailure { message run { runId status } } " +
      `... on UnauthorizedError { message } ${found} } }`,
  );
}

const shown = {
  state: "data.terminateRun.run.status",
  shows: { "run-id": "data.terminateRun.run.runId" },
} satisfies Reading;

/** Marked as cancelled only when all that works on it has been shut down. Taken of a run that is queued or started, not while it starts. */
const cancel: Cancel = { ...terminate("CancelRunTerminate", "SAFE_TERMINATE"), reply: shown };

/** "No guarantee that the execution has actually stopped." */
const force: Force = { ...terminate("CancelRunForce", "MARK_AS_CANCELED_IMMEDIATELY"), confirmed: "status-only" };

/** Steps that have begun; there are none before. */
const jobs: Jobs = {
  ...graphql(steps),
  items: "data.runOrError.stepStats",
  name: "stepKey",
  state: "status",
};

/** Dagster+ has roles; a server of one's own asks for none. */
const permissions: Permissions = {
  look: "the role Viewer of the deployment, on Dagster+",
  cancel: "the role Launcher (Pro plans) or Editor, or more, of the deployment or the code location, on Dagster+",
  docs: "https://docs.dagster.io/deployment/dagster-plus/authentication-and-access-control/rbac/user-roles-permissions",
};

const target: Target = {
  ids: { "run-id": uuid("UUID of the run", "7b797176-718f-4ffb-abd2-a416ae08e9b4") },
  pages: ["{server}/runs/{run-id}"],
  permissions,
  look: {
    ...graphql(run),
    state: "data.runOrError.status",
    name: "data.runOrError.jobName",
    shows: { "run-id": "data.runOrError.runId" },
    record: { "code-location": "data.runOrError.repositoryOrigin.repositoryLocationName" },
  },
  cancel,
  force: [force],
  jobs: [jobs],
};

export const dagster = {
  name: "Dagster",
  docs: "https://docs.dagster.io/api/graphql",
  rights:
    "Dagster+: a user token of somebody who is a launcher, or more, of the deployment or the code location. A server of one's own asks " +
    "for none, and one that was started read-only takes no cancel.",
  server: { env: ["DAGSTER_CLOUD_URL"], selfHosted: true },
  auth: [
    inHeader("dagster-cloud-api-token", { name: "DAGSTER_CLOUD_API_TOKEN", hosts: ["*.dagster.cloud"] }),
    { scheme: "basic", env: {} },
    nothing,
  ],
  errors: {
    code: codeOf,
    message: messageOf,
    notFound: /^RunNotFoundError$/,
    denied: /^UnauthorizedError$/,
    already: /^AlreadyCanceling$/,
  },
  states: states({
    // The last ones of them are those of a step.
    queued: ["QUEUED", "NOT_STARTED", "STARTING"],
    running: ["STARTED", "MANAGED", "IN_PROGRESS"],
    blocked: ["SUSPENDED"],
    cancelling: ["CANCELING"],
    cancelled: ["CANCELED"],
    succeeded: ["SUCCESS"],
    failed: ["FAILURE"],
    skipped: ["SKIPPED"],
  }),
  targets: { run: target },
  unverified: [
    "Dagster+: what Dagster's own client and command line say of it; no account was had.",
    "`MANAGED` (run outside of Dagster's control) and `SUSPENDED` (waits for work elsewhere) are in the list of states; no server was seen with one.",
  ],
} satisfies Provider;
