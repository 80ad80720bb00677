/** What is said of a run before anything is sent, and that it takes nothing but what a browser has. */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Context, createContext, type Module, SourceTextModule } from "node:vm";
import { describe, expect, test } from "@jest/globals";
import ts from "typescript";
import { parse } from "yaml";
import { entriesOf } from "../src/engine/catalog.ts";
import { pageOf } from "../src/engine/run.ts";
import { publicUrl } from "../src/engine/server.ts";
import { exampleValues } from "../src/engine/template.ts";
import { explain } from "../src/explain/explanation.ts";
import { inWords } from "../src/explain/text.ts";
import { idInputNames, inputs } from "../src/interface.ts";
import { providers } from "../src/providers/all.ts";
import { names as named, runs } from "./support/located.ts";

type Inputs = Record<string, string>;

/** Vendors' own actions that leave a credential in a job's environment. */
const actions = /^(?:google-github-actions\/auth|aws-actions\/configure-aws-credentials)@v\d+$/;

const own = "https://ci.example.com";
const entries = [...providers].flatMap(([key, provider]) => [...entriesOf(key, provider).values()]);

/** Each kind of run by its ids, and by each of its pages, on the vendor's server or on one's own. */
const cases: (readonly [string, Inputs])[] = entries.flatMap((entry) => {
  const { key, provider, targetName, target, pastablePages } = entry;
  const region = provider.server.region?.example ?? "";
  const home = publicUrl(provider.server.url, region);
  const regional = typeof (target.server ?? provider.server.url) === "object";
  const server = typeof target.server === "string" ? target.server : own;
  const place: Inputs = regional ? { region } : home === undefined ? { "server-url": server } : {};
  const ids = Object.fromEntries(Object.entries(target.ids).map(([name, { example }]) => [name, example]));
  return [
    [`${key} ${targetName} by its ids`, { provider: key, ...place, ...ids }] as const,
    ...pastablePages.map((page) => {
      const url = pageOf(page, home ?? server, exampleValues(page, target, region));
      return [`${key} ${targetName} at ${url}`, { url, provider: key, ...(home === undefined && place) }] as const;
    }),
  ];
});

const explained = (given: Inputs): ReturnType<typeof explain> => explain(runs(given)[0]!, providers);

/** The inputs of a step; `ids` are taken apart, as the step does. */
function inputsOf(values: Readonly<Record<string, unknown>>): Inputs {
  const { ids = "", ...others } = values as Inputs;
  const pairs = ids.split("; ").flatMap((pair) => (pair ? [pair.split(": ") as [string, string]] : []));
  return Object.fromEntries([...Object.entries(others).map(([name, value]) => [name, value]), ...pairs]);
}

function words(command: string): string[] {
  return [...command.matchAll(/'((?:[^']|'\\'')*)'|[^\s']+/g)].map(([word, inside]) =>
    inside === undefined ? word : inside.replaceAll(String.raw`'\''`, "'"),
  );
}

function inputsOfCommand(command: string): Inputs {
  const [npx, name, ...rest] = words(command);
  expect([npx, name]).toEqual(["npx", "cancel-run@1"]);
  const found: Inputs = {};
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === "--allow-http") found["allow-http"] = "true";
    else if (word.startsWith("--")) found[word.slice(2)] = rest.shift() ?? "";
    else found["url"] = word;
  }
  return found;
}

describe.each(cases)("%s", (_, given) => {
  const what = explained(given);
  const same = named(given);

  test("the step for GitHub names this run and a credential that the vendor takes", () => {
    const steps = parse(what.github) as { uses: string; with: Inputs; env?: Inputs }[];
    const { uses, with: values, env = {} } = steps.at(-1)!;
    const [{ inputs: parts, variables, onlyByVariable }] = what.credentials as [(typeof what.credentials)[0]];
    const [first] = parts;
    const secret = onlyByVariable ? env[variables[first!]![0]!] : values[first!];
    const { [first!]: _, ...rest } = values;
    const before = steps.slice(0, -1).map((step) => step.uses);
    const known = [...inputs.map(({ name }) => name), ...idInputNames, "ids"];

    expect(uses).toMatch(/^[\w.-]+\/cancel-run@v\d+$/);
    expect(Object.keys(values).filter((name) => !known.includes(name))).toEqual([]);
    if (before.length === 0) expect(secret).toMatch(/^\$\{\{ secrets\.(?!GITHUB_)[A-Z][A-Z0-9_]+ \}\}$/);
    // The vendor's own action has left one in the environment.
    else
      expect([before, JSON.stringify(values)]).toEqual([
        [expect.stringMatching(actions)],
        expect.not.stringContaining("{{"),
      ]);
    const others = Object.entries(rest).filter(([, value]) => !value.startsWith("${{ secrets."));
    for (const [, value] of others) expect(value).not.toMatch(/^.*\$\{\{/);
    expect(named(inputsOf(Object.fromEntries(others)))).toEqual(same);
  });

  test("the component for GitLab names this run, by texts alone", () => {
    const { include, ...jobs } = parse(what.gitlab.component) as { include: [{ component: string; inputs: Inputs }] };
    const { "job-name": hidden, ...rest } = include[0].inputs;

    expect(include[0].component).toMatch(/^[\w.-]+\/[\w./-]+\/cancel@\d+$/);
    for (const value of Object.values(rest)) expect(typeof value).toBe("string");
    expect(named(inputsOf(rest))).toEqual(same);
    expect(Object.values(jobs)).toEqual([expect.objectContaining({ extends: hidden })]);
  });

  test("the command, and the job that runs it, name this run", () => {
    const job = parse(what.gitlab.job) as { "stop-run": { script: [string] } };

    expect(job["stop-run"].script).toEqual([what.command]);
    expect(named(inputsOfCommand(what.command))).toEqual(same);
  });

  test("says what a look and a cancel ask, and what they must be allowed", () => {
    for (const { method, address } of [...what.look, ...what.cancel]) {
      expect(method).toMatch(/^(?:GET|POST|PUT|PATCH|DELETE)$/);
      expect(address).toMatch(/^https:\/\/[^\s{]+(?:\{[a-z-]+\}[^\s{]*)?$/);
    }
    expect(what.look[0]!.otherwise).toBe(false);
    expect(what.permissions.look).toMatch(/\w{4}/);
    expect(what.permissions.docs).toMatch(/^https:\/\//);
  });

  test("in words, says all of it, in lines that fit where they can be broken", () => {
    const text = inWords(what);

    for (const block of [what.github, what.gitlab.component, what.gitlab.job])
      expect(text).toContain(block.replaceAll(/^(?=.)/gm, "  "));
    for (const name of Object.keys(what.ids)) expect(text).toMatch(new RegExp(`^${name} +\\S`, "m"));
    for (const { address } of what.look) expect(text).toContain(address);
    expect(text.replaceAll(/\s+/g, " ")).toContain(what.permissions.cancel.replaceAll("`", ""));
  });
});

test.each([
  [
    "google-cloud-build",
    { location: "global", project: "acme-shop", "build-id": "386a5e59-56b7-44d3-b646-f7133b5f05db" },
    { workload_identity_provider: "${{ vars.GOOGLE_WORKLOAD_IDENTITY_PROVIDER }}" },
  ],
  [
    "aws-codepipeline",
    { region: "eu-west-1", pipeline: "deploy", "execution-id": "3137f7cb-7cf7-4ac8-9d1c-3a2f8bb1a0a4" },
    { "role-to-assume": "${{ vars.AWS_ROLE_ARN }}", "aws-region": "eu-west-1" },
  ],
])(
  "where the vendor's own action gives a credential for the job's identity, no secret is kept: %s",
  (provider, ids, given) => {
    const { github } = explained({ provider, ...ids });
    const [first, second] = parse(github) as { with: Inputs; env?: Inputs }[];

    expect(first!.with).toEqual(given);
    expect(second).not.toHaveProperty("env");
    expect(github).not.toContain("secrets.");
    expect(github).toContain("permissions: id-token: write");
  },
);

test("a credential that has no inputs is in the environment of the step, as secrets by the names of its variables", () => {
  const factory =
    "subscriptions/12345678-1234-1234-1234-123456789abc/resourceGroups/acme/providers/Microsoft.DataFactory/factories/shop";
  const what = explained({
    provider: "azure-data-factory",
    factory,
    "run-id": "2f7fdb90-5df1-4b8e-ac2f-064cfa58202b",
  });
  const [{ env, with: values }] = parse(what.github) as [{ env: Inputs; with: Inputs }];

  expect(env).toEqual({
    AZURE_TENANT_ID: "${{ secrets.AZURE_TENANT_ID }}",
    AZURE_CLIENT_ID: "${{ secrets.AZURE_CLIENT_ID }}",
    AZURE_CLIENT_SECRET: "${{ secrets.AZURE_CLIENT_SECRET }}",
  });
  expect(JSON.stringify(values)).not.toContain("secrets");
  expect(inWords(what)).toContain("  AZURE_TENANT_ID + AZURE_CLIENT_ID + AZURE_CLIENT_SECRET\n");
});

test("a server of one's own is named in what is pasted", () => {
  const url = "https://gitlab.example.com/platform/deploy/-/jobs/4711";
  const { github, gitlab, command, server } = explained({ url });

  expect(server).toBe("https://gitlab.example.com");
  expect(github).toContain(`    url: ${url}\n    server-url: https://gitlab.example.com\n`);
  expect(gitlab.component).toContain("server-url: https://gitlab.example.com");
  expect(command).toBe(`npx cancel-run@1 ${url} --server-url https://gitlab.example.com`);
});

test("an address of the API that two providers have names both", () => {
  const url = "https://git.example.com/api/v1/repos/acme/shop/actions/runs/12";

  expect(() => explained({ url })).toThrow(/could be a page of forgejo or gitea; say which in provider$/);
});

test("over plain http it says so, as it must be allowed", () => {
  const { github, gitlab, command } = explained({
    url: "http://ci.example.com/job/deploy/20",
    "server-url": "http://ci.example.com",
    "allow-http": "true",
  });

  expect(github).toContain("server-url: http://ci.example.com\n    allow-http: true\n");
  expect(gitlab.component).toContain("allow-http: true");
  expect(command).toContain("--server-url http://ci.example.com --allow-http");
});

test("a page that more than one provider has is pasted with the provider", () => {
  const url = "https://git.example.com/acme/shop/actions/runs/12";

  expect(explained({ url, provider: "gitea", "server-url": "https://git.example.com" }).github).toContain(
    "provider: gitea",
  );
});

test("a page that others have, too, on a server that only the address names: the server is left to say", () => {
  const url = "https://git.example.com/acme/shop/actions/runs/12";
  const { alike, github } = explained({ url });

  expect(alike).toEqual(["forgejo", "gitea"]);
  expect(github).toContain(`    url: ${url}\n    server-url: https://git.example.com\n`);
  expect(inWords(explained({ url }))).toContain("unless the server says that it is forgejo or gitea");
});

test.each([
  "?x=${{secrets.TOKEN}}",
  "?x=$[[inputs.x]]",
  "?$CI_JOB_TOKEN=${CI_JOB_TOKEN}",
  "#';rm${IFS}-rf${IFS}~;'",
  "?a:%20b%20#c",
  "?$(id)`id`",
])("nothing in an address becomes an expression, a variable, or a command: %s", (tail) => {
  const address = `https://gitlab.com/platform/deploy/-/jobs/4711${tail}`;
  const { github, gitlab, command } = explained({ url: address });
  const [{ with: step }] = parse(github) as [{ with: { url: string } }];
  const { include } = parse(gitlab.component) as { include: [{ inputs: { url: string } }] };
  const spelled = new URL(address).href.replaceAll("{", "%7B").replaceAll("}", "%7D").replaceAll("$", "%24");

  expect([step.url, include[0].inputs.url, words(command)[2]]).toEqual([spelled, spelled, spelled]);
  expect(spelled).not.toMatch(/[${}]/);
});

test("only variables that may go to the server are named", () => {
  const variables = (url: string): unknown => explained({ url }).credentials[0]!.variables["token"];

  expect(variables("https://github.com/octo-org/deploy/actions/runs/1")).toEqual(["GH_TOKEN", "GITHUB_TOKEN"]);
});

test.each(entries.map((entry) => [entry.key, entry.targetName, entry] as const))(
  "the file of %s says what the calls of its %s must be allowed, and where the vendor says so",
  (_, __, { target, provider }) => {
    expect(target.permissions?.docs).toMatch(/^https:\/\//);
    for (const words of [target.permissions?.look, target.permissions?.cancel]) {
      expect(words).toMatch(/^\S.{5,}\S$/);
      expect(words).not.toMatch(/\.$/);
    }
    for (const question of [...(provider.whoami ?? []), ...(target.whoami ?? [])]) {
      expect(question.docs).toMatch(/^https:\/\//);
      // It changes nothing.
      const { route, form, body } = question;
      const isQuery = `${body?.query}`.startsWith("query ");
      expect(route.startsWith("GET ") || form?.["Action"] === "GetCallerIdentity" || isQuery).toBe(true);
    }
  },
);

type Explained = { readonly runs: readonly { readonly ids: unknown }[] } | { readonly message: string };

test("it runs where there is nothing but what a browser has", async () => {
  const root = join(import.meta.dirname, "../src");
  // No process, no Buffer, no require.
  const context = createContext({ URL, URLSearchParams, TextDecoder, TextEncoder });
  const loaded = new Map<string, SourceTextModule>();
  const exports = await load(join(root, "explain/browser.ts"), context, loaded);
  const { explainAddress } = exports as { explainAddress: (address: string) => Explained };

  const page = explainAddress("https://gitlab.example.com/platform/deploy/-/jobs/4711");
  const wrong = explainAddress("https://example.com/");

  expect([...loaded.keys()].filter((path) => !path.startsWith(root))).toEqual([]);
  expect("runs" in page && page.runs[0]?.ids).toEqual({ project: "platform/deploy", "job-id": "4711" });
  expect("message" in wrong && wrong.message).toMatch(/is no(?:t a)? page/);
  // An address of the API of Gitea may be Forgejo's, and Drone's pages are ids alone.
  const isUnclear = (url: string): boolean => url.includes("/api/v1/") || url.includes("/hello-world/");
  for (const [, { url = "" }] of cases.filter(([, given]) => given["url"]))
    expect(explainAddress(url)).toHaveProperty(isUnclear(url) ? "message" : "runs");
});

async function load(path: string, context: Context, loaded: Map<string, SourceTextModule>): Promise<unknown> {
  const make = (file: string): SourceTextModule => {
    const known = loaded.get(file);
    if (known) return known;
    const { outputText } = ts.transpileModule(readFileSync(file, "utf8"), {
      compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022, verbatimModuleSyntax: true },
    });
    const made = new SourceTextModule(outputText, {
      context,
      identifier: file,
      importModuleDynamically: async (specifier: string): Promise<Module> =>
        await ready(imported(specifier, { identifier: file })),
    });
    loaded.set(file, made);
    return made;
  };
  const imported = (specifier: string, { identifier }: Pick<Module, "identifier">): SourceTextModule => {
    if (!specifier.startsWith(".")) throw new Error(`${identifier} imports ${specifier}, which no browser has`);
    return make(join(dirname(identifier), specifier));
  };
  const ready = async (module: SourceTextModule): Promise<SourceTextModule> => {
    if (module.status === "unlinked") await module.link(imported);
    await module.evaluate();
    return module;
  };
  return (await ready(make(path))).namespace;
}
