/** The story: read inputs → locate runs → look → cancel → watch → force → report. */
import { grant, secretsOf } from "./engine/credentials.ts";
import { arm, cannotTell, contradiction, due, withoutId } from "./engine/guard.ts";
import { checkIdFile, withIdFile } from "./engine/id-file.ts";
import { Unidentified } from "./engine/identify.ts";
import { candidates, locate } from "./engine/locate.ts";
import type { Lookup } from "./engine/lookup.ts";
import { type Report, summarize } from "./engine/record.ts";
import { checkReach, checkSelection, choose, type Chosen } from "./engine/selection.ts";
import { readSettings, type Settings } from "./engine/settings.ts";
import { identify, Interrupted } from "./engine/server-version.ts";
import { debugOf, openStep, type Plan, type Step, type StepDeps } from "./engine/step.ts";
import { checkNames } from "./engine/unknown-inputs.ts";
import { MissingId, NotStarted, UsageError } from "./engine/usage.ts";
import type { Host } from "./host.ts";

/** Runs the step. Resolves with its exit code; never rejects for anything that a run or a server does. */
export async function cancelRun(deps: StepDeps): Promise<Report["exit"]> {
  const { host, clock } = deps;
  const start = clock.now();
  const plan = await prepare(deps, start);
  if (plan === 2 || plan === 130)
    await host.report({ ...summarize([], []), labels: [], outcome: "failed", exit: plan }, false);
  if (typeof plan === "number") return plan;
  for (const secret of secretsOf(plan.grants)) host.mask(secret);
  const step = openStep(deps, plan, start);
  for (const run of plan.runs) step.scheduler.add(run);
  const { runs, report: note } = await chooseRuns(plan, step, host);
  for (const { run, secondLook } of runs) step.scheduler.add(run, secondLook);
  // A step that is killed while it asks has outputs, too.
  await host.report({ ...step.summary(), ...note }, false);
  await step.scheduler.work();
  step.close();
  const report = { ...step.summary(), ...(plan.note !== undefined && { note: plan.note }), ...note };
  const kept = await host.report(report, true, Math.max(step.tools.deadline - clock.now(), graceForReport));
  return kept || report.exit !== 0 ? report.exit : 1;
}

/** Least time for the report to be read, also where the deadline has come. In ms. */
const graceForReport = 5000;

/** Reads and checks everything before anything is sent; an exit code when there is nothing to do. */
async function prepare(deps: StepDeps, start: number): Promise<Plan | 0 | 2 | 130> {
  try {
    return await decide(deps, start);
  } catch (error) {
    if (error instanceof Interrupted) {
      deps.host.warn(error.message);
      return 130;
    }
    if (!(error instanceof UsageError)) throw error;
    deps.host.usage(error.message);
    return 2;
  }
}

async function decide(deps: StepDeps, start: number): Promise<Plan | 0> {
  const { host } = deps;
  const { manifest, load } = deps.registry;
  // Known before all else is read: an input that is wrong by now must not silence a guard.
  const when = host.input("when").trim() || "now";
  const decision = due(when, host.job);
  if (when === "now" && decision === "skip") return 0;
  const strangers = checkNames(host, manifest);
  const settings = readSettings(host, manifest);
  if (decision === "skip") return 0;
  if (strangers !== undefined && host.job?.again !== true) host.warn(strangers);
  const warning = contradiction(when, decision, host);
  if (warning !== undefined) host.warn(warning);
  if (warning !== undefined && decision === "cannot tell") return 0;
  if (decision === "cannot tell" && host.job === undefined) throw cannotTell(when, host);
  const providers = await load(candidates(settings, host.platform, manifest));
  const identified = new Map<string, string>();
  const spell = (name: string): string => host.spell(name);
  const read = (path: string): string | undefined => host.read(path);
  const lookup = { providers, env: host.env, platform: host.platform, identified, spell, read };
  const { idFile } = settings;
  const uncertain = idFile === undefined ? undefined : checkIdFile(settings, idFile, host, providers);
  if (decision === "arm" && uncertain !== undefined) host.warn(uncertain);
  // What it is to hold has not been started yet.
  if (decision === "arm" && idFile !== undefined) return arm(host, when);
  for (;;) {
    try {
      const named = idFile === undefined ? settings : withIdFile(settings, idFile, host, { manifest, providers });
      const plan = makePlan(named, lookup);
      if (decision === "arm") return arm(host, when);
      if (decision === "cannot tell") throw cannotTell(when, host);
      return plan;
    } catch (error) {
      if (when !== "now" && error instanceof MissingId) return withoutId(error, decision, host);
      if (error instanceof NotStarted) return nothingStarted(settings, error);
      if (!(error instanceof Unidentified)) throw error;
      // While it is armed a guard sends nothing.
      if (decision === "arm") return arm(host, when);
      if (decision === "cannot tell") throw cannotTell(when, host);
      const deadline = start + settings.timeout;
      identified.set(error.server, await identify(error, { ...deps, providers }, deadline, debugOf(settings, host)));
    }
  }
}

function makePlan(settings: Settings, lookup: Lookup): Plan {
  const { runs, query } = locate(settings, lookup);
  const asked = query ? [query] : runs;
  const grants = grant(asked, settings, lookup);
  checkReach(asked, settings, lookup);
  if (query) checkSelection(query, settings.selection!, lookup);
  return { settings, runs, query, grants };
}

function nothingStarted(settings: Settings, { message }: NotStarted): Plan {
  const note = `nothing to cancel: ${message}, so what it is to name has not been started`;
  return { settings, runs: [], query: undefined, grants: new Map(), note };
}

async function chooseRuns({ settings, query }: Plan, { tools, sessionOf }: Step, host: Host): Promise<Chosen> {
  if (!query) return { runs: [], report: {} };
  const { deadline, interrupted, clock, say, warn, spell, debug } = tools;
  const now = clock.date().getTime();
  const sending = { reason: settings.reason, deadline, signal: interrupted };
  const rest = (ms: number): Promise<void> =>
    clock.sleep(Math.max(0, Math.min(ms, deadline - clock.now())), interrupted);
  const { platform } = host;
  return await choose(query, {
    settings,
    session: sessionOf(query),
    sending,
    platform,
    say,
    warn,
    rest,
    spell,
    now,
    debug,
  });
}
