/** Every vendor that the examples talk to, at its own address, and the git servers that we are fetched from; and how the examples start what they cancel. */
import type { RequestListener } from "node:http";
import { systemClock } from "../../src/clock.ts";
import { readRequest, send } from "../../src/demo/loopback.ts";
import { codearts } from "../../src/demo/vendors/codearts.ts";
import { type PipelineRun, pipelineRuns } from "../../src/demo/vendors/codearts-pipelines.ts";
import { Ending } from "../../src/demo/vendors/ending.ts";
import { github, type Run } from "../../src/demo/vendors/github.ts";
import { gitlab, type Job, jobs, type Resource, type Status } from "../../src/demo/vendors/gitlab.ts";
import { type Pipeline, pipelines } from "../../src/demo/vendors/gitlab-pipelines.ts";
import { gorules } from "../../src/demo/vendors/gorules.ts";
import type { Vendor } from "../../src/demo/vendors/vendor.ts";
import { type Internet, type Sites, startInternet } from "./internet.ts";
import type { Publication } from "./publication.ts";

export interface World extends Internet {
  /** `METHOD address` of what the vendors were asked, in the order it came. */
  readonly requests: readonly string[];
  /** Those of them that are cancels, and were not refused. */
  readonly cancels: readonly string[];
  /** Resolves once something whose address ends so has been cancelled. */
  whenCancelled(ending: string): Promise<void>;
}

export const secrets = {
  GITLAB_TOKEN: "glpat-worldCanary0123456789",
  DEPLOY_TOKEN: "github_pat_worldCanary0123456789",
  GORULES_TOKEN: "gorules-worldCanary0123456789",
  HUAWEICLOUD_TOKEN: "huawei-worldCanary0123456789",
  /** The job's own. */
  GITHUB_TOKEN: "ghs_worldCanary0123456789",
} as const;

export const ids = {
  gitlab: "1215",
  github: "9876543210",
  gorules: "5b1f2b0e-6a54-4c0e-9a61-0b7a3a0f5d11",
  codearts: "e1a1c7e76c7040159650fb18a0c6c763",
} as const;

export interface GithubRun {
  readonly id: number;
  readonly branch: string;
  readonly event: string;
  /** Its minute. */
  readonly began: number;
  /** Of a fork. */
  readonly fork?: true;
  readonly jobs?: Readonly<Record<string, "queued" | "in_progress" | "failure">>;
  /** Not given: `ci.yml`, or what the examples dispatch. */
  readonly workflow?: { readonly id: number; readonly file: string };
  /** For a person. */
  readonly waits?: true;
  /** It is in this repository alone. */
  readonly repository?: "acme/deploy" | "octo-org/deploy";
}

export interface GitlabPipeline {
  readonly id: number;
  readonly branch: string;
  readonly began: number;
  /** Default: `acme/deploy`. */
  readonly project?: keyof typeof projects;
}

export interface Listed {
  readonly github?: readonly GithubRun[];
  readonly gitlab?: readonly GitlabPipeline[];
}

/** As the examples name them. */
const projects = { "platform/deploy": 1, "acme/deploy": 2 };
const goRulesProject = "3c90c3cc-0d44-4b50-8888-8dd25736052a";
const codeArts = { project: "6428c2e2b4b64affa14ec80896695c49", pipeline: "c23f79a760aa4ad28b98f24e70373c4e" };
const sha = "1f2e3d4c5b6a79880a1b2c3d4e5f60718293a4b5";
const yesterday = Date.now() - 24 * 3_600_000;
const time = (minute: number): string => new Date(yesterday + minute * 60_000).toISOString();

export async function startWorld(
  { checkout, scratch, publication }: { checkout: string; scratch: string; publication: Publication },
  { github: runs = [], gitlab: listed = [] }: Listed = {},
  more: Sites = {},
): Promise<World> {
  const requests: string[] = [];
  const cancels: string[] = [];
  const watchers = new Set<() => void>();
  const site = (vendor: Vendor): RequestListener => {
    return (incoming, response) => {
      void readRequest(incoming).then((request) => {
        const { method, path } = request;
        const origin = `https://${incoming.headers.host ?? ""}`;
        requests.push(`${method} ${origin}${path}`);
        const isCancel = method === "POST" && /\/(?:cancel|stop)$/.test(path);
        const reply = vendor({ ...request, origin });
        send(response, reply);
        if (!isCancel || reply.status >= 300) return;
        cancels.push(`${method} ${origin}${path}`);
        for (const look of watchers) look();
      });
    };
  };
  const octoOrg = onGitHub("octo-org/deploy", secrets.DEPLOY_TOKEN, runs);
  const acme = onGitHub("acme/deploy", secrets.GITHUB_TOKEN, runs);
  const ofGitLab = site(onGitLab(listed));
  const sites: Sites = {
    "api.github.com": site((request) => (request.path.startsWith("/repos/octo-org/") ? octoOrg : acme)(request)),
    "github.com": publication.serve,
    "gitlab.com": (request, response) => {
      (request.url?.startsWith("/api/v4/") ? ofGitLab : publication.serve)(request, response);
    },
    "gitlab.example.com": ofGitLab,
    ...more,
    "cloudpipeline-ext.cn-north-4.myhuaweicloud.com": site(onCodeArts()),
    "acme.us1.gorules.io": site(onGoRules()),
  };
  const whenCancelled = (ending: string): Promise<void> =>
    new Promise((resolve) => {
      watchers.add(() => {
        if (cancels.some((cancel) => cancel.endsWith(ending))) resolve();
      });
    });
  return { ...(await startInternet(checkout, scratch, sites)), requests, cancels, whenCancelled };
}

/** https://docs.github.com/rest/actions/workflows#create-a-workflow-dispatch-event */
function onGitHub(repository: string, token: string, listed: readonly GithubRun[]): Vendor {
  const usual = { id: 1, file: repository === "octo-org/deploy" ? "deploy.yml" : "ci.yml" };
  const shown = ({ id, branch, event, began, fork, workflow = usual, waits }: GithubRun): Run => ({
    id,
    name: "CI",
    path: `.github/workflows/${workflow.file}`,
    workflow_id: workflow.id,
    head_branch: branch,
    head_sha: sha,
    event,
    run_attempt: 1,
    run_started_at: time(began),
    created_at: time(began),
    status: waits ? "waiting" : "in_progress",
    conclusion: null,
    repository: { id: 1 },
    head_repository: fork ? { id: 2, full_name: "octocat/deploy" } : { id: 1, full_name: repository },
  });
  const here = listed.filter((run) => (run.repository ?? repository) === repository);
  const jobs = here.map(({ id, jobs: all = {} }) => {
    const list = Object.entries(all).map(([name, status]) =>
      status === "failure" ? { name, status: "completed", conclusion: status } : { name, status, conclusion: null },
    );
    return [id, list] as const;
  });
  const runs = new Map(here.map((run) => [run.id, shown(run)]));
  const pulls = new Map([[12, { number: 12, state: "open" as const, head: { ref: "patch-1", repo: { id: 2 } } }]]);
  const web = "https://github.com";
  const vendor = github({ token, repository, web, runs, jobs: new Map(jobs), pulls });
  return (request) => {
    const { method, path, headers } = request;
    const dispatch = `/repos/${repository}/actions/workflows/${usual.file}/dispatches`;
    if (method !== "POST" || path !== dispatch || headers.authorization !== `Bearer ${token}`) return vendor(request);
    const id = Number(ids.github);
    runs.set(id, shown({ id, branch: "main", event: "workflow_dispatch", began: 0 }));
    const page = `${web}/${repository}/actions/runs/${id}`;
    return { status: 200, body: { workflow_run_id: id, run_url: page, html_url: page } };
  };
}

/** https://docs.gitlab.com/api/pipelines/#create-a-new-pipeline */
function onGitLab(listed: readonly GitlabPipeline[]): Vendor {
  const made = ({ id, branch, began }: GitlabPipeline, project: number): Pipeline => ({
    id,
    project,
    status: "running",
    ref: branch,
    sha,
    source: "push",
    createdAt: time(began),
    triggers: [],
  });
  const all = new Map(listed.map((one) => [one.id, made(one, projects[one.project ?? "acme/deploy"])]));
  const starting: Resource = ({ route, project, page }) => {
    if (route !== "POST /pipeline") return undefined;
    const pipeline = made({ id: Number(ids.gitlab), branch: "main", began: 0 }, project);
    all.set(pipeline.id, pipeline);
    const { id, ref, status } = pipeline;
    return { status: 201, body: { id, ref, status, web_url: `${page}/-/pipelines/${id}` } };
  };
  const ending = new Ending<Status>(["canceling", "canceled"]);
  const job: Job = { status: "running", name: "deploy-prod", ref: "main", ending };
  return gitlab({
    token: secrets.GITLAB_TOKEN,
    projects,
    resources: [starting, pipelines(all), jobs({ "4711": job })],
  });
}

/** https://support.huaweicloud.com/intl/en-us/api-pipeline/RunPipeline.html */
function onCodeArts(): Vendor {
  const runs: PipelineRun[] = [];
  const start = `/v5/${codeArts.project}/api/pipelines/${codeArts.pipeline}/run`;
  return codearts(
    ({ headers }) => headers["x-auth-token"] === secrets.HUAWEICLOUD_TOKEN,
    [
      ({ method, path }) => {
        if (method !== "POST" || path !== start) return undefined;
        const ending = new Ending<PipelineRun["status"]>(["CANCELED"]);
        runs.push({ ...codeArts, id: ids.codearts, status: "RUNNING", ending });
        return { status: 200, body: { pipeline_run_id: ids.codearts } };
      },
      (request) => pipelineRuns(runs)(request),
    ],
  );
}

/** The release is started by a script of the example's reader. */
function onGoRules(): Vendor {
  const release = { name: "Spring rates", version: "41" };
  return gorules({
    token: secrets.GORULES_TOKEN,
    project: goRulesProject,
    run: { id: ids.gorules, status: "in_progress", release },
    clock: systemClock(() => process.hrtime()),
  });
}
