// https://docs.github.com/rest/actions/workflow-runs#cancel-a-workflow-run
import type { Provider } from "../provider.ts";

const [repository, run] = ["/repos/{+repository}", "/repos/{+repository}/actions/runs/{run-id}"];

export const github = {
  name: "GitHub Actions",
  docs: "https://docs.github.com/rest/actions/workflow-runs#cancel-a-workflow-run",
  rights:
    "`permissions: actions: write` for the job's own token, which reaches its own repository only and never has it for a pull request " +
    "from a fork; for another repository a fine-grained token or an app with Actions: write. To select by branch also Contents: read.",
  // Gitea and Forgejo serve the same routes below /api/v1: https://docs.gitea.com/api/
  server: {
    url: "https://github.com",
    env: ["GH_HOST"],
    selfHosted: true,
    spacing: 1000,
    apis: ["/api/v3", "/api/v1"],
    api: ({ host }) =>
      host === "github.com" ? "https://api.github.com" : host.endsWith(".ghe.com") ? `https://api.${host}` : "/api/v3",
  },
  auth: [{ scheme: "bearer", env: { token: ["GH_TOKEN", "GITHUB_TOKEN"] } }],
  headers: { accept: "application/vnd.github+json", "x-github-api-version": "2022-11-28" },
  states: {
    queued: "queued",
    requested: "queued",
    pending: "queued",
    waiting: "blocked",
    action_required: "blocked",
    in_progress: "running",
    success: "succeeded",
    neutral: "succeeded",
    failure: "failed",
    timed_out: "failed",
    startup_failure: "failed",
    stale: "failed",
    cancelled: "cancelled",
    skipped: "skipped",
  },
  targets: {
    run: {
      ids: {
        repository: {
          pattern: /[\w-][\w.-]*\/[\w.-]+/,
          help: "owner and name of the repository",
          example: "octo-org/deploy",
        },
        "run-id": {
          pattern: /[1-9]\d{0,19}/,
          help: "number of the workflow run, as in its page's address",
          example: "9876543210",
          unique: true,
        },
        "run-attempt": {
          pattern: /[1-9]\d{0,4}/,
          help: "the attempt to cancel; a later one is left alone",
          example: "2",
          optional: true,
        },
      },
      page: ["/{+repository}/actions/runs/{run-id}", "/{+repository}/actions/runs/{run-id}/attempts/{run-attempt}"],
      look: {
        route: `GET ${run}`,
        state: ["conclusion", "status"],
        over: (b) => (b.conclusion ? b.status === "completed" : undefined),
        name: "name",
        ref: "head_branch",
        attempt: "run_attempt",
        shows: { "run-id": "id" },
        pinnedBy: "run-attempt",
        page: "html_url",
      },
      list: {
        within: ["repository"],
        route: `GET ${repository}/actions/runs?per_page=100`,
        items: "workflow_runs",
        next: "link",
        page: 100,
        most: 1000,
        filters: { branch: "branch", commit: "head_sha", event: "event", state: "status" },
        live: ["waiting", "requested", "pending", "queued", "in_progress", "waiting"],
        id: "id",
        branch: "head_branch",
        commit: "head_sha",
        started: ["run_started_at", "created_at"],
        event: "event",
        owner: "head_repository.id",
        home: "repository.id",
        // A path may end in @ and its ref. The name is the run's own where there is a `run-name`: https://github.com/actions/runner/issues/4141
        workflow: ({ path = "", name, workflow_id }, [file] = path.split("@")) => [
          file,
          file.split("/").pop(),
          name,
          workflow_id,
        ],
        tagNamed: { route: `GET ${repository}/git/ref/tags/{branch}`, events: /pull_request.*|merge_group|schedule/ },
        pull: { route: `GET ${repository}/pulls/{pull-request}`, branch: "head.ref", owner: "head.repo.id" },
      },
      jobs: [
        {
          route: `GET ${run}/jobs?per_page=100`,
          items: "jobs",
          next: "link",
          name: "name",
          state: ["conclusion", "status"],
        },
      ],
      cancel: { route: `POST ${run}/cancel` },
      force: { route: `POST ${run}/force-cancel` },
    },
  },
  unverified: [
    "Gitea and Forgejo as servers (by `server-url: https://HOST/api/v1`): their cancel route is read from their sources, not tried.",
  ],
} satisfies Provider;
