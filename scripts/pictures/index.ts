// Makes docs/pictures/ from the program as it is built, and from the page: run it by `npm run pictures`, after a build. Needs Chromium,
// a font with emoji, and `script`, of util-linux, which gives the program a terminal. What it makes is looked at, and not compared.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { listen, readRequest, send } from "../../src/demo/loopback.ts";
import { Ending } from "../../src/demo/vendors/ending.ts";
import { gitlab, jobs, type Status } from "../../src/demo/vendors/gitlab.ts";
import { launchChromium } from "./chromium.ts";
import { type Chunk, svgOf } from "./screen.ts";

const token = "glpat-of-the-picture";
const likeGitHub = `
body { margin: 0; font: 16px/1.5 -apple-system, "Segoe UI", "Noto Sans", Helvetica, Arial, sans-serif; color: #1f2328; }
main { padding: 16px 24px; }
h3 { margin: 0 0 16px; font-size: 20px; }
table { border-collapse: collapse; margin: 0 0 16px; }
th, td { border: 1px solid #d1d9e0; padding: 6px 13px; text-align: left; }
code { font: 85% ui-monospace, monospace; background: #818b981f; border-radius: 6px; padding: 0.2em 0.4em; }
a { color: #0969da; }
`;

const browser = await launchChromium();
if (browser === undefined) throw new Error("Chromium is not installed");
try {
  writeFileSync("docs/pictures/terminal.svg", svgOf(await demo(), "cancel-run demo stops three runs in a terminal"));
  await shoot("docs/pictures/summary.png", pathToFileURL(await summary()).href, 900, 300);
  const page = pathToFileURL(resolve("public/index.html")).href;
  for (const width of [360, 1280]) await shoot(`docs/pictures/page-${width}.png`, page, width, 900);
} finally {
  await browser.close();
}

/** `cancel-run demo`, as a terminal gets it. */
async function demo(): Promise<readonly Chunk[]> {
  const chunks: Chunk[] = [];
  const child = spawn("script", ["-qfec", `${process.execPath} dist/index.js demo`, "/dev/null"], {
    env: { PATH: process.env["PATH"], TERM: "xterm-256color", COLUMNS: "100" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const start = performance.now();
  child.stdout.on("data", (chunk: Buffer) => chunks.push({ at: performance.now() - start, text: chunk.toString() }));
  const code = await new Promise((done) => child.on("close", done));
  if (code !== 0) throw new Error(`The demo ended with ${String(code)}`);
  return chunks;
}

/** The summary of a step that stops two jobs of GitLab and finds a third one over, in a page that looks like GitHub's. */
async function summary(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "cancel-run-summary-"));
  const job = (name: string, status: Status, states: readonly Status[]): object => {
    return { status, name, ref: "main", mayCancel: true, ending: new Ending(states) };
  };
  const all = {
    4711: job("deploy-eu", "running", ["canceling", "canceled"]),
    4712: job("deploy-us", "pending", ["canceled"]),
    4713: job("smoke", "success", ["success"]),
  };
  const vendor = gitlab({ token, projects: { "platform/deploy": 1 }, resources: [jobs(all as never)] });
  const server = await listen((incoming, response) => {
    void readRequest(incoming).then((request) => {
      send(response, vendor(request));
    });
  });
  const path = (name: string): string => join(folder, name);
  for (const name of ["summary", "output", "state"]) writeFileSync(path(name), "");
  const child = spawn(process.execPath, [resolve("dist/index.js")], {
    env: {
      PATH: process.env["PATH"],
      ...{ GITHUB_ACTIONS: "true", GITHUB_SERVER_URL: "https://github.com", GITHUB_REPOSITORY: "acme/shop" },
      ...{ GITHUB_RUN_ID: "9876543210", GITHUB_WORKFLOW: "release" },
      ...{ GITHUB_STEP_SUMMARY: path("summary"), GITHUB_OUTPUT: path("output"), GITHUB_STATE: path("state") },
      ...{ INPUT_PROVIDER: "gitlab", "INPUT_SERVER-URL": server.url, INPUT_PROJECT: "platform/deploy" },
      ...{ "INPUT_JOB-ID": "4711, 4712, 4713", INPUT_TOKEN: token },
    },
    stdio: ["ignore", "ignore", "inherit"],
  });
  await new Promise((done) => child.on("close", done));
  server.close();
  const html = readFileSync(path("summary"), "utf8");
  rmSync(folder, { recursive: true });
  const page = join(mkdtempSync(join(tmpdir(), "cancel-run-summary-")), "summary.html");
  writeFileSync(page, `<!doctype html><meta charset="utf-8"><style>${likeGitHub}</style><main>${html}</main>`);
  return page;
}

async function shoot(file: string, address: string, width: number, height: number): Promise<void> {
  const context = await browser!.newContext({
    viewport: { width, height },
    colorScheme: "light",
    reducedMotion: "reduce",
  });
  const page = await context.newPage();
  await page.goto(address);
  const field = page.locator("#address");
  if ((await field.count()) > 0) await field.fill("https://gitlab.com/platform/deploy/-/jobs/4711");
  const target = page.locator("main");
  if ((await field.count()) > 0) await page.screenshot({ path: file });
  else await target.screenshot({ path: file });
  await context.close();
}
