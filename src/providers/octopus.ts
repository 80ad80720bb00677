// https://octopus.com/docs/octopus-rest-api/examples/deployments/cancel-queued-deployments
// npm @octopusdeploy/api-client, features/serverTasks
import { bearer, get, inHeader, post, states } from "../kit.ts";
import type { Json, Provider, Target } from "../provider.ts";

const task = "/{space}/tasks/{task-id}";

/** The steps of a task are below the line of its log that is about the whole. */
function stepsOf({ ActivityLogs }: Json): readonly Json[] {
  return ActivityLogs.flatMap(({ Children }: Json) => Children);
}

const serverTask: Target = {
  ids: {
    space: {
      pattern: /Spaces-\d+/,
      help: "id of the space, as in the page's address; not its name",
      example: "Spaces-1",
    },
    "task-id": {
      pattern: /ServerTasks-\d+/,
      help: "id of the server task: a deployment, or a run of a runbook",
      example: "ServerTasks-4711",
      hint: "a deployment says its task as `TaskId`",
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
  // A task has one id on the whole server: the vendor's client names no space here.
  cancel: post("/tasks/{task-id}/cancel", { body: {} }),
  jobs: [{ ...get(`${task}/details`), items: stepsOf, name: "Name", state: "Status" }],
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
  targets: { task: serverTask },
  unverified: [
    "What the cancel of a task that has ended is answered; a look decides.",
    "The page of a task: other pages of the same form are in the sources of Octopus's command line.",
    "Whether a task that is `Canceled` has stopped its work: one has been seen that ran to its end (https://github.com/OctopusDeploy/Issues/issues/7903), and the API does not tell.",
    "Whether a task that waits for a person (`HasPendingInterruptions`) can be cancelled: it is `Executing`, and is cancelled as any other.",
    "The permission of the look.",
  ],
} satisfies Provider;
