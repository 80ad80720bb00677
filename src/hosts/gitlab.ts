/** GitLab CI/CD: inputs are variables, outputs are report files. */
import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Environment } from "../environment.ts";
import type { Report } from "../engine/record.ts";
import { secrets } from "../http/redact.ts";
import {
  gitlabPlatform,
  isInput,
  readText,
  reportJson,
  shown,
  strangeVariables,
  variable,
  withoutSecrets,
} from "./common.ts";
import { labelOf, sentence } from "../engine/words.ts";
import { UsageError } from "../engine/usage.ts";
import type { Provider } from "../provider.ts";
import type { Host, Job } from "../host.ts";

const statuses: Readonly<Record<string, Job["status"]>> = {
  success: "success",
  failed: "failed",
  timedout: "failed",
  canceled: "cancelled",
};

/** A job that is not over, in GitLab's words. */
const live: ReadonlySet<string> = new Set(["created", "pending", "preparing", "running", "canceling"]);

export function gitlabHost(
  env: Environment,
  providers: ReadonlyMap<string, Provider>,
  print: (line: string) => void,
): Host {
  const word = env["CI_JOB_STATUS"] ?? "";
  // Set in every job, to a word of an end only in after_script: https://docs.gitlab.com/ci/variables/predefined_variables/
  const isOver = word !== "" && !live.has(word);
  const folder = env["CI_PROJECT_DIR"] ?? ".";
  // Without escapes and carriage returns GitLab's section markers are plain text.
  const say = (line: string): void => {
    print(shown(line));
  };
  return {
    input: (name) => env[variable(name)] ?? "",
    spell: (name) => (isInput(name) ? variable(name) : `${name} in ${variable("ids")}`),
    strangers: strangeVariables(env, isInput),
    read: (path) => readText(resolve(folder, path)),
    env,
    platform: gitlabPlatform(env),
    job: { phase: isOver ? "after" : "before", status: statuses[word] ?? "unknown" },
    arm: () => {
      throw new UsageError(
        word === ""
          ? `${variable("when")}: CI_JOB_STATUS is not set here, so the end of the job cannot be told; pass it on to where this step runs`
          : `${variable("when")}: it is of use in after_script only; the component guard puts it there. In after_script, runners before 17.1 do not always say how the job ended`,
      );
    },
    defaultReason: reason(env),
    mask: (secret) => {
      secrets.add(secret);
    },
    log: say,
    progress: () => undefined,
    warn: (line) => {
      say(`warning: ${line}`);
    },
    debug: (line) => {
      say(`debug: ${line}`);
    },
    isDebug: env["CI_DEBUG_TRACE"] === "true",
    usage: (line) => {
      say(`wrong input: ${line}`);
    },
    report(whole, final) {
      const report = withoutSecrets(whole);
      let broken = "";
      try {
        writeFileSync(join(folder, "cancel-run.env"), dotenv(report));
        writeFileSync(join(folder, "cancel-run.json"), `${reportJson(report)}\n`);
        writeFileSync(join(folder, "cancel-run-annotations.json"), `${annotations(report, providers)}\n`);
      } catch (error) {
        broken = `outputs could not be written to ${folder} (${(error as NodeJS.ErrnoException).code ?? "unknown"})`;
      }
      if (final) {
        if (report.note) say(report.note);
        for (const run of report.runs)
          say(`${labelOf(run, providers)}: ${sentence(run)}${run.url ? ` ${run.url}` : ""}`);
        // Whole, because it stands in for the files.
        if (broken) print(`${shown(broken)}; the result is: ${reportJson(report)}`);
      }
      return Promise.resolve(broken === "");
    },
  };
}

function reason({ CI_JOB_NAME: job, CI_PROJECT_PATH: project, CI_JOB_URL: url }: Environment): string {
  const from = [job, project && `of ${project}`].filter(Boolean).join(" ");
  return `Cancelled by ${from || "cancel-run"}${url ? `: ${url}` : ""}`;
}

/**
 * One line each, no spaces, no quotes: https://docs.gitlab.com/ci/yaml/artifacts_reports/#artifactsreportsdotenv
 * The page is not called CANCEL_RUN_URL: a later job would inherit that as its input `url`.
 */
export function dotenv({ outcome, cancelled, state, url }: Report): string {
  const values = { OUTCOME: outcome, CANCELLED: `${cancelled}`, STATE: state ?? "", PAGE: url ?? "" };
  return Object.entries(values)
    .map(
      ([name, value]) =>
        `CANCEL_RUN_${name}=${/^[\x21\x23\x25\x26\x28-\x5b\x5d-\x5f\x61-\x7e]*$/.test(value) ? value : ""}\n`,
    )
    .join("");
}

/** Links on the job's page: https://docs.gitlab.com/ci/yaml/artifacts_reports/#artifactsreportsannotations */
export function annotations({ runs }: Report, providers: ReadonlyMap<string, Provider>): string {
  const links = runs.flatMap((run) =>
    run.url ? [{ external_link: { label: `${run.outcome}: ${labelOf(run, providers)}`, url: run.url } }] : [],
  );
  return JSON.stringify({ "cancel-run": links.slice(0, 100) });
}
