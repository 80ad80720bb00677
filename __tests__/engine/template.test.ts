import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { pageOf } from "../../src/engine/run.ts";
import { publicUrl } from "../../src/engine/server.ts";
import {
  fill,
  fillBody,
  jsonOf,
  matches,
  MissingValue,
  pick,
  readPage,
  withoutMissing,
} from "../../src/engine/template.ts";
import type { Id, Ids, Target } from "../../src/provider.ts";
import { providers } from "../../src/providers/all.ts";

describe("a route", () => {
  test.each([
    ["/jobs/{job-id}", { "job-id": "4711" }, "/jobs/4711"],
    ["/projects/{project}/x", { project: "a/b c" }, "/projects/a%2Fb%20c/x"],
    ["/repos/{+repository}/x", { repository: "a/b c" }, "/repos/a/b%20c/x"],
    ["/job/{+job}/1", { job: "a%2Fb/job/c" }, "/job/a%2Fb/job/c/1"],
    ["/job/{+job}/1", { job: "100%/c" }, "/job/100%25/c/1"],
    ["/x?why={reason}", { reason: "a&b=c#d" }, "/x?why=a%26b%3Dc%23d"],
    ["/{job-id}/{job-id}", { "job-id": "1" }, "/1/1"],
    ["/{id}", { id: "{other}", other: "x" }, "/%7Bother%7D"],
    ["/{id}", { id: "$&$1" }, "/%24%26%241"],
    ["/plain", {}, "/plain"],
  ])("%s is filled", (template, values, path) => {
    expect(fill(template, values as Ids)).toBe(path);
  });

  test.each([
    ["/x?a={team}&b={project}&c=1", { project: "p" }, "/x?b={project}&c=1"],
    ["/x?a={team}", {}, "/x"],
    ["/x?a={project}&b={team}", {}, "/x?a={project}"],
    ["/x/{team}", {}, "/x/{team}"],
  ])("%s has a parameter for an optional id only where that is known", (template, values, path) => {
    const id: Id = { pattern: /\w+/, help: "", example: "x" };

    expect(withoutMissing(template, values as Ids, { ids: { team: { ...id, optional: true }, project: id } })).toBe(
      path,
    );
  });

  test("with a value that is not known names it", () => {
    expect(() => fill("/x/{job-id}", {})).toThrow(new MissingValue("job-id"));
  });

  test("is never left by a value, whatever the value is", () => {
    const value = fc.string({ unit: "grapheme" }).filter((text) => !/^\.{1,2}$/.test(text));
    fc.assert(
      fc.property(value, (id) => {
        const { pathname, search, hash } = new URL(`https://x.example${fill("/a/{id}/cancel", { id })}`);

        expect(pathname.split("/").map(decodeURIComponent)).toEqual(["", "a", id, "cancel"]);
        expect(search + hash).toBe("");
      }),
    );
  });

  // A server reads a query that a URL has passed through, so both must be spelled the same.
  test("keeps the spelling of a value when it becomes an address", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (reason) => {
        const filled = fill("/x?why={reason}", { reason });
        const url = new URL(`https://x.example${filled}`);

        expect(url.searchParams.get("why")).toBe(reason);
        expect(url.pathname + url.search).toBe(filled);
      }),
    );
  });
});

describe("a body", () => {
  test("is filled wherever a string is", () => {
    const body = { a: "{job-id}", b: ["{job-id}", { c: "job {job-id}: {reason}" }], d: 1, e: null, f: true };

    expect(fillBody(body, { "job-id": "7", reason: "why" })).toEqual({
      a: "7",
      b: ["7", { c: "job 7: why" }],
      d: 1,
      e: null,
      f: true,
    });
  });

  test("has a number where a number is asked for, and a text where it is not", () => {
    expect(fillBody({ a: "{n:number}", b: "{n}" }, { n: "20" })).toEqual({ a: 20, b: "20" });
  });

  test("has a number beyond 2^53 digit for digit", () => {
    const filled = fillBody(
      { id: "{id:number}", why: "{reason}" },
      { id: "9007199254740993123", reason: '"\\u00007"' },
    );

    expect(jsonOf(filled)).toBe(String.raw`{"id":9007199254740993123,"why":"\"\\u00007\""}`);
  });

  test("cuts a text by character", () => {
    expect(fillBody("{reason:3}", { reason: "👍👍👍👍" })).toBe("👍👍👍");
  });

  test("takes a value literally", () => {
    expect(fillBody("{reason}", { reason: "{job-id} $& $1" })).toBe("{job-id} $& $1");
  });

  test("with a value that is not known names it", () => {
    expect(() => fillBody({ a: ["{x}"] }, {})).toThrow(new MissingValue("x"));
    expect(() => fillBody("{x:number}", {})).toThrow(new MissingValue("x"));
  });
});

describe("a page's address", () => {
  const ids = {
    name: { pattern: /[a-z]+(?:\/[a-z]+)*/, help: "", example: "" },
    n: { pattern: /[1-9]\d*/, help: "", example: "" },
  };
  const read = (template: string, address: string, server?: string): unknown =>
    readPage(template, new URL(address), ids, server === undefined ? undefined : new URL(server));

  test.each([
    ["/{+name}/r/{n}", "https://h.example/a/b/r/7", { name: "a/b", n: "7" }, "https://h.example"],
    ["/{+name}/r/{n}", "https://h.example/a/b/r/7/logs/x?y=z#w", { name: "a/b", n: "7" }, "https://h.example"],
    ["/{+name}/r/{n}", "https://h.example/a/r/7/", { name: "a", n: "7" }, "https://h.example"],
    ["/{+name}/r/{n}", "http://h.example:81/a/r/7", { name: "a", n: "7" }, "http://h.example:81"],
    ["{server}/r/{n}", "https://h.example/r/7", { n: "7" }, "https://h.example"],
    ["{server}/r/{n}", "https://h.example/deep/down/r/7", { n: "7" }, "https://h.example/deep/down"],
    ["/x?run={n}", "https://h.example/x?a=b&run=7&c=d", { n: "7" }, "https://h.example"],
    ["/x?run={n}&tab=1", "https://h.example/x?run=7", { n: "7" }, "https://h.example"],
    ["/x#/r/{n}", "https://h.example/x#/r/7/logs", { n: "7" }, "https://h.example"],
    ["https://c.{name}.example/r/{n}", "https://c.abc.example/r/7?x", { name: "abc", n: "7" }, undefined],
  ])("%s reads %s", (template, address, values, server) => {
    expect(read(template, address)).toEqual({ ids: values, server });
  });

  test.each([
    ["/{+name}/r/{n}", "https://h.example/a/b/r/7x"],
    ["/{+name}/r/{n}", "https://h.example/a/b/r/0"],
    ["/{+name}/r/{n}", "https://h.example/A/r/7"],
    ["/{+name}/r/{n}", "https://h.example/r/7"],
    ["/{+name}/r/{n}", "https://h.example/a/s/7"],
    ["/{+name}/r/{n}", "https://h.example/a/r/%ff"],
    ["/{+name}/r/{n}", "https://h.example/a/r/%37%2f..%2f8"],
    ["/x?run={n}", "https://h.example/x?run="],
    ["/x?run={n}", "https://h.example/x?ruN=7"],
    ["/x?run={n}", "https://h.example/x"],
    ["/x#/r/{n}", "https://h.example/x"],
    ["/x?run=/a/{n}", "https://h.example/x?run=/b/7"],
    ["https://c.{name}.example/r/{n}", "https://c.abc.example.evil.test/r/7"],
    ["https://c.{name}.example/r/{n}", "https://evil.test/c.abc.example/r/7"],
    ["https://c.{name}.example/r/{n}", "https://c.a.b.example/r/7x"],
    ["https://c.{name}.example/r/{n}", "ftp://c.abc.example/r/7"],
  ])("%s does not read %s", (template, address) => {
    expect(read(template, address)).toBeUndefined();
  });

  test("carries the path of a server that is known", () => {
    const template = "/{+name}/r/{n}";

    expect(read(template, "https://h.example/ci/a/r/7", "https://h.example/ci")).toEqual({
      ids: { name: "a", n: "7" },
      server: "https://h.example/ci",
    });
    expect(read(template, "https://h.example/cider/a/r/7", "https://h.example/ci")).toBeUndefined();
    expect(read(template, "https://other.example/ci/a/r/7", "https://h.example/ci")).toBeUndefined();
  });
});

describe.each(
  [...providers].flatMap(([key, { server, targets }]) =>
    Object.entries(targets).flatMap(([name, { pages = [], ids }]: [string, Target]) =>
      pages.map((page) => ({ key, name, page, ids, url: server.url })),
    ),
  ),
)("the page $page of $key $name", ({ page, ids, url }) => {
  const names = [...page.matchAll(/\{\+?([a-z][a-z-]*)\}/g)]
    .map(([, name = ""]) => name)
    .filter((name) => name !== "server");
  const region = { pattern: /[a-z]{2}-[a-z]{4,6}-[1-9]/, help: "", example: "cn-north-4" };
  const values = fc.record(Object.fromEntries(names.map((name) => [name, valuesOf(ids[name] ?? region)])));
  const server = publicUrl(url, "cn-north-4") ?? "https://ci.example.com";

  /** A path may be percent-encoded or not: what counts is how it is sent. */
  const spelled = (found: Ids | undefined): unknown =>
    found &&
    Object.entries(found)
      .map(([name, value]) => [name, page.includes(`{+${name}}`) ? fill(`{+${name}}`, { [name]: value }) : value])
      .sort();

  test("is read back into the ids it was written with", () => {
    fc.assert(
      fc.property(values, fc.constantFrom("", "/", "/more", "?x=y&z"), (given, rest) => {
        const written = pageOf(page, server, given);
        const tail = /[?#]/.test(written) ? "" : rest;

        expect(spelled(readPage(page, new URL(written + tail), ids)?.ids)).toEqual(spelled(given));
      }),
    );
  });

  test("is read below a server that has a path", () => {
    fc.assert(
      fc.property(values, (given) => {
        const below = "https://ci.example.com/some/where";
        const match = readPage(page, new URL(pageOf(page, below, given)), ids, new URL(below));

        expect(spelled(match?.ids)).toEqual(spelled(given));
        if (!/^[a-z]+:/.test(page)) expect(match?.server).toBe(below);
      }),
    );
  });
});

/** Values that an id takes, as the API takes them. */
function valuesOf({ pattern, normalize, example }: Id): fc.Arbitrary<string> {
  const whole = new RegExp(`^(?:${pattern.source})$`);
  return fc
    .oneof(fc.stringMatching(whole, { maxLength: example.length + 40 }), fc.constant(example))
    .map((value) => normalize?.(value) ?? value)
    .filter((value) => matches(pattern, value) && !value.split("/").some((part) => /^\.{0,2}$/.test(part)));
}

describe("matches", () => {
  test.each(["4711\n", "4711 ", " 4711", "４７１１", "4711x", "x4711", ""])("%j is not a number as a whole", (text) => {
    expect(matches(/[1-9]\d{0,19}/, text)).toBe(false);
  });

  test("counts every branch of a pattern as a whole", () => {
    expect(matches(/a|b/, "ab")).toBe(false);
    expect(matches(/a|bc/, "bc")).toBe(true);
  });
});

describe("pick", () => {
  const body = { a: { b: [{ c: 0 }, "x"] }, n: null, f: false, e: "" };

  test.each([
    ["a.b.0.c", 0],
    ["a.b.1", "x"],
    ["f", false],
    ["e", undefined],
    ["n", undefined],
    ["a.x.y", undefined],
    ["a.b.length", 2],
    ["constructor", undefined],
    ["__proto__.constructor", undefined],
    ["a.b.map", undefined],
    ["e.0", undefined],
  ])("%s", (path, value) => {
    expect(pick(path, body)).toBe(value);
  });

  test("takes the first of several that is there", () => {
    expect(pick(["n", "x", "f", "e"], body)).toBe(false);
  });

  test("a function that trips over a shape it did not expect finds nothing", () => {
    expect(pick((some) => some.a.x.y.z as string, body)).toBeUndefined();
    expect(pick(() => null, body)).toBeUndefined();
  });

  test("a function's own mistakes are not hidden", () => {
    expect(() =>
      pick(() => {
        throw new RangeError("mine");
      }, body),
    ).toThrow("mine");
  });

  test("finds nothing in no body", () => {
    for (const none of [undefined, null, "text", 5]) expect(pick("a", none)).toBeUndefined();
  });
});
