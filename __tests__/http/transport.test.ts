import dns from "node:dns";
import { connect } from "node:net";
import { createServer } from "node:http";
import { afterEach, describe, expect, jest, test } from "@jest/globals";
import { createClient, HttpError } from "../../src/http/client.ts";
import { undiciTransport, type WireReply } from "../../src/http/transport.ts";
import type { Environment } from "../../src/environment.ts";
import { SimulatedClock } from "../support/clock.ts";
import { secret } from "../support/exchange.ts";
import { closedPort, type Loopback, serve, serveRaw } from "../support/loopback.ts";

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  jest.restoreAllMocks();
  for (const close of closing.splice(0)) await close();
});

function transportIn(env: Environment): ReturnType<typeof undiciTransport> {
  const transport = undiciTransport(env);
  closing.push(() => transport.close());
  return transport;
}

async function get(address: string, env: Environment = {}): Promise<WireReply> {
  const { signal } = new AbortController();
  return await transportIn(env).send({
    method: "GET",
    url: new URL(address),
    headers: { authorization: secret },
    body: undefined,
    signal,
  });
}

/** As a container asks for its own. */
async function askForCredential(
  address: string,
  env: Environment = {},
  signal = new AbortController().signal,
): Promise<WireReply> {
  const request = { method: "GET", url: new URL(address), headers: {}, body: undefined };
  return await transportIn(env).send({ ...request, signal, forCredential: true });
}

/** What a user is told. */
async function complaint(address: string, env: Environment): Promise<string> {
  const request = { method: "GET", url: new URL(address), headers: {} };
  const error: unknown = await createClient(transportIn(env), new SimulatedClock())
    .send(request, { deadline: 2000 })
    .catch((problem: unknown) => problem);
  if (!(error instanceof HttpError)) throw new Error("it was answered");
  return error.message;
}

/** A proxy that leads to `to`, whatever it is asked for; `asked` is what it was asked for, and by whom. */
async function proxyTo(to: Loopback): Promise<{ readonly port: number; readonly asked: string[] }> {
  const asked: string[] = [];
  const sockets = new Set<{ destroy(): unknown }>();
  const server = createServer();
  server.on("connect", (request, client) => {
    asked.push(
      [request.url, request.headers["proxy-authorization"], request.headers.authorization].filter(Boolean).join(" "),
    );
    const upstream = connect(to.port, "127.0.0.1", () => {
      client.write("HTTP/1.1 200 Connection established\r\n\r\n");
      upstream.pipe(client).pipe(upstream);
    });
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("error", () => undefined);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(async () => {
    for (const socket of sockets) socket.destroy();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const address = server.address();
  return { port: typeof address === "object" ? (address?.port ?? 0) : 0, asked };
}

const target = (): Promise<Loopback> => serve((_, response) => response.end("{}"));

test("requests that follow one another share a connection", async () => {
  const ports = new Set<number | undefined>();
  const server = await serve((request, response) => {
    ports.add(request.socket.remotePort);
    request.resume();
    response.end("{}");
  });
  const transport = transportIn({});
  const { signal } = new AbortController();
  for (const method of ["GET", "POST", "GET", "GET"])
    await transport.send({
      method,
      url: new URL(`http://127.0.0.1:${server.port}/`),
      headers: {},
      body: undefined,
      signal,
    });
  expect(ports.size).toBe(1);
});

test("a request arrives as it was written, and the reply comes back with all its headers", async () => {
  const server = await serve((request, response) => {
    response.setHeader("Set-Cookie", ["a=1", "b=2"]);
    response.setHeader("X-Subject-Token", "t");
    response.writeHead(201);
    request.on("data", () => undefined);
    response.end("möglich");
  });
  const { signal } = new AbortController();
  const reply = await transportIn({}).send({
    method: "PUT",
    url: new URL(`${server.origin}/a%2Fb/%27?x=%27&y=ü`),
    headers: { "x-one": "1" },
    body: '{"a":"ü"}',
    signal,
  });

  expect(reply).toMatchObject({
    status: 201,
    text: "möglich",
    headers: { "set-cookie": "a=1, b=2", "x-subject-token": "t" },
  });
  expect(server.requests).toEqual(["PUT /a%2Fb/%27?x=%27&y=%C3%BC"]);
  expect(server.heard[0]?.headers).toMatchObject({ "x-one": "1", "content-length": "10" });
});

test("what is still under way when all is over is broken off", async () => {
  let gone: () => void = () => undefined;
  const end = new Promise<void>((resolve) => (gone = resolve));
  let heard: () => void = () => undefined;
  const arrival = new Promise<void>((resolve) => (heard = resolve));
  const server = await serve((_, response) => {
    response.on("close", gone);
    heard();
  });
  const transport = undiciTransport({});
  const { signal } = new AbortController();
  const sent = transport.send({ method: "GET", url: new URL(server.origin), headers: {}, body: undefined, signal });
  sent.catch(() => undefined);
  await arrival;

  await transport.close();

  await expect(sent).rejects.toThrow();
  await end;
});

test("a transport that was never used can be closed", async () => {
  await expect(undiciTransport({ HTTPS_PROXY: "://" }).close()).resolves.toBeUndefined();
});

/** A resolver that knows one answer. */
function resolveTo(...addresses: readonly string[]): void {
  const found = addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }));
  jest.spyOn(dns, "lookup").mockImplementation(((_: string, options: dns.LookupOptions, done: LookedUp) => {
    if (options.all) done(null, found);
    else done(null, found[0]!.address, found[0]!.family);
  }) as typeof dns.lookup);
}
type LookedUp = (error: null, found: string | dns.LookupAddress[], family?: number) => void;

describe("a metadata service", () => {
  test.each(["169.254.169.254", "168.63.129.16", "fd20:ce::254", "fe80::1%eth0", "::ffff:169.254.169.254"])(
    "behind a name, at %s, is not connected to",
    async (address) => {
      resolveTo(address);

      expect(await complaint("https://gitlab.example.com/", {})).toBe(
        `gitlab.example.com: it is at ${address}, a link-local or metadata address; nothing was sent`,
      );
    },
  );

  test.each([
    "http://169.254.169.254/",
    "http://169.254.170.2:8080/",
    "https://169.254.170.23/",
    "http://[fd00:ec2::254]/",
  ])("that hands out no container's credential is not asked for one: %s", async (address) => {
    await expect(askForCredential(address)).rejects.toThrow("a link-local or metadata address; nothing was sent");
  });

  test.each([
    "http://169.254.170.2/v2/1",
    "http://169.254.170.23/v1/credentials",
    "http://[fd00:ec2::23]/v1/credentials",
  ])("that hands out a container's credential is asked for that alone: %s", async (address) => {
    await expect(get(address)).rejects.toThrow("nothing was sent");
    // It goes as far as the connection, which is given up on, or cannot be made here.
    await expect(askForCredential(address, {}, AbortSignal.abort())).rejects.not.toThrow("nothing was sent");
  });

  test("is not connected to where a name has another address, too", async () => {
    const server = await target();
    resolveTo("127.0.0.1", "169.254.169.254");

    expect(await complaint(`http://gitlab.example.com:${server.port}/`, {})).toContain("it is at 169.254.169.254");
    expect(server.requests).toEqual([]);
  });

  test("is not connected to past a proxy that the name is exempt from, nor by its address through a proxy", async () => {
    const proxy = await proxyTo(await target());
    const env = { HTTP_PROXY: `http://127.0.0.1:${proxy.port}`, NO_PROXY: "gitlab.example.com" };
    resolveTo("169.254.169.254");

    expect(await complaint("http://gitlab.example.com/", env)).toContain("it is at 169.254.169.254");
    expect(await complaint("http://169.254.169.254/", env)).toContain("it is at 169.254.169.254");
    expect(proxy.asked).toEqual([]);
  });

  test("is not where any other name leads", async () => {
    const server = await target();
    resolveTo("127.0.0.1");

    expect(await get(`http://gitlab.example.com:${server.port}/x`)).toMatchObject({ status: 200 });
  });
});

describe("a proxy", () => {
  test.each([
    ["HTTP_PROXY", "http://127.0.0.1:"],
    ["http_proxy", "http://127.0.0.1:"],
    ["HTTP_PROXY", "127.0.0.1:"],
  ])("in %s as %s is used", async (name, address) => {
    const server = await target();
    const proxy = await proxyTo(server);

    expect(await get("http://ci.example.com/x", { [name]: `${address}${proxy.port}` })).toMatchObject({
      status: 200,
      text: "{}",
    });
    expect(proxy.asked).toEqual(["ci.example.com:80"]);
    expect(server.requests).toEqual(["GET /x"]);
  });

  test("in lower case beats the one in upper case", async () => {
    const proxy = await proxyTo(await target());
    const env = { http_proxy: `http://127.0.0.1:${proxy.port}`, HTTP_PROXY: "http://127.0.0.1:9" };

    expect((await get("http://ci.example.com/", env)).status).toBe(200);
  });

  test.each(["HTTPS_PROXY", "https_proxy", "HTTP_PROXY"])("in %s is used for https, by a tunnel", async (name) => {
    const proxy = await proxyTo(await target());
    const message = await complaint("https://ci.example.com/", { [name]: `http://127.0.0.1:${proxy.port}` });

    expect(proxy.asked[0]).toBe("ci.example.com:443");
    // What is at the end of this tunnel has no TLS.
    expect(message).toContain("ci.example.com: ");
  });

  test("gets its own credential, and not the server's; and the server the other way round", async () => {
    const server = await target();
    const proxy = await proxyTo(server);
    await get("http://ci.example.com/", { HTTP_PROXY: `http://user:pass@127.0.0.1:${proxy.port}` });

    expect(proxy.asked).toEqual([`ci.example.com:80 Basic ${Buffer.from("user:pass").toString("base64")}`]);
    expect(server.heard[0]?.headers).toMatchObject({ authorization: secret });
    expect(server.heard[0]?.headers["proxy-authorization"]).toBeUndefined();
  });

  test("is told a user name that has no password", async () => {
    const proxy = await proxyTo(await target());
    await get("http://ci.example.com/", { HTTP_PROXY: `http://to%2Fken@127.0.0.1:${proxy.port}` });

    expect(proxy.asked).toEqual([`ci.example.com:80 Basic ${Buffer.from("to/ken:").toString("base64")}`]);
  });

  test("is not used for loopback", async () => {
    const server = await target();
    const proxy = await proxyTo(server);
    const env = { HTTP_PROXY: `http://127.0.0.1:${proxy.port}`, HTTPS_PROXY: `http://127.0.0.1:${proxy.port}` };

    expect((await get(server.origin, env)).status).toBe(200);
    expect((await get(server.origin.replace("127.0.0.1", "localhost"), env)).status).toBe(200);
    expect(proxy.asked).toEqual([]);
  });

  test.each(["NO_PROXY", "no_proxy"])("is not used for what %s lists", async (name) => {
    const server = await target();
    const proxy = await proxyTo(server);
    const env = { HTTP_PROXY: `http://127.0.0.1:${proxy.port}` };

    expect(
      (await get(server.origin.replace("127.0.0.1", "0.0.0.0"), { ...env, [name]: "example.com, 0.0.0.0" })).status,
    ).toBe(200);
    expect(proxy.asked).toEqual([]);

    expect((await get(server.origin.replace("127.0.0.1", "0.0.0.0"), { ...env, [name]: "example.com" })).status).toBe(
      200,
    );
    expect(proxy.asked).toHaveLength(1);
  });

  test("that is empty is none", async () => {
    const server = await target();

    expect((await get(server.origin.replace("127.0.0.1", "0.0.0.0"), { HTTP_PROXY: "", https_proxy: "" })).status).toBe(
      200,
    );
  });

  test.each([
    `http://user:${secret}@:bad`,
    `http://user:${secret}@[::`,
    `user:${secret}@proxy:99999`,
    `ftp://user:${secret}@proxy.example.com`,
    "http://",
  ])("of a form that is none is said to be one, without its password: %#", async (address) => {
    const message = await complaint("https://ci.example.com/", { HTTPS_PROXY: address });

    expect(message).toBe(
      "ci.example.com: HTTPS_PROXY or HTTP_PROXY does not hold a proxy address such as http://proxy.example.com:8080",
    );
  });

  test("that refuses is asked once, and its password is not shown", async () => {
    const proxy = await serveRaw((socket) =>
      socket.once("data", () => socket.end("HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n")),
    );
    const message = await complaint("http://ci.example.com/", {
      HTTP_PROXY: `http://user:${secret}@127.0.0.1:${proxy.port}`,
    });

    expect(message).toContain("ci.example.com: ");
    expect(message).toContain("proxy");
    expect(message).not.toContain(secret);
    expect(proxy.connections()).toBe(1);
  });

  test.each([
    [
      407,
      /: the proxy 127\.0\.0\.1:\d+ does not accept the user name and password, or wants some \(407\); put them into HTTPS_PROXY/,
    ],
    [403, /: the proxy 127\.0\.0\.1:\d+ does not open a tunnel there \(403\); ask who runs it to allow this host/],
  ])("that answers %d is named, with what to do", async (status, words) => {
    const proxy = await serveRaw((socket) =>
      socket.once("data", () => socket.end(`HTTP/1.1 ${status} No\r\ncontent-length: 0\r\n\r\n`)),
    );

    expect(await complaint("https://ci.example.com/", { HTTPS_PROXY: `http://127.0.0.1:${proxy.port}` })).toMatch(
      words,
    );
  });

  test("that closes the connection instead of opening a tunnel is busy, and not asked without end", async () => {
    const proxy = await serveRaw((socket) => socket.once("data", () => socket.end()));
    const message = await complaint("https://ci.example.com/", { HTTPS_PROXY: `http://127.0.0.1:${proxy.port}` });

    expect(message).toBe("ci.example.com: the proxy closes the connection instead of opening a tunnel");
    expect(proxy.connections()).toBeLessThanOrEqual(5);
  });

  test("that never answers is given up on in time", async () => {
    const proxy = await serveRaw((socket) => socket.on("data", () => undefined));
    const message = await complaint("https://ci.example.com/", { HTTPS_PROXY: `http://127.0.0.1:${proxy.port}` });

    expect(message).toBe("ci.example.com: no answer in time");
  });

  test("that is not there is not taken for the server, and its password is not shown", async () => {
    const port = await closedPort();
    const message = await complaint("http://ci.example.com/", {
      HTTP_PROXY: `http://user:${secret}@127.0.0.1:${port}`,
    });

    expect(message).toBe(
      `ci.example.com: the proxy 127.0.0.1:${port} cannot be reached (ECONNREFUSED); check HTTPS_PROXY or HTTP_PROXY`,
    );
    expect(message).not.toContain(secret);
  });

  test("whose name is not known is named, and not the server", async () => {
    const message = await complaint("https://ci.example.com/", { https_proxy: "nope.invalid:3128" });

    expect(message).toMatch(
      /^ci\.example\.com: the proxy nope\.invalid:3128 cannot be reached \((?:ENOTFOUND|EAI_AGAIN)\)/,
    );
  });
});

test("a credential of the host's is asked for past the proxy", async () => {
  const server = await target();
  const proxy = await proxyTo(server);

  await askForCredential(`http://localhost:${server.port}/keys`, { HTTP_PROXY: `http://127.0.0.1:${proxy.port}` });

  expect(proxy.asked).toEqual([]);
  expect(server.requests).toHaveLength(1);
});
