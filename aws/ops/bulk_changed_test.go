package ops_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
)

// TestWhatIsOverWhenItsTurnComesIsSkippedWithTheReason changes a run between the
// preview and the action.
func TestWhatIsOverWhenItsTurnComesIsSkippedWithTheReason(t *testing.T) {
	ends := func(f *fleet, r *workflow.Run) { r.Status = workflow.Succeeded }
	for name, c := range map[string]struct {
		action ops.BulkAction
		change func(f *fleet, r *workflow.Run)
		reason string
	}{
		"a run to be stopped ended":    {ops.BulkStop, ends, "it ended meanwhile: it is SUCCEEDED now"},
		"a run with a token ended":     {ops.BulkFailToken, ends, "it ended meanwhile: it is SUCCEEDED now"},
		"a run to be cloned went on":   {ops.BulkClone, func(_ *fleet, r *workflow.Run) { r.Status, r.RedriveCount = workflow.Running, 1 }, "it was redriven meanwhile and is RUNNING now"},
		"a run to be redriven went on": {ops.BulkRedrive, func(_ *fleet, r *workflow.Run) { r.Status, r.RedriveCount = workflow.Running, 1 }, "it was redriven meanwhile and is RUNNING now"},
		"a token was answered": {ops.BulkFailToken, func(f *fleet, r *workflow.Run) {
			f.event(r.ARN, workflow.TaskSucceeded, "", time.Now())
		}, "the token of state Run was answered meanwhile"},
		"a token is of another attempt": {ops.BulkFailToken, func(f *fleet, r *workflow.Run) {
			f.event(r.ARN, workflow.TaskFailed, "Broken", time.Now())
			f.attempt(r.ARN)
		}, "the token of state Run was answered meanwhile"},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFleet()
			s := f.service()
			plan := must[ops.BulkPlan](t)(s.PlanBulk(t.Context(), requests[c.action].request, f.add(3, requests[c.action].status)))
			if len(plan.Items) != 3 {
				t.Fatalf("%d items, %v", len(plan.Items), plan.Excluded)
			}
			c.change(f, &f.runs[1])
			b := must[*ops.Bulk](t)(s.BeginBulk(t.TempDir(), plan, ops.Rate{}))
			if err := b.Run(t.Context()); err != nil {
				t.Fatal(err)
			}
			if o := b.Outcomes()[1]; o.State != ops.BulkSkipped || o.Reason != c.reason || f.done[f.runs[1].ARN] != 0 {
				t.Errorf("%+v, done %d times", o, f.done[f.runs[1].ARN])
			}
			if p := b.Progress(); p.Done != 2 || p.Skipped != 1 {
				t.Errorf("%+v", p)
			}
			if err := b.Close(); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// TestARunWithoutDataIsNotActedOnBlindly takes the payloads out of a history, as
// AWS does for who may not decrypt them.
func TestARunWithoutDataIsNotActedOnBlindly(t *testing.T) {
	f := newFleet()
	runs := f.add(1, workflow.Running)
	for i := range f.histories[runs[0].ARN] {
		e := &f.histories[runs[0].ARN][i]
		e.Input, e.Output, e.Parameters = "", "", ""
		e.ResourceType, e.Resource = "ecs", "runTask.waitForTaskToken"
	}
	s := f.service()
	list := must[ops.TokenList](t)(s.OpenTokens(t.Context(), ops.TokenFilter{}))
	if len(list.Tokens) != 1 || list.Tokens[0].Verdict != workflow.Unknown || !list.Tokens[0].Token.Empty() {
		t.Errorf("tokens %+v", list.Tokens)
	}
	plan := must[ops.BulkPlan](t)(s.PlanBulk(t.Context(), requests[ops.BulkFailToken].request, runs))
	if len(plan.Items) != 0 || len(plan.Excluded) != 1 || !strings.Contains(plan.Excluded[0].Reason.String(), "was not found in its history") {
		t.Errorf("plan %+v", plan)
	}
	_, d, err := s.Why(t.Context(), runs[0].ARN, time.Now())
	if err != nil || d.Stuck || d.Sentence.Empty() || len(d.Gaps) == 0 || !strings.Contains(d.Gaps[0].Why.String(), "without payloads") {
		t.Errorf("%v: %q, gaps %+v", err, d.Sentence, d.Gaps)
	}
}

// TestTokensOfStrangelyNamedStatesAreFailedByTheirName takes a name that AWS allows.
func TestTokensOfStrangelyNamedStatesAreFailedByTheirName(t *testing.T) {
	const name = `Dump "the" orders {now}`
	f := newFleet()
	runs := f.add(1, workflow.Running)
	for i := range f.histories[runs[0].ARN] {
		if e := &f.histories[runs[0].ARN][i]; !e.State.Empty() {
			e.State = safe.Line(name)
		}
	}
	res := must[ops.ResolveResult](t)(f.service().ResolveToken(t.Context(), ops.ResolveRequest{RunARN: runs[0].ARN, State: name, As: ops.Fail}))
	if res.Token.Step.State.String() != name || f.done[runs[0].ARN] != 1 {
		t.Errorf("failed %q, %d times", res.Token.Step.State, f.done[runs[0].ARN])
	}
}
