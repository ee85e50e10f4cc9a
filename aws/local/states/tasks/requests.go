package tasks

import (
	"fmt"
	"slices"
	"time"

	"github.com/stepdeck/stepdeck/aws/local/jsonv"
)

// supported are the parameters that the optimised integrations take (AWS:
// "Run Amazon ECS or Fargate tasks with Step Functions").
var supported = map[string][]string{
	"ecs": {
		"CapacityProviderStrategy", "Cluster", "EnableECSManagedTags", "EnableExecuteCommand", "Group", "LaunchType",
		"NetworkConfiguration", "Overrides", "PlacementConstraints", "PlacementStrategy", "PlatformVersion",
		"PropagateTags", "ReferenceId", "Tags", "TaskDefinition", "VolumeConfigurations",
	},
	"states": {"Input", "Name", "StateMachineArn", "TraceHeader"},
}

func (r Ref) supports(parameter string) bool {
	return slices.Contains(supported[r.service], parameter)
}

// textMembers are the string members of Step Functions that may be given as JSON.
var textMembers = []string{"input", "output", "definition"}

// request is the parameters as the service takes them on the wire.
func (r Ref) request(parameters any) any {
	request, ok := toWire(r.service, parameters).(*jsonv.Object)
	if !ok || r.service != "states" {
		return request
	}
	for _, name := range textMembers {
		value, ok := request.Get(name)
		if _, isText := value.(string); ok && !isText {
			given, _ := parameters.(*jsonv.Object).Get(upper(name))
			request.Set(name, jsonv.Text(given))
		}
	}
	return request
}

// answer is the service's answer as the task's output.
func (r Ref) answer(body string, now time.Time) (any, error) {
	parsed, err := jsonv.Parse(body)
	if err != nil {
		return nil, fmt.Errorf("read the answer of %s: %w", r.operation, err)
	}
	if r.sdk {
		return fromWire(r.service, parsed, iso), nil
	}
	output, ok := fromWire(r.service, parsed, millis).(*jsonv.Object)
	if !ok {
		return nil, fmt.Errorf("read the answer of %s: it is not a JSON object", r.operation)
	}
	if r.service == "ecs" {
		for _, name := range []string{"Failures", "Tasks"} {
			setDefault(output, name, []any{})
		}
		for _, task := range list(output, "Tasks") {
			fillTask(task)
		}
		if failures := list(output, "Failures"); len(failures) > 0 && r.Pattern != RequestResponse {
			return nil, &Failure{Name: "AmazonECS.Unknown", Cause: jsonv.Text(jsonv.NewObject("Failures", failures, "Tasks", list(output, "Tasks")))}
		}
	}
	return r.addMetadata(output, len(body), now), nil
}

func list(o *jsonv.Object, key string) []any {
	value, _ := o.Get(key)
	items, _ := value.([]any)
	return items
}

func setDefault(o *jsonv.Object, key string, value any) {
	if _, ok := o.Get(key); !ok {
		o.Set(key, value)
	}
}
