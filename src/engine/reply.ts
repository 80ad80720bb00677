/** What a reply means, before any look. */
import type { Call, Provider, Reply, Select } from "../provider.ts";
import { oneLine } from "../text.ts";
import { select } from "./template.ts";

export interface Judged {
  readonly kind: "ok" | "not-found" | "denied" | "refused";
  readonly reply: Reply;
  /** The status and the vendor's words, one line. */
  readonly said: string;
  /** The request carried the reason. */
  readonly withReason: boolean;
}

export function judge(reply: Reply, call: Call | undefined, { errors }: Provider): Judged {
  const code = select<string | number>(errors?.code, reply.body);
  const said = words(reply, errors?.message).replace(/\.$/, "");
  const known =
    code === undefined ? said : said.includes(`${code}`) ? said : [`${code}`, said].filter(Boolean).join(": ");
  const is = (pattern: RegExp | undefined): boolean => code !== undefined && (pattern?.test(`${code}`) ?? false);
  const ok = (reply.status >= 200 && reply.status < 300) || (call?.accepts?.includes(reply.status) ?? false);
  const accepted =
    call?.accepted === undefined || reply.body === undefined || select<boolean>(call.accepted, reply.body) === true;
  const kind = is(errors?.notFound)
    ? "not-found"
    : reply.status === 401 || reply.status === 403 || is(errors?.denied) || call?.denies?.includes(reply.status)
      ? "denied"
      : is(errors?.already) || (ok && code === undefined && accepted)
        ? "ok"
        : reply.status === 404
          ? "not-found"
          : "refused";
  return {
    kind,
    reply,
    said: known.startsWith(`${reply.status}`) ? known : `${reply.status}${known ? `: ${known}` : ""}`,
    withReason:
      call !== undefined &&
      !is(errors?.already) &&
      JSON.stringify([call.route, call.headers, call.body, call.form]).includes("{reason"),
  };
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

function words(reply: Reply, where: Select<string> | undefined): string {
  if (typeof reply.body === "string") return oneLine(reply.body, 200);
  for (const from of where === undefined ? usual : [where, ...usual]) {
    const text = select(from, reply.body);
    if (typeof text === "string" && text) return oneLine(text, 200);
  }
  return "";
}
