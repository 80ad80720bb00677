// https://docs.gitlab.com/api/rest/ · https://docs.gitlab.com/api/jobs/#cancel-a-job · https://docs.gitlab.com/ci/jobs/#cancel-jobs
import type { Ending } from "./ending.ts";
import { fields, type Reply, type Request, type Vendor } from "./vendor.ts";

export interface GitLab {
  /** A personal, project or group access token with the scope `api`. */
  readonly token: string;
  /** Ids by path. */
  readonly projects: Readonly<Record<string, number>>;
  /** The path that the whole server is under. */
  readonly under?: string;
  /** The parts of the API that this server has. */
  readonly resources: readonly Resource[];
}

/** A part of the API of a project. */
export type Resource = (call: Call) => Reply | undefined;

export interface Call extends Request {
  /** The project's id. */
  readonly project: number;
  /** Of the project. */
  readonly page: string;
  /** `GET /jobs/4711`: below the project. */
  readonly route: string;
  readonly query: URLSearchParams;
}

export function gitlab({ token, projects, under = "", resources }: GitLab): Vendor {
  const api = `${under}/api/v4/projects/`;
  return (request) => {
    const { method, path, headers } = request;
    // Both carry access tokens; the token of a job (JOB-TOKEN) opens none of these routes.
    // https://docs.gitlab.com/api/rest/authentication/ · https://docs.gitlab.com/ci/jobs/ci_job_token/
    if (headers["authorization"] !== `Bearer ${token}` && headers["private-token"] !== token)
      return { status: 401, body: { message: "401 Unauthorized" } };
    const [resource = "", query] = path.split("?");
    // A path in place of the id has every `/` as %2F. https://docs.gitlab.com/api/rest/#namespaced-paths
    const [, name = "", rest = ""] =
      /^([^/]+)(.*)$/.exec(resource.startsWith(api) ? resource.slice(api.length) : "") ?? [];
    if (name === "") return { status: 404, body: { error: "404 Not Found" } };
    const project = projects[decodeURIComponent(name)] ?? Number(name);
    const known = Object.keys(projects).find((one) => projects[one] === project);
    if (known === undefined) return { status: 404, body: { message: "404 Project Not Found" } };
    const page = `${request.origin}${under}/${known}`;
    const call = { ...request, project, page, route: `${method} ${rest}`, query: new URLSearchParams(query) };
    for (const answer of resources) {
      const reply = answer(call);
      if (reply) return reply;
    }
    return { status: 404, body: { error: "404 Not Found" } };
  };
}

/** https://docs.gitlab.com/api/jobs/ and https://docs.gitlab.com/api/pipelines/ have the same. */
export type Status =
  | ("created" | "waiting_for_resource" | "preparing" | "waiting_for_callback" | "pending" | "running")
  | ("canceling" | "canceled" | "success" | "failed" | "skipped" | "manual" | "scheduled");

export const isOver = (status: Status): boolean => ["success", "failed", "canceled", "skipped"].includes(status);

export interface Job {
  status: Status;
  readonly name: string;
  readonly ref: string;
  /** Its page, where that is not below the page of its project. */
  readonly page?: string;
  /** How it ends if it is cancelled while it runs. `canceling` needs a runner of 16.10 or newer: an older one leaves that out. */
  readonly ending?: Ending<Status>;
  /** False for who has too low a role, or may not push to a protected branch. */
  readonly mayCancel?: boolean;
}

/** The jobs of one project. Each cancel that is allowed answers 201, whatever it did. */
export function jobs(all: Readonly<Record<string, Job>>): Resource {
  // One that is canceling when it comes here was cancelled before.
  for (const { status, ending } of Object.values(all)) if (status === "canceling") ending?.begin();
  return (call) => {
    const [, method, id = "", verb] = /^(GET|POST) \/jobs\/(\d+)(\/cancel)?$/.exec(call.route) ?? [];
    if (method === undefined || (method === "POST") !== (verb !== undefined)) return undefined;
    const job = all[id];
    if (!job) return { status: 404, body: { message: "404 Not found" } };
    if (verb === undefined) {
      if (!isOver(job.status)) job.status = job.ending?.next() ?? job.status;
      return { status: 200, body: shown(job, id, call) };
    }
    if (job.mayCancel === false) return { status: 403, body: { message: "403 Forbidden" } };
    cancel(job, fields(call)["force"] === true);
    return { status: 201, body: shown(job, id, call) };
  };
}

function shown({ status, name, ref, page }: Job, id: string, { page: project }: Call): object {
  return { id: Number(id), status, stage: "deploy", name, ref, web_url: page ?? `${project}/-/jobs/${id}` };
}

/** https://gitlab.com/gitlab-org/gitlab/-/blob/master/app/models/commit_status.rb */
function cancel(job: Job, force: boolean): void {
  if (force) {
    // The forced stop takes a job from `canceling` alone; any other one stays as it is.
    if (job.status === "canceling") job.status = "canceled";
  } else if (job.status === "running") job.status = job.ending ? (job.ending.begin() ?? job.status) : "canceled";
  else if (job.status !== "canceling" && !isOver(job.status)) job.status = "canceled";
}
