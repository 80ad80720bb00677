/** The README's tables. */
import { exitCodes, type Outcome, outcomes, outputs, type OutputName } from "../../src/interface.ts";
import { entriesOf } from "../../src/engine/catalog.ts";
import { providers } from "../../src/providers/index.ts";
import { formsOf } from "./credentials.ts";
import { variable } from "../../src/hosts/common.ts";
import { helpOf, idUses, inputs } from "./inputs.ts";
import { code, codes, sentence, table } from "./markdown.ts";
import { examplePage } from "./pages.ts";
import { placeholderNote, type Published } from "./published.ts";
import { replaceRegion } from "./region.ts";
import { serverOf } from "./server.ts";

export function readme(text: string, names: Published): string {
  const regions: Readonly<Record<string, string>> = {
    owner: placeholderNote(names),
    inputs: inputTable(),
    ids: idTable(),
    outputs: outputTable(),
    outcomes: outcomeTable(),
    "exit codes": exitTable(),
    providers: providerTable(),
    permissions: permissionList(),
  };
  return Object.entries(regions).reduce(
    (whole, [name, content]) =>
      replaceRegion(
        whole,
        { start: `<!-- generated: ${name} -->`, end: "<!-- end -->" },
        ["", "<!-- prettier-ignore-start -->", content, "<!-- prettier-ignore-end -->", ""].join("\n"),
        "README.md",
      ),
    text,
  );
}

function inputTable(): string {
  return table(
    ["Input", "Meaning", "Default"],
    inputs.map((input) => [
      code(input.name),
      input.type === "secret" ? `${helpOf(input)} _Secret._` : helpOf(input),
      input.default ? code(input.default) : "",
    ]),
  );
}

function idTable(): string {
  return table(
    ["Provider", "Target", "Id", "Meaning", "Example"],
    idUses.map(({ provider, target, name, id, list }) => [
      code(provider),
      target,
      code(name),
      [id.help, id.optional && "optional", list && "**may be a list**", id.env && `default: ${codes(id.env, "or")}`]
        .filter(Boolean)
        .join("; "),
      code(id.example),
    ]),
  );
}

/** What is not a variable on GitLab, or has another name there: a later cancel job would take a variable `CANCEL_RUN_URL` as its input. */
const onGitLab: Readonly<Partial<Record<OutputName, string>>> = {
  url: code("CANCEL_RUN_PAGE"),
  runs: "artifact `cancel-run.json`",
};

function outputTable(): string {
  return table(
    ["Output", "On GitLab", "Meaning"],
    outputs.map(({ name, help }) => [code(name), onGitLab[name] ?? code(variable(name)), help]),
  );
}

function outcomeTable(): string {
  const fails = new Set((inputs.find(({ name }) => name === "fail-on")?.default ?? "").split(/[\s,]+/));
  return table(
    ["Outcome", "When", "Fails the step", "Exit code then"],
    Object.entries(outcomes).map(([outcome, { help, exit }]) => [
      code(outcome satisfies string as Outcome),
      help,
      fails.has(outcome) ? "yes" : "if `fail-on` lists it",
      `${exit}`,
    ]),
  );
}

function exitTable(): string {
  return table(
    ["Exit code", "Meaning"],
    Object.entries(exitCodes).map(([exit, meaning]) => [exit, sentence(meaning)]),
  );
}

function providerTable(): string {
  return table(
    ["`provider`", "System", "What it stops", "Server", "Credentials"],
    [...providers].map(([key, provider]) => [
      code(key),
      `[${provider.name}](docs/providers/${key}.md)`,
      [...entriesOf(key, provider).values()]
        .map(({ targetName, target, pastablePages: [page] }) =>
          page === undefined ? targetName : `${targetName}, e.g. ${code(examplePage(provider, target, page))}`,
        )
        .join("<br>"),
      serverOf(provider),
      formsOf(provider),
    ]),
  );
}

function permissionList(): string {
  return [...providers].map(([key, { name, rights }]) => `- **${name}** (${code(key)}): ${rights}`).join("\n");
}
