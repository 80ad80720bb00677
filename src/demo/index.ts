/**
 * `cancel-run demo`: a run on each of three made-up servers, cancelled by this very program, started as a user starts it.
 * Nothing here knows the engine: what is shown is what anybody gets.
 */
import { spawn } from "node:child_process";
import { basename, relative } from "node:path";
import type { Clock } from "../clock.ts";
import type { Environment } from "../environment.ts";
import { duration } from "../text.ts";
import type { Act } from "./act.ts";
import { codearts } from "./codearts.ts";
import { gitlab } from "./gitlab.ts";
import { gorules } from "./gorules.ts";
import { listen, serving } from "./loopback.ts";

export interface Stage {
  /** This program, as it was started: Node.js, its options, the file. */
  readonly program: readonly [node: string, ...options: string[]];
  readonly env: Environment;
  readonly clock: Clock;
  /** Resolves when the text is out: the program we start writes to the same place. */
  readonly print: (text: string) => Promise<void>;
  /** Where we print to is a terminal. */
  readonly live: boolean;
  readonly interrupted: AbortSignal;
}

const acts = [gitlab, gorules, codearts];
/** Time from a request to its answer, in ms: loopback is faster than any network. */
const latency = 40;

/** Resolves with the exit code: 0 if every server says that its run has stopped. */
export async function demo(stage: Stage): Promise<number> {
  const { clock, print, interrupted } = stage;
  const { bold } = paint(stage);
  const started = clock.now();
  await print(
    `${bold("Three vendors, three runs that nobody needs any more, one step to stop them.")}\n` +
      "The servers are stand-ins on this machine, made after the vendors' documents.\n" +
      "The commands are what you type, the program is the real one. No account needed.\n",
  );
  let stopped = 0;
  for (const act of acts) {
    if (await perform(act, stage)) stopped++;
    if (interrupted.aborted) return 130;
  }
  const took = duration(clock.now() - started);
  if (stopped < acts.length) {
    await print(
      `\n${acts.length - stopped} of ${acts.length} did not stop. That is a bug of ours: please report it.\n`,
    );
    return 1;
  }
  await print(
    `\n${bold(`All three have stopped, and their servers say so too. That took ${took}.`)}\n\n` +
      "Next, a run of your own. With GITLAB_TOKEN set, this looks and changes nothing:\n" +
      `$ ${self(stage)} https://gitlab.com/you/app/-/jobs/123 --dry-run\n` +
      "--help lists systems and options. README.md has the step for GitHub and GitLab.\n",
  );
  return 0;
}

/** Plays one act. Resolves with whether the run has truly stopped. */
async function perform(act: Act, stage: Stage): Promise<boolean> {
  const { bold, dim } = paint(stage);
  const opened = act.open(act.token, stage.clock);
  const server = await listen(serving(opened.vendor, stage.clock, latency));
  try {
    const args = act.args(server.url);
    await stage.print(`\n${bold(act.title)}\n${typed(act, args)}\n`);
    const exit = await start(args, { [act.variable]: act.token }, stage);
    if (stage.interrupted.aborted) return false;
    const { stopped, words } = opened.testify();
    await stage.print(`  ${dim(`server: ${words}${exit === 0 ? "" : `; exit code ${exit}`}`)}\n`);
    return stopped && exit === 0;
  } finally {
    server.close();
  }
}

/** What the program may see of our environment: no token, address or proxy of the user's has a part in the demo. */
const inherited = ["PATH", "LD_LIBRARY_PATH", "SYSTEMROOT", "TERM", "NO_COLOR"];
/** After a signal: a child that got it as well writes its report by itself. */
const patience = 500;

/** Starts this program anew. Resolves with its exit code; its text goes where ours goes. */
function start(
  args: readonly string[],
  credentials: Environment,
  { program, env, interrupted }: Stage,
): Promise<number> {
  const [node, ...options] = program;
  const seen = inherited.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]] as const]));
  const child = spawn(node, [...options, ...args], {
    env: { ...Object.fromEntries(seen), ...credentials },
    stdio: ["ignore", 1, 1],
  });
  const stop = (): void => {
    setTimeout(() => child.kill(), patience).unref();
  };
  interrupted.addEventListener("abort", stop, { once: true });
  return new Promise<number>((resolve, reject) => {
    child.once("error", reject).once("close", (code) => {
      resolve(code ?? 1);
    });
  }).finally(() => {
    interrupted.removeEventListener("abort", stop);
  });
}

const width = 80;

/** The commands as in a shell, in lines of a readable length; the token is never shown. */
function typed({ variable }: Act, args: readonly string[]): string {
  const words = args.map(quoted);
  const pieces = words.flatMap((word, at) =>
    word.startsWith("--") ? [`${word} ${words[at + 1] ?? ""}`] : words[at - 1]?.startsWith("--") ? [] : [word],
  );
  const lines: string[] = [];
  let line = "$ cancel-run";
  for (const piece of pieces) {
    if (`${line} ${piece} \\`.length > width) {
      lines.push(line);
      line = `    ${piece}`;
    } else line += ` ${piece}`;
  }
  return `$ export ${variable}=***\n${[...lines, line].join(" \\\n")}`;
}

const quoted = (word: string): string => (/\s/.test(word) ? `"${word}"` : word);

/** How the user starts this program. */
function self({ program }: Stage): string {
  const file = program.at(-1) ?? "";
  return basename(file) === "cancel-run" ? "cancel-run" : `node ${quoted(relative("", file))}`;
}

function paint({ live, env }: Stage): Record<"bold" | "dim", (text: string) => string> {
  const style = (code: number) => (text: string) =>
    live && !env["NO_COLOR"] ? `\u001b[${code}m${text}\u001b[0m` : text;
  return { bold: style(1), dim: style(2) };
}
