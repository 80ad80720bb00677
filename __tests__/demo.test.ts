import { type ChildProcess, spawn } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { systemClock } from "../src/clock.ts";
import { demo } from "../src/demo/index.ts";

interface Played {
  readonly exit: number | null;
  readonly text: string;
  readonly seconds: number;
}

/** An environment of somebody who works with the real systems, behind a proxy that is out of order. */
const busy = {
  GITHUB_ACTIONS: "true",
  CI_SERVER_URL: "https://gitlab.example.com",
  CANCEL_RUN_TOKEN: "not-for-the-demo",
  GITLAB_TOKEN: "not-for-the-demo",
  GORULES_URL: "https://acme.example",
  HUAWEICLOUD_SDK_AK: "not-for-the-demo",
  HTTP_PROXY: "http://127.0.0.1:9",
  HTTPS_PROXY: "http://127.0.0.1:9",
  NO_PROXY: "",
};

const folder = mkdtempSync(join(tmpdir(), "cancel-run-demo-"));
const played = new Map<string, Played>();

beforeAll(async () => {
  copyFileSync("dist/index.js", join(folder, "cancel-run.mjs"));
  const plays = {
    "dist/index.js": play(resolve("dist/index.js"), process.cwd(), busy),
    "a copy under another name, alone in a folder": play("cancel-run.mjs", folder, {}),
  };
  for (const [name, done] of Object.entries(plays)) played.set(name, await done);
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe.each(["dist/index.js", "a copy under another name, alone in a folder"])("the demo of %s", (name) => {
  test("cancels a run on each of three servers, within ten seconds", () => {
    const { exit, text, seconds } = played.get(name)!;

    expect(text).toMatch(/^✓ gitlab job 4711 \(deploy-prod\): cancelled after [\d.]+s; it was running\n {2}http:\/\//m);
    expect(text).toMatch(
      /^✓ gorules run 5b1f2b0e-\S+ \(Spring rates\): cancelled (?:after [\d.]+s|at once); it was running$/m,
    );
    expect(text).toMatch(
      /^✓ codearts build f9d6c8466d614a9788e9a0acf6c15f46 20: cancelled after [\d.]+s; it was running$/m,
    );
    expect(exit).toBe(0);
    expect(seconds).toBeLessThan(10);
  });

  test("shows what each server says", () => {
    const { text } = played.get(name)!;

    expect(text).toContain('server: status "canceled"\n');
    expect(text).toContain('status "cancelled" by ci@acme.example, comment "release 41 is faulty"\n');
    expect(text).toContain('building false, build_result "ABORTED"\n');
  });

  test("shows the commands, and neither a token nor an escape", () => {
    const { text } = played.get(name)!;

    expect(text).toMatch(
      /^\$ export GITLAB_TOKEN=\*\*\*\n\$ cancel-run http:\/\/127\.0\.0\.1:\d+\/platform\/deploy\/-\/jobs\/4711 /m,
    );
    expect(text).toMatch(/^\$ export GORULES_TOKEN=\*\*\*\n\$ cancel-run --provider gorules /m);
    expect(text).toMatch(/^\$ export HW_AUTH_TOKEN=\*\*\*\n\$ cancel-run --provider codearts /m);
    expect(text).not.toMatch(/made-up|not-for-the-demo/);
    expect(text).not.toContain("\u001b");
  });
});

test("what comes next is spelled as this program was started", () => {
  expect(played.get("a copy under another name, alone in a folder")!.text).toContain("$ node cancel-run.mjs https://");
});

test("a program that says 0 and cancels nothing is found out", async () => {
  let text = "";

  const exit = await demo({
    program: [process.execPath, "--eval", "process.exitCode = 0", "--"],
    env: {},
    clock: systemClock(process.hrtime),
    print: async (more) => void (text += more),
    live: false,
    interrupted: new AbortController().signal,
  });

  expect(exit).toBe(1);
  expect(text).toContain('server: status "running"\n');
  expect(text).toContain("3 of 3 did not stop.");
});

function play(file: string, cwd: string, env: Readonly<Record<string, string>>): Promise<Played> {
  const started = performance.now();
  const { PATH, SYSTEMROOT } = process.env;
  const child: ChildProcess = spawn(process.execPath, [file, "demo"], {
    cwd,
    env: { ...(PATH && { PATH }), ...(SYSTEMROOT && { SYSTEMROOT }), ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let text = "";
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding("utf8").on("data", (more: string) => {
      text += more;
    });
  return new Promise((done, failed) => {
    child.once("error", failed).once("close", (exit) => {
      done({ exit, text, seconds: (performance.now() - started) / 1000 });
    });
  });
}
