/** `--help`, made from the same source as the documentation. */
import { variableName } from "../engine/words.ts";
import { exitCodes, type Input, inputs, outcomes } from "../interface.ts";
import type { Provider } from "../provider.ts";
import { variable } from "./common.ts";

export function help(providers: ReadonlyMap<string, Provider>): string {
  const all: readonly Input[] = inputs;
  const options = all.filter(({ name, type }) => type !== "secret" && name !== "url");
  const secrets = all.filter(({ type }) => type === "secret");
  const rows = (entries: readonly (readonly [string, string])[]): string => {
    const width = Math.max(...entries.map(([left]) => left.length)) + 2;
    return entries.map(([left, right]) => `  ${left.padEnd(width)}${right.replaceAll("`", "")}`.trimEnd()).join("\n");
  };
  const targets = [...providers].flatMap(([key, provider]) =>
    Object.entries(provider.targets).map(
      ([name, target]) =>
        [
          `${key} ${name}`,
          Object.entries(target.ids)
            .map(([id, { optional }]) => (optional ? `[--${id}]` : `--${id}`))
            .join(" "),
        ] as const,
    ),
  );
  return `Stops CI/CD runs and proves that they stopped.

Usage:
  cancel-run <address>...                      the runs' pages
  cancel-run --provider NAME --<id> VALUE...   by ids; the last id may be a list, by comma
  cancel-run demo                              a try on made-up servers, without an account

Ids:
${rows(targets)}

Options:
${rows([...options.map((option) => [`--${option.name}${option.type === "boolean" ? "" : ` ${option.type.toUpperCase()}`}`, meaning(option)] as const), ["--json", "The report as JSON on stdout."], ["--help, --version", ""]])}

Credentials are read from the environment, never from the command line:
${rows([
  ...secrets.map(({ name, help: text }) => [variable(name), text] as const),
  ...[...providers].flatMap(([key, { auth }]) =>
    auth
      .map(({ env }) => Object.values(env).flatMap(([first]) => (first === undefined ? [] : [variableName(first)])))
      .filter((variables) => variables.length > 0)
      .map((variables) => [variables.join(" + "), `for ${key}`] as const),
  ),
])}

Outcomes:
${rows(Object.entries(outcomes).map(([name, { help: text }]) => [name, text]))}

Exit codes:
${rows(Object.entries(exitCodes).map(([code, text]) => [code, text]))}
`;
}

function meaning({ name, type, help: text, default: standard }: Input): string {
  if (!standard || text.includes("Default:")) return text;
  const off = type === "boolean" && standard === "true" ? `; switched off by --${name} false` : "";
  return `${text} Default: ${standard}${off}.`;
}
