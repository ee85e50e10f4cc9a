package client

import (
	"encoding/json"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
)

// substitution is a place in a machine's definition that DefinitionSubstitutions fills.
var substitution = regexp.MustCompile(`\$\{([A-Za-z0-9_]+)\}`)

// unfilled reports whether a difference is none: CloudFormation holds the
// definition with its substitutions still to be made against the one in which
// Step Functions has made them, so that every such machine looks changed.
func unfilled(d types.StackResourceDrift, p types.PropertyDifference) bool {
	if aws.ToString(d.ResourceType) != "AWS::StepFunctions::StateMachine" || aws.ToString(p.PropertyPath) != "/DefinitionString" ||
		p.DifferenceType != types.DifferenceTypeNotEqual {
		return false
	}
	var expected, actual any
	if json.Unmarshal([]byte(aws.ToString(p.ExpectedValue)), &expected) != nil || json.Unmarshal([]byte(aws.ToString(p.ActualValue)), &actual) != nil {
		return false
	}
	return filled(substitutionsOf(d)).same(expected, actual)
}

// substitutionsOf are the values that the stack gives to the machine, where AWS tells them.
func substitutionsOf(d types.StackResourceDrift) map[string]string {
	var expected struct {
		DefinitionSubstitutions map[string]any
	}
	values := map[string]string{}
	if json.Unmarshal([]byte(aws.ToString(d.ExpectedProperties)), &expected) != nil {
		return values
	}
	for name, value := range expected.DefinitionSubstitutions {
		if text, ok := value.(string); ok {
			values[name] = text
		}
	}
	return values
}

// filled are the values of substitutions, those that AWS tells and those that
// are met on the way: a name has one value everywhere.
type filled map[string]string

// same compares two JSON values, the first of which has substitutions to be made.
func (f filled) same(expected, actual any) bool {
	switch e := expected.(type) {
	case string:
		a, ok := actual.(string)
		return ok && f.sameText(e, a)
	case []any:
		a, ok := actual.([]any)
		if !ok || len(a) != len(e) {
			return false
		}
		for i := range e {
			if !f.same(e[i], a[i]) {
				return false
			}
		}
		return true
	case map[string]any:
		a, ok := actual.(map[string]any)
		if !ok || len(a) != len(e) {
			return false
		}
		// In one order, so that a value met on the way is always the same.
		for _, key := range slices.Sorted(maps.Keys(e)) {
			other, has := a[key]
			if !has || !f.same(e[key], other) {
				return false
			}
		}
		return true
	default:
		return reflect.DeepEqual(expected, actual)
	}
}

func (f filled) sameText(expected, actual string) bool {
	var form strings.Builder
	var names []string
	rest := 0
	for _, at := range substitution.FindAllStringSubmatchIndex(expected, -1) {
		form.WriteString(regexp.QuoteMeta(expected[rest:at[0]]))
		rest = at[1]
		name := expected[at[2]:at[3]]
		if value, known := f[name]; known {
			form.WriteString(regexp.QuoteMeta(value))
			continue
		}
		form.WriteString("(.*?)")
		names = append(names, name)
	}
	form.WriteString(regexp.QuoteMeta(expected[rest:]))
	found := regexp.MustCompile(`(?s)\A` + form.String() + `\z`).FindStringSubmatch(actual)
	if found == nil {
		return false
	}
	for i, name := range names {
		if value, known := f[name]; known && value != found[i+1] {
			return false
		}
		f[name] = found[i+1]
	}
	return true
}
