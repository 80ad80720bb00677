#!/usr/bin/env node
/** The only file with side effects: picks the host, runs, sets the exit code. */
import { basename } from "node:path";
import { setFlagsFromString } from "node:v8";
import { systemClock } from "./clock.ts";
import { UsageError } from "./engine/usage.ts";
import type { Host } from "./host.ts";
import { registerSecrets, shown } from "./hosts/common.ts";
import type { Screen } from "./hosts/terminal.ts";
import { byPerson } from "./http/client.ts";
import { type Transport, undiciTransport } from "./http/transport.ts";
import { version } from "./interface.ts";
import { cancelRun } from "./main.ts";
import { manifest } from "./providers/manifest.ts";
import { load } from "./providers/index.ts";

/** We are killed 7.5 s after SIGINT at the earliest: https://docs.github.com/actions/reference/workflows-and-actions/workflow-cancellation */
const graceAfterSignal = 6500;

/** How long the last lines may wait for somebody who reads them. */
const graceForReaders = 5000;

const { argv, env, hrtime, versions } = process;
const args = argv.slice(2);
const clock = systemClock(hrtime);
/** What action.yml names as `post`. */
const atEnd = basename(argv[1] ?? "") === "post.js";

// A reader that went away (`| head`) must not stop a cancel. Opening a stream takes its time, so it is left to the first use.
for (const name of ["stdout", "stderr"] as const) {
  const open = Object.getOwnPropertyDescriptor(process, name)!.get!.bind(process) as () => NodeJS.WriteStream;
  const get = (): NodeJS.WriteStream => {
    const stream = open();
    if (stream.listenerCount("error") === 0) stream.on("error", () => undefined);
    return stream;
  };
  Object.defineProperty(process, name, { configurable: true, enumerable: true, get });
}

/** What writing fails with when the reader went away. */
const readerGone = new Set(["EPIPE", "ECONNRESET", "EOF", "ERR_STREAM_DESTROYED"]);

/** The majors of Node that know the flag: any other prints an error for it. */
const knowsTieringBudget = /^(?:20|22|24|26)\./;

/**
 * Keeps V8 from compiling undici's parser of replies a second time, optimized, in the background: Node does not exit before
 * that is done, some 50 to 130 ms after the last reply. It does not pay: 15,000 replies take as long without it.
 */
function parseWithoutTierUp(): void {
  if (knowsTieringBudget.test(versions.node)) setFlagsFromString("--wasm-tiering-budget=2000000000");
}
parseWithoutTierUp();

/** The job of a CI system, and not a command line in one. */
const inCi = args.length === 0 && (env["GITHUB_ACTIONS"] === "true" || env["GITLAB_CI"] === "true");

const interrupted = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGBREAK"] as const) {
  process.on(signal, () => {
    if (interrupted.signal.aborted) process.exit(130);
    const isPerson = signal === "SIGINT" && !inCi && (process.stdin.isTTY || process.stderr.isTTY);
    interrupted.abort(isPerson ? byPerson : undefined);
    setTimeout(() => process.exit(130), graceAfterSignal).unref();
  });
}

const isLive = (stream: { isTTY: boolean }): boolean => stream.isTTY && env["TERM"] !== "dumb";

async function pickHost(): Promise<Host> {
  if (args.length === 0 && env["GITHUB_ACTIONS"] === "true")
    return await (await import(/* webpackMode: "eager" */ "./hosts/github.ts")).githubHost(env, manifest, atEnd);
  if (args.length === 0 && env["GITLAB_CI"] === "true") {
    return (await import(/* webpackMode: "eager" */ "./hosts/gitlab.ts")).gitlabHost(env, (line) =>
      process.stdout.write(`${line}\n`),
    );
  }
  if (args.length === 0)
    throw new UsageError(
      "nothing to cancel is named: give the address of a run, or --provider and its ids; cancel-run --help lists both, cancel-run demo shows what happens",
    );
  const { terminalHost } = await import(/* webpackMode: "eager" */ "./hosts/terminal.ts");
  return terminalHost(args, env, manifest, screen());
}

function screen(): Screen {
  return {
    out: (text, patience = graceForReaders) =>
      new Promise((resolve, reject) => {
        const timeout = setTimeout(() => reject(Object.assign(new Error(), { code: "ETIMEDOUT" })), patience);
        process.stdout.write(text, (error) => {
          clearTimeout(timeout);
          if (error && !readerGone.has((error as NodeJS.ErrnoException).code ?? "")) reject(error);
          else resolve();
        });
      }),
    err: (text) => process.stderr.write(text),
    live: isLive(process.stderr),
  };
}

/** A question stands first or alone. Anywhere else the word may be the value of an option, which somebody else has written. */
function asks(...words: readonly string[]): boolean {
  const options = args.filter((arg) => arg.startsWith("-"));
  return [args[0], options.length === 1 ? options[0] : undefined].some((arg) => words.includes(arg ?? ""));
}

function printed(text: () => string): number {
  try {
    process.stdout.write(text());
    return 0;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`cancel-run: ${shown(error.message)}\n`);
    return 2;
  }
}

async function run(): Promise<number> {
  registerSecrets(env, manifest);
  if (args[0] === "version" || asks("--version", "-V")) {
    process.stdout.write(`${version}\n`);
    return 0;
  }
  if (args[0] === "help" || asks("--help", "-h")) {
    const { helpOn } = await import(/* webpackMode: "eager" */ "./hosts/help.ts");
    const about = args.find((arg) => manifest.has(arg)) ?? (args[0] === "help" ? args[1] : undefined);
    const providers = await load();
    return printed(() => helpOn(about, manifest, providers));
  }
  if (args[0] === "completion") {
    const { completion } = await import(/* webpackMode: "eager" */ "./hosts/completion.ts");
    return printed(() => completion(args.slice(1), manifest));
  }
  if (args.length === 1 && args[0] === "demo") {
    const { demo } = await import(/* webpackMode: "eager" */ "./demo/index.ts");
    return await demo({
      program: [process.execPath, ...process.execArgv, argv[1] ?? ""],
      env,
      clock,
      print: (text) => new Promise((resolve) => process.stdout.write(text, () => resolve())),
      live: isLive(process.stdout),
      interrupted: interrupted.signal,
    });
  }
  if (args[0] === "explain") {
    const { explainCommand } = await import(/* webpackMode: "eager" */ "./hosts/explain.ts");
    const transport = (): Transport => undiciTransport(env);
    return await explainCommand(args.slice(1), {
      env,
      registry: { manifest, load },
      screen: screen(),
      clock,
      transport,
      interrupted: interrupted.signal,
    });
  }
  let host: Host;
  try {
    host = await pickHost();
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`cancel-run: ${shown(error.message)}\n`);
    if (args.includes("--json")) {
      const { wrongUsageJson } = await import(/* webpackMode: "eager" */ "./hosts/terminal.ts");
      process.stdout.write(`${wrongUsageJson(error.message)}\n`);
    }
    return 2;
  }
  const transport = undiciTransport(env);
  try {
    return await cancelRun({ host, registry: { manifest, load }, clock, transport, interrupted: interrupted.signal });
  } finally {
    await transport.close();
  }
}

try {
  process.exitCode = await run();
  // What is written and not read yet keeps the process alive, and a reader may have stalled.
  setTimeout(() => process.exit(), graceForReaders).unref();
} catch (error) {
  // The message of an error that nobody foresaw may quote a secret: its kind and its place are enough to find it.
  const { name, stack = "" } = error instanceof Error ? error : new Error();
  const place = stack.split("\n").filter((line) => /^ {4}at /.test(line));
  process.stderr.write(
    `cancel-run: unexpected ${name}; nothing is known of the run. Please report this:\n${place.join("\n")}\n`,
  );
  process.exitCode = 1;
}
