package ops

import (
	"context"
	"fmt"
	"time"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
)

// RedrivePlan is what a redrive would do.
type RedrivePlan struct {
	Run     workflow.Run
	OK      bool
	Reason  safe.Text       // why not, when not OK
	Resumes []workflow.Step // the steps that run again
	// Live are tasks of the run that still work; a redrive would run beside them.
	Live []workflow.Task
	// Warnings tell what a redrive does not change or may repeat.
	Warnings []safe.Text
}

// PlanRedrive checks whether a run can be redriven and what would run again.
func (s *Service) PlanRedrive(ctx context.Context, runARN string) (RedrivePlan, error) {
	v, err := s.ShowRun(ctx, runARN)
	if err != nil {
		return RedrivePlan{}, err
	}
	p := RedrivePlan{Run: v.Run}
	p.OK, p.Reason = workflow.CheckRedrive(v.Run, v.Machine.Type, len(v.Events)+v.Missing, s.now())
	if !p.OK {
		return p, nil
	}
	p.Resumes = workflow.Resuming(v.Steps)
	for _, t := range v.Tasks {
		if t.Live() {
			p.Live = append(p.Live, t)
			p.Warnings = append(p.Warnings, safe.Linef("task %s of this run is still %s; a redrive starts another one beside it: stop it first", workflow.TaskID(t.ARN), t.LastStatus))
		}
	}
	for _, step := range p.Resumes {
		if step.Type == "Fail" {
			p.Warnings = append(p.Warnings, safe.Linef("it resumes in the Fail state %s, which fails again: a redrive does not go back to what led there; start a new run instead", step.State))
		}
	}
	for _, err := range v.Partial {
		p.Warnings = append(p.Warnings, safe.Linef("not all could be checked: %v", err))
	}
	return p, nil
}

// RedriveRequest says which run to redrive.
type RedriveRequest struct {
	RunARN string
	// ClientToken makes trying again safe for 15 minutes; empty: one is made.
	ClientToken string
	// BesideLive redrives even though a task of the run still works.
	BesideLive bool
}

// Redrive redrives a run after checking it. It is refused with a Problem of
// kind Conflict when AWS would refuse it, or when a task of the run still works.
func (s *Service) Redrive(ctx context.Context, req RedriveRequest) (RedrivePlan, time.Time, error) {
	plan, err := s.PlanRedrive(ctx, req.RunARN)
	if err != nil {
		return plan, time.Time{}, err
	}
	if !plan.OK {
		return plan, time.Time{}, &Problem{Kind: Conflict, Title: safe.Linef("run %s cannot be redriven", plan.Run.Name), Detail: plan.Reason}
	}
	if len(plan.Live) > 0 && !req.BesideLive {
		return plan, time.Time{}, &Problem{
			Kind: Conflict, Title: safe.Linef("run %s still has %d live task(s)", plan.Run.Name, len(plan.Live)),
			Detail: plan.Warnings[0], Hint: safe.Line("stop the task, then redrive"),
		}
	}
	if req.ClientToken == "" {
		req.ClientToken = randomHex(16)
	}
	at, err := s.ports.Redriver.RedriveRun(ctx, req.RunARN, req.ClientToken)
	if err != nil {
		return plan, at, fmt.Errorf("redrive run %s: %w", plan.Run.Name, err)
	}
	return plan, at, nil
}
