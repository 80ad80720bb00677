// https://docs.drone.io/api/builds/build_stop/
// https://docs.drone.io/api/builds/build_info/
import { bearer, get, number, states } from "../kit.ts";
import type { Json, List, Provider, Reading, Target } from "../provider.ts";

const builds = "/repos/{+repository}/builds";

/**
 * A build says `killed` before its stages do, and `declined` as soon as one of them is: it is over when they are. One whose YAML could
 * not be read has none: core/stage.go and handler/api/repos/builds of github.com/harness/drone 2.20.
 */
function isOver({ stages }: Json): boolean | undefined {
  return stages?.every(({ status }: Json) => !/^(?:waiting_on_dependencies|pending|running|blocked)$/.test(status));
}

/** `refs/heads/main` is a branch; that of a pull request is `refs/pull/12/head`, and of a tag `refs/tags/v1`. */
function branchOf({ ref }: Json): string | undefined {
  return ref?.replace(/^refs\/(?:heads|tags)\//, "");
}

/** A build of a tag says so in its ref, whatever its event: promotions and crons have one, too. */
function isForTag({ ref }: Json): boolean | undefined {
  return ref?.startsWith("refs/tags/");
}

/** The number in the ref is what Drone itself takes for DRONE_PULL_REQUEST: operator/runner/env.go. */
function pullRequestOf({ event, ref }: Json): string | undefined {
  return event === "pull_request" ? /\d+/.exec(ref)?.[0] : undefined;
}

/** Seconds. */
function createdAt({ created }: Json): string | undefined {
  return new Date(created * 1000).toISOString();
}

/**
 * A cancel that met the server's own change of the build is answered 409 with these words: store/shared/db/error.go. A build has a
 * message, too, its commit's.
 */
function conflict({ number: build, message }: Json): string | undefined {
  return build === undefined && message === "Optimistic Lock Error" ? message : undefined;
}

/** The newest come first, and no filter takes a state: what began more than 100 builds ago is not seen. */
const list: List = {
  ...get(`${builds}?per_page=100`),
  items: "",
  max: 100,
  within: ["repository"],
  filters: { branch: "branch" },
  item: {
    id: "number",
    branch: branchOf,
    commit: "after",
    started: createdAt,
    event: "event",
    pullRequest: pullRequestOf,
  },
  otherRefs: /refs\/.+/,
  tags: { is: isForTag },
};

const reading = {
  state: "status",
  over: isOver,
  shows: { "build-number": "number" },
} satisfies Reading;

const stages = get(`${builds}/{build-number}`);

const build: Target = {
  ids: {
    repository: {
      pattern: /[\w-][\w.-]*\/[\w.-]+/,
      help: "owner and name of the repository",
      example: "octocat/hello-world",
      env: ["DRONE_REPO"],
    },
    "build-number": number("number of the build, as in its page's address", "42"),
  },
  pages: ["/{+repository}/{build-number}"],
  permissions: {
    look: "a user who may read the repository",
    cancel: "a user who may push to the repository",
    docs: "https://docs.drone.io/cli/build/drone-build-stop/",
  },
  look: {
    ...get(`${builds}/{build-number}`),
    ...reading,
    name: "title",
    ref: branchOf,
    record: { event: "event", "build-error": "error" },
  },
  cancel: { route: `DELETE ${builds}/{build-number}`, deniedStatus: [404], reply: reading },
  list,
  jobs: [{ ...stages, items: "stages", name: "name", state: "status" }],
  confirmed: "status-only",
};

export const drone = {
  name: "Drone",
  docs: "https://docs.drone.io/api/builds/build_stop/",
  rights: "The token of a user who may push to the repository.",
  whoami: [{ ...get("/user"), docs: "https://docs.drone.io/api/user/user_info/", who: ["login", "email"] }],
  server: { api: "/api", env: ["DRONE_SERVER"], selfHosted: true },
  auth: [bearer("DRONE_TOKEN")],
  errors: { code: conflict, busy: /^Optimistic Lock Error$/ },
  states: states({
    queued: ["pending", "waiting_on_dependencies"],
    running: ["running"],
    blocked: ["blocked"],
    cancelled: ["killed", "declined"],
    succeeded: ["success"],
    failed: ["failure", "error"],
    skipped: ["skipped"],
  }),
  targets: { build },
  unverified: [
    "No server was had: what it answers is read in its sources, github.com/harness/drone 2.20.",
    "The documents want an administrator for the cancel, those of the command line and the sources somebody who may push.",
    "Drone CI before 2.0: whether its cancel answers with the build; a look decides.",
    "Harness Open Source, which follows Drone, has another API: this is not for it.",
  ],
} satisfies Provider;
