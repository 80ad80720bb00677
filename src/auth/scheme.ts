/** What a file of this folder provides. */
import type { Clock } from "../clock.ts";
import type { Environment } from "../environment.ts";
import type { HttpRequest } from "../http/client.ts";
import type { Auth, CredentialPart, Reply } from "../provider.ts";

export type Credentials = Readonly<Partial<Record<CredentialPart, string>>>;

export interface SchemeContext {
  readonly auth: Auth;
  readonly credentials: Credentials;
  readonly region: string | undefined;
  /** Address of the run's server, without a trailing slash: for those that log in there. */
  readonly server: string;
  /** Address of the API that the credential goes to. */
  readonly api: string;
  /** Address of the token service; undefined where there is none, or none that is known. */
  readonly tokenServer: string | undefined;
  readonly clock: Pick<Clock, "now" | "date">;
  /** Sends without credentials of its own: for token services. */
  readonly send: (request: HttpRequest) => Promise<Reply>;
  /** Registers a secret that came to light on the way. */
  readonly mask: (secret: string) => void;
}

export interface Authenticator {
  /** The headers that prove who we are, for this one attempt. Rejects with `Denied` when a token service refuses. */
  authorize(request: HttpRequest): Promise<Readonly<Record<string, string>>>;
  /** Of one who signs the time: how far apart, in ms, the server's clock and ours may be. */
  readonly clockTolerance?: number;
  /** After a 401 or 403: what is wrong with the credential, if that can be found out. */
  explain?(): Promise<string | undefined>;
  /** After a 401 to a request with these headers: whether it may be sent again, with another token. One is got anew once a step. */
  renews?(refused: Readonly<Record<string, string>>): boolean;
}

export type Scheme = (context: SchemeContext) => Authenticator;

/** What a credential file says, in the form in which the scheme takes it, and what of that is secret. */
export interface FileCredential {
  readonly credential: string;
  readonly secrets: readonly string[];
}

/** Sends nothing. `read` gives the text of a further file that the first one names, undefined where there is none. Throws `Unusable`. */
export type ReadFile = (
  text: string,
  at: { readonly env: Environment; readonly read: (path: string) => string | undefined },
) => FileCredential;

/** A credential file that cannot be used. `message` is a clause that says why. */
export class Unusable extends Error {}

/** A token service does not work, which says nothing of the credential. */
export class Unavailable extends Error {}

/** A token service does not accept the credential. `message` has its words. */
export class Denied extends Error {}
