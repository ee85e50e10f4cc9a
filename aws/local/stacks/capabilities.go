package stacks

import (
	"maps"
	"slices"
	"strings"

	"github.com/stepdeck/stepdeck/aws/local/stacks/evaluate"
	"github.com/stepdeck/stepdeck/aws/local/wire"
)

// AWS: what a caller must acknowledge.
const (
	capabilityIAM    = "CAPABILITY_IAM"
	capabilityNamed  = "CAPABILITY_NAMED_IAM"
	capabilityExpand = "CAPABILITY_AUTO_EXPAND"
)

// iamNames are the properties that name an IAM resource, by its type; types
// without one are here too.
var iamNames = map[string]string{
	"AWS::IAM::AccessKey": "", "AWS::IAM::Group": "GroupName", "AWS::IAM::GroupPolicy": "",
	"AWS::IAM::InstanceProfile": "InstanceProfileName", "AWS::IAM::ManagedPolicy": "ManagedPolicyName",
	"AWS::IAM::Policy": "", "AWS::IAM::Role": "RoleName", "AWS::IAM::RolePolicy": "",
	"AWS::IAM::User": "UserName", "AWS::IAM::UserPolicy": "", "AWS::IAM::UserToGroupAddition": "",
}

// required is the capability that a template's resources need, with the types
// that need it; empty for none.
func required(t *evaluate.Template) (capability string, types []string) {
	for _, logical := range slices.Sorted(maps.Keys(t.Resources)) {
		r := t.Resources[logical]
		name, iam := iamNames[r.Type]
		if !iam {
			continue
		}
		types = append(types, r.Type)
		if capability == "" {
			capability = capabilityIAM
		}
		if name != "" && r.Properties[name] != nil {
			capability = capabilityNamed
		}
	}
	slices.Sort(types)
	return capability, slices.Compact(types)
}

func checkCapabilities(t *evaluate.Template, given []string, expands bool) error {
	need, _ := required(t)
	var missing []string
	switch {
	case need == capabilityIAM && !slices.Contains(given, capabilityIAM) && !slices.Contains(given, capabilityNamed),
		need == capabilityNamed && !slices.Contains(given, capabilityNamed):
		missing = append(missing, need)
	}
	if expands && !slices.Contains(given, capabilityExpand) {
		missing = append(missing, capabilityExpand)
	}
	if len(missing) > 0 {
		return wire.Errorf("InsufficientCapabilitiesException", "Requires capabilities : [%s]", strings.Join(missing, ", "))
	}
	return nil
}
