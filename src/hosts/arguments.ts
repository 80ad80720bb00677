/** The command line of a terminal, read into inputs. */
import { parseArgs } from "node:util";
import { nearest } from "../engine/nearest.ts";
import { idNames, type Manifest } from "../engine/manifest.ts";
import { mistake } from "../engine/unknown-inputs.ts";
import { UsageError } from "../engine/usage.ts";
import { type Input, inputs, isSecret } from "../interface.ts";
import { head, oneLine } from "../text.ts";
import { isInput, variable } from "./common.ts";

const all: readonly Input[] = inputs;
const switches = all.filter(({ type }) => type === "boolean").map(({ name }) => name);
/** Options that are no inputs. They take no value. */
const ownOptions = ["json", "help", "version"];

/** How an input, or an id, is typed. */
export function spellArgument(name: string, manifest: Manifest): string {
  if (isSecret(name)) return variable(name);
  if (name === "url") return "an address";
  return isInput(name) || idNames(manifest).includes(name) ? `--${name}` : `${name} in --ids`;
}

/** Inputs by name, as they were typed. Throws `UsageError`. */
export function readArguments(args: readonly string[], manifest: Manifest): ReadonlyMap<string, string> {
  const end = args.includes("--") ? args.indexOf("--") : args.length;
  const options = args.slice(0, end);
  options.forEach((arg) => {
    refuseSecret(arg);
    refuseOtherDash(arg, manifest);
  });
  const names = [
    ...all.filter(({ name, type }) => type !== "secret" && name !== "url").map(({ name }) => name),
    ...idNames(manifest),
    "json",
  ];
  try {
    const { values, positionals } = parseArgs({
      args: [...withValues(options), ...args.slice(end)],
      allowPositionals: true,
      options: Object.fromEntries(names.map((name) => [name, { type: "string" as const, multiple: true }])),
    });
    const flags = new Map<string, string>();
    for (const [name, given] of Object.entries(values as Record<string, string[]>)) {
      const [value = "", ...more] = given;
      if (more.length > 0 && name !== "ids")
        throw new UsageError(`--${name} is given more than once; separate several ids with commas`);
      if (name === "json" && value !== "true") throw new UsageError("--json does not take a value");
      flags.set(name, name === "ids" ? given.join("\n") : value);
    }
    positionals.forEach((word) => {
      refuseWord(word, manifest);
    });
    if (positionals.length > 0) flags.set("url", positionals.join("\n"));
    return flags;
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw inWords(error as NodeJS.ErrnoException, manifest);
  }
}

/** Switches with the value that they mean: `--self` and `--no-wait`. What follows one and is no address is its value. */
function withValues(args: readonly string[]): string[] {
  return args.map((arg, at) => {
    const next = args[at + 1] ?? "-";
    if (arg === "--json") return "--json=true";
    if (switches.includes(arg.slice(2))) return /^-|[/.:]/.test(next.slice(0, 500)) ? `${arg}=true` : arg;
    const off = /^--no-(.*)$/.exec(arg.slice(0, 60))?.[1];
    return off !== undefined && switches.includes(off) ? `--${off}=false` : arg;
  });
}

/** What stands before a value, which may be secret. */
const nameOf = (arg: string): string => oneLine(arg.split("=", 1)[0] ?? "", 60);

function refuseSecret(arg: string): void {
  const name = nameOf(arg);
  if (name.startsWith("--") && isSecret(name.slice(2)))
    throw new UsageError(
      `${name} is not taken on the command line, where other users can read it; set ${variable(name.slice(2))} in the environment`,
    );
}

/** `-job-id`, and what a text processor makes of `--job-id`. */
function refuseOtherDash(arg: string, manifest: Manifest): void {
  const [, name] =
    /^(?:-(?!-)|-?[\u2010-\u2015\u2212\u2e3a\u2e3b]+-?)([a-z][a-z0-9-]+)$/i.exec(head(nameOf(arg), 60)) ?? [];
  if (name !== undefined) throw unknownOption(nameOf(arg), name, manifest);
}

function unknownOption(written: string, name: string, manifest: Manifest): UsageError {
  const option = `${written} is not an option`;
  if ([...ownOptions, ...switches].includes(name) || isInput(name) || idNames(manifest).includes(name))
    return new UsageError(
      `${option}; did you mean ${ownOptions.includes(name) ? `--${name}` : spellArgument(name, manifest)}?`,
    );
  const own = nearest(name, ownOptions);
  if (own !== undefined) return new UsageError(`${option}; did you mean --${own}?`);
  const { meant, say } = mistake(name, manifest, (input) => spellArgument(input, manifest));
  const secret = meant.find(isSecret);
  if (secret !== undefined && meant.length === 1)
    return new UsageError(`${option}; a secret is not typed here: set ${variable(secret)} in the environment`);
  if (say === undefined) return new UsageError(`${option}; --help lists them`);
  return new UsageError(
    say.startsWith("is not an input") ? say.replace("is not an input", option) : `${written} ${say}`,
  );
}

/** A word that cannot be an address. */
function refuseWord(word: string, manifest: Manifest): void {
  const [name = "", ...value] = word.slice(0, 500).split("=");
  if (value.length > 0 && (isInput(name) || idNames(manifest).includes(name)))
    throw new UsageError(`${name}=… is not an address; did you mean ${spellArgument(name, manifest)}?`);
  if (/^[\w-]{1,40}$/.test(word))
    throw new UsageError(
      `"${word}" is not an address; give the page of the run, or --provider and ids by name, such as --provider gitlab --project a/b --job-id 4711`,
    );
}

function inWords({ code, message }: NodeJS.ErrnoException, manifest: Manifest): UsageError {
  const option = oneLine(/'(--?[^' =]*)/.exec(message)?.[1] ?? "", 60);
  if (option === "--url") return new UsageError("--url is not an option; addresses are given without one");
  if (["--help", "-h", "--version"].includes(option))
    return new UsageError(`${option} is taken as the first or the only option`);
  if (code === "ERR_PARSE_ARGS_UNKNOWN_OPTION") return unknownOption(option, option.replace(/^--?/, ""), manifest);
  return new UsageError(`${option} needs a value; one that begins with - is written ${option}=VALUE`);
}
