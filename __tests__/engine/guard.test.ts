import { describe, expect, test } from "@jest/globals";
import { type Decision, due } from "../../src/engine/guard.ts";
import type { Job } from "../../src/host.ts";
import { gitlabHost } from "../../src/hosts/gitlab.ts";
import { cancelRun } from "../../src/main.ts";
import { providers } from "../../src/providers/index.ts";
import { SimulatedClock } from "../support/clock.ts";
import { secret } from "../support/exchange.ts";

describe("when a guard is due", () => {
  const moments = ["no job", "before", "success", "failed", "cancelled", "unknown"] as const;
  const jobAt = (moment: (typeof moments)[number]): Job | undefined => {
    if (moment === "no job") return undefined;
    return moment === "before" ? { phase: "before", status: "unknown" } : { phase: "after", status: moment };
  };

  const table: Readonly<Record<string, readonly Decision[]>> = {
    //             no job         before  success  failed  cancelled  unknown
    now: ["act", "act", "act", "act", "act", "act"],
    cancelled: ["cannot tell", "arm", "skip", "skip", "act", "cannot tell"],
    failed: ["cannot tell", "arm", "skip", "act", "skip", "cannot tell"],
    unsuccessful: ["cannot tell", "arm", "skip", "act", "act", "act"],
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

test("a guard outside after_script whose id is not there yet says where it belongs", async () => {
  const lines: string[] = [];
  const host = gitlabHost(
    {
      CANCEL_RUN_WHEN: "failed",
      CANCEL_RUN_PROVIDER: "gitlab",
      CANCEL_RUN_PROJECT: "a/b",
      CANCEL_RUN_TOKEN: secret,
      CI_JOB_STATUS: "running",
      CI_PROJECT_DIR: "/nowhere",
    },
    providers,
    (line) => lines.push(line),
  );
  const transport = { send: () => Promise.reject(new Error("nothing is sent")), close: () => Promise.resolve() };

  const exit = await cancelRun({
    host,
    providers,
    clock: new SimulatedClock(),
    transport,
    interrupted: new AbortController().signal,
  });

  expect(exit).toBe(2);
  expect(lines).toEqual([expect.stringContaining("CANCEL_RUN_WHEN: it is of use in after_script only")]);
});
