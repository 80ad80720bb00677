// https://open-api.netlify.com/#tag/deploy/operation/cancelSiteDeploy · npm @netlify/open-api
import type { Provider } from "../provider.ts";

export const netlify = {
  name: "Netlify",
  docs: "https://open-api.netlify.com/#tag/deploy/operation/cancelSiteDeploy",
  rights: "A personal access token of a user who may deploy the site.",
  server: {
    url: "https://app.netlify.com",
    api: ({ host }) => (host === "app.netlify.com" ? "https://api.netlify.com/api/v1" : "/api/v1"),
  },
  auth: [{ scheme: "bearer", env: { token: ["NETLIFY_AUTH_TOKEN"] } }],
  states: {
    new: "queued",
    enqueued: "queued",
    building: "running",
    preparing: "running",
    prepared: "running",
    uploading: "running",
    uploaded: "running",
    processing: "running",
    processed: "running",
    retrying: "running",
    ready: "succeeded",
    error: "failed",
    "Canceled build": "cancelled",
  },
  targets: {
    deploy: {
      ids: {
        "deploy-id": {
          pattern: /[0-9a-f]{24}/,
          help: "id of the deploy, as in its page's address",
          example: "5f1f0f3c8c5d0a0007a1b2c3",
        },
      },
      page: ["/projects/{site}/deploys/{deploy-id}", "/sites/{site}/deploys/{deploy-id}"],
      look: {
        route: "GET /deploys/{deploy-id}",
        name: "title",
        ref: "branch",
        shows: { "deploy-id": "id" },
        learn: { site: "name" },
        record: { "error-message": "error_message" },
        // There is no state for a cancelled deploy: it is an error that says so.
        state: (b) =>
          b.state === "error" && /canceled build/i.test(b.error_message ?? "") ? "Canceled build" : b.state,
      },
      cancel: { route: "POST /deploys/{deploy-id}/cancel" },
    },
  },
  unverified: [
    "The states: the API's description says only that they are text. Those of the official CLI are `preparing`, `prepared`, `uploading`, `uploaded`, `ready` and `error`; the others are known from third-party code.",
    "That a cancelled deploy is an `error` whose message has the words Canceled build: two third-party clients read it so. One with another message is reported as finished anyway, with the message.",
    "What the cancel of a finished deploy is answered; a look decides.",
  ],
} satisfies Provider;
