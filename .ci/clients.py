#!/usr/bin/env python3
"""Runs a whole session against local AWS with boto3 as it is.

Create a machine, start runs, read a history, watch a live tail, answer a token,
stop a run and redrive one. The endpoint, region and credentials come from the
environment, as `stepdeck local` prints them. Ends with 1 and the reason when an
answer is not what AWS would give. With --check it only tells whether this boto3
is new enough.
"""

import json
import sys
import time
import uuid

try:
    import boto3
    from botocore.exceptions import ClientError
except ImportError:
    sys.exit("boto3 is missing: pip install boto3")

PATIENCE = 60
ROLE = "arn:aws:iam::123456789012:role/session"
MACHINE = "dumps-run"
LOG_GROUP = "/aws/ecs/dumps/task"


def new_enough():
    """Both calls came with botocore 1.33 (November 2023)."""
    states = boto3.client("stepfunctions", region_name="us-east-1")
    logs = boto3.client("logs", region_name="us-east-1")
    return hasattr(states, "redrive_execution") and hasattr(logs, "start_live_tail")


def check(holds, what):
    if not holds:
        sys.exit(f"not as AWS does: {what}")


def refused(code, call, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        check(error.response["Error"]["Code"] == code, f"{code} was expected: {error}")
        check(error.response["ResponseMetadata"]["HTTPStatusCode"] == 400, f"HTTP 400 was expected: {error}")
    else:
        check(False, f"{code} was expected, and the call was accepted")


def eventually(what, condition):
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(0.05)
    return check(False, f"{what} did not come in {PATIENCE} s")


def status_of(states, run):
    return states.describe_execution(executionArn=run)["status"]


def history(states, run):
    pages = states.get_paginator("get_execution_history").paginate(executionArn=run, PaginationConfig={"PageSize": 3})
    return [event for page in pages for event in page["events"]]


def create_and_read(states):
    definition = {"StartAt": "Only", "States": {"Only": {"Type": "Pass", "Result": {"ok": True}, "End": True}}}
    name = f"session-{uuid.uuid4()}"
    machine = states.create_state_machine(name=name, definition=json.dumps(definition), roleArn=ROLE)["stateMachineArn"]
    check(states.describe_state_machine(stateMachineArn=machine)["status"] == "ACTIVE", "the machine is active")
    refused("InvalidDefinition", states.create_state_machine, name=f"{name}-bad", definition="{}", roleArn=ROLE)

    run = states.start_execution(stateMachineArn=machine, input='{"from": "boto3"}')["executionArn"]
    eventually("the end of the run", lambda: status_of(states, run) == "SUCCEEDED")
    check(json.loads(states.describe_execution(executionArn=run)["output"]) == {"ok": True}, "the output of the run")
    kinds = [event["type"] for event in history(states, run)]
    check(kinds == ["ExecutionStarted", "PassStateEntered", "PassStateExited", "ExecutionSucceeded"], f"the history {kinds}")
    refused("ExecutionDoesNotExist", states.describe_execution, executionArn=run + "x")
    states.delete_state_machine(stateMachineArn=machine)


def watch_live(states, logs, machine):
    group = logs.describe_log_groups(logGroupNamePrefix=LOG_GROUP)["logGroups"][0]["logGroupArn"]
    tail = logs.start_live_tail(logGroupIdentifiers=[group])["responseStream"]
    events = iter(tail)
    check("sessionStart" in next(events), "a live tail begins with its session")
    run = states.start_execution(stateMachineArn=machine, input=json.dumps({"args": ["drill", "hang"]}))["executionArn"]
    lines = (line["message"] for event in events for line in event["sessionUpdate"]["sessionResults"])
    check(any("drill: hang: 1 s" in line for line in lines), "the live tail shows the job's lines")
    tail.close()
    check(status_of(states, run) == "RUNNING", "the live tail is live")
    return run


def stop(states, ecs, run):
    states.stop_execution(executionArn=run, error="Enough", cause="seen enough")
    told = states.describe_execution(executionArn=run)
    check((told["status"], told["error"], told["cause"]) == ("ABORTED", "Enough", "seen enough"), f"the stopped run {told}")
    for task in ecs.list_tasks(cluster="dumps")["taskArns"]:
        ecs.stop_task(cluster="dumps", task=task, reason="the session ends")


def answer_and_redrive(states, ecs):
    definition = {
        "StartAt": "Ask",
        "States": {
            "Ask": {
                "Type": "Task",
                "Resource": "arn:aws:states:::ecs:runTask.waitForTaskToken",
                "Parameters": {
                    "Cluster": "dumps",
                    "TaskDefinition": "dumps-task",
                    "LaunchType": "FARGATE",
                    "NetworkConfiguration": {"AwsvpcConfiguration": {"Subnets": ["subnet-00000000000000001"]}},
                    "Overrides": {
                        "ContainerOverrides": [
                            {
                                "Name": "job",
                                "Command": ["drill", "hang"],
                                "Environment": [{"Name": "ASKED", "Value.$": "$$.Task.Token"}],
                            }
                        ]
                    },
                },
                "End": True,
            }
        },
    }
    name = f"asking-{uuid.uuid4()}"
    machine = states.create_state_machine(name=name, definition=json.dumps(definition), roleArn=ROLE)["stateMachineArn"]
    run = states.start_execution(stateMachineArn=machine)["executionArn"]

    def tokens():
        scheduled = [e for e in history(states, run) if e["type"] == "TaskSubmitted"]
        outputs = [json.loads(e["taskSubmittedEventDetails"]["output"]) for e in scheduled]
        return [o["Tasks"][0]["Overrides"]["ContainerOverrides"][0]["Environment"][0]["Value"] for o in outputs]

    first = eventually("the first token", tokens)[0]
    states.send_task_heartbeat(taskToken=first)
    states.send_task_failure(taskToken=first, error="NotYet", cause="ask again")
    eventually("the failure", lambda: status_of(states, run) == "FAILED")
    refused("TaskTimedOut", states.send_task_success, taskToken=first, output="{}")
    refused("InvalidToken", states.send_task_success, taskToken="none", output="{}")

    states.redrive_execution(executionArn=run)
    second = eventually("the second token", lambda: tokens()[1:])[0]
    check(second != first, "a redrive makes a new token")
    states.send_task_success(taskToken=second, output='{"answer": 42}')
    eventually("the success", lambda: status_of(states, run) == "SUCCEEDED")
    told = states.describe_execution(executionArn=run)
    check(told["redriveCount"] == 1 and json.loads(told["output"]) == {"answer": 42}, f"the redriven run {told}")
    for task in ecs.list_tasks(cluster="dumps")["taskArns"]:
        ecs.stop_task(cluster="dumps", task=task, reason="the session ends")


def main():
    if sys.argv[1:] == ["--check"]:
        sys.exit(0 if new_enough() else f"boto3 {boto3.__version__} knows no redrive_execution or start_live_tail")
    states, logs, ecs = (boto3.client(service) for service in ("stepfunctions", "logs", "ecs"))
    account = boto3.client("sts").get_caller_identity()["Account"]
    machines = {m["name"]: m["stateMachineArn"] for m in states.list_state_machines()["stateMachines"]}
    check(account in machines.get(MACHINE, ""), f"{MACHINE} of account {account} among {machines}")
    create_and_read(states)
    stop(states, ecs, watch_live(states, logs, machines[MACHINE]))
    answer_and_redrive(states, ecs)
    print(f"boto3 {boto3.__version__}: the whole session is as on AWS")


if __name__ == "__main__":
    main()
