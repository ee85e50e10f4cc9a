package ops

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
)

// takesChange checks the change of a clone, and that every machine of the runs
// takes it: a parameter must be one that the machine reads by name, and the managed
// machine takes no other fields. It returns the container that the change reaches:
// the managed machine's, or none. It costs a call a machine, nothing without a change.
func (s *Service) takesChange(ctx context.Context, items []BulkItem, r BulkRequest) (container string, err error) {
	if err := checkChange(r); err != nil {
		return "", err
	}
	parameters, err := fieldsOf(r.Overrides)
	if err != nil || len(parameters) == 0 && r.Merge == "" {
		return "", err
	}
	others, err := topFields(r.Merge)
	if err != nil {
		return "", err
	}
	managed, seen := 0, map[string]bool{}
	for _, item := range items {
		arn := workflow.MachineARNOf(item.RunARN)
		if seen[arn] {
			continue
		}
		seen[arn] = true
		m, err := s.DescribeMachine(ctx, arn)
		if err != nil {
			return "", err
		}
		d, err := workflow.ParseDefinition(m.Definition)
		if err != nil {
			return "", fmt.Errorf("machine %s: %w", m.Name, err)
		}
		asked, reads := parameters, readByName(&d)
		if d.Managed() {
			managed++
			asked, reads = slices.Concat(parameters, others), workflow.ManagedNames()
		}
		for _, field := range asked {
			if !slices.Contains(reads, field) {
				return "", takesNot(m.Name, field, reads)
			}
		}
	}
	switch managed {
	case 0:
		return "", nil
	case len(seen):
		return workflow.ManagedContainer, nil
	}
	return "", &Problem{
		Kind: Usage, Title: safe.Line("runs of different machines"), Detail: safe.Line("not all take the parameters of the shipped one"),
		Hint: safe.Line("change the runs of one machine at a time; nothing was sent"),
	}
}

func takesNot(machine safe.Text, field string, reads []string) error {
	takes := "it reads none by name"
	if len(reads) > 0 {
		takes = "it takes " + strings.Join(reads, ", ")
	}
	return &Problem{
		Kind: Usage, Title: safe.Linef("unknown parameter %s", safe.Line(field)), Detail: safe.Linef("machine %s does not take it; %s", machine, takes),
		Hint: safe.Line("change the machine's own input as JSON instead, with merge; nothing was sent"),
	}
}

// checkChange tells all that is wrong with the change itself.
func checkChange(r BulkRequest) error {
	var wrong []error
	for _, e := range r.Overrides.Check() {
		wrong = append(wrong, e)
	}
	if err := r.CheckMerge(); err != nil {
		wrong = append(wrong, err)
	}
	if err := errors.Join(wrong...); err != nil {
		return &Problem{
			Kind: Usage, Title: safe.Line("the change cannot be made"), Detail: safe.Line(strings.ReplaceAll(err.Error(), "\n", "; ")),
			Hint: safe.Line("correct it; nothing was sent"), Err: err,
		}
	}
	return nil
}

// CheckMerge tells what is wrong with Merge alone.
func (r BulkRequest) CheckMerge() error {
	_, err := topFields(r.Merge)
	return err
}

// fieldsOf are the input fields that parameters set.
func fieldsOf(o workflow.Overrides) ([]string, error) {
	text, err := o.Input("")
	if err != nil {
		return nil, err
	}
	return topFields(text)
}

// readByName are the fields of its input that a definition names.
func readByName(d *workflow.Definition) []string {
	fields := map[string]bool{}
	for _, path := range d.InputPaths {
		field, _, _ := strings.Cut(path, ".")
		fields[field] = true
	}
	return slices.Sorted(maps.Keys(fields))
}

// topFields are the names in a JSON object; an empty text has none.
func topFields(object string) ([]string, error) {
	if object == "" {
		return nil, nil
	}
	if err := workflow.CheckInput(object); err != nil {
		return nil, err
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal([]byte(object), &fields); err != nil || fields == nil {
		return nil, &workflow.FieldError{Field: "merge", Reason: `it is no JSON object such as {"name": "value"}`}
	}
	return slices.Sorted(maps.Keys(fields)), nil
}

// merged puts a JSON object over an input as RFC 7396 has it: objects are merged
// field by field, null takes a field away, all else replaces what was there.
func merged(input, patch string) (string, error) {
	if patch == "" {
		return input, nil
	}
	if strings.TrimSpace(input) == "" {
		input = "{}"
	}
	if !isObject(json.RawMessage(input)) {
		return "", &workflow.FieldError{Field: "input", Reason: "a change can only be put over a JSON object such as {}"}
	}
	out, err := merge(json.RawMessage(input), json.RawMessage(patch))
	return string(out), err
}

func merge(target, patch json.RawMessage) (json.RawMessage, error) {
	if !isObject(patch) {
		return patch, nil
	}
	fields, changes := map[string]json.RawMessage{}, map[string]json.RawMessage{}
	if isObject(target) {
		if err := json.Unmarshal(target, &fields); err != nil {
			return nil, err
		}
	}
	if err := json.Unmarshal(patch, &changes); err != nil {
		return nil, err
	}
	for name, change := range changes {
		if string(change) == "null" {
			delete(fields, name)
			continue
		}
		value, err := merge(fields[name], change)
		if err != nil {
			return nil, err
		}
		fields[name] = value
	}
	var out strings.Builder
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	err := enc.Encode(fields)
	return json.RawMessage(strings.TrimSpace(out.String())), err
}

func isObject(value json.RawMessage) bool {
	return strings.HasPrefix(strings.TrimSpace(string(value)), "{")
}
