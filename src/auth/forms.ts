/** The registry of auth schemes: what each needs. */
import type { Auth, CredentialPart } from "../provider.ts";
import { containerAddress } from "./aws-container-address.ts";
import { readGoogleFile } from "./google-file.ts";
import type { ReadFile } from "./scheme.ts";

export interface Form {
  readonly needs: readonly CredentialPart[];
  readonly takes: readonly CredentialPart[];
  /** Only variables of the vendor's own tools have this form; as inputs its parts are given, if at all. */
  readonly onlyByVariable?: true;
  /** What each part must be, as a sentence without its beginning, if it is not so: asked before anything is sent. */
  readonly wrong?: (
    credentials: Readonly<Partial<Record<CredentialPart, string>>>,
  ) => Partial<Record<CredentialPart, string>>;
  /** It cannot work without the input `region`. */
  readonly byRegion?: true;
  /** What is sent to a token service, in return for a token. */
  readonly exchanges?: readonly CredentialPart[];
  /** Reads a file that is no bare secret. */
  readonly reads?: ReadFile;
  /** It is no secret to keep: it is over within a day. */
  readonly shortLived?: true;
  /** How it travels, for the documentation. */
  readonly sends: (auth: Auth) => string;
}

export const schemes: Readonly<Record<Auth["scheme"], Form>> = {
  "aws-container": {
    needs: ["credentials-address"],
    takes: ["authorization"],
    onlyByVariable: true,
    byRegion: true,
    wrong: ({ "credentials-address": address = "" }) =>
      containerAddress(address)
        ? {}
        : {
            "credentials-address":
              "it takes an https address, or an http one of 169.254.170.2, 169.254.170.23, [fd00:ec2::23] or loopback",
          },
    sends: () =>
      "asked for at that address, with the token if there is one; every request is signed with the keys that come back",
  },
  "aws-signature": {
    needs: ["access-key", "secret-key"],
    takes: ["security-token"],
    byRegion: true,
    sends: () => "never sent: every request is signed with it (Signature Version 4)",
  },
  "aws-web-identity": {
    needs: ["token", "role"],
    takes: ["session-name"],
    onlyByVariable: true,
    byRegion: true,
    exchanges: ["token"],
    sends: ({ tokenServer }) =>
      `exchanged for keys of the role at ${(tokenServer ?? []).map(({ url }) => `\`${url}\``).join(" or ")}; every request is signed with them`,
  },
  basic: {
    needs: ["username", "password"],
    takes: [],
    sends: () => "sent as `Authorization: Basic`",
  },
  "basic-pair": {
    needs: ["token"],
    takes: [],
    onlyByVariable: true,
    sends: () => "sent as `Authorization: Basic`: user name and password in one, with a colon between them",
  },
  "basic-token": {
    needs: ["username", "token"],
    takes: [],
    sends: () => "sent as `Authorization: Basic`, the token in place of a password",
  },
  bearer: {
    needs: ["token"],
    takes: [],
    sends: () => "sent as `Authorization: Bearer`",
  },
  "google-credentials": {
    needs: ["token"],
    takes: [],
    onlyByVariable: true,
    reads: readGoogleFile,
    sends: () =>
      "a credential file of Google, for a service account, workload identity or a user: exchanged at `https://oauth2.googleapis.com` or " +
      "`https://sts.googleapis.com` for an access token, which is sent as `Authorization: Bearer`",
  },
  header: {
    needs: ["token"],
    takes: [],
    sends: ({ header, prefix = "" }) =>
      `sent in the header \`${header ?? ""}\`${prefix && `, after \`${prefix.trim()}\``}`,
  },
  "huawei-password": {
    needs: ["username", "password", "domain"],
    takes: [],
    byRegion: true,
    exchanges: ["username", "password", "domain"],
    sends: ({ tokenServer }) =>
      `exchanged for a project-scoped token at ${(tokenServer ?? []).map(({ url }) => `\`${url}\``).join(" or ")}`,
  },
  "huawei-signature": {
    needs: ["access-key", "secret-key"],
    takes: ["security-token"],
    sends: () => "never sent: every request is signed with it (SDK-HMAC-SHA256)",
  },
  "huawei-token": {
    needs: ["token"],
    takes: [],
    shortLived: true,
    sends: () => "sent in the header `x-auth-token`",
  },
  none: {
    needs: [],
    takes: [],
    sends: () => "none: a server that asks for no credential",
  },
  "password-token": {
    needs: ["username", "password"],
    takes: [],
    sends: ({ login }) =>
      `exchanged at \`${login ?? ""}\` of the same server for a token, which is sent as \`Authorization: Bearer\``,
  },
  "session-cookie": {
    needs: ["username", "password"],
    takes: [],
    sends: ({ login }) =>
      `sent as \`Authorization: Basic\`; a login at \`${login ?? ""}\` gives a session, whose cookie goes with every request`,
  },
  "token-as-password": {
    needs: ["token"],
    takes: [],
    sends: () => "sent as `Authorization: Basic`, in place of a password and without a user name",
  },
};
