/** How long after a run has stopped that is known, and how many requests it takes: in simulated time, beside polling at fixed intervals. */
import { type Finding, median } from "./arithmetic.ts";
import { project, runs, token } from "./server.ts";
import { PassingTime, play } from "./simulated.ts";

/** When runs stop after their cancel, in s; for a median each is played at times around it, by chances around the middle. */
const stoppingTimes = [0.1, 0.3, 1, 3, 8, 15, 30, 60];
const around = [0.8, 0.9, 1, 1.1, 1.2];
const chances = [0, 0.25, 0.5, 0.75, 0.999];
const intervals = [5, 10];

/** In s, and as a number of requests: medians. */
export interface Watched {
  readonly late: number;
  readonly requests: number;
}

export interface PaceRow {
  readonly stopsAfter: number;
  readonly ours: Watched;
  /** In the order of `intervals`. */
  readonly polling: readonly Watched[];
}

export interface Pace {
  readonly intervals: readonly number[];
  readonly rows: readonly PaceRow[];
  readonly findings: readonly Finding[];
}

const inputs: Readonly<Record<string, string>> = {
  provider: "gitlab",
  "server-url": "https://gitlab.example",
  project,
  "job-id": "4711",
  token,
  timeout: "10m",
};

/** One run that stops so many ms after its cancel. */
async function watch(stopsAfter: number, chance: number): Promise<Watched> {
  const clock = new PassingTime(chance);
  const sent = await play({ inputs, clock, vendor: runs({ stopsAfter, clock }) });
  const asked = sent.find(({ method }) => method === "POST")!.at;
  return { late: sent.at(-1)!.at - asked - stopsAfter, requests: sent.length };
}

/** A look before the cancel, one right after it, and one at each interval. */
function poll(stopsAfter: number, interval: number): Watched {
  const looks = Math.ceil(stopsAfter / interval);
  return { late: looks * interval - stopsAfter, requests: 3 + looks };
}

function middle(all: readonly Watched[]): Watched {
  return { late: median(all.map(({ late }) => late)) / 1000, requests: median(all.map(({ requests }) => requests)) };
}

export async function measurePace(): Promise<Pace> {
  const rows: PaceRow[] = [];
  for (const stopsAfter of stoppingTimes) {
    const times = around.map((share) => stopsAfter * 1000 * share);
    const ours: Watched[] = [];
    for (const time of times) for (const chance of chances) ours.push(await watch(time, chance));
    rows.push({
      stopsAfter,
      ours: middle(ours),
      polling: intervals.map((interval) => middle(times.map((time) => poll(time, interval * 1000)))),
    });
  }
  const most: number[] = [];
  for (const time of [0, 500, 1000, 1500, 2000])
    for (const chance of chances) most.push((await watch(time, chance)).requests);
  return {
    intervals,
    rows,
    findings: [
      ...rows.map(({ stopsAfter, ours }) => ({
        what: `known after a run has stopped that takes ${stopsAfter} s to stop`,
        value: ours.late,
        unit: " s",
        most: Math.max(0.2 * stopsAfter, 0.4),
        counted: true as const,
      })),
      {
        what: "requests for a run that stops within 2 s, at most",
        value: Math.max(...most),
        unit: "",
        most: 7,
        counted: true,
      },
    ],
  };
}
