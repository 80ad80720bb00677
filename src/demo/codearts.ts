import type { Act } from "./act.ts";
import { type Build, builds, codearts as codeArtsServer } from "./vendors/codearts.ts";
import { Ending } from "./vendors/ending.ts";

/** How long the worker takes to stop. */
const windDown = 2000;
const task = "f9d6c8466d614a9788e9a0acf6c15f46";
const number = 20;

export const codearts: Act = {
  title: "Huawei Cloud CodeArts Build: the build of a branch that was just deleted",
  variable: "HW_AUTH_TOKEN",
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
    const ending = new Ending<Build["result"]>(["BUILDING", "ABORTED"], { clock, lasting: windDown });
    const build: Build = { result: "BUILDING", ending };
    return {
      vendor: codeArtsServer(({ headers }) => headers["x-auth-token"] === token, [builds(task, { [number]: build })]),
      testify() {
        const building = build.result === "BUILDING";
        const words = `building ${building}, build_result ${JSON.stringify(building ? null : build.result)}`;
        return { stopped: build.result === "ABORTED", words };
      },
    };
  },
};
