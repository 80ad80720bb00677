/**
 * Renews __tests__/fixtures/clients/forgejo.json:
 *
 *     node scripts/clients/forgejo.mjs
 *
 * Runs @llamaduck/forgejo-ts 15.0.9, which is made from Forgejo 15's own description of its API, against a server on
 * loopback, and reads its words. Forgejo has no client of its own, and this one no call that cancels or lists jobs: they
 * came with Forgejo 16 and stand here as its sources have them, by a mirror (veighnsche/forgejo-ext). Nothing of it was
 * tried on a server. Needs Node. All ids and credentials are made up.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { URL } from "node:url";
import { essential, npm, record, writeFixture } from "./recorder.mjs";

const recorder = await record(({ path }) => ({
  body: path.endsWith("/runs") ? { workflow_runs: [], total_count: 0 } : { id: 4711 },
}));
const { folder, load } = npm("@llamaduck/forgejo-ts@15.0.9");
const forgejo = await load("@llamaduck/forgejo-ts/dist/index.mjs");
const { createClient, createConfig } = await load("@llamaduck/forgejo-ts/client.mjs");
const base = `${recorder.server}/api/v1`;
const client = createClient(createConfig({ baseURL: base, baseUrl: base, headers: { authorization: "token TOKEN" } }));

const repository = { repository: "octo/deploy" };
const run = { ...repository, "run-id": "4711" };
const named = { owner: "octo", repo: "deploy" };
const sha = "38b26b42c7eb915f357f6a5b1b32aed531f7f298";
const byClient = [];
for (const [does, call, ids, values, send] of [
  ["look", "actionRun", run, undefined, () => forgejo.actionRun({ client, path: { ...named, run_id: 4711 } })],
  [
    "list",
    "listActionRuns",
    repository,
    { branch: "main", commit: sha, event: "push", workflow: "ci.yml", state: "running" },
    () =>
      forgejo.listActionRuns({
        client,
        path: named,
        query: {
          ...{ ref: "refs/heads/main", head_sha: sha, event: ["push"], workflow_id: "ci.yml", status: ["running"] },
          ...{ page: 1, limit: 50 },
        },
      }),
  ],
  [
    "look",
    "listActionRuns(run_number): the run that a page shows",
    { ...repository, "run-number": "7" },
    undefined,
    () => forgejo.listActionRuns({ client, path: named, query: { run_number: 7 } }),
  ],
  [
    "pull",
    "repoGetPullRequest",
    repository,
    { "pull-request": "12" },
    () => forgejo.repoGetPullRequest({ client, path: { ...named, index: 12 } }),
  ],
  [
    "tag",
    "repoGetTag",
    repository,
    { branch: "release/1" },
    () => forgejo.repoGetTag({ client, path: { ...named, tag: "release/1" } }),
  ],
]) {
  await send();
  const [request] = recorder.taken();
  byClient.push({
    target: "run-number" in ids ? "numbered-run" : "run",
    does,
    source: "forgejo-ts",
    call,
    ids,
    ...(values ? { values } : {}),
    ...essential(request, ["authorization"]),
  });
}
recorder.close();

const types = readFileSync(join(folder, "@llamaduck/forgejo-ts/dist/index.d.ts"), "utf8");
const [, statuses] = /type ListActionRunsData = [\s\S]*?status\?: Array<([^>]*)>/.exec(types);

const action = "routers/api/v1/repo/action.go";
const none = { query: {}, headers: { authorization: "token TOKEN" }, body: null };

writeFixture("clients/forgejo.json", {
  about:
    "What a client made from Forgejo 15's description of its API sent to a server on loopback, and what Forgejo's sources say of the calls that came with 16 (November 2026). Nothing was tried on a server.",
  script: "scripts/clients/forgejo.mjs",
  sources: {
    "forgejo-ts": { name: "@llamaduck/forgejo-ts 15.0.9", level: "community client" },
    source: {
      name: "Forgejo after 16.0, by the mirror github.com/veighnsche/forgejo-ext at e91be7e6a57ff1821065ac4b0904ae63163c878e",
      level: "source code",
    },
    runner: { name: "Forgejo runner 12, internal/app/run/runner.go, by mirrors", level: "source code" },
    fj: { name: "forgejo-cli (fj), by its messages", level: "source code" },
  },
  requests: [
    ...byClient,
    {
      ...{
        target: "run",
        does: "cancel",
        source: "source",
        call: `${action} CancelActionRun: 204, also for a run that is over`,
      },
      ...{ ids: run, method: "POST", path: "/api/v1/repos/octo/deploy/actions/runs/4711/cancel", ...none },
    },
    {
      ...{
        target: "run",
        does: "jobs",
        source: "source",
        call: `${action} ListActionRunJobs: a bare array, in one page`,
      },
      ...{ ids: run, method: "GET", path: "/api/v1/repos/octo/deploy/actions/runs/4711/jobs", ...none },
    },
  ],
  enums: [
    {
      target: "run",
      of: "status of a run and of a job, status of the list",
      source: "forgejo-ts",
      where: "dist/index.d.ts ListActionRunsData query.status; models/actions/status.go",
      words: [...statuses.matchAll(/'(\w+)'/g)].map(([, word]) => word),
    },
  ],
  regions: [],
  pages: JSON.parse(readFileSync(new URL("forgejo/pages.json", import.meta.url), "utf8")),
  variables: JSON.parse(readFileSync(new URL("forgejo/variables.json", import.meta.url), "utf8")),
  unverified: [
    "Everything: no Forgejo was had, and no client of its own exists.",
    "The list answers without a Link header and without x-total-count: its pages are counted by `total_count` in the body.",
    "`event` of the list is compared with what the server calls the webhook event or the trigger event: the two differ for `schedule` and `pull_request_target`.",
  ],
});
