/** What is asked of each vendor's own OpenAPI document, played by Prism. */

type Words = Readonly<Record<string, string>>;

/**
 * Answers are asked of Prism by a status and by the name of an example: `lives` while the run does, `stopped` afterwards, or the first one.
 * Where the document has other names they stand here.
 */
export interface Played {
  /** The ids that the document's examples have. */
  readonly ids: Words;
  readonly lives?: string;
  readonly stopped?: string;
  /** While it has been asked to stop, and is not forced to. */
  readonly stubborn?: string;
  /** Answers to other calls, by their routes in the document. */
  readonly answers?: Words;
  /** Further ways to ask for a run that lives: by `ids` of their own, or by those of the run. */
  readonly also?: readonly Further[];
  /** Calls that none of the stories makes, by their routes in the document, and why. */
  readonly unasked?: Words;
}

export interface Further {
  readonly inputs: Words;
  readonly ids?: Words;
  readonly answers?: Words;
  /** In the place of the vendor's. */
  readonly secrets?: Words;
  readonly outcome: string;
}

export interface Vendor {
  readonly secrets: Words;
  readonly targets: Readonly<Record<string, Played>>;
  /** Targets that the document is not about, and why. */
  readonly unplayed?: Words;
}

const githubRun = { repository: "octo-org/octo-repo", "run-id": "30433642" };

const olderRegion = "It is asked where a gateway says that it has no such route, which no document has.";

/** By the names of the providers, as their documents are. */
export const vendors: Readonly<Record<string, Vendor>> = {
  gitlab: {
    secrets: { GITLAB_TOKEN: "glpat-prismCanary0123456789" },
    targets: {
      job: {
        ids: { project: "foo/bar", "job-id": "88" },
        lives: "force_on_running_is_noop",
        stubborn: "running_to_canceling",
        stopped: "already_canceled",
      },
      pipeline: {
        ids: { project: "foo/bar", "pipeline-id": "47" },
        lives: "running",
        stubborn: "canceling",
        stopped: "canceled",
        also: [
          { inputs: { "unless-job": "smoke-test" }, outcome: "cancelled" },
          { inputs: { downstream: "true" }, outcome: "cancelled" },
          {
            inputs: { downstream: "true" },
            answers: { "GET /api/v4/projects/{id}/pipelines/{pipeline_id}/trigger_jobs": "code=404" },
            outcome: "cancelled",
          },
          {
            inputs: { commit: "0ff3ae198f8601a285adcf5c0fff204ee6fba5fd", status: "running" },
            ids: { project: "foo/bar" },
            outcome: "cancelled",
          },
        ],
      },
    },
  },
  github: {
    secrets: { GH_ENTERPRISE_TOKEN: "ghp_prismCanary0123456789abcdefghijklmn" },
    targets: {
      run: {
        ids: githubRun,
        also: [
          { inputs: { "unless-job": "deploy" }, outcome: "cancelled" },
          {
            inputs: { branch: "main", event: "push", status: "queued", workflow: "build.yml" },
            ids: { repository: githubRun.repository },
            answers: { "GET /repos/{owner}/{repo}/git/ref/tags/{ref}": "code=404" },
            outcome: "cancelled",
          },
          { inputs: { branch: "main" }, ids: { repository: githubRun.repository }, outcome: "nothing" },
          { inputs: { branch: "*", orphaned: "true" }, ids: { repository: githubRun.repository }, outcome: "nothing" },
          {
            inputs: { "pull-request": "1347" },
            ids: { repository: githubRun.repository },
            answers: { "GET /repos/{owner}/{repo}/actions/runs": "code=200, example=pull" },
            outcome: "spared",
          },
        ],
      },
    },
  },
  netlify: {
    secrets: { NETLIFY_AUTH_TOKEN: "nfp_prismCanary0123456789" },
    targets: { deploy: { ids: { "deploy-id": "5f1f0f3c8c5d0a0007a1b2c3" } } },
  },
  airflow: {
    secrets: { AIRFLOW_CLI_TOKEN: "eyJprismCanary.0123456789.airflow" },
    targets: {
      "dag-run": {
        ids: { "dag-id": "deploy", "dag-run-id": "manual__2026-11-26T11:41:53.414863+00:00" },
        also: [
          { inputs: { "unless-job": "smoke-test" }, outcome: "cancelled" },
          {
            inputs: { username: "admin" },
            secrets: { CANCEL_RUN_PASSWORD: "prismCanary0123456789" },
            outcome: "cancelled",
          },
        ],
      },
    },
  },
  "argo-workflows": {
    secrets: { ARGO_TOKEN: "Bearer eyJprismCanary.0123456789.argo" },
    targets: { workflow: { ids: { namespace: "argo", name: "deploy-8x2kf" } } },
  },
  "argo-cd": {
    secrets: { ARGOCD_AUTH_TOKEN: "eyJprismCanary.0123456789.argocd" },
    targets: {
      operation: { ids: { name: "guestbook", "app-namespace": "argocd", project: "default" } },
    },
  },
  prefect: {
    secrets: { PREFECT_API_AUTH_STRING: "admin:prismCanary0123456789" },
    targets: {
      "flow-run": {
        ids: { "flow-run-id": "78a615c8-624b-467d-955c-b2d6e0fed56c" },
        also: [
          { inputs: { "unless-job": "smoke-test" }, outcome: "cancelled" },
          { inputs: { downstream: "true" }, outcome: "cancelled" },
        ],
      },
    },
    unplayed: { "cloud-flow-run": "Prefect Cloud has a document of its own, which is in no package." },
  },
  gitea: {
    secrets: { GITEA_TOKEN: "prismCanary0123456789prismCanary01234567" },
    targets: {
      run: {
        ids: { repository: "acme/shop", "run-id": "4711" },
        also: [
          {
            inputs: {
              branch: "main",
              event: "push",
              commit: "0ff3ae198f8601a285adcf5c0fff204ee6fba5fd",
              "dry-run": "true",
            },
            ids: { repository: "acme/shop" },
            outcome: "would-cancel",
          },
          {
            inputs: { branch: "main", "dry-run": "true" },
            ids: { repository: "acme/shop" },
            answers: { "GET /repos/{owner}/{repo}/actions/runs": "code=200, example=bare" },
            outcome: "would-cancel",
          },
          {
            inputs: { branch: "main", "with-job": "deploy", "dry-run": "true" },
            ids: { repository: "acme/shop" },
            outcome: "nothing",
          },
        ],
      },
    },
  },
  bitbucket: {
    secrets: { CANCEL_RUN_TOKEN: "ATCTTprismCanary0123456789" },
    targets: {
      pipeline: {
        ids: { repository: "acme/shop", "pipeline-id": "{3c90c3cc-0d44-4b50-8888-8dd25736052a}" },
        also: [
          { inputs: { "unless-job": "smoke-test" }, outcome: "cancelled" },
          { inputs: { branch: "main" }, ids: { repository: "acme/shop" }, outcome: "cancelled" },
        ],
      },
      build: {
        ids: { repository: "acme/shop", "build-number": "42" },
        also: [{ inputs: { "unless-job": "smoke-test" }, outcome: "cancelled" }],
      },
    },
  },
  vercel: {
    secrets: { VERCEL_TOKEN: "vcp_prismCanary0123456789" },
    targets: {
      deployment: {
        ids: { "team-id": "team_nLlpyC6REAqxydlFKbrMDlud", "deployment-id": "dpl_89qyp1cskzkLrVicDaZoDbjyHuDJ" },
        also: [
          {
            inputs: { branch: "main", commit: "0ff3ae198f8601a285adcf5c0fff204ee6fba5fd" },
            ids: { "team-id": "team_nLlpyC6REAqxydlFKbrMDlud", "project-id": "prj_9LbRBKa3v1m4Kq2yXw8nTzUc" },
            outcome: "cancelled",
          },
        ],
      },
      "deployment-url": { ids: { team: "acme", "deployment-url": "shop-7h2k9qz1x-acme.vercel.app" } },
    },
  },
  render: {
    secrets: { RENDER_API_KEY: "rnd_prismCanary0123456789" },
    targets: {
      deploy: { ids: { "service-id": "srv-cph1rs3idesc73a2b2mg", "deploy-id": "dep-cph1rs3idesc73a2b2n0" } },
      job: { ids: { "service-id": "srv-cph1rs3idesc73a2b2mg", "job-id": "job-cph1rs3idesc73a2b2o0" } },
    },
  },
  circleci: {
    secrets: { CIRCLE_TOKEN: "CCIPAT_prismCanary0123456789" },
    targets: {
      pipeline: { ids: { "pipeline-id": "5034460f-c7c4-4c43-9457-de07e2029e7b" } },
      workflow: {
        ids: { "workflow-id": "e3ed1d4d-5c7f-4f3a-9b44-8e6d4c6a3a11" },
        also: [{ inputs: { "unless-job": "smoke-test" }, outcome: "cancelled" }],
      },
      job: { ids: { "project-slug": "gh/acme/shop", "job-number": "4711" } },
      "workflow-job": {
        ids: {
          "workflow-id": "e3ed1d4d-5c7f-4f3a-9b44-8e6d4c6a3a11",
          "job-id": "0a4f8a57-1c2b-4d3e-8f60-7b8c9d0e1f22",
        },
      },
    },
  },
  "azure-pipelines": {
    secrets: { AZURE_DEVOPS_EXT_PAT: "prismCanary0123456789prismCanary0123456789prismCanary" },
    targets: {
      build: {
        ids: { organization: "acme", project: "shop", "build-id": "1234" },
        also: [
          { inputs: { "unless-job": "smoke-test" }, outcome: "cancelled" },
          {
            inputs: { branch: "main", event: "manual", commit: "0ff3ae198f8601a285adcf5c0fff204ee6fba5fd" },
            ids: { organization: "acme", project: "shop" },
            outcome: "cancelled",
          },
        ],
      },
      stage: { ids: { organization: "acme", project: "shop", "build-id": "1234", stage: "Deploy" } },
      "release-environment": {
        ids: { organization: "acme", project: "shop", "release-id": "15", "environment-id": "9" },
      },
    },
  },
  "azure-data-factory": {
    secrets: { CANCEL_RUN_TOKEN: "eyJprismCanary.0123456789.datafactory" },
    targets: {
      "pipeline-run": {
        ids: {
          factory:
            "subscriptions/12345678-1234-1234-1234-123456789abc/resourceGroups/acme/providers/Microsoft.DataFactory/factories/shop",
          "run-id": "2f7fdb90-5df1-4b8e-ac2f-064cfa58202b",
        },
        also: [
          { inputs: { "unless-job": "smoke-test" }, outcome: "cancelled" },
          { inputs: { downstream: "true" }, outcome: "cancelled" },
        ],
      },
    },
  },
  terraform: {
    secrets: { TFE_TOKEN: "prismCanary.atlasv1.0123456789" },
    targets: { run: { ids: { "run-id": "run-CZcmD7eagjhyX0vN" } } },
  },
  codearts: {
    secrets: { HW_AUTH_TOKEN: "MIIprismCanary0123456789" },
    targets: {
      build: {
        ids: { "job-id": "f9d6c8466d614a9788e9a0acf6c15f46", "build-number": "20" },
        unasked: {
          "GET /v1/record/{job_id}/{build_no}/record-info": olderRegion,
          "GET /v3/jobs/{job_id}/{build_no}/record-info": olderRegion,
          "POST /v3/jobs/stop": olderRegion,
        },
      },
      pipeline: {
        ids: {
          "project-id": "c5ad84a9a8a44d3f9d5f5b6a5a3e0f11",
          "pipeline-id": "94d7b8d8a5a54f3d8c1f0ab1c9a1d7f2",
          "pipeline-run-id": "6f3e8a0c9b4d4e0fa7a1c6d2b5e8f903",
        },
      },
      deployment: {
        ids: { "task-id": "0c7d1fE5b2a94d6c8e3f5a7b9c1d2e4f", "record-id": "7b1e5d3c9f2a48c6b0d4e8f6a2c5b7d9" },
      },
    },
  },
  octopus: {
    secrets: { OCTOPUS_API_KEY: "API-PRISMCANARY0123456789" },
    targets: {
      task: {
        ids: { space: "Spaces-1", "task-id": "ServerTasks-4711" },
        also: [{ inputs: { "unless-job": "smoke-test" }, outcome: "cancelled" }],
      },
    },
    unplayed: {
      deployment: "It is looked at for its task, which is played; what was read of the document has tasks alone.",
      "runbook-run": "The same.",
    },
  },
  spinnaker: {
    secrets: { CANCEL_RUN_TOKEN: "eyJprismCanary.0123456789.spinnaker" },
    targets: { execution: { ids: { "execution-id": "01HQZ3J9V8T6WX4Y2N5K7M0PAB" } } },
  },
  gorules: {
    secrets: { GORULES_TOKEN: "grl_prismCanary0123456789" },
    targets: {
      run: {
        ids: {
          "project-id": "3c90c3cc-0d44-4b50-8888-8dd25736052a",
          "run-id": "5b1f2b0e-6a54-4c0e-9a61-0b7a3a0f5d11",
        },
      },
    },
  },
  forgejo: {
    secrets: { CANCEL_RUN_TOKEN: "prismCanary0123456789prismCanary01234567" },
    targets: {
      run: {
        ids: { repository: "acme/shop", "run-id": "4711" },
        also: [
          {
            inputs: { branch: "main", commit: "0ff3ae198f8601a285adcf5c0fff204ee6fba5fd", "dry-run": "true" },
            ids: { repository: "acme/shop" },
            outcome: "would-cancel",
          },
          {
            inputs: { branch: "*", "dry-run": "true" },
            ids: { repository: "acme/shop" },
            answers: { "GET /repos/{owner}/{repo}/tags/{tag}": "code=404" },
            outcome: "would-cancel",
          },
        ],
      },
      "numbered-run": { ids: { repository: "acme/shop", "run-number": "12" } },
    },
  },
};
