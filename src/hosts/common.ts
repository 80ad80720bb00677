/** What the hosts share: the platform as the environment shows it, and a run in a sentence. */
import type { Environment } from "../environment.ts";
import type { Report, RunRecord } from "../engine/record.ts";
import type { Ids } from "../provider.ts";
import type { Platform } from "../platform.ts";

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
  if (!server || !URL.canParse(server)) return undefined;
  const provider = runnerOf(env);
  const isForgejo = provider === "forgejo";
  const token = githubToken ?? (isForgejo ? forgejoToken : undefined);
  return {
    provider,
    server: trimmed(server),
    ...(api && { api: trimmed(api) }),
    ids: repository ? { repository } : {},
    self: [
      ...(repository && run ? [{ repository, "run-id": run }] : []),
      ...(repository && number && isForgejo ? [{ repository, "run-number": number }] : []),
    ],
    ...(repository && run && { own: { repository, "run-id": run } }),
    ...(token && { token }),
  };
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
  } = env;
  if (!server || !URL.canParse(server)) return undefined;
  const projects = [path, number].filter((project): project is string => Boolean(project));
  const self: Ids[] = projects.flatMap((project) => [
    ...(job ? [{ project, "job-id": job }] : []),
    ...(pipeline ? [{ project, "pipeline-id": pipeline }] : []),
  ]);
  return {
    provider: "gitlab",
    server: trimmed(server),
    ...(api && { api: trimmed(api) }),
    ids: projects[0] === undefined ? {} : { project: projects[0] },
    self,
    ...(projects[0] !== undefined && pipeline && { own: { project: projects[0], "pipeline-id": pipeline } }),
    nested: source === "parent_pipeline" || source === "pipeline",
  };
}

/** As the addresses that people paste are spelled, so that both compare. */
const trimmed = (address: string): string =>
  (URL.canParse(address) ? new URL(address).href : address).replace(/\/+$/, "");

/** The platform that the environment shows, whatever the host. */
export function platformOf(env: Environment): Platform | undefined {
  if (env["GITHUB_ACTIONS"] === "true") return githubPlatform(env, undefined);
  if (env["CI_SERVER_URL"]) return gitlabPlatform(env);
  return undefined;
}

/** The variable that carries an input, on GitLab and, for secrets, in a terminal. */
export const variable = (name: string): string => `CANCEL_RUN_${name.toUpperCase().replaceAll("-", "_")}`;

/** The report as JSON: the output `runs` with what sums it up. */
export function reportJson({ outcome, cancelled, state, url, runs }: Report): string {
  return JSON.stringify({ outcome, cancelled, state, url, runs });
}

export const failing = (report: Report): RunRecord[] =>
  report.runs.filter((run) => report.failOn.includes(run.outcome));
