package access

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// ManagedLimit is how many characters a managed policy may have, white space not counted
// (AWS: "IAM and AWS STS quotas"). The inline policies of a role may have 10,240 together.
const ManagedLimit = 6144

// Document is a policy of IAM.
type Document struct {
	Version   string
	Statement []Statement
}

// Statement allows actions.
type Statement struct {
	Effect    string
	Action    []string
	Resource  []string
	Condition Conditions `json:",omitempty"`
}

// Size is the document's length as IAM counts it.
func (d Document) Size() int {
	// Strings and maps of them cannot fail to encode.
	text, _ := json.Marshal(d)
	return len(text)
}

// Policy is what a role needs on the target: its own permissions and those of the roles below it.
func Policy(role Role, target Target) (Document, error) {
	if !slices.Contains(Roles(), role) {
		return Document{}, fmt.Errorf("role %q: it must be viewer, operator or deployer", role)
	}
	if err := target.Check(); err != nil {
		return Document{}, err
	}
	return document(permissions(role, target)), nil
}

// Split divides a document into as few as the order of its statements allows, each short
// enough for a managed policy. To be allowed all, attach all.
func Split(d Document) []Document {
	var parts []Document
	for _, s := range d.Statement {
		last := len(parts) - 1
		if last >= 0 {
			longer := document(append(slices.Clone(parts[last].Statement), s))
			if longer.Size() <= ManagedLimit {
				parts[last] = longer
				continue
			}
		}
		parts = append(parts, document([]Statement{s}))
	}
	return parts
}

func document(statements []Statement) Document {
	return Document{Version: "2012-10-17", Statement: statements}
}

// throughCloudFormation limits a permission to calls that CloudFormation makes for the caller.
var throughCloudFormation = Conditions{"ForAnyValue:StringEquals": {"aws:CalledVia": "cloudformation.amazonaws.com"}}

// permissions are the role's, merged by resource and condition, in an order that stays.
func permissions(role Role, target Target) []Statement {
	merged := map[string]*Statement{}
	add := func(n Need) {
		s := Statement{Effect: "Allow", Resource: n.On.arns(target), Condition: target.conditions(n.When)}
		key := fmt.Sprint(s.Condition) + strings.Join(s.Resource, " ")
		if merged[key] == nil {
			merged[key] = &s
		}
		if actions := &merged[key].Action; !slices.Contains(*actions, n.Action) {
			*actions = append(*actions, n.Action)
		}
	}
	for _, u := range Uses() {
		if role.Includes(u.Role) {
			each(u.Needs, add)
		}
	}
	if role.Includes(Deployer) {
		for _, needs := range Kinds() {
			each(viaCloudFormation(needs), add)
		}
	}
	return tidy(merged)
}

// tidy sorts statements and leaves out what another allows without a condition.
func tidy(merged map[string]*Statement) []Statement {
	free := map[string]bool{}
	id := func(s *Statement, action string) string { return action + " " + strings.Join(s.Resource, " ") }
	for _, s := range merged {
		for _, action := range s.Action {
			if s.Condition == nil {
				free[id(s, action)] = true
			}
		}
	}
	var statements []Statement
	for _, key := range slices.Sorted(maps.Keys(merged)) {
		s := merged[key]
		s.Action = slices.DeleteFunc(s.Action, func(action string) bool { return s.Condition != nil && free[id(s, action)] })
		slices.Sort(s.Action)
		if len(s.Action) > 0 {
			statements = append(statements, *s)
		}
	}
	return statements
}

func each(needs []Need, visit func(Need)) {
	for _, n := range needs {
		visit(n)
	}
}

// viaCloudFormation limits needs that no condition narrows yet to CloudFormation's calls. A
// passed role is held by the service that gets it instead.
func viaCloudFormation(needs []Need) []Need {
	var limited []Need
	for _, n := range needs {
		if n.When == nil {
			n.When = throughCloudFormation
		}
		limited = append(limited, n)
	}
	return limited
}

// conditions fills the target into conditions.
func (t Target) conditions(c Conditions) Conditions {
	if c == nil {
		return nil
	}
	filled := Conditions{}
	for operator, tests := range c {
		filled[operator] = map[string]string{}
		for key, value := range tests {
			if value == clusterARN {
				value = cluster.arns(t)[0]
			}
			filled[operator][key] = value
		}
	}
	return filled
}
