package resources

import (
	"context"
	"maps"
	"slices"
)

// changeTags turns the tags of old into those of new, for a service that has TagResource and
// UntagResource by ARN. spell puts the tags as the service takes them.
func changeTags(ctx context.Context, env Env, service, label, arn string, spell func([]any) any, old, new Properties) error {
	set, gone := tagLists(old, new)
	if len(set) > 0 {
		if err := env.Invoke(ctx, service, "TagResource", map[string]any{"resourceArn": arn, "tags": spell(set)}, nil); err != nil {
			return failed(label, err)
		}
	}
	if len(gone) == 0 {
		return nil
	}
	return failed(label, env.Invoke(ctx, service, "UntagResource", map[string]any{"resourceArn": arn, "tagKeys": gone}, nil))
}

// tagPairs are tags for services that take a list with small letters.
func tagPairs(tags []any) any { return tagsShape.request(tags) }

// tagLists are the tags to set and the keys to take away, from old to new,
// for services that change tags in two calls.
func tagLists(old, new Properties) (set []any, gone []string) {
	wanted, _ := new["Tags"].([]any)
	before, _ := old["Tags"].([]any)
	for _, tag := range wanted {
		if !slices.ContainsFunc(before, func(other any) bool { return same(tag, other) }) {
			set = append(set, tag)
		}
	}
	for _, tag := range before {
		key := tagKey(tag)
		if !slices.ContainsFunc(wanted, func(other any) bool { return tagKey(other) == key }) {
			gone = append(gone, key)
		}
	}
	return set, gone
}

func tagKey(tag any) string {
	members, _ := tag.(map[string]any)
	return str(members, "Key")
}

// tagsShape is the list that the property Tags is.
var tagsShape = of(tagged()).members["Tags"]

// tagMap is tags for services that take a map.
func tagMap(tags []any) any {
	out := map[string]string{}
	for _, tag := range tags {
		members, _ := tag.(map[string]any)
		out[str(members, "Key")] = str(members, "Value")
	}
	return out
}

// tagItems is a service's map as the property Tags.
func tagItems(tags map[string]string) []any {
	out := []any{}
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		out = append(out, map[string]any{"Key": key, "Value": tags[key]})
	}
	return out
}
