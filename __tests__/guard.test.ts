/** `when` on GitHub: the bundle's main and post, each a process of its own with the files and variables that the runner gives it. */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { parse } from "yaml";
import { listen, type Loopback, readRequest, send } from "../src/demo/loopback.ts";
import { Ending } from "../src/demo/vendors/ending.ts";
import { gitlab, type Job, jobs, type Status } from "../src/demo/vendors/gitlab.ts";
import type { Vendor } from "../src/demo/vendors/vendor.ts";
import { fileCommands } from "./support/program.ts";

type Words = Readonly<Record<string, string>>;

interface Action {
  readonly inputs: Readonly<Record<string, { readonly default?: string }>>;
  readonly runs: { readonly main: string; readonly post: string };
}

interface Step {
  readonly inputs: Words;
  /** `${{ job.status }}` as the runner puts it in. */
  readonly status?: "success" | "failure" | "cancelled" | "";
  /** What main has saved: given, the step is at the end of its job. */
  readonly state?: Words;
  /** What an earlier step has put into the environment. */
  readonly env?: Words;
  /** Given the process once it runs. */
  readonly during?: (kill: () => void) => void;
  readonly preload?: string;
}

interface Done {
  readonly code: number | null;
  readonly output: string;
  readonly state: Words;
  readonly outputs: Words;
}

const token = "glpat-guardCanary0123456789";
const action = parse(readFileSync("action.yml", "utf8")) as Action;

let folder: string;
let server: Loopback;
let vendor: Vendor;
let requests: string[];
/** Answers a request itself when it returns true. */
let intercept: (request: string, response: ServerResponse) => boolean;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "cancel-run-guard-"));
  requests = [];
  intercept = () => false;
  endJobs("canceling", "canceled");
  server = await listen((incoming, response) => {
    void readRequest(incoming).then((request) => {
      const line = `${request.method} ${request.path}`;
      requests.push(line);
      if (!intercept(line, response)) send(response, vendor(request));
    });
  });
});

/** What the cancel of a job answers and the looks after it find; the last one stays. */
function endJobs(...states: Status[]): void {
  const job = (): Job => ({ status: "running", name: "deploy", ref: "main", ending: new Ending(states) });
  const resources = [jobs({ 1: job(), 2: job(), 3: job(), 4711: job() })];
  vendor = gitlab({ token, projects: { "platform/deploy": 42 }, resources });
}

afterEach(() => {
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

const savedBy = ({ state }: Done): Words => JSON.parse(state["saved"] ?? "{}") as Words;
const cancelOf = (job: string): string => `POST /api/v4/projects/platform%2Fdeploy/jobs/${job}/cancel`;
const cancels = (): string[] => requests.filter((request) => request.startsWith("POST "));
const guard = (inputs: Words = {}): Words => ({
  when: "unsuccessful",
  provider: "gitlab",
  project: "platform/deploy",
  "server-url": server.url,
  token,
  ...inputs,
});

test("a guard before the step that starts the deployment is armed, and sends nothing", async () => {
  const main = await step({ inputs: guard() });

  expect(main).toMatchObject({ code: 0, output: "armed: acts at the end of this job\n", outputs: {} });
  expect(requests).toEqual([]);
});

test("a guard that is told by a page is armed while there is none", async () => {
  const main = await step({ inputs: { when: "failed", url: "", "server-url": server.url, token } });

  expect(main).toMatchObject({ code: 0, output: "armed: acts at the end of this job\n" });
});

test("an input that is wrong already fails the step at once, not only when it is needed", async () => {
  const main = await step({ inputs: guard({ timeout: "90" }) });

  expect(main.code).toBe(2);
  expect(main.output).toMatch(/^::error title=.*timeout: "90" is not accepted/);
});

test("no secret is kept for the end of the job", async () => {
  const main = await step({ inputs: guard({ "job-id": "4711" }) });

  expect(savedBy(main)).toMatchObject({ "job-id": "4711", when: "unsuccessful" });
  expect(JSON.stringify(main.state)).not.toContain(token);
  expect(Object.keys(savedBy(main))).not.toContain("token");
});

test.each(["failure", "cancelled"] as const)("%s: the run that has begun since is cancelled", async (status) => {
  const main = await step({ inputs: guard() });
  const post = await step({ inputs: guard({ "job-id": "4711" }), status, state: main.state });

  expect(post.output).toContain("gitlab job 4711 (deploy): cancelled");
  expect(post).toMatchObject({ code: 0, outputs: { outcome: "cancelled", cancelled: "1" } });
  expect(cancels()).toEqual([cancelOf("4711")]);
});

test("a page that has come up since is read at the end of the job", async () => {
  const inputs = { when: "unsuccessful", "server-url": server.url, token };
  const main = await step({ inputs: { ...inputs, url: "" } });
  const url = `${server.url}/platform/deploy/-/jobs/4711`;
  const post = await step({ inputs: { ...inputs, url }, status: "failure", state: main.state });

  expect(post.code).toBe(0);
  expect(cancels()).toEqual([cancelOf("4711")]);
});

test("on a job that went well nothing happens and nothing is printed", async () => {
  const inputs = guard({ "job-id": "4711" });
  const main = await step({ inputs });
  const post = await step({ inputs, status: "success", state: main.state });

  expect(post).toEqual({ code: 0, output: "", state: {}, outputs: {} });
  expect(requests).toEqual([]);
});

test.each([
  ["cancelled", "failure"],
  ["failed", "cancelled"],
] as const)("when: %s is silent after %s", async (when, status) => {
  const inputs = guard({ when, "job-id": "4711" });
  const main = await step({ inputs });
  const post = await step({ inputs, status, state: main.state });

  expect(post).toEqual({ code: 0, output: "", state: {}, outputs: {} });
  expect(requests).toEqual([]);
});

test("what is given at the end of the job beats what was given before", async () => {
  const main = await step({ inputs: guard({ "job-id": "1", reason: "before" }) });
  const post = await step({
    inputs: guard({ "job-id": "2, 3", reason: "after" }),
    status: "failure",
    state: main.state,
  });

  expect(cancels().sort()).toEqual([cancelOf("2"), cancelOf("3")]);
  expect(post.outputs["runs"]).toContain('"reason":"after"');
});

// https://github.com/actions/runner/issues/2009
test("inputs that are empty at the end of the job are those of before, but for secrets", async () => {
  const main = await step({ inputs: guard({ "job-id": "4711" }) });
  const blank = Object.fromEntries(Object.keys(guard()).map((name) => [name, ""]));
  const post = await step({ inputs: { ...blank, token }, status: "failure", state: main.state });

  expect(post.outputs["outcome"]).toBe("cancelled");
  expect(cancels()).toEqual([cancelOf("4711")]);
});

test("of a disk that is full in the middle of an id nothing is read at the end of the job", async () => {
  const preload = `
    import fs from "node:fs";
    const append = fs.appendFileSync;
    let full = false;
    fs.appendFileSync = (file, text, options) => {
      const half = !full && text.includes('"project"');
      if (half || !full) append(file, half ? text.slice(0, -3) : text, options);
      full ||= half;
      if (full) throw Object.assign(new Error("no space left"), { code: "ENOSPC" });
    };`;
  const main = await step({ inputs: guard({ "job-id": "4711" }), preload });
  const blank = Object.fromEntries(Object.keys(guard()).map((name) => [name, ""]));
  await step({ inputs: { ...blank, token }, status: "failure", state: main.state });

  expect(main.output).toContain("it will not act at the end of the job");
  expect(requests).toEqual([]);
});

test("where the status of the job is empty too, post-if has said that it did not go well", async () => {
  const inputs = guard({ "job-id": "4711" });
  const main = await step({ inputs });
  const post = await step({ inputs, status: "", state: main.state });

  expect(post.outputs["outcome"]).toBe("cancelled");
});

test.each(["failed", "cancelled"])("a guard for %s alone that cannot tell how the job ended says so", async (when) => {
  const inputs = guard({ when, "job-id": "4711" });
  const main = await step({ inputs });
  const post = await step({ inputs, status: "", state: main.state });

  expect(post.code).toBe(2);
  expect(post.output).toContain(`when: this host cannot tell "${when}" from other endings of a job; use unsuccessful`);
  expect(requests).toEqual([]);
});

test("a deployment that was never started is a plain notice", async () => {
  const main = await step({ inputs: guard({ "job-id": "" }) });
  const post = await step({ inputs: guard({ "job-id": "" }), status: "cancelled", state: main.state });

  expect(post.code).toBe(0);
  expect(post.output).toMatch(/^nothing to cancel: .*job-id.* is empty, so what this job guards has not started\n$/);
  expect(requests).toEqual([]);
});

test("an input that is wrong only at the end of the job is said, not kept quiet about", async () => {
  const main = await step({ inputs: guard() });
  const inputs = guard({ provider: "gitlib", "job-id": "4711" });
  const post = await step({ inputs, status: "failure", state: main.state });

  expect(post.code).toBe(2);
  expect(post.output).toContain('provider: "gitlib" is not accepted');
});

test("when: now has done its work in main, whatever becomes of the job", async () => {
  const inputs = guard({ when: "now", "job-id": "4711" });
  const main = await step({ inputs });
  const sent = requests.length;
  const post = await step({ inputs, status: "failure", state: main.state });
  const changed = await step({ inputs: { ...inputs, provider: "gitlib" }, status: "failure", state: main.state });

  expect(main.outputs["outcome"]).toBe("cancelled");
  expect(post).toEqual({ code: 0, output: "", state: {}, outputs: {} });
  expect(changed).toEqual({ code: 0, output: "", state: {}, outputs: {} });
  expect(requests).toHaveLength(sent);
});

test.each([
  ["the phase", { STATE_phase: "main", STATE_isPost: "true", STATE_saved: "{}" }],
  [
    "what main is to have saved",
    { STATE_saved: JSON.stringify({ when: "failed", "job-id": "1" }), STATE_when: "failed" },
  ],
])("an earlier step that sets %s cannot turn main into the end of the job", async (_, env) => {
  const main = await step({ inputs: guard({ when: "now", "job-id": "4711" }), status: "failure", env });

  expect(main).toMatchObject({ code: 0, outputs: { outcome: "cancelled" } });
  expect(cancels()).toEqual([cancelOf("4711")]);
});

test("an earlier step cannot set an input for the end of the job: only what main has saved counts", async () => {
  const inputs = guard({ "job-id": "4711" });
  const main = await step({ inputs });
  const env = {
    STATE_reason: "forged",
    "STATE_dry-run": "true",
    "STATE_job-id": "1",
    STATE_saved: '{"reason":"forged"}',
  };
  const post = await step({
    inputs: { ...inputs, "job-id": "", reason: "" },
    status: "failure",
    state: main.state,
    env,
  });

  expect(post.outputs["outcome"]).toBe("cancelled");
  expect(cancels()).toEqual([cancelOf("4711")]);
  expect(post.outputs["runs"]).not.toContain("forged");
});

test("a reason with a secret in it is kept without the secret", async () => {
  const main = await step({ inputs: guard({ reason: `because ${token}` }) });

  expect(savedBy(main)["reason"]).toBe("because ***");
});

test("a signal while the guard is being armed leaves it armed", async () => {
  const inputs = guard({ "job-id": "4711" });
  // The moment that the program can hear it.
  const preload = `process.on("newListener", (name) => name === "SIGINT" && process.kill(process.pid, "SIGINT"));`;
  const main = await step({ inputs, preload });
  const post = await step({ inputs, status: "cancelled", state: main.state });

  expect(main.code).toBe(0);
  expect(savedBy(main)).toMatchObject({ "job-id": "4711" });
  expect(cancels()).toEqual([cancelOf("4711")]);
  expect(post.outputs["outcome"]).toBe("cancelled");
});

test("a signal before the first look has come back sends the cancel all the same", async () => {
  const inputs = guard({ "job-id": "4711" });
  const main = await step({ inputs });
  const post = await step({
    inputs,
    status: "failure",
    state: main.state,
    during: (kill) => {
      intercept = (request) => {
        if (!request.startsWith("GET ")) return false;
        kill();
        return true;
      };
    },
  });

  expect(post.code).toBe(130);
  expect(cancels()).toEqual([cancelOf("4711")]);
  expect(post.outputs["outcome"]).toBe("cancelling");
});

test("a signal while it is watched ends the watch, and what is known is written", async () => {
  endJobs("canceling");
  const inputs = guard({ "job-id": "4711" });
  const main = await step({ inputs });
  const post = await step({
    inputs,
    status: "failure",
    state: main.state,
    during: (kill) => {
      intercept = (request) => {
        if (request.startsWith("GET ") && cancels().length > 0) kill();
        return false;
      };
    },
  });

  expect(post.code).toBe(130);
  expect(cancels()).toHaveLength(1);
  // The signal may come before the look that would have seen it cancelling.
  expect(post.outputs["outcome"]).toBe("cancelling");
  expect(["running", "cancelling"]).toContain(post.outputs["state"]);
});

// Gitea's runner 1.0.8 and act 0.2.89 read the default of `job-status` once, and keep to `post-if`.
describe.each(["GITEA_ACTIONS", "FORGEJO_ACTIONS", "ACT"])(
  "where %s says whose runner it is, a status of success at the end",
  (name) => {
    const server = "https://code.example.com";
    const env = {
      [name]: "true",
      ...(name !== "ACT" && { GITHUB_SERVER_URL: server, GITHUB_API_URL: `${server}/api/v1` }),
    };

    test("contradicts post-if: a guard for any bad end acts, and says why", async () => {
      const inputs = guard({ "job-id": "4711" });
      const main = await step({ inputs, env });
      const post = await step({ inputs, env, status: "success", state: main.state });

      expect(post.output).toMatch(/^::warning::the job's status reads success, although .* so this guard acts\n/);
      expect(post).toMatchObject({ code: 0, outputs: { outcome: "cancelled" } });
      expect(cancels()).toEqual([cancelOf("4711")]);
    });

    test.each(["failed", "cancelled"])(
      "leaves a guard for %s alone in doubt, which says what to give",
      async (when) => {
        const inputs = guard({ when, "job-id": "4711" });
        const main = await step({ inputs, env });
        const post = await step({ inputs, env, status: "success", state: main.state });

        expect(post.output).toContain(`It is unclear whether the job ended ${when}, so this guard does nothing`);
        expect(post.output).toContain("give it `job-status: ${{ job.status }}`, or when: unsuccessful");
        expect(post).toMatchObject({ code: 0, outputs: {} });
        expect(requests).toEqual([]);
      },
    );
  },
);

test("a guard that a runner gives no memory says that it will not act", async () => {
  const main = await step({ inputs: guard(), env: { GITHUB_STATE: "" } });

  expect(main.output).toContain("::warning::GITHUB_STATE is not set");
});

test("what does not stop is bounded by the guard's own time", async () => {
  endJobs("canceling");
  const inputs = guard({ "job-id": "4711", timeout: "2s" });
  const main = await step({ inputs });
  const post = await step({ inputs, status: "failure", state: main.state });

  expect(post.code).toBe(3);
  expect(post.outputs["outcome"]).toBe("still-running");
});

async function step({ inputs, status = "success", state, env = {}, during, preload }: Step): Promise<Done> {
  const files = { GITHUB_OUTPUT: "", GITHUB_STATE: "", GITHUB_STEP_SUMMARY: "" };
  for (const name of Object.keys(files) as (keyof typeof files)[])
    writeFileSync((files[name] = join(folder, name.toLowerCase())), "");
  const expressions: Words = { "${{ github.token }}": "ghs_guardCanary0123456789", "${{ job.status }}": status };
  const given = Object.entries(action.inputs).flatMap(([name, { default: standard = "" }]) => {
    const value = inputs[name] ?? expressions[standard] ?? standard;
    return [[`INPUT_${name.toUpperCase()}`, value] as const];
  });
  const child = spawn(
    process.execPath,
    [
      ...(preload === undefined ? [] : ["--import", `data:text/javascript,${encodeURIComponent(preload)}`]),
      state === undefined ? action.runs.main : action.runs.post,
    ],
    {
      env: {
        GITHUB_ACTIONS: "true",
        GITHUB_SERVER_URL: "https://github.com",
        GITHUB_API_URL: "https://api.github.com",
        GITHUB_REPOSITORY: "octo-org/web",
        GITHUB_RUN_ID: "77",
        GITHUB_WORKFLOW: "CI",
        ...files,
        ...env,
        ...Object.fromEntries(given),
        ...Object.fromEntries(Object.entries(state ?? {}).map(([name, value]) => [`STATE_${name}`, value])),
      },
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
  during?.(() => child.kill("SIGINT"));
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
  const written = Object.values(files).map((path) => readFileSync(path, "utf8"));
  for (const text of [output, ...written]) expect(text).not.toMatch(/Canary/);
  return {
    code,
    output,
    state: fileCommands(readFileSync(files.GITHUB_STATE, "utf8")),
    outputs: fileCommands(readFileSync(files.GITHUB_OUTPUT, "utf8")),
  };
}
