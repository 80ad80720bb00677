/** One server's lane: how many requests may be under way, what may be asked of it in a while, and when nothing may be asked at all. */
import type { Clock } from "../clock.ts";
import type { Budget } from "../provider.ts";

/** Requests under way at one server. */
export const maxRequests = 16;

/**
 * Who goes first where there is not room for all: what is under way, and keeps its place until it is done; what belongs to a cancel
 * whose turn has come; who waits for such a turn; looks that may lead to a cancel; and last those at runs that have been asked to stop.
 */
const ranks = ["under-way", "due", "turn", "look", "watch"] as const;
export type Rank = (typeof ranks)[number];

export interface Waiting {
  /** It changes something. */
  readonly changes?: boolean;
  readonly rank?: Rank;
  /** Monotonic time at which waiting ends; also at once, if the server asks for more time than that. */
  readonly deadline?: number;
  /** Waiting ends when it fires. */
  readonly signal?: AbortSignal | undefined;
}

interface Waiter {
  readonly cost: number;
  /** It is a request, which takes a place among those under way. */
  readonly takesPlace: boolean;
  readonly kind: "request" | "change" | "turn";
  readonly deadline: number;
  readonly signal: AbortSignal | undefined;
  readonly start: () => void;
}

/** What is left of a limit that the server itself counts. */
export interface Quota {
  readonly remaining: number;
  /** Monotonic time at which it is whole again. */
  readonly resetsAt: number;
}

/** What is kept for a change whose turn has come and that is not sent is free again after so many ms. */
const turnLasts = 10_000;

export class Lane {
  readonly #clock: Clock;
  readonly #budget: Budget | undefined;
  readonly #queues: Readonly<Record<Rank, Waiter[]>> = {
    "under-way": [],
    due: [],
    turn: [],
    look: [],
    watch: [],
  };
  readonly #signals = new WeakSet<AbortSignal>();
  #busy = 0;
  /** Half of what a window may have is there at once, and the other half comes back in the time of a window: so no window gets more. */
  #points: number;
  #countedAt = 0;
  /** When each of the turns that have been given and not used ends. */
  #turns: number[] = [];
  #heldUntil = -Infinity;
  #alarm: { readonly at: number; readonly off: AbortController } | undefined;
  #quota: Quota | undefined;

  constructor(clock: Clock, budget?: Budget) {
    this.#clock = clock;
    this.#budget = budget;
    this.#points = this.#burst;
  }

  /** Resolves when one change may be sent, at the deadline at the latest. A turn that nobody uses goes by. */
  async turn(waiting: Omit<Waiting, "rank" | "changes"> = {}): Promise<void> {
    await new Promise<void>((start) => {
      this.#add({ ...this.#waiter({ ...waiting, changes: true }, start), kind: "turn" }, "turn");
    });
  }

  /** Runs `work` when there is room for it. */
  async run<T>(work: () => Promise<T>, waiting: Waiting = {}): Promise<T> {
    await new Promise<void>((start) => {
      this.#add({ ...this.#waiter(waiting, start), takesPlace: true }, waiting.rank ?? "look");
    });
    try {
      return await work();
    } finally {
      this.#busy--;
      this.#dispatch();
    }
  }

  /** Resolves when what is under way already may send one more request. */
  async again(waiting: Waiting = {}): Promise<void> {
    await new Promise<void>((start) => {
      // The turn, if it had one, was for the first.
      this.#add({ ...this.#waiter(waiting, start), kind: "request" }, "under-way");
    });
  }

  /** The server has asked for so many ms without requests: nobody need hear it twice. */
  hold(ms: number): void {
    this.#heldUntil = Math.max(this.#heldUntil, this.#clock.now() + ms);
  }

  /** Until when nothing may be asked. */
  get heldUntil(): number {
    return this.#heldUntil;
  }

  /** What the server last said to be left of its limit; undefined where it did not, or the limit has been reset since. */
  get quota(): Quota | undefined {
    return this.#quota && this.#quota.resetsAt > this.#clock.now() ? this.#quota : undefined;
  }

  set quota(quota: Quota | undefined) {
    this.#quota = quota;
  }

  get #burst(): number {
    return (this.#budget?.points ?? 0) / 2;
  }

  /** Points per ms. */
  get #refill(): number {
    return this.#burst / ((this.#budget?.seconds ?? 1) * 1000);
  }

  #cost(changes: boolean): number {
    return changes ? (this.#budget?.change ?? 1) : 1;
  }

  #waiter({ changes = false, deadline = Infinity, signal }: Waiting, start: () => void): Waiter {
    return {
      cost: this.#cost(changes),
      takesPlace: false,
      kind: changes ? "change" : "request",
      deadline,
      signal,
      start,
    };
  }

  #add(waiter: Waiter, rank: Rank): void {
    const { signal } = waiter;
    this.#queues[rank].push(waiter);
    this.#dispatch();
    if (signal === undefined || signal.aborted || this.#signals.has(signal)) return;
    this.#signals.add(signal);
    signal.addEventListener("abort", () => this.#hurry(), { once: true });
  }

  /** Those who wait no longer come first. */
  #hurry(): void {
    const order = ({ signal }: Waiter): number => (signal?.aborted ? 0 : 1);
    for (const queue of Object.values(this.#queues)) queue.sort((one, other) => order(one) - order(other));
    this.#dispatch();
  }

  #dispatch(): void {
    this.#count();
    const now = this.#clock.now();
    let opensAt = Infinity;
    for (const rank of ranks) {
      const queue = this.#queues[rank];
      for (let first = queue[0]; first !== undefined; first = queue[0]) {
        if (first.takesPlace && this.#busy >= maxRequests) break;
        // Who comes later and costs less does not go first: it would go on like that.
        const isBehind = opensAt < Infinity;
        const at = this.#waitsNoLonger(first, now) ? now : isBehind ? Infinity : this.#opensAt(first, rank, now);
        if (at > now) {
          opensAt = Math.min(opensAt, at);
          break;
        }
        queue.shift();
        this.#admit(first);
      }
    }
    this.#wakeAt(opensAt);
  }

  #admit({ cost, takesPlace, kind, start }: Waiter): void {
    if (kind === "turn") this.#turns.push(this.#clock.now() + turnLasts);
    else this.#points -= cost;
    if (kind === "change") this.#turns.shift();
    if (takesPlace) this.#busy++;
    start();
  }

  #waitsNoLonger({ signal, deadline }: Waiter, now: number): boolean {
    return signal?.aborted === true || deadline <= Math.max(now, this.#heldUntil);
  }

  /** When it may be admitted, as far as can be told by now. */
  #opensAt({ cost, deadline }: Waiter, rank: Rank, now: number): number {
    if (this.#heldUntil > now) return Math.min(this.#heldUntil, deadline);
    if (this.#budget === undefined) return now;
    const kept = rank === "under-way" || rank === "due" ? 0 : this.#turns.length * this.#cost(true);
    const missing = cost + kept - this.#points;
    if (missing <= 0) return now;
    const refilled = now + missing / this.#refill;
    return Math.min(refilled, deadline, kept > 0 ? this.#turns[0]! : Infinity);
  }

  #count(): void {
    const now = this.#clock.now();
    this.#points = Math.min(this.#burst, this.#points + (now - this.#countedAt) * this.#refill);
    this.#countedAt = now;
    while (this.#turns.length > 0 && this.#turns[0]! <= now) this.#turns.shift();
  }

  #wakeAt(at: number): void {
    if (this.#alarm?.at === at) return;
    this.#alarm?.off.abort();
    this.#alarm = undefined;
    if (at === Infinity) return;
    const off = new AbortController();
    this.#alarm = { at, off };
    // Whole milliseconds: a fraction may be too little for the time to change.
    void this.#clock.sleep(Math.ceil(at - this.#clock.now()), off.signal).then(() => {
      if (off.signal.aborted) return;
      this.#alarm = undefined;
      this.#dispatch();
    });
  }
}
