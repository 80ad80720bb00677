import type { Scheme } from "./scheme.ts";

/** `Authorization: Basic`: https://www.rfc-editor.org/rfc/rfc7617 */
export const basic: Scheme = ({ credentials, mask }) => {
  const pair = Buffer.from(`${credentials.username ?? ""}:${credentials.password ?? ""}`).toString("base64");
  mask(pair);
  return { authorize: () => Promise.resolve({ authorization: `Basic ${pair}` }) };
};
