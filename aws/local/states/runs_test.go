package states_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
)

const waitMachine = `{"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":60,"End":true}}}`

func TestStartIsIdempotentWhileTheRunIsOpen(t *testing.T) {
	l := serve(t)
	machine := l.create("work", waitMachine)
	start := func(input string) (*sfn.StartExecutionOutput, error) {
		return l.StartExecution(l.ctx(), &sfn.StartExecutionInput{StateMachineArn: &machine, Name: aws.String("one"), Input: &input})
	}
	first, err := start(`{"a":1}`)
	if err != nil {
		t.Fatal(err)
	}
	l.clock.Advance(time.Second)
	again, err := start(`{"a":1}`)
	if err != nil || *again.ExecutionArn != *first.ExecutionArn || !again.StartDate.Equal(*first.StartDate) {
		t.Errorf("%+v, %v", again, err)
	}
	exists := func(input string) {
		t.Helper()
		_, err := start(input)
		if code, message := said(t, err); code != "ExecutionAlreadyExists" || message != "Execution Already Exists: '"+*first.ExecutionArn+"'" {
			t.Errorf("got %s: %s", code, message)
		}
	}
	exists(`{"a":2}`)
	l.clock.Advance(time.Minute)
	exists(`{"a":1}`)
	l.restart()
	exists(`{"a":1}`)
}

func TestAnyJSONValueIsAnInput(t *testing.T) {
	l := serve(t)
	machine := l.create("work", machineOf("P", `"P":{"Type":"Pass","End":true}`))
	for _, input := range []string{`null`, `2`, `"text"`, `[1,2]`, `{"<&>":"é\u0000"}`, `1e400`} {
		run := l.start(machine, input)
		if d := l.describe(run); *d.Input != input || d.Status != types.ExecutionStatusSucceeded {
			t.Errorf("%s: %s with input %s", input, d.Status, *d.Input)
		}
	}
	out, err := l.StartExecution(l.ctx(), &sfn.StartExecutionInput{StateMachineArn: &machine})
	if err != nil || *l.describe(*out.ExecutionArn).Input != `{}` {
		t.Errorf("without an input: %v", err)
	}
}

func TestDescribeOfAFinishedRun(t *testing.T) {
	l := serve(t)
	run := l.begin(passMachine, `{}`)
	d := l.describe(run)
	if *d.Output != `{"Arg1":"argument1"}` || !d.InputDetails.Included || !d.OutputDetails.Included || *d.RedriveCount != 0 ||
		d.RedriveStatus != types.ExecutionRedriveStatusNotRedrivable || *d.RedriveStatusReason != "Execution is SUCCEEDED and cannot be redriven" {
		t.Errorf("%+v", d)
	}
	bare, err := l.DescribeExecution(l.ctx(), &sfn.DescribeExecutionInput{ExecutionArn: &run, IncludedData: types.IncludedDataMetadataOnly})
	if err != nil || bare.Output != nil || bare.Input != nil || bare.OutputDetails.Included {
		t.Errorf("%+v, %v", bare, err)
	}
}

func TestRunsAreListedNewestFirst(t *testing.T) {
	l := serve(t)
	quick, slow := l.create("quick", passMachine), l.create("slow", waitMachine)
	var started []string
	for range 25 {
		started = append([]string{l.start(quick, `{}`)}, started...)
		l.start(slow, `{}`)
	}
	list := func(in sfn.ListExecutionsInput) (arns []string) {
		t.Helper()
		pages := sfn.NewListExecutionsPaginator(l.Client, &in)
		for pages.HasMorePages() {
			page, err := pages.NextPage(l.ctx())
			if err != nil {
				t.Fatal(err)
			}
			for _, item := range page.Executions {
				arns = append(arns, *item.ExecutionArn)
			}
		}
		return arns
	}
	for _, size := range []int32{0, 1, 7, 25, 1000} {
		if got := list(sfn.ListExecutionsInput{StateMachineArn: &quick, MaxResults: size}); !slices.Equal(got, started) {
			t.Errorf("in pages of %d: %v", size, got)
		}
	}
	if got := list(sfn.ListExecutionsInput{StateMachineArn: &slow, StatusFilter: types.ExecutionStatusRunning, MaxResults: 10}); len(got) != 25 {
		t.Errorf("%d running", len(got))
	}
	if got := list(sfn.ListExecutionsInput{StateMachineArn: &quick, StatusFilter: types.ExecutionStatusRunning}); len(got) != 0 {
		t.Errorf("%v still running", got)
	}
	l.restart()
	if got := list(sfn.ListExecutionsInput{StateMachineArn: &quick}); !slices.Equal(got, started) {
		t.Errorf("after a restart: %v", got)
	}
}

func TestAPageTokenIsOfOneListAndADay(t *testing.T) {
	l := serve(t)
	machine := l.create("work", passMachine)
	other := l.create("other", passMachine)
	for range 3 {
		l.start(machine, `{}`)
	}
	page, err := l.ListExecutions(l.ctx(), &sfn.ListExecutionsInput{StateMachineArn: &machine, MaxResults: 1})
	if err != nil || page.NextToken == nil {
		t.Fatalf("%+v, %v", page, err)
	}
	_, err = l.ListExecutions(l.ctx(), &sfn.ListExecutionsInput{StateMachineArn: &other, NextToken: page.NextToken})
	if code, _ := said(t, err); code != "InvalidToken" {
		t.Errorf("another list took the token: %s", code)
	}
	l.clock.Advance(25 * time.Hour)
	_, err = l.ListExecutions(l.ctx(), &sfn.ListExecutionsInput{StateMachineArn: &machine, NextToken: page.NextToken})
	if code, _ := said(t, err); code != "InvalidToken" {
		t.Errorf("an old token was taken: %s", code)
	}
}

func TestFiftyRunsAtOnce(t *testing.T) {
	l := serve(t)
	machine := l.create("work", machineOf("Job", `"Job":`+job(`,"End":true`)))
	var runs []string
	for range 50 {
		runs = append(runs, l.start(machine, `{}`))
	}
	for i, run := range runs {
		l.submitted(run, 1)
		if err := l.succeed(l.token(run), fmt.Sprint(i)); err != nil {
			t.Fatal(err)
		}
	}
	for i, run := range runs {
		if got := *l.describe(run).Output; got != fmt.Sprint(i) {
			t.Errorf("run %d got %s", i, got)
		}
	}
}

func TestContextObject(t *testing.T) {
	l := serve(t)
	run := l.begin(machineOf("M", `"M":{"Type":"Map","ItemProcessor":`+machineOf("P", `"P":{"Type":"Pass","Parameters":{"c.$":"$$"},"End":true}`)+`,"End":true}`), `["x"]`)
	name := run[strings.LastIndex(run, ":")+1:]
	want := `[{"c":{"Execution":{"Id":"` + run + `","Input":["x"],"StartTime":"2026-03-01T12:00:00Z","Name":"` + name + `","RoleArn":"` + role + `","RedriveCount":0},` +
		`"StateMachine":{"Id":"arn:aws:states:us-east-1:123456789012:stateMachine:machine-1","Name":"machine-1"},` +
		`"State":{"Name":"P","EnteredTime":"2026-03-01T12:00:00Z"},"Map":{"Item":{"Index":0,"Value":"x"}}}}]`
	if got := aws.ToString(l.describe(run).Output); got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
}
