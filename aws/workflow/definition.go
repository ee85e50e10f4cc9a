package workflow

import (
	"fmt"
	"strconv"
	"time"

	"github.com/stepdeck/stepdeck/aws/safe"
)

// Definition is a States Language document as far as it is drawn and asked
// about. What it cannot make sense of it leaves out.
type Definition struct {
	Comment safe.Text
	StartAt safe.Text
	Timeout safe.Text // seconds or an expression; empty: none
	// States stand in the order a run meets them; unreachable ones come last.
	States []State
	// InputPaths are the places of the run's input that the document reads, as
	// dotted paths without a root: "env", "dump.table". Only at the top level.
	InputPaths []string
}

// State is one state of a definition.
type State struct {
	Name      safe.Text
	Type      string
	Comment   safe.Text
	Resource  string
	End       bool
	Next      []Transition
	Inner     []Definition // branches of a Parallel, or the one processor of a Map
	Timeout   safe.Text    // seconds or an expression
	Heartbeat safe.Text    // seconds or an expression
	Retries   []Retrier
	Error     safe.Text // of a Fail
	Cause     safe.Text // of a Fail

	tokenPaths [][]string // where the parameters sent hold the task token
}

// TransitionKind is why a transition is taken.
type TransitionKind string

// The kinds of transition.
const (
	ByNext    TransitionKind = "next"
	ByChoice  TransitionKind = "choice"
	ByDefault TransitionKind = "default"
	ByCatch   TransitionKind = "catch"
)

// Transition is an edge to another state of the same definition.
type Transition struct {
	To    safe.Text
	Kind  TransitionKind
	Label safe.Text // the rule of a choice, the errors of a catch
}

// Retrier is one retry rule of a state.
type Retrier struct {
	Errors      []safe.Text
	MaxAttempts int // retries after the first attempt
	Interval    time.Duration
	Backoff     float64
	MaxDelay    time.Duration // zero: no limit
}

// Terminal reports whether a run ends at the state.
func (s *State) Terminal() bool { return s.End || s.Type == "Succeed" || s.Type == "Fail" }

// ParseDefinition reads a definition. An error means that the text is no JSON
// object; anything else odd in it is left out.
func ParseDefinition(doc string) (Definition, error) {
	t, err := parseTree(doc)
	if err != nil {
		return Definition{}, fmt.Errorf("definition is not JSON: %w", err)
	}
	if t.kind != '{' {
		return Definition{}, fmt.Errorf("definition is not a JSON object")
	}
	d := readDefinition(t)
	d.InputPaths = inputPaths(t)
	return d, nil
}

// State finds a state by name, in nested definitions too.
func (d *Definition) State(name safe.Text) (*State, bool) {
	for i := range d.States {
		s := &d.States[i]
		if s.Name == name {
			return s, true
		}
		for j := range s.Inner {
			if found, ok := s.Inner[j].State(name); ok {
				return found, true
			}
		}
	}
	return nil, false
}

func readDefinition(t *tree) Definition {
	d := Definition{
		Comment: safe.Block(t.str("Comment")), StartAt: safe.Line(t.str("StartAt")),
		Timeout: safe.Line(t.literal("TimeoutSeconds")),
	}
	states := t.get("States")
	if states == nil || states.kind != '{' {
		return d
	}
	for i, name := range states.keys {
		d.States = append(d.States, readState(name, states.values[i]))
	}
	d.States = inOrderOfVisit(d.States, d.StartAt)
	return d
}

func readState(name string, t *tree) State {
	s := State{
		Name: safe.Line(name), Type: t.str("Type"), Comment: safe.Block(t.str("Comment")),
		Resource: t.str("Resource"), End: t.literal("End") == "true",
		Timeout:   safe.Line(firstOf(t, "TimeoutSeconds", "TimeoutSecondsPath")),
		Heartbeat: safe.Line(firstOf(t, "HeartbeatSeconds", "HeartbeatSecondsPath")),
		Error:     safe.Line(firstOf(t, "Error", "ErrorPath")), Cause: safe.Block(firstOf(t, "Cause", "CausePath")),
		Retries: readRetries(t), tokenPaths: tokenPaths(t),
	}
	s.Next = readTransitions(t)
	for _, branch := range t.list("Branches") {
		s.Inner = append(s.Inner, readDefinition(branch))
	}
	for _, key := range []string{"ItemProcessor", "Iterator"} {
		if p := t.get(key); p != nil {
			s.Inner = append(s.Inner, readDefinition(p))
		}
	}
	return s
}

func firstOf(t *tree, keys ...string) string {
	for _, key := range keys {
		if v := t.literal(key); v != "" {
			return v
		}
	}
	return ""
}

func readTransitions(t *tree) []Transition {
	var out []Transition
	add := func(to string, kind TransitionKind, label string) {
		if to != "" {
			out = append(out, Transition{To: safe.Line(to), Kind: kind, Label: safe.Line(label)})
		}
	}
	add(t.str("Next"), ByNext, "")
	for _, rule := range t.list("Choices") {
		add(rule.str("Next"), ByChoice, ruleText(rule))
	}
	add(t.str("Default"), ByDefault, "otherwise")
	for _, catcher := range t.list("Catch") {
		add(catcher.str("Next"), ByCatch, joinStrings(catcher.list("ErrorEquals")))
	}
	return out
}

// The defaults of a retrier (AWS: States Language, Retry).
const (
	defaultRetries  = 3
	defaultInterval = time.Second
	defaultBackoff  = 2.0
)

func readRetries(t *tree) []Retrier {
	var out []Retrier
	for _, r := range t.list("Retry") {
		rule := Retrier{MaxAttempts: defaultRetries, Interval: defaultInterval, Backoff: defaultBackoff}
		for _, e := range r.list("ErrorEquals") {
			rule.Errors = append(rule.Errors, safe.Line(e.text))
		}
		if n, err := strconv.Atoi(r.literal("MaxAttempts")); err == nil {
			rule.MaxAttempts = n
		}
		if n, err := strconv.Atoi(r.literal("IntervalSeconds")); err == nil {
			rule.Interval = time.Duration(n) * time.Second
		}
		if x, err := strconv.ParseFloat(r.literal("BackoffRate"), 64); err == nil {
			rule.Backoff = x
		}
		if n, err := strconv.Atoi(r.literal("MaxDelaySeconds")); err == nil {
			rule.MaxDelay = time.Duration(n) * time.Second
		}
		out = append(out, rule)
	}
	return out
}

// inOrderOfVisit sorts states by walking from start: what comes next first,
// catchers last, then what cannot be reached, as written.
func inOrderOfVisit(states []State, start safe.Text) []State {
	index := make(map[safe.Text]int, len(states))
	for i := range states {
		index[states[i].Name] = i
	}
	seen := make([]bool, len(states))
	ordered := make([]State, 0, len(states))
	visit := func(from safe.Text) {
		queue := []safe.Text{from}
		for len(queue) > 0 {
			i, known := index[queue[0]]
			queue = queue[1:]
			if !known || seen[i] {
				continue
			}
			seen[i] = true
			ordered = append(ordered, states[i])
			var ahead []safe.Text
			for _, edge := range states[i].Next {
				ahead = append(ahead, edge.To)
			}
			queue = append(ahead, queue...)
		}
	}
	visit(start)
	for i := range states {
		visit(states[i].Name)
	}
	return ordered
}
