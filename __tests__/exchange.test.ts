/** The format of the exchanges: what is wrong with one is said, with the line of its file. */
import { expect, test } from "@jest/globals";
import { SimulatedClock } from "./support/clock.ts";
import { type ExchangeFile, ExchangeTransport, parseExchange } from "./support/exchange.ts";

const sound = `A running run is cancelled.
https://acme.example/docs#cancel

with run-id: 7
expect outcome: cancelled

>>>
GET https://acme.example/runs/7
authorization: Bearer {secret}

<<<
HTTP/1.1 200 OK
content-type: application/json

{"state": "running"}

>>> again after 2s
GET https://acme.example/runs/8

<<< closed
`;

const file = (text: string): ExchangeFile => ({
  provider: "acme",
  path: "__tests__/exchanges/acme/run-cancelled.http",
  file: "run-cancelled.http",
  title: "A running run is cancelled.",
  text,
});

test("a sound exchange is read whole", () => {
  const { inputs, expectations, turns } = parseExchange(file(sound));

  expect([...inputs]).toEqual([
    ["provider", "acme"],
    ["run-id", "7"],
  ]);
  expect(expectations).toEqual([{ line: 5, name: "outcome", contains: false, value: "cancelled" }]);
  expect(turns).toMatchObject([
    { line: 8, method: "GET", again: false, after: 0, reply: { status: 200, text: '{"state": "running"}' } },
    { line: 18, again: true, after: 2000, reply: "closed" },
  ]);
});

test.each([
  ["no document", "https://acme.example/docs#cancel\n", "", "2: no address of the vendor's document"],
  ["only what no document states", "https://acme.example/docs#cancel", "unverified: all of it", "2: no address"],
  ["a remark", "with run-id: 7", "with run-id: 7\nThe id is a number.", '5: cannot read "The id is a number."'],
  [
    "text behind an address",
    "#cancel",
    "#cancel and more",
    '2: cannot read "https://acme.example/docs#cancel and more"',
  ],
  ["a misspelled word", "expect outcome", "expects outcome", '5: cannot read "expects outcome: cancelled"'],
  ["an unknown mark", ">>> again after 2s", ">>> once more", '17: ">>> once more" where a request should start'],
  ["two requests in a row", "<<<\nHTTP/1.1 200 OK", ">>>\nGET https://acme.example/", '11: ">>>" where a reply'],
  ["a header without its colon", "content-type: ", "content-type ", '13: cannot read the header "content-type app'],
  [
    "a request without a method",
    "GET https://acme.example/runs/7",
    "https://acme.example/runs/7",
    "8: cannot read the",
  ],
  ["a status that is none", "HTTP/1.1 200 OK", "200 OK", '12: cannot read the status "200 OK"'],
  [
    "a reply on a connection that closes",
    "<<< closed\n",
    "<<< closed\nHTTP/1.1 200 OK\n",
    '21: "HTTP/1.1 200 OK" after',
  ],
  ["no reply at all", "\n<<< closed\n", "", "17: the request has no reply"],
])("%s fails, with its line", (_, from, to, message) => {
  expect(sound).toContain(from);

  expect(() => parseExchange(file(sound.replace(from, to)))).toThrow(
    `__tests__/exchanges/acme/run-cancelled.http:${message}`,
  );
});

test("a step that asks for something else fails once, at the line of what is expected", async () => {
  const transport = new ExchangeTransport(parseExchange(file(sound)).turns, new SimulatedClock());
  for (let times = 0; times < 20; times++) await ask(transport, "GET", "https://acme.example/runs/9");

  expect(transport.problems).toEqual([
    { line: 8, text: "sent GET https://acme.example/runs/9, expected GET https://acme.example/runs/7" },
  ]);
});

test("what is wrong with a repeated request is said once, and a header at its own line", async () => {
  const text = sound.replace(">>>\n", ">>> again\n");
  const transport = new ExchangeTransport(parseExchange(file(text)).turns, new SimulatedClock());
  for (let times = 0; times < 20; times++) await ask(transport, "GET", "https://acme.example/runs/7");

  expect(transport.problems).toEqual([
    {
      line: 9,
      text: 'header authorization is "(none)", expected "Bearer cAnArY-5ecret-do-not-show"',
    },
    { line: 18, text: "written down, but not sent: GET https://acme.example/runs/8" },
  ]);
});

async function ask(
  transport: ExchangeTransport,
  method: string,
  url: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<void> {
  const request = { method, url: new URL(url), headers, body: undefined, signal: new AbortController().signal };
  await transport.send(request as Parameters<ExchangeTransport["send"]>[0]).catch(() => undefined);
}
