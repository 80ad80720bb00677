/** H: what servers say that is not what it seems. */
import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { providers } from "../../src/providers/all.ts";
import { formOf } from "../../src/auth/index.ts";
import { variableName } from "../../src/engine/words.ts";
import { said } from "../support/program.ts";
import { canary, github, gitlab, secret, Server, type Wire } from "../support/servers.ts";
import {
  always,
  answer,
  assertWatched,
  bare,
  type Cases,
  doneBut,
  faulty,
  type Job,
  job,
  jobInputs,
  lines,
  play,
  run,
  text,
  times,
  vendors,
} from "./trial.ts";

const failed = { exit: 1, outcome: "failed" };
const cancelled = { exit: 0, outcome: "cancelled" };
const usual = "look cancel look*2";
const json = (body: unknown): Wire => answer(200, body);
const after = (seconds: string, status = 503): Wire => answer(status, {}, { "retry-after": seconds });
const imf = (time: number): string => new Date(time).toUTCString();
const inAnHour = Date.now() + 3_600_000;

const passing = [408, 429, 500, 502, 503, 504];
const final = [400, 404, 409, 410, 422];
const redirects = [301, 302, 303, 307, 308];

/** A GitHub run, and what its server does instead. */
const githubRun = ({
  look,
  cancel,
  life = {},
  exit,
  outcome,
  gets,
  posts,
  says,
}: Pick<Job, "look" | "cancel" | "exit" | "outcome" | "says"> & {
  readonly life?: Parameters<typeof github>[0] extends infer G
    ? G extends { runs?: Readonly<Record<string, infer R>> }
      ? R
      : never
    : never;
  readonly gets?: number;
  readonly posts: number;
}): (() => Promise<void>) =>
  play(async () => {
    const server = await github({ runs: { "5": life } });
    faulty(server, /^GET /, look);
    faulty(server, /^POST /, cancel);
    const trial = await run({
      host: "terminal",
      inputs: { provider: "github", url: server.page(5), "server-url": server.url, token: canary },
    });

    assert.deepEqual([trial.exit, trial.report?.outcome], [exit, outcome], said(trial));
    assert.equal(server.only(/^POST/).length, posts);
    if (gets !== undefined) assert.equal(server.only(/^GET/).length, gets);
    if (says) assert.match(said(trial), says);
  });

/** A second server, that hears nothing. */
const withStranger = (body: (stranger: Server) => Promise<void>): (() => Promise<void>) =>
  play(async () => {
    const stranger = await Server.listen(() => ({ status: 200, body: { status: "canceled" } }));
    await body(stranger);
    assert.deepEqual(stranger.requests, [], "another server was asked");
  });

/** Every vendor, with every kind of credential that it takes, at a server that sends every request elsewhere. */
const wanderers = [...providers].flatMap(([key, provider]) =>
  provider.auth
    // Of those that only variables have, the ones that are exchanged at the server itself.
    .filter((auth) => !formOf(auth).onlyByVariable || (auth.login !== undefined && auth.tokenServer === undefined))
    .map((auth) => {
      // One that is at the vendor's own server only cannot be asked for here.
      const [name, target] = Object.entries(provider.targets).find(([, { server }]) => typeof server !== "string")!;
      const ids = Object.entries(target.ids).filter(([, { optional }]) => !optional);
      const { needs, takes, onlyByVariable } = formOf(auth);
      const parts = [...needs, ...takes].map((one) => [one, secret(one)] as const);
      const variables = parts.map(([part, value]) => [(auth.env[part] ?? []).map(variableName)[0] ?? part, value]);
      return {
        name: `${key}, ${auth.scheme}: a ${name} at a server that sends every request elsewhere`,
        play: withStranger(async (stranger) => {
          const at = async (status: number): Promise<void> => {
            const server = await Server.listen(({ path }) => ({ status, headers: { location: stranger.url + path } }));
            const trial = await run({
              host: "terminal",
              inputs: {
                provider: key,
                "server-url": server.url,
                timeout: "20s",
                ...(provider.server.region && { region: provider.server.region.example }),
                ...Object.fromEntries(ids.map(([id, { example }]) => [id, example])),
                ...(!onlyByVariable && Object.fromEntries(parts)),
              },
              env: {
                // Where a password is exchanged for a token, if it is.
                HUAWEICLOUD_SDK_IAM_ENDPOINT: server.url,
                ...(onlyByVariable && Object.fromEntries(variables)),
              },
            });

            assert(server.requests.length > 0, said(trial));
            assert.notEqual(trial.exit, 0, said(trial));
            assert.notEqual(trial.exit, 2, said(trial));
          };
          await at(302);
          await at(307);
        }),
      };
    }),
);

export const http: Cases = {
  H1: [
    ...passing.map((status) => ({
      name: `${status} once: looks and cancels are sent again`,
      play: job({
        ...cancelled,
        look: [answer(status, {}, { "retry-after": "1" })],
        cancel: [answer(status, {}, { "retry-after": "1" })],
        requests: "look*2 cancel*2 look*2",
        waits: { 1: 1000, 3: 1000 },
      }),
    })),
    ...final.map((status) => ({
      name: `${status} to a cancel is never retried: two looks come first`,
      play: job({
        ...cancelled,
        chance: 0,
        cancel: [answer(status, { message: "no" })],
        requests: "look cancel look*2 cancel look*2",
      }),
    })),
    ...[401, 403].map((status) => ({
      name: `${status} to a cancel is never retried`,
      play: job({
        exit: 4,
        outcome: "refused",
        cancel: always(answer(status, { message: "no" })),
        requests: "look cancel",
      }),
    })),
    {
      name: "501 is never retried: the server does not know this call",
      play: job({
        ...failed,
        cancel: always(answer(501)),
        requests: "look cancel",
        says: /does not take this cancel \(501/,
      }),
    },
  ],
  H2: [
    {
      name: "500 for ever to looks: five tries, and its status in words",
      play: job({
        ...failed,
        look: always(answer(500, { message: "Internal" })),
        requests: "look*5",
        says: /the look was answered 500: Internal/,
      }),
    },
    {
      name: "500 for ever to cancels: looks go on, and its status is in the end",
      play: job({
        ...failed,
        chance: 0,
        cancel: always(answer(500, { message: "Failed to cancel workflow run" })),
        requests: "look cancel*5 look*2 cancel*5 look*2 cancel*5 look",
        says: /answered 500: Failed to cancel workflow run/,
      }),
    },
    {
      name: "500 to a cancel that was done: a look decides",
      play: job({
        ...cancelled,
        chance: 0,
        cancel: always(doneBut(answer(500))),
        requests: "look cancel*5 look*2",
      }),
    },
  ],
  H3: [
    {
      name: "429 with Retry-After: exactly so long, no jitter, and a look before the cancel is sent again",
      quick: true,
      play: job({
        ...cancelled,
        cancel: [after("45", 429), after("7", 429)],
        requests: "look cancel look cancel look cancel look*2",
        waits: { 2: 45_000, 3: 0, 4: 7000, 5: 0 },
        check: ({ report }) => assert.equal(report?.runs[0]?.["attempts"], 1),
      }),
    },
    {
      name: "429 to one of forty runs: the whole lane waits once, and nobody else has to be told",
      play: play(async () => {
        const ids = Array.from({ length: 40 }, (_, at) => `${at + 1}`);
        const server = await gitlab({ jobs: Object.fromEntries(ids.map((id) => [id, {}])) });
        faulty(server, /^GET /, [after("60", 429)]);
        const { exit, report, sent } = await run({
          host: "terminal",
          inputs: { ...jobInputs(server), "job-id": ids.join() },
        });
        const early = sent.filter(({ at }) => at < sent[0]!.at + 60_000);

        assert.deepEqual([exit, report?.outcome], [0, "cancelled"]);
        // Those that were on their way when it came, with their cancels.
        assert(early.length <= 2 * 16, `${early.length} requests before the limit was over`);
        // A run whose turn has come so late is looked at again.
        assert(sent.length <= 40 * 4 + 16, `${sent.length} requests`);
      }),
    },
    {
      name: "503 with Retry-After: exactly so long, no jitter; it may have been done, so two looks come first",
      play: job({
        ...cancelled,
        cancel: [after("45", 503)],
        requests: "look cancel look*2 cancel look*2",
        waits: { 2: 45_000 },
      }),
    },
    {
      name: "500 with Retry-After to a look, five times: the next look waits just as long",
      play: job({
        ...cancelled,
        look: [vendors, ...Array<ReturnType<typeof after>>(5).fill(after("20", 500))],
        requests: "look cancel look*7",
        waits: { 3: 20_000, 6: 20_000, 7: 20_000 },
      }),
    },
    {
      name: "Retry-After: 0 is at once",
      play: job({
        ...cancelled,
        chance: 0.99,
        cancel: [after("0")],
        requests: "look cancel*2 look*2",
        waits: { 2: 0 },
      }),
    },
    {
      name: "429 that does not say how long: a minute",
      play: job({ ...cancelled, look: [answer(429)], requests: "look*2 cancel look*2", waits: { 1: 60_000 } }),
    },
    {
      name: "a limit after the cancel that does not fit the deadline: no look comes too soon, and it is said",
      play: job({
        ...failed,
        look: [vendors, ...always(after("3600", 429))],
        requests: "look cancel look",
        says: /accepted, but it could not be confirmed.*asks to wait 3600 s/,
      }),
    },
  ],
  H4: [
    {
      name: "Retry-After as a date is read by the server's own clock, an hour ahead of ours",
      quick: true,
      play: job({
        ...cancelled,
        cancel: [answer(429, {}, { "retry-after": imf(inAnHour + 20_000), date: imf(inAnHour) })],
        requests: "look cancel look cancel look*2",
        waits: { 2: 20_000 },
      }),
    },
    {
      name: "a date that is over is now",
      play: job({
        ...cancelled,
        chance: 0.99,
        cancel: [answer(429, {}, { "retry-after": imf(inAnHour - 20_000), date: imf(inAnHour) })],
        requests: "look cancel*2 look*2",
        waits: { 2: 0 },
      }),
    },
    {
      name: "a date beyond the deadline is given up on at once, with words",
      play: job({
        ...failed,
        cancel: [answer(429, {}, { "retry-after": imf(inAnHour + 3_600_000), date: imf(inAnHour) })],
        requests: "look cancel",
        says: /asks to wait 3600 s, and only 29\d s are left/,
      }),
    },
  ],
  H5: [
    ...["301", "86400", "9999999999"].map((seconds) => ({
      name: `Retry-After: ${seconds} does not fit five minutes: given up on at once, with words`,
      play: job({
        ...failed,
        cancel: always(after(seconds, 429)),
        requests: "look cancel",
        within: 0,
        says: new RegExp(`asks to wait ${seconds} s, and only 29\\d s are left`),
      }),
    })),
    ...["1e3", "0x10", "-5", "+5", "1.5", "soon", "99999999999", ""].map((value) => ({
      name: `Retry-After: ${JSON.stringify(value)} says nothing: our own wait`,
      play: job({
        ...cancelled,
        chance: 0.5,
        cancel: [after(value)],
        requests: "look cancel*2 look*2",
        waits: { 2: [500, 1000 + 2000] },
      }),
    })),
    {
      name: "a timer never overflows: 24 hours of deadline, and a wait of 23",
      play: job({
        ...cancelled,
        inputs: { timeout: "24h" },
        cancel: [after("82800", 429)],
        requests: "look cancel look cancel look*2",
        waits: { 2: 82_800_000 },
      }),
    },
  ],
  H6: [
    {
      name: "403 with Retry-After is a limit, not a no",
      play: job({
        ...cancelled,
        cancel: [after("9", 403)],
        requests: "look cancel look cancel look*2",
        waits: { 2: 9000 },
      }),
    },
    {
      name: "403 with a spent limit waits for its end, and a second",
      play: job({
        ...cancelled,
        cancel: [
          answer(
            403,
            {},
            {
              "x-ratelimit-remaining": "0",
              "x-ratelimit-reset": `${Math.floor(inAnHour / 1000) + 30}`,
              date: imf(inAnHour),
            },
          ),
        ],
        requests: "look cancel look cancel look*2",
        waits: { 2: [30_000, 34_000] },
      }),
    },
    {
      name: "403 in the words of a secondary limit waits a minute",
      quick: true,
      play: githubRun({
        ...cancelled,
        cancel: [answer(403, { message: "You have exceeded a secondary rate limit." })],
        posts: 2,
      }),
    },
    {
      name: "a limit that lasts, as a 403: waited for until the deadline; failed, and not refused",
      play: job({
        ...failed,
        chance: 0.6,
        inputs: { timeout: "40s" },
        cancel: always(after("2", 403)),
        // Five times at its word, then at most ten seconds apart.
        check: (_, server) => {
          const cancels = server.only(/^POST/).length;
          assert(cancels >= 9 && cancels <= 12, `${cancels} cancels`);
        },
        says: /answered 403: the server asks to wait 2 s, and only \d s are left/,
      }),
    },
    {
      name: "a limit that does not say how long, and less than a minute left: failed, and not refused",
      play: job({
        ...failed,
        inputs: { timeout: "30s" },
        cancel: always(answer(403, { message: "secondary rate limit" })),
        requests: "look cancel",
        says: /it is rate limited and does not say for how long, and only (?:29|30) s are left/,
        doesNotSay: /asks to wait/,
      }),
    },
  ],
  H21: [
    ...[502, 503, 504, 521].flatMap((status) => {
      const away = bare(status, "<html><title>Back soon</title></html>", { "content-type": "text/html" });
      return [
        {
          name: `${status} for half a minute from the first look on: waited out, and the run is stopped`,
          ...(status === 503 && { quick: true as const }),
          play: job({ ...cancelled, chance: 0.5, look: times(9, away), requests: "look*10 cancel look*2" }),
        },
        {
          name: `${status} for half a minute from the cancel on: waited out, and the cancel sent again`,
          play: job({
            ...cancelled,
            chance: 0.5,
            look: [vendors, ...times(6, away)],
            cancel: times(4, away),
            requests: "look cancel*4 look*8 cancel look*2",
          }),
        },
      ];
    }),
    {
      name: "503 for ever to looks: until the deadline, and its status in words",
      play: job({
        ...failed,
        chance: 0.5,
        inputs: { timeout: "40s" },
        look: always(answer(503, { message: "Maintenance" })),
        requests: "look*12",
        within: 40_000,
        says: /the look was answered 503: Maintenance/,
      }),
    },
  ],
  H22: [
    {
      name: "429 with the delay of a fraction of a second, though some remain",
      play: job({
        ...cancelled,
        look: [answer(429, {}, { "x-ratelimit-reset": "0.3", "x-ratelimit-remaining": "1" })],
        requests: "look*2 cancel look*2",
        waits: { 1: 300 },
        doesNotSay: /60 s/,
      }),
    },
  ],
  H23: [
    ...["text/html", "text/plain", "application/javascript"].map((type) => ({
      name: `JSON labelled ${type} is JSON`,
      play: job({
        exit: 0,
        outcome: "already-finished",
        look: [bare(200, JSON.stringify({ id: 4711, status: "success" }), { "content-type": type })],
        requests: "look",
      }),
    })),
    {
      name: "a page labelled JSON is none",
      play: job({
        ...failed,
        look: always(text("<!DOCTYPE html><title>Sign in</title>", "application/json")),
        requests: "look*3",
        says: /an HTML page \("Sign in"\)/,
      }),
    },
  ],
  H24: [
    {
      name: "a proxy's page for a path with %2F",
      quick: true,
      play: job({
        ...failed,
        look: [bare(404, "<html><title>404 Not Found</title></html>", { "content-type": "text/html" })],
        requests: "look",
        says: /an HTML page, not the API's answer; a proxy in between may decode %2F/,
        doesNotSay: /hidden from this token/,
      }),
    },
  ],
  H25: [
    ...(["look", "cancel"] as const).map((what) => ({
      name: `a ${what} that is sent to a login page is refused`,
      ...(what === "cancel" && { quick: true as const }),
      play: job({
        exit: 4,
        outcome: "refused",
        [what]: [answer(302, "", { location: "/users/sign_in" })],
        requests: what === "look" ? "look" : "look cancel",
        says: /leads to a login page, http:\/\/127\.0\.0\.1:\d+\/users\/sign_in/,
      }),
    })),
  ],
  H26: [
    {
      name: "a page's title",
      play: job({
        exit: 4,
        outcome: "refused",
        look: [
          bare(403, "<html><title>Your IP is not on the list &amp; more</title>", { "content-type": "text/html" }),
        ],
        requests: "look",
        says: /403: Your IP is not on the list & more/,
      }),
    },
    {
      name: "XML's message",
      play: job({
        exit: 4,
        outcome: "refused",
        look: [
          bare(403, "<Error><Code>Denied</Code><Message>No way</Message></Error>", { "content-type": "text/xml" }),
        ],
        requests: "look",
        says: /403: Denied: No way/,
      }),
    },
    {
      name: "a proxy's own page names the proxy",
      play: job({
        ...failed,
        look: [
          bare(400, "<html><title>ERROR</title>", { "content-type": "text/html", via: "1.1 squid.acme (squid/6.1)" }),
        ],
        requests: "look",
        says: /says the proxy squid\.acme, not GitLab/,
      }),
    },
  ],
  H7: [
    {
      name: "a plain 403 to a look: refused at once, with the right that is needed",
      play: job({
        exit: 4,
        outcome: "refused",
        look: always(answer(403, { message: "403 Forbidden" })),
        requests: "look",
        says: /403 Forbidden; needed: .*scope `?api/,
      }),
    },
    {
      name: "a 403 from GitHub names the permission",
      play: githubRun({
        exit: 4,
        outcome: "refused",
        cancel: always(answer(403, { message: "Resource not accessible by integration" })),
        posts: 1,
        gets: 1,
        says: /actions: write/,
      }),
    },
  ],
  H8: [
    {
      name: "401 at first: refused at once",
      play: job({ exit: 4, outcome: "refused", inputs: { token: `${canary}-expired` }, requests: "look", says: /401/ }),
    },
    {
      name: "a token that expires while we wait: what is known is kept",
      quick: true,
      play: job({
        ...failed,
        look: [vendors, ...always(answer(401, { message: "401 Unauthorized" }))],
        requests: "look cancel look",
        says: /the cancel was accepted, but then the look was refused \(401/,
      }),
    },
  ],
  H9: [
    {
      name: "404: not retried, exit 5, both causes named",
      play: job({
        exit: 5,
        outcome: "not-found",
        inputs: { "job-id": "4712" },
        requests: "GET_/api/v4/projects/platform%2Fdeploy/jobs/4712",
        says: /not there, or hidden from this token/,
      }),
    },
    {
      name: "404 to the cancel of a run that we see: looked at, and sent again twice",
      play: job({
        ...failed,
        chance: 0,
        cancel: always(answer(404, { message: "404 Not found" })),
        requests: "look cancel look*2 cancel look*2 cancel look",
        says: /refused 3 times \(404/,
      }),
    },
  ],
  H10: [
    {
      name: "404 three times after the cancel: replicas lag",
      play: job({ ...cancelled, look: [vendors, ...times(3, answer(404))], requests: "look cancel look*5" }),
    },
    {
      name: "404 for good after the cancel: failed, with what is known",
      play: job({
        ...failed,
        look: [vendors, ...always(answer(404))],
        requests: "look cancel look*4",
        says: /accepted, but then the run is no longer there/,
      }),
    },
  ],
  H11: [
    {
      name: "409 and the run is over: it had already finished",
      quick: true,
      play: githubRun({
        exit: 0,
        outcome: "already-finished",
        life: { afterwards: ["success"] },
        cancel: [doneBut(answer(409, { message: "Cannot cancel a workflow run that is completed." }))],
        posts: 1,
        gets: 2,
      }),
    },
    {
      name: "409 that is false: sent again after two looks, three times at most, and watched to the end",
      play: githubRun({
        exit: 3,
        outcome: "still-running",
        cancel: always(answer(409, { message: "Cannot cancel a workflow run that has not been queued yet." })),
        posts: 3,
        says: /refused 3 times \(409/,
      }),
    },
    {
      name: "409 that passes: cancelled in the end",
      play: githubRun({ ...cancelled, cancel: [answer(409, { message: "not queued yet" })], posts: 2 }),
    },
  ],
  H12: [
    {
      name: "201 from GitLab for a job that is over: a look decides",
      play: job({
        exit: 0,
        outcome: "finished-anyway",
        life: { afterwards: ["success"] },
        requests: "look cancel look",
      }),
    },
    {
      name: "201 that does nothing: still running, never success",
      quick: true,
      play: job({
        exit: 3,
        outcome: "still-running",
        inputs: { timeout: "1m" },
        cancel: always(answer(201, { status: "canceled" })),
        chance: 0,
        check: ({ report }, server) => {
          assert.equal(report?.state, "running");
          assertWatched(server);
        },
      }),
    },
  ],
  H13: [
    {
      name: "a login page with 200 for a look: tried thrice, never success, its title in words",
      quick: true,
      play: job({
        ...failed,
        look: always(text("<html><title>Sign in · \u001b[31mAcme</title></html>")),
        requests: "look*3",
        says: /expected JSON, got an HTML page \("Sign in · Acme"\) from 127\.0\.0\.1:\d+ \(a login page or a proxy\?\)/,
      }),
    },
    {
      name: "a maintenance page that passes: the look is made again",
      play: job({ ...cancelled, look: [text("<html></html>")], requests: "look*2 cancel look*2" }),
    },
    {
      name: "a login page with 200 for the cancel: not success; looks see it run on, and it is sent again",
      play: job({ ...cancelled, cancel: [text("<html>login</html>")], requests: "look cancel look*2 cancel look*2" }),
    },
    {
      name: "a login page for every cancel: failed",
      play: job({
        ...failed,
        cancel: always(text("<title>Sign in</title>")),
        requests: "look cancel look*2 cancel look*2 cancel look",
        says: /got an HTML page \("Sign in"\)/,
      }),
    },
    ...[
      ["text/plain", "OK"],
      ["application/octet-stream", "canceled"],
      ["application/xml", "<status>canceled</status>"],
      ["text/plain", "canceled"],
    ].map(([type = "", body = ""]) => ({
      name: `200 ${type} ${body}: never success`,
      play: job({
        ...failed,
        look: always(text(body, type)),
        cancel: always(text(body, type)),
        requests: "look*3",
        says: /expected JSON, got /,
      }),
    })),
    {
      name: "a title without end does not hold us up",
      play: job({ ...failed, look: always(text("<title".repeat(800_000))), requests: "look*3", says: /an HTML page/ }),
    },
  ],
  H14: [
    ...[202, 204, 200].map((status) => ({
      name: `${status} without a body is enough for a cancel`,
      play: job({ ...cancelled, cancel: [doneBut(bare(status))], requests: usual }),
    })),
    ...[204, 200, 202].map((status) => ({
      name: `${status} without a body shows nothing to a look`,
      play: job({ ...failed, look: always(bare(status)), requests: "look*3", says: /an empty reply/ }),
    })),
  ],
  H27: [
    ...["failed", "success", "canceled"].map((status) => ({
      name: `200 with {"status":"${status}"} from something on the way is no look: thrice before the cancel, then it fails`,
      ...(status === "failed" && { quick: true as const }),
      play: job({
        ...failed,
        look: always(json({ status })),
        requests: "look*3",
        says: /does not say that it is about job-id 4711/,
      }),
    })),
    {
      name: "after the cancel it is looked at until a reply is about the run",
      play: job({
        ...cancelled,
        look: [vendors, ...times(3, json({ status: "failed" }))],
        requests: "look cancel look*5",
      }),
    },
  ],
  H15: [
    ...[
      null,
      [],
      {},
      "canceled",
      5,
      true,
      { status: null },
      { status: "" },
      { status: {} },
      { status: ["canceled"] },
      { state: "canceled" },
      JSON.parse('{"__proto__":{"status":"canceled"}}') as object,
    ].map((body) => ({
      name: `a look that says ${JSON.stringify(body)} is made thrice, and shows nothing`,
      play: job({
        ...failed,
        look: always(json(JSON.stringify(body))),
        requests: "look*3",
        says: /does not say (?:which state|that it is about job-id 4711)|broken JSON/,
      }),
    })),
    ...["Canceled", "cancelled", "stopped", "__proto__", "constructor", "toString", 5].map((word) => ({
      name: `the state ${JSON.stringify(word)} is unknown, so not over`,
      play: job({
        exit: 3,
        outcome: "still-running",
        chance: 0,
        inputs: { timeout: "10s" },
        look: always(json({ id: 4711, status: word })),
        check: ({ report }, server) => {
          assert.equal(report?.state, "unknown");
          assertWatched(server, { least: 6, most: 14 });
        },
      }),
    })),
    {
      name: "a state that nobody knows is said once, and watched until it ends",
      quick: true,
      play: job({
        ...cancelled,
        look: times(4, json({ id: 4711, status: "hibernating" })),
        requests: "look cancel look*5",
        check: (trial) => assert.equal(said(trial).match(/"hibernating" is a state we do not know/g)?.length, 1),
      }),
    },
  ],
  H16: [
    {
      name: "6 MB of JSON: not read to the end",
      play: job({
        ...failed,
        look: always(json(JSON.stringify({ id: 4711, status: "canceled", x: "x".repeat(6 * 1024 * 1024) }))),
        requests: "look",
        says: /larger than 5 MiB/,
      }),
    },
    {
      name: "a gzip bomb of 200 MB: refused within bounds of memory",
      play: job({
        ...failed,
        look: always(
          bare(200, gzipSync(Buffer.alloc(200_000_000, " ")), {
            "content-type": "application/json",
            "content-encoding": "gzip",
          }),
        ),
        requests: "look",
        says: /larger than 5 MiB/,
        check: ({ sent }) => assert(sent.at(-1)!.memory < 300e6),
      }),
    },
    {
      name: "a bomb for an answer to the cancel: not success, a look decides",
      play: job({ ...cancelled, cancel: [doneBut(json("9".repeat(6 * 1024 * 1024)))], requests: usual }),
    },
    {
      name: "half a million brackets",
      play: job({
        ...failed,
        look: always(json(`{"status":${"[".repeat(500_000)}${"]".repeat(500_000)}}`)),
        requests: "look*3",
      }),
    },
    ...[
      ["four million digits", `{"id":4711,"status":"running","duration":${"1".repeat(4_000_000)}.5}`],
      [
        "a text of four million characters",
        JSON.stringify({ id: 4711, status: "running", name: '\\"'.repeat(1_000_000) }),
      ],
    ].map(([what = "", body = ""]) => ({
      name: `${what} do not hold us up`,
      play: job({ ...cancelled, look: [json(body)], requests: "look cancel look*2" }),
    })),
  ],
  H17: [
    ...redirects.flatMap((status) => [
      {
        name: `${status} to a path of the same server: a look follows`,
        play: job({
          ...cancelled,
          look: [answer(status, "", { location: "/api/v4/projects/42/jobs/4711" })],
          requests: "look GET_/api/v4/projects/42/jobs/4711 cancel look*2",
        }),
      },
      {
        name: `${status} to a path of the same server: a cancel does not, and names it`,
        ...(status === 301 && { quick: true as const }),
        play: job({
          ...failed,
          cancel: always(answer(status, "", { location: "/api/v4/projects/42/jobs/4711/cancel" })),
          requests: "look cancel",
          says: new RegExp(
            `answered ${status} and points to /api/v4/projects/42/jobs/4711/cancel; cancel requests are never redirected`,
          ),
        }),
      },
    ]),
    {
      name: "from https to http of the same host: not followed",
      play: withStranger(async (stranger) => {
        const server = await gitlab();
        faulty(server, /^GET/, always(answer(301, "", { location: stranger.url.replace("127.0.0.1", "localhost") })));
        const trial = await run({ host: "terminal", inputs: jobInputs(server) });

        assert.equal(trial.exit, 1);
        assert.match(said(trial), /redirects to http:\/\/localhost:\d+; credentials stay with the server/);
      }),
    },
    {
      name: "without a usable location: words",
      play: job({
        ...failed,
        look: always(answer(302, "", { location: "http://[" })),
        requests: "look",
        says: /without a usable location/,
      }),
    },
  ],
  H18: [
    ...redirects.map((status) => ({
      name: `${status} to another server: neither a look nor a cancel goes there`,
      ...(status === 302 && { quick: true as const }),
      play: withStranger(async (stranger) => {
        for (const method of ["GET", "POST"]) {
          const server = await gitlab();
          server.wire(new RegExp(`^${method}`), (response, _, { path }) => {
            response.writeHead(status, { location: stranger.url + path }).end();
          });
          const trial = await run({ host: "terminal", inputs: jobInputs(server) });

          assert.deepEqual([trial.exit, trial.report?.outcome], [1, "failed"]);
          assert.deepEqual(server.lines, lines(method === "GET" ? "look" : "look cancel"));
          assert.match(said(trial), new RegExp(stranger.url));
        }
      }),
    })),
    ...wanderers,
  ],
  H19: [
    {
      name: "a redirect to itself is followed five times",
      play: play(async () => {
        const server = await Server.listen(({ path }) => ({ status: 302, headers: { location: path } }));
        const trial = await run({ host: "terminal", inputs: jobInputs(server) });

        assert.deepEqual([trial.exit, server.requests.length], [1, 6]);
        assert.match(said(trial), /redirects in a loop/);
      }),
    },
  ],
  H20: [
    {
      name: "a look's `Link` to another server is nothing to us",
      play: withStranger(async (stranger) => {
        const server = await gitlab();
        faulty(server, /^GET/, [
          answer(200, { id: 4711, status: "running" }, { link: `<${stranger.url}/next>; rel="next"` }),
        ]);
        const trial = await run({ host: "terminal", inputs: jobInputs(server) });

        assert.deepEqual([trial.exit, server.lines], [0, lines(usual)]);
      }),
    },
    ...["gitlab", "github"].map((key) => ({
      name: `the next page of a list is on another server: given up on, nothing is cancelled (${key})`,
      ...(key === "gitlab" && { quick: true as const }),
      play: withStranger(async (stranger) => {
        const page =
          key === "gitlab"
            ? [{ id: 1, status: "running" }]
            : { total_count: 2, workflow_runs: [{ id: 1, status: "queued", conclusion: null }] };
        const server = await Server.listen(() => ({
          status: 200,
          headers: { link: `<${stranger.url}/next?page=2>; rel="next"` },
          body: page,
        }));
        const trial = await run({
          host: "terminal",
          inputs: {
            provider: key,
            ...(key === "gitlab" ? { project: "platform/deploy" } : { repository: "acme/shop" }),
            branch: "main",
            "server-url": server.url,
            token: canary,
          },
        });

        assert.equal(trial.exit, 1, said(trial));
        assert.equal(server.only(/^POST/).length, 0);
      }),
    })),
  ],
};
