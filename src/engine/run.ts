/** A run: what names it, what is the same run, and where its page is. */
import type { Platform } from "../platform.ts";
import type { Ids } from "../provider.ts";
import { head } from "../text.ts";
import { type Entry, entriesOf } from "./catalog.ts";
import { forTarget, type Place, sameServer } from "./server.ts";
import { fill, isWholeAddress, MissingValue } from "./template.ts";

/** A run we were asked to stop. */
export interface Run extends Entry {
  readonly ids: Ids;
  readonly place: Place;
  /** The address it was given by. */
  readonly address?: string;
}

/** The one attempt that was asked for, if any. */
export const pinnedAttempt = ({ ids, target }: Run): string | undefined => ids[target.look.pinnedBy ?? ""];

/** The same for two names of one run: an id that is unique on its server is enough, with the attempt that is asked for. */
export function runKey(run: Run): string {
  const { key, targetName, ids, place, uniqueId } = run;
  const own = uniqueId === undefined ? Object.values(ids) : [ids[uniqueId], pinnedAttempt(run) ?? ""];
  return [key, targetName, place.api, ...own].join(" ");
}

/** `maybe`: the run's server has another name than ours, and may be ours all the same. */
export type Self = boolean | "maybe";

/** Whether this step is part of the run, under whatever name: a project has several, an id that is unique at the provider does not. */
export function isSelf(run: Run, platform: Platform | undefined): Self {
  const { key, place, provider } = run;
  if (platform?.provider !== key) return false;
  const isHere = sameServer(platform.server, place.server);
  // The vendor's public server is known by its one name.
  if (!isHere && place.kind === "public") return false;
  const ids = Object.values(provider.targets).flatMap((target) => Object.entries(target.ids));
  const unique = new Set(ids.flatMap(([name, id]) => (id.unique ? [name] : [])));
  const isOurs = platform.self.some((own) => {
    const names = Object.keys(own);
    const decisive = names.filter((name) => unique.has(name));
    return (decisive.length > 0 ? decisive : names).every(
      (name) => run.ids[name]?.toLowerCase() === own[name]!.toLowerCase(),
    );
  });
  return isOurs && !isHere ? "maybe" : isOurs;
}

/** Another run of the same provider, at the same place. */
export function sibling(run: Run, targetName: string, ids: Ids): Run {
  const entry = entriesOf(run.key, run.provider).get(targetName)!;
  return { ...entry, ids: inOrder(entry, ids), place: forTarget(run.place, entry) };
}

/** The ids in the order of the target. */
export const inOrder = ({ idNames }: Entry, ids: Ids): Ids =>
  Object.fromEntries(idNames.flatMap((name) => (ids[name] === undefined ? [] : [[name, ids[name]]])));

/** The id that a list gives. */
export const lastId = ({ ids, listId }: Run): string | undefined => ids[listId];

/** The address of a run's page. */
export function pageOf(template: string, server: string, values: Ids): string {
  const relative = template.startsWith("{server}") ? template.slice("{server}".length) : template;
  return isWholeAddress(template) ? fill(template, values) : server + fill(relative, values);
}

/** The run's page by the provider's template, or the address it was given by. */
export function ownPage(run: Run, learned: Ids): string | undefined {
  const [first] = run.pages;
  if (first === undefined) return run.address;
  const noAddress = Object.entries(run.target.ids).some(([name, id]) =>
    id.notInAddress?.test(head(run.ids[name] ?? "")),
  );
  if (noAddress) return run.address;
  try {
    return pageOf(first, run.place.server, { ...run.ids, ...learned, region: run.place.region ?? "" });
  } catch (error) {
    if (error instanceof MissingValue) return run.address;
    throw error;
  }
}
