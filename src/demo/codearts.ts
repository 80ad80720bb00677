// https://support.huaweicloud.com/intl/en-us/api-codeci/StopTheJob.html · https://support.huaweicloud.com/api-codeci/ShowBuildDetails.html
import type { Act } from "./act.ts";

/** How long the worker takes to stop. */
const windDown = 2000;
const task = "f9d6c8466d614a9788e9a0acf6c15f46";
const number = 20;

export const codearts: Act = {
  title: "Huawei Cloud CodeArts Build: the build of a branch that was just deleted",
  variable: "HUAWEICLOUD_SDK_TOKEN",
  token: "made-up-huawei-token",
  args: (server) => [
    "--provider",
    "codearts",
    "--region",
    "cn-north-4",
    "--server-url",
    server,
    "--job-id",
    task,
    "--build-number",
    `${number}`,
    "--reason",
    "branch deleted",
  ],
  open(token, clock) {
    let stoppedAt: number | undefined;
    const building = (): boolean => stoppedAt === undefined || clock.now() - stoppedAt < windDown;
    const result = (): string | null => (building() ? null : "ABORTED");
    return {
      answer({ route, headers, body }) {
        if (headers["x-auth-token"] !== token)
          return [401, { error_code: "APIGW.0301", error_msg: "Incorrect IAM authentication information" }];
        if (route === `GET /v1/job/${task}/${number}/build-info`) {
          const shown = { building: building(), build_result: result(), region: "cn-north-4" };
          return [200, { result: shown, error: null, status: "success" }];
        }
        if (route === `POST /v1/job/${task}/stop`) {
          // Without a number the vendor stops build 1, and says success all the same.
          if ((body as { build_no?: unknown } | undefined)?.build_no === number) stoppedAt ??= clock.now();
          return [200, { status: "success" }];
        }
        return [404, { error_code: "APIGW.0101", error_msg: "The API does not exist or has not been published" }];
      },
      testify: () => ({
        stopped: result() === "ABORTED",
        words: `building ${building()}, build_result ${JSON.stringify(result())}`,
      }),
    };
  },
};
