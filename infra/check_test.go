package infra_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stepdeck/stepdeck/aws/local/asl"
	"github.com/stepdeck/stepdeck/aws/stack/check"
	"github.com/stepdeck/stepdeck/infra"
)

// The machines of the template.
const (
	workflow = "Workflow"
	reaper   = "Reaper"
)

var substitution = regexp.MustCompile(`\$\{([A-Za-z]+)\}`)

// inlined is what the tests read of the template with its definitions in it.
type inlined struct {
	Resources map[string]struct {
		Properties struct {
			Definition              json.RawMessage
			DefinitionSubstitutions map[string]any
		}
	}
}

// definitions reads the template once: properties ask for it hundreds of times.
var definitions = sync.OnceValues(func() (inlined, error) {
	var all inlined
	source, err := infra.Template()
	if err != nil {
		return all, err
	}
	stack, found := check.Read(infra.TemplateName, source, infra.File)
	if stack == nil {
		return all, fmt.Errorf("%v", found)
	}
	text, err := stack.JSON()
	if err != nil {
		return all, err
	}
	err = json.Unmarshal(text, &all)
	return all, err
})

// definitionOf is the States Language of a machine of the template, with values in the place of its ${Name}.
func definitionOf(t *testing.T, machine string, values map[string]string) string {
	t.Helper()
	all, err := definitions()
	if err != nil {
		t.Fatal(err)
	}
	properties := all.Resources[machine].Properties
	given, known := map[string]bool{}, map[string]bool{}
	for name := range values {
		given[name] = true
	}
	for name := range properties.DefinitionSubstitutions {
		known[name] = true
	}
	if diff := cmp.Diff(known, given); diff != "" {
		t.Fatalf("%s has (-) and is given (+): %s", machine, diff)
	}
	return substitution.ReplaceAllStringFunc(string(properties.Definition), func(name string) string { return values[name[2:len(name)-1]] })
}

func TestDefinitionsPassTheService(t *testing.T) {
	for _, c := range []struct {
		machine string
		values  map[string]string
		express bool
	}{{workflow, runValues, false}, {reaper, reapValues, true}} {
		for _, problem := range asl.Check(definitionOf(t, c.machine, c.values), c.express) {
			t.Errorf("%s: %+v", c.machine, problem)
		}
	}
}
