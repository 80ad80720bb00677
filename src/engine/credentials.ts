/** Who gets a credential. A wrong answer here sends a secret to a stranger, so every rule fails closed, before anything is sent. */
import { formOf } from "../auth/forms.ts";
import { type Credentials, type FileCredential, Unusable } from "../auth/scheme.ts";
import type { Environment } from "../environment.ts";
import type { Auth, CredentialName, CredentialPart, Variable } from "../provider.ts";
import { head, oneLine, oneOf } from "../text.ts";
import { lineFor, type Lookup } from "./lookup.ts";
import type { Run } from "./run.ts";
import { checkServer, ignoresServerEnv, isHost, publicUrl } from "./server.ts";
import { checkSecret, credentialNames, type Settings } from "./settings.ts";
import { matches } from "./template.ts";
import { UsageError } from "./usage.ts";
import { variableName } from "./words.ts";

export interface Grant {
  readonly auth: Auth;
  readonly credentials: Credentials;
  /** What of them is secret, where it is not each of them as a whole. */
  readonly secrets?: readonly string[];
  /** The address of the token service, where there is one and it is known. */
  readonly tokenServer?: string;
  /** The credential is a token of our own job: why it was refused, or did not find a run, as far as that is known. */
  readonly limits?: (run: Run, kind: "denied" | "not-found") => string | undefined;
}

/** Parts of a credential that are no secret. */
const openParts: readonly CredentialPart[] = [
  "username",
  "domain",
  "role",
  "session-name",
  "credentials-address",
  "client-id",
  "tenant-id",
];

/** A vendor's server, as far as credentials are concerned: its public services in one region are one. */
export function serverKey(run: Run): string {
  return `${run.key} ${run.place.kind === "public" ? (run.place.region ?? run.place.server) : run.place.server}`;
}

/** The credential for each server of the runs, by `serverKey`. Throws `UsageError`. */
export function grant(runs: readonly Run[], settings: Settings, lookup: Lookup): Map<string, Grant> {
  const servers = new Map(runs.map((run) => [serverKey(run), run]));
  const inputs = Object.keys(settings.credentials) as CredentialName[];
  const [name] = inputs;
  if (name !== undefined && servers.size > 1) {
    throw new UsageError(
      `${lookup.spell(name)} is for one server, but the addresses are on several (${oneOf(
        [...servers.values()].map((run) => host(run)),
        "and",
      )}); use one step per server`,
    );
  }
  const stray = [...servers.values()].find((run) => settings.serverUrl !== undefined && run.place.kind !== "given");
  if (name !== undefined && stray)
    throw new UsageError(
      `${lookup.spell("url")}: ${host(stray)} is not the server of ${lookup.spell("server-url")}, and ${lookup.spell(name)} goes only there`,
    );
  return new Map(
    [...servers].map(([key, run]) => {
      const granted =
        name === undefined ? fromEnvironment(run, settings, lookup) : fromInputs(run, settings, inputs, lookup);
      if (formOf(granted.auth).byRegion && run.place.region === undefined)
        throw new UsageError(`${lookup.spell("region")} is missing: the credential of provider ${run.key} needs it`);
      const tokenServer = tokenServerOf(run, granted.auth, settings, lookup);
      const limits = limitsOf(granted, lookup);
      return [key, { ...granted, ...(tokenServer !== undefined && { tokenServer }), ...(limits && { limits }) }];
    }),
  );
}

/** What is to be hidden wherever it stands. */
export function secretsOf(grants: ReadonlyMap<string, Grant>): readonly string[] {
  return [...grants.values()].flatMap(
    ({ credentials, secrets }) =>
      secrets ??
      Object.entries(credentials).flatMap(([part, value]) => (openParts.some((open) => open === part) ? [] : [value])),
  );
}

function limitsOf({ credentials }: Grant, { platform, spell }: Lookup): Grant["limits"] {
  const token = credentials.token;
  const isOwn = token !== undefined && token === platform?.token?.trim();
  if (!isOwn && (token === undefined || token !== platform?.limits?.of.trim())) return undefined;
  return (run, kind) => {
    const elsewhere = Object.entries(platform.ids).find(
      ([name, id]) => run.ids[name] !== undefined && run.ids[name].toLowerCase() !== id.toLowerCase(),
    );
    if (isOwn && elsewhere)
      return `the job's own token reaches only its own ${elsewhere[0]}, ${elsewhere[1]}: for another one give ${spell("token")}`;
    return kind === "denied" ? platform.limits?.why() : undefined;
  };
}

/**
 * Where the credential is exchanged, or explained. A server of one's own says nothing of its token service, and the public one is
 * no place for the password of another cloud.
 */
function tokenServerOf(run: Run, auth: Auth, { allowHttp }: Settings, { env, spell }: Lookup): string | undefined {
  const { tokenServer, tokenServerEnv = [], tokenServers } = auth;
  if (tokenServer === undefined) return undefined;
  const variable = ignoresServerEnv(run.provider, env) ? undefined : tokenServerEnv.find((name) => env[name]?.trim());
  if (variable !== undefined) {
    const http = `${spell("allow-http")} allows http`;
    const { origin, pathname } = checkServer(env[variable]!.trim(), variable, allowHttp, http);
    // Some tools write the version into it.
    const named = origin + head(pathname).replace(/\/+$/, "").replace(/\/v3$/, "");
    if (tokenServers && !tokenServers.includes(named))
      throw new UsageError(`${variable}: "${oneLine(named, 120)}" is not accepted; it takes ${oneOf(tokenServers)}`);
    return named;
  }
  if (typeof tokenServer === "string" || run.place.kind === "public") return publicUrl(tokenServer, run.place.region);
  const { exchanges } = formOf(auth);
  if (exchanges)
    throw new UsageError(
      `${tokenServerEnv[0] ?? ""} is not set in the environment: with ${spell("server-url")} it has to say where ${oneOf(exchanges.map(spell), "and")} may go`,
    );
  return undefined;
}

function fromInputs(run: Run, settings: Settings, inputs: readonly CredentialName[], lookup: Lookup): Grant {
  const { credentials } = settings;
  const names = oneOf(
    inputs.map((one) => lookup.spell(one)),
    "and",
  );
  if (run.place.kind === "found") throw mayNotGo(names, run, settings, lookup);
  const fitting = run.provider.auth.find((auth) => {
    const { needs, takes, onlyByVariable } = formOf(auth);
    return (
      !onlyByVariable &&
      isLike(auth, credentials.token) &&
      needs.every((need) => inputs.some((one) => one === need)) &&
      inputs.every((one) => needs.includes(one) || takes.includes(one))
    );
  });
  if (fitting) return { auth: fitting, credentials };
  const incomplete = run.provider.auth.some((auth) => {
    const { needs, takes } = formOf(auth);
    return inputs.every((one) => needs.includes(one) || takes.includes(one));
  });
  const are = inputs.length === 1 ? "is" : "are";
  const wrong = incomplete
    ? `${names} alone ${are} not enough for provider ${run.key}`
    : `${names} ${are} not what provider ${run.key} takes`;
  throw new UsageError(`${wrong}; it takes ${forms(run, lookup)}`);
}

function fromEnvironment(run: Run, settings: Settings, lookup: Lookup): Grant {
  const { platform, env } = lookup;
  const onPlatform = platform?.provider === run.key && run.place.server === platform.server;
  const own = onPlatform ? undefined : platform?.token;
  for (const auth of run.provider.auth) {
    // A server that only an address names is not asked to change anything, and a vendor's own wants to know who asks.
    if (auth.scheme === "none" && run.place.kind !== "given") continue;
    const variables = variablesFor(auth, run, env, own);
    if (!formOf(auth).needs.every((need) => variables.has(need))) continue;
    const names = [...variables.values()].filter(({ namesHost }) => !namesHost).map(({ name }) => name);
    if (run.place.kind === "found" && names.length > 0)
      throw mayNotGo(`${oneOf(names, "and")} from the environment`, run, settings, lookup);
    const read = [...variables].map(([part, one]) => [part, credentialIn(part, one, auth, lookup)] as const);
    const secrets = read.flatMap(([, one]) => one.secrets ?? []);
    const credentials: Credentials = Object.fromEntries(read.map(([part, { credential }]) => [part, credential]));
    for (const [part, { name }] of variables) {
      const wrong = formOf(auth).wrong?.(credentials)[part];
      if (wrong !== undefined) throw new UsageError(`${name} is not accepted; ${wrong}`);
    }
    return { auth, credentials, ...(secrets.length > 0 && { secrets }) };
  }
  const byToken = run.provider.auth.find((auth) => formOf(auth).needs.join() === "token");
  if (onPlatform && platform.token !== undefined && byToken)
    return { auth: byToken, credentials: { token: checkSecret(platform.token.trim(), "the job's own token") } };
  const others = withheld(run, env);
  const but =
    others.length > 0 ? `${oneOf(others, "and")} in the environment may not go there` : partlySet(run, env, own);
  const unknown = run.place.kind === "found" ? `, and, ${remedy(run, lookup)}` : "";
  throw new UsageError(`no credential for ${host(run)}${but && ` (${but})`}: give ${forms(run, lookup)}${unknown}`);
}

/** Whether a token is of the kind that travels this way. */
const isLike = ({ tokens }: Auth, token = ""): boolean => tokens === undefined || matches(tokens.like, token);

/** A variable that is set. `namesHost`: its name says that it is for the run's host. `isFile`: it holds the path of a file. */
interface Held {
  readonly name: string;
  readonly namesHost: boolean;
  /** `Bearer` stands in front. */
  readonly hasScheme?: true;
  readonly isFile?: true;
}

/** `authorization` is the whole value of a header, with the name of its scheme. Throws `UsageError`. */
function checkPart(part: CredentialPart, value: string, where: string): string {
  checkSecret(part === "authorization" ? value.replace(/^\w+ /, "") : value, where);
  return value;
}

/** What a variable holds, or the file that it names. */
function credentialIn(
  part: CredentialPart,
  { name, hasScheme, isFile }: Held,
  auth: Auth,
  { env, read }: Lookup,
): Pick<FileCredential, "credential"> & Partial<FileCredential> {
  const value = env[name]!.trim();
  if (!isFile) return { credential: checkPart(part, hasScheme ? value.replace(/^bearer +/i, "") : value, name) };
  const where = `${name} in the environment names ${oneLine(value, 120)}`;
  const text = read?.(value);
  if (text === undefined)
    throw new UsageError(
      `${where}, which is not there; an action that has written it deletes it in its own post step, which comes first where that action stands after this one`,
    );
  const { reads } = formOf(auth);
  if (!reads && text.trim() === "") throw new UsageError(`${where}, which is empty`);
  if (!reads) return { credential: checkPart(part, text.trim(), `the file of ${name}`) };
  try {
    return reads(text, { env, read: (path) => read?.(path) });
  } catch (error) {
    if (!(error instanceof Unusable)) throw error;
    throw new UsageError(`${where}, ${error.message}`);
  }
}

/** What is set and what is not, of a form that misses the least. */
function partlySet(run: Run, env: Environment, own: string | undefined): string {
  const parts = run.provider.auth.flatMap((auth) => {
    const variables = variablesFor(auth, run, env, own);
    const [set, missing] = [true, false].map((isSet) =>
      formOf(auth).needs.filter((need) => variables.has(need) === isSet),
    );
    const lacking = missing!.flatMap((need) => (auth.env[need] ?? []).slice(0, 1).map(variableName));
    const isPart = set!.length > 0 && lacking.length === missing!.length;
    return isPart ? [{ set: set!.map((need) => variables.get(need)!.name), lacking }] : [];
  });
  const least = Math.min(...parts.map(({ lacking }) => lacking.length));
  const nearest = parts.filter(({ lacking }) => lacking.length === least);
  const [first] = nearest;
  if (!first) return "";
  const lacking =
    least === 1 ? oneOf([...new Set(nearest.flatMap((one) => one.lacking))]) : oneOf(first.lacking, "and");
  const [is, are] = [first.set, first.lacking].map(({ length }) => (length === 1 ? "is" : "are"));
  return `${oneOf(first.set, "and")} ${is} set in the environment, and ${lacking} ${are} not`;
}

/**
 * The variables that hold a credential of this form, or a part of it.
 * `own` is the job's own token, which counts as none: runners and people put it into variables of other vendors' tools, too.
 */
function variablesFor(auth: Auth, run: Run, env: Environment, own: string | undefined): Map<CredentialPart, Held> {
  const { needs, takes } = formOf(auth);
  const variables = new Map<CredentialPart, Held>();
  for (const name of [...needs, ...takes]) {
    const set = (auth.env[name] ?? []).flatMap((variable) => held(variable, run, env) ?? []);
    const others = set.filter((one) => env[one.name]!.trim() !== own?.trim());
    const first = others.find((one) => name !== "token" || isLike(auth, env[one.name]!.trim()));
    if (first !== undefined) variables.set(name, first);
  }
  return variables;
}

/** The variable, if it is set and the vendor's own tools would send it to the run's server. */
function held(variable: Variable, run: Run, env: Environment): Held | undefined {
  if (typeof variable === "string") return env[variable]?.trim() ? { name: variable, namesHost: false } : undefined;
  if ("file" in variable)
    return env[variable.file]?.trim() ? { name: variable.file, namesHost: false, isFile: true } : undefined;
  const { host: whole } = new URL(run.place.server);
  if ("prefix" in variable) {
    const name = Object.keys(env).findLast(
      (one) =>
        one.startsWith(variable.prefix) &&
        env[one]?.trim() &&
        variable.host(one.slice(variable.prefix.length)) === whole,
    );
    return name === undefined ? undefined : { name, namesHost: true };
  }
  const { name, hasScheme } = variable;
  if (!env[name]?.trim() || !mayHave(variable, run, env)) return undefined;
  return { name, namesHost: false, ...(hasScheme && { hasScheme }) };
}

function mayHave(
  variable: Extract<Variable, { readonly name: string }>,
  { place, provider }: Run,
  env: Environment,
): boolean {
  const { hosts = ["*"], otherThan = [], servers } = variable;
  const { host: here } = new URL(place.server);
  if (!hosts.some((one) => isHost(one, here)) || otherThan.some((one) => isHost(one, here))) return false;
  if (servers === undefined) return true;
  const whose = servers.map((name) => env[name]?.trim()).find(Boolean);
  if (whose !== undefined) {
    const { serverIn } = provider.server;
    const server = serverIn ? serverIn(whose) : whose;
    return server === undefined ? place.kind === "public" : hostOf(server) === here;
  }
  return place.variable === undefined;
}

function hostOf(server: string): string | undefined {
  const whole = server.includes("://") ? server : `https://${server}`;
  return URL.canParse(whole) ? new URL(whole).host : undefined;
}

/** Variables that are set and are for other servers. */
function withheld(run: Run, env: Environment): string[] {
  const limited = run.provider.auth.flatMap((auth) => Object.values(auth.env).flat());
  return limited.flatMap((variable) =>
    typeof variable === "object" && "name" in variable && env[variable.name]?.trim() && !held(variable, run, env)
      ? [variable.name]
      : [],
  );
}

/** The server merely stands in an address, and addresses come from artifacts, outputs and pull requests. */
function mayNotGo(names: string, run: Run, { serverUrl }: Settings, lookup: Lookup): UsageError {
  const input = lookup.spell("server-url");
  const why =
    serverUrl === undefined
      ? `; ${remedy(run, lookup)}`
      : `, which is not the server of ${input}; use one step per server`;
  return new UsageError(`${lookup.spell("url")}: ${names} may not go to ${host(run)}${why}`);
}

const remedy = ({ place }: Run, lookup: Lookup): string =>
  `if that is your server, add ${lineFor("server-url", place.server, lookup)}`;

/** As people call it: the vendor's name, where it has but one public server. */
function host({ place, provider }: Run): string {
  const isOnly = place.kind === "public" && provider.server.alsoPublic === undefined;
  return isOnly ? provider.name : new URL(place.server).host;
}

function withoutCredential({ place }: Run, { spell }: Lookup): string[] {
  if (place.kind === "public") return [];
  return [place.kind === "given" ? "none" : `${spell("server-url")} alone, where the server asks for none`];
}

/** A form that only variables have is told of where it is a file, or has parts that are no inputs. */
function byVariables(auth: Auth): string[] {
  const { needs } = formOf(auth);
  const first = needs.flatMap((need) => (auth.env[need] ?? []).slice(0, 1));
  const [file] = first.flatMap((one) => (typeof one === "object" && "file" in one ? one.file : []));
  if (needs.length === 1 && file !== undefined) return [`a credential file named by ${file} in the environment`];
  const areInputs = needs.every((need) => credentialNames.some((name) => name === need));
  return areInputs ? [] : [`${oneOf(first.map(variableName), "and")} in the environment`];
}

/** The accepted credentials, as the user of this host gives them. */
function forms(run: Run, lookup: Lookup): string {
  return oneOf(
    run.provider.auth.flatMap((auth) => {
      const { needs, takes, onlyByVariable } = formOf(auth);
      if (auth.scheme === "none") return withoutCredential(run, lookup);
      if (onlyByVariable) return byVariables(auth);
      const names = [
        ...needs.map((need) => lookup.spell(need)),
        ...takes.map((take) => `[${lookup.spell(take)}]`),
      ].join(" + ");
      const variables = needs.flatMap(
        (need) =>
          (auth.env[need] ?? []).flatMap((one) => {
            if (typeof one === "string") return [one];
            if ("file" in one) return [one.file];
            return "name" in one && mayHave(one, run, lookup.env) ? [one.name] : [];
          })[0] ?? [],
      );
      return variables.length === needs.length ? `${names} (or ${oneOf(variables, "and")} in the environment)` : names;
    }),
  );
}
