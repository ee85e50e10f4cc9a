#!/usr/bin/env python3
"""Packages a template with the AWS CLI, and deploys it to moto's CloudFormation.

deploy-template.py TEMPLATE INLINED: `aws cloudformation package` must put the machine
definitions that TEMPLATE names into a bucket; INLINED, translated by the SAM translator,
is deployed as far as moto knows its resource types, and every resource must be there
afterwards. Ends with 1 and the reason otherwise. With --check it only tells whether the
tools are there.
"""

import json
import logging
import os
import shutil
import subprocess
import sys
import tempfile

try:
    import boto3
    import yaml
    from botocore.exceptions import ClientError
    from moto.server import ThreadedMotoServer
    from samtranslator.translator.transform import transform
except ImportError as missing:
    sys.exit(f"moto or aws-sam-translator is missing ({missing}): pip install 'moto[server]' aws-sam-translator pyyaml")

STACK = "dumps"
REGION = "us-east-1"
# What moto does not deploy.
UNKNOWN = {
    "AWS::CloudWatch::Alarm",
    "AWS::IAM::RolePolicy",
    "AWS::S3::BucketPolicy",
    "AWS::SQS::QueuePolicy",
    "AWS::Scheduler::Schedule",
}


class NoManagedPolicies:
    """The template names no managed policy, so that none is asked of IAM."""

    @staticmethod
    def load():
        return {}


def package(template):
    """Returns the definitions that the AWS CLI has uploaded, by resource."""
    bucket = "packages"
    boto3.client("s3").create_bucket(Bucket=bucket)
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "packaged.yaml")
        command = ["aws", "cloudformation", "package", "--template-file", template, "--s3-bucket", bucket]
        done = subprocess.run([*command, "--output-template-file", out], capture_output=True, text=True, check=False)
        if done.returncode:
            sys.exit(f"aws cloudformation package: {done.stderr}")
        with open(out, encoding="utf-8") as file:
            loader = yaml.SafeLoader
            loader.add_multi_constructor("!", lambda *_: None)
            packaged = yaml.load(file, loader)  # a SafeLoader that leaves functions out
    uploaded = {}
    for name, resource in packaged["Resources"].items():
        uri = resource.get("Properties", {}).get("DefinitionUri")
        if uri:
            answer = boto3.client("s3").get_object(Bucket=uri["Bucket"], Key=uri["Key"])
            uploaded[name] = answer["Body"].read().decode()
    return uploaded


def deployable(inlined):
    """The translated template without what moto does not know and whatever refers to that."""
    with open(inlined, encoding="utf-8") as file:
        result = transform(json.load(file), {}, NoManagedPolicies)
    known = {name: r for name, r in result["Resources"].items() if r["Type"] not in UNKNOWN}
    return {**result, "Resources": known}


def network():
    ec2 = boto3.client("ec2")
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    subnets = [s["SubnetId"] for s in ec2.describe_subnets()["Subnets"][:2]]
    return {"VpcId": vpc, "SubnetIds": ",".join(subnets)}


def deploy(template, parameters):
    cloudformation = boto3.client("cloudformation")
    values = [{"ParameterKey": name, "ParameterValue": value} for name, value in parameters.items()]
    try:
        cloudformation.create_stack(
            StackName=STACK, TemplateBody=json.dumps(template), Parameters=values, Capabilities=["CAPABILITY_IAM"]
        )
    except ClientError as refused:
        sys.exit(f"moto refuses the stack: {refused}")
    stack = cloudformation.describe_stacks(StackName=STACK)["Stacks"][0]
    if stack["StackStatus"] != "CREATE_COMPLETE":
        sys.exit(f"the stack is {stack['StackStatus']}")
    made = {r["LogicalResourceId"] for r in cloudformation.list_stack_resources(StackName=STACK)["StackResourceSummaries"]}
    return made, {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}


def check(holds, what):
    if not holds:
        sys.exit(what)


def main(arguments):
    check(shutil.which("aws"), "the AWS CLI is missing")
    if arguments == ["--check"]:
        return
    check(len(arguments) == 2, "give the template and its inlined form")
    os.environ.update(AWS_ACCESS_KEY_ID="test", AWS_SECRET_ACCESS_KEY="test", AWS_DEFAULT_REGION=REGION)
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        os.environ["AWS_ENDPOINT_URL"] = f"http://{host}:{port}"
        source, inlined = arguments
        uploaded = package(source)
        check(set(uploaded) == {"Workflow", "Reaper"}, f"packaged are the definitions of {sorted(uploaded)}")
        check("StartAt" in uploaded["Workflow"], "the packaged definition is not the workflow's")

        template = deployable(inlined)
        made, outputs = deploy(template, network())
        optional = {name for name, r in template["Resources"].items() if "Condition" in r}
        missing = set(template["Resources"]) - optional - made
        check(not missing, f"not made: {sorted(missing)}")
        definition = boto3.client("ecs").describe_task_definition(taskDefinition=outputs["TaskDefinitionArn"])
        container = definition["taskDefinition"]["containerDefinitions"][0]
        check(container["name"] == "job" and container["user"] == "65532", f"the container is {container}")
        machine = boto3.client("stepfunctions").describe_state_machine(stateMachineArn=outputs["WorkflowArn"])
        # moto leaves DefinitionSubstitutions out.
        check(json.loads(machine["definition"])["StartAt"] == "Check", "the machine has not the workflow's definition")
    finally:
        server.stop()


if __name__ == "__main__":
    main(sys.argv[1:])
