/** A case of the matrix: dist/index.js as a program, a server that has the fault, and what must come of it. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { type HostName, type Options, program, type Result, said } from "../support/program.ts";
import {
  canary,
  closeServers,
  type GitLabRun,
  gitlab,
  type Listening,
  type Server,
  type Wire,
} from "../support/servers.ts";

export interface Case {
  readonly name: string;
  /** Also part of `npm test`. */
  readonly quick?: true;
  readonly play: () => Promise<void>;
}

/** By the ids of the rows that the cases show. */
export type Cases = Readonly<Record<string, readonly Case[]>>;

// --- What the program does, by its own clock ---

export interface Sent {
  /** ms */
  readonly at: number;
  readonly method: string;
  readonly origin: string;
  readonly path: string;
  /** Bytes. */
  readonly memory: number;
}

export interface Recording {
  /** What Math.random says. */
  readonly chance?: number;
  /** By host name, what its lookups find, one after the other: an address, an error code or "never". */
  readonly dns?: Readonly<Record<string, readonly string[]>>;
  /** The wall clock jumps so many days, there and back, at each request. */
  readonly days?: number;
}

const folder = (name: string): string => join(process.cwd(), "__tests__/faults", name);
export const certificate = (name: "trusted" | "other-name" | "expired"): string => folder(`certificates/${name}.pem`);
export const pem = (name: Parameters<typeof certificate>[0]): string => readFileSync(certificate(name), "utf8");

/** Something that records, while `use` starts programs with the arguments for Node.js that it is given. */
export async function recorded<T>(
  recording: Recording,
  use: (node: readonly string[], sent: () => Sent[]) => Promise<T>,
): Promise<T> {
  const home = mkdtempSync(join(tmpdir(), "cancel-run-faults-"));
  const to = join(home, "sent");
  const settings = new URLSearchParams({
    to,
    ...(recording.chance !== undefined && { chance: `${recording.chance}` }),
    ...(recording.dns && { dns: JSON.stringify(recording.dns) }),
    ...(recording.days !== undefined && { days: `${recording.days}` }),
  });
  const sent = (): Sent[] => {
    try {
      const lines = readFileSync(to, "utf8").trim().split("\n");
      return lines.map((line) => JSON.parse(line) as Sent);
    } catch {
      return [];
    }
  };
  try {
    return await use(["--import", `file://${folder("recorder.mjs")}?${settings.toString()}`], sent);
  } finally {
    rmSync(home, { recursive: true });
  }
}

export interface Trial extends Result {
  readonly sent: readonly Sent[];
}

/** Runs the program to its end, in a time that is exact but for what requests take. */
export async function run(options: Options & Recording): Promise<Trial> {
  return await recorded(options, async (node, sent) => {
    const result = await program({ pace: 1, ...options, node: [...node, ...(options.node ?? [])] });
    return { ...result, sent: sent() };
  });
}

/** A case's body, after which no server is left. */
export const play = (body: () => Promise<void>) => async (): Promise<void> => {
  try {
    await body();
  } finally {
    closeServers();
  }
};

// --- What a server may do instead of what the vendor would ---

export const answer =
  (status: number, body: unknown = {}, headers: Readonly<Record<string, string | readonly string[]>> = {}): Wire =>
  (response) => {
    response.writeHead(status, { "content-type": "application/json", ...headers } as Record<string, string>);
    response.end(typeof body === "string" ? body : JSON.stringify(body));
  };
/** The same, with its body as it is, and none of our headers. */
export const bare =
  (status: number, body: string | Buffer = "", headers: Readonly<Record<string, string>> = {}): Wire =>
  (response) => {
    response.writeHead(status, headers);
    response.end(body);
  };
export const text = (body: string, type = "text/html"): Wire => bare(200, body, { "content-type": type });

const socketOf = (response: ServerResponse): NonNullable<ServerResponse["socket"]> => {
  assert(response.socket);
  return response.socket;
};
/** The connection ends before an answer. */
export const reset: Wire = (response) => void socketOf(response).resetAndDestroy();
/** No answer, ever. */
export const hang: Wire = () => undefined;
/** What stands on the wire is ours, byte for byte. */
export const raw =
  (bytes: string | Buffer): Wire =>
  (response) =>
    void socketOf(response).end(bytes);
/** What the vendor says. */
export const vendors: Wire = (response, vendor, request) => {
  const { status, body } = vendor();
  answer(status, body)(response, vendor, request);
};
/** A byte now and then. */
export const drip: Wire = (response) => {
  response.writeHead(200, { "content-type": "application/json" });
  const drops = setInterval(() => response.write(" "), 50);
  response.on("close", () => clearInterval(drops));
};
/** Done what was asked for, and then the connection breaks in the middle of the answer. */
export const cut: Wire = (response, vendor) => {
  const { status, body } = vendor();
  const whole = JSON.stringify(body);
  response.writeHead(status, { "content-type": "application/json", "content-length": `${whole.length}` });
  response.write(whole.slice(0, whole.length / 2), () => socketOf(response).resetAndDestroy());
};
/** Half an answer, and no length that would tell. */
export const halved: Wire = (response, vendor) => {
  const { status, body } = vendor();
  const whole = JSON.stringify(body);
  socketOf(response).end(
    `HTTP/1.1 ${status} OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n${whole.slice(0, whole.length / 2)}`,
  );
};
/** Compressed, without so many of its last bytes. */
export const zipped =
  (missing: number): Wire =>
  (response, vendor) => {
    const { status, body } = vendor();
    const whole = gzipSync(JSON.stringify(body));
    response.writeHead(status, { "content-type": "application/json", "content-encoding": "gzip" });
    response.end(whole.subarray(0, whole.length - missing));
  };
/** Does what was asked for and answers in another way. */
export const doneBut =
  (wire: Wire): Wire =>
  (response, vendor, request) => {
    vendor();
    wire(response, vendor, request);
  };
/** So many times, or for ever. */
export interface Again {
  readonly wire: Wire;
  readonly times: number;
}
export const always = (wire: Wire): readonly Again[] => [{ wire, times: Infinity }];
export const times = (count: number, wire: Wire): readonly Again[] => [{ wire, times: count }];

// --- A GitLab job whose server has a fault ---

export interface Job extends Omit<Options, "host">, Recording {
  readonly host?: HostName;
  /** The life of job 4711. */
  readonly life?: GitLabRun;
  readonly at?: Listening;
  /** What the first looks, and the first cancels, are answered with; then the vendor answers. */
  readonly look?: readonly (Wire | Again)[];
  readonly cancel?: readonly (Wire | Again)[];
  readonly exit: number;
  readonly outcome: string;
  /** All requests in order: `look cancel cancel look`. `look*5` is five of them. */
  readonly requests?: string;
  /** By the place of a request, from 0: the wait before it, in ms, exactly or from … to. */
  readonly waits?: Readonly<Record<number, number | readonly [number, number]>>;
  /** Between the first request and the last one, in ms, at most. */
  readonly within?: number;
  readonly says?: RegExp;
  readonly doesNotSay?: RegExp;
  readonly check?: (trial: Trial, server: Server) => void;
}

const path = "/api/v4/projects/platform%2Fdeploy/jobs/4711";
export const lookLine = `GET ${path}`;
export const cancelLine = `POST ${path}/cancel`;
/** What a request may take, beyond the wait before it. */
const slack = 2500;

/** `look*2 cancel` in the words of HTTP. */
export const lines = (short: string): string[] =>
  short
    .split(" ")
    .filter(Boolean)
    .flatMap((part) => {
      const [word, count = "1"] = part.split("*");
      return Array<string>(Number(count)).fill(
        word === "look" ? lookLine : word === "cancel" ? cancelLine : (word ?? "").replace("_", " "),
      );
    });

export function faulty(server: Server, match: RegExp, answers: Job["look"] = []): void {
  for (const one of answers) {
    if (typeof one === "function") server.wire(match, one, 1);
    else server.wire(match, one.wire, one.times);
  }
}

export const jobInputs = (server: { readonly url: string }): Record<string, string> => ({
  provider: "gitlab",
  project: "platform/deploy",
  "job-id": "4711",
  "server-url": server.url,
  token: canary,
});

/** One look, one cancel, and looks to the deadline; usually a minute away. How many is the pace of the watch, and of the machine. */
export function assertWatched({ lines: sent }: Pick<Server, "lines">, { least, most } = { least: 13, most: 23 }): void {
  assert.deepEqual(sent.slice(0, 3), lines("look cancel look"));
  assert.deepEqual(new Set(sent.slice(2)), new Set([lookLine]));
  assert(sent.length >= least && sent.length <= most, `${sent.length} requests`);
}

export const job = (given: Job): (() => Promise<void>) =>
  play(async () => {
    const {
      life = {},
      at,
      look,
      cancel,
      exit,
      outcome,
      requests,
      waits = {},
      within,
      says,
      doesNotSay,
      ...options
    } = given;
    const server = await gitlab({ jobs: { "4711": life }, ...(at && { at }) });
    faulty(server, /^GET /, look);
    faulty(server, /^POST /, cancel);

    const trial = await run({ host: "terminal", ...options, inputs: { ...jobInputs(server), ...options.inputs } });

    const what = said(trial);
    assert.deepEqual({ exit: trial.exit, outcome: trial.report?.outcome }, { exit, outcome }, what);
    if (requests !== undefined) assert.deepEqual(server.lines, lines(requests), what);
    for (const [place, wait] of Object.entries(waits)) {
      const [least, most] = typeof wait === "number" ? [wait, wait + slack] : wait;
      const took = trial.sent[Number(place)]!.at - trial.sent[Number(place) - 1]!.at;
      // A timer may fire a millisecond early.
      assert(took >= least - 2 && took <= most, `${took} ms before request ${place}, not ${least} to ${most}: ${what}`);
    }
    if (within !== undefined) {
      const took = trial.sent.at(-1)!.at - trial.sent[0]!.at;
      assert(took <= within + slack, `it took ${took} ms, not ${within}: ${what}`);
    }
    if (says) assert.match(what, says);
    if (doesNotSay) assert.doesNotMatch(what, doesNotSay);
    given.check?.(trial, server);
  });
