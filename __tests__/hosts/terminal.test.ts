import { describe, expect, test } from "@jest/globals";
import { readSettings } from "../../src/engine/settings.ts";
import { UsageError } from "../../src/engine/usage.ts";
import type { Environment } from "../../src/environment.ts";
import { variableName } from "../../src/engine/words.ts";
import { help, helpOn } from "../../src/hosts/help.ts";
import type { Host } from "../../src/host.ts";
import { terminalHost } from "../../src/hosts/terminal.ts";
import { exitCodes, type Input, inputs as declared, outcomes } from "../../src/interface.ts";
import { providers } from "../../src/providers/all.ts";
import { manifest } from "../../src/providers/manifest.ts";
import { secret } from "../support/exchange.ts";
import { record, reportOf } from "../support/record.ts";

const inputs: readonly Input[] = declared;
const secrets = inputs.filter(({ type }) => type === "secret").map(({ name }) => name);

function terminal(
  args: string[],
  { env = {}, live = false, full = false }: { env?: Environment; live?: boolean; full?: boolean } = {},
): { host: Host; out: () => string; err: () => string } {
  let [out, err] = ["", ""];
  const host = terminalHost(args, env, manifest, {
    out: (text) =>
      full ? Promise.reject(Object.assign(new Error(), { code: "ENOSPC" })) : Promise.resolve(void (out += text)),
    err: (text) => (err += text),
    live,
  });
  return { host, out: () => out, err: () => err };
}

const given = (...args: string[]): ((name: string) => string) => {
  const { host } = terminal(args);
  return (name) => host.input(name);
};

describe("the command line", () => {
  test("takes addresses as they are, and options before, between and after", () => {
    const input = given(
      "--timeout",
      "9m",
      "https://a.example/1",
      "--reason",
      "two words",
      "https://b.example/2",
      "--region=cn-north-4",
    );

    expect(input("url")).toBe("https://a.example/1\nhttps://b.example/2");
    expect([input("timeout"), input("reason"), input("region")]).toEqual(["9m", "two words", "cn-north-4"]);
  });

  test("takes every input but secrets, and every id", () => {
    for (const { name, type } of inputs) {
      if (type !== "secret" && type !== "boolean" && name !== "url") expect(given(`--${name}`, "x")(name)).toBe("x");
    }
    for (const id of ["project", "job-id", "run-id", "build-number"]) expect(given(`--${id}`, "x")(id)).toBe("x");
  });

  test("takes a flag alone, with a value, and before an address", () => {
    expect(given("--dry-run")("dry-run")).toBe("true");
    expect(given("--wait", "false")("wait")).toBe("false");
    expect(given("--wait=false")("wait")).toBe("false");
    const input = given("--dry-run", "https://a.example/1", "--self");

    expect([input("dry-run"), input("url"), input("self")]).toEqual(["true", "https://a.example/1", "true"]);
  });

  test("that says nothing gives nothing", () => {
    for (const { name } of inputs) expect(given()(name)).toBe("");
  });

  test.each(secrets)("does not take --%s, where others can read it", (name) => {
    for (const args of [[`--${name}`, secret], [`--${name}=${secret}`]]) {
      const problem = (): unknown => terminal(args);

      expect(problem).toThrow(UsageError);
      expect(problem).toThrow(
        `--${name} is not taken on the command line, where other users can read it; set CANCEL_RUN_${name.toUpperCase().replace("-", "_")} in the environment`,
      );
      expect(problem).not.toThrow(secret);
    }
  });

  test.each([
    [["--nope"], "--nope is not an option; --help lists them"],
    [["--nope=1"], "--nope is not an option; --help lists them"],
    [["-x"], "-x is not an option; --help lists them"],
    [["--__proto__", "x"], "--__proto__ is not an option; --help lists them"],
    [["--url", "https://a.example"], "--url is not an option; addresses are given without one"],
    [["--url"], "--url is not an option; addresses are given without one"],
    [["--job-id"], "--job-id needs a value; one that begins with - is written --job-id=VALUE"],
    [["--job-id", "--project", "a/b"], "--job-id needs a value; one that begins with - is written --job-id=VALUE"],
  ])("%j is an error with words", (args, words) => {
    expect(() => terminal(args)).toThrow(new UsageError(words));
  });

  test("spells inputs as they are typed there", () => {
    const { host } = terminal([]);

    expect(host.spell("job-id")).toBe("--job-id");
    expect(host.spell("username")).toBe("--username");
    expect(host.spell("access-key")).toBe("CANCEL_RUN_ACCESS_KEY");
  });

  test("leaves secrets to the environment", () => {
    const { host } = terminal([], { env: { CANCEL_RUN_TOKEN: secret, CANCEL_RUN_PROJECT: "a/b" } });

    expect(host.input("token")).toBe(secret);
    expect(host.input("project")).toBe("");
  });

  test("is read into settings", () => {
    const { host } = terminal(["--provider", "gitlab", "--job-id", "1,2", "--wait", "false", "--fail-on", "failed"], {
      env: { USER: "jo" },
    });

    expect(readSettings(host, manifest)).toMatchObject({
      provider: "gitlab",
      ids: { "job-id": "1,2" },
      wait: false,
      failOn: ["failed"],
      reason: "Cancelled by cancel-run (jo)",
    });
  });
});

describe("the screen", () => {
  test("has the log and the result on stderr, a line each, and nothing on stdout", async () => {
    const { host, out, err } = terminal([]);
    host.log("one\ntwo");
    host.progress("1 of 2 done");
    host.warn("careful");
    await host.report(reportOf(record({ outcome: "cancelling" })), false);
    const worse = record({ outcome: "refused", detail: "403: no", url: null, ids: { "run-id": "8" } });
    await host.report(reportOf(record(), worse), true);
    const lines = err().split("\n");

    expect(lines.slice(0, 2)).toEqual(["one two", "warning: careful"]);
    expect(lines[2]).toMatch(/^✓ acme run .*7 \(deploy\): cancelled after 4.2s; it was running$/);
    expect(lines[3]).toBe("  https://acme.example/runs/7");
    expect(lines[4]).toMatch(/^✗ acme run 8 \(deploy\): refused: 403: no$/);
    expect(lines.slice(5)).toEqual([""]);
    expect(out()).toBe("");
  });

  test("has the whole report as JSON on stdout with --json, once", async () => {
    const { host, out } = terminal(["--json"]);
    await host.report(reportOf(record({ outcome: "cancelling" })), false);
    await host.report(reportOf(record()), true);

    expect(out().split("\n")).toHaveLength(2);
    expect(JSON.parse(out())).toMatchObject({ outcome: "cancelled", cancelled: 1, runs: [{ provider: "acme" }] });
  });

  test("has JSON for bad input, too", async () => {
    const { host, out, err } = terminal(["--json"]);
    host.usage("--job-id is missing");
    await host.report({ ...reportOf(), outcome: "failed", exit: 2 }, false);

    expect(JSON.parse(out())).toMatchObject({ outcome: "failed", runs: [], message: "--job-id is missing" });
    expect(err()).toBe("cancel-run: --job-id is missing\n");
  });

  test("shows no secret", async () => {
    for (const live of [false, true]) {
      const { host, out, err } = terminal(["--json"], { live });
      host.mask(secret);
      host.log(`a ${secret}`);
      host.warn(`b ${secret}`);
      host.usage(`c ${secret}`);
      await host.report(reportOf(record({ name: secret, detail: secret, url: `https://x.example/${secret}` })), true);

      expect(out() + err()).not.toContain(secret);
      expect(out() + err()).toContain("***");
    }
  });

  test("has no escapes where nobody watches, even in foreign words", async () => {
    const { host, err } = terminal([]);
    host.log("\u001b[31mred");
    await host.report(reportOf(record({ name: "\u001b]0;title\u0007x", detail: "\r\u001b[2Kgone" })), true);

    expect(err()).not.toContain("\u001b");
    expect(err()).not.toContain("\r");
  });

  test("hides a secret that a server has quoted in what is said of the step as a whole", async () => {
    const { host, err } = terminal([]);
    host.mask(secret);
    await host.report({ ...reportOf(), note: `the runs could not be listed: bad token ${secret}` }, true);

    expect(err()).toContain("the runs could not be listed: bad token ***");
    expect(err()).not.toContain(secret);
  });

  test("has colors and live progress where somebody watches, but for NO_COLOR", async () => {
    const shown = async (env: Environment): Promise<string> => {
      const { host, err } = terminal([], { env, live: true });
      host.log("acme run 7: running");
      await host.report(reportOf(record()), true);
      return err();
    };

    expect(await shown({})).toContain("acme run 7: running");
    expect(await shown({})).toContain("\u001b[32m");
    expect(await shown({ NO_COLOR: "1" })).not.toContain("\u001b[32m");
  });
});

test("a report that cannot be written is not passed over: the result is in the log, and the step does not go well", async () => {
  const { host, err } = terminal(["--json"], { full: true });

  expect(await host.report(reportOf(record()), true)).toBe(false);
  expect(err()).toMatch(/^✓ acme run .*\n {2}https:.*\ncancel-run: the report could not be written \(ENOSPC\)\n$/);
});

describe("--help", () => {
  const text = help(manifest, providers);
  /** About the job that a step belongs to. */
  const useless = ["when", "self", "older-than-this"];

  test("has every option that has a use here, and every id, outcome, exit code and secret", () => {
    for (const { name, type } of inputs) {
      if (name === "url") continue;
      const spelled = type === "secret" ? `CANCEL_RUN_${name.toUpperCase().replace("-", "_")}` : `--${name}`;
      expect([name, new RegExp(`^ {2}${spelled}\\b`, "m").test(text)]).toEqual([name, !useless.includes(name)]);
    }
    for (const provider of providers.values())
      for (const { ids } of Object.values(provider.targets))
        for (const id of Object.keys(ids)) expect(text).toContain(`--${id}`);
    for (const word of [...Object.keys(outcomes), ...Object.keys(exitCodes)]) expect(text).toContain(`\n  ${word} `);
  });

  test.each([undefined, ...providers.keys()])("fits 80 columns, without Markdown: %s", (about) => {
    const shown = helpOn(about, manifest, providers);

    // What has no space in it cannot be broken.
    const long = shown
      .split("\n")
      .filter((line) => line.length > 80 && line.trim().split(/ {2,}/).at(-1)!.includes(" "));
    expect(long).toEqual([]);
    expect(shown).not.toContain("`");
    expect(shown.split("\n").filter((line) => /\s$/.test(line))).toEqual([]);
  });

  test("names a variable in every entry about credentials", () => {
    const lines = (text.split("Credentials are")[1] ?? "").split("\n\n", 1)[0]!.split("\n").slice(1);
    const entries = lines.filter((line) => !line.startsWith("    "));

    expect(entries.length).toBeGreaterThan(5);
    expect(entries.filter((line) => !/^ {2}[A-Z]/.test(line))).toEqual([]);
  });

  test("has three examples that the command line takes, and says what Ctrl-C does", () => {
    const examples = (text.split("Examples:\n")[1] ?? "").split("\n\n", 1)[0]!.replaceAll("\\\n", "");
    const lines = [...examples.matchAll(/^ {4}cancel-run (.*)$/gm)].map(([, line = ""]) => line);

    expect(lines).toHaveLength(3);
    for (const line of lines) {
      const words = line.split(/ +/).map((word) => word.replaceAll("'", ""));
      expect(() => readSettings(terminal(words).host, manifest)).not.toThrow();
    }
    expect(text).toMatch(/Ctrl-C .*not sent/s);
  });

  test("says how to switch off what is on", () => {
    expect(text.replaceAll(/\s+/g, " ")).toMatch(/ --wait .*? Default: true; switched off by --wait false\./);
    expect(terminal(["--wait", "false"]).host.input("wait")).toBe("false");
  });

  test.each([...providers])("of %s has its ids, pages, credentials, rights and forced stop", (key, provider) => {
    const shown = helpOn(key, manifest, providers).replaceAll(/\s+/g, " ");

    expect(shown).toContain(`${provider.name} (--provider ${key})`);
    expect(shown).toContain(provider.rights.replaceAll("`", ""));
    expect(shown).toContain(provider.docs);
    for (const target of Object.values(provider.targets)) {
      for (const id of Object.keys(target.ids)) expect(shown).toContain(`--${id} `);
      expect(shown).toContain(target.permissions?.cancel.replaceAll("`", ""));
    }
    for (const { env } of provider.auth)
      for (const variable of Object.values(env).flat()) expect(shown).toContain(variableName(variable));
    expect(shown).toMatch(/to force (?:with --force-after|the vendor has no forced stop)/);
  });

  test("of a provider that is not there is an error that lists those that are", () => {
    expect(() => helpOn("travis", manifest, providers)).toThrow(
      /"travis" is not a provider; there is help for .*gitlab/,
    );
  });
});
