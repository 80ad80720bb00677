/** A step that runs against servers in memory. */
import type { Environment } from "../../src/environment.ts";
import type { Report } from "../../src/engine/record.ts";
import type { StepDeps } from "../../src/engine/step.ts";
import type { Transport } from "../../src/http/transport.ts";
import { platformOf } from "../../src/hosts/common.ts";
import { cancelRun } from "../../src/main.ts";
import { providers } from "../../src/providers/all.ts";
import type { SimulatedClock } from "./clock.ts";
import { secret } from "./exchange.ts";
import { MemoryHost } from "./host.ts";
import { registryOf } from "./registry.ts";

export interface StepOptions {
  readonly clock: SimulatedClock;
  readonly transport: Transport;
  readonly env?: Environment;
  readonly interrupted?: AbortSignal;
  readonly registry?: StepDeps["registry"];
}

export interface Ran {
  readonly exit: number;
  readonly report: Report;
  readonly host: MemoryHost;
  /** What became of each run, by its last id. */
  readonly outcomes: Readonly<Record<string, string>>;
}

export async function step(
  inputs: Readonly<Record<string, string>>,
  {
    clock,
    transport,
    env = {},
    interrupted = new AbortController().signal,
    registry = registryOf(providers),
  }: StepOptions,
): Promise<Ran> {
  const host = new MemoryHost({ token: secret, ...inputs }, env, platformOf(env));
  const exit = await cancelRun({ host, registry, clock, transport, interrupted });
  const report = host.final ?? host.reports.at(-1);
  if (!report) throw new Error(`no report: ${host.usages.join("; ")}`);
  return {
    exit,
    report,
    host,
    outcomes: Object.fromEntries(report.runs.map(({ ids, outcome }) => [Object.values(ids).at(-1)!, outcome])),
  };
}

/** Where a test is about neither a branch nor a commit: all of them. */
export const anyRef = (inputs: Readonly<Record<string, string>>): { readonly commit?: string } =>
  ["branch", "commit", "pull-request"].some((name) => name in inputs) ? {} : { commit: "*" };

/** What GitHub Actions sets in a job of a run. */
export const onGitHub = (run: number): Environment => ({
  GITHUB_ACTIONS: "true",
  GITHUB_SERVER_URL: "https://github.com",
  GITHUB_API_URL: "https://api.github.com",
  GITHUB_REPOSITORY: "octo-org/octo-repo",
  GITHUB_RUN_ID: `${run}`,
});

/** What GitLab sets in a job of a pipeline. */
export const onGitLab = (pipeline: number, source = "push"): Environment => ({
  CI_SERVER_URL: "https://gitlab.com",
  CI_API_V4_URL: "https://gitlab.com/api/v4",
  CI_PROJECT_PATH: "platform/deploy",
  CI_PROJECT_ID: "1",
  CI_PIPELINE_ID: `${pipeline}`,
  CI_JOB_ID: "4711",
  CI_PIPELINE_SOURCE: source,
});
