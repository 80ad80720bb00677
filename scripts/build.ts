// Bundles lib/src/index.js into one readable file, dist/index.js, that runs alone.
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";

interface Bundle {
  code: string;
  assets: Record<string, { source: string | Uint8Array }>;
}

type Ncc = (entry: string, options: Record<string, boolean | string>) => Promise<Bundle>;

const ncc = createRequire(import.meta.url)("@vercel/ncc") as Ncc;

markSideEffectFree(resolve("node_modules/@actions"));

const { code, assets } = await ncc(resolve("lib/src/index.js"), {
  cache: false,
  license: "licenses.txt",
  quiet: true,
});
const { "licenses.txt": licenses, ...others } = assets;
const strays = Object.keys(others).filter((name) => name !== "package.json");
if (licenses === undefined || strays.length > 0) {
  throw new Error(
    `The bundle must be one file and its licenses, but ncc also made: ${strays.join(", ") || "no licenses.txt"}. ` +
      `Write a lazy import as import(/* webpackMode: "eager" */ "./x.ts").`,
  );
}
if (code.includes(resolve("."))) {
  throw new Error("The bundle holds an absolute path of this machine.");
}

rmSync("dist", { recursive: true, force: true });
mkdirSync("dist");
writeFileSync("dist/index.js", code, { mode: 0o755 });
writeFileSync("dist/licenses.txt", Buffer.from(licenses.source).toString().replaceAll("\r\n", "\n"));

// These packages do nothing when imported but do not say so; told this, ncc drops what we do not call (octokit, a second HTTP client).
function markSideEffectFree(scope: string): void {
  for (const name of readdirSync(scope)) {
    const file = join(scope, name, "package.json");
    if (!existsSync(file)) continue;
    const manifest = JSON.parse(readFileSync(file, "utf8")) as object;
    writeFileSync(file, JSON.stringify({ ...manifest, sideEffects: false }, null, 2) + "\n");
  }
}
