package main

import (
	"encoding/json"
	"fmt"
	"strings"
)

// managedDefinition reads the input fields of the shipped machine.
const managedDefinition = `{"QueryLanguage":"JSONata","StartAt":"Run","States":{"Run":{"Type":"Task",
	"Resource":"arn:aws:states:::ecs:runTask.waitForTaskToken","Arguments":{
	"a":"{% $states.input.args %}","b":"{% $states.input.env %}","c":"{% $states.input.capacity %}","d":"{% $states.input.cpu %}",
	"e":"{% $states.input.memory %}","f":"{% $states.input.timeoutSeconds %}","g":"{% $states.input.overlap %}"},"End":true}}}`

func quote(s string) string {
	b, _ := json.Marshal(s)
	return string(b)
}

func execution(arn, status string, from, to int) string {
	name := arn[strings.LastIndex(arn, ":")+1:]
	stop := ""
	if to != 0 {
		stop = fmt.Sprintf(`,"stopDate":%d`, began+to)
	}
	return fmt.Sprintf(`{"executionArn":%q,"stateMachineArn":%q,"name":%q,"status":%q,"startDate":%d%s,"redriveCount":0,
		"redriveStatus":"REDRIVABLE","input":"{\"args\":[\"drill\",\"fail\"]}"}`, arn, machineARN, name, status, began+from, stop)
}

// runs are the account's three, newest first.
var runs = map[string]string{
	stuckARN: execution(stuckARN, "RUNNING", 1800, 0),
	badARN:   execution(badARN, "FAILED", 600, 690),
	goodARN:  execution(goodARN, "SUCCEEDED", 0, 65),
}

// history ends as the run did; a run whose task has stopped without an answer stays open.
func history(arn string) string {
	parameters := quote(fmt.Sprintf(`{"Cluster":"jobs","Overrides":{"ContainerOverrides":[{"Environment":[{"Name":"TASK_TOKEN","Value":%q}]}]}}`, secret))
	response := quote(fmt.Sprintf(`{"Tasks":[{"TaskArn":%q,"ClusterArn":"jobs","TaskDefinitionArn":%q}]}`, taskARN, definition))
	events := []string{
		`{"id":1,"previousEventId":0,"type":"ExecutionStarted","timestamp":%[1]d,"executionStartedEventDetails":{"input":"{}"}}`,
		`{"id":2,"previousEventId":0,"type":"TaskStateEntered","timestamp":%[1]d,"stateEnteredEventDetails":{"name":"Run","input":` + quote(`{"passedOn":"`+secret+`"}`) + `}}`,
		`{"id":3,"previousEventId":2,"type":"TaskScheduled","timestamp":%[1]d,"taskScheduledEventDetails":{"resourceType":"ecs","resource":"runTask.waitForTaskToken","region":"us-east-1","timeoutInSeconds":7200,"parameters":` + parameters + `}}`,
		`{"id":4,"previousEventId":3,"type":"TaskStarted","timestamp":%[1]d,"taskStartedEventDetails":{"resourceType":"ecs","resource":"runTask.waitForTaskToken"}}`,
		`{"id":5,"previousEventId":4,"type":"TaskSubmitted","timestamp":%[1]d,"taskSubmittedEventDetails":{"resourceType":"ecs","resource":"runTask.waitForTaskToken","output":` + response + `}}`,
	}
	from := began + 1800
	switch arn {
	case badARN:
		from = began + 600
		events = append(events,
			`{"id":6,"previousEventId":5,"type":"TaskFailed","timestamp":%[2]d,"taskFailedEventDetails":{"resourceType":"ecs","resource":"runTask.waitForTaskToken","error":"ScriptFailed","cause":"exit 3\nlast line"}}`,
			`{"id":7,"previousEventId":6,"type":"ExecutionFailed","timestamp":%[2]d,"executionFailedEventDetails":{"error":"ScriptFailed","cause":"exit 3\nlast line"}}`)
	case goodARN:
		from = began
		events = append(events,
			`{"id":6,"previousEventId":5,"type":"TaskSucceeded","timestamp":%[2]d,"taskSucceededEventDetails":{"resourceType":"ecs","resource":"runTask.waitForTaskToken","output":"{}"}}`,
			`{"id":7,"previousEventId":6,"type":"TaskStateExited","timestamp":%[2]d,"stateExitedEventDetails":{"name":"Run","output":"{}"}}`,
			`{"id":8,"previousEventId":7,"type":"ExecutionSucceeded","timestamp":%[2]d,"executionSucceededEventDetails":{"output":"{}"}}`)
	}
	for i, e := range events {
		e = strings.ReplaceAll(e, "%[1]d", fmt.Sprint(from))
		events[i] = strings.ReplaceAll(e, "%[2]d", fmt.Sprint(from+60))
	}
	for i, j := 0, len(events)-1; i < j; i, j = i+1, j-1 {
		events[i], events[j] = events[j], events[i]
	}
	return `{"events":[` + strings.Join(events, ",") + `]}`
}

func standardAnswers() map[string]func(map[string]any) string {
	task := fmt.Sprintf(`{"tasks":[{"taskArn":%q,"clusterArn":"jobs","lastStatus":"STOPPED","desiredStatus":"STOPPED","stopCode":"EssentialContainerExited",
		"stoppedReason":"Essential container in task exited","containers":[{"name":"job","lastStatus":"STOPPED","exitCode":137,
		"reason":"OutOfMemoryError: Container killed due to memory usage"}]}]}`, taskARN)
	return map[string]func(map[string]any) string{
		"ListStateMachines": always(fmt.Sprintf(`{"stateMachines":[
			{"stateMachineArn":%q,"name":"dumps","type":"STANDARD","creationDate":%d},
			{"stateMachineArn":%q,"name":"reaper","type":"EXPRESS","creationDate":%d}]}`, machineARN, began-86400, strings.Replace(machineARN, "dumps", "reaper", 1), began-86400)),
		"DescribeStateMachine":             always(fmt.Sprintf(`{"stateMachineArn":%q,"name":"dumps","type":"STANDARD","status":"ACTIVE","roleArn":"r","creationDate":1,"definition":%s}`, machineARN, quote(managedDefinition))),
		"DescribeStateMachineForExecution": always(fmt.Sprintf(`{"stateMachineArn":%q,"name":"dumps","roleArn":"r","updateDate":1,"definition":%s}`, machineARN, quote(managedDefinition))),
		"ListExecutions": func(sent map[string]any) string {
			var found []string
			for _, arn := range []string{stuckARN, badARN, goodARN} {
				if status := sent["statusFilter"]; status == nil || strings.Contains(runs[arn], quote(status.(string))) {
					found = append(found, runs[arn])
				}
			}
			return `{"executions":[` + strings.Join(found, ",") + `]}`
		},
		"DescribeExecution": func(sent map[string]any) string {
			arn, _ := sent["executionArn"].(string)
			if run, ok := runs[arn]; ok {
				return run
			}
			return `{"__type":"ExecutionDoesNotExist","message":"Execution Does Not Exist: '` + arn + `'"}`
		},
		"GetExecutionHistory": func(sent map[string]any) string {
			arn, _ := sent["executionArn"].(string)
			return history(arn)
		},
		"DescribeTasks": always(task),
		"DescribeTaskDefinition": always(fmt.Sprintf(`{"taskDefinition":{"taskDefinitionArn":%q,"family":"jobs","revision":1,"containerDefinitions":[
			{"name":"job","image":"i","logConfiguration":{"logDriver":"awslogs","options":{"awslogs-group":"g","awslogs-region":"us-east-1","awslogs-stream-prefix":"p"}}}]}}`, definition)),
		"GetLogEvents": func(sent map[string]any) string {
			if sent["nextToken"] != nil {
				return `{"events":[],"nextForwardToken":"f/end"}`
			}
			return fmt.Sprintf(`{"nextForwardToken":"f/end","events":[
				{"timestamp":%d000,"ingestionTime":%d000,"message":"dumping\u001b[2J orders"},
				{"timestamp":%d000,"ingestionTime":%d000,"message":"ERROR lost connection"}]}`, began+601, began+601, began+602, began+602)
		},
		"StartExecution": func(sent map[string]any) string {
			return fmt.Sprintf(`{"executionArn":"arn:aws:states:us-east-1:123456789012:execution:dumps:%s","startDate":%d}`, sent["name"], began)
		},
		"StopExecution":     always(fmt.Sprintf(`{"stopDate":%d}`, began)),
		"RedriveExecution":  always(fmt.Sprintf(`{"redriveDate":%d}`, began)),
		"SendTaskFailure":   always(`{}`),
		"SendTaskSuccess":   always(`{}`),
		"SendTaskHeartbeat": always(`{}`),
		"StopTask":          always(`{}`),
	}
}
