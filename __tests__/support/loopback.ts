/** Real servers on loopback, each on a port of its own, gone after each test. */
import { createServer as createHttp, type IncomingMessage, type RequestListener } from "node:http";
import { createServer as createHttps } from "node:https";
import { type AddressInfo, createServer as createTcp, type Server, type Socket } from "node:net";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach } from "@jest/globals";

const open: { readonly server: Server; readonly sockets: Set<Socket> }[] = [];

afterEach(async () => {
  for (const { server, sockets } of open.splice(0)) {
    const closed = new Promise((resolve) => server.close(resolve));
    for (const socket of sockets) socket.destroy();
    await closed;
  }
});

async function listen(server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => sockets.delete(socket));
  });
  open.push({ server, sockets });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

export interface Loopback {
  readonly origin: string;
  readonly port: number;
  /** `METHOD /path` of each request, in order. */
  readonly requests: string[];
  readonly heard: IncomingMessage[];
}

/** An HTTP server. */
export async function serve(listener: RequestListener): Promise<Loopback> {
  const requests: string[] = [];
  const heard: IncomingMessage[] = [];
  const port = await listen(
    createHttp((request, response) => {
      requests.push(`${request.method ?? ""} ${request.url ?? ""}`);
      heard.push(request);
      request.resume();
      listener(request, response);
    }),
  );
  return { origin: `http://127.0.0.1:${port}`, port, requests, heard };
}

/** An HTTPS server whose certificate nobody trusts. */
export async function serveUntrusted(): Promise<Loopback & { readonly connections: () => number }> {
  const requests: string[] = [];
  const pem = readFileSync(join(import.meta.dirname, "self-signed.pem"));
  const server = createHttps({ key: pem, cert: pem }, (request, response) => {
    requests.push(`${request.method ?? ""} ${request.url ?? ""}`);
    response.end("{}");
  });
  let connections = 0;
  server.on("connection", () => connections++);
  const port = await listen(server);
  return { origin: `https://127.0.0.1:${port}`, port, requests, heard: [], connections: () => connections };
}

/** A server that does with its connections what it wants. */
export async function serveRaw(
  connected: (socket: Socket, number: number) => void,
): Promise<{ readonly origin: string; readonly port: number; readonly connections: () => number }> {
  let connections = 0;
  const port = await listen(createTcp((socket) => connected(socket, ++connections)));
  return { origin: `http://127.0.0.1:${port}`, port, connections: () => connections };
}

/** A port on which nobody listens. */
export async function closedPort(): Promise<number> {
  const server = createTcp();
  const port = await new Promise<number>((resolve) =>
    server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port)),
  );
  await new Promise((resolve) => server.close(resolve));
  return port;
}
