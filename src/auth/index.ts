/** The registry of auth schemes: what each needs, and where it is. A scheme is evaluated when it is first used. */
import type { Auth, CredentialName } from "../provider.ts";
import type { Scheme } from "./scheme.ts";

interface Entry {
  readonly needs: readonly CredentialName[];
  readonly takes: readonly CredentialName[];
  readonly load: () => Promise<Scheme>;
}

export const schemes: Readonly<Record<Auth["scheme"], Entry>> = {
  basic: {
    needs: ["username", "password"],
    takes: [],
    load: async () => (await import(/* webpackMode: "eager" */ "./basic.ts")).basic,
  },
  bearer: {
    needs: ["token"],
    takes: [],
    load: async () => (await import(/* webpackMode: "eager" */ "./bearer.ts")).bearer,
  },
  header: {
    needs: ["token"],
    takes: [],
    load: async () => (await import(/* webpackMode: "eager" */ "./header.ts")).header,
  },
  "huawei-password": {
    needs: ["username", "password", "domain"],
    takes: [],
    load: async () => (await import(/* webpackMode: "eager" */ "./huawei-password.ts")).huaweiPassword,
  },
  "huawei-signature": {
    needs: ["access-key", "secret-key"],
    takes: ["security-token"],
    load: async () => (await import(/* webpackMode: "eager" */ "./huawei-signature.ts")).huaweiSignature,
  },
  "huawei-token": {
    needs: ["token"],
    takes: [],
    load: async () => (await import(/* webpackMode: "eager" */ "./huawei-token.ts")).huaweiToken,
  },
};
