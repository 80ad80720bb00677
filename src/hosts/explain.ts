/** `cancel-run explain`: everything about a run but the cancel. */
import type { Clock } from "../clock.ts";
import { type Check, check } from "../engine/check.ts";
import { grant, secretsOf } from "../engine/credentials.ts";
import { Unidentified } from "../engine/identify.ts";
import { locate } from "../engine/locate.ts";
import type { Registry } from "../engine/manifest.ts";
import { identify } from "../engine/server-version.ts";
import { readSettings } from "../engine/settings.ts";
import { UsageError } from "../engine/usage.ts";
import type { Environment } from "../environment.ts";
import { explain } from "../explain/explanation.ts";
import { inWords } from "../explain/text.ts";
import type { Transport } from "../http/transport.ts";
import { clear, shown } from "./common.ts";
import { type Screen, terminalHost } from "./terminal.ts";

interface Deps {
  readonly env: Environment;
  readonly registry: Registry;
  readonly screen: Screen;
  readonly clock: Clock;
  readonly transport: () => Transport;
  readonly interrupted: AbortSignal;
}

/** Longest time for all questions, in ms. */
const patience = 60_000;

/** `args`: what stands behind `explain`. Resolves with the exit code. */
export async function explainCommand(args: readonly string[], deps: Deps): Promise<number> {
  const { screen } = deps;
  const asked = args.slice(0, args.includes("--") ? args.indexOf("--") : undefined);
  const isJson = asked.includes("--json");
  try {
    const { exit, runs, texts } = await answers(args, asked.includes("--check"), deps);
    await screen.out(isJson ? `${JSON.stringify(clear({ runs }))}\n` : texts.join(`\n${"─".repeat(80)}\n\n`));
    return exit;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    screen.err(`cancel-run: ${shown(error.message)}\n`);
    if (isJson) await screen.out(`${JSON.stringify(clear({ runs: [], message: error.message }))}\n`);
    return 2;
  }
}

async function answers(
  args: readonly string[],
  checks: boolean,
  { env, registry, screen, clock, transport, interrupted }: Deps,
): Promise<{ exit: number; runs: unknown[]; texts: string[] }> {
  const end = args.includes("--") ? args.indexOf("--") : args.length;
  const host = terminalHost(
    args.filter((arg, at) => arg !== "--check" || at > end),
    env,
    registry.manifest,
    screen,
  );
  const settings = readSettings(host, registry.manifest);
  const providers = await registry.load([...registry.manifest.keys()]);
  const spell = (name: string): string => host.spell(name);
  const identified = new Map<string, string>();
  const read = (path: string): string | undefined => host.read(path);
  const lookup = { providers, env, platform: host.platform, identified, spell, read };
  const start = clock.now();
  const deadline = start + Math.min(settings.timeout, patience);
  const network = checks ? transport() : undefined;
  try {
    const { runs, query } = await located();
    if (query) throw new UsageError("explain takes addresses or ids; a selection is shown by --dry-run");
    const grants = network && grant(runs, settings, lookup);
    for (const secret of secretsOf(grants ?? new Map())) host.mask(secret);
    const explained = [];
    for (const run of runs) {
      const explanation = explain(run, providers);
      const asking = { deadline, signal: interrupted };
      const mask = (secret: string): void => host.mask(secret);
      const found = network && grants && (await check(run, { clock, transport: network, grants, mask }, asking));
      explained.push({ explanation, found });
    }
    return {
      exit: Math.max(...explained.map(({ found }) => (found ? exitOf(found) : 0))),
      runs: explained.map(({ explanation, found }) => ({ ...explanation, ...(found && { check: record(found) }) })),
      texts: explained.map(({ explanation, found }) => (found ? `${checked(found)}\n\n` : "") + inWords(explanation)),
    };
  } finally {
    await network?.close();
  }

  async function located(): Promise<ReturnType<typeof locate>> {
    for (;;) {
      try {
        return locate(settings, lookup);
      } catch (error) {
        if (!(error instanceof Unidentified) || network === undefined) throw error;
        identified.set(
          error.server,
          await identify(error, { providers, clock, transport: network, interrupted }, deadline),
        );
      }
    }
  }
}

/** As the step itself ends when it meets the same. */
function exitOf({ may, seen }: Check): number {
  if (!seen.ok && seen.kind === "not-found") return 5;
  if (may === false || (!seen.ok && seen.kind === "denied")) return 4;
  return seen.ok ? 0 : 1;
}

/** Without the vendor's whole reply. */
function record({ who, scopes, expires, may, notes, seen }: Check): unknown {
  if (!seen.ok) return { who, scopes, expires, may, notes, run: null, problem: seen.detail || seen.kind };
  const { state, name, ref, word } = seen;
  return {
    who,
    scopes,
    expires,
    may,
    notes,
    run: { state, word, name: name ?? null, ref: ref ?? null },
    problem: null,
  };
}

function checked({ who, scopes, expires, may, notes, seen }: Check): string {
  const answer = may === null ? "unknown until it is tried" : may ? "yes, as far as the vendor can be asked" : "no";
  const what = seen.ok ? [seen.name, seen.ref].filter(Boolean).join(", ") : "";
  const facts = [
    ["Credential", who === null ? "the vendor does not say whose it is" : `of ${who}`],
    ...(scopes === null ? [] : [["Scopes", scopes.join(", ") || "none"]]),
    ...(expires === null ? [] : [["Expires", expires]]),
    ["May cancel", answer],
    ...notes.map((note) => ["", note]),
    ["Run", seen.ok ? `${seen.state}${what ? ` (${what})` : ""}` : `${seen.kind.replace("-", " ")}: ${seen.detail}`],
  ] as const;
  return [
    "Checked, and nothing was changed:",
    ...facts.map(([title = "", fact = ""]) => `  ${title.padEnd(12)}${shown(fact)}`),
  ].join("\n");
}
