package evaluate

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// Template is a template whose structure and references have been checked.
type Template struct {
	// Version is AWSTemplateFormatVersion; empty where not given.
	Version     string
	Description string
	Metadata    map[string]any
	// Transforms are the macros that are declared; a template that went through them has none.
	Transforms []string
	Parameters map[string]Parameter
	Resources  map[string]Resource
	Outputs    map[string]Output

	mappings   map[string]any
	conditions map[string]any
}

// Resource is a resource as the template declares it.
type Resource struct {
	Logical, Type string
	// Properties are not resolved.
	Properties map[string]any
	// Condition names the condition under which the resource exists; empty: always.
	Condition string
	// DeletionPolicy and UpdateReplacePolicy are empty where not given.
	DeletionPolicy, UpdateReplacePolicy string
	Metadata                            map[string]any
	// Needs are the logical IDs that are made before this one, in order of the alphabet.
	Needs []string

	dependsOn []string
}

// Output is an output as the template declares it.
type Output struct {
	Description, Condition string
	// Value and Export, the export's name, are not resolved; Export is nil without one.
	Value, Export any
}

// sections are the members that a template may have.
var sections = []string{"AWSTemplateFormatVersion", "Description", "Metadata", "Parameters", "Mappings", "Conditions", "Transform", "Resources", "Outputs", "Rules"}

// attributes are the members that a resource may have.
var attributes = []string{"Type", "Properties", "DependsOn", "Condition", "Metadata", "DeletionPolicy", "UpdateReplacePolicy", "CreationPolicy", "UpdatePolicy"}

var alphanumeric = regexp.MustCompile(`^[A-Za-z0-9]+$`)

// New checks a document. An error is an *Invalid.
func New(document map[string]any) (*Template, error) {
	if err := known(document, sections, "Invalid template property or properties [%s]"); err != nil {
		return nil, err
	}
	if err := noNull("", document); err != nil {
		return nil, err
	}
	r := reader{}
	t := &Template{
		Version:     r.text(document["AWSTemplateFormatVersion"], "AWSTemplateFormatVersion"),
		Description: r.text(document["Description"], "Description"),
		Metadata:    r.object(document["Metadata"], "Metadata"),
		Transforms:  Transforms(document),
		Parameters:  map[string]Parameter{},
		Resources:   map[string]Resource{},
		Outputs:     map[string]Output{},
		mappings:    r.object(document["Mappings"], "Mappings"),
		conditions:  r.object(document["Conditions"], "Conditions"),
	}
	for name, declared := range r.object(document["Parameters"], "Parameters") {
		t.Parameters[name] = r.parameter(name, declared)
	}
	for logical, declared := range r.object(document["Resources"], "Resources") {
		t.Resources[logical] = r.resource(logical, declared)
	}
	for name, declared := range r.object(document["Outputs"], "Outputs") {
		t.Outputs[name] = r.output(name, declared)
	}
	if r.err != nil {
		return nil, r.err
	}
	if len(t.Resources) == 0 {
		return nil, invalid("Template format error: At least one Resources member must be defined.")
	}
	return t, t.check()
}

// noNull refuses a value that is not there.
func noNull(path string, value any) error {
	switch value := value.(type) {
	case nil:
		return invalid("[%s] 'null' values are not allowed in templates", path)
	case []any:
		for i, item := range value {
			if err := noNull(fmt.Sprintf("%s/%d", path, i), item); err != nil {
				return err
			}
		}
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(value)) {
			if err := noNull(path+"/"+name, value[name]); err != nil {
				return err
			}
		}
	}
	return nil
}

// Transforms are the macros that a document declares.
func Transforms(document map[string]any) []string {
	switch declared := document["Transform"].(type) {
	case string:
		return []string{declared}
	case []any:
		var names []string
		for _, name := range declared {
			if text, ok := name.(string); ok {
				names = append(names, text)
			}
		}
		return names
	}
	return nil
}

func known(object map[string]any, allowed []string, message string) error {
	var strange []string
	for _, name := range slices.Sorted(maps.Keys(object)) {
		if !slices.Contains(allowed, name) {
			strange = append(strange, name)
		}
	}
	if len(strange) > 0 {
		return invalid(message, strings.Join(strange, ", "))
	}
	return nil
}

// reader takes a document apart and keeps the first error.
type reader struct{ err error }

func (r *reader) fail(format string, args ...any) {
	if r.err == nil {
		r.err = invalid(format, args...)
	}
}

func (r *reader) object(value any, path string) map[string]any {
	object, ok := value.(map[string]any)
	if !ok && value != nil {
		r.fail("Template format error: %s must be an object.", path)
	}
	return object
}

func (r *reader) text(value any, path string) string {
	switch value.(type) {
	case nil:
		return ""
	case string, float64, bool:
		return Text(value)
	}
	r.fail("Template format error: every %s member must be a string.", path)
	return ""
}

func (r *reader) resource(logical string, declared any) Resource {
	path := "[/Resources/" + logical + "]"
	object, ok := declared.(map[string]any)
	switch {
	case !alphanumeric.MatchString(logical):
		r.fail("Template format error: Resource name %s is non alphanumeric.", logical)
	case !ok:
		r.fail("Template format error: %s resource definition is malformed", path)
	case object["Type"] == nil:
		r.fail("Template format error: %s Every Resources object must contain a Type member.", path)
	}
	if err := known(object, attributes, "Invalid template resource property '%s'"); err != nil && r.err == nil {
		r.err = err
	}
	return Resource{
		Logical: logical, Type: r.text(object["Type"], "Type"), Condition: r.text(object["Condition"], "Condition"),
		Properties: r.object(object["Properties"], path+" Properties"), Metadata: r.object(object["Metadata"], path+" Metadata"),
		DeletionPolicy:      r.policy(logical, "DeletionPolicy", object, "Delete", "Retain", "RetainExceptOnCreate", "Snapshot"),
		UpdateReplacePolicy: r.policy(logical, "UpdateReplacePolicy", object, "Delete", "Retain", "Snapshot"),
		dependsOn:           r.names(object["DependsOn"]),
	}
}

func (r *reader) policy(logical, name string, object map[string]any, allowed ...string) string {
	policy := r.text(object[name], name)
	if policy != "" && !slices.Contains(allowed, policy) {
		r.fail("Template error: Unrecognized %s %s for resource %s", name, policy, logical)
	}
	return policy
}

func (r *reader) names(value any) []string {
	switch value := value.(type) {
	case nil:
		return nil
	case string:
		return []string{value}
	case []any:
		var names []string
		for _, name := range value {
			names = append(names, r.text(name, "DependsOn"))
		}
		return names
	}
	r.fail("Template format error: DependsOn must be a string or list of strings.")
	return nil
}

func (r *reader) output(name string, declared any) Output {
	object := r.object(declared, "[/Outputs/"+name+"]")
	if object["Value"] == nil {
		r.fail("Template format error: Output %s is malformed. Every Outputs object must contain a Value member.", name)
	}
	out := Output{Description: r.text(object["Description"], "Description"), Condition: r.text(object["Condition"], "Condition"), Value: object["Value"]}
	out.Export = r.object(object["Export"], "[/Outputs/"+name+"/Export]")["Name"]
	return out
}
