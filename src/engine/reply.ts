/** What a reply means, before any look. */
import { isLogin } from "../http/client.ts";
import type { Call, Errors, Json, Provider, Reply, Where } from "../provider.ts";
import { head, oneLine } from "../text.ts";
import { holds, pick } from "./template.ts";

export interface Classified {
  readonly kind: "ok" | "not-found" | "denied" | "refused";
  readonly reply: Reply;
  /** The status and the vendor's words, one line. */
  readonly said: string;
  /** The address that was asked, without its query. */
  readonly address?: string;
  /** The request carried the reason. */
  readonly withReason: boolean;
  /** Which version of the vendor's server has the call first, if that is known. */
  readonly since: string | undefined;
  /** The status looks like an outage and is a plain no. */
  readonly isAnswer?: true;
}

/** What the reply is an answer to. */
export interface Asked {
  readonly url: URL;
  /** The server's address. */
  readonly server: string;
}

/** `asked` is not known of a reply that a provider's function hands on. */
export function classify(reply: Reply, call: Call | undefined, provider: Provider, asked?: Asked): Classified {
  const { errors } = provider;
  const code = pick<string | number>(errors?.code, reply.body);
  const kind = kindOf(reply, call, errors, code, asked);
  return {
    kind,
    reply,
    said: inWords(kind, reply, call, provider, code, asked),
    since: call?.since,
    ...(asked && { address: asked.url.origin + asked.url.pathname }),
    withReason: call !== undefined && !isOneOf(errors?.already, code) && carriesReason(call, reply),
    ...(call?.refusedStatus?.includes(reply.status) && { isAnswer: true }),
  };
}

/** A code says more than a status: in a 2xx it is a failure, in a 4xx it may say that the run is being stopped already. */
function kindOf(
  reply: Reply,
  call: Call | undefined,
  errors: Errors | undefined,
  code: Code,
  asked: Asked | undefined,
): Classified["kind"] {
  const { status, html } = reply;
  if (isOneOf(errors?.notFound, code)) return "not-found";
  if (isDenied(reply, errors) || call?.deniedStatus?.includes(status)) return "denied";
  if (isOneOf(errors?.already, code)) return "ok";
  if (status >= 200 && status < 300 && holds(call?.notFoundWhen, reply.body) === true) return "not-found";
  if (asked && isRedirect(status) && call?.okStatus?.includes(status)) return redirectKind(reply, call, asked);
  if (isNormal(status, call) && code === undefined && isAccepted(reply, call)) return "ok";
  // A page in place of the vendor's data is not about the run.
  return isGone(status) && (html === undefined || errors?.htmlNotFound) ? "not-found" : "refused";
}

/** 410 says that there was one: https://www.rfc-editor.org/rfc/rfc9110#section-15.5.11 */
const isGone = (status: number): boolean => status === 404 || status === 410;

/** Whatever the call was. */
export function isDenied({ status, body }: Reply, errors: Errors | undefined): boolean {
  return status === 401 || status === 403 || isOneOf(errors?.denied, pick<string | number>(errors?.code, body));
}

type Code = string | number | undefined;

const isOneOf = (codes: RegExp | undefined, code: Code): boolean =>
  code !== undefined && codes?.test(head(`${code}`)) === true;

const isNormal = (status: number, call: Call | undefined): boolean =>
  (status >= 200 && status < 300) || call?.okStatus?.includes(status) === true;

const isRedirect = (status: number): boolean => status >= 300 && status < 400;

/** A redirect is taken for an answer only if it leads to where the vendor's does. */
function redirectKind({ headers }: Reply, call: Call, { url, server }: Asked): Classified["kind"] {
  const location = headers["location"] ?? "";
  if (!URL.canParse(location, url.href)) return "refused";
  const to = new URL(location, url);
  // Only paths are compared: behind a proxy a server may not know its own scheme, host and port. A page elsewhere that
  // has this very path by chance would do no harm, because a look decides.
  if (call.okLocation === "parent") {
    if (pathOf(to) === pathOf(new URL(".", url))) return "ok";
    return isLogin(location, url) ? "denied" : "refused";
  }
  if (isLogin(location, url)) return "denied";
  const home = new URL(server);
  return to.host === home.host && `${pathOf(to)}/`.startsWith(`${pathOf(home)}/`) ? "ok" : "refused";
}

/** However it is percent-encoded, and without a slash at its end. */
function pathOf({ pathname }: URL): string {
  const path = pathname.replace(/\/$/, "");
  try {
    return decodeURI(path);
  } catch {
    return path;
  }
}

function isAccepted({ body }: Reply, call: Call | undefined): boolean {
  if (call?.okWhen === undefined || body === undefined) return true;
  return holds(call.okWhen, body) === true;
}

const carriesReason = ({ route, headers, body, form, reasonWhen }: Call, reply: Reply): boolean =>
  JSON.stringify([route, headers, body, form]).includes("{reason") &&
  (reasonWhen === undefined || holds(reasonWhen, reply.body) === true);

/** The status, the vendor's code and the vendor's words, each once, and what is to be known of where they come from. */
function inWords(
  kind: Classified["kind"],
  reply: Reply,
  call: Call | undefined,
  { name, errors }: Provider,
  code: Code,
  asked: Asked | undefined,
): string {
  const { status, headers, html } = reply;
  const text = (words(reply, errors) || (call?.statusWords?.[status] ?? "")).replace(/\.$/, "");
  const known = code === undefined || text.includes(`${code}`) ? text : [`${code}`, text].filter(Boolean).join(": ");
  const said = known.startsWith(`${status}`) ? known : [`${status}`, known].filter(Boolean).join(": ");
  if (isRedirect(status) && kind !== "ok") {
    const where = oneLine(headers["location"] ?? "", 150) || "nowhere";
    return kind === "denied" ? `${said}: it leads to a login page, ${where}` : `${said}: it leads to ${where}`;
  }
  const needs = kind === "denied" ? oneLine(headers[errors?.needsHeader ?? ""] ?? "", 200) : "";
  if (needs) return `${said}; it takes ${needs}`;
  const proxy = proxyOf(reply, errors);
  if (proxy !== undefined) return `${said} (says ${proxy}, not ${name})`;
  if (!isGone(status) || html === undefined || errors?.htmlNotFound) return said;
  const why = asked?.url.pathname.includes("%2F") ? "a proxy in between may decode %2F" : "check the server's address";
  return `${said}: an HTML page, not the API's answer; ${why}`;
}

/** The proxy whose own answer this is, if it can be told. https://www.rfc-editor.org/rfc/rfc9209 */
function proxyOf({ status, headers, html }: Reply, errors: Errors | undefined): string | undefined {
  const [stated = "", via = ""] = [headers["proxy-status"], headers["via"]];
  const isOwn =
    status === 407 ||
    /;\s*error=/.test(stated) ||
    headers["x-squid-error"] !== undefined ||
    (via !== "" && html !== undefined && status >= 400 && !errors?.htmlNotFound);
  if (!isOwn) return undefined;
  const label = /^[^;,\s]+/.exec(stated)?.[0] ?? /^\S+ ([^\s,(]+)/.exec(head(via))?.[1];
  return label === undefined ? "a proxy" : `the proxy ${oneLine(label, 60).replaceAll('"', "")}`;
}

/** Where servers put their words when the provider's file does not say; the second place says more about the first. */
const usual: readonly (readonly [string, string?])[] = [
  ["error_description"],
  ["message.error"],
  ["message.base.0"],
  ["message", "errors.0.message"],
  ["error.message", "error.detail"],
  ["errors.0.message", "errors.0.detail"],
  ["errors.0.title", "errors.0.detail"],
  ["errors.0.detail"],
  ["errors.0"],
  ["error_msg"],
  ["error"],
  ["detail"],
  ["msg"],
  ["title", "detail"],
];

function words(reply: Reply, errors: Errors | undefined): string {
  const { body, headers, html } = reply;
  const stated = fromHeaders(errors?.headerWords, headers);
  if (stated !== undefined) return oneLine(stated, 200);
  if (html !== undefined) return titleOf(html, errors?.emptyTitles);
  if (typeof body === "string") return oneLine(fromXml(body) ?? body, 200);
  const own = wordAt(errors?.message, body);
  if (own) return oneLine(own, 200);
  for (const [place, more] of usual) {
    const text = wordAt(place, body);
    if (!text) continue;
    const detail = wordAt(more, body);
    return oneLine(detail && !text.includes(detail) ? `${text.replace(/[.:]$/, "")}: ${detail}` : text, 200);
  }
  return "";
}

function wordAt(where: Where<string> | undefined, body: Json): string | undefined {
  const text: unknown = pick(where, body);
  return typeof text === "string" ? text : undefined;
}

function fromHeaders(template: string | undefined, headers: Reply["headers"]): string | undefined {
  if (template === undefined) return undefined;
  const names = [...template.matchAll(/\{([a-z-]+)\}/g)].map(([, name = ""]) => name);
  if (names.some((name) => !headers[name])) return undefined;
  return template.replace(/\{([a-z-]+)\}/g, (_, name: string) => headers[name] ?? "");
}

function titleOf(html: string, empty: RegExp | undefined): string {
  const title = oneLine(unescaped(/<title[^>]*>([^<]*)/i.exec(head(html))?.[1] ?? ""), 120);
  return empty?.test(head(title)) ? "" : title;
}

/** A code and a message, as https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html has them. */
function fromXml(text: string): string | undefined {
  const [, quoted, plain] = /<message>\s*(?:<!\[CDATA\[(.*?)\]\]>|([^<]+))/is.exec(head(text)) ?? [];
  const code = /<code>([^<]+)/i.exec(head(text))?.[1];
  const words = [code && unescaped(oneLine(code, 100)), quoted ?? unescaped(plain ?? "")].filter(Boolean);
  return words.length > 0 ? words.join(": ") : undefined;
}

const entities: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", "#39": "'" };

const unescaped = (text: string): string =>
  text.replace(/&(amp|lt|gt|quot|apos|#39);/g, (_, name: string) => entities[name] ?? "");
