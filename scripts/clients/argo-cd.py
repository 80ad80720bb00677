"""Renews __tests__/fixtures/clients/argo-cd.json:

    python3 scripts/clients/argo-cd.py

Reads the description of the API, words, pages and variables out of Argo CD 3.6.1, as Go modules. Its command line asks by gRPC, so
there is no client to run, and no server was had. Needs Python 3.11, Go and `npm ci`. All ids and credentials are made up.
"""

import json
import re
import subprocess
from datetime import datetime, timezone
from pathlib import Path
from tempfile import mkdtemp

from packages import line
from recorder import write_fixture

VERSION = "3.6.1"
CD, ENGINE = f"github.com/argoproj/argo-cd/v3@v{VERSION}", f"github.com/argoproj/argo-cd/gitops-engine/v3@v{VERSION}"


def go(*words, check=True):
    return subprocess.run(["go", *words], cwd=mkdtemp(prefix="clients-"), check=check, capture_output=True, text=True).stdout


# An older Go than the module asks for unpacks it, and complains all the same.
go("mod", "download", CD, ENGINE, check=False)
modules = Path(go("env", "GOMODCACHE").strip())
source, engine = modules / CD, modules / ENGINE

IDS = {"name": "guestbook"}
PLACED = {"project": "default", "app-namespace": "argocd", **IDS}
described = json.loads((source / "assets/swagger.json").read_text())
one = "/api/v1/applications/{name}"

requests = []
for ids in (IDS, PLACED):
    for does, method, path in (("look", "get", one), ("cancel", "delete", f"{one}/operation"), ("jobs", "get", one)):
        operation = described["paths"][path][method]
        names = {parameter["name"] for parameter in operation["parameters"]}
        query = {"appNamespace": "argocd", "project": "default"} if ids is PLACED else {}
        # What is not in the description any more must not be in the fixture.
        assert {"name", "appNamespace", "project"} <= names
        requests.append(
            {
                "target": "operation",
                "does": does,
                "source": "openapi",
                "call": operation["operationId"],
                "ids": ids,
                "method": method.upper(),
                "path": path.format(**IDS),
                "query": query,
                "headers": {},
                "body": None,
            }
        )

types = "pkg/sync/common/types.go"
phases = re.findall(r'OperationPhase = "(\w+)"', (engine / types).read_text())
results = re.findall(r'ResultCode = "(\w+)"', (engine / types).read_text())
routes = "ui/src/app/applications/components/applications-container.tsx"
app, root, common = "cmd/argocd/commands/app.go", "cmd/argocd/commands/root.go", "common/common.go"

write_fixture(
    "clients/argo-cd.json",
    {
        "about": f"Argo CD's description of its API, and the words, pages and variables of its sources ({datetime.now(timezone.utc):%B %Y}).",
        "script": "scripts/clients/argo-cd.py",
        "sources": {
            "openapi": {"name": f"Argo CD {VERSION}, assets/swagger.json", "level": "OpenAPI"},
            "source": {"name": f"Argo CD {VERSION}", "level": "source code"},
        },
        "requests": requests,
        "enums": [
            {
                "target": "operation",
                "of": "phase of an operation, and of a hook",
                "source": "source",
                "where": "gitops-engine/" + line(engine, types, "OperationRunning "),
                "words": phases,
            },
            {
                "target": "operation",
                "of": "result of a resource",
                "source": "source",
                "where": "gitops-engine/" + line(engine, types, "ResultCodeSynced "),
                "words": results,
            },
        ],
        "regions": [],
        "pages": [
            {"target": "operation", "address": address, "ids": ids, "source": "source", "where": where}
            for address, ids, where in (
                (
                    "https://argocd.example.com/applications/argocd/guestbook?view=tree",
                    {"app-namespace": "argocd", "name": "guestbook"},
                    line(source, routes, "/:appnamespace/:name`"),
                ),
                ("https://argocd.example.com/applications/guestbook", IDS, line(source, app, "/applications/%s") + " appURLDefault, as `argocd app get` prints it"),
                (
                    "https://argocd.example.com/applications/guestbook?operation=true",
                    IDS,
                    line(source, "docs/operator-manual/notifications/catalog.md", "?operation=true"),
                ),
                (
                    "https://example.com/argo/applications/argocd/guestbook",
                    {"app-namespace": "argocd", "name": "guestbook"},
                    line(source, routes, "/:appnamespace/:name`") + ", below a root path",
                ),
                ("https://argocd.example.com/api/v1/applications/guestbook", IDS, "assets/swagger.json ApplicationService_Get"),
            )
        ],
        "variables": [
            {
                "name": "ARGOCD_SERVER",
                "holds": "server",
                "for": "host:port, without https://",
                "source": "source",
                "where": line(source, common, 'EnvServer = "ARGOCD_SERVER"') + "; " + line(source, root, "common.EnvServer,"),
            },
            {
                "name": "ARGOCD_AUTH_TOKEN",
                "holds": "token",
                "source": "source",
                "where": line(source, common, '"ARGOCD_AUTH_TOKEN"') + "; " + line(source, root, "common.EnvAuthToken,"),
            },
            {
                "name": "ARGOCD_OPTS",
                "holds": "flags of the command line",
                "for": "left alone: it may hold a token, a server and `--insecure`, in the form of a shell's line",
                "source": "source",
                "where": line(source, "util/config/env.go", "ARGOCD_OPTS"),
            },
        ],
        "unverified": [
            "Nothing was tried on a server.",
            "The description has the phase as a text; its words are those of the module that makes them.",
        ],
    },
)
