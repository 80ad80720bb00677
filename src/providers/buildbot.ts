// https://docs.buildbot.net/current/developer/raml/build.html
// https://docs.buildbot.net/current/developer/rest.html
import { get, nothing, number, post, states } from "../kit.ts";
import type {
  Call,
  Cancel,
  Jobs,
  Json,
  List,
  Look,
  Pages,
  Permissions,
  Provider,
  Successor,
  Target,
} from "../provider.ts";

/** https://docs.buildbot.net/current/developer/results.html: the number is the place in this list. */
const results = ["success", "warnings", "failure", "skipped", "exception", "retry", "cancelled"];

/** An item of a list, or the one that is in the reply to a look. */
function buildOf(body: Json): Json {
  return body.builds?.[0] ?? body;
}

function wordOf({ complete, results: result }: Json): string | undefined {
  return complete ? results[result] : "not finished";
}

/** A result counts only of what is complete: a request that waits has -1. */
function stateOfBuild(body: Json): string | undefined {
  return wordOf(buildOf(body));
}

/** A request is complete when its build is, and waits as long as no master has claimed it. */
function stateOfRequest({ buildrequests: [request] }: Json): string | undefined {
  return !request.complete && !request.claimed ? "not claimed" : wordOf(request);
}

/** A step that has not begun has no time. */
function stateOfStep(step: Json): string | undefined {
  return !step.complete && !step.started_at ? "not started" : wordOf(step);
}

/** A property is its value and where it is from. */
function branchOf(body: Json): string | undefined {
  return buildOf(body).properties?.branch?.[0];
}

/** What the sources were at, if they were fetched by now, else what was asked for. */
function commitOf(body: Json): string | undefined {
  const { got_revision: got, revision } = buildOf(body).properties ?? {};
  return typeof got?.[0] === "string" ? got[0] : revision?.[0];
}

/** Seconds since 1970. */
function startOf(body: Json): string | undefined {
  const { started_at: at } = buildOf(body);
  return typeof at === "number" ? new Date(at * 1000).toISOString() : undefined;
}

const properties = "property=branch&property=revision&property=got_revision";

/** Answered 200 whether there was anything to stop or not, for an id that does not exist, too. */
function control(path: string, method: string): Call {
  return post(path, { body: { id: 1, jsonrpc: "2.0", method, params: { reason: "{reason}" } } });
}

const stop: Cancel = control("/builds/{build-id}", "stop");

const look: Omit<Look & Call, "route"> = {
  state: stateOfBuild,
  over: "builds.0.complete",
  ref: branchOf,
  learn: { "build-id": "builds.0.buildid", "builder-id": "builds.0.builderid", "build-number": "builds.0.number" },
  record: { "state-string": "builds.0.state_string", "build-request-id": "builds.0.buildrequestid" },
};

const builds: Omit<Pages, "route"> = { items: "builds" };

/** A build whose worker was lost ends as `retry`, and its request gets another one. */
const successor: Omit<Successor, "id"> = {
  ...get("/buildrequests/{build-request-id}/builds"),
  ...builds,
  after: ["failed"],
  within: { "build-request-id": "builds.0.buildrequestid" },
  state: stateOfBuild,
  instead: "build-request",
};

const list: List = {
  ...get(`/builds?complete=false&${properties}`),
  ...builds,
  within: [],
  // Without a limit all are in one page.
  pageSize: Infinity,
  filters: {},
  item: {
    id: ["buildid", "builds.0.buildid"],
    branch: branchOf,
    commit: commitOf,
    started: startOf,
    workflow: [["builderid", "builds.0.builderid"]],
  },
};

const jobs: Jobs = {
  ...get("/builds/{build-id}/steps?field=name&field=results&field=complete&field=started_at"),
  items: "steps",
  name: "name",
  state: stateOfStep,
};

const pages = [
  "{server}/#/builders/{builder-id}/builds/{build-number}",
  "{server}/#builders/{builder-id}/builds/{build-number}",
];

const buildId = number("id of the build, as `buildid` in the API", "4711", { unique: true });

const parts: Pick<Target, "jobs" | "downstream"> = {
  jobs: [jobs],
  downstream: [
    {
      ...get("/builds/{build-id}/triggered_builds"),
      ...builds,
      target: "build",
      ids: { "build-id": "buildid" },
    },
  ],
};

const permissions: Permissions = {
  look: "a user whom no rule of the master's `authz` keeps from builds; where no rule matches, everybody may",
  cancel:
    "a user with the role that the rule `StopBuildEndpointMatcher` of the master's `authz` asks for, if there is one",
  docs: "https://docs.buildbot.net/current/manual/configuration/www.html#authorization-rules",
};

const build: Target = {
  ids: { "build-id": buildId },
  pages,
  permissions,
  look: { ...get(`/builds/{build-id}?${properties}`), ...look, shows: { "build-id": "builds.0.buildid" } },
  cancel: stop,
  successor: { ...successor, id: "buildid" },
  list,
  ...parts,
};

/** As pages and people number builds: in their builder. What stops a build takes its id. */
const numberedBuild: Target = {
  ids: {
    "builder-id": number("number of the builder, as in the page's address", "3"),
    "build-number": number("number of the build in its builder", "20"),
  },
  pages,
  permissions,
  look: {
    ...get(`/builders/{builder-id}/builds/{build-number}?${properties}`),
    ...look,
    shows: { "builder-id": "builds.0.builderid", "build-number": "builds.0.number" },
  },
  cancel: stop,
  successor: { ...successor, id: "number" },
  ...parts,
};

/** One that waits has no build yet, and nothing keeps the reason; the build of any other one is stopped. */
const cancelRequest: Cancel = {
  choose: [
    { ...control("/buildrequests/{build-request-id}", "cancel"), when: { "buildrequests.0.claimed": true } },
    { ...control("/buildrequests/{build-request-id}", "cancel"), reasonWhen: { result: "kept" } },
  ],
};

const buildRequest: Target = {
  ids: { "build-request-id": number("id of the build request, as in its page's address", "4", { unique: true }) },
  pages: ["{server}/#/buildrequests/{build-request-id}", "{server}/#buildrequests/{build-request-id}"],
  permissions,
  look: {
    ...get("/buildrequests/{build-request-id}"),
    state: stateOfRequest,
    over: "buildrequests.0.complete",
    shows: { "build-request-id": "buildrequests.0.buildrequestid" },
  },
  cancel: cancelRequest,
};

export const buildbot = {
  name: "Buildbot",
  docs: "https://docs.buildbot.net/current/developer/raml/build.html",
  rights:
    "A user whom the master's `authz` allows to stop builds, with a name and a password: somebody who signs in at another site, as with " +
    "GitHub, has none that a step could use.",
  server: { api: "/api/v2", selfHosted: true },
  auth: [{ scheme: "session-cookie", env: {}, login: "/auth/login" }, nothing],
  errors: { code: "error.code", message: ["error.message", "error"] },
  states: states({
    queued: ["not claimed", "not started"],
    running: ["not finished"],
    cancelled: ["cancelled"],
    succeeded: ["success", "warnings"],
    failed: ["failure", "exception", "retry"],
    skipped: ["skipped"],
  }),
  targets: { build, "numbered-build": numberedBuild, "build-request": buildRequest },
  unverified: [
    "What a build has triggered and what still waits for a worker is in no list, so `downstream` does not reach it: cancel the build request.",
    "Whether a build whose worker is lost while it is being stopped ends as `retry`: its request would get another build.",
  ],
} satisfies Provider;
