import { manifestOf, type Registry } from "../../src/engine/manifest.ts";
import type { Provider } from "../../src/provider.ts";

/** A registry of these providers, which hands out none that it is not asked for. */
export function registryOf(providers: ReadonlyMap<string, Provider>): Registry {
  return {
    manifest: manifestOf(providers),
    load: (keys) => Promise.resolve(new Map([...providers].filter(([key]) => keys.includes(key)))),
  };
}
