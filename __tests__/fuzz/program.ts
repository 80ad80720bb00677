/** dist/index.js, or a copy with a planted fault, as a program that is to stop the runs of a server of ours. */
import { type Options, type Program, type Result, start } from "../support/program.ts";
import { canary } from "../support/servers.ts";
import type { Told } from "./judge.ts";
import { finderOf } from "./secret.ts";
import type { Dialect, Life } from "./vendor.ts";
import type { Listening } from "./wire.ts";

interface Played extends Omit<Options, "bundle"> {
  readonly bundle: string | undefined;
  readonly dialect: Dialect;
  readonly lives: readonly Life[];
  readonly server: Listening;
}

export function play({ bundle, dialect, lives, server, inputs, ...options }: Played): Program {
  return start({
    ...options,
    ...(bundle !== undefined && { bundle }),
    inputs: {
      provider: dialect.provider,
      ...dialect.ids,
      [dialect.id]: lives.map(({ id }) => id).join(),
      "server-url": server.url,
      token: canary,
      ...inputs,
    },
  });
}

export const toldBy = ({ report }: Result): readonly Told[] | undefined =>
  report?.runs as unknown as readonly Told[] | undefined;

const leaked = finderOf(canary);

export const leaksOf = ({ stdout, stderr, summary, outputs }: Result): string[] =>
  [stdout, stderr, summary, JSON.stringify(outputs)]
    .flatMap((text) => leaked(text) ?? [])
    .map((leak) => `leaked: ${leak}`);

/** Why there is no result: what reads a program's output does not take everything. */
export function withoutResult(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return `${/secret|carries/i.test(message) ? "leaked" : "lost"}: ${message.slice(0, 800)}`;
}
