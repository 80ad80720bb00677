/** The vendors' own command line tools, built from the Go module proxy where Go is at hand, doing their one cancel. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { median, pairedRatio } from "./arithmetic.ts";
import { builtByGo, gh, glab, type GoProgram, Unavailable } from "./go-program.ts";
import { compare, onGitHub, onGitLab, other, type Program, scratch } from "./program.ts";
import { listen, project, runs, token } from "./server.ts";

interface Tool {
  readonly name: string;
  readonly by: GoProgram;
  /** How it differs from ours beyond what it does. */
  readonly remark?: string;
  /** One cancel at the server; `socket` is the same server without a port. */
  readonly cancel: (binary: string, server: string, socket: string) => Program;
  readonly ours: (node: string, server: string) => Program;
}

const tools: readonly Tool[] = [
  {
    name: "gh run cancel",
    by: gh,
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
    by: glab,
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

/** A sentence for each tool: its times beside ours, or why there are none. */
export async function measureOfficial(node: string, rounds: number): Promise<string[]> {
  const sentences: string[] = [];
  for (const tool of tools) {
    try {
      sentences.push(await measure(tool, node, rounds));
    } catch (error) {
      const why = error instanceof Unavailable ? error.message : "its cancel, or ours beside it, failed here";
      sentences.push(`\`${tool.name}\` was not measured: ${why}.`);
    }
  }
  return sentences;
}

async function measure(tool: Tool, node: string, rounds: number): Promise<string> {
  const binary = await builtByGo(tool.by);
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
    if (!isCancel(sent.at(-1))) throw new Unavailable("the last thing it sent was not the cancel");
    const ourSent = await requestsOf(own);
    if (!ourSent.some(isCancel) || isCancel(ourSent.at(-1))) throw new Unavailable("we did not look after our cancel");
    const timings = await compare([own, theirs], rounds, undefined, reset);
    const [us, them] = [own, theirs].map(({ name }) => timings.get(name)!.map(({ whole }) => whole));
    const {
      name,
      by: { version },
      remark,
    } = tool;
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
