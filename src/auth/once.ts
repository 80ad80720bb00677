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
