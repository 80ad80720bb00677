/** Requests are signed as AWS's own client signs them; what other clients send besides is in requests.test.ts. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { awsSignature, sign } from "../../src/auth/aws-signature.ts";
import { callsOf, type Entry, entriesOf } from "../../src/engine/catalog.ts";
import { build } from "../../src/engine/request.ts";
import type { Call } from "../../src/provider.ts";
import { awsCodepipeline } from "../../src/providers/aws-codepipeline.ts";
import { SimulatedClock } from "../support/clock.ts";

const fixture = (name: string): unknown =>
  JSON.parse(readFileSync(join(import.meta.dirname, "..", "fixtures", name), "utf8"));

describe("aws-codepipeline", () => {
  const recorded = fixture("aws-codepipeline-client.json") as {
    readonly client: string;
    readonly date: string;
    readonly region: string;
    readonly accessKey: string;
    readonly secretKey: string;
    readonly securityToken: string;
    readonly server: string;
    readonly requests: readonly {
      readonly method: string;
      readonly path: string;
      readonly headers: Readonly<Record<string, string>>;
      readonly body: string;
      readonly authorization: string;
      readonly ours: string;
    }[];
  };
  const { region, server, accessKey, secretKey, securityToken } = recorded;
  const entry = entriesOf("aws-codepipeline", awsCodepipeline).get("execution")!;
  const run = {
    ...entry,
    ids: { pipeline: "deploy-prod", "execution-id": "0c5f7d2e-1111-2222-3333-444455556666" },
    place: { server, api: server, kind: "given", region },
  } as const;

  test.each(
    callsOfRun(entry).map((call, index) => [`${call.headers?.["x-amz-target"]} ${index}`, call, index] as const),
  )(`%s is sent as ${recorded.client} sends it`, async (_, call, index) => {
    const theirs = recorded.requests[index]!;
    const request = build(run, call, { ...run.ids, reason: "superseded by 1f2e3d" });
    const proof = await awsSignature({
      auth: awsCodepipeline.auth[0]!,
      credentials: { "access-key": accessKey, "secret-key": secretKey, "security-token": securityToken },
      region,
      server,
      api: server,
      tokenServer: undefined,
      clock: new SimulatedClock(recorded.date),
      send: () => Promise.reject(new Error("nothing is sent")),
      mask: () => undefined,
    }).authorize(request);

    expect(`${request.method} ${request.url.pathname}`).toBe(`${theirs.method} ${theirs.path}`);
    expect(JSON.parse(request.body ?? "")).toEqual(JSON.parse(theirs.body));
    for (const name of ["content-type", "x-amz-target", "x-amz-date", "x-amz-security-token"])
      expect([name, { ...request.headers, ...proof }[name]]).toEqual([name, theirs.headers[name]]);
    expect(proof["authorization"]).toBe(theirs.ours);
  });

  test.each(recorded.requests)("signs all headers of the client as the client does: $authorization", (theirs) => {
    const { method, path, body, headers, authorization } = theirs;
    const signed = /SignedHeaders=([^,]*)/.exec(authorization)?.[1]?.split(";") ?? [];
    const request = {
      method,
      url: new URL(path, server),
      headers: Object.fromEntries(signed.map((name) => [name, headers[name] ?? ""])),
      body,
    };
    const scope = { date: headers["x-amz-date"] ?? "", region, service: "codepipeline" };

    expect(sign(request, scope, accessKey, secretKey)).toBe(authorization);
  });
});

function callsOfRun({ target, force }: Entry): readonly Call[] {
  return [target.look, target.cancel, ...force].flatMap(callsOf);
}
