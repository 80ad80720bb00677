// https://support.huaweicloud.com/intl/en-us/api-codeci/StopTheJob.html
// https://support.huaweicloud.com/intl/en-us/api-pipeline/StopPipelineRun.html
import { get, number, post, states } from "../kit.ts";
import type { Id, Json, Provider, Regional, Target } from "../provider.ts";

function id(help: string): Id {
  return { pattern: /[0-9a-z]{32}/, help, example: "f9d6c8466d614a9788e9a0acf6c15f46" };
}

/** Each service has a server of its own in each region. */
function servers(service: string): Regional {
  return [{ regions: /[a-z]{2}(?:-[a-z]+)+-\d{1,3}/, url: `https://${service}.{region}.myhuaweicloud.com` }];
}

/** Errors come with status 200, so a 200 alone is no yes. */
const succeeded = { status: "success" };

/** What runs has no result yet, and the case of a result is not the same everywhere. */
function stateOfBuild({ result }: Json): string | undefined {
  return result.building ? "RUNNING" : result.build_result?.toUpperCase();
}

const build: Target = {
  server: servers("cloudbuild-ext"),
  ids: {
    "job-id": id("id of the build task, 32 letters and digits"),
    "build-number": number("number of the build", "20", { digits: 9, hint: "take 20 of 20200612.20" }),
  },
  look: {
    ...get("/v1/job/{job-id}/{build-number}/build-info"),
    state: stateOfBuild,
    over: { "result.building": false },
  },
  cancel: {
    ...post("/v1/job/{job-id}/stop", { body: { build_no: "{build-number:number}" }, okWhen: succeeded }),
    // Regions without the new route have the old one, which is to go: its number is a text.
    otherwise: {
      on: /^APIGW?\.0101$/,
      ...post("/v3/jobs/stop", { body: { job_id: "{job-id}", build_no: "{build-number}" }, okWhen: "result" }),
    },
  },
};

const pipeline: Target = {
  server: servers("cloudpipeline-ext"),
  ids: {
    "project-id": id("id of the CodeArts project"),
    "pipeline-id": id("id of the pipeline"),
    "pipeline-run-id": id("id of the pipeline run"),
  },
  pages: [
    "https://devcloud.{region}.huaweicloud.com/cicd/project/{project-id}/pipeline/detail/{pipeline-id}/{pipeline-run-id}?v=1",
  ],
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
  server: servers("codearts-deploy"),
  ids: {
    "task-id": id("id of the deployment task"),
    "record-id": id("id of the deployment record"),
  },
  look: {
    ...get("/v2/tasks/{task-id}/state?record_id={record-id}&step_state=false"),
    state: "result.status",
    shows: { "record-id": "result.record_id" },
  },
  cancel: {
    route: "PUT /v2/tasks/{task-id}/records/{record-id}/stop",
    body: {},
    okWhen: succeeded,
  },
};

export const codearts = {
  name: "Huawei Cloud CodeArts",
  docs: "https://support.huaweicloud.com/intl/en-us/api-codeci/StopTheJob.html",
  rights:
    "A role in the CodeArts project that may stop the task, and a project-scoped token, an access key, or an IAM user's password. " +
    "Five failed signatures lock an access key for five minutes.",
  server: {
    region: { env: ["HUAWEICLOUD_SDK_REGION", "HW_REGION_NAME"], example: "cn-north-4" },
    pace: 3000,
  },
  auth: [
    { scheme: "huawei-token", env: { token: ["HUAWEICLOUD_SDK_TOKEN"] }, tokenServer: servers("iam") },
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
      tokenServer: servers("iam"),
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
