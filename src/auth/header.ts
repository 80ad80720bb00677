import type { Scheme } from "./scheme.ts";

/** The token as it is, in the header that the provider's file names. */
export const header: Scheme = ({ auth, credentials }) => ({
  authorize: () =>
    Promise.resolve({ [auth.header ?? "authorization"]: `${auth.prefix ?? ""}${credentials.token ?? ""}` }),
});
