// https://support.huaweicloud.com/intl/en-us/api-iam/iam_30_0001.html · https://support.huaweicloud.com/intl/en-us/devg-apisign/api-sign-algorithm.html
import { createHash, createHmac } from "node:crypto";
import { fields, type Reply, type Request } from "./vendor.ts";

export interface IamUser {
  readonly name: string;
  readonly password: string;
  /** The name of its account. */
  readonly domain: string;
  /** The project that its tokens are for, named like a region. */
  readonly project: string;
  /** The token that it gets. */
  readonly token: string;
}

/** Gives out tokens. */
export function iam({ name, password, domain, project, token }: IamUser): (request: Request) => Reply | undefined {
  const expected = {
    identity: { methods: ["password"], password: { user: { name, password, domain: { name: domain } } } },
    // CodeArts takes no token of a whole account. https://support.huaweicloud.com/intl/en-us/api-codeci/cloudbuild_03_0009.html
    scope: { project: { name: project } },
  };
  return (request) => {
    if (`${request.method} ${request.path}` !== "POST /v3/auth/tokens?nocatalog=true") return undefined;
    const { identity, scope } = Object(fields(request)["auth"]) as Record<string, unknown>;
    if (JSON.stringify({ identity, scope }) !== JSON.stringify(expected)) {
      const message = "The username or password is wrong.";
      return { status: 401, body: { error: { code: 401, message, title: "Unauthorized" } } };
    }
    const body = { token: { project: { name: project }, expires_at: "2030-01-01T00:00:00.000000Z" } };
    return { status: 201, headers: { "x-subject-token": token }, body };
  };
}

export interface AccessKey {
  readonly access: string;
  readonly secret: string;
  /** A temporary key has one. https://support.huaweicloud.com/intl/en-us/devg-apisign/api-sign-securetoken.html */
  readonly securityToken?: string | undefined;
}

/** How far the clock of who signs may be off, in ms. */
const skew = 15 * 60_000;

/** Checks SDK-HMAC-SHA256 as the gateway does. */
export function isSigned(
  { method, path, headers, body }: Request,
  { access, secret, securityToken }: AccessKey,
  clock: { date(): Date },
): boolean {
  const header = (name: string): string => [headers[name] ?? ""].flat().join(", ").trim();
  const given = /^SDK-HMAC-SHA256 Access=(\S+), SignedHeaders=(\S+), Signature=([0-9a-f]{64})$/.exec(
    header("authorization"),
  );
  const [, key, names = "", signature] = given ?? [];
  const date = header("x-sdk-date");
  const time = Date.parse(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z"));
  if (key !== access || !(Math.abs(clock.date().getTime() - time) < skew)) return false;
  if (header("x-security-token") !== (securityToken ?? "")) return false;
  const signed = names.split(";");
  const needed = ["host", "x-sdk-date", ...(securityToken === undefined ? [] : ["x-security-token"])];
  if (!needed.every((name) => signed.includes(name))) return false;
  const [route = "", query = ""] = path.split("?");
  const hash = (text: string): string => createHash("sha256").update(text).digest("hex");
  const canonical = [
    method,
    // In the signature the path ends with a slash, whether it does on the wire or not.
    route.endsWith("/") ? route : `${route}/`,
    query.split("&").sort().join("&"),
    ...signed.map((name) => `${name}:${header(name)}`),
    "",
    names,
    hash(body),
  ].join("\n");
  const text = `SDK-HMAC-SHA256\n${date}\n${hash(canonical)}`;
  return signature === createHmac("sha256", secret).update(text).digest("hex");
}
