/** The templates as GitLab reads them: the header checks the inputs, then their values are pasted into the rest as text. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { parse } from "yaml";
import { must, searchPath } from "./shell.ts";
import type { Suite } from "./suite.ts";

interface Spec {
  readonly type?: "string" | "boolean" | "array";
  readonly default: string | boolean | readonly unknown[];
  readonly options?: readonly string[];
  readonly regex?: string;
}

type Job = Readonly<Record<string, unknown>> & {
  readonly script?: readonly string[];
  readonly after_script?: readonly string[];
};
type Values = Readonly<Record<string, Spec["default"]>>;

const secrets = ["token", "password", "access-key", "secret-key", "security-token", "github-token"];
const lineBreaks = ["\n", "\r", "\r\n", "\u0085", "\u2028", "\u2029"];
const hostile = [
  `it's "over"`,
  `x" # no comment`,
  "a: b",
  "- item",
  "# all of it",
  "x\\",
  `"; touch owned; "`,
  "$(touch owned) `touch owned` $PATH",
  "--- !ruby/object:Object {} ...",
  "&anchor *alias %TAG @x |- >",
  "$[[ inputs.stage ]]",
  "\ttabs\t",
  "  spaces  ",
  "déployé 部署 🚀",
];

/** As an earlier job or a pipeline may set them. */
const planted = {
  CANCEL_RUN_DRY_RUN: "true",
  CANCEL_RUN_SERVER_URL: "https://evil.example",
  CANCEL_RUN_BUNDLE_URL: "https://evil.example/x.js",
};

/** In the script the values stand below this, and nothing else. */
const hereDocument = "<<'end of cancel-run'";

export async function templateTests(suite: Suite, checkout: string, scratch: string): Promise<void> {
  const folder = join(checkout, "templates");
  for (const path of readdirSync(folder).flatMap((name) => [`${name}/template.yml`, `${name}/include.yml`])) {
    const text = readFileSync(join(folder, path), "utf8");
    const [header = "", body = ""] = text.split(/^---$/m);
    const inputs = Object.entries((parse(header) as { spec: { inputs: Record<string, Spec> } }).spec.inputs);
    const strings = inputs.filter(
      ([, { type, options }]) => type !== "boolean" && type !== "array" && options === undefined,
    );
    const job = (values: Values): Job => {
      const given = Object.fromEntries(inputs.map(([name, spec]) => [name, values[name] ?? spec.default]));
      return Object.values(parse(paste(body, given), { version: "1.1" }) as Record<string, Job>)[0]!;
    };

    await suite.test(`templates/${path} takes no secret as an input`, () => {
      assert.deepEqual(
        inputs.map(([name]) => name).filter((name) => secrets.includes(name)),
        [],
      );
    });

    await suite.test(`templates/${path} uses every input, and outside of the script`, () => {
      const used = [...body.matchAll(/\$\[\[ inputs\.([a-z-]+) \]\]/g)].map(([, name]) => name);
      assert.deepEqual(used.toSorted(), inputs.map(([name]) => name).toSorted());
      const [script = ""] = (body.split(/^ {2}(?:after_)?script:$/m)[1] ?? "").split(hereDocument);
      assert.doesNotMatch(script, /\$\[\[/);
    });

    await suite.test(`templates/${path} refuses a value of several lines`, () => {
      for (const [name, { regex }] of strings) {
        const admitted = lineBreaks.filter((lineBreak) => new RegExp(regex ?? "").test(`1${lineBreak}1`));
        assert.deepEqual(admitted, [], `input ${name} admits ${JSON.stringify(admitted)}`);
      }
    });

    await suite.test(`templates/${path} keeps a value a value, whatever is in it`, async () => {
      const cwd = mkdtempSync(join(scratch, "values-"));
      const program = `console.log(JSON.stringify(process.env))`;
      writeFileSync(join(cwd, "program.mjs"), program);
      writeFileSync(join(cwd, hostile[0]!), "4711\n");
      const isGuard = path.startsWith("guard/");
      const fixed = {
        ...(isGuard && { "id-file": hostile[0]!, "id-input": "run-id" }),
        "bundle-url": pathToFileURL(join(cwd, "program.mjs")).href,
      };
      const named = ["job-name", "stage", "image", "id-variable", ...Object.keys(fixed)];
      const free = strings.filter(([name]) => !named.includes(name));
      for (const turn of hostile.keys()) {
        const values = free.flatMap(([name, { regex = "" }], at) => {
          const value = hostile[(turn + at) % hostile.length] ?? "";
          return new RegExp(regex).test(value) ? [[name, value] as const] : [];
        });
        const { script: own, after_script: scripts = own ?? [] } = job({ ...Object.fromEntries(values), ...fixed });
        const sha256 = createHash("sha256").update(program).digest("hex");
        const script = (scripts[0] ?? "").replace(/(?<=const expected = ")[0-9a-f]{64}/, sha256);
        const seen = JSON.parse(
          await must("sh", ["-e", "-c", script], { cwd, env: { CI_JOB_STATUS: "failed", ...planted } }),
        ) as Record<string, string>;
        if (isGuard) assert.equal(seen["CANCEL_RUN_RUN_ID"], "4711");
        assert.equal(seen["CANCEL_RUN_DRY_RUN"], "false");
        for (const [name, value] of values.filter(([known]) => !isGuard || known !== "run-id"))
          assert.equal(
            seen[`CANCEL_RUN_${name.toUpperCase().replaceAll("-", "_")}`],
            value.replace("$PATH", searchPath),
          );
      }
      assert.deepEqual(readdirSync(cwd).sort(), [hostile[0], "program.mjs"].sort());
    });
  }
}

/** A string goes in as it is, anything else as JSON: GitLab's lib/gitlab/ci/config/interpolation/text_template.rb. */
function paste(body: string, values: Values): string {
  return body.replaceAll(/\$\[\[ (?:inputs|component)\.([a-z-]+) \]\]/g, (block, name: string) => {
    const value = block.includes("component.") ? "0123456789012345678901234567890123456789" : values[name];
    assert.notEqual(value, undefined, `${block} is no input`);
    return typeof value === "string" ? value : JSON.stringify(value);
  });
}
