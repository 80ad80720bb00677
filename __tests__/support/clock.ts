import type { Clock } from "../../src/clock.ts";

interface Sleeper {
  readonly at: number;
  readonly wake: () => void;
}

/** Time that passes only when somebody sleeps. */
export class SimulatedClock implements Clock {
  #now = 0;
  readonly #start: number;
  readonly #sleepers: Sleeper[] = [];
  #scheduled = false;
  /** Every wait that was asked for, in ms. */
  readonly waits: number[] = [];

  constructor(start = "2026-01-02T03:04:05Z") {
    this.#start = Date.parse(start);
  }

  now(): number {
    return this.#now;
  }

  date(): Date {
    return new Date(this.#start + this.#now);
  }

  /** The middle, so that jitter is the same in every run. */
  random(): number {
    return 0.5;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    this.waits.push(ms);
    return new Promise((resolve) => {
      if (signal?.aborted || ms <= 0) {
        resolve();
        return;
      }
      const sleeper: Sleeper = {
        at: this.#now + ms,
        wake: (): void => {
          signal?.removeEventListener("abort", sleeper.wake);
          const index = this.#sleepers.indexOf(sleeper);
          if (index >= 0) this.#sleepers.splice(index, 1);
          resolve();
        },
      };
      this.#sleepers.push(sleeper);
      signal?.addEventListener("abort", sleeper.wake);
      this.#schedule();
    });
  }

  /** Wakes the earliest sleeper once nothing else is left to do. */
  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      const next = this.#sleepers.reduce<Sleeper | undefined>((a, b) => (a && a.at <= b.at ? a : b), undefined);
      if (!next) return;
      this.#now = Math.max(this.#now, next.at);
      next.wake();
      if (this.#sleepers.length > 0) this.#schedule();
    });
  }
}
