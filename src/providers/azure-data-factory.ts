// https://learn.microsoft.com/rest/api/datafactory/pipeline-runs/cancel
// https://learn.microsoft.com/rest/api/datafactory/activity-runs/query-by-pipeline-run
import { bearer, get, post, states, uuid } from "../kit.ts";
import type { Auth, Json, Pages, Provider, Target } from "../provider.ts";

const version = "api-version=2018-06-01";
const run = "/{+factory}/pipelineruns/{run-id}";

/** A resource id begins with a slash, which stands in the routes. */
function withoutSlash(value: string): string {
  return value.replace(/^\//, "");
}

/** The studio has its language in its pages' path, or none. */
function canonicalPage(address: string): string {
  return address.replace(/^(https:\/\/[^/]+)(?:\/[a-z]{2}(?:-[A-Za-z]{2})?)?\/monitoring\//, "$1/en/monitoring/");
}

/** The service wants a time from which on, and one until which: all there is. */
const always = { lastUpdatedAfter: "2000-01-01T00:00:00Z", lastUpdatedBefore: "2100-01-01T00:00:00Z" };

const activities: Pages = {
  ...post(`${run}/queryActivityruns?${version}`, { body: always }),
  items: "value",
  next: { parameter: "continuationToken", token: "continuationToken" },
};

/** Activities of this type start other pipelines. */
function executePipelines({ value }: Json): readonly Json[] {
  return value.filter(({ activityType }: Json) => activityType === "ExecutePipeline");
}

const pipelineRun: Target = {
  ids: {
    factory: {
      pattern:
        /subscriptions\/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\/resourceGroups\/[\w.()-]+\/providers\/Microsoft\.DataFactory\/factories\/[A-Za-z0-9-]+/i,
      help: "resource id of the data factory, as its properties in the portal show it",
      example:
        "subscriptions/12345678-1234-1234-1234-123456789abc/resourceGroups/acme/providers/Microsoft.DataFactory/factories/shop",
      normalize: withoutSlash,
      hint: "`az datafactory show --query id` prints it",
    },
    "run-id": uuid("UUID of the pipeline run", "2f7fdb90-5df1-4b8e-ac2f-064cfa58202b"),
  },
  pages: ["/en/monitoring/pipelineruns/{run-id}?factory=/{factory}"],
  permissions: {
    look: "the action `Microsoft.DataFactory/factories/pipelineruns/read`",
    cancel:
      "the action `Microsoft.DataFactory/factories/pipelineruns/cancel/action`, as the role Data Factory Contributor has it",
    docs: "https://learn.microsoft.com/azure/role-based-access-control/permissions/integration#microsoftdatafactory",
  },
  look: {
    ...get(`${run}?${version}`),
    state: "status",
    name: "pipelineName",
    shows: { "run-id": "runId" },
    record: { message: "message" },
  },
  // Without `isRecursive`: what it has started is followed with `downstream`, and each run of it is looked at.
  cancel: post(`${run}/cancel?${version}`),
  jobs: [{ ...activities, name: "activityName", state: "status" }],
  downstream: [
    { ...activities, items: executePipelines, target: "pipeline-run", ids: { "run-id": "output.pipelineRunId" } },
  ],
};

/**
 * https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow
 * Variables and clouds: azure-identity 1.27.0, azure/identity/_constants.py; hosts: msal 1.39.0, msal/authority.py
 */
const application = {
  scheme: "client-credentials",
  tokenServer: "https://login.microsoftonline.com",
  tokenServerEnv: ["AZURE_AUTHORITY_HOST"],
  tokenServers: [
    "https://login.microsoftonline.com",
    "https://login.microsoftonline.us",
    "https://login.partner.microsoftonline.cn",
    "https://login.chinacloudapi.cn",
  ],
  login: "/{tenant-id}/oauth2/v2.0/token",
  scope: "{api}/.default",
} as const satisfies Omit<Auth, "env">;

const who = { "tenant-id": ["AZURE_TENANT_ID"], "client-id": ["AZURE_CLIENT_ID"] };

export const azureDataFactory = {
  name: "Azure Data Factory",
  docs: "https://learn.microsoft.com/rest/api/datafactory/pipeline-runs/cancel",
  rights:
    "An application of Microsoft Entra, by its secret or a workload identity, that has the role Data Factory Contributor, or an access token " +
    "for https://management.azure.com of somebody who has it: `az account get-access-token --query accessToken --output tsv`.",
  server: {
    url: "https://adf.azure.com",
    api: { "adf.azure.com": "https://management.azure.com" },
    canonicalPage,
  },
  auth: [
    { ...bearer(), shortLived: true },
    { ...application, client: "form", env: { ...who, "client-secret": ["AZURE_CLIENT_SECRET"] } },
    // What the webhook of workload identity leaves in a pod: https://azure.github.io/azure-workload-identity/docs/installation/mutating-admission-webhook.html
    {
      ...application,
      client: "assertion",
      env: { ...who, "client-assertion": [{ file: "AZURE_FEDERATED_TOKEN_FILE" }] },
    },
  ],
  errors: { code: "error.code", message: "error.message" },
  states: states({
    queued: ["Queued"],
    running: ["InProgress"],
    cancelling: ["Canceling"],
    cancelled: ["Cancelled"],
    succeeded: ["Succeeded"],
    failed: ["Failed"],
  }),
  targets: { "pipeline-run": pipelineRun },
  unverified: [
    "What the cancel of a run that has ended is answered; a look decides.",
    "The words of an activity, which no document lists: one that is none of a run's counts as started.",
    "Where the activity that starts another pipeline says its run, `output.pipelineRunId`, and the page of a run: public code reads and writes them so.",
    "That a list of activities may ask for those of all times.",
    "What stands behind an activity, a job of Databricks say, is not known to stop with the run.",
    "Other clouds, such as that of China: give `server-url` with the address of their resource manager, and its login server in `AZURE_AUTHORITY_HOST`.",
  ],
} satisfies Provider;
