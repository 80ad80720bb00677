/**
 * The registry as the engine reads it: what a vendor's file may leave out, merge or derive, in one form. Made once per
 * provider; nothing else in the engine works out which ids a target requires, or what its words mean.
 */
import type { Call, Force, Provider, Server, State, Step, Target } from "../provider.ts";
import { names, withoutMissing } from "./template.ts";

/** One target of one provider. */
export interface Entry {
  /** The provider's name as users write it. */
  readonly key: string;
  readonly provider: Provider;
  readonly targetName: string;
  readonly target: Target;
  /** Names of the ids, from the widest to the most specific. */
  readonly idNames: readonly string[];
  readonly requiredIds: readonly string[];
  /** The id that may be a list, and that a list of runs gives: the last required one. */
  readonly listId: string;
  /** The id that names a run by itself, if one does. */
  readonly uniqueId: string | undefined;
  readonly pages: readonly string[];
  /** Addresses of the API that name a run: below the API base, or whole where each region has a server. */
  readonly apiPages: readonly string[];
  /** The pages that name a run whole, and so can be pasted; any other one is only written. */
  readonly pastablePages: readonly string[];
  readonly force: readonly Force[];
  /** What the vendor's words mean here. */
  readonly states: Readonly<Record<string, State>>;
  /** And once our cancel was accepted. */
  readonly statesAfterCancel: Readonly<Record<string, State>>;
  /** The words of runs that can be cancelled, in the order in which they are to be searched. */
  readonly liveWords: readonly string[];
}

const made = new WeakMap<Provider, ReadonlyMap<string, Entry>>();

/** The targets of a provider by name, in the order of its file. */
export function entriesOf(key: string, provider: Provider): ReadonlyMap<string, Entry> {
  const known = made.get(provider);
  if (known) return known;
  const entries = new Map(
    Object.entries(provider.targets).map(([name, target]) => [name, entryOf(key, provider, name, target)]),
  );
  made.set(provider, entries);
  return entries;
}

function entryOf(key: string, provider: Provider, targetName: string, target: Target): Entry {
  const ids = Object.entries(target.ids);
  const requiredIds = ids.filter(([, { optional }]) => !optional).map(([name]) => name);
  const { pages = [], force = [] } = target;
  const states = { ...provider.states, ...target.states };
  return {
    key,
    provider,
    targetName,
    target,
    idNames: ids.map(([name]) => name),
    requiredIds,
    listId: requiredIds.at(-1) ?? "",
    uniqueId: ids.find(([, { unique }]) => unique)?.[0],
    pages,
    apiPages: [...(target.apiPages ?? []), ...lookedAt(target, requiredIds, target.server ?? provider.server.url)],
    pastablePages: pages.filter((page) => requiredIds.every((name) => names(page).includes(name))),
    force,
    states,
    statesAfterCancel: { ...states, ...target.statesAfterCancel },
    liveWords: target.list?.live ?? liveWords(states),
  };
}

/** The address that a look asks, if it names the run: people find it in a vendor's replies and webhooks. */
function lookedAt({ ids, look }: Target, requiredIds: readonly string[], server: Server["url"]): string[] {
  const [method = "", whole = ""] = ("route" in look ? look.route : "").split(" ");
  const route = withoutMissing(whole, {}, { ids });
  if (method !== "GET" || !requiredIds.every((name) => names(route).includes(name))) return [];
  return typeof server === "object" ? server.map(({ url }) => url + route) : [route];
}

/** What waits for a person or a timer may go on, and come to wait, at any time. */
function liveWords(states: Readonly<Record<string, State>>): readonly string[] {
  const order: readonly State[] = ["blocked", "queued", "running", "blocked", "cancelling"];
  return order.flatMap((state) => Object.keys(states).filter((word) => states[word] === state));
}

/** Every call that a step may make. */
export function callsOf(step: Step): readonly Call[] {
  if ("ask" in step) return step.calls.flatMap(withOtherwise);
  return ("choose" in step ? step.choose : [step]).flatMap(withOtherwise);
}

function withOtherwise(call: Call): readonly Call[] {
  return [call, ...(call.otherwise ? withOtherwise(call.otherwise) : [])];
}
