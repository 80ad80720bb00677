"""Renews __tests__/fixtures/clients/render.json:

    python3 scripts/clients/render.py

Runs render 1.5.0 of PyPI, Render's own, whose API is made from Render's OpenAPI document, against a server on loopback, and
reads the states out of it. Pages and variables are read by hand in the sources of Render's command line
(github.com/render-oss/cli at 85c8c2c0). Needs Python 3.11 and `npm ci`. All ids and credentials are made up.
"""

import re
from datetime import datetime, timezone

from packages import install, line
from recorder import Recorder, essential, write_fixture

RENDER = "1.5.0"
packages = install(f"render=={RENDER}")

from render.public_api.api.deploys import cancel_deploy, retrieve_deploy
from render.public_api.api.one_off_jobs import cancel_job, retrieve_job
from render.public_api.client import AuthenticatedClient

DEPLOY = {"service-id": "srv-cph1rs3idesc73a2b2mg", "deploy-id": "dep-cph1rs3idesc73a2b2n0"}
JOB = {"service-id": "srv-cph1rs3idesc73a2b2mg", "job-id": "job-cph1rs3idesc73a2b2o0"}
CALLS = (
    ("deploy", "look", "retrieve_deploy", retrieve_deploy, DEPLOY),
    ("deploy", "cancel", "cancel_deploy", cancel_deploy, DEPLOY),
    ("job", "look", "retrieve_job", retrieve_job, JOB),
    ("job", "cancel", "cancel_job", cancel_job, JOB),
)
requests = []


def answer(request):
    return 404, {}, {"id": "1", "message": "not found"}


with Recorder(answer) as recorder:
    client = AuthenticatedClient(base_url=f"{recorder.server}/v1", token="TOKEN")
    for target, does, name, call, ids in CALLS:
        call.sync_detailed(*ids.values(), client=client)
        [request] = recorder.taken()
        requests.append({"target": target, "does": does, "source": "render", "call": name, "ids": ids, **essential(request, ["authorization"])})


def words(name):
    return re.findall(r' = "(\w+)"', (packages / "render/public_api/models" / name).read_text())


cli = {"source": "cli"}
write_fixture(
    "clients/render.json",
    {
        "about": f"What Render's own client sent to a server on loopback, and the words that it has ({datetime.now(timezone.utc):%B %Y}).",
        "script": "scripts/clients/render.py",
        "sources": {
            "render": {"name": f"render {RENDER} of PyPI", "level": "official client"},
            "cli": {"name": "github.com/render-oss/cli at 85c8c2c0", "level": "source code"},
        },
        "requests": requests,
        "enums": [
            {"target": target, "of": of, "source": "render", "where": line(packages, f"render/public_api/models/{file}", "class "), "words": words(file)}
            for target, of, file in (("deploy", "status of a deploy", "deploy_status.py"), ("job", "status of a job", "job_status.py"))
        ],
        "regions": [],
        "pages": [
            {"target": "deploy", "address": f"https://dashboard.render.com/{kind}/{DEPLOY['service-id']}/deploys/{DEPLOY['deploy-id']}", "ids": DEPLOY, **cli, "where": "pkg/dashboard/dashboard.go, OpenDeploy"}
            for kind in ("web", "worker", "pserv", "static")
        ],
        "variables": [
            {"name": "RENDER_API_KEY", "holds": "token", **cli, "where": "pkg/cfg/cfg.go:29"},
            {"name": "RENDER_HOST", "holds": "server", **cli, "where": "pkg/cfg/cfg.go:21, the API's address"},
        ],
        "unverified": [],
    },
)
