/** Every vendor that the examples talk to, on one loopback address: what they start, and the part that looks and cancels. */
import type { IncomingMessage } from "node:http";
import { listen, type Server } from "./servers.ts";

export interface World extends Server {
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

type Answer = readonly [status: number, body: unknown];

export async function startWorld({ github = [], gitlab = [] }: Listed = {}): Promise<World> {
  const requests: string[] = [];
  const cancels: string[] = [];
  const cancelled = new Set<string>();
  const runs = [...github];
  const pipelines = [...gitlab];

  const server = await listen((request, response) => {
    requests.push(`${request.method ?? ""} ${request.url ?? ""}`);
    const [status, body] = answer(request);
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  });

  const cancel = (path: string, id: string): void => {
    cancels.push(path);
    cancelled.add(id);
  };
  const time = (minute: number): string => new Date(Date.UTC(2026, 10, 22, 9, minute)).toISOString();

  function answer({ method = "", url = "", headers }: IncomingMessage): Answer {
    const { pathname: path, searchParams: query } = new URL(url, "http://world");
    const token = headers["private-token"] ?? headers["x-auth-token"] ?? headers.authorization?.replace("Bearer ", "");
    if (!(Object.values(secrets) as unknown[]).includes(token)) return [401, { message: "Unauthorized" }];
    const route = `${method} ${path}`;
    if (path.startsWith("/api/v3/")) return fromGithub(route, query);
    if (path.startsWith("/api/v4/")) return fromGitlab(route, query);
    if (path.startsWith("/v5/")) return fromCodearts(route);
    return fromGorules(route);
  }

  function fromGithub(route: string, query: URLSearchParams): Answer {
    if (/^POST \S+\/actions\/workflows\/deploy\.yml\/dispatches$/.test(route)) {
      runs.push({ id: Number(ids.github), branch: "main", event: "workflow_dispatch", began: 0 });
      const page = `${server.url}/octo-org/deploy/actions/runs/${ids.github}`;
      return [200, { workflow_run_id: Number(ids.github), run_url: page, html_url: page }];
    }
    const [, repository = "", id, rest = ""] =
      /^\w+ \/api\/v3\/repos\/([^/]+\/[^/]+)\/actions\/runs(?:\/(\d+))?(\S*)$/.exec(route) ?? [];
    if (/\/pulls\/\d+$/.test(route)) return [200, { head: { ref: "patch-1", repo: { id: 2 } } }];
    if (repository === "") return [404, { message: "Not Found" }];
    const shown = (run: GithubRun): object => ({
      id: run.id,
      name: "CI",
      path: `.github/workflows/${repository === "octo-org/deploy" ? "deploy" : "ci"}.yml`,
      workflow_id: 1,
      head_branch: run.branch,
      head_sha: "1f2e3d4c5b6a79880a1b2c3d4e5f60718293a4b5",
      event: run.event,
      run_attempt: 1,
      run_started_at: time(run.began),
      created_at: time(run.began),
      status: cancelled.has(`${run.id}`) ? "completed" : "in_progress",
      conclusion: cancelled.has(`${run.id}`) ? "cancelled" : null,
      repository: { id: 1 },
      head_repository: { id: run.fork ? 2 : 1 },
      html_url: `${server.url}/${repository}/actions/runs/${run.id}`,
    });
    if (id === undefined) {
      const asked = (name: string, value: string): boolean => (query.get(name) ?? value) === value;
      const found = runs.filter(
        ({ branch, event }) => asked("branch", branch) && asked("event", event) && asked("status", "in_progress"),
      );
      return [200, { total_count: found.length, workflow_runs: found.map(shown) }];
    }
    const run = runs.find((one) => `${one.id}` === id);
    if (!run) return [404, { message: "Not Found" }];
    if (rest === "/jobs") {
      const jobs = Object.entries(run.jobs ?? {}).map(([name, status]) => ({ name, status, conclusion: null }));
      return [200, { total_count: jobs.length, jobs }];
    }
    if (route.startsWith("POST ") && rest === "/cancel") {
      cancel(route, id);
      return [202, {}];
    }
    return [200, shown(run)];
  }

  function fromGitlab(route: string, query: URLSearchParams): Answer {
    const [, project = "", id, rest = ""] =
      /^\w+ \/api\/v4\/projects\/([^/]+)\/pipelines?(?:\/(\d+))?(\S*)$/.exec(route) ?? [];
    const shown = (pipeline: GitlabPipeline): object => ({
      id: pipeline.id,
      ref: pipeline.branch,
      sha: "1f2e3d4c5b6a79880a1b2c3d4e5f60718293a4b5",
      source: "push",
      tag: false,
      created_at: time(pipeline.began),
      started_at: time(pipeline.began),
      status: cancelled.has(`${pipeline.id}`) ? "canceled" : "running",
      web_url: `${server.url}/${decodeURIComponent(project)}/-/pipelines/${pipeline.id}`,
    });
    if (route.startsWith("POST ") && id === undefined) {
      const made = { id: Number(ids.gitlab), branch: "main", began: 0 };
      pipelines.push(made);
      return [201, shown(made)];
    }
    if (id === undefined) {
      const asked = (name: string, value: string): boolean => (query.get(name) ?? value) === value;
      return [200, pipelines.filter(({ branch }) => asked("ref", branch) && asked("status", "running")).map(shown)];
    }
    const pipeline = pipelines.find((one) => `${one.id}` === id);
    if (!pipeline) return [404, { message: "404 Not found" }];
    if (rest === "/trigger_jobs" || rest === "/bridges") return [200, []];
    if (route.startsWith("POST ") && rest === "/cancel") cancel(route, id);
    return [200, shown(pipeline)];
  }

  function fromCodearts(route: string): Answer {
    if (route.endsWith("/run")) return [200, { pipeline_run_id: ids.codearts }];
    if (route.endsWith(`/${ids.codearts}/stop`)) {
      cancel(route, ids.codearts);
      return [200, { success: true }];
    }
    return [200, { id: ids.codearts, name: "deploy", status: cancelled.has(ids.codearts) ? "CANCELED" : "RUNNING" }];
  }

  function fromGorules(route: string): Answer {
    if (!route.includes(`/runs/${ids.gorules}`)) return [404, {}];
    if (route.startsWith("POST ")) cancel(route, ids.gorules);
    return [200, { id: ids.gorules, status: cancelled.has(ids.gorules) ? "cancelled" : "in_progress" }];
  }

  return { ...server, requests, cancels };
}
