import type { Act } from "./act.ts";
import { Ending } from "./vendors/ending.ts";
import { gitlab as gitlabServer, type Job, jobs, type Status } from "./vendors/gitlab.ts";

/** How long the job's after_script takes: until then it is `canceling`. */
const cleanUp = 1500;

export const gitlab: Act = {
  title: "GitLab CI/CD: a newer commit makes a deployment job pointless",
  variable: "GITLAB_TOKEN",
  token: "made-up-gitlab-token",
  args: (server) => [
    `${server}/platform/deploy/-/jobs/4711`,
    "--server-url",
    server,
    "--reason",
    "superseded by 1f2e3d",
  ],
  open(token, clock) {
    const ending = new Ending<Status>(["canceling", "canceled"], { clock, lasting: cleanUp });
    const job: Job = { status: "running", name: "deploy-prod", ref: "main", ending };
    const resources = [jobs({ 4711: job })];
    return {
      vendor: gitlabServer({ token, projects: { "platform/deploy": 1 }, resources }),
      testify: () => ({ stopped: job.status === "canceled", words: `status "${job.status}"` }),
    };
  },
};
