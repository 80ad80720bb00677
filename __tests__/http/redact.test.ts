import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { Redactor } from "../../src/http/redact.ts";

const secret = 'p@ss "w0rd"+/=&\\x';

describe("a secret is taken out of a text", () => {
  const redactor = new Redactor();
  redactor.add(secret);

  test.each([
    ["as it is", secret],
    ["twice", `${secret}${secret}`],
    ["in an address", `https://x.example/?token=${encodeURIComponent(secret)}&x=1`],
    ["in JSON", JSON.stringify({ token: secret })],
    ["in base64", Buffer.from(secret).toString("base64")],
  ])("%s", (_, text) => {
    const clean = redactor.redact(`before ${text} after`);

    expect(clean).toMatch(/^before .*\*\*\*.* after$/);
    expect(clean).not.toContain("w0rd");
  });

  test("and nothing else is", () => {
    expect(redactor.redact("p@ss, w0rd: a text")).toBe("p@ss, w0rd: a text");
  });

  test("whole, where one secret is part of another", () => {
    const two = new Redactor();
    two.add("abcd");
    two.add("abcdefgh");

    expect(two.redact("abcdefgh abcd")).toBe("*** ***");
  });

  test("line by line, where it has several", () => {
    const key = new Redactor();
    key.add("-----BEGIN KEY-----\r\nMIIEvQIBADAN\nBgkqhkiG9w0B\n-----END KEY-----\n");

    expect(key.redact("log: MIIEvQIBADAN and BgkqhkiG9w0B")).toBe("log: *** and ***");
  });

  test("unless it is so short that ordinary text would go with it", () => {
    const short = new Redactor();
    for (const text of ["", "a", "ab", "abc"]) short.add(text);

    expect(short.redact("abc of the alphabet")).toBe("abc of the alphabet");
  });

  test("whatever it is and wherever it stands", () => {
    const printable = fc.stringMatching(/^[!-~]{8,40}$/);
    fc.assert(
      fc.property(printable, fc.string(), fc.string(), (given, before, after) => {
        const some = new Redactor();
        some.add(given);

        for (const text of [given, JSON.stringify(given), encodeURIComponent(given)]) {
          const clean = some.redact(before + text + after);

          expect(clean).toContain("***");
          if (!given.includes("*")) expect(clean.includes(given)).toBe(false);
        }
      }),
    );
  });
});
