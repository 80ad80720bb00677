/** An explanation for people. */
import type { CredentialPart } from "../provider.ts";
import { oneOf } from "../text.ts";
import type { Explanation, Form, Request } from "./explanation.ts";
import { wrap } from "../columns.ts";
import { variable } from "../engine/words.ts";
import { isSecret } from "../interface.ts";

export function inWords(explanation: Explanation): string {
  const { provider, name, target, ids, server, region, page, command, permissions, rights, docs } = explanation;
  const { alike, github, gitlab, credentials, look, cancel, force } = explanation;
  const facts = [
    [
      "Provider",
      `${provider} (${name})${alike.length > 0 ? `, unless the server says that it is ${oneOf(alike)}` : ""}`,
    ],
    ["Target", target],
    ...Object.entries(ids),
    ["Server", server],
    ...(region === null ? [] : [["Region", region] as const]),
    ...(page === null ? [] : [["Page", page] as const]),
  ] as const;
  const width = Math.max(...facts.map(([title]) => title.length)) + 2;
  const { force: more } = permissions;
  return [
    facts.map(([title, fact]) => `${title.padEnd(width)}${fact}`).join("\n"),
    section("On GitHub Actions", github),
    section("On GitLab CI/CD, with stage and rules of your own (GitLab 18.10 or later)", gitlab.component),
    section("On GitLab CI/CD, where the server has not got the component", gitlab.job),
    section("In a terminal", command),
    section(
      "Credential, as inputs on GitHub; elsewhere in the environment",
      credentials.map((form) => wrap(formInWords(form), 2, 0, 78)).join("\n"),
    ),
    section(
      "It must be allowed",
      [
        ...(permissions.look === null ? [] : [`to look: ${permissions.look}`]),
        `to cancel: ${permissions.cancel}`,
        ...(more === undefined ? [] : [`to force: ${more ?? "no more than to cancel"}`]),
        rights,
        permissions.docs,
      ]
        .map((line) => wrap(line.replaceAll("`", ""), 2, 0, 78))
        .join("\n"),
    ),
    section("A look asks", requests(look)),
    section("A cancel asks", requests(cancel)),
    ...(force.length === 0 ? [] : [section("A forced stop asks (only with force-after)", requests(force))]),
    `${docs}\n`,
  ].join("\n\n");
}

const section = (title: string, text: string): string => `${title}:\n${text.replace(/^(?=.)/gm, "  ")}`;

/** `token: GITLAB_TOKEN or CANCEL_RUN_TOKEN` */
export function formInWords({ inputs, optional, onlyByVariable, variables }: Form): string {
  if (inputs.length + optional.length === 0) return "none, where the server asks for none";
  const one = (name: CredentialPart): string => {
    if (onlyByVariable) return oneOf(variables[name] ?? []);
    const all = [...(isSecret(name) ? [variable(name)] : []), ...(variables[name] ?? [])];
    return all.length > 0 ? `${name} (${oneOf(all)})` : name;
  };
  return [...inputs.map(one), ...optional.map((name) => `[${one(name)}]`)].join(" + ");
}

function requests(all: readonly Request[]): string {
  const lines = all.map(({ method, address, headers, otherwise }) => {
    const telling = Object.entries(headers).map(([name, value]) => `\n  ${name}: ${value}`);
    return `${method} ${address}${otherwise ? "  (where the server has not got the one above)" : ""}${telling.join("")}`;
  });
  return [...new Set(lines)].join("\n");
}
