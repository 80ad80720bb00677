/** Every input that users see: those of src/interface.ts, and the ids of the providers' files. */
import { entriesOf } from "../../src/engine/catalog.ts";
import { idGroup, idInputNames, type Input, inputGroups, inputs as declared } from "../../src/interface.ts";
import type { Id } from "../../src/provider.ts";
import { providers } from "../../src/providers/all.ts";
import { code, codes, sentence } from "./markdown.ts";

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

/** Of an id that more providers have: their pages say the rest. */
const maxNamed = 3;

/** The ids that are inputs, each once. */
export const idInputs: readonly Input[] = idInputNames.map((name) => {
  const uses = idUses.filter((use) => use.name === name);
  const [help = "", ...others] = new Set(uses.map(({ id }) => id.help));
  const users = [...new Set(uses.map(({ provider }) => provider))];
  const keys =
    users.length > maxNamed + 1
      ? `${codes(users.slice(0, maxNamed))} and ${users.length - maxNamed} others`
      : codes(users, "and");
  return {
    name,
    type: "text",
    help: sentence(others.length === 0 ? `${help} (${keys})` : `the id \`${name}\` of ${keys}`),
  };
});

interface Shown {
  readonly title: string;
  readonly help: string;
  readonly inputs: readonly Input[];
}

/** All inputs in the order in which people meet them; the ids by name at the end. */
export const shownGroups: readonly Shown[] = [...inputGroups, { ...idGroup, inputs: idInputs }];

export const allInputs: readonly Input[] = shownGroups.flatMap((group) => group.inputs);

/** What an input means, whole; ids already say which provider takes them. */
export function helpOf(input: Input): string {
  if (input.name === "provider") return `${input.help} One of ${codes([...providers.keys()])}.`;
  if (input.example === undefined) return input.help;
  return `${input.help} For example ${code(input.example)}.`;
}
