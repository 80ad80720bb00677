/** Systems that have no call to cancel a run are told so, by name and by page. */
import { describe, expect, test } from "@jest/globals";
import { sentenceOn, withoutCancel } from "../../src/engine/without-cancel.ts";
import { helpOn } from "../../src/hosts/help.ts";
import { manifest } from "../../src/providers/manifest.ts";
import { providers } from "../../src/providers/all.ts";
import { complaint } from "../support/usage.ts";

const pages: Readonly<Record<string, readonly string[]>> = {
  fly: ["https://fly.io/apps/shop/monitoring", "https://fly.io/dashboard/personal"],
  "cloudflare-pages": [
    "https://dash.cloudflare.com/0123456789abcdef0123456789abcdef/pages/view/shop/1f2e3d4c-5b6a-7988-0011-223344556677",
  ],
  "xcode-cloud": ["https://appstoreconnect.apple.com/teams/1f2e3d4c/apps/123456/ci/builds/5f1f0f3c"],
  cirrus: ["https://cirrus-ci.com/build/5093513532112896", "https://cirrus-ci.com/task/6219413439479808"],
};

describe.each([...withoutCancel])("%s", (key, system) => {
  const sentence = sentenceOn(system);

  test("is no provider, and its name is answered with one sentence and exit code 2", async () => {
    expect(providers.has(key)).toBe(false);
    expect(await complaint({ provider: key, "job-id": "1", token: "made-up" })).toBe(
      `CANCEL_RUN_PROVIDER: ${sentence}`,
    );
  });

  test.each(pages[key] ?? [])("so is its page %s", async (url) => {
    expect(await complaint({ url, token: "made-up" })).toBe(`CANCEL_RUN_URL: ${sentence}`);
  });

  test("has pages, and help says the same", () => {
    expect(pages[key]?.length).toBeGreaterThan(0);
    expect(() => helpOn(key, manifest, providers)).toThrow(sentence);
  });

  test("says what to do, in one sentence, with a document", () => {
    expect(sentence).toMatch(/^[A-Z][^;\n]+; [a-z][^;\n]+[^.]$/);
    expect(system.docs).toMatch(/^https:\/\//);
  });
});

test("a page of a provider is none of theirs", () => {
  const none = ["https://gitlab.com/platform/deploy/-/jobs/4711", "https://dash.cloudflare.com/acme/workers/shop"];

  expect(none.filter((url) => [...withoutCancel.values()].some((one) => isPage(one.pages, url)))).toEqual([]);
});

function isPage(pages: readonly RegExp[], url: string): boolean {
  const { host, pathname } = new URL(url);
  return pages.some((page) => page.test(host + pathname));
}
