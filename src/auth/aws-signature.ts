import type { HttpRequest } from "../http/client.ts";
import { canonical, encode, hmac, sha256, timestamp } from "./canonical.ts";
import type { Lasting } from "./once.ts";
import type { Authenticator, Scheme, SchemeContext } from "./scheme.ts";

export interface Keys {
  readonly accessKey: string;
  readonly secretKey: string;
  /** Of temporary keys. */
  readonly sessionToken?: string | undefined;
}

/** In ms: keys that are about to end are not used any more. */
const margin = 5 * 60_000;

/** `expiration`: when they end, as AWS writes it. */
export function lastingKeys(keys: Keys, expiration: unknown, clock: SchemeContext["clock"]): Lasting<Keys> {
  const left = typeof expiration === "string" ? Date.parse(expiration) - clock.date().getTime() : NaN;
  return { value: keys, until: Number.isNaN(left) ? Infinity : clock.now() + left - margin };
}

/** Signature Version 4: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html */
export const awsSignature: Scheme = (context) => {
  const { "access-key": accessKey = "", "secret-key": secretKey = "", "security-token": token } = context.credentials;
  return signer(context, () => Promise.resolve({ accessKey, secretKey, sessionToken: token }));
};

/** Signs with the keys that there are at the time. */
export function signer(
  { auth, region, clock }: Pick<SchemeContext, "auth" | "region" | "clock">,
  keys: () => Promise<Keys>,
): Authenticator {
  // What AWS's own clients take for a wrong clock: aws-runtime 1.10.2, service_clock_skew.rs.
  return { authorize, clockTolerance: 4 * 60_000 };

  async function authorize({ method, url, headers, body }: HttpRequest): Promise<Readonly<Record<string, string>>> {
    const { accessKey, secretKey, sessionToken } = await keys();
    const date = timestamp(clock.date());
    const added: Record<string, string> = { "x-amz-date": date };
    if (sessionToken) added["x-amz-security-token"] = sessionToken;
    const kept = Object.entries(headers).filter(([name]) => name === "content-type" || name.startsWith("x-amz-"));
    const signed = { host: url.host, ...added, ...Object.fromEntries(kept) };
    const request = { method, url, headers: signed, ...(body !== undefined && { body }) };
    const scope = { date, region: region ?? "", service: auth.service ?? "" };
    return { ...added, authorization: sign(request, scope, accessKey, secretKey) };
  }
}

/** The `Authorization` value for a request whose headers are exactly those to be signed. */
export function sign(
  request: Pick<HttpRequest, "method" | "url" | "headers" | "body">,
  { date, region, service }: { readonly date: string; readonly region: string; readonly service: string },
  accessKey: string,
  secretKey: string,
): string {
  // Every service but S3 encodes the path a second time.
  const { text, names } = canonical(request, request.url.pathname.split("/").map(encode).join("/"));
  const day = date.slice(0, 8);
  const scope = `${day}/${region}/${service}/aws4_request`;
  const key = [day, region, service, "aws4_request"].reduce<string | Buffer>(hmac, `AWS4${secretKey}`);
  const signature = hmac(key, `AWS4-HMAC-SHA256\n${date}\n${scope}\n${sha256(text)}`).toString("hex");
  return `AWS4-HMAC-SHA256 Credential=${accessKey}/${scope}, SignedHeaders=${names}, Signature=${signature}`;
}
