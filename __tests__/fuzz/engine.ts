/** The product as the fuzzers call it, out of a folder of compiled sources: the real ones, or a copy with a planted fault. */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Registry } from "../../src/engine/manifest.ts";
import type { registerSecrets as register } from "../../src/hosts/common.ts";
import type { terminalHost } from "../../src/hosts/terminal.ts";
import type { cancelRun } from "../../src/main.ts";
import { canary } from "./secret.ts";

export interface Engine {
  readonly cancelRun: typeof cancelRun;
  readonly registry: Registry;
  readonly terminalHost: typeof terminalHost;
}

export const compiled = join(process.cwd(), "lib/src");

export async function engineIn(folder: string): Promise<Engine> {
  const load = async <T>(file: string): Promise<T> => (await import(pathToFileURL(join(folder, file)).href)) as T;
  const engine = {
    ...(await load<Pick<Engine, "cancelRun">>("main.js")),
    registry: {
      ...(await load<Pick<Registry, "manifest">>("providers/manifest.js")),
      ...(await load<Pick<Registry, "load">>("providers/index.js")),
    },
    ...(await load<Pick<Engine, "terminalHost">>("hosts/terminal.js")),
  };
  const { registerSecrets } = await load<{ registerSecrets: typeof register }>("hosts/common.js");
  // As the program does before its first line.
  registerSecrets({ CANCEL_RUN_TOKEN: canary }, engine.registry.manifest);
  return engine;
}
