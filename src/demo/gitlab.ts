// https://docs.gitlab.com/api/jobs/#cancel-a-job · https://docs.gitlab.com/ci/jobs/#cancel-jobs
import type { Act } from "./act.ts";

/** How long the job's after_script takes: until then it is `canceling`. */
const cleanUp = 1500;
const job = "/api/v4/projects/platform%2Fdeploy/jobs/4711";

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
    let cancelledAt: number | undefined;
    const status = (): string => {
      if (cancelledAt === undefined) return "running";
      return clock.now() - cancelledAt < cleanUp ? "canceling" : "canceled";
    };
    const shown = (): object => ({ id: 4711, status: status(), stage: "deploy", name: "deploy-prod", ref: "main" });
    return {
      answer({ route, headers }) {
        if (headers["private-token"] !== token) return [401, { message: "401 Unauthorized" }];
        if (route === `GET ${job}`) return [200, shown()];
        if (route === `POST ${job}/cancel`) {
          cancelledAt ??= clock.now();
          return [201, shown()];
        }
        return [404, { message: "404 Not found" }];
      },
      testify: () => ({ stopped: status() === "canceled", words: `status "${status()}"` }),
    };
  },
};
