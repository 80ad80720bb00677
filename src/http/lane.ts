/** One server's lane: at most so many requests at a time, and a least time between those that change something. */
import type { Clock } from "../clock.ts";

/** Requests under way at one server. */
export const lanes = 16;

export class Lane {
  readonly #clock: Clock;
  readonly #spacing: number;
  readonly #waiting: (() => void)[] = [];
  #busy = 0;
  #nextChange = -Infinity;

  constructor(clock: Clock, spacing = 0) {
    this.#clock = clock;
    this.#spacing = spacing;
  }

  /**
   * Runs `work` when its turn comes, or at the deadline. `changes`: it changes something at the server.
   * `before` comes first, when the turn has come, and takes no place of its own: it may use this lane.
   */
  async run<T>(
    changes: boolean,
    work: () => Promise<T>,
    signal?: AbortSignal,
    deadline = Infinity,
    before?: () => Promise<void>,
  ): Promise<T> {
    if (changes && this.#spacing > 0) {
      const now = this.#clock.now();
      const turn = Math.max(now, this.#nextChange);
      this.#nextChange = turn + this.#spacing;
      await this.#clock.sleep(Math.min(turn, deadline) - now, signal);
    }
    await before?.();
    if (this.#busy >= lanes) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#busy++;
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#busy--;
    }
  }
}
