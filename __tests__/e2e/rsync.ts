/**
 * Does for gitlab-ci-local what it asks of rsync, and no more, so that these tests run where rsync is not installed:
 * copying a folder, or files named in a list or as an argument, with some of it left out.
 */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";

const args = process.argv.slice(2);
const operands: string[] = [];
const excluded = new Set<string>();
let list: string | undefined;
for (let at = 0; at < args.length; at += 1) {
  const [option, inline] = (args[at] ?? "").split(/=(.*)/s);
  const value = (): string => inline ?? args[(at += 1)] ?? "";
  if (option === "--exclude") exclude(value());
  else if (option === "--exclude-from") readLines(value()).forEach(exclude);
  else if (option === "--files-from") list = value();
  else if (!option?.startsWith("-")) operands.push(option ?? "");
}
const [source = "", target = ""] = operands;
const whole = args.includes("--delete");
const relative = args.some((arg) => /^-[a-zA-Z]*R/.test(arg));

if (whole) rmSync(target, { recursive: true, force: true });
mkdirSync(target, { recursive: true });
const paths = list === undefined ? (relative ? [source] : readdirSync(source)) : readLines(list);
const from = relative ? "." : source;
const missing = paths.filter((path) => !existsSync(join(from, path)));
for (const path of paths) {
  if (excluded.has(join(path)) || missing.includes(path)) continue;
  cpSync(join(from, path), join(target, path), { recursive: true, filter: (entry) => !excluded.has(join(entry)) });
}
// As rsync does when it could not copy everything.
if (missing.length > 0) process.exitCode = 23;

function exclude(pattern: string): void {
  excluded.add(join(pattern.replace(/^\//, "").replace(/\/(?:\*\*)?$/, "")));
}

function readLines(path: string): string[] {
  return readFileSync(path, "utf8").split("\n").filter(Boolean);
}
