// https://support.huaweicloud.com/intl/en-us/api-codeci/StopTheJob.html
// https://support.huaweicloud.com/intl/en-us/api-pipeline/StopPipelineRun.html
import { states } from "../kit.ts";
import type { Id, Json, Provider, Target } from "../provider.ts";

const id = (help: string): Id => ({ pattern: /[0-9a-z]{32}/, help, example: "f9d6c8466d614a9788e9a0acf6c15f46" });

/** Each service has a host of its own in each region. */
const host = (service: string): string => `https://${service}.{region}.myhuaweicloud.com`;

/** Errors come with status 200, so a 200 alone is no yes. */
const succeeded = (body: Json): boolean => body.status === "success";

const build: Target = {
  server: host("cloudbuild-ext"),
  ids: {
    "job-id": id("id of the build task, 32 letters and digits"),
    "build-number": {
      pattern: /[1-9]\d{0,8}/,
      help: "number of the build",
      example: "20",
      hint: "take 20 of 20200612.20",
    },
  },
  look: {
    route: "GET /v1/job/{job-id}/{build-number}/build-info",
    state: (body) => (body.result.building ? "RUNNING" : body.result.build_result?.toUpperCase()),
    over: (body) => body.result.building === false,
  },
  cancel: {
    route: "POST /v1/job/{job-id}/stop",
    body: { build_no: "{build-number:number}" },
    accepted: succeeded,
    // Regions without the new route have the old one, which is to go: its number is a text.
    otherwise: {
      on: /^APIGW?\.0101$/,
      route: "POST /v3/jobs/stop",
      body: { job_id: "{job-id}", build_no: "{build-number}" },
      accepted: (body) => body.result === true,
    },
  },
};

const pipeline: Target = {
  server: host("cloudpipeline-ext"),
  ids: {
    "project-id": id("id of the CodeArts project"),
    "pipeline-id": id("id of the pipeline"),
    "pipeline-run-id": id("id of the pipeline run"),
  },
  page: "https://devcloud.{region}.huaweicloud.com/cicd/project/{project-id}/pipeline/detail/{pipeline-id}/{pipeline-run-id}?v=1",
  look: {
    route: "GET /v5/{project-id}/api/pipelines/{pipeline-id}/pipeline-runs/detail?pipeline_run_id={pipeline-run-id}",
    state: "status",
    name: "name",
    page: "detail_url",
    shows: { "pipeline-run-id": "id" },
  },
  cancel: {
    route: "POST /v5/{project-id}/api/pipelines/{pipeline-id}/pipeline-runs/{pipeline-run-id}/stop",
    body: {},
    accepted: "success",
  },
};

const deployment: Target = {
  server: host("codearts-deploy"),
  ids: {
    "task-id": id("id of the deployment task"),
    "record-id": id("id of the deployment record"),
  },
  look: {
    route: "GET /v2/tasks/{task-id}/state?record_id={record-id}&step_state=false",
    state: "result.status",
    shows: { "record-id": "result.record_id" },
  },
  cancel: {
    route: "PUT /v2/tasks/{task-id}/records/{record-id}/stop",
    body: {},
    accepted: succeeded,
  },
};

export const codearts = {
  name: "Huawei Cloud CodeArts",
  docs: "https://support.huaweicloud.com/intl/en-us/api-codeci/StopTheJob.html",
  rights:
    "A role in the CodeArts project that may stop the task, and a project-scoped token, an access key, or an IAM user's password. " +
    "Five failed signatures lock an access key for five minutes.",
  server: { regionEnv: ["HUAWEICLOUD_SDK_REGION", "HW_REGION_NAME"], regionExample: "cn-north-4", pace: 3000 },
  auth: [
    { scheme: "huawei-token", env: { token: ["HUAWEICLOUD_SDK_TOKEN"] }, tokenServer: host("iam") },
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
      tokenServer: host("iam"),
    },
  ],
  errors: {
    code: ["error_code", "error.code"],
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
      queued: ["pending"],
      running: ["running"],
      succeeded: ["succeeded"],
      failed: ["failed", "timeout"],
      cancelled: ["abort", "not_started"],
    }),
  },
  targets: { build, pipeline, deployment },
  unverified: [
    "The console page of a pipeline run is known from third-party code only; those of builds and deployments are not known.",
    "Whether the stop of a build reads `build_no` in the body (as the documents and two clients send it) or in the query (as the SDKs do); the body is sent, a look decides.",
    "Which state a stopped deployment record gets (`abort` is likely; that `not_started` means cancelled is in the table of another route), and all states that a build can end with.",
    "What the servers answer to the stop of something that is over; a look decides.",
  ],
} satisfies Provider;
