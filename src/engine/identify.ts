/** Which provider's a server may be, where its pages do not tell: some systems have taken over another one's. */
import { head, oneOf } from "../text.ts";
import type { Lookup } from "./lookup.ts";
import { hasScheme, placeAt, sameServer } from "./server.ts";
import type { Settings } from "./settings.ts";
import { UsageError } from "./usage.ts";

/** The server itself must be asked. Nobody gave it a credential yet, and it gets none with this question. */
export class Unidentified extends UsageError {
  readonly server: string;
  /** Providers that it may be of. */
  readonly keys: readonly string[];
  constructor(message: string, server: string, keys: readonly string[]) {
    super(message);
    this.server = server;
    this.keys = keys;
  }
}

/** Of these providers the one that `what` is of. Throws `Unidentified` when the server is to be asked, else `UsageError`. */
export function oneOfProviders(keys: readonly string[], server: string, what: string, lookup: Lookup): string {
  const { providers, identified, spell } = lookup;
  const known = identified?.get(server);
  if (known !== undefined && keys.includes(known)) return known;
  const message = `${what} of ${oneOf(keys)}; say which in ${spell("provider")}`;
  const canTell = keys.some((key) => providers.get(key)?.server.version !== undefined);
  throw canTell ? new Unidentified(message, server, keys) : new UsageError(message);
}

/**
 * The providers that `provider` may mean. On the server that we run on, and on one that is given by its API's path, a
 * system that runs the steps of another one is meant by that one's name, too.
 */
export function meantBy(key: string, settings: Pick<Settings, "serverUrl">, lookup: Lookup): string[] {
  const { platform, providers } = lookup;
  const answering = [...providers].filter(([, { answersTo }]) => answersTo === key);
  const address = serverOf(settings);
  const here = answering.find(([name]) => name === platform?.provider);
  if (here && platform) {
    const [name, provider] = here;
    if (!address || sameServer(placeAt(provider, address, "given").server, platform.server)) return [name];
  }
  const path = head(address?.pathname ?? "").replace(/\/+$/, "");
  const byPath = answering.filter(([, { server }]) => typeof server.api === "string" && path.endsWith(server.api));
  return byPath.length > 0 ? byPath.map(([name]) => name) : [key];
}

/** An address that is not accepted is told so later. */
function serverOf(settings: Pick<Settings, "serverUrl">): URL | undefined {
  const { serverUrl = "" } = settings;
  const whole = hasScheme(serverUrl) ? serverUrl : `https://${serverUrl}`;
  return URL.canParse(whole) ? new URL(whole) : undefined;
}
