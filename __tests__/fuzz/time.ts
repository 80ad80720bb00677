/** Time that passes only while everybody waits, for who is handed the clock and for who calls `setTimeout`. */
import type { Clock } from "../../src/clock.ts";
import type { Chance } from "./chance.ts";

interface Waiting {
  readonly at: number;
  /** Of two that are due at the same time, the one that asked first. */
  readonly turn: number;
  wake: (() => void) | undefined;
}

/** What every clock shows when a story begins. */
export const start = Date.parse("2026-01-02T03:04:05Z");

export class SimulatedTime implements Clock {
  #now = 0;
  #turn = 0;
  #ticking = false;
  readonly #heap: Waiting[] = [];
  readonly #chance: Chance;

  constructor(chance: Chance) {
    this.#chance = chance;
  }

  now(): number {
    return this.#now;
  }

  date(): Date {
    return new Date(start + this.#now);
  }

  random(): number {
    return this.#chance.next();
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted || ms <= 0) {
        resolve();
        return;
      }
      const timer = this.after(ms, () => {
        signal?.removeEventListener("abort", give);
        resolve();
      });
      const give = (): void => {
        timer.wake = undefined;
        resolve();
      };
      signal?.addEventListener("abort", give, { once: true });
    });
  }

  after(ms: number, wake: () => void): Waiting {
    const one: Waiting = { at: this.#now + Math.max(0, ms), turn: this.#turn++, wake };
    push(this.#heap, one);
    this.#tick();
    return one;
  }

  /** Runs `work` with the timers of this time as the global ones. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    const { setTimeout: set, clearTimeout: clear } = globalThis;
    globalThis.setTimeout = ((callback: (...given: unknown[]) => void, ms = 0, ...given: unknown[]) =>
      this.after(ms, () => callback(...given))) as unknown as typeof set;
    globalThis.clearTimeout = (timer: unknown) => {
      if (typeof timer === "object" && timer !== null && "wake" in timer) timer.wake = undefined;
    };
    try {
      return await work();
    } finally {
      globalThis.setTimeout = set;
      globalThis.clearTimeout = clear;
    }
  }

  #tick(): void {
    if (this.#ticking) return;
    this.#ticking = true;
    setImmediate(() => {
      this.#ticking = false;
      let next = pop(this.#heap);
      while (next && !next.wake) next = pop(this.#heap);
      if (!next) return;
      this.#now = Math.max(this.#now, next.at);
      next.wake!();
      if (this.#heap.length > 0) this.#tick();
    });
  }
}

const isBefore = (one: Waiting, other: Waiting): boolean =>
  one.at < other.at || (one.at === other.at && one.turn < other.turn);

function push(heap: Waiting[], one: Waiting): void {
  let at = heap.push(one) - 1;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if (!isBefore(one, heap[parent]!)) break;
    heap[at] = heap[parent]!;
    at = parent;
  }
  heap[at] = one;
}

function pop(heap: Waiting[]): Waiting | undefined {
  const [first] = heap;
  const last = heap.pop();
  if (first === undefined || last === undefined || heap.length === 0) return first;
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++;
    if (!isBefore(heap[child]!, last)) break;
    heap[at] = heap[child]!;
    at = child;
  }
  heap[at] = last;
  return first;
}
