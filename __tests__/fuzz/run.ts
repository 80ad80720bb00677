/**
 * `npm run fuzz` plays all fuzzers at their usual numbers, and then lets them look for planted faults; `-- --stories 50000
 * --seed 7` plays one at another number and by another seed, `-- --stories --seed 7 --only 123` a single case of it,
 * `-- --planted` looks for the planted faults alone.
 */
import { fork } from "node:child_process";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { compiled, type Engine, engineIn } from "./engine.ts";
import { type Kind, usual, what } from "./figures.ts";
import { plant, uproot } from "./copies.ts";
import { planted } from "./planted.ts";
import { trySelection } from "./selections.ts";
import { trySignal } from "./signals.ts";
import { trySocket } from "./sockets.ts";
import { tellStory } from "./stories.ts";

const kinds = Object.keys(usual) as Kind[];
/** Programs that one player lets run at the same time: they mostly wait. */
const atOnce: Readonly<Record<Kind, number>> = { stories: 1, selections: 1, sockets: 3, signals: 6 };
const players = Math.min(2, availableParallelism());
/** Cases that are shown of those that fail. */
const mostShown = 10;

type Try = (index: number) => Promise<readonly string[]>;

/** `copy`: the folder or the bundle that has a planted fault. */
async function tryOf(kind: Kind, seed: string, copy?: string): Promise<Try> {
  if (kind === "sockets") return (index) => trySocket(copy, seed, index);
  if (kind === "signals") return (index) => trySignal(copy, seed, index);
  const engine: Engine = await engineIn(copy ?? compiled);
  const play = kind === "stories" ? tellStory : trySelection;
  // What is loaded on first use takes its time, and simulated time must not pass by it.
  for (let at = 0; at < 6; at++) await tellStory(engine, "to be warm", at);
  return (index) => play(engine, seed, index);
}

// --- A player: a process of its own ---

interface Played {
  readonly index: number;
  readonly problems: readonly string[];
}

async function perform(kind: Kind, seed: string, count: number, player: number): Promise<void> {
  const play = await tryOf(kind, seed);
  let next = player;
  const one = async (): Promise<void> => {
    for (let index = next; index < count; index = next) {
      next += players;
      process.send?.({ index, problems: await play(index) } satisfies Played);
    }
  };
  await Promise.all(Array.from({ length: atOnce[kind] }, one));
  process.disconnect();
  process.exit();
}

/** Looks for planted faults: where the copy that has one fails, and the real thing does not. */
async function search(seed: string, player: number): Promise<void> {
  for (const [number, { by: kind }] of planted.entries()) {
    if (number % players !== player) continue;
    const began = performance.now();
    let [found, problem] = [-1, ""];
    try {
      const [copy, real] = [await tryOf(kind, seed, plant(number)), await tryOf(kind, seed)];
      for (let index = 0; index < usual[kind] && found < 0; index += atOnce[kind]) {
        const some = Array.from({ length: Math.min(atOnce[kind], usual[kind] - index) }, (_, at) => index + at);
        const results = await Promise.all(some.map(async (at) => [at, await copy(at)] as const));
        for (const [at, problems] of results)
          if (found < 0 && problems.length > 0 && (await real(at)).length === 0) [found, problem] = [at, problems[0]!];
      }
    } catch (error) {
      problem = error instanceof Error ? error.message : String(error);
    }
    process.send?.({ number, found, problem, took: performance.now() - began } satisfies Searched);
  }
  process.disconnect();
  process.exit();
}

interface Searched {
  readonly number: number;
  readonly found: number;
  readonly problem: string;
  readonly took: number;
}

// --- The director ---

interface Asked {
  readonly counts: Readonly<Partial<Record<Kind, number>>>;
  readonly seed: string;
  readonly only: number | undefined;
  readonly planted: boolean;
  readonly player: { readonly number: number; readonly of: Kind | "planted" } | undefined;
}

/** Throws for what is no option. */
function read(args: readonly string[]): Asked {
  const left = [...args];
  const counts: Partial<Record<Kind, number>> = {};
  let [seed, only, forPlanted, player]: [string, number | undefined, boolean, Asked["player"]] = [
    "1",
    undefined,
    false,
    undefined,
  ];
  const number = (): number | undefined => (/^\d+$/.test(left[0] ?? "") ? Number(left.shift()) : undefined);
  for (let arg = left.shift(); arg !== undefined; arg = left.shift()) {
    const kind = kinds.find((one) => arg === `--${one}`);
    if (kind) counts[kind] = number() ?? usual[kind];
    else if (arg === "--seed") seed = left.shift() ?? seed;
    else if (arg === "--only") only = number();
    else if (arg === "--planted") forPlanted = true;
    else if (arg === "--player") player = { number: number() ?? 0, of: left.shift() as Kind | "planted" };
    else throw new Error(`${arg} is no option`);
  }
  return { counts, seed, only, planted: forPlanted, player };
}

const asked = read(process.argv.slice(2));
let [passed, failed] = [0, 0];

/** Starts the players, and waits until all have gone. Resolves with false if one of them went in another way than at its end. */
async function withPlayers(
  of: Kind | "planted",
  more: readonly string[],
  tell: (message: unknown) => void,
): Promise<boolean> {
  const codes = await Promise.all(
    Array.from({ length: players }, (_, player) => {
      const child = fork(fileURLToPath(import.meta.url), ["--player", `${player}`, of, "--seed", asked.seed, ...more]);
      child.on("message", tell);
      return new Promise((resolve) => child.on("exit", resolve));
    }),
  );
  return codes.every((code) => code === 0);
}

function show(kind: Kind, { index, problems }: Played): void {
  console.log(`not ok: npm run fuzz -- --${kind} --seed ${asked.seed} --only ${index}`);
  for (const problem of problems.slice(0, asked.only === undefined ? 3 : problems.length))
    console.log(`  ${problem.slice(0, asked.only === undefined ? 600 : problem.length)}`);
}

async function playAll(kind: Kind, count: number): Promise<void> {
  const began = performance.now();
  const failures: Played[] = [];
  let played = 0;
  const whole = await withPlayers(kind, [`--${kind}`, `${count}`], (message) => {
    const one = message as Played;
    played++;
    if (one.problems.length > 0) failures.push(one);
  });
  failures.sort((a, b) => a.index - b.index);
  for (const one of failures.slice(0, mostShown)) show(kind, one);
  const lost = count - played;
  if (lost > 0 || !whole) console.log(`not ok: ${lost} ${kind} were not played to their end`);
  const of = (word: string): number =>
    failures.filter(({ problems }) => problems.some((one) => one.startsWith(word))).length;
  const bad = failures.length + Math.max(lost, whole ? 0 : 1);
  passed += count - bad;
  failed += bad;
  const seconds = ((performance.now() - began) / 1000).toFixed(0);
  console.log(
    `fuzz ${kind}: ${count} ${what[kind]}, seed ${asked.seed}: ${of("wrong")} wrong, ${of("lost") + lost} lost, ${of("leaked")} leaked, ${seconds} s`,
  );
}

async function lookForPlanted(): Promise<void> {
  const found = new Set<number>();
  await withPlayers("planted", [], (message) => {
    const { number, found: index, problem, took } = message as Searched;
    const { by, fault } = planted[number]!;
    if (index >= 0) found.add(number);
    else console.log(`not ok planted: ${by} do not find it if ${fault}${problem ? `: ${problem}` : ""}`);
    if (process.env["SLOW"])
      console.log(`${by}, ${fault}: case ${index}, ${Math.round(took)} ms: ${problem.slice(0, 150)}`);
  });
  uproot();
  passed += found.size;
  failed += planted.length - found.size;
  console.log(`fuzz planted: ${found.size} of ${planted.length} planted faults found`);
}

async function direct(): Promise<void> {
  if (asked.only !== undefined) {
    const index = asked.only;
    for (const kind of kinds.filter((one) => asked.counts[one] !== undefined)) {
      const problems = await (await tryOf(kind, asked.seed))(index);
      if (problems.length > 0) show(kind, { index, problems });
      if (problems.length > 0) failed++;
      else passed++;
    }
  } else {
    const isAll = Object.keys(asked.counts).length === 0 && !asked.planted;
    const counts = isAll ? usual : asked.counts;
    for (const kind of kinds) if (counts[kind] !== undefined) await playAll(kind, counts[kind]);
    if (isAll || asked.planted) await lookForPlanted();
  }
  console.log(`${passed} passed, ${failed} failed, 0 skipped`);
  process.exitCode = failed > 0 ? 1 : 0;
}

const { player } = asked;
if (player === undefined) await direct();
else if (player.of === "planted") await search(asked.seed, player.number);
else await perform(player.of, asked.seed, asked.counts[player.of]!, player.number);
