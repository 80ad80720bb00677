/** Made by `npm run build` from src/interface.ts. docs/library.md says how it is used. */

/** Stops runs, and resolves with what became of them. Rejects with a `UsageError`, nothing sent, where the options are wrong. */
export declare function cancel(options: CancelOptions): Promise<CancelResult>;

/** Wrong options. The message names the option, and has no secret in it. */
export declare class UsageError extends Error {}

export declare const version: string;

export interface CancelOptions {
  /** Web page of the run. For several, one per line or separated by spaces. Gives provider, server and ids. */
  readonly url?: string | readonly string[] | undefined;
  /** Which system the run is on. Needed when `url` is not given. One of `airflow`, `argo-cd`, `argo-workflows`, `aws-batch`, `aws-codebuild`, `aws-codedeploy`, `aws-codepipeline`, `aws-glue`, `aws-step-functions`, `azure-data-factory`, `azure-pipelines`, `bitbucket`, `buildbot`, `buildkite`, `circleci`, `codearts`, `dagster`, `databricks`, `drone`, `forgejo`, `gitea`, `github`, `gitlab`, `google-cloud-build`, `google-cloud-deploy`, `gorules`, `jenkins`, `netlify`, `octopus`, `prefect`, `pulumi`, `render`, `spinnaker`, `teamcity`, `terraform`, `vercel`. */
  readonly provider?: string | undefined;
  /** The ids of the run as the vendor's API names them, `name: value`, one per line or separated by `;`. For example `organization: acme; project: shop; build-id: 1234`. */
  readonly ids?: string | Readonly<Record<string, string | number | readonly (string | number)[]>> | undefined;
  /** Where a self-hosted server is; replaces every host of a regional vendor. Default: the vendor's public server, or the server this step runs on. */
  readonly "server-url"?: string | undefined;
  /** Region of the vendor's server. For example `cn-north-4`. */
  readonly region?: string | undefined;
  /** Access token. */
  readonly token?: string | undefined;
  /** User name, where the vendor takes one. */
  readonly username?: string | undefined;
  /** Password, where the vendor takes one. */
  readonly password?: string | undefined;
  /** Access key id, for vendors that sign requests. */
  readonly "access-key"?: string | undefined;
  /** Secret access key, for vendors that sign requests. */
  readonly "secret-key"?: string | undefined;
  /** Session token that belongs to a temporary access key. */
  readonly "security-token"?: string | undefined;
  /** Account that the user name belongs to. */
  readonly domain?: string | undefined;
  /** Why. Recorded by the vendor where it can, always in our report. Default: made from the CI context. */
  readonly reason?: string | undefined;
  /** Wait until the run has stopped. Default: true. */
  readonly wait?: boolean | undefined;
  /** How long the whole step may take: `90s`, `5m`, `1h`. Default: `5m`; `1m` where `when` is not `now`. */
  readonly timeout?: string | undefined;
  /** How long after the vendor answered the cancel to wait before using its forced stop. Empty: never force. */
  readonly "force-after"?: string | undefined;
  /** Look and report what would be cancelled; change nothing. Default: false. */
  readonly "dry-run"?: boolean | undefined;
  /** Also cancel the runs that this one started, and what those started. Default: false. */
  readonly downstream?: boolean | undefined;
  /** Allow cancelling the run this step belongs to. With no other id: cancel exactly that one. Default: false. */
  readonly self?: boolean | undefined;
  /** Allow a plain-http `server-url` beyond loopback. Default: false. */
  readonly "allow-http"?: boolean | undefined;
  /** Outcomes that fail the step, separated by commas: those of a run, and `nothing` for a selection without a match. `none`: no outcome does. Default: not-found, refused, restarted, still-running, failed. */
  readonly "fail-on"?: string | readonly string[] | undefined;
  /** One line per request: method, address, status, time, attempt, request id, rate limit left. Never a header or a body. Default: false. */
  readonly debug?: boolean | undefined;
  /** Select runs of these branches of the repository itself, never of a fork or a tag; separated by white space. `*` stands for any text, and a leading `^` excludes: `* ^main`. */
  readonly branch?: string | readonly string[] | undefined;
  /** Select runs of these commits, separated by white space. A leading `^` excludes, so `^` and the commit of this step spares the runs of its own commit; `*` means any. For example `1f2e3d4c5b6a`. */
  readonly commit?: string | readonly string[] | undefined;
  /** Select runs of these workflows, by name, file or number, separated by commas. `*` stands for any text, and a leading `^` excludes. */
  readonly workflow?: string | readonly string[] | undefined;
  /** Select runs in these states, separated by commas: `queued`, `running`, `blocked`, `cancelling`. Default: all of them. */
  readonly status?: string | readonly string[] | undefined;
  /** Select runs started by these events, separated by commas. `*` stands for any text, and a leading `^` excludes. */
  readonly event?: string | readonly string[] | undefined;
  /** Select runs of this pull or merge request, also from a fork. For example `12`. */
  readonly "pull-request"?: string | number | undefined;
  /** Where the branch is, as owner and name, if it is in a fork; `*` means any repository. Default: the repository that the runs are in. For example `octocat/deploy`. */
  readonly "head-repository"?: string | undefined;
  /** Select only runs whose attempt began longer ago than this: `90s`, `5m`, `2h`. A run whose start is unknown is not older. */
  readonly "older-than"?: string | undefined;
  /** Select only runs that began before the one this step belongs to. Default: false. */
  readonly "older-than-this"?: boolean | undefined;
  /** Select only runs of a branch that is gone, or whose pull request is closed. Tags and forks never count. Default: false. */
  readonly orphaned?: boolean | undefined;
  /** Per workflow, branch and event, keep this many of the newest selected runs; our own run counts. For example `1`. */
  readonly "keep-newest"?: string | number | undefined;
  /** Select only runs with a job of this name; `*` stands for any text. */
  readonly "with-job"?: string | undefined;
  /** Select only runs in which a job of this name has failed; `*` stands for any text. */
  readonly "with-failed-job"?: string | undefined;
  /** If more runs than this are selected, cancel none. For example `20`. Default: 20. */
  readonly "max-runs"?: string | number | undefined;
  /** Spare a run in which a job of this name has started; `*` stands for any text. */
  readonly "unless-job"?: string | undefined;
  /** Ends it: a cancel that has not been sent by then is not sent, and the result says how far it came. */
  readonly signal?: AbortSignal | undefined;
  /** Where variables of the vendors' own tools, of proxies and of the CI job are read: `process.env`, to be as the command line is. Default: nothing. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** Called with each line that the command line would show; `debug` only with the option `debug`. */
  readonly log?: ((text: string, level: "info" | "progress" | "warning" | "debug") => void) | undefined;
}

export interface CancelResult {
  /** One word for the step: the outcome all runs share, `mixed`, or `nothing` when a selection matched no run. */
  readonly outcome: Outcome | "mixed" | "nothing";
  /** How many runs we stopped. */
  readonly cancelled: number;
  /** Last state of the run, when it is one. */
  readonly state: State | null;
  /** Page of the run, when it is one. */
  readonly url: string | null;
  /** One record per run. */
  readonly runs: readonly RunRecord[];
  /** What is to be said of the step as a whole, such as wrong usage; empty where there is nothing. */
  readonly message: string;
  /** As the command line would end. 0: stopped, already over, or an outcome that `fail-on` does not list; 1: failed; 3: still running at the deadline; 4: not allowed (401, 403); 5: not found; 130: interrupted; on Ctrl-C in a terminal nothing more is sent. */
  readonly exitCode: 0 | 1 | 3 | 4 | 5 | 130;
}

export interface RunRecord {
  /** The system that the run is on. */
  readonly provider: string;
  /** The kind of run. */
  readonly target: string;
  /** What names the run, by input: the ids that were given, and those that a look has taught. */
  readonly ids: Readonly<Record<string, string>>;
  /** Page of the run. */
  readonly url: string | null;
  /** As the vendor calls the run. */
  readonly name: string | null;
  /** Branch or tag. */
  readonly ref: string | null;
  /** State at the first look. */
  readonly before: State | null;
  /** State at the latest look. */
  readonly after: State | null;
  /** What became of it. */
  readonly outcome: Outcome;
  /** Why, for people; empty when the outcome says it all. */
  readonly detail: string;
  /** Why it was cancelled. */
  readonly reason: string;
  /** Whether the vendor took the reason. */
  readonly "reason-recorded": boolean;
  /** What the outcome rests on; null when no look confirms it. */
  readonly confirmed: "look" | "status-only" | null;
  /** Cancel requests sent, without retries of one request. */
  readonly attempts: number;
  /** Whether the vendor's forced stop was accepted. */
  readonly forced: boolean;
  /** How long it took. */
  readonly seconds: number;
  /** Further fields that the vendor states. */
  readonly [field: string]: unknown;
}

export type Outcome =
  /** We asked, and a later look says cancelled. */
  | "cancelled"
  /** It was over before we asked; `state` says how. */
  | "already-finished"
  /** It ended by itself after we asked. */
  | "finished-anyway"
  /** Asked, not confirmed: `wait: false`, or our own job was being killed. */
  | "cancelling"
  /** The deadline came and it had not stopped. */
  | "still-running"
  /** A new attempt began under the same id; the cancel was not meant for that one, and it may go on. */
  | "restarted"
  /** Not there, or hidden from this token. */
  | "not-found"
  /** 401 or 403, protected, or blocked by a guard. */
  | "refused"
  /** A selected run that was left alone as we were told to: `unless-job`, or a second look no longer confirms the selection. */
  | "spared"
  /** Anything else; `detail` says what. */
  | "failed"
  /** `dry-run`: it is live and would have been cancelled. */
  | "would-cancel";

export type State = "queued" | "running" | "blocked" | "cancelling" | "cancelled" | "succeeded" | "failed" | "skipped" | "unknown";
