/**
 * Random lists of runs and random selections, held against a naive evaluation that reads the documentation's words one by
 * one: which runs of the list are meant? The server of both vendors is written from their documents; it filters, pages, and
 * remembers which runs were cancelled.
 */
import type { Transport, WireReply, WireRequest } from "../../src/http/transport.ts";
import { Chance } from "./chance.ts";
import type { Engine } from "./engine.ts";
import type { Told } from "./judge.ts";
import { canary, leaked } from "./secret.ts";
import { SimulatedTime } from "./time.ts";

/** A run as the vendor keeps it. */
interface Listed {
  readonly id: number;
  /** The vendor's word: on GitHub the conclusion, where there is one. */
  readonly word: string;
  readonly branch: string;
  readonly commit: string;
  readonly event: string;
  readonly name: string;
  readonly file: string;
  readonly workflow: number;
  /** s since the start of all. */
  readonly created: number;
  readonly started: number;
  /** The repository of the branch; undefined for a fork that is gone. */
  readonly head: number | undefined;
  readonly isTag: boolean;
  /** The merge request that it is a pipeline of. */
  readonly request: number | undefined;
  readonly jobs: readonly { readonly name: string; readonly word: string }[];
  /** What it is by the time it is looked at, if that is something else. */
  readonly later: string | undefined;
}

/** What is asked for, by the inputs' names. */
interface Asked {
  readonly branch?: string;
  readonly commit?: string;
  readonly workflow?: readonly string[];
  readonly event?: readonly string[];
  readonly status?: readonly string[];
  readonly request?: number;
  readonly olderThanThis: boolean;
  readonly keepNewest: number;
  readonly withJob?: string;
  readonly withFailedJob?: string;
  readonly maxRuns: number;
}

interface World {
  readonly vendor: "github" | "gitlab";
  readonly runs: readonly Listed[];
  readonly own: Listed;
  readonly asked: Asked;
  /** Names of tags, and the pull request's branch and its repository. */
  readonly tags: readonly string[];
  readonly request: { readonly branch: string; readonly head: number };
  readonly dryRun: boolean;
}

const here = 7001;
const fork = 7002;
const start = Date.parse("2026-01-01T00:00:00Z");
const time = (seconds: number): string => new Date(start + seconds * 1000).toISOString().replace(".000Z", "Z");

/** The product's words for the vendor's, once more, by the vendors' documents. */
const github: Readonly<Record<string, string>> = {
  queued: "queued",
  pending: "queued",
  requested: "queued",
  in_progress: "running",
  waiting: "blocked",
  action_required: "blocked",
  success: "succeeded",
  failure: "failed",
  cancelled: "cancelled",
  skipped: "skipped",
};
const gitlab: Readonly<Record<string, string>> = {
  created: "queued",
  waiting_for_resource: "queued",
  preparing: "queued",
  pending: "queued",
  running: "running",
  manual: "blocked",
  scheduled: "blocked",
  canceling: "cancelling",
  success: "succeeded",
  failed: "failed",
  canceled: "cancelled",
  skipped: "skipped",
};
const over = ["succeeded", "failed", "cancelled", "skipped"];

const branches = ["main", "release/1", "feature-x", "ma", "main2", "v1"];
const commits = ["a", "b", "ab"].map((c) => c.repeat(40).slice(0, 40));
const workflows = [
  { name: "Build", file: "build.yml", id: 11 },
  { name: "Deploy", file: "deploy.yml", id: 12 },
  // A workflow may be called like another's file.
  { name: "build.yml", file: "other.yml", id: 13 },
];
const events = {
  github: ["push", "pull_request", "workflow_dispatch", "schedule"],
  gitlab: ["push", "merge_request_event", "web", "schedule"],
} as const;
const jobNames = ["test", "deploy", "deploy (eu)", "lint"];

function worldBy(seed: string, index: number): World {
  const chance = new Chance("selection", seed, index);
  const vendor = chance.one(["github", "gitlab"] as const);
  const words = vendor === "github" ? github : gitlab;
  const alive = Object.keys(words).filter((word) => !over.includes(words[word]!));
  const tags = chance.some(branches, 0.15);
  const count = chance.weighed([
    [20, chance.below(4)],
    [70, chance.below(25)],
    [10, 90 + chance.below(160)],
  ] as const);
  // A list of several pages needs many runs that are alike.
  const isLong = count > 60;
  const few = isLong ? chance.some(alive, 0.3) : alive;
  const usualWords = few.length > 0 ? few : alive.slice(0, 1);
  const pool = {
    branches: branches.slice(0, 1 + (isLong ? 0 : chance.below(branches.length))),
    workflows: workflows.slice(0, 1 + chance.below(3)),
  };
  const run = (id: number): Listed => {
    const workflow = chance.one(pool.workflows);
    const event = chance.one(events[vendor]);
    const branch = chance.one(pool.branches);
    const created = chance.below(500);
    const isRequests = event === "pull_request" || event === "merge_request_event";
    return {
      id,
      word: chance.is(isLong ? 0.95 : 0.7) ? chance.one(usualWords) : chance.one(Object.keys(words)),
      branch,
      commit: chance.one(commits),
      event,
      name: workflow.name,
      file: workflow.file,
      workflow: workflow.id,
      created,
      started: created + (chance.is(0.1) ? chance.below(300) : 0),
      head: vendor === "github" && isRequests && chance.is(0.5) ? (chance.is(0.2) ? undefined : fork) : here,
      // GitHub's schedules run on the default branch; GitLab's may be for a tag.
      isTag: !isRequests && !(vendor === "github" && event === "schedule") && tags.includes(branch) && chance.is(0.5),
      request: vendor === "gitlab" && isRequests ? chance.one([3, 4]) : undefined,
      jobs: chance.some(jobNames, 0.5).map((name) => ({
        name,
        word: chance.one(
          vendor === "github"
            ? ["queued", "in_progress", "success", "failure"]
            : ["created", "running", "success", "failed"],
        ),
      })),
      later: chance.is(0.06) ? chance.one(Object.keys(words)) : undefined,
    };
  };
  const ids = Array.from({ length: count + 1 }, (_, at) => 1000 + at * 3 + chance.below(3));
  const runs = ids.map(run);
  const own = { ...chance.one(runs), word: vendor === "github" ? "in_progress" : "running", later: undefined };
  const all = runs.map((one) => (one.id === own.id ? own : one));
  const any = chance.one(all);
  const byRequest = chance.is(0.15);
  const asked: Asked = {
    ...(!byRequest && { branch: chance.is(0.8) ? chance.one([...pool.branches, any.branch]) : "nowhere" }),
    ...(byRequest && { request: chance.one([3, 4]) }),
    ...(chance.is(0.2) && { commit: any.commit.slice(0, chance.one([7, 12, 40])) }),
    ...(chance.is(0.3) && {
      workflow: chance.some(
        vendor === "github"
          ? [any.name, any.file, `${any.workflow}`, `.github/workflows/${any.file}`, "none"]
          : [any.name, "none"],
        0.5,
      ),
    }),
    ...(chance.is(0.3) && { event: chance.some(events[vendor], 0.5) }),
    ...(chance.is(0.3) && { status: chance.some(["queued", "running", "blocked", "cancelling"], 0.5) }),
    olderThanThis: chance.is(0.25),
    keepNewest: chance.is(0.25) ? 1 + chance.below(3) : 0,
    ...(chance.is(0.1) && { withJob: chance.one(["test", "deploy*", "*", "x"]) }),
    ...(chance.is(0.1) && { withFailedJob: chance.one(["test", "deploy*", "*"]) }),
    maxRuns: chance.is(0.2) ? 1 + chance.below(10) : 400,
  };
  return {
    vendor,
    runs: all,
    own,
    asked,
    tags,
    request: { branch: chance.one(pool.branches), head: chance.one([here, fork]) },
    dryRun: chance.is(0.5),
  };
}

// --- The naive evaluation ---

const matchesGlob = (glob: string, name: string): boolean =>
  new RegExp(
    `^${glob
      .split("*")
      .map((piece) => piece.replace(/[.()[\]+?^$|\\{}]/g, "\\$&"))
      .join(".*")}$`,
  ).test(name);

/** The ids of the runs that are meant, in order; `too many` where there are more than are allowed. */
function meant({ vendor, runs, own, asked, tags, request }: World): number[] | "too many" {
  const words = vendor === "github" ? github : gitlab;
  const stateOf = (word: string): string => words[word] ?? "unknown";
  const states = asked.status?.length ? asked.status : ["queued", "running", "blocked", "cancelling"];
  const isRequests = ({ event }: Listed): boolean => ["pull_request", "merge_request_event"].includes(event);
  const isOn = (run: Listed, branch: string, repository: number): boolean => {
    if (run.branch !== branch || run.head !== repository || run.isTag) return false;
    // GitHub does not say whether a run is a tag's: where a tag has the branch's name, it may be.
    return vendor === "gitlab" || !tags.includes(branch) || isRequests(run) || run.event === "schedule";
  };
  const before = (one: Listed, other: Listed): boolean =>
    startOf(one) < startOf(other) || (startOf(one) === startOf(other) && one.id < other.id);
  const startOf = (run: Listed): number => (vendor === "github" ? run.started : run.created);
  const fits = (run: Listed): boolean => {
    if (!states.includes(stateOf(run.word))) return false;
    if (asked.branch !== undefined && !isOn(run, asked.branch, here)) return false;
    if (asked.request !== undefined) {
      if (vendor === "gitlab" && run.request !== asked.request) return false;
      if (vendor === "github" && !isOn(run, request.branch, request.head)) return false;
    }
    if (asked.commit !== undefined && !run.commit.startsWith(asked.commit)) return false;
    if (asked.workflow?.length) {
      const spellings =
        vendor === "github" ? [run.name, run.file, `.github/workflows/${run.file}`, `${run.workflow}`] : [run.name];
      if (!asked.workflow.some((name) => spellings.includes(name))) return false;
    }
    if (asked.event?.length && !asked.event.includes(run.event)) return false;
    if (asked.olderThanThis && run.id !== own.id && !before(run, own)) return false;
    if (asked.withJob !== undefined && !run.jobs.some(({ name }) => matchesGlob(asked.withJob!, name))) return false;
    if (
      asked.withFailedJob !== undefined &&
      !run.jobs.some(
        ({ name, word }) => matchesGlob(asked.withFailedJob!, name) && ["failure", "failed"].includes(word),
      )
    )
      return false;
    return true;
  };
  let fitting = runs.filter(fits);
  if (asked.keepNewest > 0) {
    // Our own run counts, whatever it is.
    const all = [...fitting.filter(({ id }) => id !== own.id), own];
    const group = (run: Listed): string =>
      JSON.stringify([vendor === "github" ? run.file : run.name, run.head ?? null, run.branch, run.event]);
    fitting = fitting.filter((run) => {
      const newer = all.filter((other) => group(other) === group(run) && before(run, other));
      return newer.length >= asked.keepNewest;
    });
  }
  fitting = fitting.filter(({ id }) => id !== own.id);
  if (fitting.length > asked.maxRuns) return "too many";
  return fitting.map(({ id }) => id).sort((a, b) => a - b);
}

/** Of those that are meant, the ones that a second look finds as they were, or at least as they were meant. */
function stillMeant(world: World, ids: readonly number[]): number[] {
  const words = world.vendor === "github" ? github : gitlab;
  const states = world.asked.status?.length ? world.asked.status : ["queued", "running", "blocked", "cancelling"];
  return ids.filter((id) => {
    const { word, later = word } = world.runs.find((run) => run.id === id)!;
    return states.includes(words[later] ?? "unknown");
  });
}

// --- The vendors' servers ---

class Server implements Transport {
  readonly cancelled: number[] = [];
  readonly problems: string[] = [];
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  send({ method, url, body }: WireRequest): Promise<WireReply> {
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

  /** https://docs.github.com/rest/actions/workflow-runs#list-workflow-runs-for-a-repository */
  #github(method: string, url: URL): Reply | undefined {
    const { runs, tags, request } = this.#world;
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
    const tag = /^\/git\/ref\/tags\/(.+)$/.exec(path)?.[1];
    if (tag !== undefined)
      return tags.includes(decodeURIComponent(tag)) ? { body: { ref: `refs/tags/${tag}` } } : undefined;
    if (path.startsWith("/pulls/"))
      return { body: { number: 3, head: { ref: request.branch, repo: { id: request.head } } } };
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
    const { runs, tags } = this.#world;
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
    const request = /^\/merge_requests\/(\d+)\/pipelines$/.exec(path)?.[1];
    if (request !== undefined)
      return this.#page(
        url,
        newestFirst.filter((run) => `${run.request}` === request).map((run) => gitlabRun(run, run.word)),
        (items) => items,
      );
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

interface Reply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: unknown;
}

const isCompleted = (word: string): boolean => over.includes(github[word]!) || word === "action_required";

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
  created_at: time(run.created),
  run_started_at: time(run.started),
  repository: { id: here },
  head_repository: run.head === undefined ? null : { id: run.head },
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
  created_at: time(run.created),
  updated_at: time(run.created + 1),
});

// --- One selection ---

export async function trySelection(engine: Engine, seed: string, index: number): Promise<string[]> {
  const world = worldBy(seed, index);
  const { vendor, asked, own, dryRun } = world;
  const clock = new SimulatedTime(new Chance("jitter", seed, index));
  const server = new Server(world);
  const texts = (name: string, value: string | readonly string[] | undefined): string[] =>
    value === undefined || value.length === 0
      ? []
      : [`--${name}=${typeof value === "string" ? value : value.join(", ")}`];
  const args = [
    "--json",
    `--provider=${vendor}`,
    ...texts("branch", asked.branch),
    ...texts("commit", asked.commit),
    ...texts("workflow", asked.workflow),
    ...texts("event", asked.event),
    ...texts("status", asked.status),
    ...texts("pull-request", asked.request === undefined ? undefined : `${asked.request}`),
    ...texts("with-job", asked.withJob),
    ...texts("with-failed-job", asked.withFailedJob),
    ...(asked.olderThanThis ? ["--older-than-this"] : []),
    ...(asked.keepNewest > 0 ? [`--keep-newest=${asked.keepNewest}`] : []),
    `--max-runs=${asked.maxRuns}`,
    "--timeout=24h",
    "--wait=true",
    ...(dryRun ? ["--dry-run"] : []),
  ];
  const env: Record<string, string> = {
    CANCEL_RUN_TOKEN: canary,
    ...(vendor === "github"
      ? {
          GITHUB_ACTIONS: "true",
          GITHUB_SERVER_URL: "https://github.com",
          GITHUB_API_URL: "https://api.github.com",
          GITHUB_REPOSITORY: "acme/shop",
          GITHUB_RUN_ID: `${own.id}`,
        }
      : {
          CI_SERVER_URL: "https://gitlab.com",
          CI_API_V4_URL: "https://gitlab.com/api/v4",
          CI_PROJECT_PATH: "acme/shop",
          CI_PROJECT_ID: `${here}`,
          CI_PIPELINE_ID: `${own.id}`,
          CI_JOB_ID: "99",
        }),
  };
  let out = "";
  const written: string[] = [];
  const exit = await clock.during(async () => {
    const host = engine.terminalHost(args, env, engine.providers, {
      out: (text) => {
        out += text;
        return Promise.resolve();
      },
      err: (text) => written.push(text),
      live: false,
    });
    return await engine.cancelRun({
      host,
      providers: engine.providers,
      clock,
      transport: server,
      interrupted: new AbortController().signal,
    });
  });
  const problems = [
    ...server.problems,
    ...[out, ...written].flatMap((text) => (leaked(text) === undefined ? [] : ["leaked: in the output"])),
  ];
  if (out === "") return [...problems, `lost: no report (exit ${exit}): ${written.join("")}`];
  const { outcome, runs } = JSON.parse(out) as { outcome: string; runs: readonly Told[] };
  const idName = vendor === "github" ? "run-id" : "pipeline-id";
  const ids = meant(world);
  const odd = world.runs.filter(
    ({ id }) => ids !== "too many" && ids.includes(id) !== runs.some((one) => one.ids[idName] === `${id}`),
  );
  const why = ` | ${args.slice(1).join(" ")}; own ${JSON.stringify(own)}; tags ${world.tags.join()}; of these it is not agreed: ${odd.map((run) => JSON.stringify(run)).join(" ")}; ${written.join(" / ").slice(-700)}`;
  if (ids === "too many") {
    if (outcome !== "refused" || server.cancelled.length > 0)
      problems.push(`wrong: ${outcome} where too many are meant${why}`);
    return problems;
  }
  const live = stillMeant(world, ids);
  const acted = dryRun
    ? runs.filter((one) => one.outcome === "would-cancel").map((one) => Number(one.ids[idName]))
    : server.cancelled;
  const shown = [...new Set(acted)].sort((a, b) => a - b);
  if (JSON.stringify(shown) !== JSON.stringify(live))
    problems.push(`wrong: meant ${live.join()}, ${dryRun ? "chosen" : "cancelled"} ${shown.join()}${why}`);
  if (ids.length === 0 && outcome !== "nothing") problems.push(`wrong: ${outcome} where nothing is meant${why}`);
  const lost = live.filter((id) => !runs.some((one) => one.ids[idName] === `${id}`));
  if (lost.length > 0) problems.push(`lost: ${lost.join()}${why}`);
  for (const one of runs)
    if (!ids.includes(Number(one.ids[idName])))
      problems.push(`wrong: a record of ${one.ids[idName]}, which is not meant${why}`);
  return problems;
}
