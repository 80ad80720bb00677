// https://www.jenkins.io/doc/book/using/aborting-a-build/ · https://github.com/jenkinsci/workflow-job-plugin/blob/master/src/main/java/org/jenkinsci/plugins/workflow/job/WorkflowRun.java
import type { Call, Force, Id, Json, Provider } from "../provider.ts";

// The answer is a redirect, whether there was anything to stop or not.
const post = (path: string): Call => ({ route: `POST ${path}`, accepts: [302] });
const [stop, unqueue] = [post("/{+job}/{build-number}/stop"), post("/queue/cancelItem?id={queue-id}")];
const force = ["term", "kill"].map((verb): Force => ({ ...post(`/{+job}/{build-number}/${verb}`), when: (b) => b.building, ...(verb === "kill" && { confirmed: "status-only" }) })); // of pipelines; any other build answers 404
const build: Call = { route: "GET /{+job}/{build-number}/api/json?tree=url,fullDisplayName,result,building,inProgress" };
const item: Call = { route: "GET /queue/item/{queue-id}/api/json" };
// `building` is false while post-build steps run; old servers have no `inProgress`.
const over = (b: Json): boolean | undefined => (typeof b.building === "boolean" ? !b.building && !b.inProgress : undefined);
/** Path of the job and number of the build, from the address of a build or of the one that a queue item has become. */
const place = (b: Json): string[] | null => /\/(job\/[^?#]{1,2000})\/(\d{1,10})\/?$/.exec(`${b?.executable?.url ?? b?.url}`.replace(/^\w+:\/\/[^/]+/, ""));
const number = (help: string, example: string): Id => ({ pattern: /[1-9]\d{0,9}/, help, example });
/** `a/b` is at /job/a/job/b. What has the form of an address keeps its escapes: a branch x/y is x%252Fy there. */
const normalize = (job: string): string => (/^\/?job\//.test(job) ? encode(job.replace(/^\/|\/$/g, "")).replace(/%25(?=[0-9A-F]{2})/gi, "%") : `job/${encode(job).replaceAll("/", "/job/")}`);
const encode = (path: string): string => path.split("/").map(encodeURIComponent).join("/");
const job: Id = { pattern: /job\/[^/?#\s]+(?:\/job\/[^/?#\s]+)*/, help: "full name of the job with its folders, or the path of its page", example: "platform/deploy", normalize };

export const jenkins = {
  name: "Jenkins", docs: "https://www.jenkins.io/doc/book/using/aborting-a-build/",
  rights: "A user with Job/Read and Job/Cancel, best with an API token (made in the user's settings).",
  server: { env: ["JENKINS_URL"], selfHosted: true },
  auth: [{ scheme: "basic-token", env: { username: ["JENKINS_USER_ID"], token: ["JENKINS_API_TOKEN"] } }, { scheme: "basic", env: {}, crumb: { route: "GET /crumbIssuer/api/json", header: "crumbRequestField", value: "crumb" } }],
  states: { WaitingItem: "queued", BlockedItem: "queued", BuildableItem: "queued", SUCCESS: "succeeded", UNSTABLE: "succeeded", FAILURE: "failed", NOT_BUILT: "skipped", ABORTED: "cancelled", cancelled: "cancelled" },
  targets: {
    build: {
      ids: { job, "build-number": number("number of the build", "20") }, page: ["{server}/{+job}/{build-number}", "{server}/view/{view}/{+job}/{build-number}"],
      look: { ...build, state: "result", over, name: "fullDisplayName", page: "url", shows: { "build-number": (b) => place(b)?.[2] } }, cancel: stop, force,
    },
    "queue-item": { // It leaves the queue as a build; from then on that build is looked at and stopped.
      ids: { "queue-id": number("id of the item in the queue", "1187") }, page: "{server}/queue/item/{queue-id}", cancel: { calls: [stop, unqueue], ask: ({ ids }) => (ids["job"] ? stop : unqueue) }, force,
      look: { calls: [item, build], ask: async ({ ids, send }) => {
        const [reply] = ids["job"] ? [] : [await send(item)], at = place(reply?.body);
        return at ? { route: build.route.replace("{+job}/{build-number}", `${at[1]}/${at[2]}`) } : (reply ?? build);
      }, state: (b) => b.result ?? (b.cancelled ? "cancelled" : b._class.split("$")[1]), over: (b) => b.cancelled || over(b), name: ["fullDisplayName", "task.name"], page: "url", learn: { job: (b) => place(b)?.[1], "build-number": (b) => place(b)?.[2] } },
    },
  },
  unverified: ["Since which version the cancel of a queue item is answered 204; before, it was a redirect or a 404."],
} satisfies Provider;
