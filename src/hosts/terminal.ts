/** A terminal: flags and addresses in, people's text on stderr, `--json` on stdout. */
import { resolve } from "node:path";
import { styleText } from "node:util";
import type { Environment } from "../environment.ts";
import type { Manifest } from "../engine/manifest.ts";
import { summarize } from "../engine/record.ts";
import { secrets } from "../http/redact.ts";
import { isSecret, type Outcome } from "../interface.ts";
import { readArguments, spellArgument } from "./arguments.ts";
import { platformOf, readText, reportJson, shown, strangeVariables, told, variable, withoutSecrets } from "./common.ts";
import type { Host } from "../host.ts";

export interface Screen {
  /** Rejects if it could not be written, or was not read within `patience` ms, unless nobody wants to read it any more. */
  readonly out: (text: string, patience?: number) => Promise<void>;
  readonly err: (text: string) => void;
  /** stderr is a terminal: live progress and colours. */
  readonly live: boolean;
}

/** Reads the command line. Throws `UsageError`. */
export function terminalHost(args: readonly string[], env: Environment, manifest: Manifest, screen: Screen): Host {
  const flags = readArguments(args, manifest);
  const hasColors = screen.live && !env["NO_COLOR"];
  let wrongUsage = "";
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
  // Whether there are colors is decided here: Node.js would ask stdout.
  const style = (format: Format, text: string): string =>
    hasColors ? styleText(format, text, { validateStream: false }) : text;
  const line = (text: string): void => {
    clear();
    screen.err(`${text}\n`);
    paint();
  };

  return {
    input: (name) => flags.get(name) ?? (isSecret(name) ? (env[variable(name)] ?? "") : ""),
    spell: (name) => spellArgument(name, manifest),
    strangers: strangeVariables(env, (name) => isSecret(name) || flags.has(name)),
    read: (path) => readText(resolve(path)),
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
      line(style("yellow", shown(`warning: ${text}`)));
    },
    debug: (text) => {
      line(style("dim", shown(`debug: ${text}`)));
    },
    isDebug: false,
    usage: (text) => {
      wrongUsage = text;
      line(shown(`cancel-run: ${text}`));
    },
    async report(whole, final, patience) {
      const report = withoutSecrets(whole);
      if (final) {
        clear();
        clearInterval(spinner);
        standing = "";
        if (report.note) line(shown(report.note));
        for (const { run, line: text, address, failed } of told(report)) {
          // What was broken off did not go well, whatever became of a part of it.
          const mark = style(colors[run.outcome], failed ? "✗" : report.exit === 130 ? "-" : "✓");
          line(`${mark} ${shown(text)}`);
          if (address) line(`  ${style("dim", shown(address))}`);
        }
      }
      if (!flags.has("json") || !(final || report.exit === 2)) return true;
      try {
        await screen.out(`${reportJson(withoutSecrets({ ...whole, note: whole.note || wrongUsage }))}\n`, patience);
        return true;
      } catch (error) {
        line(`cancel-run: the report could not be written (${(error as NodeJS.ErrnoException).code ?? "unknown"})`);
        return false;
      }
    },
  };
}

const frames = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
/** What `--json` prints where the command line itself is wrong. */
export function wrongUsageJson(message: string): string {
  const report = { ...summarize([], []), outcome: "failed", exit: 2, note: message } as const;
  return reportJson(withoutSecrets(report));
}

type Format = Parameters<typeof styleText>[0];

const colors: Readonly<Record<Outcome, Format>> = {
  cancelled: "green",
  "already-finished": "green",
  "finished-anyway": "yellow",
  cancelling: "yellow",
  "would-cancel": "cyan",
  spared: "cyan",
  restarted: "yellow",
  "still-running": "red",
  "not-found": "red",
  refused: "red",
  failed: "red",
};
