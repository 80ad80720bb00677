"""Calls python-gitlab once for what client-go and it might do differently; ../gitlab.mjs records what it sends."""

import json
import sys

import gitlab

PROJECT = "platform/deploy"


def main(server):
    # `Authorization: Bearer`, which takes OAuth tokens and all access tokens.
    project = gitlab.Gitlab(server, oauth_token="TOKEN").projects.get(PROJECT, lazy=True)
    job = project.jobs.get(4711, lazy=True)
    pipeline = project.pipelines.get(1215, lazy=True)

    announce("job", "cancel", "job.cancel", **{"job-id": "4711"})
    job.cancel()
    announce("pipeline", "cancel", "pipeline.cancel", **{"pipeline-id": "1215"})
    pipeline.cancel()
    announce("pipeline", "downstream", "pipeline.bridges.list", **{"pipeline-id": "1215"})
    pipeline.bridges.list(per_page=100, page=1)


def announce(target, does, call, **ids):
    print(json.dumps({"target": target, "does": does, "call": call, "ids": {"project": PROJECT, **ids}}), flush=True)


main(sys.argv[1])
