/**
 * A credential file of Google, read and checked before anything is sent:
 * https://cloud.google.com/docs/authentication/application-default-credentials
 */
import { head, oneLine } from "../text.ts";
import { type ReadFile, Unusable } from "./scheme.ts";

export type GoogleCredential = ServiceAccountKey | AuthorizedUser | ExternalAccount;

interface ServiceAccountKey {
  readonly type: "service_account";
  readonly email: string;
  readonly keyId: string | undefined;
  /** PEM */
  readonly key: string;
}

interface AuthorizedUser {
  readonly type: "authorized_user";
  readonly clientId: string;
  readonly clientSecret: string;
  readonly refreshToken: string;
}

/** Workload identity: what another system says of the job, exchanged at Google. */
interface ExternalAccount {
  readonly type: "external_account";
  readonly audience: string;
  readonly tokenType: string;
  readonly tokenUrl: string;
  readonly impersonationUrl: string | undefined;
  readonly seconds: number;
  readonly subject: SubjectToken;
}

type SubjectToken =
  | { readonly token: string }
  | { readonly url: string; readonly headers: Readonly<Record<string, string>>; readonly field: string | undefined };

type Fields = Readonly<Record<string, unknown>>;

/** Where the key of a service account and the token of a user go, whatever their file says. */
export const tokenEndpoint = "https://oauth2.googleapis.com/token";

export const readGoogleFile: ReadFile = (text, at) => {
  const file = fieldsOf(parsed(text));
  if (file === undefined) throw new Unusable("which is no JSON of a credential");
  const type = wordOf(file["type"]);
  const universe = file["universe_domain"];
  if (universe !== undefined && universe !== "googleapis.com")
    throw new Unusable(`which is for ${shown(universe)}; only googleapis.com is known`);
  if (type === "service_account") return serviceAccount(file);
  if (type === "authorized_user") return authorizedUser(file);
  if (type === "external_account") return externalAccount(file, at);
  throw new Unusable(
    `whose type is ${type === undefined ? "not stated" : shown(type)}; service_account, external_account and authorized_user are taken. Of any other one give an access token: ${byToken}`,
  );
};

const byToken = "CLOUDSDK_AUTH_ACCESS_TOKEN, as `gcloud auth print-access-token` prints it";

function serviceAccount(file: Fields): ReturnType<ReadFile> {
  const key = needed(file, "private_key");
  return made(
    { type: "service_account", email: needed(file, "client_email"), keyId: wordOf(file["private_key_id"]), key },
    [key],
  );
}

function authorizedUser(file: Fields): ReturnType<ReadFile> {
  const clientSecret = needed(file, "client_secret");
  const refreshToken = needed(file, "refresh_token");
  return made({ type: "authorized_user", clientId: needed(file, "client_id"), clientSecret, refreshToken }, [
    clientSecret,
    refreshToken,
  ]);
}

function externalAccount(file: Fields, at: Parameters<ReadFile>[1]): ReturnType<ReadFile> {
  const { subject, secrets } = subjectToken(fieldsOf(file["credential_source"]) ?? {}, at);
  const impersonation = wordOf(file["service_account_impersonation_url"]);
  const seconds = fieldsOf(file["service_account_impersonation"])?.["token_lifetime_seconds"];
  return made(
    {
      type: "external_account",
      audience: needed(file, "audience"),
      tokenType: needed(file, "subject_token_type"),
      tokenUrl: ofGoogle(needed(file, "token_url"), "sts"),
      impersonationUrl: impersonation === undefined ? undefined : ofGoogle(impersonation, "iamcredentials"),
      seconds: typeof seconds === "number" ? seconds : 3600,
      subject,
    },
    secrets,
  );
}

function subjectToken(
  source: Fields,
  { env, read }: Parameters<ReadFile>[1],
): { readonly subject: SubjectToken; readonly secrets: readonly string[] } {
  const other = ["executable", "environment_id", "certificate"].find((name) => source[name] !== undefined);
  if (other !== undefined)
    throw new Unusable(
      `whose credential_source is ${other === "environment_id" ? shown(source[other]) : `of kind ${other}`}; url and file are taken, and nothing is run. In place of it give ${byToken}`,
    );
  const format = fieldsOf(source["format"]) ?? {};
  const field = format["type"] === "json" ? needed(format, "subject_token_field_name") : undefined;
  const [path, url] = [wordOf(source["file"]), wordOf(source["url"])];
  if (path !== undefined) {
    const text = read(path);
    if (text === undefined) throw new Unusable(`whose subject token is to be in ${shown(path)}, which is not there`);
    const token = field === undefined ? text.trim() : wordOf(fieldsOf(parsed(text))?.[field]);
    if (!token) throw new Unusable(`whose subject token is to be in ${shown(path)}, which has none`);
    return { subject: { token }, secrets: [token] };
  }
  if (url === undefined) throw new Unusable("whose credential_source has neither a url nor a file");
  const headers = headersOf(fieldsOf(source["headers"]) ?? {});
  const secrets = Object.values(headers).flatMap((value) => [value, value.replace(/^\S+ /, "")]);
  return { subject: { url: ofRunner(url, env["ACTIONS_ID_TOKEN_REQUEST_URL"]), headers, field }, secrets };
}

/** Only the services themselves: below googleapis.com are people's buckets, too. A region may have one of its own. */
function ofGoogle(address: string, service: "sts" | "iamcredentials"): string {
  const { protocol, host } = URL.canParse(address) ? new URL(address) : { protocol: "", host: "" };
  const isIts = new RegExp(`^${service}\\.(?:[a-z]+-[a-z]+\\d{1,2}\\.rep\\.)?googleapis\\.com$`).test(head(host));
  if (protocol !== "https:" || !isIts)
    throw new Unusable(
      `which would send a token to ${shown(host || address)}; only ${service}.googleapis.com is asked`,
    );
  return address;
}

/** The job's own token service, as the runner names it. */
function ofRunner(address: string, own: string | undefined): string {
  const whole = own?.trim() ?? "";
  const known = URL.canParse(whole) ? new URL(whole) : undefined;
  const asked = URL.canParse(address) ? new URL(address) : undefined;
  if (asked === undefined || asked.origin !== known?.origin)
    throw new Unusable(
      `which asks ${shown(asked?.host ?? address)} for a token; a job's own token service alone is asked, the one of ACTIONS_ID_TOKEN_REQUEST_URL${known ? "" : ", which is not set"}`,
    );
  if (asked.protocol !== "https:" && !/^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/.test(head(asked.hostname)))
    throw new Unusable(`which asks ${shown(asked.host)} for a token without https`);
  return address;
}

const made = (credential: GoogleCredential, secrets: readonly string[]): ReturnType<ReadFile> => ({
  credential: JSON.stringify(credential),
  secrets,
});

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function needed(fields: Fields, name: string): string {
  const value = wordOf(fields[name]);
  if (value === undefined) throw new Unusable(`which has no ${name}`);
  return value;
}

const fieldsOf = (value: unknown): Fields | undefined =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;

const wordOf = (value: unknown): string | undefined => (typeof value === "string" && value !== "" ? value : undefined);

/** Names of headers, in lower case. */
const headersOf = (fields: Fields): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]) => (typeof value === "string" ? [[name.toLowerCase(), value]] : [])),
  );

const shown = (value: unknown): string =>
  typeof value === "string" ? oneLine(value, 80) : "something else than a text";
