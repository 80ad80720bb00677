/** docs/providers.md: everything the providers' files say. */
import { callsOf, type Entry, entriesOf } from "../../src/engine/catalog.ts";
import type { Call, Condition, Force, Json, Provider, State, Step, Where } from "../../src/provider.ts";
import { providers } from "../../src/providers/index.ts";
import { type Clients, clientsOf, levels } from "./clients.ts";
import { inputsOf, variablesOf, wayOf } from "./credentials.ts";
import { groups } from "./groups.ts";
import { idUses } from "./inputs.ts";
import { type Known, knownCalls } from "./levels.ts";
import { code, codes, listed, sentence, table } from "./markdown.ts";
import { examplePage } from "./pages.ts";
import { apiOf, regionalOf, serverOf, serverVariables } from "./server.ts";

type Read = (path: string) => string | undefined;

export function providersPage(read: Read): string {
  return [
    "<!-- Made by `npm run generate` from src/providers. Change the provider's file, not this page. -->",
    "",
    "# Providers",
    "",
    "What each provider needs, which calls are made, and how its words are read. A call is the method and the path below",
    "the API base; `{id}` is an input, `{reason}` the reason. Every run is looked at before it is cancelled and after.",
    "",
    `**Known by** says what each call was compared with, besides the vendor's documents. The best wins: ${listed(levels, "and")}.`,
    "The recordings, and the scripts that make them, are in `__tests__/fixtures/clients`.",
    "",
    ...[...providers].map(([key, { name }]) => `- [${name}](#${key})`),
    "",
    ...[...providers].flatMap(([key, provider]) =>
      section(key, provider, read(`src/providers/${key}.ts`) ?? "", clientsOf(key, read)),
    ),
  ].join("\n");
}

function section(key: string, provider: Provider, source: string, clients: Clients | undefined): string[] {
  const { name, docs, rights, server, states, unverified } = provider;
  return [
    `<a id="${key}"></a>`,
    "",
    `## ${name}`,
    "",
    `- **\`provider\`**: ${code(key)}`,
    `- **Vendor's document**: <${docs}>`,
    `- **Server**: ${serverOf(provider)}`,
    ...item("API base", apiOf(server)),
    ...item("From the environment", serverVariables(provider)),
    ...item("Between two changes at one server", server.spacing && `at least ${server.spacing / 1000} s`),
    ...item("Between two looks at one run", server.pace && `at least ${server.pace / 1000} s`),
    ...errorItems(provider),
    `- **Rights**: ${rights}`,
    "",
    "### Credentials",
    "",
    table(
      ["Inputs", "Or in the environment", "How"],
      provider.auth.map((auth) => [inputsOf(auth), variablesOf(auth), sentence(wayOf(auth))]),
    ),
    "",
    ...[...entriesOf(key, provider).values()].flatMap((entry) => targetSection(entry, knownCalls(entry, clients))),
    "### Status words",
    "",
    stateTable(states),
    "",
    "A word that is not listed here is `unknown`, which by itself is never taken for an end.",
    "",
    ...functionItems(key, provider, source),
    ...(unverified
      ? [
          "### Not verified",
          "",
          "Not found in a document of the vendor:",
          "",
          ...unverified.map((fact) => `- ${fact}`),
          "",
        ]
      : []),
  ];
}

/** The functions by which a provider's file reads, each with the vendor's fact that data cannot express. */
function functionItems(key: string, provider: Provider, source: string): string[] {
  const names = [...new Set(functionsOf(provider))].sort();
  if (names.length === 0) return [];
  const bare = names.filter((name) => commentAbove(name, source) === undefined);
  if (bare.length > 0)
    throw new Error(
      `src/providers/${key}.ts: write the vendor's fact in a /** comment */ right above \`function\` ${bare.join(", ")}; docs/providers.md prints it`,
    );
  return [
    "### Functions",
    "",
    "What data cannot say is read by a function of the provider's file:",
    "",
    ...names.map((name) => `- ${code(name)}: ${commentAbove(name, source)}`),
    "",
  ];
}

/** The names of all functions in a provider's data. */
export function functionsOf(value: unknown): string[] {
  if (typeof value === "function") return [value.name];
  if (typeof value !== "object" || value === null || value instanceof RegExp) return [];
  return Object.values(value).flatMap(functionsOf);
}

function commentAbove(name: string, source: string): string | undefined {
  const lines = new RegExp(`/\\*\\*((?:(?!\\*/)[^])*)\\*/\\n(?:async )?function ${name}\\(`).exec(source)?.[1];
  return lines?.replace(/\n \*/g, "").trim();
}

function targetSection(
  { key, provider, targetName, target, pastablePages, force }: Entry,
  known: readonly Known[],
): string[] {
  const uses = idUses.filter((use) => use.provider === key && use.target === targetName);
  const { look } = target;
  return [
    `### ${sentence(targetName).slice(0, -1)}`,
    "",
    table(
      ["Id", "Meaning", "Pattern", "Example"],
      uses.map(({ name: id, id: facts, list }) => [
        code(id),
        [
          facts.help,
          facts.hint,
          facts.optional && "optional",
          list && "may be a list",
          facts.env && `default: ${codes(facts.env, "or")}`,
        ]
          .filter(Boolean)
          .join("; "),
        code(facts.pattern.source.replaceAll("\\/", "/")),
        code(facts.example),
      ]),
    ),
    "",
    ...item(
      "Server",
      typeof target.server === "object" ? regionalOf(target.server) : target.server && code(target.server),
    ),
    ...item(
      "Page",
      pastablePages.map((page) => code(examplePage(provider, target, page))).join(" or ") ||
        "cannot be pasted; give the ids",
    ),
    ...item("Page in the reply", look.url && placed(look.url)),
    `- **Look**: ${stepOf(look)}; state from ${placed(look.state)}`,
    ...item("Ended", look.over && `when ${conditionOf(look.over)}, whatever the word says`),
    ...item("A new attempt shows in", look.attempt && placed(look.attempt)),
    ...item("Identified in the reply by", look.shows && placed(Object.values(look.shows)[0]!)),
    ...item("One attempt only", look.pinnedBy && `with ${code(look.pinnedBy)}`),
    ...item(
      "Becomes",
      target.becomes && `a ${target.becomes.target}, which is then looked at and cancelled in its place`,
    ),
    `- **Cancel**: ${stepOf(target.cancel)}`,
    ...force.map((rung) => `- **Forced stop** (\`force-after\`): ${forceOf(rung)}`),
    ...(force.length === 0 ? ["- **Forced stop**: none; `force-after` has no effect"] : []),
    `- **Reason**: ${reasonOf(target.cancel)}`,
    ...item("Further fields in `runs`", target.look.record && codes(Object.keys(target.look.record))),
    ...item("No effect", target.noEffect && `on ${codes(target.noEffect.words, "or")}: ${target.noEffect.because}`),
    ...item("Confirmed", target.confirmed && "status only: the vendor marks a run as stopped before its worker is"),
    ...item("Words that mean something else here", target.states && statesInWords(target.states)),
    ...item("After an accepted cancel", target.statesAfterCancel && statesInWords(target.statesAfterCancel)),
    `- **Known by**: ${waysOf(known)}`,
    "",
  ];
}

/** `official client (gh 2.102.0): cancel, force; document: tag`, the best known first. */
function waysOf(known: readonly Known[]): string {
  const ranked = [...known].sort((a, b) => levels.indexOf(a.level) - levels.indexOf(b.level));
  const ways = groups(ranked, ({ level, source }) => `${level}${source === undefined ? "" : ` (${code(source)})`}`);
  return [...ways]
    .map(([way, calls]) => `${way}: ${[...new Set(calls.map(({ does }) => does))].join(", ")}`)
    .join("; ");
}

const item = (name: string, text: string | undefined | false | 0): string[] => (text ? [`- **${name}**: ${text}`] : []);

function errorItems({ errors }: Provider): string[] {
  if (errors === undefined) return [];
  const { code: where, notFound, denied, already, busy } = errors;
  return [
    ...item("Error code", where && `in ${placed(where)}; a 2xx that has one is an error`),
    ...item("Codes for not found", notFound && code(notFound.source)),
    ...item("Codes for not allowed", denied && code(denied.source)),
    ...item("Codes for being stopped already", already && code(already.source)),
    ...item("Codes for ask again", busy && code(busy.source)),
  ];
}

function stepOf(step: Step): string {
  if ("ask" in step) return listed(step.calls.map(callOf), "and");
  if (!("choose" in step)) return callOf(step);
  const last = step.choose.at(-1);
  const choices = step.choose.map((call) =>
    call.when === undefined
      ? `${callOf(call)}${call === last ? " else" : ""}`
      : `${callOf(call)} when ${conditionOf(call.when)}`,
  );
  return choices.join("; ");
}

function callOf({ route, headers, body, form, otherwise, since }: Call): string {
  const parts = [
    ...Object.entries(headers ?? {}).flatMap(([name, value]) =>
      name === "content-type" ? [] : [code(`${name}: ${value}`)],
    ),
    ...(body === undefined ? [] : [code(bodyOf(body))]),
    ...(form === undefined ? [] : [`the form ${code(JSON.stringify(form))}`]),
  ];
  const sent = parts.length > 0 ? ` with ${listed(parts, "and")}` : "";
  const instead = otherwise
    ? `; ${callOf(otherwise)} instead when the answer matches ${code(otherwise.on.source)}`
    : "";
  return code(route) + sent + (since ? ` (${since})` : "") + instead;
}

function bodyOf(body: Json): string {
  return (typeof body === "string" ? body : JSON.stringify(body)).replaceAll(/"(\{[a-z-]+):number\}"/g, "$1}");
}

function forceOf(force: Force): string {
  const states = force.from && `only while ${codes(force.from, "or")}`;
  return [
    stepOf(force),
    states,
    force.when && `only when ${conditionOf(force.when)} in the latest look`,
    force.each && `sent to each ${force.each.target} of it that is ${codes(force.each.in, "or")}`,
    force.rights && `it needs ${force.rights}`,
    force.confirmed && "confirmed as status only: the vendor marks the run as stopped while what it does may go on",
  ]
    .filter(Boolean)
    .join("; ");
}

function reasonOf(cancel: Step): string {
  const places = callsOf(cancel).flatMap(({ route, headers, body, form }) => [
    ...(route.includes("{reason") ? ["its address"] : []),
    ...placesOf(headers, "header "),
    ...placesOf(body, ""),
    ...placesOf(form, ""),
  ]);
  const field = [...new Set(places)];
  return field.length > 0
    ? `recorded by the vendor, sent in ${listed(field, "and")}`
    : "the vendor takes none; it is in our report";
}

/** Where in a body or in headers the reason goes. */
function placesOf(part: Json, prefix: string): string[] {
  if (typeof part === "string") return part.includes("{reason") ? [`the ${prefix || "body"}`] : [];
  if (part === null || typeof part !== "object") return [];
  return Object.entries(part as Record<string, Json>).flatMap(([name, value]) =>
    typeof value === "string" && value.includes("{reason") ? [prefix + code(name)] : placesOf(value, prefix),
  );
}

function placed(from: Where): string {
  if (typeof from === "function") return `the reply by ${code(from.name)}`;
  return codes(typeof from === "string" ? [from] : from, "or");
}

function conditionOf(condition: Condition): string {
  if (typeof condition === "function" || typeof condition === "string" || Array.isArray(condition))
    return placed(condition as Where);
  return listed(
    Object.entries(condition).map(([path, value]) => `${code(path)} is ${code(JSON.stringify(value))}`),
    "and",
  );
}

function stateTable(states: Readonly<Record<string, State>>): string {
  return table(
    ["Ours", "The vendor's"],
    byState(states).map(([state, words]) => [code(state), codes(words)]),
  );
}

function statesInWords(states: Readonly<Record<string, State>>): string {
  return byState(states)
    .map(([state, words]) => `${codes(words)} is ${code(state)}`)
    .join(", ");
}

function byState(states: Readonly<Record<string, State>>): [state: State, words: string[]][] {
  const byOurs = groups(Object.entries(states), ([, state]) => state);
  return [...byOurs].map(([state, entries]) => [state, entries.map(([word]) => word)]);
}
