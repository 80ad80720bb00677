"""A loopback server that writes down what a vendor's client sends: the same as recorder.mjs, for clients in Python.

    with Recorder() as recorder:
        client = Client(recorder.server)
        client.cancel("4711")
        [request] = recorder.taken()

None of these scripts is run by the tests: they renew the fixtures in __tests__/fixtures/clients/ by hand.
"""

import json
import subprocess
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import parse_qsl

ROOT = Path(__file__).resolve().parents[2]
FIXTURES = ROOT / "__tests__" / "fixtures"


class Recorder:
    """`answer(request)` gives status, headers and body; by default an empty JSON object."""

    def __init__(self, answer=lambda request: (200, {}, {})):
        requests = self._requests = []

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _record(self):
                text = self.rfile.read(int(self.headers.get("content-length") or 0)).decode()
                path, _, query = self.path.partition("?")
                headers = {name.lower(): value for name, value in self.headers.items()}
                request = {
                    "method": self.command,
                    "path": path,
                    "query": dict(parse_qsl(query, keep_blank_values=True)),
                    "headers": headers,
                    "body": _parsed(text, headers.get("content-type", "")),
                }
                requests.append(request)
                status, extra, body = answer(request)
                reply = (body if isinstance(body, str) else json.dumps(body)).encode()
                self.send_response(status)
                for name, value in {"content-type": "application/json", **extra}.items():
                    self.send_header(name, value)
                self.send_header("content-length", str(len(reply)))
                self.end_headers()
                self.wfile.write(reply)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = _record

            def log_message(self, *_):
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server = f"http://127.0.0.1:{self._http.server_port}"

    def __enter__(self):
        Thread(target=self._http.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._http.shutdown()

    def taken(self):
        """What came in since this was last called."""
        requests = list(self._requests)
        self._requests.clear()
        return requests


def essential(request, names):
    """The part of a recorded request that means something to the vendor; `names` are the headers that do."""
    headers = {name: request["headers"][name] for name in names if name in request["headers"]}
    return {**{key: request[key] for key in ("method", "path", "query")}, "headers": headers, "body": request["body"]}


def write_fixture(name, fixture):
    file = FIXTURES / name
    file.parent.mkdir(parents=True, exist_ok=True)
    lines = []
    for key, value in fixture.items():
        if isinstance(value, list):
            items = ",\n".join(f"    {json.dumps(item, ensure_ascii=False)}" for item in value)
            value = f"[\n{items}\n  ]" if items else "[]"
        else:
            value = json.dumps(value, ensure_ascii=False)
        lines.append(f"  {json.dumps(key)}: {value}")
    file.write_text("{\n" + ",\n".join(lines) + "\n}\n")
    subprocess.run([ROOT / "node_modules/.bin/prettier", "--write", file], check=True)


def _parsed(text, content_type):
    if text == "":
        return None
    if "json" in content_type:
        return json.loads(text)
    if "x-www-form-urlencoded" in content_type:
        return dict(parse_qsl(text, keep_blank_values=True))
    return text
