package stacks

import (
	"maps"
	"slices"

	"github.com/stepdeck/stepdeck/aws/local/stacks/evaluate"
	"github.com/stepdeck/stepdeck/aws/local/stacks/resources"
)

// reasonTagging is that of the update behind an import. AWS: the resource's
// update handler runs, with the properties of the template.
const reasonTagging = "Apply stack-level tags to imported resource if applicable."

// tagsProperty is where every kind that is tagged has its tags.
const tagsProperty = "Tags"

// tagsOf are the tags that the stack gives a resource when it deploys d: its own, and
// CloudFormation's where AWS shows them.
func (s *Service) tagsOf(st *stack, declared evaluate.Resource, d deployment) []tag {
	kind := s.opts.Kinds[declared.Type]
	if !kind.Tagged {
		return nil
	}
	tags := slices.Clone(d.Tags)
	if kind.SystemTags {
		tags = append(tags, tag{"aws:cloudformation:stack-name", st.Name},
			tag{"aws:cloudformation:logical-id", declared.Logical}, tag{"aws:cloudformation:stack-id", st.ID})
	}
	return tags
}

// tagged are a resource's properties as its kind gets them: with the tags that the stack
// gives, unless the template has one of the same key.
func tagged(p resources.Properties, tags []tag) resources.Properties {
	own, isList := p[tagsProperty].([]any)
	if len(tags) == 0 || p[tagsProperty] != nil && !isList {
		return p
	}
	all := slices.Clone(own)
	for _, t := range tags {
		if !slices.ContainsFunc(own, func(item any) bool { return tagKey(item) == t.Key }) {
			all = append(all, map[string]any{"Key": t.Key, "Value": t.Value})
		}
	}
	out := resources.Properties{}
	maps.Copy(out, p)
	out[tagsProperty] = all
	return out
}

// untagged leaves out of a resource's live properties the tags that the stack gave it and the
// template does not have: they are no drift.
func untagged(template, live resources.Properties, tags []tag) resources.Properties {
	items, isList := live[tagsProperty].([]any)
	if len(tags) == 0 || !isList {
		return live
	}
	out := maps.Clone(live)
	own, named := template[tagsProperty].([]any)
	if !named {
		delete(out, tagsProperty)
		return out
	}
	out[tagsProperty] = slices.DeleteFunc(slices.Clone(items), func(item any) bool {
		key := tagKey(item)
		return slices.ContainsFunc(tags, func(t tag) bool { return t.Key == key }) &&
			!slices.ContainsFunc(own, func(mine any) bool { return tagKey(mine) == key })
	})
	return out
}

func tagKey(item any) string {
	members, _ := item.(map[string]any)
	return evaluate.Text(members["Key"])
}
