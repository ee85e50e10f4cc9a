// Package asl is the data layer of the Amazon States Language: definitions
// parsed and checked, and the data flow, choices and error matching of one
// state evaluated. It starts nothing and keeps no state between calls.
package asl

import "github.com/stepdeck/stepdeck/aws/local/jsonv"

// Types of a state.
const (
	Task     = "Task"
	Pass     = "Pass"
	Choice   = "Choice"
	Wait     = "Wait"
	Succeed  = "Succeed"
	Fail     = "Fail"
	Parallel = "Parallel"
	Map      = "Map"
)

// Machine is a state machine, a branch of a Parallel state or the processor of
// a Map state.
type Machine struct {
	Comment        string
	StartAt        string
	States         map[string]*State
	Order          []string // names of States as written
	TimeoutSeconds int64    // 0: none
}

// State is one state of a machine. Its methods evaluate the fields that hold
// paths, templates or expressions; what remains is exported.
type State struct {
	Name, Type  string
	Next        string // empty: End, or a type without Next
	End         bool
	JSONata     bool
	Resource    string     // Task
	Branches    []*Machine // Parallel
	Processor   *Machine   // Map: ItemProcessor, or the older Iterator
	Distributed bool       // Map: the processor's mode is DISTRIBUTED
	Retry       []Retrier
	Catch       []Catcher

	fields *jsonv.Object // the state as written
}

// Outcome is what a state hands on.
type Outcome struct {
	Output   any
	Assigned *jsonv.Object // variables to set; nil when the state assigns none
}

// build turns a definition that passed the checks into a Machine.
func build(def *jsonv.Object, jsonata bool) *Machine {
	m := &Machine{
		Comment:        text(def, "Comment"),
		StartAt:        text(def, "StartAt"),
		States:         map[string]*State{},
		TimeoutSeconds: integer(def, "TimeoutSeconds", 0),
	}
	jsonata = speaksJSONata(def, jsonata)
	states := object(def, "States")
	for _, name := range states.Keys() {
		m.Order = append(m.Order, name)
		m.States[name] = buildState(name, object(states, name), jsonata)
	}
	return m
}

// buildState builds a state. A state's own QueryLanguage does not pass on to
// the machines inside it: the default is the whole definition's.
func buildState(name string, fields *jsonv.Object, jsonata bool) *State {
	s := &State{
		Name: name, Type: text(fields, "Type"),
		Next: text(fields, "Next"), JSONata: speaksJSONata(fields, jsonata),
		Resource: text(fields, "Resource"), fields: fields,
	}
	end, _ := fields.Get("End")
	s.End = end == true
	for _, branch := range list(fields, "Branches") {
		def, _ := branch.(*jsonv.Object)
		s.Branches = append(s.Branches, build(def, jsonata))
	}
	if processor := processorOf(fields); s.Type == Map && processor != nil {
		s.Processor = build(processor, jsonata)
		s.Distributed = text(object(processor, "ProcessorConfig"), "Mode") == "DISTRIBUTED"
	}
	for _, entry := range list(fields, "Retry") {
		s.Retry = append(s.Retry, buildRetrier(entry))
	}
	for i, entry := range list(fields, "Catch") {
		s.Catch = append(s.Catch, buildCatcher(entry, i))
	}
	return s
}

func processorOf(fields *jsonv.Object) *jsonv.Object {
	if processor := object(fields, "ItemProcessor"); processor != nil {
		return processor
	}
	return object(fields, "Iterator")
}

func speaksJSONata(o *jsonv.Object, inherited bool) bool {
	if language := text(o, "QueryLanguage"); language != "" {
		return language == languageJSONata
	}
	return inherited
}
