/** The README's tables. */
import { exitCodes, type Outcome, outcomes, outputs, type OutputName } from "../../src/interface.ts";
import { entriesOf } from "../../src/engine/catalog.ts";
import { providers } from "../../src/providers/all.ts";
import { formsOf } from "./credentials.ts";
import { variable } from "../../src/hosts/common.ts";
import { helpOf, inputs } from "./inputs.ts";
import { code, sentence, table } from "./markdown.ts";
import { placeholderNote, type Published } from "./published.ts";
import { replaceRegion } from "./region.ts";

export function readme(text: string, names: Published): string {
  const regions: Readonly<Record<string, string>> = {
    owner: placeholderNote(names),
    inputs: inputTable(),
    outputs: outputTable(),
    outcomes: outcomeTable(),
    "exit codes": exitTable(),
    providers: providerTable(),
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
    ["System", "`provider`", "Stops, by these ids", "Credentials"],
    [...providers].map(([key, provider]) => [
      `[${provider.name}](docs/providers/${key}.md)`,
      code(key),
      [...entriesOf(key, provider).values()]
        .map(({ targetName, idNames, requiredIds }) => {
          const ids = idNames.map((name) => (requiredIds.includes(name) ? code(name) : `[${code(name)}]`));
          return `${targetName}: ${ids.join(", ")}`;
        })
        .join("<br>"),
      formsOf(provider),
    ]),
  );
}
