// https://support.huaweicloud.com/intl/en-us/api-codeci/StopTheJob.html · https://support.huaweicloud.com/api-codeci/ShowBuildDetails.html
import type { Ending } from "./ending.ts";
import { fields, type Reply, type Request, type Vendor } from "./vendor.ts";

/** A service of CodeArts: what it answers to what it knows. */
export type Service = (request: Request) => Reply | undefined;

/** The gateway before all services. https://support.huaweicloud.com/intl/en-us/devg-apisign/api-sign-errorcode.html */
export function codearts(allows: (request: Request) => boolean, services: readonly Service[]): Vendor {
  return (request) => {
    if (!allows(request)) {
      const error_msg = "Incorrect IAM authentication information: verify aksk signature fail";
      return { status: 401, body: { error_code: "APIGW.0301", error_msg } };
    }
    for (const service of services) {
      const reply = service(request);
      if (reply) return reply;
    }
    const error_msg = "The API does not exist or has not been published in the environment";
    return { status: 404, body: { error_code: "APIGW.0101", error_msg } };
  };
}

export interface Build {
  result: "BUILDING" | "SUCCESS" | "FAILURE" | "ABORTED";
  /** How it ends if it is stopped. */
  readonly ending: Ending<Build["result"]>;
}

/** CodeArts Build, with one task. */
export function builds(task: string, all: Readonly<Record<number, Build>>): Service {
  return (request) => {
    const [path = "", query] = request.path.split("?");
    const route = `${request.method} ${path}`;
    if (route === `POST /v1/job/${task}/stop`) {
      // The document has the number in the body, Huawei's SDKs in the query: which one counts is unverified, so two that
      // differ are refused. Without any the vendor stops build 1, and says success all the same.
      const asked = [new URLSearchParams(query).get("build_no") ?? [], fields(request)["build_no"] ?? []].flat();
      if (new Set(asked.map(Number)).size > 1)
        return { status: 400, body: { error_code: "CB.00060200", error_msg: "invalid parameter" } };
      const build = all[Number(asked[0] ?? 1)];
      // Unverified: the same for a build that is over.
      if (build?.result === "BUILDING") build.result = build.ending.begin() ?? build.result;
      return { status: 200, body: { status: "success" } };
    }
    const [, number] = /^GET \/v1\/job\/\w+\/(\d+)\/build-info$/.exec(route) ?? [];
    const build = all[Number(number)];
    if (!build || !route.includes(`/${task}/`)) return undefined;
    if (build.result === "BUILDING") build.result = build.ending.next() ?? build.result;
    const building = build.result === "BUILDING";
    const result = { building, build_result: building ? null : build.result, region: "cn-north-4" };
    return { status: 200, body: { result, error: null, status: "success" } };
  };
}
