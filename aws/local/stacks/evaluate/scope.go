package evaluate

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Unknown stands for what is known only after a change set was executed.
// AWS: the BeforeValue and AfterValue of DescribeChangeSet.
const Unknown = "{{changeSet:KNOWN_AFTER_APPLY}}"

// Scope is what a template's values depend on.
type Scope struct {
	Region, Account, Partition string
	StackName, StackID         string
	NotificationARNs           []string
	// Parameters have passed Values.
	Parameters map[string]string
	// Resource gives what Ref (attribute is empty) or Fn::GetAtt says of a
	// resource that was made, or Unknown.
	Resource func(logical, attribute string) (any, error)
}

// Evaluation is a template in a scope. It is not safe for concurrent use.
type Evaluation struct {
	template   *Template
	scope      Scope
	conditions map[string]bool
}

// In evaluates the template's conditions. An error is an *Invalid.
func (t *Template) In(scope Scope) (*Evaluation, error) {
	e := &Evaluation{template: t, scope: scope, conditions: map[string]bool{}}
	for _, name := range slices.Sorted(maps.Keys(t.conditions)) {
		if _, err := e.condition(name, nil); err != nil {
			return nil, err
		}
	}
	return e, nil
}

// Layers are the logical IDs of the resources that exist under the conditions:
// each layer needs only earlier ones.
func (e *Evaluation) Layers() ([][]string, error) {
	active := map[string]Resource{}
	for logical, r := range e.template.Resources {
		if e.holds(r.Condition) {
			active[logical] = r
		}
	}
	for _, logical := range slices.Sorted(maps.Keys(active)) {
		if err := e.checkUsed("Resources", active[logical].Properties); err != nil {
			return nil, err
		}
	}
	return layers(active)
}

// checkUsed refuses references to resources that do not exist under the conditions.
func (e *Evaluation) checkUsed(block string, value any) error {
	for _, ref := range e.used(value) {
		if r, declared := e.template.Resources[ref.Name]; declared && !ref.Condition && !e.holds(r.Condition) {
			return unresolvedIn(block, []string{ref.Name})
		}
	}
	return nil
}

// Properties are a resource's properties with no function left.
func (e *Evaluation) Properties(logical string) (map[string]any, error) {
	declared := e.template.Resources[logical].Properties
	out := make(map[string]any, len(declared))
	for _, name := range slices.Sorted(maps.Keys(declared)) {
		value, err := e.resolve(declared[name])
		if err != nil {
			return nil, err
		}
		if value != noValue {
			out[name] = value
		}
	}
	return out, nil
}

// Resolved is an output with its value.
type Resolved struct{ Key, Value, Description, Export string }

// Outputs are the outputs whose condition holds, in order of their names.
func (e *Evaluation) Outputs() ([]Resolved, error) {
	var out []Resolved
	for _, key := range slices.Sorted(maps.Keys(e.template.Outputs)) {
		declared := e.template.Outputs[key]
		if !e.holds(declared.Condition) {
			continue
		}
		if err := e.checkUsed("Outputs", declared.Value); err != nil {
			return nil, err
		}
		value, err := e.resolveText(declared.Value)
		if err != nil {
			return nil, invalid("Template error: Output %s: %s", key, err)
		}
		resolved := Resolved{Key: key, Value: value, Description: declared.Description}
		if declared.Export != nil {
			if resolved.Export, err = e.resolveText(declared.Export); err != nil {
				return nil, err
			}
		}
		out = append(out, resolved)
	}
	return out, nil
}

func (e *Evaluation) holds(condition string) bool { return condition == "" || e.conditions[condition] }

// used are the references that the branches taken make.
func (e *Evaluation) used(value any) []Reference {
	switch value := value.(type) {
	case []any:
		var found []Reference
		for _, item := range value {
			found = append(found, e.used(item)...)
		}
		return found
	case map[string]any:
		if name, argument, ok := call(value); ok {
			if list, is := argument.([]any); is && name == "Fn::If" && len(list) == 3 {
				if e.conditions[Text(list[0])] {
					return e.used(list[1])
				}
				return e.used(list[2])
			}
			return append(named(name, argument), e.used(argument)...)
		}
		var found []Reference
		for _, key := range slices.Sorted(maps.Keys(value)) {
			found = append(found, e.used(value[key])...)
		}
		return found
	}
	return nil
}

var pseudoParameters = []string{"AWS::AccountId", "AWS::NotificationARNs", "AWS::NoValue", "AWS::Partition", "AWS::Region", "AWS::StackId", "AWS::StackName", "AWS::URLSuffix"}

func isPseudo(name string) bool { return slices.Contains(pseudoParameters, name) }

func (e *Evaluation) pseudo(name string) any {
	switch name {
	case "AWS::AccountId":
		return e.scope.Account
	case "AWS::NotificationARNs":
		list := make([]any, len(e.scope.NotificationARNs))
		for i, arn := range e.scope.NotificationARNs {
			list[i] = arn
		}
		return list
	case "AWS::Partition":
		return e.scope.Partition
	case "AWS::Region":
		return e.scope.Region
	case "AWS::StackId":
		return e.scope.StackID
	case "AWS::StackName":
		return e.scope.StackName
	case "AWS::URLSuffix":
		if e.scope.Partition == "aws-cn" {
			return "amazonaws.com.cn"
		}
		return "amazonaws.com"
	default:
		return noValue
	}
}

// Text is a scalar as CloudFormation puts it into a string; a structure is its JSON.
func Text(value any) string {
	switch value := value.(type) {
	case nil:
		return ""
	case string:
		return value
	case bool:
		return fmt.Sprint(value)
	case float64:
		return number(value)
	}
	text, err := json.Marshal(value)
	if err != nil {
		return fmt.Sprint(value)
	}
	return string(text)
}

// IsUnknown tells whether something inside value is known only later.
func IsUnknown(value any) bool {
	switch value := value.(type) {
	case string:
		return strings.Contains(value, Unknown)
	case []any:
		return slices.ContainsFunc(value, IsUnknown)
	case map[string]any:
		for _, member := range value {
			if IsUnknown(member) {
				return true
			}
		}
	}
	return false
}
