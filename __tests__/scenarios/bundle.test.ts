/** The bundle is one file that runs anywhere: GitLab jobs download it alone, under a name of their own. */
import { copyFileSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "@jest/globals";
import { bundle, hosts, program } from "../support/program.ts";
import { canary, closeServers, gitlab } from "../support/servers.ts";

let folder = "";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "cancel-run-bundle-"));
  copyFileSync(bundle, join(folder, "cancel-run.mjs"));
});
afterEach(closeServers);
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const jobAt = (server: string): Record<string, string> => ({
  provider: "gitlab",
  project: "platform/deploy",
  "job-id": "4711",
  "server-url": server,
  token: canary,
});

test.each(hosts)("alone in a folder and renamed, on %s", async (host) => {
  const server = await gitlab();

  const result = await program({
    host,
    time: "wall",
    bundle: join(folder, "cancel-run.mjs"),
    inputs: { ...jobAt(server.url), wait: "false" },
  });

  expect(result).toMatchObject({ exit: 0, report: { outcome: "cancelling" } });
  expect(result.stderr).not.toMatch(/warning|deprecat/i);
  expect(readdirSync(folder)).toEqual(["cancel-run.mjs"]);
});

/** Told at the first connection: what Node.js has loaded of itself by then. */
const witness = `
const { Socket } = require("node:net");
const { connect } = Socket.prototype;
Socket.prototype.connect = function (...to) {
  process._rawDebug("loaded: " + process.moduleLoadList.join());
  return connect.apply(this, to);
};
`;
/** Each of them takes a hundredth of the start or more. */
const late = /^NativeModule (?:assert|crypto|http|http2|https|perf_hooks|tls|zlib|child_process)$/;

test.each(hosts)("before the first request nothing is loaded that only later ones need, on %s", async (host) => {
  const server = await gitlab();
  writeFileSync(join(folder, "witness.cjs"), witness);

  const { stderr, exit } = await program({
    host,
    time: "wall",
    node: ["--require", join(folder, "witness.cjs")],
    inputs: { ...jobAt(server.url), wait: "false" },
  });
  rmSync(join(folder, "witness.cjs"));

  const [, first = ""] = /^loaded: (.*)$/m.exec(stderr) ?? [];
  expect(exit).toBe(0);
  expect(first.split(",")).toContain("NativeModule net");
  expect(first.split(",").filter((name) => late.test(name))).toEqual([]);
});

test.each([
  ["", 1],
  ["--max-http-header-size=65536", 0],
])("headers may be as large as Node.js allows, told %j", async (option, exit) => {
  const server = createServer({ maxHeaderSize: 65536 }, (_, response) => {
    response
      .writeHead(200, { "content-type": "application/json", "x-large": "x".repeat(20_000) })
      .end(JSON.stringify({ id: 4711, name: "deploy", status: "success" }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));

  const result = await program({
    host: "terminal",
    env: { NODE_OPTIONS: option },
    inputs: jobAt(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
  });
  server.closeAllConnections();
  server.close();

  expect(result.exit).toBe(exit);
});

test("its help names what it is, not where it lies", async () => {
  const { exit, stdout } = await program({
    host: "terminal",
    args: ["--help"],
    bundle: join(folder, "cancel-run.mjs"),
  });

  expect(exit).toBe(0);
  expect(stdout).not.toContain(folder);
});
