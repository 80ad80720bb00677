/** How a provider's credentials are given, in words. */
import { formOf } from "../../src/auth/index.ts";
import type { Auth, CredentialPart, Provider } from "../../src/provider.ts";
import { variableName } from "../../src/engine/words.ts";
import { code, codes } from "./markdown.ts";

export function wayOf(auth: Auth): string {
  const crumb = auth.crumb ? `; each change carries a crumb of the same session, from ${code(auth.crumb.route)}` : "";
  const whose = auth.tokens ? `${auth.tokens.called}: ` : "";
  return whose + formOf(auth).sends(auth) + otherTokenServer(auth) + crumb;
}

function otherTokenServer(auth: Auth): string {
  const { tokenServerEnv = [], tokenServers = [] } = auth;
  if (tokenServerEnv.length === 0 || !formOf(auth).exchanges) return "";
  const which = tokenServers.length === 0 ? "another token service" : `another one of ${codes(tokenServers, "and")}`;
  return `; ${codes(tokenServerEnv, "or")} in the environment names ${which}`;
}

/** The inputs of one form; those in brackets may be left out. */
export function inputsOf(auth: Auth): string {
  const { needs, takes, onlyByVariable } = formOf(auth);
  if (auth.scheme === "none") return "none";
  if (onlyByVariable) return "";
  return [...needs.map(code), ...takes.map((name) => `[${code(name)}]`)].join(" + ");
}

/** The variables that are read when the inputs are not given. */
export function variablesOf(auth: Auth): string {
  const { needs, takes } = formOf(auth);
  const listed = (name: CredentialPart): string => codes((auth.env[name] ?? []).map(variableName), "or");
  return [...needs, ...takes].map(listed).filter(Boolean).join(" + ");
}

export function formsOf({ auth }: Provider): string {
  return auth.map(inputsOf).filter(Boolean).join(", or ");
}
