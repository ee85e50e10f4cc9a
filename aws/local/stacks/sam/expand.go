// Package sam is the transform AWS::Serverless-2016-10-31 for state machines,
// which gives what the Serverless Application Model gives.
package sam

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

const (
	serverless = "AWS::Serverless::"
	machine    = serverless + "StateMachine"
	transform  = "AWS::Serverless-2016-10-31"
)

// Error tells every resource that is wrong, in SAM's words.
type Error struct {
	causes []string
}

func (e *Error) Error() string {
	return fmt.Sprintf("Invalid Serverless Application Specification document. Number of errors found: %d. %s", len(e.causes), strings.Join(e.causes, " "))
}

// Expand gives the template with an AWS::StepFunctions::StateMachine for each
// AWS::Serverless::StateMachine, and without the transform. Other types of SAM
// and Globals are refused. The template given is not changed; what is not
// expanded is shared with it.
func Expand(template map[string]any) (map[string]any, error) {
	out := maps.Clone(template)
	delete(out, "Transform")
	if others := otherTransforms(template["Transform"]); len(others) > 0 {
		out["Transform"] = others
	}
	failed := &Error{}
	if template["Globals"] != nil {
		failed.causes = append(failed.causes, "'Globals' section is invalid. Local AWS has no Globals: give the properties to each resource.")
	}
	declared, _ := template["Resources"].(map[string]any)
	resources := maps.Clone(declared)
	for _, logical := range slices.Sorted(maps.Keys(declared)) {
		resource, _ := declared[logical].(map[string]any)
		kind, _ := resource["Type"].(string)
		if !strings.HasPrefix(kind, serverless) {
			continue
		}
		expanded, err := expand(resource, kind)
		if err != nil {
			failed.causes = append(failed.causes, fmt.Sprintf("Resource with id [%s] is invalid. %s", logical, err))
			continue
		}
		resources[logical] = expanded
	}
	if len(failed.causes) > 0 {
		return nil, failed
	}
	if declared != nil {
		out["Resources"] = resources
	}
	return out, nil
}

// otherTransforms are those that the template names besides SAM.
func otherTransforms(named any) []any {
	list, _ := named.([]any)
	return slices.DeleteFunc(slices.Clone(list), func(one any) bool { return one == transform })
}

// expand keeps every attribute of the resource but its type and properties.
func expand(resource map[string]any, kind string) (map[string]any, error) {
	if kind != machine {
		return nil, refused("Local AWS expands " + machine + " alone, not " + kind + ".")
	}
	properties, ok := resource["Properties"].(map[string]any)
	if !ok && resource["Properties"] != nil {
		return nil, refused("Properties must be a map.")
	}
	expanded, err := stateMachine(properties)
	if err != nil {
		return nil, err
	}
	out := maps.Clone(resource)
	out["Type"], out["Properties"] = "AWS::StepFunctions::StateMachine", expanded
	return out, nil
}
