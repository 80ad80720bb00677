/**
 * The provider contract: what a vendor's file says, and nothing that runs.
 * One engine (src/engine) interprets it; action.yml, the templates and the docs are generated from it.
 */

/** A run's life in our words. `blocked` waits for a person or a timer; `unknown` is a word the vendor's file does not map. */
export type State =
  "queued" | "running" | "blocked" | "cancelling" | "cancelled" | "succeeded" | "failed" | "skipped" | "unknown";

/** Ids by input name. They are strings from end to end: numbers beyond 2^53 exist. */
export type Ids = Readonly<Record<string, string>>;

/** A vendor's JSON. Its shape is the vendor's, so reading it is unchecked here and guarded where it is read. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Json = any;

/** Where a value is in a reply: a dotted path, several paths (the first that is not null wins), or a function of the body. */
export type Select<T = unknown> = string | readonly string[] | ((body: Json) => T | null | undefined);

/** A server's answer. Header names are lower-case; `body` is parsed JSON, or undefined when there is none. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Json;
}

/**
 * One request.
 * `route` is "METHOD /path?query" below the API base; `{id}` is URI-encoded, `{+id}` keeps its slashes.
 * In `body` a string may be a placeholder: "{job-id}", "{build-number:number}" for a JSON number, "{reason:200}" for at most 200 characters.
 */
export interface Call {
  readonly route: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Json;
  /** Instead of `body`: fields sent as a form, with the same placeholders. */
  readonly form?: Readonly<Record<string, string>>;
  /** The reply is not JSON (XML, say): `body` is its text, and functions read it. */
  readonly text?: true;
  /** Status codes beyond 2xx that are a normal answer here. A redirect is never followed. */
  readonly accepts?: readonly number[];
  /** Status codes that mean "not allowed" here, where the vendor hides what a token may not do. */
  readonly denies?: readonly number[];
  /** What in the reply says that it was accepted, where a 2xx does not say so by itself. An empty reply says nothing against it. */
  readonly accepted?: Select<boolean>;
  /** What to call instead when the vendor's error code or message matches `on`. */
  readonly otherwise?: Call & { readonly on: RegExp };
}

/** What a function of a provider may use. `last` is the body of the latest look. */
export interface Context {
  readonly ids: Ids;
  readonly reason: string;
  readonly last: Json;
  /** The auth scheme in use, for vendors that want more with one than with another. */
  readonly scheme: Auth["scheme"];
  readonly send: (call: Call) => Promise<Reply>;
}

/** The one way out for what data cannot express: the call to make, or the reply of one it has made itself by `send`. */
export type Ask = (context: Context) => Call | Reply | Promise<Call | Reply>;

/** A call, or a function; `calls` are those that it chooses from, for the documentation and the tests. */
export type Step = Call | { readonly ask: Ask; readonly calls: readonly Call[] };

/** How a reply is read. */
export interface Reading {
  /** The vendor's word for the state; the provider's `states` maps it to ours. */
  readonly state: Select<string>;
  /** Whether the run is over, where the word alone does not say so. It beats the word: a run that is not over is never reported as ended. */
  readonly over?: Select<boolean>;
  readonly name?: Select<string>;
  /** Branch or tag. */
  readonly ref?: Select<string>;
  /** Changes when the run is started again under the same id. */
  readonly attempt?: Select<string | number>;
  /** The optional id that asks for one attempt and no other. */
  readonly pinnedBy?: string;
  /** The run's page, where the vendor states it; else the target's first page template is filled. */
  readonly page?: Select<string>;
  /** Ids that the reply teaches, by name: later calls use them in place of those that were given. */
  readonly learn?: Readonly<Record<string, Select<string | number>>>;
  /** Ids that the reply states, by name: one about another run shows nothing. */
  readonly shows?: Readonly<Record<string, Select<string | number>>>;
  /** Further fields for the run's record. */
  readonly record?: Readonly<Record<string, Select>>;
}

export type Look = Step & Reading;

/** The vendor's forced stop, sent once, only after the graceful cancel was accepted and only if asked for. */
export type Force = Step & {
  /** States in which it may be sent; any when not given. */
  readonly from?: readonly State[];
  /** Whether the vendor allows it now, by the latest look. */
  readonly when?: (body: Json) => boolean;
  /** `status-only`: after it the vendor marks the run as stopped while what it does may go on. */
  readonly confirmed?: "status-only";
};

/** A list that the vendor hands out in pages. */
export type Pages = Call & {
  readonly items: Select<readonly Json[]>;
  /** Where the next page is: `link` for the Link header (rel="next"), else its address in the body. Without it there is one page. */
  readonly next?: Select<string>;
};

/** What a selection may ask for, besides the state. */
export type Filter = "branch" | "commit" | "workflow" | "event";

/** How runs are listed, for those who choose them by what they are. The selects read an item of the list and the body of a look alike. */
export type List = Pages & {
  /** Ids that say what the list is of. */
  readonly within: readonly string[];
  /** The server's own filters: query parameters by what they ask for. `state` is asked once for each word of `live`, `event` once for each event. */
  readonly filters: Readonly<Partial<Record<Filter | "state", string>>>;
  /**
   * The vendor's words for runs that can be cancelled, in the order in which a run passes through them: one that moves on
   * meanwhile is then found later. A word from which, and to which, a run may come at any time stands first and last.
   */
  readonly live: readonly string[];
  /** What an older server says to a word of `live` that it does not know: none of its runs is in that state. */
  readonly unknown?: RegExp;
  /** How many items a full page has. */
  readonly page: number;
  /** The server hands out no more than this many for one search. */
  readonly most?: number;
  readonly id: Select<string | number>;
  readonly branch: Select<string>;
  readonly commit: Select<string>;
  /** When this attempt began, or was asked for: the same in the list and in the look. */
  readonly started: Select<string>;
  readonly event?: Select<string>;
  /** Every spelling in which people name the workflow; the first tells workflows apart. */
  readonly workflow?: (body: Json) => readonly unknown[];
  /** The repository that the branch is in, and the one that the run is in: they differ for a fork. */
  readonly owner?: Select<string | number>;
  readonly home?: Select<string | number>;
  /** Whether the run is for a tag, where the look tells. */
  readonly tag?: Select<boolean>;
  /** A call that succeeds when a tag has the name `{branch}`: its runs look like those of the branch, but for the `events` that no tag has. */
  readonly tagNamed?: Call & { readonly events: RegExp };
  /** How the runs of a pull request are found: by its branch, or in a list of their own. */
  readonly pull?: PullBranch | PullList;
};

/** What the vendor says of a pull request's branch. */
export type PullBranch = Call & { readonly branch: Select<string>; readonly owner: Select<string | number> };

/** The runs of a pull request. Some may be elsewhere, so each item gives `ids` anew. */
export type PullList = Pages & { readonly ids: Readonly<Record<string, Select<string | number>>> };

/** What a run has started elsewhere. An item without the ids is not started yet. */
export type Downstream = Pages & {
  readonly target: string;
  readonly ids: Readonly<Record<string, Select<string | number>>>;
};

/** The jobs of a run. */
export type Jobs = Pages & {
  readonly name: Select<string>;
  readonly state: Select<string>;
};

export interface Id {
  /** The whole value must match. */
  readonly pattern: RegExp;
  /** One line for people. */
  readonly help: string;
  readonly example: string;
  /** Variables of the vendor's own tools that hold it. */
  readonly env?: readonly string[];
  readonly optional?: true;
  /** It names the run by itself: no other run on the server has it. */
  readonly unique?: true;
  /** Values that the API takes and a page's address does not. */
  readonly unlinked?: RegExp;
  /** What to do about a value that does not match. */
  readonly hint?: string;
  /** Brings the spellings that people use into the one that the API takes. */
  readonly normalize?: (value: string) => string;
}

export interface Target {
  /** In the vendor's words, from the widest to the most specific; the last required one may be given as a list. */
  readonly ids: Readonly<Record<string, Id>>;
  /**
   * The run's page: a path below the server, or a whole address. Reads pasted addresses and writes links; the first one is written.
   * `{server}` in front stands for a server under any path. A name that is no id matches one segment; the page is
   * written only if the look teaches it.
   */
  readonly page?: string | readonly string[];
  readonly look: Look;
  /** Another target that the run turns into: once a look tells its ids, that one is looked at, cancelled and forced in its place. */
  readonly becomes?: { readonly target: string; readonly ids: Readonly<Record<string, Select<string | number>>> };
  readonly cancel: Step;
  /** Several are a ladder: each is sent `force-after` later than the one before. */
  readonly force?: Force | readonly Force[];
  readonly list?: List;
  readonly downstream?: Downstream;
  /** One list for each kind of job. */
  readonly jobs?: readonly Jobs[];
  /** Words that mean something else here than in the provider's `states`. */
  readonly states?: Readonly<Record<string, State>>;
  /** Words that mean something else once our cancel was accepted, where the vendor has none for "cancelled": a roll-back, an error. */
  readonly statesAfterCancel?: Readonly<Record<string, State>>;
  /** The address of this target's server, where the vendor has one for each service. */
  readonly server?: string;
  /** `status-only`: the vendor marks a run as stopped before its worker is. */
  readonly confirmed?: "status-only";
}

export interface Server {
  /** The vendor's public address; `{region}` is filled from the input `region`. Without it, `server-url` is required. */
  readonly url?: string;
  /** The API base: a path below the server, or a whole address for a given server. */
  readonly api?: string | ((server: URL) => string);
  /** API paths that a pasted `server-url` may end with, where there are several; the pasted one is then used. */
  readonly apis?: readonly string[];
  /** Variables of the vendor's own tools that hold the server's address. */
  readonly env?: readonly string[];
  readonly regionEnv?: readonly string[];
  readonly regionExample?: string;
  /** People run servers of their own, so an address on an unknown host can be this provider's. */
  readonly selfHosted?: true;
  /** Least time between two requests that change something, in ms. */
  readonly spacing?: number;
  /** Least time between two looks at one run, in ms. */
  readonly pace?: number;
}

/** One way to prove who we are. `env` lists, for each credential input, the variables of the vendor's own tools. */
export interface Auth {
  /** A file of src/auth. */
  readonly scheme:
    | "aws-signature"
    | "basic"
    | "basic-token"
    | "bearer"
    | "header"
    | "huawei-password"
    | "huawei-signature"
    | "huawei-token";
  readonly env: Readonly<Partial<Record<CredentialName, readonly string[]>>>;
  /** `header`: the header that carries the token. */
  readonly header?: string;
  /** `aws-signature`: the service's name in the signature's scope. */
  readonly service?: string;
  /** The address of the token service. */
  readonly tokenServer?: string;
  /** What proves to the server that a change comes from a session of its own: where it is fetched before each, and where in that reply the header's name and value are. 404: none is wanted. */
  readonly crumb?: { readonly route: string; readonly header: Select<string>; readonly value: Select<string> };
}

export type CredentialName =
  "token" | "username" | "password" | "access-key" | "secret-key" | "security-token" | "domain";

/** How the vendor says what went wrong. The patterns are matched against the code, whatever the status. */
export interface Errors {
  /** Where the code is. In a 2xx reply its presence means that the call failed. */
  readonly code?: Select<string | number>;
  readonly message?: Select<string>;
  readonly notFound?: RegExp;
  readonly denied?: RegExp;
  /** It is being stopped already: as good as an accepted cancel. */
  readonly already?: RegExp;
  /** Worth asking again. */
  readonly busy?: RegExp;
}

export interface Provider {
  readonly name: string;
  /** The vendor's document of the cancel call. */
  readonly docs: string;
  /** What a credential must be allowed to do, as a sentence: shown in docs/providers.md and with a 401 or 403. */
  readonly rights: string;
  readonly server: Server;
  /** In order of preference. */
  readonly auth: readonly Auth[];
  readonly headers?: Readonly<Record<string, string>>;
  readonly errors?: Errors;
  /** The vendor's words, letter for letter, and ours. */
  readonly states: Readonly<Record<string, State>>;
  readonly targets: Readonly<Record<string, Target>>;
  /** What we could not check against a document of the vendor. */
  readonly unverified?: readonly string[];
}
