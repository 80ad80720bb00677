/** `npm run soak`, or `-- 500 7` for 500 runs and the seed 7. */
import { figures, soak } from "./soak.ts";

const [count = 2000, seed = 1] = process.argv.slice(2).map(Number);
const result = await soak(count, seed);
for (const problem of result.problems) console.log(`not ok: ${problem}`);
console.log(figures(result));
process.exitCode = result.problems.length > 0 ? 1 : 0;
