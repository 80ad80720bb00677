/** The registry: one line a vendor, in alphabetical order. A file, which exports its provider and nothing else, is read when it is asked for. */
import type { Provider } from "../provider.ts";

const files = {
  airflow: () => import(/* webpackMode: "eager" */ "./airflow.ts"),
  "argo-cd": () => import(/* webpackMode: "eager" */ "./argo-cd.ts"),
  "argo-workflows": () => import(/* webpackMode: "eager" */ "./argo-workflows.ts"),
  "aws-batch": () => import(/* webpackMode: "eager" */ "./aws-batch.ts"),
  "aws-codebuild": () => import(/* webpackMode: "eager" */ "./aws-codebuild.ts"),
  "aws-codedeploy": () => import(/* webpackMode: "eager" */ "./aws-codedeploy.ts"),
  "aws-codepipeline": () => import(/* webpackMode: "eager" */ "./aws-codepipeline.ts"),
  "aws-glue": () => import(/* webpackMode: "eager" */ "./aws-glue.ts"),
  "aws-step-functions": () => import(/* webpackMode: "eager" */ "./aws-step-functions.ts"),
  "azure-data-factory": () => import(/* webpackMode: "eager" */ "./azure-data-factory.ts"),
  "azure-pipelines": () => import(/* webpackMode: "eager" */ "./azure-pipelines.ts"),
  bitbucket: () => import(/* webpackMode: "eager" */ "./bitbucket.ts"),
  buildbot: () => import(/* webpackMode: "eager" */ "./buildbot.ts"),
  buildkite: () => import(/* webpackMode: "eager" */ "./buildkite.ts"),
  circleci: () => import(/* webpackMode: "eager" */ "./circleci.ts"),
  codearts: () => import(/* webpackMode: "eager" */ "./codearts.ts"),
  dagster: () => import(/* webpackMode: "eager" */ "./dagster.ts"),
  databricks: () => import(/* webpackMode: "eager" */ "./databricks.ts"),
  drone: () => import(/* webpackMode: "eager" */ "./drone.ts"),
  forgejo: () => import(/* webpackMode: "eager" */ "./forgejo.ts"),
  gitea: () => import(/* webpackMode: "eager" */ "./gitea.ts"),
  github: () => import(/* webpackMode: "eager" */ "./github.ts"),
  gitlab: () => import(/* webpackMode: "eager" */ "./gitlab.ts"),
  "google-cloud-build": () => import(/* webpackMode: "eager" */ "./google-cloud-build.ts"),
  "google-cloud-deploy": () => import(/* webpackMode: "eager" */ "./google-cloud-deploy.ts"),
  gorules: () => import(/* webpackMode: "eager" */ "./gorules.ts"),
  jenkins: () => import(/* webpackMode: "eager" */ "./jenkins.ts"),
  netlify: () => import(/* webpackMode: "eager" */ "./netlify.ts"),
  octopus: () => import(/* webpackMode: "eager" */ "./octopus.ts"),
  prefect: () => import(/* webpackMode: "eager" */ "./prefect.ts"),
  pulumi: () => import(/* webpackMode: "eager" */ "./pulumi.ts"),
  render: () => import(/* webpackMode: "eager" */ "./render.ts"),
  spinnaker: () => import(/* webpackMode: "eager" */ "./spinnaker.ts"),
  teamcity: () => import(/* webpackMode: "eager" */ "./teamcity.ts"),
  terraform: () => import(/* webpackMode: "eager" */ "./terraform.ts"),
  vercel: () => import(/* webpackMode: "eager" */ "./vercel.ts"),
} satisfies Readonly<Record<string, () => Promise<Readonly<Record<string, Provider>>>>>;

/** All of them, or those of these names, in the order of the registry. */
export async function load(keys: readonly string[] = Object.keys(files)): Promise<ReadonlyMap<string, Provider>> {
  const providers = new Map<string, Provider>();
  for (const [key, read] of Object.entries(files)) {
    const [provider] = keys.includes(key) ? Object.values<Provider>(await read()) : [];
    if (provider) providers.set(key, provider);
  }
  return providers;
}
