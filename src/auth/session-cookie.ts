import { cookiesOf } from "./cookies.ts";
import { once } from "./once.ts";
import { Denied, type Scheme } from "./scheme.ts";

/**
 * A session that a login opens. User name and password go with every request all the same, for a proxy that takes them in place of
 * the server, which then has no login: 403 or 501.
 */
export const sessionCookie: Scheme = ({ auth, credentials: { username, password }, server, send, mask }) => {
  const pair = Buffer.from(`${username ?? ""}:${password ?? ""}`).toString("base64");
  mask(pair);
  const authorization = `Basic ${pair}`;
  const session = once(async () => {
    const url = new URL(`${server}${auth.login ?? ""}`);
    const reply = await send({ method: "GET", url, headers: { authorization }, accepts: [302] });
    if (reply.status === 401)
      throw new Denied(`the login at ${url.host} was answered 401: the user name or the password is wrong`);
    const cookies = cookiesOf(reply.headers);
    for (const cookie of cookies.split("; ")) mask(cookie.slice(cookie.indexOf("=") + 1));
    return cookies;
  });
  return {
    async authorize() {
      const cookie = await session();
      return { authorization, ...(cookie && { cookie }) };
    },
  };
};
