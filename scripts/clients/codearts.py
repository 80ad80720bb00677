"""Renews __tests__/fixtures/clients/codearts.json:

    python3 scripts/clients/codearts.py

Runs Huawei's own SDK for Python (huaweicloudsdkcodeartsbuild, -codeartspipeline, -codeartsdeploy, -iam 3.1.219) against
a server on loopback, and reads the hosts of all regions out of it. What the SDK cannot do (stop a deployment) comes from
the definitions of Huawei's API Explorer as the crates huawei-cloud-api-definitions-* have them.
Needs Python 3.11, cargo (to fetch the crates) and `npm ci`. All ids and credentials are made up.
"""

import json
import re
from datetime import datetime, timezone

from packages import crates, install, line
from recorder import Recorder, essential, write_fixture

SDK = "3.1.219"
SERVICES = ("codeartsbuild", "codeartspipeline", "codeartsdeploy", "iam")
packages = install(*[f"huaweicloudsdk{service}=={SDK}" for service in SERVICES])
CRATES = {"Build": "0.1.20250926", "Pipeline": "0.1.20260918", "Deploy": "0.1.20261023"}
definitions = crates(**{f"huawei_cloud_api_definitions_CodeArts{name}": version for name, version in CRATES.items()})

from huaweicloudsdkcodeartsbuild import v3 as build
from huaweicloudsdkcodeartsbuild.v3.region.codeartsbuild_region import CodeArtsBuildRegion
from huaweicloudsdkcodeartsdeploy.v2.region.codeartsdeploy_region import CodeArtsDeployRegion
from huaweicloudsdkcodeartspipeline import v2 as pipeline
from huaweicloudsdkcodeartspipeline.v2.region.codeartspipeline_region import CodeArtsPipelineRegion
from huaweicloudsdkcore.auth.credentials import BasicCredentials, GlobalCredentials
from huaweicloudsdkiam import v3 as iam
from huaweicloudsdkiam.v3.region.iam_region import IamRegion

BUILD = {"job-id": "f9d6c8466d614a9788e9a0acf6c15f46", "build-number": "20"}
RUN = {
    "project-id": "c5ad84a9a8a44d3f9d5f5b6a5a3e0f11",
    "pipeline-id": "94d7b8d8a5a54f3d8c1f0ab1c9a1d7f2",
    "pipeline-run-id": "6f3e8a0c9b4d4e0fa7a1c6d2b5e8f903",
}
DEPLOYMENT = {"task-id": "0c7d1fE5b2a94d6c8e3f5a7b9c1d2e4f", "record-id": "7b1e5d3c9f2a48c6b0d4e8f6a2c5b7d9"}
job, number = BUILD.values()
project, pipeline_id, run = RUN.values()
ids = {"project_id": project, "pipeline_id": pipeline_id, "pipeline_run_id": run}
explain = {"token": "TOKEN"}
login = {"username": "deployer", "password": "PASSWORD", "domain": "acme", "region": "cn-north-4"}

requests = []


def record(recorder, target, does, call, values, sent):
    sent()
    [request] = recorder.taken()
    request = essential(request, ["authorization", "content-type", "x-security-token", "x-subject-token"])
    if "authorization" in request["headers"]:
        # The rest is made of the time of the recording: huawei-signing-vectors.json has whole signatures.
        request["headers"]["authorization"] = request["headers"]["authorization"].split(",")[0]
    requests.append({"target": target, "does": does, "source": "sdk", "call": call, **values, **request})


with Recorder(lambda request: (200, {}, {})) as recorder:
    key = BasicCredentials("AKIDEXAMPLE", "SKEXAMPLE")
    own = lambda client, credentials=key: client.new_builder().with_credentials(credentials).with_endpoint(recorder.server).build()
    builds, runs = own(build.CodeArtsBuildClient), own(pipeline.CodeArtsPipelineClient)
    temporary = BasicCredentials("AKIDEXAMPLE", "SKEXAMPLE").with_security_token("SECURITYTOKEN")
    users = own(iam.IamClient, GlobalCredentials("AKIDEXAMPLE", "SKEXAMPLE", domain_id="d78cbac186b744899480f25bd022f468"))

    def of_build(does, call, sent):
        record(recorder, "build", does, f"CodeArtsBuildClient.{call}", {"ids": BUILD}, sent)

    def of_run(does, call, sent):
        record(recorder, "pipeline", does, f"CodeArtsPipelineClient.{call}", {"ids": RUN}, sent)

    of_build("look", "show_build_details", lambda: builds.show_build_details(build.ShowBuildDetailsRequest(job, int(number))))
    of_build(
        "look",
        "show_job_build_record_detail",
        lambda: builds.show_job_build_record_detail(build.ShowJobBuildRecordDetailRequest(job, int(number))),
    )
    of_build("look", "show_record_info", lambda: builds.show_record_info(build.ShowRecordInfoRequest(job, int(number))))
    of_build("cancel", "stop_the_job", lambda: builds.stop_the_job(build.StopTheJobRequest(job, int(number))))
    of_build("cancel", "stop_job", lambda: builds.stop_job(build.StopJobRequest(build.StopJobRequestBody(job, number))))
    of_run("look", "show_pipeline_run_detail", lambda: runs.show_pipeline_run_detail(pipeline.ShowPipelineRunDetailRequest(**ids)))
    of_run("cancel", "stop_pipeline_run", lambda: runs.stop_pipeline_run(pipeline.StopPipelineRunRequest(**ids)))
    runs = own(pipeline.CodeArtsPipelineClient, temporary)
    of_run("look", "show_pipeline_run_detail, with a security token", lambda: runs.show_pipeline_run_detail(pipeline.ShowPipelineRunDetailRequest(**ids)))

    user = iam.PwdPasswordUser(domain=iam.PwdPasswordUserDomain("acme"), name="deployer", password="PASSWORD")
    auth = iam.PwdAuth(
        identity=iam.PwdIdentity(methods=["password"], password=iam.PwdPassword(user)),
        scope=iam.AuthScope(project=iam.AuthScopeProject(name="cn-north-4")),
    )
    body = iam.KeystoneCreateUserTokenByPasswordRequestBody(auth)
    record(
        recorder,
        "token",
        "token",
        "IamClient.keystone_create_user_token_by_password",
        {"ids": {}, "values": login},
        lambda: users.keystone_create_user_token_by_password(iam.KeystoneCreateUserTokenByPasswordRequest("true", body)),
    )
    record(
        recorder,
        "token",
        "token",
        "IamClient.keystone_validate_token",
        {"ids": {}, "values": explain},
        lambda: users.keystone_validate_token(iam.KeystoneValidateTokenRequest(x_subject_token="TOKEN", nocatalog="true")),
    )
# The SDK signs its requests to IAM, which is more than IAM asks for: the password, or the token itself, is the proof.
for request in requests:
    if request["target"] == "token":
        del request["headers"]["authorization"]


def definition(service, name):
    folder = f"huawei-cloud-api-definitions-CodeArts{service}-{CRATES[service]}"
    return json.loads((definitions / folder / "src" / f"{name}.json").read_text())


def defined(target, does, service, name, values, query=None):
    """The request that a definition asks for, with our values in it."""
    api = definition(service, name)
    [[path, methods]] = api["paths"].items()
    [[method, operation]] = methods.items()
    parameters = [api["parameters"][each["$ref"].split("/")[-1]] if "$ref" in each else each for each in operation["parameters"]]
    # The token is left out: the signature is in its place.
    headers = {each["name"].lower(): each["enum"][-1] for each in parameters if each["in"] == "header" and "enum" in each}
    bodies = [each["x-example"] for each in parameters if each["in"] == "body"]
    for our_name, value in values.items():
        path = path.replace("{" + our_name.replace("-", "_") + "}", value)
    known = {each["name"] for each in parameters if each["in"] == "query"}
    query = {"record_id": values["record-id"], **query} if query else {}
    assert "{" not in path and set(query) <= known, (path, known)
    requests.append(
        {
            "target": target,
            "does": does,
            "source": f"definitions-{service.lower()}",
            "call": name,
            "ids": values,
            "method": method.upper(),
            "path": path,
            "query": query,
            "headers": headers,
            "body": bodies[0] if bodies else None,
        }
    )


defined("deployment", "look", "Deploy", "CheckDeployStatus", DEPLOYMENT, {"step_state": "false"})
defined("deployment", "cancel", "Deploy", "StopDeployTask", DEPLOYMENT)


def words(text):
    return re.findall(r"^-? ?([A-Za-z_]+)[::]", text, re.MULTILINE)


detail = definition("Pipeline", "ShowPipelineRunDetail")["definitions"]["PipelineRun"]["properties"]["status"]["description"]
filters = definition("Pipeline", "ListPipelineRuns")["definitions"]["ListPipelineRunsQuery"]["properties"]["status"]["description"]
applications = json.dumps(definition("Deploy", "ListAllApp"), ensure_ascii=False)
application = json.loads('"' + re.search(r'"((?:[^"\\]|\\.)*abort: (?:[^"\\]|\\.)*)"', applications).group(1) + '"')
assert words(detail) == words(filters)
record_files = ("ShowBuildDetails", "ShowBuildRecord", "ListRecords", "ShowRecordInfo", "ShowJobBuildRecordDetail")
examples = "".join(json.dumps(definition("Build", name)) for name in record_files)
seen = sorted(set(re.findall(r'"(?:status|build_result|build_status)": "([A-Z_]+)"', examples)))

regions = [
    {"target": target, "service": service, "region": name, "host": region.endpoint, "source": "sdk"}
    for target, service, table in (
        ("build", "cloudbuild", CodeArtsBuildRegion),
        ("pipeline", "cloudpipeline", CodeArtsPipelineRegion),
        ("deployment", "codearts-deploy", CodeArtsDeployRegion),
        ("token", "iam", IamRegion),
    )
    for name, region in sorted(table.static_fields.items())
]

provider = "huaweicloudsdkcore/auth/provider.py"
variables = [
    ("HUAWEICLOUD_SDK_AK", "access-key", provider),
    ("HUAWEICLOUD_SDK_SK", "secret-key", provider),
    ("HUAWEICLOUD_SDK_SECURITY_TOKEN", "security-token", provider),
]
iam_file = "huaweicloudsdkcore/auth/internal.py"
region_file = "huaweicloudsdkcore/region/provider.py"
terraform = "huaweicloud/provider.go (github.com/huaweicloud/terraform-provider-huaweicloud at 00027fd8)"
page = "https://devcloud.cn-north-4.huaweicloud.com/cicd/project/" + "/".join((project, "pipeline/detail", pipeline_id, run))

write_fixture(
    "clients/codearts.json",
    {
        "about": "Huawei's SDK for Python run against a server on loopback; deployments, which it cannot stop, as the definitions of Huawei's API Explorer have them "
        f"({datetime.now(timezone.utc):%B %Y}).",
        "script": "scripts/clients/codearts.py",
        "sources": {
            "sdk": {"name": f"huaweicloudsdk-codeartsbuild, -codeartspipeline, -codeartsdeploy, -iam, -core {SDK}", "level": "official client"},
            **{
                f"definitions-{name.lower()}": {"name": f"huawei-cloud-api-definitions-CodeArts{name} {version}", "level": "OpenAPI"}
                for name, version in CRATES.items()
            },
            "terraform": {"name": "terraform-provider-huaweicloud at 00027fd8", "level": "source code"},
            "programs": {"name": "programs in public repositories, none of them Huawei's", "level": "community client"},
        },
        "requests": requests,
        "enums": [
            {
                "target": "pipeline",
                "of": "status of a run, and filter of the list of runs",
                "source": "definitions-pipeline",
                "where": "ShowPipelineRunDetail PipelineRun.status; ListPipelineRuns ListPipelineRunsQuery.status",
                "words": words(detail),
            },
            {
                "target": "build",
                "of": "status of a build in the examples: it is nowhere enumerated",
                "source": "definitions-build",
                "where": ", ".join(record_files),
                "words": seen,
            },
            {
                "target": "deployment",
                "of": "status of an application, by its latest deployment; that of a deployment itself is a text",
                "source": "definitions-deploy",
                "where": "ListAllApp",
                "words": words(application),
            },
        ],
        "regions": regions,
        "pages": [
            {"target": "pipeline", "address": address, "ids": RUN, "region": "cn-north-4", "source": "programs", "where": where}
            for address, where in (
                (page, "target_url of commit statuses, reports of reviews"),
                (f"{page}?v=1", "messages to chats; the console's own address"),
            )
        ],
        "variables": [
            *[{"name": name, "holds": holds, "source": "sdk", "where": line(packages, file, f'"{name}"')} for name, holds, file in variables],
            {
                "name": "HUAWEICLOUD_SDK_IAM_ENDPOINT",
                "holds": "server",
                "for": "IAM alone, in place of the host of the region",
                "source": "sdk",
                "where": line(packages, iam_file, '"HUAWEICLOUD_SDK_IAM_ENDPOINT"'),
            },
            *[
                {
                    "name": f"HUAWEICLOUD_SDK_REGION_{service}_<REGION>",
                    "holds": "server",
                    "for": f"{target}: the region's host, <REGION> as in CN_NORTH_4; several by comma",
                    "source": "sdk",
                    "where": line(packages, region_file, '"HUAWEICLOUD_SDK_REGION"'),
                }
                for target, service in (("build", "CODEARTSBUILD"), ("pipeline", "CODEARTSPIPELINE"), ("deployment", "CODEARTSDEPLOY"))
            ],
            *[
                {"name": name, "holds": holds, "source": "terraform", "where": terraform}
                for name, holds in (
                    ("HW_AUTH_TOKEN", "token"),
                    ("HW_ACCESS_KEY", "access-key"),
                    ("HW_SECRET_KEY", "secret-key"),
                    ("HW_SECURITY_TOKEN", "security-token"),
                    ("HW_USER_NAME", "username"),
                    ("HW_USER_PASSWORD", "password"),
                    ("HW_DOMAIN_NAME", "domain"),
                    ("HW_REGION_NAME", "region"),
                )
            ],
            {"name": "HW_AUTH_URL", "holds": "server", "for": "IAM alone, with its path /v3", "source": "terraform", "where": terraform},
        ],
        "unverified": [
            "Whether the stop of a build reads `build_no` in the query (as the SDKs send it) or in the body (as the document, https://support.huaweicloud.com/api-codeci/StopTheJob.html, and the Terraform provider do): no server was asked.",
            "Which words the status of a build, and of a deployment that was stopped, can have: the definitions say text.",
            "In no client, but in Huawei's documents: eu-west-101 with build-backend., pipeline-external. and codearts-deploy.eu-west-101.myhuaweicloud.eu (https://support.huaweicloud.com/eu/api-codeci/cloudbuild_03_0003.html, /eu/api-pipeline/pipeline_03_0003.html, /eu/api-deployman/CloudDeploy_api_3001.html), and cn-northeast-1 with cloudbuild-ext. and cloudpipeline-ext.",
            "The international documents name devcloud.<region>.myhuaweicloud.com for builds and pipelines of ap-southeast-3, la-north-2 and sa-brazil-1 (https://support.huaweicloud.com/intl/en-us/api-pipeline/pipeline_03_0000.html), the SDK the hosts above; no server was asked.",
            "Pages of builds and deployments: the documents say only that a task's page ends with its id, or has it after /detail/history/.",
            "Which regions have no v1 routes of Build: no list was found. Of the documents for eu-west-101 only pages of the v3 routes were (https://support.huaweicloud.com/eu/api-codeci/StopJob.html).",
        ],
    },
)
