"""Renews __tests__/fixtures/google-auth-client.json:

    python3 scripts/clients/google-auth.py

What google-auth 2.63.0, the library of Google's Python clients, sends for a token by each kind of credential file. Its transport is
replaced, so nothing is sent. Needs Python 3.11 and `npm ci`. All ids and credentials are made up, the key is made by the script.
"""

import base64
import json
from datetime import datetime, timezone
from urllib.parse import parse_qs

from packages import install
from recorder import write_fixture

VERSION = "2.63.0"
install(f"google-auth=={VERSION}", "cryptography")

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from google.auth import identity_pool
from google.oauth2 import credentials as user
from google.oauth2 import service_account

SCOPES = ["https://www.googleapis.com/auth/cloud-platform"]
key = rsa.generate_private_key(65537, 2048).private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
)
# As google-github-actions/auth writes it: https://github.com/google-github-actions/auth/blob/fc2174804b84f912b1f6d334e9463f484f1c552d/src/client/workload_identity_federation.ts
WORKLOAD = {
    "type": "external_account",
    "audience": "//iam.googleapis.com/projects/123456789/locations/global/workloadIdentityPools/ci/providers/github",
    "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
    "token_url": "https://sts.googleapis.com/v1/token",
    "credential_source": {
        "url": "https://token.actions.example.com/idtoken?api-version=2.0&audience=x",
        "headers": {"Authorization": "Bearer REQUEST-TOKEN"},
        "format": {"type": "json", "subject_token_field_name": "value"},
    },
}
IMPERSONATE = "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/ci@acme.iam.gserviceaccount.com:generateAccessToken"
FILES = {
    "workload identity": WORKLOAD,
    "workload identity, as a service account": {**WORKLOAD, "service_account_impersonation_url": IMPERSONATE},
    "service account": {
        "type": "service_account",
        "project_id": "acme",
        "private_key_id": "KEY-ID",
        "client_email": "ci@acme.iam.gserviceaccount.com",
        "token_uri": "https://oauth2.googleapis.com/token",
    },
    "user, by gcloud auth application-default login": {
        "type": "authorized_user",
        "client_id": "CLIENT-ID",
        "client_secret": "CLIENT-SECRET",
        "refresh_token": "REFRESH-TOKEN",
    },
}
requests = []


class Reply:
    status = 200
    headers = {}

    def __init__(self, body):
        self.data = json.dumps(body).encode()


def send(url, method="GET", body=None, headers=None, **_):
    text = (body or b"").decode()
    named = {name.lower(): value for name, value in (headers or {}).items()}
    kept = {name: named[name] for name in ("authorization", "content-type") if name in named}
    fields = json.loads(text) if "json" in kept.get("content-type", "") else {name: value for name, [value] in parse_qs(text).items()}
    if "assertion" in fields:
        parts = fields["assertion"].split(".")[:2]
        fields["assertion"] = [json.loads(base64.urlsafe_b64decode(part + "==")) for part in parts]
        # The moment is that of the recording; an hour is between the two.
        claims = fields["assertion"][1]
        claims["exp"] -= claims["iat"]
        claims["iat"] = 0
    requests.append({"method": method, "url": url, "headers": kept, "fields": fields})
    if "idtoken" in url:
        return Reply({"value": "SUBJECT-TOKEN"})
    if "generateAccessToken" in url:
        return Reply({"accessToken": "TOKEN", "expireTime": "2030-01-01T00:00:00Z"})
    return Reply({"access_token": "FEDERATED-TOKEN" if "sts" in url else "TOKEN", "expires_in": 3599, "token_type": "Bearer"})


flows = []
for name, file in FILES.items():
    if file["type"] == "external_account":
        credentials = identity_pool.Credentials.from_info(file, scopes=SCOPES)
    elif file["type"] == "service_account":
        credentials = service_account.Credentials.from_service_account_info({**file, "private_key": key.decode()}, scopes=SCOPES)
    else:
        credentials = user.Credentials.from_authorized_user_info(file)
    credentials.refresh(send)
    flows.append({"name": name, "file": file, "requests": list(requests)})
    requests.clear()

write_fixture(
    "google-auth-client.json",
    {
        "about": f"What google-auth sends for an access token by each kind of credential file ({datetime.now(timezone.utc):%B %Y}). An assertion is its header and its claims; the key of the service account is made anew wherever it is needed.",
        "script": "scripts/clients/google-auth.py",
        "client": f"google-auth {VERSION}",
        "flows": flows,
    },
)
