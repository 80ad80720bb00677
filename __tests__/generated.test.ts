import { existsSync, readdirSync, readFileSync } from "node:fs";
import { execFileSync } from "node:child_process";
import { describe, expect, test } from "@jest/globals";
import { parse } from "yaml";
import { generatedFiles } from "../scripts/generated/index.ts";
import { publishedBy } from "../scripts/generated/published.ts";
import { replaceRegion } from "../scripts/generated/region.ts";
import { guarded, guardInputs, shown, specInputs, values } from "../scripts/generated/template.ts";
import { variable } from "../src/hosts/common.ts";
import { dotenv } from "../src/hosts/gitlab.ts";
import {
  exitCodes,
  githubToken,
  idInputNames,
  inputGroups,
  jobStatus,
  type Input,
  inputs as declared,
  outcomes,
  outputs,
} from "../src/interface.ts";
import { providers } from "../src/providers/all.ts";

const read = (path: string): string | undefined => (existsSync(path) ? readFileSync(path, "utf8") : undefined);

const inputs: readonly Input[] = declared;
const names = [...inputs.map(({ name }) => name), ...idInputNames];
const readme = read("README.md")!;
const action = parse(read("action.yml")!);

interface Described {
  readonly description: string;
}

/** https://docs.github.com/actions/reference/workflows-and-actions/metadata-syntax#branding */
interface Branding {
  readonly icons: readonly string[];
  readonly omittedIcons: readonly string[];
  readonly colors: readonly string[];
}

interface SpecInput {
  readonly type: string;
  readonly options?: readonly string[];
  readonly regex?: string;
  readonly default: string | boolean;
}

test.each([...generatedFiles(read)])("%s is what the generator makes; run `npm run generate`", (path, content) => {
  expect(read(path)).toBe(content);
});

describe("action.yml", () => {
  test("has every input and id, and the job's token as a hidden default", () => {
    expect(Object.keys(action.inputs).sort()).toEqual([...names, githubToken.name, jobStatus.name].sort());
    expect(action.inputs[githubToken.name].default).toBe("${{ github.token }}");
    expect(action.inputs[jobStatus.name].default).toBe("${{ job.status }}");
  });

  test.each(inputs)("has the default of $name", ({ name, default: standard }) => {
    expect(action.inputs[name].default).toBe(standard);
  });

  test("describes every input and output", () => {
    for (const { description } of [action.inputs, action.outputs].flatMap((part) => Object.values<Described>(part))) {
      expect(description).toMatch(/^.{10,}\.$/);
    }
  });

  test("has every output", () => {
    expect(Object.keys(action.outputs)).toEqual(outputs.map(({ name }) => name));
  });

  test("shows the inputs in groups, each once, and the ids by name on a short line", () => {
    const text = read("action.yml")!;
    const titles = [...text.matchAll(/^ {2}# ([^.]+)\./gm)].map(([, title]) => title);

    expect(titles).toEqual(["What", "Who asks", "How", "Which runs", "Ids by name", "Filled by the runner"]);
    expect(inputGroups.flatMap((group) => group.inputs)).toEqual(inputs);
    for (const name of idInputNames) expect(action.inputs[name].description.length).toBeLessThan(100);
  });

  test("runs the bundle on a Node.js that runners have", () => {
    expect(action.runs).toEqual({
      using: "node24",
      main: "dist/index.js",
      post: "dist/post.js",
      "post-if": "cancelled() || failure()",
    });
  });

  test("has an icon and a color that the Marketplace has, and a description that fits", () => {
    const { icons, omittedIcons, colors } = JSON.parse(
      read("__tests__/fixtures/marketplace/branding.json")!,
    ) as Branding;

    expect(icons).toContain(action.branding.icon);
    expect(omittedIcons).not.toContain(action.branding.icon);
    expect(colors).toContain(action.branding.color);
    expect(icons.filter((icon) => omittedIcons.includes(icon))).toEqual([]);
    expect(action.description.length).toBeLessThanOrEqual(125);
  });
});

describe("README.md", () => {
  test.each([
    ...inputs.map(({ name }) => name),
    ...outputs.map(({ name }) => name),
    ...Object.keys(outcomes),
    ...providers.keys(),
  ])("names %s", (name) => {
    expect(readme).toContain(`| \`${name}\` |`);
  });

  test.each([...idInputNames])("says which run %s names", (name) => {
    expect(readme).toContain(`\`${name}\``);
  });

  test.each(Object.keys(exitCodes))("names exit code %s", (exit) => {
    expect(readme).toContain(`\n| ${exit} |`);
  });

  test("names the variables that GitLab jobs get, none of which is an input of a later job", () => {
    const written = dotenv({
      outcome: "cancelled",
      cancelled: 1,
      state: "cancelled",
      url: null,
      runs: [],
      exit: 0,
      note: "",
      failOn: [],
    });
    const variables = written
      .trim()
      .split("\n")
      .map((line) => line.split("=", 1)[0]);

    for (const name of variables) expect(readme).toContain(`\`${name}\``);
    expect(names.map(variable).filter((name) => variables.includes(name))).toEqual([]);
  });
});

describe("docs/providers", () => {
  test("has one page per vendor, an index that leads to each, and nothing else", () => {
    const pages = [...providers.keys()].map((key) => `${key}.md`);

    expect(readdirSync("docs/providers").sort()).toEqual(["README.md", ...pages].sort());
    for (const page of pages) expect(read("docs/providers/README.md")).toContain(`](${page})`);
  });

  test.each([...providers])("says of %s what its file says", (key, provider) => {
    const { docs, rights, states, targets, unverified = [] } = provider;
    const page = read(`docs/providers/${key}.md`)!;

    for (const fact of [docs, rights, ...unverified]) expect(page).toContain(fact);
    for (const word of Object.keys(states)) expect(page).toContain(`\`${word}\``);
    for (const { look, cancel, force = [], list, jobs = [], downstream, ids } of Object.values(targets)) {
      const steps = [look, cancel, ...force, ...jobs, ...(list ? [list] : []), ...(downstream ? [downstream] : [])];
      for (const step of steps) if ("route" in step) expect(page).toContain(step.route);
      for (const [id, { help, hint = "" }] of Object.entries(ids))
        for (const fact of [`\`${id}\``, help, hint]) expect(page).toContain(fact);
    }
  });
});

describe("who publishes it", () => {
  const names = publishedBy(JSON.parse(read("package.json")!));
  // What a build makes of the rest is compared with the sources.
  const tracked = execFileSync("git", ["ls-files", "-co", "--exclude-standard"], { encoding: "utf8" })
    .split("\n")
    .filter((path) => path !== "" && !path.startsWith("dist/") && existsSync(path));
  const adoptedBy = (manifest: object): ReadonlyMap<string, string> => {
    const adopted = JSON.stringify({ ...JSON.parse(read("package.json")!), ...manifest });
    return generatedFiles((path) => (path === "package.json" ? adopted : read(path)));
  };

  test("is named in package.json, and elsewhere in what is made from it alone", () => {
    const files = adoptedBy({});
    const others = tracked.filter((path) => !files.has(path) && path !== "package.json");

    expect(others.filter((path) => read(path)?.includes(names.github))).toEqual([]);
    for (const [path, text] of files) {
      const uses = [...text.matchAll(/uses: (\S+\/cancel-run)@/g)].map(([, name]) => name);
      expect([path, ...new Set(uses)]).toEqual([path, ...(uses.length > 0 ? [names.github] : [])]);
    }
  });

  test.each([
    ["another owner", "git+https://github.com/acme/cancel-run.git", undefined, "gitlab.com/acme/cancel-run"],
    ["another name", "github:acme/stop", undefined, "gitlab.com/acme/stop"],
    ["its own place on GitLab", "acme/stop", "gitlab.com/acme/tools/stop-ci", "gitlab.com/acme/tools/stop-ci"],
  ])("is changed by one edit: %s", (_, repository, gitlab, component) => {
    const files = adoptedBy({ repository, ...(gitlab && { config: { gitlab } }) });
    const text = [...files.values()].join("\n");

    for (const old of [names.github, names.gitlab, "OWNER/cancel"]) expect(text).not.toContain(old);
    expect(text).toContain(`uses: ${publishedBy({ ...action, repository }).github}@v1`);
    expect(text).toContain(`component: ${component}/cancel@1`);
    expect(text).toContain(`component: $CI_SERVER_FQDN/${component.replace("gitlab.com/", "")}/guard@`);
    expect(files.get("README.md")).not.toContain("replace `OWNER`");
  });

  test("is changed by one edit: another name on npm", () => {
    const files = adoptedBy({ name: "@acme/stop" });
    const typed = [...files.values()].join("\n");

    expect(typed).not.toMatch(/npx cancel-run|from "cancel-run"/);
    for (const [path, text] of [
      ["README.md", "npx @acme/stop@1 https://"],
      ["docs/library.md", 'from "@acme/stop"'],
      ["docs/providers/gitlab.md", "npx @acme/stop@1 https://"],
      ["action.yml", "name: stop\n"],
    ] as const)
      expect(files.get(path)).toContain(text);
  });

  test.each([
    [{ repository: "https://example.com/acme/stop" }, "repository is"],
    [{ repository: "acme/stop", config: { gitlab: "acme/stop" } }, "config.gitlab is"],
  ])("is refused where it is none: %j", (manifest, message) => {
    expect(() => adoptedBy(manifest)).toThrow(message);
  });
});

describe("the templates' inputs", () => {
  const spec = parse(specInputs());
  const secrets = inputs.filter(({ type }) => type === "secret").map(({ name }) => name);

  test("are all but the secrets, and each has its line in the script", () => {
    expect(Object.keys(spec).sort()).toEqual(names.filter((name) => !secrets.includes(name)).sort());
    expect(values(shown).split("\n")).toEqual(Object.keys(spec).map((name) => `${name}=$[[ inputs.${name} ]]`));
  });

  test.each(Object.entries<SpecInput>(spec))("%s takes its default, and no line break", (_, input) => {
    const { type, options, regex, default: standard } = input;

    if (type === "boolean") expect(typeof standard).toBe("boolean");
    else if (options) expect(options).toContain(standard);
    else {
      expect(type).toBe("string");
      for (const value of ["", standard]) expect(value).toMatch(new RegExp(regex!));
      for (const end of ["\n", "\r", "\u0085", "\u2028", "\u2029"])
        expect(`a${end}b: c`).not.toMatch(new RegExp(regex!));
    }
  });

  test.each([
    ["timeout", ["5m", "1h30m", "$DEPLOY_TIMEOUT", "${DEPLOY_TIMEOUT}"], ["5", "five", "5m $X"]],
    ["force-after", ["90s"], ["-1s"]],
    ["region", ["cn-north-4", "$HW_REGION_NAME"], ["cn north", "https://x"]],
  ])("%s is checked before the pipeline starts", (name, good, bad) => {
    const regex = new RegExp(spec[name].regex);

    for (const value of good) expect(value).toMatch(regex);
    for (const value of bad) expect(value).not.toMatch(regex);
  });
});

describe("the guard's template", () => {
  const spec = parse(guardInputs());
  const text = read("templates/guard/template.yml")!;
  const partOf = (template: string, part: string): string =>
    (
      new RegExp(`// (?:shared|generated): ${part}\n(.*?)// end of (?:shared|generated)$`, "ms").exec(template)?.[1] ??
      ""
    )
      .replaceAll(/^ +/gm, "")
      .trim();

  test("has the inputs of the other one, but a `when` and an `id-file` of its own, and one that says which of them the job fills", () => {
    const others = Object.keys(parse(specInputs())).filter((name) => name !== "when" && name !== "id-file");

    expect(Object.keys(spec)).toEqual(["id-input", ...others]);
    expect(values(guarded).match(/(?<=\$\[\[ inputs\.)[a-z-]+/g)).toEqual(others);
  });

  test.each(["url", "ids", ...idInputNames])("may be handed %s", (name) => {
    expect(name).toMatch(new RegExp(spec["id-input"].regex));
  });

  test.each(["token", "provider", "", "url|x"])("may not be handed %j", (name) => {
    expect(name).not.toMatch(new RegExp(spec["id-input"].regex));
  });

  test("fetches and checks the program as the other one does", () => {
    for (const [part, word] of [
      ["values", "readFileSync(0"],
      ["program", "createHash"],
    ] as const) {
      const other = partOf(read("templates/cancel/template.yml")!, part);

      expect(other).toContain(word);
      expect(partOf(text, part)).toBe(other);
    }
  });

  test("gives the job nothing but an after_script", () => {
    const [, body = ""] = text.split(/^---$/m);

    expect(Object.values(parse(body) as object).map((job) => Object.keys(job as object))).toEqual([["after_script"]]);
  });
});

test("a file without its markers is named", () => {
  expect(() => replaceRegion("text", { start: "# a", end: "# b" }, "", "some.yml")).toThrow(
    'some.yml needs the lines "# a"',
  );
});
