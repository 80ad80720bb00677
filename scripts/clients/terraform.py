"""Renews __tests__/fixtures/clients/terraform.json:

    python3 scripts/clients/terraform.py spec.json

Runs go-tfe 1.111.2 (scripts/clients/terraform/main.go) and pytfe 1.5.0, both HashiCorp's own, against a server on
loopback, and reads the states out of them and out of HashiCorp's OpenAPI document: v2/openapi/spec.json of
github.com/hashicorp/go-tfe at 0fa6b0997dd85908342c5377ff69a83070449644. What terraform 1.13.3 prints and reads comes from
its sources; of tfctl (github.com/hashicorp/tfctl-cli at e8172c37) and tfci (github.com/hashicorp/tfc-workflows-tooling at
6fc00852), which no registry has, it was read by hand. Needs Python 3.11, Go 1.25 and `npm ci`.
All ids and credentials are made up.
"""

import json
import re
import shutil
import subprocess
import sys
from datetime import datetime, timezone
from pathlib import Path
from tempfile import mkdtemp

from packages import install, line
from recorder import Recorder, essential, write_fixture

GO_TFE, PYTFE, TERRAFORM = "1.111.2", "1.5.0", "1.13.3"
packages = install(f"pytfe=={PYTFE}")

from pytfe import TFEClient, TFEConfig
from pytfe.models.run import RunCancelOptions, RunDiscardOptions, RunForceCancelOptions, RunStatus

RUN = "run-CZcmD7eagjhyX0vN"
REASON = "superseded by 1f2e3d"
LOOK = {"data": {"id": RUN, "type": "runs", "attributes": {"status": "planning"}}}
CALLS = (("look", "Read", "read"), ("cancel", "Cancel", "cancel"), ("cancel", "Discard", "discard"), ("force", "ForceCancel", "force_cancel"))
requests = []


def answer(request):
    return (200, {"content-type": "application/vnd.api+json"}, LOOK) if request["path"].endswith(RUN) else (202, {}, "")


def keep(source, names, taken):
    """go-tfe asks for the server's version first, which is not about a run."""
    sent = [request for request in taken if f"/{RUN}" in request["path"]]
    for (does, *_), call, request in zip(CALLS, names, sent, strict=True):
        values = {} if does == "look" else {"values": {"reason": REASON}}
        request = essential(request, ["authorization", "accept", "content-type"])
        requests.append({"target": "run", "does": does, "source": source, "call": call, "ids": {"run-id": RUN}, **values, **request})


go = Path(mkdtemp(prefix="clients-"))


def run_go(*words):
    return subprocess.run(["go", *words], cwd=go, check=True, capture_output=True, text=True).stdout


shutil.copy(Path(__file__).parent / "terraform" / "main.go", go)
run_go("mod", "init", "clients")
run_go("get", f"github.com/hashicorp/go-tfe@v{GO_TFE}")
module = Path(run_go("list", "-m", "-f", "{{.Dir}}", "github.com/hashicorp/go-tfe").strip())
terraform = Path(json.loads(run_go("mod", "download", "-json", f"github.com/hashicorp/terraform@v{TERRAFORM}"))["Dir"])

with Recorder(answer) as recorder:
    run_go("run", ".", recorder.server, RUN, REASON)
    keep("go-tfe", [f"Runs.{name}" for _, name, _ in CALLS], recorder.taken())

with Recorder(answer) as recorder, TFEClient(TFEConfig(address=recorder.server, token="TOKEN")) as client:
    client.runs.read(RUN)
    client.runs.cancel(RUN, RunCancelOptions(comment=REASON))
    client.runs.discard(RUN, RunDiscardOptions(comment=REASON))
    client.runs.force_cancel(RUN, RunForceCancelOptions(comment=REASON))
    keep("pytfe", [f"runs.{name}" for _, _, name in CALLS], recorder.taken())

states = re.findall(r'RunStatus = "(\w+)"', (module / "run.go").read_text())
openapi = json.loads(Path(sys.argv[1]).read_text())
described = openapi["components"]["schemas"]["runs"]["properties"]["attributes"]["properties"]["status"]["enum"]

# tfci is what the actions of hashicorp/tfc-workflows-github run.
TFCI = "internal/cloud/run.go:114"
printed = "/app/%s/%s/runs/%s"
ids = {"run-id": RUN}
pages = [
    {"address": f"https://{host}/app/acme/shop/runs/{RUN}", "source": "terraform", "where": where}
    for host, where in (
        ("app.terraform.io", line(terraform, "internal/cloud/backend_plan.go", printed) + " (plan, apply, show)"),
        ("app.eu.terraform.io", line(terraform, "internal/cloud/backend_apply.go", printed) + " (errors; host: the one in the configuration)"),
        ("tfe.example.com", line(terraform, "internal/backend/remote/backend_plan.go", printed) + " (the backend `remote`)"),
    )
]
pages += [
    {"address": f"https://app.terraform.io/app/acme/workspaces/shop/runs/{RUN}", "source": "tfci", "where": TFCI},
    {
        "address": f"https://app.eu.terraform.io/app/acme/workspaces/shop/runs/{RUN}",
        "source": "tfctl",
        "where": "internal/commands/run/run_start.go:195; host: internal/commands/profile/property_docs.go:38",
    },
]

variables = [
    ("TFE_TOKEN", "token", "TFE_ADDRESS, TFE_HOSTNAME, or app.terraform.io", "go-tfe", line(module, "tfe.go", '"TFE_TOKEN"')),
    ("TFE_TOKEN", "token", "TFE_ADDRESS, or app.terraform.io", "pytfe", line(packages, "pytfe/config.py", '"TFE_TOKEN"')),
    ("TFE_ADDRESS", "server", None, "go-tfe", line(module, "tfe.go", '"TFE_ADDRESS"')),
    ("TFE_ADDRESS", "server", None, "pytfe", line(packages, "pytfe/config.py", '"TFE_ADDRESS"')),
    ("TFE_HOSTNAME", "server", "where TFE_ADDRESS is not set", "go-tfe", line(module, "tfe.go", '"TFE_HOSTNAME"')),
    ("TF_CLOUD_HOSTNAME", "server", None, "terraform", line(terraform, "internal/cloud/backend.go", '"TF_CLOUD_HOSTNAME"')),
    (
        "TF_TOKEN_<host>",
        "token",
        "that host alone: `__` stands for a hyphen, then each `_` for a dot, both may also stand as they are; Unicode or Punycode; capitals do not matter",
        "terraform",
        line(terraform, "internal/command/cliconfig/credentials.go", 'prefix = "TF_TOKEN_"'),
    ),
    (
        "TF_TOKEN_<host>",
        "token",
        "as terraform, and a port after `_`: TF_TOKEN_tfe_example_com_8443",
        "tfctl",
        "internal/pkg/profile/loader.go:399",
    ),
    ("TFCTL_TOKEN", "token", "TFCTL_HOSTNAME, or app.terraform.io", "tfctl", "internal/pkg/profile/loader.go:320"),
    ("TFCTL_HOSTNAME", "server", None, "tfctl", "internal/pkg/profile/loader.go:318"),
    ("TF_HOSTNAME", "server", None, "tfci", "internal/cloud/tfe_client.go:39"),
    ("TF_API_TOKEN", "token", "TF_HOSTNAME, or app.terraform.io", "tfci", "internal/cloud/tfe_client.go:51"),
]

write_fixture(
    "clients/terraform.json",
    {
        "about": f"HashiCorp's clients run against a server on loopback, and what the sources of its tools print and read ({datetime.now(timezone.utc):%B %Y}).",
        "script": "scripts/clients/terraform.py",
        "sources": {
            "go-tfe": {"name": f"github.com/hashicorp/go-tfe {GO_TFE}", "level": "official client"},
            "pytfe": {"name": f"pytfe {PYTFE}", "level": "official client"},
            "terraform": {"name": f"terraform {TERRAFORM}", "level": "source code"},
            "openapi": {"name": "hashicorp/go-tfe at 0fa6b099, v2/openapi/spec.json (public beta)", "level": "OpenAPI"},
            "tfctl": {"name": "hashicorp/tfctl-cli at e8172c37", "level": "source code"},
            "tfci": {"name": "hashicorp/tfc-workflows-tooling at 6fc00852", "level": "source code"},
        },
        "requests": requests,
        "enums": [
            {"target": "run", "of": "status of a run", "source": "go-tfe", "where": "run.go RunStatus", "words": states},
            {"target": "run", "of": "status of a run", "source": "pytfe", "where": "models/run.py RunStatus", "words": [each.value for each in RunStatus]},
            {"target": "run", "of": "status of a run", "source": "openapi", "where": "components.schemas.runs status", "words": described},
            {
                "target": "run",
                "of": "statuses that go-tfe does not name",
                "source": "tfci",
                "where": "internal/cloud/run.go:22",
                "words": ["force_canceled", "pre_apply_awaiting_decision", "post_plan_awaiting_decision", "pre_plan_awaiting_decision"],
            },
        ],
        "regions": [],
        "pages": [{"target": "run", "address": each["address"], "ids": ids, "source": each["source"], "where": each["where"]} for each in pages],
        "variables": [
            {"name": name, "holds": holds, **({"for": use} if use else {}), "source": source, "where": where} for name, holds, use, source, where in variables
        ],
        "unverified": [
            "Which of the two answers a 429 of HCP Terraform carries: go-tfe reads X-RateLimit-Reset (seconds, with a fraction), pytfe Retry-After.",
            "The calls that cancel, discard and force are in HashiCorp's clients and documents, not in its OpenAPI document, which is a beta.",
            "What `assessing`, `assessed`, `pre_plan_awaiting_decision` and `pre_apply_awaiting_decision` mean stands nowhere: they are in lists alone.",
        ],
    },
)
