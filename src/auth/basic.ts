import type { Scheme } from "./scheme.ts";

/** `Authorization: Basic` with a password or a token in its place: https://www.rfc-editor.org/rfc/rfc7617 */
export const basic: Scheme = ({ credentials: { username, password, token }, mask }) => {
  const pair = Buffer.from(`${username ?? ""}:${password ?? token ?? ""}`).toString("base64");
  mask(pair);
  return { authorize: () => Promise.resolve({ authorization: `Basic ${pair}` }) };
};
