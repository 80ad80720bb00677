import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { defuse, githubHost, summaryOf } from "../../src/hosts/github.ts";
import { oneLine } from "../../src/text.ts";
import { hostile } from "../support/hostile.ts";
import { manifest } from "../../src/providers/manifest.ts";
import { record, reportOf } from "../support/record.ts";

/**
 * Whether a runner takes a line for a command.
 * https://github.com/actions/runner/blob/258d6c857db3519913f7deb6004b60172f8043ae/src/Runner.Common/ActionCommand.cs
 */
function isCommand(line: string): boolean {
  const [start, old] = [line.trimStart(), line.indexOf("##[")];
  return (start.startsWith("::") && start.includes("::", 2)) || (old >= 0 && line.includes("]", old));
}

describe("a line of the log", () => {
  test.each([
    ["::error::x", ": :error::x"],
    ["  ::error::x", "  : :error::x"],
    [":::error::x", ": ::error::x"],
    ["a ##[error]x ##[warning]", "a ## [error]x ## [warning]"],
    ["a::error::x", "a::error::x"],
    [":one", ":one"],
    ["##", "##"],
  ])("%j becomes %j", (line, harmless) => {
    expect(defuse(line)).toBe(harmless);
    expect(isCommand(harmless)).toBe(false);
  });

  test("is no command, whatever is in it", () => {
    fc.assert(
      fc.property(hostile, (text) => {
        expect(isCommand(defuse(oneLine(text)))).toBe(false);
        expect(isCommand(`cancel-run: ${defuse(oneLine(text))}`)).toBe(false);
      }),
    );
  });

  test("keeps its words", () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const line = oneLine(text);

        expect(defuse(line).replaceAll(" ", "")).toBe(line.replaceAll(" ", ""));
      }),
    );
  });
});

describe("the output runs", () => {
  const folder = mkdtempSync(join(tmpdir(), "cancel-run-outputs-"));
  afterAll(() => rmSync(folder, { recursive: true }));

  /** The output of a step with so many runs. */
  async function output(count: number): Promise<string> {
    const file = join(folder, "output");
    writeFileSync(file, "");
    const env = { GITHUB_OUTPUT: file, RUNNER_TEMP: folder, GITHUB_ACTION: "__acme/cancel" };
    const host = await githubHost(env, manifest, false);
    await host.report(reportOf(...Array.from({ length: count }, () => record())), false);
    return /^runs=(.*)$/m.exec(readFileSync(file, "utf8"))![1]!;
  }

  test("is what it holds as long as GitHub takes it", async () => {
    expect(JSON.parse(await output(100))).toHaveLength(100);
  });

  test("is the path of a file that holds it where GitHub would not take it", async () => {
    const path = await output(10_000);

    expect(path).toBe(join(folder, "cancel-run-__acme_cancel.json"));
    expect(JSON.parse(readFileSync(path, "utf8"))).toHaveLength(10_000);
  });
});

describe("the summary", () => {
  /** What is left of it when its own tags are taken away. */
  const inner = (html: string): string =>
    html.replace(/<\/?(?:table|tr|th|td|strong|code|p|h3|details|summary)>|<a href="https?:\/\/[^"<>]*">|<\/a>/g, "");

  test("is a table of the runs, with links", () => {
    const html = summaryOf(
      reportOf(record(), record({ outcome: "refused", url: null, before: null, detail: "403: no" })),
    );

    expect(html).toContain(
      '<td><a href="https://acme.example/runs/7"><code>acme run a/b 7 (deploy)</code></a></td><td><strong>cancelled</strong></td><td><code>running</code> → <code>cancelled</code></td><td><code>main</code></td><td>4.2s</td><td></td>',
    );
    expect(html).toContain(
      "<td><code>acme run a/b 7 (deploy)</code></td><td><strong>refused</strong></td><td><code>cancelled</code></td><td><code>main</code></td><td>4.2s</td><td>403: no</td>",
    );
    expect(html).toContain("<p><strong>Why:</strong> why</p>");
  });

  test.each([
    [[record(), record({ outcome: "not-found" }), record()], "❌ cancel-run: 2 cancelled, 1 not found"],
    [[record({ outcome: "already-finished" })], "✅ cancel-run: 1 already finished"],
    [
      [record({ outcome: "would-cancel" }), record({ outcome: "spared" })],
      "✅ cancel-run: 1 spared, 1 would be cancelled",
    ],
    [[], "✅ cancel-run: nothing to cancel"],
  ])("begins with what became of the runs %#", (runs, headline) => {
    expect(summaryOf(reportOf(...runs))).toMatch(new RegExp(`^<h3>${headline}</h3>`));
  });

  test("has no column that would be empty", () => {
    const html = summaryOf(reportOf(record({ ref: null, seconds: 0 })));

    expect(html).toContain("<tr><th>Run</th><th>Outcome</th><th>State</th></tr>");
  });

  test("says why where something was asked, and only there", () => {
    const reason = "superseded, see https://ci.example/runs/8 (https://u:p@evil.example)";
    const found = record({ reason, attempts: 0, outcome: "already-finished" });

    expect(summaryOf(reportOf(found))).not.toContain("superseded");
    expect(summaryOf(reportOf(found, record({ reason })))).toContain(
      '<p><strong>Why:</strong> superseded, see <a href="https://ci.example/runs/8">https://ci.example/runs/8</a> (https://u:p&#64;evil.example)</p>',
    );
  });

  test("of more than ten runs is folded, but for those that fail the step", () => {
    const many = Array.from({ length: 11 }, () => record());
    const html = summaryOf(reportOf(...many, record({ outcome: "failed", name: "bad" })));
    const [open = "", folded = ""] = html.split("<details><summary>All 12 runs</summary>");

    expect(open.match(/<td><strong>\w+/g)).toEqual(["<td><strong>failed"]);
    expect(folded.match(/<td><strong>/g)).toHaveLength(12);
    expect(summaryOf(reportOf(...many.slice(1)))).not.toContain("<details>");
  });

  test("of very many runs stays small enough for a runner, and says how many are not shown", () => {
    const long = record({
      name: "&".repeat(300),
      detail: "<".repeat(300),
      url: `https://acme.example/${"'".repeat(300)}`,
    });
    const html = summaryOf(reportOf(...Array.from({ length: 5000 }, () => long)));

    expect(html).toMatch(/and \d+ more in the output <code>runs<\/code>/);
    expect(Buffer.byteLength(html)).toBeLessThan(1024 * 1024);
  });

  test.each(["javascript:alert(1)", "data:text/html,x", "//evil.example", " https://x.example", "ftp://x.example"])(
    "does not link to %s",
    (url) => {
      expect(summaryOf(reportOf(record({ url })))).not.toContain("<a ");
    },
  );

  test("is one line of HTML in which every foreign word is text, whatever it is", () => {
    const url = hostile.map((text) => `https://x.example/${text}`);
    fc.assert(
      fc.property(hostile, hostile, hostile, url, hostile, (name, detail, reason, page, id) => {
        const html = summaryOf(reportOf(record({ name, detail, reason, url: page, ids: { "run-id": id } })));

        expect(html).toMatch(/^<h3>.*\n\n$/);
        expect(inner(html.trimEnd())).not.toMatch(/[<>"'`|@\n\r]|&(?!(?:amp|lt|gt|quot|#39|#96|#124|#64);)/);
      }),
    );
  });
});
