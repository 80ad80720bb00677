/** GitHub workflows on this machine itself: https://github.com/nektos/act */
import { cpSync, existsSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import type { Internet } from "./internet.ts";
import { folderOf, type Node, runtime } from "./nodes.ts";
import { fromGo } from "./programs.ts";
import { makeRepository } from "./repository.ts";
import { type Finished, has, run, searchPath } from "./shell.ts";
import { published } from "../../src/published.ts";

const version = "v0.2.89";

export interface Workflow {
  readonly event: string;
  readonly payload?: object;
  /** A text is run as it is. */
  readonly workflow: object | string;
  /** Its file, below .github/workflows. */
  readonly name?: string;
  /** Of the repository, beside the workflow. */
  readonly files?: Readonly<Record<string, string>>;
  readonly secrets: Readonly<Record<string, string>>;
  readonly vars?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  /** Where the action is fetched from, and whatever else the job reaches. Not given: the action is this checkout. */
  readonly internet?: Internet;
  /** Folders in place of actions, by `owner/name@ref`. */
  readonly actions?: Readonly<Record<string, string>>;
  /** Then the run is cancelled: act takes Ctrl-C for that. */
  readonly cancelled?: Promise<unknown>;
}

/** `folder` is this run's own, for what its steps leave. */
export type Act = (workflow: (folder: string) => Workflow, node?: Node) => Promise<Finished>;

/** Runs workflows that use this checkout as people do; or why it cannot be had. */
export async function provideAct(checkout: string, scratch: string): Promise<Act | { readonly why: string }> {
  if (!has("git")) return { why: "git not found" };
  const act = await fromGo({ name: "act", version }, "github.com/nektos/act");
  if (typeof act !== "string") return act;

  // act copies the whole folder, so only what a run needs.
  const action = join(scratch, "action");
  for (const path of ["action.yml", "dist"])
    if (!existsSync(join(action, path))) cpSync(join(checkout, path), join(action, path), { recursive: true });

  return async (make, node = runtime) => {
    const home = mkdtempSync(join(scratch, "act-"));
    const folder = join(home, "work");
    const payload = join(home, "payload.json");
    mkdirSync(folder);
    mkdirSync(join(home, ".config/act"), { recursive: true });
    const { workflow, internet, cancelled, ...given } = make(home);
    const { event, payload: content = {}, name = "test.yml", files, secrets, vars = {}, env = {}, actions } = given;
    writeFileSync(payload, JSON.stringify(content));
    await makeRepository(folder, "https://github.com/acme/deploy.git", {
      ...files,
      [`.github/workflows/${name}`]: typeof workflow === "string" ? workflow : JSON.stringify(workflow),
    });
    const local = { ...(internet === undefined && { [`${published.github}@v1`]: action }), ...actions };
    const options = { "--secret": secrets, "--var": vars, "--env": env, "--local-repository": local };
    return await run(
      act,
      [
        ...[event, "--eventpath", payload, "--platform", "ubuntu-latest=-self-hosted", "--no-cache-server"],
        ...Object.entries(options).flatMap(([option, values]) =>
          Object.entries(values).flatMap(([key, value]) => [option, `${key}=${value}`]),
        ),
      ],
      {
        cwd: folder,
        env: {
          PATH: [folderOf(node), searchPath].join(delimiter),
          ...{ HOME: home, XDG_CONFIG_HOME: join(home, ".config"), XDG_CACHE_HOME: join(home, ".cache") },
          ...internet?.env,
        },
        ...(cancelled && { interrupt: { when: cancelled, signal: "SIGINT" } }),
      },
    );
  };
}
