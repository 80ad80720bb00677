/** Prefect: https://docs.prefect.io/v3/how-to-guides/self-hosted/server-cli */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Provided, pythonWith } from "../e2e/programs.ts";
import { type Finished, run } from "../e2e/shell.ts";
import type { Suite } from "../e2e/suite.ts";
import { ask, basic, have } from "./http.ts";
import { freePort, start, until, untilServes } from "./processes.ts";
import { Bundle, type Ended, type Step } from "./step.ts";
import { Work } from "./work.ts";

export const version = "3.9.1";

const username = "admin";
const password = "prefectCanary0123456789";

interface State {
  readonly type: string;
  readonly message: string | null;
}

export interface Prefect {
  readonly work: Work;
  /** A run of the deployment; its work begins when the runner has seen it, or at `at`. */
  run(key: string, given?: { readonly seconds?: number; readonly at?: Date }): Promise<string>;
  /** All states that the run has had, the oldest first. */
  history(id: string): Promise<readonly State[]>;
  /** Writes a state into a run's record, whatever becomes of its work. */
  setState(id: string, type: string): Promise<void>;
  start(id: string, inputs?: Readonly<Record<string, string>>): Step;
  cancel(id: string, inputs?: Readonly<Record<string, string>>): Promise<Ended>;
  /** Prefect's own command line. */
  official(words: readonly string[], secret?: string): Promise<Finished>;
}

const credentials = { PREFECT_API_AUTH_STRING: `${username}:${password}` } as const;

export function providePrefect(): Promise<Provided> {
  return pythonWith({ name: "prefect", version }, [`prefect==${version}`]);
}

/** A server that wants a password and a CSRF token, and a runner that serves one deployment. */
export async function startPrefect(environment: string, checkout: string, scratch: string): Promise<Prefect> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const work = new Work(scratch);
  const bundle = new Bundle(checkout, scratch);
  const bin = join(environment, "bin");
  const env = {
    PREFECT_HOME: join(scratch, "home"),
    PREFECT_API_URL: `${url}/api`,
    PREFECT_API_AUTH_STRING: credentials.PREFECT_API_AUTH_STRING,
    PREFECT_SERVER_API_AUTH_STRING: credentials.PREFECT_API_AUTH_STRING,
    PREFECT_SERVER_CSRF_PROTECTION_ENABLED: "true",
    PREFECT_SERVER_ANALYTICS_ENABLED: "false",
    PREFECT_SERVER_UI_ENABLED: "false",
    PREFECT_RUNNER_POLL_FREQUENCY: "1",
    PREFECT_LOGGING_LEVEL: "WARNING",
    DO_NOT_TRACK: "1",
  };
  const server = start("server", join(bin, "prefect"), ["server", "start", "--host=127.0.0.1", `--port=${port}`], {
    cwd: scratch,
    env,
  });
  const headers = { authorization: basic(username, password) };
  await untilServes(server, "Prefect serves", 120, async () => {
    return (await ask(`GET ${url}/api/health`, { headers })).status === 200;
  });

  const flows = join(scratch, "flows.py");
  writeFileSync(
    flows,
    `from prefect import flow
${work.python}
@flow(name="deploy")
def deploy(key: str, seconds: float):
    work(key, seconds)

if __name__ == "__main__":
    deploy.serve(name="real", limit=20)
`,
  );
  const runner = start("runner", join(bin, "python"), [flows], { cwd: scratch, env });
  const client = randomUUID();
  const { token } = (await have(`GET ${url}/api/csrf-token?client=${client}`, { headers })) as { token: string };
  const allowed = { ...headers, "prefect-csrf-client": client, "prefect-csrf-token": token };
  let deployment = "";
  await untilServes(runner, "Prefect's runner serves its deployment", 120, async () => {
    const [found] = await have(`POST ${url}/api/deployments/filter`, { body: {}, headers: allowed });
    deployment = found?.id ?? "";
    return deployment !== "";
  });

  const started: Prefect["start"] = (id, { secret = credentials.PREFECT_API_AUTH_STRING, ...inputs } = {}) =>
    bundle.start(
      { provider: "prefect", "server-url": url, timeout: "90s", ...inputs },
      { "flow-run-id": id },
      secret === "" ? {} : { PREFECT_API_AUTH_STRING: secret },
    );
  return {
    work,
    run: async (key, { seconds = 600, at } = {}) => {
      const state = at && { type: "SCHEDULED", state_details: { scheduled_time: at.toISOString() } };
      const body = { parameters: { key, seconds }, ...(state && { state }) };
      // 503 where SQLite is locked by another one.
      return await until("Prefect takes a run", 30, async () => {
        const made = await have(`POST ${url}/api/deployments/${deployment}/create_flow_run`, {
          body,
          headers: allowed,
        });
        return made.id as string;
      });
    },
    history: (id) =>
      until("Prefect tells a run's states", 30, async () => {
        return (await have(`GET ${url}/api/flow_run_states/?flow_run_id=${id}`, { headers })) as State[];
      }),
    setState: async (id, type) => {
      const body = { state: { type }, force: true };
      await have(`POST ${url}/api/flow_runs/${id}/set_state`, { body, headers: allowed });
    },
    official: (words, secret = credentials.PREFECT_API_AUTH_STRING) =>
      run(join(bin, "prefect"), words, {
        cwd: scratch,
        env: { ...env, PREFECT_API_AUTH_STRING: secret, HOME: scratch, COLUMNS: "1000" },
      }),
    start: started,
    cancel: (id, inputs) => started(id, inputs).ended,
  };
}

export async function prefectTests(suite: Suite, checkout: string, scratch: string): Promise<void> {
  const environment = await providePrefect();
  if (typeof environment !== "string") {
    suite.skip("prefect", environment.why);
    return;
  }
  const prefect = await startPrefect(environment, checkout, scratch);
  const { work } = prefect;
  const types = async (id: string): Promise<string[]> => (await prefect.history(id)).map(({ type }) => type);

  await suite.test("prefect: what runs is cancelled, with the reason, and its process is gone", async () => {
    const id = await prefect.run("runs");
    await work.started("runs");
    const looked = await prefect.cancel(id, { "dry-run": "true" });
    assert.deepEqual([looked.code, looked.outcome], [0, "would-cancel"], looked.output);
    assert.ok(work.isAlive("runs"));
    const ended = await prefect.cancel(id, { reason: "release 41 fails its smoke test" });
    assert.deepEqual([ended.code, ended.outcome], [0, "cancelled"], ended.output);
    assert.equal(ended.report?.runs[0]?.["reason-recorded"], true, ended.output);
    const states = await prefect.history(id);
    assert.equal(states.at(-1)?.type, "CANCELLED");
    assert.ok(
      states.some(({ type, message }) => type === "CANCELLING" && message === "release 41 fails its smoke test"),
      JSON.stringify(states),
    );
    return await work.killed("runs", ended.at);
  });

  await suite.test("prefect: what is scheduled is cancelled, and never begins", async () => {
    const id = await prefect.run("scheduled", { at: new Date(Date.now() + 3_600_000) });
    const ended = await prefect.cancel(id);
    assert.deepEqual([ended.code, ended.outcome], [0, "cancelled"], ended.output);
    assert.deepEqual(await types(id), ["SCHEDULED", "CANCELLED"]);
    assert.ok(!work.hasBegun("scheduled"));
  });

  await suite.test("prefect: the history of what is over is left as it is", async () => {
    const id = await prefect.run("finished", { seconds: 0.2 });
    await until("the run completes", 90, async () => (await types(id)).includes("COMPLETED"));
    const before = await prefect.history(id);
    const ended = await prefect.cancel(id);
    assert.deepEqual([ended.code, ended.outcome], [0, "already-finished"], ended.output);
    assert.deepEqual(await prefect.history(id), before);
  });

  await suite.test("prefect: a run that is not there is not-found", async () => {
    const ended = await prefect.cancel(randomUUID());
    assert.deepEqual([ended.code, ended.outcome], [5, "not-found"], ended.output);
  });

  await suite.test("prefect: without a password, or with a wrong one, nothing is cancelled", async () => {
    const id = await prefect.run("guarded", { at: new Date(Date.now() + 3_600_000) });
    for (const secret of ["", `${username}:wrongCanary0123456789`]) {
      const ended = await prefect.cancel(id, { secret });
      assert.deepEqual([ended.code, ended.outcome], [4, "refused"], ended.output);
    }
    assert.deepEqual(await types(id), ["SCHEDULED"]);
  });

  await suite.test("prefect: what was stopped is never heard of again", () => work.silent());
}
