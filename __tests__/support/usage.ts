/** Plays a step that must fail before anything is sent. */
import { cancelRun } from "../../src/main.ts";
import type { Environment } from "../../src/environment.ts";
import { variable } from "../../src/hosts/common.ts";
import type { Platform } from "../../src/platform.ts";
import type { Provider } from "../../src/provider.ts";
import { providers as all } from "../../src/providers/all.ts";
import { SimulatedClock } from "./clock.ts";
import { ExchangeTransport, secret } from "./exchange.ts";
import { MemoryHost } from "./host.ts";
import { registryOf } from "./registry.ts";

/** Its inputs are variables, as on one of the hosts: a message that quotes an input's bare name shows. */
class SpellingHost extends MemoryHost {
  override spell(name: string): string {
    return variable(name);
  }
}

/** The one line that the user gets. Throws when anything was sent, written to the log, or reported as done. */
export async function complaint(
  inputs: Readonly<Record<string, string>>,
  {
    env,
    platform,
    providers = all,
    files = {},
  }: {
    env?: Environment;
    platform?: Platform;
    providers?: ReadonlyMap<string, Provider>;
    /** Of the job, by path. */
    files?: Readonly<Record<string, string>>;
  } = {},
): Promise<string> {
  const clock = new SimulatedClock();
  const transport = new ExchangeTransport([], clock);
  const host = new SpellingHost(inputs, env, platform);
  for (const [path, text] of Object.entries(files)) host.files.set(path, text);
  const exit = await cancelRun({
    host,
    registry: registryOf(providers),
    clock,
    transport,
    interrupted: new AbortController().signal,
  });
  const [line, ...more] = host.usages;
  const wrong = [
    ...transport.problems.map(({ text }) => text),
    ...(exit === 2 ? [] : [`exit code ${exit}`]),
    ...(line === undefined ? ["no message"] : []),
    ...more.map((one) => `a second message: ${one}`),
    ...(line?.includes("\n") ? ["more than one line"] : []),
    ...host.lines.map((one) => `logged: ${one}`),
    ...(JSON.stringify([host.usages, host.reports]).includes(secret) ? ["the secret shows"] : []),
    ...host.reports.filter(({ runs }) => runs.length > 0).map(() => "a run is reported"),
    ...(host.reports.some(({ exit: code, outcome }) => code !== 2 || outcome !== "failed") ? ["a wrong report"] : []),
    ...(host.final ? ["a final report"] : []),
  ];
  if (wrong.length > 0) throw new Error(wrong.join("\n"));
  return line!;
}
