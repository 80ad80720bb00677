/** Who gets a credential. A wrong answer here sends a secret to a stranger, so every rule fails closed, before anything is sent. */
import { schemes } from "../auth/index.ts";
import type { Credentials } from "../auth/scheme.ts";
import type { Environment } from "../environment.ts";
import type { Auth, CredentialName } from "../provider.ts";
import { oneOf } from "../text.ts";
import type { Lookup } from "./lookup.ts";
import type { Run } from "./run.ts";
import { checkSecret, type Settings } from "./settings.ts";
import { UsageError } from "./usage.ts";

export interface Grant {
  readonly auth: Auth;
  readonly credentials: Credentials;
}

/** A vendor's server, as far as credentials are concerned: its public services in one region are one. */
export function serverKey(run: Run): string {
  return `${run.key} ${run.place.kind === "public" ? (run.place.region ?? "") : run.place.server}`;
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
      )}); use one step a server`,
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
        name === undefined
          ? fromEnvironment(run, settings, lookup)
          : fromInputs(run, settings.credentials, inputs, lookup);
      if (schemes[granted.auth.scheme].byRegion && run.place.region === undefined)
        throw new UsageError(`${lookup.spell("region")} is missing: the credential of provider ${run.key} needs it`);
      return [key, granted];
    }),
  );
}

function fromInputs(run: Run, credentials: Credentials, inputs: readonly CredentialName[], lookup: Lookup): Grant {
  const fitting = run.provider.auth.find((auth) => {
    const { needs, takes } = schemes[auth.scheme];
    return (
      needs.every((need) => inputs.includes(need)) && inputs.every((one) => needs.includes(one) || takes.includes(one))
    );
  });
  if (fitting) return { auth: fitting, credentials };
  const incomplete = run.provider.auth.some(({ scheme }) => {
    const { needs, takes } = schemes[scheme];
    return inputs.every((one) => needs.includes(one) || takes.includes(one));
  });
  const names = oneOf(
    inputs.map((one) => lookup.spell(one)),
    "and",
  );
  const are = inputs.length === 1 ? "is" : "are";
  const wrong = incomplete
    ? `${names} alone ${are} not enough for provider ${run.key}`
    : `${names} ${are} not what provider ${run.key} takes`;
  throw new UsageError(`${wrong}; it takes ${forms(run, lookup)}`);
}

function fromEnvironment(run: Run, settings: Settings, lookup: Lookup): Grant {
  const { platform, env } = lookup;
  const onPlatform = platform?.provider === run.key && run.place.server === platform.server;
  for (const auth of run.provider.auth) {
    const variables = variablesFor(auth, env, onPlatform ? undefined : platform?.token);
    if (!variables) continue;
    if (run.place.kind === "found" && !onPlatform) throw mayNotGo([...variables.values()], run, settings, lookup);
    const credentials = [...variables].map(([name, variable]) => [name, checkSecret(env[variable]!.trim(), variable)]);
    return { auth, credentials: Object.fromEntries(credentials) as Credentials };
  }
  const own = run.provider.auth.find(({ scheme }) => schemes[scheme].needs.join() === "token");
  if (onPlatform && platform.token !== undefined && own)
    return { auth: own, credentials: { token: checkSecret(platform.token.trim(), "the job's own token") } };
  throw new UsageError(`no credential for ${host(run)}: give ${forms(run, lookup)}`);
}

/**
 * The variables that hold a credential of this form; undefined unless it is whole.
 * `own` is the job's own token, which counts as none: runners and people put it into variables of other vendors' tools, too.
 */
function variablesFor(auth: Auth, env: Environment, own: string | undefined): Map<CredentialName, string> | undefined {
  const { needs, takes } = schemes[auth.scheme];
  const variables = new Map<CredentialName, string>();
  for (const name of [...needs, ...takes]) {
    const variable = auth.env[name]?.find((one) => {
      const value = env[one]?.trim();
      return value && value !== own?.trim();
    });
    if (variable !== undefined) variables.set(name, variable);
  }
  return needs.every((need) => variables.has(need)) ? variables : undefined;
}

/** The server stands in an address only, and addresses come from outputs of other jobs. */
function mayNotGo(variables: readonly string[], run: Run, { serverUrl }: Settings, { spell }: Lookup): UsageError {
  const input = spell("server-url");
  const cure =
    serverUrl === undefined
      ? `; if that is your server, say so in ${input}`
      : `, which is not the server of ${input}; use one step a server`;
  return new UsageError(
    `${spell("url")}: ${oneOf(variables, "and")} from the environment may not go to ${host(run)}${cure}`,
  );
}

const host = (run: Run): string => (run.place.kind === "public" ? run.provider.name : new URL(run.place.server).host);

/** The accepted credentials, as the user of this host gives them. */
function forms(run: Run, lookup: Lookup): string {
  return oneOf(
    run.provider.auth.map((auth) => {
      const { needs, takes } = schemes[auth.scheme];
      const names = [
        ...needs.map((need) => lookup.spell(need)),
        ...takes.map((take) => `[${lookup.spell(take)}]`),
      ].join(" + ");
      const variables = needs.map((need) => auth.env[need]?.[0]).filter((variable) => variable !== undefined);
      return variables.length === needs.length ? `${names} (or ${oneOf(variables, "and")} in the environment)` : names;
    }),
  );
}
