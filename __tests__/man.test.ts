/** The man page, rendered by what renders it on people's machines where that is here. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { optionGroups } from "../src/hosts/options.ts";
import { exitCodes, outcomes } from "../src/interface.ts";
import { manifest } from "../src/providers/manifest.ts";

const page = "man/cancel-run.1";
const source = readFileSync(page, "utf8");

const renderers: Readonly<Record<string, readonly string[]>> = {
  groff: ["-man", "-Tascii", "-ww", "-rLL=78n", page],
  // It warns of a date that is missing, and a version has none.
  mandoc: ["-Tascii", "-Werror", page],
};
const here = Object.keys(renderers).filter((name) => spawnSync(name, ["--version"]).error === undefined);

test("is what npm installs as a man page", () => {
  const { man, files } = JSON.parse(readFileSync("package.json", "utf8")) as { man: string; files: string[] };

  expect(man).toBe(page);
  expect(files).toContain("man");
});

test("is made of requests that there are, and of lines that are none by accident", () => {
  const known = /^\.(?:\\"|TH|SH|SS|TP|PP|B|nf|fi|RS|RE)(?: |$)/;
  const lines = source.trimEnd().split("\n");

  expect(lines.filter((line) => /^[.']/.test(line) && !known.test(line))).toEqual([]);
  expect(lines.filter((line) => /[^\x20-\x7e]/.test(line))).toEqual([]);
  const sections = lines.filter((line) => line.startsWith(".SH ")).map((line) => line.slice(4));
  expect(sections.slice(0, 3)).toEqual(["NAME", "SYNOPSIS", "DESCRIPTION"]);
});

test.each(here)("%s renders it without a word of warning, and all of it", (name) => {
  const { status, stdout, stderr } = spawnSync(name, [...renderers[name]!], { encoding: "utf8" });
  // eslint-disable-next-line no-control-regex
  const text = stdout.replaceAll(/.\u0008|\u001b\[[\d;]*m/g, "");

  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  expect(text).toMatch(/^NAME\n +cancel-run +- +one +step +that +stops/m);
  for (const { flag } of optionGroups(manifest).flatMap(({ options }) => options))
    expect(text).toMatch(new RegExp(`^ +${flag}\\b`, "m"));
  for (const word of [...Object.keys(outcomes), ...Object.keys(exitCodes)])
    expect(text).toMatch(new RegExp(`^ +${word}\\b`, "m"));
  expect(text.split("\n").filter((line) => line.length > 80)).toEqual([]);
});
