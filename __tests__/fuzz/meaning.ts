/**
 * Which runs a selection means: the documentation's words, read one by one for one run after the other. A run of which it
 * cannot be told is not meant.
 */
import {
  age,
  here,
  isForRequest,
  type Listed,
  type PullRequest,
  repositories,
  words,
  type World,
} from "./selection-world.ts";
import { dialects, isEnding } from "./vendor.ts";

const live = ["queued", "running", "blocked", "cancelling"];

const stateOf = ({ vendor }: World, word: string): string => (words[vendor] as Readonly<Record<string, string>>)[word]!;

const isOver = ({ vendor }: World, word: string): boolean =>
  word !== "manual" && isEnding(dialects[vendor === "github" ? "github" : "gitlab-pipeline"], word);

/** `*` stands for any text. */
const matches = (glob: string, name: string): boolean =>
  new RegExp(
    `^${glob
      .split("*")
      .map((piece) => piece.replace(/[.()[\]+?^$|\\{}]/g, "\\$&"))
      .join(".*")}$`,
  ).test(name);

/** A leading `^` excludes, and exclusions alone are exclusions from all. */
function isMeant(
  terms: readonly string[] | undefined,
  names: readonly string[],
  isSame: (term: string, name: string) => boolean = matches,
): boolean {
  if (terms === undefined) return true;
  const isOneOf = (some: readonly string[]): boolean => some.some((term) => names.some((name) => isSame(term, name)));
  const excluded = terms.filter((term) => term.startsWith("^")).map((term) => term.slice(1));
  const wanted = terms.filter((term) => !term.startsWith("^"));
  return !isOneOf(excluded) && (wanted.length === 0 || isOneOf(wanted));
}

const isAny = (terms: readonly string[] | undefined): boolean =>
  terms?.includes("*") === true && terms.every((term) => !term.startsWith("^"));

const bare = (terms: readonly string[] | undefined): string[] | undefined =>
  terms?.map((term) => term.replace(/^(\^?)refs\/heads\//, "$1"));

/** Why nothing is sent at all, before anything is asked. */
export function misuse({ asked }: World): boolean {
  const onlyExcludes = (terms: readonly string[] | undefined): boolean =>
    terms?.every((term) => term.startsWith("^")) === true;
  if (onlyExcludes(asked.branch) || onlyExcludes(asked["head-repository"])) return true;
  return asked.branch === undefined && asked.commit === undefined && asked["pull-request"] === undefined;
}

/** The pull request that is asked for: whose branch it is, and other ones that are open from there. */
interface Requested {
  readonly is: PullRequest;
  readonly others: boolean;
}

function requestedBy({ asked, requests }: World): Requested | undefined {
  const is = requests.find(({ number }) => number === asked["pull-request"]);
  if (is === undefined) return undefined;
  const others = requests.some(
    ({ number, branch, head, open }) => open && number !== is.number && branch === is.branch && head === is.head,
  );
  return { is, others };
}

/** GitHub: whose branch it is. A branch of the name of a tag may be the tag. */
function isOnBranchOfGitHub(world: World, run: Listed, requested: Requested | undefined): boolean {
  const { asked, tags } = world;
  const terms = requested ? [requested.is.branch] : bare(asked.branch);
  if (terms !== undefined && !isMeant(terms, [run.branch])) return false;
  if (requested && run.head !== requested.is.head) return false;
  if (asked.orphaned && run.head !== here) return false;
  const asksWhere = terms !== undefined || asked.orphaned === true;
  const repository = asked["head-repository"];
  if (repository !== undefined) {
    const name = run.head === undefined ? undefined : repositories[run.head]!.toLowerCase();
    const lower = repository.map((term) => term.toLowerCase());
    if (!isAny(lower) && (name === undefined || !isMeant(lower, [name]))) return false;
  } else if (asksWhere && !requested && run.head !== here) return false;
  if (asksWhere && tags.includes(run.branch) && !isForRequest(run) && run.event !== "schedule") return false;
  return requested?.others !== true;
}

/** GitLab: its merge requests have pipelines on no branch. */
function isOnBranchOfGitLab(world: World, run: Listed, requested: Requested | undefined): boolean {
  const { asked } = world;
  const terms = bare(asked.branch);
  if (requested) {
    const { is, others } = requested;
    if (run.request !== undefined) return run.request === is.number;
    return isInRequest(run, is) && !others;
  }
  if (run.request !== undefined) return terms === undefined || (asked.orphaned === true && isAny(terms));
  if (run.isTag && (terms !== undefined || asked.orphaned === true)) return false;
  return terms === undefined || isMeant(terms, [run.branch]);
}

/** A merge request's list has the pipelines of its source branch, too: https://docs.gitlab.com/api/merge_requests/#list-merge-request-pipelines */
export const isInRequest = (run: Listed, { number, branch, head }: PullRequest): boolean =>
  run.request === number || (run.request === undefined && !run.isTag && run.branch === branch && head === here);

/** Its branch is gone, or its pull request is closed. */
function isOrphan({ vendor, living, requests }: World, run: Listed): boolean {
  if (!isForRequest(run)) return !living.includes(run.branch);
  if (vendor === "gitlab") {
    const request = requests.find(({ number }) => number === run.request)!;
    return !request.open && request.head === here;
  }
  return !requests.some(({ open, branch, head }) => open && branch === run.branch && head === run.head);
}

const startOf = ({ vendor }: World, { started, created }: Listed): number => (vendor === "github" ? started : created);

const isBefore = (world: World, one: Listed, other: Listed): boolean =>
  startOf(world, one) < startOf(world, other) || (startOf(world, one) === startOf(world, other) && one.id < other.id);

function fits(world: World, run: Listed, requested: Requested | undefined): boolean {
  const { vendor, asked, own } = world;
  if (!(asked.status?.length ? asked.status : live).includes(stateOf(world, run.word))) return false;
  const isOn = vendor === "github" ? isOnBranchOfGitHub : isOnBranchOfGitLab;
  if (!isOn(world, run, requested)) return false;
  const isCommit = (term: string, commit: string): boolean =>
    term.includes("*") ? matches(term, commit) : commit.startsWith(term);
  if (!isMeant(asked.commit, [run.commit], isCommit)) return false;
  const spellings =
    vendor === "github" ? [run.name, run.file, `.github/workflows/${run.file}`, `${run.workflow}`] : [run.name];
  if (!isMeant(asked.workflow, spellings) || !isMeant(asked.event, [run.event])) return false;
  if (asked["older-than"] !== undefined && age - startOf(world, run) <= asked["older-than"]) return false;
  if (asked["older-than-this"] && run.id !== own.id && !isBefore(world, run, own)) return false;
  const { "with-job": withJob, "with-failed-job": withFailedJob } = asked;
  if (withJob !== undefined && !run.jobs.some(({ name }) => matches(withJob, name))) return false;
  if (withFailedJob === undefined) return true;
  return run.jobs.some(({ name, word }) => matches(withFailedJob, name) && ["failure", "failed"].includes(word));
}

/** What a selection comes to: the ids of the runs that are meant, in order, or the outcome of a step that stops nothing. */
export function meant(world: World): number[] | "refused" | "failed" {
  const { vendor, runs, own, asked, broken } = world;
  const requested = requestedBy(world);
  if (asked["pull-request"] !== undefined && requested === undefined) return "failed";
  // The runs of a fork that is gone cannot be told from others.
  if (vendor === "github" && requested && requested.is.head === undefined) return "failed";
  let fitting = runs.filter((run) => fits(world, run, requested));
  if (asked.orphaned) {
    // A list that is needed and cannot be read is no reason to cancel anything.
    const needsBranches = fitting.some((run) => !isForRequest(run));
    const needsRequests = fitting.some(isForRequest);
    if (broken === "requests" ? needsRequests : broken !== undefined && needsBranches) return "failed";
    fitting = fitting.filter((run) => isOrphan(world, run));
  }
  const keep = asked["keep-newest"] ?? 0;
  if (keep > 0) {
    // Our own run counts, whatever it is.
    const all = [...fitting.filter(({ id }) => id !== own.id), own];
    const group = ({ file, name, head, branch, event }: Listed): string =>
      JSON.stringify([vendor === "github" ? file : name, head ?? null, branch, event]);
    fitting = fitting.filter(
      (run) => all.filter((other) => group(other) === group(run) && isBefore(world, run, other)).length >= keep,
    );
  }
  fitting = fitting.filter(({ id }) => id !== own.id);
  if (fitting.length > asked["max-runs"]) return "refused";
  return fitting.map(({ id }) => id).sort((a, b) => a - b);
}

/** What becomes of a run that is meant, by what it is when it is looked at. */
export function outcomeOf(world: World, run: Listed): string {
  const { asked, dryRun } = world;
  const word = run.later ?? run.word;
  if (isOver(world, word)) return "already-finished";
  if (!(asked.status?.length ? asked.status : live).includes(stateOf(world, word))) return "spared";
  const { "unless-job": unlessJob } = asked;
  const hasStarted = ({ word: job }: Listed["jobs"][number]): boolean => !["queued", "created"].includes(job);
  if (unlessJob !== undefined && run.jobs.some((job) => matches(unlessJob, job.name) && hasStarted(job)))
    return "spared";
  return dryRun ? "would-cancel" : "cancelled";
}
