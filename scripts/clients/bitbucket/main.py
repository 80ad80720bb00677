"""Runs atlassian-python-api 5.0.5 against a recorder, and prints what it sent; ../bitbucket.mjs keeps it."""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from atlassian.bitbucket import Cloud
from recorder import Recorder, essential

UUID = "{3c90c3cc-0d44-4b50-8888-8dd25736052a}"
REPOSITORY = {"repository": "acme/shop"}
MEANINGFUL = ["authorization", "content-type"]


def main():
    with Recorder(answer) as recorder:
        # An API token of a user: his e-mail is the user's name, the token the password.
        cloud = Cloud(recorder.server, username="ci@example.com", password="TOKEN", cloud=True)
        pipelines = cloud.repositories.get("acme", "shop").pipelines
        pipeline = pipelines.get(UUID)
        kept = [
            sent(recorder, "pipeline", "look", "Pipelines.get", {"pipeline-id": UUID}, lambda: pipelines.get(UUID)),
            sent(recorder, "pipeline", "cancel", "Pipeline.stop", {"pipeline-id": UUID}, pipeline.stop),
            sent(recorder, "pipeline", "jobs", "Pipeline.steps", {"pipeline-id": UUID}, lambda: list(pipeline.steps())),
            sent(recorder, "build", "look", "Pipelines.get(number)", {"build-number": "42"}, lambda: pipelines.get("42")),
        ]
    print(json.dumps(kept))


def sent(recorder, target, does, call, ids, run):
    recorder.taken()
    run()
    [request] = recorder.taken()
    what = {"target": target, "does": does, "source": "python", "call": call, "ids": {**REPOSITORY, **ids}}
    return {**what, **essential(request, MEANINGFUL)}


def answer(request):
    """It follows the addresses that the replies state."""
    self = {"links": {"self": {"href": f"http://{request['headers']['host']}{request['path']}"}}}
    path = request["path"].rstrip("/")
    if path.endswith("/stopPipeline"):
        return 204, {}, ""
    if path.endswith("/steps"):
        return 200, {}, {"values": []}
    if "/pipelines/" in path:
        return 200, {}, {"type": "pipeline", "uuid": UUID, "build_number": 42, **self}
    return 200, {}, {"type": "repository", "full_name": "acme/shop", **self}


main()
