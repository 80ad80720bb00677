/** Start, and one cancel: wall time beside that of one line of built-in fetch. */
import { type Finding, median, pairedRatio } from "./arithmetic.ts";
import {
  bare,
  bundle,
  compare,
  curl,
  fetching,
  hasProgram,
  inTerminal,
  onGitHub,
  onGitLab,
  type Program,
  type Timing,
} from "./program.ts";
import type { Node } from "./node.ts";
import { listen, project, runs } from "./server.ts";

const job = `/api/v4/projects/${encodeURIComponent(project)}/jobs/4711`;

export interface Row {
  readonly name: string;
  /** Medians in ms; `first` is NaN where nothing is sent, `cpu` where it is not known. */
  readonly first: number;
  readonly cpu: number;
  readonly whole: number;
  /** To each baseline, pair by pair; of the whole times where one of the two sends nothing. */
  readonly ratios: Readonly<Record<string, number>>;
}

export interface Comparison {
  readonly rows: readonly Row[];
  readonly findings: readonly Finding[];
}

/** From the start of the process to its first request on the wire. */
export async function measureStart({ path: node, version, judged }: Node, rounds: number): Promise<Comparison> {
  const server = await listen(runs({ over: true }));
  const fetched = fetching(node, `${server.url}${job}`);
  const ours = [onGitHub(node, server.url), onGitLab(node, server.url), inTerminal(node, server.url)];
  const others = [fetched, bare(node), ...(hasProgram("curl") ? [curl(`${server.url}${job}`)] : [])];
  const timings = await compare([...ours, ...others], rounds, server);
  await server.close();
  return table(timings, others, ours, ({ first }) => first, 1, judged, `start to first request on Node ${version}`);
}

/** Look, cancel, look: three requests, and the process over. */
export async function measureCancel({ path: node, version, judged }: Node, rounds: number): Promise<Comparison> {
  const play = runs();
  const server = await listen(play);
  const fetched = fetching(node, `${server.url}${job}`, ["GET", "POST", "GET"]);
  const ours = [onGitHub(node, server.url), onGitLab(node, server.url)];
  const timings = await compare([...ours, fetched], rounds, server, () => {
    play.reset();
  });
  await server.close();
  return table(timings, [fetched], ours, ({ whole }) => whole, 1.6, judged, `one confirmed cancel on Node ${version}`);
}

/** The first of the baselines is the one that is judged by. */
function table(
  timings: ReadonlyMap<string, readonly Timing[]>,
  baselines: readonly Program[],
  ours: readonly Program[],
  figure: (timing: Timing) => number,
  most: number,
  judged: boolean,
  what: string,
): Comparison {
  const ratio = (all: readonly Timing[], base: readonly Timing[]): number => {
    const some = [...all, ...base].some((timing) => Number.isNaN(figure(timing)));
    const pick = some ? ({ whole }: Timing) => whole : figure;
    return pairedRatio(all.map(pick), base.map(pick));
  };
  const rows = [...timings].map(([name, all]) => ({
    name,
    first: median(all.map(({ first }) => first)),
    cpu: median(all.map(({ cpu }) => cpu)),
    whole: median(all.map(({ whole }) => whole)),
    ratios: Object.fromEntries(baselines.map((base) => [base.name, ratio(all, timings.get(base.name)!)])),
  }));
  const findings = rows
    .filter(({ name }) => ours.some((program) => program.name === name))
    .map(({ name, ratios }) => ({
      what: `${what}, ${name} / ${baselines[0]!.name}`,
      value: ratios[baselines[0]!.name]!,
      unit: "",
      ...(judged && { most }),
    }));
  return { rows, findings };
}

/** Start with few providers beside start with all. */
export async function measureProviders({ path: node, judged }: Node, rounds: number, few: string): Promise<Finding> {
  const server = await listen(runs({ over: true }));
  const programs = [onGitLab(node, server.url, "4711", bundle, "all"), onGitLab(node, server.url, "4711", few, "few")];
  const timings = await compare(programs, rounds, server);
  await server.close();
  const first = (name: string): number[] => timings.get(name)!.map((timing) => timing.first);
  return {
    what: "start with all providers / with four",
    value: pairedRatio(first("all"), first("few")),
    unit: "",
    ...(judged && { most: 1.05 }),
  };
}
