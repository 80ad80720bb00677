/**
 * The job that this step runs in is being killed: SIGINT, 7.5 s later SIGTERM, 2.5 s later the end.
 * A run that was not asked to stop is asked now, once; outputs are on disk; exit 130 in time. Time is real here.
 */
import { afterEach, describe, expect, test } from "@jest/globals";
import { githubToken, type HostName, hosts, type Program, type Result, start } from "../support/program.ts";
import { canary, closeServers, github, gitlab, type Server } from "../support/servers.ts";

afterEach(closeServers);

const signals = ["SIGINT", "SIGTERM"] as const;
/** What a runner gives before it sends the next signal. */
const grace = 7000;

const job = (server: Server, host: HostName = "github", more: Readonly<Record<string, string>> = {}): Program =>
  start({
    host,
    time: "wall",
    inputs: {
      provider: "gitlab",
      project: "platform/deploy",
      "job-id": "4711",
      "server-url": server.url,
      token: canary,
      ...more,
    },
  });

function expectInTime(result: Result, since: number): void {
  expect(result).toMatchObject({ exit: 130, signal: null });
  expect(performance.now() - since).toBeLessThan(grace);
}

const onBoth = signals.flatMap((signal) => hosts.map((host) => ({ signal, host })));

test.each(onBoth)("before the first look is answered: $signal, from $host", async ({ signal, host }) => {
  const server = await gitlab();
  server.hold(/^GET/);
  const running = job(server, host);

  await server.next(/^GET/);
  const since = performance.now();
  running.kill(signal);
  const result = await running.result;

  expectInTime(result, since);
  expect(server.only(/^POST/)).toHaveLength(1);
  expect(result.report).toMatchObject({ outcome: "cancelling", runs: [{ before: null, attempts: 1 }] });
});

test.each(onBoth)("while the cancel is under way: $signal, from $host", async ({ signal, host }) => {
  const server = await gitlab();
  const release = server.hold(/^POST/);
  const running = job(server, host);

  await server.next(/^POST/);
  const since = performance.now();
  running.kill(signal);
  release();
  const result = await running.result;

  expectInTime(result, since);
  expect(server.only(/^POST/)).toHaveLength(1);
  expect(result.report).toMatchObject({ outcome: "cancelling", runs: [{ before: "running" }] });
});

test.each(onBoth)("between two looks: $signal, from $host", async ({ signal, host }) => {
  const server = await gitlab();
  const running = job(server, host);

  // What a look has shown is said when it has been read.
  await running.says("): cancelling");
  const since = performance.now();
  running.kill(signal);
  const result = await running.result;

  expectInTime(result, since);
  // There is nothing to wait for.
  expect(performance.now() - since).toBeLessThan(1500);
  expect(server.only(/^POST/)).toHaveLength(1);
  expect(result.report).toMatchObject({ outcome: "cancelling", state: "cancelling" });
});

test("while a look is under way", async () => {
  const server = await gitlab();
  const running = job(server);

  await server.next(/^POST/, "answered");
  server.hold(/^GET/);
  await server.next(/^GET/);
  running.kill("SIGINT");
  const result = await running.result;

  expect(result).toMatchObject({ exit: 130, outputs: { outcome: "cancelling" } });
  expect(server.only(/^POST/)).toHaveLength(1);
});

test("while the cancel waits to be sent again", async () => {
  const server = await gitlab();
  server.reply(/^POST/, { status: 503, headers: { "retry-after": "60" } }, 1);
  const running = job(server);

  await server.next(/^POST/, "answered");
  const since = performance.now();
  running.kill("SIGINT");
  const result = await running.result;

  expectInTime(result, since);
  expect(server.only(/^POST/)).toHaveLength(2);
  expect(result.outputs["outcome"]).toBe("cancelling");
});

test("while many cancels wait for their turn: all are sent, each once", async () => {
  const ids = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12"];
  const server = await github({ runs: Object.fromEntries(ids.map((id) => [id, {}])), token: githubToken });
  const running = start({
    host: "github",
    on: server,
    time: "wall",
    inputs: { provider: "github", "run-id": ids.join() },
  });

  await server.next(/^POST/);
  const since = performance.now();
  running.kill("SIGINT");
  const result = await running.result;

  expectInTime(result, since);
  expect(
    server
      .only(/^POST/)
      .map(({ path }) => path)
      .sort(),
  ).toEqual(ids.map((id) => `/api/v3/repos/acme/shop/actions/runs/${id}/cancel`).sort());
  expect(result.report).toMatchObject({ outcome: "cancelling" });
});

test("the server never answers: given up in time, with outputs", async () => {
  const tries = await Promise.all(
    signals.map(async (signal) => {
      const server = await gitlab();
      server.hold(/^POST/);
      const running = job(server);
      await server.next(/^POST/);
      const since = performance.now();
      running.kill(signal);
      return { server, result: await running.result, took: performance.now() - since };
    }),
  );

  for (const { server, result, took } of tries) {
    expect(result).toMatchObject({ exit: 130, outputs: { cancelled: "0" }, report: { runs: [{ attempts: 1 }] } });
    expect(took).toBeLessThan(grace);
    expect(server.only(/^POST/)).toHaveLength(1);
    expect(result.summary).toContain("<table>");
  }
});

describe("a second signal", () => {
  test.each(hosts)("ends at once, with what is known on disk, on %s", async (host) => {
    const server = await gitlab();
    server.hold(/./);
    const running = job(server, host);

    await server.next(/^GET/);
    running.kill("SIGINT");
    // The cancel that follows shows that the first signal has been understood.
    await server.next(/^POST/);
    const since = performance.now();
    running.kill("SIGTERM");
    const result = await running.result;

    expect(result).toMatchObject({ exit: 130, signal: null });
    expect(performance.now() - since).toBeLessThan(1000);
    expect(server.only(/^POST/)).toHaveLength(1);
    // A terminal prints its report at the end only.
    if (host !== "terminal") expect(result.report?.runs).toMatchObject([{ ids: { "job-id": "4711" } }]);
  });
});

test("killed without a warning after the cancel: outputs are on disk", async () => {
  const server = await gitlab();
  const running = job(server);

  await server.next(/^POST/, "answered");
  await server.next(/^GET/, "answered");
  running.kill("SIGKILL");
  const { signal, outputs } = await running.result;

  expect({ signal, outputs }).toMatchObject({ signal: "SIGKILL", outputs: { outcome: "cancelling" } });
});

test("killed without a warning during the cancel: outputs are on disk", async () => {
  const server = await gitlab();
  server.hold(/^POST/);
  const running = job(server);

  await server.next(/^POST/);
  running.kill("SIGKILL");
  const { signal, report } = await running.result;

  expect({ signal, report }).toMatchObject({ signal: "SIGKILL", report: { runs: [{ ids: { "job-id": "4711" } }] } });
});

test("`dry-run` cancels nothing, however it ends", async () => {
  const server = await gitlab();
  server.hold(/^GET/);
  const running = job(server, "github", { "dry-run": "true" });

  await server.next(/^GET/);
  running.kill("SIGINT");
  const result = await running.result;

  expect(result.exit).toBe(130);
  expect(server.only(/^POST/)).toHaveLength(0);
});

test("the own run: the call ends this very step, whose outputs are there", async () => {
  const server = await github({ runs: { "1001": {} }, token: githubToken });
  const running = start({
    host: "github",
    on: server,
    time: "wall",
    inputs: { provider: "github", "run-id": "1001", self: "true" },
  });

  await server.next(/^POST/);
  running.kill("SIGINT");
  const result = await running.result;

  expect(result).toMatchObject({ exit: 130, outputs: { outcome: "cancelling" } });
  expect(server.only(/^POST/)).toHaveLength(1);
});

test("runs on two servers, one of which hangs: both are asked", async () => {
  const [slow, fast] = [await gitlab(), await github()];
  slow.hold(/^GET/);
  const running = start({
    host: "terminal",
    time: "wall",
    inputs: { url: `${slow.page("jobs", 4711)} ${fast.page(30433642)}` },
    env: { GITLAB_HOST: slow.url, GITLAB_TOKEN: canary, GH_HOST: fast.url, GH_ENTERPRISE_TOKEN: canary },
  });

  await Promise.all([slow.next(/^GET/), fast.next(/^POST/, "answered")]);
  running.kill("SIGINT");
  const result = await running.result;

  expect(result).toMatchObject({ exit: 130, report: { outcome: "cancelling" } });
  expect([...slow.only(/^POST/), ...fast.only(/^POST/)]).toHaveLength(2);
});
