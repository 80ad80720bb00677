/**
 * Whole steps, from inputs to report, over a network in memory in simulated time: everything that a vendor, a gateway, a
 * replica and a runner may do in between, by chance. What the step says is then held against the vendor's own record.
 */
import type { Transport, WireReply, WireRequest } from "../../src/http/transport.ts";
import { Chance } from "./chance.ts";
import type { Engine } from "./engine.ts";
import { type Ended, expected, judge, type Setting, type Told } from "./judge.ts";
import { canary, foreignText, leaked } from "./secret.ts";
import { inTerminal } from "./terminal.ts";
import { SimulatedTime } from "./time.ts";
import {
  type Asked,
  type Dialect,
  type Delivered,
  type DialectName,
  dialects,
  fateBy,
  Life,
  type Snapshot,
} from "./vendor.ts";

/** What is done with an answer, or with the request before it gets there. */
interface Fault {
  /** The request gets to the vendor. */
  readonly arrives: boolean;
  /** What is handed over in place of the vendor's answer. */
  readonly instead?: (about: Asked, dialect: Dialect, life: Life, chance: Chance) => WireReply | Error;
  /** What becomes of the vendor's answer. */
  readonly changed?: (reply: WireReply) => WireReply | Error;
  /** The vendor's answer is about so long ago, in ms. */
  readonly stale?: number;
  /** The request gets there once more, so much later. */
  readonly again?: number;
  readonly isCalm?: true;
}

const failure = (code: string) => (): Error => Object.assign(new Error(`failed: ${code}`), { code });
const json = (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): WireReply => ({
  status,
  headers: { "content-type": "application/json", ...headers },
  text: JSON.stringify(body),
});
const html = (status: number, text: string): WireReply => ({ status, headers: { "content-type": "text/html" }, text });
const words = (chance: Chance): object =>
  chance.one<object>([
    { message: foreignText(chance) },
    { error: foreignText(chance) },
    { error: { message: foreignText(chance) } },
    { errors: [{ title: "x", detail: foreignText(chance) }] },
    {},
  ]);

function retryAfter(chance: Chance): Record<string, string> {
  return chance.weighed<() => Record<string, string>>([
    [4, () => ({})],
    [3, () => ({ "retry-after": `${chance.below(20)}` })],
    [1, () => ({ "retry-after": `${chance.below(400)}` })],
    [1, () => ({ "retry-after": chance.one(["soon", "-1", "1e9", "99999999999", "0x10", ""]) })],
    [1, () => ({ "x-ratelimit-remaining": "0", "x-ratelimit-reset": `${chance.below(30)}` })],
  ])();
}

/** JSON that is none about this run. */
function foreignJson({ id, what }: Asked, dialect: Dialect, chance: Chance): unknown {
  // A list without an item of ours is a list.
  if (what === "jobs" || what === "nothing")
    return chance.one<unknown>([{}, null, "ok", 17, { status: "success" }, words(chance)]);
  const word = chance.one(Object.keys(dialect.words));
  const other = `${Number(id) + 1}`;
  const about = dialect.body(other, { word, attempt: 1 }, "other");
  const { id: _id, ...nameless } = about;
  return chance.one<unknown>([
    { status: chance.one(["failed", "success", "error", "canceled", "cancelled", "ok", "completed"]) },
    { status: "completed", conclusion: chance.one(["cancelled", "success", "failure"]) },
    { state: "stopped" },
    { code: 200, status: "success", data: { id: Number(id) } },
    about,
    nameless,
    { ...about, id: null },
    { ...about, id: [Number(id)] },
    [],
    null,
    "ok",
    17,
    {},
    [about],
    { id: Number(id) },
    { id: Number(id), status: null, conclusion: null },
    { id: Number(id), status: {}, conclusion: [] },
    words(chance),
  ]);
}

const faults: readonly (readonly [number, Fault])[] = [
  // On the way.
  [4, { arrives: false, instead: failure("ECONNRESET") }],
  [5, { arrives: true, instead: failure("ECONNRESET") }],
  [2, { arrives: false, instead: failure("ECONNREFUSED") }],
  [1, { arrives: false, instead: failure("EAI_AGAIN") }],
  [1, { arrives: true, instead: failure("EPIPE") }],
  [1, { arrives: true, instead: failure("HPE_INVALID_CONSTANT") }],
  [1, { arrives: true, instead: failure("UND_ERR_HEADERS_OVERFLOW") }],
  [2, { arrives: true, changed: ({ status, headers }) => ({ status, headers, text: "", cut: true }) }],
  [2, { arrives: true, changed: (reply) => ({ ...reply, text: reply.text.slice(0, reply.text.length >> 1) }) }],
  [1, { arrives: true, changed: (reply) => ({ ...reply, text: "" }) }],
  [1, { arrives: true, changed: (reply) => ({ ...reply, headers: { "content-type": "text/plain" } }), isCalm: true }],
  // What the vendor, or a gateway in front of it, says in place of an answer, done or not.
  ...[true, false].flatMap((arrives): [number, Fault][] => [
    [3, { arrives, instead: (_a, _d, _l, c) => json(c.one([500, 502, 503, 504, 520, 408]), words(c), retryAfter(c)) }],
    [1, { arrives, instead: (_a, _d, _l, c) => html(c.one([500, 502, 503, 504]), `<title>${foreignText(c)}</title>`) }],
  ]),
  [3, { arrives: false, instead: (_a, _d, _l, c) => json(c.one([429, 429, 403]), words(c), retryAfter(c)) }],
  [2, { arrives: false, instead: (_a, _d, _l, c) => json(c.one([401, 403, 404, 400, 409, 410, 422, 405]), words(c)) }],
  [1, { arrives: false, instead: (_a, _d, _l, c) => html(c.one([401, 403, 404]), `<title>${foreignText(c)}</title>`) }],
  [2, { arrives: false, instead: (_a, _d, _l, c) => html(200, `<title>Sign in ${foreignText(c)}</title>`) }],
  [
    1,
    {
      arrives: false,
      instead: (_a, _d, _l, c) => ({
        status: 302,
        headers: { location: c.one(["/login", "/users/sign_in", "https://evil.example/", "/else", ""]) },
        text: "",
      }),
    },
  ],
  [4, { arrives: false, instead: (a, d, _l, c) => json(200, foreignJson(a, d, c)) }],
  [1, { arrives: true, instead: (a, d, _l, c) => json(200, foreignJson(a, d, c)) }],
  // Late, old, twice.
  [3, { arrives: true, stale: 3000 }],
  [1, { arrives: true, stale: 20_000 }],
  [2, { arrives: true, again: 500 }],
  [2, { arrives: true, again: 9000 }],
];

interface Story {
  readonly setting: Setting;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** The part of all answers that go wrong. */
  readonly rate: number;
  readonly chance: Chance;
  readonly timeout: number;
}

function storyBy(seed: string, index: number): Story {
  const chance = new Chance("story", seed, index);
  const name = chance.one<DialectName>(["github", "github", "gitlab-job", "gitlab-pipeline"]);
  const dialect = dialects[name];
  const timeout = chance.one([1000, 10_000, 60_000, 300_000, 300_000]);
  const count = chance.weighed([
    [50, 1],
    [25, 2],
    [15, 3],
    [9, 6],
    [1, 20],
  ]);
  const calm = chance.is(0.3);
  const lives = Array.from({ length: count }, (_, at) => {
    const id = `${5001 + at * 10}`;
    return new Life(
      id,
      dialect,
      fateBy(chance, dialect, Math.min(timeout, 90_000), foreignText(chance)),
      new Chance("life", seed, index, at),
    );
  });
  const wait = !chance.is(0.2);
  const dryRun = chance.is(0.05);
  const pinned =
    name === "github" && chance.is(0.15)
      ? chance.weighed([
          [4, 1],
          [1, 2],
        ] as const)
      : undefined;
  const unlessJob = name !== "gitlab-job" && chance.is(0.12);
  const forceAfter = chance.is(0.25) ? chance.one([0, 2000, 10_000, 60_000]) : undefined;
  const inputs: Record<string, string> = {
    provider: dialect.provider,
    ...dialect.ids,
    [dialect.id]: lives.map(({ id }) => id).join(),
    timeout: `${timeout / 1000}s`,
    ...(!wait && { wait: "false" }),
    ...(dryRun && { "dry-run": "true" }),
    ...(pinned !== undefined && { "run-attempt": `${pinned}` }),
    ...(unlessJob && { "unless-job": "ship*" }),
    ...(forceAfter !== undefined && { "force-after": `${Math.max(1, forceAfter / 1000)}s` }),
  };
  return {
    setting: {
      dialect,
      lives,
      wait,
      dryRun,
      pinned,
      unlessJob,
      forceAfter: forceAfter === undefined ? undefined : Math.max(1000, forceAfter),
      deadline: timeout,
      interruptedAt: chance.is(0.15) ? chance.next() * chance.one([400, 4000, timeout]) : undefined,
    },
    args: Object.entries(inputs).map(([input, value]) => `--${input}=${value}`),
    env: { CANCEL_RUN_TOKEN: canary },
    rate: calm ? 0 : chance.one([0.04, 0.12, 0.3, 0.7]),
    chance,
    timeout,
  };
}

/** Everything between the step and the vendor. */
class Network implements Transport {
  readonly leaks: string[] = [];
  /** By method and path: until when the server wants to be left alone. */
  readonly #waits = new Map<string, number>();
  readonly problems: string[] = [];
  readonly #time: SimulatedTime;
  readonly #story: Story;

  constructor(time: SimulatedTime, story: Story) {
    this.#time = time;
    this.#story = story;
  }

  async send({ method, url, headers, body, signal }: WireRequest): Promise<WireReply> {
    const { setting, rate, chance } = this.#story;
    const { dialect, lives } = setting;
    const time = this.#time;
    const path = url.pathname + url.search;
    const leak = leaked(path) ?? leaked(body ?? "");
    if (leak !== undefined) this.leaks.push(`in ${method} ${leak}`);
    if (headers["authorization"] !== `Bearer ${canary}`) this.problems.push(`${method} ${path} without the credential`);
    const about = dialect.asked(method, path, body);
    const life = lives.find(({ id }) => id === about?.id);
    if (!about || !life) {
      if (method !== "GET") this.problems.push(`wrong: ${method} ${path} is about no run that was named`);
      return path.includes("/pipelines/900/jobs") ? json(200, []) : json(404, { message: "Not Found" });
    }
    const key = `${method} ${path}`;
    life.sent.push({ at: time.now(), what: about.what });
    const isHurried = setting.interruptedAt !== undefined && time.now() >= setting.interruptedAt;
    if (!isHurried && time.now() < (this.#waits.get(key) ?? -Infinity))
      this.problems.push(
        `wrong: ${key} at ${time.now()}, although the server asked to wait until ${this.#waits.get(key)}`,
      );
    const fault = chance.is(rate) ? chance.weighed(faults) : undefined;
    if (fault && !fault.isCalm) life.faults++;
    const late = rate > 0 && chance.is(0.05);
    if (late) life.faults++;
    const [there, back] = late
      ? [chance.next() * chance.one([3000, 12_000, 40_000]), chance.next() * chance.one([3000, 12_000, 40_000])]
      : [5 + chance.next() * 100, 5 + chance.next() * 400];
    const exchanged = this.#exchange(about, life, fault, there, back, chance);
    const given = new Promise<never>((_, reject) => {
      const abandon = (): void => reject(new DOMException("This operation was aborted", "AbortError"));
      if (signal.aborted) abandon();
      else signal.addEventListener("abort", abandon, { once: true });
    });
    given.catch(() => undefined);
    exchanged.catch(() => undefined);
    const { reply, shows, clear } = await Promise.race([exchanged, given]);
    if (reply instanceof Error) throw reply;
    const wait = /^\d{1,9}$/.test(reply.headers["retry-after"] ?? "") ? Number(reply.headers["retry-after"]) * 1000 : 0;
    if (wait > 0 && reply.status >= 400) this.#waits.set(key, time.now() + wait - 1);
    const delivered: Delivered = {
      at: time.now(),
      what: about.what,
      status: reply.status,
      ...(shows && { shows }),
      ...(clear !== undefined && { clear }),
      ...(fault && !fault.isCalm && !shows && { foreign: true }),
    };
    life.delivered.push(delivered);
    return reply;
  }

  async #exchange(
    about: Asked,
    life: Life,
    fault: Fault | undefined,
    there: number,
    back: number,
    chance: Chance,
  ): Promise<{ reply: WireReply | Error; shows?: Snapshot | undefined; clear?: boolean | undefined }> {
    const { dialect } = this.#story.setting;
    const time = this.#time;
    await time.sleep(there);
    let vendor: Answered = { reply: json(404, { message: "Not Found" }) };
    if (fault?.arrives !== false) vendor = this.#answer(about, life, fault?.stale ?? 0);
    if (fault?.again !== undefined && about.what !== "look")
      void time.sleep(fault.again).then(() => this.#answer(about, life, 0, true));
    await time.sleep(back);
    if (fault?.instead) return { reply: fault.instead(about, dialect, life, chance) };
    if (!fault?.changed) return vendor;
    const reply = fault.changed(vendor.reply);
    // What has lost its text shows nothing.
    const isWhole = !(reply instanceof Error) && reply.text === vendor.reply.text && !reply.cut;
    return isWhole ? { ...vendor, reply } : { reply };
  }

  /** What the vendor itself says, having done what was asked for. */
  #answer({ what }: Asked, life: Life, stale: number, isCopy = false): Answered {
    const { dialect } = this.#story.setting;
    const { fate } = life;
    const now = this.#time.now();
    if (!fate.exists) return { reply: json(404, { message: "404 Not Found" }) };
    life.at(now);
    if (what === "jobs") {
      const started = now - stale >= fate.jobAt;
      const jobs = [
        { id: 71, name: "build", started: true },
        { id: 72, name: "ship it", started },
      ];
      return { reply: json(200, dialect.jobs(jobs)), clear: !started };
    }
    if (what === "nothing") return { reply: json(200, []) };
    if (what === "look") {
      const shows = stale > 0 ? life.before(now - stale) : life.at(now);
      return { reply: json(200, dialect.body(life.id, shows, fate.name)), shows };
    }
    if (!fate.mayCancel) return { reply: json(403, { message: foreignText(this.#story.chance) }) };
    const { status, shows } = life.cancel(now, what, isCopy);
    if (!shows) return { reply: json(status, status < 400 ? {} : { message: foreignText(this.#story.chance) }) };
    const shown = life.at(now);
    return { reply: json(status, dialect.body(life.id, shown, fate.name)), shows: shown };
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

interface Answered {
  readonly reply: WireReply;
  readonly shows?: Snapshot;
  readonly clear?: boolean;
}

/** Everything that is wrong with one story; empty if nothing is. */
export async function tellStory(engine: Engine, seed: string, index: number): Promise<string[]> {
  const story = storyBy(seed, index);
  const { setting, env, args } = story;
  const time = new SimulatedTime(new Chance("jitter", seed, index));
  const network = new Network(time, story);
  const interrupted = new AbortController();
  const earlier: { at: number; told: readonly Told[] }[] = [];
  if (setting.interruptedAt !== undefined) void time.sleep(setting.interruptedAt).then(() => interrupted.abort());
  try {
    const { exit, report, said, leaks } = await inTerminal(engine, {
      args,
      env,
      time,
      transport: network,
      interrupted: interrupted.signal,
      onReport: (told) => earlier.push({ at: time.now(), told }),
    });
    const ended: Ended = { at: time.now(), exit, told: report?.runs, earlier };
    return [
      ...judge(setting, ended),
      ...(exit === 2 ? [said] : []),
      ...(story.rate === 0 ? setting.lives.flatMap((life) => expected(life, setting, ended)) : []),
      ...network.problems,
      ...leaks,
      ...network.leaks.map((leak) => `leaked: ${leak}`),
    ].filter(Boolean);
  } catch (error) {
    return [`lost: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`];
  }
}
