/** Pages, regions and variables as the vendors' own tools have them: __tests__/fixtures/clients, made by scripts/clients. */
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { formOf } from "../../src/auth/index.ts";
import { entriesOf } from "../../src/engine/catalog.ts";
import { publicUrl } from "../../src/engine/server.ts";
import { variableName } from "../../src/engine/words.ts";
import { providers } from "../../src/providers/all.ts";
import { runs } from "../support/located.ts";

interface Fixture {
  readonly pages: readonly {
    readonly target: string;
    readonly address: string;
    readonly ids: Readonly<Record<string, string>>;
    readonly region?: string;
  }[];
  readonly regions: readonly {
    readonly target: string;
    readonly service: string;
    readonly region: string;
    readonly host: string;
  }[];
  readonly variables: readonly { readonly name: string; readonly holds: string }[];
}

const folder = new URL("../fixtures/clients/", import.meta.url);
const fixtures = readdirSync(folder)
  .map((file) => ({
    key: file.replace(/\.json$/, ""),
    ...(JSON.parse(readFileSync(new URL(file, folder), "utf8")) as Fixture),
  }))
  .filter(({ key }) => providers.has(key));

/** A server of one's own that only `server-url` can tell from its path. */
const below: Readonly<Record<string, string>> = {
  "https://example.com/gitlab/": "https://example.com/gitlab",
  "https://example.com/git/": "https://example.com/git",
};

const pages = fixtures.flatMap(({ key, pages: all }) => all.map((page) => ({ key, ...page })));

describe("a page that a vendor's tool prints", () => {
  test.each(pages)("is read: $key $address", ({ key, target, address, ids, region }) => {
    const server = Object.entries(below).find(([start]) => address.startsWith(start))?.[1];
    const read = (): unknown =>
      runs({ url: address, provider: key, ...(server && { "server-url": server }) }).map((run) => ({
        target: run.targetName,
        ids: run.ids,
        region: run.place.region,
      }));

    if (Object.keys(ids).length === 0) expect(read).toThrow(/^url: /);
    else expect(read()).toEqual([{ target, ids, region }]);
  });
});

/** Rows that are no server of a run: other services in the same table, and what is for `server-url` alone. */
const notOurs: Readonly<Record<string, string>> = {
  "codepipeline-fips": "FIPS endpoints are another host of the same service: give server-url",
};

describe.each(fixtures.filter(({ regions }) => regions.length > 0))("the regions of $key", ({ key, regions }) => {
  const provider = providers.get(key)!;

  test.each(regions.filter(({ service }) => notOurs[service] === undefined))(
    "$target $region is at $host",
    ({ target, service, region, host }) => {
      const own = provider.targets[target];
      const table =
        own === undefined || service === "iam"
          ? provider.auth.find(({ tokenServer }) => tokenServer)?.tokenServer
          : (own.server ?? provider.server.url);

      expect(publicUrl(table, region)).toBe(host);
    },
  );
});

/** Variables of official tools that are not read, and why. */
const unread: Readonly<Record<string, string>> = {
  OAUTH_TOKEN: "says no vendor",
  OCTOPUS_SPACE: "holds a name or an id: the API's routes take the id alone",
  BUILDKITE_REST_API_ENDPOINT: "the API is where the server says; server-url takes another one",
  BUILDKITE_GRAPHQL_ENDPOINT: "the API is where the server says; server-url takes another one",
  RENDER_HOST: "the API is where the server says; server-url takes another one",
  GITLAB_API_HOST: "the API is where the server says; server-url takes another one",
  "HUAWEICLOUD_SDK_REGION_CODEARTSBUILD_<REGION>": "several addresses in one variable: give server-url",
  "HUAWEICLOUD_SDK_REGION_CODEARTSPIPELINE_<REGION>": "several addresses in one variable: give server-url",
  "HUAWEICLOUD_SDK_REGION_CODEARTSDEPLOY_<REGION>": "several addresses in one variable: give server-url",
};

describe.each(fixtures)("the variables of $key", ({ key, variables }) => {
  const { auth, server, targets } = providers.get(key)!;
  const read = new Set([
    ...(server.env ?? []),
    ...(server.region?.env ?? []),
    ...auth.flatMap(({ env, tokenServerEnv = [] }) => [
      ...Object.values(env).flat().map(variableName),
      ...tokenServerEnv,
    ]),
    ...Object.values(targets).flatMap(({ ids }) => Object.values(ids).flatMap(({ env = [] }) => env)),
  ]);
  const names = Object.values(targets).flatMap(({ ids }) => Object.keys(ids));
  const credentials = auth.map(formOf).flatMap(({ needs, takes }) => [...needs, ...takes]);
  const holding = ["server", "region", ...credentials, ...names];

  test("are read, or it is said why not", () => {
    const official = variables.filter(({ holds }) => holding.includes(holds)).map(({ name }) => name);

    // The variables of the job that we run in are the platform's: src/hosts.
    const jobs = /^(?:GITHUB|GITEA|FORGEJO)_(?:SERVER_URL|API_URL|REPOSITORY|RUN_ID|TOKEN)$/;
    expect(official.filter((name) => !read.has(name) && unread[name] === undefined && !jobs.test(name))).toEqual([]);
  });

  test("are all of a tool of the vendor's", () => {
    const official = new Set(variables.map(({ name }) => name));

    expect([...read].filter((name) => !official.has(name))).toEqual([]);
  });
});

test("every provider whose pages name a run has an API address that does, or is asked by POST or for a list", () => {
  const without = [...providers].flatMap(([key, provider]) =>
    [...entriesOf(key, provider).values()].filter(({ apiPages }) => apiPages.length === 0).map(({ key: one }) => one),
  );

  const aws = [...providers.keys()].filter((key) => key.startsWith("aws-"));
  expect([...new Set(without)]).toEqual([...aws, "buildkite", "circleci", "dagster"]);
});
