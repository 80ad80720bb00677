/** A file of the job says which run is meant, when the step acts: its page, or its last id. */
import type { Host } from "../host.ts";
import type { Provider } from "../provider.ts";
import { head, oneLine, oneOf } from "../text.ts";
import { entriesOf } from "./catalog.ts";
import { listOf, readPairs } from "./id-pairs.ts";
import { idNames, type Manifest } from "./manifest.ts";
import { readAddresses, type Settings } from "./settings.ts";
import { matches } from "./template.ts";
import { NotStarted, UsageError } from "./usage.ts";

type Providers = ReadonlyMap<string, Provider>;

/** The settings with what the file says. Throws `NotStarted` where it says nothing, and `UsageError`. */
export function withIdFile(
  settings: Settings,
  path: string,
  host: Host,
  { manifest, providers }: { readonly manifest: Manifest; readonly providers: Providers },
): Settings {
  const input = host.spell("id-file");
  const text = host.read(path)?.trim() ?? "";
  if (text === "") throw new NotStarted(input, `${oneLine(path, 200)} (${input}) is missing or empty`);
  const pages = readAddresses(text);
  // A page says more than the ids beside it.
  if (pages.every((page) => /^https?:\/\//i.test(page))) return { ...settings, addresses: pages, ids: {} };
  const pairs = readPairs(text);
  const known = idNames(manifest);
  // An id may hold these signs, too: it is a pair only by a name that is one.
  if (typeof pairs !== "string" && pairs.every(({ name }) => known.includes(name)))
    return {
      ...settings,
      ids: { ...settings.ids, ...Object.fromEntries(pairs.map(({ name, value }) => [name, value])) },
    };
  const [name, ...others] = lastIds(settings, providers, listOf(text)[0] ?? "");
  if (name === undefined)
    throw new UsageError(
      `${input}: "${oneLine(text, 120)}" in ${oneLine(path, 200)} is no page, and which id it is cannot be told; give ${host.spell("provider")} and the other ids, or write \`name: value\` into the file`,
    );
  if (others.length > 0)
    throw new UsageError(
      `${input}: ${ambiguous([name, ...others], `"${oneLine(text, 120)}" in ${oneLine(path, 200)}`)}`,
    );
  return { ...settings, ids: { ...settings.ids, [name]: text } };
}

/** What is wrong with the inputs whatever the file says; else what is to be said of it while the step is armed. */
export function checkIdFile(settings: Settings, path: string, host: Host, providers: Providers): string | undefined {
  const input = host.spell("id-file");
  const other = settings.addresses.length > 0 ? host.spell("url") : settings.selection && "a selection";
  if (other !== undefined)
    throw new UsageError(`${input} cannot be combined with ${other}: both say which run is meant`);
  const names = settings.provider === undefined ? [] : lastIds(settings, providers);
  if (settings.provider !== undefined && names.length === 0)
    throw new UsageError(
      `${input}: the ids that are given leave none for the file; leave out what the file is to hold`,
    );
  return names.length > 1 ? ambiguous(names, `a bare id in ${oneLine(path, 200)}`) : undefined;
}

const ambiguous = (names: readonly string[], what: string): string =>
  `${what} could be ${oneOf(names)}; write the page of the run into the file, or \`${names[0]!}: …\``;

/** The ids that are missing as the last one, where the value may be one, for the ids that are given. */
function lastIds({ provider = "", ids }: Settings, providers: Providers, value?: string): string[] {
  const known = providers.get(provider);
  const given = Object.keys(ids);
  const entries = known ? [...entriesOf(provider, known).values()] : [];
  const names = entries
    .filter(({ idNames: names, listId }) => !given.includes(listId) && given.every((name) => names.includes(name)))
    .filter(({ target, listId }) => value === undefined || matches(target.ids[listId]!.pattern, head(value)))
    .map(({ listId }) => listId);
  return [...new Set(names)];
}
