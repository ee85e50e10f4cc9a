package main

import (
	"bufio"
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/stack"
)

var updateGoldens = flag.Bool("update-plans", false, "write the golden plans anew")

func line(text string) safe.Text { return safe.Line(text) }

// plans are one of each kind, as AWS describes them.
var plans = map[string]stack.Plan{
	"new": {
		Stack: "dumps", ChangeSet: "set", Creates: true, Planned: true,
		Parameters: []stack.ParameterChange{
			{Name: "VpcId", After: line("vpc-00000000000000001"), Origin: "given"}, {Name: "TaskCpu", After: line("256"), Origin: "default"},
		},
		Changes: []stack.Change{
			{Logical: "Artifacts", Type: "AWS::S3::Bucket", Action: stack.Import},
			{Logical: "Cluster", Type: "AWS::ECS::Cluster", Action: stack.Add, Properties: []stack.PropertyChange{{Path: "/Properties/ClusterName", After: line("dumps")}}},
			{Logical: "ExecutionRole", Type: "AWS::IAM::Role", Action: stack.Add},
		},
		Findings: []stack.Finding{
			{Severity: stack.Warning, Subject: line("/dumps/db/password"), Sentence: line("there is no such parameter: tasks cannot start without it"), Next: line("make it with: stepdeck stack secret set /dumps/db/password")},
			{Severity: stack.Note, Subject: line("ImageUri"), Sentence: line("there is no image yet: no run can start before one is pushed")},
		},
	},
	"update": {
		Stack: "dumps", ChangeSet: "set", Planned: true,
		Parameters: []stack.ParameterChange{
			{Name: "TaskMemory", Before: line("512"), After: line("1024"), Origin: "given"},
			{Name: "VpcId", Before: line("vpc-1"), After: line("vpc-1"), Origin: "kept"},
			{Name: "ScheduleExpression", Before: line("rate(1 day)"), Origin: "given"},
		},
		Changes: []stack.Change{
			{Logical: "Queue", Type: "AWS::SQS::Queue", Action: stack.Modify, Replacement: stack.Always, Properties: []stack.PropertyChange{
				{Path: "/Properties/QueueName", Before: line("a"), After: line("b"), Recreates: stack.Always},
			}},
			{Logical: "Schedule", Type: "AWS::Scheduler::Schedule", Action: stack.Remove},
			{Logical: "Artifacts", Type: "AWS::S3::Bucket", Action: stack.Remove, Kept: true},
			{Logical: "TaskDefinition", Type: "AWS::ECS::TaskDefinition", Action: stack.Modify, Replacement: stack.Always, Kept: true, Properties: []stack.PropertyChange{
				{Path: "/Properties/Memory", Before: line("512"), After: line("1024"), Recreates: stack.Always, Cause: "TaskMemory"},
				{Path: "/Properties/ContainerDefinitions/0/Secrets/0", After: line("{}")},
			}},
			{Logical: "Workflow", Type: "AWS::StepFunctions::StateMachine", Action: stack.Modify, Replacement: stack.Never, Properties: []stack.PropertyChange{
				{Path: "/Properties/DefinitionString", Before: line(`{"StartAt":"Run","States":{"Run":{"Type":"Task","TimeoutSeconds":7200,"End":true}}}`), After: line(`{"StartAt":"Run","States":{"Run":{"Type":"Task","TimeoutSeconds":3600,"End":true}}}`)},
				{Path: "/Properties/DefinitionSubstitutions", Cause: "TaskDefinition"},
			}},
			{Logical: "WorkflowRole", Type: "AWS::IAM::Role", Action: stack.Modify, Replacement: stack.Conditional, Properties: []stack.PropertyChange{
				{Path: "/Properties/Policies/0", Before: line("old"), After: line("new")},
			}},
		},
	},
	"unchanged": {Stack: "dumps", Planned: true},
	"refused": {Stack: "dumps", Findings: []stack.Finding{
		{Severity: stack.Blocker, Subject: line("template.yaml:12"), Sentence: line("an alias"), Next: line("correct the file, and plan again")},
	}},
}

func TestPlansAreShownAsTheyShouldBe(t *testing.T) {
	for name, p := range plans {
		for _, colored := range []bool{false, true} {
			file := filepath.Join("testdata", "plan_"+name+".txt")
			if colored {
				file = filepath.Join("testdata", "plan_"+name+".sgr")
			}
			var got bytes.Buffer
			a := &app{draws: colored}
			a.writePlan(&got, &p)
			if *updateGoldens {
				if err := os.WriteFile(file, got.Bytes(), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got.String()); diff != "" {
				t.Errorf("%s: %s", file, diff)
			}
		}
	}
}

func TestATreeFitsItsTerminalAndKeepsWhatMatters(t *testing.T) {
	start := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	p := stack.Progress{Stack: "dumps", Status: "ROLLBACK_IN_PROGRESS", Started: start}
	for _, name := range []string{"A", "B", "C", "D", "E", "F"} {
		p.Resources = append(p.Resources, stack.ResourceProgress{Logical: name, Type: "AWS::X::Y", Status: stack.CreateComplete, Started: start, Ended: start.Add(2 * time.Second)})
	}
	p.Resources = append(p.Resources,
		stack.ResourceProgress{Logical: "Broken", Type: "AWS::X::Y", Status: stack.CreateFailed, Started: start, Ended: start.Add(time.Second)},
		stack.ResourceProgress{Logical: "Slow", Type: "AWS::X::Y", Status: "CREATE_IN_PROGRESS", Started: start})
	p.Failed = &stack.Event{Logical: "Broken", Reason: line("it broke")}
	a := &app{now: func() time.Time { return start.Add(90 * time.Second) }}
	for limit := 4; limit < 14; limit++ {
		lines := a.treeLines(p, 60, limit)
		all := strings.Join(lines, "\n")
		if len(lines) > limit {
			t.Errorf("%d lines on %d", len(lines), limit)
		}
		for _, l := range lines {
			if width := line(l).Width(); width > 60 {
				t.Errorf("%d cells on 60: %s", width, l)
			}
		}
		if !strings.HasPrefix(lines[0], "✖ Broken: it broke") {
			t.Errorf("the failure is not on top: %s", all)
		}
		if limit >= 5 {
			has(t, all, "dumps ROLLBACK_IN_PROGRESS  1m 30s", "Slow", "1m 30s", "✖ Broken")
		}
	}
}

func TestBadParametersNameTheFlag(t *testing.T) {
	w := newWorld(t)
	for _, c := range []struct{ args, want string }{
		{"--parameter TaskMemory", "--parameter"},
		{"--parameters-file none.json", "none.json"},
		{"--template none.yaml", "--template"},
		{"--stack A", "--stack"},
	} {
		o := w.run(t, "", append([]string{"stack", "plan"}, strings.Fields(c.args)...)...)
		exitsWith(t, o, exitUsage)
		has(t, o.err, c.want, "next: ")
	}
	o := w.run(t, "", "stack", "plan", "--exit-code", "--stack", "A")
	exitsWith(t, o, exitFailed)
}

func TestAHiddenLineIsEditedAsOnATerminal(t *testing.T) {
	for typed, want := range map[string]string{
		"secret\r": "secret", "sex\x7f\x08ecret\n": "secret", "wrong\x15secret\r": "secret", "pässwörtx\x7f\r": "pässwört",
		"sec\x04ret\r": "secret", "\x04": "", "end": "end", "é\x7f\x7f\x7fx\r": "x",
	} {
		got, err := rawLine(bufio.NewReader(strings.NewReader(typed)))
		if err != nil || got != want {
			t.Errorf("%q gives %q, %v; want %q", typed, got, err, want)
		}
	}
	if _, err := rawLine(bufio.NewReader(strings.NewReader("sec\x03ret\r"))); err == nil {
		t.Error("ctrl-C is taken for text")
	}
}

func TestASecretComesFromStandardInputAndIsShownNowhere(t *testing.T) {
	const hidden = "correct horse"
	w := newWorld(t)
	w.on("DescribeParameters", `{"Parameters":[]}`)
	w.on("PutParameter", `{"Version":1}`)
	o := w.run(t, hidden+"\n", "stack", "secret", "set", "/dumps/db/password", "--yes")
	exits0(t, o)
	has(t, o.err, "/dumps/db/password is set (version 1)")
	if sent := w.sent("PutParameter"); len(sent) != 1 || sent[0]["Value"] != hidden || sent[0]["Type"] != "SecureString" {
		t.Errorf("sent %v", sent)
	}
	w.on("PutParameter", `{"__type":"ValidationException","message":"Value '`+hidden+`' is bad"}`)
	failed := w.run(t, hidden, "stack", "secret", "set", "/dumps/db/password")
	exitsWith(t, failed, exitUsage)
	journal, err := os.ReadFile(filepath.Join(w.app.state, "audit.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	log, err := os.ReadFile(filepath.Join(w.app.state, "stepdeck.log"))
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{o.out, o.err, failed.out, failed.err, string(journal), string(log)} {
		if strings.Contains(text, hidden) {
			t.Errorf("shown in %s", text)
		}
	}
	exitsWith(t, w.run(t, "x", "stack", "secret", "set", "passwd"), exitUsage)
	exitsWith(t, w.run(t, "", "stack", "secret", "set", "/a"), exitUsage)
}
