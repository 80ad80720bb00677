// https://www.pulumi.com/docs/reference/cloud-rest-api/deployments/
// https://www.pulumi.com/docs/iac/cli/commands/pulumi_deployment_cancel/
import { get, inHeader, number, post, states, uuid } from "../kit.ts";
import type { Id, Json, Permissions, Provider, Reading, State, Target } from "../provider.ts";

const deployments = "/api/stacks/{organization}/{project}/{stack}/deployments";

function name(help: string, example: string): Id {
  return { pattern: /[A-Za-z0-9_.-]+/, help, example };
}

const stack = {
  organization: name("organization, or user", "acme"),
  project: name("name of the project", "shop"),
  stack: name("name of the stack", "prod"),
} satisfies Target["ids"];

/** A backend may be a folder or a bucket, which has no deployments: those are Pulumi Cloud's. */
function serverIn(address: string): string | undefined {
  return /^https?:/.test(address) ? address : undefined;
}

/** The steps of all jobs: a deployment has one job. */
function stepsOf({ jobs }: Json): readonly Json[] {
  return jobs.flatMap(({ steps }: Json) => steps);
}

const permissions: Permissions = {
  look: "the scope `stack:read`, as Stack Read grants it",
  cancel: "the scope `stack:cancel_update`, as Stack Write grants it",
  docs: "https://www.pulumi.com/docs/administration/access-identity/rbac/scopes/stacks/",
};

/** There is no word for a deployment that was cancelled. */
const statesAfterCancel: Readonly<Record<string, State>> = { failed: "cancelled" };

const reading = {
  state: "status",
  name: "pulumiOperation",
  learn: { "deployment-id": "id", "deployment-number": "version" },
  record: { version: "version" },
} satisfies Reading;

/** The same by its id and by the number that its page has. */
function target(ids: Target["ids"], route: string, shows: Reading["shows"]): Target {
  return {
    ids: { ...stack, ...ids },
    pages: ["/{organization}/{project}/{stack}/deployments/{deployment-number}"],
    permissions,
    look: { ...get(route), ...reading, ...(shows && { shows }) },
    cancel: post(`${deployments}/{deployment-id}/cancel`),
    statesAfterCancel,
    jobs: [{ ...get(route), items: stepsOf, name: "name", state: "status" }],
  };
}

export const pulumi = {
  name: "Pulumi Deployments",
  docs: "https://www.pulumi.com/docs/iac/cli/commands/pulumi_deployment_cancel/",
  rights: "An access token of Pulumi Cloud, personal, of a team or of the organization, with Stack Write on the stack.",
  whoami: [
    {
      ...get("/api/user"),
      docs: "https://www.pulumi.com/docs/reference/cloud-rest-api/",
      who: ["githubLogin", "name"],
    },
  ],
  server: {
    url: "https://app.pulumi.com",
    api: { "app.pulumi.com": "https://api.pulumi.com" },
    env: ["PULUMI_BACKEND_URL"],
    serverIn,
  },
  auth: [{ ...inHeader("authorization", "PULUMI_ACCESS_TOKEN"), prefix: "token " }],
  headers: { accept: "application/vnd.pulumi+8" },
  states: states({
    queued: ["not-started", "accepted"],
    running: ["running"],
    succeeded: ["succeeded"],
    failed: ["failed"],
    skipped: ["skipped"],
  }),
  targets: {
    deployment: target(
      { "deployment-id": uuid("UUID of the deployment", "9c5c2fd7-1a1b-4f0f-a0b4-3a1c4a8f6f0e") },
      `${deployments}/{deployment-id}`,
      { "deployment-id": "id" },
    ),
    "numbered-deployment": target(
      { "deployment-number": number("number of the deployment, as in its page's address", "42") },
      `${deployments}/version/{deployment-number}`,
      { "deployment-number": "version" },
    ),
  },
  unverified: [
    "What a deployment becomes that was cancelled: there is no word for it. One that is `failed` after the cancel was accepted counts as cancelled, and may have failed by itself.",
    "One that had not begun is removed, and then may not be found any more: that is reported as failed, because nothing shows what became of it.",
    "What the cancel of a deployment that has ended is answered; a look decides.",
    "The page of a deployment.",
    "A cancel during an operation may leave the stack in an inconsistent state, as Pulumi's own documents say.",
  ],
} satisfies Provider;
