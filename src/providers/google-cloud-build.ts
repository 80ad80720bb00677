// https://cloud.google.com/build/docs/api/reference/rest/v1/projects.locations.builds/cancel
// https://cloud.google.com/build/docs/api/reference/rest/v1/projects.locations.builds/approve
import { auth, errors, project } from "../clouds/google.ts";
import { get, post, states, uuid } from "../kit.ts";
import type { Call, Cancel, Json, List, Provider, Target } from "../provider.ts";

/** Without a location the API reaches builds of the region `global` alone. */
const builds = "/projects/{project}/locations/{location}/builds";
const name = "projects/{project}/locations/{location}/builds/{build-id}";

/** A build that waits for its approval is `PENDING` as one is that is about to be queued; one that was rejected never starts. */
function stateOf({ status, approval }: Json): string | undefined {
  if (approval?.state === "REJECTED" || approval?.state === "CANCELLED") return approval.state;
  return status === "PENDING" && approval?.state === "PENDING" ? "PENDING approval" : status;
}

/** One that waits for its approval is rejected instead, which keeps the reason. */
function isPastApproval({ approval }: Json): boolean {
  return approval?.state !== "PENDING";
}

const cancel: Call = post(`${builds}/{build-id}:cancel`, { body: { id: "{build-id}", name, projectId: "{project}" } });

/** To reject takes a permission of its own; who has none may have that for a cancel. */
const reject: Call = post(`${builds}/{build-id}:approve`, {
  body: { approvalResult: { decision: "REJECTED", comment: "{reason}" } },
  otherwise: { ...cancel, on: /^PERMISSION_DENIED$/ },
});

const stop: Cancel = {
  choose: [{ ...cancel, when: isPastApproval }, reject],
  reply: { state: stateOf, shows: { "build-id": "id" } },
};

/**
 * Owner and name of the repository that the branch is in: a pull request from a fork may have the plain name of a branch.
 * https://cloud.google.com/build/docs/configuring-builds/substitute-variable-values
 */
function headRepository({ substitutions }: Json): string | undefined {
  const { _PR_NUMBER: pullRequest, _HEAD_REPO_URL: address, REPO_FULL_NAME: full, REPO_NAME: own } = substitutions;
  if (pullRequest === undefined) return (full ?? own)?.toLowerCase();
  return /([^/:]+\/[^/:]+?)(?:\.git)?\/?$/.exec(address ?? "")?.[1]?.toLowerCase();
}

/** Where the trigger's repository is one of Cloud Source Repositories, it has no owner. */
function repository({ substitutions }: Json): string | undefined {
  return (substitutions.REPO_FULL_NAME ?? substitutions.REPO_NAME)?.toLowerCase();
}

/** A build for a tag has its name in place of a branch's. */
function isForTag({ substitutions }: Json): boolean {
  return substitutions.TAG_NAME !== undefined;
}

/** An empty list is left out of the reply. */
function listed({ builds: some }: Json): readonly Json[] {
  return some ?? [];
}

// The filter as gcloud composes it; one parameter has it all.
const live = encodeURIComponent('AND (status="PENDING" OR status="QUEUED" OR status="WORKING")');

/** The builds of a project are those of many repositories, so it is the builds of one trigger that are chosen from. */
const list: List = {
  ...get(`${builds}?pageSize=100&filter=trigger_id%3D%22{trigger-id}%22%20${live}`),
  items: listed,
  next: { parameter: "pageToken", token: "nextPageToken" },
  within: ["project", "location", "trigger-id"],
  pageSize: 100,
  filters: {},
  item: {
    id: "id",
    branch: "substitutions.BRANCH_NAME",
    commit: "substitutions.COMMIT_SHA",
    started: "createTime",
    pullRequest: "substitutions._PR_NUMBER",
    headRepository,
    headRepositoryName: headRepository,
    repository,
  },
  tags: { is: isForTag },
};

// The state of a step is told when the build is over, so there are no `jobs`.
const build: Target = {
  ids: {
    project,
    location: {
      pattern: /global|[a-z]+-[a-z]+\d{1,2}/,
      help: "region of the build, or global, as in its page's address",
      example: "us-central1",
      hint: "a page without a region is that of a build in global",
      env: ["CLOUDSDK_BUILDS_REGION"],
    },
    "trigger-id": uuid("UUID of the trigger", "0a3cade0-425f-4adc-b86b-14cde51af674", { optional: true }),
    "build-id": uuid("UUID of the build", "386a5e59-56b7-44d3-b646-f7133b5f05db", { unique: true }),
  },
  pages: ["/cloud-build/builds;region={location}/{build-id}?project={project}"],
  permissions: {
    look: "`cloudbuild.builds.get`",
    cancel:
      "`cloudbuild.builds.update`, as the role Cloud Build Editor has it; `cloudbuild.builds.approve`, as the role Cloud Build Approver " +
      "has it, to reject a build that waits for its approval",
    docs: "https://cloud.google.com/build/docs/iam-roles-permissions",
  },
  look: {
    ...get(`${builds}/{build-id}`),
    state: stateOf,
    name: "substitutions.TRIGGER_NAME",
    ref: ["substitutions.BRANCH_NAME", "substitutions.TAG_NAME"],
    url: "logUrl",
    shows: { "build-id": "id", "trigger-id": "buildTriggerId" },
    record: { "status-detail": "statusDetail", "approval-comment": "approval.result.comment" },
  },
  cancel: stop,
  list,
};

/** A page of a region says so, one of `global` need not; what follows the build's id names a part of it. */
function withRegion(address: string): string {
  const page = new URL(address);
  page.pathname = page.pathname
    .replace(/^\/cloud-build\/builds\//, "/cloud-build/builds;region=global/")
    .replace(/^(\/cloud-build\/builds;region=[a-z0-9-]{1,40}\/[0-9a-f-]{36});.*$/, "$1");
  return page.href;
}

export const googleCloudBuild = {
  name: "Google Cloud Build",
  docs: "https://cloud.google.com/build/docs/api/reference/rest/v1/projects.locations.builds/cancel",
  rights:
    "An access token or a credential file of somebody with the role Cloud Build Editor in the project; to reject a build that waits for " +
    "its approval, with Cloud Build Approver.",
  server: {
    url: "https://console.cloud.google.com",
    api: { "console.cloud.google.com": "https://cloudbuild.googleapis.com/v1", "*": "/v1" },
    canonicalPage: withRegion,
  },
  auth,
  errors,
  states: states({
    queued: ["PENDING", "QUEUED"],
    running: ["WORKING"],
    blocked: ["PENDING approval"],
    cancelled: ["CANCELLED", "REJECTED"],
    succeeded: ["SUCCESS"],
    failed: ["FAILURE", "INTERNAL_ERROR", "TIMEOUT"],
    // It waited longer than `queueTtl` and never began.
    skipped: ["EXPIRED"],
  }),
  targets: { build },
  unverified: [
    "No project was had: what the API answers to the cancel of a build that is over (400 FAILED_PRECONDITION, by a report of Google's engineers) and to a token without rights is written from the rules for all of Google's APIs; a look decides.",
    "Which status a rejected build has: that its approval was rejected is what counts.",
    "Whether the worker has stopped when a build is `CANCELLED`.",
    "That the API takes a project's number, which is what its own links have, wherever it takes its id.",
    "The form of `_HEAD_REPO_URL`, by which builds of forks are told apart; only triggers of GitHub have it, and builds of pull requests without it are spared in a selection.",
    "Builds of a trigger that is started by hand, or by a schedule, have the branch that they were started with.",
    "A regional endpoint (cloudbuild.REGION.rep.googleapis.com) as `server-url`.",
  ],
} satisfies Provider;
