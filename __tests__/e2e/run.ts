/**
 * What people include and use, run by real runners: the GitLab templates by gitlab-ci-local, the action by act.
 * Run by `npm run test:e2e` in the checkout; nothing leaves this machine but the downloads of act, actionlint,
 * zizmor and Node.js 24. Words after `--` choose among the suites: `npm run test:e2e -- lint`.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { actTests } from "./act.ts";
import { adoptTests } from "./adopt.ts";
import { exampleTests } from "./examples.ts";
import { fetchedTests } from "./fetched.ts";
import { gitlabTests } from "./gitlab.ts";
import { guardTests } from "./guard.ts";
import { lintTests } from "./lint.ts";
import { here, runtime } from "./nodes.ts";
import { packageTests } from "./package.ts";
import { cancelledTests } from "./cancelled.ts";
import { documentTests } from "./documents.ts";
import { schemaTests } from "./schemas.ts";
import { siteTests } from "./site.ts";
import { Suite } from "./suite.ts";
import { templateTests } from "./templates.ts";

/** Those that take longest first. */
const suites = {
  adopt: adoptTests,
  lint: lintTests,
  gitlab: gitlabTests,
  documents: documentTests,
  examples: exampleTests,
  guard: guardTests,
  cancelled: cancelledTests,
  package: packageTests,
  site: siteTests,
  templates: templateTests,
  act: actTests,
  fetched: fetchedTests,
  schemas: schemaTests,
} as const;

const chosen = process.argv.slice(2);
const scratch = mkdtempSync(join(tmpdir(), "cancel-run-e2e-"));
const suite = new Suite();
console.log(
  `# Node.js ${runtime.version} runs the action and the components; Node.js ${here.version} is this machine's.`,
);
try {
  const waiting = Object.entries(suites).filter(([name]) => chosen.length === 0 || chosen.includes(name));
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift()) await next[1](suite, process.cwd(), scratch);
  };
  // A suite mostly waits for one program after another, so two go side by side where there are two processors.
  await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, work));
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
console.log(suite.summary());
process.exitCode = suite.failed > 0 ? 1 : 0;
