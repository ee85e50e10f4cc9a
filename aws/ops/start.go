package ops

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
)

// StartSpec says what to start.
type StartSpec struct {
	MachineARN string
	Name       string // empty: one is made
	Base       string // JSON input the parameters are put into; empty: {}
	Overrides  workflow.Overrides
	// Container is the name of the container that the parameters reach; empty
	// for a machine that does not take the managed machine's input.
	Container string
}

// StartPlan is a checked start: exactly what would be sent.
type StartPlan struct {
	MachineARN string
	Name       string
	Input      string
	Preview    *workflow.ContainerPreview // nil without StartSpec.Container
	Warnings   []safe.Text
}

// shortToken is the shortest token seen of AWS; with less room a start cannot work.
const shortToken = 640

// DryRun checks a start and returns what it would send, calling nothing. All
// that is wrong is told in one Problem of kind Usage.
func (s *Service) DryRun(spec StartSpec) (StartPlan, error) {
	p := StartPlan{MachineARN: spec.MachineARN, Name: spec.Name}
	var wrong []error
	for _, e := range spec.Overrides.Check() {
		wrong = append(wrong, e)
	}
	if err := p.setInput(spec); err != nil {
		wrong = append(wrong, err)
	}
	if p.Name == "" {
		p.Name = workflow.MakeRunName(workflow.OverridesOf(p.Input).Args, time.Now(), randomHex(2))
	}
	if err := workflow.CheckRunName(p.Name); err != nil {
		wrong = append(wrong, err)
	}
	if spec.Container != "" {
		preview := workflow.OverridesOf(p.Input).Preview(spec.Container)
		p.Preview = &preview
		switch over := preview.Estimated - workflow.MaxOverrides; {
		case over > workflow.PlannedToken-shortToken:
			wrong = append(wrong, fmt.Errorf("args and env: about %d characters are more than the %d that ECS takes with a task token; put large values into S3 and pass the key", preview.Estimated, workflow.MaxOverrides))
		case over > 0:
			p.Warnings = append(p.Warnings, safe.Linef("about %d characters of overrides with a token of %d; ECS takes %d, so AWS may refuse the task", preview.Estimated, workflow.PlannedToken, workflow.MaxOverrides))
		}
	}
	if err := errors.Join(wrong...); err != nil {
		return p, &Problem{
			Kind: Usage, Title: safe.Linef("run of %s not started", workflow.MachineName(spec.MachineARN)),
			Detail: safe.Line(strings.ReplaceAll(err.Error(), "\n", "; ")), Hint: safe.Line("correct it and start again; nothing was sent"), Err: err,
		}
	}
	return p, nil
}

func (p *StartPlan) setInput(spec StartSpec) error {
	base := spec.Base
	if strings.TrimSpace(base) != "" {
		if err := workflow.CheckInput(base); err != nil {
			return err
		}
	}
	if p.Input = base; base == "" || !spec.Overrides.Empty() {
		var err error
		if p.Input, err = spec.Overrides.Input(base); err != nil {
			return err
		}
	}
	return workflow.CheckInput(p.Input)
}

// Start checks and starts a run. The plan tells exactly what was sent; on a
// Problem of kind Usage nothing was. Starting the same plan again while the run
// is open gives the same run.
func (s *Service) Start(ctx context.Context, spec StartSpec) (workflow.Run, StartPlan, error) {
	plan, err := s.DryRun(spec)
	if err != nil {
		return workflow.Run{}, plan, err
	}
	arn, started, err := s.ports.Starter.StartRun(ctx, StartRequest{MachineARN: plan.MachineARN, Name: plan.Name, Input: plan.Input})
	if err != nil {
		return workflow.Run{}, plan, fmt.Errorf("start run %s of %s: %w", plan.Name, workflow.MachineName(plan.MachineARN), err)
	}
	return workflow.Run{
		ARN: arn, MachineARN: plan.MachineARN, Name: safe.Line(workflow.RunName(arn)),
		Status: workflow.Running, Started: started, Input: plan.Input,
	}, plan, nil
}

// randomHex returns 2n hexadecimal digits. crypto/rand does not fail.
func randomHex(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b)
	return hex.EncodeToString(b)
}
