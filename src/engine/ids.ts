/** From ids to runs. */
import type { Ids, Provider, Target } from "../provider.ts";
import { oneOf } from "../text.ts";
import { fromEnv, type Surroundings } from "./lookup.ts";
import { lastName, order, type Run } from "./run.ts";
import { givenServer, type Place, placeOf } from "./server.ts";
import { bad, type Settings } from "./settings.ts";
import { hasDotSegment, matches } from "./template.ts";
import { MissingId, UsageError } from "./usage.ts";

/** The runs that the ids name. Throws `UsageError`. */
export function byIds(settings: Settings, around: Surroundings): Run[] {
  const { key, provider, defaults, given, region } = resolve(settings, around);
  const own = around.platform?.provider === key ? around.platform.own : undefined;
  const ids = settings.self && own && Object.keys(settings.ids).length === 0 ? own : settings.ids;
  const [targetName, target] = chooseTarget(key, provider, ids, defaults, around);
  const place = placeOf(key, provider, target, given, region, around);
  const list = lastName(target);
  const base: Record<string, string> = {};
  for (const [name, id] of Object.entries(target.ids)) {
    const value = ids[name] ?? defaults[name];
    if (name !== list && value !== undefined) base[name] = checkId(name, id, value, around);
  }
  const listed = (ids[list] ?? "").split(/[\s,]+/).filter(Boolean);
  if (listed.length === 0)
    throw new MissingId(around.spell(list), `${around.spell(list)} is empty; it takes the ${target.ids[list]!.help}`);
  return listed.map((value) => ({
    key,
    provider,
    targetName,
    target,
    ids: order(target, { ...base, [list]: checkId(list, target.ids[list]!, value, around) }),
    place,
  }));
}

/** What a selection lists: a run without the id that the list is to give. Throws `UsageError`. */
export function locateList(settings: Settings, around: Surroundings): Run {
  const { key, provider, defaults, given, region } = resolve(settings, around);
  const [listing] = Object.entries(provider.targets).filter(([, { list }]) => list !== undefined);
  if (!listing) throw new UsageError(`provider ${key} cannot select runs; give their ids`);
  const [targetName, target] = listing;
  const { within } = target.list!;
  const stray = Object.keys(settings.ids).find((name) => !within.includes(name));
  if (stray !== undefined) {
    const takes = oneOf(
      within.map((name) => around.spell(name)),
      "and",
    );
    throw new UsageError(`${around.spell(stray)} does not go together with a selection, which takes ${takes}`);
  }
  const ids: Record<string, string> = {};
  for (const name of within) {
    const value = settings.ids[name] ?? defaults[name];
    if (value === undefined)
      throw new MissingId(
        around.spell(name),
        `${around.spell(name)} is missing: a selection at provider ${key} needs it`,
      );
    ids[name] = checkId(name, target.ids[name]!, value, around);
  }
  return { key, provider, targetName, target, ids, place: placeOf(key, provider, target, given, region, around) };
}

interface Resolved {
  readonly key: string;
  readonly provider: Provider;
  /** Ids that the surroundings give. */
  readonly defaults: Ids;
  readonly given: Place | undefined;
  readonly region: string | undefined;
}

function resolve(settings: Settings, around: Surroundings): Resolved {
  const key = settings.provider ?? (settings.self ? around.platform?.provider : undefined);
  if (key === undefined) {
    const message = `${around.spell("url")} or ${around.spell("provider")} is missing: give the run's page, or one of ${oneOf([...around.providers.keys()])} with its ids`;
    throw Object.keys(settings.ids).length === 0 && !settings.selection
      ? new MissingId(around.spell("url"), message)
      : new UsageError(message);
  }
  const provider = around.providers.get(key)!;
  const region = settings.region ?? fromEnv(provider.server.regionEnv, around.env);
  const given = givenServer(key, provider, settings, around);
  const defaults: Record<string, string> = {};
  const platform =
    around.platform?.provider === key && (given === undefined || given.server === around.platform.server)
      ? around.platform
      : undefined;
  for (const target of Object.values(provider.targets)) {
    for (const [name, id] of Object.entries(target.ids)) {
      const value = fromEnv(id.env, around.env) ?? platform?.ids[name];
      if (value !== undefined) defaults[name] = value;
    }
  }
  return { key, provider, defaults, given, region };
}

function chooseTarget(
  key: string,
  provider: Provider,
  given: Ids,
  defaults: Ids,
  around: Surroundings,
): [string, Target] {
  const names = Object.keys(given);
  const combinations = Object.entries(provider.targets).map(([name, target]) => {
    const ids = Object.entries(target.ids).map(([id, { optional }]) =>
      optional ? `[${around.spell(id)}]` : around.spell(id),
    );
    return `${oneOf(ids, "and")} (${name})`;
  });
  const accepted = `provider ${key} takes ${oneOf(combinations)}`;
  if (names.length === 0) throw new MissingId("an id", `no id is given; ${accepted}`);
  const known = new Set(Object.values(provider.targets).flatMap((target) => Object.keys(target.ids)));
  const foreign = names.find((name) => !known.has(name));
  if (foreign !== undefined)
    throw new UsageError(`${around.spell(foreign)} is not an id of this provider; ${accepted}`);
  const fits = Object.entries(provider.targets).filter(([, { ids }]) =>
    names.every((name) => Object.hasOwn(ids, name)),
  );
  if (fits.length === 0)
    throw new UsageError(`${names.map((name) => around.spell(name)).join(", ")} do not go together; ${accepted}`);
  const whole = fits.find(([, target]) =>
    Object.entries(target.ids).every(
      ([name, id]) =>
        id.optional || given[name] !== undefined || (name !== lastName(target) && defaults[name] !== undefined),
    ),
  );
  if (whole) return whole;
  const missing = fits.map(([, target]) =>
    Object.entries(target.ids)
      .filter(
        ([name, id]) =>
          !id.optional && given[name] === undefined && (name === lastName(target) || defaults[name] === undefined),
      )
      .map(([name]) => around.spell(name)),
  );
  const lacking = oneOf([...new Set(missing.map((some) => oneOf(some, "and")))]);
  throw new MissingId(lacking, `${lacking} is missing; ${accepted}`);
}

function checkId(name: string, id: Target["ids"][string], value: string, around: Surroundings): string {
  const normal = id.normalize?.(value) ?? value;
  if (matches(id.pattern, normal) && !hasDotSegment(normal)) return normal;
  throw bad(around, name, value, `takes the ${id.help}, for example ${id.example}${id.hint ? `; ${id.hint}` : ""}`);
}
