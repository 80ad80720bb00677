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

export type Verdict = (
  | Retry
  /** `give up` has words when the server asked for more time than is left. */
  | { readonly giveUp: string | undefined }
) & {
  /** The wait that the server asks for, in ms: it binds whoever sends the request next, too. */
  readonly asked?: number | undefined;
};

export interface Attempt {
  /** 1 for the first. */
  readonly number: number;
  /** Time left until the deadline, in ms. */
  readonly left: number;
  readonly random: () => number;
  readonly now: () => Date;
  /** The request may have done its work although its answer was lost: after some tries a look, which is as patient as there is time, tells more than another one. */
  readonly changes: boolean;
}

/** At most this many tries of one request, where not the deadline is what ends them. */
const tries = 5;
const base = 500;
const cap = 30_000;
/** A server that restarts answers again at some moment, and a run goes on until then. */
const outageCap = 10_000;
/** A try may need this long, so none is left for later than this before the deadline, in ms. */
const lastTry = 1000;
/** What a rate limit asks for that does not say how long: https://docs.github.com/rest/guides/best-practices-for-using-the-rest-api */
const defaultRateLimitWait = 60_000;

/** What to do after a reply. `busy` is the vendor's own word for "ask again". */
export function afterReply(reply: WireReply, busy: boolean, attempt: Attempt): Verdict {
  const { status } = reply;
  const limited = isLimited(reply);
  if (!busy && !limited && status !== 408 && !(status >= 500 && status !== 501)) return { giveUp: undefined };
  const why = limited ? `rate limited (${status})` : `answered ${status}`;
  const asked = requestedWait(reply, attempt.now);
  const left = Math.max(0, Math.floor(attempt.left / 1000));
  if (asked !== undefined && asked > attempt.left) return { giveUp: tooLong(asked, attempt.left), asked };
  if (limited && asked === undefined && defaultRateLimitWait > attempt.left)
    return { giveUp: `it is rate limited and does not say for how long, and only ${left} s are left` };
  if (limited && asked === undefined) return { again: defaultRateLimitWait, why };
  // A limit is no refusal, even where its status says so, and nothing was done.
  const patient = limited || (isRestarting(status) && !attempt.changes);
  if (!patient && attempt.number >= tries) return { giveUp: undefined, asked };
  if (asked === undefined) return later(backoff(attempt, patient), attempt, why, patient);
  // "At once", said again and again, is not taken at its word, and not at the end of the time either.
  if (attempt.number >= tries && attempt.left <= lastTry)
    return { giveUp: `the server still asks to wait after ${attempt.number} tries, and no time is left`, asked };
  const more = attempt.number < tries ? 0 : backoff(attempt, patient);
  return { again: Math.max(asked, Math.min(more, attempt.left - lastTry)), why, asked };
}

/** Why a wait that the server asks for is not begun; both in ms. */
export const tooLong = (asked: number, left: number): string =>
  `the server asks to wait ${Math.ceil(asked / 1000)} s, and only ${Math.max(0, Math.floor(left / 1000))} s are left`;

/** What a gateway says while the server behind it is away: 502, 503, 504, and Cloudflare's own. https://developers.cloudflare.com/support/troubleshooting/http-status-codes/cloudflare-5xx-errors/ */
const isRestarting = (status: number): boolean => (status >= 502 && status <= 504) || (status >= 520 && status <= 527);

/** Whoever asks next is told the same. */
export const isLimited = (reply: WireReply): boolean => reply.status === 429 || isRateLimit(reply);

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
  const lost = mayHaveArrived.has(code);
  const patient = untilDeadline.has(code) || (lost && !attempt.changes);
  const most = patient ? Infinity : lost ? tries : (failures[code] ?? 1);
  if (attempt.number >= most) return { giveUp: undefined };
  return later(backoff(attempt, patient), attempt, code, patient);
}

/** Nobody is there yet, or it takes its time. */
const untilDeadline: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "EHOSTDOWN",
  "ENETDOWN",
  "EAI_AGAIN",
  "UND_ERR_CONNECT_TIMEOUT",
  "TIMEOUT",
  "ETIMEDOUT",
  "PROXY_BUSY",
  "PROXY_DOWN",
]);

/** Also what plain http sent to a TLS port looks like. */
const mayHaveArrived: ReadonlySet<string> = new Set(["ECONNRESET", "EPIPE", "UND_ERR_SOCKET", "CUT"]);

/** How often a request is tried that fails otherwise. Certificates, size limits and what is not listed: once. */
const failures: Readonly<Record<string, number>> = {
  // A container's resolver may not be up yet; a misspelt host never will be.
  ENOTFOUND: tries,
  PROXY_UNKNOWN: tries,
  BAD_JSON: 3,
  NOT_JSON: 3,
  HTTPParserError: 2,
};

function backoff({ number, random }: Attempt, patient: boolean): number {
  return random() * Math.min(patient ? outageCap : cap, base * 2 ** number);
}

/** A patient one uses the time that there is, to its end. */
function later(wait: number, { left }: Attempt, why: string, patient: boolean): Verdict {
  if (patient && left > lastTry) return { again: Math.min(wait, left - lastTry), why };
  return !patient && wait < left ? { again: wait, why } : { giveUp: undefined };
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
  const remaining = limitHeader(reply, "remaining");
  const reset = limitHeader(reply, "reset");
  if (reset === undefined || !/^\d{1,11}(?:\.\d{1,9})?$/.test(reset)) return undefined;
  const seconds = Number(reset);
  if (seconds < firstMoment) return reply.status === 429 || remaining === "0" ? Math.ceil(seconds * 1000) : undefined;
  return remaining === "0" ? Math.max(0, seconds * 1000 - sent) + 1000 : undefined;
}

/** How many requests the server's own count leaves, and in how many ms it is reset; undefined where a reply does not say both. */
export function quotaLeft(reply: WireReply, now: () => Date): { remaining: number; resetsIn: number } | undefined {
  const [remaining = "", reset = ""] = [limitHeader(reply, "remaining"), limitHeader(reply, "reset")];
  if (!/^\d{1,9}$/.test(remaining) || !/^\d{1,11}(?:\.\d{1,9})?$/.test(reset)) return undefined;
  const sent = httpDate(reply.headers["date"]) ?? now().getTime();
  const ms = Number(reset) * 1000;
  return { remaining: Number(remaining), resetsIn: Number(reset) < firstMoment ? ms : Math.max(0, ms - sent) };
}

/** With and without the prefix: https://docs.gitlab.com/administration/settings/user_and_ip_rate_limits/#response-headers has none. */
const limitHeader = ({ headers }: WireReply, name: string): string | undefined =>
  (headers[`x-ratelimit-${name}`] ?? headers[`ratelimit-${name}`])?.trim();

/**
 * The reset of a limit is a moment, in seconds since 1970, or a delay in seconds, with a fraction (`rateLimitBackoff` of
 * go-tfe 1.111.2 reads it so). No delay is as long as this, and no moment as early.
 */
const firstMoment = 1e9;

/** IMF-fixdate, the one form that servers may send: https://www.rfc-editor.org/rfc/rfc9110#section-5.6.7 */
export function httpDate(text: string | undefined): number | undefined {
  if (
    text === undefined ||
    !/^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/.test(text)
  )
    return undefined;
  const time = Date.parse(text);
  return Number.isNaN(time) ? undefined : time;
}
