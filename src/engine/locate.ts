/** From inputs to runs: by page, by ids, or as a list to select from. Sends nothing. */
import type { Platform } from "../platform.ts";
import { byAddress } from "./address.ts";
import { byIds, locateList } from "./ids.ts";
import type { Lookup } from "./lookup.ts";
import type { Manifest } from "./manifest.ts";
import { type Run, runKey } from "./run.ts";
import { checkPlatform } from "./server.ts";
import type { Settings } from "./settings.ts";
import { UsageError } from "./usage.ts";

export interface Located {
  /** Every run that the inputs name, each once. */
  readonly runs: readonly Run[];
  /** What a selection lists, when it chooses the runs. */
  readonly query: Run | undefined;
}

/** The providers that the inputs can mean, and that of the platform, whose own variables are checked by it. */
export function candidates(settings: Settings, platform: Platform | undefined, manifest: Manifest): readonly string[] {
  const { provider, self, addresses, idFile } = settings;
  const own = self && addresses.length === 0 && idFile === undefined ? platform?.provider : undefined;
  const named = provider ?? own;
  if (named === undefined) return [...manifest.keys()];
  const answering = [...manifest].flatMap(([key, { answersTo }]) => (answersTo === named ? key : []));
  return [named, ...answering, ...(platform ? [platform.provider] : [])];
}

/** Throws `UsageError`. */
export function locate(settings: Settings, lookup: Lookup): Located {
  checkPlatform(lookup);
  const byPage = settings.addresses.length > 0;
  if (settings.selection && byPage)
    throw new UsageError(`${lookup.spell("url")} names runs; a selection chooses them: give one of the two`);
  if (settings.selection) return { runs: [], query: locateList(settings, lookup) };
  const runs = byPage ? byAddress(settings, lookup) : byIds(settings, lookup);
  return { runs: [...new Map(runs.map((run) => [runKey(run), run])).values()], query: undefined };
}
