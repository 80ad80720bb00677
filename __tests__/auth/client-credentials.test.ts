/** An application gets its token as the vendors' own clients get it, keeps it, and replaces it once. */
import { readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { azureDataFactory } from "../../src/providers/azure-data-factory.ts";
import { providers } from "../../src/providers/all.ts";
import { MemoryHost } from "../support/host.ts";
import type { Answer, Sent } from "../support/server.ts";
import { tell } from "../support/story.ts";

interface Flow {
  readonly provider: string;
  readonly client: string;
  readonly by: string;
  readonly request: {
    readonly server: string;
    readonly method: string;
    readonly path: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: Readonly<Record<string, string>>;
  };
  readonly sends: string;
}

const { flows, hosts } = JSON.parse(
  readFileSync(new URL("../fixtures/client-credentials.json", import.meta.url), "utf8"),
) as { readonly flows: readonly Flow[]; readonly hosts: readonly { readonly host: string }[] };

const workspace = {
  DATABRICKS_HOST: "https://workspace.example.com",
  DATABRICKS_CLIENT_ID: "CLIENT-ID",
  DATABRICKS_CLIENT_SECRET: "CLIENT-SECRET",
};
const application = { AZURE_TENANT_ID: "12345678-1234-1234-1234-123456789abc", AZURE_CLIENT_ID: "CLIENT-ID" };
const pod = { ...application, AZURE_FEDERATED_TOKEN_FILE: "/var/run/token" };
const envOf: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  basic: workspace,
  form: { ...application, AZURE_CLIENT_SECRET: "CLIENT-SECRET" },
  assertion: pod,
};
const inputsOf: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  databricks: { provider: "databricks", "run-id": "1" },
  "azure-data-factory": {
    provider: "azure-data-factory",
    factory: azureDataFactory.targets["pipeline-run"].ids["factory"]!.example,
    "run-id": azureDataFactory.targets["pipeline-run"].ids["run-id"]!.example,
  },
};

const isForToken = ({ path }: Sent): boolean => path.endsWith("/token");
const issued = (token: string): Answer => ({ body: { access_token: token, token_type: "Bearer", expires_in: 3600 } });
/** A run of Databricks that is over. */
const over = ({ path }: Sent): Answer => ({
  body: {
    run_id: Number(/run_id=(\d+)/.exec(path)?.[1]),
    status: { state: "TERMINATED", termination_details: { code: "SUCCESS" } },
  },
});

test.each(flows)("as $by asks for it", async ({ provider, client, request, sends }) => {
  const host = new MemoryHost(inputsOf[provider]!, envOf[client]);
  host.files.set("/var/run/token", "ASSERTION\n");
  host.isDebug = true;
  const { server } = await tell({
    host,
    inputs: {},
    providers,
    answer: (sent) => (isForToken(sent) ? issued("TOKEN") : { status: 404, body: {} }),
  });
  const [token, look] = server.sent;
  // Microsoft's library asks for facts about a user, of which there is none.
  const { client_info: _, ...body } = request.body;

  expect(`${token!.method} https://${token!.host}${token!.path}`).toBe(
    `${request.method} ${request.server}${request.path}`,
  );
  expect(token!.headers).toMatchObject(request.headers);
  expect(Object.fromEntries(new URLSearchParams(token!.body))).toEqual(body);
  expect(look!.headers["authorization"]).toBe(sends);
  expect(host.debugLines.length).toBeGreaterThan(1);
  const proof = request.headers["authorization"]?.replace("Basic ", "") ?? "ASSERTION";
  for (const secret of ["CLIENT-SECRET", proof])
    expect(JSON.stringify([host.debugLines, host.lines, host.reports])).not.toContain(secret);
});

test.each(hosts)("$host is a login server of Microsoft's, and may be named", async ({ host }) => {
  const { server } = await tell({
    inputs: inputsOf["azure-data-factory"]!,
    env: { ...envOf["form"], AZURE_AUTHORITY_HOST: host },
    providers,
    answer: (sent) => (isForToken(sent) ? issued("TOKEN") : { status: 404, body: {} }),
  });

  expect(server.sent[0]!.host).toBe(host);
});

test("many requests that are refused at once have one new token", async () => {
  const { server, runs } = await tell({
    inputs: { provider: "databricks", "run-id": "1,2,3,4" },
    env: workspace,
    providers,
    answer: (sent) => {
      if (isForToken(sent)) return issued(sent.before === 0 ? "REVOKED" : "TOKEN");
      return sent.headers["authorization"] === "Bearer TOKEN" ? over(sent) : { status: 401, body: {} };
    },
  });

  expect(runs.map(({ outcome }) => outcome)).toEqual(runs.map(() => "already-finished"));
  expect(runs).toHaveLength(4);
  expect(server.sent.filter(isForToken)).toHaveLength(2);
});

test("a token that is about to end is replaced before it is used, and that does not count", async () => {
  const state = (sent: Sent): Answer => ({
    body: { run_id: 1, status: { state: sent.before < 900 ? "RUNNING" : "x" } },
  });
  const { server } = await tell({
    inputs: { provider: "databricks", "run-id": "1", timeout: "3h" },
    env: workspace,
    providers,
    answer: (sent) => {
      if (isForToken(sent)) return issued(`TOKEN-${sent.before}`);
      return sent.method === "POST" ? { body: {} } : state(sent);
    },
  });
  const tokens = server.sent.filter(isForToken);

  expect(tokens).toHaveLength(4);
  // Five minutes before its end at the latest.
  for (const [index, { at }] of tokens.slice(1).entries()) expect(at - tokens[index]!.at).toBeLessThan(56 * 60_000);
});

test("a token service that does not work says nothing of the credential, and is asked again", async () => {
  const { run, server } = await tell({
    inputs: inputsOf["databricks"]!,
    env: workspace,
    providers,
    answer: (sent) => {
      if (isForToken(sent)) return sent.before < 2 ? { status: 503 } : issued("TOKEN");
      return over(sent);
    },
  });

  expect(run.outcome).toBe("already-finished");
  expect(server.sent.filter(isForToken)).toHaveLength(3);
});
