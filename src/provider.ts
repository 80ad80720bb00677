/**
 * The provider contract: what a vendor's file says, and nothing that runs.
 * One engine (src/engine) interprets it; action.yml, the templates and the docs are generated from it.
 * A field that not every vendor needs says in parentheses which one it is there for; vendors that are not in the registry
 * yet are played by __tests__/engine/carries.test.ts.
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
export type Where<T = unknown> = string | readonly string[] | ((body: Json) => T | null | undefined);

/** What a reply must say: `true` at that place, or, as `{ path: value }`, that value there. Neither holds nor fails if nothing is there. */
export type Condition = Where<boolean> | Readonly<Record<string, string | number | boolean>>;

/** A server's answer. Header names are lower-case; `body` is parsed JSON, or undefined when there is none. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Json;
  /** The beginning of the HTML page that came in place of data. */
  readonly html?: string;
}

/**
 * One request.
 * `route` is "METHOD /path?query" below the API base; `{id}` is URI-encoded, `{+id}` keeps its slashes. A parameter of the query for
 * an optional id that is not known is left out. (Argo CD)
 * In `body` a string may be a placeholder: "{job-id}", "{build-number:number}" for a JSON number, "{reason:200}" for at most 200 characters.
 */
export interface Call {
  readonly route: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Json;
  /** Instead of `body`: fields sent as a form, with the same placeholders. (CloudFormation) */
  readonly form?: Readonly<Record<string, string>>;
  /** The reply is not JSON (XML, say): `body` is its text, and functions read it. (CloudFormation) */
  readonly text?: true;
  /** Status codes beyond 2xx that are a normal answer here. A redirect is never followed, and counts only if it leads below the server and not to a login page. (Jenkins) */
  readonly okStatus?: readonly number[];
  /** Such a redirect counts only if it leads to the path of the request without its last segment. (Jenkins) */
  readonly okLocation?: "parent";
  /** What in the reply says that it was accepted, where a 2xx does not say so by itself. An empty reply says nothing against it. (CodeArts) */
  readonly okWhen?: Condition;
  /** Status codes that mean "not allowed" here, where the vendor hides what a token may not do. (Terraform) */
  readonly deniedStatus?: readonly number[];
  /** What in the reply says that the reason was recorded, where it is not with every cancel that is accepted. (Prefect) */
  readonly reasonWhen?: Condition;
  /** What in a reply of 2xx says that there is no such run: a search that found none. (Forgejo) */
  readonly notFoundWhen?: Condition;
  /** Which version of the vendor's server has this call first, as a sentence without its end: said when a server has not. (Gitea, Forgejo) */
  readonly since?: string;
  /** Status codes of 500 and above by which the server says no: they are not taken for an outage, and a look comes next. (Jenkins) */
  readonly refusedStatus?: readonly number[];
  /** What a status means here, where the server's own words do not say it. (Jenkins) */
  readonly statusWords?: Readonly<Record<number, string>>;
  /** What to call instead when the vendor's error code, or the status where there is none, matches `on`: an older API. (GitLab, CodeArts) */
  readonly otherwise?: Call & { readonly on: RegExp };
}

/** The first call whose `when` holds in the latest look; one without `when` always holds. Before any look, the first one. (Terraform: what waits is discarded) */
export interface Choice {
  readonly choose: readonly (Call & { readonly when?: Condition })[];
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

/** The one way out for what data cannot express, that one action is several calls: the last call to make, or the reply of one it has made itself by `send`. */
export type Ask = (context: Context) => Call | Reply | Promise<Call | Reply>;

/** A call, a choice of calls, or a function; `calls` are all that it may make, for the documentation and the tests. */
export type Step = Call | Choice | { readonly ask: Ask; readonly calls: readonly Call[] };

/** How a reply is read. */
export interface Reading {
  /** The vendor's word for the state; the provider's `states` maps it to ours. */
  readonly state: Where<string>;
  /** Whether the run is over, where the word alone does not say so. A run that is not over is never reported as ended, whatever its word; nor is one without a word, or whose word is that of a live run. (GitHub, CodeArts, Bitbucket, Jenkins) */
  readonly over?: Condition;
  readonly name?: Where<string>;
  /** Branch or tag. */
  readonly ref?: Where<string>;
  /** Changes when the run is started again under the same id. (GitHub) */
  readonly attempt?: Where<string | number>;
  /** The optional id that asks for one attempt and no other. (GitHub) */
  readonly pinnedBy?: string;
  /** The address of the run's page, where the vendor states it; else the first of the target's `pages` is filled. */
  readonly url?: Where<string>;
  /** Whether the credential may cancel the run. (Terraform) */
  readonly may?: Condition;
  /** Ids that the reply teaches, by name: later calls use them in place of those that were given. (Bitbucket, Netlify) */
  readonly learn?: Readonly<Record<string, Where<string | number>>>;
  /** Ids that the reply states, by name: a reply about another run, or one that does not have them, shows nothing. */
  readonly shows?: Readonly<Record<string, Where<string | number>>>;
  /** What a reply that does not repeat all of them has at least, or it shows nothing: any JSON may have a word for a state. (CodeArts) */
  readonly also?: readonly Where[];
  /** Further fields for the run's record. (GoRules, AWS, Terraform, Netlify) */
  readonly record?: Readonly<Record<string, Where>>;
}

export type Look = Step & Reading;

export type Cancel = Step & {
  /** How the reply shows the run, where it does: one that says, by `shows`, that it is about our run is a look. (GitLab, Gitea, GoRules, Netlify) */
  readonly reply?: Reading;
  /** It rewrites a run that is over (Airflow), or hits the next one (Argo CD): each time it is sent right after a look that has found the run alive, again too, and never without one. */
  readonly rewrites?: true;
};

/** The vendor's forced stop, sent once, only if asked for and only after the graceful cancel was answered. */
export type Force = Step & {
  /** States in which it may be sent; any when not given. (GitLab) */
  readonly from?: readonly State[];
  /** Whether the vendor allows it now, by the latest look. (Jenkins, Terraform) */
  readonly when?: Condition;
  /** From when on the vendor will allow it, in the latest look. (Terraform) */
  readonly availableAt?: Where<string>;
  /** What the credential needs for it beyond what the cancel needs: said with a refusal. (GitLab, Terraform) */
  readonly rights?: string;
  /** What the vendor calls it; said where it was not asked for. */
  readonly called?: string;
  /** It is sent to each of these in place of the run. (GitLab: the jobs that hold a pipeline) */
  readonly each?: Parts;
  /** `status-only`: after it the vendor marks the run as stopped while what it does may go on. (GitLab, Jenkins, AWS) */
  readonly confirmed?: "status-only";
};

/** A list that the vendor hands out in pages. */
export type Pages = Call & {
  /** Where the items are; the reply itself when it is "". */
  readonly items: Where<readonly Json[]>;
  /**
   * Where the next page is: `link` for the Link header (rel="next"), its address in the body, a parameter for its number, or one
   * for a token that the page tells. Without it there is one page.
   */
  readonly next?: Where<string> | PageNumber | PageToken;
};

/**
 * Pages are asked for by number in the parameter `page`, the first being 1 (Gitea, Forgejo), or by how many items come before them
 * in the parameter `offset` (Airflow), until as many items as `total` says were read. Where the list is asked for by a `body`, the
 * parameter is in there (Prefect).
 */
export type PageNumber = ({ readonly page: string } | { readonly offset: string }) & { readonly total: Where<number> };

/**
 * The next page is asked for by what this one says, a token or the place of its last item, until it says none: in the query, or
 * in the `body` where the list is asked for by one. (CircleCI, Vercel, Render)
 */
export interface PageToken {
  readonly parameter: string;
  /** In the body, or in a header. (Azure DevOps) */
  readonly token: Where<string | number> | { readonly header: string };
}

/** What a selection may ask for, besides the state. */
export type Filter = "branch" | "commit" | "workflow" | "event" | "pull-request";

/** How runs are listed, for those who choose them by what they are. (GitLab, GitHub) */
export type List = Pages & {
  /** Ids that say what the list is of. */
  readonly within: readonly string[];
  /**
   * How many items a full page has, where a run that ends leaves the list and those behind it move up: the list is read again
   * until nothing is new. Not given: runs stay in the list, or it has one page.
   */
  readonly pageSize?: number;
  /** The server hands out no more than this many for one search. (GitHub) */
  readonly max?: number;
  /**
   * The server's own filters: query parameters by what they ask for. `state` is asked once for each word of a live run, the others
   * only where one value without `*` is wanted. `ref=refs/heads/{value}` says what stands around the value. (Forgejo)
   */
  readonly filters: Readonly<Partial<Record<Filter | "state", string>>>;
  /**
   * The vendor's words for runs that can be cancelled, in the order in which a run passes through them, where `states`
   * does not say them all or not in that order: one that moves on meanwhile is then found later. A word from which, and to
   * which, a run may come at any time stands first and last. (GitHub)
   */
  readonly live?: readonly string[];
  /** What an older server says to a word that it does not know: none of its runs is in that state. (GitLab) */
  readonly unknownWord?: RegExp;
  /** How an item of the list, and the body of a look alike, is read. What a look leaves out is as the list said. */
  readonly item: Item;
  /** Further ids that an item tells, where it may be in another place than the one that is listed. (Jenkins: the branches of a multibranch job) */
  readonly ids?: OtherRun["ids"];
  /** Texts in the place of a branch that name none. (GitLab, Forgejo: merge requests) */
  readonly otherRefs?: RegExp;
  /** How runs for a tag are told from those for a branch of the same name. (GitLab, GitHub, Gitea) */
  readonly tags?: Tags;
  /** How the runs of a pull request are found, where they do not say by `item` that they are for it: by its branch (GitHub) or in a list of their own (GitLab). */
  readonly pullRequest?: PullRequestBranch | PullRequestList;
  /** The open pull requests of the repository: two may have one branch, and one that is not among them is closed. (GitHub, GitLab) */
  readonly openPullRequests?: OpenPullRequests;
  /** The branches of the repository: runs of one that is not among them are orphans. (GitHub, GitLab) */
  readonly branches?: Pages & { readonly name: Where<string> };
  /** Events whose runs are listed only where they are asked for. (GitLab: child pipelines) */
  readonly unlistedEvents?: readonly string[];
  /** The events that the vendor documents, where its list answers any other one with nothing. (GitHub) */
  readonly events?: readonly string[];
  /** What people give in vain, and what to give instead: said where nothing was found. (GitHub, GitLab) */
  readonly advice?: readonly Advice[];
};

export interface Tags {
  /** Whether the run is for a tag, where the list or the look tells. (GitLab, Gitea, Bitbucket) */
  readonly is?: Condition;
  /** A call that succeeds when a tag has the name `{branch}`. Not given: `is` tells of every run. */
  readonly named?: Call;
  /** And one when a branch has it: where none has, a run of that name is the tag's. (GitHub) */
  readonly branchNamed?: Call;
  /** Events that no tag has. */
  readonly exceptEvents?: RegExp;
}

export interface Advice {
  readonly input: Filter;
  /** The whole value must match. */
  readonly on: RegExp;
  /** A clause of a sentence; `{name}` is an input as the host at hand spells it. */
  readonly say: string;
}

export interface Item {
  readonly id: Where<string | number>;
  readonly branch: Where<string>;
  readonly commit: Where<string>;
  /** The tree of that commit, which commits with the same files share: what `commit` takes it takes, too. (GitHub) */
  readonly tree?: Where<string>;
  /** When this attempt began, or was asked for: the same in the list and in the look. A time before 2000 is none. (Gitea) */
  readonly started: Where<string>;
  readonly event?: Where<string>;
  /** Every spelling in which people name the workflow; the first tells workflows apart. */
  readonly workflow?: readonly Where<string | number>[];
  /** The repository that the branch is in: for a fork's run it is not `repository`. (GitHub) */
  readonly headRepository?: Where<string | number>;
  /** And its owner and name, for those who ask for a fork's runs. (GitHub) */
  readonly headRepositoryName?: Where<string>;
  /** The repository that the run is in. */
  readonly repository?: Where<string | number>;
  /** The pull request that the run says it is for. (Gitea, Forgejo, Bitbucket; GitLab, where its ref does) */
  readonly pullRequest?: Where<string | number>;
}

/** What the vendor says of a pull request's branch. */
export type PullRequestBranch = Call & {
  readonly branch: Where<string>;
  readonly headRepository: Where<string | number>;
  /** Its branch as the filter of `openPullRequests` takes it, if not by its name. (GitHub: `owner:branch`) */
  readonly label?: Where<string>;
};

export type OpenPullRequests = Pages & {
  readonly number: Where<string | number>;
  readonly branch: Where<string>;
  /** The repository of its branch, as `item.headRepository` or `item.repository` says it. */
  readonly headRepository: Where<string | number>;
  /** The query parameter for those of one branch. */
  readonly filter: string;
  /** Events by which a run shows that it is a pull request's, where it does not say which one's. (GitHub) */
  readonly events?: RegExp;
  /** How the repository of a closed one's branch is found by its number: a fork's do not count. (GitLab) */
  readonly one?: Call;
};

/** The runs of a pull request. Some may be elsewhere, so each item gives `ids` anew. */
export type PullRequestList = Pages & { readonly ids: Readonly<Record<string, Where<string | number>>> };

/** What a run has started elsewhere. An item without the ids is not started yet; ids that are not asked of it are the run's own. (GitLab, Prefect) */
export type Downstream = Pages &
  OtherRun & {
    /** Ids of the run that an item says has started it, where the list has others, too. (Jenkins: causes) */
    readonly startedBy?: Readonly<Record<string, Where<string | number>>>;
    /** Runs of which the list does not say everything, and what it does not say. (Jenkins: pipelines) */
    readonly unlisted?: { readonly when: Condition; readonly because: string };
  };

/**
 * The list in which a run is that the vendor has begun by itself in the place of one that has ended: the one of the same name
 * with a higher id. (GitLab: `retry`; Buildbot)
 */
export type Successor = Pages & {
  /** The ends after which there may be one. */
  readonly after: readonly State[];
  /** Values of the route that the look tells, by name. */
  readonly within: Readonly<Record<string, Where<string | number>>>;
  /** Without it, all in the list are. */
  readonly name?: Where<string>;
  readonly id: Where<string | number>;
  readonly state: Where<string>;
  /** The target to name for a cancel that reaches all of them. */
  readonly instead: string;
};

/** A run of this provider by the ids that a reply tells. */
export interface OtherRun {
  readonly target: string;
  readonly ids: Readonly<Record<string, Where<string | number>>>;
}

/** What a run consists of and can be stopped by itself: ids that an item does not tell are the run's own. Those in a state of `in` are meant. (GitLab) */
export type Parts = Pages & OtherRun & { readonly state: Where<string>; readonly in: readonly State[] };

/** The jobs of a run. */
export type Jobs = Pages & {
  readonly name: Where<string>;
  readonly state: Where<string>;
};

export interface Id {
  /** The whole value must match. */
  readonly pattern: RegExp;
  /** One line for people. */
  readonly help: string;
  readonly example: string;
  /** Variables of the vendor's own tools that hold it. (GoRules, GitHub) */
  readonly env?: readonly string[];
  /** What a spelling of it says besides: an ARN its region (AWS), `HOST/OWNER/REPO` its host (GitHub). Asked before `normalize`. */
  readonly says?: (value: string) => { readonly region?: string; readonly host?: string };
  /** It may be left out; a query parameter of a route that holds it is then left out, too. (GitHub, Vercel) */
  readonly optional?: true;
  /** It names the run by itself: no other run on the server has it. (GitLab, GitHub) */
  readonly unique?: true;
  /** Values that the API takes and a page's address does not. (GitLab: the number of a project) */
  readonly notInAddress?: RegExp;
  /** What to do about a value that does not match. */
  readonly hint?: string;
  /** Brings the spellings that people use into the one that the API takes. Must be idempotent. (Jenkins, Bitbucket, AWS) */
  readonly normalize?: (value: string) => string;
}

/** What a credential must be allowed to do, in the vendor's words, and the vendor's document that says so. */
export interface Permissions {
  readonly look: string;
  readonly cancel: string;
  readonly docs: string;
}

/**
 * Asks the vendor who a credential is, or what it may do, and changes nothing. Several are asked one after the other; what the
 * first one has told stands. (`explain --check`)
 */
export type Whoami = Call & {
  /** The vendor's document of the call. */
  readonly docs: string;
  /** Asked only of a token that begins so, where the vendor's tokens say what kind they are. (GitHub) */
  readonly tokens?: RegExp;
  /** The service, where it is another one than the target's: asked only on the vendor's public servers. (AWS) */
  readonly service?: { readonly name: string; readonly url: Regional };
  readonly who?: Where<string>;
  /** What the credential is restricted to, in the vendor's words: a list, or a text with commas or spaces. */
  readonly scopes?: Where<string | readonly string[]>;
  /** The header that says so. (GitHub, Bitbucket) */
  readonly scopesHeader?: string;
  /** A cancel needs one of these, where scopes are told. */
  readonly needs?: readonly string[];
  /** Until when it is valid. */
  readonly expires?: Where<string>;
  readonly expiresHeader?: string;
  /** Whether its owner may cancel the run. */
  readonly may?: Condition;
  /** What a "no" does not count, as a clause. (GitLab) */
  readonly caveat?: string;
};

export interface Target {
  /** In the vendor's words, from the widest to the most specific; the last required one may be given as a list. */
  readonly ids: Readonly<Record<string, Id>>;
  /**
   * Addresses of the run's page: paths below the server, or whole addresses. They read pasted addresses and write links;
   * the first one is written. `{server}` in front stands for a server under any path. A name that is no id matches one
   * segment; the page is written only if the look teaches it.
   */
  readonly pages?: readonly string[];
  /** Addresses of the API, below its base, that name a run and that people paste; the one that `look` asks is one without being said. (GitHub: an attempt) */
  readonly apiPages?: readonly string[];
  /** The number in a page's address may be another run's than that of the API: nothing is sent before a look has shown which run it is. (Gitea before 1.26, Forgejo) */
  readonly uncertainPages?: true;
  /** For the calls of this target, in more detail than the provider's `rights`. */
  readonly permissions?: Permissions;
  /** In place of the provider's, where this target's API is another one. (Buildkite: GraphQL) */
  readonly whoami?: readonly Whoami[];
  readonly look: Look;
  /** Another target that the run turns into: once a look tells its ids, that one is looked at, cancelled and forced in its place. Ids that are not asked of the look are the run's own. (Jenkins: an item of the queue; Octopus Deploy: a deployment) */
  readonly becomes?: OtherRun;
  /**
   * Another target whose id people put into an address in the place of one of this target's, by its name: if that run is there,
   * too, it cannot be told which is meant. (Forgejo: `github.run_id` for the number of a page)
   */
  readonly mistakenFor?: { readonly target: string; readonly ids: Readonly<Record<string, string>> };
  readonly cancel: Cancel;
  /** The vendor's words for runs that its cancel leaves as they are although it accepts it, and why. (GitLab: only manual jobs are left) */
  readonly noEffect?: { readonly words: readonly string[]; readonly because: string };
  /** Several are a ladder: each is sent `force-after` later than the one before. (Jenkins) */
  readonly force?: readonly Force[];
  readonly list?: List;
  /** One list for each place where it stands. */
  readonly downstream?: readonly Downstream[];
  readonly successor?: Successor;
  /** One list for each kind of job. */
  readonly jobs?: readonly Jobs[];
  /** Words that mean something else here than in the provider's `states`. (Of several targets; none yet.) */
  readonly states?: Readonly<Record<string, State>>;
  /**
   * Words that mean something else once our cancel was accepted, where the vendor has none for "cancelled": a roll-back, an error.
   * One that the run had when it was asked means so only if `over` says that it is. (CloudFormation, CodeArts)
   */
  readonly statesAfterCancel?: Readonly<Record<string, State>>;
  /** This target's server, where the vendor has one for each service. (CodeArts) */
  readonly server?: string | Regional;
  /** What this target's routes are below, in place of `server.api`, where one service answers elsewhere than the others and its pages are with theirs. (Azure DevOps: releases) */
  readonly api?: Server["api"];
  /** `status-only`: the vendor marks a run as stopped before its worker is. (Gitea, Forgejo; Drone, Woodpecker) */
  readonly confirmed?: "status-only";
}

/**
 * A service that has a server of its own in each region: `regions` is for the whole name, and `{region}` in `url` is filled
 * with it. The first that matches wins; a region that none matches is not one. (AWS, CodeArts)
 */
export type Regional = readonly { readonly regions: RegExp; readonly url: string }[];

export interface Server {
  /** The vendor's public server, or its servers by region. Without it, `server-url` is required, unless each target has its own. */
  readonly url?: string | Regional;
  /**
   * The API base: a path below the server, or a whole address. By host where they differ: `*` for any host, `*.` for any name
   * before a domain, `{host}` for the host itself. The first that matches wins. (GitHub, Bitbucket, Netlify)
   */
  readonly api?: string | Readonly<Record<string, string>>;
  /** Further public servers of the vendor: what may go to `url` may go there when a page names them. (HCP Terraform in Europe) */
  readonly alsoPublic?: readonly string[];
  /** Variables of the vendor's own tools that hold the server's address. */
  readonly env?: readonly string[];
  /** The server in such an address, where that says more; nothing where it is the vendor's public one. (Azure DevOps: with the organization) */
  readonly serverIn?: (address: string) => string | undefined;
  /** A variable that, if it is `true`, makes the vendor's own tools pass over those. (AWS) */
  readonly envIgnoredBy?: string;
  /** Variables of the vendor's own tools that hold the region, and a region as the vendor spells it. (AWS, CodeArts) */
  readonly region?: { readonly env: readonly string[]; readonly example: string };
  /** Brings an address into the form that `pages` have, where one run has pages in several places. (Jenkins: views, Blue Ocean; Azure DevOps: hosts) */
  readonly canonicalPage?: (address: string) => string;
  /** People run servers of their own, so an address on an unknown host can be this provider's. */
  readonly selfHosted?: true;
  /**
   * Where a server says what it is, without a credential, for servers whose pages look alike: a path below the server, not the
   * API, where in the reply its version is, and the versions that are this provider's. (Gitea, Forgejo)
   */
  readonly version?: { readonly path: string; readonly at: Where<string>; readonly is: RegExp };
  /** What the vendor documents that may be asked of it in a while. Unknown: none. */
  readonly budget?: Budget;
  /** Least time between two looks at one run, in ms. (CodeArts) */
  readonly pace?: number;
}

/**
 * So many points in any window of so many seconds: a read costs one. Half of them may be spent at once, and the other half comes back
 * in the time of a window, so that no window gets more. (GitHub, GitLab, Buildkite, HCP Terraform, Netlify)
 */
export interface Budget {
  readonly points: number;
  readonly seconds: number;
  /** What a request costs that changes something; default: as much as a read. (GitHub) */
  readonly change?: number;
  /** The servers it is for, as in `api`; default: all. Who runs a server sets its limits. (GitHub, GitLab) */
  readonly hosts?: readonly string[];
}

/**
 * A variable that holds a credential. The vendor's own tools send some to certain hosts only, and so do we: `hosts` are those
 * hosts, `otherThan` those that do not get it (`*.` as in `api`; GitHub), `servers` the variables that say whose it is: where one
 * is set, its server's, else it is for the public ones or for `server-url` (Terraform). `hasScheme`: it holds a whole header, as
 * in `Bearer eyJ…`, of which the token is used (Argo Workflows). With `prefix` the rest of the name says which host it is for, and
 * that host may get it without being named elsewhere (Terraform). `file` holds the path of a file whose text is the credential
 * (Google, AWS).
 */
export type Variable =
  | string
  | {
      readonly name: string;
      readonly hosts?: readonly string[];
      readonly otherThan?: readonly string[];
      readonly servers?: readonly string[];
      readonly hasScheme?: true;
    }
  | { readonly prefix: string; readonly host: (rest: string) => string | undefined }
  | { readonly file: string };

/** One way to prove who we are. `env` lists, for each part of the credential, the variables of the vendor's own tools. */
export interface Auth {
  /** A file of src/auth. */
  readonly scheme:
    | "aws-container"
    | "aws-signature"
    | "aws-web-identity"
    | "basic"
    | "basic-pair"
    | "basic-token"
    | "bearer"
    | "client-credentials"
    | "google-credentials"
    | "header"
    | "huawei-password"
    | "huawei-signature"
    | "huawei-token"
    | "none"
    | "password-token"
    | "session-cookie"
    | "token-as-password";
  readonly env: Readonly<Partial<Record<CredentialPart, readonly Variable[]>>>;
  /** Tokens that are proved this way, where the vendor has several kinds that travel in different ones: the whole token must match. (Azure DevOps, Octopus Deploy) */
  readonly tokens?: { readonly like: RegExp; readonly called: string };
  /** `header`: the header that carries the token. */
  readonly header?: string;
  /** `header`: what stands before the token in there. (Pulumi) */
  readonly prefix?: string;
  /** `aws-…`: the service's name in the signature's scope. */
  readonly service?: string;
  /**
   * Where a session or a token is given in return for the credential: a path below the token service or, where there is none, below
   * the run's server, not its API. Parts of the credential stand in it in braces. (Buildbot, Airflow, Databricks, Azure)
   */
  readonly login?: string;
  /** `client-credentials`: how the client proves who it is: in the header, in the form, or by a token that another identity provider has given it. (Databricks, Azure) */
  readonly client?: "basic" | "form" | "assertion";
  /** `client-credentials`: what the token is for; `{api}` is the origin of the API that it is sent to, so it is of no use anywhere else. (Databricks, Azure) */
  readonly scope?: string;
  /** The token service, one for each region (CodeArts, AWS) or one for all servers (Azure). */
  readonly tokenServer?: string | Regional;
  /** Variables of the vendor's own tools that hold the token service's address. They beat what stands here, and with `server-url` one in a region needs one. (CodeArts, AWS, Azure) */
  readonly tokenServerEnv?: readonly string[];
  /** All that those variables may name, where the vendor runs every one itself. (Azure) */
  readonly tokenServers?: readonly string[];
  /**
   * The vendor's own action that leaves it in the environment of a job on GitHub, in return for the job's identity: a step to paste
   * begins with it, and keeps no secret. `{region}` is the run's. (Google, AWS)
   */
  readonly action?: { readonly uses: string; readonly with: Readonly<Record<string, string>> };
  /** It is over within a day: no secret to keep. (CodeArts, Google, Azure) */
  readonly shortLived?: true;
  /** What proves to the server that what is no GET comes from a session of its own: where it is fetched before each, and where in that reply the header's name and value are. 404: none is wanted. (Jenkins, Prefect) */
  readonly crumb?: {
    readonly route: string;
    readonly header: Where<string>;
    readonly value: Where<string>;
    /** It is fetched only after a 403 that says this, and the request sent once more. (Jenkins: for a token that is none; Prefect) */
    readonly askedBy?: RegExp;
  };
}

export type CredentialName =
  "token" | "username" | "password" | "access-key" | "secret-key" | "security-token" | "domain";

/** What a credential consists of: inputs, and what variables of the vendor's own tools alone say. (AWS, Databricks, Azure) */
export type CredentialPart =
  | CredentialName
  | "role"
  | "session-name"
  | "credentials-address"
  | "authorization"
  | "client-id"
  | "client-secret"
  | "client-assertion"
  | "tenant-id";

/** How the vendor says what went wrong. The patterns are matched against the code, whatever the status. */
export interface Errors {
  /** Where the code is. In a 2xx reply its presence means that the call failed. (CodeArts, AWS) */
  readonly code?: Where<string | number>;
  readonly message?: Where<string>;
  /** Words made of a reply's headers, by their names in braces, where all of them are there. (Jenkins) */
  readonly headerWords?: string;
  /** The header of a refusal that says which permissions the call needs. (GitHub) */
  readonly needsHeader?: string;
  /** Titles of the vendor's own error pages that say nothing. (Jenkins) */
  readonly emptyTitles?: RegExp;
  /** The vendor's own 404 is an HTML page; any other vendor's page is a proxy's, and no missing run. (Jenkins) */
  readonly htmlNotFound?: true;
  readonly notFound?: RegExp;
  readonly denied?: RegExp;
  /** It is being stopped already: as good as an accepted cancel. (AWS) */
  readonly already?: RegExp;
  /** Worth asking again. (CodeArts, AWS) */
  readonly busy?: RegExp;
}

/** What runs are in. Either way of telling does. */
export interface Container {
  /** What people call it. */
  readonly kind: string;
  /** The ids that name it. */
  readonly ids: readonly string[];
  /** What the reply to a look says where this is missing, and does not say where only the run is. (GitLab) */
  readonly missingWords?: RegExp;
  /** The call that finds it. (GitHub) */
  readonly look?: Call;
}

export interface Provider {
  readonly name: string;
  /** The vendor's document of the cancel call. */
  readonly docs: string;
  /** What a credential must be allowed to do, as a sentence: shown in docs/providers/ and with a 401 or 403. */
  readonly rights: string;
  readonly whoami?: readonly Whoami[];
  /** A provider whose steps this system runs: by its name, too, this one is meant, on the server we run on and behind its API's path. (Gitea, Forgejo) */
  readonly answersTo?: string;
  readonly server: Server;
  /** In order of preference. */
  readonly auth: readonly Auth[];
  readonly headers?: Readonly<Record<string, string>>;
  readonly errors?: Errors;
  /** How a missing run is told from a missing repository or project, where a 404 alone can mean either. (GitHub, GitLab) */
  readonly container?: Container;
  /** The vendor's words, letter for letter, and ours. */
  readonly states: Readonly<Record<string, State>>;
  readonly targets: Readonly<Record<string, Target>>;
  /** Pages, as in `pages`, that people take for a run's, and what to give instead; they beat `pages`. (GitHub: a check run; Gitea: a number in place of an id) */
  readonly mistakenPages?: Readonly<Record<string, string>>;
  /** What we could not check against a document of the vendor. */
  readonly unverified?: readonly string[];
}
