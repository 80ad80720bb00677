"""Renews __tests__/fixtures/clients/teamcity.json:

    python3 scripts/clients/teamcity.py teamcity-cli teamcity-rest

Runs JetBrains' own command line (scripts/clients/teamcity/main.go calls its client) against a server on loopback. The two folders are
clones of github.com/JetBrains/teamcity-cli at 0af59a58b17b5cec3750467ac588dd642c8f5e4c (v1.4.0) and of
github.com/JetBrains/teamcity-rest at fc730e618ccd4b57dbbaf03425bb79a9580d19d2, which no registry has. No server was had.
Needs Python 3.11, Go 1.26 and `npm ci`. All ids and credentials are made up.
"""

import re
import shutil
import subprocess
import sys
from datetime import datetime, timezone
from pathlib import Path
from tempfile import mkdtemp

from packages import line
from recorder import Recorder, essential, write_fixture

cli, rest = Path(sys.argv[1]), Path(sys.argv[2])
REASON = "superseded by 1f2e3d"
RUNNING, QUEUED = {"build-id": "4711"}, {"build-id": "4712"}
BUILD_TYPE = {"build-type": "Shop_Deploy"}


def answer(request):
    if request["path"].endswith("/app/rest/builds"):
        return 200, {}, {"count": 0, "build": []}
    number = int(request["path"].rpartition(":")[2] or 0) if ":" in request["path"] else 0
    return 200, {}, {"id": number, "state": "queued" if number == 4712 else "running"}


folder = Path(mkdtemp(prefix="clients-"))
for name in ("api", "go.mod", "go.sum"):
    (shutil.copytree if (cli / name).is_dir() else shutil.copy)(cli / name, folder / name)
shutil.copy(Path(__file__).parent / "teamcity" / "main.go", folder)
with Recorder(answer) as recorder:
    subprocess.run(["go", "run", ".", recorder.server, REASON], cwd=folder, check=True)
    taken = recorder.taken()

posts = [request for request in taken if request["method"] == "POST"]
gets = [request for request in taken if request["method"] == "GET"]
lists = [request for request in gets if request["path"] == "/app/rest/builds"]
reason = {"reason": REASON}
requests = [
    {"target": "build", "does": does, "source": "cli", "call": call, "ids": ids, **({"values": values} if values else {}), **essential(sent, ["authorization"])}
    for does, call, ids, values, sent in (
        ("look", "api.Client.GetBuild", RUNNING, None, gets[0]),
        ("cancel", "api.Client.CancelBuild, of a running build", RUNNING, reason, posts[0]),
        ("cancel", "api.Client.CancelBuild, of a queued build", QUEUED, reason, posts[1]),
        ("list", "api.Client.GetBuilds", BUILD_TYPE, None, lists[0]),
        ("jobs", "api.Client.GetBuildSnapshotDependencies", RUNNING, None, lists[1]),
    )
]

model = "rest-api/src/jetbrains/buildServer/server/rest/model/build/Build.java"
[states] = re.findall(r"enum BuildState \{\s*([\w, ]+?)\s*\}", (rest / model).read_text())
config, skill = "internal/config/config.go", "skills/teamcity-cli/references/workflows.md"
buildauth = "internal/config/buildauth.go"
DOCS = "JetBrains/teamcity-documentation, topics/build-results-page.md"

write_fixture(
    "clients/teamcity.json",
    {
        "about": f"What the client of JetBrains' command line sent to a server on loopback, and the words, pages and variables of JetBrains' sources ({datetime.now(timezone.utc):%B %Y}).",
        "script": "scripts/clients/teamcity.py",
        "sources": {
            "cli": {"name": "JetBrains/teamcity-cli 1.4.0", "level": "official client"},
            "rest": {"name": "JetBrains/teamcity-rest at fc730e61", "level": "source code"},
        },
        "requests": requests,
        "enums": [
            {"target": "build", "of": "state of a build", "source": "rest", "where": line(rest, model, "enum BuildState"), "words": states.split(", ")},
            {
                "target": "build",
                "of": "status of a build",
                "source": "cli",
                "where": line(cli, "api/builds.go", 'reports status as "UNKNOWN"') + "; " + line(cli, "internal/output/status.go", '"FAILURE", "ERROR"'),
                "words": ["SUCCESS", "FAILURE", "ERROR", "UNKNOWN"],
            },
        ],
        "regions": [],
        "pages": [
            {"target": "build", "address": address, "ids": ids, "source": "cli", "where": where}
            for address, ids, where in (
                (
                    "https://teamcity.example.com/buildConfiguration/Shop_Deploy/4711?buildTab=log",
                    {**BUILD_TYPE, **RUNNING},
                    line(cli, skill, "/buildConfiguration/ConfigId/12345") + f"; {DOCS}",
                ),
                (
                    "https://example.com/teamcity/buildConfiguration/Shop_Deploy/4711",
                    {**BUILD_TYPE, **RUNNING},
                    line(cli, skill, "/buildConfiguration/ConfigId/12345") + ", below a path",
                ),
                ("https://teamcity.example.com/viewLog.html?buildId=4711&buildTypeId=Shop_Deploy", RUNNING, f"{DOCS}, Classic UI"),
                ("https://teamcity.example.com/app/rest/builds/id:4711", RUNNING, line(cli, "api/builds.go", '"/app/rest/builds/id:" + id')),
            )
        ],
        "variables": [
            {"name": "TEAMCITY_URL", "holds": "server", "source": "cli", "where": line(cli, config, '"TEAMCITY_URL"')},
            {"name": "TEAMCITY_TOKEN", "holds": "token", "source": "cli", "where": line(cli, config, '"TEAMCITY_TOKEN"')},
            {
                "name": "TEAMCITY_GUEST",
                "holds": "whether to ask as a guest",
                "for": "left alone: `server-url` may end with /guestAuth",
                "source": "cli",
                "where": line(cli, config, '"TEAMCITY_GUEST"'),
            },
            {
                "name": "TEAMCITY_BUILD_PROPERTIES_FILE",
                "holds": "a file with credentials of the build itself",
                "for": "left alone: they are for build-related operations, such as downloads",
                "source": "cli",
                "where": line(cli, buildauth, '"TEAMCITY_BUILD_PROPERTIES_FILE"'),
            },
        ],
        "unverified": [
            "Nothing was tried on a server.",
            "The sources of the REST API are those of March 2024, the latest that are public.",
        ],
    },
)
