/** The page, in a real Chromium: what it says, by keyboard, in light and dark, offline, and that nothing leaves it. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { explainAddress } from "../../src/explain/browser.ts";
import { providers } from "../../src/providers/all.ts";
import { launchChromium } from "../../scripts/pictures/chromium.ts";
import { fromApt } from "./programs.ts";
import { must } from "./shell.ts";
import type { Suite } from "./suite.ts";

const job = "https://gitlab.com/platform/deploy/-/jobs/4711";
const widths = [360, 1280];

interface Findings {
  readonly violations: readonly {
    readonly id: string;
    readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
  }[];
}

/** Debian's, if the machine has none. */
async function openBrowser(): Promise<Browser | { readonly why: string }> {
  const there = await launchChromium();
  if (there !== undefined) return there;
  const lacking = await fromApt("chromium");
  return (await launchChromium()) ?? { why: `Chromium not found; ${lacking?.why ?? "apt has installed another one"}` };
}

export async function siteTests(suite: Suite, checkout: string): Promise<void> {
  const browser = await openBrowser();
  if ("why" in browser) {
    suite.skip("the page in a browser", browser.why);
    return;
  }
  try {
    await must("npm", ["run", "--silent", "site"], { cwd: checkout, env: { HOME: checkout }, seconds: 300 });
    const address = pathToFileURL(join(checkout, "public/index.html")).href;

    /** All that the page asks for, beside itself. */
    const visit = async (
      body: (page: Page) => Promise<void>,
      options: BrowserContextOptions = {},
    ): Promise<readonly string[]> => {
      const context = await browser.newContext({ reducedMotion: "reduce", ...options });
      const requests: string[] = [];
      const complaints: string[] = [];
      try {
        const page = await context.newPage();
        page.on("request", (request) => requests.push(request.url()));
        page.on("pageerror", (error) => complaints.push(error.message));
        await context.setOffline(true);
        await page.goto(address);
        await body(page);
        assert.deepEqual(complaints, []);
        return requests.filter((url) => url !== address && !url.startsWith("data:"));
      } finally {
        await context.close();
      }
    };

    await suite.test("the page: says of an address what explain says, offline, and asks for nothing", async () => {
      const asked = await visit(async (page) => {
        await page.getByLabel("Address of the run's page").fill(job);
        const expected = explainAddress(job);
        assert.ok("runs" in expected);
        const [run] = expected.runs;
        const blocks = await page.locator("article pre").allTextContents();
        assert.deepEqual(blocks.slice(0, 4), [run!.github, run!.gitlab.component, run!.gitlab.job, run!.command]);
        const text = await page.locator("article").innerText();
        for (const fact of ["GitLab CI/CD", "platform/deploy", "4711", "GITLAB_TOKEN"])
          assert.ok(text.includes(fact), fact);
      });
      assert.deepEqual(asked, []);
    });

    await suite.test("the page: each example of each vendor is explained", async () => {
      await visit(async (page) => {
        const select = page.getByLabel("Or an example");
        const values = await page.evaluate<[address: string, provider: string][]>(
          `[...document.querySelectorAll("option[data-provider]")].map((one) => [one.value, one.dataset.provider])`,
        );
        assert.ok(values.length >= 16, `${values.length} examples`);
        for (const [index, [, provider]] of values.entries()) {
          await select.selectOption({ index: index + 1 });
          assert.equal(await page.getByRole("status").first().textContent(), "");
          assert.match((await page.locator("article dd").first().textContent()) ?? "", new RegExp(`\\(${provider}\\b`));
        }
      });
    });

    await suite.test("the page: what is no address of a run is told, and nothing of it becomes HTML", async () => {
      await visit(async (page) => {
        const field = page.getByLabel("Address of the run's page");
        await field.fill("https://example.com/<img src=x onerror=alert(1)>");
        assert.match((await page.locator("#answer-message").textContent()) ?? "", /not a page address we recognize/);
        assert.equal(await field.getAttribute("aria-invalid"), "true");
        assert.equal(await page.locator("img, article").count(), 0);
        await field.fill("");
        assert.equal(await page.locator("#answer-message").textContent(), "");
      });
    });

    await suite.test("the page: by keyboard alone, from the address to the copied step", async () => {
      await visit(async (page) => {
        await page.keyboard.press("Tab");
        assert.equal(await focused(page), "Skip to the address");
        await page.keyboard.press("Enter");
        await page.keyboard.press("Tab");
        await page.keyboard.type(job);
        await page.keyboard.press("Enter");
        // The system, the example, and the first thing to copy.
        for (let presses = 0; presses < 3; presses++) await page.keyboard.press("Tab");
        assert.equal(await focused(page), "Copy: Step for GitHub Actions");
        await page.keyboard.press("Enter");
        await page.getByText(/^(?:Copied|Selected)$/).waitFor();
        assert.match(page.url(), /index\.html(?:#main)?$/);
      });
    });

    await suite.test("the page: vendors are searched by any of their words", async () => {
      await visit(async (page) => {
        const shown = page.locator("#list tbody tr:visible");
        assert.equal(await shown.count(), providers.size);
        await page.getByLabel("Search").fill("huawei pipeline");
        assert.equal(await shown.count(), 1);
        assert.equal(await page.locator("#found").textContent(), `1 of ${providers.size} systems`);
        await page.getByLabel("Search").fill("no such thing");
        assert.equal(await shown.count(), 0);
      });
    });

    await suite.test("the page: its own policy lets nothing out", async () => {
      await visit(async (page) => {
        const policy = (await page.locator("meta[http-equiv]").getAttribute("content")) ?? "";
        for (const part of ["default-src 'none'", "connect-src 'none'", "form-action 'none'"])
          assert.ok(policy.includes(part));
        const blocked = await page.evaluate(`new Promise((resolve) => {
          document.addEventListener("securitypolicyviolation", (event) => resolve(event.effectiveDirective));
          fetch("https://example.com/").catch(() => undefined);
        })`);
        assert.equal(blocked, "connect-src");
      });
    });

    const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
    for (const colorScheme of ["light", "dark"] as const)
      for (const width of widths)
        await suite.test(
          `the page: axe has no finding, and nothing is cut off, in ${colorScheme}, ${width} px wide`,
          async () => {
            await visit(
              async (page) => {
                await page.getByLabel("Address of the run's page").fill(`${job} https://example.com/`);
                await check(page, axe, width);
                await page.getByLabel("Address of the run's page").fill(job);
                await page.locator("summary").click();
                await check(page, axe, width);
              },
              { colorScheme, viewport: { width, height: 800 }, bypassCSP: true },
            );
          },
        );
  } finally {
    await browser.close();
  }
}

async function check(page: Page, axe: string, width: number): Promise<void> {
  await page.evaluate(axe);
  const { violations } = await page.evaluate<Findings>("axe.run()");
  const found = violations.map(({ id, nodes }) => [
    id,
    ...nodes.map(({ html, failureSummary }) => `${html}\n${failureSummary ?? ""}`),
  ]);
  assert.deepEqual(found, []);
  assert.ok((await page.evaluate<number>("document.documentElement.scrollWidth")) <= width, "it scrolls sideways");
}

const focused = (page: Page): Promise<string> =>
  page.evaluate<string>("document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent");
