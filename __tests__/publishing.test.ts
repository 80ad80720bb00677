/** What a maintainer publishes with: the package's fields, the change log, the issue forms. */
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { parse } from "yaml";
import { changesFrom, nextVersion, notesOf, released, withVersion } from "../scripts/release/changes.ts";
import { outcomes } from "../src/interface.ts";
import { published } from "../src/published.ts";

const read = (path: string): string => readFileSync(path, "utf8");

describe("package.json", () => {
  const manifest = JSON.parse(read("package.json"));

  test("says where it comes from, as npm's trusted publishing compares it", () => {
    expect(manifest.repository).toEqual({ type: "git", url: `git+https://github.com/${published.github}.git` });
    expect(manifest.bugs.url).toBe(`https://github.com/${published.github}/issues`);
    expect(manifest.homepage).toBe(`https://github.com/${published.github}#readme`);
    expect(manifest.publishConfig).toEqual({ access: "public", provenance: true });
  });

  test("can be found, and depends on nothing", () => {
    expect(manifest.keywords.length).toBeGreaterThan(5);
    expect(manifest.description).toMatch(/^.{20,125}$/);
    expect([manifest.dependencies, manifest.private]).toEqual([undefined, undefined]);
  });
});

describe("the issue forms", () => {
  const names = readdirSync(".github/ISSUE_TEMPLATE").filter((name) => name !== "config.yml");

  // https://docs.github.com/communities/using-templates-to-encourage-useful-issues-and-pull-requests/syntax-for-githubs-form-schema
  test.each(names)("%s is one that GitHub takes", (name) => {
    const form = parse(read(`.github/ISSUE_TEMPLATE/${name}`));
    const fields = form.body.filter(({ type }: { type: string }) => type !== "markdown");
    const ids = fields.map(({ id }: { id: string }) => id);

    expect([typeof form.name, typeof form.description]).toEqual(["string", "string"]);
    expect(ids).toEqual([...new Set(ids)]);
    for (const { type, attributes } of fields) {
      expect(["input", "textarea", "dropdown", "checkboxes"]).toContain(type);
      expect(attributes.label).toMatch(/^\S.*\S$/);
      if (type === "dropdown") for (const option of attributes.options) expect(typeof option).toBe("string");
    }
  });

  test("know every outcome of a step", () => {
    const form = parse(read(".github/ISSUE_TEMPLATE/wrong-report.yml"));
    const said = form.body.find(({ id }: { id: string }) => id === "said");

    expect([...said.attributes.options].sort()).toEqual([...Object.keys(outcomes), "nothing", "mixed"].sort());
  });
});

describe("a release", () => {
  const messages = [
    "fix(gitlab): a job that was retried\n\nIts number changes.",
    "feat(argo)!: workflows, and no more crons\n\nBREAKING CHANGE: give `workflow` in place of `cron`",
    "feat: a page",
    "docs: a word",
    "Merge branch 'x'",
  ];

  test.each([
    ["0.9.3", ["fix: a"], "1.0.0"],
    ["1.4.2", ["fix: a", "docs: b"], "1.4.3"],
    ["1.4.2", ["feat: a", "fix: b"], "1.5.0"],
    ["1.4.2", messages, "2.0.0"],
    ["1.4.2", ["fix!: a"], "2.0.0"],
  ])("after %s with %j is %s", (current, since, next) => {
    expect(nextVersion(current, since)).toBe(next);
  });

  test("lists what users notice, what they have to change first", () => {
    expect(changesFrom(messages)).toBe(
      [
        "### What you have to change\n\n- give `workflow` in place of `cron`",
        "### New\n\n- **argo**: workflows, and no more crons\n- a page",
        "### Fixed\n\n- **gitlab**: a job that was retried",
      ].join("\n\n"),
    );
  });

  test("takes what was written by hand, and only then the commits", () => {
    const log = "# Changes\n\nNewest first.\n\n## Unreleased\n\nWords.\n\n## 1.0.0 (2026-11-26)\n\nThe first.\n";
    const one = released(log, "1.1.0", "2026-12-01", "### New\n\n- a");
    const two = released(one, "1.2.0", "2026-12-24", "### New\n\n- b");

    expect(one).toBe(log.replace("Unreleased", "1.1.0 (2026-12-01)"));
    expect(notesOf(two, "1.2.0")).toBe("### New\n\n- b\n");
    expect(notesOf(two, "1.1.0")).toBe("Words.\n");
    expect(notesOf(two, "1.0.0")).toBe("The first.\n");
    expect(notesOf(two, "1.0")).toBeUndefined();
    expect(() => released(two, "1.2.0", "2026-12-25", "c")).toThrow("has 1.2.0 already");
    expect(() => released(two, "1.2.1", "2026-12-25", "")).toThrow("Nothing that users notice");
  });

  test("has its version in the manifest and the lock, and no other package's changed", () => {
    const lock = read("package-lock.json");
    const changed = JSON.parse(withVersion(lock, "9.8.7"));

    expect([changed.version, changed.packages[""].version]).toEqual(["9.8.7", "9.8.7"]);
    expect(changed.packages["node_modules/undici"]).toEqual(JSON.parse(lock).packages["node_modules/undici"]);
    expect(withVersion(lock, JSON.parse(lock).version)).toBe(lock);
    expect(withVersion(read("package.json"), JSON.parse(read("package.json")).version)).toBe(read("package.json"));
  });

  test("has a log that a release can be made of", () => {
    expect(() => released(read("CHANGELOG.md"), "99.0.0", "2026-12-24", "- a")).not.toThrow();
  });
});
