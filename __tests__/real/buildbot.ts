/** Buildbot: https://docs.buildbot.net/current/manual/installation/index.html */
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Provided, pythonWith } from "../e2e/programs.ts";
import { must } from "../e2e/shell.ts";
import type { Suite } from "../e2e/suite.ts";
import { ask, have } from "./http.ts";
import { freePort, start, until, untilServes } from "./processes.ts";
import { Bundle, type Ended, type Step } from "./step.ts";
import { ticksPerSecond, Work } from "./work.ts";

export const version = "4.3.0";

const username = "deployer";
const password = "buildbotCanary0123456789";

/** `slow` ends on a signal; `deaf` ignores all but KILL; `stays` has no worker, so that its requests wait; `many` are for many at once. */
type Builder = "slow" | "deaf" | "stays" | "many" | "many-deaf";

export interface Build {
  readonly complete: boolean;
  readonly results: number | null;
  readonly state_string: string;
  readonly complete_at: number | null;
}

export interface Buildbot {
  readonly work: Work;
  /** Asks for a build: the id of its request. */
  request(builder: Builder, key: string, seconds?: number): Promise<number>;
  /** The id of the request's build, once a worker has it. */
  buildOf(request: number): Promise<number>;
  build(id: number): Promise<Build>;
  requestState(id: number): Promise<{ readonly complete: boolean; readonly results: number }>;
  start(ids: Readonly<Record<string, string>>, inputs?: Readonly<Record<string, string>>): Step;
  cancel(ids: Readonly<Record<string, string>>, inputs?: Readonly<Record<string, string>>): Promise<Ended>;
}

const cancelled = 6;

export function provideBuildbot(): Promise<Provided> {
  return pythonWith({ name: "buildbot", version }, [`buildbot[bundle]==${version}`, `buildbot-worker==${version}`]);
}

/** Everybody may ask for builds, and one user may stop them. */
const config = (web: number, workers: number, work: Work): string => `from buildbot.plugins import *

# A builder has one build at a time on each of its workers.
several = [f"local-{i}" for i in range(10)]

def builder(name, workers, *words, **options):
    f = util.BuildFactory()
    command = ["${work.script}", util.Property("key"), util.Property("ticks"), *words]
    f.addStep(steps.ShellCommand(name="work", command=command, **options))
    return util.BuilderConfig(name=name, workernames=workers, factory=f)

def forced(name):
    return schedulers.ForceScheduler(
        name=name, builderNames=[name],
        codebases=[util.CodebaseParameter("", branch=util.FixedParameter("branch", default=""),
            revision=util.FixedParameter("revision", default=""), repository=util.FixedParameter("repository", default=""),
            project=util.FixedParameter("project", default=""))],
        properties=[util.StringParameter(name="key"), util.StringParameter(name="ticks")])

c = BuildmasterConfig = {
    "workers": [worker.Worker("w1", "pass"), worker.Worker("absent", "pass"), *map(worker.LocalWorker, several)],
    "protocols": {"pb": {"port": "tcp:${workers}:interface=127.0.0.1"}},
    "builders": [
        builder("slow", ["w1"]),
        builder("deaf", ["w1"], "deaf", sigtermTime=2),
        builder("stays", ["absent"]),
        builder("many", several),
        builder("many-deaf", several, "deaf", sigtermTime=2),
    ],
    "schedulers": [forced(name) for name in ("slow", "deaf", "stays", "many", "many-deaf")],
    "buildbotURL": "http://127.0.0.1:${web}/",
    "buildbotNetUsageData": None,
    "collapseRequests": False,
    "db": {"db_url": "sqlite:///state.sqlite"},
    "www": {
        "port": "tcp:${web}:interface=127.0.0.1",
        "auth": util.UserPasswordAuth({"${username}": "${password}", "guest": "${password}"}),
        "authz": util.Authz(
            allowRules=[util.StopBuildEndpointMatcher(role="admins")],
            roleMatchers=[util.RolesFromUsername(roles=["admins"], usernames=["${username}"])]),
    },
}
`;

export async function startBuildbot(environment: string, checkout: string, scratch: string): Promise<Buildbot> {
  const [web, workers] = [await freePort(), await freePort()];
  const url = `http://127.0.0.1:${web}`;
  const api = `${url}/api/v2`;
  const work = new Work(scratch);
  const bundle = new Bundle(checkout, scratch);
  const bin = join(environment, "bin");
  const env = { PATH: `${bin}:${process.env["PATH"] ?? ""}`, HOME: scratch };
  const [master, worker] = [join(scratch, "master"), join(scratch, "worker")];
  mkdirSync(master);
  await must(join(bin, "buildbot"), ["create-master", "--quiet", master], { cwd: scratch, env });
  await must(join(bin, "buildbot-worker"), ["create-worker", worker, `127.0.0.1:${workers}`, "w1", "pass"], {
    cwd: scratch,
    env,
  });
  writeFileSync(join(master, "master.cfg"), config(web, workers, work));
  const daemon = start("master", join(bin, "buildbot"), ["start", "--nodaemon", master], { cwd: scratch, env });
  await untilServes(daemon, "Buildbot serves", 90, async () => (await ask(`GET ${api}/builders`)).status === 200);
  const arm = start("worker", join(bin, "buildbot-worker"), ["start", "--nodaemon", worker], { cwd: scratch, env });
  await untilServes(arm, "Buildbot's worker has connected", 60, async () => {
    const { workers: all } = await have(`GET ${api}/workers`);
    return all.some(
      ({ name, connected_to: masters }: { name: string; connected_to: unknown[] }) =>
        name === "w1" && masters.length > 0,
    );
  });
  const { builders: known } = (await have(`GET ${api}/builders`)) as {
    builders: { name: string; builderid: number }[];
  };
  const idOf = (name: Builder): number => known.find((builder) => builder.name === name)!.builderid;

  const started: Buildbot["start"] = (ids, { user = username, ...inputs } = {}) =>
    bundle.start(
      { provider: "buildbot", "server-url": url, timeout: "60s", username: user, ...inputs },
      ids,
      user === "" ? {} : { CANCEL_RUN_PASSWORD: password },
    );
  return {
    work,
    request: async (builder, key, seconds = 600) => {
      const params = { builderid: idOf(builder), key, ticks: `${Math.ceil(seconds * ticksPerSecond)}` };
      const { result } = await have(`POST ${api}/forceschedulers/${builder}`, {
        body: { id: 1, jsonrpc: "2.0", method: "force", params },
      });
      return Object.values(result[1] as Record<string, number>)[0]!;
    },
    buildOf: (request) =>
      until(`request ${request} has a build`, 30, async () => {
        const { builds } = await have(`GET ${api}/buildrequests/${request}/builds`);
        return builds[0]?.buildid as number | undefined;
      }),
    build: async (id) => (await have(`GET ${api}/builds/${id}`)).builds[0] as Build,
    requestState: async (id) => (await have(`GET ${api}/buildrequests/${id}`)).buildrequests[0],
    start: started,
    cancel: (ids, inputs) => started(ids, inputs).ended,
  };
}

export async function buildbotTests(suite: Suite, checkout: string, scratch: string): Promise<void> {
  const environment = await provideBuildbot();
  if (typeof environment !== "string") {
    suite.skip("buildbot", environment.why);
    return;
  }
  const buildbot = await startBuildbot(environment, checkout, scratch);
  const { work } = buildbot;
  const begin = async (builder: Builder, key: string, seconds?: number): Promise<number> => {
    const build = await buildbot.buildOf(await buildbot.request(builder, key, seconds));
    await work.started(key);
    return build;
  };

  await suite.test("buildbot: a forced build is cancelled, and the server shows the reason", async () => {
    const id = await begin("slow", "runs");
    const ended = await buildbot.cancel({ "build-id": `${id}` }, { reason: "release 41 fails its smoke test" });
    assert.deepEqual([ended.code, ended.outcome], [0, "cancelled"], ended.output);
    const { complete, results, state_string: words } = await buildbot.build(id);
    assert.deepEqual([complete, results], [true, cancelled]);
    assert.match(words, /release 41 fails its smoke test/);
    return await work.killed("runs", ended.at);
  });

  await suite.test("buildbot: a step that ignores TERM is watched until KILL has ended it", async () => {
    const id = await begin("deaf", "deaf");
    const ended = await buildbot.cancel({ "build-id": `${id}` });
    assert.deepEqual([ended.code, ended.outcome], [0, "cancelled"], ended.output);
    assert.equal((await buildbot.build(id)).results, cancelled);
    return await work.killed("deaf", ended.at);
  });

  await suite.test("buildbot: within a deadline that is too short it is still running", async () => {
    const id = await begin("deaf", "short");
    const ended = await buildbot.cancel({ "build-id": `${id}` }, { timeout: "1s" });
    assert.deepEqual([ended.code, ended.outcome], [3, "still-running"], ended.output);
    await until("the build ends", 30, async () => (await buildbot.build(id)).complete);
    await work.killed("short", ended.at);
  });

  await suite.test("buildbot: a build is named by its number in its builder's page", async () => {
    const id = await begin("slow", "numbered");
    const { builderid, number } = (await buildbot.build(id)) as Build & { builderid: number; number: number };
    const ids = { "builder-id": `${builderid}`, "build-number": `${number}` };
    const ended = await buildbot.cancel(ids);
    assert.deepEqual([ended.code, ended.outcome], [0, "cancelled"], ended.output);
    assert.equal((await buildbot.build(id)).results, cancelled);
    return await work.killed("numbered", ended.at);
  });

  await suite.test("buildbot: a request that waits for a worker is cancelled", async () => {
    const id = await buildbot.request("stays", "waits");
    const ended = await buildbot.cancel({ "build-request-id": `${id}` });
    assert.deepEqual([ended.code, ended.outcome], [0, "cancelled"], ended.output);
    const { complete, results } = await buildbot.requestState(id);
    assert.deepEqual([complete, results], [true, cancelled]);
    assert.ok(!work.hasBegun("waits"));
  });

  await suite.test("buildbot: the record of what is over is left as it is", async () => {
    const id = await begin("slow", "finished", 0.4);
    await until("the build ends", 30, async () => (await buildbot.build(id)).complete);
    const before = await buildbot.build(id);
    const ended = await buildbot.cancel({ "build-id": `${id}` });
    assert.deepEqual([ended.code, ended.outcome], [0, "already-finished"], ended.output);
    assert.deepEqual(await buildbot.build(id), before);
    assert.ok(work.hasFinished("finished"));
  });

  await suite.test("buildbot: an id that is not there is not-found, though a stop of it is answered 200", async () => {
    const ended = await buildbot.cancel({ "build-id": "999999" });
    assert.deepEqual([ended.code, ended.outcome], [5, "not-found"], ended.output);
  });

  await suite.test("buildbot: without a login, or without the role, nothing is stopped", async () => {
    const id = await begin("slow", "guarded");
    for (const user of ["", "guest"]) {
      const ended = await buildbot.cancel({ "build-id": `${id}` }, { user });
      assert.deepEqual([ended.code, ended.outcome], [4, "refused"], ended.output);
    }
    assert.equal((await buildbot.build(id)).complete, false);
    assert.ok(work.isAlive("guarded"));
    const ended = await buildbot.cancel({ "build-id": `${id}` });
    assert.deepEqual([ended.code, ended.outcome], [0, "cancelled"], ended.output);
    return await work.killed("guarded", ended.at);
  });

  await suite.test("buildbot: what was stopped is never heard of again", () => work.silent());
}
