/** The inputs, read and checked. */
import { Redactor, secrets as known } from "../http/redact.ts";
import { type FailOn, type Input, inputs, type InputName, isSecret, outcomes } from "../interface.ts";
import type { CredentialName, State } from "../provider.ts";
import { head, oneLine, oneOf } from "../text.ts";
import { listOf, readPairs, unquoted } from "./id-pairs.ts";
import { lineFor } from "./lookup.ts";
import { idNames, type Manifest } from "./manifest.ts";
import { nearest } from "./nearest.ts";
import { matches } from "./template.ts";
import { isLiteral, NotTerms, readTerms, type Terms } from "./terms.ts";
import { UsageError } from "./usage.ts";
import { sentenceOn, withoutCancel } from "./without-cancel.ts";

/** What the settings are read from: a host, or a test. */
export interface InputSource {
  input(name: string): string;
  spell(name: string): string;
  readonly defaultReason: string;
}

export interface Settings {
  readonly addresses: readonly string[];
  readonly provider: string | undefined;
  readonly serverUrl: string | undefined;
  readonly region: string | undefined;
  /** As they are written, quotes included: `listOf` and `unquoted` read them. */
  readonly ids: Readonly<Record<string, string>>;
  /** Path of a file with the page, or the last id. */
  readonly idFile: string | undefined;
  readonly credentials: Readonly<Partial<Record<CredentialName, string>>>;
  readonly reason: string;
  readonly wait: boolean;
  /** ms */
  readonly timeout: number;
  /** ms */
  readonly forceAfter: number | undefined;
  readonly dryRun: boolean;
  readonly self: boolean;
  readonly allowHttp: boolean;
  readonly failOn: readonly FailOn[];
  readonly debug: boolean;
  readonly when: "now" | "cancelled" | "failed" | "unsuccessful";
  readonly downstream: boolean;
  /** A glob on job names: a run in which one has started is spared. */
  readonly unlessJob: string | undefined;
  /** What runs are chosen by, when not by id. */
  readonly selection: Selection | undefined;
  readonly maxRuns: number;
}

export interface Selection {
  readonly branch: Terms | undefined;
  readonly commit: Terms | undefined;
  readonly workflow: Terms | undefined;
  readonly event: Terms | undefined;
  /** The repositories that the branch may be in; undefined for the one that is listed. */
  readonly headRepository: Terms | undefined;
  readonly states: readonly State[];
  readonly pullRequest: string | undefined;
  /** ms */
  readonly olderThan: number | undefined;
  readonly olderThanThis: boolean;
  readonly orphaned: boolean;
  readonly keepNewest: number;
  readonly withJob: string | undefined;
  readonly withFailedJob: string | undefined;
}

/** States in which a run can be cancelled. */
const live = ["queued", "running", "blocked", "cancelling"] as const satisfies readonly State[];

export const credentialNames = [
  "token",
  "username",
  "password",
  "access-key",
  "secret-key",
  "security-token",
  "domain",
] as const satisfies readonly CredentialName[];

/** Longest reason that is sent or shown, in characters; a provider's template may cut it shorter. */
const maxReasonLength = 1000;

/** Reads every input once. Throws `UsageError`. */
export function readSettings(source: InputSource, manifest: Manifest): Settings {
  refuseStraySecrets(source, manifest);
  const { text, yes } = readerOf(source);
  const provider = text("provider")?.toLowerCase();
  const without = withoutCancel.get(provider ?? "");
  if (without) throw new UsageError(`${source.spell("provider")}: ${sentenceOn(without)}`);
  if (provider !== undefined && !manifest.has(provider)) {
    const near = nearest(provider, [...manifest.keys()]);
    const takes = `takes ${oneOf([...manifest.keys()])}${near === undefined ? "" : `; did you mean ${near}?`}`;
    throw bad(source, "provider", text("provider") ?? "", takes);
  }
  const ids = readIds(source, manifest);
  const credentials = readCredentials(source);
  const selection = readSelection(source);
  const forceAfter = text("force-after");
  const when = text("when") as Settings["when"];
  return {
    addresses: readAddresses(source.input("url")),
    provider,
    serverUrl: text("server-url"),
    region: text("region"),
    ids,
    idFile: text("id-file"),
    credentials,
    reason: oneLine(blot(text("reason") ?? source.defaultReason, secretsIn(credentials)), maxReasonLength),
    wait: yes("wait"),
    timeout: milliseconds(source, "timeout", text("timeout") ?? (when === "now" ? "5m" : "1m")),
    forceAfter: forceAfter === undefined ? undefined : milliseconds(source, "force-after", forceAfter),
    dryRun: yes("dry-run"),
    self: yes("self"),
    allowHttp: yes("allow-http"),
    failOn: readFailOn(source),
    debug: yes("debug"),
    when,
    downstream: yes("downstream"),
    unlessJob: text("unless-job"),
    selection,
    maxRuns: Number(text("max-runs")),
  };
}

/** Addresses in a text, without what came along when they were copied. */
export function readAddresses(text: string): string[] {
  return text
    .split(/\s+/)
    .flatMap((part) => part.split(/,(?=https?:)/i))
    .map((address) => head(unquoted(unquoted(address).replace(/[,;]$/, ""))))
    .filter(Boolean);
}

/** The ids by name, and those of `ids`. */
function readIds(source: InputSource, manifest: Manifest): Settings["ids"] {
  const byName = nonEmpty(source, idNames(manifest));
  const spelled = source.spell("ids");
  const pairs = readPairs(source.input("ids"));
  if (typeof pairs === "string") throw new UsageError(`${spelled} ${pairs}`);
  const ids: Record<string, string> = { ...byName };
  const seen = new Set<string>();
  for (const { name, value } of pairs) {
    if (seen.has(name))
      throw new UsageError(
        `${spelled}: ${oneLine(name, 60)} is given twice; the last id takes a list, separated by commas`,
      );
    seen.add(name);
    if (inputs.some((input) => input.name === name))
      throw new UsageError(`${spelled}: ${name} is not an id; give it as ${source.spell(name)}`);
    if (value === "") continue;
    if (value.startsWith("//") && /^https?$/i.test(name))
      throw new UsageError(`${spelled} takes ids by name, such as job-id: 4711, and this is an address`);
    const other = Object.hasOwn(byName, name) ? byName[name] : undefined;
    if (other !== undefined && listOf(other).join() !== listOf(value).join())
      throw new UsageError(`${source.spell(name)} and ${name} in ${spelled} differ; give one of them`);
    ids[name] = value;
  }
  return ids;
}

function readFailOn(source: InputSource): readonly FailOn[] {
  const words = readerOf(source).list("fail-on", /[\s,]+/);
  const all = [...Object.keys(outcomes), "nothing"];
  for (const word of words) {
    if (all.includes(word) || (word === "none" && words.length === 1)) continue;
    const near = word === "none" ? undefined : nearest(word, all);
    const takes = `takes none, or outcomes separated by commas: ${oneOf(all, "and")}`;
    throw bad(source, "fail-on", word, near === undefined ? takes : `${takes}; did you mean ${near}?`);
  }
  return words.filter((word): word is FailOn => word !== "none");
}

/** Undefined when no input selects. */
function readSelection(source: InputSource): Selection | undefined {
  const { text, yes, list } = readerOf(source);
  const states = list("status", ",").map((word) => {
    if (!(live as readonly string[]).includes(word))
      throw bad(source, "status", word, `takes ${oneOf(live)}, by comma`);
    return word as State;
  });
  const olderThan = text("older-than");
  const selection: Selection = {
    branch: withoutPrefix(wantingTerms(source, "branch", text("branch"))),
    commit: commitTerms(source, text("commit")),
    workflow: termsOf(source, "workflow", text("workflow"), ","),
    event: termsOf(source, "event", text("event"), ","),
    headRepository: wantingTerms(source, "head-repository", text("head-repository")),
    states,
    pullRequest: text("pull-request"),
    olderThan: olderThan === undefined ? undefined : milliseconds(source, "older-than", olderThan, maxAge),
    olderThanThis: yes("older-than-this"),
    orphaned: yes("orphaned"),
    keepNewest: Number(text("keep-newest") ?? 0),
    withJob: text("with-job"),
    withFailedJob: text("with-failed-job"),
  };
  const selects = Object.values(selection).some((value) => (Array.isArray(value) ? value.length > 0 : Boolean(value)));
  if (!selects) return undefined;
  if (!selection.branch && !selection.commit && selection.pullRequest === undefined) throw ofNothing(source);
  return states.length > 0 ? selection : { ...selection, states: live };
}

/** What an expression leaves empty must not select everything: the runner hands on no difference between that and not given. */
function ofNothing(source: InputSource): UsageError {
  const [branch, commit, pullRequest] = (["branch", "commit", "pull-request"] as const).map((name) =>
    source.spell(name),
  );
  return new UsageError(
    `a selection says which branch, commit or pull request it is about, but ${branch}, ${commit} and ${pullRequest} are all empty, as a pull request's branch is in a run of a push; ${lineFor("branch", '"*"', source)} selects from every branch of the repository`,
  );
}

function termsOf(
  source: InputSource,
  name: InputName,
  text: string | undefined,
  separator: "," | " ",
): Terms | undefined {
  if (text === undefined) return undefined;
  try {
    return readTerms(text, separator);
  } catch (error) {
    if (!(error instanceof NotTerms)) throw error;
    throw new UsageError(`${source.spell(name)}: "${oneLine(text, 120)}" ${error.message}`);
  }
}

/** By white space, of which something must be wanted: exclusions alone would mean whatever else there is. */
function wantingTerms(source: InputSource, name: InputName, text: string | undefined): Terms | undefined {
  const terms = termsOf(source, name, text, " ");
  if (terms?.wanted.length === 0)
    throw new UsageError(
      `${source.spell(name)}: "${oneLine(text!, 120)}" only excludes; say first of what, "* ${oneLine(text!, 120)}" for all others`,
    );
  return terms;
}

function withoutPrefix(terms: Terms | undefined): Terms | undefined {
  const names = (refs: readonly string[]): readonly string[] => refs.map((ref) => ref.replace(/^refs\/heads\//, ""));
  return terms && { wanted: names(terms.wanted), excluded: names(terms.excluded) };
}

function commitTerms(source: InputSource, text: string | undefined): Terms | undefined {
  const terms = termsOf(source, "commit", text, " ");
  for (const term of terms ? [...terms.wanted, ...terms.excluded] : [])
    if (!matches(isLiteral(term) ? /[0-9a-f]{7,64}/ : /[0-9a-f*]{1,64}/, term))
      throw bad(source, "commit", term, "takes a value such as 1f2e3d4c5b6a");
  return terms;
}

function readCredentials(source: InputSource): Settings["credentials"] {
  const credentials = nonEmpty(source, credentialNames);
  for (const [name, value] of Object.entries(credentials))
    checkSecret(value, source.spell(name), name !== "password" && name !== "username");
  return credentials;
}

function nonEmpty(source: InputSource, names: readonly string[]): Readonly<Record<string, string>> {
  const values: Record<string, string> = {};
  for (const name of names) {
    const value = source.input(name).trim();
    if (value) values[name] = value;
  }
  return values;
}

interface Reader {
  readonly text: (name: InputName) => string | undefined;
  readonly yes: (name: InputName) => boolean;
  readonly list: (name: InputName, separator: string | RegExp) => string[];
}

/** Reads inputs by what they hold. */
function readerOf(source: InputSource): Reader {
  function text(name: InputName): string | undefined {
    const input: Input = inputs.find((candidate) => candidate.name === name) as Input;
    const given = source.input(name).trim();
    const value = (isWord(input) ? unquoted(given) : given) || input.default || "";
    if (value && input.pattern && !matches(input.pattern, value))
      throw bad(source, name, value, `takes ${input.takes ?? oneOf(input.pattern.source.split("|"))}`);
    return value || undefined;
  }
  function yes(name: InputName): boolean {
    const value = text(name) ?? "";
    const word = value.toLowerCase();
    if (!Object.hasOwn(booleans, word)) throw bad(source, name, value, "takes true or false");
    return booleans[word]!;
  }
  function list(name: InputName, separator: string | RegExp): string[] {
    const items = (text(name) ?? "").split(separator).map((item) => item.trim());
    return items.filter(Boolean);
  }
  return { text, yes, list };
}

/** YAML's words for it, old and new. */
const booleans: Readonly<Record<string, boolean>> = {
  true: true,
  yes: true,
  on: true,
  false: false,
  no: false,
  off: false,
};

/** A value that has no quotes of its own: those around it came along. */
const isWord = ({ name, type, pattern }: Input): boolean =>
  type === "boolean" || type === "duration" || pattern !== undefined || name === "provider" || name === "server-url";

/** Not a user name or an account: those may be words of a reason. */
function secretsIn(credentials: Settings["credentials"]): string[] {
  return Object.entries(credentials).flatMap(([name, value]) => (isSecret(name) ? [value] : []));
}

function blot(text: string, secrets: readonly string[]): string {
  const redactor = new Redactor();
  secrets.forEach((secret) => {
    redactor.add(secret);
  });
  return known.redact(redactor.redact(text));
}

/** A secret where it does not belong would be quoted by the messages about that input, or sent in an address. */
function refuseStraySecrets(source: InputSource, manifest: Manifest): void {
  const all = [...inputs.map(({ name }) => name), ...idNames(manifest)];
  // In a reason it is only blotted out: people paste much into it, and the cancel must not fail for that.
  const open = all.filter((name) => !isSecret(name) && name !== "reason");
  for (const { name: secretName } of inputs.filter(({ name }) => isSecret(name))) {
    const secret = source.input(secretName).trim();
    if (secret.length < 8) continue;
    const stray = open.find((name) =>
      [secret, encodeURIComponent(secret)].some((spelling) => source.input(name).includes(spelling)),
    );
    if (stray !== undefined) {
      const [here, there] = [source.spell(stray), source.spell(secretName)];
      throw new UsageError(`${here} contains the value of ${there}; a secret belongs nowhere else`);
    }
  }
}

/** A value that travels in a header: no line break or other control character, whose error elsewhere would quote it. */
export function checkSecret(value: string, where: string, inHeader = true): string {
  if (/[\r\n]/.test(value)) throw new UsageError(`${where} contains a line break; give the bare value`);

  if (inHeader && /^(?:bearer|basic|token) /i.test(value))
    throw new UsageError(`${where} begins with the name of a scheme, such as Bearer; give the bare value`);
  if (inHeader && unquoted(value) !== value) throw new UsageError(`${where} is in quotes; give the bare value`);
  if (inHeader && /[^\x20-\x7e]/.test(value))
    throw new UsageError(`${where} contains a character that no credential has; was it pasted whole?`);
  return value;
}

/** `value` is quoted: never pass a secret. */
export function bad(source: Pick<InputSource, "spell">, name: string, value: string, accepted: string): UsageError {
  return new UsageError(`${source.spell(name)}: "${oneLine(value, 120)}" is not accepted; it ${accepted}`);
}

const units = { s: 1000, m: 60_000, h: 3_600_000 } as const;
const maxDuration = 24 * units.h;
/** Of a run. */
const maxAge = 10_000 * units.h;

function milliseconds(source: InputSource, name: InputName, value: string, max: number = maxDuration): number {
  const match = /^(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,6})s)?$/.exec(value);
  const total = match
    ? Number(match[1] ?? 0) * units.h + Number(match[2] ?? 0) * units.m + Number(match[3] ?? 0) * units.s
    : 0;
  if (!match || total <= 0 || total > max)
    throw bad(source, name, value, `takes a duration such as 90s, 5m or 1h, at most ${max / units.h}h`);
  return total;
}
