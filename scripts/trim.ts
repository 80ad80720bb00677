/**
 * What makes the bundle start sooner: parts of packages that no request of ours reaches stay out, and what is not
 * needed before the first request is neither loaded nor compiled before it. docs/performance.md has the figures.
 */
import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { join } from "node:path";

interface Edit {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/** Changes to packages. Each must match exactly once: a new version of the package that differs stops the build. */
const edits: Readonly<Record<string, readonly Edit[]>> = {
  undici: [
    // HTTP/2 is never offered (`allowH2` is off by default), and node:http2 loads node:tls and node:crypto.
    {
      file: "lib/dispatcher/client.js",
      from: "const connectH2 = require('./client-h2.js')",
      to: "const connectH2 = undefined // HTTP/2 is never offered.",
    },
    // Bodies are strings: what reads forms and blobs is a quarter of all code here.
    {
      file: "lib/dispatcher/client-h1.js",
      from: "extractBody = require('../web/fetch/body.js').extractBody",
      to: "throw new TypeError('bodies are strings')",
    },
    // node:http is loaded for these two things only: its limit, where Node.js is told another one than its own, and a
    // class that no body of ours has.
    {
      file: "lib/dispatcher/client.js",
      from: "const http = require('node:http')",
      to: "const http = /max.http.header.size/.test(`${process.execArgv} ${process.env.NODE_OPTIONS}`) ? require('node:http') : { maxHeaderSize: 16384 }",
    },
    {
      file: "lib/core/util.js",
      from: "const { IncomingMessage } = require('node:http')",
      to: "const IncomingMessage = undefined // No body is one.",
    },
    // Both serve replies, and take their time to be made.
    {
      file: "lib/core/util.js",
      from: "const { tree } = require('./tree')",
      to: "const tree = { lookup: (name) => require('./tree').tree.lookup(name) }",
    },
    {
      file: "lib/dispatcher/client-h1.js",
      from: "const constants = require('../llhttp/constants.js')",
      to: "const constants = { TYPE: { RESPONSE: 2 }, get ERROR () { return require('../llhttp/constants.js').ERROR } }",
    },
  ],
  "@actions/core": [
    // Reading `fs.promises` loads them, and the summary is written last.
    {
      file: "lib/summary.js",
      from: "const { access, appendFile, writeFile } = promises;",
      to: "const [access, appendFile, writeFile] = ['access', 'appendFile', 'writeFile'].map((name) => (...all) => promises[name](...all));",
    },
  ],
};

/** Copies the packages to `folder`, where the compiled sources find them before the installed ones, and edits the copies. */
export function stage(packages: string, folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  for (const [name, changes] of Object.entries(edits)) {
    cpSync(join(packages, name), join(folder, name), { recursive: true });
    for (const { file, from, to } of changes) {
      const path = join(folder, name, file);
      writeFileSync(path, once(readFileSync(path, "utf8"), from, to, path));
    }
  }
}

/** The same program, started sooner. */
export function trim(code: string): string {
  return narrow(lazily(onDemand(code.replace(assets, ""))));
}

/** Where the files beside the bundle are: there are none. */
const assets = /^.*__nccwpck_require__\.ab = .*\n/m;

const loading = /__WEBPACK_EXTERNAL_createRequire\(import\.meta\.url\)\("([^"]+)"\)/g;
const loaded = /^const (external_\w+) = (process\.getBuiltinModule\("[^"]+"\));$/gm;

/** Parts of Node are asked for where they are used, not where the first module that names them is evaluated. */
function onDemand(code: string): string {
  const asked = once(
    code.replace(loading, (_, name: string) => {
      if (!isBuiltin(name)) throw new Error(`The bundle needs ${name}, which is not part of Node.`);
      return `process.getBuiltinModule("${name}")`;
    }),
    'import { createRequire as __WEBPACK_EXTERNAL_createRequire } from "module";\n',
    "",
    "the bundle",
  );
  if (/\bassert\.\w/.test(asked)) throw new Error("The bundle uses more of node:assert than the function that it is.");
  const calls = new Map([...asked.matchAll(loaded)].map(([, name = "", call = ""]) => [name, call]));
  // Loaded by the assertion that fails.
  const asserting = 'process.getBuiltinModule("node:assert")';
  return once(asked, `= ${asserting};`, `= (value, message) => value || ${asserting}(value, message);`, "the bundle")
    .replace(loaded, "")
    .replace(/\bexternal_\w+\b/g, (name) => calls.get(name) ?? name);
}

/** V8 keeps and reads a text in half the memory if no character of it needs two bytes. */
function narrow(code: string): string {
  if (code.includes("String.raw"))
    throw new Error("The bundle holds a String.raw, in which an escape is a text of its own.");
  return code.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
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

function once(text: string, from: string, to: string, where: string): string {
  const [before = "", after, ...more] = text.split(from);
  if (after === undefined || more.length > 0)
    throw new Error(`${where} must hold this exactly once, see scripts/trim.ts: ${from}`);
  return before + to + after;
}
