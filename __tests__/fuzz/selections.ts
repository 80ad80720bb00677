/** Random lists of runs and random selections of them, held against a naive reading of the documentation's words. */
import { Chance } from "./chance.ts";
import type { Engine } from "./engine.ts";
import { Forge } from "./forge.ts";
import { meant, misuse, outcomeOf } from "./meaning.ts";
import { canary } from "./secret.ts";
import { type Asked, here, type World, worldBy } from "./selection-world.ts";
import { inTerminal, type Played } from "./terminal.ts";
import { SimulatedTime } from "./time.ts";

/** As a user writes it. */
function flagsOf({ vendor, asked, dryRun }: World): string[] {
  const separator = (name: string): string => (["workflow", "event", "status"].includes(name) ? ", " : " ");
  const text = (name: string, value: Asked[keyof Asked]): string =>
    Array.isArray(value) ? value.join(separator(name)) : `${String(value)}${name === "older-than" ? "s" : ""}`;
  const given = Object.entries(asked) as [string, Asked[keyof Asked]][];
  return [
    `--provider=${vendor}`,
    ...given.flatMap(([name, value]) =>
      Array.isArray(value) && value.length === 0 ? [] : `--${name}=${text(name, value)}`,
    ),
    "--timeout=24h",
    ...(dryRun ? ["--dry-run"] : []),
  ];
}

const environmentOf = ({ vendor, own }: World): Record<string, string> => ({
  CANCEL_RUN_TOKEN: canary,
  ...(vendor === "github"
    ? {
        GITHUB_ACTIONS: "true",
        GITHUB_SERVER_URL: "https://github.com",
        GITHUB_API_URL: "https://api.github.com",
        GITHUB_REPOSITORY: "acme/shop",
        GITHUB_RUN_ID: `${own.id}`,
      }
    : {
        CI_SERVER_URL: "https://gitlab.com",
        CI_API_V4_URL: "https://gitlab.com/api/v4",
        CI_PROJECT_PATH: "acme/shop",
        CI_PROJECT_ID: `${here}`,
        CI_PIPELINE_ID: `${own.id}`,
        CI_JOB_ID: "99",
      }),
});

const inOrder = (ids: Iterable<number>): number[] => [...new Set(ids)].sort((a, b) => a - b);

/** What the step has done, and said, that was not meant. */
function judge(world: World, forge: Forge, { report, exit }: Played): string[] {
  const ids = meant(world);
  if (misuse(world)) return exit === 2 && forge.requests.length === 0 ? [] : [`exit ${exit} of what is wrong usage`];
  if (report === undefined) return [];
  const { outcome, runs } = report;
  const isBroken = world.broken !== undefined && outcome === "failed";
  if (typeof ids === "string" || isBroken) {
    const expected = typeof ids === "string" ? ids : "failed";
    return outcome === expected && forge.cancelled.length === 0 ? [] : [`${outcome} where it is ${expected}`];
  }
  const idName = world.vendor === "github" ? "run-id" : "pipeline-id";
  const outcomes = new Map(runs.map((one) => [Number(one.ids[idName]), one.outcome]));
  const problems: string[] = [];
  // Of a tag that is gone only a look says that the run is for it.
  const isDoubtful = (id: number): boolean =>
    world.runs.find((run) => run.id === id)!.isTag && ["spared", "already-finished"].includes(outcomes.get(id)!);
  const told = inOrder(outcomes.keys()).filter((id) => ids.includes(id) || !isDoubtful(id));
  if (told.join() !== ids.join()) problems.push(`meant ${ids.join()}, chosen ${told.join()}`);
  const lost = ids.filter((id) => !outcomes.has(id));
  for (const id of ids) {
    const expected = outcomeOf(
      world,
      world.runs.find((run) => run.id === id)!,
    );
    const said = outcomes.get(id);
    if (said !== undefined && said !== expected) problems.push(`${id} is ${said}, not ${expected}`);
  }
  const stopped = ids.filter((id) => outcomes.get(id) === "cancelled");
  const cancelled = inOrder(forge.cancelled);
  if (cancelled.join() !== stopped.join()) problems.push(`told ${stopped.join()}, cancelled ${cancelled.join()}`);
  const expected = stepOf([...outcomes.values()]);
  if (outcome !== expected) problems.push(`the step is ${outcome}, not ${expected}`);
  if (exit !== 0) problems.push(`exit ${exit}`);
  return [...problems, ...(lost.length > 0 ? [`lost: ${lost.join()}`] : [])];
}

/** The outcome of the step: what its runs have in common, but for those that were spared as they were meant to be. */
function stepOf(outcomes: readonly string[]): string {
  if (outcomes.length === 0) return "nothing";
  const others = [...new Set(outcomes.filter((one) => one !== "spared"))];
  if (others.length === 0) return "spared";
  return others.length === 1 ? others[0]! : "mixed";
}

export async function trySelection(engine: Engine, seed: string, index: number): Promise<string[]> {
  const world = worldBy(seed, index);
  const time = new SimulatedTime(new Chance("jitter", seed, index));
  const forge = new Forge(world);
  const args = flagsOf(world);
  try {
    const played = await inTerminal(engine, { args, env: environmentOf(world), time, transport: forge });
    const { report, exit, said, leaks } = played;
    const { own, tags, living, requests, broken, runs } = world;
    const about = { own, tags, living, requests, broken, ...(runs.length < 30 && { runs }) };
    const problems = judge(world, forge, played).map((problem) => {
      const kind = problem.startsWith("lost") ? "" : "wrong: ";
      return `${kind}${problem} | ${args.join(" ")} | ${said.slice(-700).replaceAll("\n", " / ")} | ${JSON.stringify(about)}`;
    });
    if (report === undefined && exit !== 2) problems.push(`lost: no report (exit ${exit}): ${said}`);
    return [...problems, ...forge.problems, ...leaks];
  } catch (error) {
    return [`lost: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`];
  }
}
