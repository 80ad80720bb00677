/** Runs dist/index.js as each host does, and reads what it leaves behind as each host does. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { parse } from "yaml";
import { checkReport } from "./schema.ts";
import { canary, type Received, requestsSoFar, secret } from "./servers.ts";

// Tests are run from the root of the repository, compiled or not.
const root = process.cwd();
export const bundle = join(root, "dist/index.js");
/** What the runner starts at the end of a job. */
export const atEnd = join(root, "dist/post.js");
const clock = join(root, "__tests__/support/scaled-clock.mjs");
const action = parse(readFileSync(join(root, "action.yml"), "utf8")) as {
  inputs: Record<string, { default?: string }>;
};

/** The tokens of the job itself. Only the server that the job runs on may ever see the first, and nobody the second. */
export const githubToken = secret("github-token");
export const ciJobToken = secret("ci-job-token");

export type HostName = "github" | "gitlab" | "terminal";
export const hosts = ["github", "gitlab", "terminal"] as const satisfies readonly HostName[];
type Texts = Readonly<Record<string, string>>;

export interface Options {
  readonly host: HostName;
  /** Inputs by their names, whatever the host; `program` spells them. */
  readonly inputs?: Texts;
  /** The command line, on a terminal instead of `inputs`. */
  readonly args?: readonly string[];
  /** Further variables; undefined takes one away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** The server that the job runs on: its address and that of its API. */
  readonly on?: { readonly url: string; readonly api: string };
  /** `wall`: nothing is scaled, as signals and deadlines of the outside need it. */
  readonly time?: "scaled" | "wall";
  /** How fast scaled time runs while a request is under way. */
  readonly pace?: number;
  /** Nobody reads these. */
  readonly closed?: readonly ("stdout" | "stderr")[];
  /** Somebody holds these and reads nothing until the program is gone. */
  readonly stalled?: readonly ("stdout" | "stderr")[];
  /** The program, where it is not dist/index.js. */
  readonly bundle?: string;
  /** What Node.js itself is told. */
  readonly node?: readonly string[];
}

/** A workflow command that a runner would carry out. */
export interface Command {
  readonly name: string;
  readonly properties: Texts;
  readonly message: string;
}

export interface Link {
  readonly label: string;
  readonly url: string;
}

/** The report as the program states it: the output `runs` with what sums it up. */
export interface Report {
  readonly outcome: string;
  readonly cancelled: number;
  readonly state: string | null;
  readonly url: string | null;
  readonly runs: readonly (Readonly<Record<string, unknown>> & {
    readonly outcome: string;
    readonly detail: string;
    readonly reason: string;
  })[];
}

export interface Result {
  readonly exit: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Real time, in ms. */
  readonly took: number;
  /** The requests to all servers of this test. */
  readonly requests: readonly string[];
  /** Of the host at hand: the outputs, cancel-run.json or what `--json` prints. */
  readonly report: Report | undefined;
  /** GitHub: the step's outputs. */
  readonly outputs: Texts;
  /** GitHub: every workflow command in the log. */
  readonly commands: readonly Command[];
  /** GitHub: errors, warnings and notices. */
  readonly annotations: readonly Command[];
  readonly summary: string;
  /** GitLab: the variables of later jobs. */
  readonly dotenv: Texts;
  /** GitLab: the links on the job's page. */
  readonly links: readonly Link[];
}

export interface Program {
  readonly kill: (signal: NodeJS.Signals) => void;
  /** Resolves when what it writes from now on holds this. */
  readonly says: (text: string) => Promise<void>;
  readonly result: Promise<Result>;
}

/** Runs the program to its end. */
export const program = (options: Options): Promise<Result> => start(options).result;

/** Starts the program. */
export function start(options: Options): Program {
  const home = mkdtempSync(join(tmpdir(), "cancel-run-"));
  const before = requestsSoFar().length;
  const { env, args } = surroundings(options, home);
  const preload = options.time === "wall" ? [] : ["--import", `file://${clock}?pace=${options.pace ?? 20}`];
  const began = performance.now();
  const child = spawn(process.execPath, [...preload, ...(options.node ?? []), options.bundle ?? bundle, ...args], {
    cwd: home,
    env: withoutUndefined({ ...env, ...options.env }),
  });
  for (const stream of options.closed ?? []) child[stream].destroy();
  return {
    kill: (signal) => child.kill(signal),
    says: (text) =>
      new Promise((resolve) => {
        let written = "";
        for (const stream of [child.stdout, child.stderr])
          stream.on("data", (chunk: Buffer) => {
            written += chunk.toString();
            if (written.includes(text)) resolve();
          });
      }),
    result: finished(child, options.stalled).then(({ exit, signal, stdout, stderr }) => {
      const took = performance.now() - began;
      const files = readAll(home);
      rmSync(home, { recursive: true });
      const requests = requestsSoFar().slice(before);
      guard({ stdout, stderr, ...Object.fromEntries(files) }, requests, options);
      const read = (name: string): string => files.get(name) ?? "";
      const outputs = fileCommands(read("runner/output"));
      for (const name of ["env", "path"]) guardUntouched(name, read(`runner/${name}`));
      const commands = options.host === "github" ? workflowCommands(`${stdout}\n${stderr}`) : [];
      return {
        exit,
        signal,
        stdout,
        stderr,
        took,
        requests: requests.map(({ line }) => line),
        report: reportOf(options, { ...outputs, ...runsIn(outputs, home, read) }, read("cancel-run.json"), stdout),
        outputs,
        commands,
        annotations: commands.filter(({ name }) => ["error", "warning", "notice"].includes(name)),
        summary: read("runner/summary"),
        dotenv: dotenv(read("cancel-run.env")),
        links: links(read("cancel-run-annotations.json")),
      };
    }),
  };
}

/** An input as a user of the host writes it. */
export function spelled(host: HostName, name: string): string {
  if (host === "github") return name;
  if (host === "terminal" && !secrets.includes(name)) return `--${name}`;
  return `CANCEL_RUN_${name.toUpperCase().replaceAll("-", "_")}`;
}

/** A GitLab job's log as people read it: without colors and the marks of sections, in the one form in which we write them. */
export const readable = (log: string): string =>
  log
    // eslint-disable-next-line no-control-regex
    .replace(/\u001b\[0Ksection_(?:start|end):\d+:cancel_run_[\w]+(?:\[collapsed=true\])?\r\u001b\[0K/g, "")
    // eslint-disable-next-line no-control-regex
    .replace(/^\u001b\[3[123];1m(.*)\u001b\[0m$/gm, "$1");

/** Everything that the program says to people. */
export const said = ({ stdout, stderr }: Result): string => `${stdout}\n${stderr}`;

const secrets = ["token", "password", "access-key", "secret-key", "security-token"];

function surroundings({ host, inputs = {}, args, on }: Options, home: string): { env: Texts; args: readonly string[] } {
  const clean = { PATH: process.env["PATH"] ?? "", HOME: home };
  if (host === "github")
    return { env: { ...clean, ...runnerVariables(home, on), ...actionInputs(inputs) }, args: args ?? [] };
  if (host === "gitlab") {
    const variables = Object.entries(inputs).map(([name, value]) => [spelled(host, name), value] as const);
    return { env: { ...clean, ...jobVariables(home, on), ...Object.fromEntries(variables) }, args: [] };
  }
  const { url = "", ...named } = inputs;
  const [hidden, flags] = [true, false].map((is) =>
    Object.entries(named).filter(([name]) => secrets.includes(name) === is),
  ) as [[string, string][], [string, string][]];
  return {
    env: { ...clean, ...Object.fromEntries(hidden.map(([name, value]) => [spelled(host, name), value])) },
    args: args ?? [
      ...flags.map(([name, value]) => `--${name}=${value}`),
      "--json",
      ...url.split(/\s+/).filter(Boolean),
    ],
  };
}

/** https://docs.github.com/actions/reference/workflows-and-actions/variables */
function runnerVariables(home: string, on: Options["on"]): Texts {
  mkdirSync(join(home, "runner"));
  for (const file of ["output", "state", "summary", "env", "path"]) writeFileSync(join(home, "runner", file), "");
  writeFileSync(join(home, "runner/event.json"), "{}");
  const server = on?.url ?? "https://github.com";
  return {
    CI: "true",
    GITHUB_ACTIONS: "true",
    GITHUB_ACTION: "cancel-run",
    GITHUB_ACTOR: "octocat",
    GITHUB_API_URL: on?.api ?? "https://api.github.com",
    GITHUB_ENV: join(home, "runner/env"),
    GITHUB_EVENT_NAME: "push",
    GITHUB_EVENT_PATH: join(home, "runner/event.json"),
    GITHUB_JOB: "deploy",
    GITHUB_OUTPUT: join(home, "runner/output"),
    GITHUB_PATH: join(home, "runner/path"),
    GITHUB_REF: "refs/heads/main",
    GITHUB_REF_NAME: "main",
    GITHUB_REPOSITORY: "acme/shop",
    GITHUB_RUN_ATTEMPT: "1",
    GITHUB_RUN_ID: "1001",
    GITHUB_RUN_NUMBER: "7",
    GITHUB_SERVER_URL: server,
    GITHUB_SHA: "ffac537e6cbbf934b08745a378932722df287a53",
    GITHUB_STATE: join(home, "runner/state"),
    GITHUB_STEP_SUMMARY: join(home, "runner/summary"),
    GITHUB_WORKFLOW: "Release",
    GITHUB_WORKSPACE: home,
    RUNNER_OS: "Linux",
    RUNNER_TEMP: home,
  };
}

/** The runner sets every input of action.yml: what was given, else the default, else nothing. */
function actionInputs(given: Texts): Texts {
  for (const name of Object.keys(given))
    if (!(name in action.inputs)) throw new Error(`action.yml has no input ${name}`);
  return Object.fromEntries(
    Object.entries(action.inputs).map(([name, { default: standard = "" }]) => [
      `INPUT_${name.replaceAll(" ", "_").toUpperCase()}`,
      given[name] ?? standard.replace("${{ github.token }}", githubToken),
    ]),
  );
}

/** https://docs.gitlab.com/ci/variables/predefined_variables/ */
function jobVariables(home: string, on: Options["on"]): Texts {
  const server = on?.url ?? "https://gitlab.com";
  return {
    CI: "true",
    GITLAB_CI: "true",
    CI_API_V4_URL: on?.api ?? "https://gitlab.com/api/v4",
    CI_JOB_ID: "2002",
    CI_JOB_NAME: "cancel-deploy",
    CI_JOB_TOKEN: ciJobToken,
    CI_JOB_URL: `${server}/platform/deploy/-/jobs/2002`,
    CI_PIPELINE_ID: "1001",
    CI_PROJECT_DIR: home,
    CI_PROJECT_ID: "42",
    CI_PROJECT_PATH: "platform/deploy",
    CI_SERVER_URL: server,
  };
}

const withoutUndefined = (env: Options["env"] & object): Record<string, string> =>
  Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined));

function finished(
  child: ChildProcess,
  stalled: Options["stalled"] = [],
): Promise<{ exit: number | null; signal: NodeJS.Signals | null; stdout: string; stderr: string }> {
  const text = { stdout: "", stderr: "" };
  const read = (stream: "stdout" | "stderr"): void =>
    void child[stream]?.setEncoding("utf8").on("data", (chunk: string) => {
      text[stream] += chunk;
    });
  for (const stream of ["stdout", "stderr"] as const)
    if (stalled.includes(stream)) child.on("exit", () => read(stream));
    else read(stream);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (exit, signal) => {
      resolve({ exit, signal, ...text });
    });
  });
}

/** All files below a folder, by path. */
function readAll(folder: string, under = ""): Map<string, string> {
  return new Map(
    readdirSync(join(folder, under), { withFileTypes: true }).flatMap((entry) => {
      const path = join(under, entry.name);
      if (entry.isDirectory()) return [...readAll(folder, path)];
      return [[path, readFileSync(join(folder, path), "utf8")] as const];
    }),
  );
}

/** What base64 makes of it behind another text: without its ends, which depend on the neighbours. */
const inBase64 = (before: string): string =>
  Buffer.from(`${before}${canary}:`)
    .toString("base64")
    .slice(before.length + 2, -8);

/** The canary as it might travel: as it is, in an address, in JSON, in HTML, in base64. */
const spellings = [
  ...[canary, encodeURIComponent(canary), encodeURI(canary)],
  encodeURIComponent(canary).replace(/%../g, (code) => code.toLowerCase()),
  canary.replaceAll("/", "\\/"),
  canary.replaceAll("&", "\\u0026"),
  canary.replaceAll("&", "&amp;"),
  ...["", "a", "ab"].map(inBase64),
];

/** No secret in any output, none in any address, and a job's own token only at its own server. */
function guard(texts: Texts, requests: readonly Received[], { host, on }: Options): void {
  const seen = { ...texts, ...Object.fromEntries(requests.map(({ line }) => [`the request ${line}`, line])) };
  for (const [where, raw] of Object.entries(seen)) {
    // A runner shows %25 in an annotation as a percent sign.
    const text = `${raw}\n${raw.replaceAll("%25", "%")}`;
    const at = spellings.map((spelling) => text.indexOf(spelling)).find((index) => index >= 0);
    if (at !== undefined) throw new Error(`The secret is in ${where}: ${text.slice(Math.max(0, at - 100), at + 100)}`);
  }
  for (const { line, server, headers } of requests) {
    const sent = JSON.stringify(headers);
    if (sent.includes(ciJobToken)) throw new Error(`${line} carries CI_JOB_TOKEN`);
    if (sent.includes(githubToken) && (host !== "github" || server !== on?.url))
      throw new Error(`${line} carries the job's own token to ${server}`);
  }
}

function guardUntouched(name: string, text: string): void {
  if (text !== "") throw new Error(`The runner's ${name} file holds ${text}`);
}

/** Of every scenario: what it reports is as the published schema says. */
function reportOf(options: Options, outputs: Texts, file: string, stdout: string): Report | undefined {
  // It prints no report.
  if (options.args?.[0] === "explain") return undefined;
  const report = readReport(options, outputs, file, stdout);
  if (report) checkReport(report);
  return report;
}

/** What is too long for an output is in a file of the runner's folder, whose path is the output. */
function runsIn({ runs = "" }: Texts, home: string, read: (name: string) => string): Texts {
  return runs.startsWith(home) ? { runs: read(relative(home, runs)) } : {};
}

function readReport({ host }: Options, outputs: Texts, file: string, stdout: string): Report | undefined {
  if (host === "gitlab") return file === "" ? undefined : (JSON.parse(file) as Report);
  // One that was not read to its end is none.
  if (host === "terminal") return /^\{.*\}\n$/s.test(stdout) ? (JSON.parse(stdout) as Report) : undefined;
  const { outcome, cancelled, state, url, runs } = outputs;
  if (outcome === undefined) return undefined;
  return {
    outcome,
    cancelled: Number(cancelled),
    state: state || null,
    url: url || null,
    runs: JSON.parse(runs ?? "") as Report["runs"],
  };
}

/** The grammar of GITHUB_OUTPUT: https://github.com/actions/runner/blob/main/src/Runner.Worker/FileCommandManager.cs */
export function fileCommands(text: string): Record<string, string> {
  const values: Record<string, string> = {};
  // A last line without its line feed is a line too.
  const lines = text.endsWith("\n") ? text.slice(0, -1).split("\n") : text.split("\n");
  while (lines.length > 0) {
    const line = lines.shift() ?? "";
    const [equals, here] = [line.indexOf("="), line.indexOf("<<")];
    if (line === "") continue;
    if (equals >= 0 && (here < 0 || equals < here)) values[line.slice(0, equals)] = line.slice(equals + 1);
    else if (here > 0 && here + 2 < line.length) {
      const end = lines.indexOf(line.slice(here + 2));
      if (end < 0) throw new Error(`Matching delimiter not found: ${line}`);
      values[line.slice(0, here)] = lines
        .splice(0, end + 1)
        .slice(0, -1)
        .join("\n");
    } else throw new Error(`Invalid format: ${line}`);
  }
  return values;
}

/** https://github.com/actions/runner/blob/main/src/Runner.Worker/ActionCommandManager.cs */
const known = new Set([
  ..."add-mask add-matcher add-path debug echo endgroup error group internal-set-repo-path notice remove-matcher".split(
    " ",
  ),
  ..."save-state set-env set-output stop-commands warning".split(" "),
]);

/** What a runner carries out of a log, in either form: https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs */
export function workflowCommands(log: string): Command[] {
  const unescape = (text: string, also: Texts = {}): string =>
    Object.entries({ "%0D": "\r", "%0A": "\n", ...also, "%25": "%" }).reduce(
      (all, [escaped, plain]) => all.replaceAll(escaped, plain),
      text,
    );
  // .NET's ReadLine ends a line at a carriage return, too.
  return log.split(/\r\n|\r|\n/).flatMap((line) => {
    const now = /^\s*::([^ :]*)(?: (.*?))?::(.*)$/.exec(line);
    const old = /##\[([^ \]]*)(?: ([^\]]*))?\](.*)$/.exec(line);
    const [match, separator, also] =
      now && known.has(now[1] ?? "") ? [now, ",", { "%3A": ":", "%2C": "," }] : [old, ";", { "%3B": ";", "%5D": "]" }];
    if (!match || !known.has((match[1] ?? "").toLowerCase())) return [];
    const properties = (match[2] ?? "")
      .split(separator)
      .map((pair) => pair.trim())
      .filter((pair) => pair.includes("="))
      .map((pair) => [pair.slice(0, pair.indexOf("=")), unescape(pair.slice(pair.indexOf("=") + 1), also)] as const);
    return [
      {
        name: match[1] ?? "",
        properties: Object.fromEntries(properties),
        message: unescape(match[3] ?? "", match === old ? also : {}),
      },
    ];
  });
}

/** https://docs.gitlab.com/ci/yaml/artifacts_reports/#artifactsreportsdotenv: stricter than the parser, as the page is. */
export function dotenv(text: string): Record<string, string> {
  if (Buffer.byteLength(text) >= 5 * 1024) throw new Error("The dotenv report is larger than 5 KB");
  const variables: Record<string, string> = {};
  for (const line of text.replace(/\n$/, "").split("\n")) {
    if (text === "") break;
    const match = /^([A-Za-z0-9_]{1,255})=([^\s"'`$\\]*)$/.exec(line);
    if (!match) throw new Error(`A line of the dotenv report that GitLab does not take, or not as it stands: ${line}`);
    variables[match[1] ?? ""] = match[2] ?? "";
  }
  return variables;
}

/** https://docs.gitlab.com/ci/yaml/artifacts_reports/#artifactsreportsannotations */
function links(text: string): Link[] {
  if (text === "") return [];
  return Object.values(JSON.parse(text) as Record<string, { external_link: Link }[]>).flatMap((section) =>
    section.map((item) => {
      const { label, url } = item.external_link;
      if (Object.keys(item).length !== 1 || typeof label !== "string" || !/^https?:\/\//.test(url))
        throw new Error(`An annotation that GitLab does not take: ${JSON.stringify(item)}`);
      return item.external_link;
    }),
  );
}
