/** Loopback servers that play a CI system, and tell when they were first spoken to. */
import { createServer, type IncomingMessage, type Server } from "node:http";
import { type AddressInfo } from "node:net";

export interface Reply {
  readonly status?: number;
  readonly body: unknown;
}

export type Answering = (method: string, path: string) => Reply;

export interface Loopback {
  readonly url: string;
  /** `METHOD /path` of every request since the last `forget`. */
  readonly requests: string[];
  /** Resolves when the first byte of the next request is there. */
  firstByte(): Promise<void>;
  forget(): void;
  close(): Promise<void>;
}

/** Answers after `latency` ms. `socket`: at this path instead of a port. */
export async function listen(answer: Answering, latency = 0, socket?: string): Promise<Loopback> {
  const requests: string[] = [];
  let told: (() => void) | undefined;
  const server: Server = createServer((request, response) => {
    void read(request).then(() => {
      const { method = "", url = "" } = request;
      requests.push(`${method} ${url}`);
      const { status = 200, body } = answer(method, url);
      const send = (): void => {
        response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
      };
      if (latency === 0) send();
      else setTimeout(send, latency);
    });
  });
  server.keepAliveTimeout = 60_000;
  server.on("connection", (connection) => {
    connection.once("data", () => told?.());
  });
  await new Promise<void>((resolve) =>
    socket === undefined ? server.listen(0, "127.0.0.1", resolve) : server.listen(socket, resolve),
  );
  return {
    url: socket === undefined ? `http://127.0.0.1:${(server.address() as AddressInfo).port}` : "",
    requests,
    firstByte: () =>
      new Promise((resolve) => {
        told = resolve;
      }),
    forget: () => {
      requests.length = 0;
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => {
          resolve();
        });
      }),
  };
}

async function read(request: IncomingMessage): Promise<void> {
  for await (const _ of request);
}

/** Runs that live until they are cancelled, `stopsAfter` ms later; `over`: that were over before. Speaks as GitLab and as GitHub do. */
export function runs({ over = false, stopsAfter = 0 } = {}): Answering & { reset(): void } {
  const cancelled = new Map<string, number>();
  const answer = (method: string, path: string): Reply => {
    const id = /\/(?:jobs|runs|pipelines)\/(\d+)/.exec(path)?.[1] ?? "0";
    const since = cancelled.get(id);
    const stopped = since !== undefined && performance.now() - since >= stopsAfter;
    if (method === "POST") cancelled.set(id, since ?? performance.now());
    if (path.includes("/actions/")) {
      if (method === "POST") return { status: 202, body: {} };
      const status = over || stopped ? "completed" : "in_progress";
      const conclusion = over ? "success" : stopped ? "cancelled" : null;
      return {
        body: {
          id: Number(id),
          run_attempt: 1,
          name: "build",
          status,
          conclusion,
          workflow_id: 1,
          head_branch: "main",
        },
      };
    }
    const asked = since !== undefined || method === "POST";
    const status = over ? "success" : stopped ? "canceled" : asked ? "canceling" : "running";
    return { body: { id: Number(id), iid: 1, name: "build", ref: "main", status } };
  };
  return Object.assign(answer, {
    reset: () => {
      cancelled.clear();
    },
  });
}
