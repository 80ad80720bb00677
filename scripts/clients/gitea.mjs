/**
 * Renews __tests__/fixtures/clients/gitea.json:
 *
 *     node scripts/clients/gitea.mjs
 *
 * Runs code.gitea.io/sdk/gitea 0.25.1 (Gitea's own) against a server on loopback, and reads words and operations in the
 * sources of code.gitea.io/gitea 1.27.3. The calls that cancel are in no release: they stand here as Gitea's main branch
 * has them. What a real server was asked is in real-servers/gitea.json, which no script can renew.
 * Needs Node and Go. All ids and credentials are made up.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { URL } from "node:url";
import { essential, go, lineOf, play, readFixture, record, writeFixture } from "./recorder.mjs";

const recorder = await record(({ path }) => ({
  body: path.endsWith("/version") ? { version: "1.27.3" } : path.endsWith("/runs") ? { workflow_runs: [] } : { id: 7 },
}));
const sdk = go("gitea/main.go", "code.gitea.io/sdk/gitea@v0.25.1");
const [command, words, options] = sdk.command;
const calls = (await play(command, [...words, recorder.server], options))
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line));
// It asks for the server's version first.
const sent = recorder.taken().filter(({ path }) => !path.endsWith("/version"));
recorder.close();
if (calls.length !== sent.length) throw new Error(`${calls.length} calls, ${sent.length} requests`);
const bySdk = calls.map(({ target, does, call, ids, values }, index) => ({
  ...{ target, does, source: "sdk", call, ids, ...(values ? { values } : {}) },
  ...essential(sent[index], ["authorization"]),
}));

/** What the recordings show of a real server, each kind of request once. */
const byServer = readFixture("real-servers/gitea.json")
  .filter(({ reply }) => reply.status === 200)
  .map(({ note, request: { method, url } }) => {
    const { pathname: path, searchParams } = new URL(url, "http://127.0.0.1");
    const query = Object.fromEntries(searchParams);
    const [, id] = /\/runs\/(\d+)/.exec(path) ?? [];
    const { branch, head_sha: commit, event, status: state } = query;
    const does = method === "POST" ? "cancel" : id ? "look" : "list";
    return {
      ...{ target: "run", does, source: "server", call: note },
      ids: { repository: "octo/deploy", ...(id ? { "run-id": id } : {}) },
      ...(id ? {} : { values: { branch, commit, event, state } }),
      ...{ method, path, query, headers: { authorization: "Bearer TOKEN" }, body: null },
    };
  })
  .filter(({ does, path, query }, index, all) => {
    const kind = (each) => [each.does, ...Object.keys(each.query)].join();
    return all.findIndex((each) => kind(each) === kind({ does, path, query })) === index;
  });

const server = sdk.folder("code.gitea.io/gitea@v1.27.3");
const swagger = JSON.parse(
  readFileSync(join(server, "templates/swagger/v1_json.tmpl"), "utf8").replace(/\{\{[^}]*\}\}/g, ""),
);
const repository = { repository: "octo/deploy" };
const run = { ...repository, "run-id": "7" };
const runs = "/api/v1/repos/octo/deploy/actions/runs";
const none = { query: {}, headers: { authorization: "token TOKEN" }, body: null };
const operation = (path) => `GET ${path} (${swagger.paths[path].get.operationId})`;

/** The words that a Go switch or assignment spells out, between two lines of a file. */
function spelled(file, from, to, pattern) {
  const text = readFileSync(join(server, file), "utf8");
  const part = text.slice(text.indexOf(from)).split(to, 1)[0];
  const found = [...part.matchAll(pattern)].map(([, word]) => word);
  if (found.length === 0) throw new Error(`${file}: no words after ${from}`);
  return { where: `${file}:${lineOf(join(server, file), from)}`, words: [...new Set(found)] };
}

const toStatus = "func ToActionsStatus(";
const convert = "services/convert/convert.go";

writeFixture("clients/gitea.json", {
  about:
    "What Gitea's own Go client sent to a server on loopback, what Gitea 1.27.3 was asked as it ran, and the words and operations of its sources (November 2026).",
  script: "scripts/clients/gitea.mjs",
  sources: {
    sdk: { name: "code.gitea.io/sdk/gitea 0.25.1", level: "official client" },
    server: { name: "Gitea 1.27.3, with the cancel of its main branch where a note says so", level: "real server" },
    openapi: { name: "code.gitea.io/gitea 1.27.3 templates/swagger/v1_json.tmpl", level: "OpenAPI" },
    source: { name: "code.gitea.io/gitea 1.27.3", level: "source code" },
    main: {
      name: "github.com/go-gitea/gitea, main of August 2026: routers/api/v1/repo/actions_run.go, services/actions/cancel.go",
      level: "source code",
    },
    runner: { name: "gitea.com/gitea/runner 1.0.8", level: "source code" },
    tea: { name: "gitea.com/gitea/tea 0.16, by its documentation and copies of its source", level: "source code" },
  },
  requests: [
    ...bySdk,
    ...byServer,
    {
      ...{
        target: "run",
        does: "cancel",
        source: "main",
        call: "POST /repos/{owner}/{repo}/actions/runs/{run}/cancel (cancelWorkflowRun)",
      },
      ...{ ids: run, method: "POST", path: `${runs}/7/cancel`, ...none },
    },
    {
      ...{
        target: "run",
        does: "force",
        source: "main",
        call: "POST /repos/{owner}/{repo}/actions/runs/{run}/force-cancel (forceCancelWorkflowRun)",
      },
      ...{ ids: run, method: "POST", path: `${runs}/7/force-cancel`, ...none },
    },
    {
      ...{
        target: "run",
        does: "jobs",
        source: "openapi",
        call: operation("/repos/{owner}/{repo}/actions/runs/{run}/jobs"),
      },
      ...{ ids: run, method: "GET", path: `${runs}/7/jobs`, ...none, query: { page: "1", limit: "50" } },
    },
    {
      ...{ target: "run", does: "list", source: "openapi", call: operation("/repos/{owner}/{repo}/actions/runs") },
      ...{ ids: repository, values: { branch: "main", state: "waiting" }, method: "GET", path: runs, ...none },
      query: { branch: "main", status: "waiting", page: "1", limit: "50" },
    },
  ],
  enums: [
    {
      ...{ target: "run", of: "status of a run, of a job and of a step", source: "source" },
      ...spelled(convert, toStatus, "\n}", /action = "(\w+)"/g),
    },
    {
      ...{
        target: "run",
        of: "conclusion of a run, of a job and of a step; left out while there is none",
        source: "source",
      },
      ...spelled(convert, toStatus, "\n}", /conclusion = "(\w+)"/g),
    },
    {
      ...{ target: "run", of: "status of the list; any other word is answered 400", source: "source" },
      ...spelled("routers/api/v1/shared/action.go", "func convertToInternal(", "default:", /"(\w+)"/g),
    },
  ],
  regions: [],
  pages: JSON.parse(readFileSync(new URL("gitea/pages.json", import.meta.url), "utf8")),
  variables: JSON.parse(readFileSync(new URL("gitea/variables.json", import.meta.url), "utf8")),
  unverified: [
    "Which release has `cancel` and `force-cancel`: they are in the main branch since August 2026 and in no release up to 1.27.3, so 1.28 at the earliest.",
    "`force-cancel` was read in the sources and not tried.",
    "`conclusion` while a run is live: absent from 1.27.3; whether a later release sends an empty string is not known.",
  ],
});
