/** From pasted pages to runs. */
import type { Ids } from "../provider.ts";
import { oneLine, oneOf } from "../text.ts";
import { type Entry, entriesOf } from "./catalog.ts";
import { meantBy, oneOfProviders } from "./identify.ts";
import { fromEnv, type Lookup } from "./lookup.ts";
import { inOrder, pageOf, type Run } from "./run.ts";
import { checkServer, givenServer, knownServer, type Place, placeAt, publicPlace, publicUrl } from "./server.ts";
import type { Settings } from "./settings.ts";
import { exampleValues, hasDotSegment, isWholeAddress, readPage } from "./template.ts";
import { UsageError } from "./usage.ts";

/** The runs whose pages are given. Throws `UsageError`. */
export function byAddress(settings: Settings, lookup: Lookup): Run[] {
  const [surplus] = Object.keys(settings.ids);
  if (surplus !== undefined)
    throw new UsageError(
      `${lookup.spell(surplus)} does not go together with ${lookup.spell("url")}: an address gives the ids itself`,
    );
  return settings.addresses.map((text) => runAt(text, settings, lookup));
}

function runAt(text: string, settings: Settings, lookup: Lookup): Run {
  const matches = ofOneProvider(matchesFor(text, settings, lookup), text, lookup);
  const [first] = matches;
  if (!first)
    throw new UsageError(
      `${lookup.spell("url")}: "${oneLine(text.replace(/^.*@/s, "***@"), 200)}" is no page we know; it takes ${examples(settings.provider, text, lookup)}`,
    );
  // Of several pages of one provider the one that gives the most ids is meant.
  const chosen = matches.reduce((a, b) => (Object.keys(b.ids).length > Object.keys(a.ids).length ? b : a));
  const { entry, ids, place } = chosen;
  return { ...entry, ids: inOrder(entry, ids), place, address: text };
}

/** Throws `Unidentified` where the address could be a page of several. */
function ofOneProvider(matches: readonly PageMatch[], text: string, lookup: Lookup): readonly PageMatch[] {
  const keys = [...new Set(matches.map(({ entry }) => entry.key))];
  const [first] = matches;
  if (!first || keys.length === 1) return matches;
  // A server that only the address names is not asked anything: it takes the input `server-url` to go there.
  const plain = first.place.kind === "found" ? keys.filter((key) => !lookup.providers.get(key)?.answersTo) : keys;
  const what = `${lookup.spell("url")}: "${oneLine(text, 200)}" could be a page`;
  const one = plain.length === 1 ? plain[0] : oneOfProviders(plain, first.place.server, what, lookup);
  return matches.filter(({ entry }) => entry.key === one);
}

/** A page that a run may have. */
interface Page {
  readonly entry: Entry;
  readonly template: string;
  /** The provider's server that we know of besides the vendor's own. */
  readonly known: Place | undefined;
}

type PageMatch = Pick<Run, "ids" | "place"> & { readonly entry: Entry };

/** Finds the ids and the server of a page in an address. */
type Resolver = (
  page: Page,
  address: URL,
  settings: Settings,
  lookup: Lookup,
) => Pick<Run, "ids" | "place"> | undefined;

/** The surest first; the first that finds a run decides. */
const resolvers: readonly Resolver[] = [onVendorsHost, onKnownServer, byShapeOfPath];

function matchesFor(text: string, settings: Settings, lookup: Lookup): PageMatch[] {
  if (!URL.canParse(text)) return [];
  const address = new URL(text);
  if (address.username || address.password)
    throw new UsageError(
      `${lookup.spell("url")}: an address with a user name or password is not accepted; give credentials as inputs of their own`,
    );
  const pages = pagesOf(settings, lookup);
  for (const resolver of resolvers) {
    const resolve = (page: Page): PageMatch[] => {
      const found = resolver(page, address, settings, lookup);
      return found ? [{ entry: page.entry, ...found }] : [];
    };
    const matches = pages.flatMap(resolve);
    const isNone = pages.some((page) =>
      page.entry.notPages.some((template) => resolve({ ...page, template }).length > 0),
    );
    if (matches.length > 0) return isNone ? [] : matches;
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
      return [...entriesOf(key, provider).values()].flatMap((entry) =>
        entry.pages.map((template) => ({ entry, template, known })),
      );
    });
}

function onVendorsHost(page: Page, address: URL, { region }: Settings, { env }: Lookup): ReturnType<Resolver> {
  const { entry, template, known } = page;
  if (isWholeAddress(template)) {
    const match = read(page, address);
    if (match && known?.kind === "given") return located(match, known);
    const here = match?.region ?? region ?? fromEnv(entry.provider.server.region?.env, env);
    return located(match, publicPlace(entry, here));
  }
  const open = publicPlace(entry, region);
  return open && located(read(page, address, open), open);
}

function onKnownServer(page: Page, address: URL): ReturnType<Resolver> {
  const { template, known } = page;
  if (isWholeAddress(template) || !known) return undefined;
  return located(read(page, address, known), known);
}

/** On a server that only the address names: no credential of the environment goes there. */
function byShapeOfPath(page: Page, address: URL, settings: Settings, { spell }: Lookup): ReturnType<Resolver> {
  const { entry, template, known } = page;
  const { provider } = entry;
  const { region } = settings;
  if (settings.provider !== undefined && settings.provider !== entry.key) return undefined;
  if (isWholeAddress(template) || !provider.server.selfHosted) return undefined;
  const others = [publicPlace(entry, region), known];
  if (others.some((place) => place && new URL(place.server).origin === address.origin)) return undefined;
  const match = read(page, address);
  if (!match) return undefined;
  const http = `${spell("allow-http")} together with ${spell("server-url")}`;
  return located(match, placeAt(provider, checkServer(match.server, spell("url"), false, http), "found"));
}

interface Match {
  readonly ids: Ids;
  readonly server: string;
  readonly region: string | undefined;
}

/** What the page's template reads in the address; undefined unless it names a run whole. */
function read({ template, entry }: Page, address: URL, place?: Place): Match | undefined {
  const match = readPage(template, address, entry.target.ids, place && new URL(place.server));
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

/** Pages of the vendor whose host is in the text, else of those that have one. */
function examples(only: string | undefined, text: string, lookup: Lookup): string {
  const pages = [...lookup.providers]
    .filter(([key, { answersTo }]) => (only === undefined ? answersTo === undefined : only === key))
    .flatMap(([key, provider]) =>
      [...entriesOf(key, provider).values()].flatMap(({ target, pastablePages: [template] }) => {
        if (template === undefined) return [];
        const region = provider.server.region?.example ?? "";
        const server = publicUrl(provider.server.url, region) ?? "https://HOST";
        return [pageOf(template, server, exampleValues(template, target, region))];
      }),
    )
    .sort((a, b) => a.length - b.length);
  const near = pages.filter((page) => text.includes(page.split("/")[2]!));
  const shown = near.length > 0 ? near : pages;
  return shown.length > 0 ? `pages such as ${oneOf(shown.slice(0, 3))}` : "no pages of this provider; give its ids";
}
