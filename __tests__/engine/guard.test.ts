import { describe, expect, test } from "@jest/globals";
import { type Decision, due } from "../../src/engine/guard.ts";
import type { Job } from "../../src/host.ts";
import { gitlabHost } from "../../src/hosts/gitlab.ts";
import { cancelRun } from "../../src/main.ts";
import { providers } from "../../src/providers/all.ts";
import { SimulatedClock } from "../support/clock.ts";
import { secret } from "../support/exchange.ts";
import { registryOf } from "../support/registry.ts";

describe("when a guard is due", () => {
  const moments = [
    "no job",
    "before",
    "success",
    "failed",
    "cancelled",
    "unknown",
    "no success",
    "contradiction",
  ] as const;
  const jobAt = (moment: (typeof moments)[number]): Job | undefined => {
    if (moment === "no job") return undefined;
    if (moment === "before") return { phase: "before", status: "unknown" };
    if (moment === "no success") return { phase: "after", status: "unknown", onlyUnsuccessful: true };
    if (moment === "contradiction")
      return { phase: "after", status: "success", onlyUnsuccessful: true, contradiction: { why: "", give: "" } };
    return { phase: "after", status: moment };
  };

  const table: Readonly<Record<string, readonly Decision[]>> = {
    //             no job         before  success  failed  cancelled  unknown        no success     contradiction
    now: ["act", "act", "act", "act", "act", "act", "act", "act"],
    cancelled: ["cannot tell", "arm", "skip", "skip", "act", "cannot tell", "cannot tell", "cannot tell"],
    failed: ["cannot tell", "arm", "skip", "act", "skip", "cannot tell", "cannot tell", "cannot tell"],
    unsuccessful: ["cannot tell", "arm", "skip", "act", "act", "cannot tell", "act", "act"],
  };

  test.each(
    Object.entries(table).flatMap(([when, row]) => row.map((decision, at) => ({ when, at: moments[at]!, decision }))),
  )("$when, $at: $decision", ({ when, at, decision }) => {
    expect(due(when, jobAt(at))).toBe(decision);
  });

  test("a step that has acted in the job does not act again at its end, and a guard does", () => {
    const job: Job = { phase: "after", status: "failed", again: true };

    expect(due("now", job)).toBe("skip");
    expect(due("unsuccessful", job)).toBe("act");
  });
});

test.each([
  ["failed", "running", "CANCEL_RUN_WHEN: it works only in after_script"],
  [
    "unsuccessful",
    undefined,
    "CANCEL_RUN_WHEN: CI_JOB_STATUS is not set here, so this step cannot tell how the job ended",
  ],
  ["unsuccessful", "dozing", 'CANCEL_RUN_WHEN: this host cannot tell "unsuccessful" from other endings of a job'],
])("on GitLab, a guard for %s where CI_JOB_STATUS is %s says why it does nothing", async (when, status, said) => {
  const lines: string[] = [];
  const host = gitlabHost(
    {
      CANCEL_RUN_WHEN: when,
      CANCEL_RUN_PROVIDER: "gitlab",
      CANCEL_RUN_PROJECT: "a/b",
      ...(status !== "running" && { CANCEL_RUN_JOB_ID: "4711" }),
      CANCEL_RUN_TOKEN: secret,
      ...(status !== undefined && { CI_JOB_STATUS: status }),
      CI_PROJECT_DIR: "/nowhere",
    },
    (line) => lines.push(line),
  );
  const transport = { send: () => Promise.reject(new Error("nothing is sent")), close: () => Promise.resolve() };

  const exit = await cancelRun({
    host,
    registry: registryOf(providers),
    clock: new SimulatedClock(),
    transport,
    interrupted: new AbortController().signal,
  });

  expect(exit).toBe(2);
  expect(lines).toEqual([expect.stringContaining(said)]);
});
