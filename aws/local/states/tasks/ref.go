// Package tasks calls other services for Task states: the optimised
// integrations of ECS and Step Functions, and the AWS SDK integrations.
package tasks

import (
	"strings"

	"github.com/stepdeck/stepdeck/aws/local/states/history"
)

// Pattern is how a Task state waits for what it started.
type Pattern int

// Patterns of service integrations.
const (
	RequestResponse Pattern = iota // go on with the answer to the call
	Sync                           // wait until the job has ended
	Callback                       // wait for the task token
)

const (
	prefix         = "arn:aws:states:::"
	callbackSuffix = ".waitForTaskToken"
)

// services are the router's names by those in AWS SDK integrations.
var services = map[string]string{"sfn": "states", "ecs": "ecs", "cloudwatchlogs": "logs", "ssm": "ssm"}

// Ref is a Task state's resource, taken apart.
type Ref struct {
	// Type and Resource are as events name them: "ecs" or "aws-sdk:sfn", and
	// "runTask.waitForTaskToken".
	Type, Resource string
	Pattern        Pattern

	service   string // the router's name
	operation string // as on the wire
	sdk       bool
	parsed    bool // .sync:2, whose result holds parsed JSON
}

// Event is how events name the resource.
func (r Ref) Event() history.Task { return history.Task{ResourceType: r.Type, Resource: r.Resource} }

// HasToken says whether the context object holds a task token.
func (r Ref) HasToken() bool { return r.Pattern != RequestResponse }

// Parse reads a Task state's resource. It is false for what local AWS cannot call.
func Parse(resource string) (Ref, bool) {
	rest, ok := strings.CutPrefix(resource, prefix)
	if !ok {
		return Ref{}, false
	}
	if sdk, ok := strings.CutPrefix(rest, "aws-sdk:"); ok {
		return parseSDK(sdk)
	}
	service, action, ok := strings.Cut(rest, ":")
	if !ok {
		return Ref{}, false
	}
	ref := Ref{Type: service, Resource: action}
	switch rest {
	case "ecs:runTask", "ecs:runTask.sync", "ecs:runTask" + callbackSuffix:
		ref.service, ref.operation = "ecs", "RunTask"
	case "states:startExecution", "states:startExecution.sync", "states:startExecution.sync:2", "states:startExecution" + callbackSuffix:
		ref.service, ref.operation = "states", "StartExecution"
	default:
		return Ref{}, false
	}
	switch {
	case strings.HasSuffix(action, callbackSuffix):
		ref.Pattern = Callback
	case strings.Contains(action, ".sync"):
		ref.Pattern, ref.parsed = Sync, strings.HasSuffix(action, ":2")
	}
	return ref, true
}

func parseSDK(rest string) (Ref, bool) {
	name, action, ok := strings.Cut(rest, ":")
	service := services[name]
	if !ok || service == "" {
		return Ref{}, false
	}
	ref := Ref{Type: "aws-sdk:" + name, Resource: action, service: service, sdk: true}
	operation, callback := strings.CutSuffix(action, callbackSuffix)
	if operation == "" || strings.Contains(operation, ".") || operation[0] < 'a' || operation[0] > 'z' {
		return Ref{}, false
	}
	if callback {
		ref.Pattern = Callback
	}
	ref.operation = upper(operation)
	return ref, true
}
