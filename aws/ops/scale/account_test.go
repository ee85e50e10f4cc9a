package scale_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stepdeck/stepdeck/aws/client"
	"github.com/stepdeck/stepdeck/aws/local/clock"
	"github.com/stepdeck/stepdeck/aws/local/ecs"
	"github.com/stepdeck/stepdeck/aws/local/states"
	"github.com/stepdeck/stepdeck/aws/local/store"
	"github.com/stepdeck/stepdeck/aws/local/wire"
	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/session"
)

const (
	region  = "us-east-1"
	number  = "123456789012"
	cluster = "jobs"
)

// object is a request's body.
type object = map[string]any

// account is Step Functions and ECS without a reaper: what dies stays so. It
// lives in a bubble of time.
type account struct {
	t          *testing.T
	router     *wire.Router
	containers *containers
}

func newAccount(t *testing.T) *account {
	t.Helper()
	records, err := store.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	a := &account{t: t, router: &wire.Router{Region: region, Log: slog.New(slog.DiscardHandler)}, containers: &containers{}}
	e, err := ecs.New(ecs.Options{
		Account: number, Region: region, Clock: clock.Real(), Store: records, Invoke: a.router.Invoke, Runner: a.containers,
		StartDelay: -1, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	s, err := states.New(states.Options{
		Store: records, Clock: clock.Real(), Region: region, Account: number, Log: slog.New(slog.DiscardHandler),
		Invoke: a.router.Invoke, TaskStopped: e.Stopped,
	})
	if err != nil {
		t.Fatal(err)
	}
	a.router.Register(e.API())
	a.router.Register(s.API())
	t.Cleanup(func() {
		s.Close()
		for _, c := range a.containers.all() {
			c.end(0)
		}
		e.Close()
		if err := records.Close(); err != nil {
			t.Error(err)
		}
	})
	a.must("ecs", "CreateCluster", object{"clusterName": cluster})
	a.must("ecs", "RegisterTaskDefinition", object{
		"family": "job", "cpu": "256", "memory": "512", "networkMode": "awsvpc", "requiresCompatibilities": []string{"FARGATE"},
		"containerDefinitions": []object{{"name": "job", "image": "job"}},
	})
	return a
}

// call calls an operation from inside, and returns its answer.
func (a *account) call(service, operation string, request object) (map[string]any, error) {
	body, err := json.Marshal(request)
	if err != nil {
		a.t.Fatal(err)
	}
	answer, err := a.router.Invoke(context.Background(), service, operation, body)
	if err != nil {
		return nil, err
	}
	var value map[string]any
	if len(answer) > 0 {
		err = json.Unmarshal(answer, &value)
	}
	return value, err
}

func (a *account) must(service, operation string, request object) map[string]any {
	a.t.Helper()
	answer, err := a.call(service, operation, request)
	if err != nil {
		a.t.Fatalf("%s: %v", operation, err)
	}
	return answer
}

// machine makes a machine whose task is tried so often; seconds without a
// heartbeat end it, 0 never.
func (a *account) machine(name string, retries, heartbeat int) string {
	task := object{
		"Type": "Task", "Resource": "arn:aws:states:::ecs:runTask.waitForTaskToken", "End": true,
		"Retry": []object{{"ErrorEquals": []string{"States.ALL"}, "IntervalSeconds": 5, "MaxAttempts": retries}},
		"Arguments": object{
			"Cluster": cluster, "TaskDefinition": "job", "LaunchType": "FARGATE",
			"NetworkConfiguration": object{"AwsvpcConfiguration": object{"Subnets": []string{"subnet-1"}}},
			"Overrides": object{"ContainerOverrides": []object{{
				"Name": "job", "Environment": []object{
					{"Name": "TASK_TOKEN", "Value": "{% $states.context.Task.Token %}"}, {"Name": "RUN", "Value": "{% $states.context.Execution.Id %}"},
				},
			}}},
		},
	}
	if heartbeat > 0 {
		task["HeartbeatSeconds"] = heartbeat
	}
	definition, err := json.Marshal(object{"QueryLanguage": "JSONata", "StartAt": "Job", "States": object{"Job": task}})
	if err != nil {
		a.t.Fatal(err)
	}
	return fmt.Sprint(a.must("states", "CreateStateMachine", object{
		"name": name, "roleArn": "arn:aws:iam::" + number + ":role/states", "definition": string(definition),
	})["stateMachineArn"])
}

// open tells whether Step Functions takes an answer for the token.
func (a *account) open(token string) bool {
	_, err := a.call("states", "SendTaskHeartbeat", object{"taskToken": token})
	return err == nil
}

// console runs the use cases over HTTP, on a session of their own.
func (a *account) console(use func(context.Context, *ops.Service)) {
	a.t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Connection", "close") // a connection at rest would hold the bubble's time
		a.router.ServeHTTP(w, r)
	}))
	defer server.Close()
	s, err := session.Open(a.t.Context(), session.Options{Local: true, Region: region, Endpoint: server.URL})
	if err != nil {
		a.t.Fatal(err)
	}
	use(a.t.Context(), ops.New(client.New(s), "robot@test"))
}

// short is the end of a token, enough to tell it from others.
func short(token string) string { return token[max(0, len(token)-12):] }

func joined(set map[string]bool) string {
	var all []string
	for name := range set {
		all = append(all, short(name))
	}
	return strings.Join(all, " ")
}
