// https://docs.github.com/rest/actions/workflow-runs#cancel-a-workflow-run
import { bearer, get, linkedPages, number, post, states } from "../kit.ts";
import type { Id, Json, List, Provider, Target, Whoami } from "../provider.ts";

const run = "/repos/{+repository}/actions/runs/{run-id}";

/** `gh` takes `HOST/OWNER/REPO`, too; no owner has a dot. */
function hostOf(repository: string): { host?: string } {
  const [host, ...rest] = repository.split("/");
  return rest.length === 2 && host?.includes(".") ? { host } : {};
}

/** Without the host. */
function ownerAndName(repository: string): string {
  return hostOf(repository).host === undefined ? repository : repository.split("/").slice(1).join("/");
}

const repository: Id = {
  pattern: /[\w-][\w.-]*\/[\w.-]+/,
  help: "owner and name of the repository",
  example: "octo-org/deploy",
  env: ["GH_REPO"],
  says: hostOf,
  normalize: ownerAndName,
};

/**
 * A conclusion beside another status than `completed` is none; a status alone speaks for itself. A fork's run that waits for
 * approval is `completed` with `action_required`, a word of a live run: https://github.com/nexu-io/open-design/pull/2683
 */
function isOver({ conclusion, status }: Json): boolean | undefined {
  return conclusion ? status === "completed" : undefined;
}

/** The workflow's file: `path` may end in `@` and a ref. */
function workflowPath({ path }: Json): string | undefined {
  return path?.split("@")[0];
}

/** People name a workflow by its file without the folder, too. */
function workflowFile(body: Json): string | undefined {
  return workflowPath(body)?.split("/").pop();
}

// https://docs.github.com/actions/reference/workflows-and-actions/events-that-trigger-workflows
const events = [
  ...["branch_protection_rule", "check_run", "check_suite", "create", "delete", "deployment", "deployment_status"],
  ...["discussion", "discussion_comment", "fork", "gollum", "image_version", "issue_comment", "issues", "label"],
  ...["merge_group", "milestone", "page_build", "project", "project_card", "project_column", "public"],
  ...["pull_request", "pull_request_review", "pull_request_review_comment", "pull_request_target", "push"],
  ...["registry_package", "release", "repository_dispatch", "schedule", "status", "watch"],
  ...["workflow_call", "workflow_dispatch", "workflow_run"],
];

const list: List = {
  ...linkedPages("/repos/{+repository}/actions/runs?per_page=100", "workflow_runs"),
  within: ["repository"],
  pageSize: 100,
  max: 1000,
  filters: { branch: "branch", commit: "head_sha", event: "event", state: "status" },
  live: ["action_required", "waiting", "requested", "pending", "queued", "in_progress", "waiting"],
  item: {
    id: "id",
    branch: "head_branch",
    commit: "head_sha",
    tree: "head_commit.tree_id",
    started: ["run_started_at", "created_at"],
    event: "event",
    // With a `run-name`, the name is the run's own: https://github.com/actions/runner/issues/4141
    workflow: [workflowPath, workflowFile, "name", "workflow_id"],
    headRepository: "head_repository.id",
    headRepositoryName: "head_repository.full_name",
    repository: "repository.id",
  },
  tags: {
    named: get("/repos/{+repository}/git/ref/tags/{branch}"),
    branchNamed: get("/repos/{+repository}/git/ref/heads/{branch}"),
    exceptEvents: /pull_request.*|merge_group|schedule/,
  },
  pullRequest: {
    ...get("/repos/{+repository}/pulls/{pull-request}"),
    branch: "head.ref",
    headRepository: "head.repo.id",
    label: "head.label",
  },
  // https://docs.github.com/rest/pulls/pulls#list-pull-requests
  openPullRequests: {
    ...linkedPages("/repos/{+repository}/pulls?state=open&per_page=100"),
    number: "number",
    branch: "head.ref",
    headRepository: "head.repo.id",
    filter: "head",
    events: /pull_request.*/,
  },
  // https://docs.github.com/rest/branches/branches#list-branches
  branches: { ...linkedPages("/repos/{+repository}/branches?per_page=100"), name: "name" },
  events,
  // https://docs.github.com/actions/reference/workflows-and-actions/events-that-trigger-workflows#pull_request
  advice: [
    {
      input: "branch",
      on: /(?:refs\/pull\/)?\d+\/(?:merge|head)/,
      say: "a pull request's branch is `github.head_ref`, and {pull-request} selects its runs from a fork, too",
    },
    {
      input: "commit",
      on: /[0-9a-f]{40}/,
      say: "under pull_request `github.sha` is a merge commit, while the commit of its run is `github.event.pull_request.head.sha`",
    },
    {
      input: "event",
      on: /workflow_call/,
      say: "the run of a called workflow is its caller's, and has the caller's event",
    },
  ],
};

const workflowRun: Target = {
  ids: {
    repository,
    "run-id": number("number of the workflow run, as in its page's address", "9876543210", {
      digits: 20,
      unique: true,
    }),
    "run-attempt": number("the attempt to cancel; a later one is left alone", "2", { digits: 5, optional: true }),
  },
  pages: ["/{+repository}/actions/runs/{run-id}", "/{+repository}/actions/runs/{run-id}/attempts/{run-attempt}"],
  // The `previous_attempt_url` of a run.
  apiPages: [`${run}/attempts/{run-attempt}`],
  permissions: {
    look: "Actions: read (fine-grained tokens, apps and the job's own), or the scope `repo` (classic tokens); nothing for a public repository",
    cancel: "Actions: write, or the scope `repo`; the token's owner needs write access to the repository",
    docs: "https://docs.github.com/rest/actions/workflow-runs#cancel-a-workflow-run",
  },
  look: {
    ...get(run),
    state: ["conclusion", "status"],
    over: isOver,
    name: "name",
    ref: "head_branch",
    attempt: "run_attempt",
    pinnedBy: "run-attempt",
    shows: { "run-id": "id" },
    url: "html_url",
  },
  cancel: post(`${run}/cancel`),
  force: [{ ...post(`${run}/force-cancel`), called: "force-cancel" }],
  list,
  jobs: [{ ...linkedPages(`${run}/jobs?per_page=100`, "jobs"), name: "name", state: ["conclusion", "status"] }],
};

/** An installation's token has no user; it can list what it reaches. */
function reach({ total_count }: Json): string {
  return `an app or a job, with access to ${total_count} ${total_count === 1 ? "repository" : "repositories"}`;
}

/** Tokens of an installation, the job's own among them: https://docs.github.com/authentication/keeping-your-account-and-data-secure/about-authentication-to-github#githubs-token-formats */
const ofAnApp = /ghs_/;
const ofAPerson = /(?!ghs_)/;

/** Scopes are told of classic and OAuth tokens only: https://docs.github.com/apps/oauth-apps/building-oauth-apps/scopes-for-oauth-apps */
const whoami: readonly Whoami[] = [
  {
    ...get("/user"),
    docs: "https://docs.github.com/rest/users/users#get-the-authenticated-user",
    tokens: ofAPerson,
    who: "login",
    scopesHeader: "x-oauth-scopes",
    needs: ["repo", "public_repo"],
    expiresHeader: "github-authentication-token-expiration",
  },
  {
    ...get("/installation/repositories?per_page=1"),
    docs: "https://docs.github.com/rest/apps/installations#list-repositories-accessible-to-the-app-installation",
    tokens: ofAnApp,
    who: reach,
  },
  {
    ...get("/repos/{+repository}"),
    docs: "https://docs.github.com/rest/repos/repos#get-a-repository",
    tokens: ofAPerson,
    may: "permissions.push",
  },
];

/** GitHub's own servers, those of its tenants among them. */
const ours = ["github.com", "*.ghe.com"];

export const github = {
  name: "GitHub Actions",
  docs: "https://docs.github.com/rest/actions/workflow-runs#cancel-a-workflow-run",
  rights:
    "`permissions: actions: write` for the job's own token, which reaches its own repository only and never has it for a pull request " +
    "from a fork (`workflow_run` has it); for another repository a fine-grained token or an app with Actions: write. To select by branch also Contents: read.",
  whoami,
  server: {
    url: "https://github.com",
    api: {
      "github.com": "https://api.github.com",
      "*.ghe.com": "https://api.{host}",
      "*": "/api/v3",
    },
    env: ["GH_HOST"],
    selfHosted: true,
    // https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits
    // GitHub Enterprise Server has no limits unless its administrator sets some: https://docs.github.com/enterprise-server/rest/using-the-rest-api/rate-limits-for-the-rest-api
    budget: { points: 900, seconds: 60, change: 5, hosts: ours },
  },
  // As `gh auth token --hostname HOST` finds them.
  auth: [
    bearer(
      ...["GH_TOKEN", "GITHUB_TOKEN"].map((name) => ({ name, hosts: ours })),
      ...["GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN"].map((name) => ({ name, otherThan: ours })),
    ),
  ],
  headers: { accept: "application/vnd.github+json", "x-github-api-version": "2022-11-28" },
  // https://docs.github.com/rest/using-the-rest-api/troubleshooting-the-rest-api#resource-not-accessible
  errors: { needsHeader: "x-accepted-github-permissions" },
  // https://docs.github.com/rest/repos/repos#get-a-repository
  container: { kind: "repository", ids: ["repository"], look: get("/repos/{+repository}") },
  states: states({
    queued: ["requested", "pending", "queued"],
    running: ["in_progress"],
    blocked: ["waiting", "action_required"],
    cancelled: ["cancelled"],
    succeeded: ["success", "neutral"],
    failed: ["failure", "timed_out", "startup_failure", "stale"],
    skipped: ["skipped"],
  }),
  targets: { run: workflowRun },
  mistakenPages: {
    "/{+repository}/runs/{check-run}":
      "the page of a check run, whose number is not the run's; open its details and take the address of the run",
  },
} satisfies Provider;
