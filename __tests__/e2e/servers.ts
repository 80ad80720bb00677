/** Servers on loopback. */
import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";

export interface Server {
  readonly url: string;
  close(): void;
}

export function listen(answer: RequestListener): Promise<Server> {
  const server = createServer(answer);
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      resolve({
        url: `http://127.0.0.1:${port}`,
        close: () => {
          server.close();
          server.closeAllConnections();
        },
      });
    });
  });
}

/** A job as the stand-in for GitLab plays it. */
export interface Job {
  readonly status: string;
  /** What the cancel answers and the looks after it see; the last word stays. Not given: the cancel is forbidden. */
  readonly cancelled?: readonly string[];
}

export interface GitLab extends Server {
  /** `METHOD path`, in the order they came. */
  readonly requests: readonly string[];
  /** The values of all headers of all requests. */
  readonly headers: readonly string[];
}

export const token = "glpat-e2eCanary0123456789";
export const project = "acme/deploy";

/**
 * The part of GitLab that cancels jobs of one project.
 * https://docs.gitlab.com/api/jobs/#get-a-single-job · https://docs.gitlab.com/api/jobs/#cancel-a-job
 */
export async function startGitLab(jobs: Readonly<Record<string, Job>>): Promise<GitLab> {
  const requests: string[] = [];
  const headers: string[] = [];
  const words = new Map<string, string[]>();
  const server = await listen((request, response) => {
    requests.push(`${request.method ?? ""} ${request.url ?? ""}`);
    headers.push(...Object.values(request.headers).flatMap((value) => value ?? []));
    const [status, body] = answer(request);
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  });

  function answer({ method, url, headers: sent }: IncomingMessage): [status: number, body: object] {
    if (sent["private-token"] !== token && sent.authorization !== `Bearer ${token}`) {
      return [401, { message: "401 Unauthorized" }];
    }
    const prefix = `/api/v4/projects/${encodeURIComponent(project)}/jobs/`;
    const [id = "", verb] = url?.startsWith(prefix) ? url.slice(prefix.length).split("/") : [];
    const job = jobs[id];
    if (job === undefined) return [404, { message: "404 Not found" }];
    if (method === "POST" && verb === "cancel") {
      if (job.cancelled === undefined) return [403, { message: "403 Forbidden" }];
      words.set(id, [...job.cancelled]);
      return [201, shown(id, next(id))];
    }
    if (method !== "GET" || verb !== undefined) return [404, { error: "404 Not Found" }];
    return [200, shown(id, words.has(id) ? next(id) : job.status)];
  }

  function next(id: string): string {
    const left = words.get(id) ?? [];
    return (left.length > 1 ? left.shift() : left[0]) ?? "";
  }

  function shown(id: string, status: string): object {
    return {
      id: Number(id),
      name: "deploy-prod",
      stage: "deploy",
      ref: "main",
      status,
      web_url: `${server.url}/${project}/-/jobs/${id}`,
    };
  }

  return { ...server, requests, headers };
}

export const jobs = {
  "4711": { status: "running", cancelled: ["canceling", "canceled"] },
  "4712": { status: "running", cancelled: ["canceling"] },
  "4713": { status: "running" },
  "4714": { status: "success", cancelled: ["success"] },
} as const satisfies Record<string, Job>;
