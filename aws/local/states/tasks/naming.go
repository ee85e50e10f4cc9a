package tasks

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/stepdeck/stepdeck/aws/local/jsonv"
)

// dataKeys hold maps whose keys are the user's, not the API's.
var dataKeys = []string{"Options", "DockerLabels", "DriverOpts", "Labels"}

// pascalServices name their members in PascalCase on the wire.
var pascalServices = []string{"ssm"}

func upper(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

func lower(s string) string { return strings.ToLower(s[:1]) + s[1:] }

// toWire renames the members of parameters as the service spells them and
// drops those that are null, as the AWS SDK does.
func toWire(service string, v any) any {
	switch v := v.(type) {
	case []any:
		list := make([]any, len(v))
		for i, item := range v {
			list[i] = toWire(service, item)
		}
		return list
	case *jsonv.Object:
		o := jsonv.NewObject()
		for _, key := range v.Keys() {
			value, _ := v.Get(key)
			if value == nil || key == "" {
				continue
			}
			name := key
			if !slices.Contains(pascalServices, service) {
				name = lower(key)
			}
			if !slices.Contains(dataKeys, key) {
				value = toWire(service, value)
			}
			o.Set(name, value)
		}
		return o
	}
	return v
}

// fromWire renames the members of an answer to PascalCase, in alphabetical
// order, and rewrites its instants with when.
func fromWire(service string, v any, when func(time.Time) any) any {
	switch v := v.(type) {
	case []any:
		list := make([]any, len(v))
		for i, item := range v {
			list[i] = fromWire(service, item, when)
		}
		return list
	case *jsonv.Object:
		o := jsonv.NewObject()
		keys := v.Keys()
		slices.SortFunc(keys, func(a, b string) int { return strings.Compare(pascal(a), pascal(b)) })
		for _, key := range keys {
			value, _ := v.Get(key)
			o.Set(pascal(key), member(service, pascal(key), value, when))
		}
		return o
	}
	return v
}

func pascal(key string) string {
	if key == "" {
		return key
	}
	return upper(key)
}

func member(service, key string, value any, when func(time.Time) any) any {
	if number, ok := value.(json.Number); ok && isInstant(service, key) {
		if seconds, err := number.Float64(); err == nil {
			return when(time.UnixMilli(int64(math.Round(seconds * 1000))).UTC())
		}
	}
	if slices.Contains(dataKeys, key) {
		return value
	}
	return fromWire(service, value, when)
}

// isInstant tells the members that are timestamps in the service's model.
func isInstant(service, key string) bool {
	switch service {
	case "ecs":
		return strings.HasSuffix(key, "At")
	case "states", "ssm":
		return strings.HasSuffix(key, "Date") || key == "Timestamp"
	}
	return false
}

// millis writes an instant as the optimised integrations do.
func millis(t time.Time) any { return jsonv.Number(float64(t.UnixMilli())) }

// iso writes an instant as the AWS SDK integrations do.
func iso(t time.Time) any { return t.Format("2006-01-02T15:04:05.999Z") }
