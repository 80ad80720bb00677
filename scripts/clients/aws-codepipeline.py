"""Renews __tests__/fixtures/clients/aws-codepipeline.json:

    python3 scripts/clients/aws-codepipeline.py

Runs botocore 1.44.8 (what boto3 and the AWS CLI are made of) against a server on loopback, and reads the statuses and
the hosts of all regions out of its data. The whole signatures of another client are in aws-codepipeline-client.json.
Needs Python 3.11 and `npm ci`. All ids and credentials are made up.
"""

import re
from datetime import datetime, timezone

from packages import install, line
from recorder import Recorder, essential, write_fixture

VERSION = "1.44.8"
packages = install(f"botocore=={VERSION}")

import botocore.session
from botocore.config import Config

IDS = {"pipeline": "deploy-prod", "execution-id": "0c5f7d2e-1111-2222-3333-444455556666"}
REASON = "superseded by 1f2e3d"
execution = {"pipelineName": IDS["pipeline"], "pipelineExecutionId": IDS["execution-id"]}
session = botocore.session.get_session()
session.set_credentials("AKIDEXAMPLE", "SKEXAMPLE", "SECURITYTOKEN")
requests = []

with Recorder() as recorder:
    client = session.create_client("codepipeline", "eu-west-1", endpoint_url=recorder.server)

    def record(does, call, send, **values):
        send()
        [request] = recorder.taken()
        request = essential(request, ["authorization", "content-type", "x-amz-security-token", "x-amz-target"])
        # The rest, and the day, are those of the recording.
        credential = request["headers"]["authorization"].split(",")[0]
        request["headers"]["authorization"] = re.sub(r"/\d{8}/", "/YYYYMMDD/", credential)
        requests.append({"target": "execution", "does": does, "source": "botocore", "call": call, "ids": IDS, **values, **request})

    record("look", "get_pipeline_execution", lambda: client.get_pipeline_execution(**execution))
    for does, abandon in (("cancel", False), ("force", True)):
        record(
            does,
            f"stop_pipeline_execution(abandon={abandon})",
            lambda: client.stop_pipeline_execution(**execution, abandon=abandon, reason=REASON),
            values={"reason": REASON},
        )

shapes = session.get_service_model("codepipeline")
statuses = shapes.shape_for("PipelineExecutionStatus").enum
errors = sorted({each.name for name in ("GetPipelineExecution", "StopPipelineExecution") for each in shapes.operation_model(name).error_shapes})


def host(region, **config):
    return session.create_client("codepipeline", region, config=Config(**config)).meta.endpoint_url


regions = []
for partition in session.get_available_partitions():
    names = session.get_available_regions("codepipeline", partition, allow_non_regional=True)
    for name in names:
        fips = name.removeprefix("fips-")
        regions.append(
            {
                "target": "execution",
                "service": "codepipeline" if fips == name else "codepipeline-fips",
                "region": fips,
                "host": host(name) if fips == name else host(fips, use_fips_endpoint=True),
                "source": "botocore",
            }
        )
regions.sort(key=lambda each: (each["service"], each["region"]))

# The CLI's table of consoles: https://github.com/aws/aws-cli/blob/406eb77d4aee56f85153d20d09b213f02c9774e3/awscli/customizations/console.py
CONSOLES = {
    "eu-west-1": "eu-west-1.console.aws.amazon.com",
    "us-gov-west-1": "us-gov-west-1.console.amazonaws-us-gov.com",
    "cn-north-1": "cn-north-1.console.amazonaws.cn",
    "eusc-de-east-1": "eusc-de-east-1.console.amazonaws-eusc.eu",
}
path = f"/codesuite/codepipeline/pipelines/{IDS['pipeline']}/executions/{IDS['execution-id']}"
console, region = CONSOLES["eu-west-1"], "eu-west-1"
pages = [
    (f"https://{console}{path}/visualization?region={region}", region, "programs", "links in messages and commit statuses of 2024 to 2026"),
    (f"https://{console}{path}/timeline?region={region}", region, "programs", "older programs; the tab of that name"),
    (f"https://{console}{path}?region={region}", region, "programs", "without a tab"),
    (f"https://{console}{path}", region, "programs", "without a tab, the region in the host alone"),
    (f"https://console.aws.amazon.com{path}/visualization?region={region}&tab=timeline", region, "programs", "no region in the host"),
    (f"https://904233098281-tm3revhu.{console}{path}/visualization?region={region}", region, "programs", "several sessions in one browser: account and a hash before the region"),
    *[(f"https://{each}{path}/visualization?region={name}", name, "cli", "host: awscli/customizations/console.py _PARTITION_HOSTS; path: of the first page") for name, each in CONSOLES.items() if name != region],
    (f"https://console.amazonaws-us-gov.com{path}/visualization?region=us-gov-west-1", "us-gov-west-1", "programs", "host: of CodeBuild's pages in programs; path: of the first page"),
]

config, credentials = "botocore/configprovider.py", "botocore/credentials.py"
variables = [
    ("AWS_ACCESS_KEY_ID", "access-key", credentials, "ACCESS_KEY = 'AWS_ACCESS_KEY_ID'", None),
    ("AWS_SECRET_ACCESS_KEY", "secret-key", credentials, "SECRET_KEY = 'AWS_SECRET_ACCESS_KEY'", None),
    ("AWS_SESSION_TOKEN", "security-token", credentials, "TOKENS = ['AWS_SECURITY_TOKEN', 'AWS_SESSION_TOKEN']", None),
    ("AWS_SECURITY_TOKEN", "security-token", credentials, "TOKENS = ['AWS_SECURITY_TOKEN', 'AWS_SESSION_TOKEN']", "the older name; read before AWS_SESSION_TOKEN"),
    ("AWS_DEFAULT_REGION", "region", config, "'AWS_DEFAULT_REGION'", None),
    ("AWS_ENDPOINT_URL_CODEPIPELINE", "server", config, "AWS_ENDPOINT_URL_{transformed_service_id_env}", None),
    ("AWS_ENDPOINT_URL", "server", config, "name='AWS_ENDPOINT_URL'", "all services, where the one above is not set"),
]

write_fixture(
    "clients/aws-codepipeline.json",
    {
        "about": f"botocore run against a server on loopback, and its data of the service and of the regions ({datetime.now(timezone.utc):%B %Y}).",
        "script": "scripts/clients/aws-codepipeline.py",
        "sources": {
            "botocore": {"name": f"botocore {VERSION}", "level": "official client"},
            "cli": {"name": "aws-cli at 406eb77d", "level": "source code"},
            "javascript": {"name": "@aws-sdk/client-codepipeline 3.1138.0", "level": "official client"},
            "programs": {"name": "programs in public repositories, none of them AWS's", "level": "community client"},
        },
        "requests": requests,
        "enums": [
            {
                "target": "execution",
                "of": "status of an execution",
                "source": "botocore",
                "where": "codepipeline/2015-07-09/service-2.json PipelineExecutionStatus",
                "words": statuses,
            },
        ],
        "regions": regions,
        "pages": [{"target": "execution", "address": address, "ids": IDS, "region": name, "source": source, "where": where} for address, name, source, where in pages],
        "variables": [
            *[
                {"name": name, "holds": holds, **({"for": use} if use else {}), "source": "botocore", "where": line(packages, file, text)}
                for name, holds, file, text, use in variables
            ],
            {"name": "AWS_REGION", "holds": "region", "source": "javascript", "where": "@smithy/core 3.41.1 dist-es/submodules/config/config-resolver/regionConfig/config.js:2"},
        ],
        "unverified": [
            "No tool of AWS's was found that prints or sends an execution's page: the addresses are those that people's programs make.",
            "Pages of executions in China, GovCloud and the European Sovereign Cloud: their hosts are known (of those of China and GovCloud the CLI's authors say that they did not check them), a whole address was found in no program. The consoles of the isolated partitions are in no source.",
            f"Errors that the service model knows for the two calls: {', '.join(errors)}. What a missing right or a wrong key is called is in no model.",
            "botocore composes a host for any region of a partition's pattern: that CodePipeline is not in a region's list does not say that it is not there.",
        ],
    },
)
