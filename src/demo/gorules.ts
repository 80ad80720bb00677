import type { Act } from "./act.ts";
import { canceller, gorules as goRulesServer, type Run } from "./vendors/gorules.ts";

const project = "3c90c3cc-0d44-4b50-8888-8dd25736052a";
const id = "5b1f2b0e-6a54-4c0e-9a61-0b7a3a0f5d11";

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
    const run: Run = { id, status: "in_progress", release: { name: "Spring rates", version: "41" } };
    return {
      vendor: goRulesServer({ token, project, run, clock }),
      testify() {
        const by = run.cancelled ? ` by ${canceller.email}, comment "${run.cancelled.comment}"` : "";
        return { stopped: run.status === "cancelled", words: `status "${run.status}"${by}` };
      },
    };
  },
};
