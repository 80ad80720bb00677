/** How each call of a target is known: by a document alone, or by another client, a description for machines, a server. */
import { type Entry, entriesOf } from "../../src/engine/catalog.ts";
import { MissingValue } from "../../src/engine/template.ts";
import type { Call } from "../../src/provider.ts";
import { providers } from "../../src/providers/all.ts";
import { type Clients, clientsOf, type Level, levels, type Operation, operations, type Recorded } from "./clients.ts";
import { callsFor, isSameCall, ours } from "./compare.ts";
import { groups } from "./groups.ts";

type Read = (path: string) => string | undefined;

export interface Known {
  readonly does: Operation;
  readonly call: Call;
  readonly level: Level;
  /** What it was compared with; undefined for a document. */
  readonly source: string | undefined;
}

/** Every call of a target, and the best that it was compared with. */
export function knownCalls(entry: Entry, clients: Clients | undefined): readonly Known[] {
  return operations.flatMap((does) =>
    callsFor(entry, does).map((call) => ({ does, call, ...best(entry, does, call, clients) })),
  );
}

function best(
  entry: Entry,
  does: Operation,
  call: Call,
  clients: Clients | undefined,
): Pick<Known, "level" | "source"> {
  const found = (clients?.requests ?? [])
    .filter((theirs) => asks(theirs, does) && isRecorded(entry, call, theirs))
    .map(({ source }) => clients!.sources[source]!)
    .sort((a, b) => levels.indexOf(a.level) - levels.indexOf(b.level))[0];
  return { level: found?.level ?? "document", source: found?.name };
}

/** One list may be asked for jobs and for what they have started; one cancel may stop, and force. */
function asks(theirs: Recorded, does: Operation): boolean {
  const changes = (operation: Recorded["does"]): boolean => operation === "cancel" || operation === "force";
  return theirs.does === does || !(changes(theirs.does) || changes(does));
}

function isRecorded(entry: Entry, call: Call, theirs: Recorded): boolean {
  try {
    return isSameCall(ours(entry, call, theirs), theirs);
  } catch (error) {
    if (error instanceof MissingValue) return false;
    throw error;
  }
}

/** A target is known as well as the worst known of the calls that look at it and cancel it. */
export function levelOf(known: readonly Known[]): Level {
  return known
    .filter(({ does }) => does === "look" || does === "cancel")
    .map(({ level }) => level)
    .reduce((one, other) => (levels.indexOf(one) > levels.indexOf(other) ? one : other));
}

/** `proof: 8 official client · 3 OpenAPI · …`: how many targets there are at each level. */
export function proof(read: Read): string {
  const targets = [...providers].flatMap(([key, provider]) =>
    [...entriesOf(key, provider).values()].map((entry) => levelOf(knownCalls(entry, clientsOf(key, read)))),
  );
  const counted = groups(targets, (level) => level);
  return `proof: ${levels
    .flatMap((level) => (counted.has(level) ? [`${counted.get(level)!.length} ${level}`] : []))
    .join(" · ")}`;
}
