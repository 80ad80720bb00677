/** Calls in words: what is sent, and where in the reply a value is. */
import { callsOf } from "../../src/engine/catalog.ts";
import type { Call, Condition, Force, Json, Step, Where } from "../../src/provider.ts";
import { code, codes, listed } from "./markdown.ts";

export function stepOf(step: Step): string {
  if ("ask" in step) return listed(step.calls.map(callOf), "and");
  if (!("choose" in step)) return callOf(step);
  const last = step.choose.at(-1);
  const choices = step.choose.map((call) =>
    call.when === undefined
      ? `${callOf(call)}${call === last ? " else" : ""}`
      : `${callOf(call)} when ${conditionOf(call.when)}`,
  );
  return choices.join("; ");
}

export function callOf({ route, headers, body, form, otherwise, since }: Call): string {
  const parts = [
    ...Object.entries(headers ?? {}).flatMap(([name, value]) =>
      name === "content-type" ? [] : [code(`${name}: ${value}`)],
    ),
    ...(body === undefined ? [] : [code(bodyOf(body))]),
    ...(form === undefined ? [] : [`the form ${code(JSON.stringify(form))}`]),
  ];
  const sent = parts.length > 0 ? ` with ${listed(parts, "and")}` : "";
  const instead = otherwise
    ? `; ${callOf(otherwise)} instead when the answer matches ${code(otherwise.on.source)}`
    : "";
  return code(route) + sent + (since ? ` (${since})` : "") + instead;
}

function bodyOf(body: Json): string {
  return (typeof body === "string" ? body : JSON.stringify(body)).replaceAll(/"(\{[a-z-]+):number\}"/g, "$1}");
}

export function forceOf(force: Force): string {
  const states = force.from && `only while ${codes(force.from, "or")}`;
  return [
    stepOf(force),
    states,
    force.when && `only when ${conditionOf(force.when)} in the latest look`,
    force.each && `sent to each ${force.each.target} of it that is ${codes(force.each.in, "or")}`,
    force.rights && `it needs ${force.rights}`,
    force.confirmed && "confirmed as status only: the vendor marks the run as stopped while what it does may go on",
  ]
    .filter(Boolean)
    .join("; ");
}

export function reasonOf(cancel: Step): string {
  const places = callsOf(cancel).flatMap(({ route, headers, body, form }) => [
    ...(route.includes("{reason") ? ["its address"] : []),
    ...placesOf(headers, "header "),
    ...placesOf(body, ""),
    ...placesOf(form, ""),
  ]);
  const field = [...new Set(places)];
  return field.length > 0
    ? `recorded by the vendor, sent in ${listed(field, "and")}`
    : "the vendor takes none; it is in our report";
}

/** Where in a body or in headers the reason goes. */
function placesOf(part: Json, prefix: string): string[] {
  if (typeof part === "string") return part.includes("{reason") ? [`the ${prefix || "body"}`] : [];
  if (part === null || typeof part !== "object") return [];
  return Object.entries(part as Record<string, Json>).flatMap(([name, value]) =>
    typeof value === "string" && value.includes("{reason") ? [prefix + code(name)] : placesOf(value, prefix),
  );
}

export function placed(from: Where): string {
  if (typeof from === "function") return `the reply by ${code(from.name)}`;
  return codes(typeof from === "string" ? [from] : from, "or");
}

export function conditionOf(condition: Condition): string {
  if (typeof condition === "function" || typeof condition === "string" || Array.isArray(condition))
    return placed(condition as Where);
  return listed(
    Object.entries(condition).map(([path, value]) => `${code(path)} is ${code(JSON.stringify(value))}`),
    "and",
  );
}
