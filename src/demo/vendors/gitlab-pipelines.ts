// https://docs.gitlab.com/api/pipelines/ · https://docs.gitlab.com/api/jobs/#list-pipeline-trigger-jobs
import type { Ending } from "./ending.ts";
import { type Call, isOver, type Resource, type Status } from "./gitlab.ts";
import type { Reply } from "./vendor.ts";

export interface Pipeline {
  readonly id: number;
  readonly project: number;
  /** https://docs.gitlab.com/ci/yaml/#workflowname */
  readonly name?: string | null;
  status: Status;
  readonly ref: string;
  readonly sha: string;
  readonly source: string;
  readonly createdAt: string;
  readonly triggers: readonly Trigger[];
  /** Its page, where that is not below the page of its project. */
  readonly page?: string;
  /** How it ends if it is cancelled. */
  readonly ending?: Ending<Status>;
}

/** A trigger job. */
export interface Trigger {
  readonly name: string;
  /** The pipeline it has started; undefined until then. */
  starts: number | undefined;
}

/** The pipelines of all projects. A cancel answers 200, whatever it did. */
export function pipelines(
  all: ReadonlyMap<number, Pipeline>,
  /** Projects whose pipelines the token may not see. */
  forbidden: ReadonlySet<number> = new Set(),
): Resource {
  return (call) => {
    const show = (one: Pipeline): object => shown(one, call);
    const [, method, id, verb] = /^(GET|POST) \/pipelines(?:\/(\d+))?(?:\/(\w+))?$/.exec(call.route) ?? [];
    const mergeRequest = /^GET \/merge_requests\/(\d+)\/pipelines$/.exec(call.route)?.[1];
    if (method === undefined && mergeRequest === undefined) return undefined;
    if (forbidden.has(call.project)) return { status: 403, body: { message: "403 Forbidden" } };
    if (mergeRequest !== undefined) {
      const refs = `refs/merge-requests/${mergeRequest}/`;
      return page([...all.values()].filter(({ ref }) => ref.startsWith(refs)).map(show), call);
    }
    if (id === undefined) return method === "GET" ? page(list(all, call).map(show), call) : undefined;
    const pipeline = all.get(Number(id));
    if (pipeline?.project !== call.project) return { status: 404, body: { message: "404 Not found" } };
    if (method === "POST") {
      if (verb !== "cancel") return undefined;
      cancel(pipeline, all);
      return { status: 200, body: show(pipeline) };
    }
    if (verb === "jobs") return page([], call);
    // `bridges` until GitLab 19.2. https://docs.gitlab.com/api/jobs/#list-pipeline-bridges
    if (verb === "trigger_jobs" || verb === "bridges") return page(triggerJobs(pipeline, all, show), call);
    if (verb !== undefined) return undefined;
    if (!isOver(pipeline.status)) pipeline.status = pipeline.ending?.next() ?? pipeline.status;
    return { status: 200, body: show(pipeline) };
  };
}

/**
 * Child pipelines go with their parent; what was started in other projects goes on.
 * https://gitlab.com/gitlab-org/gitlab/-/issues/390453
 */
function cancel(pipeline: Pipeline, all: ReadonlyMap<number, Pipeline>): void {
  // One that waits for a person only is not cancelable, and stays as it is.
  if (pipeline.status === "manual" || isOver(pipeline.status)) return;
  pipeline.status = pipeline.ending ? (pipeline.ending.begin() ?? pipeline.status) : "canceled";
  for (const { starts } of pipeline.triggers) {
    const child = all.get(starts ?? 0);
    if (child?.source === "parent_pipeline" && child.project === pipeline.project && child.status === "running")
      cancel(child, all);
  }
}

export interface MergeRequest {
  readonly iid: number;
  readonly state: "opened" | "closed" | "merged";
  readonly source_branch: string;
  readonly source_project_id: number;
}

/** https://docs.gitlab.com/api/branches/ · https://docs.gitlab.com/api/merge_requests/ */
export function repository(branches: ReadonlySet<string>, mergeRequests: ReadonlyMap<number, MergeRequest>): Resource {
  return (call) => {
    if (call.route === "GET /repository/branches")
      return page(
        [...branches].map((name) => ({ name })),
        call,
      );
    const [, iid] = /^GET \/merge_requests\/(\d+)$/.exec(call.route) ?? [];
    const one = mergeRequests.get(Number(iid));
    if (iid !== undefined)
      return one ? { status: 200, body: one } : { status: 404, body: { message: "404 Not found" } };
    if (call.route !== "GET /merge_requests") return undefined;
    const is = (name: "state" | "source_branch", shown: MergeRequest): boolean =>
      [null, shown[name]].includes(call.query.get(name));
    return page(
      [...mergeRequests.values()].filter((shown) => is("state", shown) && is("source_branch", shown)),
      call,
    );
  };
}

/** Newest first; child pipelines are left out unless they are asked for. https://docs.gitlab.com/api/pipelines/#list-project-pipelines */
function list(all: ReadonlyMap<number, Pipeline>, { project, query }: Call): Pipeline[] {
  const is = (name: "status" | "ref" | "sha", one: Pipeline): boolean => [null, one[name]].includes(query.get(name));
  return [...all.values()]
    .filter(
      (one) =>
        one.project === project &&
        is("status", one) &&
        is("ref", one) &&
        is("sha", one) &&
        (query.has("source") ? one.source === query.get("source") : one.source !== "parent_pipeline"),
    )
    .sort((a, b) => b.id - a.id);
}

function triggerJobs(
  { triggers }: Pipeline,
  all: ReadonlyMap<number, Pipeline>,
  show: (one: Pipeline) => object,
): object[] {
  return triggers.map(({ name, starts }) => {
    const started = starts === undefined ? undefined : all.get(starts);
    return { name, status: started ? "success" : "pending", downstream_pipeline: started ? show(started) : null };
  });
}

function shown({ id, project, name, status, ref, sha, source, createdAt, page }: Pipeline, call: Call): object {
  const web_url = page ?? `${call.page}/-/pipelines/${id}`;
  return { id, project_id: project, name, status, ref, sha, source, created_at: createdAt, web_url };
}

/** https://docs.gitlab.com/api/rest/#pagination */
function page(items: readonly object[], { origin, path, query }: Call): Reply {
  const size = Math.min(Number(query.get("per_page") ?? 20), 100);
  const number = Number(query.get("page") ?? 1);
  const next = new URL(path, origin);
  next.searchParams.set("page", `${number + 1}`);
  const more = number * size < items.length;
  return {
    status: 200,
    headers: more ? { link: `<${next.href}>; rel="next"` } : {},
    body: items.slice((number - 1) * size, number * size),
  };
}
