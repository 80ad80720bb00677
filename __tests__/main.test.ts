import { getEventListeners, getMaxListeners } from "node:events";
import { describe, expect, test } from "@jest/globals";
import type { Report } from "../src/engine/record.ts";
import { cancelRun } from "../src/main.ts";
import type { Platform } from "../src/platform.ts";
import type { Provider } from "../src/provider.ts";
import { providers } from "../src/providers/all.ts";
import { acme, acmeWith, seven } from "./support/acme.ts";
import { SimulatedClock } from "./support/clock.ts";
import { ExchangeTransport, secret } from "./support/exchange.ts";
import { MemoryHost } from "./support/host.ts";
import { type Answer, type Answering, failure, MemoryServer, type Sent } from "./support/server.ts";
import { tell } from "./support/story.ts";
import { registryOf } from "./support/registry.ts";

const look = "GET /api/runs/7";
const cancel = "POST /api/runs/7/cancel";

/** Live until a cancel came, then stopped. */
const obedient = (): Answering => obedientIn({ live: { state: "running" }, over: { state: "stopped" } });

function obedientIn({ live, over }: { live: unknown; over: unknown }): Answering {
  const stopped = new Set<string>();
  return ({ method, host, path }) => {
    const run = host + path.replace(/\/cancel$/, "");
    if (method !== "GET") {
      stopped.add(run);
      return { status: 202 };
    }
    return { body: stopped.has(run) ? over : live };
  };
}

/** A run says which one it is: https://docs.github.com/rest/actions/workflow-runs#get-a-workflow-run */
const onGitHub =
  (answer: Answering): Answering =>
  async (sent) => {
    const reply = await answer(sent);
    const id = /\/runs\/(\d+)$/.exec(sent.path)?.[1];
    if (typeof reply === "string" || reply instanceof Error || id === undefined || sent.method !== "GET") return reply;
    return { ...reply, body: { id: Number(id), ...(reply.body as object) } };
  };

function limitOf(signal: AbortSignal): number {
  try {
    return getMaxListeners(signal) || Infinity;
  } catch {
    // Node 20 throws where there is no limit.
    return Infinity;
  }
}

/** A host that keeps how many requests had been sent when it was told to write. */
class WatchingHost extends MemoryHost {
  readonly sentAtReport: number[] = [];
  sent: () => number = () => 0;
  works = true;
  override async report(report: Report, final: boolean): Promise<boolean> {
    this.sentAtReport.push(this.sent());
    return (await super.report(report, final)) && this.works;
  }
}

describe("several runs", () => {
  const three = { provider: "acme", "run-id": "1,2,3", token: secret };

  test("are all asked before any is watched", async () => {
    const { server, runs } = await tell({ inputs: three, answer: obedient() });
    const lastCancel = server.lines.findLastIndex((line) => line.startsWith("POST"));
    const secondLooks = server.sent.flatMap(({ method, before }, at) => (method === "GET" && before > 0 ? [at] : []));

    expect(runs.map(({ outcome }) => outcome)).toEqual(["cancelled", "cancelled", "cancelled"]);
    expect(secondLooks).toHaveLength(3);
    expect(Math.min(...secondLooks)).toBeGreaterThan(lastCancel);
  });

  test("are reported in the order in which they were named", async () => {
    const answer: Answering = ({ path, before }) => {
      if (path.includes("/2")) return { body: { state: "done" } };
      return { body: { state: path.includes("/1") && before < 3 ? "running" : "stopped" } };
    };
    const { runs } = await tell({ inputs: three, answer });

    expect(runs.map(({ ids }) => ids["run-id"])).toEqual(["1", "2", "3"]);
  });

  test("do not fail one another", async () => {
    const rest = obedient();
    const answer: Answering = (sent) => (sent.path.includes("/2") ? { status: 404 } : rest(sent));
    const { runs, report, exit } = await tell({ inputs: { ...three, "run-id": "11,2,13" }, answer });

    expect(runs.map(({ outcome }) => outcome)).toEqual(["cancelled", "not-found", "cancelled"]);
    expect(report).toMatchObject({ outcome: "mixed", cancelled: 2, state: null, url: null });
    expect(exit).toBe(5);
  });

  test("that share an outcome give it to the step", async () => {
    const { report, exit } = await tell({ inputs: three, answer: () => ({ body: { state: "done" } }) });

    expect(report).toMatchObject({ outcome: "already-finished", cancelled: 0, state: null, url: null });
    expect(exit).toBe(0);
  });

  test("go on, and are reported, when something breaks in one that nobody foresaw", async () => {
    const name = ({ state, breaks }: { state: string; breaks?: boolean }): string => {
      if (breaks) throw new RangeError(`what is wrong is ${secret}`);
      return state;
    };
    const rest = obedient();
    const answer: Answering = (sent) =>
      sent.path.endsWith("/12") && sent.before > 0 ? { body: { state: "running", breaks: true } } : rest(sent);
    const providers = acmeWith({ look: { ...acme.targets.run.look, name } });
    const { runs, exit, host } = await tell({ inputs: { ...three, "run-id": "11,12,13" }, answer, providers });

    expect(runs.map(({ outcome }) => outcome)).toEqual(["cancelled", "failed", "cancelled"]);
    expect(runs[1]!.detail).toMatch(
      /^unexpected RangeError at main\.test\.ts:\d+:\d+; please report this; a cancel was sent, and what came of it is not known$/,
    );
    expect(exit).toBe(1);
    expect(JSON.stringify([host.lines, host.reports])).not.toContain(secret);
  });

  test("on other servers go on while one server hangs", async () => {
    const url = "http://127.0.0.1:81/runs/1 https://acme.example/runs/2";
    const host = new MemoryHost({ url, provider: "acme" }, { ACME_TOKEN: secret, ACME_HOST: "http://127.0.0.1:81" });
    let release: (answer: Answer) => void = () => undefined;
    const hanging = new Promise<Answer>((resolve) => (release = resolve));
    const other = obedient();
    const clock = new SimulatedClock();
    const server = new MemoryServer(clock, async (sent) => {
      const given = await (sent.host === "127.0.0.1:81" ? hanging : other(sent));
      // The other server's story is over: only now does the first one answer.
      if (sent.method === "GET" && sent.before === 1 && sent.host === "acme.example")
        setImmediate(() => release({ body: { state: "done" } }));
      return given;
    });

    const exit = await cancelRun({
      host,
      registry: registryOf(acmeWith()),
      clock,
      transport: server,
      interrupted: new AbortController().signal,
    });

    expect(exit).toBe(0);
    expect(host.final?.runs.map(({ outcome }) => outcome)).toEqual(["already-finished", "cancelled"]);
    expect(server.sent.filter(({ host: at }) => at === "127.0.0.1:81")).toHaveLength(1);
    expect(server.sent.filter(({ host: at }) => at === "acme.example")).toHaveLength(3);
  });

  test("on one server share it: not too many requests at once", async () => {
    let [now, most] = [0, 0];
    const answer: Answering = async () => {
      now++;
      most = Math.max(most, now);
      await new Promise((resolve) => setImmediate(resolve));
      now--;
      return { body: { state: "done" } };
    };
    const ids = Array.from({ length: 60 }, (_, at) => at + 1);
    const { runs } = await tell({ inputs: { ...three, "run-id": ids.join() }, answer });

    expect(runs).toHaveLength(60);
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(16);
  });

  test("are not so many that Node warns of a leak", async () => {
    const { signal } = new AbortController();
    const ids = Array.from({ length: 60 }, (_, at) => at + 1);
    const rest = obedient();
    let most = 0;
    const answer: Answering = (sent) => {
      most = Math.max(most, getEventListeners(signal, "abort").length);
      return rest(sent);
    };

    await tell({ inputs: { ...three, "run-id": ids.join() }, answer, interrupted: signal });

    expect(limitOf(signal)).toBeGreaterThanOrEqual(most);
  });

  test("on GitHub are looked at and asked at once, within its budget", async () => {
    const { server, runs } = await tell({
      providers,
      inputs: { provider: "github", repository: "a/b", "run-id": "1,2,3,4", token: secret },
      answer: onGitHub(
        obedientIn({ live: { status: "in_progress" }, over: { status: "completed", conclusion: "cancelled" } }),
      ),
    });
    const first = server.sent.filter(({ method, before }) => method === "POST" || before === 0);

    expect(runs.map(({ outcome }) => outcome)).toEqual(Array.from({ length: 4 }, () => "cancelled"));
    expect(first.map(({ method, at }) => `${method} ${at}`).sort()).toEqual([
      ...Array.from({ length: 4 }, () => "GET 0"),
      ...Array.from({ length: 4 }, () => "POST 0"),
    ]);
  });

  test("that are too many for the time end with it", async () => {
    const ids = Array.from({ length: 40 }, (_, at) => at + 1);
    const { clock, runs, exit } = await tell({
      providers,
      inputs: { provider: "github", repository: "a/b", "run-id": ids.join(), token: secret, timeout: "20s" },
      answer: onGitHub(() => ({ body: { status: "in_progress" } })),
    });

    // Timers have whole milliseconds.
    expect(clock.now()).toBeLessThan(20_001);
    expect(runs).toHaveLength(40);
    expect(exit).not.toBe(0);
  });
});

describe("the exit code is the worst outcome's", () => {
  const answers: Record<string, Answer> = {
    "1": { body: { state: "done" } },
    "2": { body: { state: "running" } },
    "3": { status: 404 },
    "4": { status: 403 },
    "5": { body: {} },
  };
  const answer: Answering = ({ method, path }) => (method === "GET" ? answers[/\d/.exec(path)![0]]! : { status: 202 });
  const exits = async (ids: string, failOn?: string): Promise<number> =>
    (
      await tell({
        inputs: {
          provider: "acme",
          "run-id": ids,
          token: secret,
          timeout: "10s",
          ...(failOn && { "fail-on": failOn }),
        },
        answer,
      })
    ).exit;

  test.each([
    ["1", 0],
    ["1,2", 3],
    ["2,3", 5],
    ["3,4", 4],
    ["1,2,3,4,5", 1],
    ["5,4,3,2,1", 1],
  ])("of runs %s it is %i", async (ids, exit) => {
    expect(await exits(ids)).toBe(exit);
  });

  test.each([
    ["1", "already-finished", 1],
    ["2", "failed", 0],
    ["2,3,4", "not-found", 5],
    ["2,3,4", "still-running not-found", 5],
    ["4", "refused", 4],
    ["3", "restarted", 0],
  ])("of runs %s, where %s fails the step, it is %i", async (ids, failOn, exit) => {
    expect(await exits(ids, failOn)).toBe(exit);
  });
});

describe("the outputs", () => {
  async function watched(works = true): Promise<{ host: WatchingHost; server: MemoryServer; exit: number }> {
    const clock = new SimulatedClock();
    const host = new WatchingHost(seven);
    host.works = works;
    const server = new MemoryServer(clock, obedient());
    host.sent = () => server.sent.length;
    const exit = await cancelRun({
      host,
      registry: registryOf(acmeWith()),
      clock,
      transport: server,
      interrupted: new AbortController().signal,
    });
    return { host, server, exit };
  }

  test("are written as soon as the cancel was sent, and again at the end", async () => {
    const { host, server } = await watched();

    expect(server.lines).toEqual([look, cancel, look]);
    expect(host.reports[host.sentAtReport.indexOf(2)]).toMatchObject({
      outcome: "cancelling",
      cancelled: 0,
      runs: [{ outcome: "cancelling", before: "running", detail: "not confirmed yet", attempts: 1, confirmed: null }],
    });
    expect(host.final).toMatchObject({ outcome: "cancelled", cancelled: 1, exit: 0 });
    expect(host.reports.at(-1)).toEqual(host.final);
  });

  test("are written once at the end, and not after every step before", async () => {
    const { host } = await tell({
      inputs: { provider: "acme", "run-id": Array.from({ length: 30 }, (_, at) => at + 1).join(), token: secret },
      answer: () => ({ body: { state: "done" } }),
    });

    expect(host.reports.length).toBeLessThanOrEqual(4);
  });

  test("are there before anything is sent: a step that is killed then has some", async () => {
    const { host } = await watched();

    expect(host.sentAtReport[0]).toBe(0);
    expect(host.reports[0]).toMatchObject({
      outcome: "failed",
      cancelled: 0,
      runs: [{ detail: "not asked yet", attempts: 0 }],
    });
  });

  test("that cannot be written fail the step, though the run is stopped", async () => {
    const { host, exit } = await watched(false);

    expect(host.final?.outcome).toBe("cancelled");
    expect(exit).toBe(1);
  });

  test("that cannot be written do not hide a worse exit code", async () => {
    const host = new WatchingHost(seven);
    host.works = false;

    expect((await tell({ inputs: seven, host, answer: () => ({ status: 404 }) })).exit).toBe(5);
  });

  test("of bad input say that it failed", async () => {
    const host = new MemoryHost({ provider: "acme" });
    const clock = new SimulatedClock();
    const exit = await cancelRun({
      host,
      registry: registryOf(acmeWith()),
      clock,
      transport: new ExchangeTransport([], clock),
      interrupted: new AbortController().signal,
    });

    expect(exit).toBe(2);
    expect(host.reports).toMatchObject([
      { outcome: "failed", cancelled: 0, state: null, url: null, runs: [], exit: 2, failOn: [] },
    ]);
  });
});

describe("the run that this step is part of", () => {
  const platform: Platform = {
    provider: "acme",
    server: "https://acme.example",
    ids: {},
    self: [{ "run-id": "7" }],
  };

  test("is not cancelled by accident, and not even looked at", async () => {
    const { run, exit, server } = await tell({ inputs: seven, platform, answer: obedient() });

    expect(run).toMatchObject({
      outcome: "refused",
      detail: "this step is part of that run; self allows cancelling it",
      attempts: 0,
    });
    expect(exit).toBe(4);
    expect(server.lines).toEqual([]);
  });

  test("may be the same number on a server of another name: in doubt it is refused", async () => {
    const { run, server } = await tell({
      inputs: { ...seven, "server-url": "https://other.example" },
      platform,
      answer: obedient(),
    });

    expect(run).toMatchObject({
      outcome: "refused",
      detail:
        "it has the id of the run that this step is part of, and its server may be ours under another name; self allows cancelling it",
    });
    expect(server.lines).toEqual([]);
  });

  test("does not keep others from being cancelled", async () => {
    const { runs } = await tell({
      inputs: { ...seven, "run-id": "7,8" },
      platform,
      answer: obedient(),
    });

    expect(runs.map(({ outcome }) => outcome)).toEqual(["refused", "cancelled"]);
  });

  test.each([
    ["another run", { ...seven, "run-id": "77" }, platform],
    [
      "the same number at the vendor's public server",
      { url: "https://acme.example/runs/7", token: secret },
      { ...platform, server: "https://other.example" },
    ],
    ["the same number at another provider", seven, { ...platform, provider: "other" }],
  ])("is not %s", async (_, inputs, where) => {
    const { run } = await tell({
      inputs,
      platform: where,
      answer: obedient(),
    });

    expect(run.outcome).toBe("cancelled");
  });

  test.each([
    ["https://gitlab.example.com/Group/Project/-/jobs/5", "job"],
    ["https://gitlab.example.com/group/project/-/pipelines/6", "pipeline"],
  ])("is known by its page %s", async (url) => {
    const own: Platform = {
      provider: "gitlab",
      server: "https://gitlab.example.com",
      ids: { project: "group/project" },
      self: [
        { project: "group/project", "job-id": "5" },
        { project: "group/project", "pipeline-id": "6" },
      ],
    };

    expect(
      (await tell({ providers, inputs: { url, token: secret }, platform: own, answer: () => ({ status: 500 }) })).run
        .outcome,
    ).toBe("refused");
  });

  test("is cancelled last, when asked for, after the outputs were written", async () => {
    const clock = new SimulatedClock();
    const host = new WatchingHost({ ...seven, "run-id": "7,8,9", self: "true" }, {}, platform);
    const server = new MemoryServer(clock, obedient());
    host.sent = () => server.sent.length;
    const exit = await cancelRun({
      host,
      registry: registryOf(acmeWith()),
      clock,
      transport: server,
      interrupted: new AbortController().signal,
    });
    const own = server.lines.findIndex((line) => line === cancel);
    const before = host.sentAtReport.filter((sent) => sent <= own).length;
    const written = host.reports[before - 1];

    expect(exit).toBe(0);
    expect(server.lines.slice(own + 1)).toEqual([look]);
    expect(before).toBeGreaterThan(0);
    expect(written?.runs.map(({ outcome }) => outcome)).toEqual(["cancelling", "cancelled", "cancelled"]);
  });

  test("is waited for even when nobody wants to wait, so that no later step of a killed job begins", async () => {
    const { run, clock } = await tell({
      inputs: { ...seven, self: "true", wait: "false", timeout: "1m" },
      platform,
      answer: ({ method }) => (method === "GET" ? { body: { state: "stopping" } } : {}),
    });

    expect(run.outcome).toBe("still-running");
    expect(clock.now()).toBeGreaterThan(50_000);
  });

  test("is waited for where the vendor calls it cancelled before its worker has stopped, and the outputs say so", async () => {
    const clock = new SimulatedClock();
    const host = new MemoryHost({ ...seven, self: "true" }, {}, platform);
    const world = acmeWith({ confirmed: "status-only" });
    const written: (string | undefined)[] = [];
    const sleep = clock.sleep.bind(clock);
    clock.sleep = (ms, signal) => {
      written.push(host.reports.at(-1)?.runs[0]?.outcome);
      return sleep(ms, signal);
    };
    const { run, exit } = await tell({ clock, host, providers: world, inputs: {}, answer: obedient() });

    expect([run.outcome, exit]).toEqual(["cancelled", 0]);
    expect(clock.waits.at(-1)).toBe(30_000);
    expect(written.at(-1)).toBe("cancelled");
  });

  test("is waited for no longer than until our job is killed, or the time is up", async () => {
    const world = acmeWith({ confirmed: "status-only" });
    const soon = await tell({
      providers: world,
      inputs: { ...seven, self: "true", timeout: "10s" },
      platform,
      answer: obedient(),
    });
    const interrupted = new AbortController();
    const clock = new SimulatedClock();
    void clock.sleep(5000).then(() => interrupted.abort());
    const killed = await tell({
      providers: world,
      inputs: { ...seven, self: "true" },
      platform,
      answer: obedient(),
      interrupted: interrupted.signal,
      clock,
    });

    expect(soon.run.outcome).toBe("cancelled");
    expect(soon.clock.now()).toBe(10_000);
    expect(killed.run.outcome).toBe("cancelled");
    expect(killed.clock.now()).toBe(5000);
  });
});

describe("when our own job is being killed", () => {
  interface Killed {
    readonly exit: number;
    readonly host: MemoryHost;
    readonly server: MemoryServer;
    readonly clock: SimulatedClock;
  }

  /** `at`: is asked at each request whether the signal comes with it. */
  async function killed(
    answer: (sent: Sent, signal: AbortSignal) => ReturnType<Answering>,
    at: (sent: Sent) => boolean,
    {
      inputs = {},
      before = false,
      world = acmeWith(),
    }: { inputs?: Record<string, string>; before?: boolean; world?: ReadonlyMap<string, Provider> } = {},
  ): Promise<Killed> {
    const clock = new SimulatedClock();
    const interrupted = new AbortController();
    const host = new MemoryHost({ ...seven, ...inputs });
    const server = new MemoryServer(clock, (sent) => {
      if (at(sent)) setImmediate(() => interrupted.abort());
      return answer(sent, interrupted.signal);
    });
    if (before) interrupted.abort();
    const exit = await cancelRun({
      host,
      registry: registryOf(world),
      clock,
      transport: server,
      interrupted: interrupted.signal,
    });
    return { exit, host, server, clock };
  }

  const never = (): boolean => false;
  const live: Answering = ({ method }) => (method === "GET" ? { body: { state: "running" } } : { status: 202 });

  test("before the first look, the cancel is sent at once", async () => {
    const { exit, host, server, clock } = await killed(live, never, { before: true });

    expect(server.lines).toEqual([cancel]);
    expect(host.final).toMatchObject({ outcome: "cancelling", exit: 130, runs: [{ attempts: 1, before: null }] });
    expect(exit).toBe(130);
    expect(clock.now()).toBeLessThanOrEqual(5000);
  });

  test("while the first look hangs, the cancel is sent at once", async () => {
    const { exit, host, server } = await killed(
      (sent) => (sent.method === "GET" ? "hang" : { status: 202 }),
      ({ method }) => method === "GET",
    );

    expect(server.lines).toEqual([look, cancel]);
    expect(host.final).toMatchObject({ outcome: "cancelling", exit: 130 });
    expect(exit).toBe(130);
  });

  test("while the first look hangs, no cancel is sent that may meet another attempt than the one asked for", async () => {
    const look = { ...acme.targets.run.look, pinnedBy: "run-attempt" };
    const ids = {
      ...acme.targets.run.ids,
      "run-attempt": { ...acme.targets.run.ids["run-id"], optional: true as const },
    };
    const { exit, host, server } = await killed(
      (sent) => (sent.method === "GET" ? "hang" : { status: 202 }),
      ({ method }) => method === "GET",
      { inputs: { "run-attempt": "1" }, world: acmeWith({ ids, look }) },
    );

    expect(server.lines).toEqual(["GET /api/runs/7"]);
    expect(host.final).toMatchObject({ outcome: "failed", exit: 130 });
    expect(exit).toBe(130);
  });

  test("while the first look waits to be made again, the cancel is sent at once", async () => {
    const { exit, server, clock, host } = await killed(
      (sent) => (sent.method === "GET" ? { status: 503, headers: { "retry-after": "60" } } : { status: 202 }),
      ({ method }) => method === "GET",
    );

    expect(server.lines).toContain(cancel);
    expect(host.final?.outcome).toBe("cancelling");
    expect(exit).toBe(130);
    expect(clock.now()).toBeLessThanOrEqual(5000);
  });

  test("while a look waits between tries, the cancel is sent at once", async () => {
    const { exit, server, host, clock } = await killed(
      (sent) => (sent.method === "GET" ? failure("ECONNREFUSED") : { status: 202 }),
      ({ method, before }) => method === "GET" && before === 2,
    );

    expect(server.lines).toContain(cancel);
    expect(host.final?.outcome).toBe("cancelling");
    expect(exit).toBe(130);
    expect(clock.now()).toBeLessThan(10_000);
  });

  test("while the cancel is under way, it is not broken off", async () => {
    const { exit, host, server } = await killed(
      ({ method }, signal) =>
        method === "GET"
          ? { body: { state: "running" } }
          : new Promise<Answer>((resolve) => signal.addEventListener("abort", () => resolve({ status: 202 }))),
      ({ method }) => method === "POST",
    );

    expect(server.lines).toEqual([look, cancel]);
    expect(server.abandoned).toEqual([]);
    expect(host.final).toMatchObject({
      outcome: "cancelling",
      exit: 130,
      runs: [{ detail: "interrupted before a look could confirm it" }],
    });
    expect(exit).toBe(130);
  });

  test("and the cancel hangs, it is given up on after five seconds", async () => {
    const { exit, host, server, clock } = await killed(
      (sent) => (sent.method === "GET" ? { body: { state: "running" } } : "hang"),
      ({ method }) => method === "POST",
    );

    expect(server.lines).toEqual([look, cancel]);
    expect(server.abandoned).toEqual([5000]);
    expect(clock.now()).toBe(5000);
    expect(host.final).toMatchObject({ outcome: "cancelling", runs: [{ attempts: 1 }] });
    expect(host.final?.runs[0]?.detail).toContain("asked and not confirmed");
    expect(exit).toBe(130);
  });

  test("and the cancel hangs though the signal came first, it is given up on after five seconds, too", async () => {
    const { exit, server } = await killed(
      (sent) => (sent.method === "GET" ? { body: { state: "running" } } : "hang"),
      never,
      {
        before: true,
        inputs: { timeout: "2s" },
      },
    );

    expect(server.abandoned).toEqual([5000]);
    expect(exit).toBe(130);
  });

  test("and the cancel is answered by errors, it is tried again while there is time, and not longer", async () => {
    const { exit, server, clock } = await killed(
      (sent) => (sent.method === "GET" ? { body: { state: "running" } } : { status: 503 }),
      ({ method }) => method === "POST",
    );

    expect(server.lines.filter((line) => line === cancel).length).toBeGreaterThan(1);
    expect(clock.now()).toBeLessThanOrEqual(5500);
    expect(exit).toBe(130);
  });

  test("between two looks, it ends at once with what is known", async () => {
    const { exit, host, server, clock } = await killed(live, ({ method, before }) => method === "GET" && before === 1);

    expect(server.lines).toEqual([look, cancel, look]);
    expect(host.final).toMatchObject({ outcome: "cancelling", exit: 130, runs: [{ after: "running" }] });
    expect(exit).toBe(130);
    expect(clock.now()).toBeLessThan(5000);
  });

  test("during a later look, it ends at once with what is known", async () => {
    const { exit, host, server } = await killed(
      (sent) => (sent.method === "GET" && sent.before === 1 ? "hang" : live(sent)),
      ({ method, before }) => method === "GET" && before === 1,
    );

    expect(server.lines).toEqual([look, cancel, look]);
    expect(host.final).toMatchObject({ outcome: "cancelling", exit: 130, runs: [{ after: "running" }] });
    expect(exit).toBe(130);
  });

  test("all cancels that were waiting for their turn are sent", async () => {
    const { exit, server, host } = await killed(
      onGitHub(({ method }) => (method === "GET" ? { body: { status: "in_progress" } } : { status: 202 })),
      ({ method }) => method === "POST",
      { world: providers, inputs: { provider: "github", repository: "a/b", "run-id": "1,2,3,4,5,6,7,8" } },
    );

    expect(server.sent.filter(({ method }) => method === "POST")).toHaveLength(8);
    expect(server.sent.at(-1)?.at).toBeLessThan(2000);
    expect(host.final?.outcome).toBe("cancelling");
    expect(exit).toBe(130);
  });

  test("nothing is sent in a dry run", async () => {
    const { exit, server } = await killed(
      (sent) => (sent.method === "GET" ? "hang" : { status: 202 }),
      ({ method }) => method === "GET",
      { inputs: { "dry-run": "true" } },
    );

    expect(server.lines).toEqual([look]);
    expect(exit).toBe(130);
  });

  test("nothing is sent to a run that the first look has found over", async () => {
    const { exit, server, host } = await killed(
      () => ({ body: { state: "done" } }),
      ({ method }) => method === "GET",
      { inputs: { "run-id": "7,8" } },
    );

    expect(server.lines.filter((line) => line.startsWith("POST"))).toEqual([]);
    expect(host.final?.outcome).toBe("already-finished");
    expect([0, 130]).toContain(exit);
  });

  test("no forced stop is sent", async () => {
    const { server } = await killed(live, ({ method, before }) => method === "GET" && before === 1, {
      inputs: { "force-after": "1s" },
    });

    expect(server.lines.some((line) => line.endsWith("kill"))).toBe(false);
  });

  test("outputs are written early, too: a second signal leaves them behind", async () => {
    const { host } = await killed(live, ({ method, before }) => method === "GET" && before === 1);

    expect(host.reports.at(-2)).toMatchObject({ outcome: "cancelling", runs: [{ attempts: 1 }] });
  });
});
