import { createHash, createHmac } from "node:crypto";
import type { HttpRequest } from "../http/client.ts";
import type { Scheme } from "./scheme.ts";

/**
 * SDK-HMAC-SHA256, signed with the secret key itself: no derived key, no scope.
 * https://support.huaweicloud.com/intl/en-us/devg-apisign/api-sign-algorithm.html
 */
export const huaweiSignature: Scheme = ({ credentials, clock }) => ({
  authorize(request) {
    // YYYYMMDDTHHMMSSZ; the gateway refuses a skew of more than 15 minutes.
    const date = clock
      .date()
      .toISOString()
      .replace(/[-:]|\.\d{3}/g, "");
    const added: Record<string, string> = { "x-sdk-date": date };
    if (credentials["security-token"]) added["x-security-token"] = credentials["security-token"];
    const signed = { host: request.url.host, ...added, ...pick(request.headers, "content-type") };
    return Promise.resolve({
      ...added,
      authorization: sign(
        { ...request, headers: signed },
        date,
        credentials["access-key"] ?? "",
        credentials["secret-key"] ?? "",
      ),
    });
  },
});

/** The `Authorization` value for a request whose headers are exactly those to be signed. */
export function sign(
  request: Pick<HttpRequest, "method" | "url" | "headers" | "body">,
  date: string,
  accessKey: string,
  secretKey: string,
): string {
  const headers = Object.entries(request.headers)
    .map(([name, value]) => [name.toLowerCase(), value.trim()] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const names = headers.map(([name]) => name).join(";");
  const path = decodeURIComponent(request.url.pathname).split("/").map(encode).join("/");
  const query = [...request.url.searchParams]
    .map(([key, value]) => [encode(key), encode(value)] as const)
    .sort(([a, x], [b, y]) => (a === b ? (x < y ? -1 : 1) : a < b ? -1 : 1));
  const canonical = [
    request.method,
    // The slash at the end is signed but not sent.
    path.endsWith("/") ? path : `${path}/`,
    query.map(([key, value]) => `${key}=${value}`).join("&"),
    headers.map(([name, value]) => `${name}:${value}\n`).join(""),
    names,
    sha256(request.body ?? ""),
  ].join("\n");
  const signature = createHmac("sha256", secretKey)
    .update(`SDK-HMAC-SHA256\n${date}\n${sha256(canonical)}`)
    .digest("hex");
  return `SDK-HMAC-SHA256 Access=${accessKey}, SignedHeaders=${names}, Signature=${signature}`;
}

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

/** RFC 3986, with `!'()*` encoded too. */
const encode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

function pick(headers: Readonly<Record<string, string>>, name: string): Record<string, string> {
  const value = headers[name];
  return value === undefined ? {} : { [name]: value };
}
