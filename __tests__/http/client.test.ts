import type { RequestListener, ServerResponse } from "node:http";
import { brotliCompressSync, constants, deflateSync, gzipSync } from "node:zlib";
import { afterEach, describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { createClient, HttpError, type HttpRequest, type SendOptions } from "../../src/http/client.ts";
import { parse } from "../../src/http/json.ts";
import { longestText } from "../../src/text.ts";
import { largestReply, type Transport, TransportError, undiciTransport } from "../../src/http/transport.ts";
import type { Reply } from "../../src/provider.ts";
import { SimulatedClock } from "../support/clock.ts";
import { secret } from "../support/exchange.ts";
import { closedPort, serve, serveRaw, serveUntrusted } from "../support/loopback.ts";
import { type Answering, failure, MemoryServer } from "../support/server.ts";

const transports: Transport[] = [];
afterEach(async () => {
  for (const transport of transports.splice(0)) await transport.close();
});

function wire(): Transport {
  const transport = undiciTransport({});
  transports.push(transport);
  return transport;
}

type CallOptions = Partial<Omit<HttpRequest, "url">> & Partial<SendOptions>;

/** Sends over the wire, in simulated time; the request has the secret in a header. */
async function send(
  address: string,
  { method = "GET", accepts, body, headers = {}, text, ...options }: CallOptions = {},
  clock = new SimulatedClock(),
  transport = wire(),
): Promise<Reply> {
  return await createClient(transport, clock).send(
    {
      method,
      url: new URL(address),
      headers,
      ...(body !== undefined && { body }),
      ...(accepts && { accepts }),
      ...(text && { text }),
    },
    { deadline: 300_000, authorize: () => Promise.resolve({ authorization: `Bearer ${secret}` }), ...options },
  );
}

async function fail(...given: Parameters<typeof send>): Promise<HttpError> {
  const error: unknown = await send(...given).then(
    (reply) => new Error(`it was answered ${reply.status}`),
    (problem: unknown) => problem,
  );
  if (!(error instanceof HttpError)) throw error;
  expect(error.message).not.toContain(secret);
  expect(error.message).not.toContain("\n");
  return error;
}

const json = (response: ServerResponse, body: unknown, status = 200, headers: Record<string, string> = {}): void => {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(JSON.stringify(body));
};

/** Each request is answered by the next one of these, the last one for ever. */
function inTurn(...answers: ((response: ServerResponse) => void)[]): RequestListener {
  let at = 0;
  return (_, response) => answers[Math.min(at++, answers.length - 1)]!(response);
}
const ok = (response: ServerResponse): void => json(response, { ok: true });

describe.each(["GET", "POST", "PUT", "DELETE"])("a %s", (method) => {
  test.each([408, 429, 500, 502, 503, 504])("that is answered %i is sent again", async (status) => {
    const server = await serve(inTurn((response) => json(response, {}, status), ok));

    expect((await send(server.origin, { method })).body).toEqual({ ok: true });
    expect(server.requests).toHaveLength(2);
  });

  test.each([400, 401, 404, 405, 409, 410, 422, 501])("that is answered %i is not", async (status) => {
    const server = await serve((_, response) => json(response, { message: "no" }, status, { "retry-after": "1" }));

    expect(await send(server.origin, { method })).toMatchObject({ status, body: { message: "no" } });
    expect(server.requests).toHaveLength(1);
  });

  test("that is answered by a plain 403 is not", async () => {
    const server = await serve((_, response) => json(response, { message: "no" }, 403));

    expect(await send(server.origin, { method })).toMatchObject({ status: 403, body: { message: "no" } });
    expect(server.requests).toHaveLength(1);
  });

  test("whose connection breaks before an answer is sent again", async () => {
    const server = await serveRaw((socket, number) => {
      socket.once("data", () => {
        if (number === 1) socket.resetAndDestroy();
        else if (number === 2) socket.destroy();
        else socket.end('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 11\r\n\r\n{"ok":true}');
      });
    });

    expect((await send(server.origin, { method })).body).toEqual({ ok: true });
    expect(server.connections()).toBe(3);
  });
});

test("a request says who sends it, what it takes, and nothing about compression", async () => {
  const server = await serve((_, response) => ok(response));
  await send(server.origin, { method: "POST", body: "{}", headers: { "x-more": "1" } });

  expect(server.heard[0]?.headers).toMatchObject({
    accept: "application/json",
    "user-agent": "cancel-run",
    "x-more": "1",
    authorization: `Bearer ${secret}`,
    "content-length": "2",
  });
  expect(server.heard[0]?.headers["accept-encoding"]).toBeUndefined();
});

test("each try is proved anew, because signatures carry the time", async () => {
  const server = await serve(
    inTurn(
      (response) => json(response, {}, 500),
      (response) => json(response, {}, 500),
      ok,
    ),
  );
  let number = 0;
  await send(server.origin, { authorize: () => Promise.resolve({ authorization: `try ${++number}` }) });

  expect(server.heard.map(({ headers }) => headers.authorization)).toEqual(["try 1", "try 2", "try 3"]);
});

describe("a server that asks to wait", () => {
  test("is obeyed to the second, and the user is told", async () => {
    const clock = new SimulatedClock();
    const told: [string, number][] = [];
    const server = await serve(inTurn((response) => json(response, {}, 429, { "retry-after": "45" }), ok));
    await send(server.origin, { onRetry: (why, wait) => told.push([why, wait]) }, clock);

    expect(clock.waits).toEqual([45_000]);
    expect(told).toEqual([[`127.0.0.1:${server.port}: rate limited (429)`, 45_000]]);
  });

  test("until a date is obeyed by its own clock", async () => {
    const clock = new SimulatedClock();
    const dated = { "retry-after": "Wed, 21 Oct 2015 07:28:30 GMT", date: "Wed, 21 Oct 2015 07:28:00 GMT" };
    const server = await serve(inTurn((response) => json(response, {}, 503, dated), ok));
    await send(server.origin, {}, clock);

    expect(clock.waits).toEqual([30_000]);
  });

  test.each(["301", "86400", "9999999999"])(
    "for %s seconds, which are not left, is given up on at once",
    async (seconds) => {
      const clock = new SimulatedClock();
      const server = await serve((_, response) => json(response, {}, 429, { "retry-after": seconds }));
      const error = await fail(server.origin, { method: "POST" }, clock);

      expect(error.message).toBe(
        `127.0.0.1:${server.port} answered 429: the server asks to wait ${seconds} s, and only 300 s are left`,
      );
      expect(error).toMatchObject({ kind: "deadline", maybeSent: false });
      expect([clock.waits, server.requests.length]).toEqual([[], 1]);
    },
  );

  describe("with its last answer", () => {
    const limited = { status: 500, headers: { "retry-after": "40" }, body: {} };
    const fine = { body: { ok: true } };

    /** After five requests to a server that answers 500, and is fine afterwards. */
    async function givenUp(): Promise<{
      readonly again: (options?: { method?: string; path?: string; deadline?: number }) => Promise<Reply>;
      readonly server: MemoryServer;
      readonly clock: SimulatedClock;
    }> {
      const clock = new SimulatedClock();
      const server = new MemoryServer(clock, ({ path, before }) => (path === "/" && before < 5 ? limited : fine));
      const client = createClient(server, clock);
      const again: Awaited<ReturnType<typeof givenUp>>["again"] = ({
        method = "GET",
        path = "/",
        deadline = 300_000,
      } = {}) => client.send({ method, url: new URL(path, "https://x.example"), headers: {} }, { deadline });

      expect((await again()).status).toBe(500);
      return { again, server, clock };
    }

    test("is obeyed by the next request of the same kind", async () => {
      const { again, server } = await givenUp();

      expect((await again()).body).toEqual({ ok: true });
      expect(server.sent.map(({ at }) => at)).toEqual([0, 40_000, 80_000, 120_000, 160_000, 200_000]);
    });

    test("is no reason to wait with another one", async () => {
      const { again, clock } = await givenUp();
      await again({ method: "POST", path: "/cancel" });

      expect(clock.now()).toBe(160_000);
    });

    test("is a reason to give up at once where there is no time for it", async () => {
      const { again, server, clock } = await givenUp();

      await expect(again({ deadline: 180_000 })).rejects.toMatchObject({
        kind: "deadline",
        maybeSent: false,
        message: "x.example answered 500: the server asks to wait 40 s, and only 20 s are left",
      });
      expect([clock.now(), server.sent.length]).toEqual([160_000, 5]);
    });
  });

  test("by a 403 is understood", async () => {
    const clock = new SimulatedClock();
    const server = await serve(
      inTurn(
        (response) =>
          json(response, { message: "You have exceeded a secondary rate limit" }, 403, { "retry-after": "60" }),
        ok,
      ),
    );

    expect((await send(server.origin, { method: "POST" }, clock)).status).toBe(200);
    expect(clock.waits).toEqual([60_000]);
  });

  test("is not waited for beyond the deadline when it was slow to say so", async () => {
    const clock = new SimulatedClock();
    const slow = new MemoryServer(clock, async () => {
      await clock.sleep(25_000);
      return { status: 429, headers: { "retry-after": "20" } };
    });
    const error = await fail("https://x.example/", { deadline: 30_000 }, clock, slow);

    expect(error.message).toContain("the server asks to wait 20 s, and only 5 s are left");
    expect(clock.now()).toBe(25_000);
  });
});

describe("a redirect", () => {
  const codes = [301, 302, 303, 307, 308];

  test.each(codes)("(%i) on the same server is followed by a GET, with its credential", async (status) => {
    const server = await serve((request, response) => {
      if (request.url === "/old") response.writeHead(status, { location: "/new?x=1" }).end();
      else ok(response);
    });

    expect((await send(`${server.origin}/old`)).body).toEqual({ ok: true });
    expect(server.requests).toEqual(["GET /old", "GET /new?x=1"]);
    expect(server.heard[1]?.headers.authorization).toBe(`Bearer ${secret}`);
  });

  test.each(codes)("(%i) to another server is refused, and that one hears nothing", async (status) => {
    const other = await serve((_, response) => ok(response));
    const server = await serve((_, response) => response.writeHead(status, { location: `${other.origin}/x` }).end());

    for (const method of ["GET", "POST"]) {
      const error = await fail(server.origin, { method });

      expect(error).toMatchObject({ kind: "protocol", maybeSent: false });
      expect(error.message).toContain(other.origin);
    }
    expect(server.requests).toHaveLength(2);
    expect(other.requests).toEqual([]);
  });

  test.each(codes)(
    "(%i) is never followed by a POST, even on the same server; it names the new address",
    async (status) => {
      const server = await serve((_, response) => response.writeHead(status, { location: "/new" }).end());
      const error = await fail(`${server.origin}/old`, { method: "POST", body: "{}" });

      expect(error).toMatchObject({ kind: "protocol", maybeSent: false });
      expect(error.message).toContain(`answered ${status} and points to /new; cancel requests are never redirected`);
      expect(server.requests).toEqual(["POST /old"]);
    },
  );

  test("is followed five times and no more", async () => {
    const server = await serve((request, response) => {
      const left = Number(request.url?.slice(1));
      if (left > 0) response.writeHead(302, { location: `/${left - 1}` }).end();
      else ok(response);
    });

    expect((await send(`${server.origin}/5`)).body).toEqual({ ok: true });
    expect((await fail(`${server.origin}/6`)).message).toContain("redirects in a loop");
    expect(server.requests).toHaveLength(12);
  });

  test.each([undefined, "http://[", "https://x:99999"])("to %s is a problem with words", async (location) => {
    const server = await serve((_, response) =>
      response.writeHead(302, location === undefined ? {} : { location }).end(),
    );
    const error = await fail(server.origin);

    expect(error.kind).toBe("protocol");
    if (location !== undefined) expect(error.message).toContain("answered 302 without a usable location");
    else expect(server.requests.length).toBeLessThan(10);
  });

  test("that the vendor uses as an answer is one", async () => {
    const other = await serve((_, response) => ok(response));
    const server = await serve((_, response) => response.writeHead(302, { location: other.origin }).end());

    for (const method of ["GET", "POST"])
      expect((await send(server.origin, { method, accepts: [302] })).status).toBe(302);
    expect(other.requests).toEqual([]);
  });
});

describe("a redirect to where people sign in", () => {
  test.each([
    ["/login?next=/old", "/login"],
    ["/users/sign_in", "/users/sign_in"],
    ["https://spsprod.vssps.visualstudio.com/_signin?realm=dev.azure.com", "/_signin"],
    ["/securityRealm/commenceLogin?from=%2F", "/securityRealm/commenceLogin"],
    ["https://login.example.com/", "https://login.example.com/"],
    ["https://acme.cloudflareaccess.com/cdn-cgi/access/login/ci.example.com", "/cdn-cgi/access/login/"],
    ["https://id.example.com/oauth2/authorize?client_id=7", "/oauth2/authorize"],
  ])("(%s) is a credential that was not taken, and nobody is asked there", async (location, shown) => {
    const server = await serve((_, response) => response.writeHead(302, { location }).end());

    for (const method of ["GET", "POST"]) {
      const error = await fail(`${server.origin}/old`, { method });

      expect(error).toMatchObject({ kind: "denied", maybeSent: false });
      expect(error.message).toContain("leads to a login page");
      expect(error.message).toContain(shown);
    }
    expect(server.requests).toEqual(["GET /old", "POST /old"]);
  });

  test.each(["/job/login-service/20/", "/projects/sso-gateway", "/api/v4/logins"])("is not %s", async (location) => {
    const server = await serve((request, response) => {
      if (request.url === "/old") response.writeHead(302, { location }).end();
      else ok(response);
    });

    expect((await send(`${server.origin}/old`)).body).toEqual({ ok: true });
  });
});

test("a status of 500 that the vendor answers as a no is not sent again", async () => {
  const server = await serve((_, response) => json(response, { message: "left" }, 500));
  const clock = new SimulatedClock();
  const request = { method: "POST", url: new URL(server.origin), headers: {}, answers: [500] };

  expect(await createClient(wire(), clock).send(request, { deadline: 300_000 })).toMatchObject({ status: 500 });
  expect(server.requests).toHaveLength(1);
});

describe("JSON", () => {
  test.each([
    ['{"id":12345678901234567890}', { id: "12345678901234567890" }],
    ['{"id":-9007199254740993}', { id: "-9007199254740993" }],
    ["[9007199254740991,9007199254740993]", [9007199254740991, "9007199254740993"]],
    ['{"a":"12345678901234567890"}', { a: "12345678901234567890" }],
    ['{"a":"x\\"12345678901234567890"}', { a: 'x"12345678901234567890' }],
    ['{"12345678901234567890":1}', { "12345678901234567890": 1 }],
    ['{"a":0.30000000000000004}', { a: 0.30000000000000004 }],
    ['{"a":171.54059412345678901}', { a: Number("171.54059412345678901") }],
    ['{"a":1234567890123456789.5}', { a: Number("1234567890123456789.5") }],
    ['{"a":12345678901234567890e2}', { a: Number("12345678901234567890e2") }],
    ['{"a":1E-0000000000000000000001}', { a: 0.1 }],
    ["null", null],
    ["5", 5],
  ])("%s", (text, value) => {
    expect(parse(text)).toEqual(value);
  });

  test.each(["", "{", '{"a":', "{'a':1}", "<html>", '{"a":1}x', "[1,]"])("%j is none", (text) => {
    expect(parse(text)).toBeUndefined();
  });

  test("keeps every whole number, digit by digit", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 25n), max: 10n ** 25n }), (number) => {
        const { id } = parse(`{"id":${number},"s":"${number}"}`) as { id: string | number };

        expect(`${id}`).toBe(`${number}`);
      }),
    );
  });

  test("is read as everybody reads it", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value);
        const big = (_: string, item: unknown): unknown =>
          Number.isInteger(item) && !Number.isSafeInteger(item) ? `${item as number}` : item;

        expect(JSON.stringify(parse(text), big)).toBe(JSON.stringify(JSON.parse(text), big));
      }),
    );
  });

  test("may hold a long text", () => {
    const log = "x\\\n".repeat(1024 * 1024);

    expect(parse(JSON.stringify({ log }))).toEqual({ log });
  });
});

describe("a 2xx", () => {
  const typed =
    (type: string | undefined, text: string): RequestListener =>
    (_, response) =>
      response.writeHead(200, type === undefined ? {} : { "content-type": type }).end(text);

  test.each([
    "application/json",
    "application/json; charset=utf-8",
    "application/vnd.github+json",
    "text/json",
    "text/html; charset=utf-8",
    "text/plain",
    "application/javascript",
    "application/octet-stream",
    undefined,
  ])("of type %s is read", async (type) => {
    const server = await serve(typed(type, ' {"id":12345678901234567890}'));

    for (const method of ["GET", "POST"])
      expect((await send(server.origin, { method })).body).toEqual({ id: "12345678901234567890" });
  });

  test("with broken JSON is asked for again by a GET, three times in all", async () => {
    const server = await serve(typed("application/json", '{"state":"run'));
    const mended = await serve(
      inTurn((response) => response.writeHead(200, { "content-type": "application/json" }).end("{"), ok),
    );

    expect((await fail(server.origin)).message).toBe(`127.0.0.1:${server.port} sent broken JSON`);
    expect(server.requests).toHaveLength(3);
    expect((await send(mended.origin)).body).toEqual({ ok: true });
  });

  test("with broken JSON may have been done for a POST, which is not repeated", async () => {
    const server = await serve(typed("application/json", '{"state":"run'));

    expect(await fail(server.origin, { method: "POST" })).toMatchObject({ kind: "protocol", maybeSent: true });
    expect(server.requests).toHaveLength(1);
  });

  test("that is XML is text where text is asked for, also where it is labelled as a page", async () => {
    const xml = "<GetCallerIdentityResponse><Arn>arn</Arn></GetCallerIdentityResponse>";
    const server = await serve(typed("text/html; charset=utf-8", xml));

    expect((await send(server.origin, { text: true })).body).toBe(xml);
  });

  test.each([
    ["text/html", "<!doctype html><html><title>Sign in\n· \u001b[31mAcme</title>", 'an HTML page ("Sign in · Acme")'],
    ["text/html", "<html></html>", "an HTML page from"],
    [undefined, "<html><title>Proxy</title>", 'an HTML page ("Proxy")'],
    ["application/json", "<!DOCTYPE html><title>Sign in</title>", 'an HTML page ("Sign in")'],
    ["text/plain", "5", "text/plain from"],
    ["text/plain", '"done"', "text/plain from"],
    ["text/javascript", "{state: 1}", "text/javascript from"],
    ["application/octet-stream", "x", "application/octet-stream from"],
    [undefined, "OK", "an empty reply from"],
    [undefined, "", "an empty reply from"],
  ])("of type %s with %j is not what a GET asked for, three times in all", async (type, text, words) => {
    const server = await serve(typed(type, text));
    const error = await fail(server.origin);

    expect(error.kind).toBe("protocol");
    expect(error.message).toContain(`got ${words}`);
    expect(error.message).toContain(`127.0.0.1:${server.port}`);
    expect(server.requests).toHaveLength(3);
  });

  test("that is HTML is no proof for a POST either, and may have been done", async () => {
    const server = await serve(typed("text/html", "<title>Sign in</title>"));

    expect(await fail(server.origin, { method: "POST" })).toMatchObject({ kind: "protocol", maybeSent: true });
    expect(server.requests).toHaveLength(1);
  });

  test("without a body is enough for a POST", async () => {
    const server = await serve(
      inTurn(
        (response) => response.writeHead(204).end(),
        (response) => response.writeHead(202).end(),
        (response) => response.writeHead(200, { "content-type": "application/json" }).end(),
      ),
    );

    for (const status of [204, 202, 200])
      expect(await send(server.origin, { method: "POST" })).toMatchObject({ status, body: undefined });
  });
});

describe("an error's body", () => {
  test.each([
    ["application/json", '{"message":"no"}', { message: "no" }],
    ["application/json", "{broken", undefined],
    ["text/plain", "no such run", "no such run"],
    ["text/html", '{"message":"no"}', { message: "no" }],
    ["text/html", "<html>no</html>", undefined],
    ["text/html", "<center>no</center>", undefined],
    [
      "text/html",
      '<?xml version="1.0"?>\n<Error><Code>No</Code></Error>',
      '<?xml version="1.0"?>\n<Error><Code>No</Code></Error>',
    ],
    ["text/html", '<ErrorResponse xmlns="urn:x"/>', '<ErrorResponse xmlns="urn:x"/>'],
    ["text/html", '<?xml version="1.0"?><!DOCTYPE html><html>no</html>', undefined],
    ["text/html", '<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml">no</html>', undefined],
    ["application/json", "", undefined],
  ])("of type %s: %j", async (type, text, body) => {
    const server = await serve((_, response) => response.writeHead(404, { "content-type": type }).end(text));

    expect(await send(server.origin)).toMatchObject({ status: 404, body });
  });
});

describe("a reply that is cut off", () => {
  const half = (status: number): string =>
    `HTTP/1.1 ${status} X\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{"ok":`;
  const whole =
    'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 11\r\nconnection: close\r\n\r\n{"ok":true}';

  const cutting = (status: number, times: number): ReturnType<typeof serveRaw> =>
    serveRaw((socket, number) => {
      socket.once("data", () => {
        if (number > times) socket.end(whole);
        else socket.write(half(status), () => socket.destroy());
      });
    });

  test("is asked for again by a GET", async () => {
    const server = await cutting(200, 2);

    expect((await send(server.origin)).body).toEqual({ ok: true });
    expect(server.connections()).toBe(3);
  });

  test("again and again is a problem with words", async () => {
    const server = await cutting(200, Infinity);
    const error = await fail(server.origin);

    expect(error.message).toContain("cut the connection in its reply (200)");
    // By the deadline, five minutes on, at most ten seconds apart.
    expect(server.connections()).toBeLessThan(100);
  });

  test("after a POST's 2xx is not asked for again: it may have been done", async () => {
    const server = await cutting(202, 1);
    const error = await fail(server.origin, { method: "POST" });

    expect(error).toMatchObject({ kind: "protocol", maybeSent: true });
    expect(error.message).toContain("cut the connection in its reply (202)");
    expect(server.connections()).toBe(1);
  });

  test("after a POST's 500 is asked for again", async () => {
    const server = await cutting(500, 1);

    expect((await send(server.origin, { method: "POST" })).body).toEqual({ ok: true });
  });

  test("of a 404 is a 404", async () => {
    const server = await cutting(404, 1);

    expect(await send(server.origin)).toMatchObject({ status: 404, body: undefined });
  });
});

describe("a compressed reply", () => {
  const text = JSON.stringify({ ok: true, pad: "x".repeat(100) });
  const body = JSON.parse(text) as unknown;
  const encoded =
    (encoding: string, bytes: Uint8Array): RequestListener =>
    (_, response) =>
      response.writeHead(200, { "content-type": "application/json", "content-encoding": encoding }).end(bytes);

  test.each([
    ["gzip", gzipSync(text)],
    ["x-gzip", gzipSync(text)],
    ["deflate", deflateSync(text)],
    ["br", brotliCompressSync(text)],
    ["identity", Buffer.from(text)],
  ])("by %s is read, though nobody asked for it", async (encoding, bytes) => {
    const server = await serve(encoded(encoding, bytes));

    expect((await send(server.origin)).body).toEqual(body);
  });

  test("without its last bytes is read if all JSON is there", async () => {
    const server = await serve(encoded("gzip", gzipSync(text).subarray(0, -8)));

    expect((await send(server.origin)).body).toEqual(body);
  });

  test("cut in the middle is broken JSON", async () => {
    const server = await serve(
      encoded("gzip", gzipSync(JSON.stringify(Array.from({ length: 5000 }, (_, at) => at * at))).subarray(0, 4000)),
    );

    expect((await fail(server.origin)).message).toContain("sent broken JSON");
  });

  test.each(["gzip", "deflate", "br"])("that is no %s is a problem with words", async (encoding) => {
    const server = await serve(encoded(encoding, Buffer.from("\x00\x01\x02nonsense nonsense")));

    expect((await fail(server.origin)).message).toContain(`the reply's ${encoding} encoding is broken`);
    expect(server.requests).toHaveLength(1);
  });

  test.each([
    ["gzip", gzipSync],
    ["deflate", deflateSync],
    ["br", (bytes: Uint8Array) => brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } })],
  ] as const)("that blows up (%s) is not unpacked", async (encoding, pack) => {
    const server = await serve(encoded(encoding, pack(Buffer.alloc(largestReply * 8, " "))));
    const error = await fail(server.origin);

    expect(error.message).toBe(`127.0.0.1:${server.port}: the reply is larger than 5 MiB`);
    expect(server.requests).toHaveLength(1);
  });
});

describe("a reply of any size", () => {
  test("up to the limit is read, and of each text in it as much as a pattern may see", async () => {
    const text = JSON.stringify("x".repeat(largestReply - 2));
    const server = await serve((_, response) =>
      response.writeHead(200, { "content-type": "application/json" }).end(text),
    );

    expect(text).toHaveLength(largestReply);
    expect(`${(await send(server.origin)).body}`.length).toBe(longestText);
  });

  test("and one byte more is not, and the connection ends", async () => {
    let ended: () => void = () => undefined;
    const end = new Promise<void>((resolve) => (ended = resolve));
    const server = await serve((_, response) => {
      response.on("close", ended);
      response.writeHead(200, { "content-type": "application/json" });
      response.write('"');
      const more = (): void => {
        if (!response.destroyed) response.write("x".repeat(1024 * 1024), more);
      };
      more();
    });

    expect((await fail(server.origin)).message).toContain("the reply is larger than 5 MiB");
    expect(server.requests).toHaveLength(1);
    await end;
  });
});

describe("a server that", () => {
  test("does not answer is given up on in time", async () => {
    const server = await serve(() => undefined);

    expect(await fail(server.origin, { deadline: 50 })).toMatchObject({
      kind: "unreachable",
      maybeSent: true,
      message: `127.0.0.1:${server.port}: no answer in time`,
    });
  });

  test("sends its body by drops is given up on in time", async () => {
    const server = await serve((_, response) => {
      response.writeHead(200, { "content-type": "application/json" });
      const drop = (): void => {
        if (!response.destroyed) response.write(" ", () => setImmediate(drop));
      };
      drop();
    });

    expect((await fail(server.origin, { deadline: 100 })).message).toContain("no answer in time");
  });

  test("has closed a connection that was kept open is asked on another one", async () => {
    let answered = 0;
    const server = await serveRaw((socket) => {
      socket.on("data", () => {
        if (++answered === 2) socket.destroy();
        else socket.write("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}");
      });
    });
    const [clock, transport] = [new SimulatedClock(), wire()];

    for (const method of ["GET", "POST"])
      expect((await send(server.origin, { method }, clock, transport)).status).toBe(200);
    expect([server.connections(), answered]).toEqual([2, 3]);
  });

  test("talks something else than HTTP is asked twice", async () => {
    const server = await serveRaw((socket) => socket.once("data", () => socket.end("SSH-2.0-OpenSSH_9.6\r\n")));

    expect((await fail(server.origin)).message).toBe(
      `127.0.0.1:${server.port}: what answers there does not speak HTTP`,
    );
    expect(server.connections()).toBe(2);
  });

  test("sends endless headers is asked once", async () => {
    const server = await serveRaw((socket) =>
      socket.once("data", () => socket.end(`HTTP/1.1 200 OK\r\n${`x-pad: ${"x".repeat(1000)}\r\n`.repeat(200)}\r\n`)),
    );

    expect((await fail(server.origin)).message).toContain("its headers are too large");
    expect(server.connections()).toBe(1);
  });

  test("is not there is asked until the deadline", async () => {
    const clock = new SimulatedClock();
    const port = await closedPort();
    const error = await fail(`http://127.0.0.1:${port}/`, { method: "POST", deadline: 60_000 }, clock);

    expect(error).toMatchObject({
      kind: "unreachable",
      maybeSent: false,
      message: `127.0.0.1:${port}: connection refused; is the server up, and the port right?`,
    });
    expect(clock.waits.length).toBeGreaterThan(5);
    expect(clock.now()).toBeLessThanOrEqual(60_000);
  });

  test("has a certificate that nobody trusts is asked once, and gets no request", async () => {
    const server = await serveUntrusted();
    const error = await fail(`${server.origin}/x`, { method: "POST" });

    expect(error.message).toBe(
      `127.0.0.1:${server.port}: its certificate is not trusted (DEPTH_ZERO_SELF_SIGNED_CERT); set NODE_EXTRA_CA_CERTS to the file of your certificate authority`,
    );
    expect([server.connections(), server.requests]).toEqual([1, []]);
  });

  test("has no TLS where the address says so is asked once", async () => {
    const server = await serve((_, response) => ok(response));
    const error = await fail(`https://127.0.0.1:${server.port}/`);

    expect(error.message).toContain("no TLS there (ERR_SSL_");
    expect(error.message).toContain("check the scheme and the port");
    expect(server.requests).toEqual([]);
  });

  test("has TLS where the address says otherwise looks like one that restarts, until the deadline", async () => {
    const server = await serveUntrusted();
    const error = await fail(`http://127.0.0.1:${server.port}/`, { deadline: 30_000 });

    expect(error.message).toContain("check the scheme and the port");
    expect(server.connections()).toBeLessThan(12);
  });
});

describe("what is said of a failure", () => {
  const failing = async (error: Error): Promise<HttpError> => {
    const clock = new SimulatedClock();
    const answer: Answering = () => error;
    return await fail("https://ci.example.com/x", { deadline: 10_000 }, clock, new MemoryServer(clock, answer));
  };

  test.each([
    ["ENOTFOUND", "host not found", false],
    ["EAI_AGAIN", "could not be resolved", false],
    ["ECONNREFUSED", "connection refused", false],
    ["UND_ERR_CONNECT_TIMEOUT", "no connection in time", false],
    ["ECONNRESET", "the connection was closed before an answer came", true],
    ["EPIPE", "the request failed (EPIPE)", true],
    ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "set NODE_EXTRA_CA_CERTS", true],
    ["SELF_SIGNED_CERT_IN_CHAIN", "set NODE_EXTRA_CA_CERTS", true],
    ["CERT_HAS_EXPIRED", "its certificate has expired; it must be renewed on the server", true],
    ["ERR_TLS_CERT_ALTNAME_INVALID", "its certificate is for another name; check the server's address", true],
    ["SOMETHING_NEW", "the request failed (SOMETHING_NEW)", true],
  ])("%s names the host and what to do, and whether it may have arrived", async (code, words, maybeSent) => {
    const error = await failing(failure(code));

    expect(error.message).toMatch(/^ci\.example\.com: /);
    expect(error.message).toContain(words);
    expect(error).toMatchObject({ kind: "unreachable", maybeSent });
  });

  test("never is the foreign words, which may quote a header", async () => {
    const quoting = `invalid header value: "Bearer ${secret}"`;

    expect((await failing(new TypeError(quoting))).message).toBe("ci.example.com: the request failed (TypeError)");
    expect((await failing(new Error(quoting, { cause: failure("EPROTO") }))).message).toBe(
      "ci.example.com: the request failed (EPROTO)",
    );
    expect((await failing(Object.assign(new Error(quoting), { code: "X" }))).message).not.toContain("Bearer");
  });

  test("is our own words as they are", async () => {
    expect((await failing(new TransportError("TOO_LARGE", "the reply is too large"))).message).toBe(
      "ci.example.com: the reply is too large",
    );
  });

  test("holds no header that could not be sent", async () => {
    const server = await serve((_, response) => ok(response));
    const error = await fail(server.origin, {
      authorize: () => Promise.resolve({ authorization: `Bearer ${secret}\nx: y` }),
    });

    expect(error.message).toContain("the request failed");
    expect(server.requests).toEqual([]);
  });
});

describe("a signal", () => {
  test("that came before sends nothing", async () => {
    const server = await serve((_, response) => ok(response));

    expect(await fail(server.origin, { signal: AbortSignal.abort() })).toMatchObject({
      kind: "aborted",
      maybeSent: false,
    });
    expect(server.requests).toEqual([]);
  });

  test("ends a request that is under way", async () => {
    const stop = new AbortController();
    const server = await serve(() => stop.abort());

    expect(await fail(server.origin, { signal: stop.signal })).toMatchObject({ kind: "aborted", maybeSent: true });
    expect(server.requests).toHaveLength(1);
  });

  test("ends a wait between tries", async () => {
    const stop = new AbortController();
    const clock = new SimulatedClock();
    const server = await serve((_, response) => json(response, {}, 429, { "retry-after": "200" }));
    const error = await fail(server.origin, { signal: stop.signal, onRetry: () => stop.abort() }, clock);

    expect(error.kind).toBe("aborted");
    expect(server.requests).toHaveLength(1);
    expect(clock.now()).toBe(0);
  });

  test("an interrupt ends a wait and nothing else", async () => {
    const interrupted = new AbortController();
    const clock = new SimulatedClock();
    const server = await serve(
      inTurn(
        (response) => json(response, {}, 429, { "retry-after": "200" }),
        (response) => json(response, {}, 429, { "retry-after": "200" }),
        ok,
      ),
    );
    const reply = await send(
      server.origin,
      { interrupted: interrupted.signal, onRetry: () => interrupted.abort() },
      clock,
    );

    expect(reply.body).toEqual({ ok: true });
    expect(clock.now()).toBeLessThanOrEqual(1000);
  });
});

test("no time left is said before anything is sent", async () => {
  const server = await serve((_, response) => ok(response));

  expect(await fail(server.origin, { deadline: 0 })).toMatchObject({
    kind: "deadline",
    maybeSent: false,
    message: `127.0.0.1:${server.port}: out of time`,
  });
  expect(server.requests).toEqual([]);
});

test("the vendor's own word for busy is asked again", async () => {
  const server = await serve(inTurn((response) => json(response, { code: "BUSY" }), ok));

  expect((await send(server.origin, { busy: ({ body }) => body.code === "BUSY" })).body).toEqual({ ok: true });
});

test("what proves who we are may refuse in its own words", async () => {
  const server = await serve((_, response) => ok(response));
  const error = await fail(server.origin, {
    authorize: () => Promise.reject(new HttpError("denied", "no token for you", false)),
  });

  expect(error).toMatchObject({ kind: "denied", message: "no token for you" });
  expect(server.requests).toEqual([]);
});
