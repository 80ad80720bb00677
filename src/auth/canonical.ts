/** A request in the one spelling that both sides of a signature agree on: AWS's, which Huawei's follows. */
import { createHash, createHmac } from "node:crypto";
import type { HttpRequest } from "../http/client.ts";

export interface Canonical {
  readonly text: string;
  /** Names of the signed headers, by semicolon. */
  readonly names: string;
}

/** `path` is the canonical one, which the schemes spell differently. All headers of the request are signed. */
export function canonical(request: Pick<HttpRequest, "method" | "url" | "headers" | "body">, path: string): Canonical {
  const headers = Object.entries(request.headers)
    .map(([name, value]) => [name.toLowerCase(), value.trim()] as const)
    .sort(byKey);
  const query = [...request.url.searchParams].map(([key, value]) => [encode(key), encode(value)] as const).sort(byKey);
  const names = headers.map(([name]) => name).join(";");
  const text = [
    request.method,
    path,
    query.map(([key, value]) => `${key}=${value}`).join("&"),
    headers.map(([name, value]) => `${name}:${value}\n`).join(""),
    names,
    sha256(request.body ?? ""),
  ].join("\n");
  return { text, names };
}

const byKey = ([a, x]: readonly [string, string], [b, y]: readonly [string, string]): number =>
  a === b ? (x < y ? -1 : 1) : a < b ? -1 : 1;

export const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
export const hmac = (key: string | Buffer, text: string): Buffer => createHmac("sha256", key).update(text).digest();

/** RFC 3986, with `!'()*` encoded too. */
export const encode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

/** YYYYMMDDTHHMMSSZ */
export const timestamp = (date: Date): string => date.toISOString().replace(/[-:]|\.\d{3}/g, "");
