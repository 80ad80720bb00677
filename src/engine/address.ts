/** From pasted pages to runs. */
import type { Id, Ids, Provider } from "../provider.ts";
import { head, oneLine, oneOf } from "../text.ts";
import { type Entry, entriesOf } from "./catalog.ts";
import { meantBy, oneOfProviders } from "./identify.ts";
import { fromEnv, type Lookup } from "./lookup.ts";
import { inOrder, pageOf, type Run } from "./run.ts";
import {
  checkServer,
  forTarget,
  givenServer,
  inRegion,
  knownServer,
  type Place,
  placeAt,
  placeOfApi,
  publicPlace,
  publicPlaces,
  publicUrl,
} from "./server.ts";
import type { Settings } from "./settings.ts";
import { exampleValues, hasDotSegment, isWholeAddress, readPage } from "./template.ts";
import { UsageError } from "./usage.ts";
import { ofPage, sentenceOn } from "./without-cancel.ts";

/** The runs whose pages are given. Throws `UsageError`. */
export function byAddress(settings: Settings, lookup: Lookup): Run[] {
  const [surplus] = Object.keys(settings.ids);
  if (surplus !== undefined)
    throw new UsageError(
      `${lookup.spell(surplus)} cannot be combined with ${lookup.spell("url")}: an address already has the ids`,
    );
  return settings.addresses.map((text) => runAt(text, settings, lookup));
}

function runAt(text: string, settings: Settings, lookup: Lookup): Run {
  const address = addressIn(text, lookup);
  const found = address ? matchesFor(address, settings, lookup) : [];
  const mistake = address && mistaken(address, found, settings, lookup);
  if (mistake !== undefined) throw new UsageError(`${lookup.spell("url")}: "${oneLine(text, 200)}" is ${mistake}`);
  const without = address && found.length === 0 ? ofPage(address) : undefined;
  if (without) throw new UsageError(`${lookup.spell("url")}: ${sentenceOn(without)}`);
  const matches = ofOneProvider(found, text, lookup);
  const [first] = matches;
  if (!first)
    throw new UsageError(
      `${lookup.spell("url")}: "${oneLine(text.replace(/^.*@/s, "***@"), 200)}" is not a page address we recognize; it takes ${examples(settings.provider, text, lookup)}`,
    );
  // Of several pages of one provider the one that gives the most ids is meant.
  const told = ({ entry: { target }, ids }: PageMatch): number =>
    Object.keys(ids).filter((name) => Object.hasOwn(target.ids, name)).length;
  const chosen = matches.reduce((a, b) => (told(b) > told(a) ? b : a));
  const { entry, ids, place, isPage } = chosen;
  return {
    ...entry,
    ids: inOrder(entry, ids),
    place: forTarget(place, entry),
    ...(isPage && address && { address: address.href }),
  };
}

/** What a text means as an address: without a scheme https is meant. */
function addressIn(text: string, { spell }: Lookup): URL | undefined {
  const bare = /^(?:[a-z0-9-]+\.)+[a-z0-9-]+(?::\d+)?\//i.test(head(text));
  const scheme = /^[a-z][a-z0-9+.-]*:?\/\/|^:?\/\//i.exec(head(text))?.[0];
  if (scheme !== undefined && !/^https?:\/\/$/i.test(scheme))
    throw new UsageError(
      `${spell("url")}: "${oneLine(text.replace(/^.*@/s, "***@"), 200)}" begins with "${scheme}"; an address begins with https://`,
    );
  const whole = bare ? `https://${text}` : text;
  if (!URL.canParse(whole)) return undefined;
  const address = new URL(whole);
  if (!/^https?:$/.test(address.protocol)) return undefined;
  if (address.username || address.password)
    throw new UsageError(
      `${spell("url")}: an address with a user name or password is not accepted; give credentials in their own inputs`,
    );
  return address;
}

/** What a page is that people, or our templates, take for a run's, if it is one of those that the vendors' files tell. */
function mistaken(address: URL, matches: readonly PageMatch[], settings: Settings, lookup: Lookup): string | undefined {
  for (const [key, { mistakenPages = {}, server, targets }] of lookup.providers) {
    if (settings.provider !== undefined && settings.provider !== key) continue;
    if (matches.length > 0 && !matches.some(({ entry }) => entry.key === key)) continue;
    const ids = Object.assign({}, ...Object.values(targets).map((target) => target.ids)) as Readonly<
      Record<string, Id>
    >;
    const known = typeof server.url === "string" && server.url === address.origin;
    const own = server.selfHosted ?? known;
    const found = Object.entries(mistakenPages).find(([template]) => own && readPage(template, address, ids));
    if (found) return found[1];
  }
  return undefined;
}

/** Throws `Unidentified` where the address could be a page of several. */
function ofOneProvider(matches: readonly PageMatch[], text: string, lookup: Lookup): readonly PageMatch[] {
  const keys = [...new Set(matches.map(({ entry }) => entry.key))];
  const [first] = matches;
  if (!first || keys.length === 1) return matches;
  // A server that only the address names is not asked anything: it takes the input `server-url` to go there.
  const plain = first.place.kind === "found" ? keys.filter((key) => !lookup.providers.get(key)?.answersTo) : keys;
  const what = `${lookup.spell("url")}: "${oneLine(text, 200)}" could be a page`;
  if (plain.length === 0) throw new UsageError(`${what} of ${oneOf(keys)}; say which in ${lookup.spell("provider")}`);
  const one = plain.length === 1 ? plain[0] : oneOfProviders(plain, first.place.server, what, lookup);
  return matches.filter(({ entry }) => entry.key === one);
}

/** A page that a run may have. */
interface Page {
  readonly entry: Entry;
  readonly template: string;
  /** It is an address of the API: it names the run by the ids themselves, and is below the API base. */
  readonly isApi: boolean;
  /** The provider's server that we know of besides the vendor's own. */
  readonly known: Place | undefined;
}

type PageMatch = Pick<Run, "ids" | "place"> & { readonly entry: Entry; readonly isPage: boolean };

/** Finds the ids and the server of a page in an address. */
type Resolver = (
  page: Page,
  address: URL,
  settings: Settings,
  lookup: Lookup,
) => Pick<Run, "ids" | "place"> | undefined;

/** The surest first; the first that finds a run decides. */
const resolvers: readonly Resolver[] = [onVendorsHost, onKnownServer, byShapeOfPath];

function matchesFor(address: URL, settings: Settings, lookup: Lookup): PageMatch[] {
  const pages = pagesOf(settings, lookup);
  for (const resolver of resolvers) {
    const all = pages.flatMap((page) => {
      const found = resolver(page, address, settings, lookup);
      return found ? [{ entry: page.entry, isPage: !page.isApi, isBare: isBare(page.template), ...found }] : [];
    });
    const plain = all.filter((match) => !match.isBare);
    const matches = plain.length > 0 ? plain : all;
    // Where an address of the API has the form of a page, too, it is none: /api/v4/projects/12/pipelines/5 is no project's page.
    const ofApi = matches.filter(({ isPage }) => !isPage);
    if (matches.length > 0) return ofApi.length > 0 ? ofApi : matches;
  }
  return [];
}

function pagesOf(settings: Settings, lookup: Lookup): Page[] {
  const { provider: named } = settings;
  const meant = named === undefined ? undefined : [named, ...meantBy(named, settings, lookup)];
  return [...lookup.providers]
    .filter(([key]) => meant === undefined || meant.includes(key))
    .flatMap(([key, provider]) => {
      const serverOf = settings.serverUrl === undefined ? knownServer : givenServer;
      const known = serverOf(key, provider, settings, lookup);
      return [...entriesOf(key, provider).values()].flatMap((entry) => [
        ...entry.pages.map((template) => ({ entry, template, known, isApi: false })),
        ...entry.apiPages.map((template) => ({ entry, template, known, isApi: true })),
      ]);
    });
}

function onVendorsHost(page: Page, address: URL, settings: Settings, lookup: Lookup): ReturnType<Resolver> {
  const { entry, template, known } = page;
  const { region, serverUrl } = settings;
  if (!isWholeAddress(template)) {
    for (const open of publicPlaces(entry, region)) {
      const isGiven = serverUrl !== undefined && known?.server === open.server;
      const found = located(read(page, address, open), isGiven ? known : open);
      if (found) return found;
    }
    return undefined;
  }
  const match = read(page, address);
  const here = match?.region ?? region ?? fromEnv(entry.provider.server.region?.env, lookup.env);
  const place = match && known?.kind === "given" ? inRegion(known, here, entry, lookup) : publicPlace(entry, here);
  if (match?.region !== undefined && region !== undefined && place && match.region !== region)
    throw new UsageError(
      `${lookup.spell("region")}: "${oneLine(region, 60)}" is not the region of the page, ${match.region}; leave it out`,
    );
  return located(match, place);
}

function onKnownServer(page: Page, address: URL): ReturnType<Resolver> {
  const { template, known } = page;
  if (isWholeAddress(template) || !known) return undefined;
  return located(read(page, address, known), known);
}

/** A path of ids alone may be any system's page: one that says more comes first. */
const isBare = (template: string): boolean =>
  template.startsWith("/") && template.split("/").every((part) => part === "" || /^\{[^{}]*\}$/.test(head(part)));

/** On a server that only the address names: no credential of the environment goes there. */
function byShapeOfPath(page: Page, address: URL, settings: Settings, { spell }: Lookup): ReturnType<Resolver> {
  const { entry, template, known } = page;
  const { provider } = entry;
  const { region } = settings;
  if (settings.provider !== undefined && settings.provider !== entry.key) return undefined;
  if (isWholeAddress(template) || !provider.server.selfHosted) return undefined;
  if (isBare(template) && settings.provider === undefined) return undefined;
  const others = [...publicPlaces(entry, region), known];
  if (others.some((place) => place && new URL(place.server).origin === address.origin)) return undefined;
  const place = page.isApi ? placeOfApi(provider, address) : undefined;
  const match = read(page, address, place);
  if (!match) return undefined;
  const http = `${spell("allow-http")} together with ${spell("server-url")}`;
  const server = checkServer(place?.server ?? match.server, spell("url"), false, http);
  return located(match, placeAt(provider, server, "found"));
}

/** The ids in an address of the run's own target, wherever its server is. */
export function idsOnPage(address: URL, { pages, target, provider }: Run): Ids | undefined {
  for (const template of pages) {
    const match = readPage(template, canonical(address, provider), target.ids);
    if (match) return match.ids;
  }
  return undefined;
}

interface Match {
  readonly ids: Ids;
  readonly server: string;
  readonly region: string | undefined;
}

function canonical({ href }: URL, { server: { canonicalPage } }: Provider): URL {
  return new URL(canonicalPage ? canonicalPage(href) : href);
}

/** What the page's template reads in the address; undefined unless it names a run whole. */
function read({ template, entry, isApi }: Page, address: URL, place?: Place): Match | undefined {
  const base = isApi ? place?.api : place?.server;
  const page = canonical(address, entry.provider);
  const match = readPage(template, page, entry.target.ids, base ? new URL(base) : undefined);
  if (!match) return undefined;
  const { region, ...ids } = match.ids;
  const incomplete = entry.requiredIds.some((name) => ids[name] === undefined);
  if (incomplete || Object.values(ids).some(hasDotSegment)) return undefined;
  return { ids, server: match.server ?? "", region };
}

function located(match: Match | undefined, place: Place | undefined): ReturnType<Resolver> {
  if (!match || !place) return undefined;
  const { ids, region } = match;
  return { ids, place: { ...place, ...(region !== undefined && { region }) } };
}

/** Pages of the vendor whose host is in the text, else those whose path shares most words with it. */
function examples(only: string | undefined, text: string, lookup: Lookup): string {
  const words = new Set(text.split("/"));
  const pages = [...lookup.providers]
    .filter(([key, { answersTo }]) => (only === undefined ? answersTo === undefined : only === key))
    .flatMap(([key, provider]) =>
      [...entriesOf(key, provider).values()].flatMap(({ target, pastablePages: [template] }) => {
        if (template === undefined) return [];
        const region = provider.server.region?.example ?? "";
        const server = publicUrl(provider.server.url, region) ?? "https://HOST";
        const page = pageOf(template, server, exampleValues(template, target, region));
        return [
          { page, shared: template.split("/").filter((word) => !/^(?:https:)?$/.test(word) && words.has(word)).length },
        ];
      }),
    )
    .sort((a, b) => b.shared - a.shared || a.page.length - b.page.length)
    .map(({ page }) => page);
  const near = pages.filter((page) => text.includes(page.split("/")[2]!));
  const shown = near.length > 0 ? near : pages;
  return shown.length > 0 ? `pages such as ${oneOf(shown.slice(0, 3))}` : "no pages of this provider; give its ids";
}
