/** The registry of auth schemes: what each needs, and where it is. A scheme is evaluated when it is first used. */
import type { Auth, CredentialName } from "../provider.ts";
import type { Scheme } from "./scheme.ts";

interface Entry {
  readonly needs: readonly CredentialName[];
  readonly takes: readonly CredentialName[];
  /** Only a variable of the vendor's own tools has this form; as inputs its parts are given. */
  readonly onlyByVariable?: true;
  /** It cannot work without the input `region`. */
  readonly byRegion?: true;
  /** What is sent to a token service, in return for a token. */
  readonly exchanges?: readonly CredentialName[];
  /** How it travels, for the documentation. */
  readonly sends: (auth: Auth) => string;
  readonly load: () => Promise<Scheme>;
}

export const schemes: Readonly<Record<Auth["scheme"], Entry>> = {
  "aws-signature": {
    needs: ["access-key", "secret-key"],
    takes: ["security-token"],
    byRegion: true,
    sends: () => "never sent: every request is signed with it (Signature Version 4)",
    load: async () => (await import(/* webpackMode: "eager" */ "./aws-signature.ts")).awsSignature,
  },
  basic: {
    needs: ["username", "password"],
    takes: [],
    sends: () => "sent as `Authorization: Basic`",
    load: async () => (await import(/* webpackMode: "eager" */ "./basic.ts")).basic,
  },
  "basic-pair": {
    needs: ["token"],
    takes: [],
    onlyByVariable: true,
    sends: () => "sent as `Authorization: Basic`: user name and password in one, with a colon between them",
    load: async () => (await import(/* webpackMode: "eager" */ "./basic.ts")).basicPair,
  },
  "basic-token": {
    needs: ["username", "token"],
    takes: [],
    sends: () => "sent as `Authorization: Basic`, the token in place of a password",
    load: async () => (await import(/* webpackMode: "eager" */ "./basic.ts")).basic,
  },
  bearer: {
    needs: ["token"],
    takes: [],
    sends: () => "sent as `Authorization: Bearer`",
    load: async () => (await import(/* webpackMode: "eager" */ "./bearer.ts")).bearer,
  },
  header: {
    needs: ["token"],
    takes: [],
    sends: ({ header }) => `sent in the header \`${header ?? ""}\``,
    load: async () => (await import(/* webpackMode: "eager" */ "./header.ts")).header,
  },
  "huawei-password": {
    needs: ["username", "password", "domain"],
    takes: [],
    byRegion: true,
    exchanges: ["username", "password", "domain"],
    sends: ({ tokenServer }) =>
      `exchanged for a project-scoped token at ${(tokenServer ?? []).map(({ url }) => `\`${url}\``).join(" or ")}`,
    load: async () => (await import(/* webpackMode: "eager" */ "./huawei-password.ts")).huaweiPassword,
  },
  "huawei-signature": {
    needs: ["access-key", "secret-key"],
    takes: ["security-token"],
    sends: () => "never sent: every request is signed with it (SDK-HMAC-SHA256)",
    load: async () => (await import(/* webpackMode: "eager" */ "./huawei-signature.ts")).huaweiSignature,
  },
  "huawei-token": {
    needs: ["token"],
    takes: [],
    sends: () => "sent in the header `x-auth-token`",
    load: async () => (await import(/* webpackMode: "eager" */ "./huawei-token.ts")).huaweiToken,
  },
  none: {
    needs: [],
    takes: [],
    sends: () => "none: a server that asks for no credential",
    load: async () => (await import(/* webpackMode: "eager" */ "./none.ts")).none,
  },
  "password-token": {
    needs: ["username", "password"],
    takes: [],
    sends: ({ login }) =>
      `exchanged at \`${login ?? ""}\` of the same server for a token, which is sent as \`Authorization: Bearer\``,
    load: async () => (await import(/* webpackMode: "eager" */ "./password-token.ts")).passwordToken,
  },
  "session-cookie": {
    needs: ["username", "password"],
    takes: [],
    sends: ({ login }) =>
      `sent as \`Authorization: Basic\`; a login at \`${login ?? ""}\` gives a session, whose cookie goes with every request`,
    load: async () => (await import(/* webpackMode: "eager" */ "./session-cookie.ts")).sessionCookie,
  },
  "token-as-password": {
    needs: ["token"],
    takes: [],
    sends: () => "sent as `Authorization: Basic`, in place of a password and without a user name",
    load: async () => (await import(/* webpackMode: "eager" */ "./basic.ts")).basic,
  },
};
