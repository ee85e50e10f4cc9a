// Package workflow is the domain: machines, runs, their histories, steps,
// attempts, tokens and tasks. It is pure: no I/O, no clock, no AWS SDK.
package workflow

import (
	"strings"
	"time"

	"github.com/stepdeck/stepdeck/aws/safe"
)

// MachineType is the kind of state machine, in AWS's spelling.
type MachineType string

// The machine types. Express machines have no history, no redrive and no stop
// (AWS: these APIs refuse Express).
const (
	Standard MachineType = "STANDARD"
	Express  MachineType = "EXPRESS"
)

// Machine is a state machine as a list shows it.
type Machine struct {
	ARN     string      `json:"arn"`
	Name    safe.Text   `json:"name"`
	Type    MachineType `json:"type"`
	Created time.Time   `json:"created"`
}

// MachineDetail is a machine with its definition.
type MachineDetail struct {
	Machine
	// Definition is the States Language document as AWS returned it.
	Definition string
	RoleARN    string
	// Revision is empty for the first revision (AWS: revisionId).
	Revision string
	Deleting bool
	// LogGroupARN is where Step Functions logs events; empty when logging is off.
	LogGroupARN string
}

// MachineARNOf returns the machine's ARN for a run's ARN, or "" if it is none.
func MachineARNOf(runARN string) string {
	p := strings.Split(runARN, ":")
	if len(p) < 8 || p[2] != "states" || p[5] != "execution" && p[5] != "express" {
		return ""
	}
	machine, _, _ := strings.Cut(p[6], "/")
	return strings.Join(append(p[:5:5], "stateMachine", machine), ":")
}

// RunName returns the name of the run in its ARN, or "".
func RunName(runARN string) string {
	p := strings.Split(runARN, ":")
	if len(p) < 8 {
		return ""
	}
	return p[7]
}

// IsExpress reports whether a run's ARN is that of an Express machine's run, which AWS cannot
// describe or list.
func IsExpress(runARN string) bool {
	p := strings.Split(runARN, ":")
	return len(p) >= 8 && p[2] == "states" && p[5] == "express"
}

// MachineName returns the machine's name in a machine's or a run's ARN, or "".
func MachineName(arn string) string {
	p := strings.Split(arn, ":")
	if len(p) < 7 || p[2] != "states" {
		return ""
	}
	name, _, _ := strings.Cut(p[6], "/")
	return name
}

// IsMachineARN reports whether s is the ARN of a machine, a version or an alias.
func IsMachineARN(s string) bool {
	p := strings.Split(s, ":")
	return len(p) >= 7 && p[0] == "arn" && p[2] == "states" && p[5] == "stateMachine"
}

// IsRunARN reports whether s is the ARN of a run.
func IsRunARN(s string) bool { return strings.HasPrefix(s, "arn:") && MachineARNOf(s) != "" }

// RunARNOf returns the ARN that a run of the Standard machine would have. A
// version or alias in the machine's ARN is left out, as AWS does.
func RunARNOf(machineARN, runName string) string {
	p := strings.Split(machineARN, ":")
	if len(p) < 7 {
		return ""
	}
	return strings.Join(append(p[:5:5], "execution", p[6], runName), ":")
}
