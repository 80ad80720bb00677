/** Every input that users see: those of src/interface.ts, and the ids of the providers' files. */
import { entriesOf } from "../../src/engine/catalog.ts";
import { idInputNames, type Input, inputs as declared } from "../../src/interface.ts";
import type { Id } from "../../src/provider.ts";
import { providers } from "../../src/providers/index.ts";
import { groups } from "./groups.ts";
import { code, codes, listed, sentence } from "./markdown.ts";

export const inputs: readonly Input[] = declared;

/** One id of one target. */
export interface IdUse {
  readonly provider: string;
  readonly target: string;
  readonly name: string;
  readonly id: Id;
  /** It may be a list: the last required id of its target. */
  readonly list: boolean;
}

export const idUses: readonly IdUse[] = [...providers].flatMap(([key, provider]) =>
  [...entriesOf(key, provider).values()].flatMap(({ targetName, target, listId }) =>
    Object.entries(target.ids).map(([name, id]) => ({
      provider: key,
      target: targetName,
      name,
      id,
      list: name === listId,
    })),
  ),
);

/** The ids that are inputs, each once. */
export const idInputs: readonly Input[] = idInputNames.map((name) => {
  const uses = idUses.filter((use) => use.name === name);
  return { name, type: "text", help: describe(uses), example: uses[0]?.id.example ?? "" };
});

/** In the order that people meet them: what, which, then the rest. */
export const allInputs: readonly Input[] = inputs.flatMap((input) =>
  input.name === "provider" ? [input, ...idInputs] : [input],
);

/** What an input means, whole; ids already say which provider takes them. */
export function helpOf(input: Input): string {
  if (input.name === "provider") return `${input.help} One of ${codes([...providers.keys()])}.`;
  if (input.example === undefined || idInputs.includes(input)) return input.help;
  return `${input.help} For example ${code(input.example)}.`;
}

/** `gitlab` job: number of the job (e.g. `4711`; may be a list), for each different meaning. */
function describe(uses: readonly IdUse[]): string {
  const meanings = groups(uses, ({ provider, id, list }) => [provider, id.help, id.example, list].join("\n"));
  return [...meanings.values()].map(meaning).join(" ");
}

function meaning(same: readonly IdUse[]): string {
  const [use] = same;
  if (use === undefined) return "";
  const targets = same.map(({ target }) => target);
  const more = [
    `e.g. ${code(use.id.example)}`,
    use.id.optional && "optional",
    use.list && "may be a list, by comma or line",
  ];
  return sentence(
    `${code(use.provider)} ${listed(targets, "and")}: ${use.id.help} (${more.filter(Boolean).join("; ")})`,
  );
}
