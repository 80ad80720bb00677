// https://support.huaweicloud.com/api-deployman/StopDeployTaskRecordV2.html · https://support.huaweicloud.com/api-deployman/ShowDeployStatus.html
import type { Service } from "./codearts.ts";
import type { Ending } from "./ending.ts";

/** One deployment of a task. */
export interface DeployRecord {
  readonly task: string;
  readonly id: string;
  /** Unverified: that `abort`, which a list of applications shows, is what a stopped one becomes. */
  status: "running" | "succeeded" | "failed" | "abort";
  readonly ending: Ending<DeployRecord["status"]>;
}

/** CodeArts Deploy. */
export function deployments(records: readonly DeployRecord[]): Service {
  return ({ method, path }) => {
    const route = `${method} ${path}`;
    for (const record of records) {
      const { task, id } = record;
      if (route === `PUT /v2/tasks/${task}/records/${id}/stop`) {
        // Unverified: the same for one that is over.
        if (record.status === "running") record.status = record.ending.begin() ?? record.status;
        return { status: 200, body: { status: "success", result: { id, task_id: task } } };
      }
      if (route === `GET /v2/tasks/${task}/state?record_id=${id}&step_state=false`) {
        if (record.status === "running") record.status = record.ending.next() ?? record.status;
        const step = record.status === "running" ? "running" : "finish";
        const result = { task_id: task, record_id: id, status: record.status, step };
        return { status: 200, body: { status: "success", result } };
      }
    }
    return undefined;
  };
}
