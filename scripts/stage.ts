// Copies of the packages that the bundle is made of, changed for it. The installed ones stay as they are.
import { execFileSync } from "node:child_process";
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

/** Puts the copies into `folder`, which is where the sources beside it look for packages first. */
export function stage(packages: string, folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  for (const name of ["undici", "@actions"]) cpSync(join(packages, name), join(folder, name), { recursive: true });
  applyPatch("scripts/patches/undici.patch", resolve(folder, "undici"));
  for (const name of readdirSync(join(folder, "@actions"))) markSideEffectFree(join(folder, "@actions", name));
}

function applyPatch(patch: string, folder: string): void {
  // Inside a repository, git would take the paths as the repository's, find none of them and call that a success.
  const { GIT_DIR: _, GIT_WORK_TREE: __, ...env } = process.env;
  execFileSync("git", ["apply", resolve(patch)], {
    cwd: folder,
    env: { ...env, GIT_CEILING_DIRECTORIES: dirname(folder) },
    stdio: "inherit",
  });
}

/** These packages do nothing when imported, but do not say so; told this, ncc drops what we do not call (octokit, a second HTTP client). */
function markSideEffectFree(folder: string): void {
  const file = join(folder, "package.json");
  const manifest = JSON.parse(readFileSync(file, "utf8")) as object;
  writeFileSync(file, JSON.stringify({ ...manifest, sideEffects: false }, null, 2) + "\n");
}
