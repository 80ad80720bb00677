/** A hundred workflow runs at GitHub's documented limit: how long that must take, and how long it takes; in simulated time. */
import { github } from "../../src/providers/github.ts";
import type { Finding } from "./arithmetic.ts";
import { project, runs, token } from "./server.ts";
import { PassingTime, play } from "./simulated.ts";

const { points, seconds, change } = github.server.budget;
const count = 100;
const latency = 50;
/** Of one run: look, cancel, look. */
const cost = 1 + change + 1;

export async function measureBudget(): Promise<Finding> {
  const ids = Array.from({ length: count }, (_, at) => 101 + at);
  const clock = new PassingTime(0.5);
  const inputs = { provider: "github", repository: project, "run-id": ids.join(), token, timeout: "10m" };
  await play({ inputs, clock, vendor: runs({ ids, clock }), latency });
  const took = clock.now() / 1000;
  // Half of a window's points are there at once, the other half comes back in the time of one: so no window gets more than all.
  const least = (count * cost - points / 2) / (points / 2 / seconds);
  return {
    what: `${count} workflow runs on GitHub at ${latency} ms, time / what the budget's points take (${least.toFixed(0)} s)`,
    value: took / least,
    unit: "",
    most: 1.1,
    counted: true,
  };
}
