// https://codeberg.org/forgejo/forgejo/src/branch/forgejo/release-notes-published/16.0.0.md
import { bearer, get, number, numberedPages, post, states } from "../kit.ts";
import type { Id, Json, List, Permissions, Provider, Target } from "../provider.ts";

const runs = "/repos/{+repository}/actions/runs";
const run = `${runs}/{run-id}`;

const repository: Id = {
  pattern: /[\w-][\w.-]*\/[\w.-]+/,
  help: "owner and name of the repository",
  example: "octo-org/deploy",
};

const runId = number(
  "id of the workflow run: `forgejo.run_id`; the number in a page's address is another one",
  "4711",
  {
    digits: 19,
    unique: true,
  },
);

/** `prettyref` is a branch, a tag, or `#12` for the runs of pull request 12. */
function pullRequestOf({ prettyref }: Json): string | undefined {
  return /^#(\d+)$/.exec(prettyref)?.[1];
}

/** The list has neither a Link header nor one with the total. */
const list: List = {
  ...numberedPages(`${runs}?limit=50`, "workflow_runs"),
  within: ["repository"],
  // A server's MAX_RESPONSE_ITEMS may be less than 50.
  pageSize: 30,
  // The whole ref: a tag of the branch's name is not listed.
  filters: {
    branch: "ref=refs/heads/{value}",
    "pull-request": "ref=refs/pull/{value}/head",
    commit: "head_sha",
    state: "status",
  },
  live: ["blocked", "waiting", "running", "blocked"],
  item: {
    id: "id",
    branch: "prettyref",
    commit: "commit_sha",
    started: "started",
    event: "trigger_event",
    workflow: ["workflow_id"],
    repository: "repository.id",
    pullRequest: pullRequestOf,
  },
  otherRefs: /#\d+/,
  // Where no single branch is asked for, and so no filter is sent.
  tags: { named: get("/repos/{+repository}/tags/{branch}"), exceptEvents: /pull_request.*|schedule/ },
  // Their ref is `refs/pull/N/head`.
  advice: [{ input: "branch", on: /.+/, say: "a pull request's runs are on no branch; {pull-request} selects them" }],
};

const permissions: Permissions = {
  look: "the scope `read:repository`, of somebody who sees the repository's Actions",
  cancel: "the scope `write:repository`, of somebody who may write to the repository's Actions",
  docs: "https://forgejo.org/docs/latest/user/token-scope/",
};

/** All that is not over is marked as cancelled at once, and the runner learns of it later. 204 also if the run was over. */
const shared = {
  permissions,
  cancel: post(`${run}/cancel`, { since: "Forgejo has it from 16.0" }),
  jobs: [{ ...get(`${run}/jobs`), items: "", name: "name", state: "status" }],
  confirmed: "status-only",
} satisfies Partial<Target>;

const workflowRun: Target = {
  ids: { repository, "run-id": runId },
  // The page has the number in the repository, which the look teaches; an address of the API has the id.
  pages: ["/{+repository}/actions/runs/{number}", "/api/v1/repos/{+repository}/actions/runs/{run-id}"],
  look: {
    ...get(run),
    state: "status",
    name: "title",
    ref: "prettyref",
    shows: { "run-id": "id" },
    learn: { number: "index_in_repo" },
    url: "html_url",
  },
  ...shared,
  list,
};

/** The run by the number in its page's address: the list says which id it has. */
const numberedRun: Target = {
  ids: {
    repository,
    "run-number": number("number of the workflow run, as in its page's address", "12", { digits: 19 }),
  },
  pages: ["/{+repository}/actions/runs/{run-number}"],
  look: {
    ...get(`${runs}?run_number={run-number}`, { notFoundWhen: { total_count: 0 } }),
    state: "workflow_runs.0.status",
    name: "workflow_runs.0.title",
    ref: "workflow_runs.0.prettyref",
    shows: { "run-number": "workflow_runs.0.index_in_repo" },
    learn: { "run-id": "workflow_runs.0.id" },
    url: "workflow_runs.0.html_url",
  },
  uncertainPages: true,
  mistakenFor: { target: "run", ids: { repository: "repository", "run-id": "run-number" } },
  ...shared,
};

export const forgejo = {
  name: "Forgejo Actions",
  answersTo: "github",
  docs: "https://codeberg.org/forgejo/forgejo/src/branch/forgejo/release-notes-published/16.0.0.md",
  rights: "A token with scope `write:repository` of somebody who may write to the repository's Actions.",
  // It needs the scope `read:user`, which a cancel does not.
  whoami: [{ ...get("/user"), docs: "https://forgejo.org/docs/latest/user/api-usage/", who: "login" }],
  server: {
    api: "/api/v1",
    env: ["FJ_FALLBACK_HOST"],
    selfHosted: true,
    // `16.0.5+gitea-1.22.0`: its own version, and that of the Gitea whose API it has.
    version: { path: "/api/v1/version", at: "version", is: /.*\+gitea-.*|(?:[7-9]|[1-9]\d+)\..*/ },
  },
  // FORGEJO_TOKEN is the job's own, which the runner puts into the environment of every step.
  auth: [bearer()],
  headers: { accept: "application/json" },
  // `unknown` is what a run is before it has a state: no end.
  states: states({
    queued: ["waiting"],
    running: ["running"],
    blocked: ["blocked"],
    cancelled: ["cancelled"],
    succeeded: ["success"],
    failed: ["failure"],
    skipped: ["skipped"],
    unknown: ["unknown"],
  }),
  targets: { run: workflowRun, "numbered-run": numberedRun },
  unverified: [
    "Everything: it was read in the sources of Forgejo after 16.0 and in its release notes, and tried on no server.",
  ],
} satisfies Provider;
