package ops

import (
	"context"
	"fmt"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/triage"
	"github.com/stepdeck/stepdeck/aws/workflow"
)

// ending is what the newest events of a run that ended badly tell, from one call.
type ending struct {
	failure workflow.Failure
	events  int // in the whole history
	// failState is the Fail state that a redrive would resume in; may be empty.
	failState safe.Text
	tasks     []taskRef
	reason    reason
	// open is kept while ECS may tell more of the reason, by the task blamed.
	open   *triage.Evidence
	blamed taskRef
}

// taskRef is where to look for an attempt's task.
type taskRef struct{ arn, cluster string }

// endingOf reads how a run ended, and remembers it for as long as the run is
// not redriven.
func (s *Service) endingOf(ctx context.Context, r workflow.Run) (ending, error) {
	return cached(&s.mu, s.endings, endingsLimit, failureKey{r.ARN, r.RedriveCount}, func() (ending, error) {
		var page HistoryPage
		err := patiently(ctx, func() (err error) {
			page, err = s.ports.Histories.History(ctx, HistoryQuery{RunARN: r.ARN, Reverse: true, Limit: failurePage})
			return err
		})
		if err != nil {
			return ending{}, fmt.Errorf("read history of %s: %w", r.Name, err)
		}
		f, ok := workflow.FailureOf(page.Events)
		if !ok {
			return ending{}, &Problem{Kind: Conflict, Title: safe.Linef("the history of run %s shows no failure yet", r.Name), Hint: safe.Line("it may just have been redriven; try again in a moment")}
		}
		return s.readEnding(r, f, page.Events), nil
	})
}

func (s *Service) readEnding(r workflow.Run, f workflow.Failure, events []workflow.Event) ending {
	e := ending{failure: f}
	for _, event := range events {
		e.events = max(e.events, int(event.ID))
	}
	steps := workflow.Steps(events)
	for _, step := range workflow.Resuming(steps) {
		if step.Type == "Fail" {
			e.failState = step.State
		}
	}
	for _, step := range steps {
		for _, a := range step.Attempts {
			if a.TaskARN != "" {
				e.tasks = append(e.tasks, taskRef{a.TaskARN, a.ClusterARN})
			}
		}
	}
	e.diagnose(r, events, steps, s.now())
	return e
}
