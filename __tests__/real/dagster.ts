/** Dagster: https://docs.dagster.io/deployment/oss/deployment-options/deploying-dagster-as-a-service */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Provided, pythonWith } from "../e2e/programs.ts";
import type { Suite } from "../e2e/suite.ts";
import { ask, have } from "./http.ts";
import { freePort, start, until, untilServes } from "./processes.ts";
import { Bundle, type Ended } from "./step.ts";
import { Work } from "./work.ts";

const version = "1.13.28";

const launch =
  "mutation Launch($p: ExecutionParams!) { launchRun(executionParams: $p) { __typename " +
  "... on LaunchRunSuccess { run { runId } } ... on PythonError { message } ... on RunConfigValidationInvalid { errors { message } } } }";
const status = "query Status($id: ID!) { runOrError(runId: $id) { __typename ... on Run { status } } }";

const definitions = (work: Work): string => `import signal
from dagster import Config, Definitions, job, op
${work.python}
class Given(Config):
    key: str
    seconds: float
    deaf: bool

@op
def go(config: Given):
    if config.deaf:
        for each in (signal.SIGINT, signal.SIGTERM):
            signal.signal(each, signal.SIG_IGN)
    work(config.key, config.seconds)

@job
def deploy():
    go()

defs = Definitions(jobs=[deploy])
`;

export function provideDagster(): Promise<Provided> {
  return pythonWith({ name: "dagster", version }, [`dagster==${version}`, `dagster-webserver==${version}`]);
}

export async function dagsterTests(suite: Suite, checkout: string, scratch: string): Promise<void> {
  const environment = await provideDagster();
  if (typeof environment !== "string") {
    suite.skip("dagster", environment.why);
    return;
  }
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const work = new Work(scratch);
  const bundle = new Bundle(checkout, scratch);
  const bin = join(environment, "bin");
  const home = join(scratch, "home");
  mkdirSync(home);
  writeFileSync(join(home, "dagster.yaml"), "telemetry: { enabled: false }\n");
  writeFileSync(join(scratch, "defs.py"), definitions(work));
  const env = { DAGSTER_HOME: home };
  const server = start(
    "server",
    join(bin, "dagster-webserver"),
    ["-h", "127.0.0.1", "-p", `${port}`, "-f", "defs.py"],
    {
      cwd: scratch,
      env,
    },
  );
  await untilServes(server, "Dagster serves", 120, async () => (await ask(`GET ${url}/server_info`)).status === 200);

  async function query(text: string, variables: object) {
    return Object.values(
      // eslint-disable-next-line @typescript-eslint/no-explicit-any
      (await have(`POST ${url}/graphql`, { body: { query: text, variables } })).data as Record<string, any>,
    )[0];
  }
  async function run(key: string, seconds = 600, deaf = false): Promise<string> {
    const answer = await query(launch, {
      p: {
        selector: { repositoryName: "__repository__", repositoryLocationName: "defs.py", jobName: "deploy" },
        runConfigData: { ops: { go: { config: { key, seconds, deaf } } } },
      },
    });
    assert.equal(answer.__typename, "LaunchRunSuccess", JSON.stringify(answer));
    return answer.run.runId as string;
  }
  const statusOf = async (id: string): Promise<string> => (await query(status, { id })).status as string;
  const cancel = (id: string, inputs: Readonly<Record<string, string>> = {}): Promise<Ended> =>
    bundle.run({ provider: "dagster", "server-url": url, timeout: "60s", ...inputs }, { "run-id": id });

  await suite.test("dagster: what is queued is cancelled, and never begins", async () => {
    // Nobody takes it out of the queue, because the daemon is not there yet.
    const id = await run("queued");
    assert.equal(await statusOf(id), "QUEUED");
    const ended = await cancel(id);
    assert.deepEqual([ended.code, ended.outcome], [0, "cancelled"], ended.output);
    assert.equal(await statusOf(id), "CANCELED");
  });

  const daemon = start("daemon", join(bin, "dagster-daemon"), ["run", "-f", "defs.py"], { cwd: scratch, env });

  await suite.test("dagster: what runs is cancelled, and its process is gone", async () => {
    const id = await run("runs");
    await work.started("runs", 120).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${daemon.tail()}`);
    });
    const ended = await cancel(id);
    assert.deepEqual([ended.code, ended.outcome], [0, "cancelled"], ended.output);
    assert.equal(await statusOf(id), "CANCELED");
    assert.ok(!work.hasBegun("queued"));
    return await work.killed("runs", ended.at);
  });

  await suite.test("dagster: what ignores signals is still running, and a forced stop is status-only", async () => {
    const id = await run("deaf", 600, true);
    await work.started("deaf", 60);
    const ended = await cancel(id, { timeout: "6s" });
    assert.deepEqual([ended.code, ended.outcome], [3, "still-running"], ended.output);
    assert.ok(work.isAlive("deaf"));
    const forced = await cancel(id, { timeout: "30s", "force-after": "1s" });
    assert.deepEqual([forced.code, forced.outcome], [0, "cancelled"], forced.output);
    assert.equal(forced.report?.runs[0]?.confirmed, "status-only", forced.output);
    assert.equal(await statusOf(id), "CANCELED");
    assert.ok(work.isAlive("deaf"), "that status-only is worth its word was to be shown");
    return "the server says CANCELED, and its process lives on";
  });

  await suite.test("dagster: the record of what is over is left as it is", async () => {
    const id = await run("finished", 0.4);
    await until("the run ends", 60, async () => (await statusOf(id)) === "SUCCESS");
    const ended = await cancel(id);
    assert.deepEqual([ended.code, ended.outcome], [0, "already-finished"], ended.output);
    assert.equal(await statusOf(id), "SUCCESS");
  });

  await suite.test("dagster: a run that is not there is not-found", async () => {
    const ended = await cancel(randomUUID());
    assert.deepEqual([ended.code, ended.outcome], [5, "not-found"], ended.output);
  });

  await suite.test("dagster: what was stopped is never heard of again", () => work.silent());
}
