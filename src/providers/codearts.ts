// https://support.huaweicloud.com/intl/en-us/api-codeci/StopTheJob.html
// https://support.huaweicloud.com/intl/en-us/api-pipeline/StopPipelineRun.html
// Servers and regions: huaweicloudsdkcodeartsbuild, …pipeline, …deploy and …iam 3.1.219, region files
import { get, number, post, regions, states } from "../kit.ts";
import type { Id, Json, Permissions, Provider, Regional, Target } from "../provider.ts";

function id(help: string): Id {
  return { pattern: /[0-9A-Za-z]{32}/, help, example: "f9d6c8466d614a9788e9a0acf6c15f46" };
}

/** Each service has a server of its own in each region; those in Europe have a domain of their own. */
const domain = "{region}.myhuaweicloud.com";
const common = [
  ...["ap-southeast-3", "cn-east-2", "cn-east-3", "cn-north-1", "cn-north-4", "cn-south-1"],
  ...["la-north-2", "sa-brazil-1", "tr-west-1"],
];
const europe = /eu-west-101/;

const buildServers: Regional = [
  {
    regions: regions(...common, "cn-south-2", "cn-southwest-2", "cn-northeast-1", "la-south-2"),
    url: `https://cloudbuild-ext.${domain}`,
  },
  { regions: europe, url: "https://build-backend.{region}.myhuaweicloud.eu" },
];

const pipelineServers: Regional = [
  { regions: regions("tr-west-1", "la-south-2"), url: `https://pipeline-external.${domain}` },
  { regions: regions("af-north-1", "me-east-1", "af-south-1"), url: `https://pipeline.${domain}` },
  {
    regions: regions(...common, "cn-south-2", "cn-southwest-2", "cn-northeast-1"),
    url: `https://cloudpipeline-ext.${domain}`,
  },
  { regions: europe, url: "https://pipeline-external.{region}.myhuaweicloud.eu" },
];

const deploymentServers: Regional = [
  { regions: regions(...common), url: `https://codearts-deploy.${domain}` },
  { regions: europe, url: "https://codearts-deploy.{region}.myhuaweicloud.eu" },
];

/** The token service is in more regions than the others; its tokens are for the region that they were made in. */
const iamServers: Regional = [
  { regions: europe, url: "https://iam.{region}.myhuaweicloud.eu" },
  { regions: /[a-z]{2}(?:-[a-z]+)+-\d{1,3}/, url: `https://iam.${domain}` },
];

/** The SDKs' (huaweicloudsdkcore/auth/internal.py) and the Terraform provider's, which has `/v3` behind it. */
const iamVariables = ["HUAWEICLOUD_SDK_IAM_ENDPOINT", "HW_AUTH_URL"];

/** Errors come with status 200, so a 200 alone is no yes. */
const succeeded = { status: "success" };

/** A gateway that does not have a route. */
const noSuchRoute = /^APIGW?\.0101$/;

/** What runs has no result yet, and the case of a result is not the same everywhere. A record says `status` instead. */
function stateOfBuild({ result }: Json): string | undefined {
  return result.building ? "RUNNING" : (result.build_result ?? result.status)?.toUpperCase();
}

/** A record does not say whether it is being built, but when that ended. */
function isBuilt({ result }: Json): boolean | undefined {
  if (typeof result.building === "boolean") return !result.building;
  return "finish_time" in result ? Boolean(result.finish_time) : undefined;
}

/** Where it does not say so, its status does. */
function isDeployed({ result }: Json): boolean | undefined {
  return result.step === "finish" ? true : undefined;
}

/** The project's own roles decide; some pages of the build's calls say that no identity policy is needed. */
function roles(look: string, cancel: string, docs: string): Permissions {
  return {
    look: `a role in the CodeArts project that may ${look}`,
    cancel: `a role in the CodeArts project that may ${cancel}`,
    docs: `https://support.huaweicloud.com/intl/en-us/${docs}`,
  };
}

const build: Target = {
  server: buildServers,
  ids: {
    "job-id": { ...id("id of the build task, 32 letters and digits"), pattern: /[0-9a-z]{32}/ },
    "build-number": number("number of the build", "20", { digits: 9, hint: "take 20 of 20200612.20" }),
  },
  permissions: roles("view the build task", "run and stop it", "api-codeci/StopTheJob.html"),
  look: {
    ...get("/v1/job/{job-id}/{build-number}/build-info"),
    // Regions differ in which of the three they have.
    otherwise: {
      on: noSuchRoute,
      ...get("/v1/record/{job-id}/{build-number}/record-info"),
      otherwise: { on: noSuchRoute, ...get("/v3/jobs/{job-id}/{build-number}/record-info") },
    },
    state: stateOfBuild,
    over: isBuilt,
    name: "result.repo_name",
    ref: ["result.tag", "result.branch"],
    // Only a record repeats them; the newest look has these two besides the result.
    shows: { "job-id": "result.codeci_job_id", "build-number": "result.build_no" },
    also: ["result.building", "result.region"],
  },
  cancel: {
    // Huawei's page has the number in the body, its SDKs have it in the query, and without it build 1 is stopped. With both the
    // right build is stopped, whichever of them the server reads.
    ...post("/v1/job/{job-id}/stop?build_no={build-number}", {
      body: { build_no: "{build-number:number}" },
      okWhen: succeeded,
    }),
    // Regions without the new route have the old one, which is to go: its number is a text.
    otherwise: {
      on: noSuchRoute,
      ...post("/v3/jobs/stop", { body: { job_id: "{job-id}", build_no: "{build-number}" }, okWhen: "result" }),
    },
  },
};

const pipeline: Target = {
  server: pipelineServers,
  ids: {
    "project-id": id("id of the CodeArts project"),
    "pipeline-id": id("id of the pipeline"),
    "pipeline-run-id": id("id of the pipeline run"),
  },
  pages: [
    "https://devcloud.{region}.huaweicloud.com/cicd/project/{project-id}/pipeline/detail/{pipeline-id}/{pipeline-run-id}?v=1",
  ],
  permissions: roles("view the pipeline", "run and stop it", "api-pipeline/StopPipelineRun.html"),
  look: {
    ...get("/v5/{project-id}/api/pipelines/{pipeline-id}/pipeline-runs/detail?pipeline_run_id={pipeline-run-id}"),
    state: "status",
    name: "name",
    url: "detail_url",
    shows: { "pipeline-run-id": "id" },
  },
  cancel: post("/v5/{project-id}/api/pipelines/{pipeline-id}/pipeline-runs/{pipeline-run-id}/stop", {
    body: {},
    okWhen: "success",
  }),
};

const deployment: Target = {
  server: deploymentServers,
  ids: {
    "task-id": id("id of the deployment task"),
    "record-id": id("id of the deployment record"),
  },
  permissions: roles("view the application", "deploy it", "api-deployman/StopDeployTaskRecordV2.html"),
  look: {
    ...get("/v2/tasks/{task-id}/state?record_id={record-id}&step_state=false"),
    state: "result.status",
    over: isDeployed,
    shows: { "record-id": "result.record_id" },
  },
  cancel: {
    route: "PUT /v2/tasks/{task-id}/records/{record-id}/stop",
    body: {},
    okWhen: succeeded,
  },
  // "Execution canceled", says a table of another route; by its name alone the word is no end.
  statesAfterCancel: { not_started: "cancelled" },
};

export const codearts = {
  name: "Huawei Cloud CodeArts",
  docs: "https://support.huaweicloud.com/intl/en-us/api-codeci/StopTheJob.html",
  rights:
    "A role in the CodeArts project that may stop the task, and a project-scoped token, an access key, or an IAM user's password. " +
    "Five failed signatures lock an access key for five minutes.",
  server: {
    region: { env: ["HW_REGION_NAME"], example: "cn-north-4" },
    pace: 3000,
  },
  auth: [
    {
      scheme: "huawei-token",
      env: { token: ["HW_AUTH_TOKEN"] },
      shortLived: true,
      tokenServer: iamServers,
      tokenServerEnv: iamVariables,
    },
    {
      scheme: "huawei-signature",
      env: {
        "access-key": ["HUAWEICLOUD_SDK_AK", "HW_ACCESS_KEY"],
        "secret-key": ["HUAWEICLOUD_SDK_SK", "HW_SECRET_KEY"],
        "security-token": ["HUAWEICLOUD_SDK_SECURITY_TOKEN", "HW_SECURITY_TOKEN"],
      },
    },
    {
      scheme: "huawei-password",
      env: { username: ["HW_USER_NAME"], password: ["HW_USER_PASSWORD"], domain: ["HW_DOMAIN_NAME"] },
      tokenServer: iamServers,
      tokenServerEnv: iamVariables,
    },
  ],
  // Required by the definitions of the API on GET, too.
  headers: { "content-type": "application/json" },
  errors: {
    code: ["error_code", "error.code", "err_code"],
    message: ["error_msg", "error.message"],
    busy: /^CB\.000(60211|60100)$/,
    denied: /^APIGW?\.030[1-7]$/,
    notFound:
      /^((DEV)?CB\.00031006|DEVPIPE\.000(11401|11412|11136)|DEVPIPE\.30021001|DEV_21_100169|Deploy\.000(11303|11020|16902))$/,
  },
  // The three services spell their words in three ways.
  states: {
    ...states({
      queued: ["INIT"],
      running: ["RUNNING"],
      blocked: ["PAUSED", "SUSPEND"],
      succeeded: ["SUCCESS", "COMPLETED"],
      failed: ["FAILURE", "FAILED", "SCHEDULE_FAILURE", "TIMEOUT"],
      cancelled: ["ABORTED", "CANCELED"],
      skipped: ["IGNORED"],
    }),
    ...states({
      queued: ["pending", "not_started", "not_executed"],
      running: ["running"],
      succeeded: ["succeeded"],
      failed: ["failed", "timeout"],
      cancelled: ["abort"],
    }),
  },
  targets: { build, pipeline, deployment },
  unverified: [
    "The console page of a pipeline run is known from third-party code only; those of builds and deployments are not known.",
    "Whether the stop of a build reads `build_no` in the body (as the documents and two clients send it) or in the query (as the SDKs do); both are sent.",
    "That a build's record has no `finish_time` while the build runs: documented is only that it is when the build ended.",
    "Build and pipeline in `ap-southeast-3`, `la-north-2` and `sa-brazil-1`: the SDKs' hosts are used; documents name `devcloud.{region}.myhuaweicloud.com`. China's documents name twins of the deployment's hosts below `.myhuaweicloud.cn`.",
    "Which state a stopped deployment record gets (`abort` is likely; `not_started` and `not_executed` are in the table of another route only, and no end before a cancel), and all states that a build can end with.",
    "What the servers answer to the stop of something that is over; a look decides.",
  ],
} satisfies Provider;
