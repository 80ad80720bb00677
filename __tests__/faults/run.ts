/**
 * Plays the matrix of faults: `npm run test:faults`, or `-- T4 proxy` for the rows and cases with these words in them.
 * Two programs side by side play every other case each; every case prints a line only if it fails.
 */
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { every, missing } from "./matrix.ts";
import { figures, soak } from "./soak.ts";

interface Played {
  readonly row: string;
  readonly name: string;
  readonly took: number;
  readonly problem?: string;
}

const players = 2;
/** A case that hangs fails. */
const longest = 60_000;

const chosen = process.argv.slice(2).filter((word) => !word.startsWith("--"));
const cases = every.filter(
  ({ row, name }) => chosen.length === 0 || chosen.some((word) => row === word || name.includes(word)),
);

async function play(at: number): Promise<Played> {
  const { row, name, play: body } = cases[at]!;
  const began = performance.now();
  let timer: NodeJS.Timeout | undefined;
  try {
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`it takes longer than ${longest / 1000} s`)), longest);
    });
    await Promise.race([body(), late]);
    return { row, name, took: performance.now() - began };
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    return { row, name, took: performance.now() - began, problem };
  } finally {
    clearTimeout(timer);
  }
}

async function perform(player: number): Promise<void> {
  for (let at = player; at < cases.length; at += players) process.send?.(await play(at));
  // A case that was given up on may have left something open.
  process.disconnect();
  process.exit();
}

async function direct(): Promise<void> {
  const played: Played[] = [];
  await Promise.all(
    Array.from({ length: players }, (_, player) => {
      const child = fork(fileURLToPath(import.meta.url), [`--player=${player}`, ...chosen]);
      child.on("message", (one: Played) => {
        played.push(one);
        if (one.problem === undefined) return;
        console.log(`not ok ${one.row}: ${one.name}`);
        console.log(one.problem.replaceAll(/^/gm, "  "));
      });
      return new Promise((resolve) => child.on("exit", resolve));
    }),
  );
  const lost = cases.length - played.length;
  if (lost > 0) console.log(`not ok: ${lost} cases were not played to their end`);
  const without = chosen.length === 0 ? missing() : [];
  for (const problem of without) console.log(`not ok: ${problem}`);
  const passed = played.filter(({ problem }) => problem === undefined).length;
  let failed = cases.length - passed + without.length;
  if (process.env["SLOW"])
    for (const { row, name, took } of [...played].sort((a, b) => b.took - a.took).slice(0, 15))
      console.log(`${Math.round(took)} ms ${row}: ${name}`);
  if (chosen.length === 0) {
    const endured = await soak(300, 1);
    for (const problem of endured.problems) console.log(`not ok soak: ${problem}`);
    console.log(figures(endured));
    if (endured.problems.length > 0) failed++;
  }
  console.log(`rows ${new Set(cases.map(({ row }) => row)).size}, cases ${cases.length}, passed ${passed}`);
  console.log(`${passed} passed, ${failed} failed, 0 skipped`);
  process.exitCode = failed > 0 ? 1 : 0;
}

const player = /^--player=(\d+)$/.exec(process.argv[2] ?? "")?.[1];
await (player === undefined ? direct() : perform(Number(player)));
