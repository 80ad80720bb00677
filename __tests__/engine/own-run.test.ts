/** Our own run under another name: whoever writes the ids must not make us stop ourselves. */
import { expect, test } from "@jest/globals";
import { isSelf, type Self } from "../../src/engine/run.ts";
import { githubPlatform, gitlabPlatform } from "../../src/hosts/common.ts";
import type { Platform } from "../../src/platform.ts";
import { runs } from "../support/located.ts";

const gitlab = gitlabPlatform({
  CI_SERVER_URL: "https://gitlab.example.com",
  CI_PROJECT_PATH: "platform/deploy",
  CI_PROJECT_ID: "77",
  CI_PIPELINE_ID: "34",
  CI_JOB_ID: "56",
})!;
const actions = { GITHUB_REPOSITORY: "octo-org/deploy", GITHUB_RUN_ID: "99", GITHUB_RUN_NUMBER: "7" };
const github = githubPlatform({ ...actions, GITHUB_SERVER_URL: "https://github.com" }, undefined)!;
const enterprise = githubPlatform({ ...actions, GITHUB_SERVER_URL: "https://ghes.example.com" }, undefined)!;
const forgejo = githubPlatform(
  { ...actions, GITHUB_SERVER_URL: "https://forgejo.example.com", FORGEJO_ACTIONS: "true" },
  undefined,
)!;

const self = (inputs: Record<string, string>, platform: Platform): Self => {
  const [run] = runs(inputs, {}, platform);
  return isSelf(run!, platform);
};

test.each([
  ["a path of another case", { project: "Platform/Deploy", "pipeline-id": "34" }],
  ["the project's number", { project: "77", "pipeline-id": "34" }],
  ["the number with a zero before it", { project: "077", "pipeline-id": "34" }],
  ["the path before the project was moved", { project: "old/place", "pipeline-id": "34" }],
  ["the job", { project: "old/place", "job-id": "56" }],
  ["its page", { url: "https://gitlab.example.com/old/place/-/pipelines/34" }],
])("GitLab: our own run by %s", (_, inputs) => {
  expect(self("url" in inputs ? inputs : { provider: "gitlab", ...inputs }, gitlab)).toBe(true);
});

test.each([
  ["another number", { project: "platform/deploy", "pipeline-id": "35" }],
  ["a job of the pipeline's number", { project: "platform/deploy", "job-id": "34" }],
])("GitLab: %s is another run", (_, inputs) => {
  expect(self({ provider: "gitlab", ...inputs }, gitlab)).toBe(false);
});

test.each([
  "https://git.internal",
  "https://gitlab.example.com.",
  "https://gitlab.example.com:8443",
  "https://10.1.2.3",
])("GitLab: our number on %s may be our own run", (server) => {
  const ids = { provider: "gitlab", project: "old/place", "pipeline-id": "34" };

  expect(self({ ...ids, "server-url": server }, gitlab)).toBe("maybe");
  expect(self({ ...ids, "pipeline-id": "35", "server-url": server }, gitlab)).toBe(false);
});

test("our number at the vendor's public server is another run when we are elsewhere", () => {
  expect(self({ url: "https://github.com/octo-org/deploy/actions/runs/99" }, enterprise)).toBe(false);
  expect(self({ url: "https://gitlab.com/platform/deploy/-/pipelines/34" }, gitlab)).toBe(false);
  expect(self({ url: "https://github.com/Old-Org/deploy/actions/runs/99/attempts/2" }, github)).toBe(true);
});

test("Forgejo: a number is unique in its repository alone, an id everywhere", () => {
  const at = { provider: "forgejo", repository: "octo-org/deploy" };

  expect(self({ ...at, "run-number": "7" }, forgejo)).toBe(true);
  expect(self({ ...at, repository: "Octo-Org/Deploy", "run-number": "7" }, forgejo)).toBe(true);
  expect(self({ ...at, repository: "octo-org/other", "run-number": "7" }, forgejo)).toBe(false);
  expect(self({ ...at, repository: "octo-org/renamed", "run-id": "99" }, forgejo)).toBe(true);
});
