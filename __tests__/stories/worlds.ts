/** Worlds in which a run can be cancelled, and everything that can be replied there. */
import { HttpError } from "../../src/http/client.ts";
import { entriesOf } from "../../src/engine/catalog.ts";
import type { Look, Observation, Unseen } from "../../src/engine/look.ts";
import type { NewerRun } from "../../src/engine/listing.ts";
import type { Run } from "../../src/engine/run.ts";
import type { Settings } from "../../src/engine/settings.ts";
import type { Answer, ForceAnswer, Job, Rules } from "../../src/engine/story.ts";
import type { Force, Provider, State, Target } from "../../src/provider.ts";
import { acme } from "../support/acme.ts";

/** A reply and its name; `mark` is put into every word of it, so that a promise can tell whose words they are. */
export interface Reply<T> {
  readonly name: string;
  readonly give: (mark: string) => T;
}

export interface World {
  readonly name: string;
  readonly rules: Rules;
  /** Our job is being killed when the story begins. */
  readonly interrupted: boolean;
  /** If the job is killed, it is by a person who wants nothing more to be sent. */
  readonly stopped?: true;
  readonly looks: readonly Reply<Look>[];
  /** Where not everything can be replied, what can; then there is time for so many events more. */
  readonly answers?: readonly Reply<Answer>[];
  readonly deeper?: number;
}

const rungs: readonly Force[] = [
  { route: "POST /runs/{run-id}/kill", from: ["cancelling"], confirmed: "status-only" },
  { route: "POST /runs/{run-id}/purge" },
];
/** The word of a run that the vendor's cancel leaves as it is. */
export const untouched = "held";
const target: Target = {
  ...acme.targets.run,
  noEffect: { words: [untouched], because: "it is held" },
  force: rungs,
  look: { ...acme.targets.run.look, pinnedBy: "attempt" },
};
const retried: Target = {
  ...target,
  successor: {
    route: "GET /jobs",
    items: "",
    after: ["failed", "succeeded"],
    within: {},
    name: "name",
    id: "id",
    state: "state",
    instead: "pipeline",
  },
};
/** Its cancel may rewrite a run that is over. */
const rewritten: Target = { ...target, cancel: { ...target.cancel, rewrites: true } };
const provider: Provider = { ...acme, targets: { run: target, build: target, retried, rewritten } };
const place = { server: "https://acme.example", api: "https://acme.example/api", kind: "public" } as const;

function runOf(targetName: string, ids: Record<string, string>): Run {
  return { ...entriesOf("acme", provider).get(targetName)!, ids, place };
}

/** What run 7 may become. */
export const build = runOf("build", { "run-id": "70" });

const ends: readonly State[] = ["cancelled", "succeeded", "failed", "skipped"];

/** A body says whether the run is still one of those that were selected. */
function shows(state: State, about: Partial<Observation> = {}): Reply<Observation> {
  const { attempt = "1", became, body } = about;
  const matches = body === undefined;
  const observation: Observation = {
    ok: true,
    state,
    over: ends.includes(state),
    word: state,
    name: "deploy",
    ref: "main",
    attempt,
    page: undefined,
    learned: {},
    record: {},
    body: { matches },
    ...about,
  };
  const name = [
    state,
    attempt !== "1" && `of attempt ${about.attempt ?? "?"}`,
    became && "as a build",
    !matches && "elsewhere",
  ];
  // Every look is an object of its own, as it is when a server replies.
  return { name: name.filter(Boolean).join(" "), give: () => ({ ...observation }) };
}

const fails = (kind: Unseen["kind"]): Reply<Unseen> => ({
  name: kind,
  give: (mark) => ({ ok: false, kind, detail: `${kind} ${mark}` }),
});

const states = (["running", "cancelling", "cancelled", "succeeded"] as const).map((state) => shows(state));
const failures = (["not-found", "denied", "shapeless", "unreachable", "no-time", "interrupted"] as const).map(fails);
const otherAttempts = [
  shows("running", { attempt: "2" }),
  shows("cancelled", { attempt: "2" }),
  shows("running", { attempt: "0" }),
  shows("cancelled", { attempt: "0" }),
  { name: "running of no attempt", give: () => ({ ...states[0]!.give(""), attempt: undefined }) },
];
const elsewhere = [shows("running", { body: { matches: false } }), shows("cancelling", { body: { matches: false } })];
const becoming = [
  shows("running", { became: build }),
  shows("cancelling", { became: build }),
  shows("cancelled", { became: build }),
];
const usual = [...states, ...failures];
const notBegun = [shows("queued"), shows("blocked", { word: untouched })];

export const answers: readonly Reply<Answer>[] = [
  { name: "accepted", give: () => ({ is: "accepted", withReason: true }) },
  { name: "refused", give: (mark) => ({ is: "refused", said: `422 ${mark}`, conflict: false }) },
  { name: "409", give: (mark) => ({ is: "refused", said: `409 ${mark}`, conflict: true }) },
  {
    name: "unknown",
    give: (mark) => ({ is: "unknown", said: `cut off ${mark}`, answered: false, isRestarting: false }),
  },
  { name: "the same 409", give: () => ({ is: "refused", said: "409: not queued yet", conflict: true }) },
  { name: "no such call", give: (mark) => ({ is: "refused", said: `404 ${mark}`, conflict: false, final: true }) },
  { name: "500", give: (mark) => ({ is: "unknown", said: `500 ${mark}`, answered: true, isRestarting: false }) },
  {
    name: "accepted, and cancelled",
    give: () => ({
      is: "accepted",
      withReason: true,
      shown: { state: "cancelled", over: true, word: "cancelled" },
    }),
  },
  { name: "denied", give: (mark) => ({ is: "denied", said: `403 ${mark}`, explicable: true }) },
  { name: "no credential", give: (mark) => ({ is: "denied", said: `no token ${mark}`, explicable: false }) },
  { name: "impossible", give: (mark) => ({ is: "impossible", said: `405 ${mark}` }) },
  {
    name: "refused, and an earlier try may have arrived",
    give: (mark) => ({ is: "refused", said: `409 ${mark}`, conflict: true, resent: true }),
  },
  { name: "too late to be sent", give: (mark) => ({ is: "unsent", said: `429 ${mark}`, why: "late" }) },
  { name: "no way to the server", give: (mark) => ({ is: "unsent", said: `refused ${mark}`, why: "unreachable" }) },
  { name: "cut short before it left", give: (mark) => ({ is: "unsent", said: `killed ${mark}`, why: "interrupted" }) },
];

export const forceAnswers: readonly Reply<ForceAnswer>[] = [
  { name: "accepted", give: () => ({ is: "accepted", withReason: true }) },
  { name: "refused", give: (mark) => ({ is: "refused", said: `the forced stop: 403 ${mark}`, denied: true }) },
  { name: "unknown", give: (mark) => ({ is: "unknown", said: `the forced stop: 503 ${mark}` }) },
  { name: "unsent", give: (mark) => ({ is: "unsent", said: `the forced stop: no job is cancelling ${mark}` }) },
];

const failed = (mark: string): HttpError => new HttpError("protocol", `500 ${mark}`, false);

/** What of a list takes its time: its first page, or the others. */
type List<T> = Reply<T> & { readonly slow?: "first" | "pages" };

export const jobLists: readonly List<readonly Job[] | HttpError>[] = [
  {
    name: "waiting",
    give: () => [
      { name: "deploy", state: "queued" },
      { name: "test", state: "running" },
    ],
  },
  { name: "waiting, late", give: () => [], slow: "first" },
  { name: "waiting, of many pages", give: () => [], slow: "pages" },
  { name: "started", give: () => [{ name: "deploy", state: "succeeded" }] },
  { name: "failed", give: failed },
];

export const followLists: readonly List<{ readonly pending: boolean } | HttpError>[] = [
  { name: "all", give: () => ({ pending: false }) },
  { name: "all, late", give: () => ({ pending: false }), slow: "first" },
  { name: "pending", give: () => ({ pending: true }) },
  { name: "failed", give: failed },
];

export const successorReplies: readonly Reply<NewerRun | HttpError | undefined>[] = [
  { name: "running", give: () => ({ id: "8", state: "running" }) },
  { name: "over", give: () => ({ id: "8", state: "succeeded" }) },
  { name: "none", give: () => undefined },
  { name: "not told", give: failed },
];

const settings = {
  wait: true,
  dryRun: false,
  self: false,
  forceAfter: undefined,
  timeout: 60_000,
  unlessJob: undefined,
  reason: "",
} as Partial<Settings> as Settings;

interface Difference extends Partial<Omit<World, "rules">> {
  readonly rules?: Partial<Rules>;
  readonly settings?: Partial<Settings>;
}

function world(name: string, { rules, settings: other, ...rest }: Difference = {}): World {
  const chosen = { ...settings, ...other };
  return {
    name,
    interrupted: false,
    looks: usual,
    ...rest,
    rules: {
      run: runOf("run", { "run-id": "7" }),
      settings: chosen,
      deadline: chosen.timeout,
      isSelf: false,
      noLongerMatches: undefined,
      follows: false,
      spell: (input) => input,
      ...rules,
    },
  };
}

const matching = (body: unknown): string | undefined =>
  (body as { matches: boolean }).matches ? undefined : "it is on another branch";

const answer = (name: string): Reply<Answer> => answers.find((one) => one.name === name)!;
const refusing = [answer("refused"), answer("unknown")];

export const worlds: readonly World[] = [
  world("a run whose cancel is refused, and that may be forced", {
    settings: { forceAfter: 4000, timeout: 30_000 },
    looks: [shows("cancelling")],
    answers: refusing,
    deeper: 5,
  }),
  world("the same run, to be forced at once", {
    settings: { forceAfter: 50, timeout: 30_000 },
    looks: [shows("cancelling")],
    answers: refusing,
    deeper: 4,
  }),
  world("the same run with a point of no return", {
    settings: { forceAfter: 1000, timeout: 30_000, unlessJob: "dep*" },
    looks: [shows("cancelling")],
    answers: [answer("refused")],
    deeper: 3,
  }),
  world("a run that may be forced, and may become a build", {
    settings: { forceAfter: 500, timeout: 30_000 },
    looks: [shows("cancelling"), shows("running", { became: build })],
    answers: [answer("accepted"), answer("refused")],
    deeper: 3,
  }),
  world("a run whose cancel is accepted late, and that may be forced", {
    settings: { forceAfter: 2500, timeout: 30_000 },
    looks: [shows("cancelling")],
    answers: [answer("refused"), answer("accepted")],
    deeper: 5,
  }),
  world("a run whose cancel does not always leave", {
    looks: [shows("running")],
    answers: [answer("refused"), answer("no way to the server")],
    deeper: 6,
  }),
  world("a run that may be forced late", {
    settings: { forceAfter: 40_000, timeout: 60_000 },
    looks: [shows("cancelling")],
    answers: [answer("refused")],
  }),
  world("a run"),
  world("a run that may start again", { looks: [...usual, ...otherAttempts] }),
  world("a run that may become a build", { looks: [...usual, ...becoming] }),
  world("a run nobody waits for", { settings: { wait: false }, looks: [...usual, ...becoming] }),
  world("a dry run", { settings: { dryRun: true }, looks: [...usual, ...otherAttempts] }),
  world("a run that may be forced", { settings: { forceAfter: 2000, timeout: 20_000 } }),
  world("a run that has not begun", { looks: [...notBegun, ...states, fails("not-found")] }),
  world("a run that has not begun and may be forced", {
    settings: { forceAfter: 1000, timeout: 60_000 },
    looks: [...notBegun, ...states],
  }),
  world("a run with a point of no return that may be forced", {
    settings: { forceAfter: 500, unlessJob: "dep*" },
    looks: states,
  }),
  world("a run that there is little time for", { settings: { forceAfter: 1000, timeout: 8000 } }),
  world("a run with a point of no return", { settings: { unlessJob: "dep*" } }),
  world("a selected run", { rules: { noLongerMatches: matching }, looks: [...usual, ...elsewhere] }),
  world("a selected run with a point of no return", {
    rules: { noLongerMatches: matching, follows: true },
    settings: { unlessJob: "dep*" },
    looks: [...states, ...elsewhere, fails("unreachable")],
  }),
  world("an attempt of a run", {
    rules: { run: runOf("run", { "run-id": "7", attempt: "1" }) },
    looks: [...usual, ...otherAttempts],
  }),
  world("a run and what it started", { rules: { follows: true }, looks: [...usual, otherAttempts[0]!] }),
  world("a dry run of it and what it started", { rules: { follows: true }, settings: { dryRun: true } }),
  world("a run that may have been retried", { rules: { run: runOf("retried", { "run-id": "7" }) } }),
  world("our own run", { rules: { isSelf: true }, settings: { self: true, wait: false } }),
  world("our own run, not allowed", { rules: { isSelf: true } }),
  world("a run while we are killed", { interrupted: true }),
  world("a run that its cancel may rewrite", { rules: { run: runOf("rewritten", { "run-id": "7" }) } }),
  world("a run that its cancel may rewrite while we are killed", {
    interrupted: true,
    rules: { run: runOf("rewritten", { "run-id": "7" }) },
  }),
  world("a dry run while we are killed", { interrupted: true, settings: { dryRun: true } }),
  world("a run until a person stops it", {
    stopped: true,
    looks: [...states, fails("unreachable"), fails("interrupted")],
  }),
  world("a run that a person has stopped", { interrupted: true, stopped: true }),
  world("a guarded run while we are killed", { interrupted: true, settings: { unlessJob: "dep*" } }),
];
