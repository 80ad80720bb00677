/** The story: read inputs → locate runs → look → cancel → watch → force → report. */
import type { Clock } from "./clock.ts";
import { grant, serverKey } from "./engine/credentials.ts";
import { locate, type Run } from "./engine/locate.ts";
import { type Report, type RunRecord, summarize } from "./engine/record.ts";
import { Session } from "./engine/session.ts";
import { readSettings } from "./engine/settings.ts";
import { Stop, type Tools } from "./engine/stop.ts";
import { UsageError } from "./engine/usage.ts";
import type { Host } from "./hosts/host.ts";
import { createClient } from "./http/client.ts";
import { Lane } from "./http/lane.ts";
import type { Transport } from "./http/transport.ts";
import type { Provider } from "./provider.ts";
import { duration } from "./text.ts";

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

/** Runs the step. Resolves with its exit code; never rejects for anything that a run or a server does. */
export async function cancelRun({ host, providers, clock, transport, hurry }: Surroundings): Promise<Report["exit"]> {
  const started = clock.now();
  let plan: { runs: Run[]; settings: ReturnType<typeof readSettings>; grants: ReturnType<typeof grant> };
  try {
    const around = { providers, env: host.env, platform: host.platform, spell: (name: string) => host.spell(name) };
    const settings = readSettings(host, providers);
    const runs = locate(settings, around);
    plan = { settings, runs, grants: grant(runs, settings, around) };
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    host.usage(error.message);
    await host.report({ ...summarize([], [], false), outcome: "failed", exit: 2 }, false);
    return 2;
  }
  const { runs, settings, grants } = plan;
  for (const { credentials } of grants.values())
    for (const [name, secret] of Object.entries(credentials))
      if (name !== "username" && name !== "domain") host.mask(secret);

  const client = createClient(transport, clock);
  const lanes = new Map<string, Lane>();
  const spacing = new Map(runs.map((run) => [new URL(run.place.api).origin, run.provider.server.spacing]));
  const laneOf = (origin: string): Lane => {
    const lane = lanes.get(origin) ?? new Lane(clock, spacing.get(origin));
    lanes.set(origin, lane);
    return lane;
  };
  const sessions = new Map(
    [...grants].map(([key, { auth, credentials }]) => [
      key,
      new Session({
        auth,
        credentials,
        client,
        clock,
        laneOf,
        mask: (secret) => {
          host.mask(secret);
        },
        tokenServer:
          settings.serverUrl === undefined ? undefined : runs.find((run) => serverKey(run) === key)?.place.server,
      }),
    ]),
  );
  const done = new AbortController();
  const tools: Tools = {
    settings,
    clock,
    deadline: started + settings.timeout,
    hurry,
    late: after(hurry, lastCall, clock, done.signal),
    say: (line) => {
      host.log(line);
    },
  };
  const stops = runs.map((run) => new Stop(run, sessions.get(serverKey(run))!, tools, isSelf(run, host)));

  const records = (): RunRecord[] => stops.map((stop) => stop.record());
  let written = -Infinity;
  const write = async (now: boolean): Promise<void> => {
    if (!now && clock.now() - written < writePause) return;
    written = clock.now();
    await host.report(summarize(records(), settings.failOn, hurry.aborted), false);
  };
  const finish = async (stop: Stop, work: () => Promise<void>): Promise<void> => {
    if (stop.outcome !== undefined) return;
    await work();
    if (stop.outcome === undefined) return;
    const { outcome, detail, seconds } = stop.record();
    host.log(`${stop.label}: ${outcome}${detail ? `: ${detail}` : ` after ${duration(seconds * 1000)}`}`);
    const open = stops.filter((other) => other.outcome === undefined).length;
    if (open > 0)
      host.progress(
        `${stops.length - open} of ${stops.length} done, ${duration(Math.max(0, tools.deadline - clock.now()))} left`,
      );
    await write(false);
  };

  const [own, others] = [
    stops.filter((stop) => stop.isSelf && settings.self),
    stops.filter((stop) => !(stop.isSelf && settings.self)),
  ];
  const origins = new Set(others.map((stop) => new URL(stop.run.place.api).origin));
  await Promise.all(
    [...origins].map(async (origin) => {
      // All cancels of a server first, then the watching; another server that hangs holds nobody up.
      const group = others.filter((stop) => new URL(stop.run.place.api).origin === origin);
      await Promise.all(group.map((stop) => finish(stop, () => stop.ask())));
      await write(true);
      await Promise.all(group.map((stop) => finish(stop, () => stop.watch())));
    }),
  );
  for (const stop of own) {
    // The call may end this process: outputs first, and then hold, so that no later step of a cancelled job runs.
    await write(true);
    await finish(stop, () => stop.ask());
    await finish(stop, () => stop.watch());
  }
  done.abort();
  const report = summarize(records(), settings.failOn, hurry.aborted);
  const kept = await host.report(report, true);
  return kept || report.exit !== 0 ? report.exit : 1;
}

function isSelf(run: Run, { platform }: Host): boolean {
  if (platform?.provider !== run.key || platform.server !== run.place.server) return false;
  return platform.self.some((ids) =>
    Object.entries(ids).every(([name, value]) => run.ids[name]?.toLowerCase() === value.toLowerCase()),
  );
}

/** A signal that follows another one `ms` later, or when all is done. */
function after(signal: AbortSignal, ms: number, clock: Clock, done: AbortSignal): AbortSignal {
  const later = new AbortController();
  signal.addEventListener(
    "abort",
    () =>
      void clock.sleep(ms, done).then(() => {
        later.abort();
      }),
    { once: true },
  );
  return later.signal;
}
