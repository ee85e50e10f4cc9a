// Package access knows what stepdeck asks of AWS: which calls the console makes, what each
// takes in IAM, and which role of user may make it. The guard of read-only sessions, the
// policies of `stepdeck iam` and the README's list all derive from its one table.
package access

import "slices"

// Role is a kind of user. Each may do all that the one before it may.
type Role string

// The roles, lowest first.
const (
	// Viewer looks at everything and changes nothing.
	Viewer Role = "viewer"
	// Operator starts, stops and redrives runs, and answers tokens.
	Operator Role = "operator"
	// Deployer changes the stack, its image and its secrets.
	Deployer Role = "deployer"
)

// Roles are all of them, lowest first.
func Roles() []Role { return []Role{Viewer, Operator, Deployer} }

// Includes reports whether who has this role may do what takes the other.
func (r Role) Includes(other Role) bool {
	return slices.Contains(Roles(), other) && slices.Index(Roles(), r) >= slices.Index(Roles(), other)
}

// Call is one operation of an AWS API.
type Call struct {
	// Service is the SDK's service ID, as in "CloudWatch Logs".
	Service string
	// Operation is the operation's name in the API.
	Operation string
}

// Use is one thing that stepdeck asks of AWS.
type Use struct {
	Call
	// Changes is set where the call changes something: a read-only session refuses it.
	Changes bool
	// Role is the lowest that may do it.
	Role Role
	// Needs are what IAM must allow. Empty where AWS asks for no permission.
	Needs []Need
	// For says what it is for.
	For string
}

// Need is one permission: an action of IAM, which often has another name than the operation.
type Need struct {
	Action string
	On     Resource
	// When are the conditions under which it is enough, by operator and key.
	When Conditions
}

// Conditions are the conditions of a policy's statement: operator → key → value.
type Conditions map[string]map[string]string

// Uses are all the calls of the SDK that the console and its commands make.
func Uses() []Use {
	return slices.Concat(runUses(), stackUses(), imageUses())
}

// Find returns what the table says of a call.
func Find(service, operation string) (Use, bool) {
	for _, u := range Uses() {
		if u.Call == (Call{service, operation}) {
			return u, true
		}
	}
	return Use{}, false
}

// Reads returns the calls that change nothing. Whatever is not among them counts as a change.
// They are written out, not derived from name prefixes, so that a new "Get…" with a side effect
// (AWS has several) is refused until somebody looked at it.
func Reads() map[Call]bool {
	reads := map[Call]bool{}
	for _, u := range Uses() {
		if !u.Changes {
			reads[u.Call] = true
		}
	}
	return reads
}

func read(role Role, service, operation, why string, needs ...Need) Use {
	return Use{Call: Call{service, operation}, Role: role, Needs: needs, For: why}
}

func change(role Role, service, operation, why string, needs ...Need) Use {
	return Use{Call: Call{service, operation}, Changes: true, Role: role, Needs: needs, For: why}
}

func allow(action string, on Resource) Need { return Need{Action: action, On: on} }

func (n Need) when(operator, key, value string) Need {
	n.When = Conditions{operator: {key: value}}
	return n
}
