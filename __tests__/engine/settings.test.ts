import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { idNames } from "../../src/engine/manifest.ts";
import { readSettings, type Settings } from "../../src/engine/settings.ts";
import { UsageError } from "../../src/engine/usage.ts";
import { inputs, outcomes } from "../../src/interface.ts";
import { providers } from "../../src/providers/all.ts";
import { duration } from "../../src/text.ts";
import { manifest } from "../../src/providers/manifest.ts";
import { secret } from "../support/exchange.ts";
import { MemoryHost } from "../support/host.ts";
import { complaint } from "../support/usage.ts";

const read = (given: Record<string, string>): Settings => readSettings(new MemoryHost(given), manifest);
const job = { provider: "gitlab", project: "a/b", "job-id": "1", token: secret };

test("nothing given means what the interface says", () => {
  expect(read({})).toMatchObject({
    addresses: [],
    provider: undefined,
    serverUrl: undefined,
    region: undefined,
    ids: {},
    credentials: {},
    reason: "Cancelled by cancel-run",
    wait: true,
    timeout: 300_000,
    forceAfter: undefined,
    dryRun: false,
    self: false,
    allowHttp: false,
    failOn: ["not-found", "refused", "restarted", "still-running", "failed"],
  });
});

test("space around a value does not count", () => {
  const settings = read({ provider: " gitlab\n", wait: " false ", timeout: " 90s ", token: ` ${secret}\n` });

  expect(settings).toMatchObject({ provider: "gitlab", wait: false, timeout: 90_000, credentials: { token: secret } });
});

test("addresses are told apart by line and by space", () => {
  expect(read({ url: "https://a.example/1\r\n\n  https://b.example/2 https://c.example/3\n" }).addresses).toEqual([
    "https://a.example/1",
    "https://b.example/2",
    "https://c.example/3",
  ]);
});

test("a reason is one line, and not endless", () => {
  expect(read({ reason: "because\n\u001b[31mof\u001b[0m\tthis" }).reason).toBe("because of this");
  expect([...read({ reason: "é".repeat(5000) }).reason]).toHaveLength(1000);
});

test("a reason may have the words of a user name and an account, and never a secret", () => {
  const given = { username: "release", password: "hunter2-hunter2", domain: "nightly" };
  const { reason } = read({ ...given, reason: "release 41 of nightly, hunter2-hunter2" });
  expect(reason).toBe("release 41 of nightly, ***");
});

test("an empty reason is the host's own", () => {
  expect(read({ reason: "  " }).reason).toBe("Cancelled by cancel-run");
});

test.each([
  ["True", true],
  ["YES", true],
  ["on", true],
  ['"true"', true],
  ["False", false],
  ["no", false],
  ["Off", false],
])("the boolean %s is what YAML means by it", (value, is) => {
  expect(read({ wait: value }).wait).toBe(is);
});

test.each([
  ["provider", "GitLab"],
  ["provider", "'gitlab'"],
  ["server-url", '"https://gitlab.example.com"'],
  ["timeout", "“90s”"],
])("quotes and capitals that came along with %s do not count: %s", (name, value) => {
  expect(read({ ...job, [name]: value })).toMatchObject({
    provider: "gitlab",
    ...(name === "server-url" && { serverUrl: "https://gitlab.example.com" }),
    ...(name === "timeout" && { timeout: 90_000 }),
  });
});

test.each([
  "<https://a.example/1>",
  '"https://a.example/1"',
  "'https://a.example/1',",
  "`https://a.example/1`",
  "https://a.example/1;",
])("what came along with the address in %s does not count", (url) => {
  expect(read({ url }).addresses).toEqual(["https://a.example/1"]);
});

test("addresses may be separated by commas, and have some", () => {
  expect(read({ url: "https://a.example/1,https://b.example/2,3, https://c.example/4" }).addresses).toEqual([
    "https://a.example/1",
    "https://b.example/2,3",
    "https://c.example/4",
  ]);
});

test("fail-on takes `none` alone, and `nothing`", async () => {
  expect(read({ "fail-on": "none" }).failOn).toEqual([]);
  expect(read({ "fail-on": "nothing, failed" }).failOn).toEqual(["nothing", "failed"]);
  expect(await complaint({ ...job, "fail-on": "none, failed" })).toContain('"none" is not accepted');
  expect(await complaint({ ...job, "fail-on": "canceled" })).toMatch(/; did you mean cancelled\?$/);
});

test.each([
  ["max-runs", "0", "a number from 1 to 999999"],
  ["keep-newest", "one", "a number from 0 to 9999"],
  ["pull-request", "#12", "a number from 1 to 9999999999, without #"],
])("%s: %s is answered with the range", async (name, value, range) => {
  expect(await complaint({ ...job, [name]: value })).toContain(`"${value}" is not accepted; it takes ${range}`);
});

test("fail-on takes outcomes by comma, space or line", () => {
  expect(read({ "fail-on": "failed,refused\nalready-finished cancelling" }).failOn).toEqual([
    "failed",
    "refused",
    "already-finished",
    "cancelling",
  ]);
});

test("every id of every provider is read", () => {
  const ids = Object.fromEntries(idNames(manifest).map((name, at) => [name, `${at}`]));

  expect(read(ids).ids).toEqual(ids);
});

test("no id is named like an input", () => {
  const names: string[] = inputs.map(({ name }) => name);

  expect(idNames(manifest).filter((name) => names.includes(name))).toEqual([]);
});

describe("a duration", () => {
  test.each([
    ["90s", 90_000],
    ["5m", 300_000],
    ["1h", 3_600_000],
    ["1h30m", 5_400_000],
    ["1h1m1s", 3_661_000],
    ["24h", 86_400_000],
    ["90m", 5_400_000],
  ])("%s is %i ms", (text, ms) => {
    expect(read({ timeout: text }).timeout).toBe(ms);
    expect(read({ "force-after": text }).forceAfter).toBe(ms);
  });

  test.each(["0s", "0h0m", "5", "5 m", "m", "-5m", "1.5h", "5M", "5min", "30s1m", "1e3s", "٥m", "25h", "9999999s"])(
    "%s is none",
    async (text) => {
      expect(() => read({ timeout: text })).toThrow(UsageError);
      for (const name of ["timeout", "force-after"] as const)
        expect(await complaint({ ...job, [name]: text })).toBe(
          `CANCEL_RUN_${name.toUpperCase().replace("-", "_")}: "${text}" is not accepted; it takes a duration such as 90s, 5m or 1h, at most 24h`,
        );
    },
  );

  test("is read as it is shown to people", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 86_400 }), (seconds) => {
        expect(read({ timeout: duration(seconds * 1000) }).timeout).toBe(seconds * 1000);
      }),
    );
  });

  test("is a whole number of milliseconds up to a day, or an error, whatever is written", () => {
    const text = fc
      .oneof(fc.string(), fc.stringMatching(/^(\d{1,8}[hms]?){0,4}$/))
      .filter((some) => some.trim() !== "");
    fc.assert(
      fc.property(text, (some) => {
        let ms: number;
        try {
          ms = read({ timeout: some }).timeout;
        } catch (error) {
          expect(error).toBeInstanceOf(UsageError);
          return;
        }

        expect(Number.isInteger(ms) && ms > 0 && ms <= 86_400_000).toBe(true);
      }),
    );
  });
});

describe("bad input", () => {
  const known = [...providers.keys()].join(", ").replace(/, (?=[^,]*$)/, " or ");

  test.each([
    ["Jenkinz", "; did you mean jenkins?"],
    ["git-hub", "; did you mean github?"],
    ["__proto__", ""],
    ["constructor", ""],
    ["toString", ""],
    ["gitlab/../github", ""],
  ])("%s is no provider; all that are come with the message", async (provider, hint) => {
    expect(await complaint({ ...job, provider })).toBe(
      `CANCEL_RUN_PROVIDER: "${provider}" is not accepted; it takes ${known}${hint}`,
    );
  });

  test.each(["wait", "dry-run", "self", "allow-http"])("%s takes true or false and nothing like it", async (name) => {
    for (const value of ["maybe", "1", "0", "truefalse", "__proto__", "constructor"])
      expect(await complaint({ ...job, [name]: value })).toBe(
        `CANCEL_RUN_${name.toUpperCase().replace("-", "_")}: "${value}" is not accepted; it takes true or false`,
      );
  });

  test.each(["never", "mixed", "__proto__", "constructor", "failed;refused"])(
    "%s is no outcome that fail-on takes",
    async (word) => {
      const line = await complaint({ ...job, "fail-on": `failed, ${word}` });

      expect(line).toContain(`CANCEL_RUN_FAIL_ON: "${word}" is not accepted; it takes `);
      for (const outcome of Object.keys(outcomes)) expect(line).toContain(outcome);
    },
  );

  test.each(["CN-NORTH-4", "cn north", "x", "cn-north-4.evil.example", "cn-north-4/", "@evil-1", "cn-north-4#"])(
    "%s is no region",
    async (region) => {
      expect(await complaint({ provider: "codearts", region, "job-id": "x", "build-number": "1", token: secret })).toBe(
        `CANCEL_RUN_REGION: "${region}" is not accepted; it takes a region such as cn-north-4`,
      );
    },
  );

  test.each([
    ["\n", "contains a line break; give the bare value"],
    ["\r", "contains a line break; give the bare value"],
    ["\r\nx-evil: 1", "contains a line break; give the bare value"],
    ["\0", "contains a character that no credential has; was it pasted whole?"],
    ["…", "contains a character that no credential has; was it pasted whole?"],
    ["\u00a0", "contains a character that no credential has; was it pasted whole?"],
  ])("a token with %j inside is refused without showing it", async (inside, problem) => {
    const line = await complaint({ ...job, token: `${secret}${inside}${secret}` });

    expect(line).toBe(`CANCEL_RUN_TOKEN ${problem}`);
  });

  test.each([
    [`"${secret}"`, "is in quotes; give the bare value"],
    [`'${secret}'`, "is in quotes; give the bare value"],
    [`Bearer ${secret}`, "begins with the name of a scheme, such as Bearer; give the bare value"],
    [`token ${secret}`, "begins with the name of a scheme, such as Bearer; give the bare value"],
  ])("a token with what is around it elsewhere is refused without showing it", async (token, problem) => {
    expect(await complaint({ ...job, token })).toBe(`CANCEL_RUN_TOKEN ${problem}`);
  });

  test("a password is taken as it is", () => {
    for (const password of [`"${secret}"`, `Basic ${secret}`])
      expect(read({ username: "ci", password }).credentials).toMatchObject({ password });
  });

  test("a secret where it does not belong is refused, and not quoted", async () => {
    for (const name of ["server-url", "project", "url", "provider"])
      expect(await complaint({ ...job, [name]: `x${secret}x` })).toBe(
        `CANCEL_RUN_${name.toUpperCase().replace("-", "_")} contains the value of CANCEL_RUN_TOKEN; a secret belongs nowhere else`,
      );
  });

  test("what was given is quoted on one line, and not at any length", async () => {
    const line = await complaint({ ...job, wait: `a\n::error::x\u001b[31m${"y".repeat(5000)}` });

    expect(line).toMatch(/^CANCEL_RUN_WAIT: "a ::error::xy+…" is not accepted; it takes true or false$/);
    expect(line.length).toBeLessThan(250);
  });
});
