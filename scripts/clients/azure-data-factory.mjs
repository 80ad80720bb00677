/**
 * Renews __tests__/fixtures/clients/azure-data-factory.json:
 *
 *     node scripts/clients/azure-data-factory.mjs
 *
 * Runs @azure/arm-datafactory 12.0.0 against a server on loopback, and reads the words of a run in its types, and the variables in
 * @azure/identity 4.13.1. The page is read by hand in code that others have published. All ids and credentials are made up.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { essential, lineOf, npm, record, writeFixture } from "./recorder.mjs";

const subscription = "12345678-1234-1234-1234-123456789abc";
const factory = `subscriptions/${subscription}/resourceGroups/acme/providers/Microsoft.DataFactory/factories/shop`;
const runId = "2f7fdb90-5df1-4b8e-ac2f-064cfa58202b";
const ids = { factory, "run-id": runId };
const always = { lastUpdatedAfter: new Date("2000-01-01"), lastUpdatedBefore: new Date("2100-01-01") };

const recorder = await record(({ path }) => ({ body: path.endsWith("/cancel") ? "" : { runId, value: [] } }));
const { load, folder } = npm("@azure/arm-datafactory@12.0.0", "@azure/identity@4.13.1");
const { DataFactoryManagementClient } = await load("@azure/arm-datafactory/dist/index.js").then(
  (module) => module.default,
);
const credential = { getToken: async () => ({ token: "TOKEN", expiresOnTimestamp: Date.now() + 3_600_000 }) };
const client = new DataFactoryManagementClient(credential, subscription, {
  endpoint: recorder.server,
  allowInsecureConnection: true,
});
// A token is not sent by plain http: the recorder has none. The client adds it to each request as a bearer's.
client.pipeline.removePolicy({ name: "bearerTokenAuthenticationPolicy" });

const requests = [];
const [inRuns, inActivities] = [client.pipelineRuns, client.activityRuns];
for (const [does, call, run] of [
  ["look", "pipelineRuns.get", () => inRuns.get("acme", "shop", runId)],
  ["cancel", "pipelineRuns.cancel", () => inRuns.cancel("acme", "shop", runId)],
  ["jobs", "activityRuns.queryByPipelineRun", () => inActivities.queryByPipelineRun("acme", "shop", runId, always)],
  [
    "downstream",
    "activityRuns.queryByPipelineRun",
    () => inActivities.queryByPipelineRun("acme", "shop", runId, always),
  ],
]) {
  await run();
  const [request] = recorder.taken();
  const what = { target: "pipeline-run", does, source: "client", call, ids };
  requests.push({ ...what, ...essential(request, ["authorization", "content-type"]) });
}
recorder.close();

const types = join(folder, "@azure/arm-datafactory/types/arm-datafactory.d.ts");
const words = /status of a pipeline run\. Possible values: ([\w, ]+)/.exec(readFileSync(types, "utf8"))[1].split(", ");

writeFixture("clients/azure-data-factory.json", {
  about:
    "What Microsoft's own client sent to a server on loopback, and the words of a run in its types (November 2026).",
  script: "scripts/clients/azure-data-factory.mjs",
  sources: {
    client: { name: "@azure/arm-datafactory 12.0.0", level: "official client" },
    identity: { name: "@azure/identity 4.13.1", level: "official client" },
    datahub: {
      name: "github.com/datahub-project/datahub at fd8aef97, ingestion/source/azure_data_factory/adf_source.py",
      level: "community client",
    },
  },
  requests,
  enums: [
    {
      target: "pipeline-run",
      of: "status",
      source: "client",
      where: `types/arm-datafactory.d.ts:${lineOf(types, "status of a pipeline run. Possible values")} PipelineRun.status`,
      words,
    },
  ],
  regions: [],
  pages: [
    {
      target: "pipeline-run",
      address: `https://adf.azure.com/en/monitoring/pipelineruns/${runId}?factory=/${factory}`,
      ids,
      source: "datahub",
      where: "_get_pipeline_run_url",
    },
    {
      target: "pipeline-run",
      address: `https://adf.azure.com/en-us/monitoring/pipelineruns/${runId}?factory=${encodeURIComponent(`/${factory}`)}`,
      ids,
      source: "datahub",
      where: "the same, as a browser may spell it",
    },
  ],
  variables: [
    ["AZURE_AUTHORITY_HOST", "token server", "client/identityClient.js"],
    ["AZURE_TENANT_ID", "tenant-id", "credentials/environmentCredential.js"],
    ["AZURE_CLIENT_ID", "client-id", "credentials/environmentCredential.js"],
    ["AZURE_CLIENT_SECRET", "client-secret", "credentials/environmentCredential.js"],
    ["AZURE_FEDERATED_TOKEN_FILE", "client-assertion", "credentials/workloadIdentityCredential.js"],
    ["AZURE_CLIENT_CERTIFICATE_PATH", "a certificate", "credentials/environmentCredential.js"],
  ].map(([name, holds, file]) => {
    const where = `dist/commonjs/${file}`;
    return {
      name,
      holds,
      source: "identity",
      where: `${where}:${lineOf(join(folder, "@azure/identity", where), name)}`,
    };
  }),
  unverified: ["The client sends its token as a bearer's over https alone, so the recording has none."],
});
