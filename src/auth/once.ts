import type { Clock } from "../clock.ts";
import { Denied } from "./scheme.ts";

/** What a login gives, got once for the whole step. A refused password is not tried again, because that locks accounts; any other failure is. */
export function once<T>(login: () => Promise<T>): () => Promise<T> {
  let shared: Promise<T> | undefined;
  return async () => {
    try {
      return await (shared ??= login());
    } catch (error) {
      if (!(error instanceof Denied)) shared = undefined;
      throw error;
    }
  };
}

export interface Lasting<T = string> {
  readonly value: T;
  /** Monotonic time after which another one is got. */
  readonly until: number;
}

/** What a login gives, as `once`, as long as it lasts. */
export function renewed<T>(clock: Pick<Clock, "now">, login: () => Promise<Lasting<T>>): () => Promise<T> {
  let current = once(login);
  let until = Infinity;
  return async () => {
    if (clock.now() > until) {
      current = once(login);
      until = Infinity;
    }
    const got = await current();
    until = got.until;
    return got.value;
  };
}
