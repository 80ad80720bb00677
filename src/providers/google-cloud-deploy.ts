// https://cloud.google.com/deploy/docs/api/reference/rest/v1/projects.locations.deliveryPipelines.releases.rollouts/cancel
// https://cloud.google.com/deploy/docs/api/reference/rest/v1/projects.locations.deliveryPipelines.releases.rollouts.jobRuns/terminate
// https://cloud.google.com/deploy/docs/api/reference/rest/v1/projects.locations.deliveryPipelines.releases/abandon
// https://cloud.google.com/deploy/docs/api/reference/rest/v1/projects.locations.deliveryPipelines.automationRuns/cancel
import { auth, errors, project } from "../clouds/google.ts";
import { get, post, states, uuid } from "../kit.ts";
import type { Call, Id, Json, Pages, Provider, Target } from "../provider.ts";

const pipeline = "/projects/{project}/locations/{location}/deliveryPipelines/{delivery-pipeline}";
const aRelease = `${pipeline}/releases/{release}`;
const aRollout = `${aRelease}/rollouts/{rollout}`;
const aJobRun = `${aRollout}/jobRuns/{job-run}`;
const anAutomationRun = `${pipeline}/automationRuns/{automation-run}`;

/** Everything says its whole name: projects/…/deliveryPipelines/…/releases/…/rollouts/…/jobRuns/… */
function pipelineName({ name }: Json): string | undefined {
  return /\/deliveryPipelines\/([^/]+)/.exec(name)?.[1];
}

/** The same. */
function releaseName({ name }: Json): string | undefined {
  return /\/releases\/([^/]+)/.exec(name)?.[1];
}

/** The same. */
function rolloutName({ name }: Json): string | undefined {
  return /\/rollouts\/([^/]+)/.exec(name)?.[1];
}

/** The same. */
function jobRunName({ name }: Json): string | undefined {
  return /\/jobRuns\/([^/]+)/.exec(name)?.[1];
}

/** The same. */
function automationRunName({ name }: Json): string | undefined {
  return /\/automationRuns\/([^/]+)/.exec(name)?.[1];
}

/** Jobs stand in the phases of the rollout: those of a deployment by their kinds, those of child rollouts in lists. */
function jobsIn({ phases }: Json): readonly Json[] | undefined {
  return phases?.flatMap(({ deploymentJobs = {}, childRolloutJobs = {} }: Json) =>
    [...Object.values(deploymentJobs as object), ...Object.values(childRolloutJobs as object)].flat(),
  );
}

/** The job runs that start another rollout: a target that stands for several has one for each of them. An empty list is left out of the reply. */
function starting({ jobRuns = [] }: Json): readonly Json[] {
  return jobRuns.filter(({ createChildRolloutJobRun: child }: Json) => child !== undefined);
}

/** And its name. */
function childRolloutName({ createChildRolloutJobRun: child }: Json): string | undefined {
  return /\/rollouts\/([^/]+)$/.exec(child.rollout)?.[1];
}

/** The rollouts of a release that are not over: an abandoned release leaves them going on. https://cloud.google.com/deploy/docs/abandon-release */
function goingOn({ rollouts = [] }: Json): readonly Json[] {
  return rollouts.filter(({ state }: Json) => !/^(?:SUCCEEDED|FAILED|CANCELLED|APPROVAL_REJECTED)$/.test(state));
}

/** A release is there to be rolled out again and again, until it is abandoned. */
function stateOfRelease({ abandoned, renderState }: Json): string | undefined {
  return abandoned === true ? "ABANDONED" : renderState;
}

const docs = "https://cloud.google.com/iam/docs/roles-permissions/clouddeploy";

function named(help: string, example: string, more: Partial<Id> = {}): Id {
  return { pattern: /[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?/, help, example, ...more };
}

const place: Target["ids"] = {
  project,
  location: {
    pattern: /[a-z]+-[a-z]+\d{1,2}/,
    help: "region of the delivery pipeline",
    example: "us-central1",
    env: ["CLOUDSDK_DEPLOY_REGION"],
  },
  "delivery-pipeline": named("name of the delivery pipeline", "web-app", {
    env: ["CLOUDSDK_DEPLOY_DELIVERY_PIPELINE"],
  }),
};
const inRelease = { ...place, release: named("name of the release", "release-41") };
const inRollout = { ...inRelease, rollout: named("name of the rollout", "release-41-to-prod-0001") };

const list = { next: { parameter: "pageToken", token: "nextPageToken" } } satisfies Partial<Pages>;

/** What waits for its approval can be rejected, too, by whoever may. */
const cancelRollout: Call = post(`${aRollout}:cancel`, {
  body: {},
  otherwise: { ...post(`${aRollout}:approve`, { body: { approved: false } }), on: /^FAILED_PRECONDITION$/ },
});

const rollout: Target = {
  ids: inRollout,
  pages: [
    "/deploy/delivery-pipelines/{location}/{delivery-pipeline}/releases/{release}/rollouts/{rollout}?project={project}",
  ],
  permissions: { look: "`clouddeploy.rollouts.get`", cancel: "`clouddeploy.rollouts.cancel`", docs },
  look: {
    ...get(aRollout),
    state: "state",
    name: "targetId",
    shows: { "delivery-pipeline": pipelineName, release: releaseName, rollout: rolloutName },
    record: { "failure-reason": "failureReason" },
  },
  cancel: cancelRollout,
  jobs: [{ ...get(aRollout), items: jobsIn, name: "id", state: "state" }],
  downstream: [
    {
      ...get(`${aRollout}/jobRuns?pageSize=1000`),
      ...list,
      items: starting,
      target: "rollout",
      ids: { rollout: childRolloutName },
    },
  ],
};

const jobRun: Target = {
  ids: { ...inRollout, "job-run": uuid("UUID of the job run", "9c2f6a54-7d0e-4a52-9d39-0c8f5c6b7a81") },
  permissions: { look: "`clouddeploy.jobRuns.get`", cancel: "`clouddeploy.jobRuns.terminate`", docs },
  look: {
    ...get(aJobRun),
    state: "state",
    name: "jobId",
    shows: { "delivery-pipeline": pipelineName, release: releaseName, rollout: rolloutName, "job-run": jobRunName },
    record: { phase: "phaseId" },
  },
  cancel: post(`${aJobRun}:terminate`, { body: {} }),
};

/** It has no page here: to abandon a release cannot be undone, and its page is what people have who mean a rollout. */
const release: Target = {
  ids: inRelease,
  permissions: {
    look: "`clouddeploy.releases.get`",
    cancel: "`clouddeploy.releases.abandon`, which cannot be undone",
    docs,
  },
  look: {
    ...get(aRelease),
    state: stateOfRelease,
    name: "description",
    shows: { "delivery-pipeline": pipelineName, release: releaseName },
  },
  cancel: post(`${aRelease}:abandon`, { body: {} }),
  // Rendered, as a whole or in part, it waits to be rolled out.
  states: states({ blocked: ["SUCCEEDED", "FAILED"], cancelled: ["ABANDONED"] }),
  downstream: [
    {
      ...get(`${aRelease}/rollouts?pageSize=1000`),
      ...list,
      items: goingOn,
      target: "rollout",
      ids: { rollout: rolloutName },
    },
  ],
};

const automationRun: Target = {
  ids: {
    ...place,
    "automation-run": {
      pattern: /[a-z0-9][a-z0-9-]{0,62}/,
      help: "id of the automation run",
      example: "5f3c7a90-1d2e-4b6f-8a7b-9c0d1e2f3a4b",
    },
  },
  permissions: { look: "`clouddeploy.automationRuns.get`", cancel: "`clouddeploy.automationRuns.cancel`", docs },
  look: {
    ...get(anAutomationRun),
    state: "state",
    name: "automationId",
    shows: { "delivery-pipeline": pipelineName, "automation-run": automationRunName },
    record: { "state-description": "stateDescription" },
  },
  cancel: post(`${anAutomationRun}:cancel`, { body: {} }),
};

export const googleCloudDeploy = {
  name: "Google Cloud Deploy",
  docs: "https://cloud.google.com/deploy/docs/api/reference/rest/v1/projects.locations.deliveryPipelines.releases.rollouts/cancel",
  rights: "An access token or a credential file of somebody with the role Cloud Deploy Operator in the project.",
  server: {
    url: "https://console.cloud.google.com",
    api: { "console.cloud.google.com": "https://clouddeploy.googleapis.com/v1", "*": "/v1" },
  },
  auth,
  errors,
  // Those of rollouts, job runs, automation runs and jobs.
  states: states({
    queued: ["PENDING", "PENDING_RELEASE"],
    running: ["IN_PROGRESS"],
    // One that is halted goes on when somebody retries or ignores its failed job.
    blocked: ["PENDING_APPROVAL", "HALTED"],
    cancelling: ["CANCELLING", "TERMINATING"],
    cancelled: ["CANCELLED", "TERMINATED", "APPROVAL_REJECTED"],
    succeeded: ["SUCCEEDED"],
    // A job whose failure is ignored has begun, and one that was aborted may have.
    failed: ["FAILED", "ABORTED", "IGNORED"],
    skipped: ["DISABLED", "SKIPPED"],
  }),
  targets: { rollout, "job-run": jobRun, release, "automation-run": automationRun },
  unverified: [
    "No project was had: what the API answers to the cancel of what is over (400 FAILED_PRECONDITION is documented for automation runs alone) and to a token without rights is written from the rules for all of Google's APIs; a look decides.",
    "In which states a rollout can be cancelled: where the API says that its state does not allow it, it is rejected, which one that waits for its approval can be.",
    "Whether the rollouts that a rollout to several targets has started are cancelled with it; `downstream` looks before it cancels.",
    "The page of a rollout: its form is known from that of its release and its target in programs, none of them Google's.",
    "What `HALTED` waits for.",
    "That the API takes a project's number wherever it takes its id.",
  ],
} satisfies Provider;
