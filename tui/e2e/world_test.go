package e2e_test

import (
	"context"
	"encoding/json"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stepdeck/stepdeck/aws/client"
	"github.com/stepdeck/stepdeck/aws/local"
	"github.com/stepdeck/stepdeck/aws/local/faults"
	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/session"
	"github.com/stepdeck/stepdeck/aws/shipped/shippedtest"
	"github.com/stepdeck/stepdeck/aws/workflow"
	"github.com/stepdeck/stepdeck/tui"
	"github.com/stepdeck/stepdeck/tui/screen"
	"github.com/stepdeck/stepdeck/tui/theme"
)

// patience is for what a loaded machine does in seconds.
const patience = time.Minute

// user is whom the console stamps on its changes.
const user = "robot@test"

// world is a local AWS with a gate before it.
type world struct {
	*local.Server
	gate *gate
	dir  string
}

func newWorld(t *testing.T) *world {
	t.Helper()
	return serve(t, false)
}

// serve starts local AWS; brief is newGate's.
func serve(t *testing.T, brief bool) *world {
	t.Helper()
	server := rig.Start(t, local.Options{})
	return &world{Server: server, gate: newGate(t, server.URL(), brief), dir: t.TempDir()}
}

// object is a request's body.
type object = map[string]any

// call calls an operation from inside local AWS, past the gate.
func call[T any](t *testing.T, w *world, service, operation string, request object) T {
	t.Helper()
	var answer T
	if err := w.Invoke(t.Context(), service, operation, request, &answer); err != nil {
		t.Fatal(err)
	}
	return answer
}

// start starts a run of the shipped machine with the words as its job.
func (w *world) start(t *testing.T, name, words string) string {
	t.Helper()
	input, err := json.Marshal(object{"args": strings.Fields(words)})
	if err != nil {
		t.Fatal(err)
	}
	return w.startOf(t, shippedtest.Machine, name, string(input))
}

func (w *world) startOf(t *testing.T, machine, name, input string) string {
	t.Helper()
	return call[struct{ ExecutionArn string }](t, w, "states", "StartExecution", object{
		"stateMachineArn": w.MachineARN(machine), "name": name, "input": input,
	}).ExecutionArn
}

// machine creates a machine.
func (w *world) machine(t *testing.T, name string, definition object) {
	t.Helper()
	text, err := json.Marshal(definition)
	if err != nil {
		t.Fatal(err)
	}
	call[struct{}](t, w, "states", "CreateStateMachine", object{
		"name": name, "definition": string(text), "roleArn": "arn:aws:iam::" + local.Account + ":role/" + name,
	})
}

// bare is a machine that runs its input's args as a task and tries only once.
var bare = object{"QueryLanguage": "JSONata", "StartAt": "Job", "States": object{"Job": object{
	"Type": "Task", "Resource": "arn:aws:states:::ecs:runTask.waitForTaskToken", "HeartbeatSeconds": 300, "TimeoutSeconds": 900, "End": true,
	"Arguments": object{
		"Cluster": shippedtest.Cluster, "TaskDefinition": shippedtest.Family, "LaunchType": "FARGATE",
		"NetworkConfiguration": object{"AwsvpcConfiguration": object{"Subnets": []string{"subnet-00000000000000001"}}},
		"Overrides": object{"ContainerOverrides": []object{{
			"Name": shippedtest.Container, "Command": "{% $states.input.args %}",
			"Environment": []object{{"Name": "TASK_TOKEN", "Value": "{% $states.context.Task.Token %}"}},
		}}},
	},
}}}

// stick starts runs of a machine like bare whose tasks are killed, and nobody
// answers their tokens.
func (w *world) stick(t *testing.T, machine string, names ...string) (arns []string) {
	t.Helper()
	w.fault(faults.Rule{Kind: faults.Kill, Times: len(names), DelayMillis: 100}, faults.Rule{Kind: faults.NoReaper, Times: len(names)})
	for _, name := range names {
		arn := w.startOf(t, machine, name, `{"args": ["drill", "succeed", "--after", "60"]}`)
		eventually(t, "its task is gone", func() bool { return strings.Contains(w.history(t, arn), "TaskSubmitted") && len(w.tasks(t)) == 0 })
		arns = append(arns, arn)
	}
	return arns
}

// described is what the tests read of a run.
type described struct {
	Status, Cause, Output string
	RedriveCount          int
}

func (w *world) describe(t *testing.T, arn string) described {
	t.Helper()
	return call[described](t, w, "states", "DescribeExecution", object{"executionArn": arn})
}

// ends waits until a run has closed so.
func (w *world) ends(t *testing.T, arn string, status workflow.Status) {
	t.Helper()
	eventually(t, arn+" is "+string(status), func() bool { return w.describe(t, arn).Status == string(status) })
}

// history is the JSON of a run's first events.
func (w *world) history(t *testing.T, arn string) string {
	t.Helper()
	return string(call[json.RawMessage](t, w, "states", "GetExecutionHistory", object{"executionArn": arn}))
}

// tasks are the tasks that run now.
func (w *world) tasks(t *testing.T) []string {
	t.Helper()
	return call[struct{ TaskArns []string }](t, w, "ecs", "ListTasks", object{"cluster": shippedtest.Cluster, "desiredStatus": "RUNNING"}).TaskArns
}

// fault puts rules in force in place of those before.
func (w *world) fault(rules ...faults.Rule) { w.Faults().Replace(rules) }

// eventually waits for what the screen does not show.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	limit := time.After(patience)
	for !is() {
		select {
		case <-ticker.C:
		case <-limit:
			t.Fatalf("never: %s", what)
		}
	}
}

// opener puts consoles together as the program does.
type opener struct {
	session  session.Options
	folder   string
	env      *tui.Env
	current  atomic.Pointer[session.Session] // places are opened off the UI goroutine
	profiles []string
}

func (o *opener) open(ctx context.Context, place screen.Place) (*screen.Console, error) {
	options := o.session
	options.Profile, options.Region, options.Role = place.Profile, place.Region, place.Role
	options.Endpoint, options.Local = place.Endpoint, place.Local
	s, err := session.Open(ctx, options)
	if err != nil {
		return nil, err
	}
	place.Region = s.Region()
	o.current.Store(s)
	return &screen.Console{
		Service: ops.New(client.New(s), user), Who: user, Env: o.env, Place: place, Presets: o.folder,
		Bulks: filepath.Join(o.folder, "bulk"), Share: s.Share,
		Switch: o.open, Profiles: o.profiles, Regions: session.Regions(),
	}, nil
}

// console is what the program runs on the world, through the gate.
func (w *world) console(t *testing.T, env *tui.Env, change func(*session.Options)) tui.Options {
	t.Helper()
	env.Where = tui.Where{Profile: safe.Line("default"), Region: safe.Line(w.Region()), Local: true}
	o := &opener{folder: w.dir, env: env, profiles: []string{"default"}}
	o.session.Journal = session.OpenJournal(filepath.Join(w.dir, "journal"))
	if change != nil {
		change(&o.session)
	}
	env.ReadOnly = o.session.ReadOnly
	first, err := o.open(t.Context(), screen.Place{Region: w.Region(), Endpoint: w.gate.URL, Local: true})
	if err != nil {
		t.Fatal(err)
	}
	return tui.Options{
		Home: screen.NewHome(first), Env: env, Commands: screen.Commands(first),
		Theme: theme.Options{Profile: theme.TrueColor}, FixedTheme: true, Folder: w.dir,
		Meter: func() tui.Rates {
			r := o.current.Load().Meter().Rates()
			return tui.Rates{CallsPerMinute: r.CallsPerMinute, ThrottlesPerMinute: r.ThrottlesPerMinute, Waiting: r.Waiting}
		},
		Browse: func(context.Context, string) error { return nil },
	}
}
