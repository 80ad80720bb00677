/** The action as `uses: owner/name@ref` fetches it from a git server. */
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { provideAct } from "./act-runner.ts";
import { ofNext, publish } from "./publication.ts";
import type { Finished } from "./shell.ts";
import type { Suite } from "./suite.ts";
import { secrets, startWorld, type World } from "./world.ts";
import { published } from "../../src/published.ts";

export async function fetchedTests(suite: Suite, checkout: string, scratch: string): Promise<void> {
  const provided = await provideAct(checkout, scratch);
  if (typeof provided !== "function") {
    suite.skip("fetched from a git server", provided.why);
    return;
  }
  const act = provided;
  const folder = join(scratch, "fetched");
  mkdirSync(folder);
  const publication = await publish(checkout, folder);
  const refs = {
    "a tag": "v1",
    "the tag of a release": "v1.0.0",
    "a full SHA": publication.commit,
    "a branch": "next",
  };

  for (const [what, ref] of Object.entries(refs)) {
    await suite.test(`act: an action that is fetched by ${what} stops a job`, async () => {
      const { code, output, world } = await uses(ref);
      assert.equal(code, 0, output);
      assert.deepEqual(world.cancels, [
        "POST https://gitlab.example.com/api/v4/projects/platform%2Fdeploy/jobs/4711/cancel",
      ]);
      assert.equal(output.includes(ofNext), ref === "next", output);
    });
  }

  for (const [what, ref] of [
    ["a tag that is not there", "v9"],
    ["a SHA that is not there", "0123456789012345678901234567890123456789"],
  ] as const) {
    await suite.test(`act: ${what} fails the job, and nothing is sent`, async () => {
      const { code, output, world } = await uses(ref);
      assert.notEqual(code, 0, output);
      assert.match(output, new RegExp(`Unable to resolve ${ref}`));
      assert.deepEqual(world.requests, []);
    });
  }

  async function uses(ref: string): Promise<Finished & { readonly world: World }> {
    const world = await startWorld({ checkout, scratch, publication });
    const inputs = {
      ...{ provider: "gitlab", project: "platform/deploy", "job-id": 4711, "server-url": "https://gitlab.example.com" },
      token: "${{ secrets.GITLAB_TOKEN }}",
    };
    const steps = [{ uses: `${published.github}@${ref}`, with: inputs }];
    try {
      const done = await act(() => ({
        event: "push",
        workflow: { on: "push", jobs: { stop: { "runs-on": "ubuntu-latest", steps } } },
        secrets,
        internet: world,
      }));
      return { ...done, world };
    } finally {
      world.close();
    }
  }
}
