/** What the inputs are held against: providers, the environment, the platform. */
import type { Environment } from "../environment.ts";
import type { Platform } from "../platform.ts";
import type { Provider } from "../provider.ts";

export interface Lookup {
  /** All that can be meant. */
  readonly providers: ReadonlyMap<string, Provider>;
  readonly env: Environment;
  readonly platform: Platform | undefined;
  /** Servers that have said which provider's they are. */
  readonly identified?: ReadonlyMap<string, string>;
  readonly spell: (name: string) => string;
  /** The text of a file of the job, as the host reads it; undefined where there is none. Throws `UsageError`. */
  readonly read?: (path: string) => string | undefined;
}

/** The first of the variables that is set. */
export function fromEnv(names: readonly string[] | undefined, env: Environment): string | undefined {
  return names?.map((name) => env[name]?.trim()).find(Boolean);
}

/** An input with its value, as the user of this host writes both. */
export function lineFor(name: string, value: string, { spell }: Pick<Lookup, "spell">): string {
  const spelled = spell(name);
  return spelled.startsWith("--") ? `${spelled} ${value}` : `\`${spelled}: ${value}\``;
}
