/**
 * Renews __tests__/fixtures/clients/octopus.json:
 *
 *     node scripts/clients/octopus.mjs
 *
 * Runs @octopusdeploy/api-client 3.11.0 against a server on loopback, and reads its enums. Pages and variables are read by hand in
 * the sources of Octopus's command line and MCP server, at the commits below. All ids and credentials are made up.
 */
import { essential, npm, record, writeFixture } from "./recorder.mjs";

const ids = { space: "Spaces-1", "task-id": "ServerTasks-4711" };
const ofDeployment = { space: "Spaces-1", "deployment-id": "Deployments-77" };
const ofRunbook = { space: "Spaces-1", "runbook-run-id": "RunbookRuns-12" };

const recorder = await record(({ path }) => {
  if (path === "/api") return { body: { Version: "2026.4.1", Links: {} } };
  if (path === "/api/spaces") return { body: { Items: [{ Id: "Spaces-1", Name: "Default" }] } };
  return { body: { Id: ids["task-id"], State: "Executing", ActivityLogs: [] } };
});
const { load } = npm("@octopusdeploy/api-client@3.11.0");
const octopus = (await load("@octopusdeploy/api-client/dist/index.js")).default;
const { ActivityStatus } = (await load("@octopusdeploy/api-client/dist/features/serverTasks/serverTaskDetails.js"))
  .default;
const client = await octopus.Client.create({
  userAgentApp: "recorded",
  instanceURL: recorder.server,
  apiKey: "API-TOKEN",
});
const inSpace = new octopus.SpaceServerTaskRepository(client, "Default");
const ofServer = new octopus.ServerTaskRepository(client);
const deployments = new octopus.DeploymentRepository(client, "Default");
const runbooks = new octopus.RunbookRunRepository(client, "Default");
const cancel = () => ofServer.cancel(ids["task-id"]);
const task = { "task-id": ids["task-id"] };

const requests = [];
for (const [target, does, call, named, run] of [
  ["task", "look", "SpaceServerTaskRepository.getById", ids, () => inSpace.getById(ids["task-id"])],
  ["task", "cancel", "ServerTaskRepository.cancel", ids, cancel],
  ["task", "jobs", "SpaceServerTaskRepository.getDetails", ids, () => inSpace.getDetails(ids["task-id"])],
  ["deployment", "look", "DeploymentRepository.get", ofDeployment, () => deployments.get("Deployments-77")],
  ["runbook-run", "look", "RunbookRunRepository.get", ofRunbook, () => runbooks.get("RunbookRuns-12")],
  ["deployment", "cancel", "ServerTaskRepository.cancel", ofDeployment, cancel],
  ["runbook-run", "cancel", "ServerTaskRepository.cancel", ofRunbook, cancel],
]) {
  recorder.taken();
  await run();
  const request = recorder.taken().find(({ path }) => /\/(?:tasks|deployments|runbookRuns)\//.test(path));
  const values = does === "cancel" && target !== "task" ? { values: task } : {};
  const what = { target, does, source: "client", call, ids: named, ...values };
  requests.push({ ...what, ...essential(request, ["x-octopus-apikey", "content-type"]) });
}
recorder.close();

const constants = { source: "cli", where: "pkg/constants/constants.go:44-47" };

writeFixture("clients/octopus.json", {
  about: "What Octopus's own client sent to a server on loopback, and its enums (November 2026).",
  script: "scripts/clients/octopus.mjs",
  sources: {
    client: { name: "@octopusdeploy/api-client 3.11.0", level: "official client" },
    cli: { name: "github.com/OctopusDeploy/cli at 94e7c32e", level: "source code" },
    mcp: { name: "github.com/OctopusDeploy/mcp-server at bc929e61", level: "source code" },
    replies: { name: "replies of the API, as programs in public repositories quote them", level: "community client" },
  },
  requests,
  enums: [
    {
      target: "task",
      of: "State",
      source: "client",
      where: "features/serverTasks/taskState.ts TaskState",
      words: Object.keys(octopus.TaskState),
    },
    {
      target: "task",
      of: "Status of a step",
      source: "client",
      where: "features/serverTasks/serverTaskDetails.ts ActivityStatus",
      words: Object.keys(ActivityStatus),
    },
  ],
  regions: [],
  pages: [
    {
      target: "task",
      address: "https://octopus.example.com/app#/Spaces-1/tasks/ServerTasks-4711",
      ids,
      source: "mcp",
      where: "src/tools/findInterruptions.ts:75",
    },
    {
      target: "deployment",
      address: "https://octopus.example.com/app#/Spaces-1/deployments/Deployments-77",
      ids: ofDeployment,
      source: "replies",
      where: "`Links.Web`",
    },
    {
      target: "deployment",
      address:
        "https://octopus.example.com/app#/Spaces-1/projects/shop/deployments/releases/1.0.0/deployments/Deployments-77",
      ids: ofDeployment,
      source: "mcp",
      where: "src/tools/getDeploymentFromUrl.ts:73",
    },
  ],
  variables: [
    { name: "OCTOPUS_URL", holds: "server", ...constants },
    { name: "OCTOPUS_API_KEY", holds: "token", ...constants },
    { name: "OCTOPUS_ACCESS_TOKEN", holds: "token", ...constants },
    { name: "OCTOPUS_SPACE", holds: "space", ...constants },
  ],
  unverified: ["The page of a run of a runbook is in no tool's sources that could be read."],
});
