/** The npm package, as somebody installs it. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";

let folder = "";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "cancel-run-package-"));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function npm(cwd: string, ...args: readonly string[]): string {
  // What `npm test` tells its children is about this project, not about theirs.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name)));
  return execFileSync("npm", args, { cwd, env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

test("installing it in an empty folder adds one package, which runs", () => {
  const [{ filename }] = JSON.parse(npm(".", "pack", "--json", "--pack-destination", folder)) as [{ filename: string }];

  const added = npm(folder, "install", "--offline", "--no-audit", "--no-fund", `./${filename}`);

  expect(added).toMatch(/^added 1 package /m);
  expect(readdirSync(join(folder, "node_modules")).filter((name) => !name.startsWith("."))).toEqual(["cancel-run"]);
  expect(npm(folder, "exec", "--offline", "--", "cancel-run", "--help")).toContain("cancel-run");
});
