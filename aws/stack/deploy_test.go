package stack_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/stack"
)

// rolledBack are the events of a deployment in which the bucket failed, newest first in each look.
func rolledBack(final stack.Status) [][]stack.Event {
	begun := stack.Status("UPDATE_ROLLBACK_IN_PROGRESS")
	if final == stack.RollbackComplete {
		begun = "ROLLBACK_IN_PROGRESS"
	}
	return [][]stack.Event{
		{event(2, "Artifacts", "CREATE_IN_PROGRESS"), event(2, "Cluster", "CREATE_IN_PROGRESS"), event(1, "dumps", "CREATE_IN_PROGRESS")},
		{
			event(5, "dumps", begun, "The following resource(s) failed to create: [Artifacts, Cluster]. Rollback requested by user."),
			event(4, "Artifacts", "CREATE_FAILED", `Resource handler returned message: "The requested bucket name is not available (Service: S3, Status Code: 409, Request ID: 1)" (RequestToken: 2, HandlerErrorCode: AlreadyExists)`),
			event(3, "Cluster", "CREATE_FAILED", "Resource creation cancelled"),
		},
		{event(9, "dumps", final), event(8, "Artifacts", "DELETE_COMPLETE"), event(7, "Cluster", "DELETE_COMPLETE"), event(6, "Cluster", stack.DeleteInProgress)},
	}
}

func TestADeploymentIsWatchedToItsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAccount()
		a.next.Changes = []stack.Change{{Logical: "Cluster", Action: stack.Add}}
		a.onExecute = [][]stack.Event{
			{},
			{event(2, "Cluster", "CREATE_IN_PROGRESS"), event(1, "dumps", "CREATE_IN_PROGRESS")},
			{event(4, "Artifacts", "CREATE_IN_PROGRESS"), event(4, "Cluster", "CREATE_COMPLETE")},
			{event(9, "dumps", stack.CreateComplete), event(8, "Artifacts", "CREATE_COMPLETE")},
		}
		s := a.service()
		p, err := s.Plan(t.Context(), request())
		if err != nil {
			t.Fatal(err)
		}
		var seen []stack.Progress
		last, err := s.Deploy(t.Context(), p, func(p stack.Progress) { seen = append(seen, p) })
		if err != nil {
			t.Fatal(err)
		}
		if len(a.executed) != 1 || a.executed[0] != p.ChangeSet {
			t.Errorf("executed %v", a.executed)
		}
		want := stack.Progress{
			Stack: "dumps", Status: stack.CreateComplete, Started: t0.Add(time.Second), Ended: t0.Add(9 * time.Second),
			Resources: []stack.ResourceProgress{
				{Logical: "Cluster", Type: "AWS::Test::Cluster", Status: stack.CreateComplete, Started: t0.Add(2 * time.Second), Ended: t0.Add(4 * time.Second)},
				{Logical: "Artifacts", Type: "AWS::Test::Artifacts", Status: stack.CreateComplete, Started: t0.Add(4 * time.Second), Ended: t0.Add(8 * time.Second)},
			},
		}
		if diff := cmp.Diff(want, last, cmp.AllowUnexported(safe.Text{})); diff != "" {
			t.Error(diff)
		}
		if len(seen) != 4 {
			t.Errorf("shown %d times, want once for each change", len(seen))
		}
	})
}

func TestTheFirstFailureIsToldWithTheWayOut(t *testing.T) {
	for final, texts := range map[stack.Status][]string{
		stack.RollbackComplete:       {"stack dumps", "what was made is undone", "stepdeck stack delete --stack dumps"},
		stack.UpdateRollbackComplete: {"everything is as it was"},
		stack.UpdateRollbackFailed:   {"so did its rollback", "stepdeck stack deploy --stack dumps"},
	} {
		t.Run(string(final), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := newAccount()
				a.onExecute, a.final = rolledBack(final), final
				s := a.service()
				p, err := s.Plan(t.Context(), request())
				if err != nil {
					t.Fatal(err)
				}
				last, err := s.Deploy(t.Context(), p, quiet)
				says(t, err, ops.Failed, append(texts, "Artifacts: The requested bucket name is not available", "--adopt")...)
				if last.Failed == nil || last.Failed.Logical != "Artifacts" {
					t.Errorf("first failure %+v", last.Failed)
				}
			})
		})
	}
}

func TestWhatAnUpdateReplacedIsNotShownAsDeleted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAccount().withStack(stack.UpdateComplete)
		a.pending, a.final = [][]stack.Event{{
			event(6, "dumps", stack.UpdateComplete), event(5, "Gone", stack.DeleteComplete), event(5, "TaskDefinition", stack.DeleteSkipped),
			event(4, "dumps", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"), event(3, "TaskDefinition", stack.UpdateComplete),
			event(2, "TaskDefinition", "UPDATE_IN_PROGRESS"), event(1, "dumps", "UPDATE_IN_PROGRESS"),
		}}, stack.UpdateComplete
		p, err := a.service().Watch(t.Context(), "dumps", nil)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, r := range p.Resources {
			got = append(got, r.Logical+" "+string(r.Status)+" "+r.Ended.Sub(r.Started).String())
		}
		if diff := cmp.Diff([]string{"TaskDefinition UPDATE_COMPLETE 1s", "Gone DELETE_COMPLETE 0s"}, got); diff != "" {
			t.Error(diff)
		}
	})
}

func TestAPlanThatHasBeenOvertakenIsPlannedAgain(t *testing.T) {
	a := newAccount()
	p, err := a.service().Plan(t.Context(), request())
	if err != nil {
		t.Fatal(err)
	}
	a.stale = fmt.Errorf("operation error ExecuteChangeSet, %w", &ops.Problem{
		Kind: ops.NotFound, Title: safe.Line("ExecuteChangeSet was refused"), Detail: safe.Line("ChangeSet [1] does not exist"),
	})
	_, err = a.service().Deploy(t.Context(), p, quiet)
	says(t, err, ops.Conflict, "the plan for stack dumps cannot be carried out: ChangeSet [1] does not exist", "plan again")
}

func TestAnEndedContextDetaches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAccount()
		a.onExecute = [][]stack.Event{{event(1, "dumps", "CREATE_IN_PROGRESS")}}
		s := a.service()
		p, err := s.Plan(t.Context(), request())
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		_, err = s.Deploy(ctx, p, quiet)
		var detached *stack.Detached
		if !errors.As(err, &detached) || !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("got %v", err)
		}
		if len(a.deletedSets) != 0 || len(a.deleted) != 0 {
			t.Error("detaching changed something")
		}
	})
}

func TestLostConnectionsAreWaitedOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAccount().withStack(stack.UpdateComplete)
		a.pending, a.final = [][]stack.Event{{event(1, "dumps", "UPDATE_IN_PROGRESS")}, {event(3, "dumps", stack.UpdateComplete)}}, stack.UpdateComplete
		shaky := &shaky{account: a, failures: 3}
		s := stack.New(stack.Ports{Stacks: shaky, Network: a, Secrets: a, Images: a, Tasks: a})
		p, err := s.Watch(t.Context(), "dumps", quiet)
		if err != nil || !p.Done() {
			t.Errorf("%+v, %v", p, err)
		}
	})
}

// shaky is an AWS that throttles the first looks at events.
type shaky struct {
	*account
	failures int
}

func (s *shaky) Events(ctx context.Context, q stack.EventQuery) (stack.EventPage, error) {
	if s.failures--; s.failures >= 0 {
		return stack.EventPage{}, &ops.Problem{Kind: ops.Throttled}
	}
	return s.account.Events(ctx, q)
}

// builder is an image builder that knows one image, or fails.
type builder struct {
	repositories []string
	err          error
}

func (b *builder) EnsureImage(_ context.Context, repository string, line func(safe.Text)) (string, error) {
	b.repositories = append(b.repositories, repository)
	line(safe.Line("pushed"))
	return imageURI, b.err
}

// deploys makes the account take on what each change set asks for.
type deploys struct{ *account }

func (d deploys) ExecuteChangeSet(ctx context.Context, id, token string) error {
	err := d.account.ExecuteChangeSet(ctx, id, token)
	st := d.stacks["dumps"]
	sent := d.created[len(d.created)-1]
	st.Parameters = []stack.Pair{{Name: "VpcId", Value: safe.Line("vpc-00000000000000001")}, {Name: "SubnetIds", Value: safe.Line("subnet-0000000000000000a")}, {Name: "ImageUri"}}
	for _, p := range sent.Parameters {
		if p.Name == "ImageUri" {
			st.Parameters[2].Value = safe.Line(p.Value)
		}
	}
	st.Outputs = []stack.Output{{Name: "RepositoryUri", Value: safe.Line("repository")}}
	first, last := stack.Status("UPDATE_IN_PROGRESS"), stack.UpdateComplete
	if sent.Create {
		first, last = "CREATE_IN_PROGRESS", stack.CreateComplete
	}
	n := 10 * len(d.created)
	d.pending, d.final = [][]stack.Event{{event(n+2, "dumps", last), event(n+1, "dumps", first)}}, last
	return err
}

func TestANewStackGetsItsImageByASecondChangeSet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAccount()
		s := stack.New(stack.Ports{Stacks: deploys{a}, Network: a, Secrets: a, Images: a, Tasks: a})
		b := &builder{}
		var asked []bool
		var told []safe.Text
		state, err := s.Bring(t.Context(), request(), b, stack.Visitor{
			Confirm: func(_ context.Context, _ *stack.Plan, again bool) error { asked = append(asked, again); return nil },
			Show:    quiet, Image: func(line safe.Text) { told = append(told, line) },
		})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"repository"}, b.repositories); diff != "" {
			t.Error(diff)
		}
		if state.Image != imageURI || len(a.created) != 2 || len(told) != 1 {
			t.Errorf("image %q after %d change sets", state.Image, len(a.created))
		}
		if diff := cmp.Diff([]bool{false, true}, asked); diff != "" {
			t.Errorf("asked: %s", diff)
		}
	})
}

func TestAStackWhoseImageFailsIsToldToBeThere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAccount()
		s := stack.New(stack.Ports{Stacks: deploys{a}, Network: a, Secrets: a, Images: a, Tasks: a})
		visitor := stack.Visitor{
			Confirm: func(context.Context, *stack.Plan, bool) error { return nil }, Show: quiet, Image: func(safe.Text) {},
		}
		denied := &ops.Problem{Kind: ops.Denied, Title: safe.Line("AWS denied the push"), Hint: safe.Line("allow ecr:PutImage")}
		_, err := s.Bring(t.Context(), request(), &builder{err: denied}, visitor)
		says(t, err, ops.Denied, "AWS denied the push", "allow ecr:PutImage. stack dumps is made and has no image yet", "stepdeck stack deploy --stack dumps")
		if !errors.Is(err, denied) {
			t.Errorf("the cause is lost: %v", err)
		}
	})
}

func TestWhatIsNotConfirmedIsDiscarded(t *testing.T) {
	a := newAccount()
	no := errors.New("no")
	_, err := a.service().Bring(t.Context(), request(), nil, stack.Visitor{
		Confirm: func(context.Context, *stack.Plan, bool) error { return no }, Show: quiet,
	})
	if !errors.Is(err, no) || len(a.executed) != 0 || len(a.sets) != 0 || a.stacks["dumps"] != nil {
		t.Errorf("%v; executed %v, left %v", err, a.executed, a.sets)
	}
}

func TestDriftIsWaitedForAndWhatDiffersComesFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAccount().withStack(stack.UpdateComplete)
		a.detection = stack.DriftDetection{Running: true, Status: stack.Drifted}
		a.drifts = []stack.ResourceDrift{{Logical: "A", Status: stack.InSync}, {Logical: "C", Status: stack.Modified}, {Logical: "B", Status: stack.Modified}, {Logical: "D", Status: stack.Deleted}}
		d, err := a.service().Drift(t.Context(), "dumps")
		if err != nil {
			t.Fatal(err)
		}
		var order string
		for _, r := range d.Resources {
			order += r.Logical
		}
		if order != "DBCA" || d.Status != stack.Drifted {
			t.Errorf("%s %s", order, d.Status)
		}
		a.detection, a.drifts = stack.DriftDetection{Status: stack.Drifted}, []stack.ResourceDrift{{Logical: "Workflow", Status: stack.InSync}}
		if d, err = a.service().Drift(t.Context(), "dumps"); err != nil || d.Status != stack.InSync {
			t.Errorf("nothing differs, and the whole is %s, %v", d.Status, err)
		}
		a.detection = stack.DriftDetection{Failed: true, Reason: safe.Line("no permission")}
		_, err = a.service().Drift(t.Context(), "dumps")
		says(t, err, ops.Failed, "stack dumps", "no permission")
	})
}

func TestStatusTakesNoDifferenceForDriftThatIsNone(t *testing.T) {
	for last, want := range map[stack.DriftStatus]stack.DriftStatus{stack.InSync: stack.InSync, stack.Modified: stack.Drifted} {
		a := newAccount().withStack(stack.UpdateComplete)
		a.stacks["dumps"].Drift = stack.Drifted
		a.drifts = []stack.ResourceDrift{{Logical: "Workflow", Status: last}}
		state, err := a.service().Status(t.Context(), "dumps")
		if err != nil || state.Stack.Drift != want {
			t.Errorf("with a machine %s the stack is %s, want %s, %v", last, state.Stack.Drift, want, err)
		}
	}
}

func TestStatusTellsWhyTheLastUpdateWasRolledBack(t *testing.T) {
	a := newAccount().withStack(stack.UpdateRollbackComplete)
	for _, batch := range rolledBack(stack.UpdateRollbackComplete) {
		a.events = append(batch, a.events...)
	}
	state, err := a.service().Status(t.Context(), "dumps")
	if err != nil {
		t.Fatal(err)
	}
	if state.Last.Failed == nil || state.Last.Failed.Logical != "Artifacts" || state.Image != imageURI || state.Way != nil {
		t.Errorf("%+v", state)
	}
}
