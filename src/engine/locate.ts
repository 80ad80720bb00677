/** From inputs to runs: which provider, which target, which ids, which server. Sends nothing. */
import type { Ids, Provider, Target } from "../provider.ts";
import { oneLine, oneOf } from "../text.ts";
import type { Platform } from "../platform.ts";
import type { Environment } from "../environment.ts";
import { checkServer, needsRegion, type Place, placeAt, publicPlace } from "./server.ts";
import { bad, type Settings } from "./settings.ts";
import { exampleValues, fill, matches, pastable, readPage } from "./template.ts";
import { UsageError } from "./usage.ts";

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

export interface Surroundings {
  readonly providers: ReadonlyMap<string, Provider>;
  readonly env: Environment;
  readonly platform: Platform | undefined;
  spell(name: string): string;
}

/** Every run that the inputs name, each once. Throws `UsageError`. */
export function locate(settings: Settings, around: Surroundings): Run[] {
  const runs = settings.addresses.length > 0 ? byAddress(settings, around) : byIds(settings, around);
  return [
    ...new Map(
      runs.map((run) => [`${run.key} ${run.targetName} ${run.place.api} ${Object.values(run.ids).join(" ")}`, run]),
    ).values(),
  ];
}

function byIds(settings: Settings, around: Surroundings): Run[] {
  const { provider: key, region: givenRegion } = settings;
  if (key === undefined)
    throw new UsageError(
      `${around.spell("url")} or ${around.spell("provider")} is missing: give the run's page, or one of ${oneOf([...around.providers.keys()])} with its ids`,
    );
  const provider = around.providers.get(key)!;
  const region = givenRegion ?? fromEnv(provider.server.regionEnv, around.env);
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
  const [targetName, target] = chooseTarget(key, provider, settings.ids, defaults, around);
  if (region === undefined && needsRegion(provider, target) && given === undefined)
    throw new UsageError(`${around.spell("region")} is missing: provider ${key} needs it, for example ${provider.server.regionExample ?? "eu-west-1"}`);
  const place = given ?? publicPlace(provider, target, region);
  if (place === undefined)
    throw new UsageError(`${around.spell("server-url")} is missing: provider ${key} has no public server`);
  const list = mostSpecific(target);
  const base: Record<string, string> = {};
  for (const [name, id] of Object.entries(target.ids)) {
    const value = settings.ids[name] ?? defaults[name];
    if (name !== list && value !== undefined) base[name] = checkId(name, id, value, around);
  }
  const listed = (settings.ids[list] ?? "").split(/[\s,]+/).filter(Boolean);
  return listed.map((value) => ({
    key,
    provider,
    targetName,
    target,
    ids: order(target, { ...base, [list]: checkId(list, target.ids[list]!, value, around) }),
    place: { ...place, ...(region !== undefined && { region }) },
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
        id.optional || given[name] !== undefined || (name !== mostSpecific(target) && defaults[name] !== undefined),
    ),
  );
  if (whole) return whole;
  const missing = fits.map(([, target]) =>
    Object.entries(target.ids)
      .filter(
        ([name, id]) =>
          !id.optional && given[name] === undefined && (name === mostSpecific(target) || defaults[name] === undefined),
      )
      .map(([name]) => around.spell(name)),
  );
  throw new UsageError(`${oneOf([...new Set(missing.map((some) => oneOf(some, "and")))])} is missing; ${accepted}`);
}

/** The id that may be a list: the last required one. */
function mostSpecific(target: Target): string {
  return Object.entries(target.ids)
    .filter(([, id]) => !id.optional)
    .map(([name]) => name)
    .at(-1)!;
}

function checkId(name: string, id: Target["ids"][string], value: string, around: Surroundings): string {
  const normal = id.normalize?.(value) ?? value;
  if (matches(id.pattern, normal) && !normal.split("/").some((part) => part === "." || part === "..")) return normal;
  throw bad(around, name, value, `takes the ${id.help}, for example ${id.example}${id.hint ? `; ${id.hint}` : ""}`);
}

const order = (target: Target, ids: Ids): Ids =>
  Object.fromEntries(Object.keys(target.ids).flatMap((name) => (ids[name] === undefined ? [] : [[name, ids[name]]])));

function fromEnv(names: readonly string[] | undefined, env: Environment): string | undefined {
  return names?.map((name) => env[name]?.trim()).find(Boolean);
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
        `${around.spell("url")}: "${oneLine(text.replace(/\/\/[^/?#]*@/, "//***@"), 200)}" is no page we know; it takes ${examples(settings.provider, around)}`,
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
  const given = givenServer(key, provider, settings, around);
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

function examples(only: string | undefined, around: Surroundings): string {
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
    );
  return pages.length > 0 ? `pages such as ${oneOf(pages)}` : "no pages of this provider; give its ids";
}

/** The address of a run's page. */
export function pageOf(template: string, server: string, values: Ids): string {
  const relative = template.startsWith("{server}") ? template.slice("{server}".length) : template;
  return /^[a-z]+:/.test(template) ? fill(template, values) : server + fill(relative, values);
}
