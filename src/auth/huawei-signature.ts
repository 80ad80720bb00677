import type { HttpRequest } from "../http/client.ts";
import { canonical, encode, hmac, sha256, timestamp } from "./canonical.ts";
import type { Scheme } from "./scheme.ts";

/**
 * SDK-HMAC-SHA256, signed with the secret key itself: no derived key, no scope.
 * The gateway refuses a clock that is off by more than 15 minutes.
 * https://support.huaweicloud.com/intl/en-us/devg-apisign/api-sign-algorithm.html
 */
export const huaweiSignature: Scheme = ({ credentials, clock }) => ({
  clockTolerance: 15 * 60_000,
  authorize({ method, url, headers, body }) {
    const date = timestamp(clock.date());
    const added: Record<string, string> = { "x-sdk-date": date };
    if (credentials["security-token"]) added["x-security-token"] = credentials["security-token"];
    const type = headers["content-type"];
    const signed = { host: url.host, ...added, ...(type !== undefined && { "content-type": type }) };
    const request = { method, url, headers: signed, ...(body !== undefined && { body }) };
    const authorization = sign(request, date, credentials["access-key"] ?? "", credentials["secret-key"] ?? "");
    return Promise.resolve({ ...added, authorization });
  },
});

/** The `Authorization` value for a request whose headers are exactly those to be signed. */
export function sign(
  request: Pick<HttpRequest, "method" | "url" | "headers" | "body">,
  date: string,
  accessKey: string,
  secretKey: string,
): string {
  const path = decodeURIComponent(request.url.pathname).split("/").map(encode).join("/");
  // The slash at the end is signed but not sent.
  const { text, names } = canonical(request, path.endsWith("/") ? path : `${path}/`);
  const signature = hmac(secretKey, `SDK-HMAC-SHA256\n${date}\n${sha256(text)}`).toString("hex");
  return `SDK-HMAC-SHA256 Access=${accessKey}, SignedHeaders=${names}, Signature=${signature}`;
}
