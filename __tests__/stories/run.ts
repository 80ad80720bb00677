/** Walks every story deeper than `npm test` has time for. `npm run stories -- 10` walks one event deeper than usual. */
import * as engine from "../../src/engine/story.ts";
import { newWalk, promiseCount, walk } from "./walk.ts";
import { worlds } from "./worlds.ts";

const depth = Number(process.argv[2] ?? 9);
let [stories, steps, failed] = [0, 0, 0];
for (const world of worlds) {
  const began = performance.now();
  const result = newWalk();
  walk(engine, world, depth, result);
  stories += result.stories;
  steps += result.steps;
  if (result.broken.size > 0) failed++;
  for (const [promise, story] of result.broken) console.log(`not ok ${promise}\n  ${story}`);
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  console.log(`${world.name}: ${result.stories} stories, ${seconds} s`);
}
console.log(`${stories} stories to depth ${depth}, ${steps} steps, ${promiseCount} promises`);
console.log(`${worlds.length - failed} passed, ${failed} failed, 0 skipped`);
process.exitCode = failed > 0 ? 1 : 0;
