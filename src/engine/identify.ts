/** Which provider's a server is, where its pages do not tell: some systems have taken over another one's. */
import { type Client, createClient, HttpError } from "../http/client.ts";
import type { Reply } from "../provider.ts";
import { head, oneOf } from "../text.ts";
import type { Lookup } from "./lookup.ts";
import { hasScheme, placeAt, sameServer } from "./server.ts";
import type { Settings } from "./settings.ts";
import type { StepDeps } from "./step.ts";
import { matches, pick } from "./template.ts";
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

type Deps = Pick<StepDeps, "providers" | "clock" | "transport" | "interrupted">;

/** Asks the server which provider's it is. Rejects with `UsageError` when it does not say. */
export async function identify(
  { server, keys, message }: Unidentified,
  { providers, clock, transport, interrupted }: Deps,
  deadline: number,
): Promise<string> {
  const client = createClient(transport, clock);
  const cannot = (why: string): UsageError => new UsageError(`${message} (${why})`);
  const asking = keys.flatMap((key) => {
    const version = providers.get(key)?.server.version;
    return version ? [{ key, version }] : [];
  });
  const others = keys.filter((key) => !asking.some((one) => one.key === key));
  for (const path of new Set(asking.map(({ version }) => version.path))) {
    const reply = await ask(new URL(server + path), client, deadline, interrupted);
    if (typeof reply === "string") throw cannot(reply);
    const found = asking.find(({ version }) => {
      const said: unknown = version.path === path ? pick(version.at, reply.body) : undefined;
      return typeof said === "string" && matches(version.is, said);
    });
    if (found) return found.key;
    if (reply.status !== 404 && !isPage(reply))
      throw cannot(`${new URL(server).host} answered ${reply.status} when asked for its version`);
  }
  const [other] = others;
  if (other === undefined || others.length > 1) throw cannot(`${new URL(server).host} does not say which it is`);
  return other;
}

/** A page for people, a login for one. */
const isPage = ({ status, body }: Reply): boolean => status === 200 && body === undefined;

/** As text: why there is no answer. */
async function ask(url: URL, client: Client, deadline: number, signal: AbortSignal): Promise<Reply | string> {
  try {
    return await client.send({ method: "GET", url, headers: {} }, { deadline, signal, interrupted: signal });
  } catch (error) {
    if (!(error instanceof HttpError)) throw error;
    return error.kind === "protocol" ? { status: 200, headers: {}, body: undefined } : error.message;
  }
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
