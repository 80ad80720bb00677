// Bundles compiled sources into one readable file that runs alone.
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { stage, trim } from "./trim.ts";

interface Output {
  code: string;
  assets: Record<string, { source: string | Uint8Array }>;
}

type Ncc = (entry: string, options: Record<string, boolean | string>) => Promise<Output>;

const ncc = createRequire(import.meta.url)("@vercel/ncc") as Ncc;

/** The bundle of `index.js` in the folder, and the licenses of what is in it. */
export async function bundle(folder: string): Promise<{ code: string; licenses: string }> {
  markSideEffectFree(resolve("node_modules/@actions"));
  stage(resolve("node_modules"), resolve(folder, "node_modules"));
  const { code, assets } = await ncc(resolve(folder, "index.js"), {
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
  return { code: trim(code), licenses: Buffer.from(licenses.source).toString().replaceAll("\r\n", "\n") };
}

// These packages do nothing when imported but do not say so; told this, ncc drops what we do not call (octokit, a second HTTP client).
function markSideEffectFree(scope: string): void {
  for (const name of readdirSync(scope)) {
    const file = join(scope, name, "package.json");
    if (!existsSync(file)) continue;
    const manifest = JSON.parse(readFileSync(file, "utf8")) as object;
    writeFileSync(file, JSON.stringify({ ...manifest, sideEffects: false }, null, 2) + "\n");
  }
}
