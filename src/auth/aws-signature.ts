import type { HttpRequest } from "../http/client.ts";
import { canonical, encode, hmac, sha256, timestamp } from "./canonical.ts";
import type { Scheme } from "./scheme.ts";

/** Signature Version 4: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html */
export const awsSignature: Scheme = ({ auth, credentials, region, clock }) => ({
  authorize({ method, url, headers, body }) {
    const date = timestamp(clock.date());
    const added: Record<string, string> = { "x-amz-date": date };
    if (credentials["security-token"]) added["x-amz-security-token"] = credentials["security-token"];
    const kept = Object.entries(headers).filter(([name]) => name === "content-type" || name.startsWith("x-amz-"));
    const signed = { host: url.host, ...added, ...Object.fromEntries(kept) };
    const request = { method, url, headers: signed, ...(body !== undefined && { body }) };
    const scope = { date, region: region ?? "", service: auth.service ?? "" };
    const authorization = sign(request, scope, credentials["access-key"] ?? "", credentials["secret-key"] ?? "");
    return Promise.resolve({ ...added, authorization });
  },
});

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
