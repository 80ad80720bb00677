/**
 * The outcome against the truth: GitHub runs that live, end, start again, are stopped by others, and a server that
 * loses, delays, repeats and mixes up what it says, all by chance. Whatever happens, what the step says has been shown to it.
 */
import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { cancelRun } from "../../src/main.ts";
import { providers } from "../../src/providers/all.ts";
import { SimulatedClock } from "../support/clock.ts";
import { MemoryHost } from "../support/host.ts";
import { type Answer, failure, MemoryServer, type Sent } from "../support/server.ts";
import { registryOf } from "../support/registry.ts";

const live = ["queued", "in_progress", "waiting", "action_required"];
const ends = ["success", "failure", "cancelled"];
/** What `fail-on` lists if nobody says otherwise, with its exit codes: the worst comes first. */
const exits = { failed: 1, restarted: 1, refused: 4, "not-found": 5, "still-running": 3 } as const;
const isOver = (word: string): boolean => ends.includes(word);

/** What a look has shown, or would have shown. */
interface Shown {
  readonly word: string;
  readonly attempt: number;
  /** Cancels that had been sent by then. */
  readonly asked: number;
}

/** https://docs.github.com/rest/actions/workflow-runs#get-a-workflow-run */
const body = (id: number, { word, attempt }: Omit<Shown, "asked">): Answer => ({
  body: {
    id,
    run_attempt: attempt,
    // What waits for the approval of a fork's run is `completed`, too.
    status: isOver(word) || word === "action_required" ? "completed" : word,
    conclusion: isOver(word) || word === "action_required" ? word : null,
    name: "deploy\n::error::x",
  },
});

class Run {
  word = "queued";
  attempt = 1;
  asked = 0;
  /** Moves until a cancel takes effect. */
  stopping = Infinity;
  /** What readable looks have shown. */
  readonly shown: Shown[] = [];
  readonly id: number;

  constructor(id: number) {
    this.id = id;
  }

  move(chance: (of: number) => number): void {
    if (!isOver(this.word) && this.stopping-- <= 0) this.word = "cancelled";
    const event = chance(12);
    if (event === 1 && !isOver(this.word)) this.word = ends[chance(ends.length)]!;
    else if (event === 2 && !isOver(this.word)) this.word = live[chance(live.length)]!;
    else if (event === 3) [this.attempt, this.word, this.stopping] = [this.attempt + 1, "queued", Infinity];
  }

  look(): Answer {
    this.shown.push({ word: this.word, attempt: this.attempt, asked: this.asked });
    return body(this.id, this);
  }

  cancel(chance: (of: number) => number): Answer {
    if (isOver(this.word)) return { status: 409, body: {} };
    // Some cancels are accepted and do nothing.
    if (chance(5) > 0) this.stopping = Math.min(this.stopping, chance(4));
    return { status: 202, body: {} };
  }
}

const settings = fc.record({
  runs: fc.integer({ min: 1, max: 3 }),
  timeout: fc.constantFrom(1, 10, 60, 300),
  wait: fc.boolean(),
  pinned: fc.boolean(),
  /** Killed at this request; 0: never. */
  killedAt: fc.constantFrom(0, 0, 1, 2, 4),
});

test("no outcome says more than a look of that very run and attempt has shown", async () => {
  const told = new Set<string>();
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(999), { maxLength: 120, size: "max" }), settings, async (tape, chosen) => {
      let at = 0;
      const chance = (of: number): number => (tape[at++] ?? 0) % of;
      const clock = new SimulatedClock();
      const interrupted = new AbortController();
      const deadline = chosen.timeout * 1000;
      const runs = [5, 6, 7].slice(0, chosen.runs).map((id) => new Run(id));
      const say = async (run: Run, { method }: Sent): Promise<Answer | Error> => {
        if (method === "POST") run.asked++;
        run.move(chance);
        const fault = chance(40);
        await clock.sleep([0, 100, 3000, 12_000][chance(4)]!);
        if (fault === 1) return failure("ECONNRESET");
        if (fault === 2) return { status: [500, 503, 429][chance(3)]!, headers: { "retry-after": `${chance(90)}` } };
        if (fault === 3) return { status: [401, 403, 404][chance(3)]!, body: {} };
        if (fault === 4) return { text: "<title>Sign in</title>", headers: { "content-type": "text/html" } };
        if (method === "GET" && fault === 5) return body(99, { word: "cancelled", attempt: run.attempt });
        if (method === "GET" && fault === 6) return { body: [] };
        // JSON of something else on the way, with words that GitHub has, too.
        if (method === "GET" && fault === 8) return { body: { status: "completed", conclusion: "cancelled" } };
        if (method === "GET" && fault === 9) return { body: { status: "failure" } };
        if (method === "GET") return run.look();
        const answer = run.cancel(chance);
        return fault === 7 ? failure("ECONNRESET") : answer;
      };
      const server = new MemoryServer(clock, (sent) => {
        if (server.sent.length === chosen.killedAt) interrupted.abort();
        return say(
          runs.find(({ id }) => sent.path.includes(`/runs/${id}`))!,
          sent,
        );
      });
      const host = new MemoryHost({
        provider: "github",
        repository: "acme/shop",
        "run-id": runs.map(({ id }) => id).join(),
        token: "t0ken-of-nobody",
        timeout: `${chosen.timeout}s`,
        wait: `${chosen.wait}`,
        ...(chosen.pinned && { "run-attempt": "1" }),
      });

      const exit = await cancelRun({
        host,
        registry: registryOf(providers),
        clock,
        transport: server,
        interrupted: interrupted.signal,
      });

      const records = host.final!.runs;
      expect(records.map(({ ids }) => ids["run-id"])).toEqual(runs.map(({ id }) => `${id}`));
      expect(server.sent.filter((sent) => sent.at > deadline)).toEqual([]);
      const worst = Object.entries(exits).find(([failing]) => records.some(({ outcome }) => outcome === failing));
      expect(exit).toBe(interrupted.signal.aborted ? 130 : (worst?.[1] ?? 0));
      records.forEach(({ outcome, confirmed }, index) => {
        told.add(outcome);
        const { shown, asked } = runs[index]!;
        const [first, last] = [shown[0], shown.at(-1)];
        const story = `${outcome} ${JSON.stringify(shown)}`;
        const same = first?.attempt === last?.attempt;
        if (outcome === "cancelled") {
          expect([story, last?.word, same, confirmed]).toEqual([story, "cancelled", true, "look"]);
          expect([story, last!.asked > 0]).toEqual([story, true]);
        }
        if (outcome === "already-finished" || outcome === "finished-anyway")
          expect([story, isOver(last?.word ?? "")]).toEqual([story, true]);
        if (outcome === "still-running") expect([story, isOver(last?.word ?? "")]).toEqual([story, false]);
        if (outcome === "restarted") expect([story, last!.attempt > 1]).toEqual([story, true]);
        if (chosen.pinned && asked > 0) expect([story, first?.attempt]).toEqual([story, 1]);
        // Killed before the first look came back, a cancel may be sent blindly.
        if (!interrupted.signal.aborted && asked > 0) expect([story, isOver(first!.word)]).toEqual([story, false]);
      });
    }),
    { numRuns: 500 },
  );

  // A step that always says the least would be true, and of no use.
  expect([...told]).toEqual(
    expect.arrayContaining(["cancelled", "already-finished", "finished-anyway", "cancelling", "failed"]),
  );
});
