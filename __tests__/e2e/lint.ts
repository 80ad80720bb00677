/** What people copy, read by the linters that they use: every YAML block of the README and the docs, and every example. */
import assert from "node:assert/strict";
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { parse } from "yaml";
import { published } from "../../src/published.ts";
import { blocksOf } from "../support/markdown.ts";
import { provideGitlabCiLocal } from "./gitlab-ci-local.ts";
import { fromGo, fromPip } from "./programs.ts";
import { must, run } from "./shell.ts";
import type { Suite } from "./suite.ts";

const actionlint = { name: "actionlint", version: "v1.7.12" };
const zizmor = { name: "zizmor", version: "1.32.0" };

interface Snippet {
  /** `README.md:17`. */
  readonly where: string;
  /** A whole workflow or pipeline. */
  readonly text: string;
  readonly of: "github" | "gitlab";
  /** What people come from, as they have it. */
  readonly theirs: boolean;
}

/** What zizmor finds and we mean, beside what an example itself says in a comment. */
const zizmorConfig = {
  rules: {
    // Ours is shown by its version, and the README and the recipes say to pin it.
    "unpinned-uses": { config: { policies: { [published.github]: "ref-pin", "*": "hash-pin" } } },
  },
};

export async function lintTests(suite: Suite, checkout: string, scratch: string): Promise<void> {
  const all = snippetsOf(checkout);
  const onGitHub = all.filter(({ of }) => of === "github");

  await suite.test("lint: the pages have workflows and pipelines", () => {
    assert.ok(onGitHub.length > 40 && all.length - onGitHub.length > 20, `${onGitHub.length} of ${all.length}`);
  });

  const withActionlint = await fromGo(actionlint, "github.com/rhysd/actionlint/cmd/actionlint");
  if (typeof withActionlint !== "string") suite.skip("actionlint", withActionlint.why);
  else
    await suite.test(
      `lint: actionlint has no finding in ${onGitHub.length} workflows, and knows our inputs`,
      async () => {
        const folder = join(scratch, "actionlint");
        const ours = join(folder, "cancel-run");
        mkdirSync(ours, { recursive: true });
        cpSync(join(checkout, "action.yml"), join(ours, "action.yml"));
        cpSync(join(checkout, "dist"), join(ours, "dist"), { recursive: true });
        const files = await writeWorkflows(folder, onGitHub, (text) =>
          text.replaceAll(`uses: ${published.github}@v1`, "uses: ./cancel-run"),
        );
        const { code, output } = await run(withActionlint, ["-oneline", "-shellcheck=", "-pyflakes="], { cwd: folder });
        assert.equal(code, 0, named(output, files));
        writeFileSync(
          join(folder, ".github/workflows/wrong.yml"),
          wrapped.steps("- uses: ./cancel-run\n  with: { job: x, jobid: 1 }\n"),
        );
        const wrong = await run(withActionlint, ["-oneline", ".github/workflows/wrong.yml"], { cwd: folder });
        assert.match(wrong.output, /input "jobid" is not defined/);
      },
    );

  if (typeof withActionlint === "string")
    await suite.test("lint: actionlint has no finding in the workflows of this repository", async () => {
      const own = readdirSync(join(checkout, ".github/workflows")).map((name) => `.github/workflows/${name}`);
      const { code, output } = await run(withActionlint, ["-oneline", "-shellcheck=", ...own], { cwd: checkout });
      assert.equal(code, 0, output);
    });

  const withZizmor = await fromPip(zizmor);
  const ours = onGitHub.filter(({ theirs }) => !theirs);
  if (typeof withZizmor !== "string") suite.skip("zizmor", withZizmor.why);
  else
    await suite.test(`lint: zizmor has no finding in ${ours.length} workflows`, async () => {
      const folder = join(scratch, "zizmor");
      const files = await writeWorkflows(folder, ours, (text) => text);
      const config = join(folder, "zizmor.yml");
      writeFileSync(config, JSON.stringify(zizmorConfig));
      const args = ["--offline", "--quiet", "--no-progress", "--format=plain", "--config", config, "."];
      const { code, output } = await run(withZizmor, args, { cwd: folder });
      assert.equal(code, 0, named(output, files));
      // It still finds what is there to be found.
      writeFileSync(join(folder, ".github/workflows/wrong.yml"), wrapped.steps("- run: echo ${{ github.head_ref }}\n"));
      const wrong = await run(withZizmor, args, { cwd: folder });
      assert.match(wrong.output, /template-injection/);
    });

  if (typeof withZizmor === "string")
    await suite.test(
      "lint: zizmor's pedantic persona has no finding in what is in .github, nor in action.yml",
      async () => {
        const args = ["--offline", "--quiet", "--no-progress", "--format=plain", "--persona=pedantic"];
        const { code, output } = await run(withZizmor, [...args, ".github", "action.yml"], { cwd: checkout });
        assert.equal(code, 0, output);
        const folder = join(scratch, "pedantic");
        await writeWorkflows(
          folder,
          [{ where: "wrong", text: wrapped.steps('- run: "true"\n'), of: "github", theirs: false }],
          (text) => text,
        );
        const wrong = await run(withZizmor, [...args, "."], { cwd: folder });
        assert.match(wrong.output, /concurrency-limits/);
      },
    );

  const local = provideGitlabCiLocal(checkout, scratch);
  if (typeof local !== "function") {
    suite.skip("GitLab's schema", local.why);
    return;
  }
  const onGitLab = all.filter(({ of }) => of === "gitlab");
  const complaintOf = async (text: string): Promise<string | undefined> => {
    const config = text
      .replaceAll(`${published.gitlab}/`, "$CI_SERVER_FQDN/$CI_PROJECT_PATH/")
      .replaceAll(/(?<=component: \S+@)1$/gm, "$CI_COMMIT_SHA");
    const origin = "https://gitlab.com/acme/cancel-run.git";
    const { code, output } = await local({ origin, config, variables: {}, list: true });
    return code === 0 && output.includes("json schema validated") ? undefined : output;
  };
  onGitLab.push({
    where: ".gitlab-ci.yml",
    text: readFileSync(join(checkout, ".gitlab-ci.yml"), "utf8"),
    of: "gitlab",
    theirs: false,
  });
  await suite.test(`lint: ${onGitLab.length} pipelines are such by GitLab's schema`, async () => {
    const left = [...onGitLab];
    const complaints: string[] = [];
    const worker = async (): Promise<void> => {
      for (let next = left.shift(); next; next = left.shift()) {
        const complaint = await complaintOf(next.text);
        if (complaint !== undefined) complaints.push(`${next.where}\n${complaint}`);
      }
    };
    await Promise.all([worker(), worker(), worker(), worker()]);
    assert.deepEqual(complaints, []);
    // What is wrong is still found.
    assert.match((await complaintOf("deploy: { script: 'true', rule: [] }\n")) ?? "", /rule/);
  });
}

function snippetsOf(checkout: string): Snippet[] {
  const read = (path: string): string => readFileSync(join(checkout, path), "utf8");
  const pages = ["docs", "docs/providers"].flatMap((folder) =>
    readdirSync(join(checkout, folder)).map((name) => `${folder}/${name}`),
  );
  const blocks = ["README.md", ...pages.filter((path) => path.endsWith(".md"))].flatMap((path) =>
    blocksOf(read(path), "yaml").map(({ line, text }) => snippet(`${path}:${line}`, text)),
  );
  const examples = (["github", "gitlab"] as const).flatMap((of) =>
    readdirSync(join(checkout, "examples", of)).map((name): Snippet => {
      const path = `examples/${of}/${name}`;
      return { where: path, text: read(path), of, theirs: false };
    }),
  );
  return [...blocks, ...examples];
}

/** A part is put where it belongs, as a reader does. */
function snippet(where: string, text: string): Snippet {
  const value = parse(text, { logLevel: "silent" }) as unknown;
  const theirs = /uses: (?!actions\/)(?:[\w-]+\/)+[\w-]+@/.test(text.replaceAll(published.github, "./"));
  const github = (whole: string): Snippet => ({ where, text: whole, of: "github", theirs });
  if (Array.isArray(value)) return github(wrapped.steps(text));
  const keys = Object.keys(value as object);
  if (keys.includes("jobs")) return github(text);
  if (keys.includes("steps")) return github(wrapped.job(text));
  if (keys.includes("permissions")) return github(wrapped.workflow(text));
  const gitlab = (whole: string): Snippet => ({ where, text: whole, of: "gitlab", theirs });
  if (keys.includes("include")) return gitlab(text);
  if (keys.includes("after_script")) return gitlab(wrapped.gitlabJob(text));
  return github(wrapped.inputs(text));
}

const indented = (text: string, by: number): string => text.replaceAll(/^(?=.)/gm, " ".repeat(by));

const wrapped = {
  workflow: (text: string) =>
    `${text}\non: push\njobs: { lint: { runs-on: ubuntu-latest, steps: [{ run: "true" }] } }\n`,
  job: (text: string) => `on: push\npermissions: {}\njobs:\n  lint:\n    runs-on: ubuntu-latest\n${indented(text, 4)}`,
  steps: (text: string) => wrapped.job(`steps:\n${indented(text, 2)}`),
  inputs: (text: string) =>
    wrapped.steps(`- uses: ${published.github}@v1\n  with:\n    self: true\n${indented(text, 4)}`),
  gitlabJob: (text: string) =>
    `include:\n  - component: ${published.gitlab}/guard@1\nlint:\n  script: "true"\n${indented(text, 2)}`,
};

/** Each in a file of its own; the names are those of the files, by the snippet's place. */
async function writeWorkflows(
  folder: string,
  snippets: readonly Snippet[],
  change: (text: string) => string,
): Promise<ReadonlyMap<string, string>> {
  const workflows = join(folder, ".github/workflows");
  mkdirSync(workflows, { recursive: true });
  await must("git", ["init", "--quiet"], { cwd: folder });
  const files = new Map(snippets.map(({ where }, at) => [`${at}-${basename(where).replace(/\W/g, "-")}.yml`, where]));
  for (const [at, name] of [...files.keys()].entries())
    writeFileSync(join(workflows, name), change(snippets[at]!.text));
  return files;
}

function named(output: string, files: ReadonlyMap<string, string>): string {
  return [...files].reduce((text, [file, where]) => text.replaceAll(file, `${file} (${where})`), output);
}
