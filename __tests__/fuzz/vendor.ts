/**
 * A simulated vendor, and its own record of what became of each run. Written from the vendors' documents; it knows
 * nothing of the product. The record, and nothing else, is the truth that outcomes are judged by.
 */
import type { Chance } from "./chance.ts";

export type DialectName = "github" | "gitlab-job" | "gitlab-pipeline";

/** What the product's words for states are, said once more: the record's `before` and `after` are compared with it. */
type Ours = "queued" | "running" | "blocked" | "cancelling" | "cancelled" | "succeeded" | "failed" | "skipped";

export interface Dialect {
  readonly provider: string;
  /** The id that names a run, and the other ones. */
  readonly id: string;
  readonly ids: Readonly<Record<string, string>>;
  readonly words: Readonly<Record<string, Ours>>;
  /** What a run is while it stops, where the vendor shows that. */
  readonly stopping: string | undefined;
  readonly cancelled: string;
  readonly path: (id: string) => string;
  /** What is asked for, in which run. */
  readonly asked: (method: string, path: string, body: string | undefined) => Asked | undefined;
  readonly body: (id: string, shown: Pick<Snapshot, "word" | "attempt">, name: string) => Record<string, unknown>;
  readonly jobs: (
    jobs: readonly { readonly id: number; readonly name: string; readonly started: boolean }[],
  ) => unknown;
  /** The status of an accepted cancel, whether it shows the run, and that of one of a run that is over. */
  readonly accepted: { readonly status: number; readonly shows: boolean };
  readonly over: { readonly status: number; readonly shows: boolean };
  readonly hasAttempts: boolean;
  /** A vendor whose refusal may be false. */
  readonly refuses: number | undefined;
}

export interface Asked {
  readonly what: "look" | "cancel" | "force" | "jobs" | "nothing";
  readonly id: string;
}

const endings: readonly Ours[] = ["cancelled", "succeeded", "failed", "skipped"];

const gitlabWords: Readonly<Record<string, Ours>> = {
  created: "queued",
  pending: "queued",
  preparing: "queued",
  waiting_for_resource: "queued",
  running: "running",
  scheduled: "blocked",
  canceling: "cancelling",
  canceled: "cancelled",
  success: "succeeded",
  failed: "failed",
  skipped: "skipped",
};

const gitlabApi = "/api/v4/projects/platform%2Fdeploy";

function gitlab(kind: "jobs" | "pipelines", id: string): Dialect {
  return {
    provider: "gitlab",
    id,
    ids: { project: "platform/deploy" },
    words: gitlabWords,
    stopping: "canceling",
    cancelled: "canceled",
    path: (run) => `${gitlabApi}/${kind}/${run}`,
    asked: (method, path, body) => {
      const [, run, rest = ""] = new RegExp(`^/api/v4/projects/[^/]+/${kind}/(\\d+)(/[a-z_]+)?`).exec(path) ?? [];
      if (run === undefined) return undefined;
      if (method === "GET" && rest === "") return { what: "look", id: run };
      if (method === "GET") return { what: rest === "/jobs" ? "jobs" : "nothing", id: run };
      // https://docs.gitlab.com/api/jobs/#force-cancel-a-job
      return { what: /"force":\s*true/.test(body ?? "") ? "force" : "cancel", id: run };
    },
    // https://docs.gitlab.com/api/jobs/#get-a-single-job · https://docs.gitlab.com/api/pipelines/#get-a-single-pipeline
    body: (run, { word }, name) => ({
      id: Number(run),
      status: word,
      name,
      ref: "main",
      ...(kind === "jobs" && { stage: "deploy", pipeline: { id: 900 } }),
      ...(kind === "pipelines" && { sha: "acb5820ced9479c074f688cc328bf03f341a511d", project_id: 42, source: "push" }),
    }),
    jobs: (jobs) =>
      jobs.map(({ id: job, name, started }) => ({ id: job, name, status: started ? "running" : "created" })),
    accepted: { status: kind === "jobs" ? 201 : 200, shows: true },
    // GitLab answers 2xx to a cancel that did nothing.
    over: { status: kind === "jobs" ? 201 : 200, shows: true },
    hasAttempts: false,
    refuses: undefined,
  };
}

export const dialects: Readonly<Record<DialectName, Dialect>> = {
  github: {
    provider: "github",
    id: "run-id",
    ids: { repository: "acme/shop" },
    words: {
      queued: "queued",
      pending: "queued",
      requested: "queued",
      in_progress: "running",
      waiting: "blocked",
      action_required: "blocked",
      cancelled: "cancelled",
      success: "succeeded",
      neutral: "succeeded",
      failure: "failed",
      timed_out: "failed",
      startup_failure: "failed",
      stale: "failed",
      skipped: "skipped",
    },
    stopping: undefined,
    cancelled: "cancelled",
    path: (run) => `/repos/acme/shop/actions/runs/${run}`,
    asked: (method, path) => {
      const [, run, rest = ""] = /\/repos\/acme\/shop\/actions\/runs\/(\d+)(\/[a-z-]+)?/.exec(path) ?? [];
      if (run === undefined) return undefined;
      if (method === "GET" && rest === "") return { what: "look", id: run };
      if (method === "GET") return { what: rest === "/jobs" ? "jobs" : "nothing", id: run };
      return { what: rest === "/force-cancel" ? "force" : "cancel", id: run };
    },
    // https://docs.github.com/rest/actions/workflow-runs#get-a-workflow-run
    body: (run, { word, attempt }, name) => {
      const isCompleted = endings.includes(dialects.github.words[word]!) || word === "action_required";
      return {
        id: Number(run),
        run_attempt: attempt,
        status: isCompleted ? "completed" : word,
        conclusion: isCompleted ? word : null,
        name,
        head_branch: "main",
        head_sha: "acb5820ced9479c074f688cc328bf03f341a511d",
        html_url: `https://github.com/acme/shop/actions/runs/${run}`,
      };
    },
    // https://docs.github.com/rest/actions/workflow-jobs#list-jobs-for-a-workflow-run
    jobs: (jobs) => ({
      total_count: jobs.length,
      jobs: jobs.map(({ id, name, started }) => ({
        id,
        name,
        status: started ? "in_progress" : "queued",
        conclusion: null,
      })),
    }),
    accepted: { status: 202, shows: false },
    over: { status: 409, shows: false },
    hasAttempts: true,
    refuses: 409,
  },
  "gitlab-job": gitlab("jobs", "job-id"),
  "gitlab-pipeline": gitlab("pipelines", "pipeline-id"),
};

/** What a run was at a moment. */
export interface Snapshot {
  readonly taken: number;
  readonly word: string;
  readonly attempt: number;
  readonly over: boolean;
}

/** What has been handed to the client, as far as the network knows. */
export interface Delivered {
  readonly at: number;
  readonly what: Asked["what"];
  readonly status: number;
  /** What it shows of the run, if it is the vendor's own answer about this run. */
  readonly shows?: Snapshot;
  /** It may not have got there whole. */
  readonly unsure?: boolean;
  /** None that the vendor gave: a gateway's, another run's, nothing readable. */
  readonly foreign?: boolean;
  /** No protected job had started. */
  readonly clear?: boolean;
}

export interface Sent {
  readonly at: number;
  readonly what: Asked["what"];
}

/** A cancel, or a forced stop, that the vendor has got. */
export interface Arrival extends Snapshot {
  readonly what: "cancel" | "force";
  /** The vendor said no although the run was alive. */
  readonly refused: boolean;
  /** Nobody sent it: something on the way has sent a request once more, and the answer goes nowhere. */
  readonly isCopy: boolean;
}

export interface Event {
  readonly at: number;
  /** The run's next word; undefined starts it again. */
  readonly to: string | undefined;
}

export interface Fate {
  /** How it begins. */
  readonly word: string;
  readonly events: readonly Event[];
  readonly exists: boolean;
  readonly mayCancel: boolean;
  readonly name: string;
  /** When its protected job starts. */
  readonly jobAt: number;
  /** Whether a cancel of a run that is alive is refused, or does nothing. */
  readonly refusal: number;
  readonly vain: number;
  /** How long it takes to stop, in ms. */
  readonly slowness: number;
}

export class Life {
  readonly id: string;
  readonly fate: Fate;
  readonly sent: Sent[] = [];
  readonly delivered: Delivered[] = [];
  readonly arrivals: Arrival[] = [];
  readonly history: Snapshot[] = [];
  /** Answers that were not the vendor's, or came late, or never. */
  faults = 0;
  readonly #dialect: Dialect;
  readonly #chance: Chance;
  #next = 0;
  #stop: Event | undefined;

  constructor(id: string, dialect: Dialect, fate: Fate, chance: Chance) {
    this.id = id;
    this.fate = fate;
    this.#dialect = dialect;
    this.#chance = chance;
    this.#become(0, fate.word, 1);
  }

  /** What it is, by the vendor's own record. */
  at(now: number): Snapshot {
    for (;;) {
      const planned = this.fate.events[this.#next];
      const stop = this.#stop;
      const next = stop && (!planned || stop.at <= planned.at) ? stop : planned;
      if (!next || next.at > now) break;
      if (next === stop) this.#stop = undefined;
      else this.#next++;
      const { over, attempt, word } = this.latest;
      if (next.to === undefined && over && this.#dialect.hasAttempts) this.#become(next.at, "queued", attempt + 1);
      // What is stopping goes no other way than to its end.
      else if (next.to !== undefined && !over && (word !== this.#dialect.stopping || this.#isEnd(next.to)))
        this.#become(next.at, next.to, attempt);
    }
    return { ...this.latest, taken: now };
  }

  get latest(): Snapshot {
    return this.history.at(-1)!;
  }

  /** As it was some time ago, as a replica that lags shows it. */
  before(then: number): Snapshot {
    const was = this.history.findLast(({ taken }) => taken <= then) ?? this.history[0]!;
    return { ...was, taken: then };
  }

  /** The vendor's answer to a cancel, after it has done what it does. */
  cancel(now: number, what: Arrival["what"], isCopy = false): { readonly status: number; readonly shows: boolean } {
    const before = this.at(now);
    const { accepted, over, refuses, stopping, cancelled } = this.#dialect;
    const refused = !before.over && refuses !== undefined && what === "cancel" && this.#chance.is(this.fate.refusal);
    this.arrivals.push({ ...before, what, refused, isCopy });
    if (before.over) return over;
    if (refused) return { status: refuses, shows: false };
    if (what === "force") {
      // GitLab's takes a run from `canceling` alone; GitHub's takes any.
      if (stopping === undefined || before.word === stopping) this.#become(now, cancelled, before.attempt);
      return accepted;
    }
    if (this.#stop || before.word === stopping || this.#chance.is(this.fate.vain)) return accepted;
    const end = this.#chance.weighed([
      [85, cancelled],
      [10, "success"],
      [5, this.#dialect.hasAttempts ? "failure" : "failed"],
    ]);
    const wait = this.#chance.is(0.3) ? 0 : this.#chance.next() * this.fate.slowness;
    if (wait === 0) this.#become(now, end, before.attempt);
    else {
      if (stopping !== undefined && this.#dialect.words[before.word] === "running")
        this.#become(now, stopping, before.attempt);
      this.#stop = { at: now + wait, to: end };
    }
    return accepted;
  }

  #become(taken: number, word: string, attempt: number): void {
    const over = this.#isEnd(word);
    this.history.push({ taken, word, attempt, over });
    // What has ended does not stop once more, nor does what begins in its place.
    if (over) this.#stop = undefined;
  }

  #isEnd(word: string): boolean {
    return endings.includes(this.#dialect.words[word]!);
  }
}

export const isEnding = (dialect: Dialect, word: string): boolean => endings.includes(dialect.words[word]!);

/** A fate by chance; times within `span` ms. */
export function fateBy(chance: Chance, dialect: Dialect, span: number, name: string): Fate {
  const all = Object.keys(dialect.words);
  const alive = all.filter((word) => !isEnding(dialect, word));
  const ends = all.filter((word) => isEnding(dialect, word));
  const busy = chance.is(0.5) ? chance.below(4) : 0;
  const events = Array.from({ length: busy }, () => ({
    at: chance.next() * span,
    to: chance.weighed<string | undefined>([
      [3, chance.one(ends)],
      [3, chance.one(alive)],
      [2, undefined],
    ]),
  })).sort((a, b) => a.at - b.at);
  // A run that ends by itself may be started again soon.
  const again = events.flatMap((event) =>
    event.to !== undefined && isEnding(dialect, event.to) && chance.is(0.4)
      ? [event, { at: event.at + chance.next() * 8000, to: undefined }]
      : [event],
  );
  return {
    word: chance.is(0.12)
      ? chance.one(ends)
      : chance.is(0.5)
        ? "running" in dialect.words
          ? "running"
          : "in_progress"
        : chance.one(alive),
    events: again.sort((a, b) => a.at - b.at),
    exists: !chance.is(0.04),
    mayCancel: !chance.is(0.04),
    name,
    jobAt: chance.is(0.5) ? Infinity : chance.next() * span,
    refusal: chance.weighed([
      [6, 0],
      [1, 0.3],
      [1, 1],
    ]),
    vain: chance.weighed([
      [6, 0],
      [1, 0.3],
      [1, 1],
    ]),
    slowness: chance.one([500, 5000, 40_000]),
  };
}
