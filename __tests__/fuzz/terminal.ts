/** A step from its flags to its report in a terminal, in memory and in simulated time. */
import type { Transport } from "../../src/http/transport.ts";
import type { Engine } from "./engine.ts";
import type { Told } from "./judge.ts";
import { leaked } from "./secret.ts";
import type { SimulatedTime } from "./time.ts";

export interface Stage {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly time: SimulatedTime;
  readonly transport: Transport;
  readonly interrupted?: AbortSignal;
  /** Told of what is reported before the end. */
  readonly onReport?: (told: readonly Told[]) => void;
}

export interface Played {
  readonly exit: number;
  /** Undefined if it wrote none. */
  readonly report: { readonly outcome: string; readonly runs: readonly Told[] } | undefined;
  /** What was written for people. */
  readonly said: string;
  readonly leaks: readonly string[];
}

/** Real time after which a step hangs, in ms. */
const longest = 10_000;

/** Rejects if the step does, or hangs. */
export async function inTerminal(engine: Engine, stage: Stage): Promise<Played> {
  const { args, env, time, transport, onReport } = stage;
  const { interrupted = new AbortController().signal } = stage;
  let out = "";
  const written: string[] = [];
  const play = async (): Promise<number> => {
    const { registry } = engine;
    const host = engine.terminalHost(["--json", ...args], env, registry.manifest, {
      out: (text) => {
        out += text;
        return Promise.resolve();
      },
      err: (text) => written.push(text),
      live: false,
    });
    const report: typeof host.report = async (...given) => {
      const [{ runs }, final] = given;
      if (!final) onReport?.(runs);
      return await host.report(...given);
    };
    return await engine.cancelRun({ host: { ...host, report }, registry, clock: time, transport, interrupted });
  };
  let timer: NodeJS.Timeout | undefined;
  const hangs = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error("it hangs")), longest);
  });
  try {
    const exit = await time.during(() => Promise.race([play(), hangs]));
    return {
      exit,
      report: out === "" ? undefined : (JSON.parse(out) as Played["report"]),
      said: written.join(""),
      leaks: [out, ...written].flatMap((text) => leaked(text) ?? []).map((leak) => `leaked: ${leak}`),
    };
  } finally {
    clearTimeout(timer);
  }
}
