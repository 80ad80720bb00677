/** T: faults below HTTP. */
import assert from "node:assert/strict";
import { createServer, type Server as Plain } from "node:http";
import { type AddressInfo, connect, createServer as createSocketServer } from "node:net";
import { program, said } from "../support/program.ts";
import { canary, gitlab, type Listening, secret } from "../support/servers.ts";
import {
  answer,
  doneBut,
  always,
  bare,
  type Cases,
  certificate,
  cut,
  drip,
  halved,
  hang,
  job,
  jobInputs,
  lines,
  pem,
  play,
  raw,
  reset,
  run,
  times,
  type Trial,
  zipped,
} from "./trial.ts";

const failed = { exit: 1, outcome: "failed" };
const cancelled = { exit: 0, outcome: "cancelled" };
const usual = "look cancel look*2";
/** A server that the program knows by this name only. */
const named: Listening = { name: "gitlab.test" };
const onLoopback = { "gitlab.test": ["127.0.0.1"] };
const http = { "allow-http": "true" };
const tls: Listening = { name: "localhost", pem: pem("trusted") };
const trusting = { NODE_EXTRA_CA_CERTS: certificate("trusted") };
const proxyPassword = secret("proxy");

const sentTo = ({ sent }: Trial, count: number): void => assert.equal(sent.length, count);

async function closedPort(): Promise<number> {
  const server = createSocketServer();
  const port = await new Promise<number>((resolve) =>
    server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port)),
  );
  await new Promise((resolve) => server.close(resolve));
  return port;
}

interface Proxy {
  readonly port: number;
  /** `CONNECT host:port`, with what else the proxy is told. */
  readonly asked: { readonly target: string; readonly headers: string }[];
}

/** A proxy that leads every name to loopback. `refuses` is what it answers first, one for each request. */
async function withProxy<T>(refuses: readonly number[], use: (proxy: Proxy) => Promise<T>): Promise<T> {
  const asked: { target: string; headers: string }[] = [];
  const refusing = [...refuses];
  const sockets = new Set<{ destroy(): unknown }>();
  const server: Plain = createServer((request, response) => {
    asked.push({ target: `${request.method ?? ""} ${request.url ?? ""}`, headers: JSON.stringify(request.headers) });
    response.writeHead(405).end();
  });
  server.on("connect", (request, client) => {
    asked.push({ target: `CONNECT ${request.url ?? ""}`, headers: JSON.stringify(request.headers) });
    sockets.add(client);
    client.on("error", () => undefined);
    const refusal = refusing.length > 1 ? refusing.shift() : refusing[0];
    if (refusal !== undefined && refusal !== 200) {
      client.end(`HTTP/1.1 ${refusal} No\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    const upstream = connect(Number(request.url?.split(":").at(-1)), "127.0.0.1", () => {
      client.write("HTTP/1.1 200 Connection established\r\n\r\n");
      upstream.pipe(client).pipe(upstream);
    });
    sockets.add(upstream);
    upstream.on("error", () => client.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    return await use({ port: (server.address() as AddressInfo).port, asked });
  } finally {
    server.close();
    server.closeAllConnections();
    for (const socket of sockets) socket.destroy();
  }
}

interface Proxied {
  readonly at: Listening;
  readonly proxy: (port: number) => Readonly<Record<string, string>>;
  readonly refuses?: readonly number[];
  readonly exit?: number;
  /** How often the proxy is asked for a connection: never, so often, or as often as need be. */
  readonly asked: number | "at all";
  readonly says?: RegExp;
  readonly authorization?: string;
}

const proxied = ({ at, proxy, refuses = [], exit = 0, asked, says, authorization }: Proxied): (() => Promise<void>) =>
  play(async () => {
    await withProxy(refuses, async (through) => {
      const server = await gitlab({ jobs: { "4711": {} }, at });
      const trial = await run({
        host: "terminal",
        inputs: { ...jobInputs(server), ...(at.pem ? {} : http), timeout: "1m" },
        env: { ...trusting, ...proxy(through.port) },
        dns: onLoopback,
      });

      assert.equal(trial.exit, exit, said(trial));
      if (asked === "at all") assert(through.asked.length > 0, "the proxy is not asked");
      else assert.equal(through.asked.length, asked, JSON.stringify(through.asked));
      for (const { target, headers } of through.asked) {
        assert.equal(target, `CONNECT ${new URL(server.url).host}`);
        assert(
          !headers.includes("authorization: Bearer") && !headers.includes(canary),
          "the proxy sees the server's credential",
        );
        const given = (JSON.parse(headers) as Record<string, string>)["proxy-authorization"];
        assert.equal(given, authorization && `Basic ${Buffer.from(authorization).toString("base64")}`);
      }
      for (const { headers } of server.requests) assert.equal(headers["proxy-authorization"], undefined);
      if (exit === 0) assert.deepEqual(server.lines, lines(usual));
      if (says) assert.match(said(trial), says);
    });
  });

export const transport: Cases = {
  T1: [
    {
      name: "a host that there is not is looked up five times, and named",
      play: job({
        ...failed,
        at: named,
        dns: { "gitlab.test": ["ENOTFOUND"] },
        inputs: http,
        requests: "",
        says: /gitlab\.test:\d+: host not found; check the server's address/,
        check: (trial) => sentTo(trial, 5),
      }),
    },
    {
      name: "a resolver that comes up late is waited for",
      play: job({
        ...cancelled,
        at: named,
        dns: { "gitlab.test": ["ENOTFOUND", "ENOTFOUND", "127.0.0.1"] },
        inputs: http,
        requests: usual,
        check: (trial) => sentTo(trial, 6),
      }),
    },
  ],
  T2: [
    {
      name: "a lookup that fails for now is tried until it works",
      play: job({
        ...cancelled,
        at: named,
        dns: { "gitlab.test": [...Array<string>(7).fill("EAI_AGAIN"), "127.0.0.1"] },
        inputs: http,
        requests: usual,
        check: (trial) => sentTo(trial, 11),
      }),
    },
    {
      name: "a lookup that never ends is given up on, and tried again",
      play: job({
        ...cancelled,
        at: named,
        pace: 20,
        dns: { "gitlab.test": ["never", "127.0.0.1"] },
        inputs: http,
        requests: usual,
        waits: { 1: [9000, 40_000] },
      }),
    },
  ],
  T3: [
    {
      name: "a server that is down is tried until the deadline",
      play: play(async () => {
        const url = `http://127.0.0.1:${await closedPort()}`;
        const trial = await run({ host: "terminal", chance: 0.5, inputs: { ...jobInputs({ url }), timeout: "40s" } });

        assert.deepEqual([trial.exit, trial.report?.outcome], [1, "failed"]);
        assert.match(said(trial), /connection refused; is the server up, and the port right\?/);
        assert(trial.sent.length > 5, `it was tried ${trial.sent.length} times`);
        assert(trial.sent.at(-1)!.at - trial.sent[0]!.at <= 40_000);
      }),
    },
    {
      name: "a server that comes up in time is asked",
      play: job({
        ...cancelled,
        at: named,
        dns: { "gitlab.test": [...Array<string>(8).fill("127.0.0.2"), "127.0.0.1"] },
        inputs: http,
        requests: usual,
        check: (trial) => sentTo(trial, 12),
      }),
    },
  ],
  T18: [
    {
      name: "done, the answer lost, and the second one a no: it was our cancel",
      quick: true,
      play: job({
        ...cancelled,
        life: { afterwards: ["canceled"] },
        cancel: [doneBut(reset), ...always(answer(400, { message: "Job is not cancelable" }))],
        requests: "look cancel*2 look",
        check: ({ report }) => assert.deepEqual([report?.cancelled, report?.runs[0]?.["attempts"]], [1, 1]),
      }),
    },
    {
      name: "and by any other end than ours it has ended after we asked",
      play: job({
        exit: 0,
        outcome: "finished-anyway",
        life: { afterwards: ["success"] },
        cancel: [doneBut(reset), ...always(answer(403, { message: "403 Forbidden" }))],
        requests: "look cancel*2 look",
      }),
    },
  ],
  T4: [
    {
      name: "a connection that is reset before the answer: the cancel is sent again, too",
      quick: true,
      play: job({
        ...cancelled,
        chance: 0.5,
        look: times(2, reset),
        cancel: times(3, reset),
        requests: "look*3 cancel*4 look*2",
        says: /closed|UND_ERR_SOCKET|ECONNRESET/,
      }),
    },
    {
      name: "the waits are full jitter: any part of a time that doubles",
      play: job({
        ...cancelled,
        chance: 0.5,
        cancel: times(4, reset),
        requests: "look cancel*4 look*2 cancel look*2",
        waits: { 2: 500, 3: 1000, 4: 2000, 5: 0 },
      }),
    },
    {
      name: "the least part of it is nothing",
      play: job({
        ...cancelled,
        chance: 0,
        cancel: times(4, reset),
        requests: "look cancel*5 look*2",
        waits: { 2: 0, 3: 0, 4: 0, 5: 0 },
      }),
    },
    {
      name: "a look whose connection is always reset is made until the deadline, then words",
      play: job({
        ...failed,
        chance: 0.5,
        inputs: { timeout: "40s" },
        look: always(reset),
        requests: "look*12",
        within: 40_000,
        says: /the connection was closed before an answer came/,
      }),
    },
  ],
  T5: [
    {
      name: "the cancel is done and its answer cut: a look decides",
      quick: true,
      play: job({
        ...cancelled,
        cancel: [cut],
        requests: usual,
        check: ({ report }) => assert.equal(report?.runs[0]?.["attempts"], 1),
      }),
    },
    {
      name: "the answer is cut and nothing done: two looks see it run on, and it is sent again",
      play: job({
        ...cancelled,
        cancel: [raw('HTTP/1.1 201 Created\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{"st')],
        requests: "look cancel look*2 cancel look*2",
      }),
    },
    {
      name: "every answer is cut and nothing done: never success",
      play: job({
        ...failed,
        cancel: always(raw('HTTP/1.1 201 Created\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{"st')),
        requests: "look cancel look*2 cancel look*2 cancel look",
        says: /it is not known whether the cancel arrived: .* cut the connection in its reply \(201\)/,
      }),
    },
  ],
  T6: [
    {
      name: "a look whose answer is cut is made again",
      play: job({ ...cancelled, look: [cut, cut], requests: "look*3 cancel look*2" }),
    },
    {
      name: "a look whose answer is always cut fails with words",
      play: job({
        ...failed,
        chance: 0.5,
        inputs: { timeout: "40s" },
        look: always(cut),
        requests: "look*12",
        says: /cut the connection in its reply \(200\)/,
      }),
    },
  ],
  T7: [
    {
      name: "half a JSON without a length: the look is made again",
      play: job({ ...cancelled, look: [halved], requests: "look*2 cancel look*2" }),
    },
    {
      name: "half a JSON, always: three looks, then words",
      play: job({ ...failed, look: always(halved), requests: "look*3", says: /sent broken JSON/ }),
    },
    {
      name: "half a JSON to a cancel that was done: a look decides",
      play: job({ ...cancelled, cancel: [halved], requests: usual }),
    },
  ],
  T8: [
    {
      name: "gzip without its trailer is read if all JSON is there",
      play: job({ ...cancelled, look: always(zipped(8)), requests: usual }),
    },
    {
      name: "gzip that is cut in the middle is broken JSON",
      play: job({ ...failed, look: always(zipped(60)), requests: "look*3", says: /sent broken JSON/ }),
    },
  ],
  T9: [
    ...(
      [
        ["nobody trusts", "trusted", /is not trusted \(DEPTH_ZERO_SELF_SIGNED_CERT\); set NODE_EXTRA_CA_CERTS/],
        ["has expired", "expired", /has expired; it must be renewed on the server/],
      ] as const
    ).map(([what, name, words]) => ({
      name: `a certificate that ${what} is never retried, and nothing is sent`,
      play: job({
        ...failed,
        at: { name: "localhost", pem: pem(name) },
        env: name === "expired" ? { NODE_EXTRA_CA_CERTS: certificate("expired") } : {},
        requests: "",
        says: new RegExp(`its certificate ${words.source}`),
        check: (trial) => sentTo(trial, 1),
      }),
    })),
    {
      name: "a certificate for another name is never retried, and nothing is sent",
      play: job({
        ...failed,
        at: { name: "localhost", pem: pem("other-name") },
        env: { NODE_EXTRA_CA_CERTS: certificate("other-name") },
        requests: "",
        says: /its certificate is for another name; check the server's address/,
        check: (trial) => sentTo(trial, 1),
      }),
    },
    {
      name: "NODE_TLS_REJECT_UNAUTHORIZED=0 does not make it trusted",
      play: job({
        ...failed,
        at: { name: "localhost", pem: pem("trusted") },
        env: { NODE_TLS_REJECT_UNAUTHORIZED: "0" },
        requests: "",
        says: /its certificate is not trusted/,
      }),
    },
    {
      name: "nor does it through a proxy",
      play: proxied({
        at: { ...named, pem: pem("trusted") },
        proxy: (port) => ({
          HTTPS_PROXY: `http://127.0.0.1:${port}`,
          NODE_TLS_REJECT_UNAUTHORIZED: "0",
          NODE_EXTRA_CA_CERTS: certificate("expired"),
        }),
        exit: 1,
        asked: 1,
        says: /its certificate is not trusted/,
      }),
    },
    {
      name: "NODE_EXTRA_CA_CERTS makes a private authority trusted",
      quick: true,
      play: job({ ...cancelled, at: tls, env: trusting, requests: usual }),
    },
  ],
  T10: [
    {
      name: "https to a port that speaks http: once, with words",
      play: play(async () => {
        const server = await gitlab();
        const trial = await run({
          host: "terminal",
          inputs: jobInputs({ url: server.url.replace("http:", "https:") }),
        });

        assert.deepEqual([trial.exit, trial.report?.outcome, trial.sent.length], [1, "failed", 1]);
        assert.match(said(trial), /no TLS there \(ERR_SSL_\w+\); check the scheme and the port/);
      }),
    },
    {
      name: "http to a port that speaks https: until the deadline, with words",
      play: play(async () => {
        const server = await gitlab({ jobs: { "4711": {} }, at: tls });
        const url = server.url.replace("https:", "http:");
        const trial = await run({ host: "terminal", inputs: { ...jobInputs({ url }), timeout: "20s" } });

        assert.deepEqual([trial.exit, trial.report?.outcome], [1, "failed"]);
        assert(trial.sent.length <= 30, `${trial.sent.length} tries`);
        assert.match(said(trial), /the connection was closed before an answer came/);
      }),
    },
  ],
  T11: [
    {
      name: "a look that is not answered is given up on after 30 s and made again",
      play: job({
        ...cancelled,
        pace: 50,
        chance: 0.5,
        look: [hang],
        requests: "look*2 cancel look*2",
        waits: { 1: [28_000, 40_000] },
      }),
    },
    {
      name: "a cancel that is not answered is given up on after 30 s, and sent again after two looks",
      play: job({
        ...cancelled,
        pace: 50,
        chance: 0.5,
        cancel: [hang],
        requests: "look cancel look*2 cancel look*2",
        waits: { 2: [28_000, 40_000] },
      }),
    },
    {
      name: "a server that never answers ends at the deadline, not later",
      quick: true,
      play: job({
        ...failed,
        pace: 50,
        look: always(hang),
        inputs: { timeout: "20s" },
        requests: "look",
        says: /no answer in time|no time left/,
        check: ({ report }) => assert(Number(report?.runs[0]?.["seconds"]) <= 24),
      }),
    },
  ],
  T12: [
    {
      name: "a body that comes by drops has 30 s, too",
      play: job({
        ...cancelled,
        pace: 50,
        chance: 0.5,
        look: [drip],
        requests: "look*2 cancel look*2",
        waits: { 1: [28_000, 40_000] },
      }),
    },
  ],
  T13: [
    {
      name: "a kept connection that is closed when it is used again: one more try on a fresh one",
      play: play(async () => {
        const server = await gitlab();
        const sockets = new Map<unknown, number>();
        // The first request of each connection is answered, a second one on it never.
        server.wire(/./, (response, vendor) => {
          const used = sockets.get(response.socket) ?? 0;
          sockets.set(response.socket, used + 1);
          if (used > 0) {
            response.socket?.resetAndDestroy();
            return;
          }
          const { status, body } = vendor();
          response.writeHead(status, { "content-type": "application/json", connection: "keep-alive" });
          response.end(JSON.stringify(body));
        });
        const trial = await run({ host: "terminal", inputs: jobInputs(server) });

        assert.deepEqual([trial.exit, trial.report?.outcome], [0, "cancelled"], said(trial));
        assert(server.only(/^POST/).length <= 2);
      }),
    },
  ],
  T14: [
    {
      name: "an answer that is no HTTP: two tries, then words",
      play: job({
        ...failed,
        look: always(raw("220 mail.example.com ESMTP\r\n")),
        requests: "look*2",
        says: /what answers there does not speak HTTP/,
      }),
    },
    {
      name: "an answer to the cancel that is no HTTP: sent once more, then looked at",
      play: job({
        ...cancelled,
        cancel: times(2, raw("garbage\r\n\r\n")),
        requests: "look cancel*2 look*2 cancel look*2",
      }),
    },
  ],
  T15: [
    {
      name: "headers without end: once, with words",
      play: job({
        ...failed,
        look: always(bare(200, "{}", { "x-long": "x".repeat(100_000) })),
        requests: "look",
        says: /its headers are too large/,
      }),
    },
  ],
  T16: [
    {
      name: "a port that browsers forbid is a port like any other",
      play: play(async () => {
        const trial = await run({
          host: "terminal",
          inputs: { ...jobInputs({ url: "http://127.0.0.1:1" }), timeout: "5s" },
        });

        assert.equal(trial.exit, 1);
        assert.match(said(trial), /127\.0\.0\.1:1: connection refused/);
      }),
    },
  ],
  T17: [
    {
      name: "HTTPS_PROXY: a tunnel, in which the proxy sees no credential of the server's",
      quick: true,
      play: proxied({
        at: { ...named, pem: pem("trusted") },
        proxy: (port) => ({ HTTPS_PROXY: `http://127.0.0.1:${port}` }),
        asked: "at all",
      }),
    },
    {
      name: "a proxy without a scheme, in lower case",
      play: proxied({
        at: { ...named, pem: pem("trusted") },
        proxy: (port) => ({ https_proxy: `127.0.0.1:${port}` }),
        asked: "at all",
      }),
    },
    {
      name: "HTTP_PROXY for plain http",
      play: proxied({ at: named, proxy: (port) => ({ HTTP_PROXY: `http://127.0.0.1:${port}` }), asked: "at all" }),
    },
    {
      name: "a proxy's name and password go to the proxy and nowhere else",
      play: proxied({
        at: { ...named, pem: pem("trusted") },
        proxy: (port) => ({ HTTPS_PROXY: `http://ci:${encodeURIComponent(proxyPassword)}@127.0.0.1:${port}` }),
        asked: "at all",
        authorization: `ci:${proxyPassword}`,
      }),
    },
    {
      name: "407: once, in words, without the password",
      play: proxied({
        at: { ...named, pem: pem("trusted") },
        proxy: (port) => ({ HTTPS_PROXY: `http://ci:${encodeURIComponent(proxyPassword)}@127.0.0.1:${port}` }),
        refuses: [407],
        exit: 1,
        asked: 1,
        authorization: `ci:${proxyPassword}`,
        says: /proxy/,
      }),
    },
    {
      name: "a proxy that is busy for a moment is asked again",
      play: proxied({
        at: { ...named, pem: pem("trusted") },
        proxy: (port) => ({ HTTPS_PROXY: `http://127.0.0.1:${port}` }),
        refuses: [503, 502, 200],
        asked: "at all",
        says: /the proxy is busy; again in/,
      }),
    },
    ...(
      [
        ["the name", "example.com,gitlab.test"],
        ["its domain", ".test"],
        ["everything", "*"],
        ["everything among others", "example.com, *"],
      ] as const
    ).map(([what, list]) => ({
      name: `NO_PROXY that lists ${what} is obeyed`,
      play: proxied({
        at: { ...named, pem: pem("trusted") },
        proxy: (port: number) => ({ HTTPS_PROXY: `http://127.0.0.1:${port}`, NO_PROXY: list }),
        asked: 0,
      }),
    })),
    {
      name: "NO_PROXY that lists others is no exception",
      play: proxied({
        at: { ...named, pem: pem("trusted") },
        proxy: (port) => ({ HTTPS_PROXY: `http://127.0.0.1:${port}`, no_proxy: "lab.test,example.com,test.example" }),
        asked: "at all",
      }),
    },
    ...[{}, { host: "::1" }, tls].map((at: Listening) => ({
      name: `loopback never goes through a proxy: ${at.name ?? at.host ?? "127.0.0.1"}`,
      play: proxied({
        at,
        proxy: (port: number) => ({ HTTPS_PROXY: `http://127.0.0.1:${port}`, HTTP_PROXY: `http://127.0.0.1:${port}` }),
        asked: 0,
      }),
    })),
    {
      name: "a proxy that is not there is tried until the deadline, and named in place of the server",
      play: play(async () => {
        const server = await gitlab({ jobs: { "4711": {} }, at: { ...named, pem: pem("trusted") } });
        const trial = await run({
          host: "terminal",
          inputs: { ...jobInputs(server), timeout: "20s" },
          env: { HTTPS_PROXY: `http://ci:${encodeURIComponent(proxyPassword)}@127.0.0.1:${await closedPort()}` },
          dns: onLoopback,
        });

        assert.deepEqual([trial.exit, server.lines], [1, []]);
        assert.match(said(trial), /the proxy 127\.0\.0\.1:\d+ cannot be reached \(ECONNREFUSED\)/);
        assert.doesNotMatch(said(trial), /is the server up/);
      }),
    },
    {
      name: "what is no proxy's address is said to be none, without its password",
      play: play(async () => {
        const result = await program({
          host: "terminal",
          inputs: { ...jobInputs({ url: "https://gitlab.test" }), timeout: "5s" },
          env: { HTTPS_PROXY: `http://ci:${encodeURIComponent(proxyPassword)}@:bad` },
        });

        assert.equal(result.exit, 1);
        assert.match(said(result), /HTTPS_PROXY or HTTP_PROXY does not hold a proxy address/);
      }),
    },
  ],
};
