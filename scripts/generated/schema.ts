/** The report as JSON Schema: what `--json` prints, and what is in cancel-run.json. */
import type { RunRecord, Summary } from "../../src/engine/record.ts";
import { outcomes, outputs } from "../../src/interface.ts";
import type { State } from "../../src/provider.ts";
import { providers } from "../../src/providers/all.ts";
import { sentence } from "./markdown.ts";

type Schema = Readonly<Record<string, unknown>>;

const states = Object.keys({
  queued: true,
  running: true,
  blocked: true,
  cancelling: true,
  cancelled: true,
  succeeded: true,
  failed: true,
  skipped: true,
  unknown: true,
} satisfies Record<State, true>);

const text = (description: string): Schema => ({ type: "string", description });
const textOrNull = (description: string): Schema => ({ type: ["string", "null"], description });
const state = (description: string): Schema => ({ enum: [...states, null], description });
const count = (description: string): Schema => ({ type: "integer", minimum: 0, description });

/** The fields that are named in the type, without those that vendors add. */
type Field = keyof { [Name in keyof RunRecord as string extends Name ? never : Name]: unknown } | "forced";

const record: Readonly<Record<Field, Schema>> = {
  provider: { enum: [...providers.keys()], description: "The system that the run is on." },
  target: text("The kind of run."),
  ids: {
    type: "object",
    additionalProperties: { type: "string" },
    description: "What names the run, by input: the ids that were given, and those that a look has taught.",
  },
  url: { type: ["string", "null"], format: "uri", description: "Page of the run." },
  name: textOrNull("As the vendor calls the run."),
  ref: textOrNull("Branch or tag."),
  before: state("State at the first look."),
  after: state("State at the latest look."),
  outcome: { enum: Object.keys(outcomes), description: "What became of it." },
  detail: text("Why, for people; empty when the outcome says it all."),
  reason: text("Why it was cancelled."),
  "reason-recorded": { type: "boolean", description: "Whether the vendor took the reason." },
  confirmed: {
    enum: ["look", "status-only", null],
    description: "What the outcome rests on; null when no look confirms it.",
  },
  attempts: count("Cancel requests sent, without retries of one request."),
  forced: { type: "boolean", description: "Whether the vendor's forced stop was accepted." },
  seconds: { type: "number", minimum: 0, description: "How long it took." },
};

/** What a vendor's field must not be called: it would stand in the place of ours. */
export const ownFields: readonly string[] = Object.keys(record);

/** What vendors state besides. */
function further(): Readonly<Record<string, Schema>> {
  const names = [...providers].flatMap(([key, { targets }]) =>
    Object.values(targets).flatMap(({ look }) => Object.keys(look.record ?? {}).map((name) => [name, key] as const)),
  );
  return Object.fromEntries(
    names.map(([name, key]) => [name, { type: ["string", "number", "boolean"], description: `As ${key} states it.` }]),
  );
}

export function reportSchema(): string {
  const help = (name: string): string => sentence(outputs.find((output) => output.name === name)?.help ?? name);
  const report: Readonly<Record<Exclude<keyof Summary, "exit" | "note" | "failOn">, Schema>> = {
    outcome: { enum: [...Object.keys(outcomes), "mixed", "nothing"], description: help("outcome") },
    cancelled: count(help("cancelled")),
    state: state(help("state")),
    url: { type: ["string", "null"], format: "uri", description: help("url") },
    runs: { type: "array", items: { $ref: "#/$defs/run" }, description: "One record a run." },
  };
  const schema = {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "Report of cancel-run",
    description:
      "What --json prints in a terminal, and what cancel-run.json holds on GitLab; the output runs on GitHub is its field runs.",
    type: "object",
    properties: {
      ...report,
      message: text("What is to be said of the step as a whole, such as wrong usage; left out where there is nothing."),
    },
    required: Object.keys(report),
    additionalProperties: false,
    $defs: {
      run: {
        type: "object",
        properties: { ...record, ...further() },
        required: Object.keys(record),
        additionalProperties: false,
      },
    },
  };
  return `${JSON.stringify(schema, null, 2)}\n`;
}
