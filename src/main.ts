/** The story: read inputs → locate runs → look → cancel → watch → force → report. */
import { setMaxListeners } from "node:events";
import type { Clock } from "./clock.ts";
import { connect } from "./engine/connect.ts";
import { Crew } from "./engine/crew.ts";
import { type Grant, grant } from "./engine/credentials.ts";
import { locateList } from "./engine/ids.ts";
import { locate } from "./engine/locate.ts";
import type { Run } from "./engine/run.ts";
import { type Report, summarize } from "./engine/record.ts";
import { selectRuns, stillWanted } from "./engine/selection.ts";
import { readSettings, type Selection, type Settings } from "./engine/settings.ts";
import type { Tools } from "./engine/stop.ts";
import { MissingId, UsageError } from "./engine/usage.ts";
import type { Host, Job } from "./hosts/host.ts";
import { HttpError } from "./http/client.ts";
import { outcomes } from "./interface.ts";
import type { Transport } from "./http/transport.ts";
import type { Provider, Target } from "./provider.ts";

export interface Surroundings {
  readonly host: Host;
  readonly providers: ReadonlyMap<string, Provider>;
  readonly clock: Clock;
  readonly transport: Transport;
  /** Fires when our own job is being killed. */
  readonly hurry: AbortSignal;
}

/** A cancel that was not sent when the signal came may still take this long. */
const lastCall = 5000;
/** Least time between early writes of the outputs. */
const writePause = 1000;
/** And more where there is much to write: the outputs of a step are appended, not replaced. */
const writePausePerRun = 20;

/** Runs the step. Resolves with its exit code; never rejects for anything that a run or a server does. */
export async function cancelRun(surroundings: Surroundings): Promise<Report["exit"]> {
  const { host, clock, transport, hurry } = surroundings;
  const deadlineFrom = clock.now();
  // Every run waits for it; Node.js takes more than ten for a leak, and says so in the log.
  setMaxListeners(0, hurry);
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
    hurry,
    late: after(hurry, lastCall, clock, done.signal),
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
      crew.stops.map((stop) => stop.record()),
      settings.failOn,
      hurry.aborted,
    );
  let written = -Infinity;
  const crew = new Crew({
    tools,
    sessionOf,
    isSelf: (run) => isSelf(run, host),
    progress: (line) => {
      host.progress(line);
    },
    onNews: async (now) => {
      if (!now && clock.now() - written < writePause + crew.stops.length * writePausePerRun) return;
      written = clock.now();
      await host.report(summary(), false);
    },
  });

  let note: Partial<Report> = {};
  for (const run of runs) crew.add(run);
  if (query) note = await choose(query, crew, sessionOf, tools, host);
  // A step that is killed while it asks has outputs, too.
  await host.report({ ...summary(), ...note }, false);
  await crew.work();
  done.abort();
  if (query && crew.stops.length === 0) note = { note: "nothing to cancel: no selected run was left", ...note };
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
    checkReach([...runs, ...(query ? [query] : [])], settings, host);
    if (query) checkSelection(query, settings.selection!, host);
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

/** What is asked about a run must be something that its provider tells. */
function checkReach(runs: readonly Run[], { downstream, unlessJob, selection }: Settings, host: Host): void {
  const check = (input: string, asked: unknown, told: (target: Target) => unknown, what: string): void => {
    const without = asked ? runs.find(({ target }) => told(target) === undefined) : undefined;
    if (without)
      throw new UsageError(
        `${host.spell(input)}: ${without.provider.name} does not tell ${what} of a ${without.targetName}`,
      );
  };
  check("downstream", downstream, (target) => target.downstream, "the downstream runs");
  check("unless-job", unlessJob, ({ jobs }) => jobs, "the jobs");
  check("with-job", selection?.withJob, ({ jobs }) => jobs, "the jobs");
  check("with-failed-job", selection?.withFailedJob, ({ jobs }) => jobs, "the jobs");
  check("pull-request", selection?.pullRequest, ({ list }) => list?.pull, "the pull request");
  check("event", selection?.event.length, ({ list }) => list?.event, "the event");
  check("workflow", selection?.workflow.length, ({ list }) => list?.workflow, "the workflow");
}

function checkSelection(query: Run, { branch, pullRequest, olderThanThis }: Selection, host: Host): void {
  if (branch !== undefined && pullRequest !== undefined)
    throw new UsageError(`${host.spell("branch")} and ${host.spell("pull-request")}: give one of the two`);
  if (olderThanThis && !homeOf(query, host)?.own)
    throw new UsageError(
      `${host.spell("older-than-this")}: this step is part of no run on ${new URL(query.place.server).host}`,
    );
}

/** Chooses runs by the selection. What is returned overrides the report. */
async function choose(
  query: Run,
  crew: Crew,
  sessionOf: ReturnType<typeof connect>,
  { settings, deadline, hurry, say }: Tools,
  host: Host,
): Promise<Partial<Report>> {
  const home = homeOf(query, host);
  const ended = (outcome: "refused" | "failed", note: string): Partial<Report> => {
    const exit = settings.failOn.includes(outcome) ? outcomes[outcome].exit : 0;
    return { outcome, exit: hurry.aborted ? 130 : exit, note };
  };
  try {
    const { choices, wanted, cut } = await selectRuns(query, {
      session: sessionOf(query),
      sending: { reason: settings.reason, deadline, signal: hurry },
      selection: settings.selection!,
      own: home?.own,
      self: settings.self,
      nested: home?.nested ?? false,
    });
    const chosen = choices.filter(({ spared }) => spared === undefined);
    for (const { candidate, spared } of settings.dryRun ? choices : chosen)
      say(`${query.key} ${query.targetName} ${candidate.id}: ${spared === undefined ? "chosen" : `spared: ${spared}`}`);
    const more = cut ? "; the server listed only the newest, so there may be more: run this again" : "";
    if (chosen.length === 0)
      return { note: `nothing to cancel: none of ${choices.length} listed runs is one of those selected${more}` };
    if (chosen.length > settings.maxRuns)
      return ended(
        "refused",
        `${chosen.length} runs are selected, more than ${host.spell("max-runs")}: ${settings.maxRuns} allows; none was cancelled`,
      );
    for (const { candidate } of chosen) crew.add(candidate.run, (body) => stillWanted(candidate.run, body, wanted));
    return cut ? { note: `${chosen.length} runs were selected${more}` } : {};
  } catch (error) {
    if (!(error instanceof HttpError)) throw error;
    const note = `the runs could not be listed: ${error.message}`;
    return error.kind === "denied"
      ? ended("refused", `${note}; needed: ${query.provider.rights}`)
      : ended("failed", note);
  }
}

/** The platform we run on, if the run is one of its own. */
function homeOf({ key, place }: Run, { platform }: Host): Host["platform"] {
  return platform?.provider === key && sameServer(platform.server, place.server) ? platform : undefined;
}

const sameServer = (one: string, other: string): boolean => {
  const [a, b] = [new URL(one), new URL(other)].map(({ origin, pathname }) => origin + pathname.replace(/\/+$/, ""));
  return a === b;
};

function isSelf(run: Run, host: Host): boolean {
  return (homeOf(run, host)?.self ?? []).some((ids) =>
    Object.entries(ids).every(([name, value]) => run.ids[name]?.toLowerCase() === value.toLowerCase()),
  );
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
