package local_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/google/go-cmp/cmp"

	"github.com/stepdeck/stepdeck/aws/shipped/shippedtest"
)

// refusal is a call that AWS refuses.
type refusal struct {
	call   func(context.Context, *world) error
	code   string
	status int
	want   string
}

const role = "arn:aws:iam::123456789012:role/session"

func p[T any](value T) *T { return &value }

func create(name, definition string) func(context.Context, *world) error {
	return func(ctx context.Context, w *world) error {
		_, err := w.states.CreateStateMachine(ctx, &sfn.CreateStateMachineInput{Name: &name, Definition: &definition, RoleArn: p(role)})
		return err
	}
}

func start(machine, name, input string) func(context.Context, *world) error {
	return func(ctx context.Context, w *world) error {
		arn := machine
		if arn == "" {
			arn = w.server.MachineARN(shippedtest.Machine)
		}
		request := &sfn.StartExecutionInput{StateMachineArn: &arn, Input: &input}
		if name != "" {
			request.Name = &name
		}
		_, err := w.states.StartExecution(ctx, request)
		return err
	}
}

func runTask(change func(*ecs.RunTaskInput)) func(context.Context, *world) error {
	return func(ctx context.Context, w *world) error {
		request := &ecs.RunTaskInput{
			Cluster: cluster(), TaskDefinition: p(shippedtest.Family), LaunchType: ecstypes.LaunchTypeFargate,
			NetworkConfiguration: &ecstypes.NetworkConfiguration{AwsvpcConfiguration: &ecstypes.AwsVpcConfiguration{Subnets: []string{"subnet-00000000000000001"}}},
		}
		change(request)
		_, err := w.ecs.RunTask(ctx, request)
		return err
	}
}

const goodDefinition = `{"StartAt":"A","States":{"A":{"Type":"Succeed"}}}`

var refusals = map[string]refusal{
	// Step Functions
	"a machine's bad name":         {create("a b", goodDefinition), "InvalidName", 400, "a b"},
	"a machine's long name":        {create(strings.Repeat("n", 81), goodDefinition), "ValidationException", 400, "less than or equal to 80"},
	"a definition that is no JSON": {create("m", `{"StartAt":`), "InvalidDefinition", 400, "INVALID_JSON_DESCRIPTION"},
	"a definition's missing field": {create("m", `{"StartAt":"Ask","States":{"Ask":{"Type":"Task","End":true}}}`), "InvalidDefinition", 400, "/States/Ask"},
	"a definition's wrong field":   {create("m", `{"StartAt":"A","States":{"A":{"Type":"Wait","Seconds":"soon","End":true}}}`), "InvalidDefinition", 400, "/States/A/Seconds"},
	"a definition's lost state":    {create("m", `{"StartAt":"A","States":{"A":{"Type":"Pass","Next":"B"}}}`), "InvalidDefinition", 400, "B"},
	"input that is no JSON":        {start("", "", `{"a":`), "InvalidExecutionInput", 400, ""},
	"input that is too long":       {start("", "", `"`+strings.Repeat("x", 262_144)+`"`), "ValidationException", 400, "262144"},
	"a run's bad name":             {start("", "a b", `{}`), "InvalidName", 400, "a b"},
	"an unknown machine": {
		start("arn:aws:states:us-east-1:123456789012:stateMachine:none", "", `{}`), "StateMachineDoesNotExist", 400, "stateMachine:none",
	},
	"an ARN that is none": {start("none", "", `{}`), "InvalidArn", 400, "none"},
	"an unknown run": {func(ctx context.Context, w *world) error {
		_, err := w.states.GetExecutionHistory(ctx, &sfn.GetExecutionHistoryInput{ExecutionArn: p("arn:aws:states:us-east-1:123456789012:execution:dumps-run:none")})
		return err
	}, "ExecutionDoesNotExist", 400, "dumps-run:none"},
	"too many results": {func(ctx context.Context, w *world) error {
		_, err := w.states.ListStateMachines(ctx, &sfn.ListStateMachinesInput{MaxResults: 1001})
		return err
	}, "ValidationException", 400, "less than or equal to 1000"},
	"a page that is none": {func(ctx context.Context, w *world) error {
		_, err := w.states.ListStateMachines(ctx, &sfn.ListStateMachinesInput{NextToken: p("none")})
		return err
	}, "InvalidToken", 400, ""},
	"an unknown token": {func(ctx context.Context, w *world) error {
		_, err := w.states.SendTaskSuccess(ctx, &sfn.SendTaskSuccessInput{TaskToken: p("none"), Output: p("{}")})
		return err
	}, "InvalidToken", 400, ""},

	// ECS
	"a task of an unknown family":  {runTask(func(r *ecs.RunTaskInput) { r.TaskDefinition = p("none") }), "ClientException", 400, "TaskDefinition"},
	"a task on an unknown cluster": {runTask(func(r *ecs.RunTaskInput) { r.Cluster = p("none") }), "ClusterNotFoundException", 400, "Cluster not found"},
	"a task without subnets":       {runTask(func(r *ecs.RunTaskInput) { r.NetworkConfiguration = nil }), "InvalidParameterException", 400, "Network Configuration"},
	"too many tasks":               {runTask(func(r *ecs.RunTaskInput) { r.Count = p(int32(11)) }), "InvalidParameterException", 400, "10"},
	"overrides that are too long": {runTask(func(r *ecs.RunTaskInput) {
		r.Overrides = &ecstypes.TaskOverride{ContainerOverrides: []ecstypes.ContainerOverride{{Name: p(shippedtest.Container), Command: []string{strings.Repeat("x", 8192)}}}}
	}), "InvalidParameterException", 400, "8192"},
	"overrides of an unknown container": {runTask(func(r *ecs.RunTaskInput) {
		r.Overrides = &ecstypes.TaskOverride{ContainerOverrides: []ecstypes.ContainerOverride{{Name: p("none")}}}
	}), "InvalidParameterException", 400, "container named none"},
	"a definition without containers": {func(ctx context.Context, w *world) error {
		_, err := w.ecs.RegisterTaskDefinition(ctx, &ecs.RegisterTaskDefinitionInput{Family: p("f"), ContainerDefinitions: []ecstypes.ContainerDefinition{}})
		return err
	}, "ClientException", 400, "ontainer"},
	"an unknown task": {func(ctx context.Context, w *world) error {
		_, err := w.ecs.StopTask(ctx, &ecs.StopTaskInput{Cluster: cluster(), Task: p("0123456789abcdef0123456789abcdef")})
		return err
	}, "InvalidParameterException", 400, "task was not found"},

	// CloudWatch Logs
	"a group's bad name": {func(ctx context.Context, w *world) error {
		_, err := w.logs.CreateLogGroup(ctx, &cloudwatchlogs.CreateLogGroupInput{LogGroupName: p("a b")})
		return err
	}, "InvalidParameterException", 400, "logGroupName"},
	"a group that is there": {func(ctx context.Context, w *world) error {
		_, err := w.logs.CreateLogGroup(ctx, &cloudwatchlogs.CreateLogGroupInput{LogGroupName: p(shippedtest.LogGroup)})
		return err
	}, "ResourceAlreadyExistsException", 400, "already exists"},
	"events for no stream": {func(ctx context.Context, w *world) error {
		_, err := w.logs.PutLogEvents(ctx, &cloudwatchlogs.PutLogEventsInput{
			LogGroupName: p(shippedtest.LogGroup), LogStreamName: p("none"), LogEvents: []logtypes.InputLogEvent{{Message: p("x"), Timestamp: p(int64(1))}},
		})
		return err
	}, "ResourceNotFoundException", 400, "log stream"},
	"an odd retention": {func(ctx context.Context, w *world) error {
		_, err := w.logs.PutRetentionPolicy(ctx, &cloudwatchlogs.PutRetentionPolicyInput{LogGroupName: p(shippedtest.LogGroup), RetentionInDays: p(int32(2))})
		return err
	}, "InvalidParameterException", 400, "retention"},
	"a filter that does not parse": {func(ctx context.Context, w *world) error {
		_, err := w.logs.FilterLogEvents(ctx, &cloudwatchlogs.FilterLogEventsInput{LogGroupName: p(shippedtest.LogGroup), FilterPattern: p(`{ $.a = `)})
		return err
	}, "InvalidParameterException", 400, "pattern"},

	// SSM
	"an unknown parameter": {func(ctx context.Context, w *world) error {
		_, err := w.params.GetParameter(ctx, &ssm.GetParameterInput{Name: p("/none")})
		return err
	}, "ParameterNotFound", 400, ""},
	"a parameter that is there": {func(ctx context.Context, w *world) error {
		_, err := w.params.PutParameter(ctx, &ssm.PutParameterInput{Name: p(shippedtest.PasswordSecret), Value: p("x"), Type: ssmtypes.ParameterTypeString})
		return err
	}, "ParameterAlreadyExists", 400, ""},
	"a parameter that is too long": {func(ctx context.Context, w *world) error {
		_, err := w.params.PutParameter(ctx, &ssm.PutParameterInput{Name: p("/long"), Value: p(strings.Repeat("x", 4097)), Type: ssmtypes.ParameterTypeString})
		return err
	}, "ValidationException", 400, "4096"},

	// S3
	"an object of an unknown bucket": {func(ctx context.Context, w *world) error {
		_, err := w.bucket.PutObject(ctx, &s3.PutObjectInput{Bucket: p("none"), Key: p("k"), Body: strings.NewReader("x")})
		return err
	}, "NoSuchBucket", 404, ""},
	"an unknown object": {func(ctx context.Context, w *world) error {
		_, err := w.bucket.GetObject(ctx, &s3.GetObjectInput{Bucket: p(shippedtest.Bucket), Key: p("none")})
		return err
	}, "NoSuchKey", 404, ""},
}

func TestBadCallsAreRefusedAsByAWSAndStoreNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	before := w.inventory(t)
	for name, test := range refusals {
		t.Run(name, func(t *testing.T) {
			err := test.call(t.Context(), w)
			var api smithy.APIError
			var answer *smithyhttp.ResponseError
			if !errors.As(err, &api) || !errors.As(err, &answer) {
				t.Fatalf("the call gives %v", err)
			}
			if api.ErrorCode() != test.code || answer.HTTPStatusCode() != test.status || !strings.Contains(api.ErrorMessage(), test.want) {
				t.Errorf("HTTP %d %s: %s; want %d %s with %q", answer.HTTPStatusCode(), api.ErrorCode(), api.ErrorMessage(), test.status, test.code, test.want)
			}
		})
	}
	if diff := cmp.Diff(before, w.inventory(t)); diff != "" {
		t.Errorf("refused calls have left: %s", diff)
	}
}

func TestValuesOfTheWrongTypeAreRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	before := w.inventory(t)
	tests := map[string]struct{ target, version, body, code string }{
		"a number for a string":  {"AWSStepFunctions.StartExecution", "1.0", `{"stateMachineArn":1}`, "SerializationException"},
		"a string for a number":  {"AWSStepFunctions.ListStateMachines", "1.0", `{"maxResults":"ten"}`, "SerializationException"},
		"a string for a list":    {"AWSStepFunctions.CreateStateMachine", "1.0", `{"name":"m","tags":"none"}`, "SerializationException"},
		"a list for an object":   {"AmazonEC2ContainerServiceV20141113.RunTask", "1.1", `{"overrides":[]}`, "SerializationException"},
		"a string for a count":   {"AmazonEC2ContainerServiceV20141113.RunTask", "1.1", `{"count":"one"}`, "SerializationException"},
		"an object for a string": {"Logs_20140328.CreateLogGroup", "1.1", `{"logGroupName":{}}`, "SerializationException"},
		"a string for a switch":  {"AmazonSSM.PutParameter", "1.1", `{"Name":"/n","Overwrite":"yes"}`, "SerializationException"},
		"no JSON":                {"AWSStepFunctions.StartExecution", "1.0", `{"stateMachineArn":`, "SerializationException"},
		"no operation":           {"AWSStepFunctions.Explode", "1.0", `{}`, "UnknownOperationException"},
		"a missing field":        {"AWSStepFunctions.StartExecution", "1.0", `{}`, "ValidationException"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			status, text := w.post(t, test.target, test.version, test.body)
			var answer struct {
				Type string `json:"__type"`
			}
			if err := json.Unmarshal([]byte(text), &answer); err != nil {
				t.Fatalf("%v in %s", err, text)
			}
			if code := answer.Type[strings.LastIndex(answer.Type, "#")+1:]; status != http.StatusBadRequest || code != test.code {
				t.Errorf("HTTP %d %s; want 400 %s", status, text, test.code)
			}
		})
	}
	if diff := cmp.Diff(before, w.inventory(t)); diff != "" {
		t.Errorf("refused calls have left: %s", diff)
	}
}

// inventory names all that the services keep.
func (w *world) inventory(t *testing.T) []string {
	t.Helper()
	ctx, machine, bucket := t.Context(), w.server.MachineARN(shippedtest.Machine), shippedtest.Bucket
	machines, err1 := w.states.ListStateMachines(ctx, &sfn.ListStateMachinesInput{})
	runs, err2 := w.states.ListExecutions(ctx, &sfn.ListExecutionsInput{StateMachineArn: &machine})
	tasks, err3 := w.ecs.ListTasks(ctx, &ecs.ListTasksInput{Cluster: cluster()})
	definitions, err4 := w.ecs.ListTaskDefinitions(ctx, &ecs.ListTaskDefinitionsInput{})
	groups, err5 := w.logs.DescribeLogGroups(ctx, &cloudwatchlogs.DescribeLogGroupsInput{})
	streams, err6 := w.logs.DescribeLogStreams(ctx, &cloudwatchlogs.DescribeLogStreamsInput{LogGroupName: p(shippedtest.LogGroup)})
	params, err7 := w.params.GetParametersByPath(ctx, &ssm.GetParametersByPathInput{Path: p("/"), Recursive: p(true), WithDecryption: p(true)})
	objects, err8 := w.bucket.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: &bucket})
	buckets, err9 := w.bucket.ListBuckets(ctx, &s3.ListBucketsInput{})
	if err := errors.Join(err1, err2, err3, err4, err5, err6, err7, err8, err9); err != nil {
		t.Fatal(err)
	}
	names := append(tasks.TaskArns, definitions.TaskDefinitionArns...)
	for _, m := range machines.StateMachines {
		names = append(names, *m.StateMachineArn)
	}
	for _, r := range runs.Executions {
		names = append(names, *r.ExecutionArn)
	}
	for _, g := range groups.LogGroups {
		names = append(names, *g.LogGroupName, fmt.Sprint(*g.RetentionInDays))
	}
	for _, s := range streams.LogStreams {
		names = append(names, *s.LogStreamName)
	}
	for _, v := range params.Parameters {
		names = append(names, *v.Name+"="+*v.Value)
	}
	for _, o := range objects.Contents {
		names = append(names, *o.Key)
	}
	for _, b := range buckets.Buckets {
		names = append(names, *b.Name)
	}
	return names
}
