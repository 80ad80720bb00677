/** The command line of a terminal, read into inputs. */
import { parseArgs } from "node:util";
import { idNames } from "../engine/settings.ts";
import { UsageError } from "../engine/usage.ts";
import { type Input, inputs, isSecret } from "../interface.ts";
import type { Provider } from "../provider.ts";
import { oneLine } from "../text.ts";
import { variable } from "./common.ts";

/** Inputs by name, as they were typed. Throws `UsageError`. */
export function readArguments(args: readonly string[], providers: ReadonlyMap<string, Provider>): Map<string, string> {
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
