/** What is known of a run before anything is sent. Needs nothing but the web's own, as a page in a browser has it. */
import { formOf } from "../auth/forms.ts";
import { callsOf } from "../engine/catalog.ts";
import { ownPage, type Run } from "../engine/run.ts";
import { isHost } from "../engine/server.ts";
import { fill, names, withoutMissing } from "../engine/template.ts";
import { variableName } from "../engine/words.ts";
import type { Call, CredentialPart, Ids, Provider, Step, Variable } from "../provider.ts";
import { alike, command, githubStep, gitlabComponent, gitlabJob, lastingForm } from "./steps.ts";

export interface Explanation {
  readonly provider: string;
  /** As the vendor calls the system. */
  readonly name: string;
  /** Other providers that the page may be of: only the server can say. */
  readonly alike: readonly string[];
  readonly target: string;
  readonly ids: Ids;
  readonly server: string;
  readonly region: string | null;
  readonly page: string | null;
  readonly github: string;
  readonly gitlab: { readonly component: string; readonly job: string };
  readonly command: string;
  /** Every form that the vendor takes, the one to keep as a secret first. */
  readonly credentials: readonly Form[];
  readonly permissions: {
    readonly look: string | null;
    readonly cancel: string;
    /** Undefined where the vendor has no forced stop, null where it needs no more than the cancel. */
    readonly force?: string | null;
    readonly docs: string;
  };
  /** The whole of it in a sentence. */
  readonly rights: string;
  readonly look: readonly Request[];
  readonly cancel: readonly Request[];
  readonly force: readonly Request[];
  readonly docs: string;
}

export interface Form {
  readonly inputs: readonly CredentialPart[];
  readonly optional: readonly CredentialPart[];
  /** Its parts are no inputs: it is in the environment on GitHub, too. */
  readonly onlyByVariable: boolean;
  /** Of the vendor's own tools, by input, in the order in which they are read. */
  readonly variables: Readonly<Record<string, readonly string[]>>;
  readonly sent: string;
}

/** `otherwise`: asked only where the server has not got the one before. */
export interface Request {
  readonly method: string;
  readonly address: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly otherwise: boolean;
}

export function explain(run: Run, providers: ReadonlyMap<string, Provider>): Explanation {
  const { key, provider, targetName, target, ids, place, force } = run;
  const { permissions } = target;
  return {
    provider: key,
    name: provider.name,
    alike: place.kind === "found" ? alike(run, providers) : [],
    target: targetName,
    ids,
    server: place.server,
    region: place.region ?? null,
    page: ownPage(run, {}) ?? null,
    github: githubStep(run, providers),
    gitlab: { component: gitlabComponent(run, providers), job: gitlabJob(run, providers) },
    command: command(run, providers),
    credentials: formsOf(provider, new URL(place.server).host),
    permissions: {
      look: permissions?.look ?? null,
      cancel: permissions?.cancel ?? provider.rights,
      ...(force.length > 0 && { force: force[0]!.rights ?? null }),
      docs: permissions?.docs ?? provider.docs,
    },
    rights: provider.rights,
    look: requestsOf(target.look, run),
    cancel: requestsOf(target.cancel, run),
    force: force.flatMap((rung) => requestsOf(rung, run)),
    docs: provider.docs,
  };
}

/** The one that lasts first; with the variables that are for this host, or for any. */
export function formsOf(provider: Provider, host?: string): readonly Form[] {
  const lasting = lastingForm(provider);
  return [lasting, ...provider.auth.filter((auth) => auth !== lasting)].map((auth) => {
    const { needs, takes, sends, onlyByVariable = false } = formOf(auth);
    const variables = [...needs, ...takes].map((name) => {
      const some = (auth.env[name] ?? []).filter((one) => host === undefined || isFor(one, host));
      return [name, some.map(variableName)] as const;
    });
    return {
      inputs: needs,
      optional: takes,
      onlyByVariable,
      variables: Object.fromEntries(variables),
      sent: sends(auth),
    };
  });
}

function isFor(variable: Variable, host: string): boolean {
  if (typeof variable === "string" || !("name" in variable)) return true;
  const { hosts = ["*"], otherThan = [] } = variable;
  return hosts.some((one) => isHost(one, host)) && !otherThan.some((one) => isHost(one, host));
}

function requestsOf(step: Step, run: Run): Request[] {
  const calls = callsOf(step);
  const fallbacks = new Set(calls.map(({ otherwise }) => otherwise));
  return calls.map((call) => ({ ...requestOf(call, run), otherwise: fallbacks.has(call as Call["otherwise"]) }));
}

function requestOf({ route, headers = {} }: Call, run: Run): Omit<Request, "otherwise"> {
  const [method = "", whole = ""] = route.split(" ");
  const values: Ids = { ...run.ids, region: run.place.region ?? "" };
  const path = withoutMissing(whole, values, run.target);
  // An id that only a look teaches stands for itself.
  const [before, after] = ["\u0001", "\u0002"];
  const known = names(path).reduce(
    (text, name) => (name in values ? text : text.replace(new RegExp(`\\{\\+?${name}\\}`), `${before}${name}${after}`)),
    path,
  );
  const filled = fill(known, values).replaceAll(before, "{").replaceAll(after, "}");
  const telling = Object.entries(headers).filter(([name]) => name !== "content-type");
  return { method, address: run.place.api + filled, headers: Object.fromEntries(telling) };
}
