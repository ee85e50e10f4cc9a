package client

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/stack"
)

// wholeProperties are the properties of a resource that is added or removed:
// such a change has no details, but the whole resource before or after
// (AWS: BeforeContext, AfterContext).
func wholeProperties(c types.ResourceChange) []stack.PropertyChange {
	before, after := contextProperties(c.BeforeContext), contextProperties(c.AfterContext)
	names := slices.Sorted(maps.Keys(before))
	for _, name := range slices.Sorted(maps.Keys(after)) {
		if _, both := before[name]; !both {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	var out []stack.PropertyChange
	for _, name := range names {
		if before[name] != after[name] {
			out = append(out, stack.PropertyChange{
				Path: "/Properties/" + name, Before: safe.Line(before[name]), After: safe.Line(known(after[name])),
			})
		}
	}
	return out
}

// contextProperties are the top-level properties of a context: texts bare, everything else as compact JSON.
func contextProperties(context *string) map[string]string {
	var whole struct {
		Properties map[string]json.RawMessage `json:"Properties"`
	}
	if json.Unmarshal([]byte(aws.ToString(context)), &whole) != nil {
		return nil
	}
	out := make(map[string]string, len(whole.Properties))
	for name, raw := range whole.Properties {
		var text string
		if json.Unmarshal(raw, &text) == nil {
			out[name] = text
			continue
		}
		var compact bytes.Buffer
		if json.Compact(&compact, raw) == nil {
			out[name] = compact.String()
		}
	}
	return out
}
