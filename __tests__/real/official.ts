/**
 * The vendors' own command lines beside the bundle, at the same server: what each says of a run, what it exits with, and what the
 * server has on record by then. Prefect and moto are real servers; GitHub is a stand-in of ours, because none can be had.
 * With `--record` docs/reliability.md has what was seen; without it, what is seen must be what it has.
 */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { builtByGo, gh, glab, type GoProgram, Unavailable } from "../../scripts/bench/go-program.ts";
import { liveRun } from "../../scripts/bench/server.ts";
import { listen, readRequest, send } from "../../src/demo/loopback.ts";
import { Ending } from "../../src/demo/vendors/ending.ts";
import { github, type Life, type Run } from "../../src/demo/vendors/github.ts";
import type { Vendor } from "../../src/demo/vendors/vendor.ts";
import { type Provided, pythonWith } from "../e2e/programs.ts";
import { type Finished, run as finish } from "../e2e/shell.ts";
import type { Suite } from "../e2e/suite.ts";
import { type Key, provideMoto, region, serviceOf, startMoto, variablesOf } from "./moto.ts";
import { providePrefect, startPrefect } from "./prefect.ts";
import { Bundle, type Ended } from "./step.ts";

/** What one of the two has said. */
interface Said {
  readonly says: string;
  readonly code: number;
  /** What the server had on record when it exited; none where there is no run. */
  readonly record: string;
}

export interface Comparison {
  readonly program: string;
  readonly run: string;
  readonly theirs: Said;
  readonly ours: Said;
}

interface Seen {
  readonly theirs: readonly [Finished, record: string];
  readonly ours: readonly [Ended, record: string];
}

/** What the bundle must say; and to play it, a run for each of the two, or one for both where nothing comes of it. */
interface Case {
  readonly run: string;
  readonly outcome: string;
  readonly code: number;
  readonly play: () => Promise<Seen>;
}

type Compare = (program: string, cases: readonly Case[]) => Promise<void>;

/** In characters. */
const mostWords = 120;
const awscli = { name: "awscli", version: "1.45.11" };
const file = "__tests__/real/official.json";

export async function officialTests(suite: Suite, checkout: string, scratch: string): Promise<void> {
  const recorded = existsSync(join(checkout, file))
    ? (JSON.parse(readFileSync(join(checkout, file), "utf8")) as Comparison[])
    : [];
  const records = process.argv.includes("--record");
  const seen: Comparison[] = [];

  const compare: Compare = async (program, cases) => {
    for (const { run, outcome, code, play } of cases)
      await suite.test(`official: ${program}: ${run}: we say ${outcome}`, async () => {
        const { theirs, ours } = await play();
        assert.deepEqual([ours[0].code, ours[0].outcome], [code, outcome], ours[0].output);
        const comparison: Comparison = {
          program,
          run,
          theirs: { says: words(theirs[0].output), code: theirs[0].code, record: theirs[1] },
          ours: { says: outcome, code, record: ours[1] },
        };
        seen.push(comparison);
        const known = recorded.find((one) => one.program === program && one.run === run);
        if (!records) assert.deepEqual(lasting(comparison), known && lasting(known));
        return `${comparison.theirs.says} (exit code ${comparison.theirs.code}, ${comparison.theirs.record})`;
      });
  };
  async function apart(name: string, play: (folder: string) => Promise<string | undefined>): Promise<void> {
    const folder = join(scratch, name);
    mkdirSync(folder);
    const lacking = await play(folder);
    if (lacking !== undefined) suite.skip(`official: ${name}`, lacking);
  }

  await apart("prefect", async (folder) => {
    const environment = await providePrefect();
    if (typeof environment !== "string") return environment.why;
    await onPrefect(compare, environment, checkout, folder);
    return undefined;
  });
  await apart("aws", async (folder) => {
    const [moto, aws] = [await provideMoto(), await pythonWith(awscli, [`awscli==${awscli.version}`])];
    if (typeof moto !== "string" || typeof aws !== "string") return [moto, aws].map(whyNot).join("");
    await onAws(compare, { moto, program: join(aws, "bin/aws") }, checkout, folder);
    return undefined;
  });
  await apart("gh", async (folder) => {
    const program = await provided(gh);
    if (typeof program !== "string") return program.why;
    await onGitHub(compare, program, checkout, folder);
    return undefined;
  });
  await apart("glab", async () => {
    const program = await provided(glab);
    return typeof program === "string" ? "it can be had now, and nothing is written for it yet" : program.why;
  });
  if (records) writeFileSync(join(checkout, file), `${JSON.stringify(seen, null, 2)}\n`);
}

async function provided(program: GoProgram): Promise<Provided> {
  try {
    return await builtByGo(program);
  } catch (error) {
    if (error instanceof Unavailable) return { why: error.message };
    throw error;
  }
}

const whyNot = (it: Provided): string => (typeof it === "string" ? "" : it.why);

/** What the server has on record as soon as their program exits is a matter of moments. */
function lasting({ theirs: { says, code }, ...others }: Comparison): object {
  return { ...others, theirs: { says, code } };
}

/** Its beginning, on one line, without what differs each time; of a traceback, what it ends in. */
function words(output: string): string {
  const text = (/^Traceback[^]*?\n(?=\S)([^\n]*)/m.exec(output)?.[1] ?? output)
    .replaceAll(/(?:<[^>]*>|\s)+/g, " ")
    .trim()
    .replaceAll(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "UUID")
    .replaceAll(/127\.0\.0\.1:\d+/g, "SERVER")
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.+]+|\b\d{10}\.\d+/g, "TIME");
  return text.length > mostWords ? `${text.slice(0, mostWords)}…` : text;
}

async function onPrefect(compare: Compare, environment: string, checkout: string, folder: string): Promise<void> {
  const prefect = await startPrefect(environment, checkout, folder);
  const { work } = prefect;
  const official = (id: string, secret?: string): Promise<Finished> =>
    prefect.official(["flow-run", "cancel", id], secret);
  const record = async (id: string): Promise<string> => (await prefect.history(id)).at(-1)?.type ?? "";
  /** With a run for each of the two; `end` is on record once it is over. */
  const each = async (begin: () => Promise<string>, inputs = {}, secret?: string): Promise<Seen> => {
    const [one, other] = [await begin(), await begin()];
    const theirs = await official(one, secret);
    const theirRecord = await record(one);
    const ours = await prefect.cancel(other, { ...inputs, ...(secret !== undefined && { secret }) });
    return { theirs: [theirs, theirRecord], ours: [ours, await record(other)] };
  };
  let runs = 0;
  const running = async (): Promise<string> => {
    const key = `run-${runs++}`;
    const id = await prefect.run(key);
    await work.started(key);
    return id;
  };
  const tomorrow = (): Promise<string> => prefect.run("later", { at: new Date(Date.now() + 86_400_000) });
  await compare("prefect flow-run cancel", [
    { run: "It runs, and ends when it is told to", outcome: "cancelled", code: 0, play: () => each(running) },
    {
      run: "Nobody is there to end it",
      outcome: "still-running",
      code: 3,
      play: () =>
        each(
          async () => {
            const id = await tomorrow();
            await prefect.setState(id, "RUNNING");
            return id;
          },
          { timeout: "10s" },
        ),
    },
    {
      run: "It was over before",
      outcome: "already-finished",
      code: 0,
      play: () =>
        each(async () => {
          const id = await tomorrow();
          await prefect.setState(id, "COMPLETED");
          return id;
        }),
    },
    {
      run: "It is not there",
      outcome: "not-found",
      code: 5,
      play: async () => {
        const id = randomUUID();
        return { theirs: [await official(id), ""], ours: [await prefect.cancel(id), ""] };
      },
    },
    {
      run: "The password is wrong",
      outcome: "refused",
      code: 4,
      play: () => each(tomorrow, {}, "admin:wrongCanary0123456789"),
    },
  ]);
}

async function onAws(
  compare: Compare,
  installed: { readonly moto: string; readonly program: string },
  checkout: string,
  folder: string,
): Promise<void> {
  const moto = await startMoto(installed.moto, checkout, folder);
  const { keys } = moto;
  const wrong: Key = { ...keys.release, SecretAccessKey: "x".repeat(40) };
  const official = (key: Key, ...args: string[]): Promise<Finished> =>
    finish(installed.program, args, {
      cwd: folder,
      env: { ...variablesOf(key), AWS_ENDPOINT_URL: moto.url, AWS_DEFAULT_REGION: region, HOME: folder, AWS_PAGER: "" },
    });
  const stepFunctions = serviceOf("aws-step-functions");
  const stop = (ids: Readonly<Record<string, string>>, key = keys.release): Promise<Finished> =>
    official(key, "stepfunctions", "stop-execution", "--execution-arn", ids["execution-arn"] ?? "");
  const begun = (): Promise<Readonly<Record<string, string>>> => moto.make(stepFunctions);
  const each = async (begin = begun, key = keys.release): Promise<Seen> => {
    const [one, other] = [await begin(), await begin()];
    const theirs = await stop(one, key);
    const record = await moto.truth(stepFunctions, one);
    const ours = await moto.cancel(stepFunctions.provider, other, key);
    return { theirs: [theirs, record], ours: [ours, await moto.truth(stepFunctions, other)] };
  };
  const codebuild = serviceOf("aws-codebuild");
  await compare("aws stepfunctions stop-execution", [
    { run: "It runs, and ends when it is told to", outcome: "cancelled", code: 0, play: () => each() },
    {
      run: "It was over before",
      outcome: "already-finished",
      code: 0,
      play: () =>
        each(async () => {
          const ids = await begun();
          assert.equal((await moto.cancel(stepFunctions.provider, ids)).outcome, "cancelled");
          return ids;
        }),
    },
    {
      run: "It is not there",
      outcome: "not-found",
      code: 5,
      play: async () => {
        const { missing, provider } = stepFunctions;
        return { theirs: [await stop(missing), ""], ours: [await moto.cancel(provider, missing), ""] };
      },
    },
    { run: "The secret key is wrong", outcome: "refused", code: 4, play: () => each(begun, wrong) },
    {
      run: "The identity may look, and not stop",
      outcome: "refused",
      code: 4,
      play: () => each(begun, keys.reader),
    },
  ]);
  await compare("aws codebuild stop-build", [
    {
      run: "moto never calls it complete",
      outcome: "still-running",
      code: 3,
      play: async () => {
        const ids = await moto.make(codebuild);
        const complete = async (): Promise<string> => `buildComplete: ${await moto.truth(codebuild, ids)}`;
        const query = ["--query", "build.buildStatus", "--output", "text"];
        const theirs = await official(keys.release, "codebuild", "stop-build", "--id", ids["build-id"] ?? "", ...query);
        const record = await complete();
        const ours = await moto.cancel(codebuild.provider, ids, keys.release, { timeout: "5s" });
        return { theirs: [theirs, record], ours: [ours, await complete()] };
      },
    },
  ]);
}

/** It takes plain HTTP at a socket alone, of the setting `http_unix_socket`. */
async function onGitHub(compare: Compare, program: string, checkout: string, folder: string): Promise<void> {
  const repository = "octo-org/octo-repo";
  const token = "ghp_officialCanary0123456789";
  const guest = "ghp_guestCanary0123456789";
  const runs = new Map<number, Run>();
  const stuck = new Set<number>();
  const clock = { now: () => performance.now() };
  const standIn = github({
    token,
    repository,
    runs,
    ending: ({ id }) =>
      new Ending<Life>(["in_progress", ...(stuck.has(id) ? [] : ["cancelled" as const])], { clock, lasting: 3000 }),
  });
  /** Who may read, and not write: https://docs.github.com/rest/using-the-rest-api/troubleshooting-the-rest-api */
  const vendor: Vendor = (request) => {
    // Ours asks as it does on a server of one's own.
    const path = request.path.replace(/^\/api\/v3(?=\/)/, "");
    const isGuest = String(request.headers["authorization"]).endsWith(` ${guest}`);
    if (isGuest && request.method !== "GET")
      return { status: 403, body: { message: "Resource not accessible by personal access token", status: "403" } };
    const headers = isGuest ? { ...request.headers, authorization: `Bearer ${token}` } : request.headers;
    return standIn({ ...request, path, headers });
  };
  const answer: Parameters<typeof listen>[0] = (incoming, response) => {
    void readRequest(incoming).then((request) => send(response, vendor(request)));
  };
  const socket = join(folder, "socket");
  const [server, onSocket] = [await listen(answer), await listen(answer, socket)];
  writeFileSync(join(folder, "config.yml"), `http_unix_socket: ${socket}\n`);

  const bundle = new Bundle(checkout, folder);
  const official = (id: number, secret = token): Promise<Finished> =>
    finish(program, ["run", "cancel", `${id}`, "--repo", repository], {
      cwd: folder,
      env: { GH_CONFIG_DIR: folder, GH_TOKEN: secret, GH_NO_UPDATE_NOTIFIER: "1", GH_TELEMETRY: "false", HOME: folder },
    });
  const cancel = (id: number, secret = token, inputs = {}): Promise<Ended> =>
    bundle.run(
      { provider: "github", "server-url": server.url, timeout: "20s", ...inputs },
      { repository, "run-id": `${id}` },
      { CANCEL_RUN_TOKEN: secret },
    );
  const record = (id: number): string => {
    const { status, conclusion } = runs.get(id)!;
    return conclusion === null ? status : `${status}, ${conclusion}`;
  };
  let last = 4710;
  const begun = (more: Partial<Run> = {}): number => {
    const id = ++last;
    runs.set(id, { ...liveRun(id), ...more });
    return id;
  };
  const each = async (begin: () => number = begun, secret = token, inputs = {}): Promise<Seen> => {
    const [one, other] = [begin(), begin()];
    const theirs = await official(one, secret);
    const theirRecord = record(one);
    const ours = await cancel(other, secret, inputs);
    return { theirs: [theirs, theirRecord], ours: [ours, record(other)] };
  };
  const cases: readonly Case[] = [
    { run: "It runs, and ends when it is told to", outcome: "cancelled", code: 0, play: () => each() },
    {
      run: "The cancel is accepted (202), and it never ends",
      outcome: "still-running",
      code: 3,
      play: () =>
        each(
          () => {
            const id = begun();
            stuck.add(id);
            return id;
          },
          token,
          { timeout: "10s" },
        ),
    },
    {
      run: "It was over before",
      outcome: "already-finished",
      code: 0,
      play: () => each(() => begun({ status: "completed", conclusion: "success" })),
    },
    {
      run: "It is not there",
      outcome: "not-found",
      code: 5,
      play: async () => ({ theirs: [await official(1), ""], ours: [await cancel(1), ""] }),
    },
    { run: "The token is wrong", outcome: "refused", code: 4, play: () => each(begun, "ghp_wrongCanary0123456789") },
    { run: "The token may read, and not write", outcome: "refused", code: 4, play: () => each(begun, guest) },
  ];
  try {
    await compare("gh run cancel", cases);
  } finally {
    server.close();
    onSocket.close();
  }
}
