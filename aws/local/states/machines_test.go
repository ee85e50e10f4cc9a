package states_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
)

const passMachine = `{"StartAt":"State_1","States":{"State_1":{"Type":"Pass","Result":{"Arg1":"argument1"},"End":true}}}`

func TestMachineIsDescribedAsItWasCreated(t *testing.T) {
	l := serve(t)
	arn := l.create("work", passMachine)
	out, err := l.DescribeStateMachine(l.ctx(), &sfn.DescribeStateMachineInput{StateMachineArn: &arn})
	if err != nil {
		t.Fatal(err)
	}
	if arn != "arn:aws:states:us-east-1:123456789012:stateMachine:work" || *out.Definition != passMachine || *out.RoleArn != role ||
		out.Type != types.StateMachineTypeStandard || out.Status != types.StateMachineStatusActive || out.LoggingConfiguration.Level != types.LogLevelOff ||
		out.RevisionId != nil || !out.CreationDate.Equal(l.clock.Now()) {
		t.Errorf("%s described as %+v", arn, out)
	}
}

func TestCreateTwiceIsIdempotentForTheSameDefinitionOnly(t *testing.T) {
	l := serve(t)
	first := l.create("work", passMachine)
	if again := l.create("work", passMachine); again != first {
		t.Errorf("created %s, then %s", first, again)
	}
	_, err := l.CreateStateMachine(l.ctx(), &sfn.CreateStateMachineInput{
		Name: aws.String("work"), RoleArn: aws.String(role), Definition: aws.String(strings.Replace(passMachine, "argument1", "other", 1)),
	})
	if code, message := said(t, err); code != "StateMachineAlreadyExists" || message != "State Machine Already Exists: '"+first+"'" {
		t.Errorf("got %s: %s", code, message)
	}
}

func TestUpdateMakesARevisionUnlessNothingChanges(t *testing.T) {
	l := serve(t)
	arn := l.create("work", passMachine)
	other := strings.Replace(passMachine, "argument1", "other", 1)
	first, err := l.UpdateStateMachine(l.ctx(), &sfn.UpdateStateMachineInput{StateMachineArn: &arn, Definition: &other})
	if err != nil || first.RevisionId == nil {
		t.Fatalf("%+v, %v", first, err)
	}
	same, err := l.UpdateStateMachine(l.ctx(), &sfn.UpdateStateMachineInput{StateMachineArn: &arn, Definition: &other})
	if err != nil || *same.RevisionId != *first.RevisionId {
		t.Errorf("revision %v became %v, %v", *first.RevisionId, same.RevisionId, err)
	}
	_, err = l.UpdateStateMachine(l.ctx(), &sfn.UpdateStateMachineInput{StateMachineArn: &arn})
	if code, _ := said(t, err); code != "MissingRequiredParameter" {
		t.Errorf("an empty update got %s", code)
	}
}

func TestARunKeepsTheDefinitionThatItStartedWith(t *testing.T) {
	l := serve(t)
	arn := l.create("work", passMachine)
	run := l.start(arn, `{}`)
	other := strings.Replace(passMachine, "argument1", "other", 1)
	if _, err := l.UpdateStateMachine(l.ctx(), &sfn.UpdateStateMachineInput{StateMachineArn: &arn, Definition: &other}); err != nil {
		t.Fatal(err)
	}
	l.restart()
	used, err := l.DescribeStateMachineForExecution(l.ctx(), &sfn.DescribeStateMachineForExecutionInput{ExecutionArn: &run})
	if err != nil || *used.Definition != passMachine {
		t.Errorf("%+v, %v", used, err)
	}
}

func TestMachinesAreListedByNameInPages(t *testing.T) {
	l := serve(t)
	for _, name := range []string{"c", "a", "e", "b", "d"} {
		l.create(name, passMachine)
	}
	var names []string
	pages := sfn.NewListStateMachinesPaginator(l.Client, &sfn.ListStateMachinesInput{MaxResults: 2})
	for pages.HasMorePages() {
		page, err := pages.NextPage(l.ctx())
		if err != nil {
			t.Fatal(err)
		}
		if len(page.StateMachines) > 2 {
			t.Errorf("a page of %d", len(page.StateMachines))
		}
		for _, m := range page.StateMachines {
			names = append(names, *m.Name)
		}
	}
	if !slices.Equal(names, []string{"a", "b", "c", "d", "e"}) {
		t.Errorf("listed %v", names)
	}
}

func TestDeletedMachineLetsItsRunEndAtTheNextTransition(t *testing.T) {
	l := serve(t)
	arn := l.create("work", `{"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":60,"Next":"P"},"P":{"Type":"Pass","End":true}}}`)
	run := l.start(arn, `{}`)
	if _, err := l.DeleteStateMachine(l.ctx(), &sfn.DeleteStateMachineInput{StateMachineArn: &arn}); err != nil {
		t.Fatal(err)
	}
	out, err := l.DescribeStateMachine(l.ctx(), &sfn.DescribeStateMachineInput{StateMachineArn: &arn})
	if err != nil || out.Status != types.StateMachineStatusDeleting {
		t.Fatalf("%+v, %v", out, err)
	}
	_, err = l.StartExecution(l.ctx(), &sfn.StartExecutionInput{StateMachineArn: &arn})
	if code, _ := said(t, err); code != "StateMachineDeleting" {
		t.Errorf("a start got %s", code)
	}
	l.clock.Advance(60e9)
	if status := l.ended(run); status != types.ExecutionStatusAborted {
		t.Errorf("the run ended as %s: %v", status, l.chain(run))
	}
	_, err = l.DescribeStateMachine(l.ctx(), &sfn.DescribeStateMachineInput{StateMachineArn: &arn})
	if code, _ := said(t, err); code != "StateMachineDoesNotExist" {
		t.Errorf("the machine is still there: %s", code)
	}
}

func TestDeleteOfAnUnknownMachineSucceeds(t *testing.T) {
	l := serve(t)
	arn := "arn:aws:states:us-east-1:123456789012:stateMachine:none"
	if _, err := l.DeleteStateMachine(l.ctx(), &sfn.DeleteStateMachineInput{StateMachineArn: &arn}); err != nil {
		t.Error(err)
	}
}

func TestTagsAreMergedAndRemoved(t *testing.T) {
	l := serve(t)
	arn := l.create("work", passMachine)
	tag := func(key, value string) types.Tag { return types.Tag{Key: &key, Value: &value} }
	if _, err := l.TagResource(l.ctx(), &sfn.TagResourceInput{ResourceArn: &arn, Tags: []types.Tag{tag("a", "1"), tag("b", "2")}}); err != nil {
		t.Fatal(err)
	}
	if _, err := l.TagResource(l.ctx(), &sfn.TagResourceInput{ResourceArn: &arn, Tags: []types.Tag{tag("a", "3")}}); err != nil {
		t.Fatal(err)
	}
	if _, err := l.UntagResource(l.ctx(), &sfn.UntagResourceInput{ResourceArn: &arn, TagKeys: []string{"b", "none"}}); err != nil {
		t.Fatal(err)
	}
	l.restart()
	out, err := l.ListTagsForResource(l.ctx(), &sfn.ListTagsForResourceInput{ResourceArn: &arn})
	if err != nil || len(out.Tags) != 1 || *out.Tags[0].Key != "a" || *out.Tags[0].Value != "3" {
		t.Errorf("%+v, %v", out, err)
	}
}

func TestValidateTellsWhatCreateWouldRefuse(t *testing.T) {
	l := serve(t)
	for _, c := range []struct {
		name, definition, result, code string
	}{
		{"a good definition", passMachine, "OK", ""},
		{"no object", `""`, "FAIL", "SCHEMA_VALIDATION_FAILED"},
		{"no JSON", `not a definition`, "FAIL", "INVALID_JSON_DESCRIPTION"},
		{"no states", `{}`, "FAIL", "SCHEMA_VALIDATION_FAILED"},
	} {
		t.Run(c.name, func(t *testing.T) {
			out, err := l.ValidateStateMachineDefinition(l.ctx(), &sfn.ValidateStateMachineDefinitionInput{Definition: &c.definition})
			if err != nil || string(out.Result) != c.result {
				t.Fatalf("%+v, %v", out, err)
			}
			if c.code != "" && *out.Diagnostics[0].Code != c.code {
				t.Errorf("got %s", *out.Diagnostics[0].Code)
			}
		})
	}
}
