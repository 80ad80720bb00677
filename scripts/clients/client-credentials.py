"""Renews __tests__/fixtures/client-credentials.json:

    python3 scripts/clients/client-credentials.py

What the vendors' own clients send for an access token that an application gets for itself: databricks-sdk 0.162.0 to a server on
loopback, azure-identity 1.27.0 by a transport that sends nothing, because it takes https alone. Needs Python 3.11 and `npm ci`. All
ids and credentials are made up.
"""

import json
from datetime import datetime, timezone
from pathlib import Path
from tempfile import mkdtemp

from packages import install, line
from recorder import Recorder, essential, write_fixture

packages = install("databricks-sdk==0.162.0", "azure-identity==1.27.0")

from azure.core.pipeline.transport import HttpTransport
from azure.identity import ClientSecretCredential, WorkloadIdentityCredential
from databricks.sdk import WorkspaceClient

TENANT = "12345678-1234-1234-1234-123456789abc"
TOKEN = {"access_token": "TOKEN", "token_type": "Bearer", "expires_in": 3600}


def by_databricks():
    def answer(request):
        if request["path"] == "/oidc/v1/token":
            return 200, {}, TOKEN
        if request["path"] == "/.well-known/databricks-config":
            return 200, {}, {"oidc_endpoint": f"{recorder.server}/oidc", "workspace_id": "123456"}
        if request["path"].endswith("/oauth-authorization-server"):
            return 200, {}, {name: f"{recorder.server}/oidc/v1/{name[:-9]}" for name in ("authorization_endpoint", "token_endpoint")}
        return 200, {}, {}

    with Recorder(answer) as recorder:
        client = WorkspaceClient(host=recorder.server, client_id="CLIENT-ID", client_secret="CLIENT-SECRET", auth_type="oauth-m2m")
        client.jobs.cancel_run(1)
        taken = [request for request in recorder.taken() if ".well-known" not in request["path"]]
    token, cancel = (essential(request, ["authorization", "content-type"]) for request in taken)
    return {"request": {**token, "server": "https://workspace.example.com"}, "sends": cancel["headers"]["authorization"]}


class Reply:
    status_code, headers, content_type, reason = 200, {"content-type": "application/json"}, "application/json", "OK"
    internal_response = request = None

    def __init__(self, body):
        self._text = json.dumps(body)

    def body(self):
        return self._text.encode()

    def text(self, encoding=None):
        return self._text


class Transport(HttpTransport):
    """Keeps what would be sent."""

    def __init__(self):
        self.sent = []

    def open(self):
        pass

    close = open

    def __exit__(self, *_):
        pass

    def send(self, request, **_):
        if request.url.endswith("/openid-configuration"):
            base = request.url.split("/v2.0/")[0]
            return Reply({"issuer": f"{base}/v2.0", **{name: f"{base}/oauth2/v2.0/{name[:-9]}" for name in ("authorization_endpoint", "token_endpoint")}})
        self.sent.append(request)
        return Reply(TOKEN)


def by_azure(make):
    transport = Transport()
    # Without it Microsoft is asked whether the host is one of its own.
    token = make(transport=transport, disable_instance_discovery=True).get_token("https://management.azure.com/.default")
    [request] = transport.sent
    server, _, path = request.url.removeprefix("https://").partition("/")
    headers = {name.lower(): value for name, value in request.headers.items()}
    return {
        "request": {
            "method": request.method,
            "path": f"/{path}",
            "query": {},
            "headers": {name: headers[name] for name in ("authorization", "content-type") if name in headers},
            "body": {name: str(value) for name, value in request.body.items()},
            "server": f"https://{server}",
        },
        "sends": f"Bearer {token.token}",
    }


assertion = Path(mkdtemp(prefix="clients-")) / "token"
assertion.write_text("ASSERTION")
flows = [
    {"provider": "databricks", "client": "basic", "by": "databricks-sdk 0.162.0: oauth-m2m", **by_databricks()},
    {
        "provider": "azure-data-factory",
        "client": "form",
        "by": "azure-identity 1.27.0: ClientSecretCredential",
        **by_azure(lambda **more: ClientSecretCredential(TENANT, "CLIENT-ID", "CLIENT-SECRET", **more)),
    },
    {
        "provider": "azure-data-factory",
        "client": "assertion",
        "by": "azure-identity 1.27.0: WorkloadIdentityCredential",
        **by_azure(lambda **more: WorkloadIdentityCredential(tenant_id=TENANT, client_id="CLIENT-ID", token_file_path=str(assertion), **more)),
    },
]

identity = "azure/identity/_constants.py"
write_fixture(
    "client-credentials.json",
    {
        "about": f"What the vendors' own clients send for an access token of an application ({datetime.now(timezone.utc):%B %Y}).",
        "script": "scripts/clients/client-credentials.py",
        "flows": flows,
        "hosts": [
            {"host": host, "where": line(packages, file, f'"{host}"')}
            for host, file in (
                ("login.microsoftonline.com", identity),
                ("login.microsoftonline.us", identity),
                ("login.chinacloudapi.cn", identity),
                ("login.partner.microsoftonline.cn", "msal/authority.py"),
            )
        ],
    },
)
