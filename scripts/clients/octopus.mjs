/**
 * Renews __tests__/fixtures/clients/octopus.json:
 *
 *     node scripts/clients/octopus.mjs
 *
 * Runs @octopusdeploy/api-client 3.11.0 against a server on loopback, and reads its enums. Pages and variables are read by hand in
 * the sources of Octopus's command line, at the commit below. All ids and credentials are made up.
 */
import { essential, npm, record, writeFixture } from "./recorder.mjs";

const ids = { space: "Spaces-1", "task-id": "ServerTasks-4711" };

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

const requests = [];
for (const [does, call, run] of [
  ["look", "SpaceServerTaskRepository.getById", () => inSpace.getById(ids["task-id"])],
  ["cancel", "ServerTaskRepository.cancel", () => ofServer.cancel(ids["task-id"])],
  ["jobs", "SpaceServerTaskRepository.getDetails", () => inSpace.getDetails(ids["task-id"])],
]) {
  recorder.taken();
  await run();
  const request = recorder.taken().find(({ path }) => path.includes("/tasks/"));
  const what = { target: "task", does, source: "client", call, ids };
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
      source: "cli",
      where: "the form of the pages of pkg/cmd/account/aws/create/create.go:131, with a task",
    },
  ],
  variables: [
    { name: "OCTOPUS_URL", holds: "server", ...constants },
    { name: "OCTOPUS_API_KEY", holds: "token", ...constants },
    { name: "OCTOPUS_ACCESS_TOKEN", holds: "token", ...constants },
    { name: "OCTOPUS_SPACE", holds: "space", ...constants },
  ],
  unverified: ["The page of a task is in no tool's sources that could be read."],
});
