package evaluate

import (
	"maps"
	"slices"
	"strings"
)

// check refuses references to what is not there, and cycles. It notes what
// each resource needs.
func (t *Template) check() error {
	for _, name := range slices.Sorted(maps.Keys(t.conditions)) {
		if err := t.checkBlock("Conditions", t.conditions[name], ""); err != nil {
			return err
		}
	}
	for _, logical := range slices.Sorted(maps.Keys(t.Resources)) {
		r := t.Resources[logical]
		if err := t.checkBlock("Resources", r.Properties, r.Condition); err != nil {
			return err
		}
		if err := t.link(&r); err != nil {
			return err
		}
		t.Resources[logical] = r
	}
	for _, name := range slices.Sorted(maps.Keys(t.Outputs)) {
		o := t.Outputs[name]
		if err := t.checkBlock("Outputs", []any{o.Value, o.Export}, o.Condition); err != nil {
			return err
		}
	}
	_, err := layers(t.Resources)
	return err
}

func (t *Template) checkBlock(block string, value any, condition string) error {
	var unresolved []string
	references := References(value)
	if condition != "" {
		references = append(references, Reference{Name: condition, Condition: true})
	}
	for _, ref := range references {
		_, resource := t.Resources[ref.Name]
		_, parameter := t.Parameters[ref.Name]
		switch {
		case ref.Condition:
			if _, defined := t.conditions[ref.Name]; !defined {
				return invalid("Template format error: Unresolved condition dependency %s in the %s block of the template", ref.Name, block)
			}
		case ref.Attribute != "" && !resource && !strings.HasPrefix(ref.Name, "AWS::"):
			return invalid("Template error: instance of Fn::GetAtt references undefined resource %s", ref.Name)
		case block == "Conditions" && resource:
			return invalid("Template format error: Unresolved dependencies [%s]. Cannot reference resources in the Conditions block of the template", ref.Name)
		case !resource && !parameter && !isPseudo(ref.Name) && !slices.Contains(unresolved, ref.Name):
			unresolved = append(unresolved, ref.Name)
		}
	}
	if len(unresolved) > 0 {
		return unresolvedIn(block, unresolved)
	}
	return nil
}

func unresolvedIn(block string, names []string) error {
	return invalid("Template format error: Unresolved resource dependencies [%s] in the %s block of the template", strings.Join(names, ", "), block)
}

// link notes what a resource needs.
func (t *Template) link(r *Resource) error {
	needs := map[string]bool{}
	for _, name := range r.dependsOn {
		if _, defined := t.Resources[name]; !defined {
			return unresolvedIn("Resources", []string{name})
		}
		needs[name] = true
	}
	for _, ref := range References(r.Properties) {
		if _, resource := t.Resources[ref.Name]; resource && !ref.Condition {
			needs[ref.Name] = true
		}
	}
	r.Needs = slices.Sorted(maps.Keys(needs))
	return nil
}

// layers puts resources after those that they need: each layer needs only
// earlier ones. Needs that are not among the resources do not count.
func layers(resources map[string]Resource) ([][]string, error) {
	var out [][]string
	done := map[string]bool{}
	left := slices.Sorted(maps.Keys(resources))
	for len(left) > 0 {
		var ready, waiting []string
		for _, logical := range left {
			if slices.ContainsFunc(resources[logical].Needs, func(need string) bool { _, there := resources[need]; return there && !done[need] }) {
				waiting = append(waiting, logical)
			} else {
				ready = append(ready, logical)
			}
		}
		if len(ready) == 0 {
			return nil, invalid("Circular dependency between resources: [%s]", strings.Join(waiting, ", "))
		}
		for _, logical := range ready {
			done[logical] = true
		}
		out, left = append(out, ready), waiting
	}
	return out, nil
}
