/** A made-up vendor's server on loopback. */
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import type { Clock } from "../clock.ts";

/** A request as the server reads it. */
export interface Asked {
  /** `GET /path` */
  readonly route: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Parsed JSON; undefined when there is none. */
  readonly body: unknown;
}

export type Answered = readonly [status: number, body: object];

export interface StandIn {
  readonly address: string;
  close(): void;
}

/** Time from a request to its answer, in ms: loopback is faster than any network. */
const latency = 40;

export async function standIn(answer: (asked: Asked) => Answered, clock: Clock): Promise<StandIn> {
  const server = createServer((request, response) => {
    void (async () => {
      const body = await readJson(request);
      await clock.sleep(latency);
      const route = `${request.method ?? ""} ${request.url ?? ""}`;
      const [status, reply] = answer({ route, headers: request.headers, body });
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(reply));
    })().catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(0, "127.0.0.1", resolve);
  });
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  try {
    return JSON.parse(Buffer.concat(chunks).toString("utf8"));
  } catch {
    return undefined;
  }
}
