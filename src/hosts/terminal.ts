/** A terminal: flags and addresses in, people's text on stderr, `--json` on stdout. */
import { parseArgs } from "node:util";
import type { Environment } from "../environment.ts";
import { idNames } from "../engine/settings.ts";
import { UsageError } from "../engine/usage.ts";
import { secrets } from "../http/redact.ts";
import { type Input, inputs, isSecret, type Outcome } from "../interface.ts";
import type { Provider } from "../provider.ts";
import { oneLine } from "../text.ts";
import { failing, platformOf, reportJson, shown, variable, withoutSecrets } from "./common.ts";
import { labelOf, sentence } from "../engine/words.ts";
import type { Host } from "../host.ts";

export interface Screen {
  /** Rejects if it could not be written, or was not read within `patience` ms, unless nobody wants to read it any more. */
  readonly out: (text: string, patience?: number) => Promise<void>;
  readonly err: (text: string) => void;
  /** stderr is a terminal: live progress and colours. */
  readonly live: boolean;
}

/** Reads the command line. Throws `UsageError`. */
export function terminalHost(
  args: readonly string[],
  env: Environment,
  providers: ReadonlyMap<string, Provider>,
  screen: Screen,
): Host {
  const flags = readArguments(args, providers);
  const colour = screen.live && !env["NO_COLOR"];
  let spinner: ReturnType<typeof setInterval> | undefined;
  let standing = "";
  let turn = 0;

  const clear = (): void => {
    if (screen.live && standing) screen.err("\r\u001b[2K");
  };
  const paint = (): void => {
    // Without line wrap: what is longer than the terminal is wide could not be cleared.
    if (screen.live && standing)
      screen.err(`\r\u001b[2K\u001b[?7l${frames[turn++ % frames.length] ?? ""} ${standing}\u001b[?7h`);
  };
  const style = (code: number, text: string): string => (colour ? `\u001b[${code}m${text}\u001b[0m` : text);
  const line = (text: string): void => {
    clear();
    screen.err(`${text}\n`);
    paint();
  };

  return {
    input: (name) => flags.get(name) ?? (isSecret(name) ? (env[variable(name)] ?? "") : ""),
    spell: (name) => (isSecret(name) ? variable(name) : name === "url" ? "an address" : `--${name}`),
    env,
    platform: platformOf(env),
    job: undefined,
    arm: () => undefined,
    defaultReason: `Cancelled by cancel-run${env["USER"] ? ` (${env["USER"]})` : ""}`,
    mask: (secret) => {
      secrets.add(secret);
    },
    log: (text) => {
      if (screen.live) {
        standing = shown(text, 100);
        spinner ??= setInterval(paint, 100).unref();
        paint();
      } else line(shown(text));
    },
    progress: (text) => {
      if (!screen.live) return;
      standing = shown(text, 100);
      paint();
    },
    warn: (text) => {
      line(style(yellow, shown(`warning: ${text}`)));
    },
    usage: (text) => {
      line(shown(`cancel-run: ${text}`));
    },
    async report(whole, final, patience) {
      const report = withoutSecrets(whole);
      if (final) {
        clear();
        clearInterval(spinner);
        standing = "";
        if (report.note) line(shown(report.note));
        const failed = new Set(failing(report));
        for (const run of report.runs) {
          const mark = style(colours[run.outcome], failed.has(run) ? "✗" : "✓");
          const page = run.url ? `  ${style(dim, shown(run.url))}` : "";
          line(`${mark} ${shown(`${labelOf(run, providers)}: ${sentence(run)}`)}${page}`);
        }
      }
      if (!flags.has("json") || !(final || report.exit === 2)) return true;
      try {
        await screen.out(`${reportJson(report)}\n`, patience);
        return true;
      } catch (error) {
        line(`cancel-run: the report could not be written (${(error as NodeJS.ErrnoException).code ?? "unknown"})`);
        return false;
      }
    },
  };
}

const frames = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const colours: Readonly<Record<Outcome, number>> = {
  cancelled: 32,
  "already-finished": 32,
  "finished-anyway": 33,
  cancelling: 33,
  "would-cancel": 36,
  restarted: 33,
  "still-running": 31,
  "not-found": 31,
  refused: 31,
  failed: 31,
};
const dim = 2;
const yellow = 33;

function readArguments(args: readonly string[], providers: ReadonlyMap<string, Provider>): Map<string, string> {
  const all: readonly Input[] = inputs;
  const switches = new Set(all.filter(({ type }) => type === "boolean").map(({ name }) => `--${name}`));
  const secret = args
    .map((arg) => arg.split("=", 1)[0] ?? "")
    .find((name) => name.startsWith("--") && isSecret(name.slice(2)));
  if (secret !== undefined)
    throw new UsageError(
      `${secret} is not taken on the command line, where other users can read it; set ${variable(secret.slice(2))} in the environment`,
    );
  const spelled = args.map((arg, at) =>
    arg === "--json" || (switches.has(arg) && !/^(?:true|false)$/.test(args[at + 1] ?? "")) ? `${arg}=true` : arg,
  );
  const names = [
    ...all.filter(({ name, type }) => type !== "secret" && name !== "url").map(({ name }) => name),
    ...idNames(providers),
    "json",
  ];
  try {
    const { values, positionals } = parseArgs({
      args: spelled,
      allowPositionals: true,
      options: Object.fromEntries(names.map((name) => [name, { type: "string" as const, multiple: true }])),
    });
    const flags = new Map<string, string>();
    for (const [name, [value = "", ...more]] of Object.entries(values as Record<string, string[]>)) {
      if (more.length > 0) throw new UsageError(`--${name} is given more than once; an id takes a list, by comma`);
      if (name === "json" && value !== "true") throw new UsageError("--json takes no value");
      flags.set(name, value);
    }
    if (positionals.length > 0) flags.set("url", positionals.join("\n"));
    return flags;
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    const option = /'(--?[^' =]*)/.exec(message)?.[1] ?? "";
    if (option === "--url") throw new UsageError("--url is not an option; addresses are given without one");
    if (["--help", "-h", "--version"].includes(option))
      throw new UsageError(`${option} is taken as the first or the only option`);
    if (code === "ERR_PARSE_ARGS_UNKNOWN_OPTION")
      throw new UsageError(`${oneLine(option, 60)} is not an option; --help lists them`);
    throw new UsageError(
      `${oneLine(option, 60)} needs a value; one that begins with - is written ${oneLine(option, 60)}=VALUE`,
    );
  }
}
