import type { Clock } from "../../clock.ts";

/** How a run ends once its cancel was accepted: the states that it goes through, the last one for good. */
export class Ending<State> {
  readonly #states: readonly State[];
  readonly #pace: { readonly clock: Pick<Clock, "now">; readonly lasting: number } | undefined;
  #began: number | undefined;
  #looks = 0;

  /** Without a pace, each look finds the next state; with one, a state lasts so many ms. */
  constructor(states: readonly State[], pace?: { readonly clock: Pick<Clock, "now">; readonly lasting: number }) {
    this.#states = states;
    this.#pace = pace;
  }

  /** The cancel was accepted: the state that it leads to. Accepting it again changes nothing. */
  begin(): State | undefined {
    if (this.#began !== undefined) return undefined;
    this.#began = this.#pace?.clock.now() ?? 0;
    return this.#states[0];
  }

  /** Somebody looks: the state by now, if a cancel was accepted. */
  next(): State | undefined {
    if (this.#began === undefined) return undefined;
    const at = this.#pace ? (this.#pace.clock.now() - this.#began) / this.#pace.lasting : ++this.#looks;
    // A state that lasts 0 ms is over by the next look, at the very same moment too: 0 / 0 is no number.
    return this.#states[Math.floor(at)] ?? this.#states.at(-1);
  }
}
