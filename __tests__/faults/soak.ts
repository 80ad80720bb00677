/**
 * Many runs on one server on which one request in twenty goes wrong. The server knows what became of each run, and so must we.
 * Which request goes wrong, and how, follows from the seed, the run and how often it was asked about.
 */
import { createHash } from "node:crypto";
import { canary, closeServers, Server, type Wire } from "../support/servers.ts";
import { answer, cut, doneBut, halved, hang, raw, reset, run, text, zipped } from "./trial.ts";

type Fate = "stops" | "over" | "ends" | "goes-on" | "gone" | "forbidden";

/** Of so many runs: what is in store for them. The others stop. */
const fates: readonly (readonly [number, Fate])[] = [
  [20, "over"],
  [23, "ends"],
  [29, "gone"],
  [31, "forbidden"],
  [199, "goes-on"],
];

const expected: Readonly<Record<Fate, string>> = {
  stops: "cancelled",
  over: "already-finished",
  ends: "finished-anyway",
  gone: "not-found",
  forbidden: "refused",
  "goes-on": "still-running",
};

const everyWay: Readonly<Record<string, Wire>> = {
  reset,
  "reset after it was done": doneBut(reset),
  "cut in the answer": cut,
  "half a JSON": halved,
  "half a gzip": zipped(60),
  "no answer": hang,
  "no HTTP": raw("garbage\r\n\r\n"),
  "a login page": text("<title>Sign in</title>"),

  // A cancel that is answered with some JSON, or with nothing, counts as accepted, so it is: the looks must see it.
  "an empty page": doneBut(text("", "text/plain")),
  "another shape": doneBut(answer(200, { data: null })),
  "a word that nobody knows": (response, vendor, request) =>
    answer(200, { ...(vendor().body as object), status: "hibernating" })(response, vendor, request),
  408: answer(408),
  500: answer(500),
  "500 after it was done": doneBut(answer(500)),
  502: answer(502, "<html>Bad gateway</html>", { "content-type": "text/html" }),
  503: answer(503, {}, { "retry-after": "3" }),
  429: answer(429, {}, { "retry-after": "2" }),
};
const ways = Object.entries(everyWay);
/** Behind these, a refusal or an end cannot be seen. */
const yes = ["an empty page", "another shape", "a word that nobody knows"];

export interface Soak {
  readonly runs: number;
  readonly requests: number;
  readonly faults: number;
  readonly kinds: number;
  /** MB */
  readonly peak: number;
  /** MB more in the last quarter of all requests than in the second one. */
  readonly growth: number;
  /** s of real time. */
  readonly took: number;
  readonly problems: readonly string[];
}

export async function soak(count: number, seed: number): Promise<Soak> {
  const fateOf = (id: number): Fate => fates.find(([each]) => id % each === 0)?.[1] ?? "stops";
  const runs = new Map(
    Array.from({ length: count }, (_, at) => [
      at + 1,
      { state: fateOf(at + 1) === "over" ? "success" : "running", left: at % 3, asked: false, done: 0 },
    ]),
  );
  const number = (path: string): number => Number(/\/jobs\/(\d+)/.exec(path)?.[1]);
  const server = await Server.listen(({ method, path }) => {
    const id = number(path);
    const fate = fateOf(id);
    const one = runs.get(id)!;
    if (fate === "gone") return { status: 404, body: { message: "404 Not found" } };
    if (method === "POST") {
      if (fate === "forbidden") return { status: 403, body: { message: "403 Forbidden" } };
      if (one.state === "running") {
        one.done++;
        one.state = fate === "ends" ? "success" : "canceling";
      }
    } else if (one.state === "canceling" && fate === "stops" && one.left-- <= 0) one.state = "canceled";
    return {
      status: method === "POST" ? 201 : 200,
      body: { id, status: one.state, name: `deploy ${id}`, ref: "main" },
    };
  });

  const asked = new Map<string, { count: number; inARow: number }>();
  const met = new Map<string, number>();
  server.wire(/./, (response, vendor, request) => {
    const id = number(request.path);
    const key = `${request.method} ${id}`;
    const before = asked.get(key) ?? { count: 0, inARow: 0 };
    const hash = createHash("sha256").update(`${seed} ${key} ${before.count}`).digest();
    const [name, wire] = ways[hash.readUInt32LE(4) % ways.length]!;
    // No more than two in a row, and none for the last looks at what never stops: what cannot be known is no truth.
    const fault =
      hash.readUInt32LE(0) < 0.05 * 2 ** 32 &&
      before.inARow < 2 &&
      !(fateOf(id) === "goes-on" && before.count > 9) &&
      !(["forbidden", "over"].includes(fateOf(id)) && yes.includes(name));
    const again = fault && name === "no HTTP" && before.inARow > 0;
    asked.set(key, { count: before.count + 1, inARow: fault && !again ? before.inARow + 1 : 0 });
    if (!fault || again) {
      const { status, body } = vendor();
      answer(status, body)(response, vendor, request);
      return;
    }
    met.set(name, (met.get(name) ?? 0) + 1);
    wire(response, vendor, request);
  });

  const began = performance.now();
  const trial = await run({
    host: "terminal",
    pace: 20,
    inputs: {
      provider: "gitlab",
      project: "platform/deploy",
      "job-id": [...runs.keys()].join(),
      "server-url": server.url,
      token: canary,
      timeout: "1h",
    },
  });
  const took = (performance.now() - began) / 1000;
  closeServers();

  const problems: string[] = [];
  const outcomes = new Map(
    trial.report?.runs.map((one) => [Number((one["ids"] as Record<string, string>)["job-id"]), one] as const),
  );
  if (outcomes.size !== count)
    problems.push(`${outcomes.size} of ${count} runs are reported: ${trial.stderr.slice(-500)}`);
  for (const [id, { state, done }] of runs) {
    const one = outcomes.get(id);
    const want = expected[fateOf(id)];
    if (one?.outcome !== want)
      problems.push(`run ${id} is ${state}: it is ${want}, not ${one?.outcome}: ${one?.detail}`);
    if (["stops", "ends", "goes-on"].includes(fateOf(id)) && done !== 1)
      problems.push(`run ${id} was never asked to stop`);
  }
  const memory = trial.sent.map((one) => one.memory / 2 ** 20);
  const median = (from: number, to: number): number =>
    memory.slice(memory.length * from, memory.length * to).sort((a, b) => a - b)[
      Math.floor((memory.length * (to - from)) / 2)
    ] ?? 0;
  const [peak, growth] = [Math.max(...memory), median(0.75, 1) - median(0.25, 0.5)];
  if (peak > 300) problems.push(`${peak} MB of memory at the peak`);
  if (growth > 40) problems.push(`${growth} MB more in the last quarter than in the second one`);
  return {
    runs: count,
    requests: trial.sent.length,
    faults: [...met.values()].reduce((a, b) => a + b, 0),
    kinds: met.size,
    peak,
    growth,
    took,
    problems,
  };
}

export const figures = ({ runs, requests, faults, kinds, peak, growth, took, problems }: Soak): string =>
  `soak: ${runs} runs, ${faults} faults of ${kinds} kinds, ${problems.length} wrong; ${(requests / runs).toFixed(1)} requests a run, peak RSS ${Math.round(peak)} MB, ` +
  `${growth >= 0 ? "+" : ""}${Math.round(growth)} MB from the second quarter to the last, ${took.toFixed(1)} s`;
