import type { Authenticator, Scheme, SchemeContext } from "./scheme.ts";

/** `Authorization: Basic` with a password or a token in its place: https://www.rfc-editor.org/rfc/rfc7617 */
export const basic: Scheme = ({ credentials: { username, password, token }, mask }) =>
  sendPair(`${username ?? ""}:${password ?? token ?? ""}`, mask);

/** With `user:password` as one credential. */
export const basicPair: Scheme = ({ credentials: { token = "" }, mask }) => {
  mask(token.slice(token.indexOf(":") + 1));
  return sendPair(token, mask);
};

function sendPair(pair: string, mask: SchemeContext["mask"]): Authenticator {
  const encoded = Buffer.from(pair).toString("base64");
  mask(encoded);
  return { authorize: () => Promise.resolve({ authorization: `Basic ${encoded}` }) };
}
