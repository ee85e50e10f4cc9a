package resources

import (
	"context"
	"encoding/json"
	"maps"
	"strings"

	"go.yaml.in/yaml/v3"
)

const machineType = "AWS::StepFunctions::StateMachine"

// longestMachine bounds names of state machines.
const longestMachine = 80

var machineShape = of(
	texts("StateMachineName DefinitionString RoleArn!"), enum("StateMachineType", "STANDARD", "EXPRESS"),
	opaque("Definition"), free("DefinitionSubstitutions"),
	each("DefinitionS3Location", of(texts("Bucket! Key! Version"))),
	each("LoggingConfiguration", of(
		enum("Level", "ALL", "ERROR", "FATAL", "OFF"), flags("IncludeExecutionData"),
		lists("Destinations", of(each("CloudWatchLogsLogGroup", of(texts("LogGroupArn"))))),
	)),
	each("TracingConfiguration", of(flags("Enabled"))), each("EncryptionConfiguration", of(texts("Type! KmsKeyId"), numbers("KmsDataKeyReusePeriodSeconds"))),
	tagged(),
)

// machine is a state machine; its ID is the ARN.
func machine() Kind {
	return checked(Kind{
		Type: machineType, Replaces: []string{"StateMachineName", "StateMachineType"}, SystemTags: true,
		Create: createMachine, Update: updateMachine, Delete: deleteMachine, Read: readMachine,
	}, machineShape)
}

func createMachine(ctx context.Context, env Env, logical string, p Properties) (Made, error) {
	request, err := machineRequest(ctx, env, p)
	if err != nil {
		return Made{}, err
	}
	name := physical(env, logical, p, "StateMachineName", longestMachine)
	arn := env.arn("states", "stateMachine:"+name)
	if there, err := describeMachine(ctx, env, arn); err != nil || there != nil {
		if err == nil {
			err = exists(machineType, "Arn", arn)
		}
		return Made{}, err
	}
	request["name"], request["type"] = name, or(p, "StateMachineType", "STANDARD")
	if tags, given := p["Tags"]; given {
		request["tags"] = tagsShape.request(tags)
	}
	if err := env.Invoke(ctx, "states", "CreateStateMachine", request, nil); err != nil {
		return Made{}, failed("AWSStepFunctions", err)
	}
	return machineMade(ctx, env, arn)
}

// machineRequest is what creating and updating have in common.
func machineRequest(ctx context.Context, env Env, p Properties) (map[string]any, error) {
	definition, err := definitionText(ctx, env, p)
	if err != nil {
		return nil, err
	}
	request := map[string]any{
		"definition": definition, "roleArn": p["RoleArn"],
		"loggingConfiguration": map[string]any{"level": "OFF"}, "tracingConfiguration": map[string]any{"enabled": false},
	}
	for _, property := range []string{"LoggingConfiguration", "TracingConfiguration"} {
		if given := p[property]; given != nil {
			request[lowered(property)] = machineShape.members[property].request(given)
		}
	}
	return request, nil
}

// definitionText is the definition with the substitutions put in, wherever the template has it.
func definitionText(ctx context.Context, env Env, p Properties) (string, error) {
	var text string
	var err error
	given := 0
	for property, read := range map[string]func() (string, error){
		"DefinitionString":     func() (string, error) { return str(p, "DefinitionString"), nil },
		"Definition":           func() (string, error) { return documentText(p["Definition"]) },
		"DefinitionS3Location": func() (string, error) { return definitionObject(ctx, env, p) },
	} {
		if p[property] != nil {
			given++
			text, err = read()
		}
	}
	switch {
	case given != 1:
		return "", handled("Please specify either DefinitionS3Location, DefinitionString or Definition.", invalid)
	case err != nil:
		return "", err
	}
	substitutions, _ := p["DefinitionSubstitutions"].(map[string]any)
	var pairs []string
	for name := range substitutions {
		pairs = append(pairs, "${"+name+"}", str(substitutions, name))
	}
	return strings.NewReplacer(pairs...).Replace(text), nil
}

// definitionObject reads the definition from S3, where it is JSON or YAML.
func definitionObject(ctx context.Context, env Env, p Properties) (string, error) {
	location, _ := p["DefinitionS3Location"].(map[string]any)
	var object struct{ Body []byte }
	request := map[string]any{"Bucket": location["Bucket"], "Key": location["Key"]}
	if err := env.Invoke(ctx, "s3", "GetObject", request, &object); err != nil {
		return "", failed("S3", err)
	}
	if json.Valid(object.Body) {
		return string(object.Body), nil
	}
	var members map[string]any
	if err := yaml.Unmarshal(object.Body, &members); err != nil {
		return "", handled("The definition s3://"+str(location, "Bucket")+"/"+str(location, "Key")+" is neither JSON nor YAML", invalid)
	}
	return documentText(members)
}

// describeMachine is an active machine; nil when there is none.
func describeMachine(ctx context.Context, env Env, arn string) (map[string]any, error) {
	var found map[string]any
	err := env.Invoke(ctx, "states", "DescribeStateMachine", map[string]any{"stateMachineArn": arn}, &found)
	switch {
	case missing(err):
		return nil, nil
	case err != nil:
		return nil, failed("AWSStepFunctions", err)
	case str(found, "status") == "DELETING":
		return nil, nil
	}
	return found, nil
}

func machineMade(ctx context.Context, env Env, arn string) (Made, error) {
	found, err := describeMachine(ctx, env, arn)
	if err != nil {
		return Made{}, err
	}
	return Made{ID: arn, Attributes: map[string]any{
		"Arn": arn, "Name": str(found, "name"), "StateMachineRevisionId": or(found, "revisionId", "INITIAL"),
	}}, nil
}

func updateMachine(ctx context.Context, env Env, id string, old, p Properties) (Made, error) {
	if err := inPlace(ctx, env, id, old, p, changeMachine); err != nil {
		return Made{}, err
	}
	return machineMade(ctx, env, id)
}

func changeMachine(ctx context.Context, env Env, id string, old, p Properties) error {
	request, err := machineRequest(ctx, env, p)
	if err != nil {
		return err
	}
	request["stateMachineArn"] = id
	if err := env.Invoke(ctx, "states", "UpdateStateMachine", request, nil); err != nil {
		return failed("AWSStepFunctions", err)
	}
	return changeTags(ctx, env, "states", "AWSStepFunctions", id, tagPairs, old, p)
}

func deleteMachine(ctx context.Context, env Env, id string, _ Properties) error {
	err := env.Invoke(ctx, "states", "DeleteStateMachine", map[string]any{"stateMachineArn": id}, nil)
	return failed("AWSStepFunctions", err)
}

func readMachine(ctx context.Context, env Env, id string, p Properties) (Properties, error) {
	found, err := describeMachine(ctx, env, id)
	if err != nil || found == nil {
		return nil, err
	}
	live := Properties{}
	maps.Copy(live, p)
	inTemplate, _ := machineShape.template(found).(map[string]any)
	maps.Copy(live, inTemplate)
	live["StateMachineName"], live["StateMachineType"] = found["name"], found["type"]
	var tags struct{ Tags []any }
	if err := env.Invoke(ctx, "states", "ListTagsForResource", map[string]any{"resourceArn": id}, &tags); err != nil {
		return nil, failed("AWSStepFunctions", err)
	}
	live["Tags"] = tagsShape.template(tags.Tags)
	out := observed(p, live)
	return out, readMachineDefinition(ctx, env, p, str(found, "definition"), out)
}

// readMachineDefinition puts the live definition into out, unless it is what the template means.
func readMachineDefinition(ctx context.Context, env Env, p Properties, live string, out Properties) error {
	wanted, err := definitionText(ctx, env, p)
	if err != nil {
		return err
	}
	for _, property := range []string{"DefinitionString", "Definition", "DefinitionS3Location"} {
		switch {
		case p[property] == nil:
		case document(wanted, live) == wanted:
			out[property] = p[property]
		case property == "Definition":
			out[property] = document(nil, live)
		default:
			out[property] = live
		}
	}
	return nil
}
