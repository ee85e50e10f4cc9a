package main

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
)

// parameters are the input fields that a machine reads, as far as its definition tells.
type parameters struct {
	machine safe.Text
	reads   []string
	managed bool // the machine takes the input of the shipped one
}

func parametersOf(m workflow.MachineDetail) (parameters, error) {
	d, err := workflow.ParseDefinition(m.Definition)
	if err != nil {
		return parameters{}, err
	}
	fields := map[string]bool{}
	for _, path := range d.InputPaths {
		field, _, _ := strings.Cut(path, ".")
		fields[field] = true
	}
	return parameters{machine: m.Name, reads: slices.Sorted(maps.Keys(fields)), managed: d.Managed()}, nil
}

// check refuses parameters that would not reach the task: those the machine does not read, and,
// of the shipped machine, those that it would refuse after the start.
func (p parameters) check(o workflow.Overrides, base string) error {
	for _, field := range given(o) {
		if !slices.Contains(p.reads, field) {
			return p.unknown(field)
		}
	}
	if !p.managed || base == "" {
		return nil
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal([]byte(base), &fields); err != nil || fields == nil {
		return refuse("the input is no JSON object", safe.Linef("machine %s takes the fields %s", p.machine, strings.Join(workflow.ManagedNames(), ", ")),
			`give it as in {"args": ["drill", "succeed"]}; nothing was sent`)
	}
	for _, field := range slices.Sorted(maps.Keys(fields)) {
		if !slices.Contains(workflow.ManagedNames(), field) {
			return p.unknown(field)
		}
	}
	return nil
}

func (p parameters) unknown(field string) error {
	known, hint := p.reads, "give this machine's input with --input FILE"
	if p.managed {
		known, hint = workflow.ManagedNames(), "correct the parameter; nothing was sent"
	}
	takes := "it reads none by name"
	if len(known) > 0 {
		takes = "it takes " + strings.Join(known, ", ")
	}
	return refuse("unknown parameter "+field, safe.Linef("machine %s does not take it; %s", p.machine, takes), hint)
}

// given lists the input fields that the flags set.
func given(o workflow.Overrides) []string {
	set := map[string]bool{
		"args": len(o.Args) > 0, "env": len(o.Env) > 0, "capacity": o.Capacity != "", "cpu": o.CPU != 0,
		"memory": o.Memory != 0, "timeoutSeconds": o.Timeout != 0, "overlap": o.Overlap != "",
	}
	var fields []string
	for _, f := range workflow.ManagedNames() {
		if set[f] {
			fields = append(fields, f)
		}
	}
	return fields
}
