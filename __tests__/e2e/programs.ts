/** Programs that no npm package holds: built or installed once, of one version each, and kept beside other caches of this user. */
import { existsSync, mkdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { has, run } from "./shell.ts";

const minutes = 5;

interface Program {
  readonly name: string;
  readonly version: string;
}

/** A program's path, or why it cannot be had. */
export type Provided = string | { readonly why: string };

/** Built from its source, which Go fetches and checks. */
export async function fromGo({ name, version }: Program, source: string): Promise<Provided> {
  const folder = folderOf({ name, version });
  const program = join(folder, name);
  if (existsSync(program)) return program;
  if (!has("go")) return { why: `${name} is built by Go, which is not installed` };
  mkdirSync(folder, { recursive: true });
  console.log(`# Go builds ${name} ${version} now, once; it takes a minute or two.`);
  const env = { ...(process.env as Record<string, string>), GOBIN: folder };
  const { code, output } = await run("go", ["install", `${source}@${version}`], {
    cwd: folder,
    env,
    seconds: minutes * 60,
  });
  return code === 0 ? program : { why: `Go could not build ${name}: ${lastLine(output)}` };
}

/** Installed by pip in an environment of its own. */
export async function fromPip({ name, version }: Program): Promise<Provided> {
  const folder = folderOf({ name, version });
  const program = join(folder, "bin", name);
  if (existsSync(program)) return program;
  if (!has("python3")) return { why: `${name} is installed by pip, and python3 is not installed` };
  const env = process.env as Record<string, string>;
  const steps = [
    ["python3", "-m", "venv", folder],
    [join(folder, "bin/python"), "-m", "pip", "install", "--quiet", "--no-deps", `${name}==${version}`],
  ] as const;
  for (const [command, ...args] of steps) {
    const { code, output } = await run(command, args, { cwd: ".", env, seconds: minutes * 60 });
    if (code !== 0) return { why: `pip could not install ${name}: ${lastLine(output)}` };
  }
  return existsSync(program) ? program : { why: `pip has installed no ${name}` };
}

function folderOf({ name, version }: Program): string {
  return join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "cancel-run", `${name}-${version}`);
}

const lastLine = (output: string): string => output.trim().split("\n").at(-1) ?? "";
