/** Sessions for the servers of a step, each with its credential and its lane. */
import type { Clock } from "../clock.ts";
import { createClient } from "../http/client.ts";
import { Lane } from "../http/lane.ts";
import type { Transport } from "../http/transport.ts";
import { type Grant, serverKey } from "./credentials.ts";
import type { Run } from "./run.ts";
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
    const { auth, credentials, tokenServer } = grants.get(key)!;
    const session = new Session({
      auth,
      credentials,
      client,
      clock,
      mask,
      laneOf: (origin) => {
        const lane = lanes.get(origin) ?? new Lane(clock, run.provider.server.spacing);
        lanes.set(origin, lane);
        return lane;
      },
      tokenServer,
    });
    sessions.set(key, session);
    return session;
  };
}
