/** The vendors' own command line tools, built from the Go module proxy where Go is at hand, doing their one cancel. */
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { compare, hasProgram, onGitHub, onGitLab, other, type Program, scratch } from "./program.ts";
import { median, pairedRatio } from "./arithmetic.ts";
import { listen, project, runs, token } from "./server.ts";

/** Built once; outside of the tree. */
const cache = join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "cancel-run-bench");
const patience = 5 * 60_000;

interface Tool {
  readonly name: string;
  readonly module: string;
  /** Pinned, so that the figures can be repeated; and "latest" asks for a list that not every proxy serves. */
  readonly version: string;
  readonly path: string;
  /** How it differs from ours beyond what it does. */
  readonly remark?: string;
  /** One cancel at the server; `socket` is the same server without a port. */
  readonly cancel: (binary: string, server: string, socket: string) => Program;
  readonly ours: (node: string, server: string) => Program;
}

const tools: readonly Tool[] = [
  {
    name: "gh run cancel",
    module: "github.com/cli/cli/v2",
    version: "v2.95.0",
    path: "cmd/gh",
    remark: "It speaks plain HTTP to a Unix socket, since it takes no http server; we speak it to a port.",
    // gh speaks https to every host, but plain HTTP to the socket of its setting http_unix_socket.
    cancel: (binary, _, socket) => {
      const config = scratch("gh");
      mkdirSync(config, { recursive: true });
      writeFileSync(join(config, "config.yml"), `http_unix_socket: ${socket}\n`);
      return other("gh run cancel", [binary, "run", "cancel", "4711", "--repo", project], {
        GH_CONFIG_DIR: config,
        GH_TOKEN: token,
        // Nothing but the cancel: neither a look for updates nor a report of use.
        GH_NO_UPDATE_NOTIFIER: "1",
        GH_TELEMETRY: "false",
      });
    },
    ours: onGitHub,
  },
  {
    name: "glab ci cancel",
    module: "gitlab.com/gitlab-org/cli",
    version: "v1.52.0",
    path: "cmd/glab",
    cancel: (binary, server) =>
      other("glab ci cancel", [binary, "ci", "cancel", "job", "4711", "--repo", `${server}/${project}`], {
        GLAB_CONFIG_DIR: scratch("glab"),
        GITLAB_HOST: server,
        GITLAB_TOKEN: token,
        GLAB_CHECK_UPDATE: "false",
      }),
    ours: onGitLab,
  },
];

/** Why a tool is not measured, in words that may be printed: what a program says of itself may name paths and addresses. */
class Skipped extends Error {}

/** A sentence for each tool: its times beside ours, or why there are none. */
export async function measureOfficial(node: string, rounds: number): Promise<string[]> {
  const sentences: string[] = [];
  for (const tool of tools) {
    try {
      sentences.push(await measure(tool, node, rounds));
    } catch (error) {
      const why = error instanceof Skipped ? error.message : "its cancel, or ours beside it, failed here";
      sentences.push(`\`${tool.name}\` was not measured: ${why}.`);
    }
  }
  return sentences;
}

async function measure(tool: Tool, node: string, rounds: number): Promise<string> {
  const binary = await build(tool);
  const [play, playSocket] = [runs(), runs()];
  const socket = scratch("socket");
  const server = await listen(play);
  const onSocket = await listen(playSocket, { socket });
  const reset = (): void => {
    play.reset();
    playSocket.reset();
    server.forget();
    onSocket.forget();
  };
  const requestsOf = async (program: Program): Promise<string[]> => {
    await compare([program], 0, undefined, reset);
    return [...server.requests, ...onSocket.requests];
  };
  try {
    const theirs = tool.cancel(binary, server.url, socket);
    const own = tool.ours(node, server.url);
    const sent = await requestsOf(theirs);
    // What the sentence says of the tool is checked here, so that another version cannot make it untrue.
    if (!isCancel(sent.at(-1))) throw new Skipped("the last thing it sent was not the cancel");
    const ourSent = await requestsOf(own);
    if (!ourSent.some(isCancel) || isCancel(ourSent.at(-1))) throw new Skipped("we did not look after our cancel");
    const timings = await compare([own, theirs], rounds, undefined, reset);
    const [us, them] = [own, theirs].map(({ name }) => timings.get(name)!.map(({ whole }) => whole));
    const { name, version, remark } = tool;
    return [
      `\`${name}\` (${version}) takes ${median(them!).toFixed(0)} ms and ${requests(sent)}, and takes the accepted cancel for the end;`,
      `we take ${median(us!).toFixed(0)} ms and ${requests(ourSent)}, and have looked: ${pairedRatio(us!, them!).toFixed(2)} times its time.`,
      ...(remark === undefined ? [] : [remark]),
    ].join(" ");
  } finally {
    await server.close();
    await onSocket.close();
  }
}

const isCancel = (request = ""): boolean => /^POST .*\/cancel$/.test(request);

const requests = ({ length }: readonly string[]): string => `${length} request${length === 1 ? "" : "s"}`;

async function build({ name, module, version, path }: Tool): Promise<string> {
  const folder = join(cache, `${name.split(" ", 1)[0]!}-${version}`);
  const binary = join(folder, "tool");
  if (existsSync(binary)) return binary;
  if (!hasProgram("go")) throw new Skipped("it is built with Go, which is not here");
  mkdirSync(folder, { recursive: true });
  // A module that requires it, and not "go install": that one asks for the list of versions too.
  writeFileSync(join(folder, "go.mod"), `module bench\n\ngo 1.24\n\nrequire ${module} ${version}\n`);
  const options = { cwd: folder, timeout: patience, env: { ...process.env, GOFLAGS: "-mod=mod -buildvcs=false" } };
  try {
    await promisify(execFile)("go", ["build", "-o", binary, `${module}/${path}`], options);
  } catch (error) {
    throw new Skipped(`${whyNotBuilt(error as { killed?: boolean; stderr?: string })} (${version})`);
  }
  return binary;
}

function whyNotBuilt({ killed = false, stderr = "" }: { killed?: boolean; stderr?: string }): string {
  if (killed) return `Go did not build it in ${patience / 60_000} minutes`;
  // Go's check stays on: what cannot be verified is not run.
  if (stderr.includes("verifying ")) return "Go could not verify the checksum of its source";
  if (/Forbidden|Not Found|Gone|dial tcp/.test(stderr)) return "its source, or that of a dependency, is not to be had";
  return "Go could not build it";
}
