/** Many runs in one step: wall time, memory, and whether the cost grows with their number and no faster. */
import { readFileSync } from "node:fs";
import { maxRequests } from "../../src/http/lane.ts";
import { type Finding, growth, median, type Point, slope } from "./arithmetic.ts";
import { onGitLab, scratch, time } from "./program.ts";
import { listen, runs } from "./server.ts";

const latency = 50;
/** Look, cancel, look. */
const requestsPerRun = 3;

interface Usage {
  /** CPU time, in ms. */
  readonly cpu: number;
  /** The most memory that was alive at once, in kB; 0 where nobody looked. */
  readonly memory: number;
  readonly whole: number;
}

/** Cancels so many runs in one step, and tells what the process has used. */
async function cancelMany(node: string, count: number, wait: number, live = false): Promise<Usage> {
  const ids = Array.from({ length: count }, (_, at) => at + 1);
  const server = await listen(runs({ ids }), { latency: wait });
  const file = scratch("usage.json");
  // Memory is what lives: what waits for the garbage collector says nothing of a run. Looking costs time, so it is a pass of its own.
  const look = `setInterval(() => { gc(); const { heapUsed, external } = process.memoryUsage(); most = Math.max(most, (heapUsed + external) / 1024); }, 100).unref();`;
  const report = `import { writeFileSync } from "node:fs"; let most = 0; ${live ? look : ""} process.on("exit", () => { const { userCPUTime, systemCPUTime } = process.resourceUsage(); writeFileSync(${JSON.stringify(file)}, JSON.stringify({ cpu: (userCPUTime + systemCPUTime) / 1e3, memory: most })); });`;
  const { name, env, command } = onGitLab(node, server.url, { ids: ids.join() });
  const [program, ...rest] = command;
  try {
    const { whole } = await time({
      name: `${name} with ${count} runs`,
      env,
      command: [program!, "--expose-gc", "--import", `data:text/javascript,${encodeURIComponent(report)}`, ...rest],
    });
    if (server.requests.length !== count * requestsPerRun)
      throw new Error(`${count} runs took ${server.requests.length} requests, not ${requestsPerRun} each`);
    return { ...(JSON.parse(readFileSync(file, "utf8")) as Omit<Usage, "whole">), whole };
  } finally {
    await server.close();
  }
}

export interface Many {
  readonly steps: readonly { readonly count: number; readonly cpu: number; readonly memory: number }[];
  readonly findings: readonly Finding[];
}

export async function measureMany(node: string, counts: readonly number[], rounds: number): Promise<Many> {
  const steps: { count: number; cpu: number; memory: number }[] = [];
  for (const count of counts) {
    const usages: Usage[] = [];
    for (let round = 0; round < rounds; round++) usages.push(await cancelMany(node, count, 0));
    const { memory } = await cancelMany(node, count, 0, true);
    steps.push({
      count,
      cpu: median(usages.map(({ cpu }) => cpu)),
      memory,
    });
  }
  const count = 500;
  const { whole } = await cancelMany(node, count, latency);
  const least = Math.ceil(count / maxRequests) * latency * requestsPerRun;
  const points = (of: (step: (typeof steps)[number]) => number): Point[] =>
    steps.map((step) => ({ x: step.count, y: of(step) }));
  return {
    steps,
    findings: [
      {
        what: `${count} runs at ${latency} ms, time / least time (${least} ms)`,
        value: whole / least,
        unit: "",
        most: 1.3,
      },
      { what: "memory a run", value: slope(points(({ memory }) => memory)), unit: " kB", most: 10 },
      { what: "CPU time a run", value: slope(points(({ cpu }) => cpu)), unit: " ms" },
      {
        what: "growth of CPU time with the number of runs, as a power of it",
        value: growth(points(({ cpu }) => cpu)),
        unit: "",
        most: 1.2,
      },
    ],
  };
}
