/** A guard acts at the end of its own job: when it is due, and what is due before. */
import type { Host, Job } from "../host.ts";
import { type MissingId, NotStarted, UsageError } from "./usage.ts";

export type Decision = "act" | "arm" | "skip" | "cannot tell";

/** What the step does in this phase of its job; `when` as the input says it. */
export function due(when: string, job: Job | undefined): Decision {
  if (when === "now") return job?.again ? "skip" : "act";
  if (job === undefined) return "cannot tell";
  if (job.phase === "before") return "arm";
  if (job.contradiction !== undefined) return when === "unsuccessful" ? "act" : "cannot tell";
  if (when === "unsuccessful" && job.onlyUnsuccessful && job.status === "unknown") return "act";
  if (job.status === "unknown") return "cannot tell";
  if (when === "unsuccessful") return job.status === "success" ? "skip" : "act";
  return job.status === when ? "act" : "skip";
}

/** What is said of an end of the job that contradicts itself; undefined where it does not. */
export function contradiction(when: string, decision: Decision, host: Host): string | undefined {
  const found = host.job?.contradiction;
  if (found === undefined || when === "now") return undefined;
  if (decision === "act") return `${found.why}. It counts as not successful, so this guard acts`;
  const way = `${host.spell("when")}: unsuccessful`;
  return `${found.why}. It is unclear whether the job ended ${when}, so this guard does nothing; give it ${found.give}, or ${way}`;
}

/** Why it is unclear whether the guard is due. */
export function cannotTell(when: string, host: Host): UsageError {
  const input = host.spell("when");
  if (host.job === undefined)
    return new UsageError(`${input}: this host cannot tell when a job ends, so only now works here`);
  const instead = host.job.onlyUnsuccessful ? "; use unsuccessful" : "";
  return new UsageError(`${input}: this host cannot tell "${when}" from other endings of a job${instead}`);
}

/** Keeps the inputs for the end of the job, if it ends as `when` says, where that is already known to be right. */
export function arm(host: Host, when?: string): 0 {
  host.arm();
  host.log(`armed: acts at the end of this job${when === undefined ? "" : `, if it ends ${when}`}`);
  return 0;
}

/** The step that gives the id comes after the guard: at the end of the job an id still missing is a deploy that never started. */
export function withoutId(error: MissingId, decision: Decision, host: Host): 0 {
  if (decision === "arm") return arm(host);
  const why = error instanceof NotStarted ? error.message : `${error.input} is empty`;
  host.log(`nothing to cancel: ${why}, so what this job guards has not started`);
  return 0;
}
