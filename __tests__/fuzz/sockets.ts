/**
 * dist/index.js as a program, and a server that says hostile things byte by byte: answers that are cut, longer or shorter
 * than they say, compressed without end, two for one, none; and in between those of the vendor. What the program then says
 * is held against what the server has got and done.
 */
import type { Socket } from "node:net";
import { gzipSync } from "node:zlib";
import { hosts } from "../support/program.ts";
import { canary } from "../support/servers.ts";
import { Chance } from "./chance.ts";
import { type Ended, judge, type Setting } from "./judge.ts";
import { leaksOf, play, toldBy, withoutResult } from "./program.ts";
import { foreignText } from "./secret.ts";
import { type Asked, type Delivered, type Dialect, type DialectName, dialects, fateBy, Life } from "./vendor.ts";
import { type Answer, listen, type Speak } from "./wire.ts";

/** A program that has not ended by then hangs, in ms. */
const longest = 60_000;
/** What the vendor's clock counts for one request, in ms. */
const tick = 1000;

const head = (status: number, headers: readonly string[]): string =>
  `HTTP/1.1 ${status} Said\r\n${headers.map((line) => `${line}\r\n`).join("")}\r\n`;
const asJson = "content-type: application/json";
const plain = (status: number, text: string): string =>
  `${head(status, [asJson, `content-length: ${Buffer.byteLength(text)}`])}${text}`;

const bomb = gzipSync(Buffer.alloc(60 * 2 ** 20, " "));

/** `whole`: the vendor's answer gets there; `perhaps`: it may; `foreign`: what gets there, if anything, is not the vendor's. */
interface Way {
  readonly gets: "whole" | "perhaps" | "foreign";
  /** The vendor has done what was asked for. */
  readonly arrives: boolean;
  readonly speak: (
    socket: Socket,
    answer: Answer,
    chance: Chance,
    about: Asked,
    dialect: Dialect,
  ) => void | Promise<void>;
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function chunked(text: Buffer, chance: Chance): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < text.length;) {
    const size = Math.min(text.length - at, 1 + chance.below(40));
    parts.push(
      Buffer.from(`${size.toString(16)}${chance.one(["", ";a=b", ';x="y"'])}\r\n`),
      text.subarray(at, at + size),
      Buffer.from("\r\n"),
    );
    at += size;
  }
  return Buffer.concat([...parts, Buffer.from("0\r\n\r\n")]);
}

/** In pieces of any size. */
async function inPieces(socket: Socket, bytes: Buffer, chance: Chance): Promise<void> {
  for (let at = 0; at < bytes.length && !socket.destroyed;) {
    const size = 1 + chance.below(chance.one([1, 10, 200]));
    socket.write(bytes.subarray(at, at + size));
    at += size;
    if (chance.is(0.1)) await pause(1);
  }
}

const bytesOf = ({ status, body }: Answer): string => plain(status, JSON.stringify(body));
const end = (socket: Socket, bytes: string | Buffer): void => void socket.end(bytes);

/** Another run's, a gateway's, nothing's. */
function lie({ id }: Asked, dialect: Dialect, chance: Chance): string {
  const word = chance.one([dialect.cancelled, ...Object.keys(dialect.words)]);
  const other = dialect.body(`${Number(id) + 1}`, { word, attempt: 1 }, "other");
  return JSON.stringify(
    chance.one<unknown>([
      other,
      { ...other, id: undefined },
      { status: chance.one(["failed", "success", "canceled", "completed"]) },
      { message: foreignText(chance, canary) },
      [],
      null,
      {},
    ]),
  );
}

const ways: readonly (readonly [number, Way])[] = [
  // The vendor's, in any form that HTTP allows.
  [40, { gets: "whole", arrives: true, speak: (s, a) => void s.write(bytesOf(a)) }],
  [6, { gets: "whole", arrives: true, speak: (s, a, c) => inPieces(s, Buffer.from(bytesOf(a)), c) }],
  [
    6,
    {
      gets: "whole",
      arrives: true,
      speak: (s, a, c) =>
        inPieces(
          s,
          Buffer.concat([
            Buffer.from(head(a.status, [asJson, "transfer-encoding: chunked"])),
            chunked(Buffer.from(JSON.stringify(a.body)), c),
          ]),
          c,
        ),
    },
  ],
  [
    4,
    {
      gets: "whole",
      arrives: true,
      speak: (s, a) => {
        const body = gzipSync(JSON.stringify(a.body));
        s.write(
          Buffer.concat([
            Buffer.from(head(a.status, [asJson, "content-encoding: gzip", `content-length: ${body.length}`])),
            body,
          ]),
        );
      },
    },
  ],
  [
    3,
    {
      gets: "whole",
      arrives: true,
      speak: (s, a) => end(s, `${head(a.status, [asJson, "connection: close"])}${JSON.stringify(a.body)}`),
    },
  ],
  [
    2,
    {
      gets: "whole",
      arrives: true,
      speak: (s, a) => void s.write(`HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n${bytesOf(a)}`),
    },
  ],
  // Cut anywhere, by an end or by a reset.
  ...[true, false].map((resets): [number, Way] => [
    5,
    {
      gets: "perhaps",
      arrives: true,
      speak: (s, a, c) => {
        const bytes = Buffer.from(bytesOf(a));
        const part = bytes.subarray(0, c.below(bytes.length + 1));
        if (resets) s.write(part, () => s.resetAndDestroy());
        else end(s, part);
      },
    },
  ]),
  // Whole by what HTTP says, and cut by who has handed it on.
  [
    4,
    {
      gets: "foreign",
      arrives: true,
      speak: (s, a, c) => {
        const text = JSON.stringify(a.body);
        s.write(plain(a.status, text.slice(0, c.below(text.length))));
      },
    },
  ],
  [3, { gets: "foreign", arrives: false, speak: (s) => void s.resetAndDestroy() }],
  [3, { gets: "foreign", arrives: true, speak: (s) => void s.resetAndDestroy() }],
  // Not as long as it says.
  [
    3,
    {
      gets: "perhaps",
      arrives: true,
      speak: (s, a, c) =>
        end(s, `${head(a.status, [asJson, `content-length: ${9000 + c.below(9)}`])}${JSON.stringify(a.body)}`),
    },
  ],
  [
    2,
    {
      gets: "foreign",
      arrives: true,
      speak: (s, a, c) =>
        end(s, `${head(a.status, [asJson, `content-length: ${c.below(20)}`])}${JSON.stringify(a.body)}`),
    },
  ],
  [
    2,
    {
      gets: "perhaps",
      arrives: true,
      speak: (s, a, c) =>
        end(
          s,
          `${head(a.status, [asJson, `content-length: ${c.one(["-1", "0x10", "1e9", "99999999999999999999", "7, 8"])}`])}${JSON.stringify(a.body)}`,
        ),
    },
  ],
  [
    2,
    {
      gets: "perhaps",
      arrives: true,
      speak: (s, a) =>
        end(
          s,
          `${head(a.status, [asJson, "content-length: 5", "transfer-encoding: chunked"])}${JSON.stringify(a.body)}`,
        ),
    },
  ],
  [
    3,
    {
      gets: "perhaps",
      arrives: true,
      speak: (s, a, c) =>
        end(
          s,
          `${head(a.status, [asJson, "transfer-encoding: chunked"])}${c.one(["zz", "-5", "ffffffffffffffffff", "", "5"])}\r\n${JSON.stringify(a.body)}\r\n${c.one(["", "0", "0\r\n", "0\r\nx: y\r\n\r\n"])}`,
        ),
    },
  ],
  [
    2,
    {
      gets: "perhaps",
      arrives: true,
      speak: (s, a, c) =>
        end(
          s,
          Buffer.concat([
            Buffer.from(
              head(a.status, [asJson, `content-encoding: ${c.one(["gzip", "br", "deflate", "gzip, gzip", "what"])}`]),
            ),
            c.is(0.5)
              ? gzipSync(JSON.stringify(a.body)).subarray(0, 10 + c.below(40))
              : Buffer.from(JSON.stringify(a.body)),
          ]),
        ),
    },
  ],
  // Too much.
  [
    2,
    {
      gets: "foreign",
      arrives: false,
      speak: (s, _a, c) =>
        end(
          s,
          head(
            200,
            Array.from({ length: c.one([300, 3000]) }, (_, at) => `x-${at}: ${"y".repeat(c.one([1, 60]))}`),
          ),
        ),
    },
  ],
  [1, { gets: "foreign", arrives: false, speak: (s) => void s.write(`HTTP/1.1 200 OK\r\nx: ${"y".repeat(200_000)}`) }],
  [
    1,
    {
      gets: "foreign",
      arrives: false,
      speak: (s) =>
        void s.write(
          Buffer.concat([
            Buffer.from(head(200, [asJson, "content-encoding: gzip", `content-length: ${bomb.length}`])),
            bomb,
          ]),
        ),
    },
  ],
  [1, { gets: "foreign", arrives: false, speak: endless }],
  [
    1,
    {
      gets: "foreign",
      arrives: false,
      speak: (s, _a, c) => void s.write(plain(200, c.one(['{"status":', "[", '{"a":']).repeat(20_000))),
    },
  ],
  // Not HTTP, or hardly.
  [
    2,
    {
      gets: "foreign",
      arrives: false,
      speak: (s, _a, c) =>
        end(
          s,
          c.one([
            "garbage\r\n\r\n",
            "SSH-2.0-x\r\n",
            "HTTP/1.1\r\n\r\n",
            "HTTP/1.1 200",
            "HTTP/1.1 abc OK\r\n\r\n{}",
            "\0\0\0\0",
            "HTTP/3 200 OK\r\n\r\n",
            '{"status":"canceled"}',
          ]),
        ),
    },
  ],
  [
    1,
    {
      gets: "foreign",
      arrives: false,
      speak: (s) => end(s, `HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n`),
    },
  ],
  // Two for one: the second is nobody's.
  [
    3,
    {
      gets: "whole",
      arrives: true,
      speak: (s, a, c, about, d) => void s.write(bytesOf(a) + plain(200, lie(about, d, c))),
    },
  ],
  // Somebody else's words.
  [5, { gets: "foreign", arrives: false, speak: (s, _a, c, about, d) => void s.write(plain(200, lie(about, d, c))) }],
  [
    5,
    {
      gets: "foreign",
      arrives: false,
      speak: (s, _a, c) =>
        void s.write(
          plain(
            c.one([400, 401, 403, 404, 409, 410, 418, 422, 429, 500, 502, 503, 504, 599]),
            JSON.stringify({ message: foreignText(c, canary) }),
          ),
        ),
    },
  ],
  [
    3,
    {
      gets: "foreign",
      arrives: false,
      speak: (s, _a, c) =>
        end(
          s,
          `HTTP/1.1 ${c.one([200, 403, 500])} ${canary}\r\ncontent-type: text/html\r\nx-request-id: ${canary}\r\nserver: ${canary}\r\n\r\n<html><title>${foreignText(c, canary)}</title>`,
        ),
    },
  ],
  [
    2,
    {
      gets: "foreign",
      arrives: false,
      speak: (s, _a, c) =>
        void s.write(
          head(c.one([301, 302, 307]), [
            `location: ${c.one(["/login", `/x?token=${encodeURIComponent(canary)}`, `https://evil.example/${encodeURIComponent(canary)}`, "//evil.example", ":::", ""])}`,
            "content-length: 0",
          ]),
        ),
    },
  ],
  [
    1,
    {
      gets: "foreign",
      arrives: false,
      speak: (s, _a, c) =>
        void s.write(
          `${head(429, [asJson, `retry-after: ${c.one(["3", "soon", "-1", "1e99", "99999999", "Wed, 21 Oct 2015 07:28:00 GMT"])}`, "content-length: 2"])}{}`,
        ),
    },
  ],
];

async function endless(socket: Socket): Promise<void> {
  socket.write(head(200, [asJson, "transfer-encoding: chunked"]));
  const block = `10000\r\n${" ".repeat(65_536)}\r\n`;
  for (let mb = 0; mb < 400 && !socket.destroyed; mb++)
    if (!socket.write(block))
      await Promise.race([
        new Promise((resolve) => socket.once("drain", resolve)),
        new Promise((resolve) => socket.once("close", resolve)),
      ]);
  socket.destroy();
}

export async function trySocket(bundle: string | undefined, seed: string, index: number): Promise<string[]> {
  const chance = new Chance("socket", seed, index);
  const dialect = dialects[chance.one<DialectName>(["github", "gitlab-job", "gitlab-pipeline"])];
  const rate = chance.one([0, 0.15, 0.4, 0.8]);
  const lives = Array.from({ length: 1 + chance.below(3) }, (_, at) => {
    const fate = fateBy(chance, dialect, 12 * tick, foreignText(chance, canary));
    return new Life(`${5001 + at * 10}`, dialect, fate, new Chance("life", seed, index, at));
  });
  const wait = !chance.is(0.2);
  const setting: Setting = {
    dialect,
    lives,
    wait,
    dryRun: false,
    pinned: undefined,
    unlessJob: false,
    forceAfter: chance.is(0.2) ? 10_000 : undefined,
    deadline: undefined,
    interruptedAt: undefined,
  };
  const asked = new Map<string, number>();
  const speak: Speak = async (socket, { asked: about, life, number, answer }) => {
    // The same answers to the same requests of a run, in whatever order the runs come.
    const key = `${life.id} ${about.what}`;
    const before = asked.get(key) ?? 0;
    asked.set(key, before + 1);
    const turn = new Chance("way", seed, index, key, before);
    const way = turn.is(rate) ? turn.weighed(ways) : ways[0]![1];
    const vendor: Answer = way.arrives ? answer() : { status: 200, body: {} };
    if (way !== ways[0]![1]) life.faults++;
    const delivered: Delivered = {
      at: number * tick,
      what: about.what,
      status: vendor.status,
      ...(way.gets !== "foreign" && vendor.shows && { shows: vendor.shows }),
      ...(way.gets === "perhaps" && { unsure: true }),
      ...(way.gets === "foreign" && { foreign: true, unsure: true }),
    };
    life.delivered.push(delivered);
    // What its status is nobody knows; anything may be read into it that is no claim about the run.
    if (way.gets === "foreign") for (const status of [401, 404]) life.delivered.push({ ...delivered, status });
    await way.speak(socket, vendor, turn, about, dialect);
  };
  const server = await listen(dialect, lives, (requests) => requests * tick, speak);
  const program = play({
    bundle,
    dialect,
    lives,
    server,
    host: chance.one(hosts),
    pace: 40,
    inputs: {
      timeout: chance.one(["20s", "2m", "5m"]),
      ...(!wait && { wait: "false" }),
      ...(setting.forceAfter !== undefined && { "force-after": "10s" }),
    },
  });
  let isHanging = false;
  const timer = setTimeout(() => {
    isHanging = true;
    program.kill("SIGKILL");
  }, longest);
  try {
    const result = await program.result;
    const ended: Ended = {
      at: server.requests() * tick,
      exit: result.exit,
      told: toldBy(result),
    };
    if (isHanging) return ["lost: it hangs"];
    const why = result.report ? "" : ` (exit ${result.exit}): ${result.stderr.slice(-600)}`;
    return [...judge(setting, ended).map((problem) => problem + why), ...server.problems, ...leaksOf(result)];
  } catch (error) {
    return [withoutResult(error)];
  } finally {
    clearTimeout(timer);
    server.close();
  }
}
