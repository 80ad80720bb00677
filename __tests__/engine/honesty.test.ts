/** What a step must not say, and must not stop. */
import { expect, test } from "@jest/globals";
import { acmeWith, seven } from "../support/acme.ts";
import { SimulatedClock } from "../support/clock.ts";
import { GitHubForge, gitHubRun } from "../support/forge.ts";
import { step } from "../support/step.ts";
import { tell } from "../support/story.ts";

test("a guarded cancel that was not sent because the run could not be seen again is not counted, and nothing is called cancelled by it", async () => {
  const clock = new SimulatedClock();
  const ids = [1, 2, 3, 4, 5, 6, 7];
  const forge = new GitHubForge(
    clock,
    ids.map((id) => gitHubRun(id)),
  );
  // One change a second: the turn of the seventh comes six seconds after its look. That it cannot be seen then, and somebody else cancels it, is chance.
  let looks = 0;
  forge.before = (what) => {
    if (!what.endsWith("/runs/7") || ++looks === 1) return undefined;
    Object.assign(forge.runs.get(7)!, { status: "completed", conclusion: "cancelled" });
    return looks === 2 ? { status: 404, headers: { "content-type": "application/json" }, text: "{}" } : undefined;
  };
  const { report } = await step(
    { provider: "github", repository: "octo-org/octo-repo", "run-id": ids.join(), "unless-job": "deploy" },
    { clock, transport: forge },
  );

  expect(forge.cancelled).toEqual(["1", "2", "3", "4", "5", "6"]);
  expect(report.runs.at(-1)).toMatchObject({ outcome: "already-finished", after: "cancelled", attempts: 0 });
});

test("the words of a cancel that failed are not said of the later one that was accepted", async () => {
  const { run } = await tell({
    inputs: { ...seven, timeout: "2m" },
    answer: ({ method, before }) =>
      method === "GET" ? { body: { state: "running" } } : { status: before < 5 ? 503 : 201 },
  });

  expect(run).toMatchObject({
    outcome: "still-running",
    attempts: 2,
    detail: "running after 2m; force-after would use the forced stop that Acme CI has",
  });
});

test("what the next attempt of a run has started is not cancelled", async () => {
  let asked = false;
  const { runs, server } = await tell({
    inputs: { ...seven, downstream: "true" },
    providers: acmeWith({
      downstream: {
        route: "GET /runs/{run-id}/started",
        items: "runs",
        next: "next",
        target: "run",
        ids: { "run-id": "id" },
      },
    }),
    answer: ({ method, path }) => {
      if (method === "POST") {
        asked = true;
        return {};
      }
      if (path.endsWith("/started")) return { body: { runs: asked ? [{ id: 8 }] : [] } };
      return { body: { state: "running", attempt: asked ? 2 : 1 } };
    },
  });

  expect(server.lines.filter((line) => line.startsWith("POST"))).toEqual(["POST /api/runs/7/cancel"]);
  expect(runs).toMatchObject([{ ids: { "run-id": "7" }, outcome: "restarted" }]);
});
