package network

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/stepdeck/stepdeck/aws/local/wire"
)

// filter is one of a request. Values may have the wildcards * and ?; one of
// them has to match. AWS: DescribeVpcs, Filter.
type filter struct {
	Name  string
	Value []string
}

func (f filter) unknown() error {
	return wire.Errorf("InvalidParameterValue", "The filter '%s' is invalid", f.Name)
}

func isTagFilter(name string) bool { return name == "tag-key" || strings.HasPrefix(name, "tag:") }

// fields are what a resource can be filtered by, each with all of its values.
type fields map[string][]string

func (f fields) add(name, value string) {
	if value != "" {
		f[name] = append(f[name], value)
	} else if f[name] == nil {
		f[name] = []string{}
	}
}

func (f fields) tags(tags []tag) fields {
	for _, t := range tags {
		f.add("tag:"+t.Key, t.Value)
		f.add("tag-key", t.Key)
	}
	return f
}

// matches tells whether all filters let the resource through.
func (f fields) matches(filters []filter) (bool, error) {
	for _, wanted := range filters {
		values, known := f[wanted.Name]
		if !known && !isTagFilter(wanted.Name) {
			return false, wanted.unknown()
		}
		if !slices.ContainsFunc(values, wanted.has) {
			return false, nil
		}
	}
	return true, nil
}

func (f filter) has(value string) bool {
	return slices.ContainsFunc(f.Value, func(pattern string) bool {
		if !strings.ContainsAny(pattern, "*?") {
			return pattern == value
		}
		// A slash is no separator here, and brackets have no meaning.
		quoted := strings.NewReplacer("/", "\x00", "[", `\[`, `\`, `\\`).Replace(pattern)
		ok, err := path.Match(quoted, strings.ReplaceAll(value, "/", "\x00"))
		return ok && err == nil
	})
}

// choose gives the resources with the ids, all where none are named, that the
// filters let through. absent is the error for an id that nothing has.
func choose[T any](all []T, ids []string, filters []filter, id func(T) string, of func(T) fields, absent func(id string) error) ([]T, error) {
	for _, wanted := range ids {
		if !slices.ContainsFunc(all, func(one T) bool { return id(one) == wanted }) {
			return nil, absent(wanted)
		}
	}
	var found []T
	for _, one := range all {
		if len(ids) > 0 && !slices.Contains(ids, id(one)) {
			continue
		}
		ok, err := of(one).matches(filters)
		if err != nil {
			return nil, err
		}
		if ok {
			found = append(found, one)
		}
	}
	return found, nil
}

func truth(value bool) string { return strconv.FormatBool(value) }
