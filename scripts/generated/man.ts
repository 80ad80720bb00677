/** The man page, from what \`--help\` is made of: https://man7.org/linux/man-pages/man7/man-pages.7.html */
import { variableName } from "../../src/engine/words.ts";
import { commands, examples, idRows, interrupting, optionGroups } from "../../src/hosts/options.ts";
import { exitCodes, outcomes, version } from "../../src/interface.ts";
import { providers } from "../../src/providers/all.ts";
import { variable } from "../../src/hosts/common.ts";
import { inputs } from "./inputs.ts";
import { manifest } from "./manifest.ts";

export function manPage(description: string): string {
  return [
    String.raw`.\" Made by npm run generate from src/interface.ts, src/hosts/options.ts and src/providers.`,
    `.TH CANCEL\\-RUN 1 "" "cancel\\-run ${roff(version)}" "User Commands"`,
    ".SH NAME",
    `cancel\\-run \\- ${roff(description.charAt(0).toLowerCase() + description.slice(1).replace(/\.$/, ""))}`,
    ".SH SYNOPSIS",
    ".nf",
    ...commands.map(([synopsis]) => roff(synopsis)),
    ".fi",
    ".SH DESCRIPTION",
    "A run is looked at before it is cancelled and after, until the vendor says that it is over. What is left to say is on standard error; standard output has nothing but the report that",
    ".B \\-\\-json",
    "asks for.",
    roff(interrupting),
    ".SH COMMANDS",
    ...commands.flatMap(([synopsis, help]) => entry(synopsis, help)),
    ".SH OPTIONS",
    ...optionGroups(manifest).flatMap(({ title, options }) => [
      `.SS "${roff(title)}"`,
      ...options.flatMap(({ flag, value = "", help }) => entry(`${flag} ${value}`.trim(), help)),
    ]),
    '.SS "Ids, by provider and kind of run"',
    ...idRows(providers).flatMap(([what, flags]) => entry(what, flags)),
    ".SH ENVIRONMENT",
    "Credentials are read from the environment, never from the command line. The variables of the vendors' own tools are read where those of cancel\\-run are not set.",
    ...inputs.filter(({ type }) => type === "secret").flatMap(({ name, help }) => entry(variable(name), help)),
    ...[...providers].flatMap(([key, { name, auth }]) => {
      const names = [...new Set(auth.flatMap(({ env }) => Object.values(env).flat().map(variableName)))];
      return names.length > 0 ? entry(names.join(", "), `For provider ${key}, ${name}.`) : [];
    }),
    ...entry("NO_COLOR", "Anything in it: no colors."),
    ".SH OUTCOMES",
    ...Object.entries(outcomes).flatMap(([name, { help }]) => entry(name, help)),
    ".SH EXIT STATUS",
    ...Object.entries(exitCodes).flatMap(([code, help]) => entry(code, help)),
    ".SH EXAMPLES",
    ...examples.flatMap(([what, lines]) => [".PP", roff(what), ".PP", ".nf", ...lines.map(roff), ".fi"]),
    "",
  ].join("\n");
}

const entry = (what: string, help: string): string[] => [".TP", `.B ${roff(what)}`, roff(help)];

/** https://man7.org/linux/man-pages/man7/groff_char.7.html: a plain - is a hyphen, and a . or ' in front a request. */
function roff(text: string): string {
  return text
    .replaceAll("`", "")
    .replaceAll("\\", String.raw`\e`)
    .replaceAll("-", String.raw`\-`)
    .replaceAll('"', String.raw`\(dq`)
    .replaceAll("'", String.raw`\(aq`)
    .replace(/^\./, String.raw`\&.`);
}
