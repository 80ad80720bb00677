import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { sign as signForAws } from "../../src/auth/aws-signature.ts";
import { sign as signForHuawei } from "../../src/auth/huawei-signature.ts";

// Made by aws4fetch 1.0.20 and @smithy/signature-v4 5.7.5, which agree.
describe("Signature Version 4", () => {
  const date = "20261122T060000Z";
  const region = "eu-west-1";
  const session = { "x-amz-date": date, "x-amz-security-token": "TOKEN+/=" };
  const secretKey = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

  test.each([
    {
      service: "codebuild",
      method: "POST",
      path: "/",
      headers: {
        "content-type": "application/x-amz-json-1.1",
        "x-amz-target": "CodeBuild_20161006.StopBuild",
      },
      body: '{"id":"proj:0c5f7d2e-1111-2222-3333-444455556666"}',
      signed: "content-type;host;x-amz-date;x-amz-security-token;x-amz-target",
      signature: "81c4758cc1d5db6f4d75d7138b68b6e7311e96d2f74f47b4f9acd8190e63e9e6",
    },
    {
      service: "cloudformation",
      method: "POST",
      path: "/",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: "Action=CancelUpdateStack&Version=2010-05-15&StackName=s",
      signed: "content-type;host;x-amz-date;x-amz-security-token",
      signature: "e4763a5c29002fb3ca07846d167c7ba7393b3f05467c596d6784b6f20e60cae8",
    },
    {
      service: "amplify",
      method: "DELETE",
      path: "/apps/d123/branches/feat%2Fx/jobs/3/stop",
      headers: {},
      body: undefined,
      signed: "host;x-amz-date;x-amz-security-token",
      signature: "ce22f1e49da81f470e0797ecc57746143514c053c6c4524fad20dab2ac6e7616",
    },
  ])("signs $method $path of $service as its clients do", ({ service, path, body, headers, signed, ...expected }) => {
    const url = new URL(`https://${service}.${region}.amazonaws.com${path}`);
    const request = {
      method: expected.method,
      url,
      headers: { host: url.host, ...session, ...headers },
      ...(body !== undefined && { body }),
    };

    expect(signForAws(request, { date, region, service }, "AKIDEXAMPLE", secretKey)).toBe(
      `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261122/${region}/${service}/aws4_request, SignedHeaders=${signed}, Signature=${expected.signature}`,
    );
  });
});

describe("SDK-HMAC-SHA256", () => {
  const { vectors } = JSON.parse(
    readFileSync(join(import.meta.dirname, "../fixtures/huawei-signing-vectors.json"), "utf8"),
  ) as { vectors: readonly Vector[] };

  interface Vector {
    readonly name: string;
    readonly method: string;
    readonly url: string;
    readonly host: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
    readonly ak: string;
    readonly sk: string;
    readonly authorization: string;
  }

  test.each(vectors)("$name", ({ method, url, host, headers, body, ak, sk, authorization }) => {
    const request = { method, url: new URL(url), headers: { host, ...headers }, body };

    expect(signForHuawei(request, headers["X-Sdk-Date"] ?? "", ak, sk)).toBe(authorization);
  });
});
