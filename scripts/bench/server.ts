/** The stand-ins for GitLab and GitHub on loopback, which tell when they were first spoken to. */
import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { type AddressInfo, connect, type Socket } from "node:net";
import { resolve as absolute } from "node:path";
import { readRequest, send } from "../../src/demo/loopback.ts";
import { Ending } from "../../src/demo/vendors/ending.ts";
import { github, type Life, type Run } from "../../src/demo/vendors/github.ts";
import { gitlab, type Job, jobs, type Status } from "../../src/demo/vendors/gitlab.ts";
import type { Vendor } from "../../src/demo/vendors/vendor.ts";

export const token = "bench-token-0000";
export const project = "platform/deploy";

/** A key with a certificate for 127.0.0.1 and gitlab.test that signs itself, so the file is its own authority. */
export const authority = absolute("__tests__/support/self-signed.pem");

export interface Loopback {
  readonly url: string;
  /** `METHOD /path` of every request since the last `forget`. */
  readonly requests: string[];
  /** Connections since the last `forget`; over TLS, those that shook hands. */
  readonly connections: () => number;
  /** Resolves when the first byte of the next request is there. */
  firstByte(): Promise<void>;
  forget(): void;
  close(): Promise<void>;
}

export interface Listening {
  /** Answers after so many ms. */
  readonly latency?: number;
  /** Listens at this path instead of a port. */
  readonly socket?: string;
  readonly tls?: boolean;
}

export async function listen(vendor: Vendor, { latency = 0, socket, tls = false }: Listening = {}): Promise<Loopback> {
  const requests: string[] = [];
  let connections = 0;
  let told: (() => void) | undefined;
  const answer: RequestListener = (request, response) => {
    void readRequest(request).then((asked) => {
      requests.push(`${asked.method} ${asked.path}`);
      const reply = vendor(asked);
      if (latency === 0) send(response, reply);
      else
        setTimeout(() => {
          send(response, reply);
        }, latency);
    });
  };
  const pem = readFileSync(authority);
  const server: Server = tls ? createTlsServer({ key: pem, cert: pem }, answer) : createServer(answer);
  server.keepAliveTimeout = 60_000;
  server.on(tls ? "secureConnection" : "connection", (connection: Socket) => {
    connections++;
    connection.once("data", () => told?.());
  });
  await new Promise<void>((resolve) =>
    socket === undefined ? server.listen(0, "127.0.0.1", resolve) : server.listen(socket, resolve),
  );
  return {
    url: socket === undefined ? `http${tls ? "s" : ""}://127.0.0.1:${(server.address() as AddressInfo).port}` : "",
    requests,
    connections: () => connections,
    firstByte: () =>
      new Promise((resolve) => {
        told = resolve;
      }),
    forget: () => {
      requests.length = 0;
      connections = 0;
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

/** A proxy to this machine, whatever the name, for what goes over TLS: https://www.rfc-editor.org/rfc/rfc9110#name-connect */
export async function tunnel(): Promise<{ url: string; tunnels(): number; close(): void }> {
  let tunnels = 0;
  const server = createServer();
  server.on("connect", ({ url = "" }: IncomingMessage, client: Socket, head: Buffer) => {
    tunnels++;
    const { port } = new URL(`http://${url}`);
    const vendor = connect(Number(port), "127.0.0.1", () => {
      client.write("HTTP/1.1 200 Connection Established\r\n\r\n");
      vendor.write(head);
      vendor.pipe(client).pipe(vendor);
    });
    for (const side of [client, vendor]) side.on("error", () => [client, vendor].map((both) => both.destroy()));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    tunnels: () => tunnels,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** A workflow run that has begun. */
export function liveRun(id: number): Run {
  const at = "2026-01-02T03:00:00Z";
  return {
    id,
    status: "in_progress",
    conclusion: null,
    name: "build",
    workflow_id: 1,
    path: ".github/workflows/build.yml",
    event: "push",
    head_branch: "main",
    head_sha: "acb5820ced9479c074f688cc328bf03f341a511d",
    head_repository: { id: 1 },
    repository: { id: 1 },
    created_at: at,
    run_started_at: at,
    run_attempt: 1,
  };
}

/** Jobs and workflow runs that live until they are cancelled, `stopsAfter` ms later; `over`: that were over before. */
export function runs({
  ids = [4711],
  over = false,
  stopsAfter = 0,
  clock = { now: () => performance.now() },
} = {}): Vendor & { reset(): void } {
  const ending = <State>(...states: State[]): Ending<State> => new Ending(states, { clock, lasting: stopsAfter });
  const job = (): Job => ({
    status: over ? "success" : "running",
    name: "build",
    ref: "main",
    ending: ending<Status>("canceling", "canceled"),
  });
  const run = (id: number): Run => ({ ...liveRun(id), ...(over && { status: "completed", conclusion: "success" }) });
  const open = (): { onGitLab: Vendor; onGitHub: Vendor } => ({
    onGitLab: gitlab({
      token,
      projects: { [project]: 1 },
      resources: [jobs(Object.fromEntries(ids.map((id) => [id, job()])))],
    }),
    onGitHub: github({
      token,
      repository: project,
      runs: new Map(ids.map((id) => [id, run(id)])),
      ending: () => ending<Life>("in_progress", "cancelled"),
    }),
  });
  let vendors = open();
  const vendor: Vendor = (request) =>
    request.path.startsWith("/api/v4/") ? vendors.onGitLab(request) : vendors.onGitHub(request);
  return Object.assign(vendor, {
    reset: () => {
      vendors = open();
    },
  });
}
