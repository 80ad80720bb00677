/** Asks a server which provider's it is. */
import { type Client, createClient, HttpError } from "../http/client.ts";
import type { Provider, Reply } from "../provider.ts";
import type { Unidentified } from "./identify.ts";
import type { StepDeps } from "./step.ts";
import { matches, pick } from "./template.ts";
import { traceTo } from "./trace.ts";
import { UsageError } from "./usage.ts";

/** Our own job is being killed before the server has said which it is. Nothing that changes anything has been sent. */
export class Interrupted extends Error {}

interface Deps extends Pick<StepDeps, "clock" | "transport" | "interrupted"> {
  readonly providers: ReadonlyMap<string, Provider>;
}

/** Asks the server which provider's it is. Rejects with `UsageError` when it does not say, with `Interrupted` when there is no time to. */
export async function identify(
  { server, keys, message }: Unidentified,
  { providers, clock, transport, interrupted }: Deps,
  deadline: number,
  debug?: (line: string) => void,
): Promise<string> {
  const client = createClient(transport, clock, traceTo(debug));
  const cannot = (why: string): UsageError => new UsageError(`${message} (${why})`);
  const asking = keys.flatMap((key) => {
    const version = providers.get(key)?.server.version;
    return version ? [{ key, version }] : [];
  });
  const others = keys.filter((key) => !asking.some((one) => one.key === key));
  for (const path of new Set(asking.map(({ version }) => version.path))) {
    const reply = await ask(new URL(server + path), client, deadline, interrupted);
    if (typeof reply === "string" && interrupted.aborted)
      throw new Interrupted(
        `interrupted before ${new URL(server).host} said which system it is; nothing was cancelled`,
      );
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
