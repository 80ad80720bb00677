/** For a page in a browser: an address is pasted, and everything is said of it. Nothing is sent. */
import { manifestOf } from "../engine/manifest.ts";
import { locate } from "../engine/locate.ts";
import { readSettings } from "../engine/settings.ts";
import { UsageError } from "../engine/usage.ts";
import { providers } from "../providers/all.ts";
import { type Explanation, explain } from "./explanation.ts";

const manifest = manifestOf(providers);

/** `inputs` are further ones, by name: `provider`, `server-url`, … */
export function explainAddress(
  address: string,
  inputs: Readonly<Record<string, string>> = {},
): { readonly runs: readonly Explanation[] } | { readonly message: string } {
  const spell = (name: string): string => name;
  const given: Readonly<Record<string, string>> = { ...inputs, url: address };
  const source = { input: (name: string) => given[name] ?? "", spell, defaultReason: "-" };
  try {
    const { runs } = locate(readSettings(source, manifest), { providers, env: {}, platform: undefined, spell });
    return { runs: runs.map((run) => explain(run, providers)) };
  } catch (error) {
    if (error instanceof UsageError) return { message: error.message };
    throw error;
  }
}

export { inWords } from "./text.ts";
