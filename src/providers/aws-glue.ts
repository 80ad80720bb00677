// https://docs.aws.amazon.com/glue/latest/webapi/API_BatchStopJobRun.html
import {
  authOf,
  callerIdentity,
  commonErrors,
  consolePages,
  exceptionName,
  operationsOf,
  serverOf,
} from "../clouds/aws.ts";
import { states } from "../kit.ts";
import type { Json, Provider, Target } from "../provider.ts";

const operation = operationsOf("AWSGlue", "1.1");

/** A run that cannot be stopped is in a list of errors, with status 200. */
function codeOf(body: Json): string | undefined {
  return exceptionName(body) ?? body.Errors?.[0]?.ErrorDetail?.ErrorCode;
}

/** The other list has the run if it is going to be stopped. */
function wasSubmitted({ SuccessfulSubmissions }: Json): boolean {
  return SuccessfulSubmissions.length > 0;
}

const jobRun: Target = {
  ids: {
    "job-name": {
      pattern: /[A-Za-z0-9_.@:+=,/~()-]{1,255}/,
      help: "name of the job",
      example: "nightly-etl",
      hint: "names with spaces are not taken",
    },
    "job-run-id": {
      // The second attempt of a run has an id of its own.
      pattern: /jr_[0-9a-f]{64}(?:_attempt_\d{1,3})?/,
      help: "id of the job run",
      example: `jr_${"0c5f7d2e".repeat(8)}`,
      unique: true,
    },
  },
  pages: consolePages("/gluestudio/home#/job/{job-name}/run/{job-run-id}"),
  permissions: {
    look: "`glue:GetJobRun`",
    cancel: "`glue:BatchStopJobRun`",
    docs: "https://docs.aws.amazon.com/service-authorization/latest/reference/list_glue.html",
  },
  look: {
    ...operation("GetJobRun", { JobName: "{job-name}", RunId: "{job-run-id}" }),
    state: "JobRun.JobRunState",
    name: "JobRun.JobName",
    shows: { "job-run-id": "JobRun.Id" },
    record: { error: "JobRun.ErrorMessage", "state-detail": "JobRun.StateDetail" },
  },
  cancel: {
    ...operation("BatchStopJobRun", { JobName: "{job-name}", JobRunIds: ["{job-run-id}"] }),
    okWhen: wasSubmitted,
  },
};

export const awsGlue = {
  name: "AWS Glue",
  docs: "https://docs.aws.amazon.com/glue/latest/webapi/API_BatchStopJobRun.html",
  rights: "An identity with `glue:GetJobRun` and `glue:BatchStopJobRun` for the job.",
  whoami: [callerIdentity],
  server: serverOf("glue", "GLUE"),
  auth: authOf("glue"),
  errors: {
    ...commonErrors,
    code: codeOf,
    message: ["Message", "message", "Errors.0.ErrorDetail.ErrorMessage"],
    notFound: /^EntityNotFoundException$/,
  },
  states: states({
    // `WAITING`: for a place, where the job queues its runs.
    queued: ["WAITING"],
    running: ["STARTING", "RUNNING"],
    cancelling: ["STOPPING"],
    cancelled: ["STOPPED"],
    succeeded: ["SUCCEEDED"],
    // `EXPIRED`: it waited longer than it may.
    failed: ["FAILED", "TIMEOUT", "ERROR", "EXPIRED"],
  }),
  targets: { "job-run": jobRun },
  unverified: [
    "The page is what Airflow's provider for Amazon prints; no tool of AWS's was found that prints one.",
    "Which codes the list of errors has; a look decides. A run that Glue has begun again after a failure has an id of its own, and is not looked for.",
    "Names of jobs with spaces, which AWS takes, are not taken.",
  ],
} satisfies Provider;
