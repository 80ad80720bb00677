/** What every start knows of the vendors' files, as a file of its own. */
import { manifestOf } from "../../src/engine/manifest.ts";
import { providers } from "../../src/providers/all.ts";

export const manifest = manifestOf(providers);

/** One line a vendor. */
export function manifestTs(): string {
  const lines = [...manifest].map(([key, facts]) => `  [${JSON.stringify(key)}, ${JSON.stringify(facts)}],\n`);
  return `/** Made by \`npm run generate\` from src/providers: what every start knows of each vendor. */
import type { Manifest } from "../engine/manifest.ts";

export const manifest: Manifest = new Map([
${lines.join("")}]);
`;
}
