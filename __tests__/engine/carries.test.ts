/** Vendors that are not in the registry, in miniature: each bends the contract in its own way. See docs/architecture.md, "What the contract carries". */
import { describe, expect, test } from "@jest/globals";
import type { Call, Id, Json, Provider, Target } from "../../src/provider.ts";
import { secret } from "../support/exchange.ts";
import type { Answer, Sent } from "../support/server.ts";
import { tell, type Told } from "../support/story.ts";

const id = (example: string, pattern = /[\w./:-]+/): Id => ({ pattern, help: "name", example });

function vendor(target: Target, more: Partial<Provider> = {}): Provider {
  return {
    name: "A vendor",
    docs: "https://docs.vendor.example/cancel",
    rights: "A token that may cancel.",
    server: { url: "https://vendor.example" },
    auth: [{ scheme: "bearer", env: {} }],
    states: { running: "running", canceled: "cancelled", failed: "failed" },
    targets: { run: target },
    ...more,
  };
}

/** Plays the answers in their order, the last one for ever; each goes with the request that it is due for. */
async function play(
  provider: Provider,
  ids: Readonly<Record<string, string>>,
  answers: readonly (readonly [string, Answer])[],
): Promise<Told> {
  let at = 0;
  return await tell({
    inputs: { provider: "vendor", token: secret, reason: "a & b", ...ids },
    providers: new Map([["vendor", provider]]),
    answer: ({ method, host, path }: Sent) => {
      const [line, answer] = answers[Math.min(at++, answers.length - 1)]!;
      expect(`${method} ${host}${path}`).toBe(line);
      return answer;
    },
  });
}

const json = (body: unknown, status = 200): Answer => ({ status, body });

test("CircleCI: a pipeline is its workflows, of which those that live are cancelled", async () => {
  const list: Call = { route: "GET /api/v2/pipeline/{pipeline-id}/workflow" };
  const live = (body: Json): Json[] => body.items.filter(({ status }: Json) => status === "running");
  const circle = vendor({
    ids: { "pipeline-id": id("p1") },
    look: {
      ...list,
      state: (b) => (live(b).length > 0 ? "running" : b.items.some((w: Json) => w.status === "canceled") && "canceled"),
    },
    cancel: {
      calls: [{ route: "POST /api/v2/workflow/{workflow-id}/cancel" }],
      ask: async ({ last, send }) => {
        const [first, ...others] = live(last).map((w): Call => ({ route: `POST /api/v2/workflow/${w.id}/cancel` }));
        for (const call of others) await send(call);
        return first!;
      },
    },
  });
  const looked = "GET vendor.example/api/v2/pipeline/p1/workflow";
  const items = (...words: string[]): Answer => json({ items: words.map((status, i) => ({ id: `w${i}`, status })) });

  const { run } = await play(circle, { "pipeline-id": "p1" }, [
    [looked, items("running", "success", "running")],
    ["POST vendor.example/api/v2/workflow/w2/cancel", json({ message: "Accepted." }, 202)],
    ["POST vendor.example/api/v2/workflow/w0/cancel", json({ message: "Accepted." }, 202)],
    [looked, items("running", "success", "canceled")],
    [looked, items("canceled", "success", "canceled")],
  ]);

  expect(run).toMatchObject({ outcome: "cancelled", attempts: 1 });
});

describe("Argo CD: an operation has no id", () => {
  const argo = vendor(
    {
      ids: { application: id("guestbook") },
      look: {
        route: "GET /api/v1/applications/{application}",
        state: (b) =>
          b.status.operationState.message.startsWith("Operation terminated")
            ? "Terminated"
            : b.status.operationState.phase,
        attempt: "status.operationState.startedAt",
      },
      cancel: { route: "DELETE /api/v1/applications/{application}/operation" },
    },
    { states: { Running: "running", Terminating: "cancelling", Terminated: "cancelled", Failed: "failed" } },
  );
  const looked = "GET vendor.example/api/v1/applications/guestbook";
  const state = (phase: string, startedAt: string, message = ""): Answer =>
    json({ status: { operationState: { phase, startedAt, message } } });

  test.each([
    ["cancelled", state("Failed", "10:00", "Operation terminated")],
    ["restarted", state("Running", "10:05")],
    ["finished-anyway", state("Failed", "10:00", "one or more objects failed to apply")],
  ])("%s", async (outcome, last) => {
    const { run } = await play(argo, { application: "guestbook" }, [
      [looked, state("Running", "10:00")],
      ["DELETE vendor.example/api/v1/applications/guestbook/operation", json({})],
      [looked, last],
    ]);

    expect(run.outcome).toBe(outcome);
  });
});

test("a list whose pages tell a token for the next one is read to its end", async () => {
  const listed = vendor({
    ids: { "run-id": id("r1") },
    look: { route: "GET /runs/{run-id}", state: "status", shows: { "run-id": "id" } },
    cancel: { route: "POST /runs/{run-id}/cancel" },
    jobs: [
      {
        route: "GET /runs/{run-id}/jobs?limit=1",
        items: "items",
        next: { parameter: "page-token", token: "next" },
        name: "name",
        state: "status",
      },
    ],
  });
  const jobs = "GET vendor.example/runs/r1/jobs?limit=1";

  const { run } = await play(listed, { "run-id": "r1", "unless-job": "deploy" }, [
    ["GET vendor.example/runs/r1", json({ id: "r1", status: "running" })],
    [jobs, json({ items: [{ name: "build", status: "running" }], next: "a&b" })],
    [`${jobs}&page-token=a%26b`, json({ items: [], next: 7 })],
    [`${jobs}&page-token=7`, json({ items: [{ name: "deploy", status: "running" }], next: null })],
  ]);

  expect(run).toMatchObject({ outcome: "refused", attempts: 0 });
});

test("Tekton: a merge patch, whose state is a condition with a reason", async () => {
  const path = "/apis/tekton.dev/v1/namespaces/{namespace}/pipelineruns/{name}";
  const succeeded = (b: Json): Json => b.status.conditions.find(({ type }: Json) => type === "Succeeded");
  const tekton = vendor(
    {
      ids: { namespace: id("ci"), name: id("build-7") },
      look: {
        route: `GET ${path}`,
        state: (b) => succeeded(b).reason,
        over: (b) => succeeded(b).status !== "Unknown",
      },
      cancel: {
        route: `PATCH ${path}`,
        headers: { "content-type": "application/merge-patch+json" },
        body: { spec: { status: "CancelledRunFinally" } },
      },
    },
    { states: { Running: "running", Cancelled: "cancelled" } },
  );
  const at = "vendor.example/apis/tekton.dev/v1/namespaces/ci/pipelineruns/build-7";
  const state = (status: string, reason: string): Answer =>
    json({ status: { conditions: [{ type: "Succeeded", status, reason }] } });

  const { run, server } = await play(tekton, { namespace: "ci", name: "build-7" }, [
    [`GET ${at}`, state("Unknown", "Running")],
    [`PATCH ${at}`, json({})],
    [`GET ${at}`, state("Unknown", "Cancelled")],
    [`GET ${at}`, state("False", "Cancelled")],
  ]);

  expect(run).toMatchObject({ outcome: "cancelled", before: "running" });
  expect(server.sent[1]?.headers["content-type"]).toBe("application/merge-patch+json");
});

describe("CloudFormation: forms, XML, and a roll-back as the end", () => {
  const call = (action: string): Call => ({
    route: "POST /",
    form: { Action: action, Version: "2010-05-15", StackName: "{stack}", ClientRequestToken: "{reason}" },
    text: true,
  });
  const between = (tag: string) => (xml: string) => new RegExp(`<${tag}>([^<]*)`).exec(xml)?.[1];
  const formation = vendor(
    {
      ids: { stack: id("shop") },
      look: { ...call("DescribeStacks"), state: between("StackStatus") },
      cancel: call("CancelUpdateStack"),
      statesAfterCancel: { UPDATE_ROLLBACK_COMPLETE: "cancelled" },
    },
    {
      states: {
        UPDATE_IN_PROGRESS: "running",
        UPDATE_ROLLBACK_IN_PROGRESS: "cancelling",
        UPDATE_ROLLBACK_COMPLETE: "failed",
      },
      errors: { code: between("Code"), message: between("Message") },
    },
  );
  const xml = (text: string, status = 200): Answer => ({ status, headers: { "content-type": "text/xml" }, text });
  const state = (word: string): Answer => xml(`<R><StackStatus>${word}</StackStatus></R>`);
  const line = "POST vendor.example/";

  test("is cancelled once it is rolled back", async () => {
    const { run, server } = await play(formation, { stack: "shop" }, [
      [line, state("UPDATE_IN_PROGRESS")],
      [line, xml("<CancelUpdateStackResponse/>")],
      [line, state("UPDATE_ROLLBACK_IN_PROGRESS")],
      [line, state("UPDATE_ROLLBACK_COMPLETE")],
    ]);

    expect(run).toMatchObject({ outcome: "cancelled", "reason-recorded": true });
    expect(server.sent[1]).toMatchObject({
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: "Action=CancelUpdateStack&Version=2010-05-15&StackName=shop&ClientRequestToken=a+%26+b",
    });
  });

  test("was no success before we asked, if it was rolled back by itself", async () => {
    const { run } = await play(formation, { stack: "shop" }, [[line, state("UPDATE_ROLLBACK_COMPLETE")]]);

    expect(run).toMatchObject({ outcome: "already-finished", before: "failed" });
  });

  test("refuses in XML as well", async () => {
    const { run } = await play(formation, { stack: "shop" }, [
      [line, state("UPDATE_IN_PROGRESS")],
      [
        line,
        xml("<E><Code>ValidationError</Code><Message>cannot be called from current stack status</Message></E>", 400),
      ],
      [line, state("UPDATE_ROLLBACK_COMPLETE")],
    ]);

    expect(run).toMatchObject({ outcome: "already-finished", after: "failed" });
  });

  test("an HTML page is no answer, whatever a call allows", async () => {
    const { run } = await play(formation, { stack: "shop" }, [
      [line, { headers: { "content-type": "text/html" }, text: "<title>Sign in</title>" }],
    ]);

    expect(run.outcome).toBe("failed");
    expect(run.detail).toContain("Sign in");
  });
});

test("a number that is not the id and no filter takes: an `ask` in the look finds the run in a list", async () => {
  const numbered = vendor({
    ids: { "run-number": id("12", /\d+/) },
    look: {
      calls: [{ route: "GET /runs" }, { route: "GET /runs/{run-id}" }],
      ask: async ({ ids, send }) => {
        if (ids["run-id"]) return { route: "GET /runs/{run-id}" };
        const reply = await send({ route: "GET /runs" });
        return { ...reply, body: reply.body.runs.find((one: Json) => `${one.run_number}` === ids["run-number"]) };
      },
      state: "status",
      learn: { "run-id": "id" },
    },
    cancel: { route: "POST /runs/{run-id}/cancel" },
  });

  const { run } = await play(numbered, { "run-number": "12" }, [
    ["GET vendor.example/runs", json({ runs: [{ id: 900, run_number: 12, status: "running" }] })],
    ["POST vendor.example/runs/900/cancel", json({})],
    ["GET vendor.example/runs/900", json({ id: 900, run_number: 12, status: "canceled" })],
  ]);
  const lost = await play(numbered, { "run-number": "13" }, [["GET vendor.example/runs", json({ runs: [] })]]);

  expect(run).toMatchObject({ outcome: "cancelled", ids: { "run-number": "12", "run-id": "900" } });
  expect(lost.run.outcome).toBe("failed");
});

test("a call that names an id which no look has taught says so, and ends nothing else", async () => {
  const { run } = await play(
    vendor({
      ids: { number: id("12") },
      look: { route: "GET /runs/{number}", state: "status", learn: { uuid: "uuid" } },
      cancel: { route: "POST /runs/{uuid}/stop" },
    }),
    { number: "12" },
    [["GET vendor.example/runs/12", json({ status: "running" })]],
  );

  expect(run).toMatchObject({ outcome: "failed", detail: "no value for {uuid}" });
});
