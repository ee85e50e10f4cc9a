package session_test

import (
	"context"
	"reflect"
	"regexp"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/session"
)

// harmless are the verbs of calls that only look. StartLiveTail opens a stream, and
// DetectStackDrift compares: both change nothing.
var harmless = regexp.MustCompile(`^(Describe|List|Get)|^(StartLiveTail|DetectStackDrift)$`)

func TestReadOnlyRefusesEveryChangeBeforeItIsSent(t *testing.T) {
	e := answering(t, 200, "{}")
	s := open(t, e.URL, func(o *session.Options) { o.ReadOnly = true })
	cfg := s.Config()
	for _, client := range []any{
		sfn.NewFromConfig(cfg), ecs.NewFromConfig(cfg), cloudwatchlogs.NewFromConfig(cfg),
		s3.NewFromConfig(cfg), ssm.NewFromConfig(cfg), sts.NewFromConfig(cfg),
		cloudformation.NewFromConfig(cfg), ec2.NewFromConfig(cfg), ecr.NewFromConfig(cfg),
	} {
		eachOperation(t, client, func(name string, call func() error) {
			before := len(e.calls())
			err := call()
			if ops.KindOf(err) == ops.Denied {
				if len(e.calls()) != before {
					t.Errorf("%T.%s was refused but sent", client, name)
				}
				return
			}
			if !harmless.MatchString(name) {
				t.Errorf("%T.%s went through in read-only mode: %v", client, name, err)
			}
		})
	}
}

func TestReadOnlyLetsReadsThrough(t *testing.T) {
	e := answering(t, 200, `{"executions":[]}`)
	s := open(t, e.URL, func(o *session.Options) { o.ReadOnly = true })
	if _, err := statesOf(s).ListExecutions(t.Context(), &sfn.ListExecutionsInput{}); err != nil {
		t.Fatal(err)
	}
	if _, err := statesOf(s).StopExecution(t.Context(), &sfn.StopExecutionInput{ExecutionArn: ptr(runARN)}); err == nil {
		t.Fatal("a stop went through")
	} else {
		want(t, err, ops.Denied, runARN, "read-only", "without --read-only")
	}
}

// eachOperation calls visit with every API operation of an SDK client, to be called with an empty input.
func eachOperation(t *testing.T, client any, visit func(name string, call func() error)) {
	t.Helper()
	v, seen := reflect.ValueOf(client), 0
	for i := range v.NumMethod() {
		method, name := v.Method(i), v.Type().Method(i).Name
		signature := method.Type()
		if signature.NumIn() != 3 || signature.NumOut() != 2 || signature.In(0) != reflect.TypeFor[context.Context]() {
			continue
		}
		seen++
		visit(name, func() error {
			out := method.Call([]reflect.Value{reflect.ValueOf(t.Context()), reflect.New(signature.In(1).Elem())})
			err, _ := out[1].Interface().(error)
			return err
		})
	}
	if seen < 10 {
		t.Fatalf("%T: only %d operations found", client, seen)
	}
}

func ptr(s string) *string { return &s }
