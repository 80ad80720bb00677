/**
 * Many runs on two servers at once, started and stopped at moments of chance, with a SIGTERM to the step in between. What a step says
 * of a run is held against the server's own record.
 * `npm run test:real -- soak --seed=7 --runs=50`; with `--record` the figures are written to where docs/reliability.md has them from.
 */
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { Suite } from "../e2e/suite.ts";
import { Chance } from "../fuzz/chance.ts";
import { version as buildbotVersion, provideBuildbot, startBuildbot } from "./buildbot.ts";
import { version as prefectVersion, providePrefect, startPrefect } from "./prefect.ts";
import { until } from "./processes.ts";
import type { Ended, Step } from "./step.ts";
import type { Work } from "./work.ts";

/** As the server has it. */
type Truth = "live" | "cancelling" | "cancelled" | "over";

interface Subject {
  readonly work: Work;
  readonly key: string;
  readonly start: (inputs: Readonly<Record<string, string>>) => Step;
  readonly truth: () => Promise<Truth>;
}

interface Played {
  readonly outcome: string;
  readonly interrupted: boolean;
  readonly problem?: string;
}

/** What docs/reliability.md says. */
export interface Figures {
  readonly runs: number;
  readonly seed: string;
  readonly servers: string;
  readonly outcomes: Readonly<Record<string, number>>;
  readonly interrupted: number;
  readonly wrong: number;
  readonly minutes: number;
}

const lanes = 8;
/** A flow run of Prefect is a Python of its own. */
const onPrefect = 0.2;

function option(name: string, usual: string): string {
  return process.argv.find((word) => word.startsWith(`--${name}=`))?.split("=")[1] ?? usual;
}

export async function soakTests(suite: Suite, checkout: string, scratch: string): Promise<void> {
  const environments = { buildbot: await provideBuildbot(), prefect: await providePrefect() };
  const { buildbot: withBuildbot, prefect: withPrefect } = environments;
  if (typeof withBuildbot !== "string" || typeof withPrefect !== "string") {
    const lacking = Object.values(environments).find((provided) => typeof provided !== "string");
    suite.skip("soak", typeof lacking === "object" ? lacking.why : "");
    return;
  }
  const seed = option("seed", `${Date.now() % 1_000_000}`);
  const count = Number(option("runs", "200"));
  const folders = (["buildbot", "prefect"] as const).map((name) => join(scratch, name)) as [string, string];
  for (const folder of folders) mkdirSync(folder);
  const buildbot = await startBuildbot(withBuildbot, checkout, folders[0]);
  const prefect = await startPrefect(withPrefect, checkout, folders[1]);

  async function onBuildbot(key: string, seconds: number, deaf: boolean): Promise<Subject> {
    const id = await buildbot.buildOf(await buildbot.request(deaf ? "many-deaf" : "many", key, seconds));
    return {
      work: buildbot.work,
      key,
      start: (inputs) => buildbot.start({ "build-id": `${id}` }, inputs),
      truth: async () => {
        const { complete, results } = await buildbot.build(id);
        if (!complete) return "live";
        return results === 6 ? "cancelled" : "over";
      },
    };
  }

  async function onThePrefect(key: string, seconds: number): Promise<Subject> {
    const id = await prefect.run(key, { seconds });
    return {
      work: prefect.work,
      key,
      start: (inputs) => prefect.start(id, inputs),
      truth: async () => {
        const type = (await prefect.history(id)).at(-1)?.type ?? "";
        if (type === "CANCELLED" || type === "CANCELLING") return type === "CANCELLED" ? "cancelled" : "cancelling";
        return ["COMPLETED", "FAILED", "CRASHED"].includes(type) ? "over" : "live";
      },
    };
  }

  async function play(at: number): Promise<Played> {
    const chance = new Chance(seed, at);
    const key = `run-${at}`;
    const seconds = chance.is(0.5) ? chance.between(0.2, 3) : 600;
    const subject = chance.is(onPrefect)
      ? await onThePrefect(key, seconds)
      : await onBuildbot(key, seconds, chance.is(0.1));
    // Some before their work has begun, others while it runs, or after its end.
    if (chance.is(0.6)) await subject.work.started(key, 120);
    await wait(chance.is(0.3) ? 0 : chance.between(0, 3000));
    const step = subject.start(chance.is(0.1) ? { wait: "false" } : {});
    const interrupted = chance.is(0.3);
    if (interrupted) {
      const moment = wait(chance.between(50, 1500)).then(() => step.kill("SIGTERM"));
      await Promise.race([moment, step.ended]);
    }
    const ended = await step.ended;
    const outcome = ended.outcome ?? "nothing said";
    const problem = (await judge(subject, ended, interrupted)) ?? (await stopped(subject));
    return { outcome, interrupted, ...(problem !== undefined && { problem: `${key}: ${problem}\n${ended.output}` }) };
  }

  const others = ["other-1", "other-2"];
  const bystanders = [
    ...(await Promise.all(others.map((key) => onBuildbot(key, 3600, false)))),
    ...(await Promise.all(others.map((key) => onThePrefect(key, 3600)))),
  ];
  for (const { work, key } of bystanders) await work.started(key);

  const began = performance.now();
  const played: Played[] = [];
  await suite.test(`soak: ${count} runs on Buildbot and Prefect, seed ${seed}: no outcome is wrong`, async () => {
    let next = 0;
    await Promise.all(
      Array.from({ length: lanes }, async () => {
        while (next < count) {
          const at = next++;
          played.push(
            await play(at).catch((error: unknown) => ({
              outcome: "not played",
              interrupted: false,
              problem: `run-${at}: ${error instanceof Error ? error.message : String(error)}`,
            })),
          );
        }
      }),
    );
    const problems = played.flatMap(({ problem }) => problem ?? []);
    assert.equal(problems.length, 0, problems.join("\n"));
    return told(figures());
  });
  await suite.test("soak: runs that nobody named are still running", async () => {
    for (const { work, key, truth } of bystanders) {
      assert.equal(await truth(), "live", key);
      assert.ok(work.isAlive(key), key);
    }
  });
  if (process.argv.includes("--record"))
    writeFileSync(join(checkout, "__tests__/real/soak.json"), `${JSON.stringify(figures(), null, 2)}\n`);

  function figures(): Figures {
    const outcomes = new Map<string, number>();
    for (const { outcome } of played) outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    return {
      runs: played.length,
      seed,
      servers: `Buildbot ${buildbotVersion} and Prefect ${prefectVersion}`,
      outcomes: Object.fromEntries([...outcomes].sort(([, a], [, b]) => b - a)),
      interrupted: played.filter(({ interrupted }) => interrupted).length,
      wrong: played.filter(({ problem }) => problem !== undefined).length,
      minutes: Number(((performance.now() - began) / 60_000).toFixed(1)),
    };
  }
}

/** What a step has said of its run, held against the server; what is wrong with it, if anything is. */
async function judge(subject: Subject, ended: Ended, interrupted: boolean): Promise<string | undefined> {
  const truth = await subject.truth();
  const { outcome } = ended;
  const wrong = `it says ${outcome ?? "nothing"}, and the server ${truth}`;
  switch (outcome) {
    case undefined:
      // A signal before Node.js has read the program.
      return interrupted && ended.code === null ? undefined : `it has no report, exit code ${ended.code}`;
    case "cancelled":
      if (truth !== "cancelled") return wrong;
      await until(`${subject.key} is gone`, 30, () => !subject.work.isAlive(subject.key));
      return undefined;
    case "already-finished":
      return isOver(truth) ? undefined : wrong;
    case "still-running":
      // Prefect leaves some that it was about to start so for ever.
      return isOver(truth) ? wrong : undefined;
    case "finished-anyway":
      return truth === "over" ? undefined : wrong;
    case "cancelling":
      // It was accepted, and the server shows it.
      await until(`${subject.key} ends`, 60, async () => (await subject.truth()) !== "live");
      return undefined;
    case "failed":
      // What was killed before it could see what became of its cancel says so; alone it must not.
      return interrupted ? undefined : wrong;
    default:
      return wrong;
  }
}

function isOver(truth: Truth): boolean {
  return truth === "cancelled" || truth === "over";
}

/** What is left is stopped by the next step, which nothing interrupts. */
async function stopped(subject: Subject): Promise<string | undefined> {
  if ((await subject.truth()) !== "live") return undefined;
  const ended = await subject.start({}).ended;
  const problem = await judge(subject, ended, false);
  if (problem !== undefined) return `the next step: ${problem}\n${ended.output}`;
  return (await subject.truth()) === "live" && ended.outcome !== "still-running"
    ? `the next step says ${ended.outcome}, and it lives`
    : undefined;
}

function told({ runs, outcomes, interrupted, wrong, minutes }: Figures): string {
  const each = Object.entries(outcomes).map(([outcome, times]) => `${times} ${outcome}`);
  return `${runs} runs in ${minutes} minutes: ${each.join(", ")}; ${interrupted} steps got SIGTERM; ${wrong} wrong`;
}
