/** GitLab CI/CD as a host: the bundle under a job's environment, and what GitLab makes of its reports. */
import { readFileSync } from "node:fs";
import { afterEach, describe, expect, test } from "@jest/globals";
import { parse } from "yaml";
import { variable } from "../../src/hosts/common.ts";
import { dotenv, program, readable, type Result } from "../support/program.ts";
import { canary, closeServers, github, gitlab, hostileNames } from "../support/servers.ts";

afterEach(closeServers);

const job = { provider: "gitlab", "job-id": "4711", token: canary };
const at = (server: { url: string }, path = "/api/v4"): { url: string; api: string } => ({
  url: server.url,
  api: server.url + path,
});
const linesOf = ({ stdout }: Result): string[] => readable(stdout).trimEnd().split("\n");
/** What is said of the run, or of the step, at the end. */
const lastLine = (result: Result): string =>
  linesOf(result)
    .filter((line) => !line.startsWith("  "))
    .at(-1) ?? "";

describe("a job of the project that the step runs in", () => {
  test("needs no more than its id and a token: variables, JSON, a link, the reason", async () => {
    const server = await gitlab();

    const result = await program({ host: "gitlab", on: at(server), inputs: job });

    const page = server.page("jobs", 4711);
    expect(result.exit).toBe(0);
    expect(result.dotenv).toEqual({
      CANCEL_RUN_OUTCOME: "cancelled",
      CANCEL_RUN_CANCELLED: "1",
      CANCEL_RUN_STATE: "cancelled",
      CANCEL_RUN_PAGE: page,
    });
    expect(result.report).toEqual({
      outcome: "cancelled",
      cancelled: 1,
      state: "cancelled",
      url: page,
      runs: [
        expect.objectContaining({
          ids: { project: "platform/deploy", "job-id": "4711" },
          reason: `Cancelled by cancel-deploy of platform/deploy: ${server.page("jobs", 2002)}`,
        }),
      ],
    });
    expect(result.links).toEqual([{ label: expect.stringContaining("deploy-production"), url: page }]);
    // The same name in every line, and the address on a line of its own.
    const name = "gitlab job 4711 (deploy-production)";
    const [header, ...lines] = linesOf(result);
    expect(header).toBe("Progress");
    expect(lines.at(-1)).toBe(`  ${page}`);
    expect(lines.at(-2)).toMatch(/: cancelled after [\d.]+m?s; it was running$/);
    expect(lines.slice(0, -1).filter((line) => line !== "" && !line.startsWith(`${name}: `))).toEqual([]);
    expect(result.stdout).toContain("\u001b[32;1mgitlab job");
    expect(result.stderr).toBe("");
  });

  test("the API may be anywhere that GitLab says", async () => {
    const server = await gitlab({ jobs: { "4711": {} }, under: "/scm" });

    const { exit } = await program({ host: "gitlab", on: at(server, "/scm/api/v4"), inputs: job });

    expect(exit).toBe(0);
    expect(server.lines[0]).toBe("GET /scm/api/v4/projects/platform%2Fdeploy/jobs/4711");
  });

  test("the token may be the one of GitLab's own tools", async () => {
    const server = await gitlab();
    const { token, ...inputs } = job;

    const result = await program({ host: "gitlab", on: at(server), inputs, env: { GITLAB_TOKEN: token } });

    expect(result).toMatchObject({ exit: 0, report: { outcome: "cancelled" } });
  });

  test("CI_JOB_TOKEN cannot cancel, so it is not tried", async () => {
    const server = await gitlab();
    const { token: _, ...inputs } = job;

    const result = await program({ host: "gitlab", on: at(server), inputs });

    expect(result).toMatchObject({ exit: 2, requests: [] });
    expect(lastLine(result)).toMatch(/no credential .*CANCEL_RUN_TOKEN .*GITLAB_TOKEN/);
  });

  test.each([
    ["by id", { provider: "gitlab", "job-id": "4711" }],
    ["by page", { url: "" }],
  ])("GITLAB_TOKEN does not go elsewhere: %s", async (_, inputs) => {
    const [own, other] = [await gitlab(), await gitlab()];
    const given = "url" in inputs ? { url: other.page("jobs", 4711) } : inputs;

    await program({ host: "gitlab", on: at(own), inputs: given, env: { GITLAB_TOKEN: canary } });

    expect(other.requests).toEqual([]);
  });
});

test("under the inputs that the component hands over, defaults and all", async () => {
  const server = await gitlab();
  const [spec, component] = readFileSync("templates/cancel/template.yml", "utf8").split(/^---\n/m);
  const defaults = (parse(spec ?? "") as { spec: { inputs: Record<string, { default: string | boolean }> } }).spec
    .inputs;
  const lines = [...(component ?? "").matchAll(/^ *([a-z-]+)=\$\[\[ inputs\.([a-z-]+) \]\]$/gm)];
  const env = Object.fromEntries(
    lines.map(([, name = "", input = ""]) => [variable(name), String(defaults[input]?.default)]),
  );
  expect(env).toMatchObject({ CANCEL_RUN_WAIT: "true", CANCEL_RUN_TIMEOUT: "", CANCEL_RUN_URL: "" });

  const result = await program({
    host: "gitlab",
    on: at(server),
    env: { ...env, CANCEL_RUN_PROVIDER: "gitlab", CANCEL_RUN_JOB_ID: "4711", CANCEL_RUN_TOKEN: canary },
  });

  expect(result).toMatchObject({ exit: 0, report: { outcome: "cancelled" } });
});

test("a job after a cancel-run job inherits its variables and is not disturbed", async () => {
  const server = await gitlab({ jobs: { "4711": {}, "4712": {} } });
  const first = await program({ host: "gitlab", on: at(server), inputs: job });

  const second = await program({
    host: "gitlab",
    on: at(server),
    inputs: { ...job, "job-id": "4712" },
    env: first.dotenv,
  });

  expect(first.dotenv).toHaveProperty("CANCEL_RUN_OUTCOME", "cancelled");
  expect(second).toMatchObject({ exit: 0, report: { outcome: "cancelled", runs: [{ ids: { "job-id": "4712" } }] } });
});

describe("the run that the step belongs to", () => {
  test.each([
    ["job", { "job-id": "2002" }],
    ["pipeline", { "pipeline-id": "1001" }],
    ["pipeline, its project by number", { "pipeline-id": "1001", project: "42" }],
  ])("its own %s is refused, in words of this host", async (_, ids) => {
    const server = await gitlab({ jobs: { "2002": {} }, pipelines: { "1001": {} } });

    const result = await program({
      host: "gitlab",
      on: at(server),
      inputs: { provider: "gitlab", token: canary, ...ids },
    });

    expect(result).toMatchObject({ exit: 4, report: { outcome: "refused" }, requests: [] });
    expect(lastLine(result)).toContain("CANCEL_RUN_SELF");
  });

  test("is cancelled if the step says so", async () => {
    const server = await gitlab({ pipelines: { "1001": {} } });

    const result = await program({
      host: "gitlab",
      on: at(server),
      inputs: { provider: "gitlab", token: canary, "pipeline-id": "1001", self: "true" },
    });

    expect(result).toMatchObject({ exit: 0, report: { outcome: "cancelled" } });
    expect(server.only(/^POST/)).toHaveLength(1);
  });
});

test("a failure says what is needed, in the log and in the JSON", async () => {
  const server = await gitlab();
  server.reply(/^POST/, { status: 403, body: { message: "403 Forbidden" } });

  const result = await program({ host: "gitlab", on: at(server), inputs: job });

  expect(result).toMatchObject({
    exit: 4,
    report: { outcome: "refused" },
    dotenv: { CANCEL_RUN_OUTCOME: "refused", CANCEL_RUN_CANCELLED: "0", CANCEL_RUN_STATE: "running" },
  });
  expect(lastLine(result)).toMatch(/403 Forbidden.*Developer/);
});

test("CI_JOB_TOKEN in place of a token is told so", async () => {
  const result = await program({
    host: "gitlab",
    on: at(await gitlab()),
    env: { CI_JOB_TOKEN: canary },
    inputs: { ...job, token: `${canary}-x` },
  });

  expect(result).toMatchObject({ exit: 4, report: { outcome: "refused" } });
  expect(lastLine(result)).toMatch(/401 Unauthorized; the credential is wrong, expired, or for another server$/);

  const own = await program({
    host: "gitlab",
    on: at(await gitlab({ jobs: { "4711": {} }, token: "another" })),
    env: { CI_JOB_TOKEN: canary },
    inputs: job,
  });

  expect(own).toMatchObject({ exit: 4, report: { outcome: "refused" } });
  expect(lastLine(own)).toMatch(/401 Unauthorized; this is CI_JOB_TOKEN, which cannot cancel: give a personal, /);
});

test("a job that is not there is told with the address that was asked", async () => {
  const server = await gitlab();
  server.reply(/^GET/, { status: 404, body: { message: "404 Not found" } });

  const result = await program({ host: "gitlab", on: at(server), inputs: job });

  expect(result).toMatchObject({ exit: 5, report: { outcome: "not-found" } });
  expect(lastLine(result)).toBe(
    `gitlab job 4711: not found: not there, or hidden from this token: ${server.url}/api/v4/projects/platform%2Fdeploy/jobs/4711 answered 404 Not found; ` +
      "this token sees the project platform/deploy, but no such job in it: check job-id, or it has been deleted",
  );
});

test("a project that is known by its number only has no page to link to", async () => {
  const server = await gitlab({ jobs: {} });

  const result = await program({ host: "gitlab", on: at(server), inputs: { ...job, project: "42" } });

  // GitLab has no page at /42/-/jobs/4711.
  expect(result).toMatchObject({ exit: 5, report: { outcome: "not-found", url: null }, links: [] });
});

test("names from outside command nothing and forge nothing", async () => {
  const names = [
    ...hostileNames,
    "section_start:1560896352:evil[collapsed=true]\r\u001b[0Kevil",
    "section_end:1560896352:script\r\u001b[0K",
    "x\nCANCEL_RUN_OUTCOME=cancelled",
    "$CI_JOB_TOKEN ${CI_JOB_TOKEN} $$",
  ];
  const ids = names.map((_, index) => `${index + 1}`);
  const server = await gitlab({
    jobs: Object.fromEntries(ids.map((id, index) => [id, { name: names[index]!, ref: names[index]! }])),
  });
  for (const [index, message] of names.entries())
    server.reply(new RegExp(`^POST .*/${index + 1}/cancel$`), { status: 403, body: { message } });

  const result = await program({
    host: "gitlab",
    on: at(server),
    inputs: { ...job, "job-id": ids.join(), reason: names.join(" ") },
  });

  expect(result).toMatchObject({ exit: 4, dotenv: { CANCEL_RUN_OUTCOME: "refused" } });
  expect(Object.keys(result.dotenv)).toHaveLength(4);
  // Without an escape and a carriage return GitLab's section markers are plain text.
  // eslint-disable-next-line no-control-regex
  expect(readable(result.stdout)).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e]/);
  expect(result.links).toHaveLength(names.length);
  // eslint-disable-next-line no-control-regex
  for (const { label } of result.links) expect(label).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/);
});

test("a page's address cannot carry a variable into a later job", async () => {
  const server = await gitlab({ jobs: { "4711": {} } });
  const page = `${server.page("jobs", 4711)}?$CI_JOB_TOKEN`;
  server.reply(/^GET/, { status: 200, body: { id: 4711, status: "success", name: "deploy", web_url: page } });

  // `program` takes no dotenv report with a dollar sign: GitLab expands such variables.
  const { exit } = await program({ host: "gitlab", on: at(server), inputs: job });

  expect(exit).toBe(0);
});

test("many runs: the variables stay within 5 KB, the links are as many as GitLab shows", async () => {
  const ids = Array.from({ length: 120 }, (_, index) => `${index + 1}`);
  const server = await gitlab({
    jobs: Object.fromEntries(ids.map((id) => [id, { state: "success" as const, name: "x".repeat(300) }])),
  });

  const result = await program({ host: "gitlab", on: at(server), inputs: { ...job, "job-id": ids.join(" ") } });

  expect(result).toMatchObject({ exit: 0, report: { outcome: "already-finished" } });
  expect(result.report?.runs).toHaveLength(120);
  expect(result.links).toHaveLength(100);
});

test("reports that cannot be written: the run is stopped all the same, and the result is in the log, whole", async () => {
  const ids = Array.from({ length: 12 }, (_, index) => `${index + 1}`);
  const server = await gitlab({ jobs: Object.fromEntries(ids.map((id) => [id, {}])) });

  const result = await program({
    host: "gitlab",
    on: at(server),
    env: { CI_PROJECT_DIR: "/nowhere" },
    inputs: { ...job, "job-id": ids.join() },
  });

  expect(result.exit).toBe(1);
  expect(server.only(/^POST/)).toHaveLength(12);
  expect(JSON.parse(/\{.*\}/.exec(lastLine(result))?.[0] ?? "")).toMatchObject({ outcome: "cancelled", cancelled: 12 });
});

test("a run on GitHub, from a GitLab job", async () => {
  const server = await github();

  const result = await program({
    host: "gitlab",
    inputs: { url: server.page(30433642), "server-url": server.url, token: canary },
  });

  expect(result).toMatchObject({ exit: 0, report: { outcome: "cancelled" } });
});

// The tests above stand on this reader.
test("GitLab reads a dotenv report by its own rules", () => {
  expect(dotenv("A=b=c\nA_1=\nA=d\n")).toEqual({ A: "d", A_1: "" });
  expect(dotenv("")).toEqual({});
  for (const wrong of ["A", "A-B=c", "A=b c", "\n", "A=b\n\nB=c", "# A=b", `A=${"x".repeat(6000)}`, "A=$B", 'A="b"'])
    expect(() => dotenv(wrong)).toThrow("dotenv");
});
