"""Renews __tests__/fixtures/clients/buildbot.json:

    python3 scripts/clients/buildbot.py

Reads words and pages out of Buildbot 4.3.0, which has no client of its own for this. What a real master was asked is in
real-servers/buildbot.json, which no script can renew. Needs Python 3.11 and `npm ci`. All ids and credentials are made up.
"""

import json
import re
from datetime import datetime, timezone
from urllib.parse import parse_qsl

from packages import install, line
from recorder import FIXTURES, write_fixture

VERSION = "4.3.0"
packages = install("--no-deps", f"buildbot=={VERSION}")
results_file = "buildbot/process/results.py"
[listed] = re.findall(r"^Results = (\[.*\])$", (packages / results_file).read_text(), re.MULTILINE)

BUILD, NUMBERED, REQUEST = "build", "numbered-build", "build-request"
requests, seen = [], set()


def kept(target, does, ids, note, request):
    """What a real master was asked, each kind of request once."""
    if (target, does) in seen:
        return
    seen.add((target, does))
    path, _, query = request["url"].partition("?")
    body = request.get("body")
    reason = (body or {}).get("params", {}).get("reason")
    requests.append(
        {
            "target": target,
            "does": does,
            "source": "server",
            "call": note,
            "ids": ids,
            **({"values": {"reason": reason}} if reason else {}),
            "method": request["method"],
            "path": path,
            "query": dict(parse_qsl(query)),
            "headers": {"cookie": "TWISTED_SESSION=***"},
            "body": body,
        }
    )


recorded = json.loads((FIXTURES / "real-servers" / "buildbot.json").read_text())
for each in recorded:
    note, request, status = each["note"], each["request"], each["reply"]["status"]
    url, is_change = request["url"], request["method"] == "POST"
    if status != 200:
        continue
    if match := re.match(r"/api/v2/builders/(\d+)/builds/(\d+)\?", url):
        kept(NUMBERED, "look", {"builder-id": match[1], "build-number": match[2]}, note, request)
    elif re.match(r"/api/v2/builds\?", url):
        kept(BUILD, "list", {}, note, request)
    elif match := re.match(r"/api/v2/builds/(\d+)(/\w+)?(\?property)?", url):
        part = {"/steps": "jobs", "/triggered_builds": "downstream"}.get(match[2], "cancel" if is_change else "look")
        if part == "look" and not match[3]:
            continue
        kept(BUILD, part, {"build-id": match[1]}, note, request)
        if part != "look":
            kept(NUMBERED, part, {"builder-id": "3", "build-number": "1", "build-id": match[1]}, note, request)
    elif match := re.match(r"/api/v2/buildrequests/(\d+)$", url):
        kept(REQUEST, "cancel" if is_change else "look", {"build-request-id": match[1]}, note, request)

utils = "buildbot/reporters/utils.py"
numbered = {"builder-id": "3", "build-number": "20"}
of_build = line(packages, utils, 'f"#/builders/{builderid}/builds/{build_number}"') + " getURLForBuild; the web interface, mails and statuses"
of_log = line(packages, utils, 'f"{prefix}#/builders/{builderid}/builds/{build_number}/"') + " get_url_for_log"
of_request = line(packages, utils, '{prefix}#/buildrequests/{buildrequestid}"') + " getURLForBuildrequest"

write_fixture(
    "clients/buildbot.json",
    {
        "about": f"What a Buildbot master was asked as it ran, and the words and pages of its sources ({datetime.now(timezone.utc):%B %Y}).",
        "script": "scripts/clients/buildbot.py",
        "sources": {
            "server": {"name": f"Buildbot {VERSION}", "level": "real server"},
            "source": {"name": f"buildbot {VERSION}", "level": "source code"},
        },
        "requests": requests,
        "enums": [
            {
                "target": target,
                "of": "result of what is complete, by its number's place",
                "source": "source",
                "where": line(packages, results_file, "Results = ["),
                "words": json.loads(listed),
            }
            for target in (BUILD, NUMBERED, REQUEST)
        ],
        "regions": [],
        "pages": [
            {"target": NUMBERED, "address": "https://buildbot.example.com/#/builders/3/builds/20", "ids": numbered, "source": "source", "where": of_build},
            {
                "target": NUMBERED,
                "address": "https://buildbot.example.com/#/builders/3/builds/20/steps/1/logs/stdio",
                "ids": numbered,
                "source": "source",
                "where": of_log,
            },
            {
                "target": REQUEST,
                "address": "https://buildbot.example.com/#/buildrequests/4",
                "ids": {"build-request-id": "4"},
                "source": "source",
                "where": of_request,
            },
        ],
        "variables": [],
        "unverified": [
            "Since which version a master lists what a build has triggered: tried with 4.3.0.",
            "A master with several processes, and one whose users sign in elsewhere, were not tried.",
        ],
    },
)
