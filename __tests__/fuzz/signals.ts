/**
 * dist/index.js as a program that is told to stop at any moment, as CI systems do. What it then says is held against what
 * the server has got and done; and what has not been cancelled by then is to be cancelled now.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { hosts } from "../support/program.ts";
import { canary } from "../support/servers.ts";
import { Chance } from "./chance.ts";
import { type Ended, judge, type Setting } from "./judge.ts";
import { leaksOf, play, toldBy, withoutResult } from "./program.ts";
import { foreignText } from "./secret.ts";
import { type DialectName, dialects, type Fate, isEnding, Life } from "./vendor.ts";
import { listen, type Speak } from "./wire.ts";

/** A program that was told to stop is gone by then, in ms; a busy machine may take its time over it. */
const grace = 7000;
const busy = 4000;

export async function trySignal(bundle: string | undefined, seed: string, index: number): Promise<string[]> {
  const chance = new Chance("signal", seed, index);
  const dialect = dialects[chance.one<DialectName>(["github", "gitlab-job", "gitlab-pipeline"])];
  const words = Object.keys(dialect.words);
  const alive = words.filter((word) => !isEnding(dialect, word));
  const fates = Array.from({ length: 1 + chance.below(3) }, (): Fate => ({
    word: chance.is(0.1) ? chance.one(words) : chance.one(alive),
    events: chance.is(0.2) ? [{ at: chance.next() * 1500, to: chance.one(words) }] : [],
    exists: true,
    mayCancel: !chance.is(0.05),
    name: foreignText(chance, canary),
    jobAt: Infinity,
    refusal: 0,
    vain: 0,
    slowness: chance.one([100, 3000]),
  }));
  const lives = fates.map(
    (fate, at) => new Life(`${5001 + at * 10}`, dialect, fate, new Chance("life", seed, index, at)),
  );
  const slowness = chance.one([5, 100, 500]);
  const began = performance.now();
  const now = (): number => performance.now() - began;
  const speak: Speak = async (socket, { asked, life, answer }) => {
    const turn = new Chance("answer", seed, index, life.id, life.sent.length);
    const [there, back] = [turn.next() * slowness, turn.next() * slowness];
    await sleep(there);
    const { status, body, shows } = answer();
    await sleep(back);
    const text = JSON.stringify(body);
    const length = Buffer.byteLength(text);
    // Whether it is still read when the signal has come, nobody knows.
    const isRead = signalled === undefined;
    life.delivered.push({
      at: now(),
      what: asked.what,
      status,
      ...(shows && { shows }),
      ...(!isRead && { unsure: true }),
    });
    socket.write(`HTTP/1.1 ${status} X\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n\r\n${text}`);
  };
  const signal = chance.one(["SIGTERM", "SIGINT"] as const);
  const second = chance.is(0.1);
  let signalled: number | undefined;
  let heardThen = 0;
  const send = (): void => {
    if (signalled !== undefined) return;
    signalled = now();
    // What has come just now may not have been read on a busy machine.
    for (const { delivered } of lives)
      delivered.forEach((one, place) => {
        if (one.at > now() - 1000) delivered[place] = { ...one, unsure: true };
      });
    heardThen = server.requests();
    program.kill(signal);
    if (second) void sleep(30).then(() => program.kill(signal));
  };
  // At a moment, or when so many requests have come.
  const at = chance.is(0.5)
    ? { ms: chance.next() * 2500 }
    : { requests: 1 + chance.below(6), ms: chance.next() * slowness };
  const server = await listen(dialect, lives, now, speak, (requests) => {
    if ("requests" in at && requests === at.requests) void sleep(at.ms).then(send);
  });
  const program = play({
    bundle,
    dialect,
    lives,
    server,
    host: chance.one(hosts),
    time: "wall",
    inputs: { timeout: "10s" },
  });
  if (!("requests" in at)) void sleep(at.ms).then(send);
  try {
    const result = await program.result;
    const ended = now();
    // Before Node.js has read the program a signal ends it, as any other; a second signal ends it at once.
    if (result.exit === null && result.signal === signal && signalled !== undefined && (heardThen === 0 || second))
      return [];
    const told = toldBy(result);
    if (second && signalled !== undefined && result.exit === 130 && told === undefined) return [];
    // All was told when the signal came, and the end was on its way.
    const isTold = told?.every(({ outcome, confirmed }) => outcome !== "cancelling" && confirmed !== null) === true;
    const isLate = signalled !== undefined && signalled > ended - 2000 && isTold;
    const setting: Setting = {
      dialect,
      lives,
      wait: true,
      dryRun: false,
      pinned: undefined,
      unlessJob: false,
      forceAfter: undefined,
      deadline: undefined,
      interruptedAt: signalled,
    };
    const end: Ended = { at: ended, exit: isLate ? "any" : result.exit, told };
    const problems = judge(setting, end).map(
      (problem) => `${problem} | exit ${result.exit} ${result.stderr.slice(-400)}`,
    );
    if (signalled !== undefined && ended - signalled > grace + busy)
      problems.push(`wrong: ${Math.round(ended - signalled)} ms after ${signal} it was still there`);
    if (!second && signalled !== undefined)
      for (const life of lives) {
        const seen = life.delivered.find(({ what, shows }) => what === "look" && shows)?.shows;
        const isAsked = life.sent.some(({ what }) => what === "cancel");
        if (!isAsked && !seen?.over) problems.push(`wrong: run ${life.id} was left alone when ${signal} came`);
      }
    return [...problems, ...server.problems, ...leaksOf(result)];
  } catch (error) {
    return [withoutResult(error)];
  } finally {
    server.close();
  }
}
