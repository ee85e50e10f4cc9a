package stack_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/stack"
	"github.com/stepdeck/stepdeck/aws/workflow"
)

func TestTheFirstPlanMakesAChangeSetOfANewStack(t *testing.T) {
	a := newAccount()
	a.next.Changes = []stack.Change{{Logical: "Workflow", Action: stack.Add}, {Logical: "Cluster", Action: stack.Add}}
	a.next.Next = "2"
	s := a.service()
	p, err := s.Plan(t.Context(), request())
	if err != nil {
		t.Fatal(err)
	}
	sent := a.created[0]
	if !sent.Create || sent.Tags["stepdeck:stack"] != "dumps" || !strings.HasPrefix(sent.Name, "stepdeck-") {
		t.Errorf("sent %+v", sent)
	}
	if !strings.HasPrefix(string(sent.Template), "{") || strings.Contains(string(sent.Template), "DefinitionUri") {
		t.Error("the template is not sent as JSON with the machines in it")
	}
	want := []stack.Parameter{{Name: "VpcId", Value: "vpc-00000000000000001"}, {Name: "SubnetIds", Value: "subnet-0000000000000000a,subnet-0000000000000000b"}}
	if diff := cmp.Diff(want, sent.Parameters); diff != "" {
		t.Errorf("parameters: %s", diff)
	}
	if !p.Creates || p.Empty() || len(p.Changes) != 3 || p.Changes[0].Logical != "Cluster" {
		t.Errorf("plan %+v", p)
	}
	s.Discard(t.Context(), p)
	if len(a.sets) != 0 || a.stacks["dumps"] != nil {
		t.Error("the change set and the empty stack are left behind")
	}
}

func TestAStackThatADroppedPlanLeavesIsWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAccount()
		a.next.Changes, a.removing = []stack.Change{{Logical: "Cluster", Action: stack.Add}}, 3
		s := a.service()
		p, err := s.Plan(t.Context(), request())
		if err != nil {
			t.Fatal(err)
		}
		s.Discard(t.Context(), p)
		if a.stacks["dumps"] != nil {
			t.Fatal("the plan was dropped before its stack was gone")
		}

		a.stacks["dumps"], a.removing = &stack.Stack{ID: stackID, Name: "dumps", Status: stack.DeleteInProgress}, 3
		if p, err := s.Plan(t.Context(), request()); err != nil || !p.Creates {
			t.Errorf("while another's plan was dropped: %+v, %v", p, err)
		}
		a.stacks["dumps"] = &stack.Stack{ID: stackID, Name: "dumps", Status: stack.DeleteInProgress}
		a.removing = 1000
		if _, err := s.Plan(t.Context(), request()); err == nil || !strings.Contains(err.Error(), "Template not available") {
			t.Errorf("a deletion that lasts: %v", err)
		}
	})
}

func TestAPlanThatTheCallerMayNotMakeIsOnlyChecked(t *testing.T) {
	a := newAccount().withStack(stack.UpdateComplete)
	a.denied["CreateChangeSet"] = true
	delete(a.secrets, "/dumps/db/user")
	p, err := a.service().Plan(t.Context(), request("TaskMemory=1024"))
	says(t, err, ops.Denied, "AWS denied CreateChangeSet", "a change set, which AWS has to make")
	if p == nil || p.Planned || !p.Empty() || len(p.Findings) == 0 || p.Parameter("TaskMemory") != "1024" {
		t.Errorf("plan %+v", p)
	}
}

func TestAnUpdateKeepsTheTagsThatOthersPutOnTheStack(t *testing.T) {
	a := newAccount().withStack(stack.UpdateComplete)
	a.stacks["dumps"].Tags["team"], a.stacks["dumps"].Tags["aws:servicecatalog:x"] = "data", "1"
	if _, err := a.service().Plan(t.Context(), request()); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{"stepdeck:stack": "dumps", "team": "data"}, a.created[0].Tags); diff != "" {
		t.Error(diff)
	}
}

func TestAnUpdateKeepsWhatIsNotGiven(t *testing.T) {
	a := newAccount().withStack(stack.UpdateComplete)
	r := request("TaskMemory=1024")
	delete(r.Parameters, "VpcId")
	delete(r.Parameters, "SubnetIds")
	p, err := a.service().Plan(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	sent := map[string]stack.Parameter{}
	for _, parameter := range a.created[0].Parameters {
		sent[parameter.Name] = parameter
	}
	want := map[string]stack.Parameter{
		"VpcId": {Name: "VpcId", Keep: true}, "SubnetIds": {Name: "SubnetIds", Keep: true}, "ImageUri": {Name: "ImageUri", Keep: true},
		"TaskMemory": {Name: "TaskMemory", Value: "1024"},
	}
	if diff := cmp.Diff(want, sent); diff != "" {
		t.Errorf("parameters: %s", diff)
	}
	if a.created[0].Create || p.Creates {
		t.Error("an update makes no stack")
	}
}

func TestNoChangesAreASuccess(t *testing.T) {
	for _, reason := range []string{
		"The submitted information didn't contain changes. Submit different information to create a change set.",
		"No updates are to be performed.",
	} {
		a := newAccount().withStack(stack.UpdateComplete)
		a.next = stack.ChangeSet{Status: stack.ChangeSetFailed, Reason: safe.Line(reason)}
		p, err := a.service().Plan(t.Context(), request())
		if err != nil || !p.Empty() || len(a.sets) != 0 {
			t.Errorf("%s: %v, %+v, %d change sets left", reason, err, p, len(a.sets))
		}
	}
}

func TestARefusedChangeSetTellsWhatTheValidationFound(t *testing.T) {
	a := newAccount()
	a.next = stack.ChangeSet{Status: stack.ChangeSetFailed, Reason: safe.Line("Early validation failed. Use DescribeEvents.")}
	a.setEvents = []stack.Event{{
		ID: "1", Logical: "Artifacts", Type: "AWS::S3::Bucket", Path: safe.Line("/Resources/Artifacts"),
		Reason: safe.Line("Resource of type 'AWS::S3::Bucket' with identifier 'x' already exists."),
	}}
	p, err := a.service().Plan(t.Context(), request())
	says(t, err, ops.Failed, "stack dumps", "Artifacts", "/Resources/Artifacts", "already exists", "--adopt")
	if p != nil {
		t.Errorf("a plan that says %+v of what AWS refuses", p.Changes)
	}
	if len(a.sets) != 0 || a.stacks["dumps"] != nil {
		t.Error("the change set and the empty stack are left behind")
	}
}

func TestAStackThatIsNotOursIsRefused(t *testing.T) {
	a := newAccount().withStack(stack.CreateComplete)
	a.stacks["dumps"].Tags = nil
	a.templates["dumps"] = "Resources: {Topic: {Type: AWS::SNS::Topic}}"
	s := a.service()
	_, plan := s.Plan(t.Context(), request())
	_, status := s.Status(t.Context(), "dumps")
	_, deletion := s.PlanDelete(t.Context(), "dumps")
	_, drift := s.Drift(t.Context(), "dumps")
	for _, err := range []error{plan, status, deletion, drift} {
		says(t, err, ops.Conflict, "stack dumps is not one of stepdeck", "somebody else made it", "--stack")
	}
	if len(a.created) != 0 {
		t.Error("a change set was made all the same")
	}
	a.templates["dumps"] = "Metadata: {Stepdeck: {Template: dumps}}\nResources: {Topic: {Type: AWS::SNS::Topic, Properties: {TopicName: !Ref X}}}"
	if _, err := s.Status(t.Context(), "dumps"); err != nil {
		t.Errorf("a stack that another tool deployed from our template: %v", err)
	}
}

func TestAStackInReviewIsPlannedAnew(t *testing.T) {
	a := newAccount()
	a.stacks["dumps"] = &stack.Stack{ID: stackID, Name: "dumps", Status: stack.ReviewInProgress}
	a.sets = []stack.ChangeSet{{ID: "set/old", Name: "stepdeck-20200101-000000-abcdef", Created: t0.AddDate(-6, 0, 0)}}
	a.sets = append(a.sets, stack.ChangeSet{ID: "set/other", Name: "stepdeck-20261123-120000-abcdef", Created: t0})
	p, err := a.service().WithClock(func() time.Time { return t0.Add(time.Minute) }).Plan(t.Context(), request())
	if err != nil || !p.Creates {
		t.Fatalf("%v, %+v", err, p)
	}
	if diff := cmp.Diff([]string{"set/old"}, a.deletedSets); diff != "" {
		t.Errorf("old change sets: %s", diff)
	}
	a.sets = []stack.ChangeSet{{ID: "set/theirs", Name: "by-hand"}}
	_, err = a.service().Plan(t.Context(), request())
	says(t, err, ops.Conflict, "not one of stepdeck")
}

func TestEveryStuckStateHasOneWayOut(t *testing.T) {
	for status, want := range map[stack.Status]string{
		stack.RollbackComplete: "stack delete", stack.RollbackFailed: "stack delete", stack.CreateFailed: "stack delete", stack.DeleteFailed: "stack delete",
		stack.UpdateRollbackFailed: "stack deploy", "UPDATE_IN_PROGRESS": "stack status --watch", stack.DeleteInProgress: "stack status --watch",
		"UPDATE_COMPLETE_CLEANUP_IN_PROGRESS": "stack status --watch",
	} {
		a := newAccount().withStack(status)
		_, err := a.service().Plan(t.Context(), request())
		says(t, err, ops.Conflict, "stack dumps", string(status), "run: stepdeck "+want)
		if len(a.created) != 0 {
			t.Errorf("%s: a change set was made", status)
		}
	}
	for _, status := range []stack.Status{stack.CreateComplete, stack.UpdateComplete, stack.UpdateRollbackComplete, stack.ImportComplete, stack.UpdateFailed} {
		if _, err := newAccount().withStack(status).service().Plan(t.Context(), request()); err != nil {
			t.Errorf("%s: %v", status, err)
		}
	}
}

func TestNamesThatResourcesCannotBeMadeFromAreRefused(t *testing.T) {
	for name, reason := range map[string]string{
		"": "no name", "Dumps": "lower-case", "1dumps": "a letter first", "a_b": "hyphens", "../x": "no name of a stack",
		"abcdefghijklmnopqrstuvwxyz": "25 is the limit",
	} {
		r := request()
		r.Stack = name
		_, err := newAccount().service().Plan(t.Context(), r)
		says(t, err, ops.Usage, "--stack", reason)
	}
}

func TestATemplateThatCannotBeUsedIsToldWithItsLines(t *testing.T) {
	for name, c := range map[string]struct{ body, want string }{
		"syntax":   {"Resources:\n  A: {Type: [\n", "mine.yaml:"},
		"alias":    {"Metadata: {Stepdeck: {Template: x}}\nResources:\n  A: &a {Type: AWS::SNS::Topic}\n  B: *a\n", "mine.yaml:3"},
		"not ours": {"Resources: {A: {Type: AWS::SNS::Topic}}\n", "Metadata"},
	} {
		t.Run(name, func(t *testing.T) {
			a := newAccount()
			r := request()
			r.Source = stack.Source{Name: "mine.yaml", Body: []byte(c.body)}
			p, err := a.service().Plan(t.Context(), r)
			says(t, err, ops.Usage, c.want)
			if p == nil || len(p.Findings) == 0 || len(a.created) != 0 {
				t.Errorf("plan %+v", p)
			}
		})
	}
}

func TestBadParametersAreRefusedByName(t *testing.T) {
	for parameter, wants := range map[string][]string{
		"TaskMemry=1024":         {"TaskMemry", "no parameter has this name", "TaskMemory", "correct the name, or leave it out"},
		"TaskCpu=1":              {"TaskCpu", "256, 512"},
		"SubnetIds=subnet-zz":    {"SubnetIds", `"subnet-zz"`, "such as subnet-0a1b2c3d"},
		"ScheduleInput={x":       {"ScheduleInput", `"{x"`, "JSON object"},
		"AssignPublicIp=maybe":   {"AssignPublicIp", `"maybe"`, "DISABLED, ENABLED", "template.yaml:"},
		"VpcId=vpc":              {"VpcId", `"vpc"`},
		"ImageUri=dumps:1":       {"ImageUri", "by digest"},
		"TaskMemory=600":         {"TaskMemory", "600 MiB does not go with cpu 256", "--parameter TaskMemory=1024"},
		"HeartbeatSeconds=99999": {"HeartbeatSeconds", "86400"},
		"HeartbeatSeconds=7200":  {"HeartbeatSeconds", "7200", "TimeoutSeconds"},
	} {
		t.Run(parameter, func(t *testing.T) {
			a := newAccount()
			p, err := a.service().Plan(t.Context(), request(parameter))
			if err == nil {
				t.Fatal("it is taken")
			}
			var found string
			said := 0
			for _, f := range p.Findings {
				if f.Severity == stack.Blocker {
					said++
					found += f.Subject.String() + ": " + f.Sentence.String() + " " + f.Next.String() + "\n"
				}
			}
			for _, want := range wants {
				if !strings.Contains(found, want) {
					t.Errorf("%q does not say %q", found, want)
				}
			}
			if said != 1 {
				t.Errorf("one value is refused %d times: %s", said, found)
			}
			if len(a.created) != 0 {
				t.Error("a change set was made")
			}
		})
	}
}

func TestWhatANewTemplateDropsIsTold(t *testing.T) {
	a := newAccount().withStack(stack.UpdateComplete)
	a.stacks["dumps"].Parameters = append(a.stacks["dumps"].Parameters, stack.Pair{Name: "BackupWindow", Value: safe.Line("02:00-04:00")}, stack.Pair{Name: "Unused"})
	p, err := a.service().Plan(t.Context(), request())
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Findings) != 1 || p.Findings[0].Severity != stack.Warning || p.Findings[0].Subject.String() != "BackupWindow" || !strings.Contains(p.Findings[0].Sentence.String(), "02:00-04:00") {
		t.Errorf("found %+v", p.Findings)
	}
}

func TestTasksOnAReplacedRevisionAreTold(t *testing.T) {
	const old = "arn:aws:ecs:us-east-1:123456789012:task-definition/dumps-task:4"
	replaced := stack.Change{Logical: "TaskDefinition", Type: "AWS::ECS::TaskDefinition", Physical: safe.Line(old), Action: stack.Modify, Replacement: stack.Always, Kept: true}
	for _, c := range []struct {
		kept bool
		want stack.Severity
	}{{true, stack.Note}, {false, stack.Warning}} {
		a := newAccount().withStack(stack.UpdateComplete)
		replaced.Kept = c.kept
		a.next.Changes = []stack.Change{replaced}
		a.tasks = []workflow.Task{{ARN: "t1", DefinitionARN: old}, {ARN: "t2", DefinitionARN: "other:1"}}
		p, err := a.service().Plan(t.Context(), request())
		if err != nil {
			t.Fatal(err)
		}
		last := p.Findings[len(p.Findings)-1]
		if last.Severity != c.want || !strings.Contains(last.Sentence.String(), "1 live task, on revision dumps-task:4") {
			t.Errorf("%+v", last)
		}
		if p.Destroys() == c.kept {
			t.Errorf("kept %v: destroys %v", c.kept, p.Destroys())
		}
	}
}

func TestAnInterruptedPlanLeavesNothingBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAccount()
		a.next = stack.ChangeSet{Status: "CREATE_IN_PROGRESS"}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() {
			_, err := a.service().Plan(ctx, request())
			ended <- err
		}()
		synctest.Wait()
		cancel()
		if err := <-ended; err == nil {
			t.Error("it went on")
		}
		if len(a.sets) != 0 || a.stacks["dumps"] != nil {
			t.Error("the change set and the empty stack are left behind")
		}
	})
}
