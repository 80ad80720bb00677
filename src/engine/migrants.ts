/** Inputs of the actions that people come from, and what to write instead. docs/migrating.md says the same; a test compares. */

export interface Migrant {
  /** The actions that have it. */
  readonly of: readonly string[];
  /** The end of a sentence; `{name}` is an input of ours, as the host at hand spells it. */
  readonly instead: string;
}

const styfle = ["styfle/cancel-workflow-action"];
const potiuk = ["potiuk/cancel-workflow-runs"];
const fkirc = ["fkirc/skip-duplicate-actions"];

const notNeeded = "here it is {token}, which is not needed for the repository the step runs in";
const ownStep = "there is none here: use a step of your own, such as `gh pr comment`";
const noSkip = "it decides whether to skip, which this step does not do";

/** By the name in their `action.yml`. step-security's forks have those of their originals. */
export const migrants: Readonly<Record<string, Migrant>> = {
  workflow_id: { of: styfle, instead: "here it is {workflow}" },
  access_token: { of: styfle, instead: notNeeded },
  ignore_sha: {
    of: styfle,
    instead: "here a selection takes no notice of the commit: give {pull-request} or {branch}",
  },
  all_but_latest: { of: styfle, instead: "here it is {keep-newest} with the value 1" },
  only_status: { of: styfle, instead: "here it is {status}, in words of ours" },
  force_cancel: { of: styfle, instead: "here it is {force-after}, with a time such as 30s" },
  cancelMode: {
    of: potiuk,
    instead: "here it is {keep-newest}, {older-than-this}, {with-job}, {with-failed-job} or {self}",
  },
  cancelFutureDuplicates: { of: potiuk, instead: "here it is {keep-newest} with the value 1, or {older-than-this}" },
  sourceRunId: { of: potiuk, instead: "here it is {run-id}, or {workflow} with {branch}" },
  jobNameRegexps: { of: potiuk, instead: "here it is {with-job} or {with-failed-job}, in which * stands for any text" },
  skipEventTypes: { of: potiuk, instead: "here it is {event}, which names those that may be cancelled" },
  selfPreservation: { of: potiuk, instead: "here it is {self}, the other way round" },
  workflowFileName: { of: potiuk, instead: "here it is {workflow}" },
  notifyPRCancel: { of: potiuk, instead: ownStep },
  notifyPRCancelMessage: { of: potiuk, instead: ownStep },
  notifyPRMessageStart: { of: potiuk, instead: ownStep },
  cancel_others: { of: fkirc, instead: "here it is {branch} with {older-than-this}" },
  github_token: { of: fkirc, instead: notNeeded },
  paths: { of: fkirc, instead: noSkip },
  paths_ignore: { of: fkirc, instead: noSkip },
  paths_filter: { of: fkirc, instead: noSkip },
  do_not_skip: { of: fkirc, instead: noSkip },
  concurrent_skipping: { of: fkirc, instead: noSkip },
  skip_after_successful_duplicate: { of: fkirc, instead: noSkip },
};
