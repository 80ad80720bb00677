// https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_StopPipelineExecution.html
// Servers and regions: botocore 1.44.8, botocore/data/partitions.json and endpoints.json
// Consoles: aws-cli, awscli/customizations/console.py
import { states, uuid } from "../kit.ts";
import type { Call, Force, Id, Json, Provider, Regional, Whoami } from "../provider.ts";

/** The operation is named in a header; every call is a POST to the root of the service. */
function operation(name: string, body: Json): Call {
  return {
    route: "POST /",
    headers: { "content-type": "application/x-amz-json-1.1", "x-amz-target": `CodePipeline_20150709.${name}` },
    body,
  };
}

const execution = { pipelineName: "{pipeline}", pipelineExecutionId: "{execution-id}" };

/** Without `abandon`, actions that run are finished; with it they are left to themselves. */
function stop(abandon: boolean): Call {
  return operation("StopPipelineExecution", { ...execution, abandon, reason: "{reason:200}" });
}

const force: Force = { ...stop(true), confirmed: "status-only" };

/** Regions by partition: botocore/data/partitions.json. */
const partitions = {
  aws: /(?:us|eu|ap|sa|ca|me|af|il|mx)-[a-z]+-\d+/,
  "aws-us-gov": /us-gov-[a-z]+-\d+/,
  "aws-cn": /cn-[a-z]+-\d+/,
  "aws-eusc": /eusc-de-[a-z]+-\d+/,
  "aws-iso-f": /us-isof-[a-z]+-\d+/,
} satisfies Readonly<Record<string, RegExp>>;

/** By partition. A region that is in no list yet is taken if it has a partition's form, as the official clients do. */
const servers: Regional = [
  { regions: partitions.aws, url: "https://codepipeline.{region}.amazonaws.com" },
  { regions: partitions["aws-us-gov"], url: "https://codepipeline.{region}.amazonaws.com" },
  { regions: partitions["aws-cn"], url: "https://codepipeline.{region}.amazonaws.com.cn" },
  { regions: partitions["aws-eusc"], url: "https://codepipeline.{region}.amazonaws.eu" },
  { regions: partitions["aws-iso-f"], url: "https://codepipeline.{region}.csp.hci.ic.gov" },
];

/** botocore/data/endpoints.json */
const tokenServices: Regional = [
  { regions: partitions.aws, url: "https://sts.{region}.amazonaws.com" },
  { regions: partitions["aws-us-gov"], url: "https://sts.{region}.amazonaws.com" },
  { regions: partitions["aws-cn"], url: "https://sts.{region}.amazonaws.com.cn" },
  { regions: partitions["aws-eusc"], url: "https://sts.{region}.amazonaws.eu" },
];

/** The reply is XML. */
function arnIn(text: string): string | undefined {
  return /<Arn>([^<]{1,2000})<\/Arn>/.exec(text)?.[1];
}

/** Needs no permission. What the identity may do cannot be asked without one. */
const whoami: Whoami = {
  route: "POST /",
  form: { Action: "GetCallerIdentity", Version: "2011-06-15" },
  text: true,
  docs: "https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html",
  service: { name: "sts", url: tokenServices },
  who: arnIn,
};

/** A tab such as `/visualization` may follow. With several sessions, a label of the session stands before the region. */
const page = "/codesuite/codepipeline/pipelines/{pipeline}/executions/{execution-id}";
const consoles = ["aws.amazon.com", "amazonaws-us-gov.com", "amazonaws.cn", "amazonaws-eusc.eu"];
const pages = consoles.flatMap((console) => [
  `https://{region}.console.${console}${page}`,
  `https://{session}.{region}.console.${console}${page}`,
  `https://console.${console}${page}?region={region}`,
]);

const pipeline: Id = {
  pattern: /[A-Za-z0-9.@_-]{1,100}/,
  help: "name of the pipeline, or its ARN",
  example: "deploy-prod",
  hint: "the partition of an ARN is that of its region",
  says: regionOf,
  normalize: nameOf,
};

const arn = /^arn:(?<partition>aws[a-z-]*):codepipeline:(?<region>[a-z0-9-]+):\d{12}:(?<name>.*)$/s;

/** `arn:aws:codepipeline:REGION:ACCOUNT:NAME` names it, too. One that contradicts itself names nothing. */
function nameOf(pipeline: string): string {
  const { partition, region = "", name = "" } = arn.exec(pipeline)?.groups ?? {};
  const of = Object.entries(partitions).find(([, regions]) => matchesWhole(regions, region))?.[0];
  return partition !== undefined && partition === of ? name : pipeline;
}

/** The pipeline is in the region of its ARN and in no other. */
function regionOf(pipeline: string): { region?: string } {
  const region = arn.exec(pipeline)?.groups?.["region"];
  return region === undefined ? {} : { region };
}

function matchesWhole(pattern: RegExp, text: string): boolean {
  return new RegExp(`^(?:${pattern.source})$`).test(text);
}

/** The exception's name stands behind a namespace and a `#`, where there is one. */
function exceptionName(body: Json): string | undefined {
  return body.__type?.split("#").at(-1);
}

export const awsCodepipeline = {
  name: "AWS CodePipeline",
  docs: "https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_StopPipelineExecution.html",
  rights:
    "An access key with `codepipeline:GetPipelineExecution` and `codepipeline:StopPipelineExecution` for the pipeline.",
  whoami: [whoami],
  server: {
    url: servers,
    // botocore/configprovider.py: the first one wins.
    env: ["AWS_ENDPOINT_URL_CODEPIPELINE", "AWS_ENDPOINT_URL"],
    envIgnoredBy: "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
    region: { env: ["AWS_REGION", "AWS_DEFAULT_REGION"], example: "eu-west-1" },
  },
  auth: [
    {
      scheme: "aws-signature",
      service: "codepipeline",
      env: {
        "access-key": ["AWS_ACCESS_KEY_ID"],
        "secret-key": ["AWS_SECRET_ACCESS_KEY"],
        "security-token": ["AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN"],
      },
    },
  ],
  errors: {
    code: exceptionName,
    message: ["message", "Message"],
    notFound: /^Pipeline(Execution)?NotFoundException$/,
    already: /^DuplicatedStopRequestException$/,
    busy: /^(ConflictException|Throttling(Exception)?)$/,
    denied:
      /^(AccessDenied|UnrecognizedClient|InvalidSignature|IncompleteSignature|ExpiredToken|InvalidClientTokenId|MissingAuthenticationToken|OptInRequired|NotAuthorized)(Exception)?$/,
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
      pages,
      permissions: {
        look: "`codepipeline:GetPipelineExecution`",
        cancel: "`codepipeline:StopPipelineExecution`",
        docs: "https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscodepipeline.html",
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
