// https://developer.hashicorp.com/terraform/cloud-docs/api-docs/run#cancel-a-run
// https://developer.hashicorp.com/terraform/cloud-docs/api-docs/run#run-states
import { bearer, get, post, states } from "../kit.ts";
import type { Call, Force, Provider, Step, Target } from "../provider.ts";

/** What a token may not do is answered 404, although the run itself has been seen before. */
function action(verb: string): Call {
  return post(`/runs/{run-id}/actions/${verb}`, {
    headers: { "content-type": "application/vnd.api+json" },
    body: { comment: "{reason}" },
    deniedStatus: [404],
  });
}

/** `TF_TOKEN_tfe__east_example_com` is for tfe-east.example.com: terraform, internal/command/cliconfig/credentials.go. A number at the end is a port: tfctl, internal/pkg/profile/loader.go. */
function hostOf(rest: string): string | undefined {
  const host = `https://${rest
    .replaceAll("__", "-")
    .replaceAll("_", ".")
    .replace(/\.(?=\d+$)/, ":")}`;
  return URL.canParse(host) ? new URL(host).host : undefined;
}

const actions = "data.attributes.actions";

/** What works is cancelled, what waits for a decision is discarded; what can be neither is told so by the server. */
const cancel: Step = {
  choose: [
    { ...action("cancel"), when: { [`${actions}.is-cancelable`]: true } },
    { ...action("discard"), when: { [`${actions}.is-discardable`]: true } },
    { ...action("cancel"), when: { [`${actions}.is-cancelable`]: false } },
  ],
};

/** The run says from when on once the cancel was initiated: `force-cancel-available-at` of go-tfe's and pytfe's Run. */
const availableAt = "data.attributes.force-cancel-available-at";

const force: Force = {
  ...action("force-cancel"),
  called: "force-cancel",
  when: `${actions}.is-force-cancelable`,
  availableAt,
  rights: "a token that is admin of the workspace",
};

const run: Target = {
  ids: {
    "run-id": {
      pattern: /run-[A-Za-z0-9]+/,
      help: "id of the run, as in its page's address",
      example: "run-CZcmD7eagjhyX0vN",
    },
  },
  // The second one is what `terraform plan` prints: internal/cloud/backend_plan.go.
  pages: ["/app/{organization}/workspaces/{workspace}/runs/{run-id}", "/app/{organization}/{workspace}/runs/{run-id}"],
  permissions: {
    look: "permission to read runs in the workspace",
    cancel: "permission to apply runs in the workspace",
    docs: "https://developer.hashicorp.com/terraform/cloud-docs/api-docs/run#cancel-a-run",
  },
  look: {
    ...get("/runs/{run-id}"),
    may: "data.attributes.permissions.can-cancel",
    state: "data.attributes.status",
    name: "data.attributes.message",
    shows: { "run-id": "data.id" },
    record: {
      "canceled-at": "data.attributes.canceled-at",
      "force-cancel-available-at": availableAt,
      workspace: "data.relationships.workspace.data.id",
    },
  },
  cancel,
  force: [force],
};

export const terraform = {
  name: "HCP Terraform and Terraform Enterprise",
  docs: "https://developer.hashicorp.com/terraform/cloud-docs/api-docs/run#cancel-a-run",
  rights:
    "A user or team token (organization tokens are refused) with permission to apply runs in the workspace. Forced stop: admin of the workspace.",
  whoami: [
    {
      ...get("/account/details"),
      docs: "https://developer.hashicorp.com/terraform/cloud-docs/api-docs/account#get-your-account-details",
      who: "data.attributes.username",
    },
  ],
  server: {
    url: "https://app.terraform.io",
    // tfctl, internal/commands/profile/property_docs.go: "For eu regions, use app.eu.terraform.io".
    alsoPublic: ["https://app.eu.terraform.io"],
    api: "/api/v2",
    // go-tfe tfe.go, terraform internal/cloud/backend.go, tfci internal/cloud/tfe_client.go, tfctl internal/pkg/profile/loader.go
    env: ["TFE_ADDRESS", "TFE_HOSTNAME", "TF_CLOUD_HOSTNAME", "TF_HOSTNAME", "TFCTL_HOSTNAME"],
    selfHosted: true,
    // https://developer.hashicorp.com/terraform/cloud-docs/api-docs#rate-limits
    budget: { points: 30, seconds: 1, hosts: ["app.terraform.io", "app.eu.terraform.io"] },
  },
  // What go-tfe and pytfe ask for: the API's description has no other form.
  headers: { accept: "application/vnd.api+json" },
  auth: [
    bearer(
      { prefix: "TF_TOKEN_", host: hostOf },
      { name: "TFE_TOKEN", servers: ["TFE_ADDRESS", "TFE_HOSTNAME"] },
      { name: "TF_API_TOKEN", servers: ["TF_HOSTNAME"] },
      { name: "TFCTL_TOKEN", servers: ["TFCTL_HOSTNAME"] },
    ),
  ],
  states: states({
    queued: [
      ...["pending", "fetching", "fetching_completed", "queuing"],
      ...["plan_queued", "queuing_apply", "apply_queued"],
    ],
    running: [
      ...["pre_plan_running", "pre_plan_completed", "planning", "cost_estimating", "policy_checking"],
      ...["post_plan_running", "confirmed", "pre_apply_running", "pre_apply_completed", "applying"],
      ...["post_apply_running", "post_apply_completed", "assessing"],
    ],
    blocked: [
      ...["planned", "cost_estimated", "policy_checked", "policy_override", "tf_policy_checked", "tf_policy_override"],
      ...["post_plan_completed", "planned_and_saved"],
      ...["pre_plan_awaiting_decision", "post_plan_awaiting_decision", "pre_apply_awaiting_decision"],
    ],
    cancelled: ["canceled", "force_canceled", "discarded"],
    succeeded: ["applied", "planned_and_finished"],
    failed: ["policy_soft_failed", "errored"],
  }),
  targets: { run },
  unverified: [
    "The states `pre_apply_*`, `post_apply_*`, `tf_policy_*`, `queuing_apply` and `*_awaiting_decision` are known from official clients, not from the documents.",
    "What `assessing` and `assessed` mean: they stand in HashiCorp's OpenAPI document without a word of explanation, so `assessed` is taken for no end.",
  ],
} satisfies Provider;
