/** Runs a workflow or a pipeline as it is written, in a world where all that it names is there. */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { provideAct } from "./act-runner.ts";
import { provideGitlabCiLocal } from "./gitlab-ci-local.ts";
import { readsProxy, runtime } from "./nodes.ts";
import type { Finished } from "./shell.ts";
import { secrets, type World } from "./world.ts";

export interface Around {
  /** What the reader has of their own. */
  readonly scripts: Readonly<Record<string, string>>;
  readonly payload?: object;
  /** Variables that a reader sets for their pipeline. */
  readonly variables?: Readonly<Record<string, string>>;
  /** Then the run that the job belongs to is cancelled. */
  readonly cancelled?: Promise<unknown>;
}

export type Runner = (world: World, name: string, text: string, around: Around) => Promise<Finished>;

/** Needs a key of an app and asks GitHub with it; its inputs and its output are those of https://github.com/actions/create-github-app-token */
const appToken = "actions/create-github-app-token@1b10c78c7865c340bc4f6099eb2f838309f1e8c3";
const appTokenAction = `name: a token of an app
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
`;

export async function onGitHub(checkout: string, scratch: string): Promise<Runner | { readonly why: string }> {
  const act = await provideAct(checkout, scratch);
  if (typeof act !== "function") return act;
  const folder = join(scratch, "app-token");
  mkdirSync(folder, { recursive: true });
  if (!existsSync(join(folder, "action.yml"))) writeFileSync(join(folder, "action.yml"), appTokenAction);
  return async (world, name, text, { scripts, payload = {}, cancelled }) => {
    const { on } = parse(text) as { on: string | Record<string, unknown> };
    const [event = ""] = typeof on === "string" ? [on] : Object.keys(on);
    return await act(() => ({
      event,
      payload,
      name,
      workflow: text,
      files: scripts,
      secrets: { ...secrets, APP_PRIVATE_KEY: secrets.DEPLOY_TOKEN },
      vars: { APP_CLIENT_ID: "Iv1.canary" },
      internet: world,
      ...(cancelled && { cancelled }),
      ...(text.includes(appToken) && { actions: { [appToken]: folder } }),
    }));
  };
}

export function onGitLab(checkout: string, scratch: string): Runner | { readonly why: string } {
  const local = provideGitlabCiLocal(checkout, scratch);
  if (typeof local !== "function") return local;
  if (!readsProxy(runtime))
    return { why: `Node.js 24 could not be had, and fetch of ${runtime.version} knows no proxy` };
  return async (world, _, text, { scripts, variables }) =>
    await local({
      origin: "https://gitlab.com/acme/deploy.git",
      config: text,
      files: scripts,
      variables: {
        ...{ CI_PIPELINE_ID: "900", CI_DEFAULT_BRANCH: "trunk" },
        ...{ GITLAB_TOKEN: secrets.GITLAB_TOKEN, GITHUB_TOKEN: secrets.DEPLOY_TOKEN },
        ...{ GORULES_TOKEN: secrets.GORULES_TOKEN, HW_AUTH_TOKEN: secrets.HUAWEICLOUD_TOKEN },
        ...variables,
      },
      internet: world,
      inPlace: true,
    });
}
