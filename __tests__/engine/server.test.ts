import { describe, expect, test } from "@jest/globals";
import { checkServer, placeAt } from "../../src/engine/server.ts";
import { UsageError } from "../../src/engine/usage.ts";
import { providers } from "../../src/providers/index.ts";
import { secret } from "../support/exchange.ts";
import { complaint } from "../support/usage.ts";

const gitlab = providers.get("gitlab")!;
const github = providers.get("github")!;
const job = { provider: "gitlab", project: "a/b", "job-id": "1", token: secret };
const check = (text: string, http = false): URL => checkServer(text, "server-url", http, "allow-http");

describe("a server's address is taken as people paste it", () => {
  test.each([
    ["https://gitlab.example.com", "https://gitlab.example.com"],
    ["https://gitlab.example.com/", "https://gitlab.example.com"],
    ["gitlab.example.com", "https://gitlab.example.com"],
    ["HTTPS://GitLab.Example.com:443", "https://gitlab.example.com"],
    ["https://gitlab.example.com/api/v4", "https://gitlab.example.com"],
    ["https://gitlab.example.com/api/v4/", "https://gitlab.example.com"],
    ["https://example.com/gitlab", "https://example.com/gitlab"],
    ["https://example.com/gitlab/api/v4//", "https://example.com/gitlab"],
    ["gitlab.example.com:8443/ci/", "https://gitlab.example.com:8443/ci"],
    ["http://localhost:8080", "http://localhost:8080"],
    ["http://127.0.0.1:3000/", "http://127.0.0.1:3000"],
    ["http://[::1]:3000", "http://[::1]:3000"],
  ])("%s is %s", (text, server) => {
    expect(placeAt(gitlab, check(text), "given")).toEqual({ server, api: `${server}/api/v4`, kind: "given" });
  });

  test.each([
    ["https://github.com", "https://github.com", "https://api.github.com"],
    ["https://octo.ghe.com", "https://octo.ghe.com", "https://api.octo.ghe.com"],
    ["https://ghes.example.com", "https://ghes.example.com", "https://ghes.example.com/api/v3"],
    ["https://ghes.example.com/api/v3/", "https://ghes.example.com", "https://ghes.example.com/api/v3"],
    ["https://gitea.example.com/api/v1", "https://gitea.example.com", "https://gitea.example.com/api/v1"],
    ["https://example.com/gitea/api/v1", "https://example.com/gitea", "https://example.com/gitea/api/v1"],
  ])("%s has its page at %s and its API at %s", (text, server, api) => {
    expect(placeAt(github, check(text), "given")).toEqual({ server, api, kind: "given" });
  });

  test("http beyond loopback is taken only when it is allowed", () => {
    expect(check("http://gitlab.internal", true).href).toBe("http://gitlab.internal/");
    expect(() => check("http://gitlab.internal")).toThrow(UsageError);
  });
});

describe("an address that no credential may go to", () => {
  test.each([
    [
      "http://gitlab.example.com",
      "https, because credentials would travel in the open; CANCEL_RUN_ALLOW_HTTP allows http",
    ],
    ["http://localhost.evil.example", "https, because credentials would travel in the open"],
    ["http://127.0.0.1.evil.example", "https, because credentials would travel in the open"],
    ["http://0.0.0.0", "https, because credentials would travel in the open"],
    ["https://gitlab.example.com?x=1", "an address without ? and #"],
    ["https://gitlab.example.com/#x", "an address without ? and #"],
    ["ftp://gitlab.example.com", "an https address"],
    ["file:///etc/passwd", "an https address"],
    ["javascript://x", "an https address"],
    ["https://", "an address such as https://"],
    ["https://a b", "an address such as https://"],
    ["https://x:99999", "an address such as https://"],
    ["https://169.254.169.254", "no link-local or metadata address"],
    ["https://2852039166", "no link-local or metadata address"],
    ["https://0xa9fea9fe", "no link-local or metadata address"],
    ["https://169.254.169.254.", "no link-local or metadata address"],
    ["https://[fe80::1]", "no link-local or metadata address"],
    ["https://[fd00:ec2::254]", "no link-local or metadata address"],
    ["https://[::ffff:169.254.169.254]", "no link-local or metadata address"],
    ["https://metadata.google.internal", "no link-local or metadata address"],
    ["https://100.100.100.200", "no link-local or metadata address"],
  ])("%s is refused by name", async (address, accepted) => {
    const line = await complaint({ ...job, "server-url": address });

    expect(line).toContain(`CANCEL_RUN_SERVER_URL: "${address}" is not accepted; it takes ${accepted}`);
  });

  test.each(["https://169.254.169.254", "https://[fe80::1]", "https://metadata.google.internal"])(
    "%s is refused even where http is allowed",
    async (address) => {
      const line = await complaint({
        ...job,
        "server-url": address.replace("https", "http"),
        "allow-http": "true",
      });

      expect(line).toContain("no link-local or metadata address");
    },
  );

  test.each([
    `https://user:${secret}@gitlab.example.com`,
    `https://${secret}@gitlab.example.com`,
    `user:${secret}@gitlab.example.com`,
    `https://user:${secret}/x@gitlab.example.com`,
    `https://user:${secret}?@gitlab.example.com`,
    `https://user:a@${secret}@gitlab.example.com`,
    `https:\\\\user:${secret}@gitlab.example.com`,
  ])("a password in it is not shown: %#", async (address) => {
    const line = await complaint({ ...job, token: "another-token", "server-url": address });

    expect(line).toMatch(/^CANCEL_RUN_SERVER_URL: ".*" is not accepted; it takes an (?:https )?address/);
    expect(line).not.toContain(secret);
  });
});
