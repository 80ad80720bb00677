/** Runs a workflow or a pipeline as it is written, in a world where all that it names is there. */
import { parse } from "yaml";
import { readersVariables, standIns } from "./actions.ts";
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

export async function onGitHub(checkout: string, scratch: string): Promise<Runner | { readonly why: string }> {
  const act = await provideAct(checkout, scratch);
  if (typeof act !== "function") return act;
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
      vars: readersVariables,
      internet: world,
      ...(cancelled && { cancelled }),
      actions: standIns(text, scratch),
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
