/**
 * What `slice.mjs` cuts out: the calls by their routes in the document, and examples of ours by status and name, each as what it adds
 * to the document's own, or to the least that the schema asks for. A function makes it of the document's own.
 */

const codeartsFiles = [
  ...["ShowBuildDetails", "ShowJobBuildRecordDetail", "ShowRecordInfo", "StopJob"].map((name) => `Build/${name}.json`),
  ...["ShowPipelineRunDetail", "StopPipelineRun"].map((name) => `Pipeline/${name}.json`),
  ...["CheckDeployStatus", "StopDeployTask"].map((name) => `Deploy/${name}.json`),
];

const stateId = "0b1e7a54-2d3c-4c8e-9a4f-1f2e3d4c5b6a";

/** The document's run is that of another repository with the same name, and of another branch where it is listed. */
function ofItsRepository(run) {
  return { ...run, head_branch: "main", head_repository: run.repository };
}

/** The document says `application/json` alone, and GitHub's pages to ask for its own type: https://docs.github.com/rest/using-the-rest-api/getting-started-with-the-rest-api#accept */
function asGithubsPages({ paths }) {
  for (const operations of Object.values(paths))
    for (const { responses } of Object.values(operations))
      for (const response of Object.values(responses))
        if (response.content)
          response.content = { "application/vnd.github+json": response.content["application/json"] };
  const ref = paths["/repos/{owner}/{repo}/git/ref/{ref}"];
  delete paths["/repos/{owner}/{repo}/git/ref/{ref}"];
  for (const kind of ["heads", "tags"]) paths[`/repos/{owner}/{repo}/git/ref/${kind}/{ref}`] = ref;
}

export const slices = {
  github: {
    source: { package: "npm @octokit/openapi 23.0.2", path: "generated/api.github.com.json" },
    depth: 2,
    requiredOnly: true,
    without:
      /(?<!^html)_url$|^(?:allow|has|use|is|merge|squash)_|count$|^(?:permissions|_links|body|user|labels|milestone|assignee)$/,
    changed: [
      "replies are of GitHub's own media type, which its pages recommend to ask for; the document says application/json, and Prism NOT_ACCEPTABLE",
      "a ref begins with heads/ or tags/, as the document's prose says; Prism takes no slash for a part of a parameter: NO_PATH_MATCHED_ERROR",
      "the document's example of the reply to a cancel is null, which its own schema does not have: Response body must be object",
    ],
    change: asGithubsPages,
    calls: {
      "GET /repos/{owner}/{repo}": { depth: 1 },
      "GET /repos/{owner}/{repo}/actions/runs": {
        depth: 4,
        examples: {
          200: {
            lives: ({ workflow_runs: [run] }) => ({ total_count: 1, workflow_runs: [ofItsRepository(run)] }),
            pull: ({ workflow_runs: [run] }) => ({
              total_count: 1,
              workflow_runs: [{ ...ofItsRepository(run), head_branch: "new-topic", event: "pull_request" }],
            }),
          },
        },
      },
      "GET /repos/{owner}/{repo}/actions/runs/{run_id}": {
        examples: {
          200: {
            lives: ofItsRepository,
            stopped: (run) => ({ ...ofItsRepository(run), status: "completed", conclusion: "cancelled" }),
          },
        },
      },
      "POST /repos/{owner}/{repo}/actions/runs/{run_id}/cancel": { examples: { 202: { taken: {} } } },
      "POST /repos/{owner}/{repo}/actions/runs/{run_id}/force-cancel": { examples: { 202: { taken: {} } } },
      "GET /repos/{owner}/{repo}/actions/runs/{run_id}/jobs": { examples: { 200: {} } },
      "GET /repos/{owner}/{repo}/branches": { examples: { 200: {} } },
      "GET /repos/{owner}/{repo}/git/ref/{ref}": { examples: { 200: {} } },
      "GET /repos/{owner}/{repo}/pulls": { depth: 4, examples: { 200: {} } },
      "GET /repos/{owner}/{repo}/pulls/{pull_number}": { depth: 3, examples: { 200: {} } },
    },
  },
  netlify: {
    source: { package: "npm @netlify/open-api 2.60.0", path: "dist/swagger.json" },
    calls: {
      "GET /deploys/{deploy_id}": {
        examples: {
          200: {
            lives: { id: "5f1f0f3c8c5d0a0007a1b2c3", state: "building" },
            stopped: { id: "5f1f0f3c8c5d0a0007a1b2c3", state: "error", error_message: "Canceled build" },
          },
        },
      },
      "POST /deploys/{deploy_id}/cancel": {
        examples: { 201: { taken: { id: "5f1f0f3c8c5d0a0007a1b2c3", state: "building" } } },
      },
    },
  },
  airflow: {
    source: {
      package: "PyPI apache-airflow-core 3.3.2",
      path: "airflow/api_fastapi/core_api/openapi/v2-rest-api-generated.yaml",
    },
    changed: [
      "to sign in is of airflow/api_fastapi/auth/managers/simple/openapi/v2-simple-auth-manager-generated.yaml",
    ],
    calls: {
      "GET /api/v2/dags/{dag_id}/dagRuns/{dag_run_id}": {
        examples: { 200: { lives: airflowRun("running"), stopped: airflowRun("failed") } },
      },
      "PATCH /api/v2/dags/{dag_id}/dagRuns/{dag_run_id}": { examples: { 200: { taken: airflowRun("failed") } } },
      "GET /api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances": {
        examples: { 200: { lives: { task_instances: [], total_entries: 0 } } },
      },
      "POST /auth/token": { examples: { 201: { taken: { access_token: "eyJprismCanary.0123456789.token" } } } },
    },
  },
  "argo-workflows": {
    source: { package: "Go github.com/argoproj/argo-workflows/v4 v4.0.5", path: "api/openapi-spec/swagger.json" },
    depth: 2,
    calls: {
      "GET /api/v1/workflows/{namespace}/{name}": {
        examples: {
          200: {
            lives: argoWorkflow({ phase: "Running" }),
            stopped: argoWorkflow({ phase: "Failed", message: "Stopped with strategy 'Stop'" }),
          },
        },
      },
      "PUT /api/v1/workflows/{namespace}/{name}/stop": {
        examples: { 200: { taken: argoWorkflow({ phase: "Running" }) } },
      },
      "PUT /api/v1/workflows/{namespace}/{name}/terminate": {
        examples: { 200: { taken: argoWorkflow({ phase: "Running" }) } },
      },
    },
  },
  "argo-cd": {
    source: { package: "Go github.com/argoproj/argo-cd/v3 v3.6.1", path: "assets/swagger.json" },
    calls: {
      "GET /api/v1/applications/{name}": {
        examples: {
          200: {
            lives: argoApplication({ phase: "Running", message: "one or more tasks are running" }),
            stopped: argoApplication({ phase: "Failed", message: "Operation terminated" }),
          },
        },
      },
      "DELETE /api/v1/applications/{name}/operation": { examples: { 200: { taken: {} } } },
    },
  },
  prefect: {
    source: { package: "PyPI prefect 3.9.1", path: "prefect/server/api/server.py" },
    changed: ["the document is what create_app().openapi() returns; it names no server, and the API is below /api"],
    servers: [{ url: "/api" }],
    requestDepth: 3,
    calls: {
      "GET /flow_runs/{id}": {
        examples: {
          200: { lives: prefectRun("RUNNING"), stubborn: prefectRun("CANCELLING"), stopped: prefectRun("CANCELLED") },
        },
      },
      "POST /flow_runs/{id}/set_state": {
        examples: { 200: { taken: { status: "ACCEPT", state: { id: stateId, type: "CANCELLING" } } } },
      },
      "POST /flow_runs/paginate": { examples: { 200: { lives: { results: [], count: 0 } } } },
      "POST /task_runs/paginate": { examples: { 200: { lives: { results: [], count: 0 } } } },
    },
  },
  gitea: {
    source: { package: "Go code.gitea.io/gitea v1.27.3", path: "templates/swagger/v1_json.tmpl", version: "1.27.3" },
    missing: Object.fromEntries(
      ["cancel", "force-cancel"].map((call) => [
        `POST /repos/{+repository}/actions/runs/{run-id}/${call}`,
        "not in a release's document: Gitea 1.28 has it first",
      ]),
    ),
    calls: {
      "GET /repos/{owner}/{repo}/actions/runs/{run}": {
        examples: { 200: { lives: giteaRun("in_progress"), stopped: giteaRun("completed", "cancelled") } },
      },
      "GET /repos/{owner}/{repo}/actions/runs": {
        examples: {
          200: {
            lives: { total_count: 1, workflow_runs: [giteaRun("in_progress")] },
            bare: { total_count: 1, workflow_runs: [{ ...giteaRun("in_progress"), path: "build.yml" }] },
          },
        },
      },
      "GET /repos/{owner}/{repo}/actions/runs/{run}/jobs": {
        examples: { 200: { lives: { total_count: 0, jobs: [] } } },
      },
      "GET /repos/{owner}/{repo}/tags/{tag}": {},
    },
  },
  codearts: {
    source: {
      package:
        "cargo huawei-cloud-api-definitions-CodeArts{Build,Pipeline,Deploy} 0.1.20250926, 0.1.20260918, 0.1.20261023",
      path: "src/ShowBuildDetails.json",
    },
    info: { title: "CodeArts Build, Pipeline and Deploy", version: "0.1.20261023" },
    files: codeartsFiles,
    changed: [
      "a call has a document of its own, of Huawei's API Explorer, and all of them are one here; each service has a server of its own",
      "the stop of a pipeline run takes an empty object: its document has no body, a third-party client says that the gateway refuses an empty POST, and Prism says: No supported content types, but request included a non-empty body",
      "the body of a deployment's stop is an object: its document has a string, with {} for an example, and Prism says: Request body must be string",
    ],
    change: withEmptyObjects,
    missing: {
      "POST /v1/job/{job-id}/stop":
        "not in the API Explorer's definitions: https://support.huaweicloud.com/intl/en-us/api-codeci/StopTheJob.html",
    },
    calls: {
      "GET /v1/job/{job_id}/{build_no}/build-info": {
        examples: {
          200: {
            lives: { result: { building: true, build_result: "", region: "cn-north-4" }, status: "success" },
            stopped: { result: { building: false, build_result: "ABORTED", region: "cn-north-4" }, status: "success" },
          },
        },
      },
      "GET /v1/record/{job_id}/{build_no}/record-info": {},
      "GET /v3/jobs/{job_id}/{build_no}/record-info": {},
      "POST /v3/jobs/stop": {},
      "GET /v5/{project_id}/api/pipelines/{pipeline_id}/pipeline-runs/detail": {
        depth: 1,
        examples: { 200: { lives: codeartsRun("RUNNING"), stopped: codeartsRun("CANCELED") } },
      },
      "POST /v5/{project_id}/api/pipelines/{pipeline_id}/pipeline-runs/{pipeline_run_id}/stop": {
        examples: { 200: { taken: { success: true } } },
      },
      "GET /v2/tasks/{task_id}/state": {
        examples: { 200: { lives: codeartsRecord("running", "run"), stopped: codeartsRecord("abort", "finish") } },
      },
      "PUT /v2/tasks/{task_id}/records/{record_id}/stop": {
        examples: { 200: { taken: { status: "success", result: true } } },
      },
    },
  },
};

function withEmptyObjects({ paths }) {
  const requestBody = { content: { "application/json": { schema: { type: "object", properties: {} } } } };
  paths["/v5/{project_id}/api/pipelines/{pipeline_id}/pipeline-runs/{pipeline_run_id}/stop"].post.requestBody =
    requestBody;
  paths["/v2/tasks/{task_id}/records/{record_id}/stop"].put.requestBody = { required: true, ...requestBody };
}

function codeartsRun(status) {
  return { id: "6f3e8a0c9b4d4e0fa7a1c6d2b5e8f903", name: "deploy", status };
}

function codeartsRecord(status, step) {
  return { status: "success", result: { record_id: "7b1e5d3c9f2a48c6b0d4e8f6a2c5b7d9", status, step } };
}

function airflowRun(state) {
  return {
    dag_id: "deploy",
    dag_run_id: "manual__2026-11-26T11:41:53.414863+00:00",
    state,
    queued_at: "2026-11-26T11:41:54Z",
  };
}

function argoWorkflow(status) {
  return {
    metadata: { name: "deploy-8x2kf", namespace: "argo" },
    spec: {},
    status: { startedAt: "2026-11-26T10:00:00Z", ...status },
  };
}

function argoApplication(operationState) {
  return {
    metadata: { name: "guestbook", namespace: "argocd" },
    spec: { project: "default" },
    status: { operationState: { startedAt: "2026-11-26T10:00:00Z", operation: {}, ...operationState } },
  };
}

function prefectRun(type) {
  return { id: "78a615c8-624b-467d-955c-b2d6e0fed56c", state_type: type, state: { id: stateId, type } };
}

function giteaRun(status, conclusion) {
  return {
    id: 4711,
    status,
    conclusion,
    run_attempt: 1,
    event: "push",
    path: "build.yml@refs/heads/main",
    head_branch: "main",
    head_sha: "0ff3ae198f8601a285adcf5c0fff204ee6fba5fd",
    started_at: "2026-11-26T10:00:00Z",
    repository: { id: 7 },
    display_title: "Deploy",
  };
}
