// Writes dist/: the bundle, what starts it at the end of a job, the library, and what is in them.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { bundle, pack } from "./bundle.ts";
import { libraryTypes } from "./generated/library.ts";
import { billOfMaterials } from "./sbom.ts";

const program = await bundle("lib/src");
const library = await pack("lib/src", "library.js");

rmSync("dist", { recursive: true, force: true });
mkdirSync("dist");
writeFileSync("dist/index.js", program.code, { mode: 0o755 });
// A runner that has one file for both phases can tell them apart by variables only, which any step can set.
writeFileSync("dist/post.js", 'import "./index.js";\n');
writeFileSync("dist/library.js", library.code);
writeFileSync("dist/library.d.ts", libraryTypes());
writeFileSync("dist/licenses.txt", program.licenses);
const read = (path: string): string => readFileSync(path, "utf8");
writeFileSync("dist/sbom.cdx.json", billOfMaterials(read("package.json"), read("package-lock.json"), program.licenses));
