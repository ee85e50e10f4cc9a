package asl

import (
	"errors"
	"fmt"
	"strings"

	"github.com/stepdeck/stepdeck/aws/local/jsonv"
)

// Codes of a Diagnostic (AWS: ValidateStateMachineDefinition, CreateStateMachine).
const (
	codeSchema       = "SCHEMA_VALIDATION_FAILED"
	codeJSON         = "INVALID_JSON_DESCRIPTION"
	codeTransition   = "MISSING_TRANSITION_TARGET"
	codeEnd          = "MISSING_END_STATE"
	codeDuplicate    = "DUPLICATE_STATE_NAME"
	codeStateName    = "INVALID_STATE_NAME"
	codeVariableName = "INVALID_VARIABLE_NAME"
	codeReservedName = "RESERVED_VARIABLE_NAME"
)

const (
	languageJSONata  = "JSONata"
	languageJSONPath = "JSONPath"
	maxStateName     = 80
)

// Diagnostic is one finding in a definition. Location is empty or the place in
// the definition, such as /States/Run/Next.
type Diagnostic struct{ Severity, Code, Message, Location string }

// InvalidDefinition is the error of Parse.
type InvalidDefinition struct{ Diagnostics []Diagnostic }

// Error is the message of AWS's InvalidDefinition exception.
func (e *InvalidDefinition) Error() string {
	findings := make([]string, len(e.Diagnostics))
	for i, d := range e.Diagnostics {
		findings[i] = d.Code + ": " + d.Message
		if d.Location != "" && d.Code != codeJSON { // whose message ends with the place
			findings[i] += " at " + d.Location
		}
	}
	return "Invalid State Machine Definition: '" + strings.Join(findings, ", ") + "'"
}

// Parse reads a definition. An error is an *InvalidDefinition. What only the
// type of the machine forbids is left to Check.
func Parse(definition string) (*Machine, error) {
	def, diagnostics := read(definition)
	if def != nil {
		diagnostics = check(def, false)
	}
	if len(diagnostics) > 0 {
		return nil, &InvalidDefinition{Diagnostics: diagnostics}
	}
	return build(def, false), nil
}

// Check returns all that is wrong with a definition; express says that it is
// to be an Express machine.
func Check(definition string, express bool) []Diagnostic {
	def, diagnostics := read(definition)
	if def == nil {
		return diagnostics
	}
	return check(def, express)
}

func read(definition string) (*jsonv.Object, []Diagnostic) {
	noObject := []Diagnostic{{Severity: "ERROR", Code: codeSchema, Message: "Definition must be a valid JSON object"}}
	if strings.TrimSpace(definition) == "" {
		return nil, noObject
	}
	v, err := jsonv.Parse(definition)
	var syntax *jsonv.SyntaxError
	if errors.As(err, &syntax) {
		place := syntax.Place()
		return nil, []Diagnostic{{
			Severity: "ERROR", Code: codeJSON, Message: syntax.Error() + "\n at " + place, Location: place,
		}}
	}
	if def, ok := v.(*jsonv.Object); ok {
		return def, nil
	}
	return nil, noObject
}

func check(def *jsonv.Object, express bool) []Diagnostic {
	c := &checker{express: express, seen: map[string]bool{}}
	c.machine(scope{fields: def, kind: topLevel})
	return c.found
}

// checker collects findings.
type checker struct {
	express bool
	seen    map[string]bool // names of states in the whole definition
	found   []Diagnostic
}

func (c *checker) report(code, location, format string, args ...any) {
	if location == "" {
		location = "/"
	}
	c.found = append(c.found, Diagnostic{
		Severity: "ERROR", Code: code, Message: fmt.Sprintf(format, args...), Location: location,
	})
}

func (c *checker) schema(location, format string, args ...any) {
	c.report(codeSchema, location, format, args...)
}

type scopeKind int

const (
	topLevel scopeKind = iota
	branch
	processor
)

// scope is a machine, branch or processor under check.
type scope struct {
	fields  *jsonv.Object
	kind    scopeKind
	at      string // location; empty at the top
	jsonata bool   // the language around it
}

func (c *checker) machine(s scope) {
	c.required(s.fields, s.at, "States", "StartAt")
	allowed := []string{"Comment", "QueryLanguage", "StartAt", "States", "TimeoutSeconds", "Version"}
	if s.kind == processor {
		allowed = append(allowed, "ProcessorConfig")
	}
	c.only(s.fields, s.at, allowed)
	for _, name := range []string{"Comment", "StartAt", "Version"} {
		c.text(s.fields, s.at, name)
	}
	c.oneOf(s.fields, s.at, "Version", "1.0")
	c.oneOf(s.fields, s.at, "QueryLanguage", languageJSONPath, languageJSONata)
	c.number(s.fields, s.at, "TimeoutSeconds", numeric{integer: true, min: 0, max: maxTimeout})
	s.jsonata = speaksJSONata(s.fields, s.jsonata)
	v, ok := s.fields.Get("States")
	states, isObject := v.(*jsonv.Object)
	switch {
	case !ok:
		return
	case !isObject:
		c.schema(s.at+"/States", "Expected value of type Object")
		return
	case states.Len() == 0:
		c.schema(s.at+"/States", "Value cannot be empty")
		return
	}
	for _, name := range states.Keys() {
		c.stateName(name, s.at+"/States/"+name)
		v, _ := states.Get(name)
		fields, ok := v.(*jsonv.Object)
		if !ok {
			c.schema(s.at+"/States/"+name, "Expected value of type Object")
			continue
		}
		c.state(stateCheck{checker: c, fields: fields, at: s.at + "/States/" + name, outer: s.jsonata})
	}
	c.transitions(s, states)
}

func (c *checker) stateName(name, at string) {
	if c.seen[name] {
		c.report(codeDuplicate, at, "Duplicate State name: %s", name)
	}
	c.seen[name] = true
	if len([]rune(name)) > maxStateName {
		c.report(codeStateName, at, "State name '%s' exceeds the %d-character limit allowed by the service", name, maxStateName)
	}
}
