import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { entriesOf, type Entry } from "../../src/engine/catalog.ts";
import { listOf, readPairs, unquoted } from "../../src/engine/id-pairs.ts";
import { idInputNames } from "../../src/interface.ts";
import { providers } from "../../src/providers/all.ts";
import { secret } from "../support/exchange.ts";
import { job, names, runs } from "../support/located.ts";
import { complaint } from "../support/usage.ts";

describe("the grammar of ids", () => {
  const pair = (name: string, value: string): object => ({ name, value });

  test.each([
    [
      "organization: acme; project: shop; build-id: 1234",
      ["organization", "acme"],
      ["project", "shop"],
      ["build-id", "1234"],
    ],
    ["project=a/b\njob-id=1", ["project", "a/b"], ["job-id", "1"]],
    ["  project :a/b ;\r\n; job-id : 1 ;", ["project", "a/b"], ["job-id", "1"]],
    ["pipeline: arn:aws:codepipeline:eu-west-1:1:x", ["pipeline", "arn:aws:codepipeline:eu-west-1:1:x"]],
    ["id=Sm9iLS0tMQ==", ["id", "Sm9iLS0tMQ=="]],
    ['job: "a; b, c"; queue-id: 1,2', ["job", '"a; b, c"'], ["queue-id", "1,2"]],
    ["run-id:", ["run-id", ""]],
    ["", ...[]],
  ] as [string, ...[string, string][]][])("%j", (text, ...pairs) => {
    expect(readPairs(text)).toEqual(pairs.map(([name, value]) => pair(name, value)));
  });

  test.each([
    ["4711", "has a part without a name"],
    ["project: a/b; 4711", "has a part without a name"],
    [": x", "has a part without a name"],
    ["a b: x", "has a part without a name"],
    ['job: "a', "has a quote that is not closed"],
  ])("%j is not in it", (text, problem) => {
    expect(readPairs(text)).toContain(problem);
  });

  test.each([
    ["1,2", ["1", "2"]],
    [" 3,1\n2 ,,\n1, 3 ", ["3", "1", "2", "1", "3"]],
    ['"a, b", c', ["a, b", "c"]],
    ['"say \\"hi\\" \\\\ bye"', ['say "hi" \\ bye']],
    ["'4711'", ["4711"]],
    ['4711"', ['4711"']],
    ["", []],
  ])("the list %j", (text, elements) => {
    expect(listOf(text)).toEqual(elements);
  });

  test("any value that is quoted comes out as it went in", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 50 }), (value) => {
        const quoted = `"${value.replace(/["\\]/g, "\\$&")}"`;
        const read = readPairs(`job: ${quoted}; build-number: 1`);

        expect(read).toEqual([pair("job", quoted), pair("build-number", "1")]);
        expect(listOf(quoted)).toEqual([value]);
        expect(unquoted(quoted)).toBe(value);
      }),
    );
  });
});

const targets = [...providers].flatMap(([provider, data]) =>
  [...entriesOf(provider, data).values()].map((entry) => ({ provider, target: entry.targetName, entry })),
);

/** A target that is at one server only is asked for there. */
const serverOf = ({ target: { server } }: Entry): string =>
  typeof server === "string" ? server : "https://ci.example.com";

describe("`ids`", () => {
  const region = "cn-north-4";

  test.each(targets)("$provider $target: is the same as the ids by name", ({ provider, entry }) => {
    const examples = Object.entries(entry.target.ids).map(([name, { example }]) => [name, example] as const);
    const where = { provider, "server-url": serverOf(entry), ...(provider === "codearts" && { region }) };
    const text = examples.map(([name, example]) => `${name}: ${example}`);
    const byName = names({ ...where, ...Object.fromEntries(examples) });

    expect(byName).toHaveLength(1);
    expect(names({ ...where, ids: text.join("; ") })).toEqual(byName);
    expect(names({ ...where, ids: text.join("\n").replaceAll(": ", "=") })).toEqual(byName);
    expect(names({ ...where, ids: text.join(";"), ...Object.fromEntries(examples) })).toEqual(byName);
  });

  test("may have a list as the last one", () => {
    const found = runs({ provider: "gitlab", ids: "project: a/b; job-id: 3, 1,3" });

    expect(found.map(({ ids }) => ids)).toEqual(["3", "1"].map((id) => ({ project: "a/b", "job-id": id })));
  });

  test.each([
    ["project: a/b; job-id: 1; project: a/b", "CANCEL_RUN_IDS: project is given twice"],
    ["project: c/d; job-id: 1", "CANCEL_RUN_PROJECT and project in CANCEL_RUN_IDS differ; give one of them"],
    ["4711", "CANCEL_RUN_IDS has a part without a name"],
    ["provider: gitlab", "CANCEL_RUN_IDS: provider is not an id; give it as CANCEL_RUN_PROVIDER"],
    [
      "https://gitlab.com/a/b/-/jobs/1",
      "CANCEL_RUN_IDS takes ids by name, such as job-id: 4711, and this is an address",
    ],
    ["jobid: 1", "(pipeline); did you mean CANCEL_RUN_JOB_ID?"],
    ["__proto__: 1", "CANCEL_RUN_IDS has a part without a name"],
    ["constructor: 1", "is not an id of this provider; provider gitlab takes"],
  ])("%j: says what is wrong", async (ids, line) => {
    expect(await complaint({ ...job, ids })).toContain(line);
  });

  test("that are empty are not given", async () => {
    expect(await complaint({ provider: "gitlab", ids: "project: a/b; job-id: ", token: secret })).toContain(
      "CANCEL_RUN_JOB_ID or CANCEL_RUN_PIPELINE_ID is missing",
    );
  });
});

test("the ids by name are those of version 0.1", () => {
  expect([...idInputNames].sort()).toEqual(
    "build-number deploy-id execution-id job job-id pipeline pipeline-id pipeline-run-id project project-id queue-id record-id repository run-attempt run-id task-id".split(
      " ",
    ),
  );
});
