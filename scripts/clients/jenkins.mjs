/**
 * Renews __tests__/fixtures/clients/jenkins.json:
 *
 *     node scripts/clients/jenkins.mjs
 *
 * Runs jenkins 1.1.0 (npm), python-jenkins 1.8.3 and api4jenkins 2.1.0 against a server on loopback. None of them is
 * Jenkins' own: it has none for its HTTP API. States, pages and variables are read by hand in the sources of Jenkins
 * and its plugins, at the commits below. Needs Node and Python. All ids and credentials are made up.
 */
import { URL, fileURLToPath } from "node:url";
import { essential, npm, pip, play, record, writeFixture } from "./recorder.mjs";

const meaningful = ["authorization", "jenkins-crumb", "cookie", "content-type"];
const build = { job: "platform/deploy", "build-number": "20" };
const queued = { "queue-id": "1187" };

const recorder = await record(({ path }) => {
  if (path.startsWith("/crumbIssuer")) {
    const crumb = {
      _class: "hudson.security.csrf.DefaultCrumbIssuer",
      crumb: "CRUMB",
      crumbRequestField: "Jenkins-Crumb",
    };
    return { headers: { "set-cookie": "JSESSIONID.4f2a=SESSION; Path=/; HttpOnly" }, body: crumb };
  }
  if (path.endsWith("/stop")) return { status: 302, headers: { location: path.replace(/stop$/, "") } };
  return { body: { building: true, items: [] } };
});

const { load } = npm("jenkins@1.1.0");
const { default: Jenkins } = await load("jenkins/lib/index.js");
const client = new Jenkins({ baseUrl: recorder.server.replace("//", "//ci-bot:TOKEN@") });
const byNode = [];
for (const [target, does, call, ids, run] of [
  ["build", "look", "build.get", build, () => client.build.get("platform/deploy", 20)],
  ["build", "cancel", "build.stop", build, () => client.build.stop("platform/deploy", 20)],
  ["build", "force", "build.term", build, () => client.build.term("platform/deploy", 20)],
  ["build", "list", "job.get", { job: build.job }, () => client.job.get("platform/deploy")],
  ["queue-item", "look", "queue.item", queued, () => client.queue.item(1187)],
  ["queue-item", "list", "queue.list", {}, () => client.queue.list()],
]) {
  await run();
  for (const request of recorder.taken()) {
    const what = { target, does: request.path.startsWith("/crumbIssuer") ? "token" : does };
    byNode.push({ ...what, source: "node-jenkins", call, ids, ...essential(request, meaningful) });
  }
}
recorder.close();

const python = pip("python-jenkins==1.8.3", "api4jenkins==2.1.0", "setuptools==80.9.0");
const byPython = JSON.parse(
  await play(python.bin("python"), [fileURLToPath(new URL("jenkins/main.py", import.meta.url))]),
);

const server = "https://ci.example.com";
const classic = "jenkins core/src/main/java";
const page = (path, ids, source, where, target = "build") => ({
  target,
  address: `${server}${path}`,
  ids,
  source,
  where,
});
const inFolder = { job: "job/platform/job/deploy", "build-number": "20" };
const ofBranch = { job: "job/platform/job/deploy/job/feature%252Fx", "build-number": "20" };
const ofPull = { job: "job/platform/job/deploy/job/PR-12", "build-number": "9" };

writeFixture("clients/jenkins.json", {
  about:
    "What three widely used clients sent to a server on loopback, and what the sources of Jenkins and its plugins say of states, addresses and variables (November 2026).",
  script: "scripts/clients/jenkins.mjs",
  sources: {
    "node-jenkins": { name: "jenkins 1.1.0 (npm)", level: "community client" },
    "python-jenkins": { name: "python-jenkins 1.8.3", level: "community client" },
    api4jenkins: { name: "api4jenkins 2.1.0", level: "community client" },
    jenkins: { name: "github.com/jenkinsci/jenkins at ff9430ee1dc6e319349a488650d914444fe141f3", level: "source code" },
    "workflow-job": {
      name: "github.com/jenkinsci/workflow-job-plugin at cef6baeff0cc6b87d463a77985642b71b12b0461",
      level: "source code",
    },
    "display-url": {
      name: "github.com/jenkinsci/display-url-api-plugin at ff1391f4a9c4803ed4303b28d83e47dc769fb4df",
      level: "source code",
    },
    blueocean: {
      name: "github.com/jenkinsci/blueocean-plugin at b25280348e2633f8e8a6a9e13e13183858346143",
      level: "source code",
    },
    "blueocean-display-url": {
      name: "github.com/jenkinsci/blueocean-display-url-plugin at 34647025ff59adfcdd7e32f3129acd1dd84017a8",
      level: "source code",
    },
    "pipeline-graph-view": {
      name: "github.com/jenkinsci/pipeline-graph-view-plugin at 6cba64f90b4a91ca3ca6cfda57bcdb1a847e08f8",
      level: "source code",
    },
    "scm-api": {
      name: "github.com/jenkinsci/scm-api-plugin at 24df4bb455f2822fce3513d446facc649f1210e6",
      level: "source code",
    },
  },
  requests: [...byNode, ...byPython].filter(onceAClient),
  enums: [
    {
      target: "build",
      of: "result of a build; null while it has none",
      source: "jenkins",
      where: "core/src/main/java/hudson/model/Result.java:55-78",
      words: ["SUCCESS", "UNSTABLE", "FAILURE", "NOT_BUILT", "ABORTED"],
    },
    {
      target: "queue-item",
      of: "class of an item, after the $ of _class; a LeftItem has begun unless it is cancelled",
      source: "jenkins",
      where: "core/src/main/java/hudson/model/Queue.java:2677,2749,2802,2900",
      words: ["WaitingItem", "BlockedItem", "BuildableItem", "LeftItem"],
    },
  ],
  regions: [],
  pages: [
    page(
      "/job/platform/job/deploy/20/",
      inFolder,
      "jenkins",
      `${classic}/hudson/model/Run.java:984 (BUILD_URL: CoreEnvironmentContributor.java:37)`,
    ),
    page(
      "/jenkins/job/platform/job/deploy/20/",
      inFolder,
      "jenkins",
      `${classic}/hudson/model/Run.java:984, a server below a path`,
    ),
    page(
      "/job/platform/job/deploy/20/console",
      inFolder,
      "jenkins",
      `${classic}/jenkins/console/ConsoleUrlProvider.java`,
    ),
    page(
      "/job/platform/job/deploy/20/display/redirect",
      inFolder,
      "display-url",
      "DisplayURLProvider.java:124 (RUN_DISPLAY_URL, commit statuses, mails)",
    ),
    page("/job/platform/job/deploy/20/stages", inFolder, "pipeline-graph-view", "PipelineConsoleViewAction.java:55"),
    page(
      "/job/platform/job/deploy/job/feature%252Fx/20/",
      ofBranch,
      "jenkins",
      `${classic}/hudson/model/Run.java:984, a branch feature/x`,
    ),
    page(
      "/job/platform/view/nightly/job/deploy/20/",
      inFolder,
      "jenkins",
      `${classic}/hudson/model/Run.java:953, a view of a folder`,
    ),
    page(
      "/view/all/job/platform/view/nightly/job/deploy/20/",
      inFolder,
      "jenkins",
      `${classic}/hudson/model/Run.java:953, both`,
    ),
    page(
      "/job/platform/job/deploy/view/change-requests/job/PR-12/9/",
      ofPull,
      "scm-api",
      "ChangeRequestSCMHeadCategory.java:50, the tab of a multibranch job",
    ),
    page(
      "/job/platform/job/deploy/view/tags/job/v1.0/9/",
      { job: "job/platform/job/deploy/job/v1.0", "build-number": "9" },
      "scm-api",
      "TagSCMHeadCategory.java:51",
    ),
    page(
      "/blue/organizations/jenkins/platform%2Fdeploy/detail/deploy/20/",
      inFolder,
      "blueocean-display-url",
      "BlueOceanDisplayURLImpl.java getRunURL, a job in a folder",
    ),
    page(
      "/blue/organizations/jenkins/platform%2Fdeploy/detail/deploy/20/pipeline",
      inFolder,
      "blueocean",
      "blueocean-core-js/src/js/UrlBuilder.ts:107-115, a job in a folder",
    ),
    page(
      "/blue/organizations/jenkins/platform%2Fdeploy/detail/feature%2Fx/20/pipeline",
      ofBranch,
      "blueocean",
      "blueocean-core-js/src/js/UrlBuilder.ts:107-115, a branch of a multibranch job",
    ),
    page(
      "/blue/organizations/jenkins/platform%2Fdeploy/detail/feature%2Fx/20/pipeline/42",
      ofBranch,
      "blueocean",
      "blueocean-dashboard/src/main/js/PipelineRoutes.jsx:160, a step",
    ),
    page(
      "/blue/organizations/jenkins/platform%2Fdeploy/detail/PR-12/9/tests",
      ofPull,
      "blueocean",
      "blueocean-dashboard/src/main/js/PipelineRoutes.jsx:165",
    ),
    page(
      "/queue/item/1187/",
      queued,
      "jenkins",
      `${classic}/jenkins/model/ParameterizedJobMixIn.java:233 (Location of a triggered build)`,
      "queue-item",
    ),
  ],
  variables: [
    { name: "JENKINS_URL", holds: "server", source: "jenkins", where: "cli/src/main/java/hudson/cli/CLI.java:120" },
    {
      name: "JENKINS_USER_ID",
      holds: "username",
      source: "jenkins",
      where: "cli/src/main/java/hudson/cli/CLI.java:133",
    },
    {
      name: "JENKINS_API_TOKEN",
      holds: "token",
      source: "jenkins",
      where: "cli/src/main/java/hudson/cli/CLI.java:134",
    },
  ],
  unverified: [
    "No client or API of Jenkins' core tells what a build has started: a build's JSON names its causes (upstream) only; see the parameterized-trigger and multijob plugins for theirs.",
    "A job and a branch of the same name look alike in Blue Ocean's addresses: platform%2Fdeploy/detail/deploy is the job platform/deploy, or the branch deploy of a multibranch job.",
    "No client sends kill but api4jenkins; that it exists is in the source of workflow-job (WorkflowRun.java:560-566).",
    "The item of a queue is canceled by node-jenkins at /queue/item/{id}/cancelQueue, which Jenkins calls deprecated; not recorded.",
  ],
});

/** A client fetches its crumb before each change; one of them is enough. */
function onceAClient(request, index, all) {
  return (
    request.does !== "token" ||
    all.findIndex(({ does, source }) => does === "token" && source === request.source) === index
  );
}
