/** A run: what names it, what is the same run, and where its page is. */
import type { Platform } from "../platform.ts";
import type { Ids, Provider, Target } from "../provider.ts";
import { homeOf, type Place } from "./server.ts";
import { fill, isWholeAddress, MissingValue } from "./template.ts";

/** A run we were asked to stop. */
export interface Run {
  readonly key: string;
  readonly provider: Provider;
  readonly targetName: string;
  readonly target: Target;
  readonly ids: Ids;
  readonly place: Place;
  /** The address it was given by. */
  readonly address?: string;
}

/** The one attempt that was asked for, if any. */
export const pinnedAttempt = ({ ids, target }: Run): string | undefined => ids[target.look.pinnedBy ?? ""];

/** The same for two names of one run: an id that is unique on its server is enough, with the attempt that is asked for. */
export function runKey(run: Run): string {
  const { key, targetName, target, ids, place } = run;
  const unique = Object.entries(target.ids).find(([, id]) => id.unique)?.[0];
  const own = unique === undefined ? Object.values(ids) : [ids[unique], pinnedAttempt(run) ?? ""];
  return [key, targetName, place.api, ...own].join(" ");
}

/** Whether this step is part of the run. */
export function isSelf(run: Run, platform: Platform | undefined): boolean {
  return (homeOf(run, platform)?.self ?? []).some((ids) =>
    Object.entries(ids).every(([name, value]) => run.ids[name]?.toLowerCase() === value.toLowerCase()),
  );
}

/** Another run of the same provider, at the same place. */
export function sibling(run: Run, targetName: string, ids: Ids): Run {
  const target = run.provider.targets[targetName]!;
  const { key, provider, place } = run;
  return { key, provider, targetName, target, ids: order(target, ids), place };
}

/** The ids in the order of the target. */
export const order = (target: Target, ids: Ids): Ids =>
  Object.fromEntries(Object.keys(target.ids).flatMap((name) => (ids[name] === undefined ? [] : [[name, ids[name]]])));

/** The id that may be a list, and the one that a list gives: the last required one. */
export function lastName(target: Target): string {
  return Object.entries(target.ids)
    .filter(([, id]) => !id.optional)
    .map(([name]) => name)
    .at(-1)!;
}

export const lastId = ({ ids, target }: Run): string | undefined => ids[lastName(target)];

/** The address of a run's page. */
export function pageOf(template: string, server: string, values: Ids): string {
  const relative = template.startsWith("{server}") ? template.slice("{server}".length) : template;
  return isWholeAddress(template) ? fill(template, values) : server + fill(relative, values);
}

/** The run's page by the provider's template, or the address it was given by. */
export function ownPage(run: Run, learned: Ids): string | undefined {
  const [first] = [run.target.page ?? []].flat();
  if (first === undefined) return run.address;
  const unlinked = Object.entries(run.target.ids).some(([name, id]) => id.unlinked?.test(run.ids[name] ?? ""));
  if (unlinked) return run.address;
  try {
    return pageOf(first, run.place.server, { ...run.ids, ...learned, region: run.place.region ?? "" });
  } catch (error) {
    if (error instanceof MissingValue) return run.address;
    throw error;
  }
}
