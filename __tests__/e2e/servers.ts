/** The stand-in for GitLab that the suites talk to, on loopback. */
import { listen, type Loopback, readRequest, send } from "../../src/demo/loopback.ts";
import { Ending } from "../../src/demo/vendors/ending.ts";
import { gitlab, jobs as jobsOf, type Status } from "../../src/demo/vendors/gitlab.ts";

export { listen, type Loopback as Server };

/** A job of that project. */
export interface Job {
  readonly status: Status;
  /** What the cancel answers and the looks after it see; the last word stays. Not given: the cancel is forbidden. */
  readonly cancelled?: readonly Status[];
}

export interface GitLab extends Loopback {
  /** `METHOD path`, in the order they came. */
  readonly requests: readonly string[];
  /** The values of all headers of all requests. */
  readonly headers: readonly string[];
  /** Resolves once this many requests that match have been answered. */
  whenAsked(request: RegExp, times?: number): Promise<void>;
}

export const token = "glpat-e2eCanary0123456789";
export const project = "acme/deploy";

/** GitLab with one project. */
export async function startGitLab(jobs: Readonly<Record<string, Job>>, path = project): Promise<GitLab> {
  const requests: string[] = [];
  const headers: string[] = [];
  const watchers = new Set<() => void>();
  const all = Object.entries(jobs).map(([id, { status, cancelled = [] }]) => {
    const ending = new Ending(cancelled);
    return [id, { status, name: "deploy-prod", ref: "main", mayCancel: cancelled.length > 0, ending }] as const;
  });
  const vendor = gitlab({ token, projects: { [path]: 1 }, resources: [jobsOf(Object.fromEntries(all))] });
  const server = await listen((incoming, response) => {
    void readRequest(incoming).then((request) => {
      requests.push(`${request.method} ${request.path}`);
      headers.push(...Object.values(request.headers).flatMap((value) => value ?? []));
      send(response, vendor(request));
      for (const look of watchers) look();
    });
  });
  const whenAsked = (request: RegExp, times = 1): Promise<void> =>
    new Promise((resolve) => {
      watchers.add(() => {
        if (requests.filter((line) => request.test(line)).length >= times) resolve();
      });
    });
  return { ...server, requests, headers, whenAsked };
}

export const jobs = {
  "4711": { status: "running", cancelled: ["canceling", "canceled"] },
  "4712": { status: "running", cancelled: ["canceling"] },
  "4713": { status: "running" },
  "4714": { status: "success", cancelled: ["success"] },
} as const satisfies Record<string, Job>;
