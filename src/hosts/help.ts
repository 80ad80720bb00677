/** `--help`, made from the same source as the documentation. */
import { columns, wrap } from "../columns.ts";
import { type Entry, entriesOf } from "../engine/catalog.ts";
import type { Manifest } from "../engine/manifest.ts";
import { pageOf } from "../engine/run.ts";
import { publicUrl } from "../engine/server.ts";
import { exampleValues } from "../engine/template.ts";
import { UsageError } from "../engine/usage.ts";
import { sentenceOn, withoutCancel } from "../engine/without-cancel.ts";
import { variable, variableName } from "../engine/words.ts";
import { formsOf } from "../explain/explanation.ts";
import { formInWords } from "../explain/text.ts";
import { exitCodes, type Input, inputs, outcomes } from "../interface.ts";
import type { Id, Provider } from "../provider.ts";
import { oneLine, oneOf } from "../text.ts";
import { commands, examples, idRows, interrupting, optionGroups } from "./options.ts";

/** Of everything, or of one provider. Throws `UsageError`. */
export function helpOn(
  about: string | undefined,
  manifest: Manifest,
  providers: ReadonlyMap<string, Provider>,
): string {
  if (about === undefined) return help(manifest, providers);
  const provider = providers.get(about);
  if (provider) return helpOfProvider(about, provider);
  const without = withoutCancel.get(about);
  if (without) throw new UsageError(sentenceOn(without));
  throw new UsageError(`"${oneLine(about, 60)}" is not a provider; there is help for ${oneOf([...providers.keys()])}`);
}

const plain = (text: string): string => text.replaceAll("`", "");

export function help(manifest: Manifest, providers: ReadonlyMap<string, Provider>): string {
  const all: readonly Input[] = inputs;
  const secrets = all.filter(({ type }) => type === "secret");
  return `Stops CI/CD runs and proves that they stopped.

Usage:
${columns(commands, 30)}

Examples:
${examples.map(([what, lines]) => [`  ${what}`, ...lines.map((line) => `    ${line}`)].join("\n")).join("\n")}

${optionGroups(manifest)
  .map(
    ({ title, options }) =>
      `${title}:\n${columns(options.map(({ flag, value = "", help: text }) => [`${flag} ${value}`.trim(), text]))}`,
  )
  .join("\n\n")}

Ids, by provider and kind of run:
${columns(idRows(providers), 32)}

Credentials are read from the environment, never from the command line:
${columns(
  [...secrets.map(({ name, help: text }) => [variable(name), plain(text)] as const), ...credentialRows(providers)],
  32,
)}

Outcomes:
${columns(Object.entries(outcomes).map(([name, { help: text }]) => [name, plain(text)]))}

Exit codes:
${columns(Object.entries(exitCodes).map(([code, text]) => [code, plain(text)]))}

${wrap(interrupting)}
`;
}

/** The variables that prove who asks, and for whom: what one cloud's services share stands once. */
function credentialRows(providers: ReadonlyMap<string, Provider>): (readonly [string, string])[] {
  const users = new Map<string, string[]>();
  for (const [key, { auth }] of providers)
    for (const { env } of auth) {
      const names = Object.values(env).flatMap(([first]) => (first === undefined ? [] : [variableName(first)]));
      if (names.length > 0) users.set(names.join(" + "), [...(users.get(names.join(" + ")) ?? []), key]);
    }
  return [...users].map(([names, keys]) => [names, `for ${[...new Set(keys)].join(", ")}`]);
}

function helpOfProvider(key: string, provider: Provider): string {
  const { name, server, rights, docs } = provider;
  const variables = [...(server.env ?? []), ...(server.region?.env ?? [])];
  return `${name} (--provider ${key})

${[...entriesOf(key, provider).values()].map(helpOfTarget).join("\n\n")}

Server:
  ${wrap(serverInWords(provider), 2)}
${variables.length > 0 ? `  ${wrap(`In the environment: ${oneOf(variables)}.`, 2)}\n` : ""}
Credentials, in the environment:
${formsOf(provider)
  .map((form) => `  ${wrap(formInWords(form), 4)}`)
  .join("\n")}

Rights:
  ${wrap(plain(rights), 2)}

Document:
  ${docs}
`;
}

function helpOfTarget(entry: Entry): string {
  const { provider, targetName, target, pastablePages, listId, force } = entry;
  const region = provider.server.region?.example ?? "";
  const home = publicUrl(provider.server.url, region) ?? "https://HOST";
  const pages = pastablePages.map((page) => pageOf(page, home, exampleValues(page, target, region)));
  const ids = Object.entries(target.ids).map(([id, facts]) => [`--${id}`, idInWords(facts, id === listId)] as const);
  const rung = force[0];
  const facts: (readonly [string, string])[] = [
    ["pages", pages.length > 0 ? pages.join(" ") : "none that names it; give its ids"],
    ...(target.permissions
      ? ([
          ["to look", target.permissions.look],
          ["to cancel", target.permissions.cancel],
        ] as const)
      : []),
    [
      "to force",
      rung ? `with --force-after${rung.rights ? `; it needs ${rung.rights}` : ""}` : "the vendor has no forced stop",
    ],
  ];
  return `${targetName}:\n${columns([...ids, ...facts].map(([left, right]) => [left, plain(right)]))}`;
}

function idInWords({ help: text, example, optional, env = [] }: Id, isList: boolean): string {
  const more = [
    `such as ${example}`,
    ...(optional ? ["optional"] : []),
    ...(isList ? ["may be a list, with commas"] : []),
    ...(env.length > 0 ? [`default: ${oneOf(env)}`] : []),
  ];
  return [text, ...more].join("; ");
}

function serverInWords({ server, targets }: Provider): string {
  const regional = [server.url, ...Object.values(targets).map((target) => target.server)].some(
    (url) => typeof url === "object",
  );
  const open = [...(typeof server.url === "string" ? [server.url] : []), ...(server.alsoPublic ?? [])];
  const own = server.selfHosted ? ["a server of your own by --server-url"] : [];
  const parts = [
    ...open,
    ...(regional ? [`one in each region, by --region (such as ${server.region?.example ?? ""})`] : []),
    ...own,
  ];
  return `${oneOf(parts)}.`;
}
