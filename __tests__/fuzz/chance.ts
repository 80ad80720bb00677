/** Chance that can be had again: what it says follows from the words it was made of. */
export class Chance {
  #state = 0x811c9dc5;

  constructor(...of: readonly (string | number)[]) {
    // FNV-1a
    for (const c of of.join(" ")) this.#state = Math.imul(this.#state ^ c.codePointAt(0)!, 0x01000193);
  }

  /** In [0, 1), by mulberry32. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  between(least: number, most: number): number {
    return least + this.next() * (most - least);
  }

  is(probability: number): boolean {
    return this.next() < probability;
  }

  one<T>(of: readonly T[]): T {
    return of[this.below(of.length)]!;
  }

  /** One of the values by its weight. */
  weighed<T>(of: readonly (readonly [weight: number, value: T])[]): T {
    let left = this.next() * of.reduce((sum, [weight]) => sum + weight, 0);
    return (of.find(([weight]) => (left -= weight) < 0) ?? of.at(-1)!)[1];
  }

  some<T>(of: readonly T[], probability: number): T[] {
    return of.filter(() => this.is(probability));
  }
}
