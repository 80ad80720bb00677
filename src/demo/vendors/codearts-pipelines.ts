// https://support.huaweicloud.com/intl/en-us/api-pipeline/StopPipelineRun.html
import type { Service } from "./codearts.ts";
import type { Ending } from "./ending.ts";

export interface PipelineRun {
  readonly project: string;
  readonly pipeline: string;
  readonly id: string;
  status: "RUNNING" | "PAUSED" | "SUSPEND" | "COMPLETED" | "FAILED" | "CANCELED" | "IGNORED";
  readonly ending: Ending<PipelineRun["status"]>;
}

const live = ["RUNNING", "PAUSED", "SUSPEND"];

/** CodeArts Pipeline. */
export function pipelineRuns(runs: readonly PipelineRun[]): Service {
  return ({ method, path, body }) => {
    const route = `${method} ${path}`;
    for (const run of runs) {
      const pipeline = `/v5/${run.project}/api/pipelines/${run.pipeline}/pipeline-runs`;
      if (route === `POST ${pipeline}/${run.id}/stop`) {
        // The gateway refuses an empty POST, though the documents name no body. https://github.com/Lzhtommy/codearts-cli
        if (body === "")
          return { status: 400, body: { error_code: "PARSE_REQUEST_DATA_EXCEPTION", error_msg: "empty body" } };
        // Unverified: the same for a run that is over.
        if (live.includes(run.status)) run.status = run.ending.begin() ?? run.status;
        return { status: 200, body: { success: true } };
      }
      if (route === `GET ${pipeline}/detail?pipeline_run_id=${run.id}`) {
        if (live.includes(run.status)) run.status = run.ending.next() ?? run.status;
        return { status: 200, body: { id: run.id, pipeline_id: run.pipeline, name: "release", status: run.status } };
      }
    }
    return undefined;
  };
}
