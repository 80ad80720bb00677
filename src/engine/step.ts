/** What a step works with: its clock, its sessions, its scheduler, and the report as it grows. */
import { setMaxListeners } from "node:events";
import type { Clock } from "../clock.ts";
import type { Host } from "../host.ts";
import type { Transport } from "../http/transport.ts";
import { connect } from "./connect.ts";
import type { Grant } from "./credentials.ts";
import type { Registry } from "./manifest.ts";
import { type Report, summarize } from "./record.ts";
import { isSelf, type Run } from "./run.ts";
import { Scheduler } from "./scheduler.ts";
import type { Session } from "./session.ts";
import type { Settings } from "./settings.ts";
import type { Tools } from "./stop.ts";
import { label } from "./words.ts";

export interface StepDeps {
  readonly host: Host;
  readonly registry: Registry;
  readonly clock: Clock;
  readonly transport: Transport;
  /** Fires when our own job is being killed. */
  readonly interrupted: AbortSignal;
}

/** What is to be done. */
export interface Plan {
  readonly settings: Settings;
  readonly runs: readonly Run[];
  /** What a selection lists. */
  readonly query: Run | undefined;
  readonly grants: ReadonlyMap<string, Grant>;
  /** Why there is nothing to do. */
  readonly note?: string;
}

export interface Step {
  readonly tools: Tools;
  readonly sessionOf: (run: Run) => Session;
  readonly scheduler: Scheduler;
  readonly summary: () => Report;
  /** Ends what waits for a signal that does not come any more. */
  readonly close: () => void;
}

/** A cancel that was not sent when the signal came may still take this long. */
const graceAfterInterrupt = 5000;
/** Least time between early writes of the outputs. */
const writePause = 1000;
/** And more where there is much to write: the outputs of a step are appended, not replaced. */
const writePausePerRun = 20;

/** `start`: monotonic time at which the step began. */
export function openStep(
  { host, clock, transport, interrupted }: StepDeps,
  { settings, grants }: Plan,
  start: number,
): Step {
  const done = new AbortController();
  // Every run waits for these; Node.js takes more than ten listeners for a leak, and says so in the log.
  setMaxListeners(0, interrupted);
  setMaxListeners(0, done.signal);
  const tools: Tools = {
    settings,
    clock,
    deadline: start + settings.timeout,
    interrupted,
    cutoff: after(interrupted, graceAfterInterrupt, clock, done.signal),
    say: (line) => {
      host.log(line);
    },
    warn: (line) => {
      host.warn(line);
    },
    debug: debugOf(settings, host),
    spell: (name) => host.spell(name),
  };
  const sessionOf = connect({
    debug: tools.debug,
    clock,
    transport,
    grants,
    mask: (secret) => {
      host.mask(secret);
    },
  });
  let written = -Infinity;
  async function flush(): Promise<void> {
    written = clock.now();
    await host.report(summary(), false);
  }
  const scheduler = new Scheduler({
    tools,
    sessionOf,
    isSelf: (run) => isSelf(run, host.platform),
    progress: (line) => {
      host.progress(line);
    },
    onProgress: async () => {
      const pause = writePause + scheduler.cancellations.length * writePausePerRun;
      if (clock.now() - written >= pause) await flush();
    },
    flush,
  });
  function summary(): Report {
    const records = scheduler.cancellations.map((cancellation) => cancellation.record());
    const labels = scheduler.cancellations.map(({ run }, at) => label(run, records[at]!.ids, records[at]!.name));
    return { ...summarize(records, settings.failOn, interrupted.aborted), labels };
  }
  return { tools, sessionOf, scheduler, summary, close: () => done.abort() };
}

/** Where lines for those who ask for them go; undefined where nobody does. */
export function debugOf({ debug }: Settings, host: Host): ((line: string) => void) | undefined {
  if (!debug && !host.isDebug) return undefined;
  return (line) => {
    host.debug(line);
  };
}

/** A signal that follows another one `ms` later, or when all is done. */
function after(signal: AbortSignal, ms: number, clock: Clock, done: AbortSignal): AbortSignal {
  const later = new AbortController();
  setMaxListeners(0, later.signal);
  const start = (): void =>
    void clock.sleep(ms, done).then(() => {
      later.abort();
    });
  if (signal.aborted) start();
  else signal.addEventListener("abort", start, { once: true });
  return later.signal;
}
