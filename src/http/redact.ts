/** Shorter than this it would eat ordinary text. */
const shortest = 4;

/** Takes secrets out of text before any sink sees it. */
export class Redactor {
  readonly #secrets = new Set<string>();

  /** Registers a secret in the spellings in which it travels. */
  add(secret: string): void {
    const spellings = [
      secret,
      secret.trim(),
      ...secret.split(/\r\n|\r|\n/),
      encodeURIComponent(secret),
      Buffer.from(secret).toString("base64"),
      JSON.stringify(secret).slice(1, -1),
    ];
    for (const spelling of spellings) if (spelling.length >= shortest) this.#secrets.add(spelling);
  }

  /** Every secret becomes `***`, and so does the beginning of one where a text was cut. */
  redact(text: string): string {
    let clean = text;
    for (const secret of [...this.#secrets].sort((a, b) => b.length - a.length))
      clean = withoutBeginnings(clean.replaceAll(secret, "***"), secret);
    return clean;
  }
}

/** `text.ts` cuts foreign texts before they come here, and marks the cut by an ellipsis. */
function withoutBeginnings(text: string, secret: string): string {
  if (!text.includes("…")) return text;
  const pieces = text.split("…");
  const last = pieces.length - 1;
  return pieces
    .map((piece, at) => {
      if (at === last) return piece;
      for (let length = Math.min(secret.length - 1, piece.length); length >= shortest; length--)
        if (piece.endsWith(secret.slice(0, length))) return `${piece.slice(0, -length)}***`;
      return piece;
    })
    .join("…");
}
