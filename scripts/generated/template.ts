/** The parts of the GitLab templates that name inputs. */
import { stringify } from "yaml";
import type { Input } from "../../src/interface.ts";
import { providers } from "../../src/providers/index.ts";
import { variable } from "../../src/hosts/gitlab.ts";
import { allInputs, helpOf } from "./inputs.ts";
import { type Markers, replaceRegion } from "./region.ts";

const end = "# end of generated";
const inputsRegion: Markers = { start: "# generated: inputs", end };
const variablesRegion: Markers = { start: "# generated: variables", end };

/** Secrets are variables only: GitLab keeps inputs in plain text. */
const shown = allInputs.filter(({ type }) => type !== "secret");

export function template(text: string, path: string): string {
  return replaceRegion(replaceRegion(text, inputsRegion, specInputs(), path), variablesRegion, jobVariables(), path);
}

/** https://docs.gitlab.com/ci/yaml/#specinputs */
export function specInputs(): string {
  const inputs = Object.fromEntries(shown.map((input) => [input.name, specInput(input)]));
  // These break lines in YAML, so they are written as escapes.
  return stringify(inputs, { lineWidth: 0 })
    .trimEnd()
    .replaceAll("\u0085", String.raw`\N`)
    .replaceAll("\u2028", String.raw`\L`)
    .replaceAll("\u2029", String.raw`\P`);
}

/**
 * GitLab pastes a value in as text. In a block of one line nothing it holds is YAML, and no value has two:
 * every `regex` refuses line breaks.
 */
export function jobVariables(): string {
  return shown.map(({ name }) => `${variable(name)}: |2-\n  $[[ inputs.${name} ]]`).join("\n");
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
