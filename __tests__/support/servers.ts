/** Stand-ins for the vendors, on loopback. Each is written from the vendor's documents and remembers what was asked of it. */
import { createHash, createHmac } from "node:crypto";
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo } from "node:net";

/** The secret of all scenarios. `program` sees to it that no output holds it, in any spelling. */
export const canary = "cAnArY+5ecret/do%not&show=";
/** Credentials of other kinds; each holds the canary. */
export const secret = (kind: string): string => `${canary}-${kind}`;

/** Names that somebody gives to a run who wants more than to be read. */
export const hostileNames = [
  "::error::x",
  "  ::set-output name=outcome::hacked",
  "##[error]x",
  "a ##[set-output name=outcome]hacked",
  "\r::error::x",
  "\n::stop-commands::x",
  "\u2028::error::x",
  "\u0085::error::x",
  "\u001b[31m::error::x\u001b[0m",
  "\u001b]8;;https://evil.example\u0007link\u001b]8;;\u0007",
  "</td></tr></table><script>alert(1)</script>",
  '"><img src=https://evil.example/x.png onerror=alert(1)>',
  "`a` | b | [link](https://evil.example) ![image](https://evil.example/x.png)",
  "@octocat \u202eevil",
  "%0A::error::x %25 %3A",
  "x\nghadelimiter_0000<<y\noutcome=hacked\n",
];

export interface Received {
  /** `METHOD /path?query`, as it stood on the wire. */
  readonly line: string;
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly server: string;
}

export interface Reply {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

type Answer = (request: Received) => Reply;

/** Where a server listens. */
export interface Listening {
  /** Default: 127.0.0.1. */
  readonly host?: string;
  /** A key and its certificate; with them it speaks TLS. */
  readonly pem?: string;
  /** The name in its address, where that is not the host. */
  readonly name?: string;
}

/** Answers a request in any way that a socket allows. `vendor` does what the request asks for, and says what the vendor would say. */
export type Wire = (response: ServerResponse, vendor: () => Reply, request: Received) => void;

const open = new Set<Server>();

/** Every request to every open server, in the order they came. */
const log: Received[] = [];
export const requestsSoFar = (): readonly Received[] => log;

/** To be called after each test. */
export function closeServers(): void {
  for (const server of open) server.close();
  log.length = 0;
}

export class Server {
  readonly url: string;
  readonly requests: Received[] = [];
  readonly #close: () => void;
  readonly #rules: { match: RegExp; reply: Reply | (() => Promise<void>) | { wire: Wire }; times: number }[] = [];
  readonly #watchers = new Set<{ match: RegExp; when: "received" | "answered"; tell: (request: Received) => void }>();

  private constructor(url: string, close: () => void) {
    this.url = url;
    this.#close = close;
  }

  static listen(answer: Answer, { host = "127.0.0.1", pem, name }: Listening = {}): Promise<Server> {
    return new Promise((resolve) => {
      const serve = (request: IncomingMessage, response: ServerResponse): void =>
        void server.#serve(request, response, answer);
      const http = pem === undefined ? createServer(serve) : createSecureServer({ key: pem, cert: pem }, serve);
      let server: Server;
      http.listen(0, host, () => {
        const { port, family } = http.address() as AddressInfo;
        const shown = name ?? (family === "IPv6" ? `[${host}]` : host);
        server = new Server(`http${pem === undefined ? "" : "s"}://${shown}:${port}`, () => {
          http.close();
          http.closeAllConnections();
        });
        open.add(server);
        resolve(server);
      });
    });
  }

  close(): void {
    this.#close();
    open.delete(this);
  }

  /** `METHOD /path`, one for each request. */
  get lines(): string[] {
    return this.requests.map(({ line }) => line);
  }

  /** The requests that match. */
  only(match: RegExp): Received[] {
    return this.requests.filter(({ line }) => match.test(line));
  }

  /** Answers what matches so, instead of what the vendor would say: always, or so many times. */
  reply(match: RegExp, reply: Reply, times = Infinity): void {
    this.#rules.push({ match, reply, times });
  }

  /** Answers what matches over the wire itself: always, or so many times. */
  wire(match: RegExp, wire: Wire, times = Infinity): void {
    this.#rules.push({ match, reply: { wire }, times });
  }

  /** Keeps what matches waiting until the function that it returns is called. */
  hold(match: RegExp): () => void {
    let release = (): void => undefined;
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    this.#rules.push({ match, reply: () => released, times: Infinity });
    return release;
  }

  /** The next request that matches: when it has come, or when its answer has left. */
  next(match: RegExp, when: "received" | "answered" = "received"): Promise<Received> {
    return new Promise((resolve) => {
      const watcher = {
        match,
        when,
        tell: (request: Received): void => {
          this.#watchers.delete(watcher);
          resolve(request);
        },
      };
      this.#watchers.add(watcher);
    });
  }

  #tell(when: "received" | "answered", request: Received): void {
    for (const watcher of this.#watchers)
      if (watcher.when === when && watcher.match.test(request.line)) watcher.tell(request);
  }

  async #serve(request: IncomingMessage, response: ServerResponse, answer: Answer): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const { method = "", url = "", headers } = request;
    const body = Buffer.concat(chunks).toString();
    const received = { line: `${method} ${url}`, method, path: url, headers, body, server: this.url };
    this.requests.push(received);
    log.push(received);
    this.#tell("received", received);
    const rule = this.#rules.find(({ match, times }) => times > 0 && match.test(received.line));
    let reply: Reply | undefined;
    if (rule) {
      rule.times--;
      if (typeof rule.reply === "function") await rule.reply();
      else if ("wire" in rule.reply) {
        rule.reply.wire(response, () => answer(received), received);
        return;
      } else ({ reply } = rule);
    }
    reply ??= answer(received);
    const text = reply.body === undefined || typeof reply.body === "string" ? reply.body : JSON.stringify(reply.body);
    response.writeHead(reply.status, {
      ...(reply.body !== undefined && { "content-type": "application/json" }),
      ...reply.headers,
    });
    response.on("finish", () => {
      this.#tell("answered", received);
    });
    response.end(text);
  }
}

const bearer = ({ headers }: Received): string | undefined => /^Bearer (.+)$/.exec(headers.authorization ?? "")?.[1];

function json(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** What a vendor's run goes through: its state, and the states that the looks after a cancel find; the last one stays. */
interface Life<State extends string> {
  readonly state: State;
  readonly afterwards?: readonly State[];
}

class Running<State extends string> {
  state: State;
  readonly #afterwards: State[];
  #asked = false;

  constructor({ state, afterwards = [] }: Life<State>) {
    this.state = state;
    this.#afterwards = [...afterwards];
  }

  look(): State {
    const { state } = this;
    this.#go();
    return state;
  }

  cancel(): State {
    if (!this.#asked) {
      this.#asked = true;
      this.#go();
    }
    return this.state;
  }

  #go(): void {
    if (this.#asked) this.state = this.#afterwards.shift() ?? this.state;
  }
}

// --- GitLab ---

type GitLabState = "created" | "pending" | "running" | "canceling" | "canceled" | "success" | "failed" | "manual";

export interface GitLabRun extends Partial<Life<GitLabState>> {
  readonly name?: string;
  readonly ref?: string;
  readonly page?: string;
}

/**
 * A project with jobs and pipelines. Runs that are not described otherwise are running, and stop at the second look after a cancel.
 * https://docs.gitlab.com/api/jobs/ · https://docs.gitlab.com/api/pipelines/
 */
export async function gitlab(
  given: {
    jobs?: Readonly<Record<string, GitLabRun>>;
    pipelines?: Readonly<Record<string, GitLabRun>>;
    token?: string;
    /** The path that the whole server is under. */
    under?: string;
    at?: Listening;
  } = { jobs: { "4711": {} } },
): Promise<Server & { readonly page: (kind: "jobs" | "pipelines", id: string | number) => string }> {
  const { token = canary, under = "" } = given;
  const kinds = { jobs: given.jobs ?? {}, pipelines: given.pipelines ?? {} };
  const lives = new Map(
    Object.entries(kinds).flatMap(([kind, runs]) =>
      Object.entries(runs).map(([id, run]) => {
        const { state = "running", afterwards = ["canceling", "canceled"] } = run;
        return [`${kind}/${id}`, { run, life: new Running<GitLabState>({ state, afterwards }) }] as const;
      }),
    ),
  );
  const server = await Server.listen((request) => {
    if (request.headers["private-token"] !== token && bearer(request) !== token)
      return { status: 401, body: { message: "401 Unauthorized" } };
    const match = /^(GET|POST) (.*)\/api\/v4\/projects\/([^/?]+)\/(jobs|pipelines)\/(\d+)(\/cancel)?$/.exec(
      request.line,
    );
    if (match?.[2] !== under || (match[1] === "POST") !== (match[6] !== undefined))
      return { status: 404, body: { error: "404 Not Found" } };
    const [, , , project = "", kind = "", id = ""] = match;
    if (!["platform/deploy", "42"].includes(decodeURIComponent(project)) || !/%2F|^42$/.test(project))
      return { status: 404, body: { message: "404 Project Not Found" } };
    const found = lives.get(`${kind}/${id}`);
    if (!found) return { status: 404, body: { message: "404 Not found" } };
    const { run, life } = found;
    const over = ["success", "failed", "canceled"].includes(life.state);
    const forced = (json(request.body) as { force?: boolean } | undefined)?.force === true;
    let status: GitLabState;
    if (request.method === "GET") status = life.look();
    else if (over) status = life.state;
    else if (kind === "jobs" && forced) {
      if (life.state === "canceling") life.state = "canceled";
      status = life.state;
    } else status = life.cancel();
    return {
      status: request.method === "POST" && kind === "jobs" ? 201 : 200,
      body: {
        id: Number(id),
        status,
        name: run.name ?? (kind === "jobs" ? "deploy-production" : null),
        ref: run.ref ?? "main",
        web_url: run.page ?? `${server.url}${under}/platform/deploy/-/${kind}/${id}`,
      },
    };
  }, given.at);
  return Object.assign(server, {
    page: (kind: "jobs" | "pipelines", id: string | number) => `${server.url}${under}/platform/deploy/-/${kind}/${id}`,
  });
}

// --- GitHub ---

type GitHubState = "queued" | "in_progress" | "waiting" | "cancelled" | "success" | "failure";

export interface GitHubRun extends Partial<Life<GitHubState>> {
  readonly name?: string;
  readonly branch?: string;
  readonly page?: string;
  readonly attempt?: number;
}

/**
 * The workflow runs of `acme/shop`, below `/api/v3` as GitHub Enterprise Server has them, or `/api/v1` as Gitea.
 * https://docs.github.com/rest/actions/workflow-runs
 */
export async function github(
  given: { runs?: Readonly<Record<string, GitHubRun>>; token?: string; api?: string } = { runs: { "30433642": {} } },
): Promise<Server & { readonly api: string; readonly page: (id: string | number) => string }> {
  const { runs = {}, token = canary, api = "/api/v3" } = given;
  const lives = new Map(
    Object.entries(runs).map(([id, run]) => {
      const { state = "in_progress", afterwards = ["in_progress", "cancelled"] } = run;
      return [id, { run, life: new Running<GitHubState>({ state, afterwards }) }] as const;
    }),
  );
  const server = await Server.listen((request) => {
    if (bearer(request) !== token) return { status: 401, body: { message: "Bad credentials" } };
    const match = /^(GET|POST) (.*)\/repos\/acme\/shop\/actions\/runs\/(\d+)(\/cancel|\/force-cancel)?$/.exec(
      request.line,
    );
    const found = match?.[2] === api ? lives.get(match[3] ?? "") : undefined;
    if (!found || (match?.[1] === "POST") !== (match?.[4] !== undefined))
      return { status: 404, body: { message: "Not Found", status: "404" } };
    const { run, life } = found;
    const over = ["cancelled", "success", "failure"].includes(life.state);
    if (request.method === "POST") {
      if (over) return { status: 409, body: { message: "Cannot cancel a workflow run that is completed." } };
      if (match?.[4] === "/force-cancel") life.state = "cancelled";
      else life.cancel();
      return { status: 202, body: {} };
    }
    const state = life.look();
    const ended = ["cancelled", "success", "failure"].includes(state);
    return {
      status: 200,
      body: {
        id: Number(match?.[3]),
        name: run.name ?? "Deploy",
        head_branch: run.branch ?? "main",
        run_attempt: run.attempt ?? 1,
        status: ended ? "completed" : state,
        conclusion: ended ? state : null,
        html_url: run.page ?? `${server.url}/acme/shop/actions/runs/${match?.[3] ?? ""}`,
      },
    };
  });
  return Object.assign(server, {
    api: `${server.url}${api}`,
    page: (id: string | number) => `${server.url}/acme/shop/actions/runs/${id}`,
  });
}

// --- GoRules ---

export const goRulesProject = "3c90c3cc-0d44-4b50-8888-8dd25736052a";
export const goRulesRun = "5b1f7a62-9a4e-4c3e-9f0d-2f6f8f1f0c11";

/**
 * One deployment workflow run.
 * https://docs.gorules.io/api-reference/brms/deployment-workflows/cancel-deployment-workflow-run
 */
export async function gorules(state: "in_progress" | "waiting" | "completed" | "failure" = "waiting"): Promise<Server> {
  const run = { id: goRulesRun, status: state as string, release: { name: "Spring rates", version: "41" } };
  const path = `/api/projects/${goRulesProject}/runs/${goRulesRun}`;
  return await Server.listen((request) => {
    if (bearer(request) !== canary) return { status: 401, body: { message: "Unauthorized" } };
    if (request.line === `GET ${path}`) return { status: 200, body: run };
    if (request.line !== `POST ${path}/cancel`) return { status: 404, body: { message: "Not Found" } };
    const { comment } = (json(request.body) ?? {}) as { comment?: unknown };
    if (typeof comment !== "string" || comment === "") return { status: 400, body: { message: "comment is required" } };
    Object.assign(run, {
      status: "cancelled",
      completedAt: "2026-03-02T09:13:30.000Z",
      cancelledComment: comment,
      cancelledBy: { email: "ci@acme.example" },
    });
    return { status: 200, body: run };
  });
}

// --- Huawei Cloud CodeArts ---

export const codeArtsIds = {
  job: "48c66c6002964721be537cdc6ce0297b",
  project: "6039d4480efc4dddb178abff98719913",
  pipeline: "dc3b8a4bc0bb44a0a5a2b05d8f0bd2a1",
  run: "87f2a6a2ae034f0ca6ba6bb5a2b05d8f",
  task: "20ed0bca07e54ec6bba4c9b1a2b05d8f",
  record: "b17b0e9d2c1f4f6e8a51fd5ca2b05d8f",
} as const;
export const accessKey = secret("AK");
export const secretKey = secret("SK");

/**
 * Build, pipeline, deployment and IAM in one region, all on one server.
 * https://support.huaweicloud.com/intl/en-us/api-codeci/StopTheJob.html · https://support.huaweicloud.com/intl/en-us/api-pipeline/StopPipelineRun.html
 * https://support.huaweicloud.com/api-deployman/StopDeployTaskRecordV2.html · https://support.huaweicloud.com/intl/en-us/api-iam/iam_30_0001.html
 */
export async function codearts(temporary?: { securityToken: string }): Promise<Server> {
  const { job, project, pipeline, run, task, record } = codeArtsIds;
  const issued = secret("subject-token");
  let [build, pipelineRun, deployment] = ["RUNNING", "RUNNING", "running"];
  const routes: Readonly<Record<string, (body: unknown) => unknown>> = {
    [`GET /v1/job/${job}/20/build-info`]: () => ({
      result: { building: build === "RUNNING", build_result: build === "RUNNING" ? null : build, region: "cn-north-4" },
      error: null,
      status: "success",
    }),
    [`POST /v1/job/${job}/stop`]: (body) => {
      if ((body as { build_no?: unknown } | undefined)?.build_no !== 20)
        return { error_code: "CB.00060200", error_msg: "invalid parameter" };
      build = "ABORTED";
      return { status: "success" };
    },
    [`GET /v5/${project}/api/pipelines/${pipeline}/pipeline-runs/detail?pipeline_run_id=${run}`]: () => ({
      id: run,
      pipeline_id: pipeline,
      name: "release",
      status: pipelineRun,
    }),
    [`POST /v5/${project}/api/pipelines/${pipeline}/pipeline-runs/${run}/stop`]: (body) => {
      if (body === undefined) return { error_code: "PARSE_REQUEST_DATA_EXCEPTION", error_msg: "empty body" };
      pipelineRun = "CANCELED";
      return { success: true };
    },
    [`GET /v2/tasks/${task}/state?record_id=${record}&step_state=false`]: () => ({
      status: "success",
      result: { status: deployment, step: deployment === "running" ? "running" : "finish" },
    }),
    [`PUT /v2/tasks/${task}/records/${record}/stop`]: () => {
      deployment = "abort";
      return { status: "success", result: { id: record, task_id: task } };
    },
  };
  return await Server.listen((request) => {
    const { line, headers, body } = request;
    if (line === "POST /v3/auth/tokens?nocatalog=true") {
      const { identity, scope } = (json(body) as { auth: Record<string, unknown> }).auth;
      const expected = {
        identity: {
          methods: ["password"],
          password: { user: { name: "ci", password: canary, domain: { name: "acme" } } },
        },
        scope: { project: { name: "cn-north-4" } },
      };
      return JSON.stringify({ identity, scope }) === JSON.stringify(expected)
        ? {
            status: 201,
            headers: { "x-subject-token": issued },
            body: { token: { project: { name: "cn-north-4" }, expires_at: "2030-01-01T00:00:00.000000Z" } },
          }
        : {
            status: 401,
            body: { error: { code: 401, message: "The username or password is wrong.", title: "Unauthorized" } },
          };
    }
    const known =
      headers["x-auth-token"] === canary ||
      headers["x-auth-token"] === issued ||
      (headers["x-security-token"] === temporary?.securityToken && isSigned(request));
    if (!known)
      return {
        status: 401,
        body: {
          error_code: "APIGW.0301",
          error_msg: "Incorrect IAM authentication information: verify aksk signature fail",
        },
      };
    const answer = routes[line];
    return answer
      ? { status: 200, body: answer(json(body)) }
      : { status: 404, body: { error_code: "APIGW.0101", error_msg: "The API does not exist" } };
  });
}

/** Checks SDK-HMAC-SHA256 as the gateway does: https://support.huaweicloud.com/intl/en-us/devg-apisign/api-sign-algorithm.html */
function isSigned({ method, path, headers, body }: Received): boolean {
  const given = /^SDK-HMAC-SHA256 Access=(\S+), SignedHeaders=(\S+), Signature=([0-9a-f]{64})$/.exec(
    headers.authorization ?? "",
  );
  if (!given) return false;
  const [, access, names = "", signature] = given;
  const signed = names.split(";");
  const { "x-sdk-date": date = "" } = headers as Record<string, string>;
  const time = Date.parse(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z"));
  if (access !== accessKey || !(Math.abs(Date.now() - time) < 15 * 60_000)) return false;
  if (
    !["host", "x-sdk-date", ...(headers["x-security-token"] ? ["x-security-token"] : [])].every((name) =>
      signed.includes(name),
    )
  )
    return false;
  const [route = "", query = ""] = path.split("?");
  const hash = (text: string): string => createHash("sha256").update(text).digest("hex");
  const canonical = [
    method,
    route.endsWith("/") ? route : `${route}/`,
    query.split("&").sort().join("&"),
    ...signed.map((name) => `${name}:${[headers[name]].flat().join(", ").trim()}`),
    "",
    names,
    hash(body),
  ].join("\n");
  const expected = createHmac("sha256", secretKey)
    .update(`SDK-HMAC-SHA256\n${date}\n${hash(canonical)}`)
    .digest("hex");
  return signature === expected;
}
