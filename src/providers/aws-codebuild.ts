// https://docs.aws.amazon.com/codebuild/latest/APIReference/API_StopBuild.html
// https://docs.aws.amazon.com/codebuild/latest/APIReference/API_StopBuildBatch.html
import { authOf, byArn, callerIdentity, commonErrors, consolePages, operationsOf, serverOf } from "../clouds/aws.ts";
import { states } from "../kit.ts";
import type { Id, Jobs, Json, Permissions, Provider, Target } from "../provider.ts";

const operation = operationsOf("CodeBuild_20161006", "1.1");

/** A build is named by its project and a UUID; `resource` is what its ARN calls it. */
function id(what: string, resource: string): Id {
  return {
    pattern: /[A-Za-z0-9][A-Za-z0-9_-]{1,254}:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/,
    help: `id of the ${what}, with its project, as CODEBUILD_BUILD_ID has it, or its ARN`,
    example: "deploy-prod:0c5f7d2e-8a1b-4c3d-9e4f-5a6b7c8d9e0f",
    unique: true,
    ...byArn("codebuild", `${resource}/`),
  };
}

/** The pages have the account, which the API says in ARNs alone; older ones do without it. */
function pages(kind: string, name: string): string[] {
  const own = `projects/{project}/${kind}/{${name}}`;
  return [...consolePages(`/codesuite/codebuild/{account}/${own}`), ...consolePages(`/codesuite/codebuild/${own}`)];
}

/** The account is the fifth part of the build's ARN. */
function accountOfBuild({ builds }: Json): string | undefined {
  return builds[0].arn.split(":")[4];
}

/** The account is the fifth part of the batch's ARN. */
function accountOfBatch({ buildBatches }: Json): string | undefined {
  return buildBatches[0].arn.split(":")[4];
}

/** An id that there is not is answered with 200 and a list without it. */
function noBuild({ builds }: Json): boolean {
  return Array.isArray(builds) && builds.length === 0;
}

/** As for a build: 200, and a list without it. */
function noBatch({ buildBatches }: Json): boolean {
  return Array.isArray(buildBatches) && buildBatches.length === 0;
}

/** The phase that is under way has no status yet. */
function stateOfPhase({ phaseStatus }: Json): string {
  return phaseStatus ?? "IN_PROGRESS";
}

const lookAtBuild = operation("BatchGetBuilds", { ids: ["{build-id}"] });
const lookAtBatch = operation("BatchGetBuildBatches", { ids: ["{build-batch-id}"] });

/** Its phases, as the console lists them: `BUILD`, `POST_BUILD`, … */
const phases: Jobs = { ...lookAtBuild, items: "builds.0.phases", name: "phaseType", state: stateOfPhase };

/** Its builds, by their identifiers in the buildspec. Those that have not started have no summary. */
const builds: Jobs = {
  ...lookAtBatch,
  items: "buildBatches.0.buildGroups",
  name: "identifier",
  state: stateOfGroup,
};

/** A group that has no build yet waits for others. */
function stateOfGroup({ currentBuildSummary }: Json): string {
  return currentBuildSummary?.buildStatus ?? "not started";
}

function permissions(look: string, cancel: string): Permissions {
  return {
    look: `\`codebuild:${look}\``,
    cancel: `\`codebuild:${cancel}\``,
    docs: "https://docs.aws.amazon.com/service-authorization/latest/reference/list_codebuild.html",
  };
}

const build: Target = {
  ids: { "build-id": id("build", "build") },
  pages: pages("build", "build-id"),
  permissions: permissions("BatchGetBuilds", "StopBuild"),
  look: {
    ...lookAtBuild,
    notFoundWhen: noBuild,
    state: "builds.0.buildStatus",
    over: "builds.0.buildComplete",
    name: "builds.0.projectName",
    ref: "builds.0.sourceVersion",
    shows: { "build-id": "builds.0.id" },
    learn: { account: accountOfBuild, project: "builds.0.projectName" },
    record: { commit: "builds.0.resolvedSourceVersion", phase: "builds.0.currentPhase" },
  },
  cancel: {
    ...operation("StopBuild", { id: "{build-id}" }),
    reply: { state: "build.buildStatus", over: "build.buildComplete", shows: { "build-id": "build.id" } },
  },
  jobs: [phases],
};

const batch: Target = {
  ids: { "build-batch-id": id("batch build", "build-batch") },
  pages: pages("batch", "build-batch-id"),
  permissions: permissions("BatchGetBuildBatches", "StopBuildBatch"),
  look: {
    ...lookAtBatch,
    notFoundWhen: noBatch,
    state: "buildBatches.0.buildBatchStatus",
    over: "buildBatches.0.complete",
    name: "buildBatches.0.projectName",
    ref: "buildBatches.0.sourceVersion",
    shows: { "build-batch-id": "buildBatches.0.id" },
    learn: { account: accountOfBatch, project: "buildBatches.0.projectName" },
    record: { commit: "buildBatches.0.resolvedSourceVersion", phase: "buildBatches.0.currentPhase" },
  },
  cancel: {
    ...operation("StopBuildBatch", { id: "{build-batch-id}" }),
    reply: {
      state: "buildBatch.buildBatchStatus",
      over: "buildBatch.complete",
      shows: { "build-batch-id": "buildBatch.id" },
    },
  },
  jobs: [builds],
};

export const awsCodebuild = {
  name: "AWS CodeBuild",
  docs: "https://docs.aws.amazon.com/codebuild/latest/APIReference/API_StopBuild.html",
  rights:
    "An identity with `codebuild:BatchGetBuilds` and `codebuild:StopBuild` for the project; for a batch `codebuild:BatchGetBuildBatches` and `codebuild:StopBuildBatch`.",
  whoami: [callerIdentity],
  server: serverOf("codebuild", "CODEBUILD"),
  auth: authOf("codebuild"),
  errors: { ...commonErrors, notFound: /^ResourceNotFoundException$/ },
  states: states({
    queued: ["not started"],
    running: ["IN_PROGRESS"],
    cancelled: ["STOPPED"],
    succeeded: ["SUCCEEDED"],
    failed: ["FAILED", "FAULT", "TIMED_OUT"],
  }),
  targets: { build, "build-batch": batch },
  unverified: [
    "Pages are known from third-party code only; that of a batch build was found in no source and is made after that of a build.",
    "What the stop of a build answers that is over: a look decides.",
    "Builds cannot be selected: the list of a project has ids alone, of all the builds that it ever had.",
    "Sandboxes and the builds of one's own fleets: no stop call of their own is used.",
  ],
} satisfies Provider;
