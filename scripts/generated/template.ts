/** The parts of the GitLab templates that name inputs. */
import { stringify } from "yaml";
import type { Input } from "../../src/interface.ts";
import { providers } from "../../src/providers/all.ts";
import { allInputs, helpOf, idInputs, shownGroups } from "./inputs.ts";
import { type Markers, replaceRegion } from "./region.ts";

interface Region extends Markers {
  readonly make: (cancel: string) => string;
}

const end = "# end of generated";
const inputsRegion: Region = { start: "# generated: inputs", end, make: () => specInputs() };
const regions: Readonly<Record<string, readonly Region[]>> = {
  cancel: [inputsRegion, { start: "# generated: values", end, make: () => values(shown) }],
  guard: [
    { ...inputsRegion, make: () => guardInputs() },
    ...["values", "program"].map((part) => ({
      start: `// generated: ${part}`,
      end: "// end of generated",
      make: (cancel: string) => sharedPart(part, cancel),
    })),
    { start: "# generated: values", end, make: () => values(guarded) },
  ],
};

/** Secrets are variables only: GitLab keeps inputs in plain text. */
export const shown = allInputs.filter(({ type }) => type !== "secret");

/** The parts of `templates/<name>/…`; `cancel` is the text of the template that the others take their program from. */
export function template(name: string, text: string, path: string, cancel: string): string {
  const made = regions[name];
  if (made === undefined)
    throw new Error(`${path}: scripts/generated/template.ts does not say what is generated in it.`);
  return made.reduce((whole, { make, ...markers }) => replaceRegion(whole, markers, make(cancel), path), text);
}

/** https://docs.gitlab.com/ci/yaml/#specinputs */
export function specInputs(): string {
  return grouped(shown);
}

/** A guard has its own `when` and `id-file`, and is told by `id-input` which id it is handed. */
export const guarded = shown.filter(({ name }) => name !== "when" && name !== "id-file");

function grouped(some: readonly Input[]): string {
  return shownGroups
    .map(({ title, help, inputs }) => ({ title, help, inputs: inputs.filter((input) => some.includes(input)) }))
    .filter(({ inputs }) => inputs.length > 0)
    .map(({ title, help, inputs }) =>
      [`# ${title}. ${help}`, yaml(Object.fromEntries(inputs.map((input) => [input.name, specInput(input)])))].join(
        "\n",
      ),
    )
    .join("\n");
}

export function guardInputs(): string {
  const idInput = {
    description:
      "Which input the handed over value fills: `url`, the most specific id of the provider, or `ids`, for ids that are no inputs by name. Several values: by line, or by comma for ids.",
    type: "string",
    regex: `^(?:${["url", "ids", ...idInputs.map(({ name }) => name)].join("|")})$`,
    default: "url",
  };
  return [yaml({ "id-input": idInput }), grouped(guarded)].join("\n");
}

/** In a here-document that the shell leaves alone, a line a value: as no value has two lines, none can end it. */
export function values(some: readonly Input[]): string {
  return some.map(({ name }) => `${name}=$[[ inputs.${name} ]]`).join("\n");
}

/** A part of the JavaScript in the script of the template `cancel`, which reads the values, or fetches the program, checks it and runs it. */
function sharedPart(part: string, cancel: string): string {
  const found = new RegExp(`^( *)// shared: ${part}\n(.*?)^ *// end of shared$`, "ms").exec(cancel);
  if (!found) throw new Error(`templates/cancel/template.yml does not say which part of its script is "${part}".`);
  const [, indent = "", code = ""] = found;
  return code
    .trimEnd()
    .split("\n")
    .map((line) => line.replace(new RegExp(`^${indent}`), ""))
    .join("\n");
}

function yaml(value: unknown): string {
  // These break lines in YAML, so they are written as escapes.
  return stringify(value, { lineWidth: 0 })
    .trimEnd()
    .replaceAll("\u0085", String.raw`\N`)
    .replaceAll("\u2028", String.raw`\L`)
    .replaceAll("\u2029", String.raw`\P`);
}

/** GitLab takes at most so many `options`. */
const mostOptions = 50;

function specInput(input: Input): Record<string, unknown> {
  const description = helpOf(input);
  if (input.type === "boolean") return { description, type: "boolean", default: input.default === "true" };
  const options = input.name === "provider" && providers.size < mostOptions ? ["", ...providers.keys()] : undefined;
  return {
    description,
    type: "string",
    ...(options ? { options } : { regex: regexOf(input) }),
    default: input.default ?? "",
  };
}

/** The line breaks of YAML. */
const oneLine = "^[^\r\n\u0085\u2028\u2029]*$";
/** `$NAME` and `${NAME}`: the check comes before GitLab puts a variable's value in. */
const reference = String.raw`\$[A-Za-z_][A-Za-z0-9_]*|\$\{[A-Za-z_][A-Za-z0-9_]*\}`;

/** In RE2, for the whole value, which may be empty. */
function regexOf({ type, pattern }: Input): string {
  const source = type === "duration" ? "(?:[0-9]+h)?(?:[0-9]+m)?(?:[0-9]+s)?" : re2(pattern);
  return source === undefined ? oneLine : `^(?:${source}|${reference})?$`;
}

/** A pattern as RE2 takes it; undefined when it cannot. */
function re2(pattern: RegExp | undefined): string | undefined {
  if (pattern === undefined) return undefined;
  const foreign = /\(\?[=!<]|\\[1-9k]/.test(pattern.source);
  return foreign || pattern.ignoreCase ? undefined : pattern.source.replace(/^\^|\$$/g, "");
}
