import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { afterFailure, afterReply, type Attempt, requestedWait, type Verdict } from "../../src/http/retry.ts";
import type { WireReply } from "../../src/http/transport.ts";

const now = new Date("2026-01-02T03:04:05Z");
const attempt = (more: Partial<Attempt> = {}): Attempt => ({
  number: 1,
  left: 300_000,
  random: () => 0.5,
  now: () => now,
  changes: true,
  ...more,
});
const reply = (status: number, headers: Record<string, string> = {}, text = ""): WireReply => ({
  status,
  headers,
  text,
});
const after = (given: WireReply, more?: Partial<Attempt>): Verdict => afterReply(given, false, attempt(more));
const http = (plus: number): string => new Date(now.getTime() + plus * 1000).toUTCString();

describe("after a reply of status", () => {
  test.each([408, 429, 500, 502, 503, 504, 507, 520, 599])("%i another try is made", (status) => {
    expect(after(reply(status))).toHaveProperty("again");
  });

  test.each([200, 201, 202, 204, 301, 302, 304, 400, 401, 403, 404, 405, 409, 410, 412, 422, 501])(
    "%i none is made, and no words are needed",
    (status) => {
      expect(after(reply(status))).toEqual({ giveUp: undefined });
      // On a 403 it means a rate limit.
      if (status !== 403) expect(after(reply(status, { "retry-after": "1" }))).toEqual({ giveUp: undefined });
    },
  );

  test("that the vendor calls busy another try is made", () => {
    expect(afterReply(reply(200), true, attempt())).toHaveProperty("again");
    expect(afterReply(reply(400), true, attempt({ number: 5 }))).toEqual({ giveUp: undefined });
  });

  test.each([
    ["retry-after", reply(403, { "retry-after": "7" }), 7000],
    [
      "a spent limit",
      reply(403, { "x-ratelimit-remaining": "0", "x-ratelimit-reset": `${now.getTime() / 1000 + 9}` }),
      10_000,
    ],
    ["words", reply(403, {}, "You have exceeded a SECONDARY rate limit."), 60_000],
    ["a spent limit without its end", reply(403, { "x-ratelimit-remaining": "0" }), 60_000],
  ])("403 with %s is a rate limit", (_, given, wait) => {
    expect(after(given)).toMatchObject({ again: wait, why: "rate limited (403)" });
  });

  test("403 with a limit that is not spent is a no", () => {
    expect(after(reply(403, { "x-ratelimit-remaining": "41", "x-ratelimit-reset": "1799999999" }))).toEqual({
      giveUp: undefined,
    });
  });

  test("500 at the fifth try none is made", () => {
    expect([1, 2, 3, 4, 5].map((number) => "again" in after(reply(500), { number }))).toEqual([
      true,
      true,
      true,
      true,
      false,
    ]);
  });

  test("429 that does not say how long is waited for a minute, if there is one", () => {
    expect(after(reply(429))).toEqual({ again: 60_000, why: "rate limited (429)" });
    expect(after(reply(429), { left: 50_000 })).toEqual({
      giveUp: "it is rate limited and does not say for how long, and only 50 s are left",
    });
  });

  test.each([429, 403])("%i at the fifth try is still a limit, and no refusal: it is waited out", (status) => {
    const limited = reply(status, { "retry-after": "1" });

    expect(after(limited, { number: 4 })).toMatchObject({ again: 1000 });
    expect(after(limited, { number: 5 })).toMatchObject({ again: 5000 });
    expect(after(limited, { number: 50, left: 900 })).toMatchObject({
      giveUp: "the server asks to wait 1 s, and only 0 s are left",
    });
  });

  test.each([502, 503, 504, 520, 522, 527])("%i a look is made again until the deadline", (status) => {
    for (const number of [5, 50, 500]) {
      expect(after(reply(status), { number, changes: false })).toMatchObject({ again: 5000 });
      expect(after(reply(status), { number, changes: false, left: 4000 })).toMatchObject({ again: 3000 });
      expect(after(reply(status), { number, changes: false, left: 1000 })).toEqual({ giveUp: undefined });
    }
  });

  test.each([502, 503, 504, 520])("%i a change is made again five times: then a look tells more", (status) => {
    expect(after(reply(status), { number: 4 })).toHaveProperty("again");
    expect(after(reply(status), { number: 5 })).toEqual({ giveUp: undefined });
  });

  test.each([500, 507, 528, 599])("%i is no restart: a look, too, is made five times", (status) => {
    expect(after(reply(status), { number: 5, changes: false })).toEqual({ giveUp: undefined });
  });
});

describe("Retry-After", () => {
  test.each([
    ["0", 0],
    ["1", 1000],
    [" 45 ", 45_000],
    ["299", 299_000],
    ["300", 300_000],
  ])("of %s seconds is obeyed to the millisecond", (text, wait) => {
    for (const status of [429, 503, 500, 408])
      expect(after(reply(status, { "retry-after": text }))).toMatchObject({ again: wait });
  });

  test.each([
    ["301", 301],
    ["86400", 86_400],
    ["9999999999", 9_999_999_999],
  ])("of %s seconds does not fit: it is given up on at once, with words", (text, seconds) => {
    expect(after(reply(429, { "retry-after": text }))).toEqual({
      giveUp: `the server asks to wait ${seconds} s, and only 300 s are left`,
      asked: seconds * 1000,
    });
  });

  test.each(["1e3", "0x10", "-5", "+5", "1.5", "soon", "", "99999999999", "5, 6", "5 s", "٥"])(
    "%j is not taken for a number",
    (text) => {
      expect(requestedWait(reply(429, { "retry-after": text }), () => now)).toBeUndefined();
    },
  );

  test("as a date is a time by the server's own clock", () => {
    const skewed = { "retry-after": "Fri, 02 Jan 2026 05:00:10 GMT", date: "Fri, 02 Jan 2026 05:00:00 GMT" };

    expect(requestedWait(reply(429, skewed), () => now)).toBe(10_000);
    expect(requestedWait(reply(429, { "retry-after": http(20) }), () => now)).toBe(20_000);
    expect(requestedWait(reply(429, { "retry-after": http(20), date: "nonsense" }), () => now)).toBe(20_000);
  });

  test("as a date that is over means now", () => {
    expect(requestedWait(reply(429, { "retry-after": http(-600) }), () => now)).toBe(0);
  });

  test.each([
    "2026-01-02T03:05:05Z",
    "Friday, 02-Jan-26 03:05:05 GMT",
    "Fri Jan  2 03:05:05 2026",
    "Fri, 99 Jan 2026 03:05:05 GMT",
    "Fri, 02 Foo 2026 03:05:05 GMT",
    "Fri, 02 Jan 2026 03:05:05 +0100",
  ])("%s is no date that a server may send", (text) => {
    expect(requestedWait(reply(429, { "retry-after": text }), () => now)).toBeUndefined();
  });

  test("beats the end of a rate limit", () => {
    const both = {
      "retry-after": "3",
      "x-ratelimit-remaining": "0",
      "x-ratelimit-reset": `${now.getTime() / 1000 + 60}`,
    };

    expect(requestedWait(reply(429, both), () => now)).toBe(3000);
  });

  test.each([
    [`${now.getTime() / 1000 + 60}`, 61_000],
    [`${now.getTime() / 1000 - 60}`, 1000],
    ["60", 60_000],
    ["0.3", 300],
    ["999999999999", undefined],
    ["soon", undefined],
  ])("a rate limit that ends at %s is waited for: %s ms", (reset, wait) => {
    expect(requestedWait(reply(403, { "x-ratelimit-remaining": "0", "x-ratelimit-reset": reset }), () => now)).toBe(
      wait,
    );
  });

  test.each([
    ["x-ratelimit-reset", "0.3", 300],
    ["x-ratelimit-reset", "0.0001", 1],
    ["x-ratelimit-reset", "2", 2000],
    ["ratelimit-reset", "17", 17_000],
    ["x-ratelimit-reset", "999999999", 999_999_999_000],
    // A secondary limit of GitHub's: the moment is the end of the primary one, which is not spent.
    ["x-ratelimit-reset", `${now.getTime() / 1000 + 60}`, undefined],
    ["x-ratelimit-reset", "-1", undefined],
    ["x-ratelimit-reset", ".5", undefined],
  ])("on a 429, %s: %s is a delay, whatever remains: %s ms", (header, reset, wait) => {
    for (const remaining of ["29", "0.5", ""])
      expect(requestedWait(reply(429, { [header]: reset, "x-ratelimit-remaining": remaining }), () => now)).toBe(wait);
    expect(requestedWait(reply(503, { [header]: reset }), () => now)).toBeUndefined();
  });

  test("of any text is a time from now on, or none", () => {
    const text = fc.oneof(
      fc.string(),
      fc.stringMatching(/^[ \d.eExX+-]{0,14}$/),
      fc.date({ noInvalidDate: true }).map((date) => date.toUTCString()),
    );
    fc.assert(
      fc.property(text, fc.option(text, { nil: undefined }), text, text, (retry, date, remaining, reset) => {
        const headers = {
          "retry-after": retry,
          ...(date !== undefined && { date }),
          "x-ratelimit-remaining": remaining,
          "x-ratelimit-reset": reset,
        };
        const wait = requestedWait(reply(429, headers), () => now);

        expect(wait === undefined || (Number.isFinite(wait) && wait >= 0)).toBe(true);
      }),
    );
  });

  test("of any number of seconds, in either form, is that number", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 9_999_999_999 }),
        fc.date({ min: new Date(0), max: new Date("2100-01-01"), noInvalidDate: true }),
        (seconds, sent) => {
          const until = new Date(Math.floor(sent.getTime() / 1000) * 1000 + (seconds % 1e9) * 1000);
          const dated = { "retry-after": until.toUTCString(), date: sent.toUTCString() };

          expect(requestedWait(reply(429, { "retry-after": `${seconds}` }), () => now)).toBe(seconds * 1000);
          if (until.getUTCFullYear() < 10_000)
            expect(requestedWait(reply(429, dated), () => now)).toBe((seconds % 1e9) * 1000);
        },
      ),
    );
  });
});

describe("a wait", () => {
  const status = fc.constantFrom(403, 408, 429, 500, 503);
  const header = fc.record({ "retry-after": fc.stringMatching(/^\d{1,10}$/) }, { requiredKeys: [] });

  test("is never longer than the time that is left, nor than a timer can be", () => {
    fc.assert(
      fc.property(
        status,
        header,
        fc.integer({ min: 1, max: 86_400_000 }),
        fc.integer({ min: 1, max: 40 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (given, headers, left, number, chance) => {
          for (const verdict of [
            after(reply(given, headers), { left, number, random: () => chance }),
            afterFailure("ECONNREFUSED", attempt({ left, number, random: () => chance })),
          ]) {
            const wait = "again" in verdict ? verdict.again : 0;

            expect(wait).toBeGreaterThanOrEqual(0);
            expect(wait).toBeLessThanOrEqual(left);
            expect(wait).toBeLessThan(2 ** 31);
          }
        },
      ),
    );
  });

  test("grows, by chance, to ten seconds at most", () => {
    const most = (number: number): unknown => afterFailure("ECONNREFUSED", attempt({ number, random: () => 0.999999 }));

    expect(afterFailure("ECONNREFUSED", attempt({ random: () => 0 }))).toMatchObject({ again: 0 });
    expect(most(1)).toMatchObject({ again: expect.closeTo(1000, -1) });
    expect(most(3)).toMatchObject({ again: expect.closeTo(4000, -1) });
    for (const number of [5, 50, 5000]) expect(most(number)).toMatchObject({ again: expect.closeTo(10_000, -2) });
  });

  test("never goes on without end just before the deadline", () => {
    for (let left = 0; left <= 1000; left += 10)
      expect(afterFailure("ECONNREFUSED", attempt({ left }))).toEqual({ giveUp: undefined });
  });
});

describe("after a failure below HTTP", () => {
  const tries = (code: string, changes = true): number =>
    Array.from({ length: 60 }, (_, at) => at + 1).findIndex(
      (number) => "giveUp" in afterFailure(code, attempt({ number, changes })),
    ) + 1;

  test.each(["ECONNRESET", "EPIPE", "UND_ERR_SOCKET", "CUT"])("%s a look is made again until the deadline", (code) => {
    expect(tries(code, false)).toBe(0);
  });

  test.each([
    ["ECONNREFUSED", 0],
    ["EHOSTUNREACH", 0],
    ["EAI_AGAIN", 0],
    ["UND_ERR_CONNECT_TIMEOUT", 0],
    ["TIMEOUT", 0],
    ["PROXY_BUSY", 0],
    ["ENOTFOUND", 5],
    ["ECONNRESET", 5],
    ["EPIPE", 5],
    ["UND_ERR_SOCKET", 5],
    ["CUT", 5],
    ["BAD_JSON", 3],
    ["HTTPParserError", 2],
    ["DEPTH_ZERO_SELF_SIGNED_CERT", 1],
    ["CERT_HAS_EXPIRED", 1],
    ["ERR_TLS_CERT_ALTNAME_INVALID", 1],
    ["TOO_LARGE", 1],
    ["PROXY", 1],
    ["SOMETHING_NEW", 1],
  ])("%s it is given up on at try %i, where 0 is the deadline's business", (code, number) => {
    expect(tries(code)).toBe(number);
  });
});
