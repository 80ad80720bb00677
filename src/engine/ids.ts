/** From ids to runs. */
import type { Id, Ids, Provider } from "../provider.ts";
import { oneOf } from "../text.ts";
import { type Entry, entriesOf } from "./catalog.ts";
import { meantBy, oneOfProviders } from "./identify.ts";
import { fromEnv, type Lookup } from "./lookup.ts";
import { inOrder, type Run } from "./run.ts";
import { givenServer, type Place, placeOf } from "./server.ts";
import { bad, type Settings } from "./settings.ts";
import { hasDotSegment, matches } from "./template.ts";
import { MissingId, UsageError } from "./usage.ts";

/** The runs that the ids name. Throws `UsageError`. */
export function byIds(settings: Settings, lookup: Lookup): Run[] {
  const { key, provider, defaults, server, region } = resolve(settings, lookup);
  const own = lookup.platform?.provider === key ? lookup.platform.own : undefined;
  const ids = settings.self && own && Object.keys(settings.ids).length === 0 ? own : settings.ids;
  const entry = chooseTarget(key, provider, ids, defaults, lookup);
  const { target, listId: list } = entry;
  const place = placeOf(entry, server, region, lookup);
  const base: Record<string, string> = {};
  for (const [name, id] of Object.entries(target.ids)) {
    const value = ids[name] ?? defaults[name];
    if (name !== list && value !== undefined) base[name] = checkId(name, id, value, lookup);
  }
  const listed = (ids[list] ?? "").split(/[\s,]+/).filter(Boolean);
  if (listed.length === 0)
    throw new MissingId(lookup.spell(list), `${lookup.spell(list)} is empty; it takes the ${target.ids[list]!.help}`);
  return listed.map((value) => ({
    ...entry,
    ids: inOrder(entry, { ...base, [list]: checkId(list, target.ids[list]!, value, lookup) }),
    place,
  }));
}

/** What a selection lists: a run without the id that the list is to give. Throws `UsageError`. */
export function locateList(settings: Settings, lookup: Lookup): Run {
  const { key, provider, defaults, server, region } = resolve(settings, lookup);
  const entry = [...entriesOf(key, provider).values()].find(({ target }) => target.list !== undefined);
  if (!entry) throw new UsageError(`provider ${key} cannot select runs; give their ids`);
  const { target } = entry;
  const { within } = target.list!;
  const stray = Object.keys(settings.ids).find((name) => !within.includes(name));
  if (stray !== undefined) {
    const takes = oneOf(
      within.map((name) => lookup.spell(name)),
      "and",
    );
    throw new UsageError(`${lookup.spell(stray)} does not go together with a selection, which takes ${takes}`);
  }
  const ids: Record<string, string> = {};
  for (const name of within) {
    const value = settings.ids[name] ?? defaults[name];
    if (value === undefined)
      throw new MissingId(
        lookup.spell(name),
        `${lookup.spell(name)} is missing: a selection at provider ${key} needs it`,
      );
    ids[name] = checkId(name, target.ids[name]!, value, lookup);
  }
  return { ...entry, ids, place: placeOf(entry, server, region, lookup) };
}

interface Resolved {
  readonly key: string;
  readonly provider: Provider;
  /** Ids that the environment and the platform give. */
  readonly defaults: Ids;
  /** The one that the inputs, the platform or a variable give. */
  readonly server: Place | undefined;
  readonly region: string | undefined;
}

function resolve(settings: Settings, lookup: Lookup): Resolved {
  const key = providerOf(settings, lookup);
  const provider = lookup.providers.get(key)!;
  const server = givenServer(key, provider, settings, lookup);
  return {
    key,
    provider,
    defaults: defaultsOf(key, provider, server, lookup),
    server,
    region: settings.region ?? fromEnv(provider.server.region?.env, lookup.env),
  };
}

function providerOf(settings: Settings, lookup: Lookup): string {
  const { platform, providers, spell } = lookup;
  const key = settings.provider ?? (settings.self ? platform?.provider : undefined);
  if (key !== undefined) {
    const keys = meantBy(key, settings, lookup);
    if (keys.length === 1) return keys[0]!;
    const { server } = givenServer(keys[0]!, providers.get(keys[0]!)!, settings, lookup)!;
    return oneOfProviders(keys, server, `${spell("server-url")}: ${server} could be a server`, lookup);
  }
  const message = `${spell("url")} or ${spell("provider")} is missing: give the run's page, or one of ${oneOf([...providers.keys()])} with its ids`;
  throw Object.keys(settings.ids).length === 0 && !settings.selection
    ? new MissingId(spell("url"), message)
    : new UsageError(message);
}

/** The ids of the project that we run in are none of another server's. */
function defaultsOf(key: string, provider: Provider, server: Place | undefined, { platform, env }: Lookup): Ids {
  const isHere = platform?.provider === key && (server === undefined || server.server === platform.server);
  const defaults: Record<string, string> = {};
  for (const { ids } of Object.values(provider.targets)) {
    for (const [name, id] of Object.entries(ids)) {
      const value = fromEnv(id.env, env) ?? (isHere ? platform.ids[name] : undefined);
      if (value !== undefined) defaults[name] = value;
    }
  }
  return defaults;
}

function chooseTarget(key: string, provider: Provider, inputs: Ids, defaults: Ids, lookup: Lookup): Entry {
  const names = Object.keys(inputs);
  const entries = [...entriesOf(key, provider).values()];
  const combinations = entries.map(({ targetName, target }) => {
    const ids = Object.entries(target.ids).map(([id, { optional }]) =>
      optional ? `[${lookup.spell(id)}]` : lookup.spell(id),
    );
    return `${oneOf(ids, "and")} (${targetName})`;
  });
  const accepted = `provider ${key} takes ${oneOf(combinations)}`;
  if (names.length === 0) throw new MissingId("an id", `no id is given; ${accepted}`);
  const known = new Set(entries.flatMap(({ idNames }) => idNames));
  const foreign = names.find((name) => !known.has(name));
  if (foreign !== undefined)
    throw new UsageError(`${lookup.spell(foreign)} is not an id of this provider; ${accepted}`);
  const fits = entries.filter(({ idNames }) => names.every((name) => idNames.includes(name)));
  if (fits.length === 0)
    throw new UsageError(`${names.map((name) => lookup.spell(name)).join(", ")} do not go together; ${accepted}`);
  const missing = ({ requiredIds, listId }: Entry): string[] =>
    requiredIds.filter((name) => inputs[name] === undefined && (name === listId || defaults[name] === undefined));
  const complete = fits.find((entry) => missing(entry).length === 0);
  if (complete) return complete;
  const lists = fits.map((entry) =>
    oneOf(
      missing(entry).map((name) => lookup.spell(name)),
      "and",
    ),
  );
  const lacking = oneOf([...new Set(lists)]);
  throw new MissingId(lacking, `${lacking} is missing; ${accepted}`);
}

function checkId(name: string, id: Id, value: string, lookup: Lookup): string {
  const normal = id.normalize?.(value) ?? value;
  if (matches(id.pattern, normal) && !hasDotSegment(normal)) return normal;
  throw bad(lookup, name, value, `takes the ${id.help}, for example ${id.example}${id.hint ? `; ${id.hint}` : ""}`);
}
