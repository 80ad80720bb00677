/** The stand-ins for vendors on loopback, as the scenarios need them: they remember requests, and can be told to answer amiss. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo } from "node:net";
import { systemClock } from "../../src/clock.ts";
import { readRequest, send } from "../../src/demo/loopback.ts";
import { type Build, builds, codearts as codeArtsServer } from "../../src/demo/vendors/codearts.ts";
import { type DeployRecord, deployments } from "../../src/demo/vendors/codearts-deployments.ts";
import { type PipelineRun, pipelineRuns } from "../../src/demo/vendors/codearts-pipelines.ts";
import { Ending } from "../../src/demo/vendors/ending.ts";
import { github as gitHubServer, type Life } from "../../src/demo/vendors/github.ts";
import { gitlab as gitLabServer, type Job, jobs, type Status } from "../../src/demo/vendors/gitlab.ts";
import { pipelines } from "../../src/demo/vendors/gitlab-pipelines.ts";
import { gorules as goRulesServer, type Run as GoRulesRun } from "../../src/demo/vendors/gorules.ts";
import { iam, isSigned } from "../../src/demo/vendors/huawei-iam.ts";
import type { Reply, Request, Vendor } from "../../src/demo/vendors/vendor.ts";
import { gitHubRun, pipeline } from "./forge.ts";

const clock = systemClock(() => process.hrtime());

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

export interface Received extends Request {
  /** `METHOD /path?query`, as it stood on the wire. */
  readonly line: string;
  readonly server: string;
}

export type { Reply };

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

  static listen(answer: Vendor, { host = "127.0.0.1", pem, name }: Listening = {}): Promise<Server> {
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

  async #serve(request: IncomingMessage, response: ServerResponse, answer: Vendor): Promise<void> {
    const asked = await readRequest(request);
    // The name in its address, and https where it speaks TLS.
    const received = { ...asked, origin: this.url, line: `${asked.method} ${asked.path}`, server: this.url };
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
    response.on("finish", () => {
      this.#tell("answered", received);
    });
    send(response, reply);
  }
}

// --- GitLab ---

export interface GitLabRun {
  readonly state?: Status;
  /** What the looks after a cancel find, one each; the last one stays. */
  readonly afterwards?: readonly Status[];
  readonly name?: string;
  readonly ref?: string;
  readonly page?: string;
}

/** What a cancel leads to is what the first look after it finds. */
const lookByLook = <State>([first, ...rest]: readonly State[]): Ending<State> => new Ending([first!, first!, ...rest]);

/** A project with jobs and pipelines. Runs that are not described otherwise are running, and stop at the second look after a cancel. */
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
  const described = ({ state = "running", afterwards = ["canceling", "canceled"], page, ...run }: GitLabRun): Job => ({
    name: "deploy-production",
    ref: "main",
    ...run,
    ...(page !== undefined && { page }),
    status: state,
    ending: lookByLook(afterwards),
  });
  const allJobs = Object.entries(given.jobs ?? {}).map(([id, run]) => [id, described(run)] as const);
  const allPipelines = Object.entries(given.pipelines ?? {}).map(([key, run]) => {
    const id = Number(key);
    return [id, { ...pipeline(id, { project: 42 }), ...described(run), name: run.name ?? null }] as const;
  });
  const vendor = gitLabServer({
    token,
    under,
    projects: { "platform/deploy": 42 },
    resources: [jobs(Object.fromEntries(allJobs)), pipelines(new Map(allPipelines))],
  });
  const server = await Server.listen(vendor, given.at);
  return Object.assign(server, {
    page: (kind: "jobs" | "pipelines", id: string | number) => `${server.url}${under}/platform/deploy/-/${kind}/${id}`,
  });
}

// --- GitHub ---

export interface GitHubRun {
  readonly state?: Life;
  /** What the looks after a cancel find, one each; the last one stays. */
  readonly afterwards?: readonly Life[];
  readonly name?: string;
  readonly branch?: string;
  readonly page?: string;
  readonly attempt?: number;
}

/** The workflow runs of `acme/shop`, below `/api/v3` as GitHub Enterprise Server has them, or `/api/v1` as Gitea. */
export async function github(
  given: { runs?: Readonly<Record<string, GitHubRun>>; token?: string; api?: string } = { runs: { "30433642": {} } },
): Promise<Server & { readonly api: string; readonly page: (id: string | number) => string }> {
  const { runs = {}, token = canary, api = "/api/v3" } = given;
  const all = Object.entries(runs).map(([key, run]) => {
    const { state = "in_progress", name = "Deploy", branch = "main", attempt = 1, page } = run;
    const completed = ["action_required", "cancelled", "success", "failure"].includes(state);
    const shown = {
      status: completed ? "completed" : state,
      conclusion: completed ? state : null,
      name,
      head_branch: branch,
      run_attempt: attempt,
      ...(page !== undefined && { html_url: page }),
    };
    return gitHubRun(Number(key), shown);
  });
  const server = await Server.listen(
    gitHubServer({
      token,
      api,
      repository: "acme/shop",
      runs: new Map(all.map((run) => [run.id, run])),
      ending: ({ id }) => lookByLook(runs[id]?.afterwards ?? ["in_progress", "cancelled"]),
    }),
  );
  return Object.assign(server, {
    api: `${server.url}${api}`,
    page: (id: string | number) => `${server.url}/acme/shop/actions/runs/${id}`,
  });
}

// --- GoRules ---

export const goRulesProject = "3c90c3cc-0d44-4b50-8888-8dd25736052a";
export const goRulesRun = "5b1f7a62-9a4e-4c3e-9f0d-2f6f8f1f0c11";

/** One deployment workflow run. */
export async function gorules(status: GoRulesRun["status"] = "waiting"): Promise<Server> {
  const run: GoRulesRun = { id: goRulesRun, status, release: { name: "Spring rates", version: "41" } };
  return await Server.listen(goRulesServer({ token: canary, project: goRulesProject, run, clock }));
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

/** Build, pipeline, deployment and IAM in one region, all on one server. */
export async function codearts(temporary?: { securityToken: string }): Promise<Server> {
  const { job, project, pipeline: pipelineId, run, task, record } = codeArtsIds;
  const token = secret("subject-token");
  const signIn = iam({ name: "ci", password: canary, domain: "acme", project: "cn-north-4", token });
  const key = { access: accessKey, secret: secretKey, ...temporary };
  const gateway = codeArtsServer(
    (request) =>
      [canary, token].includes(request.headers["x-auth-token"]?.toString() ?? "") || isSigned(request, key, clock),
    [
      builds(job, { 20: { result: "BUILDING", ending: new Ending<Build["result"]>(["ABORTED"]) } }),
      pipelineRuns([
        {
          project,
          pipeline: pipelineId,
          id: run,
          status: "RUNNING",
          ending: new Ending<PipelineRun["status"]>(["CANCELED"]),
        },
      ]),
      deployments([{ task, id: record, status: "running", ending: new Ending<DeployRecord["status"]>(["abort"]) }]),
    ],
  );
  return await Server.listen((request) => signIn(request) ?? gateway(request));
}
