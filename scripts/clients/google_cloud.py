"""What the scripts of Google's services share: its Python client and gcloud, led to a server on loopback."""

import json
import os
import subprocess
from pathlib import Path
from shutil import which
from tempfile import mkdtemp

from packages import install, line

PYTHON, GCLOUD = "2.202.0", "528.0.0"
packages = install(f"google-api-python-client=={PYTHON}")

from google.oauth2.credentials import Credentials
from googleapiclient.discovery import build_from_document

sdk = Path(which("gcloud")).resolve().parent.parent
if (sdk / "VERSION").read_text().strip() != GCLOUD:
    raise SystemExit(f"gcloud is not {GCLOUD}")

ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if not name.startswith(("CLOUDSDK_", "GOOGLE_", "GCLOUD_"))},
    "CLOUDSDK_CONFIG": mkdtemp(prefix="gcloud-"),
    "CLOUDSDK_AUTH_ACCESS_TOKEN": "TOKEN",
    "CLOUDSDK_CORE_PROJECT": "acme-shop",
    "CLOUDSDK_CORE_DISABLE_PROMPTS": "1",
    "CLOUDSDK_CORE_DISABLE_USAGE_REPORTING": "1",
}


def described(api):
    return json.loads((packages / "googleapiclient/discovery_cache/documents" / f"{api}.v1.json").read_text())


def build_client(api, server):
    """The client of an API, made from its description, whose server is the one on loopback."""
    document = {**described(api), "rootUrl": f"{server}/", "baseUrl": f"{server}/", "mtlsRootUrl": f"{server}/"}
    return build_from_document(document, credentials=Credentials("TOKEN"))


def gcloud(command, server):
    overrides = {f"CLOUDSDK_API_ENDPOINT_OVERRIDES_{api}": f"{server}/" for api in ("CLOUDBUILD", "CLOUDDEPLOY")}
    subprocess.run(["gcloud", *command.split()], env={**ENVIRONMENT, **overrides}, check=True, capture_output=True)


def where(path, text):
    return line(sdk / "lib/googlecloudsdk", path, text)


def sources(programs):
    """Where the facts are from. `programs`: whose programs they are from which the pages are known."""
    return {
        "python": {"name": f"google-api-python-client {PYTHON}", "level": "official client"},
        "gcloud": {"name": f"gcloud {GCLOUD}", "level": "official client"},
        "auth": {"name": "google-github-actions/auth at fc217480", "level": "source code"},
        "terraform": {"name": "hashicorp/terraform-provider-google at 0c071d66", "level": "source code"},
        "programs": {"name": programs, "level": "community client"},
    }


def console_pages(target, ids, pages):
    return [{"target": target, "address": address, "ids": {**ids, **more}, "source": "programs", "where": place} for address, more, place in pages]


def tool_variables():
    """Credentials and the project, as gcloud, Google's action and Terraform's provider read or set them."""
    auth = "src/main.ts"
    properties = "core/properties.py"
    return [
        {"name": "CLOUDSDK_AUTH_ACCESS_TOKEN", "holds": "token", "source": "gcloud", "where": where("core/credentials/store.py", "'CLOUDSDK_AUTH_ACCESS_TOKEN')") + "; it beats the others"},
        {"name": "CLOUDSDK_AUTH_ACCESS_TOKEN_FILE", "holds": "token", "for": "in a file", "source": "gcloud", "where": where(properties, "'access_token_file',")},
        {"name": "CLOUDSDK_AUTH_CREDENTIAL_FILE_OVERRIDE", "holds": "token", "for": "a credential file", "source": "gcloud", "where": where(properties, "'credential_file_override'")},
        {"name": "GOOGLE_APPLICATION_CREDENTIALS", "holds": "token", "for": "a credential file", "source": "python", "where": line(packages, "google/auth/environment_vars.py", 'CREDENTIALS = "GOOGLE_APPLICATION_CREDENTIALS"')},
        {"name": "GOOGLE_GHA_CREDS_PATH", "holds": "token", "for": "a credential file", "source": "auth", "where": f"{auth} exportVariable('GOOGLE_GHA_CREDS_PATH'"},
        {"name": "GOOGLE_OAUTH_ACCESS_TOKEN", "holds": "token", "source": "terraform", "where": "website/docs/guides/provider_reference.html.markdown access_token"},
        {"name": "GOOGLE_CLOUD_PROJECT", "holds": "project", "source": "python", "where": line(packages, "google/auth/environment_vars.py", 'PROJECT = "GOOGLE_CLOUD_PROJECT"')},
        {"name": "GCLOUD_PROJECT", "holds": "project", "source": "python", "where": line(packages, "google/auth/environment_vars.py", 'LEGACY_PROJECT = "GCLOUD_PROJECT"')},
        {"name": "CLOUDSDK_CORE_PROJECT", "holds": "project", "source": "gcloud", "where": where(properties, "self.project = self._Add(")},
        {"name": "CLOUDSDK_PROJECT", "holds": "project", "source": "auth", "where": f"{auth} exportVariable('CLOUDSDK_PROJECT'"},
        {"name": "GCP_PROJECT", "holds": "project", "source": "auth", "where": f"{auth} exportVariable('GCP_PROJECT'"},
    ]
