/** The registry of auth schemes: what each needs. */
import type { Auth, CredentialPart } from "../provider.ts";
import { containerAddress } from "./aws-container-address.ts";
import { readGoogleFile } from "./google-file.ts";
import { head } from "../text.ts";
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
  /** How it travels, for the documentation. */
  readonly sends: (auth: Auth) => string;
}

/** What a way in needs. */
export function formOf(auth: Auth): Form {
  const form = schemes[auth.scheme];
  return typeof form === "function" ? form(auth) : form;
}

/** A function where that depends on what the provider's file says of it. */
export const schemes: Readonly<Record<Auth["scheme"], Form | ((auth: Auth) => Form)>> = {
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
    sends: (auth) => `exchanged for keys of the role at ${tokenServersOf(auth)}; every request is signed with them`,
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
  "client-credentials": ({ login = "", client, tokenServer = "" }) => ({
    needs: [
      ...(login.includes("{tenant-id}") ? (["tenant-id"] as const) : []),
      "client-id",
      client === "assertion" ? "client-assertion" : "client-secret",
    ],
    takes: [],
    exchanges: [client === "assertion" ? "client-assertion" : "client-secret"],
    onlyByVariable: true,
    wrong: ({ "tenant-id": tenant = "x" }) =>
      /^[A-Za-z0-9][A-Za-z0-9.-]{0,253}$/.test(head(tenant))
        ? {}
        : { "tenant-id": "it takes the id of a tenant, or a domain of it" },
    sends: () =>
      `${client === "assertion" ? "the token in that file, which another identity provider has issued, is " : ""}exchanged at \`${typeof tokenServer === "string" ? tokenServer : ""}${login}\`${tokenServer === "" ? " of the same server" : ""} for an access token, which is sent as \`Authorization: Bearer\``,
  }),
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
    sends: (auth) => `exchanged for a project-scoped token at ${tokenServersOf(auth)}`,
  },
  "huawei-signature": {
    needs: ["access-key", "secret-key"],
    takes: ["security-token"],
    sends: () => "never sent: every request is signed with it (SDK-HMAC-SHA256)",
  },
  "huawei-token": {
    needs: ["token"],
    takes: [],
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

const tokenServersOf = ({ tokenServer = [] }: Auth): string =>
  [tokenServer]
    .flat()
    .map((one) => `\`${typeof one === "string" ? one : one.url}\``)
    .join(" or ");
