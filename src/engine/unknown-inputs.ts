/** Inputs that we do not have are not passed over: a step that cancels must not guess. */
import type { Host, Stranger } from "../host.ts";
import { idInputNames, inputs, isSecret } from "../interface.ts";
import { oneLine, oneOf } from "../text.ts";
import { idNames, type Manifest } from "./manifest.ts";
import { migrants } from "./migrants.ts";
import { canonical, nearest } from "./nearest.ts";
import { UsageError } from "./usage.ts";

/** What a host that spells inputs tells of them. */
type Spelling = Pick<Host, "input" | "spell" | "strangers">;

/** Throws `UsageError` for names that are meant for us; a line about the others, if there are any. */
export function checkNames(host: Spelling, manifest: Manifest): string | undefined {
  // A name of a variable that looks like another vendor's id is somebody else's.
  const ofOurs = new Map([...manifest].filter(([key]) => key === host.input("provider").trim()));
  const given = host.strangers
    .filter(({ value }) => value.trim() !== "")
    .map((stranger) => ({ stranger, ...mistake(stranger.name, manifest, host.spell, ofOurs) }))
    // A variable that a workflow keeps for our input, and hands over, loses nothing.
    .filter(({ stranger, meant }) => !meant.some((name) => host.input(name).trim() === stranger.value.trim()));
  const wrong = given.flatMap(({ stranger, say }) => (say === undefined ? [] : [`${shown(stranger)} ${say}`]));
  if (wrong.length > 0) throw new UsageError(wrong.join("; "));
  if (given.length === 0) return undefined;
  const names = given.map(({ stranger }) => shown(stranger));
  return `not an input of cancel-run, and ignored: ${oneOf(names, "and")}`;
}

/** Of what somebody else has written no more is shown than a name. */
const shown = ({ spelled }: Stranger): string => oneLine(spelled, 60);

interface Mistake {
  /** The inputs that were meant. */
  readonly meant: readonly string[];
  /** What is wrong, as the end of a sentence; undefined for a name that has nothing to do with us. */
  readonly say: string | undefined;
}

/** What somebody meant by an input that there is not. An id counts as meant where one of `likely` has it. */
export function mistake(name: string, manifest: Manifest, spell: (name: string) => string, likely = manifest): Mistake {
  const ids = idNames(manifest);
  const names = [...inputs.map((input) => input.name as string), ...idInputNames];
  const theirs = Object.entries(migrants).find(([one]) => canonical(one) === canonical(name))?.[1];
  // `workflow-id`, by its separator alone, is more likely theirs.
  if (theirs !== undefined) {
    const meant = [...theirs.instead.matchAll(/\{([a-z-]+)\}/g)].flatMap(([, one]) => (one === undefined ? [] : [one]));
    const instead = theirs.instead.replace(/\{([a-z-]+)\}/g, (_, one: string) => spell(one));
    return { meant, say: `is an input of ${oneOf(theirs.of)}; ${instead} (docs/migrating.md)` };
  }
  if (names.includes(name))
    return { meant: [name], say: isSecret(name) ? undefined : `is not read here; give ${spell(name)}` };
  if (ids.includes(name)) return { meant: [], say: `is an id that is not an input of its own: give ${spell(name)}` };
  const separatedOtherwise = ids.filter((one) => canonical(one) === canonical(name));
  const near = nearest(name, [...names, ...idNames(likely), ...separatedOtherwise]);
  if (near === undefined) return { meant: [], say: undefined };
  return { meant: [near], say: `is not an input; did you mean ${spell(near)}?` };
}
