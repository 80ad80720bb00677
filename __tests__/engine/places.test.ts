/** Which run an address or an id means, where more than the ids says so: its server, its region, the page that the server states. */
import { describe, expect, test } from "@jest/globals";
import { providers } from "../../src/providers/all.ts";
import { secret } from "../support/exchange.ts";
import { hex, names, onGitHub, runs } from "../support/located.ts";
import { tell } from "../support/story.ts";
import { complaint } from "../support/usage.ts";

describe("an address of the API names the run that it is about", () => {
  const uuid = "3c90c3cc-0d44-4b50-8888-8dd25736052a";

  test.each([
    ["https://api.github.com/repos/a/b/actions/runs/9", "github run https://api.github.com {repository:a/b,run-id:9}"],
    [
      "https://api.github.com/repos/a/b/actions/runs/9/jobs?per_page=100",
      "github run https://api.github.com {repository:a/b,run-id:9}",
    ],
    [
      "https://api.github.com/repos/a/b/actions/runs/9/attempts/2",
      "github run https://api.github.com {repository:a/b,run-id:9,run-attempt:2}",
    ],
    [
      "https://ghes.example.com/api/v3/repos/a/b/actions/runs/9",
      "github run https://ghes.example.com/api/v3 {repository:a/b,run-id:9}",
    ],
    [
      "https://api.octo.ghe.com/repos/a/b/actions/runs/9",
      "github run https://api.octo.ghe.com {repository:a/b,run-id:9}",
    ],
    [
      "https://gitlab.com/api/v4/projects/a%2Fb/jobs/4711",
      "gitlab job https://gitlab.com/api/v4 {project:a/b,job-id:4711}",
    ],
    [
      "https://gitlab.example.com/api/v4/projects/12/pipelines/5",
      "gitlab pipeline https://gitlab.example.com/api/v4 {project:12,pipeline-id:5}",
    ],
    [
      `https://api.bitbucket.org/2.0/repositories/a/b/pipelines/%7B${uuid}%7D`,
      `bitbucket pipeline https://api.bitbucket.org/2.0 {repository:a/b,pipeline-id:{${uuid}}}`,
    ],
    [
      "https://app.terraform.io/api/v2/runs/run-CZcmD7eagjhyX0vN",
      "terraform run https://app.terraform.io/api/v2 {run-id:run-CZcmD7eagjhyX0vN}",
    ],
    [
      "https://api.netlify.com/api/v1/deploys/5f1f0f3c8c5d0a0007a1b2c3",
      "netlify deploy https://api.netlify.com/api/v1 {deploy-id:5f1f0f3c8c5d0a0007a1b2c3}",
    ],
    [
      `https://acme.us1.gorules.io/api/projects/${uuid}/runs/${uuid}`,
      `gorules run https://acme.us1.gorules.io/api {project-id:${uuid},run-id:${uuid}}`,
    ],
    [
      `https://cloudbuild-ext.cn-north-4.myhuaweicloud.com/v1/job/${hex("a")}/20/build-info`,
      `codearts build https://cloudbuild-ext.cn-north-4.myhuaweicloud.com {job-id:${hex("a")},build-number:20}`,
    ],
  ])("%s", (url, name) => {
    expect(names({ url })).toEqual([name]);
  });

  test("and as server-url the server that it is the API of", () => {
    const given = { provider: "github", repository: "a/b", "run-id": "9", "server-url": "https://api.github.com" };

    expect(runs(given)[0]?.place).toMatchObject({ server: "https://github.com", api: "https://api.github.com" });
  });
});

describe("an address as people have it", () => {
  test("without a scheme is one with https", () => {
    expect(names({ url: "github.com/a/b/actions/runs/9" })).toEqual(
      names({ url: "https://github.com/a/b/actions/runs/9" }),
    );
  });

  test.each([
    ["htps://gitlab.com/a/b/-/jobs/1", "htps://"],
    ["https//gitlab.com/a/b/-/jobs/1", "https//"],
    ["ttps://gitlab.com/a/b/-/jobs/1", "ttps://"],
    ["//gitlab.com/a/b/-/jobs/1", "//"],
    ["ssh://git@gitlab.com/a/b", "ssh://"],
  ])("with a slip in its scheme is told so: %s", async (url, scheme) => {
    expect(await complaint({ url, token: secret })).toMatch(
      new RegExp(`^CANCEL_RUN_URL: ".*" begins with "${scheme}"; an address begins with https://$`),
    );
  });

  test("of a check run is told which page to take", async () => {
    const url = "https://github.com/a/b/runs/77?check_suite_focus=true";

    expect(await complaint({ url, token: secret })).toBe(
      `CANCEL_RUN_URL: "${url}" is the page of a check run, whose number is not the run's; open its details and take the address of the run`,
    );
  });

  test.each([
    ["/job/a/view/b/job/c/9/", "job/a/job/c"],
    ["/view/all/view/mine/job/a/9/console", "job/a"],
    ["/user/jane/my-views/view/all/job/a/9/", "job/a"],
    ["/me/my-views/view/all/job/a/9/", "job/a"],
    ["/job/view/job/view/9/", "job/view/job/view"],
    ["/job/a/job/feature%2Fx/9/", "job/a/job/feature%252Fx"],
    ["/blue/organizations/jenkins/a%2Fb/detail/feature%2Fx/9/pipeline", "job/a/job/b/job/feature%252Fx"],
    ["/blue/organizations/jenkins/b/detail/b/9", "job/b"],
    ["/blue/organizations/jenkins/%E0%A4%A/detail/b/9", undefined],
  ])("below any path of Jenkins, through views and Blue Ocean: %s", async (path, job) => {
    for (const server of ["https://ci.example.com", "https://ci.example.com/jenkins"])
      if (job === undefined) expect(await complaint({ url: server + path, token: secret })).not.toBe("");
      else
        expect(runs({ url: server + path }).map((run) => [run.place.server, run.ids])).toEqual([
          [server, { job, "build-number": "9" }],
        ]);
  });

  test("in another region than the input is refused", async () => {
    const url = `https://eu-west-1.console.aws.amazon.com/codesuite/codepipeline/pipelines/deploy/executions/3137f7cb-7cf7-4ac8-9d1c-3a2f8bb1a0a4`;

    expect(await complaint({ url, region: "us-east-1" })).toBe(
      'CANCEL_RUN_REGION: "us-east-1" is not the region of the page, eu-west-1; leave it out',
    );
  });
});

describe("an id that says where it is", () => {
  const execution = { provider: "aws-codepipeline", "execution-id": "3137f7cb-7cf7-4ac8-9d1c-3a2f8bb1a0a4" };
  const arn = "arn:aws:codepipeline:us-east-1:123456789012:deploy";

  test("is asked there: an ARN in its region, whatever the environment says", () => {
    expect(names({ ...execution, pipeline: arn }, { AWS_REGION: "eu-west-1" })).toEqual([
      "aws-codepipeline execution https://codepipeline.us-east-1.amazonaws.com {pipeline:deploy,execution-id:3137f7cb-7cf7-4ac8-9d1c-3a2f8bb1a0a4}",
    ]);
  });

  test("and not in another region that is given", async () => {
    expect(await complaint({ ...execution, pipeline: arn, region: "eu-west-1" })).toBe(
      'CANCEL_RUN_REGION: "eu-west-1" is not the region in CANCEL_RUN_PIPELINE, us-east-1; leave it out',
    );
  });

  test("and must not contradict itself", async () => {
    expect(await complaint({ ...execution, pipeline: arn.replace("us-east-1", "cn-north-1") })).toContain(
      "the partition of an ARN is that of its region",
    );
  });

  test("GH_REPO is taken where its host is the server's, and after the repository that we run in", async () => {
    const run = { provider: "github", "run-id": "9" };
    const enterprise = { GH_REPO: "ghe.acme.example/o/r" };

    expect(runs(run, { GH_REPO: "o/r" })[0]?.ids["repository"]).toBe("o/r");
    expect(runs(run, { ...enterprise, GH_HOST: "ghe.acme.example" })[0]?.ids["repository"]).toBe("o/r");
    expect(runs(run, { GH_REPO: "o/r" }, onGitHub)[0]?.ids["repository"]).toBe("own/repo");
    expect(await complaint({ ...run, token: secret }, { env: enterprise })).toContain(
      "CANCEL_RUN_REPOSITORY is missing",
    );
    expect(await complaint({ ...run, repository: "ghe.acme.example/o/r", token: secret })).toBe(
      'CANCEL_RUN_REPOSITORY: "ghe.acme.example/o/r" is on ghe.acme.example, not on github.com; if that is your server, add `CANCEL_RUN_SERVER_URL: https://ghe.acme.example`',
    );
  });

  test("GORULES_PROJECT that holds a key is named, and what to give instead", async () => {
    const inputs = {
      provider: "gorules",
      "server-url": "https://r.example.com",
      "run-id": "5b1f2b0e-6a54-4c0e-9a61-0b7a3a0f5d11",
    };

    expect(await complaint({ ...inputs, token: secret }, { env: { GORULES_PROJECT: "pricing" } })).toMatch(
      /^GORULES_PROJECT in the environment is "pricing", and this takes the UUID of the project.*; give it as CANCEL_RUN_PROJECT_ID$/,
    );
  });
});

describe("the vendor's own variables say which server", () => {
  const execution = {
    provider: "aws-codepipeline",
    pipeline: "deploy",
    "execution-id": "3137f7cb-7cf7-4ac8-9d1c-3a2f8bb1a0a4",
    region: "eu-west-1",
  };
  const api = (env: Record<string, string>): string | undefined => runs(execution, env)[0]?.place.api;

  test("AWS_ENDPOINT_URL_CODEPIPELINE, then AWS_ENDPOINT_URL, unless they are to be ignored", () => {
    const env = { AWS_ENDPOINT_URL: "http://localhost:4566", AWS_ENDPOINT_URL_CODEPIPELINE: "http://localhost:5000" };

    expect(api(env)).toBe("http://localhost:5000");
    expect(api({ AWS_ENDPOINT_URL: env.AWS_ENDPOINT_URL })).toBe("http://localhost:4566");
    expect(api({ ...env, AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: "true" })).toBe(
      "https://codepipeline.eu-west-1.amazonaws.com",
    );
  });

  test("NETLIFY_API_URL is an address of the API", () => {
    const deploy = { provider: "netlify", "deploy-id": "5f1f0f3c8c5d0a0007a1b2c3" };

    expect(runs(deploy, { NETLIFY_API_URL: "https://api.netlify.com/api/v1" })[0]?.place.server).toBe(
      "https://app.netlify.com",
    );
    expect(runs(deploy, { NETLIFY_API_URL: "https://staging.example.com" })[0]?.place.api).toBe(
      "https://staging.example.com/api/v1",
    );
  });
});

describe("a run that was named by its page", () => {
  const page = "https://ci.example.com/a/b/actions/runs/7";
  const named = { "server-url": "https://ci.example.com", provider: "github", token: secret };
  const body = (url: string): object => ({ id: 7, status: "in_progress", html_url: url, run_attempt: 1 });

  test("is not stopped if the server shows another page for it, and the message says what to give", async () => {
    const { server, run } = await tell({
      providers,
      inputs: { ...named, url: page },
      answer: () => ({ status: 200, body: body("https://ci.example.com/a/b/actions/runs/3") }),
    });

    expect(server.sent.map(({ method }) => method)).toEqual(["GET"]);
    expect(run).toMatchObject({
      outcome: "refused",
      attempts: 0,
      detail: `the page ${page} is not that of the run 7 that the server has: its page is https://ci.example.com/a/b/actions/runs/3; nothing was sent, give the run by its run-id`,
    });
  });

  test.each([
    ["its repository has another name", { ...named, url: page }, "https://ci.example.com/new/name/actions/runs/7"],
    [
      "an id, not a page, was given",
      { ...named, repository: "a/b", "run-id": "7" },
      "https://ci.example.com/a/b/actions/runs/3",
    ],
    [
      "an address of the API was given",
      { ...named, url: "https://ci.example.com/api/v3/repos/a/b/actions/runs/7" },
      "https://ci.example.com/a/b/actions/runs/3",
    ],
  ])("is stopped if %s", async (_, inputs, url) => {
    const { server } = await tell({
      providers,
      inputs: { ...inputs, wait: "false" },
      answer: ({ method }) => (method === "GET" ? { status: 200, body: body(url) } : { status: 202, body: {} }),
    });

    expect(server.sent.map(({ method }) => method)).toContain("POST");
  });
});
