// https://docs.github.com/rest/actions/workflow-runs · https://docs.github.com/rest/actions/workflow-jobs
// https://docs.github.com/rest/actions/workflows · https://docs.github.com/rest/pulls/pulls#get-a-pull-request
import { Ending } from "./ending.ts";
import type { Reply, Vendor } from "./vendor.ts";

export interface GitHub {
  readonly token: string;
  /** `owner/name` */
  readonly repository: string;
  /** The path of the API: none on api.github.com, `/api/v3` on GitHub Enterprise Server. */
  readonly api?: string;
  /** Where its pages are, if not where its API is. */
  readonly web?: string;
  readonly runs: ReadonlyMap<number, Run>;
  /** What the list says of a run that has become something else since. */
  readonly listed?: ReadonlyMap<number, Run>;
  readonly jobs?: ReadonlyMap<number, readonly Job[]>;
  readonly tags?: ReadonlySet<string>;
  readonly branches?: ReadonlySet<string>;
  readonly pulls?: ReadonlyMap<number, PullRequest>;
  /** How a run ends if it is cancelled. Not given: at once. */
  readonly ending?: (run: Run) => Ending<Life>;
}

/**
 * A state of a run that is not completed, or the conclusion of one that is. A fork's run that waits for approval has a
 * conclusion and is not over: https://github.com/nexu-io/open-design/pull/2683
 */
export type Life =
  | ("requested" | "waiting" | "pending" | "queued" | "in_progress" | "action_required")
  | ("cancelled" | "success" | "failure" | "timed_out");

/** A workflow run, as GitHub shows it. */
export interface Run {
  readonly id: number;
  status: string;
  conclusion: string | null;
  head_branch: string | null;
  head_sha: string;
  /** Null once the fork is gone. */
  head_repository: { readonly id: number; readonly full_name?: string } | null;
  readonly repository: { readonly id: number };
  name: string;
  readonly path: string;
  readonly workflow_id: number;
  event: string;
  readonly created_at: string;
  run_started_at: string;
  run_attempt: number;
  /** Where that is not below its repository. */
  readonly html_url?: string;
}

export interface Job {
  readonly name: string;
  readonly status: string;
  readonly conclusion: string | null;
}

export interface PullRequest {
  readonly number: number;
  readonly state: "open" | "closed";
  /** Its branch; without a repository once the fork is gone. `label` is `owner:branch`. */
  readonly head: { readonly label?: string; readonly ref: string; readonly repo: { readonly id: number } | null };
}

const missing: Reply = { status: 404, body: { message: "Not Found", status: "404" } };

export function github(server: GitHub): Vendor {
  const { token, repository, api = "", runs, listed, jobs, tags, branches, pulls } = server;
  const endings = new Map<number, Ending<Life>>();

  return ({ origin, method, path, headers }) => {
    const url = new URL(path, origin);
    // Nothing is asked of who comes to what is not there: a server of Gitea's or Forgejo's has its version here.
    if (!url.pathname.startsWith(`${api}/`)) return missing;
    // https://docs.github.com/rest/authentication/authenticating-to-the-rest-api
    const credential = headers["authorization"];
    if (credential !== `Bearer ${token}` && credential !== `token ${token}`)
      return { status: 401, body: { message: "Bad credentials", status: "401" } };
    const here = `${api}/repos/${repository}`;
    if (!url.pathname.startsWith(`${here}/`)) return missing;
    const rest = decodeURIComponent(url.pathname.slice(here.length));
    const shown = (run: Run): object => ({
      html_url: `${server.web ?? origin}/${repository}/actions/runs/${run.id}`,
      ...run,
    });

    const [, kind, name] = /^\/git\/ref\/(tags|heads)\/(.+)$/.exec(rest) ?? [];
    if (name !== undefined) {
      const there = kind === "tags" ? tags : branches;
      return there?.has(name) ? { status: 200, body: { ref: `refs/${kind ?? ""}/${name}` } } : missing;
    }
    if (rest === "/branches")
      return page(
        "",
        [...(branches ?? [])].map((branch) => ({ name: branch })),
        url,
      );
    if (rest === "/pulls") {
      const label = url.searchParams.get("head");
      const open = [...(pulls?.values() ?? [])].filter(({ state }) => state === "open");
      return page("", label === null ? open : open.filter(({ head }) => head.label === label), url);
    }
    const pull = pulls?.get(Number(/^\/pulls\/(\d+)$/.exec(rest)?.[1]));
    if (pull) return { status: 200, body: pull };
    if (rest === "/actions/runs") {
      const found = list(
        [...runs.values()].map((run) => listed?.get(run.id) ?? run),
        url.searchParams,
      );
      return page("workflow_runs", found.map(shown), url);
    }
    const [, workflow] = /^\/actions\/workflows\/(\d+)$/.exec(rest) ?? [];
    if (workflow !== undefined) {
      const found = [...runs.values()].find((run) => `${run.workflow_id}` === workflow);
      if (!found) return missing;
      return { status: 200, body: { id: found.workflow_id, name: found.name, path: found.path, state: "active" } };
    }
    const [, id, verb] = /^\/actions\/runs\/(\d+)(?:\/([\w-]+))?$/.exec(rest) ?? [];
    const run = runs.get(Number(id));
    if (!run) return missing;
    if (method === "GET") {
      if (verb === "jobs") return page("jobs", jobs?.get(run.id) ?? [], url);
      if (verb !== undefined) return missing;
      become(run, endings.get(run.id)?.next());
      return { status: 200, body: shown(run) };
    }
    if (verb !== "cancel" && verb !== "force-cancel") return missing;
    if (isOver(run))
      return { status: 409, body: { message: "Cannot cancel a workflow run that is completed.", status: "409" } };
    // The forced one does not wait for jobs that run in spite of a cancel: `if: always()`.
    if (verb === "force-cancel") become(run, "cancelled");
    else {
      const ending = endings.get(run.id) ?? server.ending?.(run) ?? new Ending<Life>(["cancelled"]);
      endings.set(run.id, ending);
      become(run, ending.begin());
    }
    return { status: 202, body: {} };
  };
}

const conclusions = ["action_required", "cancelled", "success", "failure", "timed_out"];

function isOver({ status, conclusion }: Run): boolean {
  return status === "completed" && conclusion !== "action_required";
}

function become(run: Run, life: Life | undefined): void {
  if (life === undefined || isOver(run)) return;
  run.status = conclusions.includes(life) ? "completed" : life;
  run.conclusion = conclusions.includes(life) ? life : null;
}

/** Newest first, and 1,000 at most. https://docs.github.com/rest/actions/workflow-runs#list-workflow-runs-for-a-repository */
function list(runs: readonly Run[], query: URLSearchParams): Run[] {
  const is = (name: string, value: string | null): boolean => !query.has(name) || query.get(name) === value;
  return runs
    .filter(
      (run) =>
        (is("status", run.status) || is("status", run.conclusion)) &&
        is("branch", run.head_branch) &&
        is("event", run.event) &&
        is("head_sha", run.head_sha),
    )
    .sort((a, b) => b.id - a.id)
    .slice(0, 1000);
}

/** https://docs.github.com/rest/using-the-rest-api/using-pagination-in-the-rest-api */
function page(name: string, items: readonly object[], url: URL): Reply {
  const size = Math.min(Number(url.searchParams.get("per_page") ?? 30), 100);
  const number = Number(url.searchParams.get("page") ?? 1);
  const next = new URL(url);
  next.searchParams.set("page", `${number + 1}`);
  const more = number * size < items.length;
  const shown = items.slice((number - 1) * size, number * size);
  return {
    status: 200,
    headers: more ? { link: `<${next.href}>; rel="next"` } : {},
    body: name === "" ? shown : { total_count: items.length, [name]: shown },
  };
}
