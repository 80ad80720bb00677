/** What the stand-ins answer to a cancel in each state, as the vendors' documents have it: the traps that the tests rely on. */
import { describe, expect, test } from "@jest/globals";
import { type Build, builds, codearts } from "../../src/demo/vendors/codearts.ts";
import { Ending } from "../../src/demo/vendors/ending.ts";
import { github } from "../../src/demo/vendors/github.ts";
import { gitlab, type Job, jobs, type Status } from "../../src/demo/vendors/gitlab.ts";
import { type Pipeline, pipelines } from "../../src/demo/vendors/gitlab-pipelines.ts";
import { gorules, type Run } from "../../src/demo/vendors/gorules.ts";
import type { Vendor } from "../../src/demo/vendors/vendor.ts";
import { SimulatedClock } from "../support/clock.ts";
import { gitHubRun, pipeline } from "../support/forge.ts";

const token = "t";

/** `METHOD /path`, and the status and the JSON that come back. */
const asking =
  (vendor: Vendor, headers: Readonly<Record<string, string>> = { authorization: `Bearer ${token}` }) =>
  (line: string, body?: object): [status: number, body: Record<string, unknown>] => {
    const [method = "", path = ""] = line.split(" ");
    const text = body === undefined ? "" : JSON.stringify(body);
    const reply = vendor({ origin: "https://vendor.example", method, path, headers, body: text });
    return [reply.status, Object(reply.body) as Record<string, unknown>];
  };

describe("GitLab", () => {
  const over: Status[] = ["success", "failed", "canceled", "skipped"];
  const waiting: Status[] = ["created", "waiting_for_resource", "preparing", "pending", "manual", "scheduled"];
  const project = "/api/v4/projects/a%2Fb";
  const withJob = (job: Partial<Job> & { status: Status }): ReturnType<typeof asking> => {
    const one = { name: "deploy", ref: "main", ending: new Ending<Status>(["canceling", "canceled"]), ...job };
    return asking(gitlab({ token, projects: { "a/b": 7 }, resources: [jobs({ 1: one })] }));
  };

  // https://docs.gitlab.com/api/jobs/#cancel-a-job
  test.each([
    ...over.map((status) => [status, status, status]),
    ...waiting.map((status) => [status, "canceled", status]),
    ["running", "canceling", "running"],
    ["canceling", "canceling", "canceled"],
  ] as [Status, string, string][])(
    "a cancel of a %s job answers 201 and %s; a forced one %s",
    (status, plain, forced) => {
      expect(withJob({ status })(`POST ${project}/jobs/1/cancel`)).toMatchObject([201, { status: plain }]);
      expect(withJob({ status })(`POST ${project}/jobs/1/cancel`, { force: true })).toMatchObject([
        201,
        { status: forced },
      ]);
    },
  );

  test("a running job is canceling until a later look, however often it is cancelled", () => {
    const ask = withJob({ status: "running" });
    ask(`POST ${project}/jobs/1/cancel`);
    expect(ask(`POST ${project}/jobs/1/cancel`)).toMatchObject([201, { status: "canceling" }]);
    expect(ask(`GET ${project}/jobs/1`)).toMatchObject([200, { status: "canceled" }]);
  });

  test("who may not cancel is answered 403, and a job that is not there 404", () => {
    const ask = withJob({ status: "running", mayCancel: false });
    expect(ask(`POST ${project}/jobs/1/cancel`)[0]).toBe(403);
    expect(ask(`GET ${project}/jobs/1`)).toMatchObject([200, { status: "running" }]);
    expect(ask(`GET ${project}/jobs/2`)).toEqual([404, { message: "404 Not found" }]);
  });

  test("a project's path that is not encoded is no route, and the token of a job opens nothing", () => {
    const vendor = gitlab({ token, projects: { "a/b": 7 }, resources: [] });
    expect(asking(vendor)("GET /api/v4/projects/a/b/jobs/1")).toEqual([404, { message: "404 Project Not Found" }]);
    expect(asking(vendor, { "job-token": token })(`GET ${project}/jobs/1`)[0]).toBe(401);
  });

  test.each(["success", "manual"] as Status[])(
    "a cancel of a %s pipeline answers 200 and changes nothing",
    (status) => {
      const all = new Map([[1, pipeline(1, { status })]]);
      const ask = asking(gitlab({ token, projects: { "a/b": 1 }, resources: [pipelines(all)] }));
      expect(ask(`POST ${project}/pipelines/1/cancel`)).toMatchObject([200, { status }]);
    },
  );

  // https://gitlab.com/gitlab-org/gitlab/-/issues/390453
  test("child pipelines go with their parent, what runs in other projects goes on", () => {
    const parent = pipeline(1, {
      triggers: [
        { name: "child", starts: 2 },
        { name: "elsewhere", starts: 3 },
      ],
    });
    const child = pipeline(2, { source: "parent_pipeline" });
    const elsewhere = pipeline(3, { project: 2, source: "pipeline" });
    const all = new Map<number, Pipeline>([parent, child, elsewhere].map((one) => [one.id, one]));
    const ask = asking(gitlab({ token, projects: { "a/b": 1, "a/c": 2 }, resources: [pipelines(all)] }));
    ask(`POST ${project}/pipelines/1/cancel`);
    expect([parent.status, child.status, elsewhere.status]).toEqual(["canceling", "canceling", "running"]);
    expect(ask(`GET ${project}/pipelines`)[1]).toMatchObject([{ id: 1 }]);
  });
});

// https://docs.github.com/rest/actions/workflow-runs#cancel-a-workflow-run
test("GitHub answers 202 to the cancel of a live run and 409 to one of a run that is completed", () => {
  const run = gitHubRun(1);
  const ending = (): Ending<"in_progress" | "cancelled"> => new Ending(["in_progress", "cancelled"]);
  const ask = asking(github({ token, repository: "a/b", runs: new Map([[1, run]]), ending }));

  expect(ask("POST /repos/a/b/actions/runs/1/cancel")).toEqual([202, {}]);
  expect(run.status).toBe("in_progress");
  expect(ask("GET /repos/a/b/actions/runs/1")).toMatchObject([200, { status: "completed", conclusion: "cancelled" }]);
  expect(ask("POST /repos/a/b/actions/runs/1/cancel")[0]).toBe(409);
  expect(ask("POST /repos/a/b/actions/runs/1/force-cancel")[0]).toBe(409);
});

// https://docs.gorules.io/api-reference/brms/deployment-workflows/cancel-deployment-workflow-run
test("GoRules cancels nothing without a comment", () => {
  const run: Run = { id: "r", status: "waiting", release: { name: "Spring rates", version: "41" } };
  const ask = asking(gorules({ token, project: "p", run, clock: new SimulatedClock() }));

  expect(ask("POST /api/projects/p/runs/r/cancel", { comment: "" })[0]).toBe(400);
  expect(run.status).toBe("waiting");
  expect(ask("POST /api/projects/p/runs/r/cancel", { comment: "faulty" })).toMatchObject([
    200,
    { status: "cancelled", cancelledComment: "faulty" },
  ]);
});

// https://support.huaweicloud.com/intl/en-us/api-codeci/StopTheJob.html
test("CodeArts stops build 1 where no number is given, and says success whatever it stopped", () => {
  const build = (): Build => ({ result: "BUILDING", ending: new Ending<Build["result"]>(["ABORTED"]) });
  const all = { 1: build(), 20: build() };
  const ask = asking(codearts(() => true, [builds("j", all)]));

  expect(ask("POST /v1/job/j/stop", {})).toEqual([200, { status: "success" }]);
  expect([all[1].result, all[20].result]).toEqual(["ABORTED", "BUILDING"]);
  expect(ask("POST /v1/job/j/stop?build_no=20", { build_no: 1 })[0]).toBe(400);
  expect(ask("POST /v1/job/j/stop?build_no=20", {})[0]).toBe(200);
  expect(all[20].result).toBe("ABORTED");
  expect(ask("POST /v1/job/j/stop", { build_no: 99 })).toEqual([200, { status: "success" }]);
});

test("a run whose states last goes through them by the clock, whoever looks", async () => {
  const clock = new SimulatedClock();
  const ending = new Ending(["canceling", "canceled"], { clock, lasting: 1500 });

  expect(ending.next()).toBeUndefined();
  expect(ending.begin()).toBe("canceling");
  expect([ending.next(), ending.next()]).toEqual(["canceling", "canceling"]);
  await clock.sleep(1500);
  expect([ending.next(), ending.begin()]).toEqual(["canceled", undefined]);
});
