/** Types of the library, with what each option and field means. */
import { exitCodes, type Input, inputs as declared, outcomes, outputs } from "../../src/interface.ts";
import { helpOf } from "./inputs.ts";
import { sentence } from "./markdown.ts";
import { reportSchema } from "./schema.ts";

const lists = ["url", "branch", "commit", "workflow", "event", "status", "fail-on"];
const numbers = ["pull-request", "keep-newest", "max-runs"];
/** About files and the end of a job. */
const left = ["id-file", "when"];

function typeOf({ name, type }: Input): string {
  if (name === "ids") return "string | Readonly<Record<string, string | number | readonly (string | number)[]>>";
  if (lists.includes(name)) return "string | readonly string[]";
  if (numbers.includes(name)) return "string | number";
  return type === "boolean" ? "boolean" : "string";
}

/** dist/library.d.ts. */
export function libraryTypes(): string {
  const inputs: readonly Input[] = declared;
  const options = inputs
    .filter(({ name }) => !left.includes(name))
    .map((input) => {
      const standard = input.default ? ` Default: ${input.default}.` : "";
      const help = helpOf(input).includes("Default:") ? helpOf(input) : helpOf(input) + standard;
      return property(input.name, typeOf(input), help, true);
    });
  const { properties, $defs } = JSON.parse(reportSchema()) as Schema;
  const { required } = $defs.run;
  const record = required.map((name) =>
    property(name, inTypeScript($defs.run.properties[name]!), $defs.run.properties[name]!.description),
  );
  const codes = Object.entries(exitCodes).filter(([code]) => code !== "2");
  const meanings = codes.map(([code, meaning]) => `${code}: ${meaning}`).join("; ");
  return [
    "/** Made by `npm run build` from src/interface.ts. docs/library.md says how it is used. */",
    "",
    "/** Stops runs, and resolves with what became of them. Rejects with a `UsageError`, nothing sent, where the options are wrong. */",
    "export declare function cancel(options: CancelOptions): Promise<CancelResult>;",
    "",
    "/** Wrong options. The message names the option, and has no secret in it. */",
    "export declare class UsageError extends Error {}",
    "",
    "export declare const version: string;",
    "",
    "export interface CancelOptions {",
    ...options,
    property(
      "signal",
      "AbortSignal",
      "Ends it: a cancel that has not been sent by then is not sent, and the result says how far it came.",
      true,
    ),
    property(
      "env",
      "Readonly<Record<string, string | undefined>>",
      "Where variables of the vendors' own tools, of proxies and of the CI job are read: `process.env`, to be as the command line is. Default: nothing.",
      true,
    ),
    property(
      "log",
      '(text: string, level: "info" | "progress" | "warning" | "debug") => void',
      "Called with each line that the command line would show; `debug` only with the option `debug`.",
      true,
    ),
    "}",
    "",
    "export interface CancelResult {",
    ...(["outcome", "cancelled", "state", "url", "runs"] as const).map((name) => {
      const help = outputs
        .find((output) => output.name === name)!
        .help.replace(/^JSON, one record per run: .*/, "One record per run.");
      const type = {
        outcome: 'Outcome | "mixed" | "nothing"',
        cancelled: "number",
        state: "State | null",
        url: "string | null",
        runs: "readonly RunRecord[]",
      }[name];
      return property(name, type, help);
    }),
    property(
      "message",
      "string",
      properties["message"]!.description.replace("; left out where there is nothing", "; empty where there is nothing"),
    ),
    property(
      "exitCode",
      codes.map(([code]) => code).join(" | "),
      `As the command line would end. ${sentence(meanings)}`,
    ),
    "}",
    "",
    "export interface RunRecord {",
    ...record,
    "  /** Further fields that the vendor states. */",
    "  readonly [field: string]: unknown;",
    "}",
    "",
    "export type Outcome =",
    `${Object.entries(outcomes)
      .map(([name, { help }]) => `  /** ${help} */\n  | ${JSON.stringify(name)}`)
      .join("\n")};`,
    "",
    `export type State = ${union((properties["state"] as { enum: readonly (string | null)[] }).enum.filter((state) => state !== null))};`,
    "",
  ].join("\n");
}

interface Field {
  readonly type?: string | readonly string[];
  readonly enum?: readonly (string | null)[];
  readonly description: string;
}

interface Schema {
  readonly properties: Readonly<Record<string, Field>>;
  readonly $defs: {
    readonly run: { readonly properties: Readonly<Record<string, Field>>; readonly required: readonly string[] };
  };
}

function inTypeScript({ type, enum: words, description }: Field): string {
  if (words?.includes("queued")) return "State | null";
  if (words?.includes("restarted")) return "Outcome";
  if (description.startsWith("The system")) return "string";
  if (words) return union(words);
  if (type === "object") return "Readonly<Record<string, string>>";
  return [type ?? "unknown"]
    .flat()
    .map((one) => (one === "integer" ? "number" : one))
    .join(" | ");
}

const union = (words: readonly (string | null)[]): string => words.map((word) => JSON.stringify(word)).join(" | ");

function property(name: string, type: string, help: string, optional = false): string {
  const key = /^[a-z]\w*$/i.test(name) ? name : JSON.stringify(name);
  // `exactOptionalPropertyTypes` of the caller would refuse an undefined.
  return `  /** ${help} */\n  readonly ${key}${optional ? "?" : ""}: ${optional && type.includes("=>") ? `(${type})` : type}${optional ? " | undefined" : ""};`;
}
