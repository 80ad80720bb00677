/** A run, and what became of it, in words. */
import type { Ids, Variable } from "../provider.ts";
import { outcomes, type Outcome } from "../interface.ts";
import { duration } from "../text.ts";
import type { Entry } from "./catalog.ts";
import type { Report, RunRecord } from "./record.ts";

/**
 * A run in a line: by its last id, and by what that one is counted in where it is a number that others have, too. The ids are those
 * that it was given by, whatever looks have taught since.
 */
export function label(entry: Entry, ids: Ids, name: string | null | undefined): string {
  const { key, targetName, target, requiredIds, listId, uniqueId } = entry;
  const last = ids[listId] ?? "";
  const isCounted = uniqueId === undefined && /^\d+$/.test(last);
  const shown = isCounted ? requiredIds.slice(-2).map((id) => ids[id] ?? "") : [last];
  const attempt = ids[target.look.pinnedBy ?? ""];
  const which = [...shown, ...(attempt === undefined ? [] : ["attempt", attempt])].filter(Boolean).join(" ");
  return `${key} ${targetName} ${which}${name ? ` (${name})` : ""}`;
}

/** What became of the step's runs, at a glance: `2 cancelled, 1 not found`. */
export function headline({ runs }: Pick<Report, "runs">): string {
  const counts = (Object.keys(outcomes) as Outcome[]).map(
    (outcome) => [runs.filter((run) => run.outcome === outcome).length, outcome] as const,
  );
  const parts = counts.filter(([count]) => count > 0).map(([count, outcome]) => `${count} ${outcomeInWords(outcome)}`);
  return parts.join(", ") || "nothing to cancel";
}

const outcomeInWords = (outcome: Outcome): string =>
  outcome === "would-cancel" ? "would be cancelled" : outcome.replace("-", " ");

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
      return `${outcomeInWords(outcome)}${detail ? `: ${detail}` : ""}`;
  }
}

/** A request is going to be sent again. */
export const retrying = (why: string, wait: number): string => `${why}; again in ${duration(wait)}`;

export function variableName(variable: Variable): string {
  if (typeof variable === "string") return variable;
  if ("file" in variable) return variable.file;
  return "prefix" in variable ? `${variable.prefix}<host>` : variable.name;
}

/** The variable that carries an input where inputs are variables. */
export const variable = (name: string): string => `CANCEL_RUN_${name.toUpperCase().replaceAll("-", "_")}`;
