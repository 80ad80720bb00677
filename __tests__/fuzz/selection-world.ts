/** A repository at random, with its runs, branches and pull requests, and a selection at random. */
import { Chance } from "./chance.ts";
import { start } from "./time.ts";
import { dialects, isEnding } from "./vendor.ts";

/** The words for states, of a dialect; GitLab's pipelines have one more, which no cancel changes. */
export const words = {
  github: dialects.github.words,
  gitlab: { ...dialects["gitlab-pipeline"].words, manual: "blocked" },
} as const;

export type Vendor = keyof typeof words;

/** A run as the vendor keeps it. */
export interface Listed {
  readonly id: number;
  /** The vendor's word: on GitHub the conclusion, where there is one. */
  readonly word: string;
  /** A branch or a tag; on GitLab the merge request's ref, where it is for one. */
  readonly branch: string;
  readonly commit: string;
  readonly event: string;
  readonly name: string;
  readonly file: string;
  readonly workflow: number;
  /** s since the start of all. */
  readonly created: number;
  readonly started: number;
  /** The repository of the branch; undefined for a fork that is gone. */
  readonly head: number | undefined;
  readonly isTag: boolean;
  /** GitLab: the merge request that it is a pipeline of. */
  readonly request: number | undefined;
  readonly jobs: readonly { readonly name: string; readonly word: string }[];
  /** What it is by the time it is looked at, if that is something else. */
  readonly later: string | undefined;
}

/** A pull or merge request. */
export interface PullRequest {
  readonly number: number;
  readonly branch: string;
  readonly head: number | undefined;
  readonly open: boolean;
}

/** What is asked for, by the inputs' names; lists as they are written. */
export interface Asked {
  readonly branch?: readonly string[];
  readonly commit?: readonly string[];
  readonly workflow?: readonly string[];
  readonly event?: readonly string[];
  readonly "head-repository"?: readonly string[];
  readonly status?: readonly string[];
  readonly "pull-request"?: number;
  /** s */
  readonly "older-than"?: number;
  readonly "older-than-this"?: true;
  readonly orphaned?: true;
  readonly "keep-newest"?: number;
  readonly "with-job"?: string;
  readonly "with-failed-job"?: string;
  readonly "unless-job"?: string;
  readonly "max-runs": number;
}

export interface World {
  readonly vendor: Vendor;
  readonly runs: readonly Listed[];
  readonly own: Listed;
  readonly asked: Asked;
  readonly tags: readonly string[];
  /** Branches that are there. */
  readonly living: readonly string[];
  readonly requests: readonly PullRequest[];
  /** A list that the server refuses, or, of branches, has emptied. */
  readonly broken: "branches" | "requests" | "no branches" | undefined;
  readonly dryRun: boolean;
}

export const here = 7001;
export const repositories: Readonly<Record<number, string>> = {
  [here]: "acme/shop",
  7002: "Octocat/shop",
  7003: "stranger/shop",
};
const forks = [7002, 7003];

const branches = ["main", "release/1", "feature-x", "ma", "main2", "v1"];
const commits = ["a", "b", "ab"].map((c) => c.repeat(40).slice(0, 40));
const workflows = [
  { name: "Build", file: "build.yml", id: 11 },
  { name: "Deploy", file: "deploy.yml", id: 12 },
  // A workflow may be called like another's file.
  { name: "build.yml", file: "other.yml", id: 13 },
];
const events = {
  github: ["push", "pull_request", "workflow_dispatch", "schedule"],
  gitlab: ["push", "merge_request_event", "web", "schedule"],
} as const;
const jobNames = ["test", "deploy", "deploy (eu)", "lint"];
const states = ["queued", "running", "blocked", "cancelling"];

/** The event of a run that is for a pull or merge request. */
export const isForRequest = ({ event }: Pick<Listed, "event">): boolean =>
  event === "pull_request" || event === "merge_request_event";

export function worldBy(seed: string, index: number): World {
  const chance = new Chance("selection", seed, index);
  const vendor = chance.one<Vendor>(["github", "gitlab"]);
  const all = Object.keys(words[vendor]);
  const dialect = { ...dialects[vendor === "github" ? "github" : "gitlab-pipeline"], words: words[vendor] };
  const alive = all.filter((word) => !isEnding(dialect, word));
  const count = chance.weighed([
    [20, chance.below(4)],
    [70, chance.below(25)],
    [10, 90 + chance.below(160)],
  ] as const);
  // A list of several pages needs many runs that are alike.
  const isLong = count > 60;
  const few = isLong ? chance.some(alive, 0.3) : alive;
  const usual = few.length > 0 ? few : alive.slice(0, 1);
  const pool = {
    branches: branches.slice(0, 1 + (isLong ? 0 : chance.below(branches.length))),
    workflows: workflows.slice(0, 1 + chance.below(3)),
    tags: chance.some(branches, 0.15),
  };
  const repository = (): number | undefined => (chance.is(0.5) ? here : chance.is(0.2) ? undefined : chance.one(forks));
  const requests = chance
    .some([3, 4, 5, 6], 0.6)
    .map((number) => ({ number, branch: chance.one(pool.branches), head: repository(), open: chance.is(0.6) }));
  const runs = Array.from({ length: count + 1 }, (_, at): Listed => {
    const workflow = chance.one(pool.workflows);
    const request = vendor === "gitlab" && requests.length > 0 && chance.is(0.25) ? chance.one(requests) : undefined;
    const branch = chance.one(pool.branches);
    const event =
      vendor === "github"
        ? chance.one(events.github)
        : request
          ? "merge_request_event"
          : chance.one(["push", "web", "schedule"]);
    const created = chance.below(500);
    const jobWords =
      vendor === "github"
        ? ["queued", "in_progress", "success", "failure"]
        : ["created", "running", "success", "failed"];
    return {
      id: 1000 + at * 3 + chance.below(3),
      word: chance.is(isLong ? 0.95 : 0.7) ? chance.one(usual) : chance.one(all),
      branch: request ? `refs/merge-requests/${request.number}/head` : branch,
      commit: chance.one(commits),
      event,
      name: workflow.name,
      file: workflow.file,
      workflow: workflow.id,
      created,
      started: created + (chance.is(0.1) ? chance.below(300) : 0),
      head: event === "pull_request" ? repository() : here,
      // GitHub's schedules run on the default branch; GitLab's may be for a tag.
      isTag:
        event !== "pull_request" &&
        !request &&
        !(vendor === "github" && event === "schedule") &&
        pool.tags.includes(branch) &&
        chance.is(0.5),
      request: request?.number,
      jobs: chance.some(jobNames, 0.5).map((name) => ({ name, word: chance.one(jobWords) })),
      later: chance.is(0.06) ? chance.one(all) : undefined,
    };
  });
  const own = { ...chance.one(runs), word: vendor === "github" ? "in_progress" : "running", later: undefined };
  const listed = runs.map((one) => (one.id === own.id ? own : one));
  const orphaned = chance.is(0.15);
  const asked = askedBy(chance, vendor, chance.one(listed), pool.branches, requests, orphaned);
  // Of a tag that is gone GitLab says only in a look that the pipeline was a tag's: until then it may count among the newest.
  const areTagsKept = vendor === "github" || asked["keep-newest"] !== undefined || asked["max-runs"] < listed.length;
  return {
    vendor,
    runs: listed,
    own,
    asked,
    tags: areTagsKept ? pool.tags : chance.some(pool.tags, 0.7),
    living: [...chance.some(branches, 0.5), "trunk"],
    requests,
    broken: orphaned && chance.is(0.1) ? chance.one(["branches", "requests", "no branches"] as const) : undefined,
    dryRun: chance.is(0.5),
  };
}

/** Some of the words, of which some exclude. */
function termsOf(chance: Chance, of: readonly string[]): string[] {
  const count = chance.weighed([
    [6, 1],
    [3, 2],
    [1, 3],
  ]);
  return Array.from({ length: count }, () => (chance.is(0.25) ? "^" : "") + chance.one(of));
}

function askedBy(
  chance: Chance,
  vendor: Vendor,
  any: Listed,
  known: readonly string[],
  requests: readonly PullRequest[],
  orphaned: boolean,
): Asked {
  const isByRequest = chance.is(0.15);
  const isByBranch = !isByRequest && chance.is(0.9);
  const simple = [chance.is(0.8) ? chance.one([...known, any.branch]) : "nowhere"];
  const various = (): string[] =>
    termsOf(chance, [...known, "*", "*", "ma*", "*1", "rel*/*", "nowhere", "refs/heads/main"]);
  const optional = (probability: number, name: keyof Asked, make: () => Asked[keyof Asked]): object =>
    chance.is(probability) ? { [name]: make() } : {};
  return {
    ...(isByRequest && { "pull-request": chance.is(0.1) ? 9 : (chance.one([...requests, undefined])?.number ?? 3) }),
    ...(isByBranch && { branch: orphaned && chance.is(0.6) ? ["*"] : chance.is(0.5) ? simple : various() }),
    ...optional(isByRequest || isByBranch ? 0.2 : 0.95, "commit", () =>
      chance.is(0.5)
        ? [any.commit.slice(0, chance.one([7, 12, 40]))]
        : termsOf(chance, ["*", "a*", "*b", any.commit, any.commit.slice(0, 8), commits[0]!]),
    ),
    ...optional(0.3, "workflow", () =>
      termsOf(
        chance,
        vendor === "github"
          ? [any.name, any.file, `${any.workflow}`, `.github/workflows/${any.file}`, "none", "*", "build*", "1*"]
          : [any.name, "none", "*", "*il*"],
      ),
    ),
    ...optional(0.3, "event", () => termsOf(chance, [...events[vendor], "*", "*_*"])),
    ...(vendor === "github" &&
      optional(0.15, "head-repository", () =>
        termsOf(chance, ["*", "*", "octocat/*", "Acme/Shop", "stranger/shop", "*/shop"]),
      )),
    ...optional(0.3, "status", () => chance.some(states, 0.5)),
    // Everything began about 27 hours ago.
    ...optional(0.15, "older-than", () => age - chance.below(800)),
    ...optional(0.25, "older-than-this", () => true),
    ...(orphaned && { orphaned }),
    ...optional(0.25, "keep-newest", () => 1 + chance.below(3)),
    ...optional(0.1, "with-job", () => chance.one(["test", "deploy*", "*", "x"])),
    ...optional(0.1, "with-failed-job", () => chance.one(["test", "deploy*", "*"])),
    ...optional(0.12, "unless-job", () => chance.one(["test", "deploy*", "*", "x"])),
    "max-runs": chance.is(0.2) ? 1 + chance.below(10) : 400,
  };
}

/** How long ago the first run may have begun, in s. */
export const age = 97_445;

/** Wall time so many seconds after that. */
export const at = (seconds: number): string =>
  new Date(start + (seconds - age) * 1000).toISOString().replace(".000Z", "Z");
