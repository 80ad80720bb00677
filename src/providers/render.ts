// https://api-docs.render.com/reference/cancel-deploy
// https://api-docs.render.com/reference/cancel-job · PyPI render
import { bearer, get, post, states } from "../kit.ts";
import type { Id, Json, Permissions, Provider, Reading, Target } from "../provider.ts";

const oneDeploy = "/services/{service-id}/deploys/{deploy-id}";
const oneJob = "/services/{service-id}/jobs/{job-id}";

/** A job that has not ended may have no status: pkg/job/util.go of Render's command line. */
function stateOfJob({ id, status, finishedAt }: Json): string | undefined {
  return status ?? (id !== undefined && (finishedAt ?? null) === null ? "pending" : undefined);
}

const ofDeploy = { state: "status", shows: { "deploy-id": "id" } } satisfies Reading;
const ofJob = { state: stateOfJob, shows: { "service-id": "serviceId", "job-id": "id" } } satisfies Reading;

/** An API key can do what its owner can. */
const permissions: Permissions = {
  look: "the API key of somebody who sees the service's workspace",
  cancel: "the API key of somebody who may deploy the service",
  docs: "https://api-docs.render.com/reference/authentication",
};

function serviceId(pattern: RegExp, hint: string): Id {
  return { pattern, help: "id of the service, as in its page's address", example: "srv-cph1rs3idesc73a2b2mg", hint };
}

const deploy: Target = {
  ids: {
    "service-id": serviceId(/srv-[a-z0-9]+/, "Render cancels no deploy of a cron job (crn-…)"),
    "deploy-id": {
      pattern: /dep-[a-z0-9]+/,
      help: "id of the deploy, as in its page's address",
      example: "dep-cph1rs3idesc73a2b2n0",
    },
  },
  // The type is web, worker, pserv or static, which the deploy does not say.
  pages: ["/{type}/{service-id}/deploys/{deploy-id}"],
  permissions,
  look: {
    ...get(oneDeploy),
    ...ofDeploy,
    name: "commit.message",
    record: { commit: "commit.id", image: "image.ref", trigger: "trigger" },
  },
  cancel: { ...post(`${oneDeploy}/cancel`), reply: ofDeploy },
};

const job: Target = {
  ids: {
    "service-id": serviceId(/(?:srv|crn)-[a-z0-9]+/, "it begins with srv- or crn-"),
    "job-id": { pattern: /job-[a-z0-9]+/, help: "id of the one-off job", example: "job-cph1rs3idesc73a2b2o0" },
  },
  permissions,
  look: { ...get(oneJob), ...ofJob, name: "startCommand" },
  cancel: { ...post(`${oneJob}/cancel`), reply: ofJob },
};

export const render = {
  name: "Render",
  docs: "https://api-docs.render.com/reference/cancel-deploy",
  rights: "An API key of somebody who may deploy the service; a key is for all workspaces of its owner.",
  whoami: [{ ...get("/users"), docs: "https://api-docs.render.com/reference/get-user", who: ["email", "name"] }],
  server: {
    url: "https://dashboard.render.com",
    api: { "dashboard.render.com": "https://api.render.com/v1", "*": "/v1" },
  },
  auth: [bearer("RENDER_API_KEY")],
  errors: { message: "message" },
  states: states({
    queued: ["created", "queued", "pending"],
    running: ["build_in_progress", "pre_deploy_in_progress", "update_in_progress", "running"],
    cancelled: ["canceled"],
    succeeded: ["live", "deactivated", "succeeded"],
    failed: ["build_failed", "pre_deploy_failed", "update_failed", "failed"],
  }),
  targets: { deploy, job },
  unverified: [
    "What a cancel is answered for a deploy or a job that is over; a look decides.",
    "Whether a `queued` deploy can be canceled: Render's command line does not offer it.",
    "A deploy does not say its branch, so deploys are not chosen by it.",
    "Runs of cron jobs: the API cancels whichever is running, not one that is named, so it is not used.",
    "What its calls must be allowed: the roles of a workspace were not looked up.",
  ],
} satisfies Provider;
