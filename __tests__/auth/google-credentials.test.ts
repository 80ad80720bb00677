/** Tokens are asked for as Google's own client asks for them, of Google and of the job's own token service alone. */
import { createVerify, generateKeyPairSync } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { googleCredentials } from "../../src/auth/google-credentials.ts";
import { readGoogleFile } from "../../src/auth/google-file.ts";
import { Denied, Unavailable } from "../../src/auth/scheme.ts";
import type { HttpRequest } from "../../src/http/client.ts";
import type { Provider, Reply } from "../../src/provider.ts";
import { SimulatedClock } from "../support/clock.ts";
import { complaint } from "../support/usage.ts";

interface Flow {
  readonly name: string;
  readonly file: Readonly<Record<string, unknown>>;
  readonly requests: readonly {
    readonly method: string;
    readonly url: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly fields: Readonly<Record<string, unknown>>;
  }[];
}

const { flows } = JSON.parse(
  readFileSync(join(import.meta.dirname, "../fixtures/google-auth-client.json"), "utf8"),
) as { readonly flows: readonly Flow[] };

const { privateKey, publicKey } = generateKeyPairSync("rsa", {
  modulusLength: 2048,
  publicKeyEncoding: { type: "spki", format: "pem" },
  privateKeyEncoding: { type: "pkcs8", format: "pem" },
});

const env = { ACTIONS_ID_TOKEN_REQUEST_URL: "https://token.actions.example.com/idtoken?api-version=2.0" };
const [workload, impersonating, , user] = flows.map(({ file }) => file);
const account = { ...flows[2]!.file, private_key: privateKey };

function answerTo({ url, body = "" }: HttpRequest): Partial<Reply> {
  if (url.pathname === "/idtoken") return { body: { value: "SUBJECT-TOKEN" } };
  if (url.host.startsWith("iamcredentials.")) return { body: { accessToken: "TOKEN" } };
  const access_token = url.host.startsWith("sts.") ? "FEDERATED-TOKEN" : "TOKEN";
  expect(body).not.toBe("");
  return { body: { access_token, expires_in: 3599 } };
}

/** An authenticator of a credential file. */
function authenticator(
  file: Readonly<Record<string, unknown>>,
  answer: (request: HttpRequest) => Partial<Reply> = answerTo,
): {
  readonly ask: () => Promise<string | undefined>;
  readonly sent: HttpRequest[];
  readonly masked: string[];
  readonly clock: SimulatedClock;
} {
  const sent: HttpRequest[] = [];
  const masked: string[] = [];
  const clock = new SimulatedClock();
  const { credential, secrets } = readGoogleFile(JSON.stringify(file), { env, read: () => undefined });
  masked.push(...secrets);
  const scheme = googleCredentials({
    auth: { scheme: "google-credentials", env: {} },
    credentials: { token: credential },
    region: undefined,
    server: "https://console.cloud.google.com",
    api: "https://console.cloud.google.com",
    tokenServer: undefined,
    clock,
    send: (request) => {
      sent.push(request);
      return Promise.resolve({ status: 200, headers: {}, body: undefined, ...answer(request) });
    },
    mask: (secret) => masked.push(secret),
  });
  const request = { method: "GET", url: new URL("https://cloudbuild.googleapis.com/v1/projects/acme"), headers: {} };
  const ask = async (): Promise<string | undefined> => (await scheme.authorize(request))["authorization"];
  return { ask, sent, masked, clock };
}

/** As the recording has it: an assertion by its parts, the moment left out. */
function fieldsOf({ headers, body = "" }: HttpRequest): unknown {
  if (headers["content-type"]?.includes("json")) return { delegates: null, ...(JSON.parse(body) as object) };
  const fields: Record<string, unknown> = Object.fromEntries(new URLSearchParams(body));
  if (typeof fields["assertion"] !== "string") return fields;
  const [header, claims] = fields["assertion"].split(".").map((part) => Buffer.from(part, "base64url").toString());
  const { iat, exp, ...rest } = JSON.parse(claims!) as { iat: number; exp: number };
  return { ...fields, assertion: [JSON.parse(header!), { ...rest, iat: 0, exp: exp - iat }] };
}

test.each(flows)("as google-auth asks for it: $name", async ({ file, requests, name }) => {
  const { ask, sent, masked } = authenticator(name === "service account" ? account : file);

  expect(await ask()).toBe(`Bearer ${requests.at(-1)!.url.includes("sts.") ? "FEDERATED-TOKEN" : "TOKEN"}`);

  expect(
    sent.map((request) => ({
      method: request.method,
      url: request.url.href,
      headers: request.headers,
      fields: fieldsOf(request),
    })),
  ).toEqual(requests);
  const tokens = ["FEDERATED-TOKEN", "SUBJECT-TOKEN", "REQUEST-TOKEN", "TOKEN", "CLIENT-SECRET", "REFRESH-TOKEN"];
  const travelled = JSON.stringify([requests, await ask()]);
  for (const token of tokens.filter((one) => travelled.includes(`"${one}"`) || travelled.includes(` ${one}"`)))
    expect(masked).toContain(token);
});

test("the assertion of a service account is signed with its key, RS256, and is a secret as the key is", async () => {
  const { ask, sent, masked } = authenticator(account);
  await ask();

  const assertion = new URLSearchParams(sent[0]!.body).get("assertion")!;
  const [header, claims, signature] = assertion.split(".");
  const verify = createVerify("RSA-SHA256").update(`${header}.${claims}`);
  expect(verify.verify(publicKey, signature!, "base64url")).toBe(true);
  expect(masked).toEqual(expect.arrayContaining([privateKey, assertion, "TOKEN"]));
});

test("a token is used until five minutes before its end, and then another one is got", async () => {
  const { ask, sent, clock } = authenticator(user!);
  await Promise.all([ask(), ask()]);
  await clock.sleep(54 * 60_000);
  await ask();
  expect(sent).toHaveLength(1);

  await clock.sleep(60_000);
  await ask();
  expect(sent).toHaveLength(2);
});

describe("no token", () => {
  test("a refusal is told in Google's words, and not provoked again", async () => {
    const body = { error: "invalid_grant", error_description: "Invalid JWT Signature." };
    const { ask, sent } = authenticator(account, () => ({ status: 400, body }));

    await expect(ask()).rejects.toThrow(
      new Denied("Google gave no token (oauth2.googleapis.com answered 400: invalid_grant: Invalid JWT Signature.)"),
    );
    await expect(ask()).rejects.toThrow(Denied);
    expect(sent).toHaveLength(1);
  });

  test("a missing right to act as the service account is told, too", async () => {
    const error = {
      code: 403,
      message: "Permission 'iam.serviceAccounts.getAccessToken' denied",
      status: "PERMISSION_DENIED",
    };
    const { ask } = authenticator(impersonating!, (request) =>
      request.url.host.startsWith("iamcredentials.") ? { status: 403, body: { error } } : answerTo(request),
    );

    await expect(ask()).rejects.toThrow("Permission 'iam.serviceAccounts.getAccessToken' denied");
  });

  test("a service that does not work says nothing of the credential, and is asked again", async () => {
    let status = 503;
    const { ask } = authenticator(user!, (request) => (status === 503 ? { status } : answerTo(request)));

    await expect(ask()).rejects.toThrow(Unavailable);
    status = 200;
    expect(await ask()).toBe("Bearer TOKEN");
  });

  test.each([
    [
      { status: 200, body: { value: "" } },
      "the job's token service gave no token (token.actions.example.com answered 200)",
    ],
    [{ status: 401, body: { message: "expired" } }, "answered 401: expired"],
  ])("the job's own service gives none: %j", async (reply, message) => {
    const { ask } = authenticator(workload!, () => reply);

    await expect(ask()).rejects.toThrow(message);
  });

  test("an answer without a token is none", async () => {
    await expect(authenticator(user!, () => ({ body: {} })).ask()).rejects.toThrow("has no token in it");
  });

  test("a key that cannot sign is said, not quoted", async () => {
    const { ask, sent } = authenticator({ ...account, private_key: "no-key" });

    await expect(ask()).rejects.toThrow("is no key that can sign");
    expect(sent).toEqual([]);
  });
});

describe("a subject token in a file", () => {
  const read = (path: string): string | undefined => ({ "/run/jwt": " JWT\n", "/run/json": '{"value":"JWT"}' })[path];
  const inFile = (credential_source: object): string => JSON.stringify({ ...workload, credential_source });

  test.each([
    [{ file: "/run/jwt" }],
    [{ file: "/run/jwt", format: { type: "text" } }],
    [{ file: "/run/json", format: { type: "json", subject_token_field_name: "value" } }],
  ])("is read: %j", (source) => {
    const { credential, secrets } = readGoogleFile(inFile(source), { env: {}, read });

    expect(JSON.parse(credential)).toMatchObject({ subject: { token: "JWT" } });
    expect(secrets).toEqual(["JWT"]);
  });

  test.each([
    [{ file: "/run/none" }, "whose subject token is to be in /run/none, which is not there"],
    [{ file: "/run/jwt", format: { type: "json", subject_token_field_name: "value" } }, "which has none"],
    [{ file: "/run/json", format: { type: "json" } }, "which has no subject_token_field_name"],
  ])("is not: %j", (source, message) => {
    expect(() => readGoogleFile(inFile(source), { env: {}, read })).toThrow(message);
  });
});

describe("a file that is not taken ends the step before anything is sent", () => {
  const provider: Provider = {
    name: "A vendor",
    docs: "https://docs.vendor.example/cancel",
    rights: "A credential that may cancel.",
    server: { url: "https://vendor.example" },
    auth: [
      { scheme: "bearer", env: { token: ["CLOUDSDK_AUTH_ACCESS_TOKEN"] } },
      { scheme: "google-credentials", env: { token: [{ file: "GOOGLE_APPLICATION_CREDENTIALS" }] } },
    ],
    states: {},
    targets: {
      run: {
        ids: { "run-id": { pattern: /\d+/, help: "id", example: "1" } },
        look: { route: "GET /runs/{run-id}", state: "state", shows: { "run-id": "id" } },
        cancel: { route: "POST /runs/{run-id}/cancel" },
      },
    },
  };
  const says = async (file: unknown, more: Readonly<Record<string, string>> = env): Promise<string> => {
    const text = typeof file === "string" ? file : JSON.stringify(file);
    const line = await complaint(
      { provider: "vendor", "run-id": "1" },
      {
        env: { GOOGLE_APPLICATION_CREDENTIALS: "/w/gha-creds-1.json", ...more },
        providers: new Map([["vendor", provider]]),
        files: text === "" ? {} : { "/w/gha-creds-1.json": text },
      },
    );
    const start = "GOOGLE_APPLICATION_CREDENTIALS in the environment names /w/gha-creds-1.json, ";
    expect(line.slice(0, start.length)).toBe(start);
    return line.slice(start.length);
  };
  const source = workload!["credential_source"] as object;

  test.each([
    ["", "which is not there; an action that has written it deletes it in its own post step"],
    ["not json", "which is no JSON of a credential"],
    ["[]", "which is no JSON of a credential"],
    [{}, "whose type is not stated"],
    [
      { type: "gdch_service_account" },
      "whose type is gdch_service_account; service_account, external_account and authorized_user are taken",
    ],
    [{ ...account, universe_domain: "example.goog" }, "which is for example.goog; only googleapis.com is known"],
    [{ ...account, client_email: 7 }, "which has no client_email"],
    [{ ...user, refresh_token: undefined }, "which has no refresh_token"],
    [{ ...workload, credential_source: {} }, "whose credential_source has neither a url nor a file"],
    [
      { ...workload, credential_source: { executable: { command: "sh" } } },
      "whose credential_source is of kind executable; url and file are taken, and nothing is run",
    ],
    [
      { ...workload, credential_source: { environment_id: "aws1" } },
      "whose credential_source is aws1; url and file are taken",
    ],
    [{ ...workload, credential_source: { certificate: {} } }, "whose credential_source is of kind certificate"],
    [
      { ...workload, token_url: "https://sts.evil.example/v1/token" },
      "which would send a token to sts.evil.example; only sts.googleapis.com is asked",
    ],
    [
      { ...workload, token_url: "https://sts.storage.googleapis.com/v1/token" },
      "which would send a token to sts.storage.googleapis.com",
    ],
    [
      { ...workload, token_url: "http://sts.googleapis.com/v1/token" },
      "which would send a token to sts.googleapis.com",
    ],
    [
      { ...workload, token_url: "https://sts.googleapis.com@evil.example/" },
      "which would send a token to evil.example",
    ],
    [
      { ...workload, service_account_impersonation_url: "https://iamcredentials.example/x" },
      "only iamcredentials.googleapis.com is asked",
    ],
    [
      { ...workload, credential_source: { ...source, url: "https://evil.example/idtoken" } },
      "which asks evil.example for a token; a job's own token service alone is asked, the one of ACTIONS_ID_TOKEN_REQUEST_URL",
    ],
    [
      { ...workload, credential_source: { ...source, url: "http://169.254.169.254/token" } },
      "which asks 169.254.169.254 for a token",
    ],
  ])("%j", async (file, message) => {
    const said = await says(file);

    expect(said).toContain(message);
    expect(said).not.toContain("PRIVATE KEY");
  });

  test("without a token service of the job", async () => {
    expect(await says(workload, {})).toMatch(/, the one of ACTIONS_ID_TOKEN_REQUEST_URL, which is not set$/);
  });

  test("nothing is sent to the job's own service without https", async () => {
    const url = "http://ci.example.com/idtoken";
    const file = { ...workload, credential_source: { ...source, url } };

    expect(await says(file, { ACTIONS_ID_TOKEN_REQUEST_URL: url })).toBe(
      "which asks ci.example.com for a token without https",
    );
  });

  test("what may be given is said where nothing is", async () => {
    const line = await complaint({ provider: "vendor", "run-id": "1" }, { providers: new Map([["vendor", provider]]) });

    expect(line).toBe(
      "no credential for A vendor: give CANCEL_RUN_TOKEN (or CLOUDSDK_AUTH_ACCESS_TOKEN in the environment) or a credential file named by GOOGLE_APPLICATION_CREDENTIALS in the environment",
    );
  });
});

test.each(["sts.googleapis.com", "sts.us-east1.rep.googleapis.com"])("%s is Google's", (host) => {
  const file = JSON.stringify({ ...workload, token_url: `https://${host}/v1/token` });

  expect(() => readGoogleFile(file, { env, read: () => undefined })).not.toThrow();
});
