/**
 * What people include and use, run by real runners: the GitLab templates by gitlab-ci-local, the action by act.
 * Run by `npm run test:e2e` in the checkout; nothing leaves this machine but the download of act's source.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { actTests } from "./act.ts";
import { exampleTests } from "./examples.ts";
import { gitlabTests } from "./gitlab.ts";
import { guardTests } from "./guard.ts";
import { Suite } from "./suite.ts";
import { templateTests } from "./templates.ts";

const scratch = mkdtempSync(join(tmpdir(), "cancel-run-e2e-"));
const suite = new Suite();
try {
  await templateTests(suite, process.cwd(), scratch);
  await gitlabTests(suite, process.cwd(), scratch);
  await actTests(suite, process.cwd(), scratch);
  await guardTests(suite, process.cwd(), scratch);
  await exampleTests(suite, process.cwd(), scratch);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
console.log(suite.summary());
process.exitCode = suite.failed > 0 ? 1 : 0;
