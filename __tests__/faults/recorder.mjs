/**
 * A preload (`node --import file:///…/recorder.mjs?to=FILE`) that writes down when the program sends each request, by the program's own clock,
 * and how much memory it has then. It also plays what no server can: `chance` is what Math.random says; `dns` is JSON that says
 * of host names what each lookup of them finds (an address, an error code, or "never"), the last one for ever; `days` moves the
 * date, by turns, so many days there and back.
 */
import dns from "node:dns";
import { appendFileSync } from "node:fs";
import { subscribe } from "node:diagnostics_channel";
import { URL } from "node:url";

const given = new URL(import.meta.url).searchParams;
const to = given.get("to");
const chance = given.get("chance");
const days = Number(given.get("days") ?? 0);
const names = new Map(Object.entries(JSON.parse(given.get("dns") ?? "{}")));

let moved = 0;
const { Date: PlainDate } = globalThis;
if (days !== 0)
  globalThis.Date = class Date extends PlainDate {
    constructor(...args) {
      super(...(args.length > 0 ? args : [Date.now()]));
    }

    static now() {
      return PlainDate.now() + moved;
    }
  };

subscribe("undici:request:create", ({ request: { method, origin, path } }) => {
  moved = moved === 0 ? days * 86_400_000 : 0;
  const at = globalThis.performance.now();
  const line = JSON.stringify({ at, method, origin, path, memory: process.memoryUsage.rss() });
  if (to) appendFileSync(to, `${line}\n`);
});

if (chance !== null) Math.random = () => Number(chance);

if (names.size > 0) {
  const { lookup } = dns;
  dns.lookup = (name, options, callback) => {
    const found = names.get(name);
    if (found === undefined) {
      lookup(name, options, callback);
      return;
    }
    const [one] = found.length > 1 ? found.splice(0, 1) : found;
    if (one === "never") return;
    process.nextTick(() => {
      if (/^E/.test(one))
        callback(Object.assign(new Error(`getaddrinfo ${one} ${name}`), { code: one, hostname: name }));
      else if (options.all) callback(null, [{ address: one, family: 4 }]);
      else callback(null, one, 4);
    });
  };
}
