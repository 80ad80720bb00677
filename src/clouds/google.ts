// https://cloud.google.com/apis/design/errors
/**
 * What the services of Google Cloud have in common.
 * Variables: gcloud 528 (core.project, auth.access_token_file) and google-github-actions/auth; errors: the document above.
 */
import { bearer } from "../kit.ts";
import type { Auth, Errors, Id } from "../provider.ts";

/** A token that somebody has had made, or the file that says how to get one. */
export const auth: Auth[] = [
  {
    ...bearer("CLOUDSDK_AUTH_ACCESS_TOKEN", "GOOGLE_OAUTH_ACCESS_TOKEN", { file: "CLOUDSDK_AUTH_ACCESS_TOKEN_FILE" }),
    shortLived: true,
  },
  {
    scheme: "google-credentials",
    // https://github.com/google-github-actions/auth#usage
    action: {
      uses: "google-github-actions/auth@v3",
      with: { workload_identity_provider: "${{ vars.GOOGLE_WORKLOAD_IDENTITY_PROVIDER }}" },
    },
    env: {
      token: [
        { file: "GOOGLE_APPLICATION_CREDENTIALS" },
        { file: "GOOGLE_GHA_CREDS_PATH" },
        { file: "CLOUDSDK_AUTH_CREDENTIAL_FILE_OVERRIDE" },
      ],
    },
  },
];

export const errors: Errors = {
  code: "error.status",
  message: "error.message",
  notFound: /^NOT_FOUND$/,
  denied: /^(?:PERMISSION_DENIED|UNAUTHENTICATED)$/,
};

/** Older ones have a domain in front. */
export const project: Id = {
  pattern: /(?:[a-z][a-z0-9.-]{0,99}:)?[a-z][a-z0-9-]{4,28}[a-z0-9]|\d{1,20}/,
  help: "id or number of the project",
  example: "acme-shop",
  env: ["CLOUDSDK_CORE_PROJECT", "CLOUDSDK_PROJECT", "GOOGLE_CLOUD_PROJECT", "GCLOUD_PROJECT", "GCP_PROJECT"],
};
