import type { Scheme } from "./scheme.ts";

/**
 * A token that the user brought. Where CodeArts refuses it, IAM is asked what kind of token it is: anyone may look at their own.
 * https://support.huaweicloud.com/intl/en-us/api-iam/iam_30_0004.html
 */
export const huaweiToken: Scheme = ({ credentials, region, tokenServer, clock, send }) => {
  const token = credentials.token ?? "";
  return {
    authorize: () => Promise.resolve({ "x-auth-token": token }),
    async explain() {
      // The token of another cloud is not for the public service.
      if (tokenServer === undefined) return undefined;
      const url = new URL(`${tokenServer}/v3/auth/tokens?nocatalog=true`);
      const reply = await send({ method: "GET", url, headers: { "x-auth-token": token, "x-subject-token": token } });
      const expired = "the token has expired, or was cut short: get a new one (it lives 24 hours)";
      if (reply.status === 401 || reply.status === 404) return expired;
      const about = (
        reply.body as
          { token?: { project?: { name?: string }; domain?: { name?: string }; expires_at?: string } } | undefined
      )?.token;
      if (!about) return undefined;
      if (about.expires_at && Date.parse(about.expires_at) <= clock.date().getTime()) return expired;
      if (!about.project)
        return `the token is account-wide, and CodeArts takes only project-scoped ones: ask IAM for one with scope.project.name "${region ?? "REGION"}"`;
      if (region && about.project.name !== region)
        return `the token is for ${about.project.name ?? "another project"}, the run is in ${region}`;
      return undefined;
    },
  };
};
