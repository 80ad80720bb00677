// https://github.com/spinnaker/gate/blob/master/gate-web/src/main/groovy/com/netflix/spinnaker/gate/controllers/PipelineController.groovy
// https://github.com/spinnaker/spin/blob/master/gateapi/api/swagger.yaml
import { bearer, get, nothing, states } from "../kit.ts";
import type { Json, Provider, Target } from "../provider.ts";

/** Its stages, in the run itself. */
function stagesOf({ stages }: Json): readonly Json[] {
  return stages;
}

/** What has been cancelled says so at once, and is what it was until its stages have ended. */
function stateOf({ status, canceled }: Json): string {
  return canceled === true && ["NOT_STARTED", "RUNNING", "PAUSED", "SUSPENDED", "BUFFERED"].includes(status)
    ? "canceled"
    : status;
}

const execution: Target = {
  ids: {
    "execution-id": {
      pattern: /[0-9A-HJKMNP-TV-Z]{26}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/,
      help: "id of the pipeline's execution, as in its page's address",
      example: "01HQZ3J9V8T6WX4Y2N5K7M0PAB",
      unique: true,
    },
  },
  // Of a UI on the same host as the API, Gate.
  pages: [
    "{server}/#/applications/{application}/executions/{execution-id}",
    "{server}/#/applications/{application}/executions/details/{execution-id}",
  ],
  permissions: {
    look: "READ on the application",
    cancel: "EXECUTE on the application",
    docs: "https://spinnaker.io/docs/setup/other_config/security/authorization/",
  },
  look: {
    ...get("/pipelines/{execution-id}"),
    state: stateOf,
    name: "name",
    learn: { application: "application" },
    shows: { "execution-id": "id" },
    record: { "cancellation-reason": "cancellationReason", "canceled-by": "canceledBy" },
  },
  // `force` is a parameter that Gate hands on and Orca leaves alone: there is no forced stop.
  // An execution that has ended is marked as cancelled, too.
  cancel: { route: "PUT /pipelines/{execution-id}/cancel?force=false&reason={reason}", rewrites: true },
  jobs: [{ ...get("/pipelines/{execution-id}"), items: stagesOf, name: "name", state: "status" }],
};

export const spinnaker = {
  name: "Spinnaker",
  docs: "https://github.com/spinnaker/gate/blob/master/gate-web/src/main/groovy/com/netflix/spinnaker/gate/controllers/PipelineController.groovy",
  rights:
    "Whatever Gate asks for, of somebody who has EXECUTE on the application. `server-url` is the address of Gate, the API, not of the UI.",
  server: { selfHosted: true },
  auth: [bearer(), { scheme: "basic", env: {} }, nothing],
  states: states({
    queued: ["NOT_STARTED", "BUFFERED"],
    running: ["RUNNING", "REDIRECT"],
    blocked: ["PAUSED", "SUSPENDED"],
    cancelling: ["canceled"],
    cancelled: ["CANCELED"],
    succeeded: ["SUCCEEDED"],
    failed: ["TERMINAL", "FAILED_CONTINUE", "STOPPED"],
    skipped: ["SKIPPED"],
  }),
  targets: { execution },
  unverified: [
    "Which credential a Gate takes depends on how it was set up; those with client certificates or SAML cannot be used.",
    "That the cancel of an execution that has ended is accepted and marks it, with the reason: so each cancel is sent right after a look that has found it alive. One that ends between the two may be marked.",
    "The status after a 200: Gate answers before Orca has done anything.",
    "STOPPED is taken for a failure: a stage stops a pipeline so, and no document says more.",
  ],
} satisfies Provider;
