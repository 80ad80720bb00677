/** GitHub workflows on this machine itself: https://github.com/nektos/act */
import { cpSync, existsSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { makeRepository } from "./repository.ts";
import { type Finished, has, run } from "./shell.ts";
import { published } from "../../src/published.ts";

const version = "v0.2.89";
const buildMinutes = 5;

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
  const act = await program();
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

/** The program's path; built once from its source, which Go fetches and checks, and kept beside other caches of this user. */
async function program(): Promise<string | { readonly why: string }> {
  const folder = join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "cancel-run", `act-${version}`);
  const act = join(folder, "act");
  if (existsSync(act)) return act;
  if (!has("go")) return { why: "it is built by Go, which is not installed" };
  mkdirSync(folder, { recursive: true });
  console.log(`# Go builds act ${version} now, once; it takes a minute or two.`);
  const { code, output } = await run("go", ["install", `github.com/nektos/act@${version}`], {
    cwd: folder,
    env: { ...(process.env as Record<string, string>), GOBIN: folder },
    seconds: buildMinutes * 60,
  });
  if (code === 0) return act;
  return { why: `Go could not build it: ${output.trim().split("\n").at(-1) ?? ""}` };
}
