import type { Scheme } from "./scheme.ts";

/** `Authorization: Bearer`: https://www.rfc-editor.org/rfc/rfc6750#section-2.1 */
export const bearer: Scheme = ({ credentials }) => ({
  authorize: () => Promise.resolve({ authorization: `Bearer ${credentials.token ?? ""}` }),
});
