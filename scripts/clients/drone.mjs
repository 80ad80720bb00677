/**
 * Renews __tests__/fixtures/clients/drone.json:
 *
 *     node scripts/clients/drone.mjs const.go
 *
 * Runs drone-node 2.2.0, Drone's own, against a server on loopback, and reads the states out of drone/const.go of
 * github.com/drone/drone-go at f9e4fe31. Pages and variables are read by hand in the sources of the server, of the command line
 * and of the documents, at the commits below. All ids and credentials are made up.
 */
import { readFileSync } from "node:fs";
import process from "node:process";
import { essential, npm, record, writeFixture } from "./recorder.mjs";

const ids = { repository: "octocat/hello-world", "build-number": "42" };
const [owner, name] = ids.repository.split("/");

const recorder = await record();
const { load } = npm("drone-node@2.2.0");
const {
  default: { Client },
} = await load("drone-node/lib/index.js");
const client = new Client({ url: recorder.server, token: "TOKEN" });
const requests = [];
for (const [does, call, taken, run] of [
  ["look", "getBuild", ids, () => client.getBuild(owner, name, 42)],
  ["cancel", "cancelBuild", ids, () => client.cancelBuild(owner, name, 42)],
  ["jobs", "getBuild", ids, () => client.getBuild(owner, name, 42)],
  ["list", "getBuilds", { repository: ids.repository }, () => client.getBuilds(owner, name, 1, 100)],
]) {
  await run();
  const [request] = recorder.taken();
  requests.push({
    ...{ target: "build", does, source: "client", call, ids: taken },
    ...essential(request, ["authorization"]),
  });
}
recorder.close();

const words = [...readFileSync(process.argv[2], "utf8").matchAll(/Status\w+ += "(\w+)"/g)].map(([, word]) => word);

writeFixture("clients/drone.json", {
  about:
    "What Drone's own client sent to a server on loopback, and what Drone's sources and documents say (November 2026).",
  script: "scripts/clients/drone.mjs",
  sources: {
    client: { name: "drone-node 2.2.0", level: "official client" },
    go: { name: "github.com/drone/drone-go at f9e4fe31, drone/const.go", level: "source code" },
    server: { name: "github.com/harness/drone 2.20 at ff219fb6", level: "source code" },
    cli: { name: "github.com/harness/drone-cli at 3c6e2027", level: "source code" },
    docs: { name: "github.com/drone/docs at d89a3956", level: "source code" },
  },
  requests,
  enums: [
    { target: "build", of: "status of a build, a stage and a step", source: "go", where: "drone/const.go", words },
  ],
  regions: [],
  pages: [
    page("https://drone.company.com/octocat/hello-world/42", "server", "operator/runner/env.go:144 DRONE_BUILD_LINK"),
    page(
      "https://drone.company.com/octocat/hello-world/42",
      "server",
      "service/status/status.go:78, the commit's status",
    ),
  ],
  variables: [
    { name: "DRONE_TOKEN", holds: "token", source: "cli", where: "drone/main.go:46" },
    { name: "DRONE_SERVER", holds: "server", source: "cli", where: "drone/main.go:52" },
    {
      name: "DRONE_REPO",
      holds: "repository",
      source: "docs",
      where: "content/pipeline/environment/reference/drone-repo.md",
    },
  ],
  unverified: [],
});

function page(address, source, where) {
  return { target: "build", address, ids, source, where };
}
