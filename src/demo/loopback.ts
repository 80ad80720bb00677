/** The door to a stand-in on loopback; the one in memory is in the tests. */
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Clock } from "../clock.ts";
import type { Reply, Request, Vendor } from "./vendors/vendor.ts";

export interface Loopback {
  readonly url: string;
  close(): void;
}

/** `socket`: at this path instead of a port. */
export async function listen(listener: RequestListener, socket?: string): Promise<Loopback> {
  const server = createServer(listener);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    if (socket === undefined) server.listen(0, "127.0.0.1", resolve);
    else server.listen(socket, resolve);
  });
  return {
    url: socket === undefined ? `http://127.0.0.1:${(server.address() as AddressInfo).port}` : "",
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** Answers as the vendor does, so many ms after the request. */
export function serving(vendor: Vendor, clock: Clock, latency: number): RequestListener {
  return (incoming, response) => {
    void (async () => {
      const request = await readRequest(incoming);
      await clock.sleep(latency);
      send(response, vendor(request));
    })().catch(() => response.destroy());
  };
}

export async function readRequest(incoming: IncomingMessage): Promise<Request> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk);
  const { method = "", url = "", headers } = incoming;
  const origin = `http://${headers.host ?? ""}`;
  return { origin, method, path: url, headers, body: Buffer.concat(chunks).toString("utf8") };
}

export function send(response: ServerResponse, { status, body, headers }: Reply): void {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  response
    .writeHead(status, { ...(text !== undefined && { "content-type": "application/json" }), ...headers })
    .end(text);
}
