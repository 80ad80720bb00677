/** From ids to runs. */
import type { Id, Ids, Provider } from "../provider.ts";
import { oneLine, oneOf } from "../text.ts";
import { type Entry, entriesOf } from "./catalog.ts";
import { listOf, unquoted } from "./id-pairs.ts";
import { meantBy, oneOfProviders } from "./identify.ts";
import { fromEnv, lineFor, type Lookup } from "./lookup.ts";
import { nearest } from "./nearest.ts";
import { inOrder, type Run } from "./run.ts";
import { givenServer, idsOfServer, type Place, placeOf, publicUrl } from "./server.ts";
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
  const given = valuesOf(target.ids, ids, defaults).filter(({ name }) => name !== list);
  const listed = listOf(ids[list] ?? "");
  if (listed.length === 0)
    throw new MissingId(lookup.spell(list), `${lookup.spell(list)} is empty; it takes the ${target.ids[list]!.help}`);
  return listed.map((value) => {
    const values = [...given, { name: list, id: target.ids[list]!, value, variable: undefined }];
    const place = placeOf(entry, server, regionOf(values, settings, lookup) ?? region, lookup);
    const checked = values.map((one) => [one.name, checkId(one, place, lookup)]);
    return { ...entry, ids: inOrder(entry, Object.fromEntries(checked) as Ids), place };
  });
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
    throw new UsageError(`${lookup.spell(stray)} cannot be combined with a selection, which takes ${takes}`);
  }
  const of = Object.fromEntries(within.map((name) => [name, target.ids[name]!]));
  const given = valuesOf(of, settings.ids, defaults);
  const missing = within.find((name) => given.every((value) => value.name !== name));
  if (missing !== undefined)
    throw new MissingId(
      lookup.spell(missing),
      `${lookup.spell(missing)} is missing: a selection at provider ${key} needs it`,
    );
  const place = placeOf(entry, server, regionOf(given, settings, lookup) ?? region, lookup);
  const ids = Object.fromEntries(given.map((value) => [value.name, checkId(value, place, lookup)]));
  return { ...entry, ids, place };
}

interface Resolved {
  readonly key: string;
  readonly provider: Provider;
  /** Ids that the environment and the platform give. */
  readonly defaults: Defaults;
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
    defaults: { ...defaultsOf(key, provider, server, lookup), ...namedByServer(provider, settings, lookup) },
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

/** What is left out, and the variable that it comes from, if it is from one. */
type Defaults = Readonly<Record<string, { readonly value: string; readonly variable?: string }>>;

/** The ids of the project that we run in come first, and are none of another server's. */
function defaultsOf(key: string, provider: Provider, server: Place | undefined, { platform, env }: Lookup): Defaults {
  const isHere = platform?.provider === key && (server === undefined || server.server === platform.server);
  const host = new URL(server?.server ?? publicUrl(provider.server.url, "") ?? "https://server.invalid").host;
  const defaults: Record<string, { value: string; variable?: string }> = {};
  for (const { ids } of Object.values(provider.targets)) {
    for (const [name, id] of Object.entries(ids)) {
      const here = isHere ? platform.ids[name] : undefined;
      const variable = id.env?.find((one) => env[one]?.trim());
      const found = variable === undefined ? undefined : env[variable]!.trim();
      // One of another server is none of this one's.
      const isOurs = found !== undefined && (id.says?.(found).host ?? host) === host;
      // One that may be left out is left out where its variable holds something else, as a team's may hold a person's id.
      const fits = isOurs && (!id.optional || matches(id.pattern, id.normalize?.(found) ?? found));
      if (here !== undefined) defaults[name] = { value: here };
      else if (fits && variable !== undefined) defaults[name] = { value: found, variable };
    }
  }
  return defaults;
}

/** Ids in the address of the server. Given both ways they must be equal. */
function namedByServer(provider: Provider, settings: Settings, { spell }: Lookup): Defaults {
  const ids = Object.assign({}, ...Object.values(provider.targets).map((target) => target.ids)) as Record<string, Id>;
  return Object.fromEntries(
    Object.entries(idsOfServer(provider, settings)).map(([name, value]) => {
      const normal = (text: string): string => (ids[name]?.normalize?.(text) ?? text).toLowerCase();
      const given = settings.ids[name];
      if (given !== undefined && normal(unquoted(given)) !== normal(value))
        throw new UsageError(
          `${spell(name)}: "${oneLine(given, 120)}" is not the one in ${spell("server-url")}, ${oneLine(normal(value), 120)}; give one of them`,
        );
      return [name, { value }];
    }),
  );
}

interface Value {
  readonly name: string;
  readonly id: Id;
  readonly value: string;
  readonly variable: string | undefined;
}

function valuesOf(ids: Readonly<Record<string, Id>>, inputs: Ids, defaults: Defaults): Value[] {
  return Object.entries(ids).flatMap(([name, id]) => {
    const given = inputs[name];
    const value = given === undefined ? defaults[name]?.value : unquoted(given);
    const variable = given === undefined ? defaults[name]?.variable : undefined;
    return value === undefined ? [] : [{ name, id, value, variable }];
  });
}

/** The region that an id names: no other one has the run. */
function regionOf(values: readonly Value[], { region }: Settings, lookup: Lookup): string | undefined {
  for (const { name, id, value } of values) {
    const said = id.says?.(value).region;
    if (said !== undefined && region !== undefined && said !== region)
      throw new UsageError(
        `${lookup.spell("region")}: "${oneLine(region, 60)}" is not the region in ${lookup.spell(name)}, ${oneLine(said, 60)}; leave it out`,
      );
    if (said !== undefined) return said;
  }
  return undefined;
}

function chooseTarget(key: string, provider: Provider, inputs: Ids, defaults: Defaults, lookup: Lookup): Entry {
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
  if (foreign !== undefined) {
    const near = nearest(foreign, [...known]);
    const hint = near === undefined ? "" : `; did you mean ${lookup.spell(near)}?`;
    throw new UsageError(`${lookup.spell(oneLine(foreign, 60))} is not an id of this provider; ${accepted}${hint}`);
  }
  const fits = entries.filter(({ idNames }) => names.every((name) => idNames.includes(name)));
  if (fits.length === 0)
    throw new UsageError(`${names.map((name) => lookup.spell(name)).join(", ")} cannot be combined; ${accepted}`);
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

function checkId({ name, id, value, variable }: Value, place: Place, lookup: Lookup): string {
  const host = id.says?.(value).host;
  if (host !== undefined && host !== new URL(place.server).host)
    throw new UsageError(
      `${lookup.spell(name)}: "${oneLine(value, 120)}" is on ${host}, not on ${new URL(place.server).host}; if that is your server, add ${lineFor("server-url", `https://${host}`, lookup)}`,
    );
  const normal = id.normalize?.(value) ?? value;
  if (matches(id.pattern, normal) && !hasDotSegment(normal)) return normal;
  const takes = `the ${id.help}, for example ${id.example}${id.hint ? `; ${id.hint}` : ""}`;
  if (variable === undefined) throw bad(lookup, name, value, `takes ${takes}`);
  throw new UsageError(
    `${variable} in the environment is "${oneLine(value, 120)}", and this takes ${takes}; give it as ${lookup.spell(name)}`,
  );
}
