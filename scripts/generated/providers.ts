/** docs/providers/: an index, and one page per vendor with everything that its file says. */
import { type Entry, entriesOf } from "../../src/engine/catalog.ts";
import { withoutCancel } from "../../src/engine/without-cancel.ts";
import type { Budget, List, Provider, State } from "../../src/provider.ts";
import { providers } from "../../src/providers/all.ts";
import { conditionOf, forceOf, placed, reasonOf, stepOf } from "./calls.ts";
import { clientsOf, levels, type Operation } from "./clients.ts";
import { inputsOf, variablesOf, wayOf } from "./credentials.ts";
import { groups } from "./groups.ts";
import { idUses } from "./inputs.ts";
import { type Known, knownCalls, levelOf } from "./levels.ts";
import { code, codes, listed, sentence, table } from "./markdown.ts";
import { examplePage } from "./pages.ts";
import { apiOf, regionalOf, serverOf, serverVariables } from "./server.ts";
import { credentialVariables, exampleOf } from "./steps.ts";

type Read = (path: string) => string | undefined;

const folder = "docs/providers";

export function providerPages(read: Read): readonly (readonly [path: string, text: string])[] {
  return [
    [`${folder}/README.md`, index(read)] as const,
    ...[...providers].map(([key, provider]) => [`${folder}/${key}.md`, page(key, provider, read)] as const),
  ];
}

const notice = "<!-- Made by `npm run generate` from src/providers. Change the provider's file, not this page. -->";

function index(read: Read): string {
  const rows = [...providers].map(([key, provider]) => {
    const entries = [...entriesOf(key, provider).values()];
    const known = groups(entries, (entry) => levelOf(knownCalls(entry, clientsOf(key, read))));
    return [
      `[${provider.name}](${key}.md)`,
      code(key),
      entries.map(({ targetName }) => targetName).join(", "),
      entries.some(({ force }) => force.length > 0) ? "yes" : "",
      entries.some(({ target }) => target.list !== undefined) ? "yes" : "",
      reasonIsRecorded(entries) ? "yes" : "",
      [...known]
        .map(([level, those]) =>
          known.size === 1 ? level : `${level}: ${those.map(({ targetName }) => targetName).join(", ")}`,
        )
        .join("; "),
    ];
  });
  return lines(
    notice,
    "",
    "# Providers",
    "",
    "One page per vendor: what it stops, a step to paste, ids, credentials and rights, every call that is made, what the vendor's",
    "words mean, the traps, and how each of these facts is known.",
    "",
    table(["System", "`provider`", "Stops", "Forced stop", "Choosing runs", "Records the reason", "Known by"], rows),
    "",
    "**Known by** is what the look and the cancel of a target were compared with, besides the vendor's documents; of the two the weaker",
    `counts. From best to weakest: ${listed(levels, "and")}.`,
    "The recordings, and the scripts that make them, are in [`__tests__/fixtures/clients`](../../__tests__/fixtures/clients).",
    "",
    "## Systems whose runs cannot be canceled",
    "",
    "They have no public call for it. The step ends with exit code 2 and says so, and what to do instead.",
    "",
    table(
      ["System", "`provider`", "Why", "Instead", "Document"],
      [...withoutCancel].map(([key, { name, because, instead, docs }]) => [
        ...[name, code(key), sentence(`It ${because}`), sentence(instead)],
        `<${docs}>`,
      ]),
    ),
    "",
    "Missing one? [Adding a provider](../adding-a-provider.md) takes one short file.",
  );
}

const reasonIsRecorded = (entries: readonly Entry[]): boolean =>
  entries.some(({ target }) => reasonOf(target.cancel).startsWith("recorded"));

function page(key: string, provider: Provider, read: Read): string {
  const { name, docs, rights, states, server } = provider;
  const entries = [...entriesOf(key, provider).values()];
  const clients = clientsOf(key, read);
  return lines(
    notice,
    "",
    `# ${name}`,
    "",
    `\`provider: ${key}\` stops ${listed(
      entries.map(({ targetName }) => withArticle(targetName)),
      "or",
    )}. Vendor's document: <${docs}>`,
    "",
    "## A step to paste",
    "",
    ...pasteSection(entries),
    "## Ids",
    "",
    "The ids that are given decide what is stopped. The last required one may be a list, separated by commas.",
    "",
    ...entries.flatMap((entry) => idSection(entry, entries.length > 1)),
    "## Server",
    "",
    `- **Server**: ${serverOf(provider)}`,
    ...item("API", apiOf(server)),
    ...entries.flatMap(({ targetName, target: { api } }) =>
      api === undefined ? [] : item(`API of a ${targetName}`, apiOf({ api })),
    ),
    ...item("Read from the environment", serverVariables(provider)),
    "",
    "## Credentials and rights",
    "",
    rights,
    "",
    table(
      ["Inputs", "Or in the environment", "How it is used"],
      provider.auth.map((auth) => [inputsOf(auth), variablesOf(auth), sentence(wayOf(auth))]),
    ),
    "",
    ...(entries.flatMap((entry) => pageItems(entry)).length > 0 ? pagesSection(entries) : []),
    "## Calls",
    "",
    "`{name}` is an id or another value, `{reason}` the reason; paths are below the API's address. The run is looked at before the",
    "cancel and after it.",
    "",
    ...entries.flatMap((entry) => callSection(entry, knownCalls(entry, clients))),
    "## Status words",
    "",
    stateTable(states),
    "",
    "A word that is not listed is `unknown`, which by itself is never taken for an end.",
    "",
    ...entries.flatMap(({ targetName, target, provider: { states: common } }) => [
      ...item(`A ${targetName}'s own words`, target.states && target.states !== common && statesInWords(target.states)),
      ...item(
        `A ${targetName}, after an accepted cancel`,
        target.statesAfterCancel && statesInWords(target.statesAfterCancel),
      ),
    ]),
    "",
    ...entries.flatMap((entry) => choosingSection(entry)),
    ...section("Traps", trapItems(provider, entries)),
    ...section("Error codes", errorItems(provider)),
    ...section("Functions", [
      "What data cannot say, a function of [the provider's file](../../src/providers/" + key + ".ts) does:",
      "",
      ...functionItems(key, provider, sourceOf(key, read)),
    ]),
    ...section("Not verified", unverifiedItems(provider)),
  );
}

/** Without its heading when there is nothing to say. */
function section(title: string, items: readonly string[]): string[] {
  return items.some((line) => line.startsWith("- ")) ? [`## ${title}`, "", ...items, ""] : [];
}

/** Ends as Prettier ends a page. */
const lines = (...all: readonly string[]): string =>
  `${all
    .join("\n")
    .replaceAll(/\n{3,}/g, "\n\n")
    .trimEnd()}\n`;

const withArticle = (noun: string): string => `${/^[aeiou]/.test(noun) ? "an" : "a"} **${noun}**`;
const titled = (text: string): string => sentence(text).slice(0, -1);

function pasteSection(entries: readonly Entry[]): string[] {
  return entries.flatMap((entry) => {
    const example = exampleOf(entry);
    const { github, gitlab, command } = example;
    const variables = listed(credentialVariables(example).map(code), "and");
    return [
      ...(entries.length > 1 ? [`### ${titled(entry.targetName)}`, ""] : []),
      "```yaml",
      `# GitHub Actions`,
      github,
      "```",
      "",
      "```yaml",
      `# GitLab CI/CD`,
      gitlab.component,
      "```",
      "",
      "```sh",
      `# terminal`,
      command,
      "```",
      "",
      `On GitLab and in a terminal the credential is in ${variables}${entry.provider.auth.length > 1 ? ", or another form below" : ""}.`,
      "",
    ];
  });
}

function idSection({ key, targetName }: Entry, named: boolean): string[] {
  const uses = idUses.filter((use) => use.provider === key && use.target === targetName);
  return [
    ...(named ? [`### Ids of ${withArticle(targetName).replaceAll("*", "")}`, ""] : []),
    table(
      ["Id", "Meaning", "Example", "Pattern"],
      uses.map(({ name, id }) => [
        code(name),
        [id.help, id.optional && "optional", id.env && `default: ${codes(id.env, "or")}`].filter(Boolean).join("; "),
        code(id.example),
        code(id.pattern.source.replaceAll("\\/", "/")),
      ]),
    ),
    "",
  ];
}

function pagesSection(entries: readonly Entry[]): string[] {
  return ["## Pages", "", "Addresses that `url` takes:", "", ...entries.flatMap((entry) => pageItems(entry)), ""];
}

function pageItems({ provider, targetName, target, pastablePages }: Entry): string[] {
  return pastablePages.map((template) => `- ${targetName}: ${code(examplePage(provider, target, template))}`);
}

function callSection(entry: Entry, known: readonly Known[]): string[] {
  const { provider, targetName, target, force } = entry;
  const { look, list, jobs = [], downstream } = target;
  const row = (name: string, does: Operation, text: string): string[] => [
    name,
    text,
    waysOf(known.filter((one) => one.does === does)),
  ];
  return [
    ...(Object.keys(provider.targets).length > 1
      ? [`### Calls of ${withArticle(targetName).replaceAll("*", "")}`, ""]
      : []),
    table(
      ["To", "Call", "Known by"],
      [
        row("look", "look", stepOf(look)),
        row("cancel", "cancel", stepOf(target.cancel)),
        ...force.map((rung) => row("force (`force-after`)", "force", forceOf(rung))),
        ...(list ? [row("list runs", "list", stepOf(list))] : []),
        ...jobs.map((one) => row("list its jobs", "jobs", stepOf(one))),
        ...(downstream ?? []).map((one) => row("list what it started (`downstream`)", "downstream", stepOf(one))),
      ],
    ),
    "",
    ...item(
      "Server",
      typeof target.server === "object" ? regionalOf(target.server) : target.server && code(target.server),
    ),
    `- **State**: from ${placed(look.state)}`,
    ...item("Ended", look.over && `when ${conditionOf(look.over)}, whatever the word says`),
    ...item("Identified by", look.shows && listed(Object.values(look.shows).map(placed), "and")),
    ...item("A new attempt shows in", look.attempt && placed(look.attempt)),
    ...item("One attempt only", look.pinnedBy && `with ${code(look.pinnedBy)}`),
    ...item("Page in the reply", look.url && placed(look.url)),
    ...item(
      "Becomes",
      target.becomes && `a ${target.becomes.target}, which is then looked at and cancelled in its place`,
    ),
    ...(force.length === 0 ? ["- **Forced stop**: none; `force-after` has no effect"] : []),
    `- **Reason**: ${reasonOf(target.cancel)}`,
    ...item("Further fields in `runs`", look.record && codes(Object.keys(look.record))),
    "",
  ];
}

function choosingSection({ target: { list, jobs, downstream }, targetName, listId }: Entry): string[] {
  if (list === undefined && downstream === undefined) return [];
  return section("Choosing runs", [
    ...(list
      ? [
          `- **Runs of** what ${codes(list.within, "and")} name; each found ${targetName} is named by its ${code(listId)}`,
          ...item("Asked of the server", codes(Object.keys(list.filters).map(inputOfFilter))),
          ...item("Checked by us in every run", codes(filtersOf(list), "and")),
          ...item("Pull requests", pullRequestOf(list)),
          ...item("The list ends", list.max && `after ${list.max} runs for one search; more are never taken for all`),
          ...item(
            "Not listed",
            list.unlistedEvents && `runs of event ${codes(list.unlistedEvents, "or")}, unless \`event\` names it`,
          ),
          ...item("Events", list.events && codes(list.events)),
        ]
      : []),
    ...item("Jobs", jobs && "`with-job`, `with-failed-job` and `unless-job` can be used"),
    ...item(
      "Downstream",
      downstream &&
        `also stops each ${listed([...new Set(downstream.map(({ target }) => target))], "and")} that it started, to any depth`,
    ),
  ]);
}

const inputOfFilter = (name: string): string => (name === "state" ? "status" : name);

function filtersOf({ item: read, pullRequest }: List): string[] {
  return [
    "branch",
    "commit",
    ...(read.event === undefined ? [] : ["event"]),
    ...(read.workflow === undefined ? [] : ["workflow"]),
    "status",
    ...(pullRequest === undefined && read.pullRequest === undefined ? [] : ["pull-request"]),
  ];
}

function pullRequestOf({ item: read, pullRequest }: List): string | undefined {
  if (read.pullRequest !== undefined) return `found by their number, in ${placed(read.pullRequest)}`;
  if (pullRequest === undefined) return undefined;
  if ("branch" in pullRequest) return `found by their branch, which ${stepOf(pullRequest)} tells`;
  return `have a list of their own, ${stepOf(pullRequest)}`;
}

function trapItems({ server, mistakenPages = {}, answersTo }: Provider, entries: readonly Entry[]): string[] {
  const ofTarget = ({ targetName, target }: Entry): string[] => [
    ...item(
      "Confirmed",
      target.confirmed && `status only: the vendor marks a ${targetName} as stopped before its worker is`,
    ),
    ...item("No effect", target.noEffect && `on ${codes(target.noEffect.words, "or")}: ${target.noEffect.because}`),
    ...item(
      "The page's number",
      target.uncertainPages &&
        `of a ${targetName} may be another run's than the API's: nothing is sent before a look has shown which it is`,
    ),
    ...item(
      "Retried",
      target.successor &&
        `a ${targetName} that has ${listed(target.successor.after, "or")} may go on under another number; name the ${target.successor.instead} to stop both`,
    ),
    ...Object.entries(target.ids).flatMap(([name, { hint }]) => item(code(name), hint)),
    ...(target.list?.advice ?? []).map(
      ({ input, say }) => `- **${code(input)}**: ${say.replaceAll(/\{([a-z-]+)\}/g, "`$1`")}`,
    ),
    ...[
      ...new Set([target.cancel, ...(target.force ?? [])].flatMap((step) => ("since" in step ? [step.since] : []))),
    ].flatMap((since) => item("Version", since)),
  ];
  const all = [
    ...entries.flatMap(ofTarget),
    ...Object.entries(mistakenPages).map(([path, advice]) => `- ${code(path.replaceAll("{+", "{"))}: ${advice}`),
    ...item("In a job of its own", answersTo && `\`provider: ${answersTo}\` means this one, too`),
    ...item("Limit", server.budget && limitInWords(server.budget)),
    ...item("Looks", server.pace && `at least ${server.pace / 1000} s apart for one run`),
  ];
  return [...new Set(all)];
}

function limitInWords({ points, seconds, change = 1, hosts = [] }: Budget): string {
  const where = hosts.length > 0 ? `on ${codes(hosts, "and")}` : "";
  const what = change === 1 ? "requests" : `points (a read is one, a change ${change})`;
  const time = seconds === 60 ? "a minute" : seconds === 1 ? "a second" : `in ${seconds} s`;
  return `${[where, `the vendor takes ${points} ${what} ${time}`].filter(Boolean).join(" ")}; half of them are sent at once, the rest as they come back`;
}

function unverifiedItems({ unverified = [] }: Provider): string[] {
  return unverified.length === 0
    ? []
    : ["Not found in a document of the vendor:", "", ...unverified.map((fact) => `- ${fact}`)];
}

/** The provider's file, and what it takes of its cloud's. */
function sourceOf(key: string, read: (path: string) => string | undefined): string {
  const own = read(`src/providers/${key}.ts`) ?? "";
  const clouds = [...own.matchAll(/ from "\.\.\/(clouds\/[a-z-]+\.ts)";$/gm)].map(
    ([, path = ""]) => read(`src/${path}`) ?? "",
  );
  return [own, ...clouds].join("\n");
}

/** The functions by which a provider's file reads, each with the vendor's fact that data cannot express. */
function functionItems(key: string, provider: Provider, source: string): string[] {
  const names = [...new Set(functionsOf(provider))].sort();
  if (names.length === 0) return [];
  const bare = names.filter((name) => commentAbove(name, source) === undefined);
  if (bare.length > 0)
    throw new Error(
      `src/providers/${key}.ts: write the vendor's fact in a /** comment */ right above \`function\` ${bare.join(", ")}; its page in docs/providers prints it`,
    );
  return names.map((name) => `- ${code(name)}: ${commentAbove(name, source)}`);
}

/** The names of all functions in a provider's data. */
export function functionsOf(value: unknown): string[] {
  if (typeof value === "function") return [value.name];
  if (typeof value !== "object" || value === null || value instanceof RegExp) return [];
  return Object.values(value).flatMap(functionsOf);
}

function commentAbove(name: string, source: string): string | undefined {
  const lines = new RegExp(`/\\*\\*((?:(?!\\*/)[^])*)\\*/\\n *(?:export )?(?:async )?function ${name}\\(`).exec(
    source,
  )?.[1];
  return lines?.replace(/\n \*/g, "").trim();
}

/** `official client (gh 2.102.0); document`, the best first. */
function waysOf(known: readonly Known[]): string {
  const ranked = [...known].sort((a, b) => levels.indexOf(a.level) - levels.indexOf(b.level));
  const ways = ranked.map(({ level, source }) => `${level}${source === undefined ? "" : ` (${code(source)})`}`);
  return [...new Set(ways)].join("; ");
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
