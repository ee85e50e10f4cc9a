package sam

import (
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// refused is a sentence on what is wrong with a resource.
type refused string

func (r refused) Error() string { return string(r) }

// types are the properties of a machine, and what each must be unless it is an
// intrinsic function. Those of "" are not checked.
var types = map[string]string{
	"Definition": "map", "DefinitionUri": "", "DefinitionSubstitutions": "map", "Name": "string", "Type": "string", "Role": "string",
	"Logging": "map", "Tracing": "map", "Tags": "map", "PropagateTags": "boolean",
	"RolePath": "string", "PermissionsBoundary": "string", "Policies": "", "Events": "map",
	"AutoPublishAlias": "string", "DeploymentPreference": "map", "UseAliasAsEventTarget": "",
}

// unknownHere are properties for which SAM makes more resources than the machine.
var unknownHere = []string{"Policies", "RolePath", "PermissionsBoundary", "Events", "AutoPublishAlias", "DeploymentPreference", "UseAliasAsEventTarget", "PropagateTags"}

func check(p map[string]any) error {
	for _, name := range slices.Sorted(maps.Keys(p)) {
		want, known := types[name]
		if !known {
			return refused("property " + name + " not defined for resource of type " + machine)
		}
		if !isOf(p[name], want) {
			return refused("Property '" + name + "' should be a " + want + ".")
		}
	}
	switch {
	case !empty(p["Definition"]) && !empty(p["DefinitionUri"]):
		return refused("Specify either 'Definition' or 'DefinitionUri' property and not both.")
	case empty(p["Definition"]) && empty(p["DefinitionUri"]):
		return refused("Either 'Definition' or 'DefinitionUri' property must be specified.")
	case !empty(p["Role"]) && !empty(p["Policies"]):
		return refused("Specify either 'Role' or 'Policies' (but not both at the same time) or neither of them")
	}
	for _, name := range unknownHere {
		if !empty(p[name]) {
			return refused("Local AWS does not expand the property '" + name + "': make what it stands for a resource of its own.")
		}
	}
	if empty(p["Role"]) {
		return refused("Local AWS makes no role for a state machine: give it the property 'Role'.")
	}
	return nil
}

func isOf(value any, want string) bool {
	if isIntrinsic(value) || value == nil {
		return true
	}
	ok := true
	switch want {
	case "map":
		_, ok = value.(map[string]any)
	case "string":
		_, ok = value.(string)
	case "boolean":
		_, ok = value.(bool)
	}
	return ok
}

// empty is what SAM takes for a property that is not there.
func empty(value any) bool {
	switch value := value.(type) {
	case nil:
		return true
	case string:
		return value == ""
	case bool:
		return !value
	case map[string]any:
		return len(value) == 0
	case []any:
		return len(value) == 0
	}
	return false
}

// isIntrinsic tells whether a value is {"Ref": …}, {"Fn::…": …} or {"Condition": …}.
func isIntrinsic(value any) bool {
	members, ok := value.(map[string]any)
	if !ok || len(members) != 1 {
		return false
	}
	for name := range members {
		return name == "Ref" || name == "Condition" || strings.HasPrefix(name, "Fn::")
	}
	return false
}

// stateMachine gives the properties of the machine that SAM makes.
func stateMachine(p map[string]any) (map[string]any, error) {
	if err := check(p); err != nil {
		return nil, err
	}
	out := map[string]any{"RoleArn": p["Role"], "Tags": tags(p["Tags"])}
	substitutions := map[string]any{}
	given, plain := p["DefinitionSubstitutions"].(map[string]any)
	if plain {
		maps.Copy(substitutions, given)
	}
	if !empty(p["Definition"]) {
		text, err := definitionString(p["Definition"], substitutions)
		if err != nil {
			return nil, err
		}
		out["DefinitionString"] = text
	} else {
		location, err := s3Location(p["DefinitionUri"])
		if err != nil {
			return nil, err
		}
		out["DefinitionS3Location"] = location
	}
	if len(substitutions) > 0 {
		out["DefinitionSubstitutions"] = substitutions
	}
	for from, to := range map[string]string{
		"Name": "StateMachineName", "Type": "StateMachineType", "Logging": "LoggingConfiguration", "Tracing": "TracingConfiguration",
	} {
		if p[from] != nil {
			out[to] = p[from]
		}
	}
	return out, nil
}

// tags are the map as a list, behind SAM's own tag.
func tags(value any) []any {
	out := []any{map[string]any{"Key": "stateMachine:createdBy", "Value": "SAM"}}
	given, _ := value.(map[string]any)
	for _, key := range slices.Sorted(maps.Keys(given)) {
		out = append(out, map[string]any{"Key": key, "Value": given[key]})
	}
	return out
}

var s3URI = regexp.MustCompile(`^s3://([^/?#]+)/+([^?#]+)(?:\?([^#]*))?(?:#.*)?$`)

// s3Location reads what "aws cloudformation package" leaves in a template.
func s3Location(value any) (map[string]any, error) {
	if members, ok := value.(map[string]any); ok {
		if empty(members["Bucket"]) || empty(members["Key"]) {
			return nil, refused("'DefinitionUri' requires Bucket and Key properties to be specified.")
		}
		out := map[string]any{"Bucket": members["Bucket"], "Key": members["Key"]}
		if version, ok := members["Version"]; ok {
			out["Version"] = version
		}
		return out, nil
	}
	text, _ := value.(string)
	found := s3URI.FindStringSubmatch(text)
	if found == nil {
		return nil, refused("'DefinitionUri' is not a valid S3 Uri of the form 's3://bucket/key' with optional versionId query parameter.")
	}
	out := map[string]any{"Bucket": found[1], "Key": found[2]}
	if query, err := url.ParseQuery(found[3]); err == nil && len(query["versionId"]) == 1 {
		out["Version"] = query.Get("versionId")
	}
	return out, nil
}
