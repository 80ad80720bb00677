"""Renews __tests__/fixtures/clients/prefect.json:

    python3 scripts/clients/prefect.py

Runs Prefect 3.9.1's own client against a server on loopback, as for a workspace of Prefect Cloud, and reads words, pages,
variables and the server's OpenAPI document out of the same package. What a real server was asked is in
real-servers/prefect.json, which no script can renew. Needs Python 3.11 and `npm ci`. All ids and credentials are made up.
"""

import json
import os
from datetime import datetime, timezone
from tempfile import mkdtemp
from uuid import UUID

from packages import install, line
from recorder import FIXTURES, Recorder, essential, write_fixture

VERSION = "3.9.1"
os.environ["PREFECT_HOME"] = mkdtemp(prefix="prefect-")
packages = install(f"prefect=={VERSION}")

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.objects import State, StateType
from prefect.server.api.server import create_app

RUN = "78a615c8-624b-467d-955c-b2d6e0fed56c"
WORKSPACE = {"account-id": "9b649228-0419-40e1-9e0d-44954b5c0ab6", "workspace-id": "5adaa1c4-0a55-4a54-a63a-c2f7c2e4a4a8"}
CLOUD = {**WORKSPACE, "flow-run-id": RUN}
REASON = "superseded by 1f2e3d"
base = "/api/accounts/{account-id}/workspaces/{workspace-id}".replace("{account-id}", WORKSPACE["account-id"]).replace(
    "{workspace-id}", WORKSPACE["workspace-id"]
)
recorded = json.loads((FIXTURES / "real-servers" / "prefect.json").read_text())


def answer(request):
    path = request["path"]
    if path.endswith("/csrf-token"):
        return 422, {}, {"detail": "CSRF protection is disabled."}
    kind = "set_state" if path.endswith("/set_state") else "flow_runs"
    found = (each["reply"] for each in recorded if kind in each["request"]["url"] and each["reply"]["status"] < 300)
    return 200, {}, next(found)["body"]


requests = []
with Recorder(answer) as recorder:
    client = SyncPrefectClient(recorder.server + base, api_key="TOKEN")
    for does, call, values, send in (
        ("look", "read_flow_run", None, lambda: client.read_flow_run(UUID(RUN))),
        (
            "cancel",
            "set_flow_run_state(CANCELLING), as `prefect flow-run cancel`",
            {"reason": REASON},
            lambda: client.set_flow_run_state(UUID(RUN), State(type=StateType.CANCELLING, message=REASON)),
        ),
    ):
        send()
        [sent] = [request for request in recorder.taken() if RUN in request["path"]]
        sent = essential(sent, ["authorization", "content-type"])
        if sent["body"]:
            # One of its own for each call.
            del sent["body"]["state"]["state_details"]["transition_id"]
        requests.append({"target": "cloud-flow-run", "does": does, "source": "client", "call": call, "ids": CLOUD, **({"values": values} if values else {}), **sent})

# What a real server was asked, each kind of request once.
seen = set()
for each in recorded:
    request, status = each["request"], each["reply"]["status"]
    path = request["url"].partition("?")[0]
    kind = "cancel" if path.endswith("/set_state") else "jobs" if "/task_runs/" in path else "downstream" if path.endswith("/paginate") else "look"
    if status >= 300 or kind in seen or "csrf" in path:
        continue
    seen.add(kind)
    body = request.get("body")
    values = {"values": {"reason": body["state"]["message"]}} if kind == "cancel" else {}
    run = path.split("/")[3] if kind in ("look", "cancel") else next(iter(body["flow_runs"].values()))["any_"][0]
    requests.append(
        {
            "target": "flow-run",
            "does": kind,
            "source": "server",
            "call": each["note"],
            "ids": {"flow-run-id": run},
            **values,
            "method": request["method"],
            "path": path,
            "query": {},
            "headers": {"authorization": "Basic ***"},
            "body": body,
        }
    )

described = create_app().openapi()
flow_runs = {"jobs": {"id": {"any_": [RUN]}}, "downstream": {"parent_flow_run_id": {"any_": [RUN]}, "deployment_id": {"is_null_": False}}}
for does, path in (("jobs", "/task_runs/paginate"), ("downstream", "/flow_runs/paginate")):
    operation = described["paths"][path]["post"]["operationId"]
    body = {"flow_runs": flow_runs[does], "limit": 200, "page": 1}
    requests.append(
        {
            "target": "cloud-flow-run",
            "does": does,
            "source": "openapi",
            "call": f"POST {path} ({operation}), below a workspace",
            "ids": CLOUD,
            "method": "POST",
            "path": base + path,
            "query": {},
            "headers": {"authorization": "Bearer TOKEN"},
            "body": body,
        }
    )

words = described["components"]["schemas"]["StateType"]["enum"]
states = [
    {"target": target, "of": "type of the state of a flow run and of a task run", "source": source, "where": where, "words": found}
    for target in ("flow-run", "cloud-flow-run")
    for source, where, found in (
        ("client", line(packages, "prefect/client/schemas/objects.py", "class StateType"), [each.value for each in StateType]),
        ("openapi", "components.schemas.StateType", words),
    )
]

urls, runtime = "prefect/utilities/urls.py", "prefect/runtime/flow_run.py"
ui = line(packages, urls, '"flow-run": "runs/flow-run/{obj_id}"')
pages = [
    ("flow-run", f"https://prefect.example.com/runs/flow-run/{RUN}", {"flow-run-id": RUN}, f"{ui} url_for; the UI and the logs of a run"),
    ("flow-run", f"http://127.0.0.1:4200/runs/flow-run/{RUN}", {"flow-run-id": RUN}, f"{ui} url_for, of `prefect server start`"),
    (
        "flow-run",
        f"https://prefect.example.com/flow-runs/flow-run/{RUN}",
        {"flow-run-id": RUN},
        line(packages, runtime, "PREFECT_UI_URL.value()}/flow-runs/") + " prefect.runtime.flow_run.ui_url",
    ),
    (
        "flow-run",
        f"https://prefect.example.com/api/flow-runs/flow-run/{RUN}",
        {"flow-run-id": RUN},
        line(packages, runtime, "PREFECT_API_URL.value()}/flow-runs/") + " prefect.runtime.flow_run.api_url, which is no route of the API",
    ),
    (
        "flow-run",
        f"https://prefect.example.com/api/flow_runs/{RUN}",
        {"flow-run-id": RUN},
        line(packages, urls, '"flow-run": "flow_runs/{obj_id}"') + " url_for(url_type='api')",
    ),
    (
        "cloud-flow-run",
        f"https://app.prefect.cloud/account/{WORKSPACE['account-id']}/workspace/{WORKSPACE['workspace-id']}/runs/flow-run/{RUN}",
        CLOUD,
        f"{ui} url_for; " + line(packages, "prefect/settings/models/_defaults.py", '"/accounts/", "/account/"'),
    ),
    (
        "cloud-flow-run",
        f"https://app.prefect.cloud/account/{WORKSPACE['account-id']}/workspace/{WORKSPACE['workspace-id']}/flow-runs/flow-run/{RUN}",
        CLOUD,
        line(packages, runtime, "PREFECT_UI_URL.value()}/flow-runs/") + " prefect.runtime.flow_run.ui_url",
    ),
    (
        "cloud-flow-run",
        f"https://api.prefect.cloud{base}/flow_runs/{RUN}",
        CLOUD,
        line(packages, urls, '"flow-run": "flow_runs/{obj_id}"') + " url_for(url_type='api')",
    ),
]

client_file = "prefect/client/orchestration/__init__.py"
write_fixture(
    "clients/prefect.json",
    {
        "about": f"What Prefect's own client sent to a server on loopback, what a Prefect server was asked as it ran, and the words, pages and variables of the package ({datetime.now(timezone.utc):%B %Y}).",
        "script": "scripts/clients/prefect.py",
        "sources": {
            "client": {"name": f"prefect {VERSION}", "level": "official client"},
            "server": {"name": f"Prefect server {VERSION}", "level": "real server"},
            "openapi": {"name": f"prefect {VERSION}, the server's OpenAPI document", "level": "OpenAPI"},
        },
        "requests": requests,
        "enums": states,
        "regions": [],
        "pages": [{"target": target, "address": address, "ids": ids, "source": "client", "where": where} for target, address, ids, where in pages],
        "variables": [
            {
                "name": "PREFECT_API_URL",
                "holds": "server",
                "source": "client",
                "where": line(packages, client_file, "PREFECT_API_URL.value()") + "; on Prefect Cloud it has the account's and the workspace's id",
            },
            {"name": "PREFECT_API_KEY", "holds": "token", "source": "client", "where": line(packages, client_file, "api_key=PREFECT_API_KEY.value()")},
            {
                "name": "PREFECT_API_AUTH_STRING",
                "holds": "user:password",
                "source": "client",
                "where": line(packages, client_file, "auth_string=PREFECT_API_AUTH_STRING.value()") + "; it beats the key",
            },
        ],
        "unverified": [
            "Prefect Cloud: no account was had. Its API is that of the server below the path of a workspace, as far as the client tells.",
        ],
    },
)
