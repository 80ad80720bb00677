/** All runs of a step at work: every cancel of a server first, then the watching; a server that hangs holds nobody up. */
import type { Json } from "../provider.ts";
import { duration } from "../text.ts";
import { type Run, runKey } from "./locate.ts";
import type { Session } from "./session.ts";
import { Stop, type Tools } from "./stop.ts";

export interface CrewOptions {
  readonly tools: Tools;
  readonly sessionOf: (run: Run) => Session;
  /** This step is part of the run. */
  readonly isSelf: (run: Run) => boolean;
  readonly progress: (line: string) => void;
  /** Something is known that was not before; `now`: it must be written before the crew goes on. */
  readonly onNews: (now: boolean) => Promise<void>;
}

/** Opens once, when all who have entered have left. */
interface Gate {
  entered: number;
  readonly open: Promise<void>;
  readonly leave: () => void;
}

export class Crew {
  readonly #options: CrewOptions;
  readonly #stops = new Map<string, Stop>();
  readonly #gates = new Map<string, Gate>();
  readonly #lives: Promise<void>[] = [];

  constructor(options: CrewOptions) {
    this.#options = options;
  }

  get stops(): readonly Stop[] {
    return [...this.#stops.values()];
  }

  /** Takes a run on, once. */
  add(run: Run, unwanted?: (body: Json) => string | undefined): void {
    const key = runKey(run);
    if (this.#stops.has(key)) return;
    const { tools, sessionOf, isSelf } = this.#options;
    const stop = new Stop(run, sessionOf(run), tools, {
      isSelf: isSelf(run),
      ...(unwanted && { unwanted }),
      ...(tools.settings.downstream && {
        onStarted: (child: Run) => {
          this.add(child);
        },
      }),
    });
    this.#stops.set(key, stop);
    if (!this.#isLast(stop)) this.#lives.push(this.#live(stop));
  }

  /** Until every run has its outcome. */
  async work(): Promise<void> {
    while (this.#lives.length > 0) await Promise.all(this.#lives.splice(0));
    for (const stop of this.stops.filter((one) => this.#isLast(one))) {
      // The call may end this process: outputs first, and then hold, so that no later step of a cancelled job runs.
      await this.#options.onNews(true);
      await this.#finish(stop, () => stop.ask());
      await this.#finish(stop, () => stop.watch());
    }
  }

  /** Our own run, if it may be cancelled, comes after all others. */
  #isLast(stop: Stop): boolean {
    return stop.isSelf && this.#options.tools.settings.self;
  }

  async #live(stop: Stop): Promise<void> {
    const gate = this.#gate(new URL(stop.run.place.api).origin);
    gate.entered++;
    try {
      await this.#finish(stop, () => stop.ask());
    } finally {
      gate.leave();
    }
    await gate.open;
    await this.#finish(stop, () => stop.watch());
  }

  #gate(origin: string): Gate {
    const known = this.#gates.get(origin);
    if (known) return known;
    let opened: () => void;
    const open = new Promise<void>((resolve) => (opened = resolve));
    const gate: Gate = {
      entered: 0,
      open,
      leave: () => {
        gate.entered--;
        if (gate.entered === 0) void this.#options.onNews(true).then(opened);
      },
    };
    this.#gates.set(origin, gate);
    return gate;
  }

  async #finish(stop: Stop, work: () => Promise<void>): Promise<void> {
    if (stop.outcome !== undefined) return;
    await work();
    if (stop.outcome === undefined) return;
    const { tools, progress, onNews } = this.#options;
    const { outcome, detail, seconds } = stop.record();
    tools.say(`${stop.label}: ${outcome}${detail ? `: ${detail}` : ` after ${duration(seconds * 1000)}`}`);
    const open = this.stops.filter((other) => other.outcome === undefined).length;
    if (open > 0) {
      const left = duration(Math.max(0, tools.deadline - tools.clock.now()));
      progress(`${this.#stops.size - open} of ${this.#stops.size} done, ${left} left`);
    }
    await onNews(false);
  }
}
