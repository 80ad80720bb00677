/** What a selection chooses is what its words say, as a second reading of them has it that shares nothing with the first. */
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { SimulatedClock } from "../support/clock.ts";
import { at, GitHubForge, type GitHubRun, gitHubRun, here, start } from "../support/forge.ts";
import { onGitHub, step } from "../support/step.ts";

const now = Date.parse("2026-01-02T03:04:05Z");

const branches = ["main", "dev", "release/1", "release/2"];
const shas = [
  "1f2e3d4c5b6a79880011223344556677889900aa",
  "1f2e3d4c5b6a79880011223344556677889900bb",
  "acb5820ced9479c074f688cc328bf03f341a511d",
];
const files = ["ci.yml", "lint.yml", "deploy-eu.yml", "deploy-us.yml"];
const events = ["push", "pull_request", "schedule"];
const forks = [
  { id: here, full_name: "octo-org/octo-repo" },
  { id: 2, full_name: "Octocat/octo-repo" },
  { id: 3, full_name: "acme/shop" },
];
const ways = [
  { status: "queued", conclusion: null, state: "queued" },
  { status: "in_progress", conclusion: null, state: "running" },
  { status: "waiting", conclusion: null, state: "blocked" },
  { status: "completed", conclusion: "action_required", state: "blocked" },
  { status: "completed", conclusion: "success", state: "succeeded" },
];

const someRun = fc.record({
  way: fc.constantFrom(...ways),
  branch: fc.constantFrom(...branches),
  sha: fc.constantFrom(...shas),
  file: fc.constantFrom(...files),
  event: fc.constantFrom(...events),
  fork: fc.constantFrom(...forks, null),
  seconds: fc.integer({ min: 0, max: 200 }),
});
type SomeRun = typeof someRun extends fc.Arbitrary<infer T> ? T : never;

const termsOf = (...words: string[]): fc.Arbitrary<string[]> =>
  fc.subarray([...words, ...words.map((word) => `^${word}`)], { minLength: 1, maxLength: 3 });

const everything = fc.record({
  branch: termsOf("main", "release/*", "*", "dev", "release/1").filter((words) =>
    words.some((word) => !word.startsWith("^")),
  ),
  commit: termsOf("*", "1f2e3d4", shas[0]!, shas[2]!, "*aa"),
  workflow: termsOf("ci.yml", "deploy-*.yml", "*", ".github/workflows/lint.yml"),
  event: termsOf("push", "pull_*", "*"),
  "head-repository": termsOf("*", "octocat/*", "acme/shop").filter((words) =>
    words.some((word) => !word.startsWith("^")),
  ),
  status: fc.subarray(["queued", "running", "blocked"], { minLength: 1 }),
  "older-than": fc.integer({ min: 1, max: 400 }),
  "older-than-this": fc.constant(true),
  "keep-newest": fc.integer({ min: 1, max: 2 }),
  orphaned: fc.constant(true),
});

type Everything = typeof everything extends fc.Arbitrary<infer T> ? T : never;

/** Of all that can be asked three things at most, so that something is left to choose. */
const someSelection = everything.chain((all) =>
  fc
    .subarray(Object.keys(all) as (keyof Everything)[], { minLength: 1, maxLength: 3 })
    .map((keys): Partial<Everything> => Object.fromEntries(keys.map((key) => [key, all[key]]))),
);
type SomeSelection = typeof someSelection extends fc.Arbitrary<infer T> ? T : never;

/** The answer of somebody who reads the words one by one. `null`: nobody can tell. */
type Verdict = boolean | null;

/** As the documentation says it, in regular expressions. */
const like = (word: string, text: string): boolean =>
  new RegExp(`^${word.replace(/[.+?^${}()|[\]\\/]/g, "\\$&").replaceAll("*", ".*")}$`).test(text);

function meant(words: string[] | undefined, texts: string[], same = like): boolean {
  if (words === undefined) return true;
  let among = words.every((word) => word.startsWith("^"));
  for (const word of words) {
    if (word.startsWith("^")) continue;
    if (texts.some((text) => same(word, text))) among = true;
  }
  for (const word of words) if (word.startsWith("^") && texts.some((text) => same(word.slice(1), text))) return false;
  return among;
}

const open = { branch: "dev", fork: here };
const living = ["main", "release/1"];

function verdict(run: SomeRun, id: number, asked: SomeSelection, own: SomeRun, ownId: number): Verdict {
  const verdicts: Verdict[] = [];
  verdicts.push((asked.status ?? ["queued", "running", "blocked", "cancelling"]).includes(run.way.state));
  verdicts.push(meant(asked.branch, [run.branch]));
  verdicts.push(
    meant(asked.commit, [run.sha], (word, text) => (word.includes("*") ? like(word, text) : text.startsWith(word))),
  );
  verdicts.push(meant(asked.workflow, [run.file, `.github/workflows/${run.file}`]));
  verdicts.push(meant(asked.event, [run.event]));
  const repositories = asked["head-repository"];
  if (repositories !== undefined) {
    const all = repositories.includes("*") && !repositories.some((word) => word.startsWith("^"));
    if (!all) verdicts.push(run.fork === null ? null : meant(repositories, [run.fork.full_name.toLowerCase()]));
  }
  // Forks are no orphans, whatever else is asked for.
  if (asked.orphaned || (repositories === undefined && asked.branch !== undefined))
    verdicts.push(run.fork === null ? null : run.fork.id === here);
  const began = start + run.seconds * 1000;
  if (asked["older-than"] !== undefined) verdicts.push(now - began > asked["older-than"] * 1000);
  if (asked["older-than-this"] && id !== ownId)
    verdicts.push(run.seconds < own.seconds || (run.seconds === own.seconds && id < ownId));
  if (asked.orphaned) {
    const isOpen = run.branch === open.branch && run.fork?.id === open.fork;
    verdicts.push(run.event === "pull_request" ? !isOpen : !living.includes(run.branch));
  }
  return verdicts.includes(false) ? false : verdicts.includes(null) ? null : true;
}

function chosenOf(runs: readonly SomeRun[], asked: SomeSelection): string[] {
  const own = runs[0]!;
  const idOf = (run: SomeRun): number => 100 + runs.indexOf(run);
  let chosen = runs.filter((run) => verdict(run, idOf(run), asked, own, 100) === true);
  const keep = asked["keep-newest"];
  if (keep !== undefined) {
    const group = (run: SomeRun): string => [run.file, run.fork?.id, run.branch, run.event].join(" ");
    const newer = (run: SomeRun, than: SomeRun): boolean =>
      run.seconds > than.seconds || (run.seconds === than.seconds && idOf(run) > idOf(than));
    const counted = chosen.includes(own) ? chosen : [...chosen, own];
    chosen = chosen.filter(
      (run) => counted.filter((other) => group(other) === group(run) && newer(other, run)).length >= keep,
    );
  }
  return chosen.filter((run) => run !== own).map((run) => `${idOf(run)}`);
}

const shown = (run: SomeRun, index: number): GitHubRun =>
  gitHubRun(100 + index, {
    status: run.way.status,
    conclusion: run.way.conclusion,
    head_branch: run.branch,
    head_sha: run.sha,
    path: `.github/workflows/${run.file}`,
    name: `Run ${index}`,
    workflow_id: 9_000_000 + files.indexOf(run.file),
    event: run.event,
    head_repository: run.fork,
    run_started_at: at(run.seconds),
  });

function inputsOf(asked: SomeSelection): Record<string, string> {
  const inputs: Record<string, string> = {};
  for (const [name, value] of Object.entries(asked))
    if (Array.isArray(value)) inputs[name] = value.join(["workflow", "event", "status"].includes(name) ? ", " : " ");
    else inputs[name] = name === "older-than" ? `${value}s` : `${value}`;
  return asked.branch === undefined && asked.commit === undefined ? { ...inputs, commit: "*" } : inputs;
}

describe("random runs and random selections", () => {
  test("what is chosen is what the words say", async () => {
    let [selections, chosen] = [0, 0];
    await fc.assert(
      fc.asyncProperty(fc.array(someRun, { minLength: 1, maxLength: 12 }), someSelection, async (runs, asked) => {
        // The step is part of a run of this repository that goes on.
        const all = [{ ...runs[0]!, way: ways[1]!, fork: forks[0]! }, ...runs.slice(1)];
        const clock = new SimulatedClock();
        const forge = new GitHubForge(clock, all.map(shown));
        for (const name of living) forge.branches.add(name);
        const head = { label: `octo-org:${open.branch}`, ref: open.branch, repo: { id: open.fork } };
        forge.pulls.set(13, { number: 13, state: "open", head });
        const { report } = await step(
          {
            provider: "github",
            repository: "octo-org/octo-repo",
            "max-runs": "999",
            "dry-run": "true",
            ...inputsOf(asked),
          },
          { clock, transport: forge, env: onGitHub(100) },
        );

        const expected = chosenOf(all, asked);
        const actual = report.runs.filter(({ outcome }) => outcome === "would-cancel").map(({ ids }) => ids["run-id"]);
        expect([...actual].sort()).toEqual([...expected].sort());
        selections++;
        chosen += expected.length;
      }),
      { numRuns: 400 },
    );

    // A test in which nothing is ever chosen would show nothing.
    expect(chosen).toBeGreaterThan(selections / 4);
  });
});
