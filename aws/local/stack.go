package local

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/stepdeck/stepdeck/aws/local/wire"
	"github.com/stepdeck/stepdeck/infra"
)

// Names of the shipped stack's resources.
const (
	StackName     = "dumps"
	MachineName   = StackName + "-run"
	ReaperName    = StackName + "-reap"
	Family        = StackName + "-task"
	ContainerName = "job"
	LogGroup      = "/aws/ecs/" + StackName + "/task"
	StreamPrefix  = "run"
	Bucket        = StackName + "-artifacts"
	// UserParameter and PasswordParameter hold the database's credentials.
	UserParameter     = "/" + StackName + "/db/user"
	PasswordParameter = "/" + StackName + "/db/password"
	// DefaultImage is the image that the shipped jobs are in.
	DefaultImage = "stepdeck-runner:local"
)

// Defaults of the stack's parameters.
const (
	timeoutSeconds   = "7200"
	heartbeatSeconds = "300"
)

func clusterARN(region string) string {
	return fmt.Sprintf("arn:aws:ecs:%s:%s:cluster/%s", region, Account, StackName)
}

func machineARN(region, name string) string {
	return fmt.Sprintf("arn:aws:states:%s:%s:stateMachine:%s", region, Account, name)
}

// MachineARN is the ARN of a machine of local AWS.
func (s *Server) MachineARN(name string) string { return machineARN(s.opts.Region, name) }

func roleARN(name string) string {
	return fmt.Sprintf("arn:aws:iam::%s:role/%s-%s", Account, StackName, name)
}

// object is a request's body.
type object = map[string]any

// registerStack makes what the shipped stack has, or brings it up to date
// after a restart, through the services' own operations.
func (s *Server) registerStack(ctx context.Context) error {
	if err := s.objects.EnsureBucket(Bucket); err != nil {
		return fmt.Errorf("make the bucket %s: %w", Bucket, err)
	}
	steps := []struct {
		service, operation string
		request            object
		exists             string
	}{
		{"logs", "CreateLogGroup", object{"logGroupName": LogGroup}, "ResourceAlreadyExistsException"},
		{"logs", "PutRetentionPolicy", object{"logGroupName": LogGroup, "retentionInDays": 30}, ""},
		{"ssm", "PutParameter", object{"Name": UserParameter, "Type": "SecureString", "Value": "dump"}, "ParameterAlreadyExists"},
		{"ssm", "PutParameter", object{"Name": PasswordParameter, "Type": "SecureString", "Value": "dump"}, "ParameterAlreadyExists"},
		{"ecs", "CreateCluster", object{"clusterName": StackName, "capacityProviders": []string{"FARGATE", "FARGATE_SPOT"}}, ""},
	}
	for _, step := range steps {
		err := s.Invoke(ctx, step.service, step.operation, step.request, nil)
		if failed := new(wire.Error); errors.As(err, &failed) && failed.Code == step.exists {
			continue
		}
		if err != nil {
			return err
		}
	}
	if err := s.registerTaskDefinition(ctx); err != nil {
		return err
	}
	run, err := infra.Definition(infra.Run, map[string]string{
		"Partition": "aws", "ClusterArn": clusterARN(s.opts.Region), "TaskDefinition": Family, "ContainerName": ContainerName,
		"SubnetIds": "subnet-local1,subnet-local2", "SecurityGroupId": "sg-local", "AssignPublicIp": "DISABLED",
		"TimeoutSeconds": timeoutSeconds, "HeartbeatSeconds": heartbeatSeconds,
	})
	if err != nil {
		return err
	}
	reap, err := infra.Definition(infra.Reap, map[string]string{"Partition": "aws"})
	if err != nil {
		return err
	}
	return errors.Join(
		s.registerMachine(ctx, MachineName, "STANDARD", run),
		s.registerMachine(ctx, ReaperName, "EXPRESS", reap))
}

// registerMachine creates the machine, or updates one of an older definition.
func (s *Server) registerMachine(ctx context.Context, name, kind, definition string) error {
	create := object{"name": name, "type": kind, "roleArn": roleARN("workflow"), "definition": definition}
	err := s.Invoke(ctx, "states", "CreateStateMachine", create, nil)
	if failed := new(wire.Error); !errors.As(err, &failed) || failed.Code != "StateMachineAlreadyExists" {
		return err
	}
	update := object{"stateMachineArn": machineARN(s.opts.Region, name), "definition": definition}
	return s.Invoke(ctx, "states", "UpdateStateMachine", update, nil)
}

// registerTaskDefinition adds a revision unless the newest one says the same.
func (s *Server) registerTaskDefinition(ctx context.Context) error {
	wanted := taskDefinition(s.opts.Region, s.opts.Image)
	var newest struct {
		TaskDefinition json.RawMessage `json:"taskDefinition"`
	}
	err := s.Invoke(ctx, "ecs", "DescribeTaskDefinition", object{"taskDefinition": Family}, &newest)
	if err == nil && sameMembers(wanted, newest.TaskDefinition) {
		return nil
	}
	return s.Invoke(ctx, "ecs", "RegisterTaskDefinition", wanted, nil)
}

func taskDefinition(region, image string) object {
	secret := func(variable, parameter string) object {
		return object{"name": variable, "valueFrom": fmt.Sprintf("arn:aws:ssm:%s:%s:parameter%s", region, Account, parameter)}
	}
	variable := func(name, value string) object { return object{"name": name, "value": value} }
	artifacts := "s3://" + Bucket
	return object{
		"family": Family, "networkMode": "awsvpc", "requiresCompatibilities": []string{"FARGATE"},
		"cpu": "256", "memory": "512", "executionRoleArn": roleARN("execution"), "taskRoleArn": roleARN("task"),
		"containerDefinitions": []object{{
			"name": ContainerName, "image": image, "essential": true, "stopTimeout": 110,
			"environment": []object{variable("ARTIFACTS", artifacts+"/dumps"), variable("STEPRUN_ARTIFACTS", artifacts+"/outputs")},
			"secrets":     []object{secret("DB_USER", UserParameter), secret("DB_PASSWORD", PasswordParameter)},
			"logConfiguration": object{"logDriver": "awslogs", "options": object{
				"awslogs-group": LogGroup, "awslogs-region": region, "awslogs-stream-prefix": StreamPrefix,
			}},
		}},
	}
}

// sameMembers tells whether every member of wanted stands in text with the
// same value; what the service adds by itself does not count.
func sameMembers(wanted object, text []byte) bool {
	plain, err := json.Marshal(wanted)
	if err != nil {
		return false
	}
	var want, have any
	if json.Unmarshal(plain, &want) != nil || json.Unmarshal(text, &have) != nil {
		return false
	}
	return contains(have, want)
}

func contains(have, want any) bool {
	switch want := want.(type) {
	case map[string]any:
		members, ok := have.(map[string]any)
		for name, value := range want {
			ok = ok && contains(members[name], value)
		}
		return ok
	case []any:
		items, ok := have.([]any)
		ok = ok && len(items) == len(want)
		for i := range want {
			ok = ok && contains(items[i], want[i])
		}
		return ok
	default:
		return have == want
	}
}

// Invoke calls an operation with a request and, unless into is nil, reads its answer.
func (s *Server) Invoke(ctx context.Context, service, operation string, request object, into any) error {
	body, err := wire.Encode(request)
	if err != nil {
		return fmt.Errorf("encode %s: %w", operation, err)
	}
	answer, err := s.router.Invoke(ctx, service, operation, body)
	if err != nil {
		return fmt.Errorf("%s %s: %w", service, operation, err)
	}
	if into == nil {
		return nil
	}
	if err := json.NewDecoder(bytes.NewReader(answer)).Decode(into); err != nil {
		return fmt.Errorf("read the answer of %s: %w", operation, err)
	}
	return nil
}
