import { describe, expect, test } from "@jest/globals";
import { failing, githubPlatform, gitlabPlatform, platformOf, reportJson } from "../../src/hosts/common.ts";
import { entriesOf } from "../../src/engine/catalog.ts";
import { providers } from "../../src/providers/all.ts";
import { label, sentence } from "../../src/engine/words.ts";
import { type Outcome, outcomes } from "../../src/interface.ts";
import { acme } from "../support/acme.ts";
import { record, reportOf } from "../support/record.ts";

const github = {
  GITHUB_ACTIONS: "true",
  GITHUB_SERVER_URL: "https://ghes.example.com/",
  GITHUB_API_URL: "https://ghes.example.com/api/v3/",
  GITHUB_REPOSITORY: "octo-org/deploy",
  GITHUB_RUN_ID: "99",
};
const gitlab = {
  CI_SERVER_URL: "https://gitlab.example.com",
  CI_API_V4_URL: "https://gitlab.example.com/api/v4",
  CI_PROJECT_PATH: "platform/deploy",
  CI_PROJECT_ID: "12",
  CI_PIPELINE_ID: "34",
  CI_JOB_ID: "56",
};

describe("the platform that the environment shows", () => {
  test("is none on a plain machine", () => {
    expect(platformOf({})).toBeUndefined();
    expect(platformOf({ GITHUB_SERVER_URL: "https://github.com", GITHUB_ACTIONS: "false" })).toBeUndefined();
    expect(platformOf({ CI: "true" })).toBeUndefined();
  });

  test("is GitHub, with the run we are part of", () => {
    expect(platformOf(github)).toEqual({
      provider: "github",
      server: "https://ghes.example.com",
      api: "https://ghes.example.com/api/v3",
      ids: { repository: "octo-org/deploy" },
      self: [{ repository: "octo-org/deploy", "run-id": "99" }],
      own: { repository: "octo-org/deploy", "run-id": "99" },
      variables: { server: "GITHUB_SERVER_URL", api: "GITHUB_API_URL" },
    });
  });

  const nameless = { ...github, GITHUB_SERVER_URL: "https://git.example.com", GITHUB_RUN_NUMBER: "7" };

  test("is Gitea where its runner says so", () => {
    expect(platformOf({ ...nameless, GITEA_ACTIONS: "true" })).toMatchObject({
      provider: "gitea",
      self: [{ repository: "octo-org/deploy", "run-id": "99" }],
    });
  });

  test("is Forgejo, whose runner says that it is Gitea's, too, with the run by both of its names, and its own token", () => {
    const forgejo = { ...nameless, GITEA_ACTIONS: "true", FORGEJO_ACTIONS: "true", FORGEJO_TOKEN: "own" };

    expect(platformOf(forgejo)).toMatchObject({
      provider: "forgejo",
      self: [
        { repository: "octo-org/deploy", "run-id": "99" },
        { repository: "octo-org/deploy", "run-number": "7" },
      ],
      token: "own",
    });
    expect(githubPlatform(forgejo, "handed over")).toMatchObject({ token: "handed over" });
  });

  test("has the job's token only if it was handed over, never from a variable", () => {
    expect(platformOf({ ...github, GITHUB_TOKEN: "x", GH_TOKEN: "y", INPUT_GITHUB_TOKEN: "z" })).not.toHaveProperty(
      "token",
    );
    expect(githubPlatform(github, "handed over")).toMatchObject({ token: "handed over" });
  });

  test("is GitLab, with the job and the pipeline we are part of, under both names of the project", () => {
    expect(platformOf(gitlab)).toEqual({
      provider: "gitlab",
      server: "https://gitlab.example.com",
      api: "https://gitlab.example.com/api/v4",
      ids: { project: "platform/deploy" },
      self: [
        { project: "platform/deploy", "job-id": "56" },
        { project: "platform/deploy", "pipeline-id": "34" },
        { project: "12", "job-id": "56" },
        { project: "12", "pipeline-id": "34" },
      ],
      own: { project: "platform/deploy", "pipeline-id": "34" },
      nested: false,
      variables: { server: "CI_SERVER_URL", api: "CI_API_V4_URL" },
    });
  });

  test.each(["https://GitLab.example.com", "https://gitlab.example.com:443/", "https://gitlab.example.com//"])(
    "has the server's address as it is compared with others: %s",
    (server) => {
      expect(gitlabPlatform({ ...gitlab, CI_SERVER_URL: server })?.server).toBe("https://gitlab.example.com");
    },
  );

  test("keeps the path of its server", () => {
    expect(gitlabPlatform({ ...gitlab, CI_SERVER_URL: "https://example.com/gitlab/" })?.server).toBe(
      "https://example.com/gitlab",
    );
  });

  test("has no more than what is there", () => {
    expect(githubPlatform({ GITHUB_SERVER_URL: "https://github.com" }, "")).toEqual({
      provider: "github",
      server: "https://github.com",
      variables: { server: "GITHUB_SERVER_URL", api: "GITHUB_API_URL" },
      ids: {},
      self: [],
    });
    expect(gitlabPlatform({ CI_SERVER_URL: "https://gitlab.com", CI_JOB_ID: "1" })).toEqual({
      provider: "gitlab",
      server: "https://gitlab.com",
      variables: { server: "CI_SERVER_URL", api: "CI_API_V4_URL" },
      ids: {},
      self: [],
      nested: false,
    });
  });
});

describe("what became of a run, in a sentence", () => {
  test.each<[Outcome, string]>([
    ["cancelled", "cancelled after 4.2s; it was running"],
    ["already-finished", "had already finished: cancelled"],
    ["finished-anyway", "finished anyway: cancelled"],
    ["cancelling", "cancellation requested"],
    ["would-cancel", "would be cancelled; it is cancelled"],
    ["still-running", "still running"],
    ["not-found", "not found"],
    ["refused", "refused"],
    ["restarted", "restarted"],
    ["failed", "failed"],
  ])("%s", (outcome, words) => {
    expect(sentence(record({ outcome }))).toBe(words);
    expect(sentence(record({ outcome, detail: "because" }))).toMatch(/[;:] because$/);
  });

  test("does not say cancelled of what is not proved", () => {
    for (const outcome of Object.keys(outcomes) as Outcome[]) {
      if (outcome !== "cancelled" && outcome !== "would-cancel")
        expect(sentence(record({ outcome, after: "running" }))).not.toMatch(/\bcancelled\b/);
    }
  });

  test("says when the vendor's word comes before the worker's end", () => {
    expect(sentence(record({ confirmed: "status-only" }))).toContain(
      "the vendor says so before the worker has stopped",
    );
  });

  test("names the run by its ids and its name", () => {
    const run = entriesOf("acme", acme).get("run")!;
    const { ids } = record();

    expect(label(run, ids, "deploy")).toBe("acme run 7 (deploy)");
    expect(label(run, ids, null)).toBe("acme run 7");
  });

  test.each([
    ["github", "run", { repository: "a/b", "run-id": "9", "run-attempt": "2" }, "github run 9 attempt 2"],
    ["jenkins", "queue-item", { "queue-id": "1187", job: "job/a", "build-number": "20" }, "jenkins queue-item 1187"],
    ["jenkins", "build", { job: "job/a", "build-number": "20" }, "jenkins build job/a 20"],
    ["netlify", "deploy", { "deploy-id": "5f1f", site: "shop" }, "netlify deploy 5f1f"],
    [
      "bitbucket",
      "pipeline",
      { repository: "a/b", "pipeline-id": "{u}", "build-number": "4" },
      "bitbucket pipeline {u}",
    ],
  ])("names a %s %s by the ids that it was given by, so that no two read alike", (provider, target, ids, line) => {
    expect(label(entriesOf(provider, providers.get(provider)!).get(target)!, ids, null)).toBe(line);
  });
});

test("the report as JSON sums up and lists", () => {
  expect(JSON.parse(reportJson(reportOf(record())))).toEqual({
    outcome: "cancelled",
    cancelled: 1,
    state: "cancelled",
    url: "https://acme.example/runs/7",
    runs: [record()],
  });
});

test("the runs that fail the step are those whose outcome does", () => {
  const [good, bad] = [record(), record({ outcome: "refused" })];

  expect(failing(reportOf(good, bad))).toEqual([bad]);
});
