// Writes every generated file; run it by `npm run generate`.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { generatedFiles } from "./generated/index.ts";

const read = (path: string): string | undefined => (existsSync(path) ? readFileSync(path, "utf8") : undefined);

const files = generatedFiles(read);
const written = [...files].filter(([path, content]) => {
  if (read(path) === content) return false;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  console.log(`wrote ${path}`);
  return true;
});
const stale = readdirSync("docs/providers")
  .map((name) => `docs/providers/${name}`)
  .filter((path) => !files.has(path));
for (const path of stale) {
  rmSync(path);
  console.log(`removed ${path}`);
}
// lib/ was compiled before the names in src/ changed.
if (written.some(([path]) => path.startsWith("src/"))) execFileSync("npm", ["run", "--silent", "compile"]);
