import { compiled, engineIn } from "./engine.ts";
import { tellStory } from "./stories.ts";
import { trySelection } from "./selections.ts";
import { trySocket } from "./sockets.ts";
import { trySignal } from "./signals.ts";
const [what = "stories", n = 500, seed = "1", only] = process.argv.slice(2);
const engine = await engineIn(compiled);
for (let i = 0; i < 6; i++) await tellStory(engine, "warm", i);
const kinds = new Map<string, number>();
const began = performance.now();
let bad = 0;
const from = only === undefined ? 0 : Number(only);
for (let i = from; i < (only === undefined ? Number(n) : from + 1); i++) {
  const p = await (what === "stories" ? tellStory(engine, seed, i) : what === "selections" ? trySelection(engine, seed, i) : what === "sockets" ? trySocket(undefined, seed, i) : trySignal(undefined, seed, i));
  if (p.length) { bad++; for (const x of p) { const k = x.replace(/ \| .*/s, "").replace(/\d+/g, "N").slice(0, 90); kinds.set(k, (kinds.get(k) ?? 0) + 1); if ((kinds.get(k) ?? 0) <= 2 || only) console.log(i, x.slice(0, 1500)); } }
}
console.log(kinds, bad, performance.now() - began);
process.exit();
