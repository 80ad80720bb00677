"""Renews __tests__/fixtures/clients/buildkite.json:

    python3 scripts/clients/buildkite.py schema.graphql bk.go stack.go

No client was run: the requests are those that go-buildkite 5.14.0, Buildkite's own, builds by its sources
(github.com/buildkite/go-buildkite at 62b6fcf3, builds.go), read by hand, as are the lists of states in Buildkite's REST
documents and what `bk` (github.com/buildkite/cli at f0f67499) prints and reads. The other states are read out of Buildkite's
GraphQL schema: data/graphql/schema.graphql of github.com/buildkite/docs at 35cf0294. The GraphQL of jobs is read out of what
Buildkite's own tools have generated: internal/graphql/generated.go of `bk`, and internal/integration/api/generated.go of
github.com/buildkite/agent-stack-k8s at a5d56d1d. Needs Python 3.11 and `npm ci`.
All ids and credentials are made up.
"""

import re
import sys
from base64 import b64encode
from datetime import datetime, timezone
from pathlib import Path

from recorder import write_fixture

IDS = {"organization": "acme", "pipeline": "deploy", "build-number": "42"}
WITHIN = {name: IDS[name] for name in ("organization", "pipeline")}
VALUES = {"branch": "main", "commit": "1f2e3d4c5b6a79880011223344556677889900aa", "state": "running"}
BUILDS = "/v2/organizations/acme/pipelines/deploy/builds"
# With the option `brackets` of github.com/google/go-querystring a list is sent as `state[]`.
SEARCH = {"branch[]": VALUES["branch"], "commit": VALUES["commit"], "state[]": VALUES["state"], "exclude_jobs": "true", "per_page": "100"}


def request(does, call, ids, method, path, query, **values):
    sent = {"method": method, "path": path, "query": query, "headers": {"authorization": "Bearer TOKEN"}, "body": None}
    return {"target": "build", "does": does, "source": "go-buildkite", "call": call, "ids": ids, **values, **sent}


# A build has its jobs in it, and what they have started.
requests = [
    request("look", "Builds.Get(ExcludeJobs)", IDS, "GET", f"{BUILDS}/42", {"exclude_jobs": "true"}),
    request("cancel", "Builds.Cancel", IDS, "PUT", f"{BUILDS}/42/cancel", {}),
    request("list", "Builds.ListByPipeline", WITHIN, "GET", BUILDS, SEARCH, values=VALUES),
    request("jobs", "Builds.Get(ExcludePipeline)", IDS, "GET", f"{BUILDS}/42", {"exclude_pipeline": "true"}),
]


JOB = {**IDS, "job-id": "b63254c0-3271-4a98-8270-7cfbd6c2f14e"}
# As cmd/job/cancel.go of `bk` makes it.
GLOBAL_ID = b64encode(f"JobTypeCommand---{JOB['job-id']}".encode()).decode()


def graphql(does, source, file, name, job_id, **values):
    """What github.com/Khan/genqlient sends; both files have the endpoint https://graphql.buildkite.com/v1 beside them."""
    [query] = re.findall(rf"^const {name}_Operation = `(.*?)`", Path(file).read_text(), re.M | re.S)
    headers = {"authorization": "Bearer TOKEN", "content-type": "application/json"}
    sent = {"method": "POST", "path": "/v1", "query": {}, "headers": headers}
    body = {"query": query, "variables": {"jobId": job_id}, "operationName": name}
    return {"target": "job", "does": does, "source": source, "call": name, "ids": JOB, **values, **sent, "body": body}


requests += [
    graphql("look", "agent-stack-k8s", sys.argv[3], "GetJobEvents", JOB["job-id"]),
    graphql("cancel", "cli", sys.argv[2], "CancelJob", GLOBAL_ID, values={"global-id": GLOBAL_ID}),
]


def words(enum):
    [body] = re.findall(rf"^enum {enum} {{\n(.*?)^}}", Path(sys.argv[1]).read_text(), re.M | re.S)
    return [word.lower() for word in re.findall(r"^  (\w+)$", body, re.M)]


DOCUMENTED = "creating scheduled running passed failing failed blocked canceling canceled skipped not_run".split()
BUILD_PAGE = "https://buildkite.com/acme/deploy/builds/42"
pages = (
    ("build", BUILD_PAGE, IDS, "cli", "cmd/browse/browse.go:200"),
    ("build", "https://buildkite.com/organizations/acme/pipelines/deploy/builds/42", IDS, "cli", "cmd/artifacts/list.go:130"),
    ("job", f"{BUILD_PAGE}#{JOB['job-id']}", JOB, "docs", "pages/apis/rest_api/jobs.md:36"),
)
variables = (
    ("BUILDKITE_API_TOKEN", "token", "internal/config/config.go:156"),
    ("BUILDKITE_ORGANIZATION_SLUG", "organization", "internal/config/config.go:117"),
    ("BUILDKITE_REST_API_ENDPOINT", "server", "internal/config/config.go:265"),
    ("BUILDKITE_GRAPHQL_ENDPOINT", "server", "internal/config/config.go:257"),
)

write_fixture(
    "clients/buildkite.json",
    {
        "about": f"What Buildkite's own tools send by their sources, and what its documents and its command line say; nothing was run ({datetime.now(timezone.utc):%B %Y}).",
        "script": "scripts/clients/buildkite.py",
        "sources": {
            "go-buildkite": {"name": "github.com/buildkite/go-buildkite 5.14.0 at 62b6fcf3", "level": "source code"},
            "cli": {"name": "github.com/buildkite/cli at f0f67499", "level": "source code"},
            "agent-stack-k8s": {"name": "github.com/buildkite/agent-stack-k8s 0.47.0 at a5d56d1d", "level": "source code"},
            "graphql": {"name": "github.com/buildkite/docs at 35cf0294, data/graphql/schema.graphql", "level": "source code"},
            "docs": {"name": "github.com/buildkite/docs at 35cf0294", "level": "source code"},
        },
        "requests": requests,
        "enums": [
            {"target": "build", "of": "state of a build", "source": "graphql", "where": "BuildStates", "words": words("BuildStates")},
            {"target": "build", "of": "status filter of the list (`state`)", "source": "docs", "where": "pages/apis/rest_api/_pipeline_builds_list_query_strings.md", "words": DOCUMENTED},
            *({"target": target, "of": "state of a job", "source": "graphql", "where": "JobStates", "words": words("JobStates")} for target in ("build", "job")),
        ],
        "regions": [],
        "pages": [{"target": target, "address": address, "ids": ids, "source": source, "where": where} for target, address, ids, source, where in pages],
        "variables": [{"name": name, "holds": holds, "source": "cli", "where": where} for name, holds, where in variables],
        "unverified": [],
    },
)
