/** Asks the vendor who the credential is and whether it may cancel the run, and looks at the run. Changes nothing. */
import { HttpError } from "../http/error.ts";
import type { Whoami } from "../provider.ts";
import { head, oneLine, oneOf } from "../text.ts";
import { connect, type Connection } from "./connect.ts";
import { type Grant, serverKey } from "./credentials.ts";
import { type Look, look } from "./look.ts";
import type { Classified } from "./reply.ts";
import type { Run } from "./run.ts";
import { publicUrl } from "./server.ts";
import type { CallOptions } from "./session.ts";
import { holds, MissingValue, pick } from "./template.ts";

export interface Check {
  readonly who: string | null;
  /** What the credential is restricted to, in the vendor's words. */
  readonly scopes: readonly string[] | null;
  readonly expires: string | null;
  /** As far as the vendor can be asked; null where it does not tell. */
  readonly may: boolean | null;
  /** Why not, and what was asked in vain. */
  readonly notes: readonly string[];
  readonly seen: Look;
}

/** What one question has told. */
type Told = Partial<Pick<Check, "who" | "scopes" | "expires" | "notes">> & {
  /** One for each thing that it says about the cancel; undefined where it leaves it open. */
  readonly verdicts?: readonly (boolean | undefined)[];
};

export type Asking = Pick<CallOptions, "deadline" | "signal">;

export async function check(run: Run, connection: Connection, asking: Asking): Promise<Check> {
  const grant = connection.grants.get(serverKey(run))!;
  const told: Told[] = [];
  const questions = run.target.whoami ?? run.provider.whoami ?? [];
  for (const question of questions) told.push(await ask(question, run, grant, connection, asking));
  const seen = await look(run, connect(connection)(run), { reason: "", ...asking });
  const { may } = run.target.look;
  if (may !== undefined && seen.ok) {
    const allowed = holds(may, seen.body);
    told.push({
      verdicts: [allowed],
      notes: allowed === false ? ["the run itself says that this credential may not cancel it"] : [],
    });
  }
  const verdicts = told.flatMap(({ verdicts: some = [] }) => some);
  const open = verdicts.length === 0 || verdicts.includes(undefined);
  return {
    who: told.find(({ who }) => who)?.who ?? null,
    scopes: told.find(({ scopes }) => scopes)?.scopes ?? null,
    expires: told.find(({ expires }) => expires)?.expires ?? null,
    may: verdicts.includes(false) ? false : open ? null : true,
    notes: told.flatMap(({ notes = [] }) => notes),
    seen,
  };
}

async function ask(question: Whoami, run: Run, grant: Grant, connection: Connection, asking: Asking): Promise<Told> {
  const { tokens, service, route } = question;
  const { token = "" } = grant.credentials;
  if (tokens && !new RegExp(`^${tokens.source}`).test(head(token))) return {};
  const server = service && publicUrl(service.url, run.place.region);
  // A service of the vendor's own gets no credential for another server.
  if (service && (server === undefined || run.place.kind !== "public")) return {};
  const asked: Run = server === undefined ? run : { ...run, place: { ...run.place, server, api: server } };
  const auth = service ? { ...grant.auth, service: service.name } : grant.auth;
  const grants = new Map([[serverKey(asked), { ...grant, auth }]]);
  try {
    const session = connect({ ...connection, grants })(asked);
    const reply = await session.send(asked, question, { reason: "", changes: false, ...asking });
    if (reply.kind !== "ok") return { ...unanswered(question), notes: [`${route} was answered ${reply.said}`] };
    return read(question, reply);
  } catch (error) {
    // Another target of the vendor has that id.
    if (error instanceof MissingValue) return {};
    if (!(error instanceof HttpError)) throw error;
    return { ...unanswered(question), notes: [`${route}: ${error.message}`] };
  }
}

/** It leaves open what it would have told. */
const unanswered = ({ needs, may }: Whoami): Told => ({ verdicts: needs || may ? [undefined] : [] });

function read(question: Whoami, { reply }: Classified): Told {
  const { who, scopes, scopesHeader = "", needs, expires, expiresHeader = "", may, caveat, route } = question;
  const { body, headers } = reply;
  const shown = listed(pick(scopes, body) ?? headers[scopesHeader]);
  const isEnough = shown && needs?.some((need) => shown.includes(need));
  const allowed = may === undefined ? undefined : holds(may, body);
  const until: unknown = pick(expires, body) ?? headers[expiresHeader];
  const name: unknown = pick(who, body);
  return {
    ...(typeof name === "string" && { who: oneLine(name) }),
    ...(shown && { scopes: shown }),
    ...(typeof until === "string" && { expires: oneLine(until, 60) }),
    verdicts: [...(needs ? [isEnough] : []), ...(may ? [allowed] : [])],
    notes: [
      ...(needs && isEnough === false ? [`a cancel needs the scope ${oneOf(needs)}`] : []),
      ...(allowed === false ? [`${route} says that its role is not enough${caveat ? `; ${caveat}` : ""}`] : []),
    ],
  };
}

function listed(scopes: unknown): readonly string[] | undefined {
  if (typeof scopes === "string")
    return oneLine(scopes)
      .split(/[\s,]+/)
      .filter(Boolean);
  return Array.isArray(scopes) ? scopes.map((scope) => oneLine(`${scope}`, 60)) : undefined;
}
