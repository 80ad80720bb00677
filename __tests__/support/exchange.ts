/** Reads and plays exchanges: see __tests__/exchanges/README.md. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Transport, TransportError, type WireReply, type WireRequest } from "../../src/http/transport.ts";
import type { Clock } from "../../src/clock.ts";

export const secret = "cAnArY-5ecret-do-not-show";
const root = join(import.meta.dirname, "../..");
const folder = join(root, "__tests__/exchanges");

/** What is wrong with an exchange or with what was sent, and the line of the file that says how it should be. */
export interface Problem {
  readonly line: number;
  readonly text: string;
}

/** A file as it is, not read yet: what is wrong in one file must not keep the others from being played. */
export interface ExchangeFile {
  readonly provider: string;
  /** From the root of the repository. */
  readonly path: string;
  readonly file: string;
  readonly title: string;
  readonly text: string;
}

export interface Expectation {
  readonly line: number;
  readonly name: string;
  readonly contains: boolean;
  readonly value: string;
}

interface Message {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Where each header stands. */
  readonly headerLines: Readonly<Record<string, number>>;
}

export interface Turn extends Message {
  readonly line: number;
  readonly method: string;
  readonly url: string;
  readonly again: boolean;
  /** Least simulated time since the request before, in ms. */
  readonly after: number;
  readonly reply:
    { readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly text: string } | "closed";
}

export interface Exchange {
  readonly inputs: ReadonlyMap<string, string>;
  readonly env: Readonly<Record<string, string>>;
  /** Files of the job, by path. */
  readonly files: Readonly<Record<string, string>>;
  readonly expectations: readonly Expectation[];
  readonly turns: readonly Turn[];
}

/** All exchanges of all providers. */
export function exchangeFiles(): ExchangeFile[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name: provider }) =>
      readdirSync(join(folder, provider))
        .filter((file) => file.endsWith(".http"))
        .sort()
        .map((file) => {
          const text = readFileSync(join(folder, provider, file), "utf8");
          const path = `__tests__/exchanges/${provider}/${file}`;
          return { provider, path, file, title: text.split("\n", 1)[0] ?? "", text };
        }),
    );
}

const put = (text: string): string => text.replaceAll("{secret}", secret);

/** A line and its number in the file. */
interface Line {
  readonly number: number;
  readonly text: string;
}

/** Throws at what the format does not know: a line that nobody reads is a claim that nobody checks. */
export function parseExchange(of: ExchangeFile): Exchange {
  const lines = of.text.split("\n").map((text, index) => ({ number: index + 1, text }));
  const starts = lines.flatMap(({ text }, index) => (/^(?:>>>|<<<)/.test(text) ? [index] : []));
  const parts = starts.map((start, at) => lines.slice(start, starts[at + 1]));
  const head = readHead(of, lines.slice(0, starts[0]));
  const turns: Turn[] = [];
  for (let at = 0; at < parts.length; at += 2) turns.push(readTurn(of, parts[at]!, parts[at + 1]));
  return { ...head, turns };
}

function readHead(of: ExchangeFile, [, ...lines]: readonly Line[]): Omit<Exchange, "turns"> {
  const inputs = new Map<string, string>([["provider", of.provider]]);
  const env: Record<string, string> = {};
  const files: Record<string, string> = {};
  const expectations: Expectation[] = [];
  let documents = 0;
  for (const { number: line, text } of lines) {
    const [, variable, content = ""] = /^with env (\w+): (.*)$/.exec(text) ?? [];
    const [, path, lines = ""] = /^with file (\S+): (.*)$/.exec(text) ?? [];
    const [, input, value = ""] = /^with ([a-z-]+): (.*)$/.exec(text) ?? [];
    const expected = /^expect ((?:\d+\.|step\.)?[a-z-]+)( ~)?: (.*)$/.exec(text);
    if (/^https:\/\/\S+$/.test(text)) documents++;
    else if (variable !== undefined) env[variable] = put(content);
    else if (path !== undefined) files[path] = put(lines);
    else if (input !== undefined) inputs.set(input, put(value));
    else if (expected)
      expectations.push({ line, name: expected[1]!, contains: expected[2] !== undefined, value: expected[3]! });
    else if (text !== "" && !text.startsWith("unverified: ")) fail(of, line, `cannot read "${text}"`);
  }
  if (documents === 0) fail(of, 2, "no address of the vendor's document, which belongs below the first line");
  if (inputs.has("url")) inputs.delete("provider");
  return { inputs, env, files, expectations };
}

function readTurn(of: ExchangeFile, request: readonly Line[], reply: readonly Line[] | undefined): Turn {
  const [marker, start, ...rest] = request;
  const sent = /^>>>( again)?(?: after (\d+)s)?$/.exec(marker!.text);
  if (!sent) return fail(of, marker!.number, `"${marker!.text}" where a request should start (>>>)`);
  const [, method, url] = /^([A-Z]+) (\S+)$/.exec(start?.text ?? "") ?? [];
  if (method === undefined || url === undefined || !URL.canParse(url))
    return fail(of, start?.number ?? marker!.number, `cannot read the request "${start?.text ?? ""}"`);
  if (reply?.[0] === undefined) return fail(of, marker!.number, "the request has no reply");
  return {
    ...readMessage(of, rest),
    line: start!.number,
    method,
    url,
    again: sent[1] !== undefined,
    after: Number(sent[2] ?? 0) * 1000,
    reply: readReply(of, reply),
  };
}

function readReply(of: ExchangeFile, [marker, start, ...rest]: readonly Line[]): Turn["reply"] {
  if (marker!.text === "<<< closed") {
    const stray = [start, ...rest].find((line) => line !== undefined && line.text !== "");
    return stray ? fail(of, stray.number, `"${stray.text}" after a connection that closes`) : "closed";
  }
  if (marker!.text !== "<<<") return fail(of, marker!.number, `"${marker!.text}" where a reply should start (<<<)`);
  const status = /^HTTP\/1\.1 (\d{3})(?: |$)/.exec(start?.text ?? "")?.[1];
  if (status === undefined)
    return fail(of, start?.number ?? marker!.number, `cannot read the status "${start?.text ?? ""}"`);
  const { headers, body } = readMessage(of, rest);
  return { status: Number(status), headers, text: body };
}

function readMessage(of: ExchangeFile, lines: readonly Line[]): Message {
  const gap = lines.findIndex(({ text }) => text === "");
  const headers: Record<string, string> = {};
  const headerLines: Record<string, number> = {};
  for (const { number, text } of gap < 0 ? lines : lines.slice(0, gap)) {
    const [, name, value = ""] = /^([A-Za-z0-9-]+):(.*)$/.exec(text) ?? [];
    if (name === undefined) return fail(of, number, `cannot read the header "${text}"`);
    headers[name.toLowerCase()] = put(value.trim());
    headerLines[name.toLowerCase()] = number;
  }
  const body = gap < 0 ? [] : lines.slice(gap + 1).map(({ text }) => text);
  return { headers, headerLines, body: put(body.join("\n").trim()) };
}

/** Fails the test with the lines of the exchange, and shows the first of them. */
export class ExchangeError extends Error {
  constructor({ path }: ExchangeFile, problems: readonly Problem[], said: readonly string[] = []) {
    super([...problems.map(({ line, text }) => `${path}:${line}: ${text}`), ...said].join("\n"));
    // Jest shows the code around the first place of a stack.
    this.stack = `Error: ${this.message}\n    at exchange (${join(root, path)}:${problems[0]?.line ?? 1}:1)`;
  }
}

function fail(of: ExchangeFile, line: number, text: string): never {
  throw new ExchangeError(of, [{ line, text }]);
}

/** Plays the server's part. `problems` lists what was sent and should not have been, and what was not sent and should have. */
export class ExchangeTransport implements Transport {
  readonly #problems = new Map<string, Problem>();
  readonly #turns: readonly Turn[];
  readonly #clock: Clock;
  #at = 0;
  #timesHere = 0;
  #lastAt = 0;
  /** Another request was sent than the one written down: what follows says nothing more. */
  #astray = false;

  constructor(turns: readonly Turn[], clock: Clock) {
    this.#turns = turns;
    this.#clock = clock;
  }

  /** To be asked at the end. */
  get problems(): Problem[] {
    if (this.#astray) return [...this.#problems.values()];
    const left = this.#turns.slice(this.#turns[this.#at]?.again && this.#timesHere > 0 ? this.#at + 1 : this.#at);
    return [
      ...this.#problems.values(),
      ...left.map(({ line, method, url }) => ({ line, text: `written down, but not sent: ${method} ${url}` })),
    ];
  }

  send(request: WireRequest): Promise<WireReply> {
    const sent = `${request.method} ${request.url.href}`;
    if (this.#astray) return Promise.reject(new TransportError("NOT_WRITTEN_DOWN", "not written down"));
    let turn = this.#turns[this.#at];
    const after = this.#turns[this.#at + 1];
    if (turn?.again && this.#timesHere > 0 && this.#differences(turn, request).length > 0) {
      if (`${turn.method} ${turn.url}` !== sent || (after && `${after.method} ${after.url}` === sent)) {
        this.#next();
        turn = after;
      }
    }
    if (`${turn?.method ?? ""} ${turn?.url ?? ""}` !== sent) {
      this.#astray = true;
      if (turn) this.#add({ line: turn.line, text: `sent ${sent}, expected ${turn.method} ${turn.url}` });
      else this.#add({ line: this.#turns.at(-1)?.line ?? 1, text: `sent after the last request: ${sent}` });
      return Promise.reject(new TransportError("NOT_WRITTEN_DOWN", "not written down"));
    }
    turn = turn!;
    for (const problem of this.#differences(turn, request)) this.#add(problem);
    const waited = this.#clock.now() - this.#lastAt;
    if (waited < turn.after)
      this.#add({ line: turn.line - 1, text: `sent after ${waited} ms, expected at least ${turn.after}: ${sent}` });
    this.#lastAt = this.#clock.now();
    if (turn.again) this.#timesHere++;
    else this.#next();
    if (turn.reply === "closed") return Promise.reject(Object.assign(new Error("closed"), { code: "UND_ERR_SOCKET" }));
    const epoch = Math.floor(this.#clock.date().getTime() / 1000);
    const headers = Object.fromEntries(
      Object.entries(turn.reply.headers).map(([name, value]) => [
        name,
        value.replace(/\{now\+(\d+)\}/g, (_, plus: string) => `${epoch + Number(plus)}`),
      ]),
    );
    return Promise.resolve({ status: turn.reply.status, headers, text: turn.reply.text });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #next(): void {
    this.#at++;
    this.#timesHere = 0;
  }

  /** Once, however often the same request is repeated. */
  #add(problem: Problem): void {
    this.#problems.set(`${problem.line} ${problem.text}`, problem);
  }

  #differences(turn: Turn, request: WireRequest): Problem[] {
    const sent = `${request.method} ${request.url.href}`;
    if (sent !== `${turn.method} ${turn.url}`) return [{ line: turn.line, text: `sent ${sent}` }];
    const wrong: Problem[] = [];
    for (const [name, value] of Object.entries(turn.headers)) {
      const pattern = new RegExp(
        `^${value
          .split("{any}")
          .map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"))
          .join(".+")}$`,
      );
      if (!pattern.test(request.headers[name] ?? ""))
        wrong.push({
          line: turn.headerLines[name]!,
          text: `header ${name} is "${request.headers[name] ?? "(none)"}", expected "${value}"`,
        });
    }
    for (const [name, value] of Object.entries(request.headers))
      if (value.includes(secret) && turn.headers[name] === undefined)
        wrong.push({ line: turn.line, text: `the secret is in header ${name}` });
    if (turn.url.includes(secret) || request.url.href.includes(secret))
      wrong.push({ line: turn.line, text: "the secret is in the address" });
    if (!same(turn.body, request.body ?? ""))
      wrong.push({
        line: turn.line,
        text: `the body is ${request.body ?? "(none)"}, expected ${turn.body || "(none)"}`,
      });
    return wrong;
  }
}

function same(expected: string, sent: string): boolean {
  if (expected === "" || sent === "") return expected === sent;
  try {
    return stable(JSON.parse(expected)) === stable(JSON.parse(sent));
  } catch {
    return expected === sent;
  }
}

const stable = (value: unknown): string =>
  JSON.stringify(value, (_, item: unknown) =>
    item !== null && typeof item === "object" && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
      : item,
  );
