/** Takes secrets out of text before any sink sees it. */
export class Redactor {
  readonly #secrets = new Set<string>();

  /** Registers a secret in the spellings in which it travels. Shorter than four characters it would eat ordinary text. */
  add(secret: string): void {
    const spellings = [
      secret,
      secret.trim(),
      ...secret.split(/\r\n|\r|\n/),
      encodeURIComponent(secret),
      Buffer.from(secret).toString("base64"),
      JSON.stringify(secret).slice(1, -1),
    ];
    for (const spelling of spellings) if (spelling.length >= 4) this.#secrets.add(spelling);
  }

  /** Every secret becomes `***`. */
  redact(text: string): string {
    let clean = text;
    for (const secret of [...this.#secrets].sort((a, b) => b.length - a.length))
      clean = clean.replaceAll(secret, "***");
    return clean;
  }
}
