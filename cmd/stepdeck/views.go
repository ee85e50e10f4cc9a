package main

import (
	"time"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
)

// The JSON forms of the commands' results. They are part of the interface: a field, once there, stays.

type machineView struct {
	Name    safe.Text            `json:"name"`
	ARN     string               `json:"arn"`
	Type    workflow.MachineType `json:"type"`
	Created time.Time            `json:"created"`
}

func viewMachine(m workflow.Machine) machineView {
	return machineView{Name: m.Name, ARN: m.ARN, Type: m.Type, Created: m.Created.UTC()}
}

type runView struct {
	Name         safe.Text         `json:"name"`
	ARN          string            `json:"arn"`
	Machine      string            `json:"machine"`
	MachineARN   string            `json:"machineArn"`
	Status       workflow.Status   `json:"status"`
	Started      time.Time         `json:"started"`
	Stopped      time.Time         `json:"stopped,omitzero"`
	Seconds      float64           `json:"seconds"`
	RedriveCount int               `json:"redriveCount"`
	Failure      *workflow.Failure `json:"failure,omitempty"`
}

func viewRun(r workflow.Run, failure *workflow.Failure, now time.Time) runView {
	v := runView{
		Name: r.Name, ARN: r.ARN, Machine: workflow.MachineName(r.MachineARN), MachineARN: r.MachineARN, Status: r.Status,
		Started: r.Started.UTC(), Seconds: r.Duration(now).Round(time.Millisecond).Seconds(),
		RedriveCount: r.RedriveCount, Failure: failure,
	}
	if !r.Stopped.IsZero() {
		v.Stopped = r.Stopped.UTC()
	}
	return v
}

type runDetailView struct {
	runView
	Input         string                 `json:"input,omitempty"`
	Output        string                 `json:"output,omitempty"`
	RedriveStatus workflow.RedriveStatus `json:"redriveStatus,omitempty"`
	RedriveReason safe.Text              `json:"redriveReason,omitzero"`
	Events        int                    `json:"events"`
	EventsMissing int                    `json:"eventsMissing"`
	Steps         []stepView             `json:"steps"`
	Tasks         []workflow.Task        `json:"tasks"`
	// Partial tells what could not be read.
	Partial []string `json:"partial,omitempty"`
}

type stepView struct {
	workflow.Step
	Attempts []attemptView `json:"attempts,omitempty"`
}

type attemptView struct {
	workflow.Attempt
	TimeoutSeconds   float64 `json:"timeoutSeconds,omitempty"`
	HeartbeatSeconds float64 `json:"heartbeatSeconds,omitempty"`
}

func viewStep(s workflow.Step) stepView {
	s.Input, s.Output = workflow.MaskTokens(s.Input), workflow.MaskTokens(s.Output)
	v := stepView{Step: s, Attempts: make([]attemptView, 0, len(s.Attempts))}
	for _, a := range s.Attempts {
		a.Output = workflow.MaskTokens(a.Output)
		seen := attemptView{Attempt: a, TimeoutSeconds: a.Timeout.Seconds(), HeartbeatSeconds: a.Heartbeat.Seconds()}
		// A duration encodes as nanoseconds.
		seen.Timeout, seen.Heartbeat = 0, 0
		v.Attempts = append(v.Attempts, seen)
	}
	return v
}

func viewRunDetail(v *ops.RunView, now time.Time) runDetailView {
	out := runDetailView{
		runView: viewRun(v.Run, v.Failure, now),
		Input:   workflow.MaskTokens(v.Run.Input), Output: workflow.MaskTokens(v.Run.Output),
		RedriveStatus: v.Run.RedriveStatus, RedriveReason: v.Run.RedriveReason,
		Events: len(v.Events), EventsMissing: v.Missing,
		Steps: make([]stepView, 0, len(v.Steps)), Tasks: tasksInOrder(v),
	}
	for _, s := range v.Steps {
		out.Steps = append(out.Steps, viewStep(s))
	}
	for _, err := range v.Partial {
		out.Partial = append(out.Partial, err.Error())
	}
	return out
}

// tasksInOrder returns the run's tasks in the order in which they were started.
func tasksInOrder(v *ops.RunView) []workflow.Task {
	tasks := []workflow.Task{}
	for i := range v.Steps {
		for j := range v.Steps[i].Attempts {
			if t := v.Task(&v.Steps[i].Attempts[j]); t != nil {
				tasks = append(tasks, *t)
			}
		}
	}
	return tasks
}
