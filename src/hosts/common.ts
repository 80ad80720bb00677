/** What the hosts share: the platform and the inputs as the environment shows them, and a run in a sentence. */
import { closeSync, fstatSync, openSync, readFileSync, readSync } from "node:fs";
import type { Environment } from "../environment.ts";
import type { Manifest } from "../engine/manifest.ts";
import type { Report, RunRecord, Summary } from "../engine/record.ts";
import { UsageError } from "../engine/usage.ts";
import { sentence, variable } from "../engine/words.ts";
import type { Stranger } from "../host.ts";
import { secrets } from "../http/redact.ts";
import { githubToken, idInputNames, inputs, isSecret, outputs } from "../interface.ts";
import type { Ids } from "../provider.ts";
import type { Platform } from "../platform.ts";
import { head, oneLine } from "../text.ts";

/** GitHub Actions, and Gitea and Forgejo, which set the same variables: https://docs.github.com/actions/reference/workflows-and-actions/variables */
export function githubPlatform(env: Environment, githubToken: string | undefined): Platform | undefined {
  const {
    GITHUB_SERVER_URL: server,
    GITHUB_API_URL: api,
    GITHUB_REPOSITORY: repository,
    GITHUB_RUN_ID: run,
    GITHUB_RUN_NUMBER: number,
    FORGEJO_TOKEN: forgejoToken,
  } = env;
  if (server === undefined) return undefined;
  const provider = runnerOf(env);
  const isForgejo = provider === "forgejo";
  const token = githubToken ?? (isForgejo ? forgejoToken : undefined);
  return {
    provider,
    server: trimmed(server),
    ...(api && { api: trimmed(api) }),
    variables: { server: "GITHUB_SERVER_URL", api: "GITHUB_API_URL" },
    ids: repository ? { repository } : {},
    self: [
      ...(repository && run ? [{ repository, "run-id": run }] : []),
      ...(repository && number && isForgejo ? [{ repository, "run-number": number }] : []),
    ],
    ...(repository && run && { own: { repository, "run-id": run } }),
    ...(token && { token }),
    ...(token && provider === "github" && { limits: { of: token, why: () => whyReadOnly(env) } }),
  };
}

/** The events of a pull request by which a fork cannot get at secrets. */
const ofPullRequests = ["pull_request", "pull_request_review", "pull_request_review_comment"];
/** And those that are treated like them when Dependabot is who has caused them. */
const ofDependabot = [...ofPullRequests, "push", "create", "deployment", "deployment_status"];

/**
 * Why a job's own token can only read, where the event says so.
 * https://docs.github.com/actions/concepts/security/github_token
 * https://docs.github.com/code-security/reference/supply-chain-security/troubleshoot-dependabot/troubleshooting-dependabot-on-github-actions
 */
export function whyReadOnly(env: Environment): string | undefined {
  const { GITHUB_EVENT_NAME: event = "", GITHUB_ACTOR: actor } = env;
  const secondStep = "cancel from a workflow on `workflow_run`";
  if (actor === "dependabot[bot]" && ofDependabot.includes(event))
    return `in a run that Dependabot has caused the job's own token can only read by default: set \`permissions: actions: write\`, or ${secondStep}`;
  if (!ofPullRequests.includes(event) || !isOfFork(env)) return undefined;
  return `in a pull request from a fork the job's own token can only read, by design, whatever \`permissions\` says: ${secondStep} or \`pull_request_target\``;
}

function isOfFork({ GITHUB_EVENT_PATH: path }: Environment): boolean {
  try {
    const { pull_request: pullRequest } = JSON.parse(readFileSync(path ?? "", "utf8")) as PullRequestEvent;
    // The fork may be deleted by now.
    return pullRequest !== undefined && pullRequest.head?.repo?.full_name !== pullRequest.base?.repo?.full_name;
  } catch {
    return false;
  }
}

/** https://docs.github.com/webhooks/webhook-events-and-payloads#pull_request */
interface PullRequestEvent {
  readonly pull_request?: Partial<Record<"head" | "base", { readonly repo?: { readonly full_name?: string } | null }>>;
}

/**
 * Gitea's runner says so besides GITHUB_ACTIONS, and Forgejo's says all three.
 * https://gitea.com/gitea/runner/src/branch/main/internal/app/run/runner.go
 * https://code.forgejo.org/forgejo/runner/src/branch/main/internal/app/run/runner.go
 */
function runnerOf(env: Environment): Platform["provider"] {
  if (env["FORGEJO_ACTIONS"] === "true") return "forgejo";
  return env["GITEA_ACTIONS"] === "true" ? "gitea" : "github";
}

/** https://docs.gitlab.com/ci/variables/predefined_variables/ */
export function gitlabPlatform(env: Environment): Platform | undefined {
  const {
    CI_SERVER_URL: server,
    CI_API_V4_URL: api,
    CI_PROJECT_PATH: path,
    CI_PROJECT_ID: number,
    CI_PIPELINE_ID: pipeline,
    CI_JOB_ID: job,
    CI_PIPELINE_SOURCE: source,
    CI_JOB_TOKEN: jobToken,
  } = env;
  if (server === undefined) return undefined;
  const projects = [path, number].filter((project): project is string => Boolean(project));
  const self: Ids[] = projects.flatMap((project) => [
    ...(job ? [{ project, "job-id": job }] : []),
    ...(pipeline ? [{ project, "pipeline-id": pipeline }] : []),
  ]);
  return {
    provider: "gitlab",
    server: trimmed(server),
    ...(api && { api: trimmed(api) }),
    variables: { server: "CI_SERVER_URL", api: "CI_API_V4_URL" },
    ids: projects[0] === undefined ? {} : { project: projects[0] },
    self,
    ...(projects[0] !== undefined && pipeline && { own: { project: projects[0], "pipeline-id": pipeline } }),
    nested: source === "parent_pipeline" || source === "pipeline",
    ...(jobToken && { limits: { of: jobToken, why: () => jobTokenLimits } }),
  };
}

/** https://docs.gitlab.com/ci/jobs/ci_job_token/#job-token-access */
const jobTokenLimits =
  "this is CI_JOB_TOKEN, which cannot cancel: give a personal, project or group access token with the scope `api`";

/** As the addresses that people paste are spelled, so that both compare. What is no address is told so later. */
const trimmed = (address: string): string =>
  head(URL.canParse(address) ? new URL(address).href : address).replace(/\/+$/, "");

/** The platform that the environment shows, whatever the host. */
export function platformOf(env: Environment): Platform | undefined {
  if (env["GITHUB_ACTIONS"] === "true") return githubPlatform(env, undefined);
  if (env["CI_SERVER_URL"]) return gitlabPlatform(env);
  return undefined;
}

export { variable };

/** Whether it is an input by its own name where inputs are variables: of the ids those of version 0.1. */
export const isInput = (name: string): boolean =>
  inputs.some((input) => input.name === name) || idInputNames.includes(name);

/** Variables of ours that are no inputs: what a job hands on, and what the components tell the program of themselves. */
const ownVariables: ReadonlySet<string> = new Set([
  ...outputs.map(({ name }) => variable(name)),
  ...["page", "bundle-url", "bundle-project", "bundle-ref", "id-variable", "id-input"].map(variable),
]);

/** Variables `CANCEL_RUN_…` that are neither inputs by `reads` nor our own. */
export function strangeVariables(env: Environment, reads: (name: string) => boolean): Stranger[] {
  return Object.entries(env).flatMap(([spelled, value = ""]) => {
    const name = /^CANCEL_RUN_(.+)$/.exec(spelled)?.[1]?.toLowerCase().replaceAll("_", "-");
    // `url` is an input, and an output by another variable.
    const isOurs = name === undefined || reads(name) || (ownVariables.has(spelled) && !isInput(name));
    return isOurs ? [] : [{ name, spelled, value }];
  });
}

/** More than any list of addresses or ids has. */
const largestFile = 64 * 1024;

/** The beginning of a text file; undefined where there is none. Throws `UsageError` where it cannot be read. */
export function readText(path: string): string | undefined {
  let file: number | undefined;
  try {
    file = openSync(path, "r");
    if (!fstatSync(file).isFile()) throw Object.assign(new Error(), { code: "not a file" });
    const buffer = Buffer.alloc(largestFile);
    return buffer.toString("utf8", 0, readSync(file, buffer, 0, largestFile, 0));
  } catch (error) {
    const { code = "unknown" } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return undefined;
    throw new UsageError(`${oneLine(path, 200)} cannot be read (${code})`);
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/** Whether a variable may hold a credential: of ours, of a vendor, of the job, or of a proxy or a mirror on the way. */
function holdsCredential(manifest: Manifest): (name: string) => boolean {
  const own = [...inputs.map(({ name }) => name).filter(isSecret), githubToken.name];
  const ofVendors = [...manifest.values()];
  const names = new Set([
    ...own.flatMap((name) => [variable(name), `INPUT_${name.toUpperCase()}`]),
    ...ofVendors.flatMap((vendor) => vendor.secrets),
    ...["CI_JOB_TOKEN", "ACTIONS_RUNTIME_TOKEN", "FORGEJO_TOKEN", "GITEA_TOKEN", ...addresses],
  ]);
  const prefixes = ofVendors.flatMap(({ secretPrefixes = [] }) => secretPrefixes);
  return (name) => names.has(name) || prefixes.some((prefix) => name.startsWith(prefix));
}

/** Addresses of which the password alone is secret. */
const addresses = ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "CANCEL_RUN_BUNDLE_URL"];

/** Before the first line is written: what may be secret in the environment, whether it is used or not. */
export function registerSecrets(env: Environment, manifest: Manifest): void {
  const held = Object.keys(env).filter(holdsCredential(manifest));
  for (const name of held) {
    const value = env[name]?.trim() ?? "";
    if (!addresses.includes(name)) secrets.add(value);
    else if (URL.canParse(value)) secrets.add(new URL(value).password);
  }
}

/** A line for people. Redacted before it is cut, and once more as it is written. */
export function shown(text: string, max = 2000): string {
  return secrets.redact(oneLine(secrets.redact(text), max));
}

/** Fields whose words are ours. */
const ownWords = ["outcome", "state", "before", "after", "confirmed", "provider", "target", "failOn"];

/** The report as it goes into every output: a secret in a field is taken out before the field is spelled for its place. */
export function withoutSecrets<Of extends Summary>(report: Of): Of {
  return clear(report) as Of;
}

/** The same for any other data. */
export function clear(value: unknown): unknown {
  if (typeof value === "string") return clearText(value);
  if (Array.isArray(value)) return value.map(clear);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, field]: [string, unknown]) => [
      name,
      ownWords.includes(name) ? field : clear(field),
    ]),
  );
}

/** What JSON makes of a text may be a secret, too. */
function clearText(text: string): string {
  const clean = secrets.redact(text);
  const json = JSON.stringify(clean).slice(1, -1);
  const safe = secrets.redact(json);
  return safe === json ? clean : safe;
}

/** The report as JSON: the output `runs` with what sums it up. docs/report.schema.json says what is in it. */
export function reportJson({ outcome, cancelled, state, url, runs, note }: Summary): string {
  return JSON.stringify({ outcome, cancelled, state, url, runs, ...(note && { message: note }) });
}

export const failing = (report: Report): RunRecord[] =>
  report.runs.filter((run) => report.failOn.includes(run.outcome));

/** Runs that a list shows as they are; what is longer is folded. */
export const longList = 10;

/** What is said of a run at the end: a line, and its address for a line of its own. */
export interface Told {
  readonly run: RunRecord;
  readonly label: string;
  readonly line: string;
  /** Empty if it has none. */
  readonly address: string;
  readonly failed: boolean;
}

/** All runs of a report, in its order. */
export function told(report: Report): readonly Told[] {
  const failed = new Set(failing(report));
  return report.runs.map((run, at) => ({
    run,
    label: report.labels[at]!,
    line: `${report.labels[at]!}: ${sentence(run)}`,
    address: run.url ?? "",
    failed: failed.has(run),
  }));
}
