import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { parse } from "yaml";
import { type Input, inputs as declared } from "../src/interface.ts";
import { providers } from "../src/providers/all.ts";
import { published } from "../src/published.ts";
import { blocksOf } from "./support/markdown.ts";

const pages = [
  "README.md",
  "CONTRIBUTING.md",
  "SECURITY.md",
  "CHANGELOG.md",
  "CODE_OF_CONDUCT.md",
  "RELEASE.md",
  ...["docs", "docs/providers"].flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => name.endsWith(".md"))
      .map((name) => `${folder}/${name}`),
  ),
];
const examples = readdirSync("examples").flatMap((host) =>
  readdirSync(`examples/${host}`).map((name) => `examples/${host}/${name}`),
);
const inputs: readonly Input[] = declared;
const secrets = inputs.filter(({ type }) => type === "secret").map(({ name }) => name);
const actionInputs = Object.keys(parse(text("action.yml")).inputs);

/** A use of the action or of one of the components. */
interface Use {
  /** The component's name. */
  readonly component?: string;
  readonly given: Readonly<Record<string, unknown>>;
}

describe.each([...pages, ...examples])("the examples in %s", (page) => {
  const blocks = page.endsWith(".md") ? blocksOf(text(page), "yaml").map((block) => block.text) : [text(page)];
  const uses = blocks.flatMap((block) => usesIn(parse(block, { logLevel: "silent" })));

  test("give only inputs that there are", () => {
    const unknown = uses.flatMap(({ component, given }) => {
      const names = component === undefined ? actionInputs : inputsOf(component);
      return Object.keys(given).filter((name) => !names.includes(name));
    });

    expect(unknown).toEqual([]);
  });

  test("give only providers that there are", () => {
    const names = uses.map(({ given }) => given["provider"]).filter((name) => typeof name === "string");

    expect(names.filter((name) => !providers.has(name))).toEqual([]);
  });

  test("give no secret to a GitLab component, which would keep it in plain text", () => {
    const names = uses.filter(({ component }) => component !== undefined).flatMap(({ given }) => Object.keys(given));

    expect(names.filter((name) => secrets.includes(name))).toEqual([]);
  });
});

test.each(pages)("the links in %s lead to files and headings that are there", (page) => {
  const prose = text(page).replace(/`[^`\n]*`/g, "");
  const links = [...prose.matchAll(/\]\((?!\w+:)(?<file>[^)#]*)(?:#(?<anchor>[^)]*))?\)/g)];
  const dead = links.filter(({ groups: { file, anchor } = {} }) => {
    const target = file ? join(dirname(page), file) : page;
    return !existsSync(target) || (anchor && !anchorsOf(text(target), target).has(anchor));
  });

  expect(dead.map(([link]) => link)).toEqual([]);
});

function text(path: string): string {
  return readFileSync(path, "utf8");
}

function usesIn(value: unknown): Use[] {
  if (typeof value !== "object" || value === null) return [];
  const { uses, with: given = {}, component, inputs: passed = {} } = value as Record<string, unknown>;
  const own: Use[] = [];
  if (typeof uses === "string" && uses.startsWith(`${published.github}@`)) own.push({ given: given as Use["given"] });
  const name = /\/(\w+)@/.exec(typeof component === "string" ? component : "")?.[1];
  if (name !== undefined && typeof component === "string" && component.startsWith(`${published.gitlab}/`))
    own.push({ component: name, given: passed as Use["given"] });
  return [...own, ...Object.values(value).flatMap(usesIn)];
}

function inputsOf(component: string): string[] {
  const [header = ""] = text(`templates/${component}/template.yml`).split(/^---$/m);
  return Object.keys(parse(header).spec.inputs);
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
