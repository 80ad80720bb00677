/** docs/providers.md: everything the providers' files say. */
import { pastable } from "../../src/engine/template.ts";
import type { Call, Force, Json, Provider, Select, State, Step, Target } from "../../src/provider.ts";
import { providers } from "../../src/providers/index.ts";
import { inputsOf, variablesOf, wayOf } from "./credentials.ts";
import { groups } from "./groups.ts";
import { idUses } from "./inputs.ts";
import { code, codes, listed, sentence, table } from "./markdown.ts";
import { examplePage } from "./pages.ts";
import { serverOf, serverVariables } from "./server.ts";

export function providersPage(): string {
  return [
    "<!-- Made by `npm run generate` from src/providers. Change the provider's file, not this page. -->",
    "",
    "# Providers",
    "",
    "What each provider needs, which calls are made, and how its words are read. A call is the method and the path below",
    "the API base; `{id}` is an input, `{reason}` the reason. Every run is looked at before it is cancelled and after.",
    "",
    ...[...providers].map(([key, { name }]) => `- [${name}](#${key})`),
    "",
    ...[...providers].flatMap(([key, provider]) => section(key, provider)),
  ].join("\n");
}

function section(key: string, provider: Provider): string[] {
  const { name, docs, rights, server, states, unverified } = provider;
  return [
    `<a id="${key}"></a>`,
    "",
    `## ${name}`,
    "",
    `- **\`provider\`**: ${code(key)}`,
    `- **Vendor's document**: <${docs}>`,
    `- **Server**: ${serverOf(provider)}`,
    ...item("API base", apiOf(provider)),
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
    ...Object.entries(provider.targets).flatMap(([target, facts]) => targetSection(key, provider, target, facts)),
    "### Status words",
    "",
    stateTable(states),
    "",
    "A word that is not listed here is `unknown`, which by itself is never taken for an end.",
    "",
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

function targetSection(key: string, provider: Provider, name: string, target: Target): string[] {
  const uses = idUses.filter((use) => use.provider === key && use.target === name);
  const forces = [target.force ?? []].flat();
  return [
    `### ${sentence(name).slice(0, -1)}`,
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
    ...item("Server", target.server && code(target.server)),
    ...item(
      "Page",
      pastable(target)
        .map((page) => code(examplePage(provider, target, page)))
        .join(" or ") || "cannot be pasted; give the ids",
    ),
    ...item("Page in the reply", target.look.page && selected(target.look.page)),
    `- **Look**: ${stepOf(target.look)}; state from ${selected(target.look.state)}`,
    ...item("Over", target.look.over && `by ${selected(target.look.over)}, whatever the word says`),
    ...item("A new attempt shows in", target.look.attempt && selected(target.look.attempt)),
    ...item("The run shows by", target.look.shows && selected(Object.values(target.look.shows)[0]!)),
    ...item("One attempt only", target.look.pinnedBy && `with ${code(target.look.pinnedBy)}`),
    ...item(
      "Becomes",
      target.becomes && `a ${target.becomes.target}, which is then looked at and cancelled in its place`,
    ),
    `- **Cancel**: ${stepOf(target.cancel)}`,
    ...forces.map((force) => `- **Forced stop** (\`force-after\`): ${forceOf(force)}`),
    ...(forces.length === 0 ? ["- **Forced stop**: none; `force-after` has no effect"] : []),
    `- **Reason**: ${reasonOf(target.cancel)}`,
    ...item("Further fields in `runs`", target.look.record && codes(Object.keys(target.look.record))),
    ...item("Confirmed", target.confirmed && "status only: the vendor marks a run as stopped before its worker is"),
    ...item("Words that mean something else here", target.states && statesInWords(target.states)),
    ...item("After an accepted cancel", target.statesAfterCancel && statesInWords(target.statesAfterCancel)),
    "",
  ];
}

const item = (name: string, text: string | undefined | false | 0): string[] => (text ? [`- **${name}**: ${text}`] : []);

function apiOf({ server: { url, api = "", apis } }: Provider): string {
  const own = url && typeof api === "function" ? [`${code(api(new URL(url)))} for ${code(url)}`] : [];
  const paths = apis ?? [api].filter((path) => typeof path === "string" && path !== "");
  return [...own, paths.length > 0 && `${codes(paths as string[], "or")} below ${code("server-url")}`]
    .filter(Boolean)
    .join("; ");
}

function errorItems({ errors }: Provider): string[] {
  if (errors === undefined) return [];
  const { code: where, notFound, denied, already, busy } = errors;
  return [
    ...item("Error code", where && `in ${selected(where)}; a 2xx that has one is an error`),
    ...item("Codes for not found", notFound && code(notFound.source)),
    ...item("Codes for not allowed", denied && code(denied.source)),
    ...item("Codes for being stopped already", already && code(already.source)),
    ...item("Codes for ask again", busy && code(busy.source)),
  ];
}

function stepOf(step: Step): string {
  return "ask" in step ? `${listed(step.calls.map(callOf), "or")}, by a function of the provider's file` : callOf(step);
}

function callOf({ route, headers, body, form, otherwise }: Call): string {
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
  return code(route) + sent + instead;
}

function bodyOf(body: Json): string {
  return (typeof body === "string" ? body : JSON.stringify(body)).replaceAll(/"(\{[a-z-]+):number\}"/g, "$1}");
}

function forceOf(force: Force): string {
  const states = force.from && `only while ${codes(force.from, "or")}`;
  return [
    stepOf(force),
    states,
    force.when && "only when the vendor allows it, by the latest look",
    force.confirmed && "confirmed as status only: the vendor marks the run as stopped while what it does may go on",
  ]
    .filter(Boolean)
    .join("; ");
}

function reasonOf(cancel: Step): string {
  const calls = "ask" in cancel ? cancel.calls : [cancel, cancel.otherwise ?? []].flat();
  const places = calls.flatMap(({ route, headers, body, form }) => [
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

function selected(from: Select): string {
  if (typeof from === "function") return "the reply, by a function of the provider's file";
  return codes(typeof from === "string" ? [from] : from, "or");
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
