// https://www.jenkins.io/doc/book/using/aborting-a-build/
// https://github.com/jenkinsci/workflow-job-plugin/blob/master/src/main/java/org/jenkinsci/plugins/workflow/job/WorkflowRun.java
import { number, states } from "../kit.ts";
import type { Call, Force, Id, Json, Provider } from "../provider.ts";

/** Answered with a redirect, whether there was anything to stop or not. */
const post = (path: string): Call => ({ route: `POST ${path}`, accepts: [302] });

/** Of pipelines only: any other build answers 404. */
const ladder: readonly Force[] = [
  { ...post("/{+job}/{build-number}/term"), when: (body) => body.building },
  { ...post("/{+job}/{build-number}/kill"), when: (body) => body.building, confirmed: "status-only" },
];

/** `building` is false while post-build steps run; old servers have no `inProgress`. */
function over({ building, inProgress }: Json): boolean | undefined {
  return typeof building === "boolean" ? !building && !inProgress : undefined;
}

/** The job's path and the build's number, in the address of a build. */
function place(build: Json): { job: string; number: string } | undefined {
  const address = `${build?.url}`.replace(/^\w+:\/\/[^/]+/, "");
  const [, job, number] = /\/(job\/[^?#]{1,2000})\/(\d{1,10})\/?$/.exec(address) ?? [];
  return job !== undefined && number !== undefined ? { job, number } : undefined;
}

const job: Id = {
  pattern: /job\/[^/?#\s]+(?:\/job\/[^/?#\s]+)*/,
  help: "full name of the job with its folders, or the path of its page",
  example: "platform/deploy",
  normalize: pathOf,
};

/** `a/b` is at `job/a/job/b`. What has the form of a path keeps its escapes: a branch `x/y` is `x%252Fy` there. */
function pathOf(name: string): string {
  const encoded = (path: string): string => path.split("/").map(encodeURIComponent).join("/");
  if (!/^\/?job\//.test(name)) return `job/${encoded(name).replaceAll("/", "/job/")}`;
  return encoded(name.replace(/^\/|\/$/g, "")).replace(/%25(?=[0-9A-F]{2})/gi, "%");
}

export const jenkins = {
  name: "Jenkins",
  docs: "https://www.jenkins.io/doc/book/using/aborting-a-build/",
  rights: "A user with Job/Read and Job/Cancel, best with an API token (made in the user's settings).",
  server: { env: ["JENKINS_URL"], selfHosted: true },
  auth: [
    { scheme: "basic-token", env: { username: ["JENKINS_USER_ID"], token: ["JENKINS_API_TOKEN"] } },
    {
      scheme: "basic",
      env: {},
      crumb: { route: "GET /crumbIssuer/api/json", header: "crumbRequestField", value: "crumb" },
    },
  ],
  states: states({
    queued: ["WaitingItem", "BlockedItem", "BuildableItem"],
    succeeded: ["SUCCESS", "UNSTABLE"],
    failed: ["FAILURE"],
    skipped: ["NOT_BUILT"],
    cancelled: ["ABORTED", "cancelled"],
  }),
  targets: {
    build: {
      ids: { job, "build-number": number("number of the build", "20") },
      page: ["{server}/{+job}/{build-number}", "{server}/view/{view}/{+job}/{build-number}"],
      look: {
        route: "GET /{+job}/{build-number}/api/json?tree=url,fullDisplayName,result,building,inProgress",
        state: "result",
        over,
        name: "fullDisplayName",
        page: "url",
        shows: { "build-number": (body) => place(body)?.number },
      },
      cancel: post("/{+job}/{build-number}/stop"),
      force: ladder,
    },
    "queue-item": {
      ids: { "queue-id": number("id of the item in the queue", "1187") },
      page: "{server}/queue/item/{queue-id}",
      look: {
        route: "GET /queue/item/{queue-id}/api/json",
        state: (body) => (body.cancelled ? "cancelled" : body._class.split("$")[1]),
        over: (body) => body.cancelled || undefined,
        name: "task.name",
      },
      // It leaves the queue as a build; from then on it is that build that is looked at and stopped.
      becomes: {
        target: "build",
        ids: { job: (body) => place(body.executable)?.job, "build-number": "executable.number" },
      },
      cancel: post("/queue/cancelItem?id={queue-id}"),
    },
  },
  unverified: ["Since which version the cancel of a queue item is answered 204; before, it was a redirect or a 404."],
} satisfies Provider;
