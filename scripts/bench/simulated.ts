/** One step in simulated time: minutes go by at once, and everything is told that it has sent, and when. */
import { SimulatedClock } from "../../__tests__/support/clock.ts";
import type { Vendor } from "../../src/demo/vendors/vendor.ts";
import type { Host } from "../../src/host.ts";
import type { Transport } from "../../src/http/transport.ts";
import { cancelRun } from "../../src/main.ts";
import { load } from "../../src/providers/index.ts";
import { manifest } from "../../src/providers/manifest.ts";

/** A request, and when it was sent, in ms since the step began. */
export interface Sent {
  readonly method: string;
  readonly at: number;
}

export interface Played {
  readonly inputs: Readonly<Record<string, string>>;
  readonly clock: SimulatedClock;
  readonly vendor: Vendor;
  /** Of each answer, in ms. */
  readonly latency?: number;
}

/** Throws if the step fails. */
export async function play({ inputs, clock, vendor, latency = 0 }: Played): Promise<Sent[]> {
  const sent: Sent[] = [];
  const transport: Transport = {
    send: async ({ method, url, headers, body = "" }) => {
      sent.push({ method, at: clock.now() });
      const reply = vendor({ origin: url.origin, method, path: url.pathname + url.search, headers, body });
      await clock.sleep(latency);
      return {
        status: reply.status,
        headers: { "content-type": "application/json" },
        text: reply.body === undefined ? "" : JSON.stringify(reply.body),
      };
    },
    close: () => Promise.resolve(),
  };
  const interrupted = new AbortController().signal;
  const registry = { manifest, load };
  const exit = await cancelRun({ host: nobody(inputs), registry, clock, transport, interrupted });
  if (exit !== 0) throw new Error(`the step ended with ${exit}`);
  return sent;
}

/** Time that passes only while somebody waits, and a chance that is always the same. */
export class PassingTime extends SimulatedClock {
  readonly #chance: number;
  constructor(chance: number) {
    super();
    this.#chance = chance;
  }
  override random(): number {
    return this.#chance;
  }
}

/** A host that nobody watches. */
function nobody(inputs: Readonly<Record<string, string>>): Host {
  return {
    input: (name) => inputs[name] ?? "",
    spell: (name) => name,
    strangers: [],
    read: () => undefined,
    env: {},
    platform: undefined,
    defaultReason: "bench",
    job: undefined,
    arm: () => undefined,
    mask: () => undefined,
    log: () => undefined,
    progress: () => undefined,
    warn: () => undefined,
    debug: () => undefined,
    isDebug: false,
    usage: (line) => {
      throw new Error(line);
    },
    report: () => Promise.resolve(true),
  };
}
