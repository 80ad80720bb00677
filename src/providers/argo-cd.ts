// https://argo-cd.readthedocs.io/en/stable/developer-guide/api-docs/
// https://github.com/argoproj/argo-cd/blob/v3.6.1/assets/swagger.json
import { bearer, get, states } from "../kit.ts";
import type { Cancel, Id, Jobs, Json, Provider, Target } from "../provider.ts";

/** An application is in one place; to ask for it there makes a missing one a 404, which is a 403 else. */
const application = "/applications/{name}?appNamespace={app-namespace}&project={project}";

/**
 * An operation that the controller has not begun stands beside what is told of the one before:
 * controller/appcontroller.go, processRequestedAppOperation.
 */
function isRequested({ operation, status }: Json): boolean {
  const phase = status.operationState?.phase;
  return Boolean(operation) && (phase === undefined || /^(?:Succeeded|Failed|Error)$/.test(phase));
}

/**
 * The phase of the operation. One that was terminated has failed, with a message that says so:
 * gitops-engine/pkg/sync/sync_context.go. The controller terminates by itself what takes too long, and adds that to the message.
 */
function stateOf(body: Json): string {
  if (isRequested(body)) return "Requested";
  const { phase, message } = body.status.operationState ?? { phase: "No operation" };
  const isTerminated = phase === "Failed" && /^Operation terminated(?!, triggered by)/.test(message);
  return isTerminated ? "Terminated" : phase;
}

/** The next operation has another start. */
function startOf(body: Json): string | undefined {
  return isRequested(body) ? undefined : body.status.operationState.startedAt;
}

/** Resources and hooks of the operation, as far as they are known. */
function resourcesOf(body: Json): readonly Json[] {
  return isRequested(body) ? [] : (body.status.operationState?.syncResult?.resources ?? []);
}

/** What is applied has a phase as hooks have; before that there may be a result, or nothing. */
function stateOfResource({ hookPhase, status }: Json): string {
  return hookPhase || status || "Pending";
}

/**
 * Hooks that run are ended. What is applied stays, and goes on in the cluster. Nothing in the call says which operation is meant, so
 * one that begins between a look and the call right after it is hit.
 */
const cancel: Cancel = {
  route: "DELETE /applications/{name}/operation?appNamespace={app-namespace}&project={project}",
  rewrites: true,
};

const jobs: Jobs = { ...get(application), items: resourcesOf, name: "name", state: stateOfResource };

/** https://kubernetes.io/docs/concepts/overview/working-with-objects/names/ */
const kubernetesName = /[a-z0-9][a-z0-9.-]{0,252}/;

function named(help: string, example: string, more: Partial<Id> = {}): Id {
  return { pattern: kubernetesName, help, example, ...more };
}

const operation: Target = {
  ids: {
    project: named("project of the application", "default", { optional: true }),
    "app-namespace": named("namespace of the application, if not that of Argo CD", "argocd", { optional: true }),
    name: named("name of the application", "guestbook"),
  },
  // The last one is what the command line and notifications print.
  pages: ["{server}/applications/{app-namespace}/{name}", "{server}/applications/{name}"],
  permissions: {
    look: "`applications, get` for the application, in Argo CD's RBAC",
    cancel: "`applications, sync` for the application, in Argo CD's RBAC",
    docs: "https://argo-cd.readthedocs.io/en/stable/operator-manual/rbac/",
  },
  look: {
    ...get(application),
    state: stateOf,
    name: "metadata.name",
    attempt: startOf,
    learn: { "app-namespace": "metadata.namespace", project: "spec.project" },
    shows: { name: "metadata.name", "app-namespace": "metadata.namespace", project: "spec.project" },
    record: {
      message: "status.operationState.message",
      revision: "status.operationState.syncResult.revision",
      "initiated-by": "status.operationState.operation.initiatedBy.username",
    },
  },
  cancel,
  jobs: [jobs],
};

export const argoCd = {
  name: "Argo CD",
  docs: "https://argo-cd.readthedocs.io/en/stable/developer-guide/api-docs/",
  rights:
    "A token of a project's role, or of an account with an API key, that may `get` and `sync` the application. An application that is not " +
    "there is answered like one that the token may not see, unless `project` is given.",
  whoami: [
    {
      ...get("/session/userinfo"),
      docs: "https://github.com/argoproj/argo-cd/blob/v3.6.1/assets/swagger.json",
      who: "username",
    },
  ],
  server: { api: "/api/v1", env: ["ARGOCD_SERVER"], selfHosted: true },
  auth: [bearer("ARGOCD_AUTH_TOKEN")],
  errors: { message: ["message", "error"] },
  states: states({
    // The last words of each line are those of a resource or a hook.
    queued: ["Requested", "Pending"],
    running: ["Running"],
    cancelling: ["Terminating"],
    cancelled: ["Terminated"],
    succeeded: ["Succeeded", "Synced", "Pruned"],
    failed: ["Failed", "Error", "SyncFailed"],
    skipped: ["No operation", "PruneSkipped"],
  }),
  targets: { operation },
  unverified: [
    "Everything but the requests, which are those of the project's own description of its API: no cluster was had. Phases and messages are those of its sources.",
    "An operation that begins between the last look and the call right after it is terminated in the place of the one that was meant. Argo CD's API has no way to rule that out.",
    "By its sources, an operation that is requested and not begun is terminated under the start and the result of the one before it, and the very first one of an application cannot be terminated before it has begun.",
    "By its sources, an operation that a sync window blocks stays `Terminating` as long as the window does.",
    "Automated sync and self-heal may begin another operation right after: it has another start, and is left alone.",
  ],
} satisfies Provider;
