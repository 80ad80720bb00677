// https://docs.gitlab.com/api/jobs/#cancel-a-job · https://docs.gitlab.com/api/pipelines/#cancel-all-jobs-for-a-pipeline
import type { Id, Provider, Reading } from "../provider.ts";

const project: Id = { pattern: /\d{1,20}|[\w.-]+(?:\/[\w.-]+)+/, help: "path or number of the project", example: "platform/deploy" };
const number = (what: string, example: string): Id => ({ pattern: /[1-9]\d{0,19}/, help: `number of the ${what}, as in its page's address`, example, unique: true });
const reading = { state: "status", ref: "ref", page: "web_url" } satisfies Reading;

export const gitlab = {
  name: "GitLab CI/CD",
  docs: "https://docs.gitlab.com/api/jobs/#cancel-a-job",
  rights: "A personal, project or group access token with scope `api` and at least the Developer role; on a protected branch or tag also the right to push or merge there. Forced stop: Maintainer. `CI_JOB_TOKEN` cannot cancel.",
  server: { url: "https://gitlab.com", env: ["GITLAB_HOST"], api: "/api/v4", selfHosted: true },
  auth: [{ scheme: "header", header: "private-token", env: { token: ["GITLAB_TOKEN"] } }],
  states: {
    created: "queued", waiting_for_resource: "queued", preparing: "queued", waiting_for_callback: "queued", pending: "queued",
    running: "running", manual: "blocked", scheduled: "blocked", canceling: "cancelling",
    canceled: "cancelled", success: "succeeded", failed: "failed", skipped: "skipped",
  },
  targets: {
    job: {
      ids: { project, "job-id": number("job", "4711") },
      page: "/{+project}/-/jobs/{job-id}",
      look: { route: "GET /projects/{project}/jobs/{job-id}", ...reading, name: "name" },
      cancel: { route: "POST /projects/{project}/jobs/{job-id}/cancel" },
      // On a job that is not yet `canceling` a forced cancel does nothing and answers 201.
      force: { route: "POST /projects/{project}/jobs/{job-id}/cancel", body: { force: true }, from: ["cancelling"] },
    },
    pipeline: {
      ids: { project, "pipeline-id": number("pipeline", "1215") },
      page: "/{+project}/-/pipelines/{pipeline-id}",
      look: { route: "GET /projects/{project}/pipelines/{pipeline-id}", ...reading, name: "name" },
      cancel: { route: "POST /projects/{project}/pipelines/{pipeline-id}/cancel" },
      list: {
        within: ["project"], route: "GET /projects/{project}/pipelines?per_page=100", items: "", next: "link",
        filters: { branch: "ref", commit: "sha", event: "source", state: "status" }, live: ["created", "waiting_for_resource", "preparing", "waiting_for_callback", "pending", "running", "manual", "scheduled", "canceling"],
        id: "id", branch: "ref", commit: "sha", started: ["started_at", "created_at"], event: "source", workflow: (b) => [b.name], tag: "tag", pull: "refs/merge-requests/{pull-request}/head",
      },
      jobs: { route: "GET /projects/{project}/pipelines/{pipeline-id}/jobs?per_page=100", items: "", next: "link", name: "name", state: "status" },
      // Children are cancelled along with their parent, pipelines of other projects are not: https://gitlab.com/gitlab-org/gitlab/-/issues/390453
      downstream: {
        route: "GET /projects/{project}/pipelines/{pipeline-id}/trigger_jobs?per_page=100", items: "", next: "link", target: "pipeline",
        ids: { project: "downstream_pipeline.project_id", "pipeline-id": "downstream_pipeline.id" },
        otherwise: { on: /^404$/, route: "GET /projects/{project}/pipelines/{pipeline-id}/bridges?per_page=100" },
      },
    },
  },
} satisfies Provider;
