"""Renews __tests__/fixtures/clients/google-cloud-deploy.json:

    python3 scripts/clients/google-cloud-deploy.py

Runs google-api-python-client 2.202.0 and gcloud (`gcloud` of version 528.0.0 on the PATH) against a server on loopback, and reads the
states out of the API's own description in the former. Needs Python 3.11 and `npm ci`. All ids and credentials are made up.
"""

from datetime import datetime, timezone

from google_cloud import build_client, console_pages, described, gcloud, sources, tool_variables, where
from recorder import Recorder, essential, write_fixture

PIPELINE = {"project": "acme-shop", "location": "us-central1", "delivery-pipeline": "web-app"}
RELEASE = {**PIPELINE, "release": "release-41"}
ROLLOUT = {**RELEASE, "rollout": "release-41-to-prod-0001"}
JOB_RUN = {**ROLLOUT, "job-run": "9c2f6a54-7d0e-4a52-9d39-0c8f5c6b7a81"}
AUTOMATION_RUN = {**PIPELINE, "automation-run": "5f3c7a90-1d2e-4b6f-8a7b-9c0d1e2f3a4b"}
pipeline = "projects/acme-shop/locations/us-central1/deliveryPipelines/web-app"
release = f"{pipeline}/releases/release-41"
rollout = f"{release}/rollouts/release-41-to-prod-0001"
job_run = f"{rollout}/jobRuns/{JOB_RUN['job-run']}"
automation_run = f"{pipeline}/automationRuns/{AUTOMATION_RUN['automation-run']}"

requests = []


def answer(request):
    # gcloud asks for the release before it abandons it.
    return 200, {}, {"name": release} if request["method"] == "GET" and request["path"].endswith(release) else {}


with Recorder(answer) as recorder:
    pipelines = build_client("clouddeploy", recorder.server).projects().locations().deliveryPipelines()
    releases, rollouts = pipelines.releases(), pipelines.releases().rollouts()
    job_runs, automation_runs = rollouts.jobRuns(), pipelines.automationRuns()

    def record(target, does, source, call, ids, send):
        send()
        # gcloud looks at the pipeline, or at the release, first.
        sent = recorder.taken()[-1]
        requests.append({"target": target, "does": does, "source": source, "call": call, "ids": ids, **essential(sent, ["authorization", "content-type"])})

    for target, does, call, ids, send in (
        ("rollout", "look", "releases.rollouts.get", ROLLOUT, lambda: rollouts.get(name=rollout)),
        ("rollout", "jobs", "releases.rollouts.get, whose phases have the jobs", ROLLOUT, lambda: rollouts.get(name=rollout)),
        ("rollout", "cancel", "releases.rollouts.cancel", ROLLOUT, lambda: rollouts.cancel(name=rollout, body={})),
        ("rollout", "cancel", "releases.rollouts.approve", ROLLOUT, lambda: rollouts.approve(name=rollout, body={"approved": False})),
        ("rollout", "downstream", "releases.rollouts.jobRuns.list", ROLLOUT, lambda: job_runs.list(parent=rollout, pageSize=1000)),
        ("job-run", "look", "releases.rollouts.jobRuns.get", JOB_RUN, lambda: job_runs.get(name=job_run)),
        ("job-run", "cancel", "releases.rollouts.jobRuns.terminate", JOB_RUN, lambda: job_runs.terminate(name=job_run, body={})),
        ("release", "look", "releases.get", RELEASE, lambda: releases.get(name=release)),
        ("release", "cancel", "releases.abandon", RELEASE, lambda: releases.abandon(name=release, body={})),
        ("release", "downstream", "releases.rollouts.list", RELEASE, lambda: rollouts.list(parent=release, pageSize=1000)),
        ("automation-run", "look", "automationRuns.get", AUTOMATION_RUN, lambda: automation_runs.get(name=automation_run)),
        ("automation-run", "cancel", "automationRuns.cancel", AUTOMATION_RUN, lambda: automation_runs.cancel(name=automation_run, body={})),
    ):
        record(target, does, "python", f"projects.locations.deliveryPipelines.{call}", ids, lambda: send().execute())
    of_pipeline = "--delivery-pipeline=web-app --region=us-central1"
    of_release = f"--release=release-41 {of_pipeline}"
    for target, does, ids, command in (
        ("rollout", "look", ROLLOUT, f"rollouts describe release-41-to-prod-0001 {of_release}"),
        ("rollout", "cancel", ROLLOUT, f"rollouts cancel release-41-to-prod-0001 {of_release}"),
        ("rollout", "cancel", ROLLOUT, f"rollouts reject release-41-to-prod-0001 {of_release}"),
        ("job-run", "cancel", JOB_RUN, f"job-runs terminate {JOB_RUN['job-run']} --rollout=release-41-to-prod-0001 {of_release}"),
        ("release", "cancel", RELEASE, f"releases abandon release-41 {of_pipeline}"),
        ("automation-run", "cancel", AUTOMATION_RUN, f"automation-runs cancel {AUTOMATION_RUN['automation-run']} {of_pipeline}"),
    ):
        record(target, does, "gcloud", f"gcloud deploy {command}", ids, lambda: gcloud(f"deploy {command}", recorder.server))

schemas = described("clouddeploy")["schemas"]
enums = [
    {"target": target, "of": of, "source": "python", "where": f"clouddeploy.v1.json schemas.{schema}.{field}", "words": schemas[schema]["properties"][field]["enum"]}
    for target, of, schema, field in (
        ("rollout", "state of a rollout", "Rollout", "state"),
        ("rollout", "state of a job", "Job", "state"),
        ("job-run", "state of a job run", "JobRun", "state"),
        ("release", "state of the rendering of a release", "Release", "renderState"),
        ("automation-run", "state of an automation run", "AutomationRun", "state"),
    )
]
page = "https://console.cloud.google.com/deploy/delivery-pipelines/us-central1/web-app/releases/release-41/rollouts/release-41-to-prod-0001"

write_fixture(
    "clients/google-cloud-deploy.json",
    {
        "about": f"What Google's own client and gcloud sent to a server on loopback, and the API's own description of its words ({datetime.now(timezone.utc):%B %Y}).",
        "script": "scripts/clients/google-cloud-deploy.py",
        "sources": sources("programs in public repositories, none of them Google's"),
        "requests": requests,
        "enums": enums,
        "regions": [],
        "pages": [
            *console_pages("rollout", ROLLOUT, ((f"{page}?project=acme-shop", {}, "put together from the pages of releases and targets that programs link to"),)),
            *console_pages("rollout", ROLLOUT, ((f"https://clouddeploy.googleapis.com/v1/{rollout}", {}, "the API's own address"),)),
            *console_pages("release", RELEASE, ((f"https://clouddeploy.googleapis.com/v1/{release}", {}, "the API's own address"),)),
            *console_pages("release", {}, ((f"{page.partition('/rollouts/')[0]}?project=acme-shop", {}, "a release's page, which does not say that the release is to be abandoned"),)),
        ],
        "variables": [
            *tool_variables(),
            {"name": "CLOUDSDK_DEPLOY_REGION", "holds": "location", "source": "gcloud", "where": where("core/properties.py", "'Cloud Deploy region to use. Each Cloud Deploy '")},
            {"name": "CLOUDSDK_DEPLOY_DELIVERY_PIPELINE", "holds": "delivery-pipeline", "source": "gcloud", "where": where("core/properties.py", "'delivery_pipeline',")},
        ],
        "unverified": [
            "The page of a rollout is in no public program.",
        ],
    },
)
