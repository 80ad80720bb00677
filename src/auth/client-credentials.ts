import type { Scheme, SchemeContext } from "./scheme.ts";
import { byAccessToken, tokenFrom } from "./token-endpoint.ts";

/** A token that a client gets for itself: https://www.rfc-editor.org/rfc/rfc6749#section-4.4 */
export const clientCredentials: Scheme = (context) => {
  const { auth, credentials, server, tokenServer = server, api, clock } = context;
  const path = (auth.login ?? "").replace("{tenant-id}", () => encodeURIComponent(credentials["tenant-id"] ?? ""));
  const url = new URL(tokenServer + path);
  const scope = (auth.scope ?? "").replace("{api}", () => new URL(api).origin);
  const { fields, headers } = proofOf(context);
  return byAccessToken(
    clock,
    async () =>
      await tokenFrom(
        context,
        "the token service",
        url,
        { grant_type: "client_credentials", scope, ...fields },
        headers,
      ),
  );
};

interface Proof {
  readonly fields: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
}

function proofOf({ auth: { client }, credentials, mask }: SchemeContext): Proof {
  const { "client-id": id = "", "client-secret": secret = "", "client-assertion": assertion = "" } = credentials;
  switch (client) {
    case "basic": {
      // https://www.rfc-editor.org/rfc/rfc6749#section-2.3.1
      const pair = Buffer.from([id, secret].map(encodeURIComponent).join(":")).toString("base64");
      mask(pair);
      return { fields: {}, headers: { authorization: `Basic ${pair}` } };
    }
    case "assertion":
      // https://www.rfc-editor.org/rfc/rfc7523#section-2.2
      return {
        fields: {
          client_id: id,
          client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
          client_assertion: assertion,
        },
      };
    default:
      return { fields: { client_id: id, client_secret: secret } };
  }
}
