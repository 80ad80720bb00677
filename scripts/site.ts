// Writes public/: the page, in one file that needs nothing else; run it by `npm run site`.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { pack } from "./bundle.ts";
import { sitePage } from "./generated/site.ts";

const read = (path: string): string => readFileSync(path, "utf8");
const { code } = await pack("lib/docs/site", "page.js");

rmSync("public", { recursive: true, force: true });
mkdirSync("public");
writeFileSync(
  "public/index.html",
  sitePage({ html: read("docs/site/index.html"), style: read("docs/site/style.css"), script: code }, (path) =>
    existsSync(path) ? read(path) : undefined,
  ),
);
console.log("wrote public/index.html");
