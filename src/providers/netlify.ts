// https://open-api.netlify.com/#tag/deploy/operation/cancelSiteDeploy · npm @netlify/open-api
import { bearer, get, post, states } from "../kit.ts";
import type { Json, Provider, Reading, Target } from "../provider.ts";

/** There is no state for a cancelled deploy: it is an error whose message says so. */
function stateOf({ state, error_message }: Json): string | undefined {
  return state === "error" && /canceled build/i.test(error_message ?? "") ? "Canceled build" : state;
}

/** The cancel answers with the deploy, too. */
const reading = { state: stateOf, shows: { "deploy-id": "id" } } satisfies Reading;

const deploy: Target = {
  ids: {
    "deploy-id": {
      pattern: /[0-9a-f]{24}/,
      help: "id of the deploy, as in its page's address",
      example: "5f1f0f3c8c5d0a0007a1b2c3",
    },
  },
  // The last one is the deploy itself, as the CLI prints it.
  pages: [
    "/projects/{site}/deploys/{deploy-id}",
    "/sites/{site}/deploys/{deploy-id}",
    "https://{deploy-id}--{site}.netlify.app",
  ],
  permissions: {
    look: "a user who sees the site's team; tokens have no scopes",
    cancel: "a user who may deploy the site",
    docs: "https://docs.netlify.com/api/get-started/#authentication",
  },
  look: {
    ...get("/deploys/{deploy-id}"),
    ...reading,
    name: "title",
    ref: "branch",
    learn: { site: "name" },
    record: { "error-message": "error_message" },
  },
  cancel: { ...post("/deploys/{deploy-id}/cancel"), reply: reading },
};

export const netlify = {
  name: "Netlify",
  docs: "https://open-api.netlify.com/#tag/deploy/operation/cancelSiteDeploy",
  rights: "A personal access token of a user who may deploy the site.",
  whoami: [
    {
      ...get("/user"),
      docs: "https://open-api.netlify.com/#tag/user/operation/getCurrentUser",
      // The description has a list.
      who: ["email", "full_name", "0.email", "0.full_name"],
    },
  ],
  server: {
    url: "https://app.netlify.com",
    api: { "app.netlify.com": "https://api.netlify.com/api/v1", "*": "/api/v1" },
    env: ["NETLIFY_API_URL"],
    // https://docs.netlify.com/api-and-cli-guides/api-guides/get-started-with-api/#rate-limiting
    budget: { points: 500, seconds: 60, hosts: ["app.netlify.com"] },
  },
  auth: [bearer("NETLIFY_AUTH_TOKEN")],
  states: states({
    queued: ["new", "accepted", "enqueued"],
    running: ["building", "preparing", "prepared", "uploading", "uploaded", "processing", "processed", "retrying"],
    blocked: ["pending_review"],
    cancelled: ["Canceled build"],
    succeeded: ["ready"],
    failed: ["error", "rejected"],
  }),
  targets: { deploy },
  unverified: [
    "Which of the documented words a cancelled deploy has: no document says so.",
    "That a cancelled deploy is an `error` whose message has the words Canceled build: two third-party clients read it so. One with another message is reported as finished anyway, with the message.",
    "What the cancel of a finished deploy is answered; a look decides.",
    "That 500 requests a minute are allowed: Netlify's guide says so by a third party's reading of August 2026; we could not read it ourselves.",
  ],
} satisfies Provider;
