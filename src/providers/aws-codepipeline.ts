// https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_StopPipelineExecution.html · https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_GetPipelineExecution.html
import type { Call, Json, Provider } from "../provider.ts";

const ids = { pipelineName: "{pipeline}", pipelineExecutionId: "{execution-id}" };
const call = (operation: string, body: Json): Call => ({
  route: "POST /",
  headers: { "content-type": "application/x-amz-json-1.1", "x-amz-target": `CodePipeline_20150709.${operation}` },
  body,
});
const stop = (abandon: boolean): Call => call("StopPipelineExecution", { ...ids, abandon, reason: "{reason:200}" });

export const awsCodepipeline = {
  name: "AWS CodePipeline",
  docs: "https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_StopPipelineExecution.html",
  rights:
    "An access key with `codepipeline:GetPipelineExecution` and `codepipeline:StopPipelineExecution` for the pipeline.",
  server: {
    url: "https://codepipeline.{region}.amazonaws.com",
    regionEnv: ["AWS_REGION", "AWS_DEFAULT_REGION"],
    regionExample: "eu-west-1",
  },
  auth: [
    {
      scheme: "aws-signature",
      service: "codepipeline",
      env: {
        "access-key": ["AWS_ACCESS_KEY_ID"],
        "secret-key": ["AWS_SECRET_ACCESS_KEY"],
        "security-token": ["AWS_SESSION_TOKEN"],
      },
    },
  ],
  errors: {
    code: (b) => b.__type?.split("#").at(-1),
    message: ["message", "Message"],
    notFound: /^Pipeline(Execution)?NotFoundException$/,
    already: /^DuplicatedStopRequestException$/,
    busy: /^(ConflictException|Throttling(Exception)?)$/,
    denied:
      /^(AccessDenied|UnrecognizedClient|InvalidSignature|IncompleteSignature|ExpiredToken|InvalidClientTokenId|MissingAuthenticationToken|OptInRequired|NotAuthorized)(Exception)?$/,
  },
  // `Cancelled` is no stop of ours: the pipeline's definition was changed. `Superseded`: a newer execution went past it.
  states: {
    InProgress: "running",
    Stopping: "cancelling",
    Stopped: "cancelled",
    Succeeded: "succeeded",
    Failed: "failed",
    Superseded: "skipped",
    Cancelled: "skipped",
  },
  targets: {
    execution: {
      ids: {
        pipeline: {
          pattern: /[A-Za-z0-9.@_-]{1,100}/,
          help: "name of the pipeline, or its ARN",
          example: "deploy-prod",
          normalize: (name) => name.replace(/^arn:aws[\w-]*:codepipeline:[\w-]+:\d{12}:/, ""),
        },
        "execution-id": {
          pattern: /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/,
          help: "id of the pipeline execution",
          example: "0c5f7d2e-8a1b-4c3d-9e4f-5a6b7c8d9e0f",
        },
      },
      page: [
        "https://{region}.console.aws.amazon.com/codesuite/codepipeline/pipelines/{pipeline}/executions/{execution-id}/timeline",
        "https://console.aws.amazon.com/codesuite/codepipeline/pipelines/{pipeline}/executions/{execution-id}/timeline?region={region}",
      ],
      look: {
        ...call("GetPipelineExecution", ids),
        state: "pipelineExecution.status",
        name: "pipelineExecution.pipelineName",
        shows: { "execution-id": "pipelineExecution.pipelineExecutionId" },
        record: { "status-summary": "pipelineExecution.statusSummary" },
      },
      cancel: stop(false), // Actions that run are finished; with `abandon` they are left to themselves.
      force: { ...stop(true), confirmed: "status-only" },
    },
  },
  unverified: [
    "The page is known from third-party code only.",
    "Which error code a missing permission, a wrong key or a spent token has: AWS documents them for all services together.",
    "Regions in China (`cn-…`) have hosts of their own: give `server-url`.",
  ],
} satisfies Provider;
