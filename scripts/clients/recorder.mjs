/**
 * A loopback server that writes down what a vendor's client sends, and what the scripts around it share.
 * None of these scripts is run by the tests: they renew the fixtures in __tests__/fixtures/clients/ by hand.
 */
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { URL, URLSearchParams, fileURLToPath, pathToFileURL } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));
const fixtures = fileURLToPath(new URL("../../__tests__/fixtures/", import.meta.url));

/**
 * @param {(request: { method: string, path: string }) => { status?: number, headers?: object, body?: unknown }} answer
 * `taken()` hands out what came in since it was last called.
 */
export async function record(answer = () => ({ body: {} })) {
  let requests = [];
  const server = createServer(async (incoming, outgoing) => {
    let text = "";
    for await (const part of incoming) text += part;
    // A client that takes the recorder for its proxy sends the whole address.
    const { pathname: path, searchParams } = new URL(incoming.url, "http://127.0.0.1");
    const request = {
      method: incoming.method,
      path,
      query: Object.fromEntries(searchParams),
      headers: incoming.headers,
      body: parsed(text, incoming.headers["content-type"]),
    };
    requests.push(request);
    const { status = 200, headers = {}, body = {} } = answer(request);
    outgoing.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    server: `http://127.0.0.1:${server.address().port}`,
    taken: () => requests.splice(0),
    close: () => server.close(),
  };
}

/** The part of a recorded request that means something to the vendor; `names` are the headers that do. */
export function essential({ method, path, query, headers, body }, names) {
  const kept = Object.fromEntries(names.filter((name) => headers[name]).map((name) => [name, headers[name]]));
  return { method, path, query, headers: kept, body };
}

/** Installs packages into a folder of their own, and says how to import from it. */
export function npm(...packages) {
  const folder = temporary();
  writeFileSync(join(folder, "package.json"), "{}");
  execFileSync("npm", ["install", "--silent", "--no-audit", "--no-fund", ...packages], { cwd: folder });
  return {
    folder: join(folder, "node_modules"),
    load: (path) => import(pathToFileURL(join(folder, "node_modules", path)).href),
  };
}

export function pip(...packages) {
  const folder = temporary();
  execFileSync("python3", ["-m", "venv", folder]);
  execFileSync(join(folder, "bin/pip"), ["install", "--quiet", "--disable-pip-version-check", ...packages]);
  return { bin: (name) => join(folder, "bin", name) };
}

/** Copies a Go program that stands beside the scripts, and gets its modules; `folder` says where a module's sources are. */
export function go(program, ...modules) {
  const folder = temporary();
  writeFileSync(join(folder, "main.go"), readFileSync(join(here, program)));
  const run = (...words) =>
    execFileSync("go", words, { cwd: folder, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  run("mod", "init", "recorded");
  for (const module of modules) run("get", module);
  return {
    command: ["go", ["run", "-mod=mod", "."], { cwd: folder }],
    folder: (module) => JSON.parse(run("mod", "download", "-json", module)).Dir,
  };
}

/** Runs a program to its end; a client's complaint about the empty replies is no failure of the recording. */
export function play(command, words, { cwd, env } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, words, { cwd, env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "inherit"] });
    let output = "";
    child.stdout.on("data", (part) => (output += part));
    child.on("close", () => resolve(output));
  });
}

/** The number of the line on which a file first says something, for "where". */
export function lineOf(file, text) {
  const line = readFileSync(file, "utf8")
    .split("\n")
    .findIndex((words) => words.includes(text));
  if (line < 0) throw new Error(`${file} does not say ${text}`);
  return line + 1;
}

export const readFixture = (name) => JSON.parse(readFileSync(join(fixtures, name), "utf8"));

/** One fact a line, so that a renewal is a diff that people can read. */
export function writeFixture(name, fixture) {
  const lines = Object.entries(fixture).map(([key, value]) => {
    if (!Array.isArray(value)) return `  ${JSON.stringify(key)}: ${JSON.stringify(value)}`;
    const items = value.map((item) => `    ${JSON.stringify(item)}`).join(",\n");
    return `  ${JSON.stringify(key)}: [${items ? `\n${items}\n  ` : ""}]`;
  });
  const file = join(fixtures, name);
  writeFileSync(file, `{\n${lines.join(",\n")}\n}\n`);
  execFileSync(fileURLToPath(new URL("../../node_modules/.bin/prettier", import.meta.url)), ["--write", file]);
  console.log(`${file}: ${fixture.requests?.length ?? 0} requests`);
}

function temporary() {
  return mkdtempSync(join(tmpdir(), "cancel-run-client-"));
}

function parsed(text, type = "") {
  if (text === "") return null;
  if (type.includes("json")) return JSON.parse(text);
  if (type.includes("x-www-form-urlencoded")) return Object.fromEntries(new URLSearchParams(text));
  return text;
}
