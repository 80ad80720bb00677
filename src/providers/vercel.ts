// https://vercel.com/docs/rest-api/deployments/cancel-a-deployment
// https://vercel.com/docs/rest-api/deployments/get-a-deployment-by-id-or-url · npm @vercel/sdk
import { bearer, get, states } from "../kit.ts";
import type { Call, Id, Json, List, Look, Provider, Reading, Target } from "../provider.ts";

/** What belongs to a team is found in its scope only. */
const scope = "teamId={team-id}&slug={team}";

/** Its page has the id without `dpl_`. */
function withPrefix(value: string): string {
  return value.startsWith("dpl_") ? value : `dpl_${value}`;
}

/** `vercel deploy` prints the address, and the reply has its host. */
function hostOf(value: string): string {
  return value
    .trim()
    .toLowerCase()
    .replace(/^https?:\/\//, "")
    .replace(/\/$/, "");
}

/** Milliseconds. */
function createdAt({ createdAt: time }: Json): string | undefined {
  return new Date(time).toISOString();
}

/** What a Git integration says of a deployment: `meta` has the names of GitHub, GitLab and Bitbucket each. */
const branch = ["meta.githubCommitRef", "meta.gitlabCommitRef", "meta.bitbucketCommitRef", "gitSource.ref"];
const commit = ["meta.githubCommitSha", "meta.gitlabCommitSha", "meta.bitbucketCommitSha", "gitSource.sha"];

const inTeam: Readonly<Record<string, Id>> = {
  team: {
    pattern: /[a-z0-9][a-z0-9-]*/,
    help: "slug of the team, as in its pages' addresses",
    example: "acme",
    optional: true,
  },
  "team-id": {
    pattern: /team_[A-Za-z0-9]+/,
    help: "id of the team",
    example: "team_nLlpyC6REAqxydlFKbrMDlud",
    optional: true,
    env: ["VERCEL_ORG_ID"],
  },
};

const deploymentId: Id = {
  pattern: /dpl_[A-Za-z0-9]{20,40}/,
  help: "id of the deployment, as in its page's address",
  example: "dpl_89qyp1cskzkLrVicDaZoDbjyHuDJ",
  normalize: withPrefix,
};

const list: List = {
  ...get(`/v7/deployments?projectId={project-id}&teamId={team-id}&limit=100`),
  items: "deployments",
  next: { parameter: "until", token: "pagination.next" },
  within: ["team-id", "project-id"],
  pageSize: 100,
  filters: { branch: "branch", commit: "sha", state: "state" },
  item: { id: ["uid", "id"], branch, commit, started: createdAt, event: "source", repository: "projectId" },
};

function look(id: string, shown: Reading["shows"]): Look {
  return {
    ...get(`/v13/deployments/${id}?${scope}`),
    state: "readyState",
    name: "name",
    ref: branch,
    url: "inspectorUrl",
    shows: shown!,
    learn: { "deployment-id": "id" },
    record: { "error-message": "errorMessage" },
  };
}

/** The reply is the deployment, CANCELED. */
function cancel(shown: Reading["shows"]): Target["cancel"] {
  const call: Call = { route: `PATCH /v12/deployments/{deployment-id}/cancel?${scope}` };
  return { ...call, reply: { state: "readyState", shows: shown! } };
}

const permissions = {
  look: "a token whose scope includes the team, of somebody who sees the project",
  cancel: "a token whose scope includes the team, of somebody who may deploy the project",
  docs: "https://vercel.com/docs/rest-api#authentication",
};

const deployment: Target = {
  ids: {
    ...inTeam,
    "project-id": {
      pattern: /prj_[A-Za-z0-9]+/,
      help: "id of the project, for a selection",
      example: "prj_9LbRBKa3v1m4Kq2yXw8nTzUc",
      optional: true,
      env: ["VERCEL_PROJECT_ID"],
    },
    "deployment-id": deploymentId,
  },
  pages: ["/{team}/{project}/{deployment-id}"],
  permissions,
  look: look("{deployment-id}", { "deployment-id": "id" }),
  cancel: cancel({ "deployment-id": "id" }),
  list,
};

const deploymentUrl: Target = {
  ids: {
    ...inTeam,
    "deployment-url": {
      pattern: /[a-z0-9-]+\.vercel\.app/,
      help: "address of the deployment itself, as `vercel deploy` prints it; one of a branch or of production is another one",
      example: "shop-7h2k9qz1x-acme.vercel.app",
      normalize: hostOf,
    },
  },
  pages: ["https://{deployment-url}"],
  permissions,
  look: look("{deployment-url}", { "deployment-url": "url" }),
  cancel: cancel({ "deployment-url": "url" }),
};

export const vercel = {
  name: "Vercel",
  docs: "https://vercel.com/docs/rest-api/deployments/cancel-a-deployment",
  rights:
    "A token whose scope includes the team. What belongs to a team is found only with its `team-id`, its slug as `team`, or its page.",
  whoami: [
    {
      ...get("/v2/user"),
      docs: "https://vercel.com/docs/rest-api/user/get-the-user",
      who: ["user.username", "user.email"],
    },
  ],
  server: {
    url: "https://vercel.com",
    api: { "vercel.com": "https://api.vercel.com", "*": "" },
  },
  auth: [bearer("VERCEL_TOKEN")],
  errors: { message: "error.message" },
  states: states({
    queued: ["QUEUED"],
    running: ["INITIALIZING", "BUILDING"],
    blocked: ["BLOCKED"],
    cancelled: ["CANCELED"],
    succeeded: ["READY"],
    failed: ["ERROR"],
  }),
  targets: { deployment, "deployment-url": deploymentUrl },
  unverified: [
    "What a cancel is answered for a deployment that is over: Vercel's documents have 400 for what cannot be canceled; a look decides.",
    "What `BLOCKED` waits for, and whether it can be canceled: no document explains it.",
    "Whether the build of a deployment that was deleted goes on: `DELETED` counts as unknown, and no look has the word.",
    "A pull request of a fork has the plain name of a branch; whether a deployment always says its repository no document tells, so a selection by branch takes forks' too.",
    "Whether the slug of a personal account, as in its pages' addresses, is taken for a team's.",
  ],
} satisfies Provider;
