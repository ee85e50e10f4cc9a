package events

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/stepdeck/stepdeck/aws/local/events/pattern"
	"github.com/stepdeck/stepdeck/aws/local/wire"
)

// Limits of rules. AWS: PutRule.
const (
	longestRule        = 64
	longestDescription = 512
	longestPattern     = 4096
)

// States of a rule.
const (
	enabled  = "ENABLED"
	disabled = "DISABLED"
)

// defaultBus is the only event bus.
const defaultBus = "default"

// Rule is a rule on the wire.
type Rule struct {
	Name               string `json:"Name"`
	ARN                string `json:"Arn"`
	EventPattern       string `json:"EventPattern,omitempty"`
	ScheduleExpression string `json:"ScheduleExpression,omitempty"`
	State              string `json:"State"`
	Description        string `json:"Description,omitempty"`
	RoleARN            string `json:"RoleArn,omitempty"`
	EventBusName       string `json:"EventBusName"`
}

type ruleRecord struct {
	Rule
	Targets []target

	pattern *pattern.Pattern
}

type none struct{}

type putRuleInput struct {
	Rule
	EventBus string `json:"EventBusName"`
}

type putRuleOutput struct {
	ARN string `json:"RuleArn"`
}

var ruleName = regexp.MustCompile(`[.\-_A-Za-z0-9]+`)

func (in *putRuleInput) check() error {
	var v wire.Violations
	v.Length("name", in.Name, 1, longestRule)
	v.Pattern("name", in.Name, ruleName)
	v.Length("description", in.Description, 0, longestDescription)
	v.Length("eventPattern", in.EventPattern, 0, longestPattern)
	if in.State != "" {
		v.Enum("state", in.State, enabled, disabled)
	}
	if err := v.Err(); err != nil {
		return err
	}
	if err := checkBus(in.EventBus); err != nil {
		return err
	}
	if in.EventPattern == "" && in.ScheduleExpression == "" {
		return wire.Errorf("ValidationException", "Parameter(s) EventPattern or ScheduleExpression must be specified.")
	}
	return nil
}

func checkBus(name string) error {
	if name != "" && name != defaultBus && !strings.HasSuffix(name, ":event-bus/"+defaultBus) {
		return wire.Errorf("ResourceNotFoundException", "Event bus %s does not exist.", name)
	}
	return nil
}

// parse reads the rule's pattern, if it has one.
func (r *ruleRecord) parse() (err error) {
	r.pattern = &pattern.Pattern{}
	if r.EventPattern == "" {
		return nil
	}
	r.pattern, err = pattern.Parse(r.EventPattern)
	if reason := pattern.Invalid(""); errors.As(err, &reason) {
		return wire.Errorf("InvalidEventPatternException", "%s", reason.Error())
	}
	return err
}

// putRule makes a rule or replaces all of one but its targets. Tags are taken and not kept.
func (s *Service) putRule(_ context.Context, in *putRuleInput) (*putRuleOutput, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	r := &ruleRecord{Rule: in.Rule}
	r.ARN, r.EventBusName = s.ruleARN(in.Name), defaultBus
	if r.State == "" {
		r.State = enabled
	}
	if err := r.parse(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if before := s.rules[in.Name]; before != nil {
		r.Targets = before.Targets
	}
	return &putRuleOutput{r.ARN}, s.keep(r)
}

func (s *Service) ruleARN(name string) string {
	return fmt.Sprintf("arn:aws:events:%s:%s:rule/%s", s.opts.Region, s.opts.Account, name)
}

// keep writes a rule and puts it in place of what it was. The caller holds s.mu.
func (s *Service) keep(r *ruleRecord) error {
	if err := s.opts.Store.Put(ruleBucket, r.Name, r); err != nil {
		return fmt.Errorf("keep rule %s: %w", r.Name, err)
	}
	s.rules[r.Name] = r
	return nil
}

// find is the rule of a name. The caller holds s.mu.
func (s *Service) find(name, bus string) (*ruleRecord, error) {
	if err := checkBus(bus); err != nil {
		return nil, err
	}
	r := s.rules[name]
	if r == nil {
		return nil, wire.Errorf("ResourceNotFoundException", "Rule %s does not exist on EventBus %s.", name, defaultBus)
	}
	return r, nil
}

type ruleInput struct {
	Name string
	Bus  string `json:"EventBusName"`
}

func (s *Service) describeRule(_ context.Context, in *ruleInput) (*Rule, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.find(in.Name, in.Bus)
	if err != nil {
		return nil, err
	}
	told := r.Rule
	return &told, nil
}

// deleteRule is content when there is no such rule. AWS: DeleteRule.
func (s *Service) deleteRule(_ context.Context, in *ruleInput) (*none, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.rules[in.Name]
	switch {
	case r == nil:
		return &none{}, checkBus(in.Bus)
	case len(r.Targets) > 0:
		return nil, wire.Errorf("ValidationException", "Rule can't be deleted since it has targets.")
	}
	if err := s.opts.Store.Delete(ruleBucket, r.Name); err != nil {
		return nil, fmt.Errorf("delete rule %s: %w", r.Name, err)
	}
	delete(s.rules, r.Name)
	return &none{}, nil
}

type listRulesInput struct {
	Prefix string `json:"NamePrefix"`
	Bus    string `json:"EventBusName"`
}

type listRulesOutput struct {
	Rules []Rule
}

// listRules gives all in one page, by name.
func (s *Service) listRules(_ context.Context, in *listRulesInput) (*listRulesOutput, error) {
	if err := checkBus(in.Bus); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	out := &listRulesOutput{Rules: []Rule{}}
	for _, name := range slices.Sorted(maps.Keys(s.rules)) {
		if strings.HasPrefix(name, in.Prefix) {
			out.Rules = append(out.Rules, s.rules[name].Rule)
		}
	}
	return out, nil
}

func (s *Service) enableRule(_ context.Context, in *ruleInput) (*none, error) {
	return s.change(in.Name, in.Bus, func(r *ruleRecord) { r.State = enabled })
}

func (s *Service) disableRule(_ context.Context, in *ruleInput) (*none, error) {
	return s.change(in.Name, in.Bus, func(r *ruleRecord) { r.State = disabled })
}

func (s *Service) change(name, bus string, apply func(*ruleRecord)) (*none, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	before, err := s.find(name, bus)
	if err != nil {
		return nil, err
	}
	after := *before
	apply(&after)
	return &none{}, s.keep(&after)
}

type testPatternInput struct {
	EventPattern string
	Event        string
}

type testPatternOutput struct {
	Result bool
}

func (s *Service) testPattern(_ context.Context, in *testPatternInput) (*testPatternOutput, error) {
	r := &ruleRecord{Rule: Rule{EventPattern: in.EventPattern}}
	if err := r.parse(); err != nil {
		return nil, err
	}
	matched, err := r.pattern.Match([]byte(in.Event))
	if err != nil {
		return nil, wire.Errorf("ValidationException", "Parameter Event is not valid.")
	}
	return &testPatternOutput{matched}, nil
}
