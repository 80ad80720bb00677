/** GitHub workflows on this machine itself: https://github.com/nektos/act */
import { cpSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fromGo } from "./programs.ts";
import { makeRepository } from "./repository.ts";
import { type Finished, has, run } from "./shell.ts";
import { published } from "../../src/published.ts";

const version = "v0.2.89";

export interface Workflow {
  readonly event: string;
  readonly payload?: object;
  readonly workflow: object;
  /** Of the repository, beside the workflow. */
  readonly files?: Readonly<Record<string, string>>;
  readonly secrets: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
}

/** `folder` is this run's own, for what its steps leave. */
export type Act = (workflow: (folder: string) => Workflow) => Promise<Finished>;

/** Runs workflows that use this checkout as people do; or why it cannot be had. */
export async function provideAct(checkout: string, scratch: string): Promise<Act | { readonly why: string }> {
  if (!has("git")) return { why: "git not found" };
  const act = await fromGo({ name: "act", version }, "github.com/nektos/act");
  if (typeof act !== "string") return act;

  // act copies the whole folder, so only what a run needs.
  const action = join(scratch, "action");
  for (const path of ["action.yml", "dist"]) cpSync(join(checkout, path), join(action, path), { recursive: true });

  return async (make) => {
    const home = mkdtempSync(join(scratch, "act-"));
    const folder = join(home, "work");
    const payload = join(home, "payload.json");
    mkdirSync(folder);
    mkdirSync(join(home, ".config/act"), { recursive: true });
    const { event, payload: content = {}, workflow, files, secrets, env = {} } = make(home);
    writeFileSync(payload, JSON.stringify(content));
    await makeRepository(folder, "https://github.com/acme/deploy.git", {
      ...files,
      ".github/workflows/test.yml": JSON.stringify(workflow),
    });
    return await run(
      act,
      [
        ...[event, "--eventpath", payload, "--platform", "ubuntu-latest=-self-hosted", "--no-cache-server"],
        ...["--local-repository", `${published.github}@v1=${action}`],
        ...Object.entries(secrets).flatMap(([name, value]) => ["--secret", `${name}=${value}`]),
        ...Object.entries(env).flatMap(([name, value]) => ["--env", `${name}=${value}`]),
      ],
      {
        cwd: folder,
        env: { HOME: home, XDG_CONFIG_HOME: join(home, ".config"), XDG_CACHE_HOME: join(home, ".cache") },
      },
    );
  };
}
