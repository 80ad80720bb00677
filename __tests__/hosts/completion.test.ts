/** Completions, by the shells that are here; bash is everywhere that the tests run. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { completion } from "../../src/hosts/completion.ts";
import { optionGroups } from "../../src/hosts/options.ts";
import { manifest } from "../../src/providers/manifest.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "cancel-run-completion-"));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const isHere = (shell: string): boolean => spawnSync(shell, ["--version"]).status === 0;
const all = optionGroups(manifest).flatMap(({ options }) => options);

function write(shell: string): string {
  const file = join(folder, `completion.${shell}`);
  writeFileSync(file, completion([shell], manifest));
  return file;
}

/** What the shell offers behind these words, the last of which is being typed. */
const asks: Readonly<Record<string, (words: readonly string[]) => string[]>> = {
  bash: (words) => {
    const script = `source '${write("bash")}'; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _cancel_run; printf '%s\\n' "\${COMPREPLY[@]}"`;
    return execFileSync("bash", ["-c", script, "bash", ...words], { encoding: "utf8" })
      .split("\n")
      .filter(Boolean);
  },
  fish: (words) => {
    const script = `source '${write("fish")}'; complete -C '${words.join(" ")}'`;
    const shown = execFileSync("fish", ["--no-config", "-c", script], { encoding: "utf8" });
    return shown.split("\n").flatMap((line) => line.split("\t")[0] || []);
  },
};

describe.each(Object.keys(asks).filter(isHere))("%s", (shell) => {
  const offers = (...words: string[]): string[] => asks[shell]!(["cancel-run", ...words]).sort();

  test("begins with a command", () => {
    expect(offers("")).toEqual(expect.arrayContaining(["completion", "demo", "explain", "help"]));
    expect(offers("ex")).toEqual(["explain"]);
  });

  test("has every option that --help has, and the ids", () => {
    const flags = [...all.map(({ flag }) => flag), "--job-id", "--run-number"];

    expect(offers("--")).toEqual(expect.arrayContaining(flags));
    for (const useless of ["--when", "--self", "--token"]) expect(offers("--")).not.toContain(useless);
  });

  test("knows the values that there are few of", () => {
    expect(offers("--provider", "gi")).toEqual(["gitea", "github", "gitlab"]);
    expect(offers("--fail-on", "re")).toEqual(["refused", "restarted"]);
    expect(offers("--status", "q")).toEqual(["queued"]);
    expect(offers("help", "jen")).toEqual(["jenkins"]);
    expect(offers("completion", "")).toEqual(["bash", "fish", "zsh"]);
  });

  test("knows what explain takes besides", () => {
    expect(offers("explain", "--che")).toEqual(["--check"]);
    expect(offers("--che")).toEqual([]);
  });
});

test.each(["bash", "zsh"].filter(isHere))("%s finds no fault in it", (shell) => {
  expect(spawnSync(shell, ["-n", write(shell)], { encoding: "utf8" })).toMatchObject({ status: 0, stderr: "" });
});

test("zsh: every option with what it does, and quotes that are closed", () => {
  const text = completion(["zsh"], manifest);

  expect(text.startsWith("#compdef cancel-run\n")).toBe(true);
  for (const { flag } of all) expect(text).toMatch(new RegExp(`^ {4}'${flag}=?\\[.+\\].*' \\\\$`, "m"));
  for (const line of text.split("\n").filter((one) => one.startsWith("    '"))) expect(line.split("'")).toHaveLength(3);
});

test("of a shell that is not known is an error that lists those that are", () => {
  for (const args of [[], ["tcsh"], ["bash", "zsh"]])
    expect(() => completion(args, manifest)).toThrow(/^completion takes one of bash, zsh or fish/);
});
