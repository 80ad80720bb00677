"""Runs python-jenkins 1.8.3 and api4jenkins 2.1.0 against a recorder, and prints what they sent; ../jenkins.mjs keeps it."""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import jenkins
from api4jenkins import Jenkins
from api4jenkins.build import WorkflowRun
from recorder import Recorder, essential

USER, TOKEN = "ci-bot", "TOKEN"
CRUMB = {"_class": "hudson.security.csrf.DefaultCrumbIssuer", "crumb": "CRUMB", "crumbRequestField": "Jenkins-Crumb"}
BUILD = {"job": "platform/deploy", "build-number": "20"}
QUEUED = {"queue-id": "1187"}
MEANINGFUL = ["authorization", "jenkins-crumb", "cookie", "content-type"]


def main():
    with Recorder(answer) as recorder:
        kept = [*by_python_jenkins(recorder), *by_api4jenkins(recorder)]
    print(json.dumps(kept))


def by_python_jenkins(recorder):
    client = jenkins.Jenkins(recorder.server, USER, TOKEN)
    source = "python-jenkins"
    yield from sent(recorder, "build", "look", source, "get_build_info", BUILD, lambda: client.get_build_info("platform/deploy", 20))
    yield from sent(recorder, "build", "cancel", source, "stop_build", BUILD, lambda: client.stop_build("platform/deploy", 20))
    yield from sent(recorder, "queue-item", "look", source, "get_queue_item", QUEUED, lambda: client.get_queue_item(1187))
    yield from sent(recorder, "queue-item", "cancel", source, "cancel_queue", QUEUED, lambda: client.cancel_queue(1187))


def by_api4jenkins(recorder):
    client = Jenkins(recorder.server, auth=(USER, TOKEN))
    build = WorkflowRun(client, f"{recorder.server}/job/platform/job/deploy/20/")
    source = "api4jenkins"
    yield from sent(recorder, "build", "force", source, "Build.term", BUILD, build.term)
    yield from sent(recorder, "build", "force", source, "Build.kill", BUILD, build.kill)


def sent(recorder, target, does, source, call, ids, run):
    """Both clients fetch a crumb before their first change."""
    recorder.taken()
    run()
    for request in recorder.taken():
        crumb = request["path"].startswith("/crumbIssuer")
        what = {"target": target, "does": "token" if crumb else does, "source": source, "call": call, "ids": ids}
        yield {**what, **essential(request, MEANINGFUL)}


def answer(request):
    if request["path"].startswith("/crumbIssuer"):
        return 200, {"set-cookie": "JSESSIONID.4f2a=SESSION; Path=/; HttpOnly"}, CRUMB
    if request["path"].endswith("/api/json"):
        return 200, {}, {"building": True}
    # A stop is answered with a redirect to the build, which the clients follow; the item of a queue with 204.
    return (204, {}, "") if "cancelItem" in request["path"] else (200, {}, {})


main()
