/**
 * Software that nobody here wrote, started on this machine, given something long to run, and stopped by the bundle. Whether it has
 * stopped is read from the server, from the worker's process and from what the work has written.
 * Run by `npm run test:real` in the checkout; words after `--` choose among the suites: `npm run test:real -- prefect`. Servers are
 * installed once, by pip, Go or npm, beside other caches of this user; all of them listen on loopback alone. With `--minutes=N` a suite
 * that might not end by then is left out, and said to be.
 */
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Suite } from "../e2e/suite.ts";
import { airflowTests } from "./airflow.ts";
import { buildbotTests } from "./buildbot.ts";
import { dagsterTests } from "./dagster.ts";
import { giteaTests } from "./gitea.ts";
import { motoTests } from "./moto.ts";
import { officialTests } from "./official.ts";
import { prefectTests } from "./prefect.ts";
import { prismTests } from "./prism.ts";
import { killAll } from "./processes.ts";
import { soakTests } from "./soak.ts";

/** With the minutes that each may take on a slow machine on which nothing is installed. */
const suites = {
  prefect: { tests: prefectTests, minutes: 4 },
  buildbot: { tests: buildbotTests, minutes: 3 },
  moto: { tests: motoTests, minutes: 4 },
  dagster: { tests: dagsterTests, minutes: 5 },
  airflow: { tests: airflowTests, minutes: 6 },
  prism: { tests: prismTests, minutes: 6 },
  soak: { tests: soakTests, minutes: 9 },
  official: { tests: officialTests, minutes: 6 },
  gitea: { tests: giteaTests, minutes: 14 },
} as const;

const limit = Number(/^--minutes=(-?\d+)$/m.exec(process.argv.slice(2).join("\n"))?.[1] ?? Infinity);
const chosen = process.argv.slice(2).filter((word) => !word.startsWith("--"));
const scratch = mkdtempSync(join(tmpdir(), "cancel-run-real-"));
const suite = new Suite();
// After the servers have been ended, which is asked for first.
process.on("exit", () => rmSync(scratch, { recursive: true, force: true, maxRetries: 5 }));

for (const [name, { tests, minutes }] of Object.entries(suites)) {
  if (chosen.length > 0 && !chosen.includes(name)) continue;
  if (!existsSync("/proc/self/environ")) {
    suite.skip(name, "which processes live is read from /proc, which this machine does not have");
    continue;
  }
  const began = performance.now();
  const left = limit - began / 60_000;
  if (left < minutes) {
    suite.skip(
      name,
      `it may take ${minutes} minutes, and ${Math.max(0, Math.floor(left))} are left; npm run test:real -- ${name} runs it`,
    );
    continue;
  }
  const folder = join(scratch, name);
  mkdirSync(folder);
  try {
    await tests(suite, process.cwd(), folder);
  } catch (error) {
    // A server that does not come up.
    await suite.test(name, () => Promise.reject(error instanceof Error ? error : new Error(String(error))));
  } finally {
    killAll();
  }
  console.log(`# ${name} took ${((performance.now() - began) / 1000).toFixed(0)} s`);
}
console.log(suite.summary());
process.exitCode = suite.failed > 0 ? 1 : 0;
