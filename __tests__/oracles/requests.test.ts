/** What we send is what the vendors' own clients send, or a widely used one where there is none. */
import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { type Clients, clientsOf, type Recorded } from "../../scripts/generated/clients.ts";
import { callsFor, differences, isSameCall, ours } from "../../scripts/generated/compare.ts";
import { knownCalls, levelOf, proof } from "../../scripts/generated/levels.ts";
import { loaders } from "../../src/auth/index.ts";
import { entriesOf } from "../../src/engine/catalog.ts";
import { publicUrl } from "../../src/engine/server.ts";
import type { HttpRequest } from "../../src/http/client.ts";
import type { Auth, CredentialName, Provider } from "../../src/provider.ts";
import { providers } from "../../src/providers/all.ts";
import { SimulatedClock } from "../support/clock.ts";

const read = (path: string): string | undefined => (existsSync(path) ? readFileSync(path, "utf8") : undefined);

/** Differences on purpose: what begins like `what`, in requests whose name matches `where`. Each is found at least once. */
const onPurpose: readonly { readonly where: RegExp; readonly what: string; readonly why: string }[] = [
  ...["lastUpdatedAfter", "lastUpdatedBefore"].flatMap((field) =>
    ["ours", "theirs"].map((whose) => ({
      where: /^azure-data-factory pipeline-run (?:jobs|downstream)/,
      what: `${whose}: body ${field}=`,
      why: "The client writes the milliseconds, too.",
    })),
  ),
  {
    where: /^azure-pipelines /,
    what: "ours: query api-version=",
    why: "The version may stand in the query or in the header `accept`: Microsoft documents both.",
  },
  {
    where: /^azure-pipelines .*, by azure-devops-node-api/,
    what: "theirs: accept application/json;api-version=",
    why: "The same.",
  },
  {
    where: /^azure-pipelines .* cancel, by azure-devops-node-api/,
    what: "theirs: content-type application/json; charset=utf-8",
    why: "JSON is UTF-8 anyway.",
  },
  ...["body stat", "query statusFilter=", "query queryOrder="].flatMap((what) =>
    ["ours", "theirs"].map((whose) => ({
      where: /^azure-pipelines .*, by azure-devops-node-api/,
      what: `${whose}: ${what}`,
      why: "The client has numbers for words that Microsoft's descriptions of the API have as they are sent by us.",
    })),
  ),
  {
    where: /^azure-pipelines build list, by github/,
    what: "ours: query ",
    why: "The description names the parameters, and has no example of them.",
  },
  {
    where: /^bitbucket pipeline list/,
    what: "ours: query sort=-created_on",
    why: "The newest first; the document's example has the oldest.",
  },
  { where: /^bitbucket pipeline list/, what: "theirs: query sort=created_on", why: "The same." },
  {
    where: /^bitbucket pipeline list, by Atlassian/,
    what: "theirs: query target.",
    why: "No document says whether the filter finds the pipelines of pull requests, which are the branch's, too.",
  },
  {
    where: /^bitbucket pipeline list, by Atlassian/,
    what: "theirs: query status=PENDING",
    why: "The words of the list's filter are asked for one by one.",
  },
  {
    where: /^bitbucket pipeline list, by Atlassian/,
    what: "theirs: query page=1",
    why: "The first page needs no number.",
  },
  { where: /^bitbucket pipeline (?:list|jobs)/, what: "ours: query pagelen=100", why: "The largest page there is." },
  { where: /^jenkins build list/, what: "ours: query tree=", why: "What is read, and nothing else." },
  {
    where: /^buildkite build list/,
    what: "theirs: query branch[]=main",
    why: "One value needs no list: Buildkite documents both.",
  },
  { where: /^buildkite build list/, what: "ours: query branch=main", why: "The same." },
  { where: /^buildkite build list/, what: "theirs: query state[]=running", why: "The same." },
  { where: /^buildkite build list/, what: "ours: query state=running", why: "The same." },
  ...[
    { where: /^buildkite job look/, what: 'ours: body query="query CancelRunLook($jobId: ID!) { job(uuid: $jobId) {' },
    {
      where: /^buildkite job look/,
      what: 'theirs: body query="\\nquery GetJobEvents ($jobId: ID!) {\\n\\tjob(uuid: $jobId) {',
    },
    {
      where: /^buildkite job cancel/,
      what: 'ours: body query="mutation CancelRunCancel($jobId: ID!) { jobTypeCommandCancel(input: { id: $jobId }) {',
    },
    {
      where: /^buildkite job cancel/,
      what: 'theirs: body query="\\nmutation CancelJob ($jobId: ID!) {\\n\\tjobTypeCommandCancel(input: {id:$jobId}) {',
    },
  ].map((one) => ({ ...one, why: "The same field with the same arguments; what it returns is what is read of it." })),
  { where: /^buildkite job/, what: "theirs: body operationName=", why: "A document with one operation needs no name." },
  {
    where: /^codearts build cancel/,
    what: "ours: body build_no=20",
    why: "Huawei's page has the number in the body, its SDKs in the query: with both, the right build is stopped.",
  },
  {
    where: /^github .* by @octokit/,
    what: "theirs: accept application/vnd.github.v3+json",
    why: "The older name of what we ask for.",
  },
  {
    where: /^github run list/,
    what: "theirs: query exclude_pull_requests=true",
    why: "It makes the replies shorter and changes nothing else.",
  },
  {
    where: /^gitlab pipeline pull/,
    what: "ours: query per_page=100",
    why: "As in the other lists, for fewer pages.",
  },
  {
    where: /^gitlab pipeline downstream, by python-gitlab|^gitea run (list|jobs)|^forgejo run list|^drone build list/,
    what: "theirs: query page=1",
    why: "The first page comes first.",
  },
  {
    where: /^gitea run list, by Gitea/,
    what: "theirs: query per_page=100",
    why: "The server was asked as GitHub is, and ignores it.",
  },
  { where: /^gitea run list, by Gitea/, what: "ours: query limit=50", why: "What Gitea reads in its place." },
  {
    where: /^forgejo run list/,
    what: "theirs: query event=",
    why: "Which of two events the server compares with is not known, so runs are chosen by what they say.",
  },
  {
    where: /^forgejo run list/,
    what: "theirs: query workflow_id=",
    why: "Runs say their workflow, so they are chosen by that.",
  },
  {
    where: /^google-cloud-\w+ \S+ /,
    what: "theirs: query alt=json",
    why: "The API has no other form to answer in, unless it is asked for one.",
  },
  {
    where: /^google-cloud-build build list, by gcloud/,
    what: "theirs: query filter=",
    why: "gcloud leaves out the builds that wait for their approval.",
  },
  { where: /^google-cloud-build build list, by gcloud/, what: "ours: query filter=", why: "The same." },
  {
    where: /^jenkins build look/,
    what: "ours: query tree=",
    why: "The fields that are read, in place of the whole build.",
  },
  { where: /^jenkins .* look/, what: "theirs: query depth=0", why: "What Jenkins does without it." },
  ...["state.name", "state.state_details", "state.data=null", "force=false"].map((field) => ({
    where: /^prefect cloud-flow-run cancel/,
    what: `theirs: body ${field}`,
    why: "What the server fills in by itself.",
  })),
  ...["look", "list", "jobs"].map((call) => ({
    where: new RegExp(`^teamcity build ${call}`),
    what: "ours: query fields=",
    why: "The fields that are read; without them TeamCity says less in a list, and more of one build.",
  })),
  ...["list", "jobs"].flatMap((call) => [
    {
      where: new RegExp(`^teamcity build ${call}`),
      what: "theirs: query fields=",
      why: "Those that the command line shows.",
    },
    {
      where: new RegExp(`^teamcity build ${call}`),
      what: "theirs: query locator=",
      why: "Running or queued ones, and direct dependencies, only.",
    },
    { where: new RegExp(`^teamcity build ${call}`), what: "ours: query locator=", why: "Both, and all of them." },
  ]),
];

// A provider without recordings is left to the first test, which says so.
const compared = [...providers].flatMap(([key, provider]) => {
  const clients = clientsOf(key, read);
  return clients ? [[key, provider, clients] as const] : [];
});

/** What has no part in the target is not compared: nothing of ours is there to differ. */
const requests = compared.flatMap(([key, provider, clients]) =>
  clients.requests.flatMap((theirs) => {
    const entry = entriesOf(key, provider).get(theirs.target);
    const calls = entry === undefined ? [] : callsFor(entry, theirs.does);
    if (entry === undefined || calls.length === 0) return [];
    const sent = calls.map((call) => ours(entry, call, theirs));
    return [{ name: nameOf(key, theirs, clients), provider, theirs, sent }];
  }),
);

test("every provider has its recordings", () => {
  const missing = [...providers.keys()].filter((key) => clientsOf(key, read) === undefined);

  expect(missing.map((key) => `no __tests__/fixtures/clients/${key}.json; see docs/adding-a-provider.md`)).toEqual([]);
});

test.each(compared)("the recordings of %s are of its targets", (_, { targets }, clients) => {
  const known = [...Object.keys(targets), "token"];

  expect(clients.requests.filter(({ target }) => !known.includes(target))).toEqual([]);
});

test.each(requests)("$name", ({ name, provider, theirs, sent }) => {
  const same = sent.filter((request) => isSameCall(request, theirs));

  expect(same.length > 0 ? [] : sent.map(lineOf)).toEqual([]);
  expect(same.map((request) => unexplained(name, differences(request, theirs)))).toContainEqual([]);
  expect(provider.auth.map(({ scheme }) => scheme)).toContain(schemeFor(provider, theirs));
});

describe("codearts: tokens", () => {
  const { requests } = clientsOf("codearts", read)!;
  const tokens = requests.filter(({ does }) => does === "token").map((theirs) => [theirs.call, theirs] as const);

  test.each(tokens)("%s", async (_, theirs) => {
    const scheme = theirs.method === "POST" ? "huawei-password" : "huawei-token";
    const sent = await askedFor(providers.get("codearts")!, scheme, theirs.values!);

    expect(isSameCall(sent, theirs)).toBe(true);
    // JSON is UTF-8 anyway.
    expect(
      differences(sent, theirs).filter((one) => !one.includes("content-type application/json;charset=utf-8")),
    ).toEqual([]);
  });
});

describe("how well each call is known", () => {
  const targets = compared.flatMap(([key, provider, clients]) =>
    [...entriesOf(key, provider).values()].map(
      (entry) => [`${key} ${entry.targetName}`, knownCalls(entry, clients)] as const,
    ),
  );

  test.each(targets)("%s is looked at and cancelled by more than a document", (_, known) => {
    expect(levelOf(known)).not.toBe("document");
  });

  test("calls that a document alone tells of are these", () => {
    const documents = targets.flatMap(([target, known]) =>
      known.filter(({ level }) => level === "document").map(({ does, call }) => `${target} ${does}: ${call.route}`),
    );

    expect(documents).toEqual([]);
  });

  test("all targets are counted", () => {
    const counts = [...proof(read).matchAll(/\d+/g)].map(Number);

    expect(proof(read)).toMatch(/^proof: (?:.* · )?\d+ official client · /);
    expect(counts.reduce((sum, count) => sum + count)).toBe(targets.length);
  });
});

// Of providers that are in the registry.
const inUse = onPurpose.filter(({ where }) => requests.some(({ name }) => where.test(name)));

test.each(inUse)("a difference on purpose is one: $what", ({ where, what }) => {
  const found = requests
    .filter(({ name }) => where.test(name))
    .flatMap(({ theirs, sent }) =>
      sent.filter((request) => isSameCall(request, theirs)).flatMap((request) => differences(request, theirs)),
    );

  expect(found).toContainEqual(expect.stringMatching(new RegExp(`^${what.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")}`)));
});

function nameOf(key: string, { target, does, source, call }: Recorded, { sources }: Clients): string {
  return `${key} ${target} ${does}, by ${sources[source]!.name}: ${call}`;
}

function lineOf({ method, url }: HttpRequest): string {
  return `${method} ${decodeURIComponent(url.pathname)}`;
}

function unexplained(name: string, found: readonly string[]): string[] {
  return found.filter(
    (difference) => !onPurpose.some(({ where, what }) => where.test(name) && difference.startsWith(what)),
  );
}

/** The scheme by which we send what they have sent. */
function schemeFor({ auth }: Provider, { headers }: Recorded): Auth["scheme"] | undefined {
  const own = headers["private-token"] ?? headers["circle-token"];
  const [kind = ""] = (headers["authorization"] ?? (own && "token")?.toString() ?? "").split(" ");
  const known: Readonly<Record<string, readonly Auth["scheme"][]>> = {
    Bearer: ["bearer", "header"],
    // GitHub, Gitea and Forgejo take both words, GitLab both headers, CircleCI its own.
    token: ["bearer", "header"],
    Basic: ["basic", "basic-token", "token-as-password"],
    "AWS4-HMAC-SHA256": ["aws-signature"],
    "SDK-HMAC-SHA256": ["huawei-signature"],
  };
  // A description for machines names no credential.
  return auth.map(({ scheme }) => scheme).find((scheme) => kind === "" || known[kind]?.includes(scheme));
}

/** What a scheme asks the token service for. */
async function askedFor(
  provider: Provider,
  name: Auth["scheme"],
  values: Partial<Record<CredentialName | "region", string>>,
): Promise<HttpRequest> {
  const auth = provider.auth.find(({ scheme }) => scheme === name)!;
  const region = values.region ?? provider.server.region?.example;
  const sent: HttpRequest[] = [];
  const scheme = (await loaders[name]())({
    auth,
    credentials: values,
    region,
    server: "https://server.example",
    api: "https://server.example",
    tokenServer: publicUrl(auth.tokenServer, region),
    clock: new SimulatedClock(),
    send: (request) => {
      sent.push(request);
      return Promise.resolve({ status: 201, headers: { "x-subject-token": "TOKEN" }, body: {} });
    },
    mask: () => undefined,
  });
  await scheme.authorize({ method: "GET", url: new URL("https://server.example/"), headers: {} });
  await scheme.explain?.();
  return sent[0]!;
}
