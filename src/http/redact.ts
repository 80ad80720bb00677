import { html, plain, wellFormed } from "../spelling.ts";

/** Shorter than this it would eat ordinary text. */
const shortest = 4;
/** A piece of base64 says less than the characters it has. */
const shortestPiece = 8;

/**
 * Takes secrets out of text. Whatever cuts a text asks it first: a secret is known as a whole only, because whoever
 * could tell a beginning of one from other text by what becomes of it could guess it, letter by letter.
 */
export class Redactor {
  readonly #spellings = new Set<string>();
  #longest = 0;

  /** Registers a secret in the spellings in which it travels. */
  add(secret: string): void {
    for (const spelling of spellingsOf(secret)) {
      if (spelling.length < shortest) continue;
      this.#spellings.add(spelling);
      this.#longest = Math.max(this.#longest, spelling.length);
    }
  }

  /** Every secret becomes `***`. */
  redact(text: string): string {
    return this.#redact(text, text.length);
  }

  /** A text of at most `max` characters as it is, of a longer one the beginning: a secret that the cut would halve is taken out whole. */
  head(text: string, max: number): string {
    return text.length <= max ? text : this.#redact(text.slice(0, max + this.#longest), max);
  }

  #redact(text: string, end: number): string {
    let [redacted, at] = ["", 0];
    for (const { from, to } of this.#find(text)) {
      if (from >= end) break;
      redacted += `${text.slice(at, from)}***`;
      at = to;
    }
    return redacted + text.slice(at, Math.max(at, end));
  }

  /** Where secrets stand; those that overlap are one place. */
  #find(text: string): { from: number; to: number }[] {
    const places: { from: number; to: number }[] = [];
    for (const spelling of this.#spellings)
      for (let from = text.indexOf(spelling); from >= 0; from = text.indexOf(spelling, from + 1))
        places.push({ from, to: from + spelling.length });
    const merged: typeof places = [];
    for (const place of places.sort((a, b) => a.from - b.from)) {
      const last = merged.at(-1);
      if (last && place.from < last.to) last.to = Math.max(last.to, place.to);
      else merged.push(place);
    }
    return merged;
  }
}

/** The secrets of this process: known to every place that cuts a text and to every sink. */
export const secrets = new Redactor();

/** As it is, as a sink of ours would spell it, and as servers and the addresses of requests do. */
function spellingsOf(secret: string): Set<string> {
  const texts = [secret, secret.trim(), ...secret.split(/\r\n|\r|\n/), plain(secret)];
  return new Set(
    texts.flatMap((text) => [text, ...inJson(text), ...inHtml(text), ...inAddress(text), ...inBase64(text)]),
  );
}

function inJson(text: string): string[] {
  const json = JSON.stringify(text).slice(1, -1);
  const escaped = (pattern: RegExp): string =>
    json.replace(pattern, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
  return [json, json.replaceAll("/", "\\/"), escaped(/[<>&]/g), escaped(/[<>&']/g), escaped(/[^ -~]/g)];
}

function inHtml(text: string): string[] {
  const usual = text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  return [
    html(text),
    usual,
    ...["&#39;", "&#x27;", "&apos;"].flatMap((quote) =>
      ["&quot;", "&#34;"].map((quotes) => usual.replaceAll('"', quotes).replaceAll("'", quote)),
    ),
  ];
}

function inAddress(text: string): string[] {
  const encoded = encodeURIComponent(wellFormed(text));
  const strict = encoded.replace(/[!'()*~]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
  const all = [encoded, strict, strict.replaceAll("%7E", "~"), encodeURI(wellFormed(text))];
  const spaced = all.flatMap((one) => [one, one.replaceAll("%20", "+")]);
  return spaced.flatMap((one) => [one, one.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase())]);
}

/** Alone, and at any place of a longer text, such as `name:secret`, as far as no neighbour has a part in the characters. */
function inBase64(text: string): string[] {
  const bytes = Buffer.from(text);
  const alone = bytes.toString("base64");
  const pieces = [0, 1, 2].map((before) => {
    const code = Buffer.concat([Buffer.alloc(before), bytes]).toString("base64");
    return code.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6));
  });
  const whole = [alone, alone.replaceAll("=", ""), ...pieces.filter((piece) => piece.length >= shortestPiece)];
  return whole.flatMap((code) => [code, code.replaceAll("+", "-").replaceAll("/", "_")]);
}
