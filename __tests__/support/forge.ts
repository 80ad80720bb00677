/** GitHub and GitLab in memory: the stand-ins that selecting and following talk to, and what they were asked. */
import { Ending } from "../../src/demo/vendors/ending.ts";
import { github, type Job, type PullRequest, type Run as GitHubRun } from "../../src/demo/vendors/github.ts";
import { gitlab } from "../../src/demo/vendors/gitlab.ts";
import {
  type MergeRequest,
  type Pipeline,
  pipelines,
  repository,
  type Trigger,
} from "../../src/demo/vendors/gitlab-pipelines.ts";
import type { Vendor } from "../../src/demo/vendors/vendor.ts";
import type { Transport, WireReply, WireRequest } from "../../src/http/transport.ts";
import type { SimulatedClock } from "./clock.ts";
import { secret } from "./exchange.ts";

export type { GitHubRun, Pipeline, Trigger };

/** A request as it came, and when. */
export interface Seen {
  readonly what: string;
  readonly at: number;
}

abstract class Forge implements Transport {
  readonly seen: Seen[] = [];
  /** Told of each request before it is answered; what it returns is the answer. */
  before: (what: string) => WireReply | undefined = () => undefined;
  protected abstract readonly vendor: Vendor;
  readonly #clock: SimulatedClock;
  readonly #api: string;

  constructor(clock: SimulatedClock, api: string) {
    this.#clock = clock;
    this.#api = api;
  }

  send({ method, url, headers, body = "" }: WireRequest): Promise<WireReply> {
    const what = `${method} ${url.href.slice(this.#api.length)}`;
    this.seen.push({ what, at: this.#clock.now() });
    return Promise.resolve().then(() => this.before(what) ?? this.#answer(method, url, headers, body));
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

  #answer(method: string, { origin, pathname, search }: URL, headers: WireRequest["headers"], body: string): WireReply {
    const reply = this.vendor({ origin, method, path: `${pathname}${search}`, headers, body });
    return {
      status: reply.status,
      headers: { "content-type": "application/json", ...reply.headers },
      text: JSON.stringify(reply.body),
    };
  }
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

export class GitHubForge extends Forge {
  readonly runs: Map<number, GitHubRun>;
  readonly tags = new Set<string>();
  readonly branches = new Set<string>();
  readonly pulls = new Map<number, PullRequest>();
  readonly jobs = new Map<number, readonly Job[]>();
  /** What the list says of a run that has become something else. */
  readonly stale = new Map<number, GitHubRun>();
  protected readonly vendor: Vendor;

  constructor(clock: SimulatedClock, runs: readonly GitHubRun[] = []) {
    super(clock, "https://api.github.com");
    this.runs = new Map(runs.map((run) => [run.id, run]));
    const { tags, branches, pulls, jobs, stale: listed } = this;
    const web = "https://github.com";
    const repository = "octo-org/octo-repo";
    this.vendor = github({ token: secret, web, repository, runs: this.runs, tags, branches, pulls, jobs, listed });
  }
}

/** `lingers`: looks that still find it canceling. */
export function pipeline(
  id: number,
  { lingers = 0, ...about }: Partial<Pipeline> & { readonly lingers?: number } = {},
): Pipeline {
  const canceling = Array<"canceling">(lingers + 1).fill("canceling");
  return {
    id,
    project: 1,
    status: "running",
    ref: "main",
    sha: "a91957a8",
    source: "push",
    createdAt: at(id),
    triggers: [],
    ending: new Ending([...canceling, "canceled"]),
    ...about,
  };
}

const projects = { "platform/deploy": 1, "platform/shop": 2, "platform/rules": 3 };

export class GitLabForge extends Forge {
  readonly pipelines: Map<number, Pipeline>;
  /** Projects that the token may not see. */
  readonly hidden = new Set<number>();
  readonly branches = new Set<string>(["main"]);
  readonly mergeRequests = new Map<number, MergeRequest>();
  protected readonly vendor: Vendor;

  constructor(clock: SimulatedClock, all: readonly Pipeline[] = []) {
    super(clock, "https://gitlab.com/api/v4");
    this.pipelines = new Map(all.map((one) => [one.id, one]));
    this.vendor = gitlab({
      token: secret,
      projects,
      resources: [pipelines(this.pipelines, this.hidden), repository(this.branches, this.mergeRequests)],
    });
  }
}
