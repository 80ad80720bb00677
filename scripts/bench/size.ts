/** What the bundle is made of. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { bundle } from "./program.ts";

export interface Part {
  /** A package, or `ncc` for what holds them together. */
  readonly name: string;
  readonly bytes: number;
}

export const total = (parts: readonly Part[]): number => parts.reduce((sum, { bytes }) => sum + bytes, 0);

/** The largest first. */
export function sizes(): Part[] {
  const origins = linesOfOrigin();
  const bytes = new Map<string, number>();
  // ncc marks each module by a number; where it joined several, each of them by its path.
  for (const part of readFileSync(bundle, "utf8").split(
    /^(?=\/\*{3}\/ \d+:$|;\/\/ CONCATENATED MODULE: |\/\*{6}\/ \}\);$)/m,
  )) {
    const path = /^;\/\/ CONCATENATED MODULE: (\S+)/.exec(part)?.[1];
    const owner = path?.startsWith("./") ? packageOf(path) : byLines(part, origins);
    bytes.set(owner, (bytes.get(owner) ?? 0) + Buffer.byteLength(part));
  }
  return [...bytes].map(([name, size]) => ({ name, bytes: size })).sort((a, b) => b.bytes - a.bytes);
}

const packageOf = (path: string): string =>
  /node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*node_modules\/)/.exec(path)?.[1] ?? "cancel-run";

/** Modules of ncc's own: one that stands for a part of Node, and the head of several that it has joined. */
const ofNcc = /^(?:module\.exports = .*process\.getBuiltinModule\(|\/\/ EXPORTS$)/m;

/** The package that most of the lines of a module come from. */
function byLines(text: string, origins: ReadonlyMap<string, string>): string {
  const votes = new Map<string, number>();
  for (const line of text.split("\n")) {
    const origin = origins.get(line.trim());
    if (origin !== undefined) votes.set(origin, (votes.get(origin) ?? 0) + 1);
  }
  const [most] = [...votes].sort(([, a], [, b]) => b - a);
  return most?.[0] ?? (/^\/\*{3}\/ \d/.test(text) && !ofNcc.test(text) ? "unknown" : "ncc");
}

/** Lines long enough to be told apart, of all packages that could be in the bundle. */
function linesOfOrigin(): Map<string, string> {
  const origins = new Map<string, string>();
  const packages = readdirSync("node_modules/@actions").map((name) => `node_modules/@actions/${name}`);
  for (const folder of [...packages, "node_modules/undici", "lib/src"])
    for (const file of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
      if (!file.endsWith(".js") || (folder === "lib/src" && file.startsWith("node_modules"))) continue;
      for (const line of readFileSync(join(folder, file), "utf8").split("\n"))
        if (line.trim().length >= 25) origins.set(line.trim(), packageOf(join(folder, file)));
    }
  return origins;
}
