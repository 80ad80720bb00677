import type { Scheme } from "./scheme.ts";

/** For servers that ask for no credential. */
export const none: Scheme = () => ({ authorize: () => Promise.resolve({}) });
