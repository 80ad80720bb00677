// https://developer.hashicorp.com/terraform/cloud-docs/api-docs/run#cancel-a-run
import type { Call, Provider } from "../provider.ts";

// What a token may not do is answered 404; the run itself has been seen before.
const act = (verb: string): Call => ({
  route: `POST /runs/{run-id}/actions/${verb}`,
  headers: { "content-type": "application/vnd.api+json" },
  body: { comment: "{reason}" },
  denies: [404],
});
const [cancel, discard] = [act("cancel"), act("discard")];

export const terraform = {
  name: "HCP Terraform and Terraform Enterprise",
  docs: "https://developer.hashicorp.com/terraform/cloud-docs/api-docs/run#cancel-a-run",
  rights:
    "A user or team token (organization tokens are refused) with permission to apply runs in the workspace. Forced stop: admin of the workspace.",
  server: { url: "https://app.terraform.io", api: "/api/v2", env: ["TFE_ADDRESS", "TF_HOSTNAME"], selfHosted: true },
  auth: [{ scheme: "bearer", env: { token: ["TFE_TOKEN", "TF_API_TOKEN"] } }],
  states: {
    pending: "queued",
    fetching: "queued",
    fetching_completed: "queued",
    queuing: "queued",
    plan_queued: "queued",
    queuing_apply: "queued",
    apply_queued: "queued",
    pre_plan_running: "running",
    pre_plan_completed: "running",
    planning: "running",
    cost_estimating: "running",
    policy_checking: "running",
    post_plan_running: "running",
    confirmed: "running",
    pre_apply_running: "running",
    pre_apply_completed: "running",
    applying: "running",
    planned: "blocked",
    cost_estimated: "blocked",
    policy_checked: "blocked",
    policy_override: "blocked",
    post_plan_completed: "blocked",
    post_plan_awaiting_decision: "blocked",
    planned_and_saved: "blocked",
    applied: "succeeded",
    planned_and_finished: "succeeded",
    policy_soft_failed: "failed",
    errored: "failed",
    canceled: "cancelled",
    force_canceled: "cancelled",
    discarded: "cancelled",
  },
  targets: {
    run: {
      ids: {
        "run-id": {
          pattern: /run-[A-Za-z0-9]+/,
          help: "id of the run, as in its page's address",
          example: "run-CZcmD7eagjhyX0vN",
        },
      },
      page: "/app/{organization}/workspaces/{workspace}/runs/{run-id}",
      look: {
        route: "GET /runs/{run-id}",
        state: "data.attributes.status",
        shows: { "run-id": "data.id" },
        name: "data.attributes.message",
        record: { "canceled-at": "data.attributes.canceled-at", workspace: "data.relationships.workspace.data.id" },
      },
      // What waits for a decision is discarded, what works is cancelled.
      cancel: {
        calls: [cancel, discard],
        ask: ({ last }) =>
          last?.data.attributes.actions["is-discardable"] && !last.data.attributes.actions["is-cancelable"]
            ? discard
            : cancel,
      },
      force: { ...act("force-cancel"), when: (b) => b.data.attributes.actions["is-force-cancelable"] },
    },
  },
  unverified: [
    "The states `pre_apply_*`, `queuing_apply` and `post_plan_awaiting_decision` are known from the official Go client, not from the documents.",
  ],
} satisfies Provider;
