/** How a provider's credentials are given, in words. */
import { schemes } from "../../src/auth/index.ts";
import type { Auth, CredentialPart, Provider } from "../../src/provider.ts";
import { variableName } from "../../src/engine/words.ts";
import { code, codes } from "./markdown.ts";

export function wayOf(auth: Auth): string {
  const crumb = auth.crumb ? `; each change carries a crumb of the same session, from ${code(auth.crumb.route)}` : "";
  const whose = auth.tokens ? `${auth.tokens.called}: ` : "";
  return whose + schemes[auth.scheme].sends(auth) + crumb;
}

/** The inputs of one form; those in brackets may be left out. */
export function inputsOf({ scheme }: Auth): string {
  const { needs, takes, onlyByVariable } = schemes[scheme];
  if (scheme === "none") return "none";
  if (onlyByVariable) return "";
  return [...needs.map(code), ...takes.map((name) => `[${code(name)}]`)].join(" + ");
}

/** The variables that are read when the inputs are not given. */
export function variablesOf({ scheme, env }: Auth): string {
  const { needs, takes } = schemes[scheme];
  const listed = (name: CredentialPart): string => codes((env[name] ?? []).map(variableName), "or");
  return [...needs, ...takes].map(listed).filter(Boolean).join(" + ");
}

export function formsOf({ auth }: Provider): string {
  return auth.map(inputsOf).filter(Boolean).join(", or ");
}
