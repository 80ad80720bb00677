import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { must } from "./shell.ts";

/** Makes a repository of one commit and returns the commit's name. The remote is a name only; nothing is fetched. */
export async function makeRepository(
  folder: string,
  remote: string,
  files: Readonly<Record<string, string>>,
): Promise<string> {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content, { mode: path.endsWith(".sh") ? 0o755 : 0o644 });
  }
  return await commitAll(folder, remote);
}

/** As `makeRepository`, of what the folder holds. */
export async function commitAll(folder: string, remote: string): Promise<string> {
  const git = gitIn(folder);
  await git("init", "--quiet", "--initial-branch=main");
  await git("remote", "add", "origin", remote);
  await git("add", "--all", "--force");
  await git("commit", "--quiet", "--message=A commit");
  return (await git("rev-parse", "HEAD")).trim();
}

/** Git, without what this user has configured. */
export function gitIn(folder: string): (...args: string[]) => Promise<string> {
  const env = {
    HOME: folder,
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_AUTHOR_NAME: "Test",
    GIT_AUTHOR_EMAIL: "test@example.com",
    GIT_COMMITTER_NAME: "Test",
    GIT_COMMITTER_EMAIL: "test@example.com",
  };
  return (...args) => must("git", args, { cwd: folder, env });
}
