// https://argo-workflows.readthedocs.io/en/latest/swagger/
// https://github.com/argoproj/argo-workflows/blob/v4.0.5/server/workflow/workflow_server.go
import { bearer, get, nothing, states } from "../kit.ts";
import type { Cancel, Force, Id, Jobs, Json, Permissions, Provider, Reading, Target } from "../provider.ts";

const workflow = "/workflows/{namespace}/{name}";

/**
 * Its phase, but for one that is told to shut down or to wait. A workflow that the controller has not seen yet has none. One that was
 * stopped has failed, with a message that says so: workflow/controller/operator.go.
 */
function stateOf({ spec, status }: Json): string | undefined {
  const { phase = "", message = "" } = status;
  if (phase === "Failed" || phase === "Error") return message.startsWith("Stopped with strategy") ? "Stopped" : phase;
  if (phase === "Succeeded") return phase;
  return spec.shutdown || (spec.suspend ? "Suspended" : phase || "Pending");
}

/** Every node but the workflow's own; there is none before it has begun. */
function nodesOf({ metadata, status }: Json): readonly Json[] {
  const nodes: readonly Json[] = Object.values(status.nodes ?? {});
  return nodes.filter(({ name }) => name !== metadata.name);
}

const reading = {
  state: stateOf,
  shows: { namespace: "metadata.namespace", name: "metadata.name" },
} satisfies Reading;

/**
 * Exit handlers still run. A `message` is for single nodes only, and is dropped here: workflow/util/util.go. Of a workflow that is
 * over the server says so with a 500.
 */
const cancel: Cancel = {
  route: `PUT ${workflow}/stop`,
  body: { namespace: "{namespace}", name: "{name}" },
  refusedStatus: [500],
  reply: reading,
};

/** At once, and without exit handlers. */
const force: Force = {
  route: `PUT ${workflow}/terminate`,
  body: { namespace: "{namespace}", name: "{name}" },
  refusedStatus: [500],
  called: "`terminate`",
};

const jobs: Jobs = {
  ...get(`${workflow}?fields=metadata.name,status.nodes`),
  items: nodesOf,
  name: "displayName",
  state: "phase",
};

const permissions: Permissions = {
  look: "the verb `get` on `workflows.argoproj.io` in that namespace, for the token's service account",
  cancel: "the verbs `get` and `patch` on `workflows.argoproj.io` in that namespace, for the token's service account",
  docs: "https://argo-workflows.readthedocs.io/en/latest/access-token/",
};

/** https://kubernetes.io/docs/concepts/overview/working-with-objects/names/ */
const kubernetesName = /[a-z0-9][a-z0-9.-]{0,252}/;

function named(help: string, example: string, more: Partial<Id> = {}): Id {
  return { pattern: kubernetesName, help, example, ...more };
}

const target: Target = {
  ids: {
    namespace: named("namespace of the workflow", "argo", { env: ["ARGO_NAMESPACE"] }),
    name: named("name of the workflow", "deploy-8x2kf", {
      hint: "the alias @latest may be another workflow a moment later",
    }),
  },
  pages: ["{server}/workflows/{namespace}/{name}"],
  permissions,
  look: {
    // Without the nodes, of which there may be thousands.
    ...get(
      `${workflow}?fields=metadata.name,metadata.namespace,spec.shutdown,spec.suspend,status.phase,status.message,status.startedAt`,
    ),
    ...reading,
    // A workflow that is retried begins again under the same name.
    attempt: "status.startedAt",
    record: { message: "status.message" },
  },
  cancel,
  force: [force],
  jobs: [jobs],
};

export const argoWorkflows = {
  name: "Argo Workflows",
  docs: "https://argo-workflows.readthedocs.io/en/latest/swagger/",
  rights:
    "The bearer token of a Kubernetes service account that may get and patch workflows in that namespace, or one of single sign-on.",
  whoami: [
    {
      ...get("/userinfo"),
      docs: "https://argo-workflows.readthedocs.io/en/latest/swagger/",
      who: ["email", "name", "serviceAccountName", "subject"],
    },
  ],
  server: { api: "/api/v1", env: ["ARGO_SERVER"], selfHosted: true },
  auth: [bearer({ name: "ARGO_TOKEN", hasScheme: true }), nothing],
  errors: { message: ["message", "error"] },
  states: states({
    // The words of a workflow and those of its nodes.
    queued: ["Pending"],
    running: ["Running"],
    blocked: ["Suspended"],
    cancelling: ["Stop", "Terminate"],
    cancelled: ["Stopped"],
    succeeded: ["Succeeded"],
    failed: ["Failed", "Error"],
    skipped: ["Skipped", "Omitted"],
  }),
  targets: { workflow: target },
  unverified: [
    "Everything but the requests, which are those of the project's own client: no cluster was had. States and messages are those of its sources.",
    "Its document has a role with `list` and `update` as an example; `get` and `patch` are what the server's source asks Kubernetes for.",
    "By its sources, a workflow that was suspended as a whole ends only when it is resumed, whether it was told to stop or to terminate, and one that waits for its own synchronization lock ends only when it gets it, or with `force-after`. Until then it is reported as still running.",
    "By its sources, version 4.0.5 marks a workflow that is terminated while it waits for that lock as Succeeded, although nothing of it ran: it is reported as finished anyway.",
  ],
} satisfies Provider;
