/**
 * Renews __tests__/fixtures/clients/netlify.json:
 *
 *     node scripts/clients/netlify.mjs
 *
 * Runs @netlify/api 14.0.19 against a server on loopback, and reads the words of Netlify's OpenAPI document in
 * @netlify/open-api 2.60.0. Pages and variables are read by hand in the source of Netlify's CLI, at the commit below.
 * All ids and credentials are made up.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { essential, npm, record, writeFixture } from "./recorder.mjs";

const meaningful = ["authorization", "content-type"];
const id = "5f1f0f3c8c5d0a0007a1b2c3";
const deploy = { "deploy-id": id };
const site = "0d3a9d2f-ef94-4380-93df-27ee400e2048";

const recorder = await record(({ method }) => ({
  status: method === "POST" ? 201 : 200,
  body: { id, state: "building" },
}));
const { load, folder } = npm("@netlify/api@14.0.19", "@netlify/open-api@2.60.0");
const { NetlifyAPI } = await load("@netlify/api/lib/index.js");
const [scheme, host] = recorder.server.split("://");
const client = new NetlifyAPI("TOKEN", { scheme, host, pathPrefix: "/api/v1" });
const requests = [];
const filters = { branch: "main", state: "building" };
for (const [does, call, ids, run, values] of [
  ["look", "getDeploy", deploy, () => client.getDeploy({ deploy_id: id })],
  ["cancel", "cancelSiteDeploy", deploy, () => client.cancelSiteDeploy({ deploy_id: id })],
  [
    "list",
    "listSiteDeploys",
    {},
    () => client.listSiteDeploys({ site_id: site, ...filters, per_page: 100 }),
    { site, ...filters },
  ],
]) {
  await run();
  const [request] = recorder.taken();
  const what = { target: "deploy", does, source: "client", call, ids, ...(values && { values }) };
  requests.push({ ...what, ...essential(request, meaningful) });
}
recorder.close();

const openapi = JSON.parse(readFileSync(join(folder, "@netlify/open-api/dist/swagger.json"), "utf8"));
const list = openapi.paths["/sites/{site_id}/deploys"];
const states = list.parameters.find(({ name }) => name === "state").enum;

writeFixture("clients/netlify.json", {
  about:
    "What Netlify's own client sent to a server on loopback, and the words of its OpenAPI document (November 2026).",
  script: "scripts/clients/netlify.mjs",
  sources: {
    client: { name: "@netlify/api 14.0.19", level: "official client" },
    openapi: { name: "@netlify/open-api 2.60.0, dist/swagger.json", level: "OpenAPI" },
    cli: { name: "github.com/netlify/cli 27.2.0 at 88ece2915554fbb121d69143fa4799b7559d2cdd", level: "source code" },
  },
  requests,
  enums: [
    {
      target: "deploy",
      of: "filter state of the list, which are the states of a deploy; definitions.deploy.state is plain text",
      source: "openapi",
      where: "paths./sites/{site_id}/deploys parameters state",
      words: states,
    },
    {
      target: "deploy",
      of: "states that the CLI waits for, or takes for an end",
      source: "cli",
      where: "src/utils/deploy/util.ts:24-40,65-76",
      words: ["error", "preparing", "prepared", "uploading", "uploaded", "ready"],
    },
  ],
  regions: [],
  pages: [
    page(`https://app.netlify.com/projects/acme-shop/deploys/${id}`, "src/commands/deploy/deploy.ts:90,94"),
    page(
      `https://app.netlify.com/projects/acme-shop/deploys/${id}`,
      "src/commands/deploy/deploy.ts:692, the project's admin_url and /deploys/ID",
    ),
    page(
      `https://app.netlify.com/sites/acme-shop/deploys/${id}`,
      "src/commands/deploy/deploy.ts before af5e8547f (2025-05-16)",
    ),
    page(
      `https://${id}--acme-shop.netlify.app`,
      "src/commands/deploy/deploy.ts:691 deploy_ssl_url, the deploy itself: its id is the host's first label",
    ),
  ],
  variables: [
    { name: "NETLIFY_AUTH_TOKEN", holds: "token", source: "cli", where: "src/utils/command-helpers.ts:140" },
    {
      name: "NETLIFY_API_URL",
      holds: "server",
      source: "cli",
      where: "src/commands/base-command.ts:672, the API's address, by default https://api.netlify.com/api/v1",
    },
    { name: "NETLIFY_SITE_ID", holds: "site", source: "cli", where: "src/commands/deploy/index.ts:54; no id of ours" },
  ],
  unverified: [
    "What a deploy looks like that was canceled: no document of Netlify's says so; that its message has the words Canceled build is known from third-party code.",
    "Whether a deploy that is pending_review, or rejected, can be canceled.",
  ],
});

function page(address, where) {
  return { target: "deploy", address, ids: deploy, source: "cli", where };
}
