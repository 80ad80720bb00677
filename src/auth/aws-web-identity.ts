import { lastingKeys, signer } from "./aws-signature.ts";
import { renewed } from "./once.ts";
import { Denied, type Scheme } from "./scheme.ts";
import { head, oneLine } from "../text.ts";

/**
 * A role's keys in return for a token of another identity provider; the call is not signed.
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
 */
export const awsWebIdentity: Scheme = (context) => {
  const { credentials, tokenServer = "", clock, send, mask } = context;
  const { token = "", role = "", "session-name": session = "cancel-run" } = credentials;
  const keys = renewed(clock, async () => {
    const url = new URL(`${tokenServer}/`);
    const reply = await send({
      method: "POST",
      url,
      headers: { "content-type": "application/x-www-form-urlencoded; charset=utf-8" },
      body: new URLSearchParams({
        Action: "AssumeRoleWithWebIdentity",
        Version: "2011-06-15",
        RoleArn: role,
        RoleSessionName: session,
        WebIdentityToken: token,
      }).toString(),
      text: true,
    });
    const text = typeof reply.body === "string" ? reply.body : "";
    const [accessKey, secretKey, sessionToken] = ["AccessKeyId", "SecretAccessKey", "SessionToken"].map((name) =>
      within(name, text),
    );
    if (reply.status !== 200 || !accessKey || !secretKey || !sessionToken) {
      const said = [within("Code", text), within("Message", text)].filter(Boolean).join(": ");
      throw new Denied(
        `${url.host} gave no keys of ${oneLine(role, 200)} for the web identity (${reply.status})${said && `: ${oneLine(said, 300)}`}`,
      );
    }
    for (const secret of [accessKey, secretKey, sessionToken]) mask(secret);
    return lastingKeys({ accessKey, secretKey, sessionToken }, within("Expiration", text), clock);
  });
  return signer(context, keys);
};

/** The text of the first element of that name. */
function within(name: string, xml: string): string | undefined {
  return new RegExp(`<${name}>([^<]{1,20000})</${name}>`).exec(head(xml))?.[1];
}
