"""Renews __tests__/fixtures/clients/aws-*.json and __tests__/fixtures/real-servers/aws.json:

    python3 scripts/clients/aws.py

Runs botocore 1.44.8 (what boto3 and the AWS CLI are made of) against a server on loopback: one that writes down what it is sent, and
behind it, for what it can play, moto 5.2.5. Reads statuses and the hosts of all regions out of botocore's data, and pages out of
Airflow's provider for Amazon. The whole signatures of another client are in aws-codepipeline-client.json.
Needs Python 3.11 and `npm ci`. All ids and credentials are made up.
"""

import json
import os
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from datetime import datetime, timezone

from packages import install, line
from recorder import FIXTURES, ROOT, Recorder, essential, write_fixture

VERSION, MOTO, AIRFLOW = "1.44.8", "5.2.5", "9.39.0"
# moto's own requirements are others than Airflow's, of which only the sources are read.
packages = install(f"botocore=={VERSION}", f"moto[server]=={MOTO}")
airflow = install("--no-deps", f"apache-airflow-providers-amazon=={AIRFLOW}")

import botocore.session
from botocore.config import Config

UUID = "0c5f7d2e-1111-2222-3333-444455556666"
REGION, REASON = "eu-west-1", "superseded by 1f2e3d"
BUILD, JOB_RUN, DEPLOYMENT = f"deploy-prod:{UUID}", "jr_" + "0c5f7d2e" * 8, "d-A1B2C3D4E"
EXECUTION = f"arn:aws:states:{REGION}:123456789012:execution:deploy-prod:{UUID}"
ROLE, SESSION = "arn:aws:iam::123456789012:role/ci", "release-41"
session = botocore.session.get_session()
session.set_credentials("AKIDEXAMPLE", "SKEXAMPLE", "SECURITYTOKEN")
SIGNED = ["authorization", "content-type", "x-amz-security-token", "x-amz-target"]

SOURCES = {
    "botocore": {"name": f"botocore {VERSION}", "level": "official client"},
    "moto": {"name": f"moto {MOTO}", "level": "real server"},
    "airflow": {"name": f"apache-airflow-providers-amazon {AIRFLOW}", "level": "community client"},
    "action": {"name": "aws-actions/amazon-ecs-deploy-task-definition v2", "level": "official client"},
    "cli": {"name": "aws-cli at 406eb77d", "level": "source code"},
    "javascript": {"name": "@aws-sdk/client-codepipeline 3.1138.0", "level": "official client"},
    "programs": {"name": "programs in public repositories, none of them AWS's", "level": "community client"},
}


def signed(request):
    """Without the signature and the day, which are those of the recording."""
    request = essential(request, SIGNED)
    credential = request["headers"]["authorization"].split(",")[0]
    request["headers"]["authorization"] = re.sub(r"/\d{8}/", "/YYYYMMDD/", credential)
    return request


def recorded(service, calls):
    """`calls`: (target, does, ids, operation, its arguments, values)."""
    with Recorder() as recorder:
        client = session.create_client(service, REGION, endpoint_url=recorder.server)
        for target, does, ids, operation, arguments, values in calls:
            getattr(client, operation)(**arguments)
            [request] = recorder.taken()
            yield {
                **{"target": target, "does": does, "source": "botocore", "call": operation + flags(arguments), "ids": ids},
                **({"values": values} if values else {}),
                **signed(request),
            }


def flags(arguments):
    """What tells two calls of one operation apart."""
    return "".join(f"({name}={value})" for name, value in arguments.items() if isinstance(value, bool))


def words(service, of, target, shape, what):
    path = {"codepipeline": "codepipeline/2015-07-09", "codebuild": "codebuild/2016-10-06", "stepfunctions": "stepfunctions/2016-11-23"}
    path |= {"batch": "batch/2016-08-10", "glue": "glue/2017-03-31", "codedeploy": "codedeploy/2014-10-06"}
    enum = session.get_service_model(service).shape_for(shape).enum
    return {"target": target, "of": what, "source": "botocore", "where": f"{path[of]}/service-2.json {shape}", "words": enum}


def host(service, region, **config):
    return session.create_client(service, region, config=Config(**config)).meta.endpoint_url


def regions(service, target, name):
    rows = []
    for partition in session.get_available_partitions():
        for region in session.get_available_regions(service, partition):
            rows.append({"target": target, "service": name, "region": region, "host": host(service, region), "source": "botocore"})
    return sorted(rows, key=lambda row: row["region"])


# The CLI's table of consoles: https://github.com/aws/aws-cli/blob/406eb77d4aee56f85153d20d09b213f02c9774e3/awscli/customizations/console.py
CONSOLES = {
    "eu-west-1": "eu-west-1.console.aws.amazon.com",
    "us-gov-west-1": "us-gov-west-1.console.amazonaws-us-gov.com",
    "cn-north-1": "cn-north-1.console.amazonaws.cn",
    "eusc-de-east-1": "eusc-de-east-1.console.amazonaws-eusc.eu",
}
OURS = CONSOLES[REGION]


def page(target, address, ids, source, where, region=REGION):
    return {"target": target, "address": address, "ids": ids, "region": region, "source": source, "where": where}


def elsewhere(target, before, after, ids):
    """The same page on the consoles of the other partitions."""
    where = "host: awscli/customizations/console.py _PARTITION_HOSTS; path: of the first page"
    return [page(target, f"https://{console}{before}?region={region}{after}", ids, "cli", where, region) for region, console in CONSOLES.items() if region != REGION]


config, credentials = "botocore/configprovider.py", "botocore/credentials.py"


def variables(service_id):
    rows = [
        ("AWS_ACCESS_KEY_ID", "access-key", credentials, "ACCESS_KEY = 'AWS_ACCESS_KEY_ID'", None),
        ("AWS_SECRET_ACCESS_KEY", "secret-key", credentials, "SECRET_KEY = 'AWS_SECRET_ACCESS_KEY'", None),
        ("AWS_SESSION_TOKEN", "security-token", credentials, "TOKENS = ['AWS_SECURITY_TOKEN', 'AWS_SESSION_TOKEN']", None),
        ("AWS_SECURITY_TOKEN", "security-token", credentials, "TOKENS = ['AWS_SECURITY_TOKEN', 'AWS_SESSION_TOKEN']", "the older name; read before AWS_SESSION_TOKEN"),
        ("AWS_WEB_IDENTITY_TOKEN_FILE", "token", credentials, "'web_identity_token_file': 'AWS_WEB_IDENTITY_TOKEN_FILE'", "the file that holds it"),
        ("AWS_ROLE_ARN", "role", credentials, "'role_arn': 'AWS_ROLE_ARN'", None),
        ("AWS_ROLE_SESSION_NAME", "session-name", credentials, "'role_session_name': 'AWS_ROLE_SESSION_NAME'", None),
        ("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "credentials-address", credentials, "ENV_VAR = 'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI'", "below http://169.254.170.2; read first"),
        ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "credentials-address", credentials, "ENV_VAR_FULL = 'AWS_CONTAINER_CREDENTIALS_FULL_URI'", None),
        ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "authorization", credentials, "ENV_VAR_AUTH_TOKEN_FILE = 'AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE'", "the file that holds it; read first"),
        ("AWS_CONTAINER_AUTHORIZATION_TOKEN", "authorization", credentials, "ENV_VAR_AUTH_TOKEN = 'AWS_CONTAINER_AUTHORIZATION_TOKEN'", None),
        ("AWS_DEFAULT_REGION", "region", config, "'AWS_DEFAULT_REGION'", None),
        (f"AWS_ENDPOINT_URL_{service_id}", "server", config, "AWS_ENDPOINT_URL_{transformed_service_id_env}", None),
        ("AWS_ENDPOINT_URL_STS", "token server", config, "AWS_ENDPOINT_URL_{transformed_service_id_env}", None),
        ("AWS_ENDPOINT_URL", "server", config, "name='AWS_ENDPOINT_URL'", "all services, where the one above is not set"),
    ]
    return [
        *[
            {"name": name, "holds": holds, **({"for": use} if use else {}), "source": "botocore", "where": line(packages, file, text)}
            for name, holds, file, text, use in rows
        ],
        {"name": "AWS_REGION", "holds": "region", "source": "javascript", "where": "@smithy/core 3.41.1 dist-es/submodules/config/config-resolver/regionConfig/config.js:2"},
    ]


def write(provider, service_id, requests, enums, hosts, pages, unverified):
    used = {row["source"] for row in (*requests, *enums, *hosts, *pages)} | {"botocore", "javascript"}
    of_moto = ", and moto, which answered it" if "moto" in used else ""
    write_fixture(
        f"clients/{provider}.json",
        {
            "about": f"botocore run against a server on loopback{of_moto}, and its data of the service and of the regions ({datetime.now(timezone.utc):%B %Y}).",
            "script": "scripts/clients/aws.py",
            "sources": {name: source for name, source in SOURCES.items() if name in used},
            "requests": requests,
            "enums": enums,
            "regions": hosts,
            "pages": pages,
            "variables": variables(service_id),
            "unverified": unverified,
        },
    )


# What a real server says to the same requests.

MOTO_PORT = 15423
conversation = []


def forward(request):
    """Has moto answer, and writes down what it says."""
    body = request["body"]
    text = body if isinstance(body, str) or body is None else json.dumps(body)
    headers = {name: value for name, value in request["headers"].items() if name in SIGNED}
    asked = urllib.request.Request(f"http://127.0.0.1:{MOTO_PORT}{request['path']}", text and text.encode(), headers, method=request["method"])
    try:
        with urllib.request.urlopen(asked) as reply:
            status, kind, said = reply.status, reply.headers["content-type"], reply.read().decode()
            extra = {}
    except urllib.error.HTTPError as reply:
        status, kind, said = reply.code, reply.headers["content-type"], reply.read().decode()
        extra = {name: reply.headers[name] for name in ("x-amzn-errortype",) if reply.headers[name]}
    conversation.append((request, status, {"content-type": kind, **extra}, said))
    return status, {"content-type": kind, **extra}, said


def moto():
    """Whatever of the five services it can stop, in the order in which it was asked."""
    log, requests = [], []
    direct = f"http://127.0.0.1:{MOTO_PORT}"
    environment = {**os.environ, "PYTHONPATH": str(packages), "AWS_DEFAULT_REGION": REGION}
    server = subprocess.Popen([sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(MOTO_PORT)], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(60):
            try:
                urllib.request.urlopen(f"{direct}/moto-api/").read()
                break
            except OSError:
                time.sleep(0.5)
        # Jobs of AWS Batch stay where they are until they are told to move, because there are no containers here.
        def move(transition):
            body = json.dumps({"model_name": "batch::job", "transition": transition}).encode()
            address = f"{direct}/moto-api/state-manager/set-transition"
            urllib.request.urlopen(urllib.request.Request(address, body, {"content-type": "application/json"}, method="POST")).read()

        move({"progression": "manual", "times": 100})
        with Recorder(forward) as recorder:

            def client(service, server=recorder.server):
                return session.create_client(service, REGION, endpoint_url=server, config=Config(retries={"max_attempts": 0}))

            def ask(note, operation, arguments, target=None, does=None, ids=None, values=None):
                conversation.clear()
                try:
                    answer = operation(**arguments)
                except botocore.exceptions.ClientError as error:
                    answer = error.response
                [(request, status, headers, said)] = conversation
                shown = signed(request)
                body = json.loads(said) if said.startswith(("{", "[")) else said
                log.append({"note": note, "request": {"method": shown["method"], "url": shown["path"], "headers": shown["headers"], "body": shown["body"]}, "reply": {"status": status, "headers": headers, "body": body}})
                if does:
                    requests.append({"target": target, "does": does, "source": "moto", "call": note, "ids": ids, **({"values": values} if values else {}), **shown})
                return answer

            builds = client("codebuild")
            artifacts = {"type": "NO_ARTIFACTS"}
            image = {"type": "LINUX_CONTAINER", "image": "x", "computeType": "BUILD_GENERAL1_SMALL"}
            builds.create_project(name="deploy-prod", source={"type": "S3", "location": "bucket/f.zip"}, artifacts=artifacts, environment=image, serviceRole=ROLE)
            build = ask("a build starts", builds.start_build, {"projectName": "deploy-prod"})["build"]["id"]
            ids = {"build-id": build}
            ask("look at a build, which is over with the first look", builds.batch_get_builds, {"ids": [build]}, "build", "look", ids)
            ask("stop of a build", builds.stop_build, {"id": build}, "build", "cancel", ids)
            ask("look at a build that was stopped", builds.batch_get_builds, {"ids": [build]})
            ask("stop of a build that was stopped", builds.stop_build, {"id": build})
            ask("look at a build that there is not", builds.batch_get_builds, {"ids": [BUILD]})
            ask("stop of a build that there is not", builds.stop_build, {"id": BUILD})

            states = client("stepfunctions")
            waits = {"StartAt": "A", "States": {"A": {"Type": "Wait", "Seconds": 300, "End": True}}}
            machine = states.create_state_machine(name="deploy-prod", definition=json.dumps(waits), roleArn=ROLE)["stateMachineArn"]
            execution = ask("an execution starts", states.start_execution, {"stateMachineArn": machine})["executionArn"]
            ids, gone = {"execution-arn": execution}, EXECUTION
            ask("look at an execution that runs", states.describe_execution, {"executionArn": execution, "includedData": "METADATA_ONLY"}, "execution", "look", ids)
            ask("stop of an execution", states.stop_execution, {"executionArn": execution, "error": "Cancelled", "cause": REASON}, "execution", "cancel", ids, {"reason": REASON})
            ask("look at an execution that was stopped", states.describe_execution, {"executionArn": execution, "includedData": "METADATA_ONLY"})
            ask("stop of an execution that was stopped", states.stop_execution, {"executionArn": execution, "error": "Cancelled", "cause": REASON})
            ask("look at an execution that there is not", states.describe_execution, {"executionArn": gone, "includedData": "METADATA_ONLY"})
            ask("stop of an execution that there is not", states.stop_execution, {"executionArn": gone, "error": "Cancelled", "cause": REASON})

            iam, ec2, batch = client("iam", direct), client("ec2", direct), client("batch")
            role = iam.create_role(RoleName="batch", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
            subnet = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
            resources = {"type": "FARGATE", "maxvCpus": 1, "subnets": [subnet], "securityGroupIds": [ec2.describe_security_groups()["SecurityGroups"][0]["GroupId"]]}
            environment = batch.create_compute_environment(computeEnvironmentName="main", type="MANAGED", computeResources=resources, serviceRole=role)["computeEnvironmentArn"]
            queue = batch.create_job_queue(jobQueueName="main", state="ENABLED", priority=1, computeEnvironmentOrder=[{"order": 1, "computeEnvironment": environment}])["jobQueueArn"]
            definition = batch.register_job_definition(jobDefinitionName="deploy", type="container", containerProperties={"image": "x", "vcpus": 1, "memory": 128, "command": ["sleep", "300"]})["jobDefinitionArn"]
            job = ask("a job is submitted", batch.submit_job, {"jobName": "deploy-prod", "jobQueue": queue, "jobDefinition": definition})["jobId"]
            ids = {"job-id": job}
            ask("look at a job that waits", batch.describe_jobs, {"jobs": [job]}, "job", "look", ids)
            ask("termination of a job", batch.terminate_job, {"jobId": job, "reason": REASON}, "job", "cancel", ids, {"reason": REASON})
            move({"progression": "immediate"})
            for _ in range(40):
                if batch.describe_jobs(jobs=[job])["jobs"][0]["status"] in ("FAILED", "SUCCEEDED"):
                    break
                time.sleep(0.5)
            ask("look at a job that was terminated", batch.describe_jobs, {"jobs": [job]})
            ask("termination of a job that is over", batch.terminate_job, {"jobId": job, "reason": REASON})
            ask("look at a job that there is not", batch.describe_jobs, {"jobs": [UUID]})
            ask("termination of a job that there is not", batch.terminate_job, {"jobId": UUID, "reason": REASON})

            glue = client("glue")
            glue.create_job(Name="nightly-etl", Role=ROLE, Command={"Name": "glueetl"})
            run = ask("a job run starts", glue.start_job_run, {"JobName": "nightly-etl"})["JobRunId"]
            ask("look at a job run", glue.get_job_run, {"JobName": "nightly-etl", "RunId": run}, "job-run", "look", {"job-name": "nightly-etl", "job-run-id": run})
            ask("look at a job run that there is not", glue.get_job_run, {"JobName": "nightly-etl", "RunId": JOB_RUN})
    finally:
        server.terminate()
        server.wait()
    write_fixture_list("real-servers/aws.json", log)
    return requests


def write_fixture_list(name, items):
    file = FIXTURES / name
    file.write_text(json.dumps(items, ensure_ascii=False, indent=2) + "\n")
    subprocess.run([ROOT / "node_modules/.bin/prettier", "--write", file], check=True)


def temporary():
    """Keys of a role, for a token of another identity provider, and keys that a container is given."""
    token = packages / "token"
    token.write_text("WEBIDENTITYTOKEN")
    from botocore.credentials import AssumeRoleWithWebIdentityProvider, ContainerProvider

    xml = "<AssumeRoleWithWebIdentityResponse xmlns='https://sts.amazonaws.com/doc/2011-06-15/'><AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>ASIAEXAMPLE</AccessKeyId><SecretAccessKey>SK</SecretAccessKey><SessionToken>ST</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials><AssumedRoleUser><Arn>arn:aws:sts::123456789012:assumed-role/ci/x</Arn><AssumedRoleId>A:x</AssumedRoleId></AssumedRoleUser></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>"
    keys = {"AccessKeyId": "ASIAEXAMPLE", "SecretAccessKey": "SK", "Token": "ST", "Expiration": "2099-01-01T00:00:00Z"}
    with Recorder(lambda request: (200, {"content-type": "text/xml"}, xml) if request["method"] == "POST" else (200, {}, keys)) as recorder:
        os.environ |= {"AWS_WEB_IDENTITY_TOKEN_FILE": str(token), "AWS_ROLE_ARN": ROLE, "AWS_ROLE_SESSION_NAME": SESSION}
        create = lambda service, config: session.create_client(service, REGION, endpoint_url=recorder.server, config=config)
        AssumeRoleWithWebIdentityProvider(lambda: {}, create, "default").load().get_frozen_credentials()
        [asked] = recorder.taken()
        container = {"AWS_CONTAINER_CREDENTIALS_FULL_URI": f"{recorder.server}/v1/credentials", "AWS_CONTAINER_AUTHORIZATION_TOKEN": "CONTAINERTOKEN"}
        ContainerProvider(container).load()
        [given] = recorder.taken()
    for request, call, values, names in (
        (asked, "AssumeRoleWithWebIdentityProvider", {"token": "WEBIDENTITYTOKEN", "role": ROLE, "session-name": SESSION}, ["authorization", "content-type"]),
        (given, "ContainerProvider", {"authorization": "CONTAINERTOKEN"}, ["accept", "authorization"]),
    ):
        yield {"target": "token", "does": "token", "source": "botocore", "call": call, "ids": {}, "values": values, **essential(request, names)}


of_moto = moto()


def by_moto(*targets):
    return [request for request in of_moto if request["target"] in targets]


# CodePipeline

pipeline = {"pipeline": "deploy-prod", "execution-id": UUID}
arguments = {"pipelineName": "deploy-prod", "pipelineExecutionId": UUID}
path = f"/codesuite/codepipeline/pipelines/deploy-prod/executions/{UUID}"
fips = [
    {"target": "execution", "service": "codepipeline-fips", "region": name.removeprefix("fips-"), "host": host("codepipeline", name.removeprefix("fips-"), use_fips_endpoint=True), "source": "botocore"}
    for partition in session.get_available_partitions()
    for name in session.get_available_regions("codepipeline", partition, allow_non_regional=True)
    if name.startswith("fips-")
]
programs = "programs"
write(
    "aws-codepipeline",
    "CODEPIPELINE",
    [
        *recorded(
            "codepipeline",
            [
                ("execution", "look", pipeline, "get_pipeline_execution", arguments, None),
                *[("execution", does, pipeline, "stop_pipeline_execution", {**arguments, "abandon": abandon, "reason": REASON}, {"reason": REASON}) for does, abandon in (("cancel", False), ("force", True))],
            ],
        ),
        *temporary(),
    ],
    [words("codepipeline", "codepipeline", "execution", "PipelineExecutionStatus", "status of an execution")],
    [*regions("codepipeline", "execution", "codepipeline"), *sorted(fips, key=lambda row: row["region"]), *regions("sts", "token", "sts")],
    [
        page("execution", f"https://{OURS}{path}/visualization?region={REGION}", pipeline, programs, "links in messages and commit statuses of 2024 to 2026"),
        page("execution", f"https://{OURS}{path}/timeline?region={REGION}", pipeline, programs, "older programs; the tab of that name"),
        page("execution", f"https://{OURS}{path}?region={REGION}", pipeline, programs, "without a tab"),
        page("execution", f"https://{OURS}{path}", pipeline, programs, "without a tab, the region in the host alone"),
        page("execution", f"https://console.aws.amazon.com{path}/visualization?region={REGION}&tab=timeline", pipeline, programs, "no region in the host"),
        page("execution", f"https://904233098281-tm3revhu.{OURS}{path}/visualization?region={REGION}", pipeline, programs, "several sessions in one browser: account and a hash before the region"),
        *elsewhere("execution", f"{path}/visualization", "", pipeline),
        page("execution", f"https://console.amazonaws-us-gov.com{path}/visualization?region=us-gov-west-1", pipeline, programs, "host: of CodeBuild's pages in programs; path: of the first page", "us-gov-west-1"),
    ],
    [
        "No tool of AWS's was found that prints or sends an execution's page: the addresses are those that people's programs make.",
        "Pages of executions in China, GovCloud and the European Sovereign Cloud: their hosts are known (of those of China and GovCloud the CLI's authors say that they did not check them), a whole address was found in no program. The consoles of the isolated partitions are in no source.",
        "Errors that the service model knows for the two calls: "
        + ", ".join(sorted({each.name for name in ("GetPipelineExecution", "StopPipelineExecution") for each in session.get_service_model("codepipeline").operation_model(name).error_shapes}))
        + ". What a missing right or a wrong key is called is in no model.",
        "botocore composes a host for any region of a partition's pattern: that CodePipeline is not in a region's list does not say that it is not there.",
    ],
)

# CodeBuild

build, batch = {"build-id": BUILD}, {"build-batch-id": BUILD}
encoded = BUILD.replace(":", "%3A")
own = f"/codesuite/codebuild/123456789012/projects/deploy-prod/build/{encoded}"
write(
    "aws-codebuild",
    "CODEBUILD",
    [
        *by_moto("build"),
        *recorded(
            "codebuild",
            [
                ("build", "look", build, "batch_get_builds", {"ids": [BUILD]}, None),
                ("build", "jobs", build, "batch_get_builds", {"ids": [BUILD]}, None),
                ("build", "cancel", build, "stop_build", {"id": BUILD}, None),
                ("build-batch", "look", batch, "batch_get_build_batches", {"ids": [BUILD]}, None),
                ("build-batch", "jobs", batch, "batch_get_build_batches", {"ids": [BUILD]}, None),
                ("build-batch", "cancel", batch, "stop_build_batch", {"id": BUILD}, None),
            ],
        ),
    ],
    [
        words("codebuild", "codebuild", "build", "StatusType", "status of a build, of a phase and of a batch build"),
        words("codebuild", "codebuild", "build-batch", "StatusType", "status of a batch build, and of its builds"),
    ],
    regions("codebuild", "build", "codebuild"),
    [
        page("build", f"https://{OURS}{own}/?region={REGION}", build, programs, "links in messages and commit statuses"),
        page("build", f"https://{OURS}{own}/log?region={REGION}", build, programs, "a tab"),
        page("build", f"https://console.aws.amazon.com{own}/?region={REGION}", build, programs, "no region in the host"),
        page("build", f"https://{OURS}/codesuite/codebuild/projects/deploy-prod/build/{encoded}/log?region={REGION}", build, programs, "without the account; the colon is encoded or not"),
        page("build", f"https://{OURS}/codesuite/codebuild/projects/deploy-prod/build/{BUILD}/log", build, programs, "the colon as it is"),
        *elsewhere("build", f"{own}/", "", build),
    ],
    [
        "No tool of AWS's was found that prints a build's page: the addresses are those that people's programs make. That of a batch build was found in none.",
        "moto's builds are over with the first look, and STOPPED after a stop whatever they were before: AWS is not known to rewrite a build that is over.",
    ],
)

# Step Functions

execution = {"execution-arn": EXECUTION}
details = f"#/v2/executions/details/{EXECUTION}"
links = "airflow/providers/amazon/aws/links"
write(
    "aws-step-functions",
    "SFN",
    [
        *by_moto("execution"),
        *recorded(
            "stepfunctions",
            [
                ("execution", "look", execution, "describe_execution", {"executionArn": EXECUTION, "includedData": "METADATA_ONLY"}, None),
                ("execution", "cancel", execution, "stop_execution", {"executionArn": EXECUTION, "error": "Cancelled", "cause": REASON}, {"reason": REASON}),
                ("execution", "cancel", execution, "stop_execution", {"executionArn": EXECUTION}, None),
            ],
        ),
    ],
    [words("stepfunctions", "stepfunctions", "execution", "ExecutionStatus", "status of an execution")],
    regions("stepfunctions", "execution", "states"),
    [
        page("execution", f"https://console.aws.amazon.com/states/home?region={REGION}{details}", execution, "airflow", line(airflow, f"{links}/step_function.py", "#/v2/executions/details/")),
        page("execution", f"https://{OURS}/states/home?region={REGION}{details}", execution, programs, "the region in the host, too"),
        page("execution", f"https://{OURS}/states/home?region={REGION}{details.replace(':', '%3A')}", execution, programs, "its colons encoded"),
        page("execution", f"https://console.aws.amazon.com/states/home?region={REGION}#/executions/details/{EXECUTION}", execution, programs, "older programs"),
    ],
    ["No tool of AWS's was found that prints an execution's page: the addresses are those that Airflow and people's programs make."],
)

# Batch

job = {"job-id": UUID}
write(
    "aws-batch",
    "BATCH",
    [
        *by_moto("job"),
        *recorded(
            "batch",
            [
                ("job", "look", job, "describe_jobs", {"jobs": [UUID]}, None),
                ("job", "cancel", job, "terminate_job", {"jobId": UUID, "reason": REASON}, {"reason": REASON}),
            ],
        ),
    ],
    [words("batch", "batch", "job", "JobStatus", "status of a job")],
    regions("batch", "job", "batch"),
    [
        page("job", f"https://console.aws.amazon.com/batch/home?region={REGION}#jobs/detail/{UUID}", job, "airflow", line(airflow, f"{links}/batch.py", "#jobs/detail/")),
        page("job", f"https://{OURS}/batch/home?region={REGION}#jobs/detail/{UUID}", job, programs, "the region in the host, too"),
        page("job", f"https://{OURS}/batch/home?region={REGION}#jobs/fargate/detail/{UUID}", job, programs, "`ec2` in its place for others"),
        page("job", f"https://{OURS}/batch/home?region={REGION}#jobs/array-job/{UUID}", job, programs, "an array job"),
        page("job", f"https://{OURS}/batch/home?region={REGION}#jobs/mnp-job/{UUID}", job, programs, "a multi-node job"),
        *elsewhere("job", "/batch/home", f"#jobs/detail/{UUID}", job),
    ],
    [
        "No tool of AWS's was found that prints a job's page: the addresses are those that Airflow and people's programs make.",
        "moto has neither `isTerminated` nor `isCancelled`, and answers 200 to the termination of a job that there is not.",
    ],
)

# Glue

job_run = {"job-name": "nightly-etl", "job-run-id": JOB_RUN}
write(
    "aws-glue",
    "GLUE",
    [
        *by_moto("job-run"),
        *recorded(
            "glue",
            [
                ("job-run", "look", job_run, "get_job_run", {"JobName": "nightly-etl", "RunId": JOB_RUN}, None),
                ("job-run", "cancel", job_run, "batch_stop_job_run", {"JobName": "nightly-etl", "JobRunIds": [JOB_RUN]}, None),
            ],
        ),
    ],
    [words("glue", "glue", "job-run", "JobRunState", "state of a job run")],
    regions("glue", "job-run", "glue"),
    [
        page("job-run", f"https://console.aws.amazon.com/gluestudio/home?region={REGION}#/job/nightly-etl/run/{JOB_RUN}", job_run, "airflow", line(airflow, f"{links}/glue.py", "#/job/{job_name}/run/{job_run_id}")),
        page("job-run", f"https://{OURS}/gluestudio/home?region={REGION}#/job/nightly-etl/run/{JOB_RUN}", job_run, programs, "the region in the host, too"),
    ],
    [
        "No tool of AWS's was found that prints a job run's page: the addresses are those that Airflow and people's programs make.",
        "moto 5.2.5 has no BatchStopJobRun: the stop is known by the official client alone.",
    ],
)

# CodeDeploy

deployment = {"deployment-id": DEPLOYMENT}
ROLLBACK = "d-F5G6H7I8J"
path = f"/codesuite/codedeploy/deployments/{DEPLOYMENT}"
write(
    "aws-codedeploy",
    "CODEDEPLOY",
    [
        *recorded(
            "codedeploy",
            [
                *[("deployment", "look", deployment, "get_deployment", {"deploymentId": one}, {"rollback-deployment-id": ROLLBACK}) for one in (DEPLOYMENT, ROLLBACK)],
                ("deployment", "cancel", deployment, "stop_deployment", {"deploymentId": DEPLOYMENT}, None),
            ],
        ),
    ],
    [words("codedeploy", "codedeploy", "deployment", "DeploymentStatus", "status of a deployment")],
    regions("codedeploy", "deployment", "codedeploy"),
    [
        page("deployment", f"https://console.aws.amazon.com{path}?region={REGION}", deployment, "action", "dist/index.js, its line about the deployment's progress"),
        page("deployment", f"https://{OURS}{path}?region={REGION}", deployment, programs, "the region in the host, too"),
        page("deployment", f"https://{OURS}{path}", deployment, programs, "the region in the host alone"),
        *elsewhere("deployment", path, "", deployment),
    ],
    [
        "What a deployment that was stopped says while it is rolled back, and afterwards, is known by the words of the model alone.",
        "moto 5.2.5 has no StopDeployment.",
    ],
)
