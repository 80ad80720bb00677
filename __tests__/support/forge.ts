/** Servers that remember: as much of GitHub's and GitLab's APIs as selecting and following ask for. */
import type { Transport, WireReply, WireRequest } from "../../src/http/transport.ts";
import type { SimulatedClock } from "./clock.ts";

/** A request as it came, and when. */
export interface Seen {
  readonly what: string;
  readonly at: number;
}

const json = (status: number, body: unknown, headers: Record<string, string> = {}): WireReply => ({
  status,
  headers: { "content-type": "application/json", ...headers },
  text: JSON.stringify(body),
});
const missing = json(404, { message: "Not Found" });

abstract class Forge implements Transport {
  readonly seen: Seen[] = [];
  /** Told of each request before it is answered; what it returns is the answer. */
  before: (what: string) => WireReply | undefined = () => undefined;
  readonly #clock: SimulatedClock;
  readonly #api: string;

  constructor(clock: SimulatedClock, api: string) {
    this.#clock = clock;
    this.#api = api;
  }

  send({ method, url }: WireRequest): Promise<WireReply> {
    const what = `${method} ${url.href.slice(this.#api.length)}`;
    this.seen.push({ what, at: this.#clock.now() });
    const path = decodeURIComponent(url.pathname.slice(new URL(this.#api).pathname.replace(/\/$/, "").length));
    return Promise.resolve().then(() => this.before(what) ?? this.answer(method, path, url) ?? missing);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  /** Requests of which the text is a part. */
  asked(part: string): string[] {
    return this.seen.map(({ what }) => what).filter((what) => what.includes(part));
  }

  /** Ids of the runs that were asked to stop, in this order. */
  get cancelled(): string[] {
    return this.asked("POST ").map((what) => /(\d+)\/cancel$/.exec(what)?.[1] ?? what);
  }

  protected abstract answer(method: string, path: string, url: URL): WireReply | undefined;

  /** One page of a list, and where the next one is. */
  protected page(items: readonly unknown[], url: URL, wrap: (items: readonly unknown[]) => unknown): WireReply {
    const [size, number] = [Number(url.searchParams.get("per_page")), Number(url.searchParams.get("page") ?? 1)];
    const next = new URL(url);
    next.searchParams.set("page", `${number + 1}`);
    return json(
      200,
      wrap(items.slice((number - 1) * size, number * size)),
      number * size < items.length ? { link: `<${next.href}>; rel="next"` } : {},
    );
  }
}

export interface GitHubRun {
  readonly id: number;
  status: string;
  conclusion: string | null;
  head_branch: string | null;
  head_sha: string;
  head_repository: { readonly id: number } | null;
  readonly repository: { readonly id: number };
  name: string;
  readonly path: string;
  readonly workflow_id: number;
  event: string;
  readonly created_at: string;
  run_started_at: string;
  run_attempt: number;
}

export const here = 1296269;
export const start = Date.parse("2026-01-02T03:00:00Z");
/** So many seconds after the start. */
export const at = (seconds: number): string => new Date(start + seconds * 1000).toISOString().replace(".000", "");

export function gitHubRun(id: number, about: Partial<GitHubRun> = {}): GitHubRun {
  return {
    id,
    status: "in_progress",
    conclusion: null,
    head_branch: "main",
    head_sha: "acb5820ced9479c074f688cc328bf03f341a511d",
    head_repository: { id: here },
    repository: { id: here },
    name: "Build",
    path: ".github/workflows/build.yml",
    workflow_id: 159038,
    event: "push",
    created_at: at(0),
    run_started_at: at(0),
    run_attempt: 1,
    ...about,
  };
}

const gitHub = "https://api.github.com";

export class GitHubForge extends Forge {
  readonly runs = new Map<number, GitHubRun>();
  readonly tags = new Set<string>();
  readonly jobs = new Map<number, readonly { name: string; status: string; conclusion: string | null }[]>();
  /** What the list says of a run that has become something else. */
  readonly stale = new Map<number, GitHubRun>();

  constructor(clock: SimulatedClock, runs: readonly GitHubRun[] = []) {
    super(clock, gitHub);
    for (const run of runs) this.runs.set(run.id, run);
  }

  protected answer(method: string, path: string, url: URL): WireReply | undefined {
    const [, rest = ""] = /^\/repos\/octo-org\/octo-repo(\/.*)$/.exec(path) ?? [];
    const tag = /^\/git\/ref\/tags\/(.+)$/.exec(rest)?.[1];
    if (tag !== undefined) return this.tags.has(tag) ? json(200, { ref: `refs/tags/${tag}` }) : missing;
    if (rest === "/actions/runs") return this.page(this.#listed(url), url, (runs) => ({ workflow_runs: runs }));
    const [, id = "", verb] = /^\/actions\/runs\/(\d+)(?:\/(\w+))?$/.exec(rest) ?? [];
    const run = this.runs.get(Number(id));
    if (!run) return undefined;
    if (verb === "jobs") return this.page(this.jobs.get(run.id) ?? [], url, (jobs) => ({ jobs }));
    if (method === "GET") return json(200, run);
    if (run.status === "completed") return json(409, { message: "Cannot cancel a workflow run that is completed." });
    Object.assign(run, { status: "completed", conclusion: "cancelled" });
    return json(202, {});
  }

  #listed({ searchParams: asked }: URL): GitHubRun[] {
    const is = (name: string, value: unknown): boolean => !asked.has(name) || asked.get(name) === value;
    return [...this.runs.values()]
      .map((run) => this.stale.get(run.id) ?? run)
      .filter(
        (run) =>
          is("status", run.status) &&
          is("branch", run.head_branch) &&
          is("event", run.event) &&
          is("head_sha", run.head_sha),
      )
      .sort((a, b) => b.id - a.id)
      .slice(0, 1000);
  }
}

export interface Trigger {
  readonly name: string;
  /** The pipeline it has started; undefined until then. */
  starts: number | undefined;
}

export interface Pipeline {
  readonly id: number;
  readonly project: number;
  status: string;
  readonly ref: string;
  readonly source: string;
  readonly triggers: Trigger[];
  /** Looks that still find it canceling. */
  lingers: number;
}

export function pipeline(id: number, about: Partial<Pipeline> = {}): Pipeline {
  return { id, project: 1, status: "running", ref: "main", source: "push", triggers: [], lingers: 0, ...about };
}

const gitLab = "https://gitlab.com/api/v4";
const projects: Readonly<Record<string, number>> = { "platform/deploy": 1 };
const over = new Set(["success", "failed", "canceled", "skipped"]);

export class GitLabForge extends Forge {
  readonly pipelines = new Map<number, Pipeline>();
  /** Projects that the token may not see. */
  readonly hidden = new Set<number>();

  constructor(clock: SimulatedClock, pipelines: readonly Pipeline[] = []) {
    super(clock, gitLab);
    for (const one of pipelines) this.pipelines.set(one.id, one);
  }

  protected answer(method: string, path: string, url: URL): WireReply | undefined {
    const [, name = "", id = "", verb] = /^\/projects\/(.+?)\/pipelines(?:\/(\d+))?(?:\/(\w+))?$/.exec(path) ?? [];
    const project = projects[name] ?? Number(name);
    if (this.hidden.has(project)) return json(403, { message: "403 Forbidden" });
    const request = /^\/projects\/(.+)\/merge_requests\/(\d+)\/pipelines$/.exec(path);
    if (request)
      return this.page(
        [...this.pipelines.values()].filter(({ ref }) => ref.startsWith(`refs/merge-requests/${request[2] ?? ""}/`)),
        url,
        (found) => (found as Pipeline[]).map((one) => this.#basic(one)),
      );
    if (name && !id) return this.page(this.#listed(project, url), url, (items) => items);
    const found = this.pipelines.get(Number(id));
    if (found?.project !== project) return undefined;
    if (verb === "trigger_jobs")
      return this.page(
        found.triggers.map(({ name: job, starts }) => ({
          name: job,
          status: starts === undefined ? "pending" : "success",
          downstream_pipeline: starts === undefined ? null : this.#basic(this.pipelines.get(starts)!),
        })),
        url,
        (items) => items,
      );
    if (verb === "jobs") return this.page([], url, (items) => items);
    if (verb === "cancel" && method === "POST") this.#cancel(found);
    else if (verb !== undefined) return undefined;
    else if (found.status === "canceling" && found.lingers-- <= 0) found.status = "canceled";
    return json(200, this.#basic(found));
  }

  /** Children go with their parent, pipelines of other projects do not. */
  #cancel(one: Pipeline): void {
    if (!over.has(one.status)) one.status = "canceling";
    for (const { starts } of one.triggers) {
      const child = this.pipelines.get(starts ?? 0);
      if (child?.project === one.project && child.source === "parent_pipeline" && child.status === "running")
        this.#cancel(child);
    }
  }

  #listed(project: number, { searchParams: asked }: URL): unknown[] {
    return [...this.pipelines.values()]
      .filter(
        (one) =>
          one.project === project &&
          one.status === (asked.get("status") ?? one.status) &&
          one.ref === (asked.get("ref") ?? one.ref) &&
          (asked.get("source") === null ? one.source !== "parent_pipeline" : one.source === asked.get("source")),
      )
      .sort((a, b) => b.id - a.id)
      .map((one) => this.#basic(one));
  }

  #basic({ id, project, status, ref, source }: Pipeline): object {
    const web_url = `https://gitlab.com/projects/${project}/-/pipelines/${id}`;
    return { id, project_id: project, status, ref, source, sha: "a91957a8", created_at: at(id), web_url };
  }
}
