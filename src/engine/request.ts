/** A provider's call becomes a request. */
import type { HttpRequest } from "../http/client.ts";
import { HttpError } from "../http/error.ts";
import type { Call, Ids, Json } from "../provider.ts";
import { oneLine } from "../text.ts";
import type { Run } from "./run.ts";
import { fill, fillBody, jsonOf, withoutMissing } from "./template.ts";

/** The request for a call. Its path is exactly the one written in the provider's file: an id can neither leave it nor add to it. */
export function build(run: Run, call: Call, values: Ids): HttpRequest {
  const [method = "", path = ""] = call.route.split(" ");
  const filled = fill(withoutMissing(path, values, run.target), values);
  const url = new URL(run.place.api + filled);
  if (
    `${url.origin}${url.pathname}${url.search}` !==
    `${new URL(run.place.api).origin}${new URL(run.place.api).pathname.replace(/\/$/, "")}${filled}`
  ) {
    throw new HttpError("protocol", `an id would change the path of the request: ${oneLine(filled, 120)}`, false);
  }
  const headers: Record<string, string> = { ...run.provider.headers };
  for (const [name, value] of Object.entries(call.headers ?? {})) headers[name] = fill(value, values);
  const { type, body } = payload(call, values);
  return {
    method,
    url,
    headers: type === undefined ? headers : { "content-type": type, ...headers },
    ...(body !== undefined && { body }),
    ...(call.okStatus && { accepts: call.okStatus }),
    ...(call.refusedStatus && { answers: call.refusedStatus }),
    ...(call.text && { text: call.text }),
  };
}

function payload({ body, form }: Call, values: Ids): { readonly type?: string; readonly body?: string } {
  if (form) {
    const fields = new URLSearchParams(fillBody(form, values) as Record<string, string>);
    return { type: "application/x-www-form-urlencoded", body: fields.toString() };
  }
  if (body === undefined) return {};
  const filled: Json = fillBody(body, values);
  return typeof filled === "string" ? { body: filled } : { type: "application/json", body: jsonOf(filled) };
}
