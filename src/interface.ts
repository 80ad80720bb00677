/**
 * What users see, in one place: inputs, outputs, outcomes and exit codes.
 * action.yml, the templates' spec, `--help`, the README's tables and docs/providers/ are generated from here.
 * Inputs that are ids come from the providers' files.
 */

/** Equal to package.json's; a test compares. */
export const version = "0.1.0";

export type InputType = "text" | "lines" | "boolean" | "duration" | "secret";

export interface Input {
  readonly name: string;
  readonly type: InputType;
  readonly help: string;
  readonly default?: string;
  /** The whole value must match, where the kind of value alone does not say enough. */
  readonly pattern?: RegExp;
  /** What the pattern takes, as the end of a sentence; the words of the pattern when not given. */
  readonly takes?: string;
  readonly example?: string;
}

export interface InputGroup {
  readonly title: string;
  readonly help: string;
  readonly inputs: readonly Input[];
}

const what = [
  {
    name: "url",
    type: "lines",
    help: "Web page of the run. For several, one per line or separated by spaces. Gives provider, server and ids.",
  },
  { name: "provider", type: "text", help: "Which system the run is on. Needed when `url` is not given." },
  {
    name: "ids",
    type: "lines",
    help: "The ids of the run as the vendor's API names them, `name: value`, one per line or separated by `;`.",
    example: "organization: acme; project: shop; build-id: 1234",
  },
  {
    name: "id-file",
    type: "text",
    help: "File that holds the page of the run, or its last id. Read when the step acts; missing or empty: nothing has been started.",
  },
  {
    name: "server-url",
    type: "text",
    help: "Where a self-hosted server is; replaces every host of a regional vendor. Default: the vendor's public server, or the server this step runs on.",
  },
  {
    name: "region",
    type: "text",
    help: "Region of the vendor's server.",
    pattern: /^[a-z]{2,}(?:-[a-z0-9]+)+$/,
    takes: "a region such as cn-north-4",
    example: "cn-north-4",
  },
] as const satisfies readonly Input[];

const who = [
  { name: "token", type: "secret", help: "Access token." },
  { name: "username", type: "text", help: "User name, where the vendor takes one." },
  { name: "password", type: "secret", help: "Password, where the vendor takes one." },
  { name: "access-key", type: "secret", help: "Access key id, for vendors that sign requests." },
  { name: "secret-key", type: "secret", help: "Secret access key, for vendors that sign requests." },
  { name: "security-token", type: "secret", help: "Session token that belongs to a temporary access key." },
  { name: "domain", type: "text", help: "Account that the user name belongs to." },
] as const satisfies readonly Input[];

const how = [
  {
    name: "reason",
    type: "text",
    help: "Why. Recorded by the vendor where it can, always in our report. Default: made from the CI context.",
  },
  { name: "wait", type: "boolean", default: "true", help: "Wait until the run has stopped." },
  {
    name: "timeout",
    type: "duration",
    help: "How long the whole step may take: `90s`, `5m`, `1h`. Default: `5m`; `1m` where `when` is not `now`.",
  },
  {
    name: "force-after",
    type: "duration",
    default: "",
    help: "How long after the vendor answered the cancel to wait before using its forced stop. Empty: never force.",
  },
  {
    name: "dry-run",
    type: "boolean",
    default: "false",
    help: "Look and report what would be cancelled; change nothing.",
  },
  {
    name: "when",
    type: "text",
    default: "now",
    pattern: /now|cancelled|failed|unsuccessful/,
    help: "`now`, or act at the end of our own job, if it ends `cancelled`, `failed` or `unsuccessful` (either).",
  },
  {
    name: "downstream",
    type: "boolean",
    default: "false",
    help: "Also cancel the runs that this one started, and what those started.",
  },
  {
    name: "self",
    type: "boolean",
    default: "false",
    help: "Allow cancelling the run this step belongs to. With no other id: cancel exactly that one.",
  },
  { name: "allow-http", type: "boolean", default: "false", help: "Allow a plain-http `server-url` beyond loopback." },
  {
    name: "fail-on",
    type: "text",
    default: "not-found, refused, restarted, still-running, failed",
    help: "Outcomes that fail the step, separated by commas: those of a run, and `nothing` for a selection without a match. `none`: no outcome does.",
  },
  {
    name: "debug",
    type: "boolean",
    default: "false",
    help: "One line per request: method, address, status, time, attempt, request id, rate limit left. Never a header or a body.",
  },
] as const satisfies readonly Input[];

const which = [
  {
    name: "branch",
    type: "text",
    help: "Select runs of these branches of the repository itself, never of a fork or a tag; separated by white space. `*` stands for any text, and a leading `^` excludes: `* ^main`.",
  },
  {
    name: "commit",
    type: "text",
    example: "1f2e3d4c5b6a",
    help: "Select runs of these commits, separated by white space. A leading `^` excludes, so `^` and the commit of this step spares the runs of its own commit; `*` means any.",
  },
  {
    name: "workflow",
    type: "text",
    help: "Select runs of these workflows, by name, file or number, separated by commas. `*` stands for any text, and a leading `^` excludes.",
  },
  {
    name: "status",
    type: "text",
    help: "Select runs in these states, separated by commas: `queued`, `running`, `blocked`, `cancelling`. Default: all of them.",
  },
  {
    name: "event",
    type: "text",
    help: "Select runs started by these events, separated by commas. `*` stands for any text, and a leading `^` excludes.",
  },
  {
    name: "pull-request",
    type: "text",
    pattern: /[1-9]\d{0,9}/,
    takes: "a number from 1 to 9999999999, without #",
    example: "12",
    help: "Select runs of this pull or merge request, also from a fork.",
  },
  {
    name: "head-repository",
    type: "text",
    example: "octocat/deploy",
    help: "Where the branch is, as owner and name, if it is in a fork; `*` means any repository. Default: the repository that the runs are in.",
  },
  {
    name: "older-than",
    type: "duration",
    help: "Select only runs whose attempt began longer ago than this: `90s`, `5m`, `2h`. A run whose start is unknown is not older.",
  },
  {
    name: "older-than-this",
    type: "boolean",
    default: "false",
    help: "Select only runs that began before the one this step belongs to.",
  },
  {
    name: "orphaned",
    type: "boolean",
    default: "false",
    help: "Select only runs of a branch that is gone, or whose pull request is closed. Tags and forks never count.",
  },
  {
    name: "keep-newest",
    type: "text",
    pattern: /\d{1,4}/,
    takes: "a number from 0 to 9999",
    example: "1",
    help: "Per workflow, branch and event, keep this many of the newest selected runs; our own run counts.",
  },
  { name: "with-job", type: "text", help: "Select only runs with a job of this name; `*` stands for any text." },
  {
    name: "with-failed-job",
    type: "text",
    help: "Select only runs in which a job of this name has failed; `*` stands for any text.",
  },
  {
    name: "max-runs",
    type: "text",
    default: "20",
    pattern: /[1-9]\d{0,5}/,
    takes: "a number from 1 to 999999",
    example: "20",
    help: "If more runs than this are selected, cancel none.",
  },
  {
    name: "unless-job",
    type: "text",
    help: "Spare a run in which a job of this name has started; `*` stands for any text.",
  },
] as const satisfies readonly Input[];

export const inputs = [...what, ...who, ...how, ...which] as const satisfies readonly Input[];

/** As action.yml, the templates, the README and `--help` show them; the ids by name and what the runner fills come after. */
export const inputGroups: readonly InputGroup[] = [
  { title: "What", help: "The run: its page, or its provider and ids.", inputs: what },
  { title: "Who asks", help: "The credential, in the form that the vendor takes.", inputs: who },
  { title: "How", help: "What is done, how long it may take, and what fails the step.", inputs: how },
  { title: "Which runs", help: "A selection, in place of a page or an id.", inputs: which },
];

/** The ids that are inputs by name stand behind the groups. */
export const idGroup = {
  title: "Ids by name",
  help: "Shorthand for `ids`; a vendor's ids that are not listed are given in `ids`.",
} as const;

export type InputName = (typeof inputs)[number]["name"];

/** Hidden input of the action: the job's own token, for the server the step runs on and no other. */
export const githubToken = {
  name: "github-token",
  default: "${{ github.token }}",
  help: "The job's own token. Used for provider github on the server this step runs on, never sent anywhere else.",
} as const;

/** Hidden input of the action: how the job stands, read again at its end. */
export const jobStatus = {
  name: "job-status",
  default: "${{ job.status }}",
  help: "How the job stands. Leave it as it is.",
} as const;

/**
 * Ids that are inputs by their own names: those of version 0.1. A new vendor may use one whose word is its own, and never adds
 * one, so that no id can clash with an input of another meaning. In a terminal every id has a flag, unless an input has its name.
 */
export const idInputNames: readonly string[] = [
  "pipeline",
  "execution-id",
  "repository",
  "pipeline-id",
  "build-number",
  "job-id",
  "project-id",
  "pipeline-run-id",
  "task-id",
  "record-id",
  "run-id",
  "run-attempt",
  "project",
  "job",
  "queue-id",
  "deploy-id",
];

export const isSecret = (name: string): boolean =>
  name === githubToken.name || inputs.some((input) => input.name === name && input.type === "secret");

export type Outcome =
  | "cancelled"
  | "already-finished"
  | "finished-anyway"
  | "cancelling"
  | "still-running"
  | "restarted"
  | "not-found"
  | "refused"
  | "spared"
  | "failed"
  | "would-cancel";

/** What `fail-on` takes: the outcome of a run, or of a selection that matches none. */
export type FailOn = Outcome | "nothing";

/** `exit` counts when `fail-on` lists the outcome. */
export const outcomes = {
  cancelled: { exit: 1, help: "We asked, and a later look says cancelled." },
  "already-finished": { exit: 1, help: "It was over before we asked; `state` says how." },
  "finished-anyway": { exit: 1, help: "It ended by itself after we asked." },
  cancelling: { exit: 1, help: "Asked, not confirmed: `wait: false`, or our own job was being killed." },
  "still-running": { exit: 3, help: "The deadline came and it had not stopped." },
  restarted: {
    exit: 1,
    help: "A new attempt began under the same id; the cancel was not meant for that one, and it may go on.",
  },
  "not-found": { exit: 5, help: "Not there, or hidden from this token." },
  refused: { exit: 4, help: "401 or 403, protected, or blocked by a guard." },
  spared: {
    exit: 1,
    help: "A selected run that was left alone as we were told to: `unless-job`, or a second look no longer confirms the selection.",
  },
  failed: { exit: 1, help: "Anything else; `detail` says what." },
  "would-cancel": { exit: 1, help: "`dry-run`: it is live and would have been cancelled." },
} as const satisfies Record<Outcome, { exit: number; help: string }>;

/** The contract with scripts. */
export const exitCodes = {
  0: "stopped, already over, or an outcome that `fail-on` does not list",
  1: "failed",
  2: "wrong usage; nothing was sent",
  3: "still running at the deadline",
  4: "not allowed (401, 403)",
  5: "not found",
  130: "interrupted; on Ctrl-C in a terminal nothing more is sent",
} as const;

export const outputs = [
  {
    name: "outcome",
    help: "One word for the step: the outcome all runs share, `mixed`, or `nothing` when a selection matched no run.",
  },
  { name: "cancelled", help: "How many runs we stopped." },
  { name: "state", help: "Last state of the run, when it is one." },
  { name: "url", help: "Page of the run, when it is one." },
  {
    name: "runs",
    help: "JSON, one record per run: provider, target, ids, url, name, ref, before, after, outcome, detail, reason, reason-recorded, confirmed, attempts, forced, seconds, and what the vendor adds. Above 900 kB, on a host that limits outputs, the path of a file in `RUNNER_TEMP` that holds it.",
  },
] as const;

export type OutputName = (typeof outputs)[number]["name"];
