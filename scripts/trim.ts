// Makes the bundle start sooner: what Node.js brings is loaded where it is used, not where the first module names it.
import { isBuiltin } from "node:module";

/** Where the files beside the bundle are: there are none. */
const assets = /^.*__nccwpck_require__\.ab = .*\n/m;
const loader = 'import { createRequire as __WEBPACK_EXTERNAL_createRequire } from "module";\n';
const loading = /__WEBPACK_EXTERNAL_createRequire\(import\.meta\.url\)\("([^"]+)"\)/g;
const loaded = /^const (external_\w+) = (process\.getBuiltinModule\("[^"]+"\));$/gm;
const asserting = 'process.getBuiltinModule("node:assert")';

/** The same program, started sooner. */
export function trim(code: string): string {
  return onDemand(replaceOnce(replaceOnce(code, assets, ""), loader, ""));
}

function onDemand(code: string): string {
  const asked = code.replace(loading, (_, name: string) => {
    if (!isBuiltin(name)) throw new Error(`The bundle needs ${name}, which is not part of Node.js.`);
    return `process.getBuiltinModule("${name}")`;
  });
  if (/\bassert\.\w/.test(asked)) throw new Error("The bundle uses more of node:assert than the function that it is.");
  const calls = new Map([...asked.matchAll(loaded)].map(([, name = "", call = ""]) => [name, call]));
  // The first assertion that fails loads node:assert.
  return replaceOnce(asked, `= ${asserting};`, `= (value, message) => value || ${asserting}(value, message);`)
    .replace(loaded, "")
    .replace(/\bexternal_\w+\b/g, (name) => calls.get(name) ?? name);
}

function replaceOnce(text: string, from: string | RegExp, to: string): string {
  const [before = "", after, ...more] = text.split(from);
  if (after === undefined || more.length > 0)
    throw new Error(`The bundle must hold this exactly once, see scripts/trim.ts: ${from}`);
  return before + to + after;
}
