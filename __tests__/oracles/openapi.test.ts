/** The vendors' OpenAPI documents that Prism plays (`npm run test:real -- prism`) say where they are from, and have the calls that we make. */
import { describe, expect, test } from "@jest/globals";
import { operations } from "../../scripts/generated/clients.ts";
import { callsFor } from "../../scripts/generated/compare.ts";
import { entriesOf } from "../../src/engine/catalog.ts";
import { providers } from "../../src/providers/all.ts";
import { vendors } from "../real/documents.ts";
import { described, documentOf, operationOf, templateOf } from "../support/openapi.ts";

test("every document is played, and no other", () => {
  expect(Object.keys(vendors).sort()).toEqual([...described()].sort());
});

describe.each(described())("%s", (key) => {
  const document = documentOf(key);
  const source = document["x-source"];
  const { targets, unplayed = {} } = vendors[key]!;
  const all = [...entriesOf(key, providers.get(key)!).values()];
  const entries = all.filter(({ targetName }) => targetName in targets);

  test("names its source: a package with its version, a commit, or a page", () => {
    expect(source.package ?? source.page ?? `${source.repo} ${source.commit}`).toMatch(
      /^(?:npm|PyPI|Go|cargo) \S+ v?\d+\.\d+\.\d+(?:, |$)|^github\.com\/\S+ [0-9a-f]{40}$|^https:\/\/\S+$/,
    );
    expect(source.path).toMatch(/\.\w+$/);
  });

  test("every target is played, or it is said why not", () => {
    const named = [...Object.keys(targets), ...Object.keys(unplayed)];

    expect(named.sort()).toEqual(all.map(({ targetName }) => targetName).sort());
  });

  test("has the calls that we make, and says of the others why it has not", () => {
    const absent = entries.flatMap((entry) =>
      operations.flatMap((does) =>
        callsFor(entry, does)
          .filter((call) => operationOf(document, entry, call) === undefined)
          .map(templateOf)
          .map(({ method, path }) => `${method} ${path}`),
      ),
    );

    expect([...new Set(absent)].sort()).toEqual(Object.keys(source.missing).sort());
  });
});
