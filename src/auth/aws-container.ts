import { lastingKeys, signer } from "./aws-signature.ts";
import { containerAddress } from "./aws-container-address.ts";
import { renewed } from "./once.ts";
import { Denied, type Scheme } from "./scheme.ts";
import { oneLine } from "../text.ts";

/**
 * Keys that the container's host hands out, in ECS, EKS and CodeBuild.
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html
 */
export const awsContainer: Scheme = (context) => {
  const { credentials, clock, send, mask } = context;
  const { "credentials-address": address = "", authorization } = credentials;
  const keys = renewed(clock, async () => {
    const url = containerAddress(address);
    if (url === undefined) throw new Denied("the address of the container's credentials is none");
    // Whoever knows the path may get at the keys.
    mask(url.pathname);
    if (authorization !== undefined) mask(authorization.replace(/^\w+ /, ""));
    const headers = authorization === undefined ? {} : { authorization };
    const reply = await send({ method: "GET", url, headers, forCredential: true });
    const { AccessKeyId, SecretAccessKey, Token, Expiration, message } = (reply.body ?? {}) as Record<string, unknown>;
    if (reply.status !== 200 || typeof AccessKeyId !== "string" || typeof SecretAccessKey !== "string") {
      const said = typeof message === "string" ? `: ${oneLine(message, 200)}` : "";
      throw new Denied(`the container's credential service at ${url.host} gave no keys (${reply.status})${said}`);
    }
    for (const secret of [AccessKeyId, SecretAccessKey, Token]) if (typeof secret === "string") mask(secret);
    const sessionToken = typeof Token === "string" ? Token : undefined;
    return lastingKeys({ accessKey: AccessKeyId, secretKey: SecretAccessKey, sessionToken }, Expiration, clock);
  });
  return signer(context, keys);
};
