/** Reads and plays exchanges: see __tests__/exchanges/README.md. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Transport, TransportError, type WireReply, type WireRequest } from "../../src/http/transport.ts";
import type { Clock } from "../../src/clock.ts";

export const secret = "cAnArY-5ecret-do-not-show";
const folder = join(import.meta.dirname, "../exchanges");

export interface Expectation {
  readonly name: string;
  readonly contains: boolean;
  readonly value: string;
}

export interface Turn {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly again: boolean;
  /** Least simulated time since the request before, in ms. */
  readonly after: number;
  readonly reply:
    { readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly text: string } | "closed";
}

export interface Exchange {
  readonly provider: string;
  readonly file: string;
  readonly title: string;
  readonly inputs: ReadonlyMap<string, string>;
  readonly env: Readonly<Record<string, string>>;
  readonly expectations: readonly Expectation[];
  readonly turns: readonly Turn[];
  readonly text: string;
}

/** All exchanges of all providers, or of one. */
export function exchanges(only?: string): Exchange[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && (only === undefined || entry.name === only))
    .flatMap(({ name: provider }) =>
      readdirSync(join(folder, provider))
        .filter((file) => file.endsWith(".http"))
        .sort()
        .map((file) => parseExchange(provider, file, readFileSync(join(folder, provider, file), "utf8"))),
    );
}

const put = (text: string): string => text.replaceAll("{secret}", secret);

export function parseExchange(provider: string, file: string, text: string): Exchange {
  const [head = "", ...parts] = text.split(/^(?=>>>|<<<)/m);
  const inputs = new Map<string, string>([["provider", provider]]);
  const env: Record<string, string> = {};
  const expectations: Expectation[] = [];
  for (const line of head.split("\n")) {
    const variable = /^with env (\w+): (.*)$/.exec(line);
    const given = /^with ([a-z-]+): (.*)$/.exec(line);
    const expected = /^expect ((?:\d+\.|step\.)?[a-z-]+)( ~)?: (.*)$/.exec(line);
    if (variable) env[variable[1] ?? ""] = put(variable[2] ?? "");
    else if (given) inputs.set(given[1] ?? "", put(given[2] ?? ""));
    else if (expected)
      expectations.push({ name: expected[1] ?? "", contains: expected[2] !== undefined, value: expected[3] ?? "" });
    else if (/^(?:with|expect)\b/.test(line)) throw new Error(`${provider}/${file}: cannot read "${line}"`);
  }
  if (inputs.has("url")) inputs.delete("provider");
  const turns: Turn[] = [];
  for (let at = 0; at < parts.length; at += 2)
    turns.push(readTurn(parts[at] ?? "", parts[at + 1] ?? "", `${provider}/${file}`));
  return { provider, file, title: head.split("\n", 1)[0] ?? "", inputs, env, expectations, turns, text };
}

function readTurn(request: string, reply: string, where: string): Turn {
  const [marker = "", start = "", ...rest] = request.split("\n");
  const [method = "", url = ""] = start.split(" ");
  if (!marker.startsWith(">>>") || !URL.canParse(url) || !reply.startsWith("<<<"))
    throw new Error(`${where}: cannot read the request "${start}"`);
  const [replyMarker = "", statusLine = "", ...replyRest] = reply.split("\n");
  const message = (lines: string[]): { headers: Record<string, string>; body: string } => {
    const gap = lines.indexOf("");
    const headers = Object.fromEntries(
      (gap < 0 ? lines : lines.slice(0, gap))
        .filter(Boolean)
        .map((line) => [
          line.slice(0, line.indexOf(":")).trim().toLowerCase(),
          put(line.slice(line.indexOf(":") + 1).trim()),
        ]),
    );
    return {
      headers,
      body:
        gap < 0
          ? ""
          : put(
              lines
                .slice(gap + 1)
                .join("\n")
                .trim(),
            ),
    };
  };
  const [sent, received] = [message(rest), message(replyRest)];
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(statusLine)?.[1]);
  if (!replyMarker.includes("closed") && !status) throw new Error(`${where}: cannot read the status "${statusLine}"`);
  return {
    method,
    url,
    headers: sent.headers,
    body: sent.body,
    again: marker.includes("again"),
    after: Number(/after (\d+)s/.exec(marker)?.[1] ?? 0) * 1000,
    reply: replyMarker.includes("closed") ? "closed" : { status, headers: received.headers, text: received.body },
  };
}

/** Plays the server's part. `problems` lists what was sent and should not have been, and what was not sent and should have. */
export class ExchangeTransport implements Transport {
  readonly problems: string[] = [];
  readonly #turns: readonly Turn[];
  readonly #clock: Clock;
  #at = 0;
  #timesHere = 0;
  #lastAt = 0;

  constructor(turns: readonly Turn[], clock: Clock) {
    this.#turns = turns;
    this.#clock = clock;
  }

  send(request: WireRequest): Promise<WireReply> {
    const sent = `${request.method} ${request.url.href}`;
    let turn = this.#turns[this.#at];
    if (turn?.again && this.#timesHere > 0 && this.#differences(turn, request).length > 0) {
      this.#next();
      turn = this.#turns[this.#at];
    }
    if (!turn) {
      this.problems.push(`sent, but not written down: ${sent}`);
      return Promise.reject(new TransportError("NOT_WRITTEN_DOWN", "no more exchanges"));
    }
    const wrong = this.#differences(turn, request);
    if (this.#clock.now() - this.#lastAt < turn.after)
      wrong.push(
        `${sent}: sent ${this.#clock.now() - this.#lastAt} ms after the one before, expected at least ${turn.after}`,
      );
    this.problems.push(...wrong);
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

  /** To be asked once, at the end. */
  leftOver(): string[] {
    return this.#turns
      .slice(this.#turns[this.#at]?.again && this.#timesHere > 0 ? this.#at + 1 : this.#at)
      .map((turn) => `written down, but not sent: ${turn.method} ${turn.url}`);
  }

  #next(): void {
    this.#at++;
    this.#timesHere = 0;
  }

  #differences(turn: Turn, request: WireRequest): string[] {
    const sent = `${request.method} ${request.url.href}`;
    const wrong: string[] = [];
    if (sent !== `${turn.method} ${turn.url}`) return [`sent ${sent}, expected ${turn.method} ${turn.url}`];
    for (const [name, value] of Object.entries(turn.headers)) {
      const pattern = new RegExp(
        `^${value
          .split("{any}")
          .map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"))
          .join(".+")}$`,
      );
      if (!pattern.test(request.headers[name] ?? ""))
        wrong.push(`${sent}: header ${name} is "${request.headers[name] ?? "(none)"}", expected "${value}"`);
    }
    for (const [name, value] of Object.entries(request.headers))
      if (value.includes(secret) && turn.headers[name] === undefined)
        wrong.push(`${sent}: the secret is in header ${name}`);
    if (turn.url.includes(secret) || request.url.href.includes(secret))
      wrong.push(`${sent}: the secret is in the address`);
    if (!same(turn.body, request.body ?? ""))
      wrong.push(`${sent}: the body is ${request.body ?? "(none)"}, expected ${turn.body || "(none)"}`);
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
