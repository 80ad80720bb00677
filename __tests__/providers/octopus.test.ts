/** What no exchange plays: our own job is killed before the first look has shown which task a deployment has. */
import { expect, test } from "@jest/globals";
import { providers } from "../../src/providers/all.ts";
import type { Answer, Sent } from "../support/server.ts";
import { tell, type Told } from "../support/story.ts";

const kinds = [
  ["deployment", "deployments", { "deployment-id": "Deployments-77" }],
  ["runbook-run", "runbookRuns", { "runbook-run-id": "RunbookRuns-12" }],
] as const;

/** The first look gets no answer in time; what is asked after the signal does. */
async function killed(ids: object, found: Answer): Promise<Told> {
  const signal = new AbortController();
  return await tell({
    inputs: {
      provider: "octopus",
      space: "Spaces-1",
      "server-url": "https://octopus.example.com",
      token: "SECRET",
      ...ids,
    },
    providers,
    interrupted: signal.signal,
    answer: (sent: Sent) => {
      if (sent.method === "POST") return { body: {} };
      if (sent.before > 0) return found;
      signal.abort();
      return "hang";
    },
  });
}

test.each(kinds)("the task of a %s is looked up, and cancelled", async (_, path, ids) => {
  const [id] = Object.values(ids);
  const { run, server } = await killed(ids, { body: { Id: id, TaskId: "ServerTasks-4711" } });

  expect(server.lines.slice(-2)).toEqual([
    `GET /api/Spaces-1/${path}/${id}`,
    "POST /api/tasks/ServerTasks-4711/cancel",
  ]);
  expect(run.outcome).toBe("cancelling");
});

test.each(kinds)("nothing is said to be cancelled of a %s that has no task", async (_, __, ids) => {
  const [id] = Object.values(ids);
  const { run, server } = await killed(ids, { body: { Id: id, TaskId: null } });

  expect(server.sent.every(({ method }) => method === "GET")).toBe(true);
  expect(run.outcome).toBe("failed");
});
