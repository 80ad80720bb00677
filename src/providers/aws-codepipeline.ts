// https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_StopPipelineExecution.html
import { authOf, byArn, callerIdentity, commonErrors, consolePages, operationsOf, serverOf } from "../clouds/aws.ts";
import { states, uuid } from "../kit.ts";
import type { Call, Force, Id, Provider } from "../provider.ts";

const operation = operationsOf("CodePipeline_20150709", "1.1");

const execution = { pipelineName: "{pipeline}", pipelineExecutionId: "{execution-id}" };

/** Without `abandon`, actions that run are finished; with it they are left to themselves. */
function stop(abandon: boolean): Call {
  return operation("StopPipelineExecution", { ...execution, abandon, reason: "{reason:200}" });
}

const force: Force = { ...stop(true), called: "`abandon`", confirmed: "status-only" };

const pipeline: Id = {
  pattern: /[A-Za-z0-9.@_-]{1,100}/,
  help: "name of the pipeline, or its ARN",
  example: "deploy-prod",
  ...byArn("codepipeline"),
};

export const awsCodepipeline = {
  name: "AWS CodePipeline",
  docs: "https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_StopPipelineExecution.html",
  rights:
    "An access key with `codepipeline:GetPipelineExecution` and `codepipeline:StopPipelineExecution` for the pipeline.",
  whoami: [callerIdentity],
  server: serverOf("codepipeline", "CODEPIPELINE"),
  auth: authOf("codepipeline"),
  errors: {
    ...commonErrors,
    notFound: /^Pipeline(Execution)?NotFoundException$/,
    already: /^DuplicatedStopRequestException$/,
    busy: /^(ConflictException|Throttling(Exception)?)$/,
  },
  states: states({
    running: ["InProgress"],
    cancelling: ["Stopping"],
    cancelled: ["Stopped"],
    succeeded: ["Succeeded"],
    failed: ["Failed"],
    // No stop of ours: a newer execution went past it, or the pipeline's definition was changed.
    skipped: ["Superseded", "Cancelled"],
  }),
  targets: {
    execution: {
      ids: {
        pipeline,
        "execution-id": uuid("id of the pipeline execution", "0c5f7d2e-8a1b-4c3d-9e4f-5a6b7c8d9e0f"),
      },
      // A tab such as `/visualization` may follow.
      pages: consolePages("/codesuite/codepipeline/pipelines/{pipeline}/executions/{execution-id}"),
      permissions: {
        look: "`codepipeline:GetPipelineExecution`",
        cancel: "`codepipeline:StopPipelineExecution`",
        docs: "https://docs.aws.amazon.com/service-authorization/latest/reference/list_codepipeline.html",
      },
      look: {
        ...operation("GetPipelineExecution", execution),
        state: "pipelineExecution.status",
        name: "pipelineExecution.pipelineName",
        shows: { "execution-id": "pipelineExecution.pipelineExecutionId" },
        record: { "status-summary": "pipelineExecution.statusSummary" },
      },
      cancel: stop(false),
      force: [force],
    },
  },
  unverified: [
    "The page is known from third-party code only; the consoles of China and GovCloud from documents only.",
    "Which error code a missing permission, a wrong key or a spent token has: AWS documents them for all services together.",
  ],
} satisfies Provider;
