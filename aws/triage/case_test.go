package triage_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/triage"
	"github.com/stepdeck/stepdeck/aws/workflow"
)

// start is when every run of a case began.
var start = time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC)

const (
	machineARN = "arn:aws:states:eu-west-1:123456789012:stateMachine:dumps"
	runARN     = "arn:aws:states:eu-west-1:123456789012:execution:dumps:nightly"
	clusterARN = "arn:aws:ecs:eu-west-1:123456789012:cluster/jobs"
	taskDefARN = "arn:aws:ecs:eu-west-1:123456789012:task-definition/dumps:7"
)

func taskARN(n int) string {
	return fmt.Sprintf("arn:aws:ecs:eu-west-1:123456789012:task/jobs/%032d", n)
}

// testCase is one case of testdata: the evidence and what is expected of it.
type testCase struct {
	name       string
	row        int
	evidence   triage.Evidence
	kind       triage.Kind
	confidence triage.Confidence
	sentence   string
	remedy     string // the first one: action, then fields as name=value
}

// teller builds the evidence of a case line by line, as AWS would write it.
type teller struct {
	c     testCase
	now   time.Time
	last  int64 // id of the causal predecessor
	state string
	tasks int
	task  *workflow.Task
	def   workflow.TaskDefinition
	err   error
}

// readCases reads the case files of testdata. The words of a line are told in
// teller.tell; what follows :: is text, with \n for line breaks.
func readCases(t *testing.T) []testCase {
	t.Helper()
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no case files in testdata: %v", err)
	}
	var cases []testCase
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, block := range strings.Split("\n"+string(data), "\n== ")[1:] {
			c, err := readCase(block)
			if err != nil {
				t.Fatalf("%s: case %q: %v", file, strings.SplitN(block, "\n", 2)[0], err)
			}
			cases = append(cases, c)
		}
	}
	return cases
}

func readCase(block string) (testCase, error) {
	lines := strings.Split(block, "\n")
	number, name, _ := strings.Cut(lines[0], " ")
	row, err := strconv.Atoi(number)
	if err != nil {
		return testCase{}, fmt.Errorf("the title must begin with the number of the row: %w", err)
	}
	b := teller{now: start, c: testCase{name: lines[0], row: row}}
	b.c.name = strings.TrimSpace(number + " " + name)
	b.c.evidence = triage.Evidence{
		Run: workflow.Run{
			ARN: runARN, MachineARN: machineARN, Name: safe.Line("nightly"), Status: workflow.Failed, Started: start,
		},
		Machine: workflow.MachineDetail{Machine: workflow.Machine{ARN: machineARN, Type: workflow.Standard}, RoleARN: "arn:aws:iam::123456789012:role/dumps-machine"},
		Tasks:   map[string]workflow.Task{},
	}
	b.event(workflow.Event{Type: workflow.ExecutionStarted, Input: `{"args":["mysql-dump"]}`})
	b.last = 0
	for _, line := range lines[1:] {
		if strings.TrimSpace(line) == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if b.tell(line); b.err != nil {
			return b.c, fmt.Errorf("%q: %w", line, b.err)
		}
	}
	b.finish()
	return b.c, b.err
}

func (b *teller) finish() {
	if b.task != nil {
		b.c.evidence.Tasks[b.task.ARN] = *b.task
	}
	if b.def.ARN != "" {
		b.c.evidence.TaskDefinitions = map[string]workflow.TaskDefinition{taskDefARN: b.def}
	}
	b.c.evidence.Now = b.now.Add(10 * time.Minute)
}

func (b *teller) event(e workflow.Event) {
	ev := &b.c.evidence
	e.ID, e.Previous, e.Time = int64(len(ev.Events)+1), b.last, b.now
	ev.Events = append(ev.Events, e)
	b.last = e.ID
}

// tell takes one line up.
func (b *teller) tell(line string) {
	head, text, _ := strings.Cut(line, " :: ")
	text = strings.ReplaceAll(text, `\n`, "\n")
	words := strings.Fields(head)
	if text == "" && strings.HasSuffix(head, "::") {
		words = words[:len(words)-1]
	}
	word, args := words[0], words[1:]
	switch word {
	case "|":
		b.logLine(strings.TrimPrefix(line, "| "))
	case "status":
		b.c.evidence.Run.Status = workflow.Status(args[0])
	case "after":
		b.now = b.now.Add(b.duration(args[0]))
	case "enter":
		b.enter(args[0], strings.Join(args[1:], " "))
	case "submit":
		b.submit(args)
	case "schedule":
		b.schedule(args)
	case "refuse":
		b.event(workflow.Event{Type: workflow.TaskSubmitFailed, Error: safe.Line(args[0]), Cause: safe.Block(text)})
	case "fail":
		b.event(workflow.Event{Type: workflow.TaskFailed, Error: safe.Line(strings.Join(args, " ")), Cause: safe.Block(text)})
	case "timeout":
		b.event(workflow.Event{Type: workflow.TaskTimedOut, Error: safe.Line("States.Timeout")})
	case "succeed":
		b.event(workflow.Event{Type: workflow.TaskSucceeded, Output: text})
	case "exit":
		b.event(workflow.Event{Type: "TaskStateExited", State: safe.Line(b.state)})
	case "event":
		b.event(workflow.Event{Type: workflow.EventType(args[0]), State: safe.Line(b.state), Error: safe.Line(strings.Join(args[1:], " ")), Cause: safe.Block(text), Length: 3})
	case "iteration":
		b.event(workflow.Event{Type: workflow.MapIterationStarted, State: safe.Line(b.state), Index: b.number(args[0])})
	case "redrive":
		b.event(workflow.Event{Type: workflow.ExecutionRedriven, RedriveCount: 1})
	case "end":
		b.end(strings.Join(args, " "), text)
	case "ecs":
		b.ecs(args, text)
	case "container":
		b.container(args, text)
	case "missing":
		b.task = &workflow.Task{ARN: taskARN(b.tasks), ClusterARN: clusterARN, Missing: true}
	case "log":
		b.c.evidence.Logs = append(b.c.evidence.Logs, triage.Log{Container: args[0], TaskARN: taskARN(b.tasks)})
	case "nostream":
		b.c.evidence.Logs = append(b.c.evidence.Logs, triage.Log{Container: args[0], NoStream: true})
	case "definition":
		d, err := workflow.ParseDefinition(text)
		b.c.evidence.Definition, b.err = &d, err
	case "kind":
		b.c.kind, b.c.confidence = triage.Kind(args[0]), triage.Confidence(args[1])
	case "says":
		b.c.sentence = text
	case "do":
		b.c.remedy = strings.Join(args, " ")
	default:
		b.err = fmt.Errorf("the word %q is unknown", word)
	}
}

func (b *teller) enter(kind, name string) {
	b.state = name
	b.event(workflow.Event{Type: workflow.EventType(kind + "StateEntered"), State: safe.Line(name), Input: "{}"})
}

func (b *teller) schedule(args []string) {
	e := workflow.Event{Type: workflow.TaskScheduled, ResourceType: "ecs", Resource: "runTask.waitForTaskToken", Parameters: "{}"}
	for _, arg := range args {
		key, value, _ := strings.Cut(arg, "=")
		switch key {
		case "timeout":
			e.Timeout = b.duration(value)
		case "heartbeat":
			e.Heartbeat = b.duration(value)
		case "sync":
			e.Resource = "runTask.sync"
		case "once":
			e.Resource = "runTask"
		case "child":
			e.ResourceType, e.Resource = "states", "startExecution.sync"
		case "sdk":
			e.ResourceType, e.Resource = "aws-sdk:"+value, "call"
		case "hidden":
			e.Parameters = ""
		}
	}
	b.event(e)
	b.event(workflow.Event{Type: workflow.TaskStarted})
}

// submit schedules an attempt and lets ECS answer with a task.
func (b *teller) submit(args []string) {
	b.schedule(args)
	b.tasks++
	answer, err := json.Marshal(map[string]any{"Tasks": []map[string]any{{
		"TaskArn": taskARN(b.tasks), "ClusterArn": clusterARN, "TaskDefinitionArn": taskDefARN, "LastStatus": "PROVISIONING",
	}}, "Failures": []any{}})
	b.err = err
	output := string(answer)
	if strings.Contains(strings.Join(args, " "), "hidden") {
		output = ""
	}
	b.event(workflow.Event{Type: workflow.TaskSubmitted, ResourceType: "ecs", Output: output})
}

func (b *teller) end(name, cause string) {
	run := &b.c.evidence.Run
	run.Stopped = b.now
	e := workflow.Event{Type: workflow.ExecutionFailed, Error: safe.Line(name), Cause: safe.Block(cause)}
	if name == "" && cause == "" && run.Status == workflow.Failed {
		for _, known := range b.c.evidence.Events {
			if known.ID == b.last {
				e.Error, e.Cause = known.Error, known.Cause
			}
		}
	}
	switch run.Status {
	case workflow.TimedOut:
		e.Type, e.Error, b.last = workflow.ExecutionTimedOut, safe.Line("States.Timeout"), 0
	case workflow.Aborted:
		e.Type, b.last = workflow.ExecutionAborted, 0
	case workflow.Succeeded:
		e.Type = workflow.ExecutionSucceeded
	}
	b.event(e)
}

func (b *teller) ecs(args []string, reason string) {
	t := &workflow.Task{ARN: taskARN(max(b.tasks, 1)), ClusterARN: clusterARN, DefinitionARN: taskDefARN, LastStatus: "STOPPED", Stopped: b.now, CPU: "256", Memory: "512"}
	if reason != "" {
		t.StoppedReason = safe.Line(reason)
	}
	for _, arg := range args {
		key, value, _ := strings.Cut(arg, "=")
		switch key {
		case "memory":
			t.Memory = value
		case "cpu":
			t.CPU = value
		case "stopped":
			t.Stopped = start.Add(b.duration(value))
		case "running":
			t.LastStatus, t.Stopped = "RUNNING", time.Time{}
		default:
			t.StopCode = key
		}
	}
	b.task = t
}

func (b *teller) container(args []string, reason string) {
	c := workflow.Container{Name: safe.Line(args[0]), Reason: safe.Line(reason)}
	essential := true
	for _, arg := range args[1:] {
		key, value, _ := strings.Cut(arg, "=")
		switch key {
		case "exit":
			n := b.number(value)
			c.ExitCode = &n
		case "optional":
			essential = false
		}
	}
	b.task.Containers = append(b.task.Containers, c)
	b.def.ARN = taskDefARN
	b.def.Containers = append(b.def.Containers, workflow.ContainerDefinition{Name: args[0], Essential: essential})
}

func (b *teller) logLine(text string) {
	logs := b.c.evidence.Logs
	if len(logs) == 0 {
		b.err = fmt.Errorf("a line stands before its log")
		return
	}
	l := &logs[len(logs)-1]
	l.Lines = append(l.Lines, workflow.LogLine{Time: b.now.Add(-time.Minute + time.Duration(len(l.Lines))*time.Second), Text: safe.Line(text), Raw: text})
}

func (b *teller) number(s string) int {
	n, err := strconv.Atoi(s)
	b.err = err
	return n
}

func (b *teller) duration(s string) time.Duration {
	d, err := time.ParseDuration(s)
	b.err = err
	return d
}
