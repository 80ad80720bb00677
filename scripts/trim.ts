// Makes the bundle start sooner: what Node.js brings is loaded where it is used, not where the first module names it, and
// a module that a start does not need is not compiled before it is used.
import { isBuiltin } from "node:module";

const loader = 'import { createRequire as __WEBPACK_EXTERNAL_createRequire } from "module";\n';
const loading = /__WEBPACK_EXTERNAL_createRequire\(import\.meta\.url\)\("([^"]+)"\)/g;
const loaded = /^const (external_\w+) = (process\.getBuiltinModule\("[^"]+"\));$/gm;
const asserting = 'process.getBuiltinModule("node:assert")';

/** The same program, started sooner. */
export function trim(code: string): string {
  return lazily(onDemand(replaceOnce(code, loader, "")));
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

const start = /^\/\*{3}\/ (\d+):$/m;
const open = /^\/\*{3}\/ \((async )?\(([^()\n]*)\) => \{$/m;
const close = /^\/\*{3}\/ \}\)(?=,?$)/m;
const entry = /^\/\*{6}\/ var __webpack_exports__ = __nccwpck_require__\((\d+)\);$/m;
/** `const x = require(1)` and its kind, at the top level of a module. */
const needs =
  /^(?:\/\* harmony import \*\/ )?(?:(?:const|var) .+|\}) = (?:\/\*.*\*\/)?__nccwpck_require__\((\d+)\);?$/gm;

/**
 * V8 compiles a function in parentheses as soon as it reads it, any other one when it is called. Packed like that are
 * only the modules that every start evaluates; ncc does it to all of them, and with arrow functions, which V8 of Node 20 reads twice.
 */
function lazily(code: string): string {
  const [head = "", ...rest] = code.split(/^(?=\/\*{3}\/ \d+:$)/m);
  const modules = new Map(rest.map((text) => [start.exec(text)![1]!, text]));
  const early = new Set<string>();
  const queue = [entry.exec(code)?.[1]];
  for (const id of queue) {
    const text = modules.get(id ?? "");
    if (id === undefined || text === undefined)
      throw new Error("The bundle is not as ncc makes it: see scripts/trim.ts.");
    if (early.has(id)) continue;
    early.add(id);
    for (const [, next] of text.matchAll(needs)) queue.push(next);
  }
  return [
    head,
    ...[...modules].map(([id, text]) => {
      const [before, after] = early.has(id) ? ["(", ")"] : ["", ""];
      return text
        .replace(open, (_, async = "", parameters: string) => `/***/ ${before}${async}function (${parameters}) {`)
        .replace(close, `/***/ }${after}`);
    }),
  ].join("");
}

function replaceOnce(text: string, from: string | RegExp, to: string): string {
  const [before = "", after, ...more] = text.split(from);
  if (after === undefined || more.length > 0)
    throw new Error(`The bundle must hold this exactly once, see scripts/trim.ts: ${from}`);
  return before + to + after;
}
