import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { Linter } from "eslint";
import { parser } from "typescript-eslint";
import { ownFields } from "../scripts/generated/schema.ts";
import { importDirection } from "../scripts/lint/import-direction.js";
import { formOf, schemes } from "../src/auth/index.ts";
import { callsOf } from "../src/engine/catalog.ts";
import { idNames } from "../src/engine/manifest.ts";
import { credentialNames } from "../src/engine/settings.ts";
import { publicUrl } from "../src/engine/server.ts";
import { matches, withoutMissing } from "../src/engine/template.ts";
import { githubToken, inputs, version } from "../src/interface.ts";
import { variableName } from "../src/engine/words.ts";
import type { Provider, State, Target } from "../src/provider.ts";
import { providers } from "../src/providers/all.ts";
import { manifest } from "../src/providers/manifest.ts";

const src = join(import.meta.dirname, "../src");
const read = (path: string): string => readFileSync(join(src, path), "utf8");
const files = readdirSync(src, { recursive: true, encoding: "utf8" })
  .map((path) => path.replaceAll("\\", "/"))
  .filter((path) => path.endsWith(".ts"))
  .sort();

const states = [
  "queued",
  "running",
  "blocked",
  "cancelling",
  "cancelled",
  "succeeded",
  "failed",
  "skipped",
  "unknown",
] satisfies State[];
const all = [...providers].map(([key, provider]) => ({ key, provider }));
const targets = [...providers].flatMap(([key, provider]) =>
  Object.entries(provider.targets).map(([name, target]) => ({ key, name, target: target })),
);

const placeholders = (template: string): string[] =>
  [...template.matchAll(/\{\+?([a-z][a-z-]*)(?::[^}]*)?\}/g)].map(([, name = ""]) => name);

test("the version is the package's", () => {
  expect((JSON.parse(readFileSync(join(src, "../package.json"), "utf8")) as { version: string }).version).toBe(version);
});

describe("the registry", () => {
  const inFolder = readdirSync(join(src, "providers"))
    .filter((file) => !["all.ts", "index.ts", "manifest.ts"].includes(file))
    .map((file) => file.replace(/\.ts$/, ""));

  test("has every file of its folder and nothing else, in order", () => {
    expect([...providers.keys()].sort()).toEqual(inFolder.sort());
    expect([...providers.keys()]).toEqual([...providers.keys()].sort());
    expect(
      [...read("providers/index.ts").matchAll(/^ {2}"?([\w-]+)"?: \(\) => import\(.* "\.\/\1\.ts"\),$/gm)].map(
        ([, name]) => name,
      ),
    ).toEqual(inFolder);
  });

  test("has no name that an object has by itself", () => {
    expect([...providers.keys()].filter((key) => key in {})).toEqual([]);
  });
});

describe.each(all)("the file of $key", ({ key, provider }) => {
  const text = read(`providers/${key}.ts`);
  const { name, docs, rights, server, auth, targets: own } = provider;

  test("begins with a document of the vendor", () => {
    expect(text).toMatch(/^\/\/ https:\/\/\S+/);
    expect(docs).toMatch(/^https:\/\/\S+$/);
    expect(text.split("\n", 1)[0]).toContain(new URL(docs).hostname);
  });

  test("says whom and what it needs, in words", () => {
    expect(name).toMatch(/^\S.*\S$/);
    expect(rights).toMatch(/^\S.{20,}\.$/);
    for (const fact of provider.unverified ?? []) expect(fact).toMatch(/^[A-Z`].{20,}\.$/);
  });

  test("has addresses that are whole and safe", () => {
    const services = [
      server.url,
      ...Object.values(own).map((target: Target) => target.server),
      ...auth.map(({ tokenServer }) => tokenServer),
    ].filter((one) => one !== undefined);
    for (const address of services.flatMap((one) => (typeof one === "string" ? one : one.map(({ url }) => url)))) {
      expect(address).toMatch(/^https:\/\/[^/]+(?:\/.*[^/])?$/);
      expect(placeholders(address).filter((placeholder) => placeholder !== "region")).toEqual([]);
    }
    const bases = typeof server.api === "object" ? Object.values(server.api) : [server.api ?? []].flat();
    for (const base of bases) expect(base).toMatch(/^(?:\/.*[^/]|https:\/\/.*[^/])?$/);
  });

  test("has regions of which the example is one, and nothing but a region is", () => {
    const services = [
      server.url,
      ...Object.values(own).map((target: Target) => target.server),
      ...auth.map(({ tokenServer }) => tokenServer),
    ].filter((one) => typeof one === "object");

    expect(services.length > 0).toBe(server.region !== undefined);
    for (const service of services) {
      expect(publicUrl(service, server.region?.example)).toMatch(/^https:/);
      for (const evil of ["", "evil.example/", "x.eu-west-1", "eu-west-1.evil.example", "eu-west-1@x", "EU-WEST-1#"])
        expect([evil, publicUrl(service, evil)]).toEqual([evil, undefined]);
    }
  });

  test("proves who we are by schemes that are there, each with its variables", () => {
    expect(auth.length).toBeGreaterThan(0);
    for (const way of auth) {
      const { needs, takes } = formOf(way);
      const { env } = way;

      expect(Object.keys(env).filter((one) => ![...needs, ...takes].some((known) => known === one))).toEqual([]);
      for (const variables of Object.values(env))
        for (const variable of variables) expect(variableName(variable)).toMatch(/^[A-Z][A-Z0-9_]+(?:<host>)?$/);
    }
  });

  test("can tell its forms of credential apart", () => {
    const given = auth.filter((auth) => !formOf(auth).onlyByVariable);
    const forms = given.map((way) => [...formOf(way).needs, way.tokens?.like.source].sort().join());

    expect(new Set(forms).size).toBe(forms.length);
  });

  test("maps every word to a state of ours, one of them to cancelled", () => {
    const mapped = [
      provider.states,
      ...Object.values(own).flatMap((target: Target) => [target.states ?? {}, target.statesAfterCancel ?? {}]),
    ].flatMap((map) => Object.values(map));

    expect(mapped.filter((state) => !states.includes(state))).toEqual([]);
    expect(mapped).toContain("cancelled");
  });
});

/** Names that people write in their own language, with spaces. */
const inWords = ["azure-pipelines project"];

describe.each(targets)("$key $name", ({ key, target }) => {
  const names = Object.keys(target.ids);
  const learned = Object.keys(target.look.learn ?? {});

  test.each(Object.entries(target.ids))(
    "takes an id %s that is described, with an example that it takes",
    (name, id) => {
      expect(name).toMatch(/^[a-z]+(?:-[a-z]+)*$/);
      expect(id.help).toMatch(/^\S.{5,}\S$/);
      expect(id.help).not.toMatch(/\.$/);
      expect(matches(id.pattern, id.normalize?.(id.example) ?? id.example)).toBe(true);
      for (const text of ["a b", "４７１１"])
        expect(matches(id.pattern, text)).toBe(inWords.includes(`${key} ${name}`));
      for (const evil of ["", " ", "a\nb", "a?b", "a#b", "a\\b", "\0"]) expect(matches(id.pattern, evil)).toBe(false);
      for (const variable of id.env ?? []) expect(variable).toMatch(/^[A-Z][A-Z0-9_]+$/);
    },
  );

  test("can be given as a list by an id that it must have", () => {
    expect(Object.values(target.ids).some(({ optional }) => !optional)).toBe(true);
  });

  test("has pages that are a path or a whole address", () => {
    for (const page of target.pages ?? []) expect(page).toMatch(/^(?:\/|\{server\}\/|https:\/\/)\S+$/);
  });

  const looks = callsOf(target.look);
  const changes = [target.cancel, ...(target.force ?? [])].flatMap(callsOf);
  const inParts = (target.force ?? []).flatMap(({ each }) => Object.keys(each?.ids ?? {}));

  test("has routes of its ids only, each with a method and a path", () => {
    for (const { route, headers = {}, form = {} } of [...looks, ...changes]) {
      expect(route).toMatch(/^(?:GET|POST|PUT|PATCH|DELETE) (?:\/\S*)?$/);
      for (const template of [route, ...Object.values(headers), ...Object.values(form)])
        expect(
          placeholders(template).filter(
            (name) => ![...names, ...learned, ...inParts, "reason", "region"].includes(name),
          ),
        ).toEqual([]);
    }
  });

  test("needs no id that may be left out, unless a function chooses the call", () => {
    const optional = names.filter((name) => target.ids[name]?.optional && !learned.includes(name));
    const fixed = [target.look, target.cancel, ...(target.force ?? [])].filter((step) => !("ask" in step));

    for (const { route, headers = {}, form = {}, body } of fixed.flatMap(callsOf))
      for (const template of [
        withoutMissing(route, {}, target),
        ...Object.values(headers),
        ...Object.values(form),
        JSON.stringify(body ?? ""),
      ])
        expect(placeholders(template).filter((name) => optional.includes(name))).toEqual([]);
  });

  test("adds fields to a record, and replaces none", () => {
    expect(Object.keys(target.look.record ?? {}).filter((name) => ownFields.includes(name))).toEqual([]);
  });

  test("looks by reading, and cancels by changing", () => {
    expect([looks.length, changes.length].every(Boolean)).toBe(true);
    // Some read by POST.
    for (const { route } of looks) expect(route).toMatch(/^(?:GET|POST) /);
    for (const { route } of changes) expect(route).not.toMatch(/^GET /);
  });

  test("forces only from states in which a run is live", () => {
    for (const { from = [] } of target.force ?? [])
      expect(
        from.filter((state) => !["queued", "running", "blocked", "cancelling", "unknown"].includes(state)),
      ).toEqual([]);
  });

  test("pins and shows ids that it has", () => {
    const { pinnedBy } = target.look;

    if (pinnedBy !== undefined) {
      expect(target.ids[pinnedBy]).toHaveProperty("optional", true);
      expect(target.look.attempt).toBeDefined();
    }
  });
});

test("no id has the name of an input", () => {
  const taken: string[] = [...inputs.map(({ name }) => name), githubToken.name, "json", "help", "version"];

  expect(idNames(manifest).filter((name) => taken.includes(name))).toEqual([]);
});

test("the credentials are inputs, and every secret is one of them", () => {
  const [secrets, names] = [
    inputs.filter(({ type }) => type === "secret").map(({ name }) => name),
    inputs.map(({ name }) => name),
  ] as [string[], string[]];

  expect(credentialNames.filter((name) => !names.includes(name))).toEqual([]);
  expect(secrets.filter((name) => !credentialNames.some((known) => known === name))).toEqual([]);
});

describe("no vendor is named outside its own files", () => {
  /** Where vendors have a place: their files, the schemes they made, the systems we run on, a made-up run of each. */
  const own = /^(?:providers|clouds|auth|hosts|demo|explain)\/|^(?:index|published)\.ts$/;
  const words = [
    ...new Set(
      [...providers].flatMap(([key, { name }]: [string, Provider]) => [key, name.split(/[\s/]/, 1)[0]!.toLowerCase()]),
    ),
  ];
  const named = new RegExp(`(?<![a-z])(?:${words.join("|")})(?![a-z])`, "i");

  /** Without what may hold a name: documents' addresses, schemes' names, a cloud's metadata host, the hidden input for the job's own token, an input of another action. */
  const without = (text: string): string =>
    [...Object.keys(schemes), "google\\.internal"]
      .reduce((rest, name) => rest.replaceAll(name, ""), text)
      .replace(/https:\/\/(?:docs|learn|cloud)\.[^\s"'`)]+/g, "");

  /** The contract says of each field which vendor it is there for; people get the program from two forges. */
  const exempt: Readonly<Record<string, RegExp>> = {
    "interface.ts": /^export const githubToken = \{.*?^\}/ms,
    "provider.ts": /\/\*\*.*?\*\//gs,
    "published.ts": /^.*$/gm,
    "engine/migrants.ts": /^ {2}github_token: \{/m,
  };

  test.each(files.filter((path) => !own.test(path)))("%s", (path) => {
    const lines = without(read(path).replace(exempt[path] ?? /$^/, "")).split("\n");

    expect(lines.filter((line) => named.test(line))).toEqual([]);
  });
});

describe("imports run one way", () => {
  const linter = new Linter({ cwd: join(src, "..") });
  const complaints = (path: string, code: string): string[] =>
    linter
      .verify(
        code,
        {
          files: ["**/*.ts"],
          languageOptions: { parser },
          plugins: { house: { rules: { "import-direction": importDirection } } },
          rules: { "house/import-direction": "error" },
        },
        { filename: join(src, path) },
      )
      .map(({ message }) => message);

  test.each([
    ["engine/guard.ts", 'import { gitlab } from "../providers/gitlab.ts";', "src/providers/gitlab.ts"],
    ["engine/guard.ts", 'import type { gitlab } from "../providers/gitlab.ts";', "src/providers/gitlab.ts"],
    ["engine/guard.ts", 'export * from "../hosts/common.ts";', "src/hosts/common.ts"],
    ["engine/guard.ts", 'await import("../main.ts");', "src/main.ts"],
    ["engine/guard.ts", 'import { Agent } from "undici";', "undici"],
    ["engine/guard.ts", 'import { platform } from "../platform.ts";', "src/platform.ts"],
    ["main.ts", 'import { load } from "./providers/index.ts";', "src/providers/index.ts"],
    ["main.ts", 'import { gitlab } from "./providers/gitlab.ts";', "src/providers/gitlab.ts"],
    ["providers/gitlab.ts", 'import { github } from "./github.ts";', "src/providers/github.ts"],
    ["providers/gitlab.ts", 'import { matches } from "../engine/template.ts";', "src/engine/template.ts"],
    ["hosts/github.ts", 'import { setOutput } from "@actions/core";', "@actions/core"],
    ["hosts/gitlab.ts", 'import { cancelRun } from "../main.ts";', "src/main.ts"],
  ])("%s may not say %s", (path, code, to) => {
    expect(complaints(path, code)).toEqual([
      `src/${path} may not import ${to}: see the picture in docs/architecture.md.`,
    ]);
  });

  test.each([
    ["engine/guard.ts", 'import type { Job } from "../host.ts";'],
    ["providers/gitlab.ts", 'import { states } from "../kit.ts"; import type { Provider } from "../provider.ts";'],
    ["hosts/github-toolkit.ts", 'export { setOutput } from "@actions/core";'],
  ])("%s may say %s", (path, code) => {
    expect(complaints(path, code)).toEqual([]);
  });

  test("a part that the picture does not show imports nothing", () => {
    expect(complaints("utils.ts", 'import { oneLine } from "./text.ts";')).toEqual([
      "src/utils.ts is in no part of the picture in docs/architecture.md.",
    ]);
  });
});

test("environment and clock come from outside, everywhere but at the edge", () => {
  const edge = /^(?:(?:index|library)\.ts$|hosts\/|clock\.ts$|demo\/)/;
  const offenders = files.filter(
    (path) =>
      !edge.test(path) && /\b(?:Date\.now|new Date\(\)|performance\.now|Math\.random|process\.env)\b/.test(read(path)),
  );

  expect(offenders).toEqual([]);
});
