/**
 * Measures what docs/performance.md says, side by side with baselines, and writes that page.
 * Fails when a figure is out of its bounds. With --short: fewer rounds, no page, and no failure for a time.
 */
import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { bundle as makeBundle } from "../bundle.ts";
import { figure, type Finding, isOut, sentence } from "./arithmetic.ts";
import { measureBudget } from "./budget.ts";
import { measureMany } from "./many.ts";
import { fetchRuntime, here, type Node } from "./node.ts";
import { measureOfficial } from "./official.ts";
import { measurePace } from "./pace.ts";
import { ms, page, type Section, sections } from "./page.ts";
import { countRequests } from "./requests.ts";
import { sizes, total } from "./size.ts";
import { type Comparison, measureCancel, measureProviders, measureStart, measureTen, measureWays } from "./start.ts";

const short = process.argv.includes("--short");
const rounds = short ? 5 : 31;
const fewer = short ? 2 : 11;
const runtime = short || here.judged ? undefined : fetchRuntime();
const nodes = runtime ? [here, runtime] : [here];
const { path: node, judged } = nodes.at(-1)!;

interface Measured {
  readonly section: Section;
  readonly measure: (on: Node) => Promise<Comparison>;
}

const findings: Finding[] = [];
function tell(...found: readonly Finding[]): void {
  findings.push(...found);
  for (const one of found) console.log(`  ${sentence(one)}`);
}

function print(title: string, { rows, findings: found }: Comparison): void {
  console.log(`\n${title}`);
  for (const { name, first, cpu, whole, ratios } of rows) {
    const times = `first request ${ms(first).padStart(5)} ms  CPU ${ms(cpu).padStart(5)} ms  whole ${ms(whole).padStart(5)} ms`;
    const compared = Object.entries(ratios).map(([baseline, ratio]) => `/ ${baseline} ${figure(ratio)}`);
    console.log(`  ${name.padEnd(20)} ${times}  ${compared.join("  ")}`);
  }
  tell(...found);
}

/** The same program with four providers. */
async function withFour(): Promise<string> {
  const folder = "lib/few";
  rmSync(folder, { recursive: true, force: true });
  cpSync("lib/src", folder, { recursive: true, filter: (path) => !path.includes("node_modules") });
  const isOther = /^ {4}\[?"?(?!(?:codearts|github|gitlab|gorules)\b)[\w-]+"?(?:, \{|: \(\) => import\()/;
  for (const file of [`${folder}/providers/manifest.js`, `${folder}/providers/index.js`]) {
    const lines = readFileSync(file, "utf8").split("\n");
    writeFileSync(file, lines.filter((line) => !isOther.test(line)).join("\n"));
  }
  const { code } = await makeBundle(folder);
  writeFileSync(`${folder}/bundle.js`, code);
  return `${folder}/bundle.js`;
}

console.log(`cancel-run bench, ${nodes.map(({ version }) => `Node ${version}`).join(" and ")}, ${rounds} rounds`);
if (!judged)
  console.log(
    "Starts are held against bounds on the Node of the action only, which is not here: they are for reading.",
  );

/** Each on every Node. */
const comparisons: readonly Measured[] = [
  { section: "start", measure: (on) => measureStart(on, rounds) },
  { section: "cancel", measure: (on) => measureCancel(on, rounds) },
  { section: "startOverTls", measure: (on) => measureStart(on, rounds, true) },
  { section: "cancelOverTls", measure: (on) => measureCancel(on, rounds, true) },
  { section: "ten", measure: (on) => measureTen(on, fewer, 0) },
  { section: "tenFarAway", measure: (on) => measureTen(on, fewer, 50) },
];
const compared = new Map<Section, ReadonlyMap<Node, Comparison>>();
for (const { section, measure } of comparisons) {
  const onNode = new Map<Node, Comparison>();
  for (const on of nodes) {
    onNode.set(on, await measure(on));
    print(`${sections[section].title}, Node ${on.version}`, onNode.get(on)!);
  }
  compared.set(section, onNode);
}

console.log("\nThrough a proxy, and with an authority of one's own");
tell(...(await measureWays(nodes.at(-1)!, fewer)));

console.log("\nFrom stopped to known, s (requests)");
const pace = await measurePace();
for (const { stopsAfter, ours, polling } of pace.rows) {
  const others = polling.map(
    ({ late, requests: sent }, at) => `every ${pace.intervals[at]!} s ${figure(late)} (${sent})`,
  );
  console.log(
    `  after ${`${stopsAfter}`.padStart(4)} s: ${[`ours ${figure(ours.late)} (${ours.requests})`, ...others].join("  ")}`,
  );
}
tell(...pace.findings);

console.log("\nMany runs in one step");
const many = await measureMany(node, short ? [10, 100, 1000] : [10, 100, 500, 1000, 2000, 5000, 10_000], short ? 1 : 3);
for (const { count, cpu, memory } of many.steps)
  console.log(
    `  ${`${count}`.padStart(5)} runs: CPU ${cpu.toFixed(0)} ms, live memory ${(memory / 1024).toFixed(0)} MiB`,
  );
tell(...many.findings, await measureBudget());

console.log("\nRequests");
const requests = await countRequests(node);
tell(...requests.findings);
for (const { name, methods } of requests.perTarget)
  console.log(`  ${name.padEnd(32)} ${methods.length}: ${methods.join(" ")}`);

console.log("\nThe bundle");
const parts = sizes();
for (const { name, bytes } of parts) console.log(`  ${name.padEnd(24)} ${(bytes / 1000).toFixed(0).padStart(5)} kB`);
const { devDependencies } = JSON.parse(readFileSync("package.json", "utf8")) as {
  devDependencies: Record<string, string>;
};
const strangers = parts.filter(({ name }) => !["cancel-run", "ncc", ...Object.keys(devDependencies)].includes(name));
tell(
  { what: "the bundle", value: total(parts) / 1000, unit: " kB" },
  {
    what: "packages in the bundle that are no dependency of ours",
    value: strangers.length,
    unit: "",
    most: 0,
    counted: true,
  },
);
if (!short) tell(await measureProviders(nodes.at(-1)!, rounds, await withFour()));

const official = short ? [] : await measureOfficial(node, Math.min(rounds, 11));
for (const line of official) console.log(`\n${line}`);

const out = findings.filter(isOut);
if (!short)
  writeFileSync(
    "docs/performance.md",
    await page({ rounds, findings, compared, pace, many, requests, parts, official }),
  );
console.log(
  out.length === 0
    ? "\nAll figures that have bounds are in them."
    : `\nOut of bounds:\n${out.map((one) => `  ${sentence(one)}`).join("\n")}`,
);
if (short ? out.some(({ counted }) => counted) : out.length > 0 || !judged) process.exitCode = 1;
