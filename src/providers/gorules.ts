// https://docs.gorules.io/api-reference/brms/deployment-workflows/cancel-deployment-workflow-run
import { bearer, get, post, states } from "../kit.ts";
import type { Id, Provider, Reading, Target } from "../provider.ts";

/** In either case: the documents do not say which one a server writes. */
function uuid(help: string, example: string): Id {
  return { pattern: /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/i, help, example };
}

/** The cancel answers with the run, too. */
const reading = { state: "status", shows: { "run-id": "id" } } satisfies Reading;

const run: Target = {
  ids: {
    "project-id": {
      ...uuid("UUID of the project", "3c90c3cc-0d44-4b50-8888-8dd25736052a"),
      env: ["GORULES_PROJECT"],
      hint: "the project's key, which GORULES_PROJECT may hold, is not accepted",
    },
    "run-id": uuid("UUID of the deployment workflow run", "5b1f2b0e-6a54-4c0e-9a61-0b7a3a0f5d11"),
  },
  permissions: {
    look: "a token that is scoped to the project; no document says which permission",
    cancel: "apparently the permission Environments or Releases: no document says which",
    docs: "https://docs.gorules.io/api-reference/brms/deployment-workflows/cancel-deployment-workflow-run",
  },
  look: {
    ...get("/projects/{project-id}/runs/{run-id}"),
    ...reading,
    name: ["release.name", "release.version"],
    record: {
      "cancelled-by": ["cancelledBy.email", "cancelledById"],
      "cancelled-at": "completedAt",
      "cancelled-comment": "cancelledComment",
    },
  },
  cancel: { ...post("/projects/{project-id}/runs/{run-id}/cancel", { body: { comment: "{reason}" } }), reply: reading },
};

export const gorules = {
  name: "GoRules BRMS",
  docs: "https://docs.gorules.io/api-reference/brms/deployment-workflows/cancel-deployment-workflow-run",
  rights:
    "A personal access token of that BRMS (made in the profile), scoped to the project, with the permission Environments or Releases.",
  server: { env: ["GORULES_URL"], api: "/api", selfHosted: true },
  auth: [bearer("GORULES_TOKEN")],
  states: states({
    running: ["in_progress"],
    blocked: ["waiting"],
    cancelled: ["cancelled"],
    succeeded: ["completed"],
    failed: ["failure"],
  }),
  targets: { run },
  unverified: [
    "Which permission of the token the cancel needs (Environments or Releases is likely).",
    "What the server answers to the cancel of a run that is over, and what its error replies look like; a look decides.",
    "Whether environments that were already deployed are rolled back; nothing says so.",
  ],
} satisfies Provider;
