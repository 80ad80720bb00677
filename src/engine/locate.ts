/** From inputs to runs: which provider, which target, which ids, which server. Sends nothing. */
import type { Ids, Provider, Target } from "../provider.ts";
import { oneLine, oneOf } from "../text.ts";
import type { Platform } from "../platform.ts";
import { fromEnv, type Surroundings } from "./lookup.ts";
import { lastName, order, pageOf, type Run, runKey } from "./run.ts";
import { checkServer, needsRegion, type Place, placeAt, publicPlace } from "./server.ts";
import { bad, type Settings } from "./settings.ts";
import { exampleValues, fill, matches, pastable, readPage } from "./template.ts";
import { MissingId, UsageError } from "./usage.ts";

/** Every run that the inputs name, each once. Throws `UsageError`. */
export function locate(settings: Settings, around: Surroundings): Run[] {
  const runs = settings.addresses.length > 0 ? byAddress(settings, around) : byIds(settings, around);
  return [...new Map(runs.map((run) => [runKey(run), run])).values()];
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

function placeOf(
  key: string,
  provider: Provider,
  target: Target,
  given: Place | undefined,
  region: string | undefined,
  around: Surroundings,
): Place {
  if (region === undefined && needsRegion(provider, target) && given === undefined)
    throw new UsageError(
      `${around.spell("region")} is missing: provider ${key} needs it, for example ${provider.server.regionExample ?? "eu-west-1"}`,
    );
  const place = given ?? publicPlace(provider, target, region);
  if (place === undefined)
    throw new UsageError(`${around.spell("server-url")} is missing: provider ${key} has no public server`);
  return { ...place, ...(region !== undefined && { region }) };
}

function byIds(settings: Settings, around: Surroundings): Run[] {
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

/** The server that `server-url`, the platform or a vendor tool's variable gives, in this order. */
function givenServer(key: string, provider: Provider, settings: Settings, around: Surroundings): Place | undefined {
  const http = `${around.spell("allow-http")} together with ${around.spell("server-url")}`;
  if (settings.serverUrl !== undefined)
    return placeAt(
      provider,
      checkServer(settings.serverUrl, around.spell("server-url"), settings.allowHttp, around.spell("allow-http")),
      "given",
    );
  if (around.platform?.provider === key) return platformPlace(around.platform, provider, http);
  for (const name of provider.server.env ?? []) {
    const value = around.env[name]?.trim();
    if (value) return placeAt(provider, checkServer(value, name, false, http), "given");
  }
  return undefined;
}

/** A page names its server itself: what this machine and its other tools are set up for need not be usable then. */
function knownServer(key: string, provider: Provider, settings: Settings, around: Surroundings): Place | undefined {
  try {
    return givenServer(key, provider, settings, around);
  } catch (error) {
    if (error instanceof UsageError) return undefined;
    throw error;
  }
}

function platformPlace(platform: Platform, provider: Provider, http: string): Place {
  const place = placeAt(
    provider,
    checkServer(platform.server, "the server this step runs on", false, http),
    "platform",
  );
  return platform.api === undefined ? place : { ...place, api: platform.api.replace(/\/+$/, "") };
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
  if (matches(id.pattern, normal) && !normal.split("/").some((part) => part === "." || part === "..")) return normal;
  throw bad(around, name, value, `takes the ${id.help}, for example ${id.example}${id.hint ? `; ${id.hint}` : ""}`);
}

interface Candidate {
  readonly key: string;
  readonly targetName: string;
  readonly ids: Ids;
  readonly place: Place;
  /** Lower is surer: the vendor's own host, a server we know, the shape of the path. */
  readonly rank: number;
}

function byAddress(settings: Settings, around: Surroundings): Run[] {
  const [surplus] = Object.keys(settings.ids);
  if (surplus !== undefined)
    throw new UsageError(
      `${around.spell(surplus)} does not go together with ${around.spell("url")}: an address gives the ids itself`,
    );
  return settings.addresses.map((text) => {
    const candidates = [...around.providers]
      .filter(([key]) => settings.provider === undefined || settings.provider === key)
      .flatMap(([key, provider]) => candidatesFor(text, key, provider, settings, around));
    const best = Math.min(...candidates.map(({ rank }) => rank));
    const sure = candidates.filter(({ rank }) => rank === best);
    const [first] = sure;
    if (!first)
      throw new UsageError(
        `${around.spell("url")}: "${oneLine(text.replace(/^.*@/s, "***@"), 200)}" is no page we know; it takes ${examples(settings.provider, text, around)}`,
      );
    if (sure.some(({ key }) => key !== first.key))
      throw new UsageError(
        `${around.spell("url")}: "${oneLine(text, 200)}" could be a page of ${oneOf([...new Set(sure.map(({ key }) => key))])}; say which in ${around.spell("provider")}`,
      );
    // Of several pages of one provider the one that gives the most ids is meant.
    const chosen = sure.reduce((a, b) => (Object.keys(b.ids).length > Object.keys(a.ids).length ? b : a));
    const provider = around.providers.get(chosen.key)!;
    const target = provider.targets[chosen.targetName]!;
    return {
      key: chosen.key,
      provider,
      targetName: chosen.targetName,
      target,
      ids: order(target, chosen.ids),
      place: chosen.place,
      address: text,
    };
  });
}

function candidatesFor(
  text: string,
  key: string,
  provider: Provider,
  settings: Settings,
  around: Surroundings,
): Candidate[] {
  let address: URL;
  try {
    address = new URL(text);
  } catch {
    return [];
  }
  if (address.username || address.password)
    throw new UsageError(
      `${around.spell("url")}: an address with a user name or password is not accepted; give credentials as inputs of their own`,
    );
  const given =
    settings.serverUrl === undefined
      ? knownServer(key, provider, settings, around)
      : givenServer(key, provider, settings, around);
  const found: Candidate[] = [];
  for (const [targetName, target] of Object.entries(provider.targets)) {
    for (const template of typeof target.page === "string" ? [target.page] : (target.page ?? [])) {
      const add = (
        match: ReturnType<typeof readPage>,
        place: (server: string) => Place | undefined,
        rank: number,
      ): void => {
        if (!match) return;
        const { region: inPage, ...ids } = match.ids;
        if (
          Object.entries(target.ids).some(([name, id]) => !id.optional && ids[name] === undefined) ||
          Object.values(ids).some((value) => value.split("/").some((part) => part === "." || part === ".."))
        )
          return;
        const at = place(match.server ?? "");
        if (at)
          found.push({ key, targetName, ids, place: { ...at, ...(inPage !== undefined && { region: inPage }) }, rank });
      };
      if (/^[a-z]+:/.test(template)) {
        const match = readPage(template, address, target.ids);
        add(
          match,
          () =>
            given?.kind === "given"
              ? given
              : publicPlace(
                  provider,
                  target,
                  match?.ids["region"] ?? settings.region ?? fromEnv(provider.server.regionEnv, around.env),
                ),
          0,
        );
        continue;
      }
      const open = publicPlace(provider, target, settings.region);
      if (open) add(readPage(template, address, target.ids, new URL(open.server)), () => open, 0);
      if (given) add(readPage(template, address, target.ids, new URL(given.server)), () => given, 1);
      if (
        provider.server.selfHosted &&
        address.origin !== (open && new URL(open.server).origin) &&
        address.origin !== (given && new URL(given.server).origin)
      ) {
        add(
          readPage(template, address, target.ids),
          (server) =>
            placeAt(
              provider,
              checkServer(
                server,
                around.spell("url"),
                false,
                `${around.spell("allow-http")} together with ${around.spell("server-url")}`,
              ),
              "found",
            ),
          2,
        );
      }
    }
  }
  return found;
}

/** Pages of the vendor whose host is in the text, else of those that have one. */
function examples(only: string | undefined, text: string, around: Surroundings): string {
  const pages = [...around.providers]
    .filter(([key]) => only === undefined || only === key)
    .flatMap(([, provider]) =>
      Object.values(provider.targets).flatMap((target) => {
        const [template] = pastable(target);
        if (template === undefined) return [];
        const region = provider.server.regionExample ?? "eu-west-1";
        const server = fill(provider.server.url ?? "https://HOST", { region });
        return [pageOf(template, server, exampleValues(template, target, region))];
      }),
    )
    .sort((a, b) => a.length - b.length);
  const near = pages.filter((page) => text.includes(page.split("/")[2]!));
  const shown = near.length > 0 ? near : pages;
  return shown.length > 0 ? `pages such as ${oneOf(shown.slice(0, 3))}` : "no pages of this provider; give its ids";
}
