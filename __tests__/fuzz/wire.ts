/** A vendor on a loopback socket: HTTP by hand, so that every byte of an answer is ours. */
import { createServer, type Server, type Socket } from "node:net";
import type { AddressInfo } from "node:net";
import { type Asked, type Dialect, type Life, type Snapshot } from "./vendor.ts";

export interface Request {
  readonly method: string;
  readonly path: string;
  readonly body: string;
}

/** The vendor's own answer. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly shows?: Snapshot;
  readonly clear?: boolean;
}

/** Sends an answer, or anything else; what it has put on the wire is told to `delivered`. */
export type Speak = (
  socket: Socket,
  about: { readonly asked: Asked; readonly life: Life; readonly number: number; readonly answer: () => Answer },
) => Promise<void>;

export interface Listening {
  readonly url: string;
  readonly problems: string[];
  readonly requests: () => number;
  readonly close: () => void;
}

/** Listens, and does what is asked for before `speak` says anything about it. */
export async function listen(
  dialect: Dialect,
  lives: readonly Life[],
  now: (requests: number) => number,
  speak: Speak,
  heard: (requests: number) => void = () => undefined,
): Promise<Listening> {
  const problems: string[] = [];
  const open = new Set<Socket>();
  let requests = 0;
  const serve = async (socket: Socket, { method, path, body }: Request): Promise<void> => {
    const number = requests++;
    heard(requests);
    const asked = dialect.asked(method, path.replace(/^\/api\/v3/, ""), body);
    const life = lives.find(({ id }) => id === asked?.id);
    if (!asked || !life) {
      if (method !== "GET") problems.push(`wrong: ${method} ${path} is about no run that was named`);
      const text = path.includes("/pipelines/900/jobs") ? "[]" : "{}";
      const status = text === "[]" ? 200 : 404;
      socket.write(`HTTP/1.1 ${status} X\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n${text}`);
      return;
    }
    life.sent.push({ at: now(number), what: asked.what });
    await speak(socket, { asked, life, number, answer: () => answerOf(dialect, life, asked, now(number)) });
  };
  const server: Server = createServer((socket) => {
    open.add(socket);
    socket.on("close", () => open.delete(socket));
    socket.on("error", () => undefined);
    let read = "";
    let turn = Promise.resolve();
    socket.on("data", (bytes) => {
      read += bytes.toString("latin1");
      for (;;) {
        const end = read.indexOf("\r\n\r\n");
        if (end < 0) return;
        const [line = "", ...headers] = read.slice(0, end).split("\r\n");
        const length = Number(headers.find((one) => /^content-length:/i.test(one))?.split(":")[1] ?? 0);
        if (read.length < end + 4 + length) return;
        const [method = "", path = ""] = line.split(" ");
        const request = { method, path, body: read.slice(end + 4, end + 4 + length) };
        read = read.slice(end + 4 + length);
        turn = turn
          .then(() => serve(socket, request))
          .catch((error: unknown) => void problems.push(`the fuzzer: ${String(error)}`));
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    problems,
    requests: () => requests,
    close: () => {
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
}

/** What the vendor says, having done what was asked for. */
function answerOf(dialect: Dialect, life: Life, { what }: Asked, now: number): Answer {
  const { fate } = life;
  if (!fate.exists) return { status: 404, body: { message: "404 Not Found" } };
  const shows = life.at(now);
  if (what === "look") return { status: 200, body: dialect.body(life.id, shows, fate.name), shows };
  if (what === "jobs") return { status: 200, body: dialect.jobs([]), clear: true };
  if (what === "nothing") return { status: 200, body: [] };
  if (!fate.mayCancel) return { status: 403, body: { message: `no: ${fate.name}` } };
  const { status, shows: isShown } = life.cancel(now, what);
  const after = life.at(now);
  return isShown
    ? { status, body: dialect.body(life.id, after, fate.name), shows: after }
    : { status, body: status < 400 ? {} : { message: fate.name } };
}
