// https://docs.gorules.io/api-reference/brms/deployment-workflows/cancel-deployment-workflow-run
import type { Act } from "./act.ts";

const project = "3c90c3cc-0d44-4b50-8888-8dd25736052a";
const id = "5b1f2b0e-6a54-4c0e-9a61-0b7a3a0f5d11";
const run = `/api/projects/${project}/runs/${id}`;

export const gorules: Act = {
  title: "GoRules BRMS: a faulty release of rules is being rolled out",
  variable: "GORULES_TOKEN",
  token: "made-up-gorules-token",
  args: (server) => [
    "--provider",
    "gorules",
    "--server-url",
    server,
    "--project-id",
    project,
    "--run-id",
    id,
    "--reason",
    "release 41 is faulty",
  ],
  open(token, clock) {
    let cancelled: { at: string; comment: string } | undefined;
    const status = (): string => (cancelled ? "cancelled" : "in_progress");
    const by = { id: "b1f2c3d4-5e6f-4a70-8b91-a2b3c4d5e6f7", email: "ci@acme.example" };
    const shown = (): object => ({
      id,
      projectId: project,
      status: status(),
      release: { name: "Spring rates", version: "41" },
      completedAt: cancelled?.at ?? null,
      cancelledById: cancelled ? by.id : null,
      cancelledBy: cancelled ? by : null,
      cancelledComment: cancelled?.comment ?? null,
      jobs: [{ status: "not_started", order: 1, environment: { name: "Production", key: "prod" } }],
    });
    return {
      answer({ route, headers, body }) {
        if (headers["authorization"] !== `Bearer ${token}`) return [401, { message: "Unauthorized" }];
        if (route === `GET ${run}`) return [200, shown()];
        if (route === `POST ${run}/cancel`) {
          const { comment } = (body ?? {}) as { comment?: unknown };
          if (typeof comment !== "string" || comment === "") return [400, { message: "comment is required" }];
          cancelled ??= { at: clock.date().toISOString(), comment };
          return [200, shown()];
        }
        return [404, { message: "Not Found" }];
      },
      testify: () => ({
        stopped: cancelled !== undefined,
        words: `status "${status()}"${cancelled ? ` by ${by.email}, comment "${cancelled.comment}"` : ""}`,
      }),
    };
  },
};
