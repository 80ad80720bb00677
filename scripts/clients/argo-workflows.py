"""Renews __tests__/fixtures/clients/argo-workflows.json:

    python3 scripts/clients/argo-workflows.py

Runs the Python client 6.7.18, which the project makes from its API's description, against a server on loopback, and reads the
description, words, pages and variables out of Argo Workflows 4.0.5. No server was had. Needs Python 3.11, Go 1.26 and `npm ci`.
All ids and credentials are made up.
"""

import json
import re
import subprocess
from datetime import datetime, timezone
from pathlib import Path
from tempfile import mkdtemp

from packages import install, line
from recorder import Recorder, essential, write_fixture

CLIENT, ARGO = "6.7.18", "4.0.5"
install(f"argo-workflows=={CLIENT}")
download = ["go", "mod", "download", "-json", f"github.com/argoproj/argo-workflows/v4@v{ARGO}"]
source = Path(json.loads(subprocess.run(download, cwd=mkdtemp(prefix="clients-"), check=True, capture_output=True, text=True).stdout)["Dir"])

import argo_workflows
from argo_workflows.api.workflow_service_api import WorkflowServiceApi
from argo_workflows.model.io_argoproj_workflow_v1alpha1_workflow_stop_request import IoArgoprojWorkflowV1alpha1WorkflowStopRequest
from argo_workflows.model.io_argoproj_workflow_v1alpha1_workflow_terminate_request import IoArgoprojWorkflowV1alpha1WorkflowTerminateRequest

IDS = {"namespace": "argo", "name": "deploy-8x2kf"}
LOOK = "metadata.name,metadata.namespace,spec.shutdown,spec.suspend,status.phase,status.message,status.startedAt"
NODES = "metadata.name,status.nodes"
described = json.loads((source / "api/openapi-spec/swagger.json").read_text())

requests = []
with Recorder() as recorder:
    configuration = argo_workflows.Configuration(host=recorder.server, api_key={"BearerToken": "Bearer TOKEN"})
    with argo_workflows.ApiClient(configuration) as api:
        workflows = WorkflowServiceApi(api)
        for does, call, send in (
            ("look", "get_workflow", lambda: workflows.get_workflow(**IDS, fields=LOOK, _preload_content=False)),
            (
                "cancel",
                "stop_workflow",
                lambda: workflows.stop_workflow(**IDS, body=IoArgoprojWorkflowV1alpha1WorkflowStopRequest(**IDS), _preload_content=False),
            ),
            (
                "force",
                "terminate_workflow",
                lambda: workflows.terminate_workflow(**IDS, body=IoArgoprojWorkflowV1alpha1WorkflowTerminateRequest(**IDS), _preload_content=False),
            ),
            ("jobs", "get_workflow", lambda: workflows.get_workflow(**IDS, fields=NODES, _preload_content=False)),
        ):
            send()
            [sent] = recorder.taken()
            requests.append({"target": "workflow", "does": does, "source": "client", "call": call, "ids": IDS, **essential(sent, ["authorization", "content-type"])})

one = "/api/v1/workflows/{namespace}/{name}"
for does, method, path, body in (("look", "get", one, None), ("cancel", "put", f"{one}/stop", IDS), ("force", "put", f"{one}/terminate", IDS)):
    operation = described["paths"][path][method]
    takes = {parameter["name"] for parameter in operation["parameters"]}
    # What is not in the description any more must not be in the fixture.
    assert {"namespace", "name", "body" if body else "fields"} <= takes
    requests.append(
        {
            "target": "workflow",
            "does": does,
            "source": "openapi",
            "call": operation["operationId"],
            "ids": IDS,
            "method": method.upper(),
            "path": path.format(**IDS),
            "query": {} if body else {"fields": LOOK},
            "headers": {},
            "body": body,
        }
    )

phases, types = "pkg/apis/workflow/v1alpha1/workflow_phase.go", "pkg/apis/workflow/v1alpha1/workflow_types.go"
workflow_phases = re.findall(r'WorkflowPhase = "(\w+)"', (source / phases).read_text())
node_phases = re.findall(r'NodePhase = "(\w+)"', (source / types).read_text())
shutdowns = re.findall(r'ShutdownStrategy = "(\w+)"', (source / types).read_text())

conn = "cmd/argo/commands/client/conn.go"
link = line(source, "ui/src/workflows/components/workflow-link.tsx", "uiUrl('workflows/'")
PLACE = "host:port, without https://"

write_fixture(
    "clients/argo-workflows.json",
    {
        "about": f"What the client that the project makes for Python sent to a server on loopback, and the description, words, pages and variables of Argo Workflows' sources ({datetime.now(timezone.utc):%B %Y}).",
        "script": "scripts/clients/argo-workflows.py",
        "sources": {
            "client": {"name": f"argo-workflows {CLIENT}", "level": "official client"},
            "openapi": {"name": f"Argo Workflows {ARGO}, api/openapi-spec/swagger.json", "level": "OpenAPI"},
            "source": {"name": f"Argo Workflows {ARGO}", "level": "source code"},
        },
        "requests": requests,
        "enums": [
            {"target": "workflow", "of": "phase of a workflow; empty before the controller has seen it", "source": "source", "where": line(source, phases, "WorkflowUnknown"), "words": workflow_phases},
            {"target": "workflow", "of": "phase of a node", "source": "source", "where": line(source, types, 'NodePending NodePhase = "Pending"'), "words": node_phases},
            {
                "target": "workflow",
                "of": "spec.shutdown",
                "source": "source",
                "where": line(source, types, 'ShutdownStrategy = "Stop"'),
                "words": shutdowns,
            },
        ],
        "regions": [],
        "pages": [
            {"target": "workflow", "address": address, "ids": IDS, "source": "source", "where": where}
            for address, where in (
                ("https://argo.example.com/workflows/argo/deploy-8x2kf", link),
                ("https://argo.example.com/workflows/argo/deploy-8x2kf?tab=workflow&uid=6b1f3c2e-5d0a-4b7e-9a43-2f6f0a7f9f10", f"{link}, with what the page adds"),
                ("https://argo.example.com/api/v1/workflows/argo/deploy-8x2kf", line(source, "docs/rest-examples.md", "/api/v1/workflows/argo/abc-dthgt")),
            )
        ],
        "variables": [
            {"name": "ARGO_SERVER", "holds": "server", "for": PLACE, "source": "source", "where": line(source, conn, 'os.Getenv("ARGO_SERVER")')},
            {"name": "ARGO_NAMESPACE", "holds": "namespace", "source": "source", "where": line(source, conn, 'os.LookupEnv("ARGO_NAMESPACE")')},
            {
                "name": "ARGO_TOKEN",
                "holds": "token",
                "for": "a whole header: it begins with `Bearer `, or, with old clusters, with `Basic `, which is not read here",
                "source": "source",
                "where": line(source, conn, 'os.LookupEnv("ARGO_TOKEN")') + "; " + line(source, "cmd/argo/commands/root.go", "ARGO_TOKEN='Bearer"),
            },
            {
                "name": "ARGO_BASE_HREF",
                "holds": "path of the server",
                "for": "left alone: `server-url` has the path",
                "source": "source",
                "where": line(source, conn, 'os.Getenv("ARGO_BASE_HREF")'),
            },
            {
                "name": "ARGO_INSECURE_SKIP_VERIFY",
                "holds": "whether a certificate is not checked",
                "for": "left alone: certificates are always checked",
                "source": "source",
                "where": line(source, conn, 'os.Getenv("ARGO_INSECURE_SKIP_VERIFY")'),
            },
        ],
        "unverified": [
            "Nothing was tried on a server.",
            "The client is that of version 3.7; the description of 4.0.5 has the same calls.",
        ],
    },
)
