/**
 * Renews __tests__/fixtures/clients/azure-pipelines.json:
 *
 *     node scripts/clients/azure-pipelines.mjs build.json release.json
 *
 * Runs azure-devops-node-api 17.0.1 against a server on loopback, and reads Microsoft's descriptions of its API:
 * specification/build/7.1/build.json and specification/release/7.1/release.json of github.com/MicrosoftDocs/vsts-rest-api-specs
 * at adb28786a3e9349d5b3deb43eb2134b682c33bb2. The client asks a server by OPTIONS where its resources are, and is told so as
 * those descriptions have it. Pages and variables are read by hand, at the commits below. All ids and credentials are made up.
 */
import { readFileSync } from "node:fs";
import { essential, npm, record, writeFixture } from "./recorder.mjs";

// They begin with a byte order mark.
const [buildApi, releaseApi] = process.argv.slice(2, 4).map((file) => JSON.parse(readFileSync(file, "utf8").trim()));

const inProject = { organization: "acme", project: "shop" };
const build = { ...inProject, "build-id": "1234" };
const stage = { ...build, stage: "Deploy" };
const environment = { ...inProject, "release-id": "15", "environment-id": "9" };
const reason = "superseded by 1f2e3d";
const filters = { branch: "main", state: "inProgress" };

const builds = "{project}/_apis/{area}/builds/{buildId}";
const resources = [
  ["e81700f7-3be2-46de-8624-2eb35882fcaa", "Location", "ResourceAreas", "_apis/{resource}/{areaId}"],
  ["0cd358e1-9217-4d94-8269-1c1ee6f93dcf", "build", "builds", "{project}/_apis/{area}/{resource}/{buildId}"],
  ["b8aac6c9-744b-46e1-88fc-3550969f9313", "build", "stages", `${builds}/{resource}/{stageRefName}`],
  ["8baac422-4c6e-4de5-8532-db96d92acffa", "build", "timeline", `${builds}/{resource}/{timelineId}`],
  [
    "a7e426b1-03dc-48af-9dfe-c98bac612dcb",
    "Release",
    "environments",
    "{project}/_apis/{area}/releases/{releaseId}/{resource}/{environmentId}",
  ],
].map(([id, area, resourceName, routeTemplate]) => ({
  ...{ id, area, resourceName, routeTemplate, resourceVersion: 8 },
  ...{ minVersion: "1.0", maxVersion: "7.2", releasedVersion: "7.1" },
}));

const recorder = await record(({ method }) => ({
  body: method === "OPTIONS" ? { value: resources } : { id: 1, value: [] },
}));
const { load } = npm("azure-devops-node-api@17.0.1");
const { WebApi, getPersonalAccessTokenHandler } = (await load("azure-devops-node-api/WebApi.js")).default;
const {
  BuildQueryOrder,
  BuildStatus,
  StageUpdateType,
  TypeInfo: words,
} = (await load("azure-devops-node-api/interfaces/BuildInterfaces.js")).default;
const { EnvironmentStatus, TypeInfo: releaseWords } = (
  await load("azure-devops-node-api/interfaces/ReleaseInterfaces.js")
).default;
const connection = new WebApi(`${recorder.server}/acme`, getPersonalAccessTokenHandler("TOKEN"));
const [ofBuilds, ofReleases] = [await connection.getBuildApi(), await connection.getReleaseApi()];

const byClient = [];
for (const [target, does, call, ids, run, values] of [
  ["build", "look", "getBuild", build, () => ofBuilds.getBuild("shop", 1234)],
  [
    ...["build", "cancel", "updateBuild", build],
    () => ofBuilds.updateBuild({ status: BuildStatus.Cancelling }, "shop", 1234),
  ],
  ["build", "jobs", "getBuildTimeline", build, () => ofBuilds.getBuildTimeline("shop", 1234)],
  ["build", "list", "getBuilds", inProject, list, filters],
  ["stage", "look", "getBuildTimeline", stage, () => ofBuilds.getBuildTimeline("shop", 1234)],
  [
    ...["stage", "cancel", "updateStage", stage],
    () => ofBuilds.updateStage({ state: StageUpdateType.Cancel }, 1234, "Deploy", "shop"),
  ],
  [
    ...["release-environment", "look", "getReleaseEnvironment", environment],
    () => ofReleases.getReleaseEnvironment("shop", 15, 9),
  ],
  [
    ...["release-environment", "cancel", "updateReleaseEnvironment", environment],
    () => ofReleases.updateReleaseEnvironment({ status: EnvironmentStatus.Canceled, comment: reason }, "shop", 15, 9),
    { reason },
  ],
]) {
  recorder.taken();
  await run();
  const request = recorder.taken().find(({ method, path }) => method !== "OPTIONS" && !path.includes("ResourceAreas"));
  const meaningful = ["authorization", "accept", "content-type", "x-tfs-fedauthredirect"];
  byClient.push({
    ...{ target, does, source: "client", call, ids, ...(values && { values }) },
    ...essential(request, meaningful),
  });
}
recorder.close();

function list() {
  const unset = (number) => Array.from({ length: number });
  return ofBuilds.getBuilds(
    ...["shop", ...unset(7), BuildStatus.InProgress, ...unset(3), 100, ...unset(3)],
    ...[BuildQueryOrder.QueueTimeDescending, "refs/heads/main"],
  );
}

const values = {
  ...{ organization: "acme", project: "shop", buildId: "1234", stageRefName: "Deploy" },
  ...{ releaseId: "15", environmentId: "9" },
};

/** A request as a description has it. */
function described(api, target, does, ids, method, end, body, more = {}) {
  const route = Object.keys(api.paths).find((path) => path.endsWith(end));
  const { operationId } = api.paths[route][method.toLowerCase()];
  // A build has one timeline whose id need not be known.
  const path = route.replace("/{timelineId}", "").replace(/\{(\w+)\}/g, (_, name) => values[name]);
  const source = api === buildApi ? "build" : "release";
  return { target, does, source, call: operationId, ids, ...more, method, path, query: {}, headers: {}, body };
}

const byDescription = [
  described(buildApi, "build", "look", build, "GET", "/builds/{buildId}", null),
  described(buildApi, "build", "cancel", build, "PATCH", "/builds/{buildId}", { status: "cancelling" }),
  described(buildApi, "build", "jobs", build, "GET", "/timeline/{timelineId}", null),
  described(buildApi, "build", "list", inProject, "GET", "/build/builds", null),
  described(buildApi, "stage", "look", stage, "GET", "/timeline/{timelineId}", null),
  described(buildApi, "stage", "cancel", stage, "PATCH", "/stages/{stageRefName}", { state: "cancel" }),
  described(releaseApi, "release-environment", "look", environment, "GET", "/environments/{environmentId}", null),
  described(
    ...[releaseApi, "release-environment", "cancel", environment, "PATCH", "/environments/{environmentId}"],
    ...[{ status: "canceled", comment: reason }, { values: { reason } }],
  ),
];

const ofRecords = buildApi.definitions.TimelineRecord.properties;
const ofAttempts = releaseApi.definitions.DeploymentAttempt.properties;
const statuses = buildApi.definitions.Build.properties;
const ofEnvironments = releaseApi.definitions.ReleaseEnvironment.properties;

writeFixture("clients/azure-pipelines.json", {
  about:
    "What Microsoft's own client sent to a server on loopback, and Microsoft's descriptions of its API (November 2026).",
  script: "scripts/clients/azure-pipelines.mjs",
  sources: {
    client: { name: "azure-devops-node-api 17.0.1", level: "official client" },
    build: {
      name: "github.com/MicrosoftDocs/vsts-rest-api-specs at adb28786, specification/build/7.1/build.json",
      level: "OpenAPI",
    },
    release: {
      name: "github.com/MicrosoftDocs/vsts-rest-api-specs at adb28786, specification/release/7.1/release.json",
      level: "OpenAPI",
    },
    cli: { name: "github.com/Azure/azure-devops-cli-extension at e547b4a6", level: "source code" },
    agent: { name: "github.com/microsoft/azure-pipelines-agent at 42bde98b", level: "source code" },
  },
  requests: [...byClient, ...byDescription],
  enums: [
    wordsOf("build", "status, and statusFilter of the list", "client", "BuildStatus", words.BuildStatus),
    wordsOf("build", "result", "client", "BuildResult", words.BuildResult),
    wordsOf("build", "state of a record", "client", "TimelineRecordState", words.TimelineRecordState),
    wordsOf("build", "result of a record", "client", "TaskResult", words.TaskResult),
    wordsOf("release-environment", "status", "client", "EnvironmentStatus", releaseWords.EnvironmentStatus),
    wordsOf(
      ...["release-environment", "operationStatus of a deployment", "client", "DeploymentOperationStatus"],
      releaseWords.DeploymentOperationStatus,
    ),
    enumOf("build", "status, and statusFilter of the list", "build", "Build.status", statuses.status),
    enumOf("build", "result", "build", "Build.result", statuses.result),
    enumOf("stage", "state", "build", "TimelineRecord.state", ofRecords.state),
    enumOf("stage", "result", "build", "TimelineRecord.result", ofRecords.result),
    enumOf("release-environment", "status", "release", "ReleaseEnvironment.status", ofEnvironments.status),
    enumOf(
      ...["release-environment", "operationStatus of a deployment", "release", "DeploymentAttempt.operationStatus"],
      ofAttempts.operationStatus,
    ),
  ],
  regions: [],
  pages: [
    page(
      "build",
      "https://dev.azure.com/acme/shop/_build/results?buildId=1234",
      build,
      "pipelines/pipeline_run.py:149",
    ),
    page(
      "build",
      "https://dev.azure.com/acme/shop/_build/results?buildid=1234",
      build,
      "pipelines/pipeline_run.py:151",
    ),
    page("build", "https://dev.azure.com/acme/shop/_build/index?buildid=1234", build, "pipelines/build.py:201"),
    page(
      "build",
      "https://acme.visualstudio.com/shop/_build/results?buildid=1234",
      build,
      "pipelines/pipeline_run.py:151",
    ),
  ],
  variables: [
    { name: "AZURE_DEVOPS_EXT_PAT", holds: "token", source: "cli", where: "dev/common/const.py:30, services.py:75" },
    {
      name: "SYSTEM_ACCESSTOKEN",
      holds: "token",
      for: "SYSTEM_COLLECTIONURI",
      source: "agent",
      where: "Microsoft.VisualStudio.Services.Agent/Constants.cs:515 system.accessToken",
    },
    {
      name: "SYSTEM_COLLECTIONURI",
      holds: "server",
      source: "agent",
      where:
        "Agent.Plugins/GitSourceProvider.cs:1813 system.collectionuri: the server with the organization, or the collection",
    },
    {
      name: "SYSTEM_TEAMPROJECT",
      holds: "project",
      source: "agent",
      where: "Microsoft.VisualStudio.Services.Agent/Constants.cs:544 system.teamproject",
    },
  ],
  unverified: [
    "Where a resource is the client asks the server; the recorder told it so from Microsoft's descriptions.",
    "The pages of classic releases are in no tool's sources that could be read.",
  ],
});

function wordsOf(target, of, source, where, { enumValues }) {
  return { target, of, source, where, words: Object.keys(enumValues) };
}

function enumOf(target, of, source, where, { enum: words }) {
  return { target, of, source, where: `definitions.${where}`, words };
}

function page(target, address, ids, where) {
  return { target, address, ids, source: "cli", where: `azure-devops/azext_devops/dev/${where}` };
}
