/** All runs of a step at work: every cancel of a server first, then the watching; a server that hangs holds nobody up. */
import { setMaxListeners } from "node:events";
import { HttpError } from "../http/client.ts";
import type { Json } from "../provider.ts";
import { duration } from "../text.ts";
import { type Run, runKey } from "./run.ts";
import { downstreamOf } from "./listing.ts";
import { unshown } from "./selection.ts";
import type { Session } from "./session.ts";
import { Stop, type Tools } from "./stop.ts";
import { sentence } from "./words.ts";

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
  /** Fires when it opens. */
  readonly opened: AbortSignal;
  readonly leave: () => void;
}

/** A run that is not answered holds the others of its server up for so long, in ms. */
const patience = 15_000;

export class Crew {
  readonly #options: CrewOptions;
  readonly #stops = new Map<string, Stop>();
  readonly #gates = new Map<string, Gate>();
  readonly #lives: Promise<void>[] = [];
  /** Our own run, if it may be cancelled, comes after all others. */
  readonly #last: Stop[] = [];
  /** Selected runs that a look has shown to be none of those any more, and why. */
  readonly #unwanted = new Map<Stop, string>();
  #open = 0;

  constructor(options: CrewOptions) {
    this.#options = options;
  }

  get stops(): readonly Stop[] {
    return [...this.#stops.values()];
  }

  /** Takes a run on, once. `unwanted` says of a selected run, by a look, why it is not to be cancelled after all: it is then left out. */
  add(run: Run, unwanted?: (body: Json) => string | undefined): void {
    const key = runKey(run);
    if (this.#stops.has(key)) return;
    const { tools, sessionOf, isSelf } = this.#options;
    const stop: Stop = new Stop(run, sessionOf(run), tools, {
      isSelf: isSelf(run),
      ...(unwanted && {
        unwanted: (body: Json) => {
          const why = unwanted(body);
          if (why !== undefined && why !== unshown) this.#unwanted.set(stop, why);
          return why;
        },
      }),
      ...(tools.settings.downstream && {
        onStarted: (child: Run) => {
          this.add(child);
        },
      }),
    });
    this.#stops.set(key, stop);
    this.#open++;
    if (stop.isSelf && tools.settings.self) this.#last.push(stop);
    else this.#lives.push(this.#live(stop));
  }

  /** Until every run has its outcome. */
  async work(): Promise<void> {
    for (;;) {
      while (this.#lives.length > 0) await Promise.all(this.#lives.splice(0));
      const stop = this.#last.shift();
      if (!stop) return;
      await this.#followFirst(stop);
      while (this.#lives.length > 0) await Promise.all(this.#lives.splice(0));
      // The call may end this process: outputs first, and then hold, so that no later step of a cancelled job runs.
      await this.#options.onNews(true);
      await this.#finish(stop, () => stop.ask());
      await this.#finish(stop, () => stop.watch());
    }
  }

  /** What our own run has started goes before it: nobody is left to do it afterwards. Where a job may spare our run, it is not known yet whether to. */
  async #followFirst({ run }: Stop): Promise<void> {
    const { tools, sessionOf } = this.#options;
    const { downstream, unlessJob, reason } = tools.settings;
    if (!downstream || unlessJob !== undefined) return;
    try {
      const sending = { reason, deadline: tools.deadline, signal: tools.interrupted };
      for (const child of (await downstreamOf(run, sessionOf(run), sending)).started) this.add(child);
    } catch (error) {
      // It is asked again, and spoken of, when the run itself is.
      if (!(error instanceof HttpError)) throw error;
    }
  }

  async #live(stop: Stop): Promise<void> {
    const gate = this.#gate(new URL(stop.run.place.api).origin);
    gate.entered++;
    try {
      await this.#finish(stop, () => stop.ask());
    } finally {
      gate.leave();
    }
    const { clock, deadline } = this.#options.tools;
    if (gate.entered > 0) await clock.sleep(Math.min(patience, (deadline - clock.now()) / 2), gate.opened);
    else await gate.open;
    await this.#finish(stop, () => stop.watch());
  }

  #gate(origin: string): Gate {
    const known = this.#gates.get(origin);
    if (known) return known;
    const opening = new AbortController();
    setMaxListeners(0, opening.signal);
    let opened: () => void;
    const open = new Promise<void>((resolve) => (opened = resolve));
    const gate: Gate = {
      entered: 0,
      open,
      opened: opening.signal,
      leave: () => {
        gate.entered--;
        if (gate.entered === 0)
          void this.#options.onNews(true).then(() => {
            opening.abort();
            opened();
          });
      },
    };
    this.#gates.set(origin, gate);
    return gate;
  }

  async #finish(stop: Stop, work: () => Promise<void>): Promise<void> {
    if (stop.outcome !== undefined) return;
    await work();
    if (stop.outcome === undefined) return;
    this.#open--;
    const { tools, progress, onNews } = this.#options;
    const unwanted = this.#unwanted.get(stop);
    // What was asked to stop is told of, even if a later look spares it.
    if (unwanted !== undefined && stop.record().attempts === 0) {
      this.#stops.delete(runKey(stop.run));
      tools.say(`${stop.label}: spared: ${unwanted}`);
      return;
    }
    // The last ending is told by the report.
    if (this.#open > 0) {
      tools.say(`${stop.label}: ${sentence(stop.record())}`);
      const left = duration(Math.max(0, tools.deadline - tools.clock.now()));
      progress(`${this.#stops.size - this.#open} of ${this.#stops.size} done, ${left} left`);
    }
    await onNews(false);
  }
}
