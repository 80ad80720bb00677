"""Renews __tests__/fixtures/clients/dagster.json:

    python3 scripts/clients/dagster.py

Reads words, pages and variables out of Dagster 1.13.28. What a real server was asked, and that it takes these very queries, is in
real-servers/dagster.json, which no script can renew: Dagster's own client sends queries of its own. Needs Python 3.11 and `npm ci`.
All ids and credentials are made up.
"""

import json
import re
from datetime import datetime, timezone

from packages import install, line
from recorder import FIXTURES, write_fixture

VERSION = "1.13.28"
packages = install("--no-deps", *(f"{name}=={VERSION}" for name in ("dagster", "dagster-graphql", "dagster-cloud-cli")))


def words(path, name):
    """The members of an enumeration of GraphQL."""
    _, _, part = (packages / path).read_text().partition(f"class {name}(graphene.Enum):")
    return re.findall(r'^    \w+ = "(\w+)"$', part.partition("class Meta:")[0], re.MULTILINE)


requests, seen = [], set()
for each in json.loads((FIXTURES / "real-servers" / "dagster.json").read_text()):
    request, reply = each["request"], each["reply"]
    name = re.match(r"\w+ (CancelRun\w+)", request["body"]["query"])
    does = name and {"CancelRunLook": "look", "CancelRunSteps": "jobs", "CancelRunTerminate": "cancel", "CancelRunForce": "force"}[name[1]]
    if does is None or does in seen:
        continue
    seen.add(does)
    ids = {"run-id": request["body"]["variables"]["id"]}
    requests.append(
        {
            **{"target": "run", "does": does, "source": "server", "call": each["note"], "ids": ids},
            **{"method": request["method"], "path": request["url"], "query": {}, "headers": request["headers"], "body": request["body"]},
        }
    )

statuses, runs = "dagster_graphql/schema/pipelines/status.py", "dagster_graphql/schema/runs.py"
alert, options = "dagster/_utils/alert.py", "dagster_cloud_cli/config_utils.py"
RUN = "7b797176-718f-4ffb-abd2-a416ae08e9b4"
in_mails = line(packages, alert, "{webserver_base_url}/runs/{context.dagster_run.run_id}") + " in mails about a run"
of_deployment = line(packages, "dagster_cloud_cli/gql.py", 'f"https://{organization}.dagster.cloud/{deployment}"') + ", and " + in_mails

write_fixture(
    "clients/dagster.json",
    {
        "about": f"What a Dagster server was asked as it ran, and the words, pages and variables of Dagster's sources ({datetime.now(timezone.utc):%B %Y}).",
        "script": "scripts/clients/dagster.py",
        "sources": {
            "server": {"name": f"Dagster {VERSION}", "level": "real server"},
            "schema": {"name": f"dagster-graphql {VERSION}", "level": "source code"},
            "dagster": {"name": f"dagster {VERSION}", "level": "source code"},
            "cli": {"name": f"dagster-cloud-cli {VERSION}", "level": "source code"},
        },
        "requests": requests,
        "enums": [
            {
                "target": "run",
                "of": "RunStatus",
                "source": "schema",
                "where": line(packages, statuses, "class GrapheneRunStatus"),
                "words": words(statuses, "GrapheneRunStatus"),
            },
            {
                "target": "run",
                "of": "StepEventStatus, of a step",
                "source": "schema",
                "where": line(packages, runs, "class GrapheneStepEventStatus"),
                "words": words(runs, "GrapheneStepEventStatus"),
            },
        ],
        "regions": [],
        "pages": [
            {"target": "run", "address": f"{server}/runs/{RUN}", "ids": {"run-id": RUN}, "source": source, "where": where}
            for server, source, where in (
                ("https://dagster.example.com", "dagster", in_mails),
                ("http://127.0.0.1:3000", "dagster", in_mails + "; `dagster dev` listens there"),
                ("https://acme.dagster.cloud/prod", "cli", of_deployment),
            )
        ],
        "variables": [
            {"name": "DAGSTER_CLOUD_API_TOKEN", "holds": "token", "source": "cli", "where": line(packages, options, 'TOKEN_ENV_VAR_NAME = "')},
            {
                "name": "DAGSTER_CLOUD_URL",
                "holds": "server",
                "source": "cli",
                "where": line(packages, options, 'URL_ENV_VAR_NAME = "') + ", with the deployment: https://acme.dagster.cloud/prod",
            },
            {
                "name": "DAGSTER_CLOUD_ORGANIZATION",
                "holds": "part of the server's address",
                "source": "cli",
                "where": line(packages, options, 'ORGANIZATION_ENV_VAR_NAME = "'),
            },
            {
                "name": "DAGSTER_CLOUD_DEPLOYMENT",
                "holds": "part of the server's address",
                "source": "cli",
                "where": line(packages, options, 'DEPLOYMENT_ENV_VAR_NAME = "'),
            },
        ],
        "unverified": ["Dagster+: no account was had; its API is that of the server, as far as its command line tells."],
    },
)
