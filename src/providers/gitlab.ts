// https://docs.gitlab.com/api/jobs/#cancel-a-job · https://docs.gitlab.com/api/pipelines/#cancel-all-jobs-for-a-pipeline
import type { Id, Pages, Provider, Reading } from "../provider.ts";

const project: Id = { pattern: /\d{1,20}|[\w.-]+(?:\/[\w.-]+)+/, help: "path or number of the project", example: "platform/deploy", unlinked: /^\d+$/ };
const number = (what: string, example: string): Id =>
  ({ pattern: /[1-9]\d{0,19}/, help: `number of the ${what}, as in its page's address`, example, unique: true });
const reading = { state: "status", ref: "ref", page: "web_url", name: "name" } satisfies Reading;
const [job, pipeline] = ["/projects/{project}/jobs/{job-id}", "/projects/{project}/pipelines/{pipeline-id}"];
const pages = (path: string) => ({ route: `GET ${path}?per_page=100`, items: "", next: "link" }) satisfies Pages;
// `bridges` before GitLab 19.2
const triggers: Pages = { ...pages(`${pipeline}/trigger_jobs`), otherwise: { ...pages(`${pipeline}/bridges`), on: /^404$/ } };

export const gitlab = {
  name: "GitLab CI/CD", docs: "https://docs.gitlab.com/api/jobs/#cancel-a-job",
  rights: "A personal, project or group access token with scope `api` and at least the Developer role; on a protected branch or tag also " +
    "the right to push or merge there. Forced stop: Maintainer. `CI_JOB_TOKEN` cannot cancel.",
  server: { url: "https://gitlab.com", env: ["GITLAB_HOST"], api: "/api/v4", selfHosted: true },
  auth: [{ scheme: "header", header: "private-token", env: { token: ["GITLAB_TOKEN"] } }],
  states: { created: "queued", waiting_for_resource: "queued", preparing: "queued", waiting_for_callback: "queued", pending: "queued", running: "running",
    manual: "blocked", scheduled: "blocked", canceling: "cancelling", canceled: "cancelled", success: "succeeded", failed: "failed", skipped: "skipped" },
  targets: {
    job: { ids: { project, "job-id": number("job", "4711") }, page: "/{+project}/-/jobs/{job-id}", look: { route: `GET ${job}`, ...reading, shows: { "job-id": "id" } },
      // On a job that is not yet `canceling` a forced cancel does nothing and answers 201.
      cancel: { route: `POST ${job}/cancel` }, force: { route: `POST ${job}/cancel`, body: { force: true }, from: ["cancelling"], confirmed: "status-only" } },
    pipeline: {
      ids: { project, "pipeline-id": number("pipeline", "1215") }, page: "/{+project}/-/pipelines/{pipeline-id}",
      look: { route: `GET ${pipeline}`, ...reading, shows: { "pipeline-id": "id" } }, cancel: { route: `POST ${pipeline}/cancel` },
      list: { ...pages("/projects/{project}/pipelines"), within: ["project"], page: 100, unknown: /answered 400: status does not have a valid value/,
        filters: { branch: "ref", commit: "sha", event: "source", workflow: "name", state: "status" },
        live: ["manual", "scheduled", "created", "waiting_for_resource", "preparing", "waiting_for_callback", "pending", "running", "manual", "scheduled", "canceling"],
        id: "id", branch: "ref", commit: "sha", started: "created_at", event: "source", workflow: (b) => [b.name], home: "project_id", tag: "tag",
        tagNamed: { route: "GET /projects/{project}/repository/tags/{branch}", events: /merge_request_event|external_pull_request_event/ },
        pull: { ...pages("/projects/{project}/merge_requests/{pull-request}/pipelines"), ids: { project: "project_id" } } },
      jobs: [pages(`${pipeline}/jobs`), triggers].map((list) => ({ ...list, name: "name", state: "status" })),
      // Children are cancelled along with their parent, pipelines of other projects are not: https://gitlab.com/gitlab-org/gitlab/-/issues/390453
      downstream: { ...triggers, target: "pipeline", ids: { project: "downstream_pipeline.project_id", "pipeline-id": "downstream_pipeline.id" } },
    },
  },
} satisfies Provider;
