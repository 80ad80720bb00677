/** One server's lane: at most so many requests at a time, and a least time between those that change something. */
import type { Clock } from "../clock.ts";

/** Requests under way at one server. */
export const maxRequests = 16;

export class Lane {
  readonly #clock: Clock;
  readonly #spacing: number;
  readonly #waiting: (() => void)[] = [];
  readonly #changesWaiting: (() => void)[] = [];
  #busy = 0;
  #nextChange = -Infinity;

  constructor(clock: Clock, spacing = 0) {
    this.#clock = clock;
    this.#spacing = spacing;
  }

  /** Resolves when one change may be sent, at the deadline at the latest. A turn that nobody uses goes by. */
  async turn(deadline = Infinity, signal?: AbortSignal): Promise<void> {
    if (this.#spacing === 0) return;
    const now = this.#clock.now();
    const turn = Math.max(now, this.#nextChange);
    this.#nextChange = turn + this.#spacing;
    await this.#clock.sleep(Math.min(turn, deadline) - now, signal);
  }

  /** Runs `work` when there is a place for it. A change goes before what reads: the look that it follows grows old. */
  async run<T>(work: () => Promise<T>, changes = false): Promise<T> {
    const waiting = changes ? this.#changesWaiting : this.#waiting;
    if (this.#busy >= maxRequests) await new Promise<void>((resolve) => waiting.push(resolve));
    else this.#busy++;
    try {
      return await work();
    } finally {
      const next = this.#changesWaiting.shift() ?? this.#waiting.shift();
      if (next) next();
      else this.#busy--;
    }
  }
}
