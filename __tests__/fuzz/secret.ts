/** The secret of every step: the vendor knows it, says it, and nothing that is written may hold it. */
import type { Chance } from "./chance.ts";

export const canary = "cAnArY5ecretdonotshowQ7xZp2Lm";

/** So much of a secret is a part of it and of nothing else. */
const longestPart = 9;

/** Says where a secret, or a part of it, stands in a text. */
export function finderOf(secret: string): (text: string) => string | undefined {
  const parts = Array.from({ length: secret.length - longestPart + 1 }, (_, at) => secret.slice(at, at + longestPart));
  const inBase64 = [0, 1, 2].map((before) =>
    Buffer.from(`${"x".repeat(before)}${secret}`)
      .toString("base64")
      .slice(4, 24),
  );
  const all = [...parts, ...inBase64, ...inBase64.map((code) => code.replaceAll("+", "-").replaceAll("/", "_"))];
  const any = new RegExp(all.map((one) => one.replace(/[+?.*|(){}[\]\\^$]/g, "\\$&")).join("|"));
  return (text) => {
    const at = any.exec(text)?.index;
    return at === undefined ? undefined : text.slice(Math.max(0, at - 60), at + 60);
  };
}

export const leaked = finderOf(canary);

const names = [
  "deploy",
  "deploy\n::error::x",
  "##[set-output name=outcome]hacked",
  "\u001b[2J::stop-commands::x",
  "<b>deploy</b> | `x` \u202e",
  "…",
  "",
];

/** Text of somebody else's: at times long, at times with the secret in it, whole, at any place. */
export function foreignText(chance: Chance, secret = canary): string {
  if (chance.is(0.5)) return chance.one(names);
  const filler = chance.one(["x", "🦀", "…", "<&>\"'", " a", "\n", "é"]);
  // Also so long that it is cut just here: what is shown ends after 300 or 1,000 characters, what is read after 10,000.
  const cut = chance.one([4, 40, 300, 1000, 10_000]);
  const near = chance.is(0.5) ? cut - chance.below(Math.min(cut, canary.length)) : chance.below(cut);
  const before = filler.repeat(Math.ceil(near / filler.length));
  const spelled = chance.one([
    secret,
    secret,
    encodeURIComponent(secret),
    Buffer.from(secret).toString("base64"),
    Buffer.from(`user:${secret}`).toString("base64"),
    `${secret}${secret}`,
    `"${secret}"`,
  ]);
  return `${before}${spelled}${filler.repeat(chance.below(8))}`;
}
