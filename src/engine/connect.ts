/** Sessions for the servers of a step, each with its credential and its lane. */
import type { Clock } from "../clock.ts";
import { createClient } from "../http/client.ts";
import { Lane } from "../http/lane.ts";
import type { Transport } from "../http/transport.ts";
import type { Budget } from "../provider.ts";
import { type Grant, serverKey } from "./credentials.ts";
import type { Run } from "./run.ts";
import { isHost } from "./server.ts";
import { Session } from "./session.ts";
import { traceTo } from "./trace.ts";

export interface Connection {
  readonly clock: Clock;
  readonly transport: Transport;
  readonly grants: ReadonlyMap<string, Grant>;
  readonly mask: (secret: string) => void;
  readonly debug?: ((line: string) => void) | undefined;
}

/** The session for a run: one a server. */
export function connect({ clock, transport, grants, mask, debug }: Connection): (run: Run) => Session {
  const client = createClient(transport, clock, traceTo(debug));
  const lanes = new Map<string, Lane>();
  const sessions = new Map<string, Session>();
  return (run) => {
    const key = serverKey(run);
    const known = sessions.get(key);
    if (known) return known;
    const { auth, credentials, tokenServer, limits } = grants.get(key)!;
    const session = new Session({
      auth,
      credentials,
      client,
      clock,
      mask,
      laneOf: (origin) => {
        const lane = lanes.get(origin) ?? new Lane(clock, budgetOf(run));
        lanes.set(origin, lane);
        return lane;
      },
      tokenServer,
      limits,
    });
    sessions.set(key, session);
    return session;
  };
}

/** The vendor's documented budget, on the servers that it is for. */
function budgetOf({ provider, place }: Run): Budget | undefined {
  const { budget } = provider.server;
  const { host } = new URL(place.server);
  return budget?.hosts?.some((pattern) => isHost(pattern, host)) === false ? undefined : budget;
}
