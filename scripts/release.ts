// Prepares a release: the version, the change log, and everything that is made from them; run it by `npm run release`.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { changesFrom, nextVersion, released, withVersion } from "./release/changes.ts";

const version = process.argv[2] ?? nextVersion(manifestVersion(), commits());
if (!/^[1-9]\d*\.\d+\.\d+$/.test(version)) throw new Error(`${version} is not a version such as 1.2.3`);

const today = new Date().toISOString().slice(0, 10);
const log = readFileSync("CHANGELOG.md", "utf8");
writeFileSync("CHANGELOG.md", released(log, version, today, changesFrom(commits())));
for (const path of ["package.json", "package-lock.json"])
  writeFileSync(path, withVersion(readFileSync(path, "utf8"), version));
const words = readFileSync("src/interface.ts", "utf8");
writeFileSync("src/interface.ts", words.replace(/(?<=^export const version = ")[^"]+/m, version));
execFileSync("npm", ["run", "--silent", "build"], { stdio: "inherit", shell: process.platform === "win32" });
console.log(`Read CHANGELOG.md, then: git switch -c release-${version} && git commit -am "chore: release ${version}"`);
console.log("RELEASE.md says what comes after that.");

function manifestVersion(): string {
  return (JSON.parse(readFileSync("package.json", "utf8")) as { version: string }).version;
}

/** Subjects and bodies since the last release, newest first. */
function commits(): readonly string[] {
  const git = (...args: string[]): string => execFileSync("git", args, { encoding: "utf8" });
  const tags = git("tag", "--merged", "HEAD", "--sort=-version:refname", "--list", "v*.*.*").split("\n");
  const since = tags[0] ? [`${tags[0]}..HEAD`] : ["HEAD"];
  return git("log", "--format=%B%x00", ...since)
    .split("\0")
    .map((message) => message.trim())
    .filter((message) => message !== "");
}
