/** The story: read inputs → locate runs → look → cancel → watch → force → report. */
import { setMaxListeners } from "node:events";
import type { Clock } from "./clock.ts";
import { connect } from "./engine/connect.ts";
import { Scheduler } from "./engine/scheduler.ts";
import { type Grant, grant } from "./engine/credentials.ts";
import { locateList } from "./engine/ids.ts";
import { locate } from "./engine/locate.ts";
import { isSelf, type Run } from "./engine/run.ts";
import { type Report, summarize } from "./engine/record.ts";
import { checkReach, checkSelection, choose } from "./engine/selection.ts";
import { readSettings, type Settings } from "./engine/settings.ts";
import type { Tools } from "./engine/stop.ts";
import { MissingId, UsageError } from "./engine/usage.ts";
import type { Host, Job } from "./host.ts";
import type { Transport } from "./http/transport.ts";
import type { Provider } from "./provider.ts";

export interface Surroundings {
  readonly host: Host;
  readonly providers: ReadonlyMap<string, Provider>;
  readonly clock: Clock;
  readonly transport: Transport;
  /** Fires when our own job is being killed. */
  readonly interrupted: AbortSignal;
}

/** A cancel that was not sent when the signal came may still take this long. */
const graceAfterInterrupt = 5000;
/** Least time between early writes of the outputs. */
const writePause = 1000;
/** And more where there is much to write: the outputs of a step are appended, not replaced. */
const writePausePerRun = 20;

/** Runs the step. Resolves with its exit code; never rejects for anything that a run or a server does. */
export async function cancelRun(surroundings: Surroundings): Promise<Report["exit"]> {
  const { host, clock, transport, interrupted } = surroundings;
  const deadlineFrom = clock.now();
  // Every run waits for it; Node.js takes more than ten for a leak, and says so in the log.
  setMaxListeners(0, interrupted);
  const plan = prepare(surroundings);
  if (typeof plan === "number") {
    if (plan === 2) await host.report({ ...summarize([], []), outcome: "failed", exit: 2 }, false);
    return plan;
  }
  const { settings, runs, query, grants } = plan;
  for (const { credentials } of grants.values())
    for (const [name, secret] of Object.entries(credentials))
      if (name !== "username" && name !== "domain") host.mask(secret);

  const done = new AbortController();
  setMaxListeners(0, done.signal);
  const tools: Tools = {
    settings,
    clock,
    deadline: deadlineFrom + settings.timeout,
    interrupted,
    cutoff: after(interrupted, graceAfterInterrupt, clock, done.signal),
    say: (line) => {
      host.log(line);
    },
    spell: (name) => host.spell(name),
  };
  const sessionOf = connect({
    clock,
    transport,
    settings,
    grants,
    mask: (secret) => {
      host.mask(secret);
    },
  });
  const summary = (): Report =>
    summarize(
      scheduler.cancellations.map((cancellation) => cancellation.record()),
      settings.failOn,
      interrupted.aborted,
    );
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

  let note: Partial<Report> = {};
  for (const run of runs) scheduler.add(run);
  if (query) {
    const chosen = await choose(query, {
      settings,
      session: sessionOf(query),
      sending: { reason: settings.reason, deadline: tools.deadline, signal: interrupted },
      platform: host.platform,
      say: tools.say,
      spell: tools.spell,
    });
    for (const { run, unwanted } of chosen.runs) scheduler.add(run, unwanted);
    note = chosen.report;
  }
  // A step that is killed while it asks has outputs, too.
  await host.report({ ...summary(), ...note }, false);
  await scheduler.work();
  done.abort();
  if (query && scheduler.cancellations.length === 0)
    note = { note: "nothing to cancel: no selected run was left", ...note };
  const report = { ...summary(), ...note };
  const kept = await host.report(report, true);
  return kept || report.exit !== 0 ? report.exit : 1;
}

interface Plan {
  readonly settings: Settings;
  readonly runs: readonly Run[];
  /** What a selection lists. */
  readonly query: Run | undefined;
  readonly grants: ReadonlyMap<string, Grant>;
}

/** Reads and checks everything before anything is sent; an exit code when there is nothing to do. */
function prepare({ host, providers }: Surroundings): Plan | 0 | 2 {
  const around = { providers, env: host.env, platform: host.platform, spell: (name: string) => host.spell(name) };
  const { job } = host;
  // Known before all else is read: an input that is wrong by now must not silence a guard.
  const guarding = !["", "now"].includes(host.input("when").trim());
  try {
    const settings = readSettings(host, providers);
    if (guarding && !job)
      throw new UsageError(`${host.spell("when")}: the end of a job cannot be seen here; it takes now`);
    const due = !guarding || job?.phase !== "after" || endedSo(settings.when, job.status);
    if (job?.phase === "after" && (guarding ? !due && job.status !== "unknown" : job.again)) return 0;
    const query = settings.selection && settings.addresses.length === 0 ? locateList(settings, around) : undefined;
    if (settings.selection && !query)
      throw new UsageError(`${host.spell("url")} names runs; a selection chooses them: give one of the two`);
    const runs = query ? [] : locate(settings, around);
    const grants = grant(query ? [query] : runs, settings, around);
    checkReach([...runs, ...(query ? [query] : [])], settings, around);
    if (query) checkSelection(query, settings.selection!, around);
    if (guarding && job?.phase === "before") return arm(host, settings);
    if (!due)
      throw new UsageError(
        `${host.spell("when")}: "${settings.when}" cannot be told from other ends of this job here; unsuccessful can`,
      );
    return { settings, runs, query, grants };
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    if (job?.again && !guarding) return 0;
    if (guarding && error instanceof MissingId) {
      if (job?.phase === "before") return arm(host);
      host.log(`nothing to cancel: ${error.input} is empty, so what this job guards has not started`);
      return 0;
    }
    host.usage(error.message);
    return 2;
  }
}

function arm(host: Host, settings?: Settings): 0 {
  host.arm();
  host.log(`armed: acts at the end of this job${settings ? `, if it ends ${settings.when}` : ""}`);
  return 0;
}

/** Where the status cannot be told, it is not `success`: after a job that went well no guard is run. */
function endedSo(when: Settings["when"], status: Job["status"]): boolean {
  return when === "unsuccessful" ? status !== "success" : status === when;
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
