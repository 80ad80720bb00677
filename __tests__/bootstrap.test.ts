/** How the GitLab components get the program: their script, as a job runs it, with GitLab and GitHub on loopback. */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { parse } from "yaml";
import { published } from "../src/published.ts";
import { serve } from "./support/loopback.ts";

const ref = "0123456789abcdef0123456789abcdef01234567";
const jobToken = "glcbt-canary0123456789";
const program = 'console.log("it runs");\n';
const path = published.gitlab.slice(published.gitlab.indexOf("/") + 1);
const raw = `/${path}/-/raw/${ref}/dist/index.js`;
const packaged = `/api/v4/projects/${encodeURIComponent(path)}/packages/generic/cancel-run/${ref}/index.js`;
const onGitHub = `/${published.github}/${ref}/dist/index.js`;
/** Time flies where there is nothing to do but wait. */
const clock = pathToFileURL(join(import.meta.dirname, "support/scaled-clock.mjs"));

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "cancel-run-bootstrap-"));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

type Answer = (response: ServerResponse, request: IncomingMessage, time: number) => void;

const ok: Answer = (response) => response.end(program);
const status =
  (code: number, headers: Readonly<Record<string, string>> = {}): Answer =>
  (response) =>
    response.writeHead(code, headers).end("no");
/** Each time it is asked the next one; the last stays. */
const inTurn =
  (...answers: readonly Answer[]): Answer =>
  (response, request, time) =>
    (answers[time] ?? answers.at(-1)!)(response, request, time);

interface Ran {
  readonly code: number;
  readonly output: string;
  /** `gitlab /path`, with `+token` where the job's token came along. */
  readonly asked: readonly string[];
}

interface World {
  readonly raw?: Answer;
  readonly packaged?: Answer;
  readonly github?: Answer;
  readonly inputs?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
}

async function start({ raw: file, packaged: pack, github, inputs = {}, env = {} }: World): Promise<Ran> {
  const asked: string[] = [];
  const times = new Map<string, number>();
  const answering =
    (name: string, answers: Readonly<Record<string, Answer | undefined>>) =>
    (request: IncomingMessage, response: ServerResponse): void => {
      const url = request.url ?? "";
      asked.push(`${name} ${url}${request.headers["job-token"] === undefined ? "" : " +token"}`);
      const time = times.get(name + url) ?? 0;
      times.set(name + url, time + 1);
      (answers[url] ?? status(404))(response, request, time);
    };
  const storage = await serve(answering("storage", { "/index.js": ok }));
  const gitlab = await serve(
    answering("gitlab", {
      [raw]: file,
      [packaged]: pack,
      "/moved": status(302, { location: `${storage.origin}/index.js` }),
      "/users/sign_in": (response) => response.end("<html>Sign in</html>"),
    }),
  );
  const mirror = await serve(answering("github", { [onGitHub]: github }));
  const [, body = ""] = readFileSync("templates/cancel/template.yml", "utf8").split(/^---$/m);
  const given: Readonly<Record<string, string>> = {
    "job-name": "cancel",
    "bundle-project": `$CI_SERVER_FQDN/${path}`,
    rules: "[]",
    ...inputs,
  };
  const text = body
    .replaceAll(/\$\[\[ inputs\.([a-z-]+) \]\]/g, (_, name: string) => given[name] ?? "")
    .replaceAll("$[[ component.sha ]]", ref)
    .replace("https://raw.githubusercontent.com", mirror.origin)
    .replace(/(?<=const expected = ")[0-9a-f]{64}/, createHash("sha256").update(program).digest("hex"));
  const script: string = parse(text).cancel.script[0];
  const variables = {
    PATH: process.env["PATH"],
    NODE_OPTIONS: `--import ${clock.href}`,
    CI_SERVER_URL: gitlab.origin,
    CI_SERVER_FQDN: new URL(gitlab.origin).host,
    CI_API_V4_URL: `${gitlab.origin}/api/v4`,
    CI_JOB_TOKEN: jobToken,
    ...env,
  };
  return await new Promise((resolve, reject) => {
    const child = spawn("sh", ["-e", "-c", script], { cwd: folder, env: variables, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
    child.on("error", reject);
    child.on("close", (code) => resolve({ code: code ?? 1, output, asked }));
  });
}

const runs = { code: 0, output: "it runs\n" };

describe("the program comes from", () => {
  test("the file of the public project on this GitLab, and nobody else is asked", async () => {
    expect(await start({ raw: ok })).toEqual({ ...runs, asked: [`gitlab ${raw}`] });
  });

  test.each([
    ["hidden", status(404)],
    ["behind a sign-in", status(302, { location: "/users/sign_in" })],
    ["forbidden", status(403)],
  ])("the package, by the job's token, where the project is private: %s", async (_, answer) => {
    expect(await start({ raw: answer, packaged: ok })).toEqual({
      ...runs,
      asked: [`gitlab ${raw}`, `gitlab ${packaged} +token`],
    });
  });

  test("the storage that a package is kept in, without the token", async () => {
    expect(await start({ packaged: status(302, { location: "/moved" }) })).toEqual({
      ...runs,
      asked: [`gitlab ${raw}`, `gitlab ${packaged} +token`, "gitlab /moved +token", "storage /index.js"],
    });
  });

  test("GitHub, where this GitLab has none of it", async () => {
    expect(await start({ github: ok })).toEqual({
      ...runs,
      asked: [`gitlab ${raw}`, `gitlab ${packaged} +token`, `github ${onGitHub}`],
    });
  });

  test("GitHub, where this GitLab has another program under this name, which does not run", async () => {
    const other: Answer = (response) => response.end('console.log("stolen");');

    expect(await start({ raw: other, packaged: other, github: ok })).toMatchObject(runs);
  });

  test("GitHub, at once, while this GitLab has had too many requests", async () => {
    const busy = status(429, { "retry-after": "60" });

    expect(await start({ raw: busy, packaged: busy, github: ok })).toMatchObject(runs);
  });

  test("a mirror under another name", async () => {
    const { asked } = await start({ inputs: { "bundle-project": "tools/ci/cancel" } });

    expect(asked.slice(0, 2)).toEqual([
      `gitlab /tools/ci/cancel/-/raw/${ref}/dist/index.js`,
      `gitlab /api/v4/projects/tools%2Fci%2Fcancel/packages/generic/cancel-run/${ref}/index.js +token`,
    ]);
  });

  test("bundle-url alone, where that is given", async () => {
    const { code, output, asked } = await start({
      raw: ok,
      github: ok,
      inputs: { "bundle-url": "file:///nowhere/{ref}.js" },
    });

    expect(code).toBe(1);
    expect(output).toContain(`file:///nowhere/${ref}.js cannot be read (ENOENT)`);
    expect(asked).toEqual([]);
  });
});

describe("the tries", () => {
  test.each([
    ["429 for a minute", [429, { "retry-after": "60" }]],
    ["429 without a word on how long", [429, {}]],
    ["502", [502, {}]],
  ] as const)("outlast %s", async (_, [code, headers]) => {
    const answer = status(code, headers);
    const done = await start({ raw: inTurn(answer, ok), packaged: answer, github: answer });

    expect(done).toMatchObject(runs);
    expect(done.asked.filter((one) => one === `gitlab ${raw}`)).toHaveLength(2);
  });

  test("end, and say of each place why", async () => {
    const { code, output, asked } = await start({
      raw: status(429, { "retry-after": "3600" }),
      packaged: status(401),
      github: status(503),
    });

    expect(code).toBe(1);
    expect(output).toMatch(/^cancel-run: the program cannot be had, so nothing was sent; see the input bundle-url\.$/m);
    expect(output).toMatch(/^ {2}http:\S+\/-\/raw\/\S+ answered 429$/m);
    expect(output).toMatch(/^ {2}http:\S+\/packages\/\S+ answered 401$/m);
    expect(output).toMatch(/^ {2}http:\S+\/dist\/index\.js answered 503$/m);
    expect(asked.filter((one) => one.startsWith("gitlab"))).toHaveLength(2);
    expect(asked.filter((one) => one.startsWith("github")).length).toBeGreaterThan(4);
  });

  test("do not go on where nobody listens", async () => {
    const dead = "http://127.0.0.1:9";
    const { code, output } = await start({
      env: { CI_SERVER_URL: dead, CI_API_V4_URL: `${dead}/api/v4` },
    });

    expect(code).toBe(1);
    expect(output).toMatch(/raw\/\S+ cannot be read \(\w+\)$/m);
  });
});

test("a Node.js that does not use the environment's proxy is named, where there is one", async () => {
  const dead = "http://127.0.0.1:9";
  const older = "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.18.1' } })";
  const env = {
    CI_SERVER_URL: dead,
    CI_API_V4_URL: `${dead}/api/v4`,
    NODE_OPTIONS: `--import ${clock.href} --import data:text/javascript,${encodeURIComponent(older)}`,
  };
  const hint = "Node.js 20.18.1 goes past the proxy of the environment";

  expect((await start({ env: { ...env, HTTPS_PROXY: dead } })).output).toContain(hint);
  expect((await start({ env })).output).not.toContain(hint);
});

describe("the job's token", () => {
  test("goes to the API of this server, and to no other", async () => {
    const { asked } = await start({ env: { CI_API_V4_URL: "http://127.0.0.1:9/api/v4" } });

    expect(asked.filter((one) => one.includes("token") || one.includes("packages"))).toEqual([]);
  });

  test("is not there when a job is cancelled: then GitHub is what is left", async () => {
    const { asked, code } = await start({ github: ok, env: { CI_JOB_TOKEN: "" } });

    expect([code, asked]).toEqual([0, [`gitlab ${raw}`, `github ${onGitHub}`]]);
  });
});
