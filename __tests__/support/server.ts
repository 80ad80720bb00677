/** A server in memory that answers by a function, and remembers what it was sent and when. */
import type { Transport, WireReply, WireRequest } from "../../src/http/transport.ts";
import type { Clock } from "../../src/clock.ts";

export interface Sent {
  readonly at: number;
  readonly method: string;
  readonly host: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  /** How often this method and path was sent before. */
  readonly before: number;
}

export interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Sent as it is. */
  readonly text?: string;
}

/** `hang`: no answer, until the request is given up on. */
export type Answering = (sent: Sent) => Answer | Error | "hang" | Promise<Answer | Error | "hang">;

export class MemoryServer implements Transport {
  readonly sent: Sent[] = [];
  /** When requests that had no answer were given up on. */
  readonly abandoned: number[] = [];
  readonly #clock: Clock;
  readonly #answer: Answering;

  constructor(clock: Clock, answer: Answering) {
    this.#clock = clock;
    this.#answer = answer;
  }

  /** `METHOD /path` of each request, in order. */
  get lines(): string[] {
    return this.sent.map(({ method, path }) => `${method} ${path}`);
  }

  async send({ method, url, headers, body, signal }: WireRequest): Promise<WireReply> {
    const path = url.pathname + url.search;
    const before = this.sent.filter((one) => one.method === method && one.path === path).length;
    const sent = { at: this.#clock.now(), method, host: url.host, path, headers, body, before };
    this.sent.push(sent);
    const given = new Promise<never>((_, reject) => {
      const abandon = (): void => {
        this.abandoned.push(this.#clock.now());
        reject(new DOMException("This operation was aborted", "AbortError"));
      };
      if (signal.aborted) abandon();
      else signal.addEventListener("abort", abandon, { once: true });
    });
    given.catch(() => undefined);
    const answer = await Promise.race([given, Promise.resolve(this.#answer(sent))]);
    if (answer === "hang") return await given;
    if (answer instanceof Error) throw answer;
    const json = answer.body === undefined ? {} : { "content-type": "application/json" };
    return {
      status: answer.status ?? 200,
      headers: { ...json, ...answer.headers },
      text: answer.text ?? (answer.body === undefined ? "" : JSON.stringify(answer.body)),
    };
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** A failure below HTTP, as Node reports it. */
export const failure = (code: string): Error => Object.assign(new Error(`failed: ${code}`), { code });
