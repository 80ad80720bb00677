/** A program: options in, a result out. What is worth a line in a log goes to a function of the program's, if it has one. */
import type { Manifest } from "../engine/manifest.ts";
import { type RunRecord, type Summary, summarize } from "../engine/record.ts";
import { UsageError } from "../engine/usage.ts";
import type { Environment } from "../environment.ts";
import type { Host } from "../host.ts";
import { secrets } from "../http/redact.ts";
import { type InputName, inputs } from "../interface.ts";
import type { State } from "../provider.ts";
import { nearest } from "../engine/nearest.ts";
import { oneLine } from "../text.ts";
import { platformOf, registerSecrets, shown, withoutSecrets } from "./common.ts";

/** They are about files and the end of a job, which a program sees better. */
const unread = ["id-file", "when"] as const satisfies readonly InputName[];

/** Lists are joined as each input is written. */
const separators = {
  url: "\n",
  branch: " ",
  commit: " ",
  workflow: ",",
  event: ",",
  status: ",",
  "fail-on": ",",
} as const satisfies Readonly<Partial<Record<InputName, string>>>;

type Inputs = (typeof inputs)[number];
type Digits = "pull-request" | "keep-newest" | "max-runs";
type Value<Of extends Inputs> = Of["name"] extends "ids"
  ? string | Readonly<Record<string, string | number | readonly (string | number)[]>>
  : Of["name"] extends keyof typeof separators
    ? string | readonly string[]
    : Of["name"] extends Digits
      ? string | number
      : Of["type"] extends "boolean"
        ? boolean
        : string;

/** The inputs by their names. dist/library.d.ts has them written out. */
export type CancelOptions = {
  readonly [Of in Inputs as Of["name"] extends (typeof unread)[number] ? never : Of["name"]]?: Value<Of> | undefined;
} & {
  readonly signal?: AbortSignal | undefined;
  readonly env?: Environment | undefined;
  readonly log?: ((text: string, level: LogLevel) => void) | undefined;
};

export type LogLevel = "info" | "progress" | "warning" | "debug";

export interface CancelResult {
  readonly outcome: Summary["outcome"];
  readonly cancelled: number;
  readonly state: State | null;
  readonly url: string | null;
  readonly runs: readonly RunRecord[];
  readonly message: string;
  readonly exitCode: Exclude<Summary["exit"], 2>;
}

export interface LibraryHost {
  readonly host: Host;
  /** Of the final report. Throws `UsageError` where the options were wrong. */
  readonly result: () => CancelResult;
}

/** Throws `UsageError` for an option that there is not: JavaScript passes on any. */
export function libraryHost(options: CancelOptions, manifest: Manifest): LibraryHost {
  const { env = {}, log } = options;
  const values = textsOf(options);
  registerSecrets(env, manifest);
  let wrongUsage: string | undefined;
  let report: Summary = summarize([], []);
  const tell = (level: LogLevel) => (line: string) => log?.(shown(line), level);
  const host: Host = {
    input: (name) => values.get(name) ?? "",
    spell: (name) => (inputs.some((input) => input.name === name) ? name : `ids["${name}"]`),
    // They were refused already.
    strangers: [],
    read: () => undefined,
    env,
    platform: platformOf(env),
    job: undefined,
    arm: () => undefined,
    defaultReason: "Cancelled by cancel-run",
    mask: (secret) => {
      secrets.add(secret);
    },
    log: tell("info"),
    progress: tell("progress"),
    warn: tell("warning"),
    debug: tell("debug"),
    isDebug: false,
    usage: (line) => {
      wrongUsage = line;
    },
    report: (whole) => {
      report = withoutSecrets(whole);
      return Promise.resolve(true);
    },
  };
  const result = (): CancelResult => {
    if (wrongUsage !== undefined) throw new UsageError(shown(wrongUsage));
    const { outcome, cancelled, state, url, runs, note, exit } = report;
    return { outcome, cancelled, state, url, runs, message: note, exitCode: exit as CancelResult["exitCode"] };
  };
  return { host, result };
}

function textsOf(options: Readonly<Record<string, unknown>>): ReadonlyMap<string, string> {
  const names: readonly string[] = inputs
    .map(({ name }) => name)
    .filter((name) => !unread.some((other) => other === name));
  const texts = new Map<string, string>();
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined || ["signal", "env", "log"].includes(name)) continue;
    if (!names.includes(name)) throw unknown(name, names);
    texts.set(name, name === "ids" && isTable(value) ? idsOf(value) : textOf(name, value));
  }
  return texts;
}

function unknown(name: string, names: readonly string[]): UsageError {
  const near = nearest(name, names);
  const advice = near === undefined ? "ids by name go into ids" : `did you mean ${near}?`;
  return new UsageError(`${oneLine(name, 60)} is not an option; ${advice}`);
}

function textOf(name: string, value: unknown): string {
  if (Array.isArray(value) && name in separators) {
    const separator = separators[name as keyof typeof separators];
    return value.map((item) => textOf("", item)).join(separator);
  }
  if (typeof value === "string") return value;
  if (typeof value === "boolean" || Number.isSafeInteger(value)) return String(value);
  throw new UsageError(`${name || "an item of a list"} is ${kindOf(value)}, which it does not take`);
}

const isTable = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** As the input `ids` is written; a value is quoted, whatever is in it. */
function idsOf(ids: Readonly<Record<string, unknown>>): string {
  const quoted = (name: string, value: unknown): string => {
    const isId = typeof value === "string" || Number.isSafeInteger(value);
    // A larger number has been rounded before it came here.
    if (!isId) throw new UsageError(`ids["${oneLine(name, 60)}"] is ${kindOf(value)}; give a string`);
    return `"${String(value).replaceAll(/["\\]/g, String.raw`\$&`)}"`;
  };
  return Object.entries(ids)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => {
      const items: readonly unknown[] = Array.isArray(value) ? value : [value];
      return `${name}: ${items.map((item) => quoted(name, item)).join(", ")}`;
    })
    .join("\n");
}

function kindOf(value: unknown): string {
  if (typeof value === "number") return "a number that is not exact";
  if (value === null) return "null";
  return Array.isArray(value) ? "a list" : `of type ${typeof value}`;
}
