/** From inputs to runs: by page or by ids. Sends nothing. */
import { byAddress } from "./address.ts";
import { byIds } from "./ids.ts";
import type { Surroundings } from "./lookup.ts";
import { type Run, runKey } from "./run.ts";
import type { Settings } from "./settings.ts";

/** Every run that the inputs name, each once. Throws `UsageError`. */
export function locate(settings: Settings, around: Surroundings): Run[] {
  const runs = settings.addresses.length > 0 ? byAddress(settings, around) : byIds(settings, around);
  return [...new Map(runs.map((run) => [runKey(run), run])).values()];
}
