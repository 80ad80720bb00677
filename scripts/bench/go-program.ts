/** The vendors' own command line tools that Go builds from the module proxy: once, and outside of the tree. */
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const cache = join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "cancel-run-bench");
const patience = 5 * 60_000;

export interface GoProgram {
  readonly program: string;
  readonly module: string;
  /** Pinned, so that the figures can be repeated; and "latest" asks for a list that not every proxy serves. */
  readonly version: string;
  readonly path: string;
}

export const gh: GoProgram = {
  program: "gh",
  module: "github.com/cli/cli/v2",
  version: "v2.95.0",
  path: "cmd/gh",
};

export const glab: GoProgram = {
  program: "glab",
  module: "gitlab.com/gitlab-org/cli",
  version: "v1.52.0",
  path: "cmd/glab",
};

/** Why a tool is not there, in words that may be printed: what a program says of itself may name paths and addresses. */
export class Unavailable extends Error {}

/** Its path. Rejects with `Unavailable`. */
export async function builtByGo({ program, module, version, path }: GoProgram): Promise<string> {
  const folder = join(cache, `${program}-${version}`);
  const binary = join(folder, "tool");
  if (existsSync(binary)) return binary;
  mkdirSync(folder, { recursive: true });
  // A module that requires it, and not "go install": that one asks for the list of versions too.
  writeFileSync(join(folder, "go.mod"), `module bench\n\ngo 1.24\n\nrequire ${module} ${version}\n`);
  const options = { cwd: folder, timeout: patience, env: { ...process.env, GOFLAGS: "-mod=mod -buildvcs=false" } };
  try {
    await promisify(execFile)("go", ["build", "-o", binary, `${module}/${path}`], options);
  } catch (error) {
    throw new Unavailable(whyNot(error as Failed, version));
  }
  return binary;
}

interface Failed {
  readonly code?: number | string;
  readonly killed?: boolean;
  readonly stderr?: string;
}

function whyNot({ code, killed = false, stderr = "" }: Failed, version: string): string {
  if (code === "ENOENT") return "it is built with Go, which is not here";
  if (killed) return `Go did not build it in ${patience / 60_000} minutes (${version})`;
  // Go's check stays on: what cannot be verified is not run.
  if (stderr.includes("verifying ")) return `Go could not verify the checksum of its source (${version})`;
  if (/Forbidden|Not Found|Gone|dial tcp/.test(stderr))
    return `its source, or that of a dependency, is not to be had (${version})`;
  return `Go could not build it (${version})`;
}
