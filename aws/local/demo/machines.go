package demo

import (
	"context"
	"fmt"

	"github.com/stepdeck/stepdeck/aws/local"
	"github.com/stepdeck/stepdeck/aws/local/network"
	"github.com/stepdeck/stepdeck/aws/local/wire"
	"github.com/stepdeck/stepdeck/infra"
)

// Machines beside the shipped one: one with branches to look at, and one whose
// task never answers its token, as scripts without an entrypoint do.
const (
	imagesMachine = "images-nightly"
	legacyMachine = "legacy-export"
)

// stackName is the stack whose task definition the samples run.
const stackName = "dumps"

type object = map[string]any

// task is the arguments of ecs:runTask for the shipped task definition.
func task(command any, tokenVariable string, token string) object {
	return object{
		"Cluster": infra.Cluster(stackName), "TaskDefinition": infra.Family(stackName), "LaunchType": "FARGATE",
		"NetworkConfiguration": object{"AwsvpcConfiguration": object{"Subnets": []string{network.PrivateSubnet}}},
		"Overrides": object{"ContainerOverrides": []object{{
			"Name": infra.Container, "Command": command,
			"Environment": []object{{"Name": tokenVariable, "Value": token}},
		}}},
	}
}

func imagesDefinition() object {
	const token = "{% $states.context.Task.Token %}"
	callback := func(command any) object {
		return object{
			"Type": "Task", "Resource": "arn:aws:states:::ecs:runTask.waitForTaskToken",
			"TimeoutSeconds": 900, "HeartbeatSeconds": 300, "Arguments": task(command, "TASK_TOKEN", token), "End": true,
		}
	}
	return object{
		"Comment": "Converts a night's pictures, at most two series at once.", "QueryLanguage": "JSONata", "StartAt": "Plan",
		"States": object{
			"Plan": object{"Type": "Pass", "Next": "AnySeries", "Assign": object{
				"series": "{% $exists($states.input.series) ? $states.input.series : ['cover', 'gallery'] %}",
			}},
			"AnySeries": object{"Type": "Choice", "Default": "NothingToDo", "Choices": []object{
				{"Condition": "{% $count($series) > 0 %}", "Next": "Prepare"},
			}},
			"NothingToDo": object{"Type": "Succeed"},
			"Prepare": object{"Type": "Parallel", "Next": "Convert", "Branches": []object{
				{"StartAt": "Inventory", "States": object{"Inventory": callback([]string{"drill", "succeed", "--after", "2"})}},
				{"StartAt": "Settle", "States": object{"Settle": object{"Type": "Wait", "Seconds": 1, "End": true}}},
			}, "Catch": []object{{"ErrorEquals": []string{"States.ALL"}, "Next": "Tell", "Output": "{% $states.errorOutput %}"}}},
			"Convert": object{
				"Type": "Map", "Items": "{% $series %}", "MaxConcurrency": 2, "End": true,
				"ItemProcessor": object{"StartAt": "Series", "States": object{
					"Series": callback("{% $states.input = 'broken' ? ['drill', 'fail', '4', '--after', '1'] : ['drill', 'succeed', '--after', '2'] %}"),
				}},
			},
			"Tell": object{"Type": "Fail", "Error": "InventoryFailed", "Cause": "{% $states.input.Cause %}"},
		},
	}
}

// legacyDefinition passes the token by a variable that the entrypoint does not
// read, with neither heartbeat nor timeout: when the task ends, nobody answers.
func legacyDefinition() object {
	parameters := task([]string{"drill", "succeed", "--after", "1"}, "SFN_TOKEN", "")
	override := parameters["Overrides"].(object)["ContainerOverrides"].([]object)[0]
	override["Environment"] = []object{{"Name": "SFN_TOKEN", "Value.$": "$$.Task.Token"}}
	return object{
		"Comment": "Exports the customers for the partner.", "StartAt": "Export",
		"States": object{"Export": object{
			"Type": "Task", "Resource": "arn:aws:states:::ecs:runTask.waitForTaskToken", "Parameters": parameters, "End": true,
		}},
	}
}

// createMachines makes the sample's machines; those there already stay.
func createMachines(ctx context.Context, s *local.Server) error {
	for name, definition := range map[string]object{imagesMachine: imagesDefinition(), legacyMachine: legacyDefinition()} {
		text, err := wire.Encode(definition)
		if err != nil {
			return fmt.Errorf("encode %s: %w", name, err)
		}
		request := object{
			"name": name, "definition": string(text),
			"roleArn": fmt.Sprintf("arn:aws:iam::%s:role/%s", local.Account, name),
		}
		if err := s.Invoke(ctx, "states", "CreateStateMachine", request, nil); err != nil {
			return fmt.Errorf("create the machine %s: %w", name, err)
		}
	}
	return nil
}
