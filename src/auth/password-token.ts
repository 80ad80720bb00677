import { once } from "./once.ts";
import { Denied, type Scheme } from "./scheme.ts";
import { oneLine } from "../text.ts";

/**
 * User name and password as JSON, in return for a token at the same server.
 * https://airflow.apache.org/docs/apache-airflow/stable/security/api.html
 */
export const passwordToken: Scheme = ({ auth, credentials: { username, password }, server, send, mask }) => {
  const token = once(async () => {
    const url = new URL(`${server}${auth.login ?? ""}`);
    const headers = { "content-type": "application/json" };
    const reply = await send({ method: "POST", url, headers, body: JSON.stringify({ username, password }) });
    const { access_token: value, detail } = (reply.body ?? {}) as { access_token?: unknown; detail?: unknown };
    if (typeof value !== "string" || reply.status >= 300) {
      const said = typeof detail === "string" ? `: ${oneLine(detail, 200)}` : "";
      throw new Denied(`the login at ${url.host} gave no token (${reply.status})${said}`);
    }
    mask(value);
    return value;
  });
  return { authorize: async () => ({ authorization: `Bearer ${await token()}` }) };
};
