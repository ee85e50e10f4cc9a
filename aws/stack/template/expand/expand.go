// Package expand evaluates a template without AWS: parameters have their defaults or samples, and what AWS would name
// has a sample name of the form that AWS gives. It serves checks and tests, not deployments.
package expand

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/stepdeck/stepdeck/aws/stack/template"
)

// World is where a template is thought to be deployed. Empty fields have samples.
type World struct {
	StackName, Account, Region, Partition, URLSuffix string
	// Parameters replace the template's defaults.
	Parameters map[string]string
	// Condition, unless nil, decides the template's conditions instead of what they say.
	Condition func(name string) bool
}

// Expander evaluates the nodes of one template.
type Expander struct {
	World
	template   *template.Template
	parameters map[string]any
	resources  map[string]template.Resource
	// depth and busy guard against templates that refer to themselves.
	depth int
	busy  map[string]bool
}

const maxDepth = 60

// New returns the expander of a template in a world.
func New(t *template.Template, world World) *Expander {
	fill := func(field *string, sample string) {
		if *field == "" {
			*field = sample
		}
	}
	fill(&world.StackName, "dumps")
	fill(&world.Account, "123456789012")
	fill(&world.Region, "us-east-1")
	fill(&world.Partition, "aws")
	fill(&world.URLSuffix, "amazonaws.com")
	e := &Expander{World: world, template: t, parameters: map[string]any{}, resources: map[string]template.Resource{}, busy: map[string]bool{}}
	for _, p := range t.Parameters() {
		e.parameters[p.Name] = parameter(p, world.Parameters)
	}
	for _, r := range t.Resources() {
		e.resources[r.Name] = r
	}
	return e
}

func parameter(p template.Parameter, given map[string]string) any {
	value := sampleOf(p.Type)
	if p.Default != nil {
		value = *p.Default
	}
	if v, ok := given[p.Name]; ok {
		value = v
	}
	if p.Type != "CommaDelimitedList" && !strings.HasPrefix(p.Type, "List<") {
		return value
	}
	items := []any{}
	for item := range strings.SplitSeq(value, ",") {
		items = append(items, strings.TrimSpace(item))
	}
	return items
}

func sampleOf(kind string) string {
	switch {
	case strings.Contains(kind, "Subnet"):
		return "subnet-00000000000000001,subnet-00000000000000002"
	case strings.Contains(kind, "VPC"):
		return "vpc-00000000000000001"
	case kind == "Number":
		return "1"
	default:
		return "sample"
	}
}

// none is the value of AWS::NoValue: the field that holds it is left out.
type none struct{}

// Value evaluates a node to a JSON value: objects, lists, text, numbers and booleans. What cannot be known, such as a
// mapping or an import, is a text that says so.
func (e *Expander) Value(n *yaml.Node) any {
	value := e.value(n)
	if value == (none{}) {
		return nil
	}
	return value
}

// Text is the value of a node as text; "" unless it is a scalar.
func (e *Expander) Text(n *yaml.Node) string {
	switch value := e.Value(n).(type) {
	case string:
		return value
	case float64, bool:
		return fmt.Sprint(value)
	default:
		return ""
	}
}

// Exists tells whether the condition of a resource holds.
func (e *Expander) Exists(r template.Resource) bool {
	name := template.Text(template.Field(r.Node, "Condition"))
	return name == "" || e.condition(name)
}

func (e *Expander) value(n *yaml.Node) any {
	if n == nil {
		return nil
	}
	if e.depth++; e.depth > maxDepth {
		e.depth--
		return "unknown:too-deep"
	}
	defer func() { e.depth-- }()
	if name, argument := template.Function(n); name != "" {
		return e.call(name, argument)
	}
	switch n.Kind {
	case yaml.MappingNode:
		object := map[string]any{}
		for key, child := range template.Pairs(n) {
			if value := e.value(child); value != (none{}) {
				object[key.Value] = value
			}
		}
		return object
	case yaml.SequenceNode:
		items := []any{}
		for _, child := range n.Content {
			if value := e.value(child); value != (none{}) {
				items = append(items, value)
			}
		}
		return items
	default:
		return scalar(n)
	}
}

func scalar(n *yaml.Node) any {
	switch n.ShortTag() {
	case "!!bool":
		return strings.EqualFold(n.Value, "true")
	case "!!int", "!!float":
		if number, err := strconv.ParseFloat(n.Value, 64); err == nil && !strings.HasPrefix(n.Value, "0") {
			return number
		}
	case "!!null":
		return nil
	}
	return n.Value
}

func (e *Expander) call(name string, argument *yaml.Node) any {
	items := template.Items(argument)
	switch {
	case name == "Ref":
		return e.ref(template.Text(argument))
	case name == "Condition":
		return e.condition(template.Text(argument))
	case name == "Fn::Sub":
		return e.sub(items)
	case name == "Fn::GetAtt" && len(items) == 2:
		return e.attribute(items[0].Value, e.Text(items[1]))
	case name == "Fn::If" && len(items) == 3:
		if e.condition(template.Text(items[0])) {
			return e.value(items[1])
		}
		return e.value(items[2])
	case name == "Fn::Join" && len(items) == 2:
		return strings.Join(e.texts(items[1]), e.Text(items[0]))
	case name == "Fn::Split" && len(items) == 2 && e.Text(items[0]) != "":
		parts := []any{}
		for part := range strings.SplitSeq(e.Text(items[1]), e.Text(items[0])) {
			parts = append(parts, part)
		}
		return parts
	case name == "Fn::Select" && len(items) == 2:
		list, _ := e.value(items[1]).([]any)
		if at, err := strconv.Atoi(e.Text(items[0])); err == nil && at >= 0 && at < len(list) {
			return list[at]
		}
	}
	return "unknown:" + name
}

func (e *Expander) texts(n *yaml.Node) []string {
	list, _ := e.value(n).([]any)
	words := make([]string, len(list))
	for i, item := range list {
		words[i] = fmt.Sprint(item)
	}
	return words
}

func (e *Expander) condition(name string) bool {
	if e.Condition != nil {
		return e.Condition(name)
	}
	holds := false
	e.once("condition "+name, func() { holds = e.holds(template.Field(e.template.Root(), "Conditions", name)) })
	return holds
}

// once does some work unless it is a part of the same work.
func (e *Expander) once(what string, work func()) {
	if e.busy[what] {
		return
	}
	e.busy[what] = true
	work()
	delete(e.busy, what)
}

func (e *Expander) holds(n *yaml.Node) bool {
	name, argument := template.Function(n)
	items := template.Items(argument)
	switch {
	case name == "Condition":
		return e.condition(template.Text(argument))
	case name == "Fn::Not" && len(items) == 1:
		return !e.holds(items[0])
	case name == "Fn::Equals" && len(items) == 2:
		return fmt.Sprint(e.value(items[0])) == fmt.Sprint(e.value(items[1]))
	case name == "Fn::And":
		for _, item := range items {
			if !e.holds(item) {
				return false
			}
		}
		return true
	case name == "Fn::Or":
		for _, item := range items {
			if e.holds(item) {
				return true
			}
		}
	}
	return false
}

var variable = regexp.MustCompile(`\$\{([^!][^}]*)\}`)

func (e *Expander) sub(items []*yaml.Node) string {
	if len(items) == 0 {
		return ""
	}
	var own map[string]any
	if len(items) > 1 {
		own, _ = e.value(items[1]).(map[string]any)
	}
	return variable.ReplaceAllStringFunc(template.Text(items[0]), func(match string) string {
		name := strings.TrimSpace(match[2 : len(match)-1])
		if value, ok := own[name]; ok {
			return fmt.Sprint(value)
		}
		if resource, attribute, found := strings.Cut(name, "."); found {
			return fmt.Sprint(e.attribute(resource, attribute))
		}
		return fmt.Sprint(e.ref(name))
	})
}
