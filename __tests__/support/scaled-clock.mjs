/**
 * A preload (`node --import file:///…/scaled-clock.mjs?pace=20 program.js`) that lets time fly: a wait of five minutes is over at once.
 * Time runs `pace` times as fast as on the wall; and when a program has nothing to do but wait for a timer, with no request of
 * undici's under way, it leaps to that timer. So a slow machine does not look like a server that hangs.
 * What this is about: performance.now, process.hrtime, Date, setTimeout and setInterval, and so undici's timers, which are made of them.
 * Node's own timers, below these, keep real time.
 */
import { subscribe } from "node:diagnostics_channel";
import { URL } from "node:url";

const { performance, setImmediate, Date: WallDate } = globalThis;
const native = { now: performance.now.bind(performance), set: globalThis.setTimeout, clear: globalThis.clearTimeout };
const pace = Number(new URL(import.meta.url).searchParams.get("pace")) || 1;
/** Turns of the event loop in which nothing must happen before a leap. */
const quiet = 8;

let leapt = 0;
const now = () => native.now() * pace + leapt;
const epoch = WallDate.now() - now();

/** Timers that have not fired yet. */
const waiting = new Set();
/** Requests that have no answer yet. */
const underWay = new Set();

class Timer {
  constructor(callback, delay, args, repeats) {
    // Node's own rule: what is not between 1 and 2^31 - 1 is 1.
    this.delay = delay >= 1 && delay < 2 ** 31 ? Math.trunc(delay) : 1;
    this.call = () => callback(...args);
    this.repeats = repeats;
    this.keeps = true;
    this.refresh();
  }

  refresh() {
    this.due = now() + this.delay;
    waiting.add(this);
    this.arm();
    leapSoon();
    return this;
  }

  arm() {
    native.clear(this.handle);
    this.handle = native.set(() => this.fire(), Math.ceil((this.due - now()) / pace));
    if (!this.keeps) this.handle.unref();
  }

  fire() {
    if (now() < this.due) {
      this.arm();
      return;
    }
    this.close();
    if (this.repeats) this.refresh();
    this.call();
    leapSoon();
  }

  close() {
    waiting.delete(this);
    native.clear(this.handle);
    return this;
  }

  ref() {
    this.keeps = true;
    this.handle.ref();
    leapSoon();
    return this;
  }

  unref() {
    this.keeps = false;
    this.handle.unref();
    return this;
  }

  hasRef() {
    return this.keeps;
  }
}

let leaping = false;
const mayLeap = () => underWay.size === 0 && [...waiting].some(({ keeps }) => keeps);

function leapSoon(turns = 0) {
  if (turns === 0 && leaping) return;
  leaping = mayLeap();
  if (!leaping) return;
  if (turns < quiet) {
    setImmediate(leapSoon, turns + 1);
    return;
  }
  leaping = false;
  const next = [...waiting].reduce((a, b) => (b.due < a.due ? b : a));
  leapt += Math.max(0, next.due - now());
  for (const timer of waiting) timer.arm();
  next.fire();
}

globalThis.setTimeout = (callback, delay, ...args) => new Timer(callback, delay, args, false);
globalThis.setInterval = (callback, delay, ...args) => new Timer(callback, delay, args, true);
globalThis.clearTimeout = globalThis.clearInterval = (timer) => {
  if (timer instanceof Timer) timer.close();
  else native.clear(timer);
};
Object.defineProperty(performance, "now", { value: now });
process.hrtime = () => [Math.floor(now() / 1e3), Math.floor((now() % 1e3) * 1e6)];
globalThis.Date = class Date extends WallDate {
  constructor(...args) {
    super(...(args.length > 0 ? args : [Date.now()]));
  }

  static now() {
    return Math.floor(epoch + now());
  }
};

subscribe("undici:request:create", ({ request }) => underWay.add(request));
for (const end of ["undici:request:trailers", "undici:request:error"]) {
  subscribe(end, ({ request }) => {
    underWay.delete(request);
    leapSoon();
  });
}
