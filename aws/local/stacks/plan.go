package stacks

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/stepdeck/stepdeck/aws/local/stacks/evaluate"
	"github.com/stepdeck/stepdeck/aws/local/stacks/resources"
)

// change is what a change set says of one resource.
type change struct {
	Action, Logical, Physical, Type string
	// Replacement is True, False or Conditional; empty unless Action is Modify.
	Replacement, PolicyAction string
	Scope                     []string
	Details                   []detail
	BeforeContext             string
	AfterContext              string
	// added is what an Add makes, until the change set is filled.
	added *addition
}

// detail is what a change set says of one value.
type detail struct {
	Attribute, Name, Path, Recreation, ChangeType string
	// Before and After are nil where there is no value.
	Before, After              *string
	Evaluation, Source, Entity string
}

// planner works out the changes that a deployment makes.
type planner struct {
	service  *Service
	stack    *stack
	template *evaluate.Template
	target   deployment
	// renewed are the resources whose physical ID is known only later.
	renewed map[string]bool
	changes []change
}

// plan is what the target changes, in order of the logical IDs. unchanged tells
// that nothing at all would change, also not outputs and tags. The caller
// holds the lock.
func (s *Service) plan(st *stack, target deployment) (changes []change, unchanged bool, err error) {
	p := &planner{service: s, stack: st, target: target, renewed: map[string]bool{}}
	t, e, err := s.evaluation(st, target, p.known)
	if err != nil {
		return nil, false, err
	}
	p.template = t
	layers, err := e.Layers()
	if err != nil {
		return nil, false, err
	}
	active := slices.Concat(layers...)
	if err := p.checkTypes(active); err != nil {
		return nil, false, err
	}
	for _, logical := range active {
		after, err := e.Properties(logical)
		if err != nil {
			return nil, false, err
		}
		p.consider(t.Resources[logical], after)
	}
	for _, logical := range logicals(st) {
		if r := st.Resources[logical]; r.live() && !slices.Contains(active, logical) {
			p.changes = append(p.changes, removal(r))
		}
	}
	outputs, err := e.Outputs()
	if err != nil {
		return nil, false, err
	}
	slices.SortFunc(p.changes, func(a, b change) int { return strings.Compare(a.Logical, b.Logical) })
	unchanged = len(p.changes) == 0 && slices.Equal(outputs, st.Outputs) && slices.Equal(target.Tags, st.Deployed.Tags) &&
		st.stable() && !strings.HasSuffix(st.Status, "_FAILED")
	return p.changes, unchanged, nil
}

// known is what a resource says of itself, as far as that is known.
func (p *planner) known(logical, attribute string) (any, error) {
	r := p.stack.Resources[logical]
	if p.renewed[logical] || !r.live() {
		return evaluate.Unknown, nil
	}
	return sayOf(r, attribute)
}

// AWS: the type of a resource cannot be changed under its logical ID.
func (p *planner) checkTypes(active []string) error {
	var changed []string
	for _, logical := range active {
		if r := p.stack.Resources[logical]; r.live() && r.Type != p.template.Resources[logical].Type {
			changed = append(changed, logical)
		}
	}
	if len(changed) > 0 {
		slices.Sort(changed)
		return &evaluate.Invalid{Message: "Update of resource type is not permitted. The new template modifies resource type of the following resources: [" + strings.Join(changed, ", ") + "]"}
	}
	return nil
}

func (p *planner) consider(declared evaluate.Resource, after resources.Properties) {
	r := p.stack.Resources[declared.Logical]
	if !r.live() {
		p.renewed[declared.Logical] = true
		p.changes = append(p.changes, change{
			Action: "Add", Logical: declared.Logical, Type: declared.Type, added: &addition{after, declared.DeletionPolicy},
			AfterContext: contextOf(after, declared.Metadata, declared.DeletionPolicy, declared.UpdateReplacePolicy),
		})
		return
	}
	c := change{
		Action: "Modify", Logical: r.Logical, Physical: r.ID, Type: r.Type, Replacement: "False",
		BeforeContext: contextOf(r.Properties, r.Metadata, r.DeletionPolicy, r.UpdateReplacePolicy),
		AfterContext:  contextOf(after, declared.Metadata, declared.DeletionPolicy, declared.UpdateReplacePolicy),
	}
	for _, d := range differences("", r.Properties, after, same) {
		c.Details = append(c.Details, p.detail(declared, d))
	}
	if len(c.Details) > 0 {
		c.Scope = []string{"Properties"}
	}
	c.attribute("DeletionPolicy", r.DeletionPolicy, declared.DeletionPolicy)
	c.attribute("UpdateReplacePolicy", r.UpdateReplacePolicy, declared.UpdateReplacePolicy)
	if !slices.Equal(r.Tags, p.service.tagsOf(p.stack, declared, p.target)) {
		c.Scope = append(c.Scope, "Tags")
		c.Details = append(c.Details, detail{Attribute: "Tags", Recreation: "Never", Evaluation: "Static", Source: "DirectModification"})
	}
	c.attribute("Metadata", metadataText(r.Metadata), metadataText(declared.Metadata))
	if len(c.Details) == 0 {
		return
	}
	c.replaces(declared.UpdateReplacePolicy)
	p.renewed[r.Logical] = c.Replacement != "False"
	p.changes = append(p.changes, c)
}

// replaces tells whether the details make a new resource.
func (c *change) replaces(policy string) {
	for _, d := range c.Details {
		switch {
		case d.Recreation != "Always":
		case d.Evaluation == "Static":
			c.Replacement = "True"
		case c.Replacement == "False":
			c.Replacement = "Conditional"
		}
	}
	switch {
	case c.Replacement == "False":
	case policy == "Retain":
		c.PolicyAction = "ReplaceAndRetain"
	default:
		c.PolicyAction = "ReplaceAndDelete"
	}
}

func (c *change) attribute(name, before, after string) {
	if before == after {
		return
	}
	c.Scope = append(c.Scope, name)
	d := detail{Attribute: name, Path: "/" + name, Recreation: "Never", Evaluation: "Static", Source: "DirectModification", ChangeType: "Modify"}
	if before != "" {
		d.Before = &before
	}
	if after != "" {
		d.After = &after
	}
	d.ChangeType = changeType(d.Before == nil, d.After == nil)
	c.Details = append(c.Details, d)
}

func removal(r *resource) change {
	c := change{
		Action: "Remove", Logical: r.Logical, Physical: r.ID, Type: r.Type, PolicyAction: "Delete",
		BeforeContext: contextOf(r.Properties, r.Metadata, r.DeletionPolicy, r.UpdateReplacePolicy),
	}
	if strings.HasPrefix(r.DeletionPolicy, "Retain") {
		c.PolicyAction = "Retain"
	}
	return c
}

func (p *planner) detail(declared evaluate.Resource, d difference) detail {
	out := detail{
		Attribute: "Properties", Name: d.top(), Path: "/Properties" + d.Path, Recreation: "Never", Evaluation: "Static",
		Before: valueText(d.Before), After: valueText(d.After), ChangeType: changeType(d.Before == nil, d.After == nil),
	}
	if slices.Contains(p.service.opts.Kinds[declared.Type].Replaces, out.Name) {
		out.Recreation = "Always"
	}
	if evaluate.IsUnknown(d.After) {
		out.Evaluation = "Dynamic"
	}
	out.Source, out.Entity = p.cause(evaluate.Below(declared.Properties, d.Path))
	return out
}

// cause is why a value changes: by a resource that it names, by a
// parameter, or because the template says something else.
func (p *planner) cause(raw any) (source, entity string) {
	references := evaluate.References(raw)
	for _, ref := range references {
		switch {
		case !p.renewed[ref.Name]:
		case ref.Attribute != "":
			return "ResourceAttribute", ref.Name + "." + ref.Attribute
		default:
			return "ResourceReference", ref.Name
		}
	}
	before := p.stack.Deployed.Parameters
	for _, ref := range references {
		value, parameter := p.target.Parameters[ref.Name]
		if old, had := before[ref.Name]; parameter && had && old != value {
			return "ParameterReference", ref.Name
		}
	}
	return "DirectModification", ""
}

func changeType(added, removed bool) string {
	switch {
	case added:
		return "Add"
	case removed:
		return "Remove"
	default:
		return "Modify"
	}
}

func valueText(value any) *string {
	if value == nil {
		return nil
	}
	text := evaluate.Text(value)
	return &text
}

// contextOf is a resource as BeforeContext and AfterContext show it.
func contextOf(p resources.Properties, metadata map[string]any, deletion, replacing string) string {
	object := map[string]any{"Properties": p}
	maps.DeleteFunc(object, func(string, any) bool { return len(p) == 0 })
	if len(metadata) > 0 {
		object["Metadata"] = metadata
	}
	if deletion != "" {
		object["DeletionPolicy"] = deletion
	}
	if replacing != "" {
		object["UpdateReplacePolicy"] = replacing
	}
	text, err := json.Marshal(object)
	if err != nil {
		return "{}"
	}
	return string(text)
}

func metadataText(metadata map[string]any) string {
	if len(metadata) == 0 {
		return ""
	}
	return evaluate.Text(metadata)
}
