/** Why listed runs are left alone, and what a selection that finds nothing has searched and seen, in words. */
import type { Filter } from "../provider.ts";
import { duration, oneLine, oneOf } from "../text.ts";
import type { ListedRun } from "./listing.ts";
import type { Run } from "./run.ts";
import type { Selection } from "./settings.ts";
import { matches } from "./template.ts";
import { acceptsAll, isLike, isLiteral, type Terms } from "./terms.ts";

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

export const untold = (why: string): Spared => ({ why, as: "unclear", untold: true });

/** What is said of a run of which it cannot be told. */
export const leftAlone = ({ why }: Pick<Spared, "why">): string =>
  `left alone, because it is unclear whether it is meant: ${why}`;

/** `3 of another branch, 1 of another event`; the most first. */
export function tally(reasons: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return [...counts]
    .sort(([, a], [, b]) => b - a)
    .map(([reason, count]) => `${count} ${reason}`)
    .join(", ");
}

/** It cannot be told whether it is one of those that were selected, and what is wrong with the reply cannot be told either. */
export const notInReply = "a look does not show the run that was listed";

interface Choice {
  readonly candidate: ListedRun;
  readonly spared: Spared | undefined;
}

/** Every listed run by what became of it: `12 runs were listed: 2 selected, 9 of another branch, 1 succeeded`. */
export function counted(choices: readonly Choice[]): string {
  const reasons = choices.flatMap(({ spared }) => (spared === undefined ? [] : [spared.as]));
  const selected = `${choices.length - reasons.length} selected`;
  const were = choices.length === 1 ? "run was" : "runs were";
  return `${choices.length} ${were} listed: ${[selected, ...(reasons.length > 0 ? [tally(reasons)] : [])].join(", ")}`;
}

/** A line for each listed run, with all that it was judged by. */
export function table(choices: readonly Choice[]): string[] {
  const rows = choices.map(({ candidate, spared }) => [
    candidate.run.requiredIds
      .slice(-2)
      .map((name) => candidate.run.ids[name])
      .join(" "),
    candidate.state,
    candidate.started === undefined ? "-" : new Date(candidate.started).toISOString(),
    candidate.branch ?? "-",
    candidate.headRepositoryName ?? "-",
    candidate.commit?.slice(0, 12) ?? "-",
    candidate.workflows[0] ?? "-",
    candidate.event ?? "-",
    spared === undefined ? "selected" : `spared: ${spared.why}`,
  ]);
  const head = ["run", "state", "began", "branch", "repository", "commit", "workflow", "event", "verdict"];
  return [head, ...rows].map((row) => row.map((cell) => oneLine(cell, 120)).join(" | "));
}

interface Search {
  readonly choices: readonly Choice[];
  readonly wanted: { readonly selection: Selection; readonly branch: Terms | undefined };
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
    seen("workflow", selection.workflow?.wanted ?? [], ({ workflows }) => workflows),
    seen("event", selection.event?.wanted ?? [], ({ event }) => (event === undefined ? [] : [event])),
    ...advice(query, selection, spell),
    `searched ${new URL(query.place.server).host} ${Object.values(query.ids).join(" ")}`,
  ]
    .filter(Boolean)
    .join("; ");
}

/** The selection in words: `live runs of branch main, of workflow ci.yml`. */
function searched(selection: Selection, branch: Terms | undefined): string {
  const { states, pullRequest, olderThan, olderThanThis, keepNewest, withJob, withFailedJob } = selection;
  const kind = states.length === 4 ? "live" : oneOf(states);
  const of = (what: string, terms: Terms | undefined): string | undefined =>
    terms && (acceptsAll(terms) ? `of any ${what}` : `of ${what} ${oneLine(inWords(terms), 200)}`);
  const ofOne = [
    pullRequest && `of pull request ${pullRequest}`,
    of("branch", branch),
    of("repository", selection.headRepository),
    selection.commit && !acceptsAll(selection.commit) && of("commit", selection.commit),
    of("workflow", selection.workflow),
    of("event", selection.event),
    selection.orphaned && "of a branch that is gone or a pull request that is closed",
    withJob && `with a job ${withJob}`,
    withFailedJob && `with a failed job ${withFailedJob}`,
    olderThan !== undefined && `older than ${duration(olderThan)}`,
    olderThanThis && "older than this step's own",
    keepNewest > 0 && `beyond the newest ${keepNewest}`,
  ].filter(Boolean);
  return `${kind} runs ${ofOne.join(", ")}`.trim();
}

/** `main or release/* but not release/1` */
function inWords({ wanted, excluded }: Terms): string {
  const but = excluded.length === 0 ? "" : `${wanted.length === 0 ? "any" : ""} but not ${oneOf(excluded)}`;
  return [oneOf(wanted), but.trim()].filter(Boolean).join(" ");
}

/** Names that no listed run bears, and those that they bear. */
function missing(what: string, given: readonly string[], borne: readonly (readonly string[])[]): string {
  const unknown = given.filter((term) => !borne.some((names) => names.some((name) => isLike(term, name))));
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
  const words = (terms: Terms | undefined): readonly string[] => terms?.wanted.filter(isLiteral) ?? [];
  const given: Readonly<Partial<Record<Filter, readonly string[]>>> = {
    branch: words(selection.branch),
    commit: words(selection.commit),
    workflow: words(selection.workflow),
    event: words(selection.event),
  };
  const givenOf = (input: Filter): readonly string[] => given[input] ?? [];
  const noEvents = events ? givenOf("event").filter((name) => !events.includes(name)) : [];
  return [
    ...(givenOf("branch").some((name) => name.startsWith("refs/tags/")) ? [`${spell("branch")} selects no tags`] : []),
    ...(givenOf("branch").some((name) => /^(?:refs\/remotes\/|origin\/)/.test(name))
      ? [`${spell("branch")} takes a name without its remote`]
      : []),
    ...noEvents.map(
      (name) => `${query.provider.name} documents no event ${oneLine(name, 60)}${nearest(name, events!)}`,
    ),
    ...known
      .filter(({ input, on }) => givenOf(input).some((value) => matches(on, value)))
      .map(({ say }) => say.replace(/\{([a-z-]+)\}/g, (_, name: string) => spell(name))),
  ];
}

/** The name that was perhaps meant: equal but for case and separators, or the only one that begins so. */
function nearest(given: string, names: readonly string[]): string {
  const bare = (name: string): string => name.toLowerCase().replace(/[^a-z]/g, "");
  const equal = names.find((name) => bare(name) === bare(given));
  return equal === undefined ? "" : `; did you mean ${equal}?`;
}
