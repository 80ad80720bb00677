import { cookiesOf } from "./cookies.ts";
import { Denied, type Scheme } from "./scheme.ts";

/**
 * A session that a login opens once for the whole step. User name and password go with every request all the same, for a proxy that
 * takes them in place of the server, which then has no login: 403 or 501.
 */
export const sessionCookie: Scheme = ({ auth, credentials: { username, password }, server, send, mask }) => {
  const pair = Buffer.from(`${username ?? ""}:${password ?? ""}`).toString("base64");
  mask(pair);
  const authorization = `Basic ${pair}`;
  let session: Promise<string> | undefined;
  async function login(): Promise<string> {
    const url = new URL(`${server}${auth.login ?? ""}`);
    const reply = await send({ method: "GET", url, headers: { authorization }, accepts: [302] });
    if (reply.status === 401)
      throw new Denied(`the login at ${url.host} was answered 401: the user name or the password is wrong`);
    const cookies = cookiesOf(reply.headers);
    for (const cookie of cookies.split("; ")) mask(cookie.slice(cookie.indexOf("=") + 1));
    return cookies;
  }
  async function shared(): Promise<string> {
    try {
      return await (session ??= login());
    } catch (error) {
      // A refused password is not tried again: that locks accounts.
      if (!(error instanceof Denied)) session = undefined;
      throw error;
    }
  }
  return {
    async authorize() {
      const cookie = await shared();
      return { authorization, ...(cookie && { cookie }) };
    },
  };
};
