"""Renews __tests__/fixtures/clients/google-cloud-build.json:

    python3 scripts/clients/google-cloud-build.py

Runs google-api-python-client 2.202.0 and gcloud (`gcloud` of version 528.0.0 on the PATH) against a server on loopback, and reads the
statuses out of the API's own description in the former. Needs Python 3.11 and `npm ci`. All ids and credentials are made up.
"""

from datetime import datetime, timezone

from google_cloud import build_client, console_pages, described, gcloud, sources, tool_variables, where
from recorder import Recorder, essential, write_fixture

BUILD, TRIGGER = "386a5e59-56b7-44d3-b646-f7133b5f05db", "0a3cade0-425f-4adc-b86b-14cde51af674"
IDS = {"project": "acme-shop", "location": "us-central1", "build-id": BUILD}
LISTED = {**{name: IDS[name] for name in ("project", "location")}, "trigger-id": TRIGGER}
NAME = f"projects/acme-shop/locations/us-central1/builds/{BUILD}"
REASON = "superseded by 1f2e3d"
LIVE = f'trigger_id="{TRIGGER}" AND (status="PENDING" OR status="QUEUED" OR status="WORKING")'

requests = []
with Recorder() as recorder:
    builds = build_client("cloudbuild", recorder.server).projects().locations().builds()

    def record(does, source, call, ids, send, **values):
        send()
        [sent] = recorder.taken()
        requests.append({"target": "build", "does": does, "source": source, "call": call, "ids": ids, **values, **essential(sent, ["authorization", "content-type"])})

    body = {"id": BUILD, "name": NAME, "projectId": "acme-shop"}
    rejected = {"approvalResult": {"decision": "REJECTED", "comment": REASON}}
    record("look", "python", "projects.locations.builds.get", IDS, lambda: builds.get(name=NAME).execute())
    record("cancel", "python", "projects.locations.builds.cancel", IDS, lambda: builds.cancel(name=NAME, body=body).execute())
    record("cancel", "python", "projects.locations.builds.approve", IDS, lambda: builds.approve(name=NAME, body=rejected).execute(), values={"reason": REASON})
    record("list", "python", "projects.locations.builds.list", LISTED, lambda: builds.list(parent=NAME.rpartition("/builds/")[0], pageSize=100, filter=LIVE).execute())
    for does, ids, command in (
        ("look", IDS, f"builds describe {BUILD} --region=us-central1"),
        ("cancel", IDS, f"builds cancel {BUILD} --region=us-central1"),
        ("list", LISTED, f"builds list --region=us-central1 --ongoing --filter=triggerId={TRIGGER} --page-size=100"),
    ):
        record(does, "gcloud", f"gcloud {command}", ids, lambda: gcloud(command, recorder.server))

schemas = described("cloudbuild")["schemas"]
enums = [
    {"target": "build", "of": of, "source": "python", "where": f"cloudbuild.v1.json schemas.{schema}.{field}", "words": schemas[schema]["properties"][field]["enum"]}
    for of, schema, field in (
        ("status of a build", "Build", "status"),
        ("state of an approval", "BuildApproval", "state"),
    )
]

write_fixture(
    "clients/google-cloud-build.json",
    {
        "about": f"What Google's own client and gcloud sent to a server on loopback, and the API's own description of its words ({datetime.now(timezone.utc):%B %Y}).",
        "script": "scripts/clients/google-cloud-build.py",
        "sources": sources("programs in public repositories, and messages of Google's services quoted there"),
        "requests": requests,
        "enums": enums,
        "regions": [],
        "pages": console_pages(
            "build",
            IDS,
            (
                (f"https://console.cloud.google.com/cloud-build/builds;region=us-central1/{BUILD}?project=acme-shop", {}, "`logUrl`, as messages of Cloud Run and Cloud Functions quote it"),
                (f"https://console.cloud.google.com/cloud-build/builds;region=us-central1/{BUILD}?project=276838580752", {"project": "276838580752"}, "the same, with the project's number"),
                (f"https://console.cloud.google.com/cloud-build/builds;region=global/{BUILD};step=3?project=acme-shop", {"location": "global"}, "a step, as magic-modules links to it from a commit status"),
                (f"https://console.cloud.google.com/cloud-build/builds/{BUILD}?project=acme-shop", {"location": "global"}, "older: `logUrl` of a build in global"),
                (f"https://cloudbuild.googleapis.com/v1/{NAME}", {}, "the API's own address, as gcloud prints it for a build that it has cancelled"),
            ),
        ),
        "variables": [
            *tool_variables(),
            {"name": "CLOUDSDK_BUILDS_REGION", "holds": "location", "source": "gcloud", "where": where("core/properties.py", "'Default region to use when working with Cloud Build '")},
        ],
        "unverified": [
            "gcloud rejects builds in its alpha and beta commands only, by the path without a location.",
            "The pages are those that Google's services quote in their messages; the console's own code is not public.",
        ],
    },
)
