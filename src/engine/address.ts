/** From pasted pages to runs. */
import type { Ids, Provider } from "../provider.ts";
import { oneLine, oneOf } from "../text.ts";
import { fromEnv, type Surroundings } from "./lookup.ts";
import { order, pageOf, type Run } from "./run.ts";
import { checkServer, givenServer, knownServer, type Place, placeAt, publicPlace } from "./server.ts";
import type { Settings } from "./settings.ts";
import { exampleValues, fill, pastable, readPage } from "./template.ts";
import { UsageError } from "./usage.ts";

interface Candidate {
  readonly key: string;
  readonly targetName: string;
  readonly ids: Ids;
  readonly place: Place;
  /** Lower is surer: the vendor's own host, a server we know, the shape of the path. */
  readonly rank: number;
}

/** The runs whose pages are given. Throws `UsageError`. */
export function byAddress(settings: Settings, around: Surroundings): Run[] {
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
