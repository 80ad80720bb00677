/**
 * AWS as moto plays it: https://docs.getmoto.org/en/latest/docs/server_mode.html. It holds every signature against botocore's own code,
 * and every identity against its policies. It runs nothing: there is no process to end. Nor does it look at the clock of a request: a
 * front of ours does that in its place.
 */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { listen, readRequest } from "../../src/demo/loopback.ts";
import { type Provided, pythonWith } from "../e2e/programs.ts";
import { must } from "../e2e/shell.ts";
import type { Suite } from "../e2e/suite.ts";
import { ask, have } from "./http.ts";
import { freePort, start, untilServes } from "./processes.ts";
import { Bundle, type Ended } from "./step.ts";

const version = "5.2.5";
export const region = "eu-west-1";

type Words = Readonly<Record<string, string>>;
/** Of boto3: service, operation, arguments. `{0.build.id}` is what call 0 has answered there. */
type Call = readonly [service: string, operation: string, args: object];

export interface Service {
  readonly provider: string;
  /** What makes a run; the last call answers with it. */
  readonly make: readonly Call[];
  /** The path of each id in the last answer. */
  readonly ids: Words;
  /** How the run is looked at by boto3, and where its state is. */
  readonly truth: readonly [call: Call, path: string];
  /** State before and after, by boto3, and the outcome that is right for them. */
  readonly before: string;
  readonly after: string;
  readonly outcome: string;
  /** Where it does not end: the exit code, and what the next step says, too. */
  readonly code?: number;
  /** Where the reason is, by the same call, once it has ended. */
  readonly reason?: string;
  /** Ids of none. */
  readonly missing: Words;
}

const uuid = "0c5f7d2e-8a1b-4c3d-9e4f-5a6b7c8d9e0f";
const role = "arn:aws:iam::123456789012:role/ci";
const waiting = JSON.stringify({ StartAt: "A", States: { A: { Type: "Wait", Seconds: 600, End: true } } });
const nothing = { category: "Build", owner: "AWS", version: "1" } as const;

const services: readonly Service[] = [
  {
    // moto has no stop of an execution, and all of them have succeeded.
    provider: "aws-codepipeline",
    make: [
      [
        "codepipeline",
        "create_pipeline",
        {
          pipeline: {
            name: "deploy-prod",
            roleArn: role,
            artifactStore: { type: "S3", location: "bucket" },
            stages: [
              { name: "S", actions: [{ name: "a", actionTypeId: { ...nothing, category: "Source", provider: "S3" } }] },
              { name: "B", actions: [{ name: "b", actionTypeId: { ...nothing, provider: "CodeBuild" } }] },
            ],
          },
        },
      ],
      ["codepipeline", "start_pipeline_execution", { name: "deploy-prod" }],
    ],
    ids: { pipeline: "=deploy-prod", "execution-id": "pipelineExecutionId" },
    truth: [
      [
        "codepipeline",
        "get_pipeline_execution",
        { pipelineName: "deploy-prod", pipelineExecutionId: "{execution-id}" },
      ],
      "pipelineExecution.status",
    ],
    before: "Succeeded",
    after: "Succeeded",
    outcome: "already-finished",
    missing: { pipeline: "deploy-prod", "execution-id": uuid },
  },
  {
    provider: "aws-step-functions",
    make: [
      ["stepfunctions", "create_state_machine", { name: "deploy-prod", definition: waiting, roleArn: role }],
      ["stepfunctions", "start_execution", { stateMachineArn: "{0.stateMachineArn}" }],
    ],
    ids: { "execution-arn": "executionArn" },
    truth: [["stepfunctions", "describe_execution", { executionArn: "{execution-arn}" }], "status"],
    before: "RUNNING",
    after: "ABORTED",
    outcome: "cancelled",
    missing: { "execution-arn": `arn:aws:states:${region}:123456789012:execution:deploy-prod:${uuid}` },
  },
  {
    // moto has no stop of a job run.
    provider: "aws-glue",
    make: [
      [
        "glue",
        "create_job",
        { Name: "nightly-etl", Role: "r", Command: { Name: "glueetl", ScriptLocation: "s3://b/x.py" } },
      ],
      ["glue", "start_job_run", { JobName: "nightly-etl" }],
    ],
    ids: { "job-name": "=nightly-etl", "job-run-id": "JobRunId" },
    truth: [["glue", "get_job_run", { JobName: "nightly-etl", RunId: "{job-run-id}" }], "JobRun.JobRunState"],
    before: "SUCCEEDED",
    after: "SUCCEEDED",
    outcome: "already-finished",
    missing: { "job-name": "nightly-etl", "job-run-id": `jr_${"0c5f7d2e".repeat(8)}` },
  },
  {
    // The look itself makes each build SUCCEEDED, a stopped one, too; and none is ever complete, so none may be said to have ended.
    provider: "aws-codebuild",
    make: [
      [
        "codebuild",
        "create_project",
        {
          name: "deploy-prod",
          source: { type: "S3", location: "bucket/path" },
          artifacts: { type: "NO_ARTIFACTS" },
          environment: { type: "LINUX_CONTAINER", image: "image", computeType: "BUILD_GENERAL1_SMALL" },
          serviceRole: role,
        },
      ],
      ["codebuild", "start_build", { projectName: "deploy-prod" }],
    ],
    ids: { "build-id": "build.id" },
    truth: [["codebuild", "batch_get_builds", { ids: ["{build-id}"] }], "builds.0.buildComplete"],
    before: "false",
    after: "false",
    outcome: "still-running",
    code: 3,
    missing: { "build-id": `deploy-prod:${uuid}` },
  },
  {
    // It waits for a job that never comes, since moto has no Docker here to run one. What moto has terminated has FAILED with our
    // reason; AWS says \`isTerminated\` besides, without which it counts as a failure of its own.
    provider: "aws-batch",
    make: [
      [
        "batch",
        "create_compute_environment",
        { computeEnvironmentName: "main", type: "UNMANAGED", state: "ENABLED", serviceRole: role },
      ],
      [
        "batch",
        "create_job_queue",
        {
          jobQueueName: "main",
          state: "ENABLED",
          priority: 1,
          computeEnvironmentOrder: [{ order: 1, computeEnvironment: "{0.computeEnvironmentArn}" }],
        },
      ],
      [
        "batch",
        "register_job_definition",
        {
          jobDefinitionName: "deploy",
          type: "container",
          containerProperties: { image: "image", vcpus: 1, memory: 64, command: ["deploy"] },
        },
      ],
      [
        "batch",
        "submit_job",
        { jobName: "deploy-prod", jobQueue: "main", jobDefinition: "deploy", dependsOn: [{ jobId: uuid }] },
      ],
    ],
    ids: { "job-id": "jobId" },
    truth: [["batch", "describe_jobs", { jobs: ["{job-id}"] }], "jobs.0.status"],
    before: "PENDING",
    after: "FAILED",
    outcome: "finished-anyway",
    reason: "jobs.0.statusReason",
    missing: { "job-id": uuid },
  },
];

/** Reads calls as JSON from its first argument, makes them one after the other, and writes the answers. */
const boto = (url: string): string => `import json, re, sys
import boto3

calls, answers = json.loads(sys.argv[1]), []

def at(path):
    value = answers
    for step in path.split("."):
        value = value[int(step)] if step.isdigit() else value[step]
    return value

def filled(value):
    if isinstance(value, str):
        return re.sub(r"^\\{(\\d[^}]*)\\}$", lambda found: at(found[1]), value)
    if isinstance(value, dict):
        return {key: filled(each) for key, each in value.items()}
    return [filled(each) for each in value] if isinstance(value, list) else value

for service, operation, arguments in calls:
    client = boto3.client(service, region_name="${region}", endpoint_url="${url}")
    answer = getattr(client, operation)(**filled(arguments))
    answer.pop("ResponseMetadata", None)
    answers.append(answer)
print(json.dumps(answers, default=str))
`;

export interface Key {
  readonly AccessKeyId: string;
  readonly SecretAccessKey: string;
  readonly SessionToken?: string;
}

const anybody: Key = { AccessKeyId: "AKIAIOSFODNN7EXAMPLE", SecretAccessKey: "x" };

export const variablesOf = ({ AccessKeyId, SecretAccessKey, SessionToken }: Key): Words => ({
  AWS_ACCESS_KEY_ID: AccessKeyId,
  AWS_SECRET_ACCESS_KEY: SecretAccessKey,
  ...(SessionToken === undefined ? {} : { AWS_SESSION_TOKEN: SessionToken }),
});

export function provideMoto(): Promise<Provided> {
  return pythonWith({ name: "moto", version }, [`moto[server]==${version}`]);
}

export interface Moto {
  readonly url: string;
  /** Of users who may do all, nothing here, and look; and of a role. */
  readonly keys: Readonly<Record<"release" | "guest" | "reader" | "assumed", Key>>;
  /** Makes a run: its ids. */
  make(service: Service): Promise<Words>;
  /** What boto3 says of it, at the path of its state or at another one. */
  truth(service: Service, ids: Words, path?: string): Promise<string>;
  cancel(provider: string, ids: Words, key?: Key, inputs?: Words): Promise<Ended>;
}

export function serviceOf(provider: string): Service {
  return services.find((service) => service.provider === provider)!;
}

/** A server that checks every signature and every right. */
export async function startMoto(environment: string, checkout: string, scratch: string): Promise<Moto> {
  const bin = join(environment, "bin");
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const server = start("moto", join(bin, "moto_server"), ["-H", "127.0.0.1", "-p", `${port}`], { cwd: scratch });
  await untilServes(server, "moto serves", 90, async () => (await ask(`GET ${url}/moto-api/data.json`)).status === 200);
  const script = join(scratch, "boto.py");
  writeFileSync(script, boto(url));
  const bundle = new Bundle(checkout, scratch);

  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  async function aws(key: Key, calls: readonly Call[]): Promise<any[]> {
    const text = await must(join(bin, "python"), [script, JSON.stringify(calls)], {
      cwd: scratch,
      env: { ...variablesOf(key), HOME: scratch, PYTHONWARNINGS: "ignore" },
    });
    return JSON.parse(text) as unknown[];
  }
  const policy = (...actions: string[]): string =>
    JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: actions, Resource: "*" }] });
  const user = (name: string, ...actions: string[]): readonly Call[] => [
    ["iam", "create_user", { UserName: name }],
    ["iam", "put_user_policy", { UserName: name, PolicyName: "p", PolicyDocument: policy(...actions) }],
    ["iam", "create_access_key", { UserName: name }],
  ];
  const trust = JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      { Effect: "Allow", Principal: { AWS: "*", Service: "codepipeline.amazonaws.com" }, Action: "sts:AssumeRole" },
    ],
  });

  const made = await aws(anybody, [
    ...user("release", "*"),
    ...user("guest", "s3:ListAllMyBuckets"),
    ...user("reader", "codepipeline:Get*", "states:Describe*"),
    ["iam", "create_role", { RoleName: "ci", AssumeRolePolicyDocument: trust }],
    ["iam", "put_role_policy", { RoleName: "ci", PolicyName: "p", PolicyDocument: policy("*") }],
    ["sts", "assume_role", { RoleArn: role, RoleSessionName: "release-41" }],
  ]);
  const [release, guest, reader] = [2, 5, 8].map((at) => made[at].AccessKey as Key) as [Key, Key, Key];
  const assumed = made[11].Credentials as Key;
  // From now on every signature and every right is checked.
  await have(`POST ${url}/moto-api/reset-auth`, { body: "0" });

  return {
    url,
    keys: { release, guest, reader, assumed },
    make: async ({ make: calls, ids }) => {
      const answer = (await aws(release, calls)).at(-1);
      return Object.fromEntries(
        Object.entries(ids).map(([name, path]) => [name, path.startsWith("=") ? path.slice(1) : at(answer, path)]),
      );
    },
    truth: async ({ truth: [call, path] }, ids, where = path) => {
      const [service, operation, args] = call;
      const text = JSON.stringify(args).replaceAll(/\{([a-z-]+)\}/g, (_, name: string) => ids[name]!);
      return at((await aws(release, [[service, operation, JSON.parse(text) as object]]))[0], where);
    },
    cancel: (provider, ids, key = release, inputs = {}) =>
      bundle.run({ provider, "server-url": url, region, timeout: "20s", ...inputs }, ids, variablesOf(key)),
  };
}

export async function motoTests(suite: Suite, checkout: string, scratch: string): Promise<void> {
  const environment = await provideMoto();
  if (typeof environment !== "string") {
    suite.skip("moto", environment.why);
    return;
  }
  const moto = await startMoto(environment, checkout, scratch);
  const { url, keys } = moto;
  const { release } = keys;

  let pipeline: Words = {};
  for (const service of services) {
    const { provider, truth: by, before, after, outcome, code = 0, reason, missing } = service;
    await suite.test(`moto: ${provider}: ${outcome}: its ${by[1]} is ${before} before, ${after} after`, async () => {
      const ids = await moto.make(service);
      if (provider === "aws-codepipeline") pipeline = ids;
      assert.equal(await moto.truth(service, ids), before);
      const why = "release 41 fails its smoke test";
      const inputs = { reason: why, ...(code !== 0 && { timeout: "5s" }) };
      const ended = await moto.cancel(provider, ids, release, inputs);
      assert.deepEqual([ended.code, ended.outcome], [code, outcome], ended.output);
      assert.equal(await moto.truth(service, ids), after);
      if (reason !== undefined) assert.equal(await moto.truth(service, ids, reason), why);
      const again = await moto.cancel(provider, ids, release, inputs);
      assert.deepEqual([again.code, again.outcome], [code, code === 0 ? "already-finished" : outcome], again.output);
      assert.equal(await moto.truth(service, ids), after);
    });
    await suite.test(`moto: ${provider}: what is not there is not-found`, async () => {
      const ended = await moto.cancel(provider, missing);
      assert.deepEqual([ended.code, ended.outcome], [5, "not-found"], ended.output);
    });
  }

  // moto sends its words as XML that it calls HTML, of which a title would be shown.
  const forms = {
    "a role's key with its session token is taken": [keys.assumed, 0, "already-finished"],
    "a wrong secret is refused": [{ ...release, SecretAccessKey: "x".repeat(40) }, 4, "refused"],
    "an unknown key is refused": [{ ...release, AccessKeyId: anybody.AccessKeyId }, 4, "refused"],
    "a wrong session token is refused": [{ ...keys.assumed, SessionToken: "x".repeat(40) }, 4, "refused"],
    "an identity without the right is refused": [keys.guest, 4, "refused"],
  } satisfies Record<string, [Key, number, string]>;
  for (const [name, [key, code, outcome]] of Object.entries(forms))
    await suite.test(`moto: ${name}`, async () => {
      const ended = await moto.cancel("aws-codepipeline", pipeline, key);
      assert.deepEqual([ended.code, ended.outcome], [code, outcome], ended.output);
    });

  const stepFunctions = serviceOf("aws-step-functions");
  await suite.test("moto: who may look and not stop is refused, and the run goes on", async () => {
    const execution = await moto.make(stepFunctions);
    const ended = await moto.cancel(stepFunctions.provider, execution, keys.reader);
    assert.deepEqual([ended.code, ended.outcome], [4, "refused"], ended.output);
    assert.equal(await moto.truth(stepFunctions, execution), "RUNNING");
  });

  const clocks = {
    "behind ours": { minutes: -20, refusals: 1 },
    "ahead of ours, on another day": { minutes: 36 * 60, refusals: 1 },
    "four minutes ahead of ours, which AWS takes": { minutes: 4, refusals: 0 },
  } as const;
  for (const [name, { minutes, refusals }] of Object.entries(clocks))
    await suite.test(`moto: a server whose clock is ${name}: it is cancelled`, async () => {
      const execution = await moto.make(stepFunctions);
      const front = await withClock(url, minutes);
      try {
        const ended = await moto.cancel(stepFunctions.provider, execution, release, { "server-url": front.url });
        assert.deepEqual([ended.code, ended.outcome], [0, "cancelled"], ended.output);
        assert.equal(front.refused.length, refusals, front.refused.join("\n"));
        assert.equal(await moto.truth(stepFunctions, execution), "ABORTED");
      } finally {
        front.close();
      }
    });
  await suite.test("moto: a clock that is wrong does not hide that the secret is", async () => {
    const front = await withClock(url, 20);
    try {
      const wrong = { ...release, SecretAccessKey: "x".repeat(40) };
      const ended = await moto.cancel("aws-codepipeline", pipeline, wrong, { "server-url": front.url });
      assert.deepEqual([ended.code, ended.outcome], [4, "refused"], ended.output);
      assert.equal(front.refused.length, 1, front.refused.join("\n"));
    } finally {
      front.close();
    }
  });
}

interface Front {
  readonly url: string;
  /** What it has refused, in AWS's words. */
  readonly refused: string[];
  readonly close: () => void;
}

/**
 * Ours: moto behind a clock that is so many minutes ahead, which refuses what is signed more than five minutes off it. All else is
 * moto's. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html
 */
async function withClock(moto: string, minutes: number): Promise<Front> {
  const refused: string[] = [];
  const { port } = new URL(moto);
  const loopback = await listen((incoming, response) => {
    void readRequest(incoming).then(({ method, path, headers, body }) => {
      const now = Date.now() + minutes * 60_000;
      response.setHeader("date", new Date(now).toUTCString());
      const signed = String(headers["x-amz-date"]);
      const late = now - Date.parse(signed.replace(/^(....)(..)(..T..)(..)(..Z)$/, "$1-$2-$3:$4:$5"));
      if (!(Math.abs(late) <= tolerance)) {
        const limit = `${stamp(now - Math.sign(late) * tolerance)} (${stamp(now)} ${late > 0 ? "-" : "+"} 5 min.)`;
        const message =
          late > 0
            ? `Signature expired: ${signed} is now earlier than ${limit}`
            : `Signature not yet current: ${signed} is still later than ${limit}`;
        refused.push(message);
        response.writeHead(400, { "content-type": "application/x-amz-json-1.0" });
        response.end(JSON.stringify({ __type: "InvalidSignatureException", message }));
        return;
      }
      // With the host that was signed.
      const passed = request({ port, host: "127.0.0.1", method, path, headers: incoming.headers }, (reply) => {
        const { date: _, ...rest } = reply.headers;
        response.writeHead(reply.statusCode ?? 502, rest);
        reply.pipe(response);
      });
      passed.on("error", () => response.destroy());
      passed.end(body);
    });
  });
  return { url: loopback.url, refused, close: () => loopback.close() };
}

const tolerance = 5 * 60_000;
const stamp = (time: number): string => new Date(time).toISOString().replace(/[-:]|\.\d{3}/g, "");

// eslint-disable-next-line @typescript-eslint/no-explicit-any
function at(value: any, path: string): string {
  return String(path.split(".").reduce((inner, step) => inner[step], value));
}
