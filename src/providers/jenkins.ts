// https://www.jenkins.io/doc/book/using/aborting-a-build/
// https://github.com/jenkinsci/workflow-job-plugin/blob/master/src/main/java/org/jenkinsci/plugins/workflow/job/WorkflowRun.java
import { get, number, post, states } from "../kit.ts";
import type { Call, Downstream, Force, Id, Json, List, Permissions, Provider, Target } from "../provider.ts";

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

/** The same of a whole address. */
function canonicalPage(address: string): string {
  const page = new URL(address);
  page.pathname = canonicalPath(page.pathname);
  return page.href;
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

/** What of a build is read, in its list and in a look alike. */
const fields =
  "url,fullDisplayName,result,building,inProgress,number,timestamp,actions[lastBuiltRevision[SHA1,branch[name]],causes[upstreamProject,upstreamBuild]]";

/** One build, as `…/job/deploy/20/`. */
const oneBuild = get(`/{+job}/{build-number}/api/json?tree=${fields}`);

/** The job of a build, by the build's own address. */
function jobOfBuild({ url }: Json): string | undefined {
  return jobAt(url);
}

/** The path of a job below the server, by the address of a build of it. */
function jobAt(address: string | null | undefined): string | undefined {
  return buildAddress.exec(canonicalPath(address?.replace(/^\w+:\/\/[^/]+/, "") ?? ""))?.groups?.["job"];
}

/**
 * The builds of a job, or of all branches of a multibranch job, whose jobs are called as the branches are; those carry the
 * branch's name. The newest 100 of a job are looked at, and of each branch the newest 25: what is older has ended.
 */
function buildsOf({ builds, jobs }: Json): readonly Json[] | undefined {
  if (!jobs) return builds;
  return jobs.flatMap(({ name, builds: ofBranch }: Json) =>
    (ofBranch ?? []).map((one: Json) => ({ ...one, branchJob: decoded(name) })),
  );
}

/** What the Git plugin has checked out, where that is one repository: a shared library is another one. */
function revisionOf({ actions }: Json): Json {
  const revisions = actions.flatMap(({ lastBuiltRevision }: Json) => lastBuiltRevision ?? []);
  const commits = new Set(revisions.map(({ SHA1 }: Json) => SHA1));
  return commits.size === 1 ? revisions[0] : undefined;
}

/** Of a multibranch job its own name; of any other the branch that was checked out, without its remote: `refs/remotes/origin/main`. */
function branchOf(body: Json): string | undefined {
  return (
    body.branchJob ?? revisionOf(body)?.branch[0]?.name.replace(/^(?:refs\/)?(?:remotes\/|heads\/)?(?:origin\/)?/, "")
  );
}

/** The branch sources for GitHub and Bitbucket call the job of a pull request `PR-12`, with `-head` or `-merge` where it has two; that for GitLab says `MR`. */
function pullRequestOf({ branchJob }: Json): string | undefined {
  return /^(?:PR|MR)-(\d+)(?:-head|-merge)?$/.exec(branchJob)?.[1];
}

/** The commit that was checked out. */
function commitOf(body: Json): string | undefined {
  return revisionOf(body)?.SHA1;
}

/** The class of the first cause, without its package: `UserIdCause`, `TimerTriggerCause`, `UpstreamCause`. */
function causeOf({ actions }: Json): string | undefined {
  const [cause] = actions.flatMap(({ causes }: Json) => causes ?? []);
  return cause?._class?.split(/[.$]/).pop();
}

/** Jenkins counts milliseconds. */
function begun({ timestamp }: Json): string | undefined {
  return timestamp ? new Date(timestamp).toISOString() : undefined;
}

const list: List = {
  ...get(`/{+job}/api/json?tree=builds[${fields}]{0,100},jobs[name,builds[${fields}]{0,25}]`),
  items: buildsOf,
  within: ["job"],
  filters: {},
  ids: { job: jobOfBuild },
  otherRefs: /(?:PR|MR)-\d+(?:-head|-merge)?/,
  item: {
    id: "number",
    branch: branchOf,
    commit: commitOf,
    started: begun,
    event: causeOf,
    pullRequest: pullRequestOf,
  },
};

/** Builds and items of the queue by what their causes say, one entry for each cause: hudson/model/Cause.java UpstreamCause. */
function byCause(started: readonly Json[]): readonly Json[] {
  return started.flatMap((one) =>
    (one.actions ?? []).flatMap(({ causes }: Json) => (causes ?? []).map((cause: Json) => ({ ...one, cause }))),
  );
}

/** Builds of the jobs that follow this one. */
function buildsOfFollowers({ downstreamProjects }: Json): readonly Json[] {
  return byCause((downstreamProjects ?? []).flatMap(({ builds }: Json) => builds ?? []));
}

/** Items of the queue. */
function itemsOfQueue({ items }: Json): readonly Json[] | undefined {
  return items && byCause(items);
}

/** Of a cause: the full name of the job. */
function jobOfCause({ cause }: Json): string | undefined {
  return cause.upstreamProject && pathOf(cause.upstreamProject);
}

/** What the plugins parameterized-trigger and multijob say of a build: BuildInfoExporterAction.java, MultiJobBuild.java. */
function triggeredBuilds({ actions, subBuilds }: Json): readonly Json[] {
  return [...(actions ?? []).flatMap(({ triggeredBuilds: all }: Json) => all ?? []), ...(subBuilds ?? [])];
}

/** The number, from the address. */
function numberOfTriggered({ url }: Json): string | undefined {
  return buildAddress.exec(`/${url}`)?.groups?.["number"];
}

/** The job, from the address, which MultiJob writes below the server. */
function jobOfTriggered({ url }: Json): string | undefined {
  return jobAt(/^\w+:/.test(url) ? url : `/${url}`);
}

/**
 * A pipeline stops what its `build` step waits for, and nothing says what it has started without waiting: DownstreamBuildAction of
 * pipeline-build-step is not exported.
 */
const ofPipelines = {
  when: { _class: "org.jenkinsci.plugins.workflow.job.WorkflowRun" },
  because:
    "Jenkins does not tell what a pipeline has started; what its `build` step waits for stops with it, what it has started with `wait: false` goes on",
};

const causes = "actions[causes[upstreamProject,upstreamBuild]]";
const startedBy = { job: jobOfCause, "build-number": "cause.upstreamBuild" };

const downstream: readonly Downstream[] = [
  {
    ...get("/{+job}/{build-number}/api/json?tree=actions[triggeredBuilds[url]],subBuilds[url]"),
    items: triggeredBuilds,
    target: "build",
    ids: { job: jobOfTriggered, "build-number": numberOfTriggered },
    unlisted: ofPipelines,
  },
  {
    ...get(`/{+job}/api/json?tree=downstreamProjects[builds[number,url,${causes}]{0,50}]`),
    items: buildsOfFollowers,
    target: "build",
    ids: { job: jobOfBuild, "build-number": "number" },
    startedBy,
  },
  {
    ...get(`/queue/api/json?tree=items[id,${causes}]`),
    items: itemsOfQueue,
    target: "queue-item",
    ids: { "queue-id": "id" },
    startedBy,
  },
];

const build: Target = {
  ids: { job, "build-number": number("number of the build", "20") },
  pages: ["{server}/{+job}/{build-number}"],
  permissions,
  look: {
    ...oneBuild,
    state: "result",
    over: isOver,
    name: "fullDisplayName",
    url: "url",
    shows: { "build-number": numberOfBuild },
  },
  cancel: stop("/{+job}/{build-number}/stop"),
  force: ladder,
  list,
  downstream,
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
  server: { env: ["JENKINS_URL"], selfHosted: true, canonicalPage },
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
    "Whether a build of a multibranch job always says the branch that its job is called after: it is read from the job's name in a list.",
    "A tag's job in a multibranch job looks like a branch's: a selection by its name takes it.",
    "That a build beyond the newest 100 of a job, or 25 of a branch, has ended: such builds are not looked at.",
    "Whether the stop of a pipeline was a graceful one: one that has lost its executor is killed by it, and nothing outside says so.",
  ],
} satisfies Provider;
