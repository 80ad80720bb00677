import { readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { migrants } from "../../src/engine/migrants.ts";
import { nearest } from "../../src/engine/nearest.ts";
import { idNames } from "../../src/engine/manifest.ts";
import { checkNames } from "../../src/engine/unknown-inputs.ts";
import { UsageError } from "../../src/engine/usage.ts";
import { inputs } from "../../src/interface.ts";
import { manifest } from "../../src/providers/manifest.ts";
import { MemoryHost } from "../support/host.ts";

const page = readFileSync("docs/migrating.md", "utf8");

/** What is said of a name that somebody has given; undefined for nothing. */
function said(name: string, value = "x", given: Readonly<Record<string, string>> = {}): string | undefined {
  const host = new MemoryHost(given);
  host.strangers = [{ name, spelled: name, value }];
  try {
    return checkNames(host, manifest);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return `2: ${error.message}`;
  }
}

describe("a name that is no input", () => {
  test.each([
    ["dry-rnu", "dry-run"],
    ["dry_run", "dry-run"],
    ["dryrun", "dry-run"],
    ["jobid", "job-id"],
    ["runid", "run-id"],
    ["time-out", "timeout"],
    ["forceafter", "force-after"],
    ["pull_request", "pull-request"],
    ["failon", "fail-on"],
    ["tokn", "token"],
    ["github_tokn", undefined],
    ["run_number", "run-number"],
  ])("%s", (name, meant) => {
    expect(said(name)).toBe(
      meant === undefined
        ? `not an input of cancel-run, and ignored: ${name}`
        : `2: ${name} is not an input; did you mean ${meant}?`,
    );
  });

  test.each(["ref", "state", "version", "environment", "token-staging", "tag", "user", "x".repeat(5000)])(
    "%.20s has nothing to do with us",
    (name) => {
      expect(said(name)).toMatch(/^not an input of cancel-run, and ignored: /);
    },
  );

  test("counts only with a value", () => {
    expect(said("dry-rnu", " ")).toBeUndefined();
  });

  test("loses nothing where the input has its value", () => {
    expect(said("run_id", "9", { "run-id": "9" })).toBeUndefined();
    expect(said("run_id", "9", { "run-id": "8" })).toContain("did you mean run-id?");
    expect(said("workflow_id", "ci.yml", { workflow: "ci.yml" })).toBeUndefined();
    // Another input that happens to have the value is none.
    expect(said("dry_run", "true", { wait: "true" })).toContain("did you mean dry-run?");
  });

  test("may be an id, which has its place", () => {
    expect(said("run-number")).toBe("2: run-number is an id that is not an input of its own: give run-number");
  });
});

describe("inputs of other actions", () => {
  test.each(Object.entries(migrants))("%s is told with what it is here", (name, { of }) => {
    const line = said(name.toLowerCase());

    expect(line).toMatch(/^2: .* \(docs\/migrating\.md\)$/);
    for (const action of of) expect(line).toContain(action);
  });

  test.each(Object.entries(migrants))("%s stands in docs/migrating.md, below its action", (name, { of, instead }) => {
    for (const action of of) {
      const [, part = ""] = new RegExp(`^## ${action}$(.*?)(?=^## |(?![^]))`, "ms").exec(page) ?? [];

      expect(part).toMatch(new RegExp(`(?<![A-Za-z_])${name}(?![A-Za-z_])`));
    }
    for (const [, input] of instead.matchAll(/\{([^}]+)\}/g))
      expect([...inputs.map((one) => one.name as string), ...idNames(manifest)]).toContain(input);
  });

  test("of docs/migrating.md are all known: ours by the same name, or told", () => {
    const named = [...page.matchAll(/^Inputs?: ([^]*?)[.(]/gm)].flatMap(([, list = ""]) =>
      [...list.matchAll(/`([A-Za-z_]+)`/g)].map(([, name = ""]) => name),
    );

    expect(named.length).toBeGreaterThan(10);
    expect(named.filter((name) => !(name in migrants) && !inputs.some((input) => input.name === name))).toEqual([]);
  });
});

test("the nearest name is the nearest, and none for a text that is far from all", () => {
  expect(nearest("brnach", ["branch", "commit"])).toBe("branch");
  expect(nearest("self", ["self", "selfs"])).toBe("self");
  expect(nearest("", ["job"])).toBeUndefined();
  expect(nearest("ref", ["self", "job"])).toBeUndefined();
});
