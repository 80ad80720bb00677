import { type Report, type RunRecord, summarize } from "../../src/engine/record.ts";

export function record(more: Partial<RunRecord> = {}): RunRecord {
  return {
    provider: "acme",
    target: "run",
    ids: { project: "a/b", "run-id": "7" },
    url: "https://acme.example/runs/7",
    name: "deploy",
    ref: "main",
    before: "running",
    after: "cancelled",
    outcome: "cancelled",
    detail: "",
    reason: "why",
    "reason-recorded": true,
    confirmed: "look",
    attempts: 1,
    forced: false,
    seconds: 4.2,
    ...more,
  };
}

/** The runs are called by their ids, all of them. */
export const reportOf = (...runs: RunRecord[]): Report => ({
  ...summarize(runs, ["failed", "refused", "not-found", "still-running"], false),
  labels: runs.map(
    ({ provider, target, ids, name }) =>
      `${provider} ${target} ${Object.values(ids).join(" ")}${name ? ` (${name})` : ""}`,
  ),
});
