/** Which provider's a server is: the versions of servers, and what is asked and what is not. The exchanges of both have the rest. */
import { expect, test } from "@jest/globals";
import { Unidentified } from "../../src/engine/identify.ts";
import { identify } from "../../src/engine/server-version.ts";
import type { Job } from "../../src/host.ts";
import { UsageError } from "../../src/engine/usage.ts";
import { TransportError, type WireReply } from "../../src/http/transport.ts";
import { cancelRun } from "../../src/main.ts";
import { providers } from "../../src/providers/all.ts";
import { SimulatedClock } from "../support/clock.ts";
import { MemoryHost } from "../support/host.ts";
import { registryOf } from "../support/registry.ts";

const server = "https://git.example.com/ci";
const keys = ["forgejo", "gitea", "github"];

function json(body: unknown, status = 200): WireReply {
  return { status, headers: { "content-type": "application/json" }, text: JSON.stringify(body) };
}

function page(status: number): WireReply {
  return { status, headers: { "content-type": "text/html" }, text: "<title>Sign in</title>" };
}

async function said(answer: WireReply | Error, among = keys): Promise<string> {
  const clock = new SimulatedClock();
  const sent: string[] = [];
  const transport = {
    send: ({ method, url }: { method: string; url: URL }): Promise<WireReply> => {
      sent.push(`${method} ${url.href}`);
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    },
    close: () => Promise.resolve(),
  };
  const question = new Unidentified("this could be of several; say which in provider", server, among);
  try {
    return await identify(question, { providers, clock, transport, interrupted: new AbortController().signal }, 60_000);
  } finally {
    expect([...new Set(sent)]).toEqual([`GET ${server}/api/v1/version`]);
  }
}

test.each([
  ["1.27.3", "gitea"],
  ["1.28.0+dev-376-g223205cc6b", "gitea"],
  ["1.26.0-rc0", "gitea"],
  ["16.0.5+gitea-1.22.0", "forgejo"],
  ["16.0.0-dev-753-6bcc6da0+gitea-1.22.0", "forgejo"],
  ["7.0.0", "forgejo"],
  ["1.21.4-0+gitea-1.21.4", "forgejo"],
])("a server of version %s is %s", async (version, key) => {
  expect(await said(json({ version }))).toBe(key);
});

test.each([
  ["a JSON 404", json({ message: "Not Found" }, 404)],
  ["a page that says 404", page(404)],
  ["a page to sign in", page(200)],
])("%s: none of those that have a version", async (_, answer) => {
  expect(await said(answer)).toBe("github");
});

test.each([
  ["a version of neither", json({ version: "2.0.0" }), "answered 200 when asked for its version"],
  ["no right to ask", json({ message: "Only signed in user is allowed" }, 403), "answered 403"],
  ["a gateway that wants a login", page(401), "answered 401"],
  ["no connection", new TransportError("ECONNREFUSED", "refused"), "git.example.com"],
])("%s: it is to be said", async (_, answer, why) => {
  await expect(said(answer)).rejects.toThrow(UsageError);
  await expect(said(answer)).rejects.toThrow("this could be of several; say which in provider (");
  await expect(said(answer)).rejects.toThrow(why);
});

test("two that both have a version, and the server has none: it is to be said", async () => {
  await expect(said(page(404), ["forgejo", "gitea"])).rejects.toThrow("git.example.com does not say which it is");
});

const pages = [7, 8].map((id) => `${server}/octo/deploy/actions/runs/${id}`);
const inputs = { url: pages.join("\n"), "server-url": server, token: "t" };

async function play(given: Readonly<Record<string, string>>, job?: Job): Promise<{ sent: string[]; host: MemoryHost }> {
  const clock = new SimulatedClock();
  const sent: string[] = [];
  const transport = {
    send: ({ url }: { url: URL }): Promise<WireReply> => {
      sent.push(url.pathname);
      const id = Number(url.pathname.split("/").pop());
      const isVersion = url.pathname.endsWith("/version");
      return Promise.resolve(
        json(isVersion ? { version: "1.28.0" } : { id, status: "completed", conclusion: "success" }),
      );
    },
    close: () => Promise.resolve(),
  };
  const host = new MemoryHost(given);
  host.job = job;
  await cancelRun({
    host,
    registry: registryOf(providers),
    clock,
    transport,
    interrupted: new AbortController().signal,
  });
  return { sent, host };
}

test("a server is asked once, before the runs", async () => {
  const api = "/ci/api/v1/repos/octo/deploy/actions/runs";

  const { sent } = await play(inputs);

  expect(sent[0]).toBe("/ci/api/v1/version");
  expect(sent.slice(1).sort()).toEqual([`${api}/7`, `${api}/8`]);
});

test("a guard that is armed asks nothing", async () => {
  const { sent, host } = await play({ ...inputs, when: "failed" }, { phase: "before", status: "success" });

  expect({ sent, armed: host.armed, usages: host.usages }).toEqual({ sent: [], armed: true, usages: [] });
});

test("a signal while it is asked ends the step as any signal does, and with outputs", async () => {
  const clock = new SimulatedClock();
  const interrupted = new AbortController();
  const transport = {
    send: (): Promise<WireReply> => {
      interrupted.abort();
      return Promise.reject(new TransportError("ECONNREFUSED", "refused"));
    },
    close: () => Promise.resolve(),
  };
  const host = new MemoryHost(inputs);

  expect(
    await cancelRun({ host, registry: registryOf(providers), clock, transport, interrupted: interrupted.signal }),
  ).toBe(130);
  expect(host.usages).toEqual([]);
  expect(host.lines.join()).toContain("interrupted before git.example.com said which system it is");
  expect(host.reports.at(-1)).toMatchObject({ exit: 130, outcome: "failed", runs: [] });
});
