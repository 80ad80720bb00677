import { createSign } from "node:crypto";
import { type GoogleCredential, tokenEndpoint } from "./google-file.ts";
import type { Lasting } from "./once.ts";
import { Denied, type Scheme, type SchemeContext } from "./scheme.ts";
import { answer, byAccessToken, type Fields, lasting, refusal, tokenFrom } from "./token-endpoint.ts";

const cloudPlatform = "https://www.googleapis.com/auth/cloud-platform";

/** An access token in return for what a credential file says, and another one before that is over. */
export const googleCredentials: Scheme = (context) => {
  const credential = JSON.parse(context.credentials.token ?? "{}") as GoogleCredential;
  return byAccessToken(context.clock, () => issued(credential, context));
};

async function issued(credential: GoogleCredential, context: SchemeContext): Promise<Lasting> {
  if (credential.type === "service_account") return await bySignature(credential, context);
  if (credential.type === "external_account") return await byExchange(credential, context);
  const { clientId, clientSecret, refreshToken } = credential;
  return await tokenFrom(context, "Google", new URL(tokenEndpoint), {
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
  return await tokenFrom(context, "Google", new URL(tokenEndpoint), { grant_type, assertion });
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
  const federated = await tokenFrom(context, "Google", new URL(tokenUrl), {
    grant_type: "urn:ietf:params:oauth:grant-type:token-exchange",
    audience,
    scope: impersonationUrl === undefined ? cloudPlatform : "https://www.googleapis.com/auth/iam",
    requested_token_type: "urn:ietf:params:oauth:token-type:access_token",
    subject_token: subject,
    subject_token_type: tokenType,
  });
  if (impersonationUrl === undefined) return federated;
  const body = await answer(context, "Google", {
    method: "POST",
    url: new URL(impersonationUrl),
    headers: { "content-type": "application/json", authorization: `Bearer ${federated.value}` },
    body: JSON.stringify({ scope: [cloudPlatform], lifetime: `${seconds}s` }),
  });
  return lasting(body["accessToken"], seconds, "Google", context);
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
