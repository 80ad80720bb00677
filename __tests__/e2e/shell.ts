import { spawn } from "node:child_process";
import { accessSync, constants, existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";

export interface Finished {
  readonly code: number;
  /** stdout and stderr, in the order they came. */
  readonly output: string;
}

export interface Surroundings {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly seconds?: number;
  /** Then the program is sent this signal, and all that share its process group with it. */
  readonly interrupt?: { readonly when: Promise<unknown>; readonly signal: "SIGINT" | "SIGTERM" };
}

/** Runs a program with no input and no more environment than is given here, and ends it with all its children when time is up. */
export function run(program: string, args: readonly string[], surroundings: Surroundings): Promise<Finished> {
  const { cwd, env = {}, seconds = 120, interrupt } = surroundings;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd,
      detached: true,
      env: { PATH: searchPath, LANG: "C.UTF-8", NO_COLOR: "1", ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    const keep = (chunk: Buffer): void => void (output += chunk.toString());
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);
    void interrupt?.when.then(() => {
      if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, interrupt.signal);
    });
    const timer = setTimeout(() => {
      output += `\n[${program} took longer than ${seconds} s]\n`;
      if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
    }, seconds * 1000);
    child.on("error", reject);
    child.on("close", (code) => {
      clearTimeout(timer);
      resolve({ code: code ?? 1, output });
    });
  });
}

/** As `run`, for what must go well. */
export async function must(program: string, args: readonly string[], surroundings: Surroundings): Promise<string> {
  const { code, output } = await run(program, args, surroundings);
  if (code !== 0) throw new Error(`${program} ${args.join(" ")}: exit code ${code}\n${output}`);
  return output;
}

/** Programs, this very Node first. */
export const searchPath = [dirname(process.execPath), process.env["PATH"] ?? ""].join(delimiter);

export function has(program: string): boolean {
  return searchPath.split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Processes that work in a folder or below it, and have this word in their command line; undefined where the system does not show them. */
export function processesIn(folder: string, word: string): number[] | undefined {
  if (!existsSync("/proc/self/cwd")) return undefined;
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        const isInside = `${readlinkSync(`/proc/${pid}/cwd`)}/`.startsWith(`${folder}/`);
        return isInside && readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(word);
      } catch {
        // It has ended.
        return false;
      }
    })
    .map(Number);
}

/** Asks until it is so, for as long as that may take at most. */
export async function until(isSo: () => boolean, seconds = 20): Promise<void> {
  const end = performance.now() + seconds * 1000;
  while (!isSo()) {
    if (performance.now() > end) throw new Error(`not so after ${seconds} s: ${String(isSo)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
