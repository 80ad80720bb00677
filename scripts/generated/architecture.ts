/** The table in docs/architecture.md of what is next in a run's story: asked of src/engine/story.ts itself. */
import { entriesOf } from "../../src/engine/catalog.ts";
import type { Observation, Unseen } from "../../src/engine/look.ts";
import type { Settings } from "../../src/engine/settings.ts";
import {
  type Answer,
  answered,
  asked,
  followed,
  type ForceAnswer,
  forced,
  jobsListed,
  looked,
  next,
  type Now,
  rested,
  type Rules,
  type Step,
  type Story,
  turned,
  untold,
} from "../../src/engine/story.ts";
import { HttpError } from "../../src/http/client.ts";
import type { Provider, State, Target } from "../../src/provider.ts";
import { code, table } from "./markdown.ts";
import { replaceRegion } from "./region.ts";

const force = { route: "POST /runs/{run-id}/kill" };
const target: Target = {
  ids: {},
  look: { route: "GET /runs/{run-id}", state: "state" },
  cancel: force,
  noEffect: { words: ["blocked"], because: "" },
  force: [force],
};
const provider: Provider = {
  name: "",
  docs: "https://ci.example",
  rights: "",
  server: { api: "" },
  auth: [],
  states: {},
  targets: { run: target },
};
const settings = { wait: true, dryRun: false, self: false, timeout: 60_000 } as Partial<Settings> as Settings;
const rules: Rules = {
  run: {
    ...entriesOf("", provider).get("run")!,
    ids: {},
    place: { server: "https://ci.example", api: "https://ci.example", kind: "public" },
  },
  settings,
  deadline: 60_000,
  isSelf: false,
  noLongerMatches: undefined,
  follows: false,
  spell: code,
};
const now: Now = { at: 0, random: 0, interrupted: false };

const shows = (state: State, over: boolean, attempt = "2"): Observation => ({
  ok: true,
  state,
  over,
  word: state,
  name: undefined,
  ref: undefined,
  attempt,
  page: undefined,
  learned: {},
  record: {},
  body: {},
});
const fails = (kind: Unseen["kind"]): Unseen => ({ ok: false, kind, detail: kind });
const alive = shows("running", false);
const failure = new HttpError("protocol", "", false);

const seen = looked(untold, alive, 0);
const answers: Readonly<Record<string, Answer>> = {
  accepted: { is: "accepted", withReason: true },
  "refused: 400, 404, 422, …": { is: "refused", said: "", conflict: false },
  "refused: 409": { is: "refused", said: "", conflict: true },
  "unclear: a 5xx": { is: "unknown", said: "", answered: true, isRestarting: false },
  "unclear: none": { is: "unknown", said: "", answered: false, isRestarting: false },
  "not allowed: 401, 403": { is: "denied", said: "", explicable: true },
  "impossible: 405, 501": { is: "impossible", said: "" },
  "not sent: its look has become old": { is: "unsent", said: "", why: "late" },
  "not sent: no way to the server": { is: "unsent", said: "", why: "unreachable" },
};
const forceAnswers: Readonly<Record<string, ForceAnswer>> = {
  accepted: { is: "accepted", withReason: true },
  refused: { is: "refused", said: "", denied: false },
  "unclear: a 5xx, or none": { is: "unknown", said: "" },
};
const cancelled = (answer: Answer): Story => answered(asked(turned(seen, 0)), answer, 0);

const thrice = (story: Story): Story => {
  const again = answered(asked(story), story.answer!, 0);
  return answered(asked(again), story.answer!, 0);
};

/** When something happens: the columns. */
const before = [untold];
const accepted = [cancelled(answers["accepted"]!)];
const refused = [cancelled(answers["refused: 400, 404, 422, …"]!)];

interface Row {
  readonly event: string;
  readonly answer: string;
  readonly tell: (story: Story) => Story;
  /** Where it can happen: before the cancel is sent, after it was accepted, after it was refused. */
  readonly when: readonly (readonly Story[])[];
  readonly rules?: Partial<Rules>;
  readonly now?: Partial<Now>;
}

const look = (answer: string, shown: Observation | Unseen, more: Partial<Row> = {}): Row => ({
  event: "look",
  answer,
  tell: (story) => looked(story, shown, 0),
  when: [before, accepted, refused],
  ...more,
});
const set = (change: Partial<Settings>): Pick<Row, "rules"> => ({ rules: { settings: { ...settings, ...change } } });
const started = [looked(untold, alive, 0)];
const guarded = set({ unlessJob: "deploy" });

const rows: readonly Row[] = [
  look("alive", alive),
  look("alive; `dry-run`", alive, { ...set({ dryRun: true }), when: [before, [], []] }),
  look("alive; `unless-job`", alive, { ...guarded, when: [before, [], refused] }),
  look("alive; `downstream`", alive, { rules: { follows: true } }),
  look("alive; `wait: false`", alive, set({ wait: false })),
  look("alive; `force-after` is over", alive, { ...set({ forceAfter: 0 }), when: [[], accepted, refused] }),
  look("alive; selected, and no longer matches", alive, {
    rules: { noLongerMatches: () => "" },
    when: [before, [], refused],
  }),
  look("alive; the vendor's cancel leaves it as it is", shows("blocked", false)),
  look("queued; refused three times in the same words", shows("queued", false), {
    when: [[], [], [cancelled(answers["refused: 409"]!)].map(thrice)],
  }),
  look("alive; the time is up", alive, { now: { at: 59_000 } }),
  look("alive, in another attempt", shows("running", false, "3"), { when: [[], accepted, refused] }),
  look("cancelled", shows("cancelled", true)),
  look("over in another way", shows("succeeded", true)),
  look("not there", fails("not-found")),
  look("not allowed", fails("denied")),
  look("shows no state, or another run", fails("shapeless")),
  look("cannot be reached", fails("unreachable")),
  look("the server asks for more time than is left", fails("no-time")),
  {
    event: "list its jobs",
    answer: "none that spares it has started",
    tell: (story) => jobsListed(story, [], 0, 0),
    when: [started, [], []],
    ...guarded,
  },
  {
    event: "list its jobs",
    answer: "one has started",
    tell: (story) => jobsListed(story, [{ name: "deploy", state: "running" }], 0, 0),
    when: [started, [], []],
    ...guarded,
  },
  {
    event: "list its jobs",
    answer: "it cannot be told",
    tell: (story) => jobsListed(story, failure, 0, 0),
    when: [started, [], []],
    ...guarded,
  },
  {
    event: "list what it started",
    answer: "listed",
    tell: (story) => followed(story, alive, { pending: true }),
    when: [started, [looked(accepted[0]!, alive, 0)], [looked(refused[0]!, alive, 0)]],
    rules: { follows: true },
  },
  {
    event: "wait for its turn",
    answer: "it has come",
    tell: (story) => turned(story, 0),
    when: [started, [], []],
  },
  {
    event: "wait for its turn",
    answer: "it has come late",
    tell: (story) => turned(story, 10_000),
    when: [started, [], []],
  },
  ...Object.entries(answers).map(([answer, reply]): Row => ({
    event: "cancel",
    answer,
    tell: (story) => answered(asked(story), reply, 0),
    when: [started, [], []],
  })),
  ...Object.entries(forceAnswers).map(([answer, reply]): Row => ({
    event: "force",
    answer,
    tell: (story) => forced(story, force, reply, 0),
    when: [[], accepted, refused],
  })),
  { event: "wait", answer: "", tell: rested, when: [before, accepted, refused] },
  {
    event: "wait",
    answer: "cut short: our own job is killed",
    tell: rested,
    when: [before, accepted, refused],
    now: { interrupted: true },
  },
  look("cut short: our own job is killed", fails("interrupted"), { now: { interrupted: true } }),
  look("cut short: our own job is killed; `unless-job`, a selection or an attempt", fails("interrupted"), {
    ...guarded,
    now: { interrupted: true },
    when: [before, [], []],
  }),
];

const words: Readonly<Record<Exclude<Step["do"], "end">, string>> = {
  look: "look",
  "list-jobs": "list its jobs",
  follow: "list what it started",
  "find-successor": "look for its retry",
  turn: "wait for its turn",
  cancel: "cancel",
  force: "force",
  rest: "wait",
  explain: "`refused`, with what is wrong with the credential",
};

function nextOf(row: Row, story: Story): string {
  const step = next(story, { ...rules, ...row.rules }, { ...now, ...row.now });
  return step.do === "end" ? code(step.outcome) : words[step.do];
}

/** What is next, and after the same once more if that differs. */
function cell(row: Row, [story]: readonly Story[]): string {
  if (story === undefined) return "";
  const once = row.tell(story);
  const first = nextOf(row, once);
  if (row.event !== "look" || first.startsWith("`")) return first;
  const [second, third, fourth] = [1, 2, 3].map((times) => {
    let told = once;
    for (let at = 0; at < times; at++) told = row.tell(told);
    return nextOf(row, told);
  });
  if (second !== first) return `${first}; the second time ${second ?? ""}`;
  if (third !== first) return `${first}; the third time ${third ?? ""}`;
  return fourth === first ? first : `${first}; the fourth time ${fourth ?? ""}`;
}

export function architecture(text: string): string {
  const content = table(
    ["What happened", "Answer", "Next, before the cancel", "… after it was accepted", "… after it was refused"],
    rows.map((row) => [row.event, row.answer, ...row.when.map((stories) => cell(row, stories))]),
  );
  return replaceRegion(
    text,
    { start: "<!-- generated: story -->", end: "<!-- end -->" },
    ["", "<!-- prettier-ignore-start -->", content, "<!-- prettier-ignore-end -->", ""].join("\n"),
    "docs/architecture.md",
  );
}
