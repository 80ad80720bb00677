import { describe, expect, test } from "@jest/globals";
import { type Asked, classify, type Classified } from "../../src/engine/reply.ts";
import { pick } from "../../src/engine/template.ts";
import type { Call, Json, Reply } from "../../src/provider.ts";
import { gitlab } from "../../src/providers/gitlab.ts";
import { jenkins } from "../../src/providers/jenkins.ts";

const reply = (status: number, body?: Json, headers: Record<string, string> = {}, html?: string): Reply => ({
  status,
  headers,
  body,
  ...(html !== undefined && { html }),
});
const said = (given: Reply): string => classify(given, undefined, gitlab).said;

describe("the server's own words", () => {
  test.each([
    [
      { error: { message: "Bad request", detail: "The pipeline is already completed." } },
      "400: Bad request: The pipeline is already completed",
    ],
    [{ error: { message: "Bad request", detail: "Bad request" } }, "400: Bad request"],
    [{ error: { message: "Bad request", detail: { uuid: ["no"] } } }, "400: Bad request"],
    [
      { errors: [{ status: "409", title: "transition not allowed", detail: "The run is over" }] },
      "400: transition not allowed: The run is over",
    ],
    [{ errors: ["unauthorized"] }, "400: unauthorized"],
    [{ message: "Validation Failed", errors: [{ message: "No such run" }] }, "400: Validation Failed: No such run"],
    [{ message: { base: ["is not cancelable"] } }, "400: is not cancelable"],
    [{ message: "", error_msg: "gone" }, "400: gone"],
    [
      "<ErrorResponse><Error><Code>ValidationError</Code><Message>1 &lt; 2 is wrong</Message></Error></ErrorResponse>",
      "400: ValidationError: 1 < 2 is wrong",
    ],
    [
      "<Error>\n<Code>ExpiredToken</Code>\n<Message><![CDATA[The token <x> [1] has expired]]></Message></Error>",
      "400: ExpiredToken: The token <x> [1] has expired",
    ],
    ["<Error><Code>AccessDenied</Code></Error>", "400: AccessDenied"],
    ["no such run", "400: no such run"],
  ])("of %j", (body, words) => {
    expect(said(reply(400, body))).toBe(words);
  });

  test.each([
    ["<html><title>Error 403 No valid crumb &amp; more</title>", "403: Error 403 No valid crumb & more"],
    ["<html><title>403 Forbidden</title>", "403 Forbidden"],
    ["<html><h1>no title</h1>", "403"],
  ])("of the page %s", (html, words) => {
    expect(said(reply(403, undefined, {}, html))).toBe(words);
  });

  test.each(["Jenkins", "Jenkins Login [Jenkins]", "Oops!", "Oops! [Jenkins]"])(
    "are not Jenkins' title %s",
    (title) => {
      expect(classify(reply(500, undefined, {}, `<title>${title}</title>`), undefined, jenkins).said).toBe("500");
    },
  );
});

describe("a proxy's answer is named so", () => {
  const page = "<html><title>Denied</title>";

  test.each([
    [reply(407), "407 (says a proxy, not GitLab CI/CD)"],
    [
      reply(502, undefined, { "proxy-status": "edge1.example; error=connection_refused" }),
      "502 (says the proxy edge1.example, not GitLab CI/CD)",
    ],
    [
      reply(400, undefined, { via: "1.1 squid.acme (squid/6.1)" }, page),
      "400: Denied (says the proxy squid.acme, not GitLab CI/CD)",
    ],
    [
      reply(503, undefined, { "x-squid-error": "ERR_CONNECT_FAIL 111" }, page),
      "503: Denied (says a proxy, not GitLab CI/CD)",
    ],
  ])("%#", (given, words) => {
    expect(said(given)).toBe(words);
  });

  test("and what it only passed on is not", () => {
    expect(said(reply(404, { message: "404 Not found" }, { via: "1.1 squid.acme" }))).toBe("404 Not found");
    expect(said(reply(200, {}, { "proxy-status": "edge1.example" }))).toBe("200");
  });
});

describe("a redirect that the vendor answers as normal", () => {
  const stop = (location: string, call: Partial<Call> = { okLocation: "parent" }): Classified["kind"] => {
    const asked: Asked = {
      url: new URL("https://ci.example.com/jenkins/job/a%20b/20/stop"),
      server: "https://ci.example.com/jenkins",
    };
    return classify(reply(302, undefined, { location }), { route: "POST /x", okStatus: [302], ...call }, jenkins, asked)
      .kind;
  };

  test.each([
    ["https://ci.example.com/jenkins/job/a%20b/20/", "ok"],
    ["/jenkins/job/a%20b/20/", "ok"],
    [".", "ok"],
    ["http://10.0.0.7:8080/jenkins/job/a b/20/", "ok"],
    ["https://ci.example.com/jenkins/login?from=%2Fjob%2Fa%2F20%2F", "denied"],
    ["https://ci.example.com/jenkins/securityRealm/commenceLogin", "denied"],
    ["https://login.example.com/", "denied"],
    ["https://ci.example.com/jenkins/", "refused"],
    ["https://ci.example.com/jenkins/job/a%20b/20/stop", "refused"],
    ["https://ci.example.com/jenkins/job/a%20b/21/", "refused"],
    ["https://other.example.com/404", "refused"],
    ["http://[", "refused"],
    ["", "refused"],
  ])("to the page of the build: %s is %s", (location, kind) => {
    expect(stop(location)).toBe(kind);
  });

  test.each([
    ["https://ci.example.com/jenkins/queue/", "ok"],
    ["/jenkins", "ok"],
    ["/jenkins/login", "denied"],
    ["/jenkinsx", "refused"],
    ["/", "refused"],
    ["https://other.example.com/jenkins/queue/", "refused"],
  ])("below the server: %s is %s", (location, kind) => {
    expect(stop(location, {})).toBe(kind);
  });
});

test.each([
  [gitlab, "refused"],
  [jenkins, "not-found"],
])("an HTML 404 or 410 of %#: only Jenkins' own is about the run", (provider, kind) => {
  for (const status of [404, 410]) {
    const page = "<html><title>Not Found</title>";
    expect(classify(reply(status, undefined, {}, page), undefined, provider).kind).toBe(kind);
    expect(classify(reply(status), undefined, provider).kind).toBe("not-found");
    expect(classify(reply(status, "404 page not found"), undefined, provider).kind).toBe("not-found");
  }
});

test("an empty string is not there, wherever it is", () => {
  const body = { conclusion: "", status: "running", head: { branch: "" }, none: null, zero: 0, no: false };

  expect(pick(["conclusion", "status"], body)).toBe("running");
  expect(pick("head.branch", body)).toBeUndefined();
  expect(pick(({ conclusion }: Json) => conclusion as string, body)).toBeUndefined();
  expect([pick("zero", body), pick("no", body), pick("none", body)]).toEqual([0, false, undefined]);
});
