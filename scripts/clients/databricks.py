"""Renews __tests__/fixtures/clients/databricks.json:

    python3 scripts/clients/databricks.py

Runs databricks-sdk 0.162.0 against a server on loopback, and reads the states, results and codes out of it. Needs Python 3.11 and
`npm ci`. All ids and credentials are made up.
"""

from datetime import datetime, timezone

from packages import install, line
from recorder import Recorder, essential, write_fixture

VERSION = "0.162.0"
packages = install(f"databricks-sdk=={VERSION}")

from databricks.sdk import WorkspaceClient
from databricks.sdk.service import jobs

RUN, JOB = "943974437345362", "35950"
IDS = {"run-id": RUN}
requests = []

with Recorder() as recorder:
    api = WorkspaceClient(host=recorder.server, token="TOKEN", auth_type="pat").jobs

    def record(does, call, ids, send):
        send()
        # It may ask first what the server is.
        [sent] = [request for request in recorder.taken() if request["path"].startswith("/api/")]
        requests.append({"target": "run", "does": does, "source": "client", "call": call, "ids": ids, **essential(sent, ["authorization", "content-type"])})

    record("look", "jobs.get_run", IDS, lambda: api.get_run(int(RUN), include_history=True))
    record("jobs", "jobs.get_run, which has the tasks", IDS, lambda: api.get_run(int(RUN), include_history=True))
    record("cancel", "jobs.cancel_run", IDS, lambda: api.cancel_run(int(RUN)))
    record("list", "jobs.list_runs", {"job-id": JOB}, lambda: list(api.list_runs(job_id=int(JOB), active_only=True, limit=24)))

source = "databricks/sdk/service/jobs.py"
enums = [
    {"target": "run", "of": of, "source": "client", "where": line(packages, source, f"class {kind.__name__}(Enum)"), "words": [each.value for each in kind]}
    for of, kind in (
        ("state of a run, and of a task", jobs.RunLifecycleStateV2State),
        ("code of one that is terminated", jobs.TerminationCodeCode),
        ("older state", jobs.RunLifeCycleState),
        ("older result", jobs.RunResultState),
    )
]
host = "https://dbc-1234abcd-5678.cloud.databricks.com"
config = "databricks/sdk/config.py"

write_fixture(
    "clients/databricks.json",
    {
        "about": f"What Databricks' own client sent to a server on loopback, and its states, results and codes ({datetime.now(timezone.utc):%B %Y}).",
        "script": "scripts/clients/databricks.py",
        "sources": {
            "client": {"name": f"databricks-sdk {VERSION}", "level": "official client"},
            "programs": {"name": "replies of the API, as programs in public repositories quote them", "level": "community client"},
        },
        "requests": requests,
        "enums": enums,
        "regions": [],
        "pages": [
            {"target": "run", "address": address, "ids": {"job-id": JOB, "run-id": RUN}, "source": "programs", "where": place}
            for address, place in (
                (f"{host}/?o=82178415198056#job/{JOB}/run/{RUN}", "`run_page_url`"),
                (f"{host}#job/{JOB}/run/{RUN}", "`run_page_url`, older"),
                (f"{host}/jobs/{JOB}/runs/{RUN}?o=82178415198056", "where a browser is led from there"),
            )
        ],
        "variables": [
            {"name": "DATABRICKS_HOST", "holds": "server", "source": "client", "where": line(packages, config, 'env="DATABRICKS_HOST"')},
            *(
                {"name": name, "holds": holds, "source": "client", "where": line(packages, config, f'env="{name}"')}
                for name, holds in (
                    ("DATABRICKS_TOKEN", "token"),
                    ("DATABRICKS_CLIENT_ID", "client-id"),
                    ("DATABRICKS_CLIENT_SECRET", "client-secret"),
                )
            ),
        ],
        "unverified": [
            "The page's newer form is known from facts of this project alone; the client prints none.",
        ],
    },
)
