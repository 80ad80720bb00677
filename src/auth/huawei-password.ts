import { once } from "./once.ts";
import { Denied, type Scheme } from "./scheme.ts";
import { oneLine } from "../text.ts";

/**
 * A project-scoped token for an IAM user; CodeArts refuses account-wide ones. Fetched once and used for the whole step (it lives 24 hours).
 * https://support.huaweicloud.com/intl/en-us/api-iam/iam_30_0001.html
 */
export const huaweiPassword: Scheme = ({ credentials, region, tokenServer, send, mask }) => {
  const token = once(async () => {
    const { username: name, password, domain } = credentials;
    const reply = await send({
      method: "POST",
      url: new URL(`${tokenServer ?? ""}/v3/auth/tokens?nocatalog=true`),
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        auth: {
          identity: { methods: ["password"], password: { user: { name, password, domain: { name: domain } } } },
          scope: { project: { name: region } },
        },
      }),
    });
    const value = reply.headers["x-subject-token"];
    if (reply.status !== 201 || !value) {
      const said = (reply.body as { error?: { message?: unknown } } | undefined)?.error?.message;
      throw new Denied(
        `IAM did not issue a token (${reply.status})${typeof said === "string" ? `: ${oneLine(said, 200)}` : ""}; it takes an IAM user's name and password and the account's name as domain`,
      );
    }
    mask(value);
    return value;
  });
  return { authorize: async () => ({ "x-auth-token": await token() }) };
};
