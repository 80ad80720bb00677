"""Renews __tests__/fixtures/clients/pulumi.json:

    python3 scripts/clients/pulumi.py

Runs pulumi-cloud-sdk 2026.10.26, which Pulumi makes from its own OpenAPI document, against a server on loopback, and reads its enums.
Variables are read by hand in the sources of Pulumi's command line, at the commit below. All ids and credentials are made up.
"""

from packages import install
from recorder import Recorder, essential, write_fixture

VERSION = "2026.10.26"
install(f"pulumi-cloud-sdk=={VERSION}")

from pulumi_cloud_sdk import ApiClient, Configuration
from pulumi_cloud_sdk.apis.deployments_api_ import DeploymentsApi
from pulumi_cloud_sdk.models.job_status_ import JobStatus
from pulumi_cloud_sdk.models.step_status_ import StepStatus

UUID = "9c5c2fd7-1a1b-4f0f-a0b4-3a1c4a8f6f0e"
STACK = {"organization": "acme", "project": "shop", "stack": "prod"}
BY_ID = {**STACK, "deployment-id": UUID}
BY_NUMBER = {**STACK, "deployment-number": "42"}
NAMES = ("acme", "shop", "prod")

requests = []
with Recorder() as recorder:
    configuration = Configuration()
    configuration.host, configuration.access_token = recorder.server, "TOKEN"
    api = DeploymentsApi(ApiClient(configuration))
    for target, ids, does, call, values, arguments in (
        ("deployment", BY_ID, "look", "get_deployment", None, UUID),
        ("deployment", BY_ID, "cancel", "cancel_deployment", None, UUID),
        ("deployment", BY_ID, "jobs", "get_deployment", None, UUID),
        ("numbered-deployment", BY_NUMBER, "look", "get_deployment_version", None, 42),
        ("numbered-deployment", BY_NUMBER, "cancel", "cancel_deployment", {"deployment-id": UUID}, UUID),
        ("numbered-deployment", BY_NUMBER, "jobs", "get_deployment_version", None, 42),
    ):
        try:
            getattr(api, call)(*NAMES, arguments)
        except Exception as error:  # the recorder's reply is empty
            print(f"{call}: {error}")
        [sent] = recorder.taken()
        sent = essential(sent, ["authorization"])
        requests.append({"target": target, "does": does, "source": "client", "call": call, "ids": ids, **({"values": values} if values else {}), **sent})


def enum(target, of, words, where):
    return {"target": target, "of": of, "source": "client", "where": where, "words": [word.value for word in words]}


def variable(name, holds, where):
    return {"name": name, "holds": holds, "source": "cli", "where": f"sdk/go/common/env/env.go {where}"}


write_fixture(
    "clients/pulumi.json",
    {
        "about": "What Pulumi's own client sent to a server on loopback, and its enums (November 2026).",
        "script": "scripts/clients/pulumi.py",
        "sources": {
            "client": {"name": f"pulumi-cloud-sdk {VERSION}", "level": "official client"},
            "cli": {"name": "github.com/pulumi/pulumi at 01c4ec37", "level": "source code"},
        },
        "requests": requests,
        "enums": [
            enum("deployment", "status", JobStatus, "models/job_status_.py JobStatus"),
            enum("deployment", "status of a step", StepStatus, "models/step_status_.py StepStatus"),
        ],
        "regions": [],
        "pages": [],
        "variables": [
            variable("PULUMI_ACCESS_TOKEN", "token", "AccessToken"),
            variable("PULUMI_BACKEND_URL", "server", "BackendURL"),
        ],
        "unverified": ["The page of a deployment is in no tool's sources that could be read."],
    },
)
