// https://octopus.com/docs/octopus-rest-api/examples/deployments/cancel-queued-deployments
// npm @octopusdeploy/api-client, features/serverTasks
import { bearer, get, inHeader, post, states } from "../kit.ts";
import type { Call, Context, Id, Json, Provider, Reply, Target } from "../provider.ts";

const task = "/{space}/tasks/{task-id}";
// A task has one id on the whole server: the vendor's client names no space here.
const cancelTask = post("/tasks/{task-id}/cancel", { body: {} });
const deployment = get("/{space}/deployments/{deployment-id}");
const runbookRun = get("/{space}/runbookRuns/{runbook-run-id}");

const space: Id = {
  pattern: /Spaces-\d+/,
  help: "id of the space, as in the page's address; not its name",
  example: "Spaces-1",
};

/** The steps of a task are below the line of its log that is about the whole. */
function stepsOf({ ActivityLogs }: Json): readonly Json[] {
  return ActivityLogs.flatMap(({ Children }: Json) => Children);
}

const serverTask: Target = {
  ids: {
    space,
    "task-id": {
      pattern: /ServerTasks-\d+/,
      help: "id of the server task: a deployment, or a run of a runbook",
      example: "ServerTasks-4711",
      hint: "for a deployment give `deployment-id`, for a run of a runbook `runbook-run-id`",
      unique: true,
    },
  },
  pages: ["{server}/app#/{space}/tasks/{task-id}"],
  permissions: {
    look: "the permission TaskView",
    cancel: "the permission TaskCancel",
    docs: "https://octopus.com/docs/security/users-and-teams/user-roles",
  },
  look: {
    ...get(task),
    state: "State",
    over: "IsCompleted",
    name: "Description",
    shows: { "task-id": "Id" },
    record: { "error-message": "ErrorMessage" },
  },
  cancel: cancelTask,
  jobs: [{ ...get(`${task}/details`), items: stepsOf, name: "Name", state: "Status" }],
};

/** The cancel of its task, which it is looked at for: before the first look, if our own job is killed, that is not known. */
async function cancelOf(run: Call, { send }: Context): Promise<Call | Reply> {
  const reply = await send(run);
  if (reply.status !== 200) return reply;
  const id: unknown = reply.body?.TaskId;
  if (typeof id === "string" && /^ServerTasks-\d+$/.test(id)) return post(`/tasks/${id}/cancel`, { body: {} });
  return { ...reply, status: 404, body: { ErrorMessage: "it has no task" } };
}

/** A deployment is cancelled by its task. */
async function cancelDeployment(context: Context): Promise<Call | Reply> {
  return await cancelOf(deployment, context);
}

/** A run of a runbook is cancelled by its task. */
async function cancelRunbookRun(context: Context): Promise<Call | Reply> {
  return await cancelOf(runbookRun, context);
}

/** What a deployment, or a run of a runbook, does is its task's, whose state it does not say. */
const byItsTask = { becomes: { target: "task", ids: { "task-id": "TaskId" } } } satisfies Partial<Target>;

const aDeployment: Target = {
  ...byItsTask,
  ids: {
    space,
    "deployment-id": {
      pattern: /Deployments-\d+/,
      help: "id of the deployment",
      example: "Deployments-77",
      unique: true,
    },
  },
  // The first is what the API says.
  pages: [
    "{server}/app#/{space}/deployments/{deployment-id}",
    "{server}/app#/{space}/projects/{project}/deployments/releases/{release}/deployments/{deployment-id}",
  ],
  permissions: {
    look: "the permissions DeploymentView and TaskView",
    cancel: "the permission TaskCancel",
    docs: "https://octopus.com/docs/security/users-and-teams/user-roles",
  },
  look: { ...deployment, state: "State", name: "Name", learn: byItsTask.becomes.ids, shows: { "deployment-id": "Id" } },
  cancel: { ask: cancelDeployment, calls: [cancelTask] },
};

const aRunbookRun: Target = {
  ...byItsTask,
  ids: {
    space,
    "runbook-run-id": {
      pattern: /RunbookRuns-\d+/,
      help: "id of the run of a runbook",
      example: "RunbookRuns-12",
      unique: true,
    },
  },
  permissions: {
    look: "the permissions RunbookRunView and TaskView",
    cancel: "the permission TaskCancel",
    docs: "https://octopus.com/docs/security/users-and-teams/user-roles",
  },
  look: {
    ...runbookRun,
    state: "State",
    name: "Name",
    learn: byItsTask.becomes.ids,
    shows: { "runbook-run-id": "Id" },
  },
  cancel: { ask: cancelRunbookRun, calls: [cancelTask] },
};

export const octopus = {
  name: "Octopus Deploy",
  docs: "https://octopus.com/docs/octopus-rest-api/examples/deployments/cancel-queued-deployments",
  rights:
    "An API key, or an access token as OpenID Connect gives one, of somebody who has the permission TaskCancel in the space.",
  whoami: [
    {
      ...get("/users/me"),
      docs: "https://octopus.com/docs/octopus-rest-api",
      who: ["Username", "DisplayName"],
    },
  ],
  server: { api: "/api", env: ["OCTOPUS_URL"], selfHosted: true },
  auth: [
    {
      ...inHeader("x-octopus-apikey", "OCTOPUS_API_KEY"),
      tokens: { like: /API-\w+/, called: "an API key" },
    },
    bearer("OCTOPUS_ACCESS_TOKEN"),
  ],
  errors: { message: ["ErrorMessage", "Errors.0"] },
  states: states({
    queued: ["Queued", "Pending"],
    running: ["Executing", "Running"],
    cancelling: ["Cancelling"],
    cancelled: ["Canceled"],
    succeeded: ["Success", "SuccessWithWarning"],
    failed: ["Failed", "TimedOut"],
    skipped: ["Skipped"],
  }),
  targets: { task: serverTask, deployment: aDeployment, "runbook-run": aRunbookRun },
  unverified: [
    "What the cancel of a task that has ended is answered; a look decides.",
    "Whether a task that is `Canceled` has stopped its work: one has been seen that ran to its end (https://github.com/OctopusDeploy/Issues/issues/7903), and the API does not tell.",
    "Whether a task that waits for a person (`HasPendingInterruptions`) can be cancelled: it is `Executing`, and is cancelled as any other.",
    "The permissions of the looks.",
  ],
} satisfies Provider;
