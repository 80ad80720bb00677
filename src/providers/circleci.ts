// https://circleci.com/docs/api/v2/index.html#operation/cancelWorkflow
// https://circleci.com/docs/api/v2/index.html#operation/cancelJobByJobNumber
import { get, inHeader, number, post, states, uuid } from "../kit.ts";
import type { Call, Context, Id, Json, Permissions, Provider, Reply, Target } from "../provider.ts";

const workflows = "/pipeline/{pipeline-id}/workflow";
const jobs = get("/workflow/{workflow-id}/job");
const cancelWorkflow = post("/workflow/{workflow-id}/cancel");
const nextPage = { parameter: "page-token", token: "next_page_token" } as const;

/** A workflow in any other state is over. */
const live = /^(?:running|failing|on_hold|queued)$/;
const isLive = ({ status }: Json): boolean => live.test(status);

/** A workflow that is run again is another one of the same name in its pipeline. */
function newest({ items }: Json): readonly Json[] {
  const byName = new Map<string, Json>();
  for (const one of items) {
    const known = byName.get(one.name);
    if (known === undefined || one.created_at > known.created_at) byName.set(one.name, one);
  }
  return [...byName.values()];
}

/**
 * A pipeline is its workflows, and goes on while one of them does. It counts as canceled if, from the first cancel on, none of them
 * has ended in another way: the words of ends are asked of the last workflow of each name. One that has a setup workflow alone has more to
 * come, and so may one whose list has another page.
 */
function stateOfPipeline(body: Json): string | undefined {
  const { items, next_page_token } = body;
  const alive = items.filter(isLive);
  if (alive.length > 0) return alive.every(({ status }: Json) => status === "on_hold") ? "on_hold" : "running";
  if (next_page_token) return "running";
  const ended = newest(body);
  const isSetUp = ended.every(({ tag, status }: Json) => tag === "setup" && status === "success");
  if (isSetUp) return "queued";
  const canceledAt = ended
    .filter(({ status }) => status === "canceled")
    .map(({ stopped_at }) => stopped_at)
    .sort()[0];
  const last = ended.filter(({ stopped_at }) => canceledAt === undefined || stopped_at >= canceledAt);
  return ["error", "failed", "unauthorized", "success", "canceled", "not_run"].find((word) =>
    last.some(({ status }) => status === word),
  );
}

/** The first of its workflows that can be canceled. */
function liveWorkflow({ items }: Json): string | undefined {
  return items.find(isLive)?.id;
}

/** There is no call for a pipeline: each of its workflows that is not over is canceled, as CircleCI's command line does it. */
async function cancelEach({ last, send }: Context): Promise<Reply> {
  const body: Json = last ?? (await send(get(workflows))).body;
  let reply: Reply | undefined;
  for (const { id } of (body?.items ?? []).filter(isLive)) {
    if (!/^[0-9a-f-]{36}$/.test(id)) continue;
    reply = await send(post(`/workflow/${id}/cancel`));
    if (reply.status >= 400) return reply;
  }
  return reply ?? { status: 409, headers: {}, body: { message: "no workflow of the pipeline can be canceled now" } };
}

/** The list of a workflow's jobs alone shows a job by its id: one that waits for approval has no number. */
async function findJob({ ids, send }: Context): Promise<Reply> {
  let token: unknown;
  for (;;) {
    const page = typeof token === "string" ? `?page-token=${encodeURIComponent(token)}` : "";
    const reply = await send({ ...jobs, route: jobs.route + page });
    if (reply.status !== 200 || !Array.isArray(reply.body?.items)) return reply;
    const job = reply.body.items.find(({ id }: Json) => id === ids["job-id"]);
    if (job) return { ...reply, body: job };
    token = reply.body.next_page_token;
    if (!token) return { ...reply, status: 404, body: { message: "the workflow has no such job" } };
  }
}

/** The API knows both names of a system; pages have the long one. */
function shortSystem(slug: string): string {
  return slug.replace(/^github\//, "gh/").replace(/^bitbucket\//, "bb/");
}

/** A token can do what its owner can. */
const permissions: Permissions = {
  look: "the personal token of somebody who sees the project",
  cancel: "the personal token of somebody who may trigger builds of the project",
  docs: "https://circleci.com/docs/managing-api-tokens/",
};

const workflowId: Id = uuid("UUID of the workflow, as in its page's address", "e3ed1d4d-5c7f-4f3a-9b44-8e6d4c6a3a11");

const pipeline: Target = {
  ids: { "pipeline-id": uuid("UUID of the pipeline", "5034460f-c7c4-4c43-9457-de07e2029e7b") },
  pages: ["/pipeline/{pipeline-id}"],
  permissions,
  look: {
    ...get(workflows),
    state: stateOfPipeline,
    shows: { "pipeline-id": "items.0.pipeline_id" },
    // A pipeline that has just begun has none.
    also: ["items"],
    learn: { "workflow-id": liveWorkflow },
  },
  cancel: { ask: cancelEach, calls: [cancelWorkflow] },
  confirmed: "status-only",
};

const workflow: Target = {
  ids: { "workflow-id": workflowId },
  pages: ["/workflow/{workflow-id}", "/pipelines/{vcs}/{org}/{project}/{pipeline-number}/workflows/{workflow-id}"],
  permissions,
  look: {
    ...get("/workflow/{workflow-id}"),
    state: "status",
    name: "name",
    shows: { "workflow-id": "id" },
    record: { project: "project_slug", "pipeline-number": "pipeline_number" },
  },
  cancel: cancelWorkflow,
  jobs: [{ ...jobs, items: "items", next: nextPage, name: "name", state: "status" }],
  confirmed: "status-only",
};

const oneJob = "/project/{+project-slug}/job/{job-number}";

const job: Target = {
  ids: {
    "project-slug": {
      pattern: /[\w-]+\/[\w.-]+\/[\w.-]+/,
      help: "slug of the project: the system, the organization and the project",
      example: "gh/acme/shop",
      normalize: shortSystem,
    },
    "job-number": number("number of the job, as in its page's address", "4711"),
  },
  pages: [
    "/pipelines/{+project-slug}/{pipeline-number}/workflows/{workflow-id}/jobs/{job-number}",
    "https://circleci.com/{+project-slug}/{job-number}",
  ],
  permissions,
  look: {
    ...get(oneJob),
    state: "status",
    name: "name",
    url: "web_url",
    shows: { "job-number": "number" },
    record: { workflow: "latest_workflow.id" },
  },
  cancel: post(`${oneJob}/cancel`),
};

const workflowJob: Target = {
  ids: { "workflow-id": workflowId, "job-id": uuid("UUID of the job", "0a4f8a57-1c2b-4d3e-8f60-7b8c9d0e1f22") },
  pages: ["/workflow/{workflow-id}/job/{job-id}"],
  permissions,
  look: { ask: findJob, calls: [jobs], state: "status", name: "name", shows: { "job-id": "id" } },
  cancel: post("/jobs/{job-id}/cancel") satisfies Call,
};

export const circleci = {
  name: "CircleCI",
  docs: "https://circleci.com/docs/api/v2/index.html#operation/cancelWorkflow",
  rights: "A personal API token of somebody who may trigger builds of the project; project tokens are not accepted.",
  whoami: [
    {
      ...get("/me"),
      docs: "https://circleci.com/docs/api/v2/index.html#operation/getCurrentUser",
      who: ["login", "name"],
    },
  ],
  server: {
    url: "https://app.circleci.com",
    alsoPublic: ["https://circleci.com"],
    api: { "app.circleci.com": "https://circleci.com/api/v2", "*": "/api/v2" },
    env: ["CIRCLE_HOST"],
    selfHosted: true,
  },
  auth: [inHeader("circle-token", "CIRCLE_TOKEN", "CIRCLECI_CLI_TOKEN")],
  errors: { message: "message" },
  states: states({
    queued: ["queued", "not_running", "blocked"],
    running: ["running", "failing"],
    blocked: ["on_hold"],
    cancelled: ["canceled"],
    succeeded: ["success"],
    failed: ["failed", "error", "unauthorized", "infrastructure_fail", "timedout", "terminated-unknown", "retried"],
    skipped: ["not_run"],
  }),
  targets: { pipeline, workflow, job, "workflow-job": workflowJob },
  unverified: [
    "No account was had: the calls and the words are those of CircleCI's OpenAPI document.",
    "Whether all jobs of a workflow that says `canceled` have stopped: the API has no word for one that is being canceled.",
    "What a cancel is answered for a workflow or a job that is over; a look decides.",
    "The cancel of a pipeline reaches the workflows that the latest look has shown, which are those of the list's first page; one that begins later is seen, and the run then reported as still running.",
    "The list of a project's pipelines says no states, so nothing is chosen by branch.",
    "What its calls must be allowed: the roles of a project were not looked up.",
    "CircleCI Server: that its API is below /api/v2 of its own host.",
  ],
} satisfies Provider;
