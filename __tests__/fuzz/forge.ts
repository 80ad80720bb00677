/** GitHub or GitLab in memory, by their documents: lists that filter and page, and the runs that were cancelled. */
import type { Transport, WireReply, WireRequest } from "../../src/http/transport.ts";
import { isInRequest } from "./meaning.ts";
import { leaked } from "./secret.ts";
import { at, here, type Listed, type PullRequest, repositories, type World } from "./selection-world.ts";
import { dialects, isEnding } from "./vendor.ts";

interface Reply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: unknown;
}

export class Forge implements Transport {
  readonly cancelled: number[] = [];
  readonly problems: string[] = [];
  readonly requests: string[] = [];
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  send({ method, url, body }: WireRequest): Promise<WireReply> {
    this.requests.push(`${method} ${url.pathname}`);
    if (leaked(url.href) !== undefined || leaked(body ?? "") !== undefined) this.problems.push("leaked: in a request");
    const answer = this.#world.vendor === "github" ? this.#github(method, url) : this.#gitlab(method, url);
    const { status = 200, headers = {}, body: shown } = answer ?? { status: 404, body: { message: "Not Found" } };
    return Promise.resolve({
      status,
      headers: { "content-type": "application/json", ...headers },
      text: JSON.stringify(shown),
    });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #cancel(run: Listed): void {
    if (this.#world.dryRun) this.problems.push(`wrong: a dry run cancels ${run.id}`);
    this.cancelled.push(run.id);
  }

  #page(url: URL, all: readonly unknown[], wrap: (items: readonly unknown[]) => unknown): Reply {
    const size = Math.min(100, Number(url.searchParams.get("per_page") ?? 30));
    const page = Number(url.searchParams.get("page") ?? 1);
    const next = new URL(url);
    next.searchParams.set("page", `${page + 1}`);
    const more = all.length > page * size;
    return {
      headers: more ? { link: `<${next.href}>; rel="next"` } : {},
      body: wrap(all.slice((page - 1) * size, page * size)),
    };
  }

  /** https://docs.github.com/rest/branches/branches#list-branches · https://docs.gitlab.com/api/branches/#list-repository-branches */
  #branches(url: URL): Reply | undefined {
    const { living, broken } = this.#world;
    if (broken === "branches") return undefined;
    const names = broken === "no branches" ? [] : living;
    return this.#page(
      url,
      names.map((name) => ({ name })),
      (items) => items,
    );
  }

  /** https://docs.github.com/rest/pulls/pulls#list-pull-requests · https://docs.gitlab.com/api/merge_requests/#list-project-merge-requests */
  #open(
    url: URL,
    filter: string,
    of: (request: PullRequest) => string,
    shown: (request: PullRequest) => object,
  ): Reply | undefined {
    const { requests, broken } = this.#world;
    if (broken === "requests") return undefined;
    const asked = url.searchParams.get(filter);
    const found = requests.filter((request) => request.open && (asked === null || of(request) === asked));
    return this.#page(url, found.map(shown), (items) => items);
  }

  /** https://docs.github.com/rest/actions/workflow-runs#list-workflow-runs-for-a-repository */
  #github(method: string, url: URL): Reply | undefined {
    const { runs, tags, living, requests } = this.#world;
    const query = url.searchParams;
    const [, path = ""] = /^\/repos\/acme\/shop(\/.*)$/.exec(url.pathname) ?? [];
    if (path === "/actions/runs") {
      const given = (name: string, of: (run: Listed) => readonly string[]): ((run: Listed) => boolean) => {
        const value = query.get(name);
        return value === null ? () => true : (run) => of(run).includes(value);
      };
      const checks = [
        given("branch", ({ branch }) => [branch]),
        given("head_sha", ({ commit }) => [commit]),
        given("event", ({ event }) => [event]),
        given("status", ({ word }) => [word, ...(isCompleted(word) ? ["completed"] : [])]),
      ];
      const found = runs
        .filter((run) => checks.every((check) => check(run)))
        .sort((a, b) => b.created - a.created || b.id - a.id);
      return this.#page(
        url,
        found.map((run) => githubRun(run, run.word)),
        (items) => ({ total_count: found.length, workflow_runs: items }),
      );
    }
    const [, kind, name = ""] = /^\/git\/ref\/(tags|heads)\/(.+)$/.exec(path) ?? [];
    if (kind !== undefined) {
      const names = kind === "tags" ? tags : living;
      return names.includes(decodeURIComponent(name)) ? { body: { ref: `refs/${kind}/${name}` } } : undefined;
    }
    if (path === "/branches") return this.#branches(url);
    if (path === "/pulls") return this.#open(url, "head", labelOf, githubPull);
    const number = /^\/pulls\/(\d+)$/.exec(path)?.[1];
    if (number !== undefined) {
      const request = requests.find((one) => `${one.number}` === number);
      return request && { body: githubPull(request) };
    }
    const [, id, rest = ""] = /^\/actions\/runs\/(\d+)(\/[a-z]+)?/.exec(path) ?? [];
    const run = runs.find((one) => `${one.id}` === id);
    if (!run) return undefined;
    if (method === "POST") {
      this.#cancel(run);
      return { status: 202, body: {} };
    }
    if (rest === "/jobs")
      return this.#page(
        url,
        run.jobs.map(({ name, word }, at) => ({
          id: at,
          name,
          status: word === "success" || word === "failure" ? "completed" : word,
          conclusion: word === "success" || word === "failure" ? word : null,
        })),
        (jobs) => ({ total_count: run.jobs.length, jobs }),
      );
    return { body: githubRun(run, this.cancelled.includes(run.id) ? "cancelled" : (run.later ?? run.word)) };
  }

  /** https://docs.gitlab.com/api/pipelines/#list-project-pipelines */
  #gitlab(method: string, url: URL): Reply | undefined {
    const { runs, tags, requests } = this.#world;
    const query = url.searchParams;
    const [, path = ""] = /^\/api\/v4\/projects\/(?:acme%2Fshop|7001)(\/.*)$/.exec(url.pathname) ?? [];
    const newestFirst = [...runs].sort((a, b) => b.id - a.id);
    if (path === "/pipelines") {
      const found = newestFirst.filter(
        (run) =>
          (query.get("ref") ?? run.branch) === run.branch &&
          (query.get("sha") ?? run.commit) === run.commit &&
          (query.get("source") ?? run.event) === run.event &&
          (query.get("name") ?? run.name) === run.name &&
          (query.get("status") ?? run.word) === run.word,
      );
      return this.#page(
        url,
        found.map((run) => gitlabRun(run, run.word)),
        (items) => items,
      );
    }
    const tag = /^\/repository\/tags\/(.+)$/.exec(path)?.[1];
    if (tag !== undefined) return tags.includes(decodeURIComponent(tag)) ? { body: { name: tag } } : undefined;
    if (path === "/repository/branches") return this.#branches(url);
    if (path === "/merge_requests") return this.#open(url, "source_branch", ({ branch }) => branch, gitlabRequest);
    const [, number, isList] = /^\/merge_requests\/(\d+)(\/pipelines)?$/.exec(path) ?? [];
    if (number !== undefined) {
      const request = requests.find((one) => `${one.number}` === number);
      if (!request || isList === undefined) return request && { body: gitlabRequest(request) };
      return this.#page(
        url,
        newestFirst.filter((run) => isInRequest(run, request)).map((run) => gitlabRun(run, run.word)),
        (items) => items,
      );
    }
    const [, id, rest = ""] = /^\/pipelines\/(\d+)(\/[a-z_]+)?/.exec(path) ?? [];
    const run = runs.find((one) => `${one.id}` === id);
    if (!run) return undefined;
    if (method === "POST") this.#cancel(run);
    if (rest === "/jobs")
      return this.#page(
        url,
        run.jobs.map(({ name, word }, at) => ({ id: at + 1, name, status: word })),
        (jobs) => jobs,
      );
    if (rest !== "" && method === "GET") return { body: [] };
    const word = this.cancelled.includes(run.id) ? "canceled" : (run.later ?? run.word);
    return { status: 200, body: { ...gitlabRun(run, word), tag: run.isTag } };
  }
}

const isCompleted = (word: string): boolean => isEnding(dialects.github, word) || word === "action_required";

const repositoryOf = (id: number | undefined): object | null =>
  id === undefined ? null : { id, full_name: repositories[id] };

/** `OWNER:BRANCH`, which the list of pull requests can be filtered by. */
const labelOf = ({ head, branch }: PullRequest): string =>
  `${repositories[head ?? 0]?.split("/")[0] ?? "ghost"}:${branch}`;

const githubRun = (run: Listed, word: string): object => ({
  id: run.id,
  status: isCompleted(word) ? "completed" : word,
  conclusion: isCompleted(word) ? word : null,
  run_attempt: 1,
  name: run.name,
  path: `.github/workflows/${run.file}@refs/heads/main`,
  workflow_id: run.workflow,
  head_branch: run.branch,
  head_sha: run.commit,
  event: run.event,
  created_at: at(run.created),
  run_started_at: at(run.started),
  repository: { id: here },
  head_repository: repositoryOf(run.head),
});

const gitlabRun = (run: Listed, word: string): object => ({
  id: run.id,
  iid: run.id - 900,
  project_id: here,
  status: word,
  source: run.event,
  ref: run.branch,
  sha: run.commit,
  name: run.name,
  created_at: at(run.created),
  updated_at: at(run.created + 1),
});

const githubPull = (request: PullRequest): object => ({
  number: request.number,
  state: request.open ? "open" : "closed",
  head: { ref: request.branch, label: labelOf(request), repo: repositoryOf(request.head) },
});

const gitlabRequest = ({ number, branch, head, open }: PullRequest): object => ({
  iid: number,
  state: open ? "opened" : "closed",
  source_branch: branch,
  source_project_id: head ?? null,
  target_project_id: here,
});
