/** The command line as data: for `--help`, the man page and the completions of shells. */
import { entriesOf } from "../engine/catalog.ts";
import { idNames, type Manifest } from "../engine/manifest.ts";
import { type Input, inputGroups, type InputName, isSecret, outcomes } from "../interface.ts";
import type { Provider } from "../provider.ts";

export interface Option {
  /** With the dashes. */
  readonly flag: string;
  /** What stands behind it; undefined for a switch. */
  readonly value?: string;
  readonly help: string;
  /** What a value can be, where there are few. */
  readonly choices?: readonly string[];
}

export interface Group {
  readonly title: string;
  readonly options: readonly Option[];
}

/** They are about the job that a step belongs to. */
const uselessHere: readonly InputName[] = ["when", "self", "older-than-this"];

export function optionGroups(manifest: Manifest): readonly Group[] {
  const isShown = ({ name }: Input): boolean =>
    name !== "url" && !isSecret(name) && !uselessHere.some((useless) => useless === name);
  const choices: Readonly<Record<string, readonly string[]>> = {
    provider: [...manifest.keys()],
    status: ["queued", "running", "blocked", "cancelling"],
    "fail-on": [...Object.keys(outcomes), "nothing", "none"],
  };
  return [
    ...inputGroups.map(({ title, inputs }) => ({
      title: inputs.some(({ name }) => isSecret(name)) ? `${title} (secrets are read from the environment)` : title,
      options: inputs.filter(isShown).map((input) => optionOf(input, choices[input.name])),
    })),
    {
      title: "Output",
      options: [
        { flag: "--json", help: "Print the report as JSON on stdout." },
        { flag: "--help", help: "Print this text, or with the name of a provider what there is to know about it." },
        { flag: "--version", help: "Print the version." },
      ],
    },
  ];
}

function optionOf(input: Input, choices: readonly string[] | undefined): Option {
  const { name, type } = input;
  const flag = `--${name}`;
  if (type === "boolean") return { flag, help: meaning(input) };
  return { flag, value: type.toUpperCase(), help: meaning(input), ...(choices && { choices }) };
}

function meaning({ name, type, help, default: standard }: Input): string {
  const text = help.replaceAll("`", "");
  if (!standard || text.includes("Default:") || (type === "boolean" && standard === "false")) return text;
  const off = type === "boolean" ? `; switched off by --${name} false` : "";
  return `${text} Default: ${standard}${off}.`;
}

/** An id of any vendor, each once. */
export const idFlags = (manifest: Manifest): readonly string[] => idNames(manifest).map((name) => `--${name}`);

/** `gitlab job` and the flags that name one; those in brackets may be left out. */
export function idRows(providers: ReadonlyMap<string, Provider>): (readonly [string, string])[] {
  return [...providers].flatMap(([key, provider]) =>
    [...entriesOf(key, provider).values()].map(({ targetName, target }) => {
      const flags = Object.entries(target.ids).map(([id, { optional }]) => (optional ? `[--${id}]` : `--${id}`));
      return [`${key} ${targetName}`, flags.join(" ")] as const;
    }),
  );
}

export const shells = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof shells)[number];

export const commands = [
  ["cancel-run ADDRESS...", "Stop the runs with these pages."],
  ["cancel-run --provider NAME --ID VALUE...", "Stop runs by their ids; the last id may be a list, with commas."],
  [
    "cancel-run explain ADDRESS [--check]",
    "Say what would be asked, which credential it takes and what to paste; sends nothing. With --check, ask the vendor whose the credential is and whether it may cancel, and look at the run. Takes ids, too.",
  ],
  [
    "cancel-run help [PROVIDER]",
    "Print this text, or the ids, pages, credentials, rights and forced stop of a provider.",
  ],
  ["cancel-run completion SHELL", `Print completions for ${shells.join(", ")}.`],
  ["cancel-run demo", "Try it on simulated servers, no account needed."],
] as const;

export const examples = [
  ["Stop a run by its page:", ["cancel-run https://github.com/octo-org/deploy/actions/runs/9876543210"]],
  [
    "Stop a job on a server of your own, by its ids:",
    [
      "cancel-run --provider gitlab --server-url https://gitlab.example.com \\",
      "  --project platform/deploy --job-id 4711 --reason 'superseded'",
    ],
  ],
  [
    "Show which runs of a branch would be stopped, all but the newest:",
    ["cancel-run --provider github --repository octo-org/deploy --branch main \\", "  --keep-newest 1 --dry-run"],
  ],
] as const;

/** What Ctrl-C does. */
export const interrupting =
  "Ctrl-C ends it: a cancel that has not been sent by then is not sent. The exit code is 130.";
