/** A run, and what became of it, in words. */
import { duration } from "../text.ts";
import type { RunRecord } from "./record.ts";

/** The run by its most specific ids and its name. */
export function nameOf(run: RunRecord): string {
  const ids = Object.values(run.ids).join(" ");
  return `${run.provider} ${run.target} ${ids}${run.name ? ` (${run.name})` : ""}`;
}

/** What became of a run, in a sentence. */
export function sentence(run: RunRecord): string {
  const { outcome, before, after, detail, seconds } = run;
  const took = seconds > 0 ? `after ${duration(seconds * 1000)}` : "at once";
  const more = detail ? `; ${detail}` : "";
  switch (outcome) {
    case "cancelled":
      return `cancelled ${took}; it was ${before ?? "not looked at"}${run.confirmed === "status-only" ? "; the vendor says so before the worker has stopped" : ""}${more}`;
    case "already-finished":
      return `had already finished: ${after ?? "unknown"}${more}`;
    case "finished-anyway":
      return `finished anyway: ${after ?? "unknown"}${more}`;
    case "cancelling":
      return `cancellation requested${more}`;
    case "would-cancel":
      return `would be cancelled; it is ${after ?? "unknown"}${more}`;
    default:
      return `${outcome.replace("-", " ")}${detail ? `: ${detail}` : ""}`;
  }
}

/** A request is going to be sent again. */
export const retrying = (why: string, wait: number): string => `${why}; again in ${duration(wait)}`;
