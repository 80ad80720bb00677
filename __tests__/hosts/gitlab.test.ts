import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { variable } from "../../src/hosts/common.ts";
import { annotations, dotenv, gitlabHost } from "../../src/hosts/gitlab.ts";
import { secret } from "../support/exchange.ts";
import { hostile } from "../support/hostile.ts";
import { record, reportOf } from "../support/record.ts";

test.each([
  ["token", "CANCEL_RUN_TOKEN"],
  ["pipeline-run-id", "CANCEL_RUN_PIPELINE_RUN_ID"],
])("the input %s is the variable %s", (name, spelled) => {
  expect(variable(name)).toBe(spelled);
  expect(gitlabHost({ [spelled]: "x" }, () => undefined).input(name)).toBe("x");
});

test("an input that is not given is empty", () => {
  expect(gitlabHost({}, () => undefined).input("token")).toBe("");
});

describe("the variables for later jobs", () => {
  test("have what sums up", () => {
    expect(dotenv(reportOf(record()))).toBe(
      "CANCEL_RUN_OUTCOME=cancelled\nCANCEL_RUN_CANCELLED=1\nCANCEL_RUN_STATE=cancelled\nCANCEL_RUN_PAGE=https://acme.example/runs/7\n",
    );
    expect(dotenv(reportOf(record(), record({ outcome: "failed" })))).toBe(
      "CANCEL_RUN_OUTCOME=mixed\nCANCEL_RUN_CANCELLED=1\nCANCEL_RUN_STATE=\nCANCEL_RUN_PAGE=\n",
    );
  });

  // https://docs.gitlab.com/ci/yaml/artifacts_reports/#artifactsreportsdotenv
  test("are these four and no others, one a line, without spaces and quotes, whatever a vendor says", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          hostile,
          hostile.map((text) => `https://x.example/${text}`),
          fc.stringMatching(/^https:\/\/[!-~]{1,20}$/),
        ),
        (url) => {
          expect(dotenv(reportOf(record({ url })))).toMatch(
            /^CANCEL_RUN_OUTCOME=[a-z-]+\nCANCEL_RUN_CANCELLED=\d+\nCANCEL_RUN_STATE=[a-z]*\nCANCEL_RUN_PAGE=[^\s"']*\n$/,
          );
        },
      ),
    );
  });
});

describe("the links on the job's page", () => {
  test("lead to the runs", () => {
    expect(JSON.parse(annotations(reportOf(record(), record({ url: null }))))).toEqual({
      "cancel-run": [
        { external_link: { label: "cancelled: acme run a/b 7 (deploy)", url: "https://acme.example/runs/7" } },
      ],
    });
  });

  test("are not too many", () => {
    const parsed = JSON.parse(annotations(reportOf(...Array.from({ length: 500 }, () => record())))) as Record<
      string,
      unknown[]
    >;

    expect(parsed["cancel-run"]).toHaveLength(100);
  });

  test("are JSON, whatever a vendor says", () => {
    fc.assert(
      fc.property(hostile, (name) => {
        const { label } = (
          JSON.parse(annotations(reportOf(record({ name })))) as {
            "cancel-run": { external_link: { label: string } }[];
          }
        )["cancel-run"][0]!.external_link;

        expect(label).toBe(`cancelled: acme run a/b 7${name ? ` (${name})` : ""}`);
      }),
    );
  });
});

describe("a job", () => {
  let folder: string;
  let lines: string[];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "cancel-run-"));
    lines = [];
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });
  const host = (env: Readonly<Record<string, string>> = {}): ReturnType<typeof gitlabHost> =>
    gitlabHost(
      { CI_PROJECT_DIR: folder, CI_JOB_ID: "42", ...env },
      (line) => lines.push(line),
      () => 1000,
    );
  const read = (name: string): string => readFileSync(join(folder, name), "utf8");

  test("keeps its outputs early, and says nothing then", async () => {
    expect(await host().report(reportOf(record({ outcome: "cancelling" })), false)).toBe(true);

    expect(read("cancel-run.env")).toContain("CANCEL_RUN_OUTCOME=cancelling\n");
    expect(JSON.parse(read("cancel-run.json"))).toMatchObject({ outcome: "cancelling", runs: [{ provider: "acme" }] });
    expect(JSON.parse(read("cancel-run-annotations.json"))).toHaveProperty("cancel-run");
    expect(lines).toEqual([]);
  });

  test("writes them over at the end, and says what became of each run", async () => {
    const here = host();
    await here.report(reportOf(record({ outcome: "cancelling" })), false);
    await here.report(reportOf(record()), true);

    expect(read("cancel-run.env")).toContain("CANCEL_RUN_OUTCOME=cancelled\n");
    expect(lines).toEqual([
      "\u001b[32;1macme run a/b 7 (deploy): cancelled after 4.2s; it was running\u001b[0m",
      "  https://acme.example/runs/7",
    ]);
  });

  // https://docs.gitlab.com/ci/jobs/job_logs/#create-custom-collapsible-sections
  test("folds what it did into a section, and leaves the result open", async () => {
    const here = host({ NO_COLOR: "1" });
    here.log("acme run a/b 7: running");
    here.log("acme run a/b 7: cancelling");
    await here.report(reportOf(record(), record({ outcome: "not-found", url: null })), true);

    expect(lines).toEqual([
      "\u001b[0Ksection_start:1000:cancel_run_1000_42_progress\r\u001b[0KProgress",
      "acme run a/b 7: running",
      "acme run a/b 7: cancelling",
      "\u001b[0Ksection_end:1000:cancel_run_1000_42_progress\r\u001b[0K",
      "1 cancelled, 1 not found",
      "acme run a/b 7 (deploy): cancelled after 4.2s; it was running",
      "  https://acme.example/runs/7",
      "acme run a/b 7 (deploy): not found",
    ]);
  });

  test("collapses a long list, but for what fails the job", async () => {
    const many = Array.from({ length: 11 }, () => record({ url: null }));
    await host({ NO_COLOR: "1" }).report(reportOf(...many, record({ outcome: "failed", url: null })), true);

    expect(lines.slice(0, 4)).toEqual([
      "11 cancelled, 1 failed",
      "acme run a/b 7 (deploy): failed",
      "\u001b[0Ksection_start:1000:cancel_run_1000_42_runs[collapsed=true]\r\u001b[0KAll 12 runs",
      "acme run a/b 7 (deploy): cancelled after 4.2s; it was running",
    ]);
    expect(lines).toHaveLength(3 + 12 + 1);
    expect(lines.at(-1)).toBe("\u001b[0Ksection_end:1000:cancel_run_1000_42_runs\r\u001b[0K");
  });

  test("that cannot keep its outputs says so, with the whole result", async () => {
    const nowhere = host({ CI_PROJECT_DIR: join(folder, "not", "there") });
    nowhere.mask(secret);
    const result = reportOf(record({ detail: `x ${secret}` }));

    expect(await nowhere.report(result, false)).toBe(false);
    expect(lines).toEqual([]);
    expect(await nowhere.report(result, true)).toBe(false);
    expect(lines.at(-1)).toContain("outputs could not be written to");
    expect(lines.at(-1)).toContain("(ENOENT)");
    expect(JSON.parse(lines.at(-1)!.split("the result is: ")[1]!)).toMatchObject({
      outcome: "cancelled",
      runs: [{ detail: "x ***" }],
    });
  });

  test("shows a secret neither in its log nor in its files", async () => {
    const here = host({ NO_COLOR: "1" });
    here.mask(secret);
    here.log(`log ${secret}`);
    here.warn(`warn ${secret}`);
    here.usage(`usage ${secret}`);
    await here.report(
      reportOf(record({ name: secret, detail: secret, url: `https://x.example/${secret}`, reason: secret })),
      true,
    );

    for (const name of ["cancel-run.env", "cancel-run.json", "cancel-run-annotations.json"])
      expect(read(name)).not.toContain(secret);
    expect(lines.join("\n")).not.toContain(secret);
    const [, ...said] = lines.filter((line) => !line.includes("section_end"));
    expect(said.slice(0, 3)).toEqual(["log ***", "warning: warn ***", "invalid input: usage ***"]);
  });

  test("has a log without section markers or escapes, whatever a vendor says", () => {
    fc.assert(
      fc.property(hostile, (text) => {
        lines = [];
        host().log(`section_start:1:x\r\u001b[0K${text}`);

        expect(lines).toHaveLength(2);
        expect(lines[1]).not.toMatch(/\p{Cc}/u);
      }),
    );
  });

  test.each([
    [{}, "Cancelled by cancel-run"],
    [
      { CI_JOB_NAME: "stop", CI_PROJECT_PATH: "a/b", CI_JOB_URL: "https://x.example/1" },
      "Cancelled by stop of a/b: https://x.example/1",
    ],
    [{ CI_PROJECT_PATH: "a/b" }, "Cancelled by of a/b"],
  ])("in %j has a reason that says who cancels", (env, reason) => {
    expect(gitlabHost(env, () => undefined).defaultReason).toBe(reason);
  });
});
