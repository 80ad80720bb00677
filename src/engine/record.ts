/** What we report of each run, and of the step. */
import type { exitCodes, FailOn } from "../interface.ts";
import { type Outcome, outcomes } from "../interface.ts";
import type { Ids, State } from "../provider.ts";

/** One run in the output `runs`. Names are those of the output. */
export interface RunRecord {
  readonly provider: string;
  readonly target: string;
  readonly ids: Ids;
  readonly url: string | null;
  readonly name: string | null;
  readonly ref: string | null;
  readonly before: State | null;
  readonly after: State | null;
  readonly outcome: Outcome;
  /** Why, for people; empty when the outcome says it all. */
  readonly detail: string;
  readonly reason: string;
  /** Whether the vendor took the reason. */
  readonly "reason-recorded": boolean;
  /** What the outcome rests on: a look, or `status-only` where the vendor marks a run as stopped before its worker is; null when no look confirms it. */
  readonly confirmed: "look" | "status-only" | null;
  /** Cancel requests sent, without retries of one request. */
  readonly attempts: number;
  readonly seconds: number;
  /** Further fields that the vendor states. */
  readonly [field: string]: unknown;
}

export interface Summary {
  readonly outcome: Outcome | "mixed" | "nothing";
  readonly cancelled: number;
  readonly state: State | null;
  readonly url: string | null;
  readonly runs: readonly RunRecord[];
  readonly exit: keyof typeof exitCodes;
  /** What is to be said of the step as a whole; empty when its runs say it all. */
  readonly note: string;
  /** The outcomes that fail this step. */
  readonly failOn: readonly FailOn[];
}

export interface Report extends Summary {
  /** How a line calls each of `runs`, in their order. */
  readonly labels: readonly string[];
}

/** The step's outcome, exit code and counts out of its runs. */
export function summarize(runs: readonly RunRecord[], failOn: readonly FailOn[], interrupted = false): Summary {
  const all = new Set(runs.map((run) => run.outcome));
  // What was left alone says nothing of what became of the others.
  const rest = new Set([...all].filter((outcome) => outcome !== "spared"));
  const kinds = rest.size > 0 ? rest : all;
  const [only] = kinds;
  const one = runs.length === 1 ? runs[0] : undefined;
  return {
    outcome: kinds.size === 0 ? "nothing" : kinds.size === 1 && only ? only : "mixed",
    cancelled: runs.filter((run) => run.outcome === "cancelled").length,
    state: one?.after ?? one?.before ?? null,
    url: one?.url ?? null,
    runs,
    exit: interrupted ? 130 : exitCode(all.size > 0 ? all : new Set(["nothing"]), failOn),
    note: "",
    failOn,
  };
}

/** The worst first: what we could not do, what we may not do, what is not there, what goes on. */
function exitCode(kinds: ReadonlySet<FailOn>, failOn: readonly FailOn[]): Summary["exit"] {
  const codes = failOn
    .filter((outcome) => kinds.has(outcome))
    .map((outcome) => (outcome === "nothing" ? 1 : outcomes[outcome].exit));
  return ([1, 4, 5, 3] as const).find((code) => codes.includes(code)) ?? 0;
}
