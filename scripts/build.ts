// Writes dist/: the bundle and the licenses of what is in it.
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { bundle } from "./bundle.ts";

const { code, licenses } = await bundle("lib/src");

rmSync("dist", { recursive: true, force: true });
mkdirSync("dist");
writeFileSync("dist/index.js", code, { mode: 0o755 });
writeFileSync("dist/licenses.txt", licenses);
