// https://docs.gorules.io/api-reference/brms/deployment-workflows/cancel-deployment-workflow-run
import { fields, type Vendor } from "./vendor.ts";

export interface GoRules {
  readonly token: string;
  readonly project: string;
  readonly run: Run;
  /** For the time of a cancel. */
  readonly clock: { date(): Date };
}

/** A run of a deployment workflow: one job for each environment, one after the other. */
export interface Run {
  readonly id: string;
  status: "in_progress" | "waiting" | "completed" | "cancelled" | "failure";
  readonly release: { readonly name: string; readonly version: string };
  cancelled?: { readonly at: string; readonly comment: string };
}

export const canceller = { id: "b1f2c3d4-5e6f-4a70-8b91-a2b3c4d5e6f7", email: "ci@acme.example" };

export function gorules({ token, project, run, clock }: GoRules): Vendor {
  const path = `/api/projects/${project}/runs/${run.id}`;
  return (request) => {
    if (request.headers["authorization"] !== `Bearer ${token}`)
      return { status: 401, body: { message: "Unauthorized" } };
    const route = `${request.method} ${request.path}`;
    if (route === `POST ${path}/cancel`) {
      const { comment } = fields(request);
      // The comment is for the audit trail, and has at least one character.
      if (typeof comment !== "string" || comment === "")
        return { status: 400, body: { message: "comment is required" } };
      // Unverified: what is answered to the cancel of a run that is over.
      if (run.status !== "in_progress" && run.status !== "waiting")
        return { status: 400, body: { message: "run is already finished" } };
      run.status = "cancelled";
      run.cancelled = { at: clock.date().toISOString(), comment };
    } else if (route !== `GET ${path}`) return { status: 404, body: { message: "Not Found" } };
    const { id, status, release, cancelled } = run;
    const body = {
      id,
      projectId: project,
      status,
      release,
      completedAt: cancelled?.at ?? null,
      cancelledById: cancelled ? canceller.id : null,
      cancelledBy: cancelled ? canceller : null,
      cancelledComment: cancelled?.comment ?? null,
      jobs: [{ status: "not_started", order: 1, environment: { name: "Production", key: "prod" } }],
    };
    return { status: 200, body };
  };
}
