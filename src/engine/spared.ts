/** Why listed runs are left alone, and what a selection that finds nothing has searched and seen, in words. */
import type { Filter } from "../provider.ts";
import { oneLine, oneOf } from "../text.ts";
import type { ListedRun } from "./listing.ts";
import type { Run } from "./run.ts";
import type { Selection } from "./settings.ts";
import { matches } from "./template.ts";

/** Why a run is left alone. */
export interface Spared {
  readonly why: string;
  /** What runs that are left alone for this are, in a count of them: "3 of another branch". */
  readonly as: string;
  /** It cannot be told whether the run is meant: that is worth a warning. */
  readonly untold: boolean;
}

/** It is none of those that are meant. */
export const unlike = (why: string, as: string): Spared => ({ why, as, untold: false });

export const untold = (why: string): Spared => ({ why, as: "of which it cannot be told", untold: true });

/** What is said of a run of which it cannot be told. */
export const leftAlone = ({ why }: Pick<Spared, "why">): string =>
  `left alone, because it cannot be told whether it is meant: ${why}`;

/** `3 of another branch, 1 of another event`; the most first. */
export function tally(reasons: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return [...counts]
    .sort(([, a], [, b]) => b - a)
    .map(([reason, count]) => `${count} ${reason}`)
    .join(", ");
}

/** Every selected run was left alone after a second look. */
export const noneWasLeft = (reasons: readonly string[]): string =>
  `nothing to cancel: none of ${reasons.length} selected runs was left when it was looked at again (${tally(reasons.map((why) => `× ${why}`))})`;

interface Search {
  readonly choices: readonly { readonly candidate: ListedRun; readonly spared: Spared | undefined }[];
  readonly wanted: { readonly selection: Selection; readonly branch: string | undefined };
}

/** Values of one kind that are shown, at most. */
const maxSeen = 10;

/** What was searched and what was seen, and what people give in vain. */
export function nothingFound(query: Run, { choices, wanted }: Search, spell: (name: string) => string): string {
  const { selection } = wanted;
  const listed = choices.map(({ candidate }) => candidate);
  const reasons = choices.map(({ spared }) => spared?.as ?? "");
  const seen = (
    what: "workflow" | "event",
    given: readonly string[],
    of: (run: ListedRun) => readonly string[],
  ): string => missing(what, given, listed.map(of));
  return [
    `nothing to cancel: 0 ${searched(selection, wanted.branch)}`,
    listed.length === 0 ? "" : `${listed.length} listed: ${tally(reasons)}`,
    seen("workflow", selection.workflow, ({ workflows }) => workflows),
    seen("event", selection.event, ({ event }) => (event === undefined ? [] : [event])),
    ...advice(query, selection, spell),
    `searched ${new URL(query.place.server).host} ${Object.values(query.ids).join(" ")}`,
  ]
    .filter(Boolean)
    .join("; ");
}

/** The selection in words: `live runs of branch main, of workflow ci.yml`. */
function searched(selection: Selection, branch: string | undefined): string {
  const { commit, workflow, event, states, pullRequest, olderThanThis, keepNewest, withJob, withFailedJob } = selection;
  const kind = states.length === 4 ? "live" : oneOf(states);
  const ofOne = [
    pullRequest && `of pull request ${pullRequest}`,
    branch && `of branch ${oneLine(branch, 120)}`,
    commit && `of commit ${commit}`,
    workflow.length > 0 && `of workflow ${oneLine(oneOf(workflow), 200)}`,
    event.length > 0 && `of event ${oneLine(oneOf(event), 200)}`,
    withJob && `with a job ${withJob}`,
    withFailedJob && `with a failed job ${withFailedJob}`,
    olderThanThis && "older than this step's own",
    keepNewest > 0 && `beyond the newest ${keepNewest}`,
  ].filter(Boolean);
  return `${kind} runs ${ofOne.join(", ")}`.trim();
}

/** Names that no listed run bears, and those that they bear. */
function missing(what: string, given: readonly string[], borne: readonly (readonly string[])[]): string {
  const unknown = given.filter((name) => !borne.some((names) => names.includes(name)));
  // Of several spellings people write the one without a folder.
  const seen = [...new Set(borne.flatMap((names) => names.find((name) => !name.includes("/")) ?? names[0] ?? []))];
  if (unknown.length === 0 || seen.length === 0) return "";
  const shown = seen.slice(0, maxSeen).map((name) => oneLine(name, 60));
  const more = seen.length > maxSeen ? `, and ${seen.length - maxSeen} more` : "";
  return `no run of ${what} ${oneLine(oneOf(unknown), 200)}; seen: ${shown.join(", ")}${more}`;
}

/** What is given in vain, and what to give instead. */
function advice(query: Run, selection: Selection, spell: (name: string) => string): string[] {
  const { events, advice: known = [] } = query.target.list!;
  const given: Readonly<Record<Filter, readonly string[]>> = {
    branch: selection.branch === undefined ? [] : [selection.branch],
    commit: selection.commit === undefined ? [] : [selection.commit],
    workflow: selection.workflow,
    event: selection.event,
  };
  const noEvents = events ? given.event.filter((name) => !events.includes(name)) : [];
  return [
    ...(given.branch.some((name) => name.startsWith("refs/tags/")) ? [`${spell("branch")} selects no tags`] : []),
    ...(given.branch.some((name) => /^(?:refs\/remotes\/|origin\/)/.test(name))
      ? [`${spell("branch")} takes a name without its remote`]
      : []),
    ...noEvents.map(
      (name) => `${query.provider.name} documents no event ${oneLine(name, 60)}${nearest(name, events!)}`,
    ),
    ...known
      .filter(({ input, on }) => given[input].some((value) => matches(on, value)))
      .map(({ say }) => say.replace(/\{([a-z-]+)\}/g, (_, name: string) => spell(name))),
  ];
}

/** The name that was perhaps meant: equal but for case and separators, or the only one that begins so. */
function nearest(given: string, names: readonly string[]): string {
  const bare = (name: string): string => name.toLowerCase().replace(/[^a-z]/g, "");
  const equal = names.find((name) => bare(name) === bare(given));
  return equal === undefined ? "" : `; did you mean ${equal}?`;
}
