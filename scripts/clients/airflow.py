"""Renews __tests__/fixtures/clients/airflow.json:

    python3 scripts/clients/airflow.py

Runs Airflow's own client 3.3.2 against a server on loopback, and reads words, pages and variables out of Airflow 3.3.2 and
airflowctl 0.1.5. What a real server was asked is in real-servers/airflow.json, which no script can renew. Needs Python 3.11 and
`npm ci`. All ids and credentials are made up.
"""

import json
import re
from datetime import datetime, timezone
from urllib.parse import unquote

from packages import install, line
from recorder import FIXTURES, Recorder, essential, write_fixture

VERSION, CTL = "3.3.2", "0.1.5"
packages = install(f"apache-airflow-client=={VERSION}")
sources = install("--no-deps", f"apache-airflow-core=={VERSION}", f"apache-airflow-ctl=={CTL}")

from airflow_client import client

RUN = "manual__2026-11-26T11:41:53.414863+00:00"
IDS = {"dag-id": "slow", "dag-run-id": RUN}
REASON = "superseded by 1f2e3d"
recorded = json.loads((FIXTURES / "real-servers" / "airflow.json").read_text())

requests = []
with Recorder() as recorder:
    with client.ApiClient(client.Configuration(host=recorder.server, access_token="TOKEN")) as api:
        runs, tasks = client.DagRunApi(api), client.TaskInstanceApi(api)
        for does, call, values, send in (
            ("look", "DagRunApi.get_dag_run", None, lambda: runs.get_dag_run_without_preload_content("slow", RUN)),
            (
                "cancel",
                "DagRunApi.patch_dag_run",
                {"reason": REASON},
                lambda: runs.patch_dag_run_without_preload_content("slow", RUN, client.DAGRunPatchBody(state="failed", note=REASON)),
            ),
            (
                "jobs",
                "TaskInstanceApi.get_task_instances",
                None,
                lambda: tasks.get_task_instances_without_preload_content("slow", RUN, limit=100),
            ),
        ):
            send()
            [sent] = recorder.taken()
            sent = essential(sent, ["authorization", "content-type"])
            requests.append({"target": "dag-run", "does": does, "source": "client", "call": call, "ids": IDS, **({"values": values} if values else {}), **sent})

# What a real server was asked, each kind of request once.
seen = set()
for each in recorded:
    request = each["request"]
    does = {"GET": "look", "PATCH": "cancel"}.get(request["method"])
    is_run = re.search(r"/dagRuns/[^/]+$", request["url"])
    if each["reply"]["status"] != 200 or not is_run or does is None or does in seen:
        continue
    seen.add(does)
    body = request.get("body")
    values = {"values": {"reason": body["note"]}} if body else {}
    ids = {**IDS, "dag-run-id": unquote(is_run[0].rpartition("/")[2])}
    what = {"target": "dag-run", "does": does, "source": "server", "call": each["note"], "ids": ids, **values}
    requests.append({**what, "method": request["method"], "path": request["url"], "query": {}, "headers": {"authorization": "Bearer ***"}, "body": body})

state = "airflow/utils/state.py"
text = (sources / state).read_text()
terminal, intermediate = (
    dict(re.findall(r'^    (\w+) = "(\w+)"', text.partition(f"class {name}(")[2].partition("\nclass ")[0], re.MULTILINE)) for name in ("TerminalTIState", "IntermediateTIState")
)
of_task = text.partition("class TaskInstanceState(")[2].partition("\nclass ")[0]
tasks = [
    plain or {**terminal, **intermediate}[named]
    for named, plain in re.findall(r'^    \w+ = (?:(?:TerminalTIState|IntermediateTIState)\.(\w+)|"(\w+)")', of_task, re.MULTILINE)
]
runs = re.findall(r'^    \w+ = "(\w+)"$', text.partition("class DagRunState(")[2].partition("\nclass ")[0], re.MULTILINE)

helpers, instance = "airflow/utils/helpers.py", "airflow/models/taskinstance.py"
ctl = "airflowctl/api/client.py"
of_run = line(sources, helpers, "http://localhost:8080/dags/hi/runs/") + " build_airflow_dagrun_url"
of_task_log = line(sources, instance, "/dags/{self.dag_id}/runs/{run_id}/tasks/") + " log_url, in mails"

write_fixture(
    "clients/airflow.json",
    {
        "about": f"What Airflow's own client sent to a server on loopback, what an Airflow server was asked as it ran, and the words, pages and variables of its sources ({datetime.now(timezone.utc):%B %Y}).",
        "script": "scripts/clients/airflow.py",
        "sources": {
            "client": {"name": f"apache-airflow-client {VERSION}", "level": "official client"},
            "server": {"name": f"Apache Airflow {VERSION}", "level": "real server"},
            "source": {"name": f"apache-airflow-core {VERSION}", "level": "source code"},
            "ctl": {"name": f"apache-airflow-ctl {CTL}", "level": "source code"},
        },
        "requests": requests,
        "enums": [
            {"target": "dag-run", "of": "DagRunState", "source": "source", "where": line(sources, state, "class DagRunState"), "words": runs},
            {
                "target": "dag-run",
                "of": "TaskInstanceState, of a task; none while it is not scheduled",
                "source": "source",
                "where": line(sources, state, "class TaskInstanceState"),
                "words": tasks,
            },
        ],
        "regions": [],
        "pages": [
            {"target": "dag-run", "address": address, "ids": IDS, "source": "source", "where": where}
            for address, where in (
                (f"https://airflow.example.com/dags/slow/runs/{RUN}", of_run),
                ("https://airflow.example.com/dags/slow/runs/manual__2026-11-26T11%3A41%3A53.414863%2B00%3A00", of_run + ", as a browser may copy it"),
                (f"https://example.com/airflow/dags/slow/runs/{RUN}/tasks/wait", of_task_log),
            )
        ],
        "variables": [{"name": "AIRFLOW_CLI_TOKEN", "holds": "token", "source": "ctl", "where": line(sources, ctl, '"AIRFLOW_CLI_TOKEN"')}],
        "unverified": [
            "The login for a token, and a refusal of a user without rights, were read in the sources and not tried.",
            "Airflow 2 has another API (/api/v1) and is not meant.",
        ],
    },
)
