// Writes every generated file; run it by `npm run generate`.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { generatedFiles } from "./generated/index.ts";

const read = (path: string): string | undefined => (existsSync(path) ? readFileSync(path, "utf8") : undefined);

for (const [path, content] of generatedFiles(read)) {
  if (read(path) === content) continue;
  writeFileSync(path, content);
  console.log(`wrote ${path}`);
}
