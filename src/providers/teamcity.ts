// https://www.jetbrains.com/help/teamcity/rest/start-and-cancel-builds.html
// https://www.jetbrains.com/help/teamcity/rest/buildcancelrequest.html
import { bearer, get, nothing, number, post, states } from "../kit.ts";
import type { Call, Cancel, Jobs, Json, List, Provider, Target } from "../provider.ts";

const read =
  "id,state,status,statusText,branchName,buildTypeId,buildType(name),queuedDate,triggered(type),revisions(revision(version)),canceledInfo(text,user(username))";

/**
 * One that was cancelled is `finished`, with the status UNKNOWN; what tells is `canceledInfo`. For a moment any build that has ended
 * has that status: teamcity-cli, api/builds.go.
 */
function stateOf({ state, status, canceledInfo }: Json): string {
  if (canceledInfo && /^(?:running|finished)$/.test(state)) return state === "running" ? "interrupting" : "canceled";
  return state === "finished" ? status : state;
}

/** 20261126T114153+0000 */
function queuedAt({ queuedDate }: Json): string | undefined {
  const [, year, month, day, hour, minute, second, zone] =
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)([+-]\d{4})$/.exec(queuedDate) ?? [];
  return year === undefined ? undefined : `${year}-${month}-${day}T${hour}:${minute}:${second}${zone}`;
}

/** A build may have several repositories, which have nothing to do with each other. */
function commitOf({ revisions }: Json): string | undefined {
  const [first, ...more] = revisions.revision;
  return more.length === 0 ? first.version : undefined;
}

const cancelRequest: Omit<Call, "route"> = { body: { comment: "{reason}", readdIntoQueue: false } };

/** A build that has started is in the queue no longer, which is a 404; its id is the same. */
const cancel: Cancel = {
  choose: [
    {
      ...post("/buildQueue/id:{build-id}", cancelRequest),
      when: { state: "queued" },
      otherwise: { ...post("/builds/id:{build-id}", cancelRequest), on: /^404$/ },
    },
    post("/builds/id:{build-id}", cancelRequest),
  ],
};

const list: List = {
  ...get(
    `/builds?locator=buildType:(id:{build-type}),state:(queued:true,running:true),branch:(default:any),defaultFilter:false,count:100&fields=nextHref,build(${read})`,
  ),
  items: "build",
  next: "nextHref",
  within: ["build-type"],
  pageSize: 100,
  filters: {},
  item: {
    id: "id",
    branch: "branchName",
    commit: commitOf,
    started: queuedAt,
    event: "triggered.type",
    workflow: ["buildTypeId", "buildType.name"],
  },
  otherRefs: /(?:pull|pull-requests|merge-requests|changes)\/.+/,
};

/** The builds that this one depends on: the jobs of a pipeline, and of any other composite build. */
const jobs: Jobs = {
  ...get(
    "/builds?locator=snapshotDependency:(to:(id:{build-id}),recursive:true),defaultFilter:false,count:100&fields=nextHref,build(id,state,status,buildType(name),canceledInfo(text))",
  ),
  items: "build",
  next: "nextHref",
  name: "buildType.name",
  state: stateOf,
};

const build: Target = {
  ids: {
    "build-type": {
      pattern: /[A-Za-z]\w{0,224}/,
      help: "id of the build configuration",
      example: "Shop_Deploy",
      optional: true,
    },
    "build-id": number("id of the build, queued or running, as in its page's address", "4711", {
      unique: true,
      hint: "the number that people see, such as #42, is another one",
    }),
  },
  pages: ["{server}/buildConfiguration/{build-type}/{build-id}", "{server}/viewLog.html?buildId={build-id}"],
  permissions: {
    look: "a role that may view the project, such as Project Viewer",
    cancel: "a role that may stop builds of the project, such as Project developer",
    docs: "https://www.jetbrains.com/help/teamcity/managing-roles-and-permissions.html",
  },
  look: {
    ...get(`/builds/id:{build-id}?fields=${read}`),
    state: stateOf,
    name: "buildType.name",
    ref: "branchName",
    learn: { "build-type": "buildTypeId" },
    shows: { "build-id": "id", "build-type": "buildTypeId" },
    record: {
      "status-text": "statusText",
      "cancel-comment": "canceledInfo.text",
      "cancelled-by": "canceledInfo.user.username",
    },
  },
  cancel,
  list,
  jobs: [jobs],
};

export const teamcity = {
  name: "TeamCity",
  docs: "https://www.jetbrains.com/help/teamcity/rest/start-and-cancel-builds.html",
  rights:
    "An access token of a user who may stop builds of the project, as with the role Project developer. As a guest, who may rarely do that, " +
    "with `/guestAuth` at the end of `server-url`.",
  whoami: [
    {
      ...get("/users/current?fields=username,name"),
      docs: "https://www.jetbrains.com/help/teamcity/rest/manage-users.html",
      who: ["username", "name"],
    },
  ],
  server: { api: "/app/rest", env: ["TEAMCITY_URL"], selfHosted: true },
  auth: [bearer("TEAMCITY_TOKEN"), { scheme: "basic", env: {} }, nothing],
  errors: { message: ["errors.0.message", "errors.0.additionalMessage"] },
  states: states({
    queued: ["queued"],
    running: ["running"],
    cancelling: ["interrupting"],
    cancelled: ["canceled"],
    succeeded: ["SUCCESS"],
    failed: ["FAILURE", "ERROR"],
    skipped: ["deleted"],
  }),
  targets: { build },
  unverified: [
    "Everything but the requests, which are those of JetBrains' own command line: no server was had. What TeamCity answers is known from JetBrains' sources of its REST API (2024).",
    "Whether a build that is being interrupted shows its `canceledInfo` already while it is running: until it is finished it counts as running or cancelling.",
    "What becomes of the builds that a composite build, such as a pipeline, depends on when it is cancelled: stop them by their own ids.",
    "Which text `branchName` has for a default branch without a name, and for builds of a tag: a selection by branch takes what it says.",
    "Whether the credentials of a build (`teamcity.auth.userId`) may cancel another one: the documents give them a limited set of build-related operations.",
  ],
} satisfies Provider;
