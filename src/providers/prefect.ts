// https://docs.prefect.io/v3/advanced/cancel-workflows
// https://docs.prefect.io/v3/api-ref/rest-api/server/flow-runs/set-flow-run-state
import { bearer, get, nothing, post, states, uuid } from "../kit.ts";
import type { Auth, Call, Cancel, Json, Pages, Permissions, Provider, Target } from "../provider.ts";

/** A client gets a token by a name of its own choice. */
const csrfClient = { "prefect-csrf-client": "{flow-run-id}" };

/** The reply has the token's value alone. */
function csrfHeader(): string {
  return "prefect-csrf-token";
}

/** What a server of one's own may want with all that is no GET: https://docs.prefect.io/v3/advanced/security-settings */
const csrfToken: Auth["crumb"] = {
  route: "GET /csrf-token?client={flow-run-id}",
  header: csrfHeader,
  value: "token",
  askedBy: /CSRF token/,
};

/**
 * A run that waits without a process is cancelled at once, and the answer is a REJECT. One that is being cancelled is left so with a
 * REJECT, too; one that is over with an ABORT: prefect, server/orchestration/core_policy.py, and a server of 3.9.1.
 */
function isTaken({ status, state }: Json): boolean {
  return status === "ACCEPT" || state.type === "CANCELLING" || (status === "REJECT" && state.type === "CANCELLED");
}

/** With `force`, or to CANCELLED, the server would take any change of any run, over or not, and nobody would stop anything: there is no forced stop. */
const cancelling: Omit<Call, "route"> = {
  body: { state: { type: "CANCELLING", message: "{reason}" } },
  headers: csrfClient,
  okWhen: isTaken,
  // Of any other answer the message is not kept.
  reasonWhen: { status: "ACCEPT" },
};

function page(path: string, flowRuns: Json): Pages {
  return {
    ...post(path, { body: { flow_runs: flowRuns, limit: 200, page: 1 }, headers: csrfClient }),
    items: "results",
    next: { page: "page", total: "count" },
  };
}

/** Prefect Cloud has roles; a server of one's own has one auth string for all. */
const permissions: Permissions = {
  look: "the role Viewer of the workspace, on Prefect Cloud",
  cancel: "the role Developer, or more, of the workspace, on Prefect Cloud",
  docs: "https://docs.prefect.io/v3/how-to-guides/cloud/manage-users/manage-roles",
};

/** The same for a server of one's own and for a workspace of Prefect Cloud, `name` being the target's. */
function flowRun(name: string, base: string, ids: Target["ids"], pages: readonly string[]): Target {
  const cancel: Cancel = {
    ...post(`${base}/flow_runs/{flow-run-id}/set_state`, cancelling),
    reply: { state: "state.type", shows: { "flow-run-id": "state.state_details.flow_run_id" } },
  };
  return {
    ids: { ...ids, "flow-run-id": uuid("UUID of the flow run", "78a615c8-624b-467d-955c-b2d6e0fed56c") },
    pages,
    permissions,
    // What `prefect.runtime.flow_run.api_url` says.
    apiPages: [`${base}/flow-runs/flow-run/{flow-run-id}`],
    look: {
      ...get(`${base}/flow_runs/{flow-run-id}`),
      state: "state_type",
      name: "name",
      shows: { "flow-run-id": "id" },
      record: { "state-name": "state_name", "state-message": "state.message" },
    },
    cancel,
    jobs: [
      { ...page(`${base}/task_runs/paginate`, { id: { any_: ["{flow-run-id}"] } }), name: "name", state: "state_type" },
    ],
    // A nested run without a deployment is part of its parent's process, and cannot be cancelled by itself.
    downstream: [
      {
        ...page(`${base}/flow_runs/paginate`, {
          parent_flow_run_id: { any_: ["{flow-run-id}"] },
          deployment_id: { is_null_: false },
        }),
        target: name,
        ids: { "flow-run-id": "id" },
      },
    ],
  };
}

const cloud = "https://app.prefect.cloud";

/** Accounts and workspaces are those of Prefect Cloud, on whatever server a variable says that runs are. */
function onCloud(): { readonly host: string } {
  return { host: new URL(cloud).host };
}

/** The API's address of a workspace has both ids: `https://api.prefect.cloud/api/accounts/…/workspaces/…`. */
function accountOf(value: string): string {
  return /\/accounts\/([0-9a-f-]{36})/.exec(value)?.[1] ?? value;
}

/** The second one of them. */
function workspaceOf(value: string): string {
  return /\/workspaces\/([0-9a-f-]{36})/.exec(value)?.[1] ?? value;
}

const inWorkspace = { env: ["PREFECT_API_URL"], says: onCloud };

const workspace = {
  "account-id": uuid("UUID of the account", "9b649228-0419-40e1-9e0d-44954b5c0ab6", {
    ...inWorkspace,
    normalize: accountOf,
  }),
  "workspace-id": uuid("UUID of the workspace", "5adaa1c4-0a55-4a54-a63a-c2f7c2e4a4a8", {
    ...inWorkspace,
    normalize: workspaceOf,
  }),
};

export const prefect = {
  name: "Prefect",
  docs: "https://docs.prefect.io/v3/advanced/cancel-workflows",
  rights:
    "Prefect Cloud: an API key of somebody who may run flows in the workspace. A server of one's own: its auth string.",
  server: {
    api: { "app.prefect.cloud": "https://api.prefect.cloud/api", "*": "/api" },
    env: ["PREFECT_API_URL"],
    selfHosted: true,
  },
  auth: [
    bearer("PREFECT_API_KEY"),
    { scheme: "basic", env: {}, crumb: csrfToken },
    { scheme: "basic-pair", env: { token: ["PREFECT_API_AUTH_STRING"] }, crumb: csrfToken },
    { ...nothing, crumb: csrfToken },
  ],
  errors: { message: ["details.reason", "exception_message", "detail"] },
  states: states({
    queued: ["SCHEDULED", "PENDING"],
    running: ["RUNNING"],
    blocked: ["PAUSED"],
    cancelling: ["CANCELLING"],
    cancelled: ["CANCELLED"],
    succeeded: ["COMPLETED"],
    failed: ["FAILED", "CRASHED"],
  }),
  targets: {
    // First: where the environment names a workspace, a run is in there.
    "cloud-flow-run": {
      ...flowRun("cloud-flow-run", "/accounts/{account-id}/workspaces/{workspace-id}", workspace, [
        "/account/{account-id}/workspace/{workspace-id}/runs/flow-run/{flow-run-id}",
        "/account/{account-id}/workspace/{workspace-id}/flow-runs/flow-run/{flow-run-id}",
      ]),
      server: cloud,
    },
    "flow-run": flowRun("flow-run", "", {}, ["/runs/flow-run/{flow-run-id}", "/flow-runs/flow-run/{flow-run-id}"]),
  },
  unverified: [
    "Whether the role Runner is enough on Prefect Cloud: its document lets Runner run deployments, Developer also flows, and says of no role that it may cancel.",
    "Prefect Cloud: what its own documents and Prefect's client say of it; no account was had. What it answers to an API key without rights is not known, nor whether it has more states.",
    "Nobody acts on the cancel of a run that has no deployment: it stays `cancelling` until its own process ends it, and is reported as still running.",
  ],
} satisfies Provider;
