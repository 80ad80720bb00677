/** What a reply means, before any look. */
import type { Call, Errors, Provider, Reply, Where } from "../provider.ts";
import { oneLine } from "../text.ts";
import { holds, pick } from "./template.ts";

export interface Classified {
  readonly kind: "ok" | "not-found" | "denied" | "refused";
  readonly reply: Reply;
  /** The status and the vendor's words, one line. */
  readonly said: string;
  /** The request carried the reason. */
  readonly withReason: boolean;
  /** Which version of the vendor's server has the call first, if that is known. */
  readonly since: string | undefined;
}

export function classify(reply: Reply, call: Call | undefined, { errors }: Provider): Classified {
  const code = pick<string | number>(errors?.code, reply.body);
  return {
    kind: kindOf(reply, call, errors, code),
    reply,
    said: inWords(reply, errors, code),
    since: call?.since,
    withReason: call !== undefined && !isOneOf(errors?.already, code) && carriesReason(call),
  };
}

/** A code says more than a status: in a 2xx it is a failure, in a 4xx it may say that the run is being stopped already. */
function kindOf(reply: Reply, call: Call | undefined, errors: Errors | undefined, code: Code): Classified["kind"] {
  const { status } = reply;
  if (isOneOf(errors?.notFound, code)) return "not-found";
  if (status === 401 || status === 403 || call?.deniedStatus?.includes(status)) return "denied";
  if (isOneOf(errors?.denied, code)) return "denied";
  if (isOneOf(errors?.already, code)) return "ok";
  if (status >= 200 && status < 300 && holds(call?.notFoundWhen, reply.body) === true) return "not-found";
  if (isNormal(status, call) && code === undefined && isAccepted(reply, call)) return "ok";
  if (status === 404) return "not-found";
  return "refused";
}

type Code = string | number | undefined;

const isOneOf = (codes: RegExp | undefined, code: Code): boolean =>
  code !== undefined && codes?.test(`${code}`) === true;

const isNormal = (status: number, call: Call | undefined): boolean =>
  (status >= 200 && status < 300) || call?.okStatus?.includes(status) === true;

function isAccepted({ body }: Reply, call: Call | undefined): boolean {
  if (call?.okWhen === undefined || body === undefined) return true;
  return holds(call.okWhen, body) === true;
}

const carriesReason = ({ route, headers, body, form }: Call): boolean =>
  JSON.stringify([route, headers, body, form]).includes("{reason");

/** The status, the vendor's code and the vendor's words, each once. */
function inWords(reply: Reply, errors: Errors | undefined, code: Code): string {
  const text = words(reply, errors?.message).replace(/\.$/, "");
  const known = code === undefined || text.includes(`${code}`) ? text : [`${code}`, text].filter(Boolean).join(": ");
  if (known.startsWith(`${reply.status}`)) return known;
  return [`${reply.status}`, known].filter(Boolean).join(": ");
}

/** Where servers put their words when the provider's file does not say. */
const usual = [
  "error_description",
  "message.error",
  "message",
  "error.message",
  "errors.0.message",
  "errors.0.detail",
  "error_msg",
  "error",
  "detail",
  "msg",
  "title",
];

function words(reply: Reply, where: Where<string> | undefined): string {
  if (typeof reply.body === "string") return oneLine(reply.body, 200);
  for (const from of where === undefined ? usual : [where, ...usual]) {
    const text = pick(from, reply.body);
    if (typeof text === "string" && text) return oneLine(text, 200);
  }
  return "";
}
