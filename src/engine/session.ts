/** One server with one credential: sends a provider's calls and classifies the replies. */
import type { Clock } from "../clock.ts";
import { cookiesOf } from "../auth/cookies.ts";
import type { Authenticator, Credentials } from "../auth/scheme.ts";
import { Denied, Unavailable } from "../auth/scheme.ts";
import { loaders } from "../auth/index.ts";
import type { Client, HttpRequest } from "../http/client.ts";
import { HttpError, unlessAborted } from "../http/client.ts";
import type { Lane, Quota, Rank, Waiting } from "../http/lane.ts";
import { httpDate } from "../http/retry.ts";
import type { Ask, Auth, Call, Choice, Context, Ids, Json, Reply, Step } from "../provider.ts";
import { duration, head, oneLine } from "../text.ts";
import { type Classified, classify, isDenied } from "./reply.ts";
import { build } from "./request.ts";
import type { Grant } from "./credentials.ts";
import type { Run } from "./run.ts";
import { holds, pick } from "./template.ts";

export interface CallOptions {
  readonly reason: string;
  readonly last?: Json;
  /** Ids that a look has taught. */
  readonly learned?: Ids;
  readonly changes: boolean;
  readonly deadline: number;
  readonly signal?: AbortSignal;
  /** Waits end when it fires. */
  readonly interrupted?: AbortSignal;
  readonly onRetry?: (why: string, wait: number) => void;
  /** Monotonic time after which a change is not begun, and not sent again. */
  readonly retryUntil?: number;
  /** Attempts that were made of the same change before it was postponed. */
  readonly attemptsBefore?: number;
  /** It belongs to a change that has begun, which is finished however late it is. */
  readonly hasBegun?: boolean;
  /** An answer that leaves open whether a change had an effect is the last: it is not sent again. */
  readonly once?: boolean;
  /** Told of a change that may have had its effect although no answer says so. */
  readonly onUnclear?: () => void;
  /** Of what reads; a change goes first in any case. */
  readonly rank?: Rank;
  /** Told of each page of a list. */
  readonly onPage?: () => void;
}

export interface SessionOptions {
  readonly auth: Auth;
  readonly credentials: Credentials;
  readonly tokenServer: string | undefined;
  readonly limits?: Grant["limits"];
  readonly client: Client;
  readonly clock: Clock;
  readonly laneOf: (origin: string) => Lane;
  readonly mask: (secret: string) => void;
}

export class Session {
  readonly #options: SessionOptions;
  readonly #authenticators = new Map<string, Promise<Authenticator>>();
  readonly #explanations = new Map<string, Promise<string | undefined>>();
  /** How far the server's clock is ahead of ours, in ms, as far as a signature had to know. */
  #ahead = 0;

  constructor(options: SessionOptions) {
    this.#options = options;
  }

  /** Resolves when the run's server may be sent a change. */
  async turn(run: Run, deadline: number, signal: AbortSignal): Promise<void> {
    await this.#laneOf(run).turn({ deadline, signal });
  }

  /** What the run's server has said to be left of its limit. */
  quota(run: Run): Quota | undefined {
    return this.#laneOf(run).quota;
  }

  #laneOf(run: Run): Lane {
    return this.#options.laneOf(new URL(run.place.api).origin);
  }

  /** Sends a step of a run's provider; one that `changes` something after its `turn` has come. Rejects with `HttpError`. */
  async send(run: Run, step: Step, sending: CallOptions): Promise<Classified> {
    const values = { ...run.ids, ...sending.learned, reason: sending.reason, region: run.place.region ?? "" };
    const sendCall = async (call: Call, hasBegun = false): Promise<Classified> => {
      const asked = { url: build(run, call, values).url, server: run.place.server };
      const result = classify(await this.#send(run, call, values, { ...sending, hasBegun }), call, run.provider, asked);
      const { otherwise } = call;
      const said = `${pick<string | number>(run.provider.errors?.code, result.reply.body) ?? result.reply.status}`;
      return otherwise?.on.test(head(said)) ? await sendCall(otherwise, true) : result;
    };
    if ("choose" in step) return await sendCall(choose(step, sending.last));
    if (!("ask" in step)) return await sendCall(step);
    let changes = 0;
    const context: Context = {
      ids: { ...run.ids, ...sending.learned },
      reason: sending.reason,
      last: sending.last,
      scheme: this.#options.auth.scheme,
      send: async (call) => {
        // The first change has its turn; where one cancel is several calls, the others wait for theirs.
        const hasBegun = changes > 0;
        if (sending.changes && isChange(call) && changes++ > 0)
          await this.#laneOf(run).turn({ deadline: sending.deadline, signal: sending.interrupted });
        return await this.#send(run, call, values, { ...sending, hasBegun });
      },
    };
    const answer = await ask(step.ask, context);
    return "route" in answer ? await sendCall(answer, changes > 0) : classify(answer, undefined, run.provider);
  }

  /** A run was not found: what is missing, if it is known or the vendor can be asked about it. `said`: the vendor's words. */
  async explainMissing(run: Run, said: string, sending: Omit<CallOptions, "changes">): Promise<string | undefined> {
    const limits = this.#options.limits?.(run, "not-found");
    const { container } = run.provider;
    if (limits !== undefined || container === undefined) return limits;
    const { kind, ids, missingWords, look } = container;
    if (!ids.every((id) => run.ids[id] !== undefined)) return undefined;
    const name = ids.map((id) => run.ids[id]).join("/");
    if (missingWords !== undefined) return missing(kind, name, run, !missingWords.test(head(said)));
    if (look === undefined) return undefined;
    try {
      const reply = await this.send(run, look, { ...sending, changes: false });
      if (reply.kind === "ok") return missing(kind, name, run, true);
      return reply.kind === "not-found" ? missing(kind, name, run, false) : undefined;
    } catch (error) {
      // It is a courtesy; that the run was not found stands without it.
      if (error instanceof HttpError) return undefined;
      throw error;
    }
  }

  /** After a refusal: what is wrong with the credential, if it is known or the vendor can be asked about it. */
  async explain(run: Run, deadline: number, signal: AbortSignal): Promise<string | undefined> {
    const limits = this.#options.limits?.(run, "denied");
    if (limits !== undefined) return limits;
    const key = run.place.region ?? "";
    const known = this.#explanations.get(key) ?? this.#explain(run, deadline, signal);
    this.#explanations.set(key, known);
    return await known;
  }

  async #explain(run: Run, deadline: number, signal: AbortSignal): Promise<string | undefined> {
    try {
      const explained = (await this.#authenticator(run, deadline)).explain?.();
      return explained && (await unlessAborted(explained, signal));
    } catch {
      // The explanation is a courtesy; the refusal stands without it.
      return undefined;
    }
  }

  async #send(run: Run, call: Call, values: Ids, sending: CallOptions): Promise<Reply> {
    const request = build(run, call, values);
    const { crumb } = this.#options.auth;
    if (crumb === undefined || !isChange(call)) return await this.#transmit(run, request, sending);
    const prove = async (): Promise<HttpRequest> => ({
      ...request,
      headers: { ...request.headers, ...(await this.#crumb(run, values, sending)) },
    });
    const goingOn = { ...sending, hasBegun: true };
    if (crumb.askedBy === undefined) return await this.#transmit(run, await prove(), goingOn);
    const reply = await this.#transmit(run, request, sending);
    const text = reply.html ?? (typeof reply.body === "string" ? reply.body : JSON.stringify(reply.body ?? ""));
    if (reply.status !== 403 || !crumb.askedBy.test(head(text))) return reply;
    const proven = await prove().catch((error: unknown) => {
      // The refusal of the change says more than that of the crumb.
      if (error instanceof HttpError && error.kind !== "aborted") return request;
      throw error;
    });
    const isProven = Object.keys(proven.headers).length > Object.keys(request.headers).length;
    return isProven ? await this.#transmit(run, proven, goingOn) : reply;
  }

  async #transmit(run: Run, request: HttpRequest, sending: CallOptions): Promise<Reply> {
    const { client, clock } = this.#options;
    const { errors } = run.provider;
    const { changes, hasBegun = false, retryUntil = Infinity } = sending;
    const isEffective = changes && request.method !== "GET";
    const lane = this.#laneOf(run);
    let proof: Proof = { headers: {}, ahead: 0 };
    const send = async (): Promise<Reply> => {
      // It has waited for its place. What is read for a change, a crumb, is part of it.
      if (!hasBegun && clock.now() > retryUntil)
        throw new HttpError("postponed", `${request.url.host}: too many requests are under way`, false);
      return await client.send(request, {
        lane,
        deadline: sending.deadline,
        reads: !changes,
        ...(sending.signal && { signal: sending.signal }),
        ...(sending.interrupted && { interrupted: sending.interrupted }),
        ...(sending.retryUntil !== undefined && { retryUntil }),
        ...(sending.once && isEffective && { once: true }),
        ...(isEffective && sending.attemptsBefore !== undefined && { attemptsBefore: sending.attemptsBefore }),
        ...(sending.onUnclear && isEffective && { onUnclear: sending.onUnclear }),
        ...(sending.onRetry && { onRetry: sending.onRetry }),
        authorize: async (signed) => {
          const ahead = this.#ahead;
          try {
            const headers = await (await this.#authenticator(run, sending.deadline)).authorize(signed);
            proof = { headers, ahead };
            return headers;
          } catch (error) {
            if (error instanceof Denied) throw new HttpError("denied", oneLine(error.message), false);
            if (error instanceof Unavailable) throw new HttpError("unreachable", oneLine(error.message), false);
            throw error;
          }
        },
        busy: (reply) => errors?.busy?.test(head(`${pick<string | number>(errors.code, reply.body) ?? ""}`)) ?? false,
      });
    };
    const waiting = {
      changes: isEffective,
      deadline: sending.deadline,
      signal: sending.interrupted ?? sending.signal,
    } satisfies Waiting;
    const sendUntilProven = async (): Promise<Reply> => {
      const reply = await send();
      if (!isDenied(reply, errors) || !(await this.#canProve(reply, proof, run, request, sending))) return reply;
      await lane.again(waiting);
      return await send();
    };
    return await lane.run(sendUntilProven, {
      ...waiting,
      rank: changes || sending.retryUntil !== undefined ? "due" : (sending.rank ?? "look"),
    });
  }

  /** After a refusal: whether the same request, sent again, proves more than it did. */
  async #canProve(
    reply: Reply,
    proof: Proof,
    run: Run,
    { url }: HttpRequest,
    { deadline, onRetry }: CallOptions,
  ): Promise<boolean> {
    const authenticator = await this.#authenticator(run, deadline);
    const { clockTolerance = Infinity } = authenticator;
    const ahead = aheadBy(reply, this.#options.clock);
    if (ahead === undefined || Math.abs(ahead - proof.ahead) < clockTolerance)
      return reply.status === 401 && authenticator.renews?.(proof.headers) === true;
    // Others may have been refused for it at the same time.
    this.#ahead = ahead;
    const apart = `${duration(Math.abs(ahead))} ${ahead > 0 ? "ahead of" : "behind"} ours`;
    onRetry?.(`${url.host}: its clock is ${apart}`, 0);
    return true;
  }

  /** The headers that a server wants with every change, besides the credential. */
  async #crumb(run: Run, values: Ids, sending: CallOptions): Promise<Readonly<Record<string, string>>> {
    const { crumb } = this.#options.auth;
    if (!crumb) return {};
    const { status, headers, body } = await this.#send(run, crumb, values, { ...sending, changes: false });
    if (status === 404) return {};
    const [name, value] = [pick<string>(crumb.header, body), pick<string>(crumb.value, body)];
    if (status !== 200 || typeof name !== "string" || typeof value !== "string") {
      const kind = status === 401 || status === 403 ? "denied" : "protocol";
      throw new HttpError(kind, `the server did not issue a crumb for the change (${status})`, false);
    }
    const cookie = cookiesOf(headers);
    return { [name.toLowerCase()]: value, ...(cookie && { cookie }) };
  }

  #authenticator(run: Run, deadline: number): Promise<Authenticator> {
    const { auth, credentials, client, clock, mask } = this.#options;
    const key = run.place.region ?? "";
    const known = this.#authenticators.get(key);
    if (known) return known;
    const fresh = loaders[auth.scheme]().then((scheme) =>
      scheme({
        auth,
        credentials,
        clock: { now: () => clock.now(), date: () => new Date(clock.date().getTime() + this.#ahead) },
        mask,
        region: run.place.region,
        server: run.place.server,
        api: run.place.api,
        tokenServer: this.#options.tokenServer,
        // Without a signal: a token that a look was about to get is the token that the last cancel needs.
        send: (request) => client.send(request, { deadline }),
      }),
    );
    this.#authenticators.set(key, fresh);
    return fresh;
  }
}

/** The headers by which a request said who we are, and how far ahead of our clock what signs the time was. */
interface Proof {
  readonly headers: Readonly<Record<string, string>>;
  readonly ahead: number;
}

/** How far the server's clock is ahead of ours, in ms, if the reply says so: not one that a cache has kept. */
function aheadBy({ headers }: Reply, clock: Clock): number | undefined {
  const date = headers["age"] === undefined ? httpDate(headers["date"]) : undefined;
  return date === undefined ? undefined : date - Math.floor(clock.date().getTime() / 1000) * 1000;
}

function missing(kind: string, name: string, { targetName, listId }: Run, isThere: boolean): string {
  return isThere
    ? `this token sees the ${kind} ${name}, but no such ${targetName} in it: check ${listId}, or it has been deleted`
    : `the ${kind} ${name} is what was not found: check its name, the server and what the token may see`;
}

/** The first call whose condition holds; before the first look, the first one. */
function choose({ choose: calls }: Choice, last: Json): Call {
  const call = last === undefined ? calls[0] : calls.find(({ when }) => when === undefined || holds(when, last));
  if (!call) throw undocumented();
  return call;
}

const isChange = ({ route }: Call): boolean => !route.startsWith("GET ");

/** A provider's function that meets a shape which the server should not have sent says so instead of ending the step. */
async function ask(asked: Ask, context: Context): Promise<Call | Reply> {
  try {
    return await asked(context);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw undocumented();
  }
}

function undocumented(): HttpError {
  return new HttpError("protocol", "the server's reply is not as the vendor documents it", false);
}
