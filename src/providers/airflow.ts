// https://airflow.apache.org/docs/apache-airflow/stable/stable-rest-api-ref.html#operation/patch_dag_run
import { bearer, get, nothing, states } from "../kit.ts";
import type { Call, Cancel, Jobs, Json, Permissions, Provider, Target } from "../provider.ts";

const dagRun = "/dags/{dag-id}/dagRuns/{dag-run-id}";

/** A note that somebody has written is kept: a new one would take its place. */
function hasNoNote({ note }: Json): boolean {
  return typeof note !== "string" || note === "";
}

/** A task that is not scheduled yet has none. */
function stateOfTask({ state }: Json): string {
  return state ?? "none";
}

/** Its own words, or what is wrong with a field. */
function messageOf({ detail }: Json): string | undefined {
  return typeof detail === "string" ? detail : detail[0].msg;
}

/** There is no word for a cancelled run: it is marked as failed, what runs is killed, and teardown tasks still run. */
const markFailed = `PATCH ${dagRun}`;
const failed: Call = { route: markFailed, body: { state: "failed" } };

/**
 * A run that has succeeded is rewritten by it, and answered 200, too. Nothing in the API says "only if it still runs", so what ends
 * between a look and the call right after it is lost.
 */
const cancel: Cancel = {
  choose: [{ route: markFailed, body: { state: "failed", note: "{reason:1000}" }, when: hasNoNote }, failed],
  reply: { state: "state", shows: { "dag-id": "dag_id", "dag-run-id": "dag_run_id" } },
  rewrites: true,
};

const jobs: Jobs = {
  ...get(`${dagRun}/taskInstances?limit=100`),
  items: "task_instances",
  next: { offset: "offset", total: "total_entries" },
  name: "task_id",
  state: stateOfTask,
};

/** Roles as the auth manager of FAB has them; another one may call them otherwise. */
const permissions: Permissions = {
  look: "`DAGs.can_read` and `DAG Runs.can_read`, as the role Viewer has them",
  cancel: "`DAGs.can_edit` and `DAG Runs.can_edit`, as the role User has them",
  docs: "https://airflow.apache.org/docs/apache-airflow-providers-fab/stable/auth-manager/access-control.html",
};

const run: Target = {
  ids: {
    "dag-id": { pattern: /[\w.-]+/, help: "id of the Dag", example: "deploy" },
    "dag-run-id": {
      // Airflow's own default: https://airflow.apache.org/docs/apache-airflow/stable/configurations-ref.html#allowed-run-id-pattern
      pattern: /[A-Za-z0-9_.~:+-]+/,
      help: "id of the Dag run, as in its page's address",
      example: "manual__2026-11-26T11:41:53.414863+00:00",
    },
  },
  pages: ["{server}/dags/{dag-id}/runs/{dag-run-id}"],
  permissions,
  look: {
    ...get(dagRun),
    state: "state",
    // A run that is cleared begins again under the same id, and is queued anew.
    attempt: "queued_at",
    shows: { "dag-id": "dag_id", "dag-run-id": "dag_run_id" },
    record: { note: "note", "run-type": "run_type" },
  },
  cancel,
  // Once our cancel was accepted it is what it did.
  statesAfterCancel: { failed: "cancelled" },
  jobs: [jobs],
  // Run and tasks are marked at once, and a worker hears of it with its next heartbeat.
  confirmed: "status-only",
};

export const airflow = {
  name: "Apache Airflow",
  docs: "https://airflow.apache.org/docs/apache-airflow/stable/stable-rest-api-ref.html#operation/patch_dag_run",
  rights: "A user who may edit the runs of that Dag, such as one with the role User or Op.",
  server: { api: "/api/v2", selfHosted: true },
  auth: [bearer("AIRFLOW_CLI_TOKEN"), { scheme: "password-token", env: {}, login: "/auth/token" }, nothing],
  errors: { message: messageOf },
  // Those of runs and those of tasks; one that waits for its retry, or for somebody's input, has begun.
  states: states({
    queued: ["queued", "scheduled", "none"],
    running: ["running", "restarting", "up_for_retry", "up_for_reschedule", "deferred", "awaiting_input"],
    succeeded: ["success"],
    failed: ["failed"],
    skipped: ["skipped", "removed", "upstream_failed"],
  }),
  targets: { "dag-run": run },
  mistakenPages: {
    "/dags/{dag-id}/grid?dag_run_id={dag-run-id}":
      "a page of Airflow 2, whose API is another one; this takes Airflow 3",
  },
  unverified: [
    "A run that ends by itself between the last look and the call right after it is rewritten: a success is then shown as failed in Airflow, and reported here as cancelled. Airflow's API has no way to rule that out.",
    "A run that fails by itself in that moment is reported as cancelled, too.",
  ],
} satisfies Provider;
