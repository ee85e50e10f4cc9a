package ops_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/workflow"
)

// managedReads is a definition that names every parameter of the managed machine.
const managedReads = `{"StartAt":"Run","States":{"Run":{"Type":"Task","Parameters":{"A.$":"$.args","B.$":"$.env","C.$":"$.capacity",` +
	`"D.$":"$.cpu","E.$":"$.memory","F.$":"$.timeoutSeconds","G.$":"$.overlap"},"End":true}}}`

// sizeReads is one that names the memory alone.
const sizeReads = `{"StartAt":"Run","States":{"Run":{"Type":"Task","Parameters":{"Size.$":"$.memory"},"End":true}}}`

// TestAChangeIsMergedIntoEachInput clones runs that had inputs of their own.
func TestAChangeIsMergedIntoEachInput(t *testing.T) {
	for _, c := range []struct {
		input, merge string
		o            workflow.Overrides
		want         string // what is sent; else part of the reason why nothing is
	}{
		{`{"day":"monday","id":12345678901234567890}`, `{"day":"friday"}`, workflow.Overrides{}, `{"day":"friday","id":12345678901234567890}`},
		{`{"a":{"b":1,"c":[1,2]}}`, `{"a":{"c":[3],"d":"<&>"}}`, workflow.Overrides{}, `{"a":{"b":1,"c":[3],"d":"<&>"}}`},
		{`{"a":1,"b":{"c":2}}`, `{"b":null,"never":null}`, workflow.Overrides{}, `{"a":1}`},
		{`{"a":"text"}`, `{"a":{"b":1,"c":null}}`, workflow.Overrides{}, `{"a":{"b":1}}`},
		{`{}`, `{"memory":512,"day":"friday"}`, workflow.Overrides{Memory: 2048}, `{"day":"friday","memory":2048}`},
		{` {"a":1}`, "", workflow.Overrides{}, ` {"a":1}`},
		{`[1]`, `{"a":1}`, workflow.Overrides{}, "input: a change can only be put over a JSON object"},
	} {
		a := newAccount()
		machine := a.addMachine("dumps", workflow.Standard)
		a.details[machine] = workflow.MachineDetail{Definition: sizeReads}
		a.addRun(machine, "nightly", workflow.Failed, night).Input = c.input
		s := a.service()
		plan := must[ops.BulkPlan](t)(s.PlanBulk(t.Context(), ops.BulkRequest{Action: ops.BulkClone, Merge: c.merge, Overrides: c.o}, a.runs))
		b := must[*ops.Bulk](t)(s.BeginBulk(t.TempDir(), plan, ops.Rate{}))
		_ = b.Run(t.Context()) // an item that failed is told in its outcome
		got := b.Outcomes()[0].Reason
		if len(a.sent) > 0 {
			got = a.sent[0][strings.LastIndex(a.sent[0], " | ")+3:]
		}
		if !strings.Contains(got, c.want) || len(a.sent) > 0 && got != c.want {
			t.Errorf("%s over %s: %q, want %q", c.merge, c.input, got, c.want)
		}
		if err := b.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAChangeThatAMachineDoesNotTakeIsRefused(t *testing.T) {
	f := newFleet()
	own, shipped := f.add(2, workflow.Failed), f.add(1, workflow.TimedOut)
	f.define(prefix+"timed_out", managedReads)
	for _, c := range []struct {
		runs []workflow.Run
		r    ops.BulkRequest
		want string // empty: taken
	}{
		{own, ops.BulkRequest{Overrides: workflow.Overrides{Memory: 2048}}, ""},
		{own, ops.BulkRequest{Overrides: workflow.Overrides{Overlap: "allow"}}, "machine failed does not take it; it takes day, memory"},
		{own, ops.BulkRequest{Merge: `{"anything":1}`}, ""},
		{own, ops.BulkRequest{Merge: `{"day"`}, "the change cannot be made"},
		{own, ops.BulkRequest{Merge: `[1]`}, "merge: it is no JSON object"},
		{shipped, ops.BulkRequest{Overrides: workflow.Overrides{Overlap: "allow", Timeout: time.Hour}}, ""},
		{shipped, ops.BulkRequest{Overrides: workflow.Overrides{Overlap: "never"}}, "overlap"},
		{shipped, ops.BulkRequest{Merge: `{"day":"friday"}`}, "unknown parameter day"},
		{append(own[:2:2], shipped...), ops.BulkRequest{Overrides: workflow.Overrides{Memory: 2048}}, "runs of different machines"},
		{append(own[:2:2], shipped...), ops.BulkRequest{}, ""},
	} {
		c.r.Action = ops.BulkClone
		before := f.count("DescribeMachine")
		plan, err := f.service().PlanBulk(t.Context(), c.r, c.runs)
		if c.want == "" && err != nil || c.want != "" && (ops.KindOf(err) != ops.Usage || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%+v: %v, want %q", c.r, err, c.want)
		}
		if c.want == "" && (plan.Request.Container != "") != (len(c.runs) == 1) {
			t.Errorf("%+v reaches container %q", c.r, plan.Request.Container)
		}
		if n := f.count("DescribeMachine") - before; n > 2 || c.r.Overrides.Empty() && c.r.Merge == "" && n > 0 {
			t.Errorf("%+v: machines were read %d times", c.r, n)
		}
	}
}
