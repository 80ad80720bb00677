// Writes dist/: the bundle, what starts it at the end of a job, and the licenses of what is in it.
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { bundle } from "./bundle.ts";

const { code, licenses } = await bundle("lib/src");

rmSync("dist", { recursive: true, force: true });
mkdirSync("dist");
writeFileSync("dist/index.js", code, { mode: 0o755 });
// A runner that has one file for both phases can tell them apart by variables only, which any step can set.
writeFileSync("dist/post.js", 'import "./index.js";\n');
writeFileSync("dist/licenses.txt", licenses);
