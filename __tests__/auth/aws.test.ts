/** Temporary keys of AWS are asked for as botocore asks for them, and nowhere else. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { containerAddress } from "../../src/auth/aws-container-address.ts";
import { loaders } from "../../src/auth/index.ts";
import type { HttpRequest } from "../../src/http/client.ts";
import type { Auth, Reply } from "../../src/provider.ts";
import { awsCodepipeline } from "../../src/providers/aws-codepipeline.ts";
import { SimulatedClock } from "../support/clock.ts";

interface Recorded {
  readonly does: string;
  readonly call: string;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly values: Readonly<Record<string, string>>;
  readonly body: unknown;
}

const { requests } = JSON.parse(
  readFileSync(new URL("../fixtures/clients/aws-codepipeline.json", import.meta.url), "utf8"),
) as { readonly requests: readonly Recorded[] };

const recorded = (call: string): Recorded => requests.find((one) => one.does === "token" && one.call === call)!;

/** The request that is sent for keys, and what proves who we are once they have come. */
async function askedFor(name: Auth["scheme"], credentials: Readonly<Record<string, string>>, answer: Reply) {
  const sent: HttpRequest[] = [];
  const masked: string[] = [];
  const scheme = (await loaders[name]())({
    auth: awsCodepipeline.auth.find(({ scheme: one }) => one === name)!,
    credentials,
    region: "eu-west-1",
    server: "https://codepipeline.eu-west-1.amazonaws.com",
    api: "https://codepipeline.eu-west-1.amazonaws.com",
    tokenServer: "https://sts.eu-west-1.amazonaws.com",
    clock: new SimulatedClock(),
    send: (request) => {
      sent.push(request);
      return Promise.resolve(answer);
    },
    mask: (secret) => masked.push(secret),
  });
  const url = new URL("https://codepipeline.eu-west-1.amazonaws.com/");
  const proof = await scheme.authorize({ method: "POST", url, headers: {}, body: "{}" });
  return { asked: sent[0]!, masked, proof };
}

test("a web identity is exchanged as botocore exchanges it, and what comes back is kept secret", async () => {
  const theirs = recorded("AssumeRoleWithWebIdentityProvider");
  const xml =
    "<AccessKeyId>ASIAEXAMPLE</AccessKeyId><SecretAccessKey>SECRET</SecretAccessKey><SessionToken>SESSION</SessionToken>";

  const { asked, masked, proof } = await askedFor("aws-web-identity", theirs.values, {
    status: 200,
    headers: {},
    body: xml,
  });

  expect(`${asked.method} ${asked.url.pathname}`).toBe(`${theirs.method} ${theirs.path}`);
  expect(asked.headers).toEqual(theirs.headers);
  expect(Object.fromEntries(new URLSearchParams(asked.body))).toEqual(theirs.body);
  expect(masked).toEqual(["ASIAEXAMPLE", "SECRET", "SESSION"]);
  expect(proof["x-amz-security-token"]).toBe("SESSION");
  expect(proof["authorization"]).toContain("Credential=ASIAEXAMPLE/");
});

test("a container's keys are asked for as botocore asks for them, and what comes back is kept secret", async () => {
  const theirs = recorded("ContainerProvider");
  const address = { "credentials-address": "http://169.254.170.23/v1/credentials" };
  const body = { AccessKeyId: "ASIAEXAMPLE", SecretAccessKey: "SECRET", Token: "SESSION" };

  const { asked, masked, proof } = await askedFor(
    "aws-container",
    { ...theirs.values, ...address },
    { status: 200, headers: {}, body },
  );

  expect(`${asked.method} ${asked.url.href}`).toBe(`${theirs.method} ${address["credentials-address"]}`);
  // The client's default is to accept JSON.
  expect({ accept: "application/json", ...asked.headers }).toEqual(theirs.headers);
  expect(masked).toEqual(expect.arrayContaining(["/v1/credentials", "ASIAEXAMPLE", "SECRET", "SESSION"]));
  expect(proof["authorization"]).toContain("Credential=ASIAEXAMPLE/");
});

describe("a container's credentials", () => {
  test.each([
    ["/v2/credentials/1", "http://169.254.170.2/v2/credentials/1"],
    ["http://169.254.170.23/v1/credentials", "http://169.254.170.23/v1/credentials"],
    ["http://[fd00:ec2::23]/v1/credentials", "http://[fd00:ec2::23]/v1/credentials"],
    ["http://localhost:1338/keys", "http://localhost:1338/keys"],
    ["http://127.0.0.1:1338/keys", "http://127.0.0.1:1338/keys"],
    ["https://keys.example.com/1", "https://keys.example.com/1"],
    // Another spelling of the same address.
    ["http://2852039170/1", "http://169.254.170.2/1"],
    ["//evil.example/1", "http://169.254.170.2//evil.example/1"],
  ])("may be at %s", (given, where) => {
    expect(containerAddress(given)?.href).toBe(where);
  });

  test.each([
    "http://169.254.169.254/latest/meta-data/iam/security-credentials/ci",
    "http://169.254.170.3/1",
    "http://169.254.170.2:8080/1",
    "http://[fd00:ec2::254]/1",
    "http://[::ffff:169.254.170.2]/1",
    "http://keys.example.com/1",
    "http://localhost.example.com/1",
    "http://169.254.170.2@evil.example/1",
    "https://u:p@keys.example.com/1",
    "@evil.example/1",
    "ftp://169.254.170.2/1",
    "v2/credentials/1",
    "",
  ])("are not asked for at %s", (given) => {
    expect(containerAddress(given)).toBeUndefined();
  });
});
