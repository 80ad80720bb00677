/** Airflow: https://airflow.apache.org/docs/apache-airflow/stable/core-concepts/overview.html#airflow-components */
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Provided, pythonWith } from "../e2e/programs.ts";
import { must } from "../e2e/shell.ts";
import type { Suite } from "../e2e/suite.ts";
import { ask, have } from "./http.ts";
import { freePort, start, until, untilServes } from "./processes.ts";
import { Bundle, type Ended } from "./step.ts";
import { Work } from "./work.ts";

const version = "3.3.2";

const password = "airflowCanary0123456789";

/** The runs of `held` stay queued, because it is paused. */
const dags = (work: Work): string => `from airflow.sdk import dag, task
${work.python}
def made(name):
    @dag(dag_id=name, schedule=None, params={"key": "", "seconds": 600}, is_paused_upon_creation=name == "held")
    def deploy():
        @task
        def go(params=None):
            work(params["key"], params["seconds"])
        go()
    return deploy()

made("deploy")
made("held")
`;

export function provideAirflow(): Promise<Provided> {
  return pythonWith({ name: "apache-airflow", version }, [`apache-airflow==${version}`]);
}

export async function airflowTests(suite: Suite, checkout: string, scratch: string): Promise<void> {
  const environment = await provideAirflow();
  if (typeof environment !== "string") {
    suite.skip("airflow", environment.why);
    return;
  }
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const work = new Work(scratch);
  const bundle = new Bundle(checkout, scratch);
  const airflow = join(environment, "bin/airflow");
  const home = join(scratch, "home");
  const passwords = join(home, "passwords.json");
  mkdirSync(join(home, "dags"), { recursive: true });
  writeFileSync(passwords, JSON.stringify({ deployer: password, guest: password }));
  writeFileSync(join(home, "dags/deploy.py"), dags(work));
  const env = {
    PATH: `${join(environment, "bin")}:${process.env["PATH"] ?? ""}`,
    AIRFLOW_HOME: home,
    AIRFLOW__API__BASE_URL: url,
    AIRFLOW__API_AUTH__JWT_SECRET: "made-up-for-this-suite-and-long-enough-for-any-algorithm-of-it",
    AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION: "False",
    AIRFLOW__CORE__EXECUTION_API_SERVER_URL: `${url}/execution/`,
    AIRFLOW__CORE__EXECUTOR: "LocalExecutor",
    AIRFLOW__CORE__LOAD_EXAMPLES: "False",
    AIRFLOW__CORE__PARALLELISM: "4",
    AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE: passwords,
    AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS: "deployer:op,guest:viewer",
    AIRFLOW__USAGE_DATA_COLLECTION__ENABLED: "False",
  };
  const at = { cwd: scratch, env };
  await must(airflow, ["db", "migrate"], { ...at, env: { HOME: scratch, ...env }, seconds: 180 });
  const server = start("server", airflow, ["api-server", "--host=127.0.0.1", `--port=${port}`, "--workers=1"], at);
  await untilServes(server, "Airflow serves", 180, async () => (await ask(`GET ${url}/api/v2/version`)).status === 200);
  const processor = start("processor", airflow, ["dag-processor"], at);
  const scheduler = start("scheduler", airflow, ["scheduler", "--skip-serve-logs"], at);
  const { access_token: token } = await have(`POST ${url}/auth/token`, { body: { username: "deployer", password } });
  const headers = { authorization: `Bearer ${String(token)}` };
  await untilServes(processor, "Airflow has read the Dags", 180, async () => {
    const known = await Promise.all(["deploy", "held"].map((dag) => ask(`GET ${url}/api/v2/dags/${dag}`, { headers })));
    return known.every(({ status }) => status === 200);
  });

  async function run(dag: string, key: string, seconds = 600): Promise<string> {
    const body = { logical_date: null, conf: { key, seconds } };
    return (await have(`POST ${url}/api/v2/dags/${dag}/dagRuns`, { body, headers })).dag_run_id as string;
  }
  const runOf = async (dag: string, id: string): Promise<{ state: string; note: string | null }> =>
    have(`GET ${url}/api/v2/dags/${dag}/dagRuns/${encodeURIComponent(id)}`, { headers });
  const started = (key: string): Promise<void> =>
    work.started(key, 120).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${scheduler.tail()}`);
    });
  const cancel = (dag: string, id: string, inputs: Readonly<Record<string, string>> = {}): Promise<Ended> => {
    const { username = "deployer", secret = password, ...given } = inputs;
    return bundle.run(
      { provider: "airflow", "server-url": url, timeout: "60s", username, ...given },
      { "dag-id": dag, "dag-run-id": id },
      { CANCEL_RUN_PASSWORD: secret },
    );
  };

  await suite.test("airflow: what runs is cancelled, with the reason as its note; status-only is meant", async () => {
    const id = await run("deploy", "runs");
    await started("runs");
    for (const [as, refused] of [
      [{ username: "guest" }, "a viewer"],
      [{ secret: "wrongCanary0123456789" }, "a wrong password"],
    ] as const) {
      const ended = await cancel("deploy", id, as);
      assert.deepEqual([ended.code, ended.outcome], [4, "refused"], `${refused}: ${ended.output}`);
    }
    assert.equal((await runOf("deploy", id)).state, "running");
    assert.ok(work.isAlive("runs"));
    const ended = await cancel("deploy", id, { reason: "release 41 fails its smoke test" });
    assert.deepEqual([ended.code, ended.outcome], [0, "cancelled"], ended.output);
    assert.equal(ended.report?.runs[0]?.confirmed, "status-only", ended.output);
    const { state, note } = await runOf("deploy", id);
    assert.deepEqual([state, note], ["failed", "release 41 fails its smoke test"]);
    return await work.killed("runs", ended.at, 60);
  });

  await suite.test("airflow: what is queued is cancelled, and never begins", async () => {
    const id = await run("held", "queued");
    assert.equal((await runOf("held", id)).state, "queued");
    const ended = await cancel("held", id);
    assert.deepEqual([ended.code, ended.outcome], [0, "cancelled"], ended.output);
    assert.equal((await runOf("held", id)).state, "failed");
    assert.ok(!work.hasBegun("queued"));
  });

  await suite.test("airflow: what has succeeded is never rewritten", async () => {
    const id = await run("deploy", "finished", 0.4);
    await until("the run ends", 90, async () => (await runOf("deploy", id)).state === "success");
    const before = await runOf("deploy", id);
    const ended = await cancel("deploy", id);
    assert.deepEqual([ended.code, ended.outcome], [0, "already-finished"], ended.output);
    assert.deepEqual(await runOf("deploy", id), before);
  });

  await suite.test("airflow: a run that is not there is not-found", async () => {
    const ended = await cancel("deploy", "manual__2026-11-26T11:41:53.414863+00:00");
    assert.deepEqual([ended.code, ended.outcome], [5, "not-found"], ended.output);
  });

  await suite.test("airflow: what was stopped is never heard of again", () => work.silent());
}
