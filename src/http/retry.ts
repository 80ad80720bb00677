/**
 * The retry policy, whole. Ready-made ones skip POST, retry 409, or cut `Retry-After` short; a cancel may be sent twice
 * (cancelling is idempotent) but must never be sent early, blindly, or after its deadline.
 */
import type { WireReply } from "./transport.ts";

export interface Retry {
  /** The wait before it, in ms. */
  readonly again: number;
  readonly why: string;
}

export type Verdict =
  | Retry
  /** `give up` has words when the server asked for more time than is left. */
  | { readonly giveUp: string | undefined };

export interface Attempt {
  /** 1 for the first. */
  readonly number: number;
  /** Time left until the deadline, in ms. */
  readonly left: number;
  readonly random: () => number;
  readonly now: () => Date;
}

/** At most this many tries of one request; an unreachable server is tried until the deadline. */
const tries = 5;
const base = 500;
const cap = 30_000;
/** What a rate limit asks for that does not say how long: https://docs.github.com/rest/guides/best-practices-for-using-the-rest-api */
const defaultRateLimitWait = 60_000;

/** What to do after a reply. `busy` is the vendor's own word for "ask again". */
export function afterReply(reply: WireReply, busy: boolean, attempt: Attempt): Verdict {
  const limited = reply.status === 429 || isRateLimit(reply);
  if (!busy && !limited && reply.status !== 408 && !(reply.status >= 500 && reply.status !== 501))
    return { giveUp: undefined };
  const why = limited ? `rate limited (${reply.status})` : `answered ${reply.status}`;
  const asked = requestedWait(reply, attempt.now) ?? (limited ? defaultRateLimitWait : undefined);
  if (asked !== undefined && asked > attempt.left) {
    return {
      giveUp: `the server asks to wait ${Math.ceil(asked / 1000)} s, and only ${Math.max(0, Math.floor(attempt.left / 1000))} s are left`,
    };
  }
  // A limit is no refusal, even where its status says so.
  if (attempt.number >= tries) return { giveUp: limited ? `it is rate limited, after ${tries} tries` : undefined };
  if (asked !== undefined) return { again: asked, why };
  return later(backoff(attempt), attempt, why);
}

/** A 403 that is a rate limit: https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api */
function isRateLimit(reply: WireReply): boolean {
  return (
    reply.status === 403 &&
    (reply.headers["retry-after"] !== undefined ||
      reply.headers["x-ratelimit-remaining"] === "0" ||
      /secondary rate limit/i.test(reply.text))
  );
}

/** What to do after a failure below HTTP. */
export function afterFailure(code: string, attempt: Attempt): Verdict {
  const maxTries = failures[code] ?? 1;
  if (attempt.number >= maxTries) return { giveUp: undefined };
  return later(backoff(attempt), attempt, code);
}

/** How often a request is tried that fails so. Certificates, size limits and what is not listed: once. */
const failures: Readonly<Record<string, number>> = {
  ECONNREFUSED: Infinity,
  EHOSTUNREACH: Infinity,
  ENETUNREACH: Infinity,
  EHOSTDOWN: Infinity,
  ENETDOWN: Infinity,
  EAI_AGAIN: Infinity,
  UND_ERR_CONNECT_TIMEOUT: Infinity,
  TIMEOUT: Infinity,
  ETIMEDOUT: Infinity,
  // A container's resolver may not be up yet; a misspelt host never will be.
  ENOTFOUND: tries,
  // Also what plain http sent to a TLS port looks like.
  ECONNRESET: tries,
  EPIPE: tries,
  UND_ERR_SOCKET: tries,
  CUT: tries,
  PROXY_BUSY: tries,
  BAD_JSON: 3,
  NOT_JSON: 3,
  HTTPParserError: 2,
};

function backoff({ number, random }: Attempt): number {
  return random() * Math.min(cap, base * 2 ** number);
}

function later(wait: number, { left }: Attempt, why: string): Verdict {
  return wait < left ? { again: wait, why } : { giveUp: undefined };
}

/** The wait in ms that the server asks for: `Retry-After` in seconds or as a date (by the server's own clock), or the reset of a spent rate limit. */
export function requestedWait(reply: WireReply, now: () => Date): number | undefined {
  const after = reply.headers["retry-after"]?.trim();
  const sent = httpDate(reply.headers["date"]) ?? now().getTime();
  if (after !== undefined) {
    if (/^\d{1,10}$/.test(after)) return Number(after) * 1000;
    const until = httpDate(after);
    if (until !== undefined) return Math.max(0, until - sent);
  }
  const reset = reply.headers["x-ratelimit-reset"]?.trim();
  if (reply.headers["x-ratelimit-remaining"] === "0" && reset !== undefined && /^\d{9,11}$/.test(reset))
    return Math.max(0, Number(reset) * 1000 - sent) + 1000;
  return undefined;
}

/** IMF-fixdate, the one form that servers may send: https://www.rfc-editor.org/rfc/rfc9110#section-5.6.7 */
function httpDate(text: string | undefined): number | undefined {
  if (
    text === undefined ||
    !/^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/.test(text)
  )
    return undefined;
  const time = Date.parse(text);
  return Number.isNaN(time) ? undefined : time;
}
