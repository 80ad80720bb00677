/** Plays the whole step against a server in memory. */
import type { Environment } from "../../src/environment.ts";
import type { Report, RunRecord } from "../../src/engine/record.ts";
import { cancelRun } from "../../src/main.ts";
import type { Platform } from "../../src/platform.ts";
import type { Provider } from "../../src/provider.ts";
import { acmeWith } from "./acme.ts";
import { SimulatedClock } from "./clock.ts";
import { MemoryHost } from "./host.ts";
import { type Answering, MemoryServer } from "./server.ts";
import { registryOf } from "./registry.ts";

export interface Story {
  readonly inputs: Readonly<Record<string, string>>;
  readonly answer: Answering;
  readonly providers?: ReadonlyMap<string, Provider>;
  readonly env?: Environment;
  readonly platform?: Platform;
  readonly interrupted?: AbortSignal;
  readonly clock?: SimulatedClock;
  readonly host?: MemoryHost;
}

export interface Told {
  readonly exit: Report["exit"];
  readonly report: Report;
  readonly runs: readonly RunRecord[];
  /** The only run. */
  readonly run: RunRecord;
  readonly server: MemoryServer;
  readonly host: MemoryHost;
  readonly clock: SimulatedClock;
}

export async function tell(story: Story): Promise<Told> {
  const clock = story.clock ?? new SimulatedClock();
  const server = new MemoryServer(clock, story.answer);
  const host = story.host ?? new MemoryHost(story.inputs, story.env, story.platform);
  const exit = await cancelRun({
    host,
    registry: registryOf(story.providers ?? acmeWith()),
    clock,
    transport: server,
    interrupted: story.interrupted ?? new AbortController().signal,
  });
  if (!host.final) throw new Error(`the step did not end with a report: ${host.usages.join("\n")}`);
  const { runs } = host.final;
  return { exit, report: host.final, runs, run: runs[0]!, server, host, clock };
}
