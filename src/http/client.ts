/** Requests with a deadline: retried by policy, redirected only where that is harmless, read as JSON. */
import type { Clock } from "../clock.ts";
import type { Json, Reply } from "../provider.ts";
import { head, longestText, oneLine } from "../text.ts";
import { HttpError } from "./error.ts";
import { parse } from "./json.ts";
import type { Lane, Waiting } from "./lane.ts";
import {
  afterFailure,
  afterReply,
  type Attempt,
  isLimited,
  quotaLeft,
  type Retry,
  tooLong,
  type Verdict,
} from "./retry.ts";
import { type Transport, TransportError, type WireReply } from "./transport.ts";

export { HttpError };

export interface HttpRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Status codes beyond 2xx that are a normal answer, whatever their body. */
  readonly accepts?: readonly number[];
  /** Status codes that are an answer, however much they look like an outage. */
  readonly answers?: readonly number[];
  /** The answer is text, not JSON. */
  readonly text?: true;
  /** It asks the host for a credential, which a container may get at an address of the local link that nothing else may be sent to. */
  readonly forCredential?: true;
}

export interface SendOptions {
  /** Monotonic time at which everything ends. */
  readonly deadline: number;
  readonly signal?: AbortSignal;
  /** Cuts waits between attempts short; what is under way goes on. */
  readonly interrupted?: AbortSignal;
  /** Adds the headers that prove who we are; asked anew for each attempt, because signatures carry the time. */
  readonly authorize?: (request: HttpRequest) => Promise<Readonly<Record<string, string>>>;
  /** Whether a reply is the vendor's way of saying "ask again". */
  readonly busy?: (reply: Reply) => boolean;
  /** It changes nothing, whatever its method, so a reply that shows nothing is asked for again. Default: a GET. */
  readonly reads?: boolean;
  /** Monotonic time after which a wait for another attempt ends without one: with what the last one came to if that may have had an effect, else as `postponed`. */
  readonly retryUntil?: number;
  /** An answer that leaves open whether it had an effect is the last: it is not sent again. */
  readonly once?: boolean;
  /** Attempts that were made of the same request when it was `postponed`. */
  readonly attemptsBefore?: number;
  /** Where it goes: has room for the first attempt, is asked before another one, and hears what replies say of limits. */
  readonly lane?: Lane;
  /** Told before each wait for another attempt. */
  readonly onRetry?: (why: string, wait: number) => void;
  /** Told of an attempt that may have had its effect although no answer says so. */
  readonly onUnclear?: () => void;
}

/** One attempt, for those who ask what is sent. */
export interface Traced {
  readonly method: string;
  readonly url: URL;
  readonly attempt: number;
  readonly ms: number;
  /** The reply, or the code of a failure. */
  readonly came: WireReply | string;
}

/** Why a signal was aborted: a person has asked to stop, so what has not been sent is not sent any more. */
export const byPerson = "by a person";

export const isStopped = (signal: AbortSignal | undefined): boolean => signal?.reason === byPerson;

export interface Client {
  send(request: HttpRequest, options: SendOptions): Promise<Reply>;
}

/** One attempt may take this long: connect, headers and body together. */
const attemptTimeout = 30_000;
const redirects = 5;
/** What is kept of an HTML page: its title and its first words, in characters. */
const largestPage = 10_000;
/** Longest wait between attempts once there is no time to lose. */
const maxWaitAfterInterrupt = 500;

/** What one attempt came to. */
type Got =
  | { readonly reply: Reply; readonly wire: WireReply }
  /** `code` is what the retry policy knows it by; without one it is final. */
  | { readonly failure: HttpError; readonly code?: string };

/** Sends by `transport`, in the time of `clock`. `trace` is told of each attempt. */
export function createClient(transport: Transport, clock: Clock, trace?: (traced: Traced) => void): Client {
  /** By method and address: until when the server has asked to be left alone, and what it answered then. */
  const waits = new Map<string, { readonly until: number; readonly why: string }>();

  async function send(request: HttpRequest, options: SendOptions, hops = 0): Promise<Reply> {
    const { host } = request.url;
    let maybeSent = false;
    await waitAsAsked(request, options);
    for (let number = 1 + (options.attemptsBefore ?? 0); ; number++) {
      if (options.signal?.aborted) throw new HttpError("aborted", "interrupted", maybeSent);
      if (sendsNothing(request, options)) throw new HttpError("aborted", "interrupted", maybeSent);
      if (clock.now() >= options.deadline) throw new HttpError("deadline", `${host}: out of time`, maybeSent);
      const held = options.lane?.heldUntil ?? 0;
      // Another run's request has been told so.
      if (held > options.deadline)
        throw new HttpError(
          "deadline",
          `${host}: ${tooLong(held - clock.now(), options.deadline - clock.now())}`,
          maybeSent,
        );
      const got = await attempt(request, number, options);
      const unclear = isUnclear(got, request);
      if (unclear) options.onUnclear?.();
      maybeSent ||= unclear;
      const { asked, ...usual } = verdictOn(got, number, request, options);
      if (asked !== undefined && "wire" in got)
        waits.set(keyOf(request), { until: clock.now() + asked, why: `answered ${got.wire.status}` });
      const verdict = options.once && unclear ? { giveUp: undefined } : usual;
      if ("wire" in got && isLimited(got.wire)) options.lane?.hold("again" in verdict ? verdict.again : (asked ?? 0));
      // What may have been done already is for a look to say, and not only after a wait that nobody has asked for.
      const isTooLate = unclear && "again" in verdict && clock.now() + verdict.again > (options.retryUntil ?? Infinity);
      if ("again" in verdict && !(isTooLate && asked === undefined)) {
        const reason = await pause(verdict, host, options);
        await options.lane?.again(waiting(request, options));
        if (!sendsNothing(request, options) && clock.now() <= (options.retryUntil ?? Infinity)) continue;
        if (!unclear) throw new HttpError(maybeSent ? "unreachable" : "postponed", reason, maybeSent);
      }
      if ("failure" in got) throw maybeSent ? sentBefore(got.failure) : got.failure;
      const { reply, wire } = got;
      if ("giveUp" in verdict && verdict.giveUp)
        throw new HttpError("deadline", `${host} answered ${wire.status}: ${verdict.giveUp}`, maybeSent);
      if (!isUnexpectedRedirect(wire, request)) return reply;
      await options.lane?.again(waiting(request, options));
      return await send({ ...request, url: redirected(wire, request.url, hops) }, options, hops + 1);
    }
  }

  /** What a server has asked of one who has given up binds the next one, who may not know of it. */
  async function waitAsAsked(request: HttpRequest, options: SendOptions): Promise<void> {
    const { until, why } = waits.get(keyOf(request)) ?? { until: -Infinity, why: "" };
    const [again, left] = [until - clock.now(), options.deadline - clock.now()];
    if (again <= 0) return;
    const { host } = request.url;
    if (again > left) throw new HttpError("deadline", `${host} ${why}: ${tooLong(again, left)}`, false);
    const reason = await pause({ again, why }, host, options);
    if (clock.now() > (options.retryUntil ?? Infinity)) throw new HttpError("postponed", reason, false);
  }

  async function attempt(request: HttpRequest, number: number, options: SendOptions): Promise<Got> {
    const since = clock.now();
    const tell = (came: WireReply | string): void =>
      trace?.({ method: request.method, url: request.url, attempt: number, ms: clock.now() - since, came });
    try {
      const wire = await exchange(request, options);
      tell(wire);
      const quota = quotaLeft(wire, () => clock.date());
      if (quota && options.lane)
        options.lane.quota = { remaining: quota.remaining, resetsAt: clock.now() + quota.resetsIn };
      if (request.method !== "GET" && isUnexpectedRedirect(wire, request)) return { failure: moved(wire, request.url) };
      return readReply(wire, request, reads(request, options));
    } catch (error) {
      if (error instanceof HttpError) {
        tell(error.kind);
        throw error;
      }
      const code = failureCode(error);
      tell(code);
      const failure = new HttpError("unreachable", explain(code, error, request.url), !neverSent.has(code));
      return { failure, code };
    }
  }

  async function exchange(request: HttpRequest, options: SendOptions): Promise<WireReply> {
    const stop = new AbortController();
    const abort = (): void => stop.abort();
    const timeout = setTimeout(abort, Math.max(1, Math.min(attemptTimeout, options.deadline - clock.now())));
    options.signal?.addEventListener("abort", abort);
    if (options.signal?.aborted) abort();
    try {
      const headers = { accept: "application/json", "user-agent": "cancel-run", ...request.headers };
      const proof = options.authorize && (await unlessAborted(options.authorize({ ...request, headers }), stop.signal));
      if (stop.signal.aborted) throw new TransportError("TIMEOUT", "no time left");
      const sent = transport.send({
        method: request.method,
        url: request.url,
        headers: { ...headers, ...proof },
        body: request.body,
        signal: stop.signal,
        ...(request.forCredential && { forCredential: true }),
      });
      // undici heeds a signal only once it is connected, and a proxy may take its time over a tunnel.
      return await unlessAborted(sent, stop.signal);
    } catch (error) {
      if (error instanceof HttpError) throw error;
      if (options.signal?.aborted) throw new HttpError("aborted", "interrupted", true);
      throw stop.signal.aborted ? new TransportError("TIMEOUT", "no answer in time") : error;
    } finally {
      clearTimeout(timeout);
      options.signal?.removeEventListener("abort", abort);
    }
  }

  function verdictOn(got: Got, number: number, request: HttpRequest, options: SendOptions): Verdict {
    const { deadline, busy } = options;
    // After the reply, which may have taken its time.
    const left = deadline - clock.now();
    const tried: Attempt = {
      number,
      left,
      changes: !reads(request, options),
      random: () => clock.random(),
      now: () => clock.date(),
    };
    if ("reply" in got && request.answers?.includes(got.wire.status)) return { giveUp: undefined };
    if ("reply" in got) return afterReply(got.wire, busy?.(got.reply) ?? false, tried);
    return got.code === undefined ? { giveUp: undefined } : afterFailure(got.code, tried);
  }

  /** Waits, and says what for. */
  async function pause({ again, why }: Retry, host: string, options: SendOptions): Promise<string> {
    const { interrupted, signal, onRetry } = options;
    const reason = `${host}: ${explanations[why]?.split(";")[0] ?? why}`;
    onRetry?.(reason, again);
    if (interrupted?.aborted) await clock.sleep(Math.min(again, maxWaitAfterInterrupt), signal);
    else await clock.sleep(again, interrupted ?? signal);
    return reason;
  }

  return { send };
}

/** Waits for work that others wait for, too: when the signal aborts it goes on, and only the waiting ends. */
export async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let abort = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(new TransportError("ABORTED", "interrupted"));
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort);
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

/** Whether the request had an effect is not known. */
function isUnclear(got: Got, { answers }: HttpRequest): boolean {
  if ("failure" in got) return got.failure.maybeSent;
  const { status } = got.wire;
  return (status === 408 || (status >= 500 && status !== 501)) && !answers?.includes(status);
}

/** The failure of a request that an earlier attempt may have brought to the server. */
const sentBefore = ({ kind, message }: HttpError): HttpError => new HttpError(kind, message, true);

const keyOf = ({ method, url }: HttpRequest): string => `${method} ${url.href}`;

/** A person has asked to stop, and it would change something. */
const sendsNothing = (request: HttpRequest, options: SendOptions): boolean =>
  isStopped(options.interrupted) && !reads(request, options);

/** Whether it changes nothing. */
const reads = ({ method }: HttpRequest, options: SendOptions): boolean => options.reads ?? method === "GET";

const isUnexpectedRedirect = ({ status }: WireReply, { accepts }: HttpRequest): boolean =>
  [301, 302, 303, 307, 308].includes(status) && !accepts?.includes(status);

/** As a lane is to know it. */
function waiting(request: HttpRequest, options: SendOptions): Waiting {
  const { deadline, interrupted, signal } = options;
  return { changes: !reads(request, options), deadline, signal: interrupted ?? signal };
}

/** A request that changes something is never sent to another address than the one it was meant for. */
function moved(wire: WireReply, from: URL): HttpError {
  const location = wire.headers["location"] ?? "";
  if (isLogin(location, from)) return toLogin(location, from);
  return new HttpError(
    "protocol",
    `${from.host} answered ${wire.status} and points to ${oneLine(location, 200) || "nowhere"}; cancel requests are never redirected; use the new address`,
    false,
  );
}

function redirected(wire: WireReply, from: URL, hops: number): URL {
  const location = wire.headers["location"] ?? "";
  if (!URL.canParse(location, from.href))
    throw new HttpError("protocol", `${from.host} answered ${wire.status} without a usable location`, false);
  const to = new URL(location, from);
  if (isLogin(location, from)) throw toLogin(location, from);
  if (to.origin !== from.origin)
    throw new HttpError(
      "protocol",
      `${from.host} redirects to ${oneLine(to.origin, 100)}; credentials stay with the server they were given for: check the server's address`,
      false,
    );
  if (hops >= redirects) throw new HttpError("protocol", `${from.host} redirects in a loop`, false);
  return to;
}

/** Whether a redirect leads to where people sign in. */
export function isLogin(location: string, from: URL): boolean {
  if (!URL.canParse(location, from.href)) return false;
  const { hostname, pathname } = new URL(location, from);
  const byName = hostname !== from.hostname && /^(?:login|signin|sso|idp|accounts?)\./i.test(hostname);
  return byName || /\/_?(?:log-?in|sign[-_]?in|sso|saml2?|authorize|commenceLogin)(?:[/.;]|$)/i.test(pathname);
}

function toLogin(location: string, from: URL): HttpError {
  const { origin, pathname } = new URL(location, from);
  return new HttpError(
    "denied",
    `${from.host} leads to a login page, ${oneLine(origin + pathname, 150)}: it, or a proxy in front of it, did not take the credential`,
    false,
  );
}

/** A 2xx counts only when it is JSON or, for a request that changes something, empty; one that reads is tried again. */
function readReply(wire: WireReply, request: HttpRequest, reads: boolean): Got {
  const { status, headers, text } = wire;
  const { host } = request.url;
  const ok = status >= 200 && status < 300;
  const type = headers["content-type"] ?? "";
  const mayBeEmpty = !reads && text.trim() === "";
  const failure = (code: string, message: string): Got => ({
    failure: new HttpError("protocol", message, true),
    ...(reads && { code }),
  });
  const reply = (body: Json, html?: string): Got => ({
    reply: { status, headers, body, ...(html !== undefined && { html: head(html, largestPage) }) },
    wire,
  });

  if (wire.cut) return ok ? failure("CUT", `${host} cut the connection in its reply (${status})`) : reply(undefined);
  // The label is no proof: moto sends JSON as text/html, others as text/plain or JavaScript.
  const data: Json = /^\s*[{[]/.test(text) ? read(text) : undefined;
  if (data !== undefined && !request.text) return reply(data);
  const looksLikePage = /html/i.test(type) || /^\s*<(?:!doctype html|html|head)\b/i.test(text);
  const isPage = text.trim() !== "" && looksLikePage && !isXml(text);
  if (request.text && text && !isPage) return reply(text);
  if (/\bjson\b/i.test(type) && !isPage) {
    const body = read(text);
    if (body !== undefined || !ok || mayBeEmpty) return reply(body);
    return failure("BAD_JSON", `${host} sent broken JSON`);
  }
  if (!type && ok && /^\s*[{[]/.test(text)) return failure("BAD_JSON", `${host} sent broken JSON`);
  if (!ok || request.accepts?.includes(status) || mayBeEmpty)
    return isPage ? reply(undefined, text) : reply(ok ? undefined : text || undefined);
  // A login page stays one; a page that says "back in a minute" does not.
  return failure("NOT_JSON", `expected JSON, got ${whatCame(type, text, host)}`);
}

/** Data in XML begins with an element that no page has: an error, or the response to an operation. */
const isXml = (text: string): boolean =>
  /^\s*(?:<\?xml[^>]*>\s*)?<(?:\w+:)?\w*(?:Error|Response|Exception)s?[\s/>]/i.test(head(text, 1000));

function read(text: string): Json {
  const body = parse(text);
  return text.length <= longestText ? body : withShortTexts(body);
}

/** No pattern, those of a vendor's functions neither, sees more of a text than its head. */
function withShortTexts(body: Json): Json {
  const top = { body };
  // Without recursion: a reply may be nested as deep as it is long.
  const left: object[] = [top];
  for (let parent = left.pop(); parent !== undefined; parent = left.pop())
    for (const [name, value] of Object.entries(parent) as [string, unknown][]) {
      if (typeof value === "object" && value !== null) left.push(value);
      if (typeof value !== "string" || value.length <= longestText) continue;
      // A field may be called __proto__.
      Object.defineProperty(parent, name, { value: head(value) });
    }
  return top.body;
}

function whatCame(type: string, text: string, host: string): string {
  if (!/html/i.test(type) && !/^\s*</.test(text)) return `${oneLine(type, 60) || "an empty reply"} from ${host}`;
  const title = /<title[^>]*>([^<]*)/i.exec(head(text))?.[1];
  return `an HTML page${title ? ` ("${oneLine(title, 80)}")` : ""} from ${host} (a login page or a proxy?)`;
}

function failureCode(error: unknown): string {
  if (typeof error !== "object" || error === null) return "UNKNOWN";
  const { code, name, cause } = error as { code?: unknown; name?: unknown; cause?: unknown };
  if (typeof code === "string") return code.startsWith("HPE_") ? "HTTPParserError" : code;
  if (typeof cause === "object" && cause !== null) return failureCode(cause);
  return typeof name === "string" ? name : "UNKNOWN";
}

/** Failures of which we know that no byte of the request was read. */
const neverSent = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "EHOSTDOWN",
  "ENETDOWN",
  "FORBIDDEN",
  "UND_ERR_CONNECT_TIMEOUT",
  "PROXY",
  "PROXY_BUSY",
  "PROXY_DOWN",
  "PROXY_UNKNOWN",
  "PROXY_REFUSED",
]);

function explain(code: string, error: unknown, url: URL): string {
  if (error instanceof TransportError && code !== "TIMEOUT") return `${url.host}: ${error.message}`;
  const words = explanations[code];
  if (words) return `${url.host}: ${words}`;
  if (/CERT|SELF_SIGNED|UNABLE_TO_|TLS_/.test(code))
    return `${url.host}: its certificate is not trusted (${code}); set NODE_EXTRA_CA_CERTS to the file of your certificate authority`;
  if (code.startsWith("ERR_SSL"))
    return `${url.host}: no TLS there (${code}); check the scheme and the port of the server's address`;
  // The text of a foreign error may quote headers or addresses with credentials: only its code is shown.
  return `${url.host}: the request failed (${code})`;
}

const explanations: Readonly<Record<string, string>> = {
  TIMEOUT: "no answer in time",
  ECONNREFUSED: "connection refused; is the server up, and the port right?",
  ENOTFOUND: "host not found; check the server's address",
  EAI_AGAIN: "the name could not be resolved just now",
  ECONNRESET: "the connection was closed before an answer came",
  UND_ERR_SOCKET: "the connection was closed before an answer came; check the scheme and the port if this goes on",
  HTTPParserError: "what answers there does not speak HTTP",
  CERT_HAS_EXPIRED: "its certificate has expired; it must be renewed on the server",
  CERT_NOT_YET_VALID: "its certificate is not valid yet; check the clocks on both sides",
  ERR_TLS_CERT_ALTNAME_INVALID: "its certificate is for another name; check the server's address",
  UND_ERR_HEADERS_OVERFLOW: "its headers are too large",
  UND_ERR_CONNECT_TIMEOUT: "no connection in time",
  PROXY_BUSY: "the proxy is busy",
  PROXY_DOWN: "the proxy cannot be reached",
  PROXY_UNKNOWN: "the proxy cannot be found",
  NOT_JSON: "the reply is not JSON",
  BAD_JSON: "the reply is broken JSON",
  CUT: "the connection was closed in the middle of the reply",
};
