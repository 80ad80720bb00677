/** Every vendor that the examples talk to, on one loopback address; and how the examples start what they cancel. */
import { systemClock } from "../../src/clock.ts";
import { listen, type Loopback, readRequest, send } from "../../src/demo/loopback.ts";
import { codearts } from "../../src/demo/vendors/codearts.ts";
import { type PipelineRun, pipelineRuns } from "../../src/demo/vendors/codearts-pipelines.ts";
import { Ending } from "../../src/demo/vendors/ending.ts";
import { github, type Run } from "../../src/demo/vendors/github.ts";
import { gitlab, type Resource } from "../../src/demo/vendors/gitlab.ts";
import { type Pipeline, pipelines } from "../../src/demo/vendors/gitlab-pipelines.ts";
import { gorules } from "../../src/demo/vendors/gorules.ts";
import type { Vendor } from "../../src/demo/vendors/vendor.ts";

export interface World extends Loopback {
  /** `METHOD path`, in the order they came. */
  readonly requests: readonly string[];
  /** Paths of the cancels, in the order they came. */
  readonly cancels: readonly string[];
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
  readonly jobs?: Readonly<Record<string, "queued" | "in_progress">>;
}

export interface GitlabPipeline {
  readonly id: number;
  readonly branch: string;
  readonly began: number;
}

export interface Listed {
  readonly github?: readonly GithubRun[];
  readonly gitlab?: readonly GitlabPipeline[];
}

/** As the examples name them. */
const projects = { "platform/deploy": 1, "acme/cancel-run": 2 };
const goRulesProject = "3c90c3cc-0d44-4b50-8888-8dd25736052a";
const codeArts = { project: "6428c2e2b4b64affa14ec80896695c49", pipeline: "c23f79a760aa4ad28b98f24e70373c4e" };
const sha = "1f2e3d4c5b6a79880a1b2c3d4e5f60718293a4b5";
const time = (minute: number): string => new Date(Date.UTC(2026, 10, 22, 9, minute)).toISOString();

export async function startWorld({ github: runs = [], gitlab: listed = [] }: Listed = {}): Promise<World> {
  const requests: string[] = [];
  const cancels: string[] = [];
  const vendors: readonly [path: RegExp, vendor: Vendor][] = [
    [/^\/api\/v3\/repos\/octo-org\//, onGitHub("octo-org/deploy", secrets.DEPLOY_TOKEN, runs)],
    [/^\/api\/v3\//, onGitHub("acme/deploy", secrets.GITHUB_TOKEN, runs)],
    [/^\/api\/v4\//, onGitLab(listed)],
    [/^\/v5\//, onCodeArts()],
    [/^/, onGoRules()],
  ];
  const server = await listen((incoming, response) => {
    void readRequest(incoming).then((request) => {
      const { method, path } = request;
      requests.push(`${method} ${path}`);
      const [, vendor] = vendors.find(([paths]) => paths.test(path))!;
      const reply = vendor(request);
      if (method === "POST" && /\/(?:cancel|stop)$/.test(path) && reply.status < 300) cancels.push(`${method} ${path}`);
      send(response, reply);
    });
  });
  return { ...server, requests, cancels };
}

/** https://docs.github.com/rest/actions/workflows#create-a-workflow-dispatch-event */
function onGitHub(repository: string, token: string, listed: readonly GithubRun[]): Vendor {
  const file = repository === "octo-org/deploy" ? "deploy" : "ci";
  const shown = ({ id, branch, event, began, fork }: GithubRun): Run => ({
    id,
    name: "CI",
    path: `.github/workflows/${file}.yml`,
    workflow_id: 1,
    head_branch: branch,
    head_sha: sha,
    event,
    run_attempt: 1,
    run_started_at: time(began),
    created_at: time(began),
    status: "in_progress",
    conclusion: null,
    repository: { id: 1 },
    head_repository: { id: fork ? 2 : 1 },
  });
  const jobs = listed.map(({ id, jobs: all = {} }) => {
    return [id, Object.entries(all).map(([name, status]) => ({ name, status, conclusion: null }))] as const;
  });
  const runs = new Map(listed.map((run) => [run.id, shown(run)]));
  const pulls = new Map([[12, { number: 12, state: "open" as const, head: { ref: "patch-1", repo: { id: 2 } } }]]);
  const vendor = github({ token, repository, api: "/api/v3", runs, jobs: new Map(jobs), pulls });
  return (request) => {
    const { origin, method, path, headers } = request;
    const dispatch = `/api/v3/repos/${repository}/actions/workflows/${file}.yml/dispatches`;
    if (method !== "POST" || path !== dispatch || headers.authorization !== `Bearer ${token}`) return vendor(request);
    const id = Number(ids.github);
    runs.set(id, shown({ id, branch: "main", event: "workflow_dispatch", began: 0 }));
    const page = `${origin}/${repository}/actions/runs/${id}`;
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
  const all = new Map(listed.map((one) => [one.id, made(one, projects["acme/cancel-run"])]));
  const starting: Resource = ({ route, project, page }) => {
    if (route !== "POST /pipeline") return undefined;
    const pipeline = made({ id: Number(ids.gitlab), branch: "main", began: 0 }, project);
    all.set(pipeline.id, pipeline);
    const { id, ref, status } = pipeline;
    return { status: 201, body: { id, ref, status, web_url: `${page}/-/pipelines/${id}` } };
  };
  return gitlab({ token: secrets.GITLAB_TOKEN, projects, resources: [starting, pipelines(all)] });
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
