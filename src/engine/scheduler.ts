/** All runs of a step: every cancel of a server first, then the watching; a server that hangs delays no other. */
import { setMaxListeners } from "node:events";
import { duration } from "../text.ts";
import { type Run, runKey, type Self } from "./run.ts";
import { downstreamOf } from "./listing.ts";
import type { SecondLook } from "./selection.ts";
import type { Session } from "./session.ts";
import { leftAlone } from "./spared.ts";
import { Cancellation, type Tools } from "./stop.ts";
import { sentence } from "./words.ts";

export interface SchedulerOptions {
  readonly tools: Tools;
  readonly sessionOf: (run: Run) => Session;
  /** This step is part of the run. */
  readonly isSelf: (run: Run) => Self;
  readonly progress: (line: string) => void;
  /** Something is known that was not before; it may be written later. */
  readonly onProgress: () => Promise<void>;
  /** Writes what is known before the scheduler goes on. */
  readonly flush: () => Promise<void>;
}

/** Opens once, when all who have entered have left. */
interface Gate {
  entered: number;
  readonly open: Promise<void>;
  /** Fires when it opens. */
  readonly opened: AbortSignal;
  readonly leave: () => void;
  /** How many are looked at or cancelled, and the others, which begin in turn. */
  atWork: number;
  readonly waiting: (() => void)[];
}

/** An unresponsive run delays the others of its server by this much at most, in ms. */
const gateTimeout = 15_000;

/** Runs of a server that are looked at and cancelled at a time: more than its lane lets through, and few enough for ten thousand not to fill the memory. */
const maxAtWork = 64;

/** Runners hear of a cancel within seconds, with the next thing that they report. In ms. */
const killTimeout = 30_000;

/** A run that has been looked at takes a cancel and a look. */
const leastRequests = 2;

export class Scheduler {
  readonly #options: SchedulerOptions;
  readonly #cancellations = new Map<string, Cancellation>();
  readonly #secondLooks = new Map<Cancellation, SecondLook>();
  readonly #gates = new Map<string, Gate>();
  readonly #tasks: Promise<void>[] = [];
  /** Servers whose limit has been compared with what there is to do. */
  readonly #checked = new Set<string>();
  /** Our own run, if it may be cancelled, comes after all others. */
  readonly #ownRuns: Cancellation[] = [];
  #open = 0;

  constructor(options: SchedulerOptions) {
    this.#options = options;
  }

  get cancellations(): readonly Cancellation[] {
    return [...this.#cancellations.values()];
  }

  /** Takes a run on, once. */
  add(run: Run, secondLook?: SecondLook): void {
    const key = runKey(run);
    if (this.#cancellations.has(key)) return;
    const { tools, sessionOf, isSelf } = this.#options;
    const cancellation = new Cancellation(run, sessionOf(run), tools, {
      isSelf,
      noLongerMatches: secondLook?.noLongerMatches,
      onTurn: () => this.#checkQuota(run),
      ...(tools.settings.downstream && {
        onStarted: (child: Run) => {
          this.add(child);
        },
      }),
    });
    this.#cancellations.set(key, cancellation);
    if (secondLook) this.#secondLooks.set(cancellation, secondLook);
    this.#open++;
    if (cancellation.isSelf && tools.settings.self) this.#ownRuns.push(cancellation);
    else this.#tasks.push(this.#task(cancellation));
  }

  /** Until every run has its outcome. */
  async work(): Promise<void> {
    for (;;) {
      while (this.#tasks.length > 0) await Promise.all(this.#tasks.splice(0));
      const cancellation = this.#ownRuns.shift();
      if (!cancellation) return;
      await this.#followFirst(cancellation);
      while (this.#tasks.length > 0) await Promise.all(this.#tasks.splice(0));
      // The call may end this process: outputs first, and then hold, so that no later step of a cancelled job runs.
      await this.#options.flush();
      await this.#finish(cancellation, () => cancellation.requestCancel());
      await this.#finish(cancellation, () => cancellation.watch());
      if (this.#ownRuns.length === 0) await this.#awaitKill(cancellation);
    }
  }

  /** Our run counts as cancelled before its worker has stopped: as long as we are here, no later step begins. */
  async #awaitKill(cancellation: Cancellation): Promise<void> {
    const { outcome, confirmed } = cancellation.record();
    if (outcome !== "cancelled" || confirmed !== "status-only") return;
    const { tools, flush } = this.#options;
    const { clock, deadline, interrupted, say } = tools;
    await flush();
    say(`${cancellation.label}: cancelled; waiting for this job to be stopped`);
    await clock.sleep(Math.min(killTimeout, deadline - clock.now()), interrupted);
  }

  /** Says once per server, before its first cancel, that the server's own limit is too low for what is left to do. */
  #checkQuota(run: Run): void {
    const { tools, sessionOf } = this.#options;
    const { clock, deadline } = tools;
    const { host, origin } = new URL(run.place.api);
    if (this.#checked.has(origin)) return;
    this.#checked.add(origin);
    const quota = sessionOf(run).quota(run);
    // Our own run is not among those at the gate.
    const runs = Math.max(1, this.#gates.get(origin)?.entered ?? 0);
    const needed = runs * leastRequests;
    if (quota === undefined || quota.remaining >= needed || quota.resetsAt <= deadline) return;
    const time = duration(quota.resetsAt - clock.now());
    tools.warn(
      `${host} leaves ${quota.remaining} requests for the next ${time}, and ${runs === 1 ? "one run takes" : `${runs} runs take`} at least ${needed}: not all of this can be finished within ${tools.spell("timeout")}`,
    );
  }

  /** What our own run has started goes before it: nobody is left to do it afterwards. Where a job may spare our run, it is not known yet whether to. */
  async #followFirst({ run }: Cancellation): Promise<void> {
    const { tools, sessionOf } = this.#options;
    const { downstream, unlessJob, reason } = tools.settings;
    if (!downstream || unlessJob !== undefined) return;
    try {
      const sending = { reason, deadline: tools.deadline, signal: tools.interrupted };
      for (const child of (await downstreamOf(run, sessionOf(run), sending)).started) this.add(child);
    } catch {
      // It is asked again, and spoken of, when the run itself is.
    }
  }

  async #task(cancellation: Cancellation): Promise<void> {
    const gate = this.#gate(new URL(cancellation.run.place.api).origin);
    gate.entered++;
    try {
      await this.#inTurn(gate, () => this.#finish(cancellation, () => cancellation.requestCancel()));
    } finally {
      gate.leave();
    }
    const { clock, deadline } = this.#options.tools;
    if (gate.entered > 0) await clock.sleep(Math.min(gateTimeout, (deadline - clock.now()) / 2), gate.opened);
    else await gate.open;
    // Most have stopped by the first look.
    await this.#inTurn(gate, () => this.#finish(cancellation, () => cancellation.lookOnce()));
    await this.#finish(cancellation, () => cancellation.watch());
  }

  /** Runs `work` when few enough of the server's runs are at it. */
  async #inTurn(gate: Gate, work: () => Promise<void>): Promise<void> {
    if (gate.atWork < maxAtWork || this.#options.tools.interrupted.aborted) gate.atWork++;
    else await new Promise<void>((resolve) => gate.waiting.push(resolve));
    try {
      await work();
    } finally {
      // Who comes next takes over the place.
      const next = gate.waiting.shift();
      if (next) next();
      else gate.atWork--;
    }
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
      atWork: 0,
      waiting: [],
      open,
      opened: opening.signal,
      leave: () => {
        gate.entered--;
        if (gate.entered === 0)
          void this.#options.flush().then(() => {
            opening.abort();
            opened();
          });
      },
    };
    this.#gates.set(origin, gate);
    // What has not been asked to stop is asked now.
    this.#options.tools.interrupted.addEventListener("abort", () => {
      gate.atWork += gate.waiting.length;
      gate.waiting.splice(0).forEach((begin) => begin());
    });
    return gate;
  }

  async #finish(cancellation: Cancellation, work: () => Promise<void>): Promise<void> {
    if (cancellation.outcome !== undefined) return;
    // One run's story must not end the others', nor the report.
    await work().catch((error: unknown) => {
      cancellation.breakOff(error);
    });
    if (cancellation.outcome === undefined) return;
    this.#open--;
    const { tools, progress, onProgress } = this.#options;
    const { mismatch } = cancellation;
    const isSpared = cancellation.outcome === "spared" && mismatch !== undefined;
    if (isSpared && this.#secondLooks.get(cancellation)?.isUntold(mismatch))
      tools.warn(`${cancellation.label}: ${leftAlone({ why: mismatch })}`);
    // The last ending is told by the report.
    if (this.#open > 0) {
      tools.say(`${cancellation.label}: ${sentence(cancellation.record())}`);
      const left = duration(Math.max(0, tools.deadline - tools.clock.now()));
      progress(`${this.#cancellations.size - this.#open} of ${this.#cancellations.size} done, ${left} left`);
    }
    await onProgress();
  }
}
