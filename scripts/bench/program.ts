/** Starts programs, ours and others, and times them. */
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type Loopback, project, token } from "./server.ts";

export const bundle = resolve("dist/index.js");
/** A program that takes longer is stuck. */
const patience = 300_000;

export interface Program {
  readonly name: string;
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

export interface Timing {
  /** From its start to the first byte at the server, in ms; NaN for a program that sends nothing. */
  readonly first: number;
  /** CPU time of its main thread at that moment; NaN where the system does not tell. */
  readonly cpu: number;
  /** From its start to its end. */
  readonly whole: number;
}

/** Runs a program once. Rejects when it fails. */
export async function time({ name, command: [file = "", ...args], env }: Program, server?: Loopback): Promise<Timing> {
  const sends = server?.firstByte();
  const began = performance.now();
  const child = spawn(file, args, { env, stdio: ["ignore", "pipe", "pipe"], timeout: patience });
  let [first, cpu, said] = [NaN, NaN, ""];
  void sends?.then(() => {
    first = performance.now() - began;
    cpu = cpuOf(child.pid);
  });
  child.stdout.on("data", (text: Buffer) => (said += text.toString()));
  child.stderr.on("data", (text: Buffer) => (said += text.toString()));
  const code = await new Promise<number | null>((done, failed) => child.on("close", done).on("error", failed));
  const whole = performance.now() - began;
  if (code !== 0) throw new Error(`${name} ended with ${code ?? "a signal"}: ${said.slice(-500)}`);
  return { first, cpu, whole };
}

/** https://docs.kernel.org/scheduler/sched-stats.html: time on the CPU in ns, of the main thread */
function cpuOf(pid: number | undefined): number {
  try {
    return Number(readFileSync(`/proc/${pid ?? ""}/schedstat`, "utf8").split(" ")[0]) / 1e6;
  } catch {
    return NaN;
  }
}

/** Interleaved: each round runs every program once, so all see the same machine. The first round warms up and does not count. */
export async function compare(
  programs: readonly Program[],
  rounds: number,
  server?: Loopback,
  before: () => void = () => undefined,
): Promise<Map<string, Timing[]>> {
  const timings = new Map<string, Timing[]>(programs.map(({ name }) => [name, []]));
  for (let round = 0; round <= rounds; round++) {
    // Every other round the other way around: who comes second finds the caches warm.
    for (const program of round % 2 === 0 ? programs : [...programs].reverse()) {
      before();
      const timing = await time(program, server);
      if (round > 0) timings.get(program.name)!.push(timing);
    }
  }
  return timings;
}

/** What a program inherits: nothing that slows Node's start or that one of the CI systems has set. */
const plain: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(process.env).filter(
    (entry): entry is [string, string] =>
      entry[1] !== undefined &&
      !/^(?:NODE_|npm_|CI$|CI_|CANCEL_RUN_|INPUT_|GITHUB_|GITLAB_|RUNNER_|GH_|(?:HTTPS?|NO|ALL)_PROXY$)/i.test(
        entry[0],
      ),
  ),
);

/** A folder for what the programs write; removed at the end. */
const folder = mkdtempSync(join(tmpdir(), "cancel-run-bench-"));
process.on("exit", () => {
  rmSync(folder, { recursive: true, force: true });
});

export const scratch = (name: string): string => join(folder, name);

/** What differs from one cancel by the bundle as it is. */
export interface Variant {
  readonly ids?: string;
  readonly program?: string;
  readonly name?: string;
  readonly more?: Readonly<Record<string, string>>;
}

export function onGitHub(
  node: string,
  server: string,
  { ids = "4711", program = bundle, name = "ours, GitHub Actions", more = {} }: Variant = {},
): Program {
  for (const file of ["output", "state", "summary"]) writeFileSync(scratch(file), "");
  writeFileSync(scratch("event.json"), "{}");
  const env = {
    ...plain,
    GITHUB_ACTIONS: "true",
    GITHUB_SERVER_URL: server,
    GITHUB_API_URL: server,
    GITHUB_REPOSITORY: project,
    GITHUB_RUN_ID: "1",
    GITHUB_WORKFLOW: "bench",
    GITHUB_EVENT_PATH: scratch("event.json"),
    GITHUB_OUTPUT: scratch("output"),
    GITHUB_STATE: scratch("state"),
    GITHUB_STEP_SUMMARY: scratch("summary"),
    INPUT_PROVIDER: "github",
    "INPUT_RUN-ID": ids,
    "INPUT_GITHUB-TOKEN": token,
    ...more,
  };
  return { name, command: [node, program], env };
}

export function onGitLab(
  node: string,
  server: string,
  { ids = "4711", program = bundle, name = "ours, GitLab CI/CD", more = {} }: Variant = {},
): Program {
  const env = {
    ...plain,
    GITLAB_CI: "true",
    CI_SERVER_URL: server,
    CI_API_V4_URL: `${server}/api/v4`,
    CI_PROJECT_PATH: project,
    CI_PROJECT_DIR: folder,
    CANCEL_RUN_PROVIDER: "gitlab",
    CANCEL_RUN_JOB_ID: ids,
    CANCEL_RUN_TOKEN: token,
    CANCEL_RUN_TIMEOUT: "1h",
    ...more,
  };
  return { name, command: [node, program], env };
}

export function inTerminal(node: string, server: string): Program {
  return {
    name: "ours, terminal",
    command: [node, bundle, `${server}/${project}/-/jobs/4711`, "--provider", "gitlab", "--server-url", server],
    env: { ...plain, GITLAB_TOKEN: token },
  };
}

export interface Request {
  readonly method: string;
  readonly url: string;
}

/** One line of built-in fetch that sends these requests one after the other. */
export function fetching(
  node: string,
  requests: readonly Request[],
  { name = "one line of fetch", more = {} }: Variant = {},
): Program {
  const line = `(async () => { for (const { method, url } of ${JSON.stringify(requests)}) await (await fetch(url, { method, headers: { authorization: "Bearer ${token}" } })).json(); })()`;
  return { name, command: [node, "-e", line], env: { ...plain, ...more } };
}

export const bare = (node: string): Program => ({ name: "node -e 0", command: [node, "-e", "0"], env: plain });

/** Sends these requests one after the other. */
export const curl = (requests: readonly Request[]): Program => ({
  name: "curl",
  command: [
    "curl",
    ...requests.flatMap(({ method, url }, at) => [
      ...(at > 0 ? ["--next"] : []),
      ...["-sS", "-X", method, "-H", `authorization: Bearer ${token}`, "-o", "/dev/null", url],
    ]),
  ],
  env: plain,
});

export const other = (name: string, command: readonly string[], env: Readonly<Record<string, string>>): Program => ({
  name,
  command,
  env: { ...plain, ...env },
});

/** The folders of PATH that hold a program of this name. */
export const hasProgram = (name: string): boolean =>
  (process.env["PATH"] ?? "").split(":").some((place) => {
    try {
      return readdirSync(place).includes(name);
    } catch {
      return false;
    }
  });
