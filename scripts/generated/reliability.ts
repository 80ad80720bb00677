import { differences, groups, type Row } from "../../__tests__/faults/rows.ts";
import { type Kind, usual, what } from "../../__tests__/fuzz/figures.ts";
import { planted } from "../../__tests__/fuzz/planted.ts";
import type { Comparison } from "../../__tests__/real/official.ts";
import type { Figures } from "../../__tests__/real/soak.ts";
import { code, table } from "./markdown.ts";

const folder = "__tests__/faults";
/** How the soak counts a step without a report. */
const unsaid = "nothing said";

/** `read` returns a file of the repository: the page links to the lines where the cases of a row begin. */
export function reliabilityPage(read: (path: string) => string | undefined): string {
  const sections = groups.map(({ file, title, rows }) => {
    const lines = (read(`${folder}/${file}`) ?? "").split("\n");
    return `## ${title}\n\n${table(
      ["", "Fault", "What happens"],
      rows.map((row) => [link(row, file, lines), row.fault, row.happens]),
    )}`;
  });
  const total = Object.values(usual)
    .reduce<number>((sum, count) => sum + count, 0)
    .toLocaleString("en-US");
  return `<!-- Made by \`npm run generate\` from ${folder}/rows.ts. -->

# What happens when things go wrong

A cancel step runs when things already go wrong. This is every fault that we know of, and what cancel-run does about it. Each number
leads to the cases that show it: they run \`dist/index.js\` as a program against a real server on loopback that has the fault, and check
exit code, outcome, every request and its time, and that a secret shows up in no byte that is left. \`npm run test:faults\` plays
them all, \`npm run test:faults -- H13 proxy\` those of a row or with a word in their names; \`npm run soak\` stops 2,000 runs on a
server on which one request in twenty goes wrong.

The rules behind it, in one place each: [the retry policy](../src/http/retry.ts), [what counts as an answer](../src/http/client.ts),
[what becomes of a run](../src/engine/story.ts), [who gets a credential](../src/engine/credentials.ts). Against whom all this stands is
in the [threat model](threat-model.md).

${sections.join("\n\n")}

## What nobody has thought of

\`npm run fuzz\` plays random cases. Nothing of the product judges them: what a step says of a run is held against the vendor's own
record of it, and what a selection chooses against a second reading of its words. A wrong outcome, a request that breaks a rule, a run
without a record, or part of a secret in anything that is written fails the suite, which prints the command that shows it again.

It is one of the checks of every change, so these are the figures of this one: of ${total} cases 0 wrong, 0 lost and 0 leaked, and
${planted.length} of ${planted.length} faults found that were planted to test the fuzzers. \`npm run fuzz -- --seed 7\` plays other cases.

${table(
  ["What is played", "How many", "Planted faults that it must find"],
  (Object.keys(usual) as Kind[]).map((kind) => [
    what[kind].replace(/^./, (first) => first.toUpperCase()),
    usual[kind].toLocaleString("en-US"),
    `${planted.filter(({ by }) => by === kind).length}`,
  ]),
)}

## On real servers

\`npm run test:real\` starts servers that nobody here wrote (Buildbot, Prefect, Airflow, Dagster, Gitea and its runner, moto, which plays
AWS, and Prism, which plays a vendor's OpenAPI document), gives them something long to run, and stops it with \`dist/index.js\`. Whether
it has stopped is read from the server, from the worker's process and from what the work has written.

${soak(JSON.parse(read("__tests__/real/soak.json") ?? "null") as Figures | null)}

${official(JSON.parse(read("__tests__/real/official.json") ?? "[]") as Comparison[])}

## Where usual advice does not fit

${differences.map(({ id, why }) => `- **${id}** ${why}`).join("\n")}
`;
}

/** What `npm run test:real -- soak --record` has seen. */
function soak(figures: Figures | null): string {
  if (figures === null) return "";
  const { runs, seed, servers, outcomes, interrupted, wrong, minutes } = figures;
  return `Its soak starts runs on ${servers} at once, and stops them at moments of chance, with a SIGTERM to the step in between.
Each outcome is held against the server's own record. The last one that was recorded, with seed ${seed}: ${runs} runs in ${minutes} minutes,
${interrupted} of the steps told to stop, **${wrong} wrong**.

${table(
  ["What the step said", "How often"],
  Object.entries(outcomes).map(([outcome, times]) => [
    outcome === unsaid ? "nothing: it was killed before Node.js had read the program" : code(outcome),
    `${times}`,
  ]),
)}`;
}

/** What `npm run test:real -- official --record` has seen. */
function official(comparisons: readonly Comparison[]): string {
  const said = ({ says, code: exit }: Comparison["ours"]): string => `${code(says)}, ${exit}`;
  const programs = [...new Set(comparisons.map(({ program }) => program))];
  return `Beside the vendors' own command lines, at the same servers and with runs that were made alike (\`npm run test:real -- official\`):
what each of the two says and exits with, and what the server had on record by then. AWS is moto, and GitHub a stand-in of ours.

${programs
  .map((program) => {
    const rows = comparisons.filter((comparison) => comparison.program === program);
    return `${code(program)}:\n\n${table(
      ["The run", "It says, and its exit code", "On record then", "We say, and our exit code", "On record then"],
      rows.map(({ run, theirs, ours }) => [run, said(theirs), theirs.record, said(ours), ours.record]),
    )}`;
  })
  .join("\n\n")}`;
}

function link({ id }: Row, file: string, lines: readonly string[]): string {
  const at = lines.findIndex((line) => line.startsWith(`  ${id}: `)) + 1;
  if (at === 0) throw new Error(`${folder}/${file} has no cases for ${id}`);
  return `[${code(id)}](../${folder}/${file}#L${at})`;
}
