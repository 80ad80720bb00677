/** GitHub Actions, Gitea Actions and Forgejo Actions. */
import { appendFileSync, existsSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { EOL } from "node:os";
import { join, resolve } from "node:path";
import type { Environment } from "../environment.ts";
import { secrets } from "../http/redact.ts";
import { html } from "../spelling.ts";
import { duration, oneLine } from "../text.ts";
import {
  githubPlatform,
  isInput,
  longList,
  readText,
  reportJson,
  shown,
  strangeVariables,
  type Told,
  told,
  withoutSecrets,
} from "./common.ts";
import { headline } from "../engine/words.ts";
import { idNames, type Manifest } from "../engine/manifest.ts";
import { githubToken, inputs, isSecret, jobStatus } from "../interface.ts";
import type { Host, Job, Stranger } from "../host.ts";
import type { Report, RunRecord } from "../engine/record.ts";

const statuses: Readonly<Record<string, Job["status"]>> = {
  success: "success",
  failure: "failed",
  cancelled: "cancelled",
};

/**
 * Runners that read an input's default once, before the job's end is known, but keep to `post-if`: Gitea's 1.0.8, tried. Forgejo's is made
 * of act as that one is. act 0.2.89 itself reads it again, tried, as GitHub's does.
 */
const readsStatusOnce = (env: Environment): boolean =>
  ["GITEA_ACTIONS", "FORGEJO_ACTIONS", "ACT"].some((name) => env[name] === "true");
const readOnce = {
  why: "the job's status reads success, although this step runs at the end of a job only if that failed or was cancelled: this runner reads the default of an input only once",
  give: "`job-status: ${{ job.status }}`",
};

/** `post`: the end of the job. The runner starts another file for it, because variables can be set by any step before. */
export async function githubHost(env: Environment, manifest: Manifest, post: boolean): Promise<Host> {
  const toolkit = await import(/* webpackMode: "eager" */ "./github-toolkit.ts");
  // The runner already masks what comes from `secrets`; an ::add-mask:: of ours would write the secret to the log stream.
  const safe = (text: string): string => defuse(shown(text));
  const isDebug = env["RUNNER_DEBUG"] === "1" || env["ACTIONS_STEP_DEBUG"] === "true";
  let broken = "";

  function write(report: Report): void {
    const file = env["GITHUB_OUTPUT"];
    if (!file) throw new Error("GITHUB_OUTPUT is not set");
    const { outcome, cancelled, state, url, runs } = report;
    const values = {
      outcome,
      cancelled: `${cancelled}`,
      state: state ?? "",
      url: url ?? "",
      runs: fitting(JSON.stringify(runs), env),
    };
    allOrNothing(file, () => {
      for (const [name, value] of Object.entries(values)) put(file, name, value, toolkit.setOutput);
    });
  }

  // One variable, always: what the runner has kept is set over what somebody else has put there.
  const kept = post ? savedIn(toolkit.getState("saved")) : new Map<string, string>();
  if (!post) save({});

  function save(values: Readonly<Record<string, string>>): void {
    remember((file) => {
      put(file, "saved", JSON.stringify(values), toolkit.saveState);
    });
  }

  /** State is a courtesy of the runner: without it the end of the job knows what it is told again. */
  function remember(write: (file: string) => void): void {
    const file = env["GITHUB_STATE"];
    try {
      if (file)
        allOrNothing(file, () => {
          write(file);
        });
    } catch {
      toolkit.warning(
        `the state of this step could not be saved: in a composite action it will not act at the end of the job`,
      );
    }
  }

  return {
    // In nested composite actions inputs are empty at the end of the job: https://github.com/actions/runner/issues/2009
    input: (name) => toolkit.getInput(name) || (isSecret(name) ? "" : (kept.get(name) ?? "")),
    spell: (name) => (isInput(name) ? name : `${name} in ids`),
    strangers: strangersIn(env),
    read: (path) => readText(resolve(env["GITHUB_WORKSPACE"] ?? "", path)),
    env,
    platform: githubPlatform(env, toolkit.getInput("github-token") || undefined),
    job: {
      phase: post ? "after" : "before",
      again: post,
      status: statuses[toolkit.getInput(jobStatus.name)] ?? "unknown",
      ...(post && { onlyUnsuccessful: true }),
      ...(post &&
        readsStatusOnce(env) &&
        toolkit.getInput(jobStatus.name) === "success" && { contradiction: readOnce }),
    },
    arm: () => {
      if (!env["GITHUB_STATE"])
        toolkit.warning("GITHUB_STATE is not set, so this step will not know the end of the job, and not act then");
      const open = [...inputs.map((input) => input.name), ...idNames(manifest)].filter((name) => !isSecret(name));
      const given = open.map((name) => [name, toolkit.getInput(name)] as const).filter(([, value]) => value);
      // A secret in any other input is refused.
      save(Object.fromEntries(given.map(([name, value]) => [name, name === "reason" ? secrets.redact(value) : value])));
    },
    defaultReason: await reason(env),
    mask: (secret) => {
      secrets.add(secret);
    },
    log: (line) => {
      toolkit.info(safe(line));
    },
    progress: () => undefined,
    warn: (line) => {
      toolkit.warning(safe(line));
    },
    // A debug command is shown only where the host asks for it, and the input may ask as well.
    debug: (line) => {
      if (isDebug) toolkit.debug(safe(line));
      else toolkit.info(safe(`debug: ${line}`));
    },
    isDebug,
    usage: (line) => {
      toolkit.error(safe(line), { title: "cancel-run: invalid input" });
    },
    async report(whole, final) {
      const report = withoutSecrets(whole);
      try {
        write(report);
      } catch (error) {
        broken = `outputs could not be written (${(error as NodeJS.ErrnoException).code ?? (error as Error).message})`;
      }
      if (!final) return broken === "";
      if (isTooLarge(JSON.stringify(report.runs)) && env["RUNNER_TEMP"])
        toolkit.notice(
          `the output runs is the path of a file, because GitHub takes outputs of at most 1 MB a job: ${asidePath(env["RUNNER_TEMP"], env)}`,
          { title: "cancel-run" },
        );
      if (report.note) (report.exit === 0 ? toolkit.notice : toolkit.error)(safe(report.note), { title: "cancel-run" });
      const runs = told(report);
      for (const { line, address } of runs) {
        toolkit.info(safe(line));
        if (address) toolkit.info(`  ${safe(address)}`);
      }
      for (const { run, line } of runs.filter(({ failed }) => failed))
        toolkit.error(safe(line), { title: `cancel-run: ${run.outcome}` });
      if (env["GITHUB_STEP_SUMMARY"]) {
        try {
          const { summary } = await import(/* webpackMode: "eager" */ "./github-summary.ts");
          await summary.addRaw(summaryOf(report)).write();
        } catch (error) {
          toolkit.warning(
            safe(`the step summary could not be written (${(error as NodeJS.ErrnoException).code ?? "unknown"})`),
          );
        }
      }
      // Whole, because it stands in for the outputs.
      if (broken) toolkit.error(defuse(`${safe(broken)}; the result is: ${reportJson(report)}`));
      return broken === "";
    },
  };
}

/** What the runner passes on to every action, and what containers are started with. */
const ofTheRunner = [githubToken.name, jobStatus.name, "args", "entrypoint"];

/** The runner hands over every line below `with`, with a warning if action.yml does not have it. */
function strangersIn(env: Environment): Stranger[] {
  const inputsOfStep = Object.entries(env).flatMap(([key, value = ""]) => {
    const name = /^INPUT_(.+)$/.exec(key)?.[1]?.toLowerCase();
    return name === undefined || isInput(name) || ofTheRunner.includes(name) ? [] : [{ name, spelled: name, value }];
  });
  return [...inputsOfStep, ...strangeVariables(env, () => false)];
}

function savedIn(state: string): Map<string, string> {
  try {
    return new Map(Object.entries(JSON.parse(state || "{}") as Record<string, string>));
  } catch {
    return new Map();
  }
}

/**
 * A value on one line is written as `name=value`. Lines need a delimiter that nobody guesses, and the toolkit writes all
 * values like that: but the node:crypto that makes one takes longer to load than all else that the host does before the first request.
 * https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands#environment-files
 */
function put(file: string, name: string, value: string, lines: (name: string, value: string) => void): void {
  // A file that is not there is read by nobody: the toolkit refuses it.
  if (/[\r\n]/.test(value) || !existsSync(file)) lines(name, value);
  else appendFileSync(file, `${name}=${value}${EOL}`);
}

/**
 * Outputs of a job may have 1 MB together, counted in UTF-16; some of it is left for the others.
 * https://docs.github.com/actions/writing-workflows/choosing-what-your-workflow-does/passing-information-between-jobs
 */
const largestOutput = 900_000;
const isTooLarge = (json: string): boolean => json.length * 2 > largestOutput;

/** Steps of one job have files of their own. */
const asidePath = (folder: string, env: Environment): string =>
  join(folder, `cancel-run-${(env["GITHUB_ACTION"] ?? "").replace(/\W/g, "_") || "step"}.json`);

/** The output `runs`: what is too large for one stands in a file, whose path it is then. */
function fitting(json: string, env: Environment): string {
  const { RUNNER_TEMP: folder } = env;
  if (!isTooLarge(json) || !folder) return json;
  const path = asidePath(folder, env);
  writeFileSync(path, json);
  return path;
}

/** All that is written or, where the disk is full, nothing: half a line would be read as a whole one. */
function allOrNothing(file: string, write: () => void): void {
  const size = statSync(file, { throwIfNoEntry: false })?.size;
  try {
    write();
  } catch (error) {
    try {
      truncateSync(file, size);
    } catch {
      // It is no file.
    }
    throw error;
  }
}

async function reason(env: Environment): Promise<string> {
  const { GITHUB_REPOSITORY: repository, GITHUB_RUN_ID: run, GITHUB_SERVER_URL: server } = env;
  const from = [await workflow(env), repository && `of ${repository}`].filter(Boolean).join(" ");
  return `Cancelled by ${from || "cancel-run"}${repository && run ? `: ${server ?? ""}/${repository}/actions/runs/${run}` : ""}`;
}

async function workflow(env: Environment): Promise<string | undefined> {
  try {
    return (await import(/* webpackMode: "eager" */ "./github-context.ts")).context.workflow;
  } catch {
    return env["GITHUB_WORKFLOW"];
  }
}

/**
 * The runner reads commands at the start of a line (`::`, after spaces) and, in the old form (`##[`), anywhere.
 * https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs
 */
export function defuse(line: string): string {
  return line.replace(/^(\s*):(?=:)/, "$1: ").replaceAll("##[", "## [");
}

/** Runs that a summary shows: it may have 1 MiB. */
const maxRows = 200;

/**
 * A headline, the runs in a table, and why: HTML on one line, so that nothing in it is read as Markdown, and every foreign word is
 * escaped. Of a long list only what fails the step stands open.
 */
export function summaryOf(report: Report): string {
  const { runs, exit, note } = report;
  const all = told(report);
  const shownRuns = all.slice(0, maxRows);
  const isLong = all.length > longList;
  const urgent = isLong ? all.filter(({ failed }) => failed).slice(0, longList) : shownRuns;
  const rest = runs.length - shownRuns.length;
  const more = rest > 0 ? `<p>and ${rest} more in the output <code>runs</code></p>` : "";
  const folded = isLong
    ? `<details><summary>All ${runs.length} runs</summary>${table(shownRuns)}${more}</details>`
    : "";
  const asked = runs.find(({ attempts }) => attempts > 0);
  return [
    `<h3>${exit === 0 ? "✅" : "❌"} cancel-run: ${escape(headline(report))}</h3>`,
    note && `<p>${escape(note)}</p>`,
    table(urgent),
    folded,
    asked && `<p><strong>Why:</strong> ${linked(asked.reason)}</p>`,
    "\n\n",
  ]
    .filter(Boolean)
    .join("");
}

/** A column that no run has anything for is left out. */
function table(runs: readonly Told[]): string {
  if (runs.length === 0) return "";
  const columns: readonly (readonly [string, (told: Told) => string])[] = [
    ["Run", link],
    ["Outcome", ({ run }) => `<strong>${escape(run.outcome)}</strong>`],
    ["State", ({ run }) => states(run)],
    ["Branch or tag", ({ run }) => code(run.ref)],
    ["Took", ({ run }) => (run.seconds > 0 ? duration(run.seconds * 1000) : "")],
    ["Detail", ({ run }) => escape(run.detail)],
  ];
  const filled = columns.filter(([, cell]) => runs.some((one) => cell(one) !== ""));
  const head = filled.map(([title]) => `<th>${title}</th>`).join("");
  const rows = runs.map((one) => `<tr>${filled.map(([, cell]) => `<td>${cell(one)}</td>`).join("")}</tr>`);
  return `<table><tr>${head}</tr>${rows.join("")}</table>`;
}

function link({ label, address }: Told): string {
  const text = `<code>${escape(label)}</code>`;
  return /^https?:\/\//.test(address) ? `<a href="${escape(address)}">${text}</a>` : text;
}

const states = ({ before, after }: RunRecord): string =>
  [...new Set([before, after])].map(code).filter(Boolean).join(" → ");

/** A link shows the address that it leads to. */
function linked(text: string): string {
  const words = secrets.redact(oneLine(text, 1000)).split(" ");
  return words
    .map((word) => (isAddress(word) ? `<a href="${escape(word)}">${escape(word)}</a>` : escape(word)))
    .join(" ");
}

const isAddress = (word: string): boolean =>
  /^https?:\/\//.test(word) && URL.canParse(word) && new URL(word).username === "";

const code = (text: string | null): string => (text ? `<code>${escape(text)}</code>` : "");
const escape = (text: string): string => secrets.redact(html(oneLine(text, 1000)));
