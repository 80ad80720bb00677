/** Where each auth scheme is. It is evaluated when it is first used. */
import type { Auth } from "../provider.ts";
import type { Scheme } from "./scheme.ts";

export { formOf, schemes } from "./forms.ts";

export const loaders: Readonly<Record<Auth["scheme"], () => Promise<Scheme>>> = {
  "aws-container": async () => (await import(/* webpackMode: "eager" */ "./aws-container.ts")).awsContainer,
  "aws-signature": async () => (await import(/* webpackMode: "eager" */ "./aws-signature.ts")).awsSignature,
  "aws-web-identity": async () => (await import(/* webpackMode: "eager" */ "./aws-web-identity.ts")).awsWebIdentity,
  basic: async () => (await import(/* webpackMode: "eager" */ "./basic.ts")).basic,
  "basic-pair": async () => (await import(/* webpackMode: "eager" */ "./basic.ts")).basicPair,
  "basic-token": async () => (await import(/* webpackMode: "eager" */ "./basic.ts")).basic,
  bearer: async () => (await import(/* webpackMode: "eager" */ "./bearer.ts")).bearer,
  "client-credentials": async () =>
    (await import(/* webpackMode: "eager" */ "./client-credentials.ts")).clientCredentials,
  "google-credentials": async () =>
    (await import(/* webpackMode: "eager" */ "./google-credentials.ts")).googleCredentials,
  header: async () => (await import(/* webpackMode: "eager" */ "./header.ts")).header,
  "huawei-password": async () => (await import(/* webpackMode: "eager" */ "./huawei-password.ts")).huaweiPassword,
  "huawei-signature": async () => (await import(/* webpackMode: "eager" */ "./huawei-signature.ts")).huaweiSignature,
  "huawei-token": async () => (await import(/* webpackMode: "eager" */ "./huawei-token.ts")).huaweiToken,
  none: async () => (await import(/* webpackMode: "eager" */ "./none.ts")).none,
  "password-token": async () => (await import(/* webpackMode: "eager" */ "./password-token.ts")).passwordToken,
  "session-cookie": async () => (await import(/* webpackMode: "eager" */ "./session-cookie.ts")).sessionCookie,
  "token-as-password": async () => (await import(/* webpackMode: "eager" */ "./basic.ts")).basic,
};
