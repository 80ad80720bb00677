/**
 * Everything that a suite starts, and all that comes of it. Servers put their work into groups and sessions of their own, so what belongs
 * to us is known by a variable that every process inherits. Airflow writes its title over its variables: it is known by its session.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { closeSync, openSync, readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { searchPath } from "../e2e/shell.ts";

const mark = `REAL_SERVERS=${randomUUID()}`;
/** Each server is the leader of one. */
const sessions = new Set<number>();

export interface Daemon {
  readonly pid: number;
  readonly running: () => boolean;
  /** The last lines that it has written. */
  readonly tail: () => string;
  readonly end: () => Promise<void>;
}

export interface Started {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts a server. What it writes is in `name.log` of its folder. */
export function start(name: string, program: string, args: readonly string[], { cwd, env = {} }: Started): Daemon {
  const file = join(cwd, `${name}.log`);
  const log = openSync(file, "a");
  const [key, value] = mark.split("=") as [string, string];
  const child = spawn(program, args, {
    cwd,
    detached: true,
    env: { PATH: searchPath, LANG: "C.UTF-8", HOME: cwd, TZ: "UTC", ...env, [key]: value },
    stdio: ["ignore", log, log],
  });
  closeSync(log);
  if (child.pid !== undefined) sessions.add(child.pid);
  const ended = new Promise<void>((resolve) => {
    child.on("exit", () => resolve());
    child.on("error", () => resolve());
  });
  return {
    pid: child.pid ?? -1,
    running: () => isRunning(child),
    tail: () => readFileSync(file, "utf8").split("\n").slice(-15).join("\n"),
    end: async () => {
      if (!isRunning(child)) return;
      child.kill("SIGTERM");
      // It may wait for its work, which is to end with it.
      const patience = setTimeout(() => child.kill("SIGKILL"), 5000);
      await ended;
      clearTimeout(patience);
    },
  };
}

function isRunning({ pid, exitCode, signalCode }: ChildProcess): boolean {
  return pid !== undefined && exitCode === null && signalCode === null;
}

interface Process {
  readonly state: string;
  readonly session: number;
  readonly began: string;
}

/** https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html; the name, in parentheses, may hold anything. */
function processOf(pid: number): Process | undefined {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)!.split(" ");
    return { state: fields[0]!, session: Number(fields[3]), began: fields[19]! };
  } catch {
    return undefined;
  }
}

/** What a process was started as: a number that is used again is another process, and a zombie is gone. */
export function identityOf(pid: number): string | undefined {
  const found = processOf(pid);
  return found === undefined || found.state === "Z" ? undefined : `${pid}@${found.began}`;
}

function isMarked(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`, "utf8").split("\0").includes(mark);
  } catch {
    return false;
  }
}

/** The processes of this suite that are left. */
function ours(): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      const found = processOf(pid);
      return found !== undefined && found.state !== "Z" && (sessions.has(found.session) || isMarked(pid));
    });
}

/** Ends all that is left. Called again, because what is being started has no variables yet. */
export function killAll(): void {
  for (let left = ours(), tries = 0; left.length > 0 && tries < 50; left = ours(), tries++)
    for (const pid of left)
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // It has ended by itself.
      }
}

/** Also when the suite itself is told to stop. */
process.on("exit", killAll);
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => process.exit(130));

/** Asks again and again until there is an answer; fails when `seconds` are over. */
export async function until<T>(what: string, seconds: number, ask: () => T | Promise<T>): Promise<T & {}> {
  const deadline = performance.now() + seconds * 1000;
  let last = "";
  for (;;) {
    try {
      const answer = await ask();
      if (answer) return answer;
    } catch (error) {
      last = `: ${error instanceof Error ? error.message : String(error)}`;
    }
    if (performance.now() > deadline) throw new Error(`${what}: not within ${seconds} s${last}`);
    await wait(100);
  }
}

/** As `until`, for what must come of a server that may die. */
export async function untilServes(daemon: Daemon, what: string, seconds: number, ask: () => Promise<unknown>) {
  try {
    await until(what, seconds, async () => {
      if (!daemon.running()) return "dead";
      return await ask();
    });
  } catch (error) {
    throw new Error(`${(error as Error).message}\n${daemon.tail()}`, { cause: error });
  }
  if (!daemon.running()) throw new Error(`${what}: it has ended\n${daemon.tail()}`);
}

/** A port of loopback that is free now, for servers that cannot choose one themselves and say which. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}
