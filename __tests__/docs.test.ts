import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { parse } from "yaml";
import { idNames } from "../src/engine/settings.ts";
import { type Input, inputs as declared } from "../src/interface.ts";
import { providers } from "../src/providers/index.ts";

const pages = [
  "README.md",
  "CONTRIBUTING.md",
  ...readdirSync("docs")
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
];
const inputs: readonly Input[] = declared;
const names = [...inputs.map(({ name }) => name), ...idNames(providers)];
const secrets = inputs.filter(({ type }) => type === "secret").map(({ name }) => name);

type Given = Readonly<Record<string, unknown>>;

/** As far as an example of a GitHub step or of a GitLab pipeline is read here. */
interface Example {
  readonly uses?: string;
  readonly with?: Given;
  readonly include?: readonly { readonly inputs?: Given }[];
}

describe.each(pages)("the examples in %s", (page) => {
  const blocks = [...text(page).matchAll(/^```yaml\n(.*?)^```$/gms)].map(
    ([, block = ""]) => parse(block) as Example | Example[] | null,
  );
  const examples = blocks.flat().filter((example) => example !== null);
  const steps = examples.flatMap((step) => (step.uses?.startsWith("OWNER/cancel-run@") ? (step.with ?? {}) : []));
  const components = examples.flatMap((pipeline) => pipeline.include ?? []).map((component) => component.inputs ?? {});
  const given = [...steps, ...components] as readonly Given[];

  test("give only inputs that there are", () => {
    expect(given.flatMap((some) => Object.keys(some)).filter((name) => !names.includes(name))).toEqual([]);
  });

  test("give only providers that there are", () => {
    expect(
      given.map((some) => some["provider"]).filter((name) => typeof name === "string" && !providers.has(name)),
    ).toEqual([]);
  });

  test("give no secret to a GitLab component, which would keep it in plain text", () => {
    expect(components.flatMap((some) => Object.keys(some)).filter((name) => secrets.includes(name))).toEqual([]);
  });
});

test.each(pages)("the links in %s lead to files and headings that are there", (page) => {
  const links = [...text(page).matchAll(/\]\((?!\w+:)(?<file>[^)#]*)(?:#(?<anchor>[^)]*))?\)/g)];
  const dead = links.filter(({ groups: { file, anchor } = {} }) => {
    const target = file ? join(dirname(page), file) : page;
    return !existsSync(target) || (anchor && !anchorsOf(text(target), target).has(anchor));
  });

  expect(dead.map(([link]) => link)).toEqual([]);
});

function text(path: string): string {
  return readFileSync(path, "utf8");
}

/** As GitHub makes them: headings of a page, lines of any other file. */
function anchorsOf(markdown: string, path: string): Set<string> {
  if (!path.endsWith(".md")) return new Set(markdown.split("\n").map((_, at) => `L${at + 1}`));
  const headings = [...markdown.matchAll(/^#+ (.+)$/gm)].map(([, title = ""]) =>
    title
      .toLowerCase()
      .replaceAll(/[^\w\s-]/g, "")
      .replaceAll(" ", "-"),
  );
  return new Set([...headings, ...[...markdown.matchAll(/<a id="([^"]+)">/g)].map(([, id = ""]) => id)]);
}
