// https://www.jenkins.io/doc/book/using/aborting-a-build/
// https://github.com/jenkinsci/workflow-job-plugin/blob/master/src/main/java/org/jenkinsci/plugins/workflow/job/WorkflowRun.java
import { get, number, post, states } from "../kit.ts";
import type { Call, Force, Id, Json, Permissions, Provider, Target } from "../provider.ts";

/**
 * Answered with a redirect to ".", the page of the build, whether there was anything to stop or not. Jenkins itself never
 * redirects a call to its login page; a security realm's plugin, or a proxy, may:
 * https://github.com/jenkinsci/jenkins/blob/master/core/src/main/java/hudson/model/Executor.java
 */
function stop(path: string): Call {
  return post(path, { okStatus: [302], okLocation: "parent" });
}

/** Of pipelines only: any other build answers 404. */
const ladder: readonly Force[] = [
  { ...stop("/{+job}/{build-number}/term"), when: "building" },
  { ...stop("/{+job}/{build-number}/kill"), when: "building", confirmed: "status-only" },
];

/** `building` is false while post-build steps run; servers before 2.369 have no `inProgress`. */
function isOver({ building, inProgress }: Json): boolean | undefined {
  return typeof building === "boolean" ? !building && !inProgress : undefined;
}

/** An item that is cancelled says so; any other one is what its class says: `hudson.model.Queue$WaitingItem`. */
function stateOfItem({ cancelled, _class }: Json): string | undefined {
  return cancelled ? "cancelled" : _class?.split("$")[1];
}

const buildAddress = /\/(?<job>job\/[^?#]{1,2000})\/(?<number>\d{1,10})\/?$/;

/** A build repeats its number in its address. */
function numberOfBuild({ url }: Json): string | undefined {
  return buildAddress.exec(url)?.groups?.["number"];
}

/** The job of the build that an item has become, as a path below the server: the server may have a path of its own. */
function jobOfItem({ executable }: Json): string | undefined {
  return buildAddress.exec(canonicalPath(executable?.url.replace(/^\w+:\/\/[^/]+/, "")))?.groups?.["job"];
}

/** What a page below a server begins with: before it, the path is the server's own. */
const roots = "job|view|user/[^/]+/my-views|me/my-views|blue/organizations|queue";

/**
 * Without views, which may stand before any job (hudson/model/Run.java getUrl; the tabs of a multibranch job are views, too), and for
 * Blue Ocean (blueocean-core-js, UrlBuilder.ts) the job's own path. Read from the left in pairs, a job that is called `view` is no view.
 */
function canonicalPath(path: string): string {
  const [, server = "", page = ""] = new RegExp(`^((?:/(?!(?:${roots})/)[^/]+)*?)(/(?:${roots})/.*)$`).exec(path) ?? [];
  if (page === "") return path;
  const [, fullName, name, tab = ""] =
    /^\/blue\/organizations\/[^/]+\/([^/]+)\/detail\/([^/]+)(\/.*)$/.exec(page) ?? [];
  if (fullName !== undefined && name !== undefined) return server + jobOfBlueOcean(fullName, name) + tab;
  let jobs = "";
  let rest = page;
  for (;;) {
    const [pair, kind] = /^\/(job|view|user)\/[^/]+|^\/(?:me\/)?my-views(?=\/view\/)/.exec(rest) ?? [];
    if (pair === undefined) return server + jobs + rest;
    if (kind === "job") jobs += pair;
    rest = rest.slice(pair.length);
  }
}

/** What is no escape stands for itself. */
function decoded(segment: string): string {
  return segment.replace(/(?:%[0-9A-F]{2})+/gi, (escapes) =>
    new TextDecoder("utf-8", { ignoreBOM: true }).decode(
      Uint8Array.from(escapes.slice(1).split("%"), (byte) => parseInt(byte, 16)),
    ),
  );
}

/** A job by its full name and its last name, or a multibranch job by its full name and a branch, which is encoded once more in the job's name. */
function jobOfBlueOcean(fullName: string, name: string): string {
  const [folders, last] = [decoded(fullName).split("/"), decoded(name)];
  const jobs = folders.at(-1) === last ? folders : [...folders, encodeURIComponent(last)];
  return jobs.map((job) => `/job/${encodeURIComponent(job)}`).join("");
}

const job: Id = {
  pattern: /job\/[^/?#\s]+(?:\/job\/[^/?#\s]+)*/,
  help: "full name of the job with its folders, or the path of its page",
  example: "platform/deploy",
  normalize: pathOf,
};

/** `a/b` is at `job/a/job/b`. What has the form of a path keeps its escapes: a branch `x/y` is `x%252Fy` there, also when a browser or a chat has decoded it once. */
function pathOf(name: string): string {
  const encoded = (path: string): string => path.split("/").map(encodeURIComponent).join("/");
  if (!/^\/?job\//.test(name)) return `job/${encoded(name).replaceAll("/", "/job/")}`;
  return encoded(canonicalPath(`/${name}`.replace(/^\/\/|\/$/g, "/")).replace(/^\/|\/$/g, ""))
    .replace(/%25(?=[0-9A-F]{2})/gi, "%")
    .replace(/%2F/gi, "%252F");
}

const permissions: Permissions = {
  look: "Overall/Read and Job/Read",
  cancel: "Job/Cancel",
  docs: "https://www.jenkins.io/doc/book/security/access-control/permissions/",
};

const build: Target = {
  ids: { job, "build-number": number("number of the build", "20") },
  pages: ["{server}/{+job}/{build-number}"],
  permissions,
  look: {
    ...get("/{+job}/{build-number}/api/json?tree=url,fullDisplayName,result,building,inProgress"),
    state: "result",
    over: isOver,
    name: "fullDisplayName",
    url: "url",
    shows: { "build-number": numberOfBuild },
  },
  cancel: stop("/{+job}/{build-number}/stop"),
  force: ladder,
};

/**
 * Since 2.211 an item that has left the queue, which is shown for five minutes more, answers 500; no right 422; an unknown
 * one, or one that the user may not see, 404. From 1.479 on all of them were answered 302, and before that 302 or 404.
 * https://github.com/jenkinsci/jenkins/blob/master/core/src/main/java/hudson/model/Queue.java
 */
const leaveQueue = post("/queue/cancelItem?id={queue-id}", {
  okStatus: [302],
  deniedStatus: [422],
  refusedStatus: [500],
  statusWords: {
    422: "this user may not cancel the item",
    500: "the item has left the queue, and its build is not shown to this user",
  },
});

/** It leaves the queue as a build; from then on it is that build that is looked at and stopped. */
const queueItem: Target = {
  ids: { "queue-id": number("id of the item in the queue", "1187") },
  pages: ["{server}/queue/item/{queue-id}"],
  permissions,
  look: {
    ...get("/queue/item/{queue-id}/api/json"),
    state: stateOfItem,
    over: { cancelled: true },
    name: "task.name",
    shows: { "queue-id": "id" },
  },
  becomes: { target: "build", ids: { job: jobOfItem, "build-number": "executable.number" } },
  cancel: leaveQueue,
};

const crumb = { route: "GET /crumbIssuer/api/json", header: "crumbRequestField", value: "crumb" };

export const jenkins = {
  name: "Jenkins",
  docs: "https://www.jenkins.io/doc/book/using/aborting-a-build/",
  rights: "A user with Job/Read and Job/Cancel, best with an API token (made in the user's settings).",
  whoami: [
    {
      ...get("/whoAmI/api/json?tree=name"),
      docs: "https://javadoc.jenkins.io/hudson/security/WhoAmI.html",
      who: "name",
    },
  ],
  server: { env: ["JENKINS_URL"], selfHosted: true, canonicalPath },
  auth: [
    // Since 2.96 an API token needs no crumb; a password given as one does, and so does a token of the security realm.
    {
      scheme: "basic-token",
      env: { username: ["JENKINS_USER_ID"], token: ["JENKINS_API_TOKEN"] },
      crumb: { ...crumb, askedBy: /No valid crumb/i },
    },
    { scheme: "basic", env: {}, crumb },
  ],
  // A right that is missing is named in headers; the pages of other errors are titled "Jenkins" since 2.224:
  // https://github.com/jenkinsci/jenkins/blob/master/core/src/main/java/hudson/security/AccessDeniedException3.java
  errors: {
    headerWords: "{x-you-are-authenticated-as} lacks {x-required-permission}",
    emptyTitles: /^(?:Jenkins(?: Login.*)?|Oops!?(?: \[Jenkins\])?)$/,
    htmlNotFound: true,
  },
  states: states({
    queued: ["WaitingItem", "BlockedItem", "BuildableItem"],
    // It has begun; its build is not shown in the first moment, and never to a user without Job/Read.
    running: ["LeftItem"],
    succeeded: ["SUCCESS", "UNSTABLE"],
    failed: ["FAILURE"],
    skipped: ["NOT_BUILT"],
    cancelled: ["ABORTED", "cancelled"],
  }),
  targets: { build, "queue-item": queueItem },
  unverified: [
    "Whether the stop of a pipeline was a graceful one: one that has lost its executor is killed by it, and nothing outside says so.",
  ],
} satisfies Provider;
