// https://docs.aws.amazon.com/batch/latest/APIReference/API_TerminateJob.html
import { authOf, byArn, callerIdentity, commonErrors, consolePages, serverOf } from "../clouds/aws.ts";
import { post, states } from "../kit.ts";
import type { Id, Json, Provider, Target } from "../provider.ts";

const jobId: Id = {
  // A child of an array job has its index behind a colon.
  pattern: /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?::\d{1,5})?/,
  help: "id of the job, or its ARN; of a child of an array job, with its index",
  example: "0c5f7d2e-8a1b-4c3d-9e4f-5a6b7c8d9e0f",
  unique: true,
  ...byArn("batch", "job/"),
};

/** There is no word for it: a job that was cancelled or terminated is FAILED, and says so in a field of its own. */
function stateOf({ jobs: [job] }: Json): string | undefined {
  if (job.status !== "FAILED") return job.status;
  if (job.isTerminated === true) return "FAILED, isTerminated";
  return job.isCancelled === true ? "FAILED, isCancelled" : "FAILED";
}

/** An id that there is not is answered with 200 and a list without it. */
function noJob({ jobs }: Json): boolean {
  return Array.isArray(jobs) && jobs.length === 0;
}

const job: Target = {
  ids: { "job-id": jobId },
  pages: [
    ...consolePages("/batch/home#jobs/detail/{job-id}"),
    ...consolePages("/batch/home#jobs/{kind}/detail/{job-id}"),
    ...consolePages("/batch/home#jobs/array-job/{job-id}"),
    ...consolePages("/batch/home#jobs/mnp-job/{job-id}"),
  ],
  permissions: {
    look: "`batch:DescribeJobs`",
    cancel: "`batch:TerminateJob`",
    docs: "https://docs.aws.amazon.com/service-authorization/latest/reference/list_batch.html",
  },
  look: {
    ...post("/v1/describejobs", { body: { jobs: ["{job-id}"] } }),
    notFoundWhen: noJob,
    state: stateOf,
    name: "jobs.0.jobName",
    shows: { "job-id": "jobs.0.jobId" },
    record: { "status-reason": "jobs.0.statusReason", queue: "jobs.0.jobQueue" },
  },
  // It cancels a job that has not started, too. CancelJob leaves one that has started meanwhile as it is, and says nothing.
  cancel: post("/v1/terminatejob", { body: { jobId: "{job-id}", reason: "{reason:1024}" } }),
};

export const awsBatch = {
  name: "AWS Batch",
  docs: "https://docs.aws.amazon.com/batch/latest/APIReference/API_TerminateJob.html",
  rights: "An identity with `batch:DescribeJobs` and `batch:TerminateJob` for the job.",
  whoami: [callerIdentity],
  server: serverOf("batch", "BATCH"),
  auth: authOf("batch"),
  errors: commonErrors,
  headers: { "content-type": "application/json" },
  states: states({
    queued: ["SUBMITTED", "PENDING", "RUNNABLE"],
    running: ["STARTING", "RUNNING"],
    cancelled: ["FAILED, isTerminated", "FAILED, isCancelled"],
    succeeded: ["SUCCEEDED"],
    failed: ["FAILED"],
  }),
  targets: { job },
  unverified: [
    "That a reply without `isTerminated` and `isCancelled` is one of a job that failed by itself: servers of moto's never have them.",
    "What the server answers to the termination of a job that is over, or that there is not: a look decides.",
    "Nodes of multi-node jobs (`ID#0`) are stopped with their job only.",
    "The page of a child of an array job.",
  ],
} satisfies Provider;
