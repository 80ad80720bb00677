/**
 * Renews __tests__/fixtures/clients/spinnaker.json:
 *
 *     node scripts/clients/spinnaker.mjs SPIN
 *
 * SPIN is a checkout of github.com/spinnaker/spin at 6de5ad732a0714b664c296467940971a4c365a51: its package gateapi, the client of
 * Spinnaker's command line, is run against a server on loopback. Words and pages are read out of @spinnaker/core 0.29.1, Spinnaker's UI.
 * Needs Node and Go. All ids and credentials are made up.
 */
import { execFileSync } from "node:child_process";
import { copyFileSync, cpSync, mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { URL, fileURLToPath } from "node:url";
import { essential, lineOf, play, record, writeFixture } from "./recorder.mjs";

const id = "01HQZ3J9V8T6WX4Y2N5K7M0PAB";
const ids = { "execution-id": id };
const reason = "superseded by 1f2e3d";

const cwd = mkdtempSync(join(tmpdir(), "cancel-run-client-"));
copyFileSync(fileURLToPath(new URL("spinnaker/main.go", import.meta.url)), join(cwd, "main.go"));
cpSync(join(process.argv[2], "gateapi"), join(cwd, "gateapi"), { recursive: true });
for (const words of [
  ["mod", "init", "recorded"],
  ["mod", "tidy"],
])
  execFileSync("go", words, { cwd, stdio: "ignore" });

const recorder = await record(() => ({ body: { id, status: "RUNNING" } }));
await play("go", ["run", ".", recorder.server, id, reason], { cwd });
recorder.close();
const [looked, cancelled] = recorder.taken();
const what = { target: "execution", source: "gateapi", ids };
const requests = [
  { ...what, does: "look", call: "GetPipelineUsingGET", ...essential(looked, ["authorization"]) },
  {
    ...{ ...what, does: "cancel", call: "CancelPipelineUsingPUT1", values: { reason } },
    ...essential(cancelled, ["authorization"]),
  },
  { ...what, does: "jobs", call: "GetPipelineUsingGET", ...essential(looked, ["authorization"]) },
];

// Its sources alone: the packages that it needs are not.
const sources = mkdtempSync(join(tmpdir(), "cancel-run-client-"));
execFileSync("npm", ["pack", "--silent", "@spinnaker/core@0.29.1"], { cwd: sources, stdio: "ignore" });
execFileSync("tar", ["xzf", "spinnaker-core-0.29.1.tgz"], { cwd: sources });
const core = join(sources, "package/src");
const schema = join(core, "managed/graphql/graphql-sdk.ts");
const [, words] = /type MdTaskStatus =([^;]+);/.exec(readFileSync(schema, "utf8"));

writeFixture("clients/spinnaker.json", {
  about:
    "What the client of Spinnaker's command line sent to a server on loopback, and words and pages of its UI (November 2026).",
  script: "scripts/clients/spinnaker.mjs",
  sources: {
    gateapi: { name: "github.com/spinnaker/spin at 6de5ad73, gateapi", level: "official client" },
    core: { name: "@spinnaker/core 0.29.1", level: "source code" },
  },
  requests,
  enums: [
    {
      target: "execution",
      of: "status of a task, which is one of an execution",
      source: "core",
      where: `src/managed/graphql/graphql-sdk.ts:${lineOf(schema, "type MdTaskStatus =")} MdTaskStatus`,
      words: [...words.matchAll(/'(\w+)'/g)].map(([, word]) => word),
    },
  ],
  regions: [],
  pages: [
    page(`https://spinnaker.example.com/#/applications/shop/executions/${id}`, "src/pipeline/pipeline.states.ts:101"),
    page(
      `https://spinnaker.example.com/#/applications/shop/executions/details/${id}`,
      "src/pipeline/executions/execution/ExecutionPermalink.tsx:11",
    ),
  ],
  variables: [],
  unverified: ["The words are those of a task in the UI's schema: Orca has one list for executions, stages and tasks."],
});

function page(address, where) {
  return { target: "execution", address, ids, source: "core", where };
}
