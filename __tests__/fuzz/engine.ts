/** The product as the fuzzers call it, out of a folder of compiled sources: the real ones, or a copy with a planted fault. */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { registerSecrets } from "../../src/hosts/common.ts";
import type { terminalHost } from "../../src/hosts/terminal.ts";
import type { cancelRun } from "../../src/main.ts";
import type { providers } from "../../src/providers/index.ts";

export interface Engine {
  readonly cancelRun: typeof cancelRun;
  readonly providers: typeof providers;
  readonly terminalHost: typeof terminalHost;
  readonly registerSecrets: typeof registerSecrets;
}

export const compiled = join(process.cwd(), "lib/src");

export async function engineIn(folder: string): Promise<Engine> {
  const load = async <T>(file: string): Promise<T> => (await import(pathToFileURL(join(folder, file)).href)) as T;
  return {
    ...(await load<Pick<Engine, "cancelRun">>("main.js")),
    ...(await load<Pick<Engine, "providers">>("providers/index.js")),
    ...(await load<Pick<Engine, "terminalHost">>("hosts/terminal.js")),
    ...(await load<Pick<Engine, "registerSecrets">>("hosts/common.js")),
  };
}
