// https://learn.microsoft.com/rest/api/azure/devops/build/builds/update-build
// https://learn.microsoft.com/rest/api/azure/devops/build/stages/update
// https://learn.microsoft.com/rest/api/azure/devops/release/releases/update-release-environment
import { bearer, number, states } from "../kit.ts";
import type {
  Auth,
  Call,
  Context,
  Json,
  List,
  Look,
  Pages,
  Permissions,
  Provider,
  Reading,
  Reply,
  Target,
} from "../provider.ts";

const project = "/{organization}/{project}";
const buildRoute = `${project}/_apis/build/builds/{build-id}`;
const environmentRoute = `${project}/_apis/Release/releases/{release-id}/environments/{environment-id}`;

/** A token that is not taken gets the page where people sign in, with 203: https://github.com/MicrosoftDocs/vsts-rest-api-specs/issues/574 */
function call(route: string, body?: Json): Call {
  return { route, ...(body !== undefined && { body }), okStatus: [203], deniedStatus: [203] };
}

/** `https://dev.azure.com/acme/`, or `https://acme.visualstudio.com/` as older organizations have it. */
const ofService = /^https:\/\/(?:dev\.azure\.com\/([^/]+)|([^./]+)\.visualstudio\.com)/;

/** What Azure Pipelines says of its server is the address of an organization, or, on a server of one's own, of a collection. */
function serverIn(address: string): string | undefined {
  return ofService.test(address) ? undefined : address.replace(/\/[^/]+\/?$/, "");
}

/** The organization in such an address, or the collection. */
function organizationIn(value: string): string {
  const [, byPath, byHost] = ofService.exec(value) ?? [];
  return byPath ?? byHost ?? /^https?:\/\/.*\/([^/]+)\/?$/.exec(value)?.[1] ?? value;
}

/** The server in such an address. */
function hostIn(value: string): { readonly host?: string } {
  if (!URL.canParse(value)) return {};
  return { host: ofService.test(value) ? "dev.azure.com" : new URL(value).host };
}

/** The address of the organization, or of the collection. */
const collection = ["SYSTEM_COLLECTIONURI"];

const inProject = {
  organization: {
    pattern: /[A-Za-z0-9](?:[\w.-]*[\w-])?/,
    help: "organization; on a server of one's own, the collection",
    example: "acme",
    env: collection,
    says: hostIn,
    normalize: organizationIn,
  },
  // https://learn.microsoft.com/azure/devops/organizations/settings/naming-restrictions#project-names
  project: {
    pattern: /[\p{L}\p{N}][\p{L}\p{M}\p{N} ._()&!@~^%-]*/u,
    help: "name of the project, or its UUID",
    example: "shop",
    env: ["SYSTEM_TEAMPROJECT"],
  },
} satisfies Target["ids"];

const buildId = number("number of the run, as in its page's address: `buildId`", "1234");

/** An older organization is in the name of its host; `az pipelines` opens `_build/index?buildid=` and `_build/results?buildid=`. */
function canonicalPage(address: string): string {
  return address
    .replace(/^https:\/\/([^./]+)\.visualstudio\.com(?:\/DefaultCollection(?=\/))?/, "https://dev.azure.com/$1")
    .replace("/_build/index?", "/_build/results?")
    .replace(/([?&])buildid=/, "$1buildId=");
}

/** What has ended says by its result how. */
function buildState({ status, result }: Json): string {
  return status === "completed" ? (result ?? status) : status;
}

/** The same for a record of a run's timeline: a stage, or a job. */
function recordState({ state, result }: Json): string {
  return state === "completed" ? (result ?? state) : state;
}

const timeline = call(`GET ${buildRoute}/timeline?api-version=6.0`);

/** The jobs of all stages; a timeline has phases, tasks and checks, too. */
function jobRecords({ records }: Json): readonly Json[] {
  return records.filter(({ type }: Json) => type === "Job");
}

/** Of a run for a branch its name; of any other the whole ref. */
function branchOf({ sourceBranch }: Json): string {
  return sourceBranch.replace(/^refs\/heads\//, "");
}

/** Whether the run is for a tag. */
function isOfTag({ sourceBranch }: Json): boolean {
  return sourceBranch.startsWith("refs/tags/");
}

/** `refs/pull/12/merge` */
function pullRequestOf({ sourceBranch }: Json): string | undefined {
  return /^refs\/pull\/(\d+)\//.exec(sourceBranch)?.[1];
}

const runPages: Pages = {
  ...call(`GET ${project}/_apis/build/builds?queryOrder=queueTimeDescending&$top=100&api-version=6.0`),
  items: "value",
  next: { parameter: "continuationToken", token: { header: "x-ms-continuationtoken" } },
};

const list: List = {
  ...runPages,
  within: ["organization", "project"],
  pageSize: 100,
  filters: { branch: "branchName=refs/heads/{value}", event: "reasonFilter", state: "statusFilter" },
  live: ["postponed", "notStarted", "inProgress", "cancelling"],
  item: {
    id: "id",
    branch: branchOf,
    commit: "sourceVersion",
    started: "queueTime",
    event: "reason",
    workflow: ["definition.name", "definition.id"],
    repository: "repository.id",
    pullRequest: pullRequestOf,
  },
  otherRefs: /refs\/.+/,
  tags: { is: isOfTag },
  events: [
    ...["manual", "individualCI", "batchedCI", "schedule", "scheduleForced", "userCreated", "validateShelveset"],
    ...["checkInShelveset", "pullRequest", "buildCompletion", "resourceTrigger", "triggered"],
  ],
  advice: [
    {
      input: "workflow",
      on: /.+\.ya?ml/,
      say: "a pipeline is identified by its name or its number, not by a file",
    },
  ],
};

const permissions: Permissions = {
  look: "a personal access token with the scope Build (read), and the permission View builds",
  cancel: "a personal access token with the scope Build (read & execute), and the permission Stop builds",
  docs: "https://learn.microsoft.com/azure/devops/pipelines/policies/permissions",
};

const buildReading = { state: buildState, shows: { "build-id": "id" } } satisfies Reading;

const buildTarget: Target = {
  ids: { ...inProject, "build-id": buildId },
  pages: [`{server}${project}/_build/results?buildId={build-id}`],
  permissions,
  look: {
    ...call(`GET ${buildRoute}?api-version=6.0`),
    ...buildReading,
    name: "definition.name",
    ref: "sourceBranch",
    record: { "build-number": "buildNumber" },
  },
  cancel: { ...call(`PATCH ${buildRoute}?api-version=6.0`, { status: "cancelling" }), reply: buildReading },
  list,
  jobs: [{ ...timeline, items: jobRecords, name: "name", state: recordState }],
};

/** A stage is a record of its run's timeline, which has no address of its own. Without stages it is an error, or a timeline that is not complete yet. */
async function stageOf({ ids, send }: Context): Promise<Reply> {
  const reply = await send(timeline);
  const stages: readonly Json[] = (reply.body?.records ?? []).filter(({ type }: Json) => type === "Stage");
  if (reply.status !== 200 || stages.length === 0) return reply;
  const stage: Json = stages.find(({ identifier }) => identifier.toLowerCase() === ids["stage"]?.toLowerCase());
  if (stage !== undefined) return { ...reply, body: stage };
  const names = stages.map(({ identifier }) => identifier).join(", ");
  return { ...reply, status: 404, body: { message: `the run has no such stage; it has ${names}` } };
}

const stageLook: Look = {
  ask: stageOf,
  calls: [timeline],
  state: recordState,
  name: "name",
  attempt: "attempt",
  shows: { stage: "identifier" },
};

const stageTarget: Target = {
  ids: {
    ...inProject,
    "build-id": buildId,
    stage: {
      pattern: /[A-Za-z_]\w*/,
      help: "name of the stage as the pipeline's YAML has it, `- stage: NAME`; not its display name",
      example: "Deploy",
    },
  },
  apiPages: [`${buildRoute}/stages/{stage}`],
  permissions,
  look: stageLook,
  cancel: call(`PATCH ${buildRoute}/stages/{stage}?api-version=7.1`, { state: "cancel" }),
};

/** The deployment that began last: each start of a stage is an attempt. */
function lastAttempt({ deploySteps }: Json): Json {
  return deploySteps?.reduce((one: Json, other: Json) => (other.attempt > one.attempt ? other : one), deploySteps[0]);
}

/** While it is in progress its latest attempt says more. */
function environmentState(body: Json): string {
  const { operationStatus } = lastAttempt(body) ?? {};
  const isUnderWay = body.status === "inProgress" || operationStatus === "cancelling";
  return isUnderWay ? (operationStatus ?? body.status) : body.status;
}

/** A phase, a gate or an approval may have ended, and the deployment not. */
function isEnvironmentOver({ status }: Json): boolean {
  return ["succeeded", "partiallySucceeded", "canceled", "rejected"].includes(status);
}

/** Which start it is. */
function attemptOf(body: Json): number | undefined {
  return lastAttempt(body)?.attempt;
}

const environmentReading = {
  state: environmentState,
  over: isEnvironmentOver,
  attempt: attemptOf,
  shows: { "release-id": "releaseId", "environment-id": "id" },
} satisfies Reading;

/** The stage of a classic release, which the API calls an environment. */
const releaseEnvironment: Target = {
  ids: {
    ...inProject,
    "release-id": number("number of the release, as in its page's address: `releaseId`", "15"),
    "environment-id": number("number of the stage, as in its page's address: `environmentId`", "9"),
  },
  api: { "dev.azure.com": "https://vsrm.dev.azure.com", "*": "" },
  pages: [
    `{server}${project}/_releaseProgress?_a=release-environment-logs&releaseId={release-id}&environmentId={environment-id}`,
  ],
  permissions: {
    look: "a personal access token with the scope Release (read), and the permission View releases",
    cancel:
      "a personal access token with the scope Release (read, write & execute), and the permission Manage deployments",
    docs: "https://learn.microsoft.com/azure/devops/pipelines/policies/permissions",
  },
  look: {
    ...call(`GET ${environmentRoute}?api-version=7.1`),
    ...environmentReading,
    name: "name",
    record: { release: "release.name" },
  },
  cancel: {
    ...call(`PATCH ${environmentRoute}?api-version=7.1`, { status: "canceled", comment: "{reason}" }),
    reply: environmentReading,
  },
  states: { pending: "blocked" },
};

/** The token of a job: https://learn.microsoft.com/azure/devops/pipelines/build/variables#systemaccesstoken */
const jobToken = { name: "SYSTEM_ACCESSTOKEN", servers: collection };

/** A token of Microsoft Entra, or of a job, has dots; a personal access token has none. */
const personalToken: Auth = {
  scheme: "token-as-password",
  env: { token: ["AZURE_DEVOPS_EXT_PAT"] },
  tokens: { like: /[^.]+/, called: "a personal access token" },
};

export const azurePipelines = {
  name: "Azure Pipelines",
  docs: "https://learn.microsoft.com/rest/api/azure/devops/build/builds/update-build",
  rights:
    "A personal access token with the scope Build (read & execute), for classic releases Release (read, write & execute), a token of Microsoft Entra, " +
    "or `$(System.AccessToken)`, of somebody who has the permission Stop builds, or Manage deployments. The job's own token is that of the build service, " +
    "which must be given the permission.",
  server: {
    url: "https://dev.azure.com",
    env: collection,
    serverIn,
    canonicalPage,
    selfHosted: true,
  },
  auth: [personalToken, bearer("AZURE_DEVOPS_EXT_PAT", jobToken)],
  // With it a token that is not taken is answered 401 in most cases, as the clients of Microsoft ask: typed-rest-client, handlers.
  headers: { "x-tfs-fedauthredirect": "Suppress" },
  errors: { code: "typeKey", message: "message" },
  states: states({
    queued: ["notStarted", "postponed", "queued", "pending", "queuedForAgent", "queuedForPipeline"],
    running: [
      ...["inProgress", "approved", "evaluatingGates", "gateFailed"],
      ...["phaseInProgress", "phaseSucceeded", "phasePartiallySucceeded", "phaseFailed", "phaseCanceled"],
    ],
    blocked: ["scheduled", "deferred", "manualInterventionPending"],
    cancelling: ["cancelling"],
    cancelled: ["canceled"],
    succeeded: ["succeeded", "succeededWithIssues", "partiallySucceeded"],
    failed: ["failed", "rejected", "abandoned"],
    skipped: ["skipped"],
  }),
  targets: { build: buildTarget, stage: stageTarget, "release-environment": releaseEnvironment },
  unverified: [
    "What the cancel of a run that has ended is answered; a look decides.",
    "That the name in the address of a stage is the `identifier` of its record in the timeline: public code reads it so.",
    "What a stage becomes that was cancelled before it began: its record may say `canceled` or `skipped`, and both are an end.",
    "The pages of classic releases, which no document shows; public code writes them so.",
    "A call for a stage or a classic release is of version 7.1 of the API, which Azure DevOps Server has since 2022.1; the calls for runs are of version 6.0, which it has since 2020.",
    "Steps with `condition: always()` still run after a cancel, and the run is `cancelling` as long as they do.",
  ],
} satisfies Provider;
