/** The registry: one line a vendor, in alphabetical order. */
import type { Provider } from "../provider.ts";
import { airflow } from "./airflow.ts";
import { argoCd } from "./argo-cd.ts";
import { argoWorkflows } from "./argo-workflows.ts";
import { awsBatch } from "./aws-batch.ts";
import { awsCodebuild } from "./aws-codebuild.ts";
import { awsCodedeploy } from "./aws-codedeploy.ts";
import { awsCodepipeline } from "./aws-codepipeline.ts";
import { awsGlue } from "./aws-glue.ts";
import { awsStepFunctions } from "./aws-step-functions.ts";
import { azureDataFactory } from "./azure-data-factory.ts";
import { azurePipelines } from "./azure-pipelines.ts";
import { bitbucket } from "./bitbucket.ts";
import { buildbot } from "./buildbot.ts";
import { buildkite } from "./buildkite.ts";
import { circleci } from "./circleci.ts";
import { codearts } from "./codearts.ts";
import { dagster } from "./dagster.ts";
import { databricks } from "./databricks.ts";
import { drone } from "./drone.ts";
import { forgejo } from "./forgejo.ts";
import { gitea } from "./gitea.ts";
import { github } from "./github.ts";
import { gitlab } from "./gitlab.ts";
import { googleCloudBuild } from "./google-cloud-build.ts";
import { googleCloudDeploy } from "./google-cloud-deploy.ts";
import { gorules } from "./gorules.ts";
import { jenkins } from "./jenkins.ts";
import { netlify } from "./netlify.ts";
import { octopus } from "./octopus.ts";
import { prefect } from "./prefect.ts";
import { pulumi } from "./pulumi.ts";
import { render } from "./render.ts";
import { spinnaker } from "./spinnaker.ts";
import { teamcity } from "./teamcity.ts";
import { terraform } from "./terraform.ts";
import { vercel } from "./vercel.ts";

/** A Map, so that no name from outside can reach anything but a provider. */
export const providers: ReadonlyMap<string, Provider> = new Map(
  Object.entries({
    airflow,
    "argo-cd": argoCd,
    "argo-workflows": argoWorkflows,
    "aws-batch": awsBatch,
    "aws-codebuild": awsCodebuild,
    "aws-codedeploy": awsCodedeploy,
    "aws-codepipeline": awsCodepipeline,
    "aws-glue": awsGlue,
    "aws-step-functions": awsStepFunctions,
    "azure-data-factory": azureDataFactory,
    "azure-pipelines": azurePipelines,
    bitbucket,
    buildbot,
    buildkite,
    circleci,
    codearts,
    dagster,
    databricks,
    drone,
    forgejo,
    gitea,
    github,
    gitlab,
    "google-cloud-build": googleCloudBuild,
    "google-cloud-deploy": googleCloudDeploy,
    gorules,
    jenkins,
    netlify,
    octopus,
    prefect,
    pulumi,
    render,
    spinnaker,
    teamcity,
    terraform,
    vercel,
  }),
);
