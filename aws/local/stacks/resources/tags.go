package resources

import (
	"maps"
	"slices"
)

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

// tagMap is the property Tags for services that take a map.
func tagMap(p Properties) map[string]string {
	out := map[string]string{}
	tags, _ := p["Tags"].([]any)
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
