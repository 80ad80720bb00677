import { createSign } from "node:crypto";
import type { HttpRequest } from "../http/client.ts";
import type { Reply } from "../provider.ts";
import { oneLine } from "../text.ts";
import { type GoogleCredential, tokenEndpoint } from "./google-file.ts";
import { type Lasting, renewed } from "./once.ts";
import { Denied, type Scheme, type SchemeContext, Unavailable } from "./scheme.ts";

const cloudPlatform = "https://www.googleapis.com/auth/cloud-platform";

/** An access token in return for what a credential file says, and another one before that is over. */
export const googleCredentials: Scheme = (context) => {
  const credential = JSON.parse(context.credentials.token ?? "{}") as GoogleCredential;
  const token = renewed(context.clock, () => issued(credential, context));
  return { authorize: async () => ({ authorization: `Bearer ${await token()}` }) };
};

async function issued(credential: GoogleCredential, context: SchemeContext): Promise<Lasting> {
  if (credential.type === "service_account") return await bySignature(credential, context);
  if (credential.type === "external_account") return await byExchange(credential, context);
  const { clientId, clientSecret, refreshToken } = credential;
  return await fromForm(context, tokenEndpoint, {
    grant_type: "refresh_token",
    client_id: clientId,
    client_secret: clientSecret,
    refresh_token: refreshToken,
  });
}

/** https://developers.google.com/identity/protocols/oauth2/service-account#authorizingrequests */
async function bySignature(
  { email, keyId, key }: GoogleCredential & { readonly type: "service_account" },
  context: SchemeContext,
): Promise<Lasting> {
  const now = Math.floor(context.clock.date().getTime() / 1000);
  const header = { alg: "RS256", typ: "JWT", ...(keyId !== undefined && { kid: keyId }) };
  const claims = { iss: email, scope: cloudPlatform, aud: tokenEndpoint, iat: now, exp: now + 3600 };
  const text = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
  const assertion = `${text}.${signed(text, key)}`;
  context.mask(assertion);
  const grant_type = "urn:ietf:params:oauth:grant-type:jwt-bearer";
  return await fromForm(context, tokenEndpoint, { grant_type, assertion });
}

function signed(text: string, key: string): string {
  try {
    return createSign("RSA-SHA256").update(text).sign(key, "base64url");
  } catch {
    throw new Denied("the private_key of the credential file is no key that can sign");
  }
}

/** https://cloud.google.com/iam/docs/reference/sts/rest/v1/TopLevel/token, then, where the file names a service account, its token. */
async function byExchange(
  credential: GoogleCredential & { readonly type: "external_account" },
  context: SchemeContext,
): Promise<Lasting> {
  const { audience, tokenType, tokenUrl, impersonationUrl, seconds } = credential;
  const subject = await subjectToken(credential, context);
  context.mask(subject);
  const federated = await fromForm(context, tokenUrl, {
    grant_type: "urn:ietf:params:oauth:grant-type:token-exchange",
    audience,
    scope: impersonationUrl === undefined ? cloudPlatform : "https://www.googleapis.com/auth/iam",
    requested_token_type: "urn:ietf:params:oauth:token-type:access_token",
    subject_token: subject,
    subject_token_type: tokenType,
  });
  if (impersonationUrl === undefined) return federated;
  const body = await answer(context, {
    method: "POST",
    url: new URL(impersonationUrl),
    headers: { "content-type": "application/json", authorization: `Bearer ${federated.value}` },
    body: JSON.stringify({ scope: [cloudPlatform], lifetime: `${seconds}s` }),
  });
  return lasting(body["accessToken"], seconds, context);
}

async function subjectToken(
  { subject }: GoogleCredential & { readonly type: "external_account" },
  context: SchemeContext,
): Promise<string> {
  if ("token" in subject) return subject.token;
  const { url, headers, field } = subject;
  const request = { method: "GET", url: new URL(url), headers } as const;
  const reply = await context.send(field === undefined ? { ...request, text: true } : request);
  const token: unknown = field === undefined ? reply.body : (reply.body as Fields | undefined)?.[field];
  if (reply.status === 200 && typeof token === "string" && token !== "") return token.trim();
  throw refusal(request.url, reply, "the job's token service");
}

type Fields = Readonly<Record<string, unknown>>;

async function fromForm(context: SchemeContext, address: string, fields: Record<string, string>): Promise<Lasting> {
  const body = await answer(context, {
    method: "POST",
    url: new URL(address),
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams(fields).toString(),
  });
  const seconds = Number(body["expires_in"]);
  return lasting(body["access_token"], seconds > 0 ? seconds : 3600, context);
}

async function answer({ send }: SchemeContext, request: HttpRequest): Promise<Fields> {
  const reply = await send(request);
  if (reply.status !== 200) throw refusal(request.url, reply, "Google");
  return (reply.body ?? {}) as Fields;
}

/** A token that has but five minutes left is replaced. */
function lasting(value: unknown, seconds: number, { clock, mask }: SchemeContext): Lasting {
  if (typeof value !== "string" || value === "") throw new Denied("Google's answer has no token in it");
  mask(value);
  return { value, until: clock.now() + Math.max(60, seconds - 300) * 1000 };
}

/** A server that does not work says nothing of the credential. */
function refusal({ host }: URL, { status, body }: Reply, who: string): Error {
  const { error, error_description: described, message } = (body ?? {}) as Fields;
  const nested = (error as Fields | null | undefined)?.["message"];
  const words = [error, described, nested, message].filter((one) => typeof one === "string").join(": ");
  const said = `${who} gave no token (${host} answered ${status}${words ? `: ${oneLine(words, 200)}` : ""})`;
  return status >= 500 ? new Unavailable(said) : new Denied(said);
}
