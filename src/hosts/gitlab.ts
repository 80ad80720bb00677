/** GitLab CI/CD: inputs are variables, outputs are report files. */
import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Environment } from "../environment.ts";
import type { Report, Summary } from "../engine/record.ts";
import { secrets } from "../http/redact.ts";
import {
  gitlabPlatform,
  isInput,
  longList,
  readText,
  reportJson,
  shown,
  strangeVariables,
  type Told,
  told,
  variable,
  withoutSecrets,
} from "./common.ts";
import { headline } from "../engine/words.ts";
import { UsageError } from "../engine/usage.ts";
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
  print: (line: string) => void,
  seconds: () => number = () => Math.floor(Date.now() / 1000),
): Host {
  const word = env["CI_JOB_STATUS"] ?? "";
  // Set in every job, to a word of an end only in after_script: https://docs.gitlab.com/ci/variables/predefined_variables/
  const isOver = word !== "" && !live.has(word);
  const folder = env["CI_PROJECT_DIR"] ?? ".";
  // Without escapes and carriage returns GitLab's section markers are plain text.
  const say = (line: string, color?: Color): void => {
    print(hasColors && color !== undefined ? `\u001b[${colors[color]}m${shown(line)}\u001b[0m` : shown(line));
  };
  const hasColors = !env["NO_COLOR"];
  // A job may have several steps of ours: a section is told by its name.
  const section = `cancel_run_${seconds()}_${env["CI_JOB_ID"]?.replace(/\D/g, "") ?? ""}`;
  let open = "";
  const begin = (name: string, title: string, isCollapsed = false): void => {
    open = `${section}_${name}`;
    const collapsed = isCollapsed ? "[collapsed=true]" : "";
    print(`\u001b[0Ksection_start:${seconds()}:${open}${collapsed}\r\u001b[0K${shown(title)}`);
  };
  const close = (): void => {
    if (open) print(`\u001b[0Ksection_end:${seconds()}:${open}\r\u001b[0K`);
    open = "";
  };
  const sayRun = ({ line, address, failed }: Told): void => {
    say(line, failed ? "bad" : "good");
    if (address) print(`  ${shown(address)}`);
  };
  /** Of a long list only what fails the step stands open. */
  const sayRuns = (runs: readonly Told[]): void => {
    if (runs.length <= longList) {
      runs.forEach(sayRun);
      return;
    }
    runs
      .filter(({ failed }) => failed)
      .slice(0, longList)
      .forEach(sayRun);
    begin("runs", `All ${runs.length} runs`, true);
    runs.forEach(sayRun);
    close();
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
          ? `${variable("when")}: CI_JOB_STATUS is not set here, so this step cannot tell how the job ended; pass it on to where this step runs`
          : `${variable("when")}: it works only in after_script; use the guard component. In after_script, runners before 17.1 do not always say how the job ended`,
      );
    },
    defaultReason: reason(env),
    mask: (secret) => {
      secrets.add(secret);
    },
    log: (line) => {
      if (!open) begin("progress", "Progress");
      say(line);
    },
    progress: () => undefined,
    warn: (line) => {
      say(`warning: ${line}`, "warning");
    },
    debug: (line) => {
      say(`debug: ${line}`);
    },
    isDebug: env["CI_DEBUG_TRACE"] === "true",
    usage: (line) => {
      close();
      say(`invalid input: ${line}`, "bad");
    },
    report(whole, final) {
      const report = withoutSecrets(whole);
      let broken = "";
      try {
        writeFileSync(join(folder, "cancel-run.env"), dotenv(report));
        writeFileSync(join(folder, "cancel-run.json"), `${reportJson(report)}\n`);
        writeFileSync(join(folder, "cancel-run-annotations.json"), `${annotations(report)}\n`);
      } catch (error) {
        broken = `outputs could not be written to ${folder} (${(error as NodeJS.ErrnoException).code ?? "unknown"})`;
      }
      if (final) {
        close();
        const color = report.exit === 0 ? "good" : "bad";
        if (report.runs.length > 1) say(headline(report), color);
        if (report.note) say(report.note, color);
        sayRuns(told(report));
        // Whole, because it stands in for the files.
        if (broken) print(`${shown(broken)}; the result is: ${reportJson(report)}`);
      }
      return Promise.resolve(broken === "");
    },
  };
}

/** Select Graphic Rendition, which a job's log shows: https://docs.gitlab.com/ci/yaml/script/#add-color-codes-to-script-output */
const colors = { good: "32;1", warning: "33;1", bad: "31;1" } as const;
type Color = keyof typeof colors;

function reason({ CI_JOB_NAME: job, CI_PROJECT_PATH: project, CI_JOB_URL: url }: Environment): string {
  const from = [job, project && `of ${project}`].filter(Boolean).join(" ");
  return `Cancelled by ${from || "cancel-run"}${url ? `: ${url}` : ""}`;
}

/**
 * One line each, no spaces, no quotes: https://docs.gitlab.com/ci/yaml/artifacts_reports/#artifactsreportsdotenv
 * The page is not called CANCEL_RUN_URL: a later job would inherit that as its input `url`.
 */
export function dotenv({ outcome, cancelled, state, url }: Summary): string {
  const values = { OUTCOME: outcome, CANCELLED: `${cancelled}`, STATE: state ?? "", PAGE: url ?? "" };
  return Object.entries(values)
    .map(
      ([name, value]) =>
        `CANCEL_RUN_${name}=${/^[\x21\x23\x25\x26\x28-\x5b\x5d-\x5f\x61-\x7e]*$/.test(value) ? value : ""}\n`,
    )
    .join("");
}

/** Links on the job's page: https://docs.gitlab.com/ci/yaml/artifacts_reports/#artifactsreportsannotations */
export function annotations(report: Report): string {
  const links = told(report).flatMap(({ run, label, address }) =>
    address ? [{ external_link: { label: `${run.outcome}: ${label}`, url: address } }] : [],
  );
  return JSON.stringify({ "cancel-run": links.slice(0, 100) });
}
