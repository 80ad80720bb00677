/** I: input and text from people who want more than they say. */
import assert from "node:assert/strict";
import { providers } from "../../src/providers/all.ts";
import { formOf } from "../../src/auth/index.ts";
import { atEnd, githubToken, type HostName, hosts, program, readable, said } from "../support/program.ts";
import {
  canary,
  github,
  gitlab,
  gorules,
  goRulesProject,
  goRulesRun,
  hostileNames,
  secret,
  Server,
} from "../support/servers.ts";
import { always, answer, type Cases, faulty, job, jobInputs, play, run } from "./trial.ts";

/** Wrong input: exit 2, and no server hears of it. */
const wrong = (
  host: HostName,
  inputs: (server: Server) => Readonly<Record<string, string>>,
  says: RegExp,
  more: { readonly env?: Readonly<Record<string, string>>; readonly args?: readonly string[] } = {},
): (() => Promise<void>) =>
  play(async () => {
    const server = await gitlab();
    const result = await program({ host, inputs: inputs(server), timeout: undefined, ...more } as Parameters<
      typeof program
    >[0]);

    assert.deepEqual([result.exit, result.requests], [2, []], said(result));
    assert.match(said(result), says);
  });

// Every id of every target of every vendor, with values that would lead elsewhere.
const elsewhere = ["../../x", "%2e%2e%2fx", "1?x=1#f", "１２３", "1\r\nx: y"];
const ids = [...providers].flatMap(([key, provider]) =>
  Object.entries(provider.targets).flatMap(([name, target]) =>
    Object.keys(target.ids).map((id, at) => ({
      key,
      provider,
      name,
      target,
      id,
      values: [elsewhere[at % elsewhere.length]!, elsewhere[(at + 2) % elsewhere.length]!],
    })),
  ),
);

/** All hostile names as names, branches and messages of jobs. */
const onStage = (host: HostName): Promise<Awaited<ReturnType<typeof program>>> =>
  (async () => {
    const numbers = hostileNames.map((_, at) => `${at + 1}`);
    const server = await gitlab({
      jobs: Object.fromEntries(
        numbers.map((id, at) => [id, { name: hostileNames[at]!, ref: hostileNames[at]!, page: hostileNames[at]! }]),
      ),
    });
    for (const [at, message] of hostileNames.entries())
      if (at % 2 === 0) faulty(server, new RegExp(`^POST .*/${at + 1}/cancel$`), always(answer(403, { message })));
    return await program({
      host,
      inputs: { ...jobInputs(server), "job-id": numbers.join(), reason: hostileNames.join(" ") },
    });
  })();

const metadata = [
  "http://169.254.169.254",
  "https://169.254.169.254/latest",
  "http://2852039166",
  "http://0xa9fea9fe",
  "http://0251.0376.0251.0376",
  "http://169.254.169.254.",
  "http://[::ffff:169.254.169.254]",
  "http://[::ffff:a9fe:a9fe]",
  "http://[::a9fe:a9fe]",
  "http://[64:ff9b::a9fe:a9fe]",
  "http://[fe80::1]",
  "http://[fd00:ec2::254]",
  "http://metadata.google.internal",
  "http://METADATA.google.internal.",
  "http://100.100.100.200",
  "http://168.63.129.16",
  "http://2822734096",
  "http://192.0.0.192",
  "http://[fd20:ce::254]",
  "http://[fd00:42::42]",
  "http://[::ffff:168.63.129.16]",
  "http://[::ffff:0:a9fe:a9fe]",
  "http://[64:ff9b::6464:64c8]",
  "http://[64:ff9b:1::a9fe:a9fe]",
  "http://[2002:a9fe:a9fe::1]",
  "http://[2001::5601:5601]",
  "http://metadata.goog",
];

export const hostile: Cases = {
  I1: [
    ...[`${canary}\n${canary}`, `${canary}\r\nx-evil: ${canary}`, `a\r${canary}`].map((token, at) => ({
      name: `a token with a line break (${at + 1}) is refused, and not shown`,
      ...(at === 1 && { quick: true as const }),
      play: wrong(hosts[at % hosts.length]!, (server) => ({ ...jobInputs(server), token }), /contains a line break/),
    })),
    ...[`${canary}\t`, `${canary}\t${canary}`, `${canary}…`, `${canary}\u00e9`, `${canary}\u007f`]
      .slice(1)
      .map((token, at) => ({
        name: `a token with a character that no token has (${at + 1}) is refused, and not shown`,
        play: wrong(
          hosts[at % hosts.length]!,
          (server) => ({ ...jobInputs(server), token }),
          /a character that no credential has/,
        ),
      })),
    {
      name: "a token in the environment is checked, too",
      play: wrong("terminal", (server) => ({ ...jobInputs(server), token: "" }), /GITLAB_TOKEN contains a line break/, {
        env: { GITLAB_TOKEN: `${canary}\n${canary}` },
      }),
    },
    ...hosts.map((host) => ({
      name: `white space around a token is nothing, on ${host}`,
      play: job({
        host,
        exit: 0,
        outcome: "cancelled",
        inputs: { token: ` ${canary}\r\n` },
        requests: "look cancel look*2",
      }),
    })),
  ],
  I2: [
    ...ids.map(({ key, provider, name, target, id, values }) => ({
      name: `${key} ${name}: ${id} that leads elsewhere is refused, and nothing is sent`,
      play: play(async () => {
        const server = await gitlab();
        const credentials = formOf(provider.auth[0]!).needs.map((one) => [one, secret(one)]);
        const good = Object.entries(target.ids).filter(([, { optional }]) => !optional);
        for (const value of values) {
          const result = await program({
            host: "gitlab",
            time: "wall",
            inputs: {
              provider: key,
              "server-url": server.url,
              ...(provider.server.region && { region: provider.server.region.example }),
              ...Object.fromEntries(credentials),
              ...Object.fromEntries(good.map(([other, { example }]) => [other, example])),
              [id]: value,
            },
          });
          // A Jenkins job may be called anything: its name is then one segment, in which nothing has a meaning.
          const asOne =
            key === "jenkins" &&
            id === "job" &&
            result.requests.every((line) => line.startsWith(`GET /job/${encodeURIComponent(value)}/`));
          if (!asOne) assert.deepEqual([result.exit, result.requests], [2, []], `${value}: ${said(result)}`);
        }
      }),
    })),
    ...[
      "..",
      ".",
      "4711/cancel",
      "4711%2fcancel",
      "4711\u0000",
      "0",
      "-1",
      "1e3",
      "0x10",
      " ",
      "4711;x",
      "{job-id}",
      "$(id)",
    ]
      .filter((id) => !id.includes("\u0000"))
      .map((id) => ({
        name: `the job id ${JSON.stringify(id)} is refused`,
        play: wrong("terminal", (server) => ({ ...jobInputs(server), "job-id": id }), /job-id/),
      })),
    {
      name: "a page's address with dots in it, plain or encoded, reaches no other path",
      play: play(async () => {
        const server = await gitlab();
        for (const path of [
          "/platform/deploy/-/jobs/../../../x/-/jobs/4711",
          "/platform/%2e%2e/x/-/jobs/4711",
          "/platform%2F..%2Fdeploy/-/jobs/4711",
          "/platform/deploy/-/jobs/4711%2F..%2F12",
        ]) {
          const result = await program({
            host: "terminal",
            args: [`${server.url}${path}`, "--server-url", server.url],
            env: { CANCEL_RUN_TOKEN: canary },
          });
          for (const { path: asked } of server.requests)
            assert.match(asked, /^\/api\/v4\/projects\/(?:[\w.-]+%2F)+[\w.-]+\/jobs\/\d+(?:\/cancel)?$/);
          for (const { path: asked } of server.requests) assert(!asked.includes(".."), asked);
          assert.notEqual(result.exit, 0);
        }
      }),
    },
  ],
  I3: [
    {
      name: "an id beyond 2^53 stays what it is, in paths, reports and replies",
      quick: true,
      play: play(async () => {
        const id = "12345678901234567891";
        const server = await gitlab({ jobs: { [id]: {} } });
        server.wire(/^GET/, (response, vendor) => {
          const { status, body } = vendor();
          response.writeHead(status, { "content-type": "application/json" });
          response.end(JSON.stringify(body).replace(/"id":[\d.e+]+/, `"id":${id}`));
        });
        const trial = await run({ host: "terminal", inputs: { ...jobInputs(server), "job-id": id } });

        assert.equal(trial.exit, 0, said(trial));
        for (const { path } of server.requests) assert(path.includes(`/${id}`), path);
        assert.deepEqual(trial.report?.runs[0]?.["ids"], { project: "platform/deploy", "job-id": id });
      }),
    },
    {
      name: "an id beyond 2^53 in a list is cancelled, and not its neighbour",
      play: play(async () => {
        const id = "12345678901234567891";
        const server = await Server.listen(({ method, path }) => {
          const over = server.only(/^POST/).length > 0;
          const one = `{"id":${id},"ref":"main","status":"${over ? "canceled" : "running"}"}`;
          if (method === "POST") return { status: 200, body: one };
          if (path.includes("/tags/")) return { status: 404, body: {} };
          return {
            status: 200,
            body: path.includes("/pipelines?") ? (path.includes("status=running") ? `[${one}]` : "[]") : one,
          };
        });
        const trial = await run({
          host: "terminal",
          inputs: {
            provider: "gitlab",
            project: "platform/deploy",
            branch: "main",
            "server-url": server.url,
            token: canary,
          },
        });

        assert.equal(trial.exit, 0, said(trial));
        assert.deepEqual(
          server.only(/^POST/).map(({ path }) => path),
          [`/api/v4/projects/platform%2Fdeploy/pipelines/${id}/cancel`],
        );
      }),
    },
  ],
  I4: [
    {
      name: "a project's path is one segment, encoded once",
      play: job({
        exit: 0,
        outcome: "cancelled",
        inputs: { project: "platform/deploy" },
        requests: "look cancel look*2",
      }),
    },
    ...[
      "../deploy",
      "platform/..",
      "a/../b",
      "/platform/deploy",
      "platform//deploy",
      "platform%2Fdeploy",
      "platform/deploy?x",
      "platform\\deploy",
      "a/b/.",
    ].map((project) => ({
      name: `the project ${project} is refused`,
      play: wrong("terminal", (server) => ({ ...jobInputs(server), project }), /project/),
    })),
    ...["acme", "acme/shop/x", "../shop", "acme/..", "acme/shop?x", "acme/%2e%2e"].map((repository) => ({
      name: `the repository ${repository} is refused`,
      play: wrong(
        "terminal",
        ({ url }) => ({ provider: "github", repository, "run-id": "5", "server-url": url, token: canary }),
        /repository/,
      ),
    })),
  ],
  I5: [
    {
      name: "names, branches, pages, messages and reasons command nothing, in either form",
      play: play(async () => {
        const { commands, exit } = await onStage("github");

        assert.equal(exit, 4);
        for (const { name, properties } of commands) {
          assert.equal(name, "error");
          assert.match(properties["title"] ?? "", /^cancel-run: \w/);
          assert.deepEqual(Object.keys(properties), ["title"]);
        }
      }),
    },
    {
      name: "nor does wrong input, which is quoted",
      play: play(async () => {
        for (const id of hostileNames) {
          const { exit, commands } = await program({
            host: "github",
            time: "wall",
            inputs: { provider: "gitlab", project: "a/b", "job-id": id, token: canary },
          });
          assert.equal(exit, 2);
          assert.deepEqual(
            commands.map(({ name, properties }) => [name, properties["title"]]),
            [["error", "cancel-run: invalid input"]],
          );
        }
      }),
    },
    {
      name: "nor do a server's words for what went wrong",
      play: play(async () => {
        for (const title of hostileNames) {
          const server = await gitlab();
          faulty(
            server,
            /./,
            always(
              answer(200, `<title>${title}</title>`, { "content-type": `text/html; ${title.replace(/[^ -~]/g, "")}` }),
            ),
          );
          const { exit, commands } = await program({ host: "github", inputs: jobInputs(server) });
          assert.equal(exit, 1);
          assert.deepEqual(
            commands.map(({ name }) => name),
            ["error"],
          );
        }
      }),
    },
  ],
  I6: [
    {
      name: "no text becomes an output, whatever it holds",
      play: play(async () => {
        const { outputs } = await onStage("github");

        assert.deepEqual(Object.keys(outputs), ["outcome", "cancelled", "state", "url", "runs"]);
        assert.equal(outputs["outcome"], "mixed");
        assert.equal((JSON.parse(outputs["runs"] ?? "") as unknown[]).length, hostileNames.length);
      }),
    },
  ],
  I7: [
    {
      name: "the dotenv report holds our variables, and each as GitLab takes it",
      play: play(async () => {
        // `program` reads the report by GitLab's rules.
        const { dotenv } = await onStage("gitlab");

        assert.deepEqual(Object.keys(dotenv), [
          "CANCEL_RUN_OUTCOME",
          "CANCEL_RUN_CANCELLED",
          "CANCEL_RUN_STATE",
          "CANCEL_RUN_PAGE",
        ]);
      }),
    },
    ...[
      "http://127.0.0.1/$CI_JOB_TOKEN",
      "http://127.0.0.1/`id`",
      'http://127.0.0.1/"',
      "http://127.0.0.1/a\nPATH=/evil",
      "http://127.0.0.1/' x",
    ].map((page) => ({
      name: `a page of ${JSON.stringify(page)} is no variable`,
      play: play(async () => {
        const server = await gitlab({ jobs: { "4711": { page } } });
        const { exit, dotenv } = await program({ host: "gitlab", inputs: jobInputs(server) });

        assert.equal(exit, 0);
        assert.match(dotenv["CANCEL_RUN_PAGE"] ?? "", /^(?:http:\/\/127\.0\.0\.1[\w:/.%-]*)?$/);
      }),
    })),
  ],
  I8: [
    {
      name: "in the step summary there are our tags and no others, and links to the server only",
      play: play(async () => {
        const { summary } = await onStage("github");

        const tags = new Set(summary.match(/<\/?[^\s>]+/g)?.map((tag) => tag.replace(/^<\/?/, "")));
        for (const tag of tags)
          assert(
            ["table", "tr", "th", "td", "strong", "code", "a", "p", "h3", "details", "summary"].includes(tag),
            tag,
          );
        for (const link of summary.match(/(?<=href=")[^"]*/g) ?? [])
          assert.match(link, /^http:\/\/127\.0\.0\.1:\d+\/platform\/deploy\/-\/jobs\/\d+$/);
        for (const text of summary.match(/[`|@]/g) ?? []) assert.fail(text);
        assert(!summary.trimEnd().includes("\n"), "a blank line would end the HTML");
      }),
    },
  ],
  I9: [
    ...hosts.map((host) => ({
      name: `nothing steers the log's reader, on ${host}`,
      play: play(async () => {
        const result = await onStage(host);

        // Sections and colors of our own are taken out first; whoever forges one would forge it within a line.
        const log = host === "gitlab" ? readable(said(result)) : said(result);
        assert.doesNotMatch(log.replaceAll("\n", ""), /[\p{Cc}\u061c\u2028\u2029\u202a-\u202e\u2066-\u2069]/u);
        assert.doesNotMatch(said(result), /^section_(?:start|end):/m);
      }),
    })),
  ],
  I10: [
    ...metadata.map((url, at) => ({
      name: `a metadata service as server, ${url}, is refused, with allow-http as well`,
      ...(at === 0 && { quick: true as const }),
      play: wrong(
        hosts[at % hosts.length]!,
        () => ({ ...jobInputs({ url }), "allow-http": "true" }),
        /link-local or metadata/,
      ),
    })),
    ...[
      ["http://gitlab.invalid", /in the open/],
      ["http://10.0.0.1", /in the open/],
      ["http://0.0.0.0", /in the open/],
      ["http://localhost.evil.example", /in the open/],
      ["http://127.0.0.1.evil.example", /in the open/],
      ["https://user:pass@gitlab.invalid", /without user name and password/],
      ["https://gitlab.invalid/?x", /without \? and #/],
      ["https://gitlab.invalid/#x", /without \? and #/],
      ["ftp://gitlab.invalid", /an https address/],
      ["file:///etc/passwd", /an https address|an address such as/],
      ["javascript://x", /an https address|an address such as/],
    ].map(([url = "", says]) => ({
      name: `the server ${String(url)} is refused`,
      play: wrong("terminal", () => jobInputs({ url: String(url) }), says as RegExp),
    })),
    {
      name: "a token of the environment goes to no host that merely stands in an address",
      play: wrong(
        "gitlab",
        ({ url }) => ({ url: `${url}/platform/deploy/-/jobs/4711` }),
        /GITLAB_TOKEN from the environment may not go to/,
        { env: { GITLAB_TOKEN: canary } },
      ),
    },
    ...hosts.map((host) => ({
      name: `an input's token goes to no host that merely stands in an address, on ${host}`,
      play: play(async () => {
        const server = await gitlab();
        const url = `${server.url}/platform/deploy/-/jobs/4711`;
        const result = await program({ host, inputs: { url, token: canary } });
        const line = { github: "server-url:", gitlab: "CANCEL_RUN_SERVER_URL:", terminal: "--server-url" }[host];

        assert.deepEqual([result.exit, result.requests], [2, []], said(result));
        assert(said(result).includes(`if that is your server, add`), said(result));
        assert(said(result).includes(`${line} ${server.url}`), said(result));
      }),
    })),
    {
      name: "the job's own token goes to no other server, named by address",
      play: wrong("github", ({ url }) => ({ url: `${url}/acme/shop/actions/runs/5` }), /no credential for/),
    },
    {
      name: "nor to one named by `server-url`",
      play: wrong(
        "github",
        ({ url }) => ({ provider: "github", repository: "acme/shop", "run-id": "5", "server-url": url }),
        /no credential for/,
      ),
    },
    {
      name: "nor by a variable that a runner has put it into",
      play: wrong(
        "github",
        ({ url }) => ({ provider: "github", repository: "acme/shop", "run-id": "5", "server-url": url }),
        /no credential for/,
        {
          env: {
            FORGEJO_ACTIONS: "true",
            GITHUB_SERVER_URL: "https://forgejo.example.com",
            GITHUB_API_URL: "https://forgejo.example.com/api/v1",
            FORGEJO_TOKEN: githubToken,
            GITHUB_TOKEN: githubToken,
          },
        },
      ),
    },
    {
      name: "nor to another vendor",
      play: wrong("github", ({ url }) => ({ ...jobInputs({ url }), token: "" }), /no credential for/),
    },
    {
      name: "it goes to the server that the job runs on",
      play: play(async () => {
        const server = await github({ runs: { "5": {} }, token: githubToken });
        const { exit } = await program({ host: "github", on: server, inputs: { provider: "github", "run-id": "5" } });

        assert.equal(exit, 0);
      }),
    },
    {
      name: "an input's token on two servers is refused",
      play: wrong(
        "terminal",
        ({ url }) => ({ url: `${url}/a/b/-/jobs/1 http://127.0.0.1:9/a/b/-/jobs/1`, token: canary }),
        /one step per server/,
      ),
    },
  ],
  I11: [
    ...hosts.flatMap((host) =>
      [400, 401, 403, 404, 409, 429, 500].map((status) => ({
        name: `a server that repeats the token in a ${status}: not in the log, nor anywhere, on ${host}`,
        ...(host === "github" && status === 401 && { quick: true as const }),
        play: play(async () => {
          const server = await gitlab();
          const words = `bad token ${canary} (${encodeURIComponent(canary)}, ${Buffer.from(canary).toString("base64")})`;
          faulty(
            server,
            /./,
            always(
              answer(
                status,
                { message: words, error: words },
                { "x-echo": encodeURIComponent(canary), "retry-after": "86400" },
              ),
            ),
          );
          const { exit } = await program({ host, inputs: { ...jobInputs(server), timeout: "10s" } });

          assert.notEqual(exit, 0);
        }),
      })),
    ),
    {
      name: "a message that is cut in the middle of the token shows no part of it",
      play: play(async () => {
        for (const before of [190, 180, 290]) {
          const server = await gitlab();
          faulty(server, /./, always(answer(400, { message: `${"x".repeat(before)}${canary}` })));
          const result = await program({ host: "github", inputs: jobInputs(server) });

          assert.doesNotMatch(said(result), new RegExp(canary.slice(0, 6).replaceAll("+", "\\+")));
        }
      }),
    },
    // Somebody who names runs and reads the log, and has guessed so much of the token, rightly or not.
    ...[
      ["with a mark of a cut behind it", (guess: string) => `${guess}… ${guess}… …`],
      ["at the place where we cut", (guess: string) => `${"x".repeat(299 - guess.length)}${guess}${"y".repeat(50)}`],
      [
        "where a pattern sees no further",
        (guess: string) => `${" ".repeat(10_000 - guess.length)}${guess}${"y".repeat(50)}`,
      ],
    ].map(([where, name]) => ({
      name: `a guess at the token, ${where as string}, is shown as any other text is`,
      play: play(async () => {
        for (const host of hosts) {
          const seen = [];
          for (const guess of [canary.slice(0, 8), canary.slice(0, 8).replace("Y", "X")]) {
            const server = await gitlab({ jobs: { "4711": { name: (name as (guess: string) => string)(guess) } } });
            faulty(server, /^POST /, always(answer(403, { message: (name as (guess: string) => string)(guess) })));
            const { report, stdout, stderr } = await program({ host, inputs: jobInputs(server) });
            const all = JSON.stringify([report, readable(stdout), stderr])
              .replaceAll(server.url, "")
              .replace(/seconds[\\":]+[\d.]+/g, "");
            seen.push(all.replaceAll(guess, "GUESS"));
          }
          assert.equal(seen[0], seen[1]);
          assert.doesNotMatch(seen[0] ?? "", /\*\*\*/);
        }
      }),
    })),
    {
      name: "a page's title that is cut, anywhere, shows no part of the token",
      play: play(async () => {
        for (const before of [75, 9_990, 9_960]) {
          const server = await gitlab();
          const title =
            before < 100
              ? `<title>${"x".repeat(before)}${canary} and more`
              : `${" ".repeat(before - 7)}<title>${canary}`;
          faulty(
            server,
            /./,
            always(answer(200, `${title}${"y".repeat(100)}</title>`, { "content-type": "text/html" })),
          );
          const result = await program({ host: "github", inputs: jobInputs(server) });

          assert.doesNotMatch(said(result), new RegExp(canary.slice(0, 4)), said(result));
        }
      }),
    },
    ...hosts.flatMap((host) =>
      Object.entries({
        "in HTML": `<b>${canary.replaceAll("&", "&amp;")}</b>`,
        "in JSON inside a text": `{\\"t\\":\\"${canary.replaceAll("/", "\\\\/")}`,
        "in an address, in small letters": encodeURIComponent(canary).replace(/%../g, (code) => code.toLowerCase()),
        "in base64 with a name": Buffer.from(`ci-bot:${canary}`).toString("base64"),
        "in base64 without its equals signs": Buffer.from(`x:${canary}`).toString("base64url"),
        "with an escape in the middle": `${canary.slice(0, 9)}\u001b[0m${canary.slice(9)}`,
      }).map(([spelling, words]) => ({
        name: `a token that comes back ${spelling}, as name, branch and message, on ${host}`,
        play: play(async () => {
          const server = await gitlab({ jobs: { "4711": { name: words, ref: words } } });
          faulty(server, /^POST /, always(answer(403, { message: `no: ${words}` })));
          // `program` looks for the secret in every byte that is left.
          const { exit } = await program({ host, inputs: jobInputs(server) });

          assert.equal(exit, 4);
        }),
      })),
    ),
    ...hosts.map((host) => ({
      name: `a credential that is not used is as secret as the one that is, on ${host}`,
      play: play(async () => {
        const server = await gitlab({ jobs: { "4711": { name: `deploy ${canary}-unused` } } });
        const { exit, report } = await program({
          host,
          env: { NETLIFY_AUTH_TOKEN: `${canary}-unused` },
          inputs: { ...jobInputs(server), token: "glpat-another", "dry-run": "true" },
        });

        // The stand-in takes the canary only.
        assert.equal(exit, 4, JSON.stringify(report));
      }),
    })),
    {
      name: "wrong usage is not said before the secrets are known",
      play: play(async () => {
        for (const args of [[`--${canary}`], [`-${canary}`], ["--provider", canary], [`https://x.example/${canary}`]]) {
          const result = await program({ host: "terminal", args, env: { CANCEL_RUN_TOKEN: canary } });
          assert.equal(result.exit, 2, said(result));
        }
        for (const host of ["github", "gitlab"] as const) {
          const result = await program({ host, env: { GITLAB_TOKEN: canary }, inputs: { provider: canary } });
          assert.equal(result.exit, 2, said(result));
          assert.match(said(result), /\*\*\*/);
        }
      }),
    },
    {
      name: "a secret that is a word of ours breaks no output",
      play: play(async () => {
        for (const host of hosts) {
          const server = await gitlab();
          const { exit, report } = await program({
            host,
            env: { NETLIFY_AUTH_TOKEN: "outcome", BITBUCKET_TOKEN: "true" },
            inputs: jobInputs(server),
          });
          assert.deepEqual([exit, report?.outcome], [0, "cancelled"]);
        }
      }),
    },
    {
      name: "RUNNER_DEBUG and its like show nothing more",
      play: play(async () => {
        const server = await gitlab();
        const { exit } = await program({
          host: "github",
          env: { RUNNER_DEBUG: "1", ACTIONS_STEP_DEBUG: "true", DEBUG: "*" },
          inputs: jobInputs(server),
        });

        assert.equal(exit, 0);
      }),
    },
    {
      name: "a redirect whose address has the token in it",
      play: job({
        exit: 1,
        outcome: "failed",
        cancel: always(
          answer(302, "", { location: `https://gitlab.invalid/?private_token=${encodeURIComponent(canary)}` }),
        ),
        requests: "look cancel",
        says: /points to/,
      }),
    },
    {
      name: "a page whose address has the token in it",
      play: job({
        host: "gitlab",
        exit: 0,
        outcome: "cancelled",
        life: { page: `http://127.0.0.1/${encodeURIComponent(canary)}` },
        requests: "look cancel look*2",
      }),
    },
  ],
  I12: [
    ...["__proto__", "constructor", "toString", "hasOwnProperty"].map((word, at) => ({
      name: `the provider, an outcome and an option called ${word} are not known`,
      ...(at === 0 && { quick: true as const }),
      play: play(async () => {
        await wrong("github", (server) => ({ ...jobInputs(server), provider: word }), /is not accepted/)();
        await wrong("gitlab", (server) => ({ ...jobInputs(server), "fail-on": word }), /is not accepted/)();
        await wrong("terminal", () => ({}), /is not an option/, {
          args: [`--${word}`, "x"],
          env: { CANCEL_RUN_TOKEN: canary },
        })();
      }),
    })),
    {
      name: "a reply with __proto__ in it changes nothing",
      play: job({
        exit: 0,
        outcome: "cancelled",
        look: [
          answer(
            200,
            '{"__proto__":{"status":"canceled","over":true},"constructor":{"prototype":{"status":"canceled"}},"id":4711,"status":"running"}',
          ),
        ],
        requests: "look cancel look*2",
      }),
    },
  ],
  I13: [
    {
      name: "a reason is sent where the vendor takes one, as one line, cut, and nowhere else",
      play: play(async () => {
        const server = await gorules();
        const reason = `$(touch /tmp/x) \`id\` ; rm -rf / ${hostileNames.join(" ")} ${"x".repeat(5000)}`;
        const { exit, report } = await program({
          host: "terminal",
          inputs: {
            provider: "gorules",
            "project-id": goRulesProject,
            "run-id": goRulesRun,
            "server-url": server.url,
            token: canary,
            reason,
          },
        });

        assert.equal(exit, 0);
        const [post] = server.only(/^POST/);
        const { comment } = JSON.parse(post?.body ?? "") as { comment: string };
        assert.equal([...comment].length, 1000);
        assert.doesNotMatch(comment, /\p{Cc}/u);
        assert.equal(report?.runs[0]?.reason, comment);
        for (const { path, headers } of server.requests) assert(!`${path}${JSON.stringify(headers)}`.includes("touch"));
      }),
    },
    {
      name: "an empty reason is made from where we run",
      play: job({
        exit: 0,
        outcome: "cancelled",
        inputs: { reason: " \n" },
        requests: "look cancel look*2",
        check: ({ report }) => assert.match(report?.runs[0]?.reason ?? "", /^Cancelled by /),
      }),
    },
  ],
  I14: [
    {
      name: "NODE_OPTIONS belongs to who sets it, and warnings that it asks for change nothing",
      play: job({
        exit: 0,
        outcome: "cancelled",
        env: { NODE_OPTIONS: "--throw-deprecation --unhandled-rejections=strict" },
        requests: "look cancel look*2",
      }),
    },
  ],
  I15: [
    {
      name: "nothing is sent to a run whose page is another one",
      play: play(async () => {
        const { page } = await github();
        const other = await github({ runs: { "7": { page: page(3) } } });
        const trial = await program({
          host: "terminal",
          inputs: { url: other.page(7), "server-url": other.url, token: canary },
        });

        assert.deepEqual([trial.exit, trial.report?.outcome], [4, "refused"], said(trial));
        assert.deepEqual(other.only(/^POST/), []);
        assert.match(
          trial.report?.runs[0]?.detail ?? "",
          /\/actions\/runs\/3; nothing was sent, give the run by its run-id/,
        );
      }),
    },
    {
      name: "a run whose repository has another name is stopped",
      play: play(async () => {
        const { url } = await github();
        const server = await github({ runs: { "7": { page: `${url}/acme/new-name/actions/runs/7` } } });
        const trial = await program({
          host: "terminal",
          inputs: { url: server.page(7), "server-url": server.url, token: canary },
        });

        assert.deepEqual([trial.exit, trial.report?.outcome], [0, "cancelled"], said(trial));
      }),
    },
  ],
  I16: [
    {
      name: "github.com's token does not go to an Enterprise Server",
      play: wrong(
        "terminal",
        ({ url }) => ({ provider: "github", repository: "acme/shop", "run-id": "5", "server-url": url }),
        /GH_TOKEN in the environment may not go there.*GH_ENTERPRISE_TOKEN/,
        { env: { GH_TOKEN: canary } },
      ),
    },
    {
      name: "TFE_TOKEN goes to TFE_ADDRESS and to no other server",
      play: wrong(
        "terminal",
        ({ url }) => ({ provider: "terraform", "run-id": "run-CZcmD7eagjhyX0vN", "server-url": url }),
        /TFE_TOKEN in the environment may not go there/,
        { env: { TFE_TOKEN: canary, TFE_ADDRESS: "https://tfe.example.com" } },
      ),
    },
    {
      name: "a CodeArts password goes to no token service that nobody has named",
      play: wrong(
        "terminal",
        ({ url }) => ({
          provider: "codearts",
          region: "cn-north-4",
          "job-id": "a".repeat(32),
          "build-number": "20",
          "server-url": url,
          username: "deployer",
          password: canary,
          domain: "acme",
        }),
        /HUAWEICLOUD_SDK_IAM_ENDPOINT is not set/,
      ),
    },
  ],
  I17: [
    ...[
      { STATE_phase: "main", STATE_isPost: "true" },
      { STATE_saved: '{"when":"failed","dry-run":"true","job-id":"1"}', "STATE_dry-run": "true" },
    ].map((env) => ({
      name: `${Object.keys(env).join(" and ")} of an earlier step: the step does what its inputs say`,
      play: job({ host: "github", env, exit: 0, outcome: "cancelled", requests: "look cancel look*2" }),
    })),
    {
      name: "at the end of a job an input that main has not saved is not there",
      play: play(async () => {
        const server = await gitlab();
        const { "job-id": id, ...inputs } = jobInputs(server);
        const result = await program({
          host: "github",
          bundle: atEnd,
          env: { "STATE_job-id": id, STATE_saved: "{}" },
          inputs: { ...inputs, when: "unsuccessful" },
        });

        assert.deepEqual([result.exit, result.requests], [0, []], said(result));
        assert.match(said(result), /nothing to cancel/);
      }),
    },
  ],
  I18: ["--help", "-h", "--version"].flatMap((word) => [
    {
      name: `a reason of ${word} is no question: exit 2`,
      play: wrong("terminal", () => ({}), /needs a value/, {
        args: ["https://gitlab.example.com/a/b/-/jobs/1", "--reason", word],
      }),
    },
    {
      name: `a reason of ${word} in one word with its option is a reason`,
      play: job({ exit: 0, outcome: "cancelled", inputs: { reason: word }, requests: "look cancel look*2" }),
    },
  ]),
  I44: [
    { name: "in the environment", env: { AWS_REGION: "us-east-1.evil.example/x" }, at: "" },
    { name: "in an address", env: {}, at: "?region=us-east-1%2Fx" },
  ].flatMap(({ name, env, at }) =>
    [true, false].map((hasServer) => ({
      name: `a region that is none, ${name}${hasServer ? ", with server-url" : ""}: wrong usage, and nothing is sent`,
      play: wrong(
        "terminal",
        ({ url }) => ({
          ...(at === ""
            ? { provider: "aws-codepipeline", pipeline: "a", "execution-id": "3137f7cb-7cf7-4ac8-9d1c-3a2f8bb1a0a4" }
            : {
                url: `https://console.aws.amazon.com/codesuite/codepipeline/pipelines/a/executions/3137f7cb-7cf7-4ac8-9d1c-3a2f8bb1a0a4${at}`,
              }),
          ...(hasServer && { "server-url": url }),
          "access-key": "AKIAEXAMPLE",
          "secret-key": canary,
        }),
        hasServer || at === "" ? /is not a region/ : /is not a page address we recognize/,
        { env },
      ),
    })),
  ),
  I43: [
    { project: "Platform/Deploy", "pipeline-id": "1001" },
    { project: "old/place", "pipeline-id": "1001" },
    { project: "077", "pipeline-id": "1001" },
    { project: "platform/deploy", "job-id": "2002", elsewhere: true },
  ].map(({ elsewhere, ...ids }, at) => ({
    name: `${JSON.stringify(ids)}${elsewhere ? " on another host" : ""} is our own run: nothing is sent`,
    ...(at === 0 && { quick: true as const }),
    play: play(async () => {
      const server = await gitlab();
      const url = elsewhere ? server.url.replace("127.0.0.1", "localhost") : server.url;
      const on = { url: server.url, api: `${server.url}/api/v4` };
      const result = await program({
        host: "gitlab",
        on,
        inputs: { provider: "gitlab", ...ids, "server-url": url, token: canary },
      });

      assert.deepEqual([result.exit, result.requests, result.report?.outcome], [4, [], "refused"], said(result));
      assert.match(said(result), elsewhere ? /may be ours under another name/ : /this step is part of that run/);
    }),
  })),
  I42: [
    ["gitlab", "CI_API_V4_URL", "https://evil.example/api/v4", /takes the API of CI_SERVER_URL/],
    ["gitlab", "CI_SERVER_URL", "nonsense", /takes an address such as/],
    ["gitlab", "CI_SERVER_URL", "", /takes an address such as/],
    ["gitlab", "CI_SERVER_URL", "https://169.254.169.254", /link-local or metadata/],
    ["github", "GITHUB_API_URL", "https://api.github.com.evil.example", /takes the API of GITHUB_SERVER_URL/],
    ["github", "GITHUB_SERVER_URL", "github.com", /takes an address such as/],
  ].map(([host, name, value, says], at) => ({
    name: `${String(name)} is ${JSON.stringify(value)}: wrong usage, and nothing is sent`,
    ...(at === 0 && { quick: true as const }),
    play: wrong(host as HostName, jobInputs, says as RegExp, { env: { [String(name)]: String(value) } }),
  })),
  I41: ["169.254.169.254", "168.63.129.16", "192.0.0.192", "100.100.100.200"].map((address) => ({
    name: `a name that resolves to ${address}: nothing is sent`,
    ...(address === "169.254.169.254" && { quick: true as const }),
    play: job({
      at: { name: "gitlab.test" },
      dns: { "gitlab.test": [address] },
      inputs: { "allow-http": "true" },
      exit: 1,
      outcome: "failed",
      requests: "",
      says: new RegExp(`gitlab\\.test:\\d+: it is at ${address}, a link-local or metadata address; nothing was sent`),
    }),
  })),
};
