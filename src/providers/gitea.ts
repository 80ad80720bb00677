// https://docs.gitea.com/api/next/operations/cancel-workflow-run/
import { bearer, get, number, numberedPages, post, states } from "../kit.ts";
import type { Force, Id, Json, List, Permissions, Provider, Reading, Target } from "../provider.ts";

const run = "/repos/{+repository}/actions/runs/{run-id}";

/** https://github.com/go-gitea/gitea/pull/35382, https://github.com/go-gitea/gitea/pull/38756 */
const since = "Gitea has it from 1.28";

const repository: Id = {
  pattern: /[\w-][\w.-]*\/[\w.-]+/,
  help: "owner and name of the repository",
  example: "octo-org/deploy",
};

/** Gitea says what a run is for behind the workflow's file: `ci.yml@refs/heads/main`, `@refs/tags/v1`, `@refs/pull/12/head`. */
function refOf({ path }: Json): string | undefined {
  return path.split("@refs/")[1];
}

/** A branch or a tag by its name; a pull request as `pull/12/head`. */
function shortRef(body: Json): string | undefined {
  return refOf(body)?.replace(/^(?:heads|tags)\//, "");
}

/** Gitea gives a tag's run no branch. */
function isTag(body: Json): boolean | undefined {
  return refOf(body)?.startsWith("tags/");
}

/** The run of a `pull_request_target` has the base branch for its ref; from 1.27 on `pull_requests` says whose it is. */
function pullRequestOf(body: Json): string | undefined {
  const byRef = /^pull\/(\d+)\//.exec(refOf(body) ?? "")?.[1];
  return byRef ?? (body.event.startsWith("pull_request") ? body.pull_requests[0]?.number : undefined);
}

/** The file alone: Gitea tells neither its folder nor the workflow's name. */
function workflowFile({ path }: Json): string | undefined {
  return path.split("@")[0];
}

/** 0: the run is older than attempts are. */
function attemptOf({ run_attempt }: Json): number | undefined {
  return run_attempt || undefined;
}

/** Links to the next page are made of the server's ROOT_URL, whatever address was asked: pages are counted. */
const list: List = {
  ...numberedPages("/repos/{+repository}/actions/runs?limit=50", "workflow_runs"),
  within: ["repository"],
  // A server's MAX_RESPONSE_ITEMS may be less than 50.
  pageSize: 30,
  filters: { branch: "branch", commit: "head_sha", event: "event", state: "status" },
  // `waiting` stands for all that is blocked; what is being cancelled is `in_progress`, and not listed as such.
  live: ["waiting", "queued", "in_progress", "waiting"],
  item: {
    id: "id",
    branch: "head_branch",
    commit: "head_sha",
    started: "started_at",
    event: "event",
    workflow: [workflowFile],
    repository: "repository.id",
    pullRequest: pullRequestOf,
  },
  tags: {
    is: isTag,
    named: get("/repos/{+repository}/tags/{branch}"),
    exceptEvents: /pull_request.*|schedule/,
  },
  // As a server of 1.27.3 said: they have an empty `head_branch`, and `refs/pull/N/head` in `path`.
  advice: [{ input: "branch", on: /.+/, say: "a pull request's runs are on no branch; {pull-request} selects them" }],
};

/** "Marked cancelled at once … anything a runner reports afterwards is discarded." */
const force: Force = { ...post(`${run}/force-cancel`, { since }), confirmed: "status-only" };

const reading = {
  state: ["conclusion", "status"],
  over: { status: "completed" },
  name: "display_title",
  ref: shortRef,
  attempt: attemptOf,
  pinnedBy: "run-attempt",
  shows: { "run-id": "id" },
  url: "html_url",
} satisfies Reading;

const permissions: Permissions = {
  look: "the scope `read:repository`, of somebody who sees the repository's Actions",
  cancel: "the scope `write:repository`, of somebody who may write to the repository's Actions",
  docs: "https://docs.gitea.com/development/oauth2-provider#scopes",
};

const workflowRun: Target = {
  ids: {
    repository,
    "run-id": number(
      "id of the workflow run: `github.run_id`, from Gitea 1.26 on the number in its page's address",
      "4711",
      {
        digits: 19,
        unique: true,
      },
    ),
    "run-attempt": number("the attempt to cancel; a later one is left alone", "2", { digits: 5, optional: true }),
  },
  pages: [
    "/{+repository}/actions/runs/{run-id}",
    "/{+repository}/actions/runs/{run-id}/attempts/{run-attempt}",
    "/api/v1/repos/{+repository}/actions/runs/{run-id}",
  ],
  // Before 1.26 it is the number in the repository: https://github.com/go-gitea/gitea/issues/36842
  uncertainPages: true,
  permissions,
  look: { ...get(run), ...reading },
  cancel: { ...post(`${run}/cancel`, { since }), reply: reading },
  force: [force],
  list,
  jobs: [{ ...numberedPages(`${run}/jobs?limit=50`, "jobs"), name: "name", state: ["conclusion", "status"] }],
  // With a runner before 2.0 the run is over at once, and its process lives on.
  confirmed: "status-only",
};

export const gitea = {
  name: "Gitea Actions",
  answersTo: "github",
  docs: "https://docs.gitea.com/api/next/operations/cancel-workflow-run/",
  rights:
    "A token with scope `write:repository` of somebody who may write to the repository's Actions; for the job's own token " +
    "`permissions: actions: write` where the repository restricts it.",
  // It needs the scope `read:user`, which a cancel does not.
  whoami: [{ ...get("/user"), docs: "https://docs.gitea.com/api/next/operations/user-get-current/", who: "login" }],
  server: {
    api: "/api/v1",
    env: ["GITEA_SERVER_URL", "GITEA_INSTANCE_URL"],
    selfHosted: true,
    version: { path: "/api/v1/version", at: "version", is: /1\.(?!.*\+gitea-).*/ },
  },
  // `tea` has each token with its address.
  auth: [
    bearer(
      { name: "GITEA_SERVER_TOKEN", servers: ["GITEA_SERVER_URL"] },
      { name: "GITEA_TOKEN", servers: ["GITEA_INSTANCE_URL"] },
    ),
  ],
  headers: { accept: "application/json" },
  // https://github.com/go-gitea/gitea/blob/v1.27.3/services/convert/convert.go#L427; the list takes `pending`, `requested` and
  // `action_required` for `waiting`, and more names for ends.
  states: states({
    queued: ["queued"],
    running: ["in_progress"],
    blocked: ["waiting", "pending", "requested", "action_required"],
    cancelled: ["cancelled"],
    succeeded: ["success", "neutral"],
    failed: ["failure", "timed_out"],
    skipped: ["skipped"],
  }),
  targets: { run: workflowRun },
  mistakenPages: {
    // https://github.com/go-gitea/gitea/pull/36842
    "/{+repository}/actions/runs/{run-id}?by_index={by-index}":
      "a page by the run's number in its repository, which the API does not take; give run-id",
  },
  unverified: [
    "Which release has the cancel and the forced one: both are on the main branch since August 2026 and in none up to 1.27.3. The cancel was tried on 1.27.3 with the main branch's, the forced one was read in the sources.",
    "Whether a later release sends an empty `conclusion` for a run that is live: 1.27.3 leaves it out, and either is read.",
  ],
} satisfies Provider;
