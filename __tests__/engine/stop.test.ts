import { describe, expect, test } from "@jest/globals";
import { outcomes } from "../../src/interface.ts";
import type { Provider, State, Target } from "../../src/provider.ts";
import { acme, acmeWith, kill, seven } from "../support/acme.ts";
import { SimulatedClock } from "../support/clock.ts";
import { secret } from "../support/exchange.ts";
import { type Answer, type Answering, failure, type Sent } from "../support/server.ts";
import { tell, type Told } from "../support/story.ts";

type Words = readonly (string | Answer | Error)[];

/** Looks are answered by `looks`, changes by `cancels`, the last one for ever. A word is a state. */
function vendor(looks: Words, cancels: Words = ["stopping"], kills: Words = ["stopping"]): Answering {
  return ({ method, path, before }: Sent) => {
    const answers = method === "GET" ? looks : path.endsWith("kill") ? kills : cancels;
    const answer = answers[Math.min(before, answers.length - 1)]!;
    return typeof answer === "string" ? { body: { state: answer, name: "deploy", ref: "main", attempt: 1 } } : answer;
  };
}

function play(
  answer: Answering,
  inputs: Record<string, string> = {},
  providers?: ReadonlyMap<string, Provider>,
): Promise<Told> {
  return tell({ inputs: { ...seven, ...inputs }, answer, ...(providers && { providers }) });
}

/** An attempt can be asked for. */
function pinnable(): ReadonlyMap<string, Provider> {
  const ids = {
    ...acme.targets.run.ids,
    "run-attempt": { ...acme.targets.run.ids["run-id"], optional: true },
  } as const;
  return acmeWith({ ids, look: { ...acme.targets.run.look, pinnedBy: "run-attempt" } });
}

const look = "GET /api/runs/7";
const cancel = "POST /api/runs/7/cancel";
const count = (told: Told, line: string): number => told.server.lines.filter((one) => one === line).length;

describe("a run becomes", () => {
  test("cancelled, when a look says so after we asked", async () => {
    const { run, exit, report, server } = await play(vendor(["running", "stopping", "stopped"]));

    expect(run).toMatchObject({
      provider: "acme",
      target: "run",
      ids: { "run-id": "7" },
      url: "https://acme.example/runs/7",
      name: "deploy",
      ref: "main",
      before: "running",
      after: "cancelled",
      outcome: "cancelled",
      detail: "",
      confirmed: "look",
      attempts: 1,
      forced: false,
      "reason-recorded": true,
    });
    expect(report).toMatchObject({
      outcome: "cancelled",
      cancelled: 1,
      state: "cancelled",
      url: "https://acme.example/runs/7",
    });
    expect(exit).toBe(0);
    expect(server.lines).toEqual([look, cancel, look, look]);
  });

  test.each<[string, State]>([
    ["stopped", "cancelled"],
    ["done", "succeeded"],
    ["broken", "failed"],
    ["left", "skipped"],
  ])("already-finished, when the first look says %s; nothing is sent then", async (word, state) => {
    const { run, exit, report, server } = await play(vendor([word]));

    expect(run).toMatchObject({
      outcome: "already-finished",
      before: state,
      after: state,
      confirmed: "look",
      attempts: 0,
    });
    expect([exit, report.cancelled, report.state]).toEqual([0, 0, state]);
    expect(server.lines).toEqual([look]);
  });

  test.each<[string, State]>([
    ["done", "succeeded"],
    ["broken", "failed"],
    ["left", "skipped"],
  ])("finished-anyway, when it is %s after the cancel was accepted", async (word, state) => {
    const { run, exit, report } = await play(vendor(["running", "stopping", word]));

    expect(run).toMatchObject({ outcome: "finished-anyway", before: "running", after: state, confirmed: "look" });
    expect([exit, report.cancelled]).toEqual([0, 0]);
  });

  test.each(["queued", "running", "held", "stopping", "somewhere-new"])(
    "cancelled also when it was %s before",
    async (word) => {
      const { run, server } = await play(vendor([word, "stopped"]));

      expect(run.outcome).toBe("cancelled");
      expect(server.lines).toEqual([look, cancel, look]);
    },
  );

  test.each([400, 404, 409, 410, 422])(
    "already-finished, when the cancel is answered %i and the next look says that it is over",
    async (status) => {
      const { run, exit } = await play(vendor(["running", "done"], [{ status, body: { message: "too late" } }]));

      expect(run).toMatchObject({ outcome: "already-finished", before: "running", after: "succeeded", attempts: 1 });
      expect(exit).toBe(0);
    },
  );

  test("failed, when every cancel is refused and it goes on", async () => {
    const told = await play(vendor(["running"], [{ status: 422, body: { message: "not\nnow" } }]));

    expect(told.run).toMatchObject({
      outcome: "failed",
      detail: "the cancel was refused 3 times (422: not now); force-after would use the forced stop that Acme CI has",
      attempts: 3,
    });
    expect(told.exit).toBe(1);
    expect(count(told, cancel)).toBe(3);
  });

  test("cancelled, when a refused cancel is accepted later", async () => {
    const { run } = await play(vendor(["running", "running", "running", "stopped"], [{ status: 409 }, "stopping"]));

    expect(run).toMatchObject({ outcome: "cancelled", attempts: 2 });
  });

  test.each([
    ["cancelled", "stopped"],
    ["finished-anyway", "done"],
  ])("%s, when the cancel was refused, looks saw it alive, and then it is %s", async (outcome, word) => {
    const alive = Array.from({ length: 20 }, () => "running");
    const { run } = await play(vendor([...alive, word], [{ status: 409 }]));

    expect(run).toMatchObject({ outcome, before: "running", attempts: 3 });
  });

  const needed = (status: number): string =>
    status === 401 ? "the credential is wrong, expired, or for another server" : `needed: ${acme.rights}`;

  test.each([401, 403])("refused, when the first look is answered %i, with what is needed", async (status) => {
    const { run, exit, server } = await play(vendor([{ status, body: { message: "no" } }]));

    expect(run).toMatchObject({ outcome: "refused", detail: `${status}: no; ${needed(status)}`, attempts: 0 });
    expect(exit).toBe(4);
    expect(server.lines).toEqual([look]);
  });

  test.each([401, 403])("refused, when the cancel is answered %i", async (status) => {
    const { run, exit, server } = await play(vendor(["running"], [{ status, body: { message: "no" } }]));

    expect(run).toMatchObject({
      outcome: "refused",
      before: "running",
      detail: `${status}: no; ${needed(status)}`,
    });
    expect(exit).toBe(4);
    expect(server.lines).toEqual([look, cancel]);
  });

  test("not-found, when the first look is answered 404; both causes are named", async () => {
    const { run, exit } = await play(vendor([{ status: 404, body: { message: "Not Found" } }]));

    expect(run.outcome).toBe("not-found");
    expect(run.detail).toBe(
      "not there, or hidden from this token: https://acme.example/api/runs/7 answered 404: Not Found; check the ids, the server and what the token may see",
    );
    expect(exit).toBe(5);
  });

  test("failed, when it is gone after the cancel was accepted, but not at the first miss", async () => {
    const gone = await play(vendor(["running", { status: 404 }]));
    const lagging = await play(vendor(["running", { status: 404 }, { status: 404 }, { status: 404 }, "stopped"]));

    expect(gone.run).toMatchObject({
      outcome: "failed",
      detail: "the cancel was accepted, but then the run is no longer there (404)",
    });
    expect(lagging.run.outcome).toBe("cancelled");
  });

  test("failed, when the token is refused after the cancel was accepted", async () => {
    const { run, exit } = await play(vendor(["running", { status: 401, body: { message: "expired" } }]));

    expect(run).toMatchObject({
      outcome: "failed",
      confirmed: null,
      detail: "the cancel was accepted, but then the look was refused (401: expired)",
    });
    expect(exit).toBe(1);
  });

  test("still-running, when the deadline comes", async () => {
    const { run, exit, clock } = await play(vendor(["running"]), { timeout: "2m" });

    expect(run).toMatchObject({
      outcome: "still-running",
      after: "running",
      confirmed: null,
      detail: "running after 2m; force-after would use the forced stop that Acme CI has",
    });
    expect(exit).toBe(3);
    expect(clock.now()).toBeLessThanOrEqual(120_000);
  });

  test.each([
    [[], "Acme CI has no stronger stop for a run"],
    [[{ ...kill, called: "a kill" }], "force-after would use the forced stop that Acme CI has (a kill)"],
    [[{ ...kill, from: ["cancelling"] as const }], "Acme CI takes a forced stop only for a run that is cancelling"],
  ])("still-running says which stronger stop there is, or none (%#)", async (force, why) => {
    const { run } = await play(vendor(["running"]), { timeout: "2m" }, acmeWith({ force }));

    expect(run).toMatchObject({ outcome: "still-running", detail: `running after 2m; ${why}` });
  });

  test("still-running, when the deadline comes: looks until then", async () => {
    const { clock, server } = await play(vendor(["running"]), { timeout: "2m" });
    expect(clock.now()).toBeLessThanOrEqual(120_000);
    expect(clock.now()).toBeGreaterThan(115_000);
    expect(server.lines.filter((line) => line === cancel)).toHaveLength(1);
  });

  test("failed, when the server falls silent after the cancel was accepted", async () => {
    const { run } = await play(vendor(["running", failure("ECONNREFUSED")]), { timeout: "1m" });

    expect(run.outcome).toBe("failed");
    expect(run.detail).toContain(
      "the cancel was accepted, but it could not be confirmed within 1m: acme.example: connection refused",
    );
  });

  test("restarted, when a look shows another attempt; that one is left alone", async () => {
    const next: Answer = { body: { state: "running", attempt: 2 } };
    const { run, exit, server } = await play(vendor(["running", next]));

    expect(run).toMatchObject({
      outcome: "restarted",
      detail: "attempt 2 has begun; the cancel was meant for attempt 1, and may have reached attempt 2",
    });
    expect(exit).toBe(1);
    expect(server.lines).toEqual([look, cancel, look]);
  });

  test("restarted, with what the cancel has done to the other attempt as far as that can be told", async () => {
    const attempt2 = (state: string): Answer => ({ body: { state, attempt: 2 } });
    const stopped = await play(vendor(["running", attempt2("stopped")]));
    const later = await play(vendor(["running", "stopping", attempt2("running")]));

    expect([stopped.run.outcome, stopped.exit, stopped.run.detail]).toEqual([
      "restarted",
      1,
      "attempt 2 has begun; the cancel was meant for attempt 1, and attempt 2 is cancelled",
    ]);
    expect(later.run.detail).toBe("attempt 2 has begun; the cancel was meant for attempt 1");
  });

  test("restarted, also when a look in between does not say which attempt it shows", async () => {
    const unsaid: Answer = { body: { state: "running" } };
    const next: Answer = { body: { state: "stopped", attempt: 2 } };
    const { run } = await play(vendor(["running", unsaid, next]));

    expect(run).toMatchObject({ outcome: "restarted", attempts: 1 });
  });

  test("failed, not restarted, when a replica that lags shows an earlier attempt", async () => {
    const [second, first]: Answer[] = [
      { body: { state: "running", attempt: 2 } },
      { body: { state: "broken", attempt: 1 } },
    ];
    const { run, exit } = await play(vendor([second!, first!]));
    const { run: later } = await play(vendor([second!, first!, { body: { state: "stopped", attempt: 2 } }]));

    expect(run).toMatchObject({ outcome: "failed", before: "running", after: "running", confirmed: null });
    expect(run.detail).toContain("the server shows attempt 1, which is an earlier one");
    expect(exit).toBe(1);
    expect(later.outcome).toBe("cancelled");
  });

  test("failed, when the looks show another run", async () => {
    const providers = acmeWith({ look: { ...acme.targets.run.look, shows: { "run-id": "id" } } });
    const other: Answer = { body: { state: "stopped", id: 8 } };
    const { run, exit } = await play(vendor([{ body: { state: "running", id: 7 } }, other]), {}, providers);
    const before = await play(vendor([other]), {}, providers);

    expect(run).toMatchObject({ outcome: "failed", after: "running", confirmed: null });
    expect(run.detail).toContain("the reply is about another run, 8");
    expect(exit).toBe(1);
    expect(before.run).toMatchObject({ outcome: "failed", detail: "the reply is about another run, 8" });
    expect(count(before, cancel)).toBe(0);
  });

  test.each([
    [{ attempt: 1 }, "not-found", "attempt 1 is the current one, attempt 2 was asked for", 5],
    [{}, "refused", "attempt 2 was asked for, and the server does not say which this is", 4],
  ] as const)("one attempt alone, when the server shows %j: %s", async (shown, outcome, detail, code) => {
    const { run, exit, server } = await play(
      vendor([{ body: { state: "running", ...shown } }]),
      { "run-attempt": "2" },
      pinnable(),
    );

    expect(run).toMatchObject({ outcome, detail });
    expect(exit).toBe(code);
    expect(server.lines).toEqual([look]);
  });

  test("restarted, when another attempt than the one asked for is the current one", async () => {
    const { run, server } = await play(
      vendor([{ body: { state: "running", attempt: 3 } }]),
      { "run-attempt": "2" },
      pinnable(),
    );

    expect(run).toMatchObject({
      outcome: "restarted",
      detail: "attempt 3 is the current one, attempt 2 was asked for",
    });
    expect(server.lines).toEqual([look]);
  });

  test("would-cancel, in a dry run, and only if it is live", async () => {
    const live = await play(vendor(["running"]), { "dry-run": "true", "force-after": "1s" });
    const over = await play(vendor(["done"]), { "dry-run": "true" });

    expect(live.run).toMatchObject({ outcome: "would-cancel", after: "running", attempts: 0, confirmed: null });
    expect(over.run.outcome).toBe("already-finished");
    expect([live.exit, over.exit]).toEqual([0, 0]);
    expect([...live.server.lines, ...over.server.lines]).toEqual([look, look]);
  });

  test("cancelling, when nobody wants to wait; one look is made all the same", async () => {
    const { run, exit, server, clock } = await play(vendor(["running", "stopping"]), { wait: "false" });

    expect(run).toMatchObject({ outcome: "cancelling", after: "cancelling", confirmed: null });
    expect(exit).toBe(0);
    expect(server.lines).toEqual([look, cancel, look]);
    expect(clock.now()).toBe(0);
  });

  test("cancelled without waiting, when that look says so", async () => {
    expect((await play(vendor(["running", "stopped"]), { wait: "false" })).run.outcome).toBe("cancelled");
  });
});

describe("a cancel", () => {
  test.each([
    ["an error 500", { status: 500, body: {} }],
    ["a broken connection", failure("UND_ERR_SOCKET")],
    ["an HTML page", { headers: { "content-type": "text/html" }, text: "<title>Sign in</title>" }],
    ["a reply that is cut off", { headers: { "content-type": "application/json" }, text: '{"state":' }],
  ])("that is answered by %s may have arrived: a look decides", async (_, answer) => {
    const { run } = await play(vendor(["running", "stopping", "stopped"], [answer]));

    expect(run).toMatchObject({ outcome: "cancelled", "reason-recorded": false });
  });

  test.each([[{ status: 502 }], [{ status: 503 }], [{ status: 522 }]] as const)(
    "that a server which restarts could not take (%j) is sent again as long as there is time",
    async (broken) => {
      const back = await play(
        ({ method, path, before }) => {
          if (method === "POST") return before < 20 ? broken : {};
          return { body: { state: path.includes("runs") && before > 40 ? "stopped" : "running" } };
        },
        { timeout: "30m" },
      );

      expect(back.run).toMatchObject({ outcome: "cancelled" });
    },
  );

  test("that can never have arrived, and a run that goes on, is a failure with words", async () => {
    const { run } = await play(vendor(["running"], [failure("UND_ERR_SOCKET")]), { timeout: "2m" });

    expect(run.outcome).toBe("failed");
    expect(run.detail).toContain("it is not known whether the cancel arrived");
    expect(run.detail).toContain("the connection was closed before an answer came");
  });

  test.each([405, 501])("that the server does not know (%i) is not repeated", async (status) => {
    const { run, server } = await play(vendor(["running"], [{ status }]));

    expect(run).toMatchObject({ outcome: "failed", detail: `the server does not take this cancel (${status})` });
    expect(server.lines).toEqual([look, cancel]);
  });

  test.each([301, 302, 307, 308])(
    "that is redirected (%i) is not sent elsewhere, and says where to",
    async (status) => {
      const { run, server } = await play(
        vendor(["running"], [{ status, headers: { location: "https://new.example/x" } }]),
      );

      expect(run.outcome).toBe("failed");
      expect(run.detail).toContain("https://new.example/x");
      expect(server.lines).toEqual([look, cancel]);
    },
  );

  test.each<[string, Answer]>([
    ["empty", {}],
    ["204", { status: 204 }],
    ["empty JSON", { headers: { "content-type": "application/json" }, text: "" }],
  ])("may be answered by nothing: %s", async (_, answer) => {
    expect((await play(vendor(["running", "stopped"], [answer]))).run).toMatchObject({
      outcome: "cancelled",
      "reason-recorded": true,
    });
  });

  test("accepted in words only is not one", async () => {
    const providers = acmeWith({ cancel: { ...acme.targets.run.cancel, okWhen: "ok" } });
    const { run } = await play(vendor(["running"], [{ body: { ok: false, message: "too busy" } }]), {}, providers);

    expect(run.outcome).toBe("failed");
    expect(run.detail).toContain("the cancel was refused 3 times (200: too busy)");
  });

  test("carries the reason", async () => {
    const { server, run } = await play(vendor(["running", "stopped"]), { reason: 'it\'s "over"\nnow' });

    expect(server.sent[1]?.body).toBe(JSON.stringify({ why: 'it\'s "over" now' }));
    expect(run.reason).toBe('it\'s "over" now');
  });

  test("carries no secret in its reason", async () => {
    const { server, run } = await play(vendor(["running", "stopped"]), { reason: `rotate ${secret} now` });

    expect(server.sent[1]?.body).toBe(JSON.stringify({ why: "rotate *** now" }));
    expect(run).toMatchObject({ outcome: "cancelled", reason: "rotate *** now" });
  });

  test("carries a reason of any characters in its address, too", async () => {
    const providers = acmeWith({ cancel: { route: "POST /runs/{run-id}/cancel?why={reason}" } });
    const { server, run } = await play(
      vendor(["running", "stopped"]),
      { reason: "it's over (50% & more) #1" },
      providers,
    );

    expect(run).toMatchObject({ outcome: "cancelled", "reason-recorded": true });
    expect(new URL(`https://x.example${server.sent[1]!.path}`).searchParams.get("why")).toBe(
      "it's over (50% & more) #1",
    );
  });

  test("does not claim that a vendor has a reason that it does not take", async () => {
    const providers = acmeWith({ cancel: { route: "POST /runs/{run-id}/cancel" } });

    expect((await play(vendor(["running", "stopped"]), {}, providers)).run["reason-recorded"]).toBe(false);
  });
});

describe("a guard is asked again", () => {
  const deploys = { name: "deploy", state: "running" };
  const jobs = { route: "GET /runs/{run-id}/jobs", items: "jobs", name: "name", state: "state" };
  const guarded = acmeWith({ jobs: [jobs] });
  /** The job begins when the cancel has been sent. */
  const begins = (reply: Answer): Answering => {
    let asked = false;
    return ({ method, path }) => {
      if (method === "POST") asked = true;
      if (method === "POST") return reply;
      return { body: path.endsWith("/jobs") ? { jobs: asked ? [deploys] : [] } : { state: "running" } };
    };
  };

  test("before a cancel that was refused is sent again", async () => {
    const told = await play(begins({ status: 409 }), { "unless-job": "deploy" }, guarded);

    expect(told.run).toMatchObject({ outcome: "refused", detail: "its job deploy has started (running)", attempts: 1 });
    expect(told.exit).toBe(4);
    expect(count(told, cancel)).toBe(1);
  });

  test("before a cancel is sent again that the server has made us wait with", async () => {
    const limited = { status: 429, headers: { "retry-after": "60" } };
    const told = await play(begins(limited), { "unless-job": "deploy" }, guarded);
    const free = await play(begins(limited), {}, guarded);

    expect(told.run).toMatchObject({ outcome: "refused", detail: "its job deploy has started (running)" });
    expect(count(told, cancel)).toBe(1);
    expect(count(free, cancel)).toBeGreaterThan(1);
  });
});

describe("a list that takes its time makes a look old:", () => {
  const jobs = { route: "GET /runs/{run-id}/jobs", items: "jobs", name: "name", state: "state" };
  const guarded = acmeWith({ jobs: [jobs] });
  const list = "GET /api/runs/7/jobs";

  /** With what each cancel is answered, the last one for ever, and how long the list of jobs takes, in ms. */
  async function listing(took: number, cancels: Words): Promise<Told> {
    const clock = new SimulatedClock();
    let isAsked = false;
    return await tell({
      inputs: { ...seven, "unless-job": "deploy" },
      providers: guarded,
      clock,
      answer: async ({ method, path, before }) => {
        if (path.endsWith("/jobs")) await clock.sleep(took);
        if (path.endsWith("/jobs")) return { body: { jobs: [] } };
        const answer = cancels[Math.min(before, cancels.length - 1)];
        if (method === "POST" && typeof answer === "object") return answer;
        if (method === "POST") isAsked = true;
        return { body: { state: isAsked ? "stopped" : "running" } };
      },
    });
  }

  /** How long before each cancel the run, or its jobs, were last seen. */
  const agesOf = ({ server: { sent } }: Told, line: string, took = 0): number[] =>
    sent.flatMap(({ method, at }, number) => {
      const seen = sent.slice(0, number).findLast((one) => `${one.method} ${one.path}` === line);
      return method === "POST" ? [at - (seen!.at + took)] : [];
    });

  test("the cancel follows another look, and the jobs are not listed for ever", async () => {
    const told = await listing(8000, ["stopping"]);

    expect(told.run).toMatchObject({ outcome: "cancelled", attempts: 1 });
    expect(told.server.lines).toEqual([look, list, look, cancel, look]);
    expect(agesOf(told, look)).toEqual([0]);
  });

  test("a cancel is not sent again later than five seconds after its look, nor after its jobs were listed", async () => {
    const told = await listing(4800, [{ status: 500 }, { status: 500 }, "stopping"]);

    expect(told.run.outcome).toBe("cancelled");
    expect(count(told, cancel)).toBe(3);
    expect(Math.max(...agesOf(told, look))).toBeLessThanOrEqual(5000);
    expect(Math.max(...agesOf(told, list, 4800))).toBeLessThanOrEqual(5000);
  });
});

test("a guard is asked again when the turn to send has taken its time to come", async () => {
  const clock = new SimulatedClock();
  const ids = Array.from({ length: 20 }, (_, at) => `${at + 1}`);
  const cancelled = new Set<string>();
  const jobs = { route: "GET /runs/{run-id}/jobs", items: "jobs", name: "name", state: "state" };
  const { runs, server } = await tell({
    inputs: { ...seven, "run-id": ids.join(), "unless-job": "deploy" },
    providers: acmeWith(
      { jobs: [jobs] },
      { server: { ...acme.server, budget: { points: 120, seconds: 60, change: 5 } } },
    ),
    clock,
    answer: ({ method, path }) => {
      const id = /runs\/(\d+)/.exec(path)?.[1] ?? "";
      if (method === "POST") cancelled.add(id);
      if (path.endsWith("/jobs"))
        return { body: { jobs: clock.now() > 5000 ? [{ name: "deploy", state: "running" }] : [] } };
      return { body: { state: cancelled.has(id) ? "stopped" : "running" } };
    },
  });

  expect(server.sent.filter(({ method, at }) => method === "POST" && at > 5000)).toEqual([]);
  expect(runs.map(({ outcome }) => outcome)).toEqual(ids.map((id) => (cancelled.has(id) ? "cancelled" : "refused")));
  expect(runs.filter(({ attempts }) => attempts === 0).length).toBe(20 - cancelled.size);
});

test("what a run has become is asked to stop although the cancel of what it was has been accepted", async () => {
  const build: Target = {
    ids: { build: { pattern: /\d+/, help: "number of the build", example: "3" } },
    look: { route: "GET /builds/{build}", state: "state" },
    cancel: { route: "POST /builds/{build}/stop" },
  };
  const providers = acmeWith({ becomes: { target: "build", ids: { build: "build" } } }, { targets: { build } });
  const queued: Answer = { body: { state: "queued" } };
  const begun: Answer = { body: { build: 3 } };
  const { run, server } = await play(
    ({ method, path, before }) => {
      if (method === "POST") return {};
      if (path.includes("builds")) return { body: { state: before < 2 ? "running" : "stopped" } };
      return before === 0 ? queued : begun;
    },
    { wait: "false" },
    providers,
  );

  expect(server.lines.filter((line) => line.startsWith("POST"))).toEqual([
    "POST /api/runs/7/cancel",
    "POST /api/builds/3/stop",
  ]);
  expect(run).toMatchObject({ outcome: "cancelled", attempts: 2, ids: { "run-id": "7", build: "3" } });
});

test("a run that is not answered does not keep the others of its server from being confirmed in time", async () => {
  const clock = new SimulatedClock();
  let asked = false;
  const { runs } = await tell({
    inputs: { ...seven, "run-id": "7, 8", timeout: "1m" },
    clock,
    answer: async ({ method, path }) => {
      if (path.includes("7")) {
        await clock.sleep(30_000);
        return failure("TIMEOUT");
      }
      asked ||= method === "POST";
      return { body: { state: asked ? "stopped" : "running" } };
    },
  });

  expect(runs.map(({ outcome }) => outcome)).toEqual(["failed", "cancelled"]);
});

describe("a look", () => {
  test.each([
    ["no state", { body: {} }],
    ["a list", { body: [] }],
    ["null", { body: null }],
    ["a state that is an object", { body: { state: { x: 1 } } }],
    ["broken JSON", { headers: { "content-type": "application/json" }, text: '{"state": "stop' }],
    ["no JSON at all", { headers: { "content-type": "text/html" }, text: "<html><title>Sign in to\nAcme</title>" }],
    ["nothing", {}],
  ])("that shows %s proves nothing", async (_, answer: Answer) => {
    const first = await play(vendor([answer]));
    const later = await play(vendor(["running", answer]), { timeout: "1m" });

    expect(first.run).toMatchObject({ outcome: "failed", attempts: 0, confirmed: null });
    expect(first.run.detail).not.toBe("");
    expect(first.server.lines).not.toContain(cancel);
    expect(later.run).toMatchObject({ outcome: "failed", attempts: 1, confirmed: null });
    expect(later.run.detail).toContain("the cancel was accepted, but it could not be confirmed within 1m: ");
    expect(later.exit).toBe(1);
  });

  test("that shows nothing once is made again", async () => {
    expect((await play(vendor([{ body: {} }, "running", { body: {} }, "stopped"]))).run.outcome).toBe("cancelled");
  });

  test("that shows a word we do not know counts as not finished, and says so once", async () => {
    const { run, host } = await play(
      vendor(["running", "paused\u001b[31m-maybe", "paused\u001b[31m-maybe", "stopped"]),
    );

    expect(run.outcome).toBe("cancelled");
    expect(host.lines.filter((line) => line.includes('"paused-maybe" is a state we do not know'))).toHaveLength(1);
  });

  test.each(["constructor", "__proto__", "toString", "hasOwnProperty"])(
    "does not take the word %s for a state",
    async (word) => {
      const { run } = await play(vendor(["running", word]), { timeout: "30s" });

      expect(run).toMatchObject({ outcome: "still-running", after: "unknown" });
    },
  );

  test("that says that a run is not over beats a word that says that it is", async () => {
    const providers = acmeWith({ look: { ...acme.targets.run.look, over: "over" } });
    const seen = (state: string, over: boolean): Answer => ({ body: { state, over } });
    const { run } = await play(
      vendor([seen("running", false), seen("stopped", false), seen("stopped", true)]),
      {},
      providers,
    );
    const odd = await play(vendor([seen("running", false), seen("melted", true)]), {}, providers);

    expect(run).toMatchObject({ outcome: "cancelled", after: "cancelled" });
    expect(odd.run).toMatchObject({
      outcome: "finished-anyway",
      after: "unknown",
      detail: 'ended as "melted", a word we do not know',
    });
  });

  test("shows foreign words as one harmless line", async () => {
    const nasty = "::error::x\r\n##[error]\u001b[31m" + "y".repeat(1000);
    const { run } = await play(vendor([{ body: { state: "done", name: nasty, ref: nasty } }]));

    for (const text of [run.name, run.ref]) {
      expect(text).toMatch(/^::error::x ##\[error\]y+…$/);
      expect([...text!].length).toBeLessThanOrEqual(300);
    }
  });

  test.each([
    ["https://acme.example/p/1", true],
    ["https://ci.acme.example/p/1", true],
    ["https://acme.example.evil.test/p/1", false],
    ["https://evil.test/acme.example", false],
    ["https://acme.example@evil.test/", false],
    ["https://user:pw@acme.example/", false],
    ["javascript:alert(1)", false],
    ["//evil.test", false],
  ])("that links to %s is believed: %s", async (page, believed) => {
    const providers = acmeWith({ look: { ...acme.targets.run.look, url: "page" } });
    const { run } = await play(vendor([{ body: { state: "done", page } }]), {}, providers);

    expect(run.url).toBe(believed ? page : "https://acme.example/runs/7");
  });

  test("teaches ids, which later requests and the record have", async () => {
    const providers = acmeWith({
      look: { ...acme.targets.run.look, learn: { "build-id": "build.id" } },
      cancel: { route: "POST /builds/{build-id}/cancel" },
      pages: ["/builds/{build-id}"],
    });
    const { run, server } = await play(
      vendor([{ body: { state: "running", build: { id: 42 } } }, { body: { state: "stopped", build: { id: 42 } } }]),
      {},
      providers,
    );

    expect(server.lines).toEqual([look, "POST /api/builds/42/cancel", look]);
    expect(run).toMatchObject({ ids: { "run-id": "7", "build-id": "42" }, url: "https://acme.example/builds/42" });
  });

  test.each(["..", ".", "a/../b", "1?x", "1#f", "\ud800", "%2e%2e", "1\r\nx: y"])(
    "that teaches the id %j bends no address",
    async (id) => {
      const providers = acmeWith({
        look: { ...acme.targets.run.look, learn: { "build-id": "id" } },
        cancel: { route: "POST /builds/{build-id}/cancel" },
        pages: ["/builds/{build-id}"],
      });
      const { server, run } = await play(vendor([{ body: { state: "running", id } }]), { timeout: "10s" }, providers);

      for (const { path } of server.sent) expect(path).toMatch(/^\/api\/(?:runs\/7|builds\/[^/?#]+\/cancel)$/);
      expect(Object.keys(outcomes)).toContain(run.outcome);
    },
  );

  test("comes sooner at first, and never in a row", async () => {
    const { server } = await play(vendor(["running"]), { timeout: "5m" });
    const at = server.sent.filter(({ method }) => method === "GET").map((sent) => sent.at);
    const waits = at.slice(2).map((time, index) => time - at[index + 1]!);

    expect(waits[0]).toBeLessThanOrEqual(500);
    expect(Math.min(...waits.slice(0, -1))).toBeGreaterThanOrEqual(400);
    expect(Math.max(...waits)).toBeLessThanOrEqual(15_000);
    expect(waits.length).toBeGreaterThan(15);
  });

  /** A run that stops so long after its cancel: when that is known, and how many requests it has taken. */
  async function known(stopsAfter: number, chance: number): Promise<{ readonly late: number; readonly sent: number }> {
    const clock = Object.assign(new SimulatedClock(), { random: () => chance });
    let asked = Infinity;
    const { server } = await tell({
      clock,
      inputs: seven,
      answer: ({ method, at }) => {
        if (method === "POST") asked = at;
        return { body: { state: at - asked >= stopsAfter ? "stopped" : "running" } };
      },
    });
    return { late: server.sent.at(-1)!.at - asked - stopsAfter, sent: server.sent.length };
  }
  const chances = [0, 0.25, 0.5, 0.75, 0.999];

  test("of a run that stops within two seconds is one of seven requests at most", async () => {
    for (const chance of chances)
      for (const stopsAfter of [0, 100, 500, 1000, 1500, 2000])
        expect((await known(stopsAfter, chance)).sent).toBeLessThanOrEqual(7);
  });

  test.each([0.1, 0.3, 1, 3, 8, 15, 30, 60])(
    "finds a run that has stopped after %d s a fifth of that later or 400 ms, as a median",
    async (seconds) => {
      const late: number[] = [];
      for (const chance of chances)
        for (const share of [0.8, 0.9, 1, 1.1, 1.2]) late.push((await known(seconds * 1000 * share, chance)).late);
      const median = late.sort((one, other) => one - other)[late.length >> 1]!;

      expect(median).toBeLessThanOrEqual(Math.max(0.2 * seconds * 1000, 400));
    },
  );

  test("that shows nothing is not repeated in haste", async () => {
    const { server } = await play(vendor(["running", { status: 404 }, { status: 404 }, { status: 404 }, "stopped"]));
    const at = server.sent.map((sent) => sent.at);

    expect(at.slice(3).map((time, index) => time - at[index + 2]!)).toEqual([2250, 3375, 5062.5]);
  });

  test("keeps the vendor's pace", async () => {
    const providers = acmeWith({}, { server: { ...acme.server, pace: 10_000 } });
    const { server } = await play(vendor(["running"]), { timeout: "2m" }, providers);
    const at = server.sent.slice(2).map((sent) => sent.at);

    for (const [index, time] of at.slice(1, -1).entries()) expect(time - at[index]!).toBeGreaterThanOrEqual(10_000);
  });
});

describe("the forced stop", () => {
  const kills = (told: Told): number[] =>
    told.server.sent.filter(({ path }) => path.endsWith("kill")).map(({ at }) => at);

  test("is not sent unless it is asked for", async () => {
    expect(kills(await play(vendor(["running"])))).toEqual([]);
  });

  test("is sent once, so long after the cancel was accepted", async () => {
    const told = await play(vendor(["running"]), { "force-after": "30s" });

    expect(kills(told)).toHaveLength(1);
    expect(kills(told)[0]).toBeGreaterThanOrEqual(30_000);
    expect(kills(told)[0]).toBeLessThan(32_000);
    expect(told.run).toMatchObject({ outcome: "still-running", forced: true });
    expect(count(told, cancel)).toBe(1);
  });

  test("is not sent to a run that stops in time", async () => {
    const told = await play(vendor(["running", "stopping", "stopped"]), { "force-after": "30s" });

    expect(kills(told)).toEqual([]);
    expect(told.run).toMatchObject({ outcome: "cancelled", forced: false });
  });

  test("that time or the vendor leaves no room for is not left out without a word", async () => {
    const late = await play(vendor(["running"]), { "force-after": "1m", timeout: "1m" });
    const none = await play(vendor(["running"]), { "force-after": "10s" }, acmeWith({ force: [] }));

    expect([...kills(late), ...kills(none)]).toEqual([]);
    expect(late.run).toMatchObject({
      outcome: "still-running",
      detail: "running after 1m; timeout ended before force-after",
    });
    expect(none.run.detail).toBe("running after 5m; force-after has no effect: Acme CI has no forced stop for a run");
  });

  test.each([409, 422, 500])(
    "is sent after a cancel that is answered %i and two looks that found the run alive",
    async (status) => {
      const told = await play(vendor(["running"], [{ status }]), { "force-after": "1s", timeout: "2m" });
      const before = told.server.lines.slice(
        0,
        told.server.lines.findIndex((line) => line.endsWith("kill")),
      );

      expect(kills(told)).toHaveLength(1);
      expect(before.filter((line) => line === look).length).toBeGreaterThanOrEqual(3);
      expect(told.run).toMatchObject({ outcome: "still-running", forced: true });
    },
  );

  test("is not sent, with a word why, after a cancel of which it is not known whether it arrived", async () => {
    const told = await play(vendor(["running"], [failure("UND_ERR_SOCKET")]), { "force-after": "1s" });

    expect(kills(told)).toEqual([]);
    expect(told.run.detail).toContain("no forced stop was sent, because it is not known whether the cancel arrived");
  });

  test("is not sent after a cancel that the credential may not send", async () => {
    expect(kills(await play(vendor(["running"], [{ status: 403 }]), { "force-after": "1s" }))).toEqual([]);
  });

  test.each([{ status: 500 }, { status: 503 }, failure("UND_ERR_SOCKET")])(
    "that is answered unclearly is followed by a look, and not sent again: %j",
    async (answer) => {
      const told = await play(vendor(["running", "running", "running", "running", "stopped"], ["stopping"], [answer]), {
        "force-after": "1s",
      });
      const at = told.server.lines.findIndex((line) => line.endsWith("kill"));

      expect(kills(told)).toHaveLength(1);
      expect(told.server.lines[at + 1]).toBe(look);
      expect(told.server.sent[at + 1]!.at).toBe(told.server.sent[at]!.at);
      expect(told.run).toMatchObject({ outcome: "cancelled", forced: true });
      expect(told.run.detail).toContain("the forced stop may have done it");
    },
  );

  test("that had no effect, as far as is known, is not called one", async () => {
    const told = await play(vendor(["running"], ["stopping"], [{ status: 500 }]), { "force-after": "1s" });

    expect(told.run).toMatchObject({ outcome: "still-running", forced: false });
    expect(told.run.detail).toContain("it is not known whether the forced stop had an effect");
  });

  test("says what it needs when the credential may not", async () => {
    const providers = acmeWith({ force: [{ ...kill, rights: "the role of a chief" }] });
    const told = await play(vendor(["running"], ["stopping"], [{ status: 403 }]), { "force-after": "1s" }, providers);

    expect(told.run.detail).toContain("the forced stop was answered 403; it needs the role of a chief");
  });

  test("that no part of the run could be sent is told, and why", async () => {
    const parts = {
      route: "GET /runs/{run-id}/parts",
      items: "parts",
      target: "run",
      ids: { "run-id": "id" },
    } as const;
    const each = { ...parts, state: "state", in: ["cancelling"] } as const;
    const told = await play(
      ({ path }) => ({ body: path.endsWith("/parts") ? { parts: [] } : { state: "running" } }),
      { "force-after": "10s", timeout: "1m" },
      acmeWith({ force: [{ ...kill, each }] }),
    );

    expect(told.run).toMatchObject({
      outcome: "still-running",
      detail: "running after 1m; no forced stop was sent: none of its runs is cancelling",
    });
  });

  test("that is not allowed yet is told with the time from which it is", async () => {
    const providers = acmeWith({ force: [{ ...kill, when: "killable", availableAt: "from" }] });
    const body = { state: "running", attempt: 1, killable: false, from: "2026-01-02T03:04:45Z" };
    const { run } = await play(vendor([{ body }]), { "force-after": "10s" }, providers);

    expect(run.detail).toContain(
      "Acme CI did not allow the forced stop yet: it is allowed from 2026-01-02T03:04:45Z on",
    );
  });

  test("waits for a state in which the vendor takes it", async () => {
    const providers = acmeWith({ force: [{ ...kill, from: ["cancelling"] }] });
    const running: string[] = Array.from({ length: 12 }, () => "running");
    const told = await play(
      vendor([...running, "stopping", "stopping", "stopped"]),
      { "force-after": "10s" },
      providers,
    );
    const never = await play(vendor(["running"]), { "force-after": "10s" }, providers);

    expect(kills(told)).toHaveLength(1);
    expect(told.run).toMatchObject({ outcome: "cancelled", forced: true });
    expect(kills(never)).toEqual([]);
    expect(never.run).toMatchObject({ outcome: "still-running", forced: false });
  });

  test("that the vendor does not take yet does not make us look without a pause", async () => {
    const providers = acmeWith({ force: [{ ...kill, when: { killable: true } }] });
    const { server } = await play(vendor(["running"]), { "force-after": "10s", timeout: "2m" }, providers);
    const at = server.sent.filter(({ method }) => method === "GET").map((sent) => sent.at);

    expect(at.length).toBeLessThan(30);
  });

  test("that is refused is not repeated, and does not hide how the run goes on", async () => {
    const told = await play(vendor(["running"], ["stopping"], [{ status: 409, body: { message: "not yet" } }]), {
      "force-after": "10s",
      timeout: "1m",
    });

    expect(kills(told)).toHaveLength(1);
    expect(told.run).toMatchObject({ outcome: "still-running", forced: false });
    expect(told.run.detail).toContain("the forced stop was answered 409: not yet");
  });

  test("is a ladder where the vendor has several steps, each once, each as long after the one before", async () => {
    const force = ["term", "kill"].map((step) => ({ route: `POST /runs/{run-id}/${step}` }));
    const { server, run } = await play(vendor(["running"]), { "force-after": "20s" }, acmeWith({ force }));
    const steps = server.sent.filter(({ method }) => method === "POST");

    expect(steps.map(({ path }) => path)).toEqual(["/api/runs/7/cancel", "/api/runs/7/term", "/api/runs/7/kill"]);
    expect(steps.map(({ at }) => Math.floor(at / 10_000) * 10)).toEqual([0, 20, 40]);
    expect(run.forced).toBe(true);
  });

  test("is left out where the vendor has none", async () => {
    const { force: _, ...gentle } = acme.targets.run;
    const providers = new Map<string, Provider>([["acme", { ...acme, targets: { run: gentle satisfies Target } }]]);

    expect((await play(vendor(["running"]), { "force-after": "10s" }, providers)).run).toMatchObject({
      outcome: "still-running",
      forced: false,
    });
  });
});

describe("what will not change is not waited for:", () => {
  const refusal = { status: 409, body: { message: "not queued yet" } };

  test("a run that has not begun, refused three times in the same words", async () => {
    const { run, exit, clock } = await play(vendor(["queued"], [refusal]));

    expect(run).toMatchObject({ outcome: "failed", attempts: 3 });
    expect(run.detail).toContain("the cancel was refused 3 times (409: not queued yet)");
    expect(exit).toBe(1);
    expect(clock.now()).toBeLessThan(60_000);
  });

  test("but the forced stop is tried first", async () => {
    const told = await play(vendor(["queued"], [refusal], [refusal]), { "force-after": "1m" });

    expect(told.server.lines.filter((line) => line.endsWith("kill"))).toHaveLength(1);
    expect(told.run.outcome).toBe("failed");
    expect(told.run.detail).toContain("the forced stop was answered 409: not queued yet");
  });

  test("but one that works, or of which it says something else, is", async () => {
    const other = { status: 409, body: { message: "still not" } };

    expect((await play(vendor(["running"], [refusal]))).run.outcome).toBe("still-running");
    expect((await play(vendor(["queued"], [refusal, other]))).run.outcome).toBe("still-running");
  });

  test("a run that the vendor's cancel leaves as it is", async () => {
    const providers = acmeWith({ noEffect: { words: ["held"], because: "Acme leaves what is held" } });
    const { run, server } = await play(vendor(["held"]), {}, providers);

    expect(run).toMatchObject({ outcome: "failed", after: "blocked" });
    expect(run.detail).toBe("the cancel was accepted but has no effect: Acme leaves what is held");
    expect(server.lines).toEqual([look, cancel, look]);
  });

  test("a server that does not have the call", async () => {
    const missing = { status: 404, headers: { "content-type": "text/plain" }, text: "404 page not found" };
    const { run, server } = await play(vendor(["running"], [missing]));

    expect(run).toMatchObject({ outcome: "failed", attempts: 1 });
    expect(run.detail).toContain("this server has no such call (404 page not found)");
    expect(server.lines).toEqual([look, cancel, look]);
  });
});

describe("the deadline", () => {
  test.each(["1s", "5s", "1m", "10m"])("of %s is kept", async (timeout) => {
    const { run, clock } = await play(vendor(["running"]), { timeout });

    expect(run.outcome).toBe("still-running");
    expect(clock.now()).toBeLessThanOrEqual(Number.parseInt(timeout) * (timeout.endsWith("m") ? 60_000 : 1000));
  });

  test("ends a server that only ever asks to wait", async () => {
    const wait = { status: 429, headers: { "retry-after": "45" } };
    const { run, clock, exit } = await play(vendor(["running", wait]), { timeout: "2m" });

    expect(run.outcome).toBe("failed");
    expect(run.detail).toContain("the cancel was accepted, but it could not be confirmed within 2m");
    expect(exit).toBe(1);
    expect(clock.now()).toBeLessThanOrEqual(120_000);
  });

  test("is not waited for when a server asks for longer than is left", async () => {
    const { run, clock } = await play(vendor([{ status: 429, headers: { "retry-after": "3600" } }]), { timeout: "2m" });

    expect(run).toMatchObject({
      outcome: "failed",
      detail: "acme.example answered 429: the server asks to wait 3600 s, and only 120 s are left",
    });
    expect(clock.now()).toBe(0);
  });

  test("is the end of an unreachable server, too", async () => {
    const { run, clock } = await play(vendor([failure("ECONNREFUSED")]), { timeout: "1m" });

    expect(run).toMatchObject({ outcome: "failed", attempts: 0 });
    expect(run.detail).toContain("acme.example: connection refused");
    expect(clock.now()).toBeLessThanOrEqual(60_000);
    expect(clock.now()).toBeGreaterThan(30_000);
  });
});

test("a vendor's last word that a run stopped before its worker did is shown as such", async () => {
  const { run } = await play(vendor(["running", "stopped"]), {}, acmeWith({ confirmed: "status-only" }));

  expect(run).toMatchObject({ outcome: "cancelled", confirmed: "status-only" });
});

test("a secret that a server repeats is shown nowhere", async () => {
  const { host } = await play(vendor(["running"], [{ status: 422, body: { message: `bad token ${secret}` } }]));

  expect(JSON.stringify([host.lines, host.reports])).not.toContain(secret);
  expect(JSON.stringify(host.final)).toContain("bad token ***");
});
