/**
 * Renews __tests__/fixtures/clients/vercel.json:
 *
 *     node scripts/clients/vercel.mjs
 *
 * Runs @vercel/sdk 1.28.35, Vercel's own, which is made from its OpenAPI document, against a server on loopback, and reads the states
 * out of it. Pages and variables are read by hand in the sources of Vercel's CLI, at the commit below.
 * All ids and credentials are made up.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { essential, npm, record, writeFixture } from "./recorder.mjs";

const id = "dpl_89qyp1cskzkLrVicDaZoDbjyHuDJ";
const host = "shop-7h2k9qz1x-acme.vercel.app";
const teamId = "team_nLlpyC6REAqxydlFKbrMDlud";
const projectId = "prj_9LbRBKa3v1m4Kq2yXw8nTzUc";
const filters = { branch: "main", sha: "1f2e3d4c5b6a79880011223344556677889900aa", state: "BUILDING" };
const values = { branch: filters.branch, commit: filters.sha, state: filters.state };

const recorder = await record();
const { load, folder } = npm("@vercel/sdk@1.28.35");
const { Vercel } = await load("@vercel/sdk/esm/index.js");
const { deployments } = new Vercel({ serverURL: recorder.server, bearerToken: "TOKEN" });
const requests = [];
for (const [target, does, call, ids, run, more] of [
  ["deployment", "look", "getDeployment", { "deployment-id": id }, () => deployments.getDeployment({ idOrUrl: id })],
  ["deployment", "cancel", "cancelDeployment", { "deployment-id": id }, () => deployments.cancelDeployment({ id })],
  [
    ...["deployment", "look", "getDeployment, of a team", { "team-id": teamId, "deployment-id": id }],
    () => deployments.getDeployment({ idOrUrl: id, teamId }),
  ],
  [
    ...["deployment", "cancel", "cancelDeployment, by a team's slug", { team: "acme", "deployment-id": id }],
    () => deployments.cancelDeployment({ id, slug: "acme" }),
  ],
  [
    ...["deployment", "list", "getDeployments", { "team-id": teamId, "project-id": projectId }],
    () => deployments.getDeployments({ projectId, teamId, limit: 100, ...filters }),
    { values },
  ],
  [
    ...["deployment-url", "look", "getDeployment, by its address", { "deployment-url": host }],
    () => deployments.getDeployment({ idOrUrl: host }),
  ],
  [
    ...["deployment-url", "cancel", "cancelDeployment", { "deployment-url": host, "deployment-id": id }],
    () => deployments.cancelDeployment({ id }),
  ],
]) {
  // The SDK checks the reply, which is none of Vercel's.
  await run().catch(() => {});
  const [request] = recorder.taken();
  requests.push({ target, does, source: "client", call, ids, ...more, ...essential(request, ["authorization"]) });
}
recorder.close();

/** The values of an enum of the SDK. */
function words(file, name) {
  const text = readFileSync(join(folder, "@vercel/sdk/esm/models", file), "utf8");
  const [, body] = new RegExp(`export const ${name} = \\{([^}]*)\\}`).exec(text);
  return [...body.matchAll(/: "(\w+)"/g)].map(([, word]) => word);
}

const look = ["getdeploymentresponsebody1.js", "GetDeploymentResponseBodyDeploymentsReadyState"];
const listed = ["getdeploymentsop.js", "GetDeploymentsReadyState"];
const canceled = ["canceldeploymentresponsebody.js", "CancelDeploymentStatus"];

writeFixture("clients/vercel.json", {
  about: "What Vercel's own client sent to a server on loopback, and the words that it has (November 2026).",
  script: "scripts/clients/vercel.mjs",
  sources: {
    client: { name: "@vercel/sdk 1.28.35", level: "official client" },
    cli: { name: "github.com/vercel/vercel at 17d9ebaf", level: "source code" },
  },
  requests,
  enums: [
    ["readyState of a deployment", look],
    ["readyState of a listed deployment", listed],
    ["status in the reply of a cancel", canceled],
  ].map(([of, [file, name]]) => ({
    ...{ target: "deployment", of, source: "client", where: `esm/models/${file} ${name}` },
    words: words(file, name),
  })),
  regions: [],
  pages: [
    {
      ...{ target: "deployment", address: `https://vercel.com/acme/shop/${id.slice(4)}`, source: "cli" },
      ids: { team: "acme", "deployment-id": id },
      where: "packages/cli/test/unit/util/parse-deployment-url.test.ts:8",
    },
    {
      ...{ target: "deployment-url", address: `https://${host}`, ids: { "deployment-url": host }, source: "cli" },
      where: "packages/cli/src/commands/deploy/index.ts, what it prints",
    },
  ],
  variables: [
    { name: "VERCEL_TOKEN", holds: "token", source: "cli", where: "packages/cli/src/index.ts:331" },
    { name: "VERCEL_ORG_ID", holds: "team-id", source: "cli", where: "packages/cli/src/util/dev/server.ts:972" },
    { name: "VERCEL_PROJECT_ID", holds: "project-id", source: "cli", where: "packages/cli/src/util/dev/server.ts:964" },
  ],
  unverified: [],
});
