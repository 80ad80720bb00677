/**
 * Says what is wrong with what a step has said of its runs. It knows what each outcome promises (docs and README), what the
 * vendor's own record says, and what has been handed to the step; it has no word and no line of the product's.
 */
import type { Delivered, Dialect, Life, Snapshot } from "./vendor.ts";

/** One record of the output `runs`. */
export interface Told {
  readonly ids: Readonly<Record<string, string>>;
  readonly before: string | null;
  readonly after: string | null;
  readonly outcome: string;
  readonly detail: string;
  readonly confirmed: string | null;
  readonly attempts: number;
}

export interface Setting {
  readonly dialect: Dialect;
  readonly lives: readonly Life[];
  readonly wait: boolean;
  readonly dryRun: boolean;
  /** The attempt that was asked for. */
  readonly pinned: number | undefined;
  readonly unlessJob: boolean;
  readonly forceAfter: number | undefined;
  /** ms; undefined where the step's time is not the vendor's. */
  readonly deadline: number | undefined;
  /** When the step was told to stop. */
  readonly interruptedAt: number | undefined;
}

/** How the step ended. */
export interface Ended {
  readonly at: number;
  /** `any`: the signal came so late that the end may have been on its way. */
  readonly exit: number | null | "any";
  readonly told: readonly Told[] | undefined;
  /** What it had said of its runs before, in this order. */
  readonly earlier?: readonly { readonly at: number; readonly told: readonly Told[] }[];
}

/** A look that is so old when a cancel leaves needs another one first, in ms; by how much the clocks may differ. */
const oldestLook = 5000;
const slack = 50;
/** What is left of a step that was told to stop, in ms. */
const graceAfterSignal = 7000;
const success = ["cancelled", "already-finished", "finished-anyway"];
/** What fails a step if nobody says otherwise, the worst first. */
const exits: readonly (readonly [number, readonly string[]])[] = [
  [1, ["failed", "restarted"]],
  [4, ["refused"]],
  [5, ["not-found"]],
  [3, ["still-running"]],
];

/** Every problem, each in a line. */
export function judge(setting: Setting, ended: Ended): string[] {
  const { lives, dialect, interruptedAt, deadline } = setting;
  const { told, exit, at } = ended;
  const problems: string[] = [];
  if (told === undefined) return ["lost: no report"];
  for (const life of lives) {
    const about = told.filter((one) => one.ids[dialect.id] === life.id);
    if (about.length !== 1) problems.push(`lost: run ${life.id} has ${about.length} records`);
    else
      problems.push(
        ...claims(life, about[0]!, setting, at, false).map(
          (why) => `wrong: run ${life.id}: ${why} (${about[0]!.detail})${storyOf(life)}`,
        ),
      );
    problems.push(...judgeRequests(life, setting).map((why) => `wrong: run ${life.id}: ${why}${storyOf(life)}`));
  }
  if (told.length !== lives.length) problems.push(`lost: ${told.length} records for ${lives.length} runs`);
  const worst = exits.find(([, failing]) => told.some(({ outcome }) => failing.includes(outcome)))?.[0] ?? 0;
  const isInterrupted = interruptedAt !== undefined && interruptedAt <= at;
  if (
    exit !== "any" &&
    exit !== (isInterrupted ? 130 : worst) &&
    !(isInterrupted && at - interruptedAt < slack && exit === worst)
  )
    problems.push(`wrong: exit ${exit} for ${told.map(({ outcome }) => outcome).join()}`);
  if (deadline !== undefined && at > deadline + slack) problems.push(`wrong: it took ${at} ms of ${deadline}`);
  if (deadline !== undefined && isInterrupted && at - interruptedAt > graceAfterSignal)
    problems.push(`wrong: it took ${at - interruptedAt} ms after the signal`);
  for (const { at: then, told: some } of ended.earlier ?? [])
    for (const one of some) {
      const life = lives.find(({ id }) => id === one.ids[dialect.id]);
      if (!life) problems.push("wrong: an early report of a run that nobody named");
      else if (success.includes(one.outcome))
        problems.push(
          ...claims(life, one, setting, then, true).map(
            (why) => `wrong: run ${life.id}, told early: ${why}${storyOf(life)}`,
          ),
        );
    }
  return problems;
}

/**
 * What the client may know of a run: what the last look has shown for sure, and whatever it may have been shown since. Vendors'
 * replies to a change show the run, too, but nobody has promised to read them.
 */
function lately(life: Life, until: number): Delivered[] {
  const shown = life.delivered.filter(({ shows, at }) => shows !== undefined && at <= until);
  const sure = shown.findLastIndex(({ unsure, what }) => !unsure && what === "look");
  return shown.slice(Math.max(0, sure));
}

/** What has been sent, what came back, and what was so. */
function storyOf({ sent, delivered, history }: Life): string {
  const at = (time: number): string => `@${Math.round(time)}`;
  const came = delivered.map(
    ({ what, at: then, status, shows, foreign, clear }) =>
      `${what}${at(then)}:${status}${shows ? `=${shows.word}/${shows.attempt}` : ""}${foreign ? "!" : ""}${clear === false ? "(started)" : ""}`,
  );
  return [
    ` | sent ${sent.map(({ what, at: then }) => what + at(then)).join(" ")}`,
    `got ${came.join(" ")}`,
    `was ${history.map(({ word, attempt, taken }) => `${word}/${attempt}${at(taken)}`).join(" ")}`,
  ].join("; ");
}

/** What is claimed, and is not so. */
function claims(life: Life, told: Told, setting: Setting, until: number, early: boolean): string[] {
  const { dialect, interruptedAt, dryRun, deadline, wait, pinned, unlessJob } = setting;
  const { outcome, after, confirmed, detail } = told;
  const isInterrupted = interruptedAt !== undefined;
  const asked = life.sent.filter(({ what, at }) => (what === "cancel" || what === "force") && at <= until);
  const answers = life.delivered.filter(({ at }) => at <= until);
  const looks = answers.filter(({ shows }) => shows !== undefined);
  const recent = lately(life, until).map(({ shows }) => shows!);
  const first = looks.find(({ unsure }) => !unsure)?.shows ?? looks[0]?.shows;
  const shown = (holds: (one: Snapshot) => boolean): boolean => recent.some(holds);
  const isFirst = ({ attempt }: Snapshot): boolean =>
    looks.some((one) => one.unsure) || (attempt === first?.attempt && (pinned === undefined || attempt === pinned));
  const accepted = answers.some(({ what, status }) => (what === "cancel" || what === "force") && status < 400);
  const problems: string[] = [];
  const expect = (holds: boolean, why: string): void => {
    if (!holds) problems.push(`${outcome}, but ${why}`);
  };
  if (success.includes(outcome)) {
    expect(
      shown(({ over }) => over),
      "nothing has shown that it is over",
    );
    // Who is killed before the first look has come back has the reply to the cancel alone.
    const byReply = isInterrupted && answers.every(({ what, shows, unsure }) => what !== "look" || !shows || unsure);
    expect(
      shown((one) => one.over && dialect.words[one.word] === after),
      `after is ${after}`,
    );
    expect(
      shown((one) => one.over && isFirst(one)),
      "it is another attempt that is over",
    );
    expect(confirmed === "look" || confirmed === "status-only" || byReply, `confirmed is ${confirmed}`);
  }
  switch (outcome) {
    case "cancelled":
      expect(asked.length > 0, "nobody asked");
      expect(
        shown(({ word }) => word === dialect.cancelled),
        "it was not cancelled",
      );
      break;
    case "already-finished": {
      const shownAt = Math.max(...recent.map(({ taken }) => taken), 0);
      // What a copy has done after the refusal of the original is for nobody to know.
      const effective = life.arrivals.filter(
        ({ over, refused, isCopy, taken }) => !over && !refused && !isCopy && taken <= shownAt,
      );
      expect(effective.length === 0, "it was alive when our cancel came");
      break;
    }
    case "finished-anyway":
      expect(asked.length > 0, "nobody asked");
      expect(
        shown(({ word }) => word !== dialect.cancelled),
        "it was cancelled",
      );
      break;
    case "still-running":
      expect(
        shown(({ over }) => !over),
        "nothing has shown it alive",
      );
      if (deadline !== undefined) expect(until >= deadline - 2000, `the deadline was not there at ${until}`);
      break;
    case "cancelling": {
      if (early) break;
      // Who is told to stop may have asked, and not know more.
      expect(accepted || (isInterrupted && asked.length > 0), "no cancel was accepted");
      expect(isInterrupted || !wait, "it was to be waited for");
      expect(recent.length === 0 || shown(({ over }) => !over) || isInterrupted, "it was shown to be over");
      break;
    }
    case "restarted":
      expect(
        looks.some(({ shows }) => shows!.attempt > (pinned ?? first!.attempt)) || looks.some(({ unsure }) => unsure),
        "there is no later attempt",
      );
      break;
    case "not-found":
      expect(
        answers.some(({ status }) => status === 404 || status === 410 || (status >= 300 && status < 400)) ||
          (pinned !== undefined && first !== undefined && first.attempt < pinned),
        "nobody said 404 or 410",
      );
      expect(
        !answers.some(({ what, status, foreign, unsure }) => what === "cancel" && status < 300 && !foreign && !unsure),
        "a cancel was accepted",
      );
      break;
    case "refused":
      expect(
        unlessJob || answers.some(({ status }) => status === 401 || status === 403 || (status >= 300 && status < 400)),
        "nobody refused",
      );
      break;
    case "would-cancel":
      expect(dryRun, "it is no dry run");
      expect(
        shown(({ over }) => !over),
        "it was not shown alive",
      );
      break;
    case "failed": {
      // What has been seen is told: an end that the last answer of all has shown is no failure.
      const last = answers.at(-1);
      const isKnown =
        last?.what === "look" &&
        last.shows?.over === true &&
        isFirst(last.shows) &&
        !life.faults &&
        deadline !== undefined;
      expect(!isKnown, "the end was seen");
      expect(detail !== "", "it is not said why");
      break;
    }
    default:
      problems.push(`there is no outcome ${outcome}`);
  }
  return problems;
}

/** What is sent has its rules, too. */
function judgeRequests(life: Life, setting: Setting): string[] {
  const { dryRun, deadline, interruptedAt = Infinity, pinned, unlessJob, forceAfter, dialect } = setting;
  const problems: string[] = [];
  const changes = life.sent.filter(({ what }) => what === "cancel" || what === "force");
  if (dryRun && changes.length > 0) problems.push("a dry run changes nothing");
  for (const { at, what } of changes) {
    const known = life.delivered.filter((one) => one.at <= at);
    const looks = known.filter(({ shows, what: of }) => shows !== undefined && of === "look");
    const last = looks.at(-1);
    const accepted = known.some(({ what: of, status }) => (of === "cancel" || of === "force") && status < 300);
    const isBlind = at >= interruptedAt;
    if (!last && !isBlind) problems.push(`a ${what} before any look`);
    if (last?.shows?.over && !last.unsure && looks.every(({ unsure }) => !unsure))
      problems.push(`a ${what} of a run that was shown to be over`);
    if (pinned !== undefined && last && last.shows!.attempt !== pinned && !last.unsure)
      problems.push(`a ${what} of attempt ${last.shows!.attempt}, not ${pinned}`);
    if (deadline === undefined) continue;
    if (at > deadline) problems.push(`a ${what} after the deadline`);
    const age = at - (known.findLast(({ shows, what: of }) => shows && of === "look")?.at ?? -Infinity);
    if (!isBlind && !accepted && age > oldestLook + slack && what === "cancel")
      problems.push(`stale: a ${what} ${Math.round(age)} ms after the look`);
    if (unlessJob && what === "cancel" && !accepted) {
      const jobs = known.findLast(({ what: of, clear }) => of === "jobs" && clear !== undefined);
      if (!jobs?.clear) problems.push(`a ${what} although the job had started, or nobody has asked`);
      else if (at - jobs.at > oldestLook + slack)
        problems.push(`a ${what} ${at - jobs.at} ms after the jobs were seen`);
    }
    if (what === "force") {
      const answered = known.find(({ what: of }) => of === "cancel");
      if (forceAfter === undefined) problems.push("a forced stop that nobody asked for");
      else if (!answered) problems.push("a forced stop before the cancel was answered");
      else if (at - answered.at < forceAfter - slack)
        problems.push(`a forced stop ${Math.round(at - answered.at)} ms after the cancel`);
      if (dialect.stopping !== undefined && last && last.shows!.word !== dialect.stopping)
        problems.push(`a forced stop of a run that is ${last.shows!.word}`);
    }
  }
  // Cancels that were not answered may be sent again by the client, five times; the engine asks three times.
  if (changes.length > 40) problems.push(`${changes.length} cancels`);
  const after = life.delivered.findIndex(
    ({ what, status, foreign, unsure }) => what === "cancel" && status < 300 && !foreign && !unsure,
  );
  const acceptedAt = life.delivered[after]?.at ?? Infinity;
  const again = life.sent.filter(({ what, at }) => what === "cancel" && at > acceptedAt);
  if (again.length > 0) problems.push(`${again.length} cancels after one was accepted`);
  return problems;
}

/** What a run comes to whose every answer is the vendor's, in time. */
export function expected(life: Life, setting: Setting, ended: Ended): string[] {
  const told = ended.told?.find((one) => one.ids[setting.dialect.id] === life.id);
  if (!told || life.faults > 0 || setting.interruptedAt !== undefined) return [];
  const looks = life.delivered.filter(({ shows, what }) => shows !== undefined && what === "look");
  const [first, last] = [looks[0]?.shows, looks.at(-1)?.shows];
  const refusals = life.arrivals.some(({ refused }) => refused);
  const all = (...outcomes: readonly string[]): string[] =>
    outcomes.includes(told.outcome)
      ? []
      : [
          `wrong: run ${life.id}: ${told.outcome} (${told.detail}) where nothing went wrong and it is ${outcomes.join(" or ")}`,
        ];
  const { fate } = life;
  // Little time may come to its end in the middle of anything.
  const { deadline = 0 } = setting;
  const isShort = deadline <= 10_000 && ended.at > deadline - 3000;
  if (isShort && ["failed", "refused", "cancelling", "still-running"].includes(told.outcome)) return [];
  if (!fate.exists) return all("not-found");
  if (!first || !last) return all("a look");
  if (setting.pinned !== undefined && first.attempt !== setting.pinned) return all("restarted", "not-found");
  if (first.over) return all("already-finished");
  // Once the cancel was accepted, jobs are asked about for the forced stop alone.
  const acceptedAt = life.delivered.find(({ what, status }) => what === "cancel" && status < 300)?.at ?? Infinity;
  if (setting.unlessJob && life.delivered.some(({ clear, at }) => clear === false && at < acceptedAt))
    return all("refused");
  if (setting.dryRun) return all("would-cancel");
  if (last.attempt !== first.attempt) return all("restarted");
  if (!fate.mayCancel) return all("refused");
  if (!last.over && !setting.wait && !refusals) return all("cancelling");
  if (!last.over)
    return all("still-running", ...(refusals ? ["failed"] : []), ...(setting.wait ? [] : ["failed", "cancelling"]));
  if (life.arrivals.every(({ over, refused }) => over || refused) && setting.dialect.over.status >= 400)
    return all("already-finished", "finished-anyway", ...(refusals ? ["cancelled"] : []));
  return all(last.word === setting.dialect.cancelled ? "cancelled" : "finished-anyway");
}
