/** Looking at a run: the only thing that decides what became of it. */
import { HttpError } from "../http/client.ts";
import type { Ids, Json, Reading, State } from "../provider.ts";
import { oneLine } from "../text.ts";
import { idsOnPage } from "./address.ts";
import { type Run, sibling } from "./run.ts";
import type { CallOptions, Session } from "./session.ts";
import { holds, matches, MissingValue, pick } from "./template.ts";

/** What a look has shown. */
export interface Observation {
  readonly ok: true;
  readonly state: State;
  readonly over: boolean;
  /** The vendor's word. */
  readonly word: string;
  readonly name: string | undefined;
  readonly ref: string | undefined;
  readonly attempt: string | undefined;
  readonly page: string | undefined;
  readonly learned: Ids;
  /** What the run has turned into. */
  readonly became?: Run;
  readonly record: Readonly<Record<string, unknown>>;
  readonly body: Json;
}

/** A look that has not shown the run. */
export interface Unseen {
  readonly ok: false;
  readonly kind:
    "not-found" | "denied" | "another-run" | "shapeless" | "unclear" | "unreachable" | "no-time" | "interrupted";
  readonly detail: string;
  /** Where it was not found. */
  readonly address?: string;
}

export type Look = Observation | Unseen;

/** What a reply shows of a run's state. */
export type Shown = Pick<Observation, "state" | "over" | "word">;

const ended: ReadonlySet<State> = new Set(["cancelled", "succeeded", "failed", "skipped"]);

/** What the run was when our cancel, which was accepted, was sent. */
export interface Asked {
  readonly word: string | undefined;
}

/** Whether nothing more happens in that state. */
export const isEnd = (state: State): boolean => ended.has(state);

/** Looks once; retries of the request are the client's. `asked`: our cancel was accepted before. */
export async function look(
  run: Run,
  session: Session,
  sending: Omit<CallOptions, "changes">,
  asked?: Asked,
): Promise<Look> {
  try {
    const { kind, reply, said, address } = await session.send(run, run.target.look, { ...sending, changes: false });
    if (kind === "not-found") return { ok: false, kind, detail: said, ...(address !== undefined && { address }) };
    if (kind === "denied") return { ok: false, kind, detail: said };
    if (kind === "refused") return { ok: false, kind: "unclear", detail: `the look was answered ${said}` };
    const doubt = notAboutIt(run, reply.body);
    if (doubt !== undefined) return { ok: false, kind: "shapeless", detail: doubt };
    const became = whatItBecame(run, reply.body);
    if (!became) {
      const seen = readLook(run, reply.body, asked);
      return (seen.ok && (await ambiguity(run, seen, session, sending))) || seen;
    }
    const seen = await look(became, session, sending, asked);
    // What has just begun may not be there yet.
    if (!seen.ok && seen.kind === "not-found")
      return {
        ok: false,
        kind: "shapeless",
        detail: `its ${became.targetName} is not there, or hidden (${seen.detail})`,
      };
    return seen.ok ? { ...seen, became } : seen;
  } catch (error) {
    if (error instanceof MissingValue) return { ok: false, kind: "unclear", detail: error.message };
    if (!(error instanceof HttpError)) throw error;
    const kind = {
      unreachable: "unreachable",
      protocol: "unclear",
      denied: "denied",
      postponed: "unreachable",
      deadline: "no-time",
      aborted: "interrupted",
    } as const;
    return { ok: false, kind: kind[error.kind], detail: error.message };
  }
}

/** Whether the address of a run that was seen first now may mean another run, which is there, too. */
async function ambiguity(
  run: Run,
  { learned, page }: Observation,
  session: Session,
  sending: Omit<CallOptions, "changes">,
): Promise<Unseen | undefined> {
  const { mistakenFor } = run.target;
  if (mistakenFor === undefined || run.address === undefined || sending.last !== undefined) return undefined;
  const entries = Object.entries(mistakenFor.ids).map(([theirs, ours]) => [theirs, run.ids[ours] ?? ""] as const);
  const own: Ids = { ...run.ids, ...learned };
  const differing = entries.find(([name, value]) => own[name] !== value);
  if (!differing) return undefined;
  const other = await look(sibling(run, mistakenFor.target, Object.fromEntries(entries)), session, sending);
  if (!other.ok) return other.kind === "not-found" ? undefined : other;
  const [name, value] = differing;
  const detail = `the address may mean ${name} ${own[name] ?? ""}, whose page is ${page ?? run.address}, or ${name} ${value}, whose page is ${other.page ?? "another one"}; give ${name} in place of the address`;
  return { ok: false, kind: "another-run", detail };
}

/** The run that this one has turned into, if the reply tells. */
function whatItBecame(run: Run, body: Json): Run | undefined {
  const { becomes } = run.target;
  if (!becomes) return undefined;
  const { ids } = run.provider.targets[becomes.target]!;
  const own = Object.entries(run.ids).filter(([name]) => Object.hasOwn(ids, name));
  const told: Record<string, string> = Object.fromEntries(own);
  for (const [name, from] of Object.entries(becomes.ids)) {
    const value: unknown = pick(from, body);
    if (typeof value !== "string" && typeof value !== "number") return undefined;
    const text = ids[name]?.normalize?.(`${value}`) ?? `${value}`;
    if (!matches(ids[name]!.pattern, text)) return undefined;
    told[name] = text;
  }
  return sibling(run, becomes.target, told);
}

/** Why a reply shows nothing of the run: a gateway's JSON may have a word for a state, too. */
function notAboutIt(run: Run, body: Json): string | undefined {
  const { shows = {}, also = [] } = run.target.look;
  const ids = Object.entries(shows).flatMap(([name, from]) => {
    const asked = run.ids[name];
    return asked === undefined ? [] : [{ name, asked, shown: textOf(pick(from, body)) }];
  });
  const other = ids.find(({ asked, shown }) => shown !== undefined && asked.toLowerCase() !== shown.toLowerCase());
  if (other) return `the reply is about another run, ${other.shown ?? ""}`;
  const missing = ids.find(({ shown }) => shown === undefined);
  if (!missing) return undefined;
  if (also.length > 0 && also.every((where) => (pick(where, body) ?? null) !== null)) return undefined;
  return `the reply does not say that it is about ${missing.name} ${missing.asked}`;
}

/** The state that a reply shows; undefined when it shows none. `asked`: our cancel was accepted before. */
export function stateOf(run: Run, body: Json, asked?: Asked, reading: Reading = run.target.look): Shown | undefined {
  const raw: unknown = pick(reading.state, body);
  // No vendor has an object for a word.
  if (typeof raw === "object" && raw !== null) return undefined;
  const stated = holds(reading.over, body);
  const word = typeof raw === "string" || typeof raw === "number" ? `${raw}` : undefined;
  if (word === undefined && stated === undefined) return undefined;
  // A word that it had before we asked says nothing of what has come of that.
  const isAfter = asked !== undefined && (stated === true || word !== asked.word);
  const known = isAfter ? run.statesAfterCancel : run.states;
  let state: State = word !== undefined && Object.hasOwn(known, word) ? known[word]! : "unknown";
  if (stated === false && (ended.has(state) || word === undefined)) state = "running";
  const isLive = word === undefined || (state !== "unknown" && !ended.has(state));
  return { state, word: oneLine(word ?? "", 60), over: isLive ? false : (stated ?? ended.has(state)) };
}

/** What the reply to an accepted cancel shows of the run: only one that says which run it is about counts. */
export function shownByReply(run: Run, body: Json, asked: Asked): Shown | undefined {
  const { reply } = run.target.cancel;
  const ids = Object.entries(reply?.shows ?? {});
  const isAboutIt = ids.every(([name, from]) => {
    const shown = textOf(pick(from, body));
    return shown !== undefined && shown.toLowerCase() === run.ids[name]?.toLowerCase();
  });
  return reply && ids.length > 0 && isAboutIt ? stateOf(run, body, asked, reply) : undefined;
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" || typeof value === "number" ? oneLine(`${value}`) || undefined : undefined;
}

function readLook(run: Run, body: Json, asked: Asked | undefined): Look {
  const { look: reading } = run.target;
  const shown = stateOf(run, body, asked);
  if (!shown) return { ok: false, kind: "shapeless", detail: "the reply does not say which state the run is in" };
  const text = (from: Parameters<typeof pick>[0]): string | undefined => textOf(pick(from, body));
  const stated = runOnPage(text(reading.url), run);
  if (stated !== undefined) return { ok: false, kind: "another-run", detail: stated };
  const fields = Object.entries(reading.record ?? {}).map(([name, from]) => [name, clean(pick(from, body))] as const);
  const learned = Object.entries(reading.learn ?? {}).flatMap(([name, from]) => {
    const value = text(from);
    const id = run.target.ids[name];
    const normal = value !== undefined && id?.normalize ? id.normalize(value) : value;
    return normal !== undefined ? [[name, normal] as const] : [];
  });
  return {
    ok: true,
    ...shown,
    name: text(reading.name),
    ref: text(reading.ref),
    attempt: text(reading.attempt),
    page: safePage(text(reading.url), run),
    learned: Object.fromEntries(learned),
    record: Object.fromEntries(fields.filter(([, value]) => value !== undefined)),
    body,
  };
}

/**
 * What is wrong with a run that was named by its page, where the server states another page for it: some servers number the pages of
 * a repository's runs, while their API takes ids. A run has moved, or its project has another name, if its unique id is the same.
 */
function runOnPage(stated: string | undefined, run: Run): string | undefined {
  if (run.address === undefined || stated === undefined || !URL.canParse(stated)) return undefined;
  const other = idsOnPage(new URL(stated), run);
  const asked = Object.entries(run.ids).filter(([name]) => name === run.uniqueId || run.uniqueId === undefined);
  const differs = other && asked.some(([name, id]) => other[name] !== undefined && !isSameId(other[name], id));
  if (!differs) return undefined;
  const [given, shown] = [run.ids[run.listId] ?? "", oneLine(stated, 200)];
  return `the page ${run.address} is not that of the run ${given} that the server has: its page is ${shown}; nothing was sent, give the run by its ${run.listId}`;
}

function isSameId(one: string, other: string): boolean {
  const plain = (id: string): string =>
    id.replace(/%[0-9a-f]{2}/gi, (escape) => String.fromCharCode(parseInt(escape.slice(1), 16)));
  return plain(one).toLowerCase() === plain(other).toLowerCase();
}

const clean = (value: unknown): unknown =>
  typeof value === "string"
    ? oneLine(value, 1000)
    : typeof value === "number" || typeof value === "boolean"
      ? value
      : undefined;

/** A link that a reply states is shown only if it leads to the server we asked, or to the vendor's own. */
function safePage(page: string | undefined, run: Run): string | undefined {
  if (page === undefined || !URL.canParse(page)) return undefined;
  const { protocol, hostname, username } = new URL(page);
  const asked = [run.place.server, run.place.api].map((address) => new URL(address).hostname);
  const vendor = new URL(run.provider.docs).hostname.split(".").slice(-2).join(".");
  const known = asked.includes(hostname) || hostname.endsWith(`.${vendor}`);
  return /^https?:$/.test(protocol) && !username && known ? page : undefined;
}
