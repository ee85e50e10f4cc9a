package states

import (
	"fmt"

	"github.com/stepdeck/stepdeck/aws/local/asl"
	"github.com/stepdeck/stepdeck/aws/local/states/tasks"
)

// diagnose is all that AWS has against a definition: its language, and the
// resources that it names.
func diagnose(definition, kind string) []asl.Diagnostic {
	if found := asl.Check(definition, kind == express); len(found) > 0 {
		return found
	}
	parsed, err := asl.Parse(definition)
	if err != nil {
		return nil // Check would have found it
	}
	return unknownResources(parsed, "")
}

// unknownResources tells the Task states whose resource AWS does not have.
func unknownResources(m *asl.Machine, at string) []asl.Diagnostic {
	var found []asl.Diagnostic
	for _, name := range m.Order {
		state, place := m.States[name], at+"/States/"+name
		if state.Type == asl.Task && !tasks.Known(state.Resource) {
			found = append(found, asl.Diagnostic{
				Severity: "ERROR", Code: "SCHEMA_VALIDATION_FAILED", Location: place + "/Resource",
				Message: fmt.Sprintf("The resource provided %s is not recognized. The value is not a valid resource ARN, or the resource is not available in this region.", state.Resource),
			})
		}
		for i, branch := range state.Branches {
			found = append(found, unknownResources(branch, fmt.Sprintf("%s/Branches[%d]", place, i))...)
		}
		if state.Processor != nil {
			found = append(found, unknownResources(state.Processor, place+"/ItemProcessor")...)
		}
	}
	return found
}
