/** Stand-ins for actions of others that our steps are pasted with: each has the inputs and leaves the names that its own README has. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** They ask a service by who the job is, or by a key: here whatever they are given is right, as long as it is something. */
const actions = {
  /** https://github.com/actions/create-github-app-token */
  "actions/create-github-app-token@1b10c78c7865c340bc4f6099eb2f838309f1e8c3": `name: a token of an app
inputs:
  client-id: { required: true }
  private-key: { required: true }
  owner: {}
  repositories: {}
  permission-actions: {}
outputs:
  token: { value: "\${{ steps.token.outputs.token }}" }
runs:
  using: composite
  steps:
    - id: token
      shell: bash
      run: test "$CLIENT" = Iv1.canary && echo "token=$KEY" >> "$GITHUB_OUTPUT"
      env:
        CLIENT: \${{ inputs.client-id }}
        KEY: \${{ inputs.private-key }}
`,
  /** https://github.com/aws-actions/configure-aws-credentials */
  "aws-actions/configure-aws-credentials@v6": `name: keys of a role
inputs:
  role-to-assume: {}
  aws-region: { required: true }
runs:
  using: composite
  steps:
    - shell: bash
      run: |
        test -n "$ROLE" && test -n "$REGION"
        {
          echo AWS_ACCESS_KEY_ID=ASIAIOSFODNN7EXAMPLE
          echo AWS_SECRET_ACCESS_KEY=canary-0123456789-aws-secret-key
          echo AWS_SESSION_TOKEN=canary-0123456789-aws-session
          echo "AWS_REGION=$REGION"
          echo "AWS_DEFAULT_REGION=$REGION"
        } >> "$GITHUB_ENV"
      env:
        ROLE: \${{ inputs.role-to-assume }}
        REGION: \${{ inputs.aws-region }}
`,
  /** https://github.com/google-github-actions/auth; its file names the runner's own service for tokens, which is none here. */
  "google-github-actions/auth@v3": `name: a file of credentials
inputs:
  workload_identity_provider: {}
runs:
  using: composite
  steps:
    - shell: bash
      run: |
        test -n "$PROVIDER"
        file="$GITHUB_WORKSPACE/gha-creds-0123456789abcdef.json"
        echo canary-0123456789-google > "$file.token"
        cat > "$file" << END
        {
          "type": "external_account",
          "audience": "//iam.googleapis.com/$PROVIDER",
          "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
          "token_url": "https://sts.googleapis.com/v1/token",
          "credential_source": { "file": "$file.token" }
        }
        END
        {
          echo "GOOGLE_APPLICATION_CREDENTIALS=$file"
          echo "CLOUDSDK_AUTH_CREDENTIAL_FILE_OVERRIDE=$file"
          echo "GOOGLE_GHA_CREDS_PATH=$file"
        } >> "$GITHUB_ENV"
      env:
        PROVIDER: \${{ inputs.workload_identity_provider }}
`,
} as const;

/** What a reader sets for them. */
export const readersVariables = {
  APP_CLIENT_ID: "Iv1.canary",
  AWS_ROLE_ARN: "arn:aws:iam::123456789012:role/ci",
  GOOGLE_WORKLOAD_IDENTITY_PROVIDER: "projects/123456789012/locations/global/workloadIdentityPools/ci/providers/github",
};

/** The folders of those that a workflow names. */
export function standIns(workflow: string, scratch: string): Readonly<Record<string, string>> {
  const named = Object.entries(actions).filter(([name]) => workflow.includes(name));
  return Object.fromEntries(
    named.map(([name, text]) => {
      const folder = join(scratch, name.replaceAll(/[/@]/g, "-"));
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, "action.yml"), text);
      return [name, folder];
    }),
  );
}
